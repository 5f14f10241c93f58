/**
 * A recorded dialogue sent to our card, personalised over SCP02 from the recorded data groupings: every answer must be
 * the recorded one, random values and the recording's listed departures aside. Used by tests and by acceptance.
 */
import { fromHex, toHex } from '@polycard/bytes';
import { type RandomSource, seededRandom } from '@polycard/crypto';
import { computeReadMac } from '@polycard/emv';
import { type ApplicationPersonalisation, DEFAULT_PROTOCOL, personaliseCard } from '@polycard/globalplatform';
import { AID_PBOC_DEBIT, AID_PPSE, AID_PSE, groupingsForChannel, testIssuerKeys, VirtualCard } from '../src/index.ts';
import type { Recording, Scenario } from './recording.ts';

/** Byte 4 b8 of 9F66, the first object of the contactless PDOL. */
function asksForFdda01(command: string): boolean {
  return command.startsWith('80A8') && (Number.parseInt(command.slice(20, 22), 16) & 0x80) !== 0;
}

/** The card-random bytes of the recording in order, read out of the 9F69 values, so that every byte can be compared. */
function recordedRandom(scenario: Scenario): { random: RandomSource; unknownSteps: ReadonlySet<number> } {
  const values: (string | undefined)[] = [];
  const unknownSteps = new Set<number>();
  scenario.steps.forEach((step, index) => {
    if (step.c === undefined || !asksForFdda01(step.c) || !step.r?.includes('9F4B')) return;
    const rest = scenario.steps.slice(index + 1);
    const nextGpo = rest.findIndex((other) => other.c?.startsWith('80A8'));
    const own = nextGpo < 0 ? rest : rest.slice(0, nextGpo);
    const value = own.map((other) => /9F6908(..)(.{8})/.exec(other.r ?? '')?.[2]).find((found) => found !== undefined);
    values.push(value);
    if (value === undefined) unknownSteps.add(index); // the transaction was torn: nobody saw its 9F69
  });
  const random: RandomSource = (lengthBytes) => {
    const value = values.shift();
    return value === undefined ? new Uint8Array(lengthBytes) : fromHex(value);
  };
  return { random, unknownSteps };
}

/** A blank card with security-domain keys 40..4F, INSTALL and STORE DATA of everything over SCP02 with C-MAC. */
export async function cardOverScp02(
  recording: Recording,
  variant: string,
  random: RandomSource = seededRandom('recorded card'),
): Promise<VirtualCard> {
  const protocol = DEFAULT_PROTOCOL[2];
  const duringIssue = seededRandom('issue');
  let issued = false;
  const card = new VirtualCard({
    ...{ random: (length) => (issued ? random(length) : duringIssue(length)), blank: true, protocol },
    issuerKeys: testIssuerKeys(2),
  });
  const applications: ApplicationPersonalisation[] = [
    { aid: AID_PPSE, groupings: groupingsForChannel(recording.ppse) },
    { aid: AID_PSE, groupings: groupingsForChannel(recording.pse) },
    { aid: AID_PBOC_DEBIT, groupings: groupingsForChannel(recording.groupingsOf(variant)) },
  ];
  await personaliseCard(card, applications, {
    ...{ keys: () => testIssuerKeys(2).keys, random: seededRandom('host'), scp02Option: protocol.i },
  });
  issued = true;
  return card;
}

const withoutSignature = (answer: string): string => answer.replace(/9F4B8180.{256}/, '9F4B');

/** What the virtual card answers where the recorded one departs from the clause. */
interface Departure {
  readonly name: string;
  readonly expected: string;
}

interface Situation {
  readonly scenario: Scenario;
  readonly index: number;
  readonly command: string;
  readonly recorded: string;
  /** A TC was given and the last record not yet read with success. */
  readonly pending: boolean;
  /** 9F79 as last read outside a transaction, or as committed. */
  readonly storedBalance: string | undefined;
  /** Log records that exist only because the recorded card committed the same transaction twice. */
  readonly doubledLog: boolean;
  readonly recordKey: Uint8Array;
}

const ANOTHER = 'another record';

/** The recording's own list of departures (`about.departures`), each recognised by what it looks like. */
function departureOf(situation: Situation): Departure | undefined {
  const { command, recorded, scenario } = situation;
  if (/^80B400..0A/.test(command) && /^....05.{10}.{8}9000$/.test(recorded)) {
    const record = recorded.slice(0, 16);
    const mac = computeReadMac(situation.recordKey, fromHex(command.slice(14, 30)), fromHex(record));
    return { name: 'R-MAC of an 8-byte record without padding block', expected: `${record}${toHex(mac)}9000` };
  }
  if (command.startsWith('80A8') && /9F5D069999/.test(recorded)) {
    const expected = recorded.replace(/9F5D06.{12}/, '9F5D06000000000000');
    return { name: '9F5D of the GPO answer below zero', expected };
  }
  if (command === '80CA9F7900' && situation.pending && situation.storedBalance !== undefined) {
    if (recorded !== situation.storedBalance)
      return { name: '9F79 before the commit', expected: situation.storedBalance };
  }
  if (command === '805A000002000008' && recorded === '00000000000000009000') {
    return { name: 'GET TRANS PROVE without any transaction', expected: '9406' };
  }
  if (/^04E200A895/.test(command) && recorded === '9000') {
    return { name: 'APPEND RECORD above the maximum record length', expected: '6A84' };
  }
  if (command === '00B200F400' && recorded === '6A83') {
    const newest = scenario.steps.slice(0, situation.index).findLast((step) => step.c === '00B201F400');
    return { name: 'READ RECORD 0 of the cyclic file', expected: newest?.r ?? '6A83' };
  }
  if (/^84DE00(AA|F8)/.test(command) && recorded === '6A82') {
    return { name: 'UPDATE CAPP DATA CACHE with wrong P2', expected: '6A86' };
  }
  if (scenario.variant === 'pinblk' && command.startsWith('00200080')) {
    return { name: 'DGI 8010 with a control byte', expected: '9000' };
  }
  if (situation.doubledLog && command === '00B2025C00') {
    return { name: 'log entry of a transaction committed twice', expected: ANOTHER };
  }
  return undefined;
}

export interface ReplayReport {
  readonly answers: number;
  readonly departures: ReadonlyMap<string, number>;
  readonly differences: readonly string[];
}

/** Sends every step; `change` plants a wrong bit in what was recorded. */
export function replayOnCard(
  card: VirtualCard,
  recording: Recording,
  scenario: Scenario,
  facts: {
    readonly unknownSteps: ReadonlySet<number>;
    readonly change?: ((index: number, recorded: string) => string) | undefined;
  },
): ReplayReport {
  card.reset(scenario.interface);
  const internal = recording.groupingsOf(scenario.variant).find((grouping) => grouping.dgi === '0D01')!;
  let storedBalance: string | undefined = `${/9F7906.{12}/.exec(toHex(internal.data))![0]}9000`;
  let [pending, committed, doubledLog] = [false, false, false];
  let answers = 0;
  const departures = new Map<string, number>();
  const differences: string[] = [];
  const recordKey = fromHex(recording.keys.recordManagementKeys['sfi15']!);
  scenario.steps.forEach((step, index) => {
    if (step.event !== undefined) {
      card.reset();
      pending = false;
      return;
    }
    const command = step.c!;
    const recorded = facts.change?.(index, step.r!) ?? step.r!;
    const answer = toHex(card.transmit(fromHex(command)));
    answers++;
    if (command.startsWith('00A4')) pending = committed = false;
    const situation = { scenario, index, command, recorded, pending, storedBalance, doubledLog, recordKey };
    const departure = departureOf(situation);
    if (departure !== undefined) departures.set(departure.name, (departures.get(departure.name) ?? 0) + 1);
    const known = facts.unknownSteps.has(index) ? withoutSignature : (text: string): string => text;
    const expected = departure?.expected ?? recorded;
    const isSame = expected === ANOTHER ? answer !== recorded : known(answer) === known(expected);
    if (!isSame) {
      differences.push(
        `${scenario.name} step ${index}, ${step.note ?? command}: answered ${answer}, expected ${expected}`,
      );
    }
    if (command.startsWith('80A8')) pending = /^77.*9000$/.test(recorded) && /94/.test(recorded);
    if (command === '00B2041C00' && recorded.endsWith('9000')) {
      doubledLog ||= committed;
      committed = pending || committed;
      pending = false;
    }
    if (command === '80CA9F7900' && !pending) storedBalance = recorded;
  });
  return { answers, departures, differences };
}

/** Personalises a card for the scenario and replays it. */
export async function replayScenario(
  recording: Recording,
  scenario: Scenario,
  change?: (index: number, recorded: string) => string,
): Promise<ReplayReport> {
  const { random, unknownSteps } = recordedRandom(scenario);
  const card = await cardOverScp02(recording, scenario.variant, random);
  return replayOnCard(card, recording, scenario, { unknownSteps, change });
}
