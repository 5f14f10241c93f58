/**
 * Random and mutated commands against a card: always a well-formed answer, never an exception or 6F00, never a change of
 * state outside what the command may change. Used by tests (short, fixed seed) and by acceptance (a million commands).
 */
import { encodeCommand, parseCommand, toHex } from '@polycard/bytes';
import { type RandomSource, randomInteger, seededRandom } from '@polycard/crypto';
import { type CardInterface, type CardSnapshot, VirtualCard } from '../../src/index.ts';

/** A command that changed something stored. */
export interface Change {
  readonly command: Uint8Array;
  /** Hex with status word. */
  readonly answer: string;
  readonly before: CardSnapshot;
  readonly after: CardSnapshot;
  /** Registry, keys and objects of the issuer domain. */
  readonly registry: boolean;
  /** AIDs of applications whose image or memory changed. */
  readonly applications: readonly string[];
}

/** Puts plain commands into the secure channel it opened; undefined when the session is gone and must be opened again. */
export type Session = (plain: Uint8Array) => Uint8Array | undefined;

/** One applet in one situation; a new applet registers itself in `subjects.ts`. */
export interface FuzzSubject {
  readonly name: string;
  readonly interface: CardInterface;
  readonly start: CardSnapshot;
  /** AID as hex. */
  readonly aid: string;
  /** Commands the applet knows, as its users send them. */
  readonly seeds: readonly Uint8Array[];
  readonly openSession?: (card: VirtualCard) => Session;
  /** What is wrong about a change; undefined when the command may make it. */
  readonly objection: (change: Change) => string | undefined;
  /** The mutations must reach working commands: at least one of so many commands changes something. 0: none ever does. */
  readonly commandsPerChange: number;
}

/** Faults of a card that the harness must find. */
export type FuzzPlant = 'crash' | 'silent-change' | 'short-answer';

export interface FuzzReport {
  readonly commands: number;
  readonly changes: number;
  readonly done: number;
  readonly slowestMs: number;
  readonly violations: readonly string[];
}

const COMMANDS_PER_CARD = 400;
const VIOLATIONS_MAX = 10;
const HANG_MS = 5_000;
const ANSWER_BYTES_MAX = 258;

function mutate(random: RandomSource, seed: Uint8Array): Uint8Array {
  const isCut = randomInteger(random, 8) === 0;
  const command = seed.slice(0, isCut ? randomInteger(random, seed.length + 1) : seed.length);
  const flips = randomInteger(random, 4);
  for (let flip = 0; flip < flips && command.length > 0; flip++) {
    // Often in the header, where instruction, parameters and length are.
    const where = randomInteger(random, randomInteger(random, 2) === 0 ? Math.min(7, command.length) : command.length);
    command[where] =
      randomInteger(random, 2) === 0 ? randomInteger(random, 256) : command[where]! ^ (1 << randomInteger(random, 8));
  }
  return command;
}

/** The parts of a snapshot as text, to see cheaply which changed. */
interface Parts {
  readonly registry: string;
  readonly applications: ReadonlyMap<string, string>;
}

function partsOf({ registry, applications }: CardSnapshot): Parts {
  const texts = Object.entries(applications).map(([aid, { image, memory }]): [string, string] => [
    aid,
    `${image}|${memory?.bytes}|${memory?.journal?.length ?? 0}`,
  ]);
  return { registry: registry?.bytes ?? '', applications: new Map(texts) };
}

function changedApplications(before: Parts, after: Parts): string[] {
  const aids = new Set([...before.applications.keys(), ...after.applications.keys()]);
  return [...aids].filter((aid) => before.applications.get(aid) !== after.applications.get(aid));
}

/** The card with a fault, at one command in a thousand. */
function faulty(
  card: VirtualCard,
  plant: FuzzPlant,
  random: RandomSource,
): { transmit(command: Uint8Array): Uint8Array } {
  return {
    transmit(command) {
      const answer = card.transmit(command);
      if (randomInteger(random, 1000) !== 0) return answer;
      if (plant === 'crash') return Uint8Array.of(0x6f, 0x00);
      return plant === 'short-answer' ? answer.subarray(0, 1) : answer;
    },
  };
}

/** One bit of the registry or of an application, changed behind the card's back. */
function silentlyChanged(snapshot: CardSnapshot): CardSnapshot {
  const flip = (base64: string): string => {
    const bytes = Buffer.from(base64, 'base64');
    bytes[bytes.length - 1]! ^= 1;
    return bytes.toString('base64');
  };
  const { registry } = snapshot;
  if (registry !== undefined) return { ...snapshot, registry: { ...registry, bytes: flip(registry.bytes) } };
  const [aid, saved] = Object.entries(snapshot.applications)[0]!;
  return { ...snapshot, applications: { ...snapshot.applications, [aid]: { ...saved, image: flip(saved.image!) } } };
}

class Run {
  readonly #subject: FuzzSubject;
  readonly #random: RandomSource;
  readonly #plant: FuzzPlant | undefined;
  readonly violations: string[] = [];
  changes = 0;
  done = 0;
  slowestMs = 0;
  #card: VirtualCard;
  #snapshot: CardSnapshot;
  #parts: Parts;
  #session: Session | undefined;

  constructor(subject: FuzzSubject, random: RandomSource, plant: FuzzPlant | undefined) {
    this.#subject = subject;
    this.#random = random;
    this.#plant = plant;
    this.#card = VirtualCard.restore(subject.start, { random });
    this.#snapshot = subject.start;
    this.#parts = partsOf(subject.start);
    this.begin();
  }

  begin(): void {
    this.#card = VirtualCard.restore(this.#subject.start, { random: this.#random });
    this.#card.reset(this.#subject.interface);
    this.#select();
    this.#session = this.#subject.openSession?.(this.#card);
    this.#look();
  }

  #select(): void {
    const aid = Buffer.from(this.#subject.aid, 'hex');
    this.#card.transmit(encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aid, le: 256 }));
  }

  #look(): void {
    this.#snapshot = this.#card.snapshot();
    this.#parts = partsOf(this.#snapshot);
  }

  #nextCommand(): { plain: Uint8Array; sent: Uint8Array } {
    const { seeds, openSession } = this.#subject;
    const random = this.#random;
    const isRaw = randomInteger(random, 10) === 0;
    const plain = isRaw
      ? random(randomInteger(random, 40)).slice()
      : mutate(random, seeds[randomInteger(random, seeds.length)]!);
    // A few go around the secure channel, which ends it
    if (openSession === undefined || isRaw || randomInteger(random, 20) === 0) return { plain, sent: plain };
    let sent = this.#session?.(plain);
    if (sent === undefined) {
      this.#select();
      this.#session = openSession(this.#card);
      this.#look();
      sent = this.#session(plain);
    }
    return { plain, sent: sent ?? plain };
  }

  step(): void {
    if (this.#subject.openSession === undefined && randomInteger(this.#random, 12) === 0) this.#select();
    const { plain, sent } = this.#nextCommand();
    const card = this.#plant === undefined ? this.#card : faulty(this.#card, this.#plant, this.#random);
    let answer: Uint8Array;
    const started = performance.now();
    try {
      answer = card.transmit(sent);
    } catch (error) {
      this.#violation(plain, `threw ${String(error)}`);
      this.begin();
      return;
    }
    const elapsedMs = performance.now() - started;
    this.slowestMs = Math.max(this.slowestMs, elapsedMs);
    if (elapsedMs > HANG_MS) this.#violation(plain, `took ${elapsedMs} ms`);
    this.#checkAnswer(plain, answer);
    if (toHex(answer).endsWith('9000')) this.done++;
    if (toHex(answer).endsWith('6982')) this.#session = undefined;
    this.#checkChange(plain, toHex(answer));
  }

  #checkAnswer(command: Uint8Array, answer: Uint8Array): void {
    const sw = toHex(answer.subarray(-2));
    if (answer.length < 2 || answer.length > ANSWER_BYTES_MAX)
      this.#violation(command, `answer of ${answer.length} bytes`);
    else if (sw === '6F00') this.#violation(command, 'answered 6F00');
    else if (!/^(6[1-9A-F]|9[0-9A-F])/.test(sw)) this.#violation(command, `no status word: ${sw}`);
  }

  #checkChange(command: Uint8Array, answer: string): void {
    let after = this.#card.snapshot();
    if (this.#plant === 'silent-change' && randomInteger(this.#random, 1000) === 0) after = silentlyChanged(after);
    const parts = partsOf(after);
    const registry = parts.registry !== this.#parts.registry;
    const applications = changedApplications(this.#parts, parts);
    if (registry || applications.length > 0) {
      this.changes++;
      const change = { command, answer, before: this.#snapshot, after, registry, applications };
      const objection = this.#subject.objection(change);
      if (objection !== undefined) this.#violation(command, `${objection}, answered ${answer.slice(-4)}`);
    }
    this.#snapshot = after;
    this.#parts = parts;
  }

  #violation(command: Uint8Array, what: string): void {
    this.violations.push(`${this.#subject.name}: ${toHex(command.subarray(0, 12))}… ${what}`);
  }
}

export function runFuzz(subject: FuzzSubject, commands: number, seed: string, plant?: FuzzPlant): FuzzReport {
  const run = new Run(subject, seededRandom(`${seed} ${subject.name}`), plant);
  let sent = 0;
  for (; sent < commands && run.violations.length < VIOLATIONS_MAX; sent++) {
    if (sent % COMMANDS_PER_CARD === COMMANDS_PER_CARD - 1) run.begin();
    run.step();
  }
  const { violations, changes, done, slowestMs } = run;
  const expected = subject.commandsPerChange === 0 ? 0 : Math.floor(sent / subject.commandsPerChange);
  if (plant === undefined && changes < expected) {
    violations.push(`${subject.name}: only ${changes} of ${sent} commands changed anything, expected ${expected}`);
  }
  return { commands: sent, changes, done, slowestMs, violations };
}

/** Commands that can be parsed, for sessions: the others go as they are. */
export function parsable(bytes: Uint8Array): ReturnType<typeof parseCommand> | undefined {
  try {
    return parseCommand(bytes);
  } catch {
    return undefined;
  }
}
