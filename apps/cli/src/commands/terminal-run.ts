/** One terminal at a host: signs in, downloads, takes cards, uploads, settles. What happens is told line by line. */
import { PolycardError } from '@polycard/bytes';
import { systemRandom } from '@polycard/crypto';
import { GatewayLine } from '@polycard/fleet';
import {
  DenyListModule,
  DockedTerminal,
  LINE_REFUSED,
  listVerifier,
  ModeOrders,
  NextVersion,
  ParameterCompiler,
  Psam,
  type TerminalStorage,
  VolatileStorage,
} from '@polycard/terminal';
import { Command, InvalidArgumentError, Option } from 'commander';
import { integerOption, yuanOption } from '../arguments.ts';
import { type ReaderOptions, withCard, withReaderOptions } from '../card-in-reader.ts';
import { DeviceClock } from '../terminal/device-clock.ts';
import { type EnrolmentOptions, knownTerminal } from '../terminal/enrolment.ts';
import { FileStorage } from '../terminal/file-storage.ts';
import { type CardReport, DONE, handle, KINDS, type KindOptions } from '../terminal/kinds.ts';
import {
  checkOnlineActs,
  isOnlineAct,
  type OnlineActOptions,
  OnlineActs,
  withOnlineActs,
} from '../terminal/online-acts.ts';
import { type TlsOptions, tlsOf, withTls } from '../terminal/tls-files.ts';

interface RunOptions
  extends EnrolmentOptions,
    KindOptions,
    OnlineActOptions,
    TlsOptions,
    Omit<ReaderOptions, 'reader'> {
  readonly reader?: string;
  readonly host: { readonly host: string; readonly port: number };
  readonly dir?: string;
  readonly taps: number;
  readonly patience: number;
  readonly settle: boolean;
  readonly json?: boolean;
}

const EXIT_REFUSED = 1;

export function terminalRunCommand(): Command {
  const command = new Command('run')
    .description('Run one terminal: sign in, download, take cards, upload, settle')
    .requiredOption('--host <host:port>', 'the gateway', address)
    .option('--enrolment <file>', 'answer of `polycard terminal enrol --json`; needed once with --dir')
    .option('--zmk <file>', "the maker's zone key, as at the enrolment")
    .option('--psam <file>', 'keys of its PSAM, as `polycard terminal psam` wrote them; kinds that write cards need it')
    .option('--dir <directory>', 'its memory: parameters, lists, journal and keys outlive a loss of power')
    .addOption(new Option('--profile <kind>', 'what it is').choices([...KINDS]).default('gate'))
    .addOption(
      new Option('--direction <way>', 'of a gate, or of a door of a bus with fares by section')
        .choices(['auto', 'entry', 'exit'])
        .default('auto'),
    )
    .option('--place <code>', 'station code of a gate or counter, 4 digits', placeCode)
    .option('--route <name>', 'route of a bus')
    .option('--stop <code>', 'stop a bus with fares by section is at, 4 digits', placeCode)
    .addOption(new Option('--bound <way>', 'its direction of travel').choices(['up', 'down']))
    .option('--fare <yuan>', 'fare of a bus without one, amount of a shop', yuanOption)
    .addOption(new Option('--repair <code>', 'of a counter').choices(['01', '02', '10', '11', '12', '13', '21', '22']))
    .option('--proof', 'a counter asks a card that was torn at a gate what became of it')
    .option('--taps <count>', 'cards to take; without a reader it only docks', integerOption(0, 1_000_000), 1)
    .option('--patience <seconds>', 'how long a lost line is tried again', integerOption(1, 3600), 10)
    .option('--no-settle', 'leave the batch open')
    .option('--json', 'one JSON object a line: docked, card, uploaded, settled, conditions');
  return withReaderOptions(withOnlineActs(withTls(command)), false)
    .addHelpText(
      'after',
      `
Without the host a terminal with a memory (--dir) goes on with what it has; taps wait in its journal.

Examples:
  polycard terminal enrol --zmk zmk.hex --profile metro-gate --place 0101 --json > gate.json
  polycard terminal psam --enrolment gate.json --zmk zmk.hex --as peng-fei > psam.json
  polycard terminal run --host 127.0.0.1:7321 --enrolment gate.json --zmk zmk.hex --psam psam.json --dir gate --reader pcsc:ACR122
  polycard terminal run --host 127.0.0.1:7321 --dir gate --reader vpcd:35963 --taps 2 --json
  polycard terminal run --host 127.0.0.1:7321 --dir hand --profile handheld --reader pcsc:ACR122
  polycard terminal run --host 127.0.0.1:7321 --dir counter --profile counter --load 50.00 --reader pcsc:ACR122
  polycard terminal run --host 127.0.0.1:7321 --dir bus --profile bus --route 601 --stop 8001 --bound up --reader pcsc:ACR122
  polycard terminal run --host gateway.example:7322 --tls --tls-ca host-ca.pem --tls-cert gate.pem --tls-key gate.key --dir gate --reader pcsc:ACR122
  polycard terminal show --dir gate

Exit codes: 0 done, 1 a card was refused or totals differ, 2 the call was wrong, 3 the host or the reader failed.`,
    )
    .action(run);
}

async function run(options: RunOptions): Promise<void> {
  checkOnlineActs(options);
  const say = (event: string, data: object): void => {
    process.stdout.write(
      options.json === true ? `${JSON.stringify({ event, ...data })}\n` : `${event.padEnd(10)}${words(data)}\n`,
    );
  };
  const storage: TerminalStorage =
    options.dir === undefined ? new VolatileStorage() : new FileStorage(options.dir, systemRandom);
  const { enrolled, psam } = knownTerminal(options, storage);
  const clock = new DeviceClock(storage);
  const tls = tlsOf(options, enrolled.terminalNo, new Date());
  const compiler = new ParameterCompiler();
  const mode = options.profile === 'bus' ? 'bus' : 'metro';
  const lists =
    enrolled.listKey === undefined
      ? []
      : [new DenyListModule({ verifier: listVerifier(enrolled.listKey), nowMs: () => Date.now() })];
  const denyList = lists.length === 0 ? {} : { denyList: lists[0]!.denyList };
  const terminal = new DockedTerminal(enrolled, {
    line: {
      openLine: (timeoutMs) => GatewayLine.open(options.host, timeoutMs, tls),
      nowMs: () => Date.now(),
      pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      patienceMs: options.patience * 1000,
    },
    tap: { random: systemRandom, monotonicUs: () => performance.now() * 1000, nowMs: () => Date.now(), ...denyList },
    storage,
    localTime: () => clock.now(),
    setClock: (local) => {
      clock.set(local);
      say('clock', { set: local });
    },
    modules: [new NextVersion(compiler), ...lists, new ModeOrders()],
  });
  const held = terminal.restore(compiler, mode, (sets) => new Psam(compiler.psamKeys(sets.TAR, psam)));
  const acts = new OnlineActs(terminal, storage);
  const isDocked = await dock();
  if (!isDocked && held === undefined) throw silent(terminal);
  let refused = 0;
  let totals: Totals;
  const { reader } = options;
  // without a reader it only docks, uploads what waits and settles
  for (let card = 0; reader !== undefined && card < options.taps; card++) {
    if (await terminal.refreshIfDue()) refreshed();
    const report = await withCard({ ...options, reader }, (channel): CardReport | Promise<CardReport> =>
      isOnlineAct(options) ? acts.act(channel, clock.now(), options) : handle(terminal, channel, clock.now(), options),
    );
    if (!DONE.has(report.result)) refused++;
    say('card', report);
    if (terminal.isBatchNearlyFull) totals = worse(totals, await bringHome());
  }
  totals = worse(totals, await bringHome());
  const conditions = terminal.conditions();
  if (conditions.length > 0) say('conditions', { conditions });
  if (refused > 0 || totals === 'unequal') process.exitCode = EXIT_REFUSED;

  async function dock(): Promise<boolean> {
    try {
      await terminal.signIn();
      const sets = await terminal.downloadSets();
      terminal.takeSets(sets, compiler, mode, new Psam(compiler.psamKeys(sets.TAR, psam)));
      await terminal.runModules();
      terminal.hangUp();
      const { terminalNo } = enrolled;
      say('docked', { terminalNo, parameters: sets.TAR.version, profile: options.profile, ...waiting(terminal) });
      return true;
    } catch (error) {
      const isRefused = error instanceof PolycardError && error.code === LINE_REFUSED;
      // what no other try can mend is said at once, unless there is a memory to go on with
      if (isRefused && terminal.terminal === undefined) throw error;
      if (!terminal.conditions().some(({ name }) => name === 'host-silent')) throw error;
      say('offline', { reason: (error as Error).message, ...waiting(terminal) });
      return false;
    }
  }

  function refreshed(): void {
    terminal.hangUp();
    const { version } = terminal.terminal!.parameters;
    const problems = terminal.conditions().filter(({ name }) => name === 'refresh-failed' || name === 'host-silent');
    say('refreshed', {
      parameters: version,
      ...(lists[0] === undefined ? {} : { denyList: lists[0].version }),
      problems,
    });
  }

  async function bringHome(): Promise<Totals> {
    if (terminal.terminal === undefined) return undefined;
    try {
      const before = terminal.terminal.journal.entries.length;
      await acts.sendDue();
      await terminal.upload();
      say('uploaded', { taps: before, ...waiting(terminal) });
      if (!options.settle || !terminal.hasUnsettled) return undefined;
      const { journal } = terminal.terminal;
      // a batch whose end was torn by a loss of power, those that were full, the open one
      const batches = [journal.closing, ...journal.full, journal.counters].filter((batch) => batch !== undefined);
      const taps = batches.reduce((sum, { uploadedCount }) => sum + uploadedCount, 0);
      const amountFen = batches.reduce((sum, { uploadedFen }) => sum + uploadedFen, 0);
      const answered = await terminal.settle();
      say('settled', { batchNo: batches[0]!.batchNo, taps, amountFen, totals: answered });
      return answered;
    } catch (error) {
      if (!terminal.conditions().some(({ name }) => name === 'host-silent')) throw error;
      say('offline', { reason: (error as Error).message, ...waiting(terminal) });
      return undefined;
    }
  }
}

type Totals = 'equal' | 'unequal' | undefined;

/** One batch that differs is enough. */
const worse = (one: Totals, other: Totals): Totals => (one === 'unequal' ? one : (other ?? one));

function waiting({ terminal }: DockedTerminal): { waiting: number; torn: number } {
  return { waiting: terminal?.journal.entries.length ?? 0, torn: terminal?.journal.pending.length ?? 0 };
}

function silent(terminal: DockedTerminal): PolycardError {
  const detail = terminal.conditions().find(({ name }) => name === 'host-silent')?.detail ?? 'no answer';
  return new PolycardError(
    'POLYCARD_CLI_HOST_SILENT',
    `the host does not answer and there are no parameters yet: ${detail}`,
    {
      where: '--host',
      expected: 'a gateway that answers, at least at the first start',
    },
  );
}

function words(data: object): string {
  return Object.entries(data)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ');
}

function address(text: string): { host: string; port: number } {
  const parts = /^(.+):(\d{1,5})$/.exec(text);
  if (parts === null || Number(parts[2]) > 65_535) throw new InvalidArgumentError('expected HOST:PORT');
  return { host: parts[1]!, port: Number(parts[2]) };
}

function placeCode(text: string): string {
  if (!/^\d{4}$/.test(text)) throw new InvalidArgumentError('expected the 4 digits of a station code');
  return text;
}
