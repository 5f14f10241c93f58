/** The kernel against the recorded dialogues of an independent card: what it sends must be what was sent. */
import { fromHex, toHex } from '@polycard/bytes';
import { openRsaPublicKey } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { recordedCapk, recordedKeys, type Step, scenarios } from '../../card/test/transcript-card.ts';
import type { TerminalConfiguration, TerminalRecord } from '../src/index.ts';
import { updateCappRecord } from '../src/kernel/capp.ts';
import { CardSession } from '../src/kernel/exchange.ts';
import { initiate } from '../src/kernel/initiate.ts';
import { authenticateOffline } from '../src/kernel/offline-data-authentication.ts';
import {
  emptyApplicationData,
  parseAfl,
  readLastRecord,
  readRecord,
  takeRecord,
} from '../src/kernel/read-application-data.ts';
import { selectApplication } from '../src/kernel/select.ts';
import { Psam } from '../src/psam.ts';
import { BUS, parameters as regionParameters } from './region.ts';

const parameters = {
  ...regionParameters,
  caKeys: new Map([
    [
      `${recordedCapk.rid}${recordedCapk.index}`,
      openRsaPublicKey(fromHex(recordedCapk.modulus), fromHex(recordedCapk.exponent)),
    ],
  ]),
};
const configuration = (ttq: string): TerminalConfiguration => ({
  ...BUS,
  ttq: fromHex(ttq),
  merchantName: 'TEST GATE 01',
});

/** A list of exchanges that stops at the first difference. */
class ScriptedCard {
  readonly #steps: readonly Step[];
  readonly #change: (command: string, response: string) => string;
  #next = 0;

  constructor(steps: readonly Step[], change = (_command: string, response: string): string => response) {
    this.#steps = steps;
    this.#change = change;
  }

  get isFinished(): boolean {
    return this.#next === this.#steps.length;
  }

  transmit(command: Uint8Array): Uint8Array {
    const step = this.#steps[this.#next++];
    const sent = toHex(command);
    if (step?.c !== sent) throw new Error(`exchange ${this.#next} (${step?.note}): sent ${sent}, recorded ${step?.c}`);
    return fromHex(this.#change(sent, step.r!));
  }
}

const stepsOf = (name: string): readonly Step[] => scenarios.find((scenario) => scenario.name === name)!.steps;
const session = (card: ScriptedCard): CardSession => new CardSession(card, () => 0);

describe.each([
  ['qpboc-fdda-v00', '26000000'],
  ['qpboc-fdda-v01', '26000080'],
])('%s', (name, ttq) => {
  const RECORDS = 10;
  function run(change?: (command: string, response: string) => string) {
    const card = new ScriptedCard(stepsOf(name).slice(0, RECORDS), change);
    const line = session(card);
    const application = selectApplication(line);
    const transaction = initiate(line, application, configuration(ttq), {
      amountFen: 500,
      cappIndicator: 0,
      at: '20261122091500',
      unpredictableNumber: fromHex('A1B2C3D4'),
    });
    const data = emptyApplicationData();
    const addresses = parseAfl(transaction.cardData.get('94')!);
    for (const address of addresses.slice(0, -1)) readRecord(line, address, data);
    const last = readLastRecord(line, addresses.at(-1)!);
    if (last.state === 'committed') takeRecord(addresses.at(-1)!, last.bytes, data);
    expect(card.isFinished).toBe(true);
    return { transaction, data, result: authenticateOffline(parameters, application.aid, transaction, data) };
  }

  it('every command is the recorded one, the decision is TC, and the signature holds', () => {
    const { transaction, result } = run();
    expect(transaction.cryptogramKind).toBe('TC');
    expect(result).toMatchObject({ ok: true });
  });

  it('one flipped byte in certificate, signature or static data and it does not hold', () => {
    const marks = ['9F468180', '908180', '9F4B8180', '5F2403', ...(name.endsWith('v01') ? ['9F6908'] : [])];
    for (const mark of marks) {
      let flips = 0;
      const { result } = run((_command, response) => {
        const found = response.indexOf(mark);
        if (found < 0) return response;
        flips++;
        const bytes = fromHex(response);
        bytes[found / 2 + mark.length / 2 + 1]! ^= 0x01; // the second byte of the value
        return toHex(bytes);
      });
      expect([mark, flips, result.ok]).toEqual([mark, 1, false]);
    }
  });

  it('another unpredictable number or amount is another transaction', () => {
    const { transaction, data } = run();
    for (const [tag, value, isSigned] of [
      ['9F37', 'A1B2C3D5', true],
      ['9F02', '000000000501', name.endsWith('v01')],
    ] as const) {
      const terminalData = new Map(transaction.terminalData).set(tag, fromHex(value));
      const result = authenticateOffline(parameters, 'A000000333010101', { ...transaction, terminalData }, data);
      expect([tag, result.ok]).toEqual([tag, !isSigned]);
    }
  });
});

describe.each([
  ['metro-entry-exit-64', 2],
  ['bus-single-tap', 1],
])('%s', (name, taps) => {
  /** A PSAM whose keys are the card's own: there is nothing left to disperse. */
  const keys: Record<string, string> = {
    A8: recordedKeys.recordManagementKeys.sfi15,
    F0: recordedKeys.recordManagementKeys.sfi1E,
  };
  const psam = new Psam(
    Object.entries(keys).map(([label, key]) => ({
      label,
      algorithm: '3DES',
      key: fromHex(key),
      cardFactors: () => [],
    })),
  );

  it('GPO and every UPDATE CAPP DATA CACHE with its MAC are the recorded ones', () => {
    const steps = stepsOf(name);
    const starts = steps.flatMap(({ c }, index) => (c?.startsWith('80A80000') ? [index] : []));
    for (const start of starts.slice(0, taps)) {
      const end = steps.findIndex(({ c }, index) => index > start && c === '00B2041C00') + 1;
      // what a test bench looked up between the commands of the tap is not the terminal's business
      const tap = steps.slice(start, end).filter(({ c }) => !c!.startsWith('80CA'));
      const selected = steps.find(({ c }) => c === '00A4040008A00000033301010100')!;
      const directory = stepsOf('qpboc-fdda-v00')[0]!;
      const card = new ScriptedCard([directory, selected, ...tap]);
      const line = session(card);
      const application = selectApplication(line);
      const gpo = tap[0]!.c!;
      const field = (offset: number, length: number): string => gpo.slice(14 + offset * 2, 14 + (offset + length) * 2);
      const transaction = initiate(line, application, configuration('26000000'), {
        amountFen: Number(field(4, 6)),
        cappIndicator: 1,
        at: `20${field(25, 3)}${field(33, 3)}`,
        unpredictableNumber: fromHex(field(29, 4)),
      });
      for (const { c } of tap.filter((step) => step.c!.startsWith('84DE'))) {
        const p2 = c!.slice(6, 8);
        const record = { sfi: Number.parseInt(p2, 16) >> 3, codec: { name: p2 }, managementKey: p2 } as TerminalRecord;
        const update = { record, bytes: fromHex(c!.slice(10, -8)) };
        updateCappRecord(line, psam, { pan: '', homeCityCode: '' }, transaction.atc, update);
      }
      const addresses = parseAfl(transaction.cardData.get('94')!);
      const data = emptyApplicationData();
      for (const address of addresses.slice(0, -1)) readRecord(line, address, data);
      expect(readLastRecord(line, addresses.at(-1)!).state).toBe('committed');
      expect(card.isFinished).toBe(true);
      expect(transaction.cryptogramKind).toBe('TC');
    }
  });
});
