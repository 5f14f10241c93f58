import { fromHex, toHex } from '@polycard/bytes';
import type { RandomSource } from '@polycard/crypto';
import { computeReadMac } from '@polycard/emv';
import { afterAll, describe, expect, it } from 'vitest';
import { groupingsOf, personalisedCard, recordedKeys, type Scenario, scenarios } from './transcript-card.ts';

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

const withoutSignature = (answer: string): string => answer.replace(/9F4B8180.{256}/, '9F4B');

const tally = { ran: [] as string[], answers: 0, departures: new Map<string, number>() };

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
}

function departureOf(situation: Situation): Departure | undefined {
  const { command, recorded } = situation;
  if (/^80B400..0A/.test(command) && /^....05.{10}.{8}9000$/.test(recorded)) {
    const record = recorded.slice(0, 16);
    const mac = computeReadMac(
      fromHex(recordedKeys.recordManagementKeys.sfi15),
      fromHex(command.slice(14, 30)),
      fromHex(record),
    );
    return { name: 'R-MAC of an 8-byte record without padding block', expected: `${record}${toHex(mac)}9000` };
  }
  if (command.startsWith('80A8') && /9F5D069999/.test(recorded)) {
    return {
      name: '9F5D of the GPO answer below zero',
      expected: recorded.replace(/9F5D06.{12}/, '9F5D06000000000000'),
    };
  }
  if (command === '80CA9F7900' && situation.pending && situation.storedBalance !== undefined) {
    if (recorded !== situation.storedBalance) {
      return { name: '9F79 before the commit', expected: situation.storedBalance };
    }
  }
  if (command === '805A000002000008' && recorded === '00000000000000009000') {
    return { name: 'GET TRANS PROVE without any transaction', expected: '9406' };
  }
  if (/^04E200A895/.test(command) && recorded === '9000') {
    return { name: 'APPEND RECORD above the maximum record length', expected: '6A84' };
  }
  if (command === '00B200F400' && recorded === '6A83') {
    const newest = situation.scenario.steps.slice(0, situation.index).findLast((step) => step.c === '00B201F400');
    return { name: 'READ RECORD 0 of the cyclic file', expected: newest?.r ?? '6A83' };
  }
  if (/^84DE00(AA|F8)/.test(command) && recorded === '6A82') {
    return { name: 'UPDATE CAPP DATA CACHE with wrong P2', expected: '6A86' };
  }
  if (situation.scenario.variant === 'pinblk' && command.startsWith('00200080')) {
    return { name: 'DGI 8010 with a control byte', expected: '9000' };
  }
  if (situation.doubledLog && command === '00B2025C00') {
    return { name: 'log entry of a transaction committed twice', expected: 'another record' };
  }
  return undefined;
}

function replay(scenario: Scenario): void {
  const { random, unknownSteps } = recordedRandom(scenario);
  const card = personalisedCard({ variant: scenario.variant, interface: scenario.interface, random });
  const internal = groupingsOf(scenario.variant).find((grouping) => grouping.dgi === '0D01')!;
  let storedBalance: string | undefined = `${/9F7906.{12}/.exec(toHex(internal.data))![0]}9000`;
  let pending = false;
  let committed = false;
  let doubledLog = false;
  scenario.steps.forEach((step, index) => {
    if (step.event !== undefined) {
      card.reset();
      pending = false;
      return;
    }
    const command = step.c!;
    const recorded = step.r!;
    const answer = toHex(card.transmit(fromHex(command)));
    tally.answers++;
    if (command.startsWith('00A4')) pending = committed = false;
    const departure = departureOf({ scenario, index, command, recorded, pending, storedBalance, doubledLog });
    const where = `${scenario.name} step ${index}: ${step.note ?? command}`;
    if (unknownSteps.has(index)) expect(withoutSignature(answer), where).toBe(withoutSignature(recorded));
    else if (departure === undefined) expect(answer, where).toBe(recorded);
    else {
      tally.departures.set(departure.name, (tally.departures.get(departure.name) ?? 0) + 1);
      if (departure.expected === 'another record') expect(answer, where).not.toBe(recorded);
      else expect(answer, where).toBe(departure.expected);
    }
    if (command.startsWith('80A8')) pending = /^77.*9000$/.test(recorded) && /94/.test(recorded);
    if (command === '00B2041C00' && recorded.endsWith('9000')) {
      doubledLog ||= committed;
      committed = pending || committed;
      pending = false;
    }
    if (command === '80CA9F7900' && !pending) storedBalance = recorded;
  });
}

describe('the recorded transcripts', () => {
  it.each(scenarios)('$name', (scenario) => {
    replay(scenario);
    tally.ran.push(scenario.name);
  });

  afterAll(() => {
    const departures = [...tally.departures].map(([name, count]) => `${name} (${count})`).join('; ');
    console.info(`${tally.ran.length} scenarios, ${tally.answers} answers; departures of the recording: ${departures}`);
  });
});
