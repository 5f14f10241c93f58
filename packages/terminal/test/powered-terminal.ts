/** A docked terminal that was just switched on: signed in at the scripted host, with its parameters. */
import { seededRandom } from '@polycard/crypto';
import { DockedTerminal, ParameterCompiler, type TerminalDependencies, type TerminalStorage } from '../src/index.ts';
import { psam } from './region.ts';
import { ENROLLED, type ScriptedHost } from './scripted-host.ts';

const compiler = new ParameterCompiler();

export async function powerUp(
  host: ScriptedHost,
  storage: TerminalStorage,
  tap: Pick<TerminalDependencies, 'batchTracesMax'> = {},
): Promise<DockedTerminal> {
  let nowMs = 0;
  const terminal = new DockedTerminal(ENROLLED, {
    line: { openLine: host.openLine, nowMs: () => nowMs++, pause: () => Promise.resolve(), patienceMs: 2 },
    tap: { random: seededRandom('shop'), monotonicUs: () => 0, nowMs: () => 0, ...tap },
    storage,
  });
  terminal.restore(compiler, 'metro', () => psam);
  await terminal.signIn();
  terminal.takeSets(await terminal.downloadSets(), compiler, 'metro', psam);
  return terminal;
}
