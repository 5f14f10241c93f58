/** What is newer reaches a terminal while its day goes on: asked for at an interval of its profile, by a clock given to it. */
import { PolycardError } from '@polycard/bytes';
import { seededRandom } from '@polycard/crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { DockedTerminal, type DockingModule, ParameterCompiler, VolatileStorage } from '../src/index.ts';
import { personalisedCard } from './personalised-card.ts';
import { psam } from './region.ts';
import { ENROLLED, ScriptedHost } from './scripted-host.ts';

const MINUTE_MS = 60_000;
const compiler = new ParameterCompiler();
let host: ScriptedHost;
let nowMs: number;
let asked: string[];
beforeEach(() => {
  host = new ScriptedHost();
  nowMs = 0;
  asked = [];
});

/** A part of the day that notes when it is asked, and fails when it is told to. */
function noting(fails: () => PolycardError | undefined = () => undefined): DockingModule {
  return {
    afterSignIn: async () => {
      asked.push(`${nowMs / MINUTE_MS} min`);
      const error = fails();
      if (error !== undefined) throw error;
    },
  };
}

/** A second passes. */
const pause = async (): Promise<void> => {
  nowMs += 1_000;
};

async function docked(module: DockingModule = noting()): Promise<DockedTerminal> {
  const terminal = new DockedTerminal(ENROLLED, {
    line: { openLine: host.openLine, nowMs: () => nowMs, pause, patienceMs: 2_000 },
    tap: { random: seededRandom('gate'), monotonicUs: () => 0, nowMs: () => nowMs },
    storage: new VolatileStorage(),
    modules: [module],
  });
  terminal.restore(compiler, 'metro', () => psam);
  await terminal.signIn();
  terminal.takeSets(await terminal.downloadSets(), compiler, 'metro', psam);
  await terminal.runModules();
  terminal.hangUp();
  return terminal;
}
const names = (terminal: DockedTerminal): string[] => terminal.conditions().map(({ name }) => name);

describe('lists and parameters over the day', () => {
  it('are asked for with an upload once the interval is over, not before, and not again at once', async () => {
    host.profile = { refreshMinutes: 10 };
    const terminal = await docked();
    for (const minute of [5, 10, 11, 19, 20]) {
      nowMs = minute * MINUTE_MS;
      await terminal.upload();
    }
    expect(asked).toEqual(['0 min', '10 min', '20 min']);
  });

  it('are asked for with an echo too, each quarter of an hour unless the profile says otherwise', async () => {
    const terminal = await docked();
    for (const minute of [14, 15, 29, 30]) {
      nowMs = minute * MINUTE_MS;
      await terminal.echo();
    }
    expect(asked).toEqual(['0 min', '15 min', '30 min']);
  });

  it('newer parameters are in force from the next tap on', async () => {
    host.profile = { journalMax: 100 };
    const terminal = await docked();
    expect(terminal.terminal!.configuration.journalMax).toBe(100);
    host.profile = { journalMax: 10, refreshMinutes: 60 };
    nowMs = 15 * MINUTE_MS;
    expect(await terminal.refreshIfDue()).toBe(true);
    expect(terminal.terminal!.configuration.journalMax).toBe(10);
    nowMs = 70 * MINUTE_MS;
    expect(await terminal.refreshIfDue()).toBe(false);
  });

  it('a host that has forgotten the keys is signed in to again', async () => {
    const refused = new PolycardError('POLYCARD_TERMINAL_PARAMETERS', 'set DNL was refused with 97', { where: 'F39' });
    const terminal = await docked(noting(() => (host.signIns === 1 && nowMs > 0 ? refused : undefined)));
    nowMs = 15 * MINUTE_MS;
    expect(await terminal.refreshIfDue()).toBe(true);
    expect([host.signIns, asked, names(terminal)]).toEqual([2, ['0 min', '15 min', '15 min'], []]);
  });

  it('a list that cannot be believed costs no tap and no upload: it has a name, and the next refresh ends it', async () => {
    let forged: PolycardError | undefined;
    const terminal = await docked(noting(() => forged));
    forged = new PolycardError('POLYCARD_DENY_LIST_SIGNATURE', 'the signature does not hold', { where: 'DNL' });
    nowMs = 15 * MINUTE_MS;
    expect(terminal.tap(personalisedCard(), { kind: 'entry', at: '20180901083000' }).result).toBe('accepted');
    await terminal.upload();
    expect(host.stored.size).toBe(1);
    expect(terminal.conditions()).toMatchObject([{ name: 'refresh-failed', detail: 'the signature does not hold' }]);
    forged = undefined;
    nowMs = 30 * MINUTE_MS;
    await terminal.upload();
    expect(names(terminal)).toEqual([]);
  });

  it('a silent host is asked again when the interval is over, not at every card', async () => {
    const terminal = await docked();
    host.misbehaves = 'silent';
    nowMs = 15 * MINUTE_MS;
    await terminal.refreshIfDue();
    expect(names(terminal)).toEqual(['host-silent']);
    expect(await terminal.refreshIfDue()).toBe(false);
    host.misbehaves = undefined;
    nowMs = 31 * MINUTE_MS;
    expect(await terminal.refreshIfDue()).toBe(true);
    expect([names(terminal), asked]).toEqual([[], ['0 min', '31 min']]);
  });
});
