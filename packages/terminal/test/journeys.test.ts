import { numberFromBcd, toHex } from '@polycard/bytes';
import type { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { CUP_TERMINAL, packMessage, unpackMessage } from '@polycard/iso8583';
import { describe, expect, it } from 'vitest';
import {
  offlineSaleMessage,
  parseOfflineSale,
  type TapOutcome,
  type TapRequest,
  Terminal,
  type TerminalConfiguration,
} from '../src/index.ts';
import { personalisedCard, truthOf } from './personalised-card.ts';
import { BUS, COUNTER, ENTRY_GATE, EXIT_GATE, parameters, psam } from './region.ts';

const at = (time: string): string => `20180901${time}`;

function terminal(configuration: TerminalConfiguration): Terminal {
  let microseconds = 0;
  return new Terminal(configuration, parameters, {
    psam,
    random: seededRandom('t'),
    monotonicUs: () => (microseconds += 100),
    nowMs: () => 0,
  });
}
function tap(card: VirtualCard, configuration: TerminalConfiguration, request: TapRequest): TapOutcome {
  card.reset();
  return terminal(configuration).tap(card, request);
}
function accepted(outcome: TapOutcome) {
  if (outcome.result !== 'accepted') throw new Error(JSON.stringify({ ...outcome, exchanges: undefined }));
  return outcome;
}

describe('metro', () => {
  it('writes the entry free of charge and the exit with its fare, trip and combined ride, in one transaction each', () => {
    const card = personalisedCard();
    accepted(tap(card, ENTRY_GATE, { kind: 'entry', at: at('080000') }));
    expect(truthOf(card)).toMatchObject({
      balanceFen: 50_000,
      metro: { status: '01', entryTime: at('080000'), entryTerminal: '10000001', entryStation: '0101' },
      trips: [],
    });
    const { entry, fare } = accepted(tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') }));
    expect(fare).toMatchObject({ baseSource: 'network', chargeFen: Math.round(fare!.baseFen * 0.95) });
    const truth = truthOf(card);
    const balanceAfter = 50_000 - fare!.chargeFen;
    expect(truth).toMatchObject({
      balanceFen: balanceAfter,
      metro: {
        ...{ status: '02', exitTime: at('083000'), exitTerminal: '10000002', exitStation: '0115' },
        ...{ amount: fare!.chargeFen, monthTotal: fare!.chargeFen, monthCount: 1 },
      },
      combinedRide: { lastMode: '01', lastTime: at('083000'), lastOperator: '0002', legs: 1 },
      trips: [{ type: '02', industry: '01', amount: fare!.chargeFen, balanceAfter, time: at('083000'), city: '5840' }],
    });
    expect(toHex(entry.clearingData.get('9F26')!)).toBe(truth.proof?.cryptogram);
  });

  it('reads the combined ride before the metro record and commits with the last record of the AFL', () => {
    const card = personalisedCard();
    tap(card, ENTRY_GATE, { kind: 'entry', at: at('080000') });
    const { exchanges } = accepted(tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') }));
    expect(exchanges.map(({ phase, command }) => `${phase} ${toHex(command.subarray(1, 4))}`)).toEqual([
      ...['select A40400', 'select A40400', 'read-capp B400B8', 'read-capp B400A8', 'gpo A80000'],
      ...['update-capp DE00A8', 'update-capp DE00B8', 'update-capp DE00F0'],
      ...['read-record B2010C', 'read-record B20114', 'read-record B2011C', 'read-record B2021C', 'read-record B2031C'],
    ]);
    const starts = exchanges.map(({ startUs }) => startUs);
    expect(starts).toEqual(starts.toSorted((a, b) => a - b));
    expect(exchanges.every(({ cardUs, response }) => cardUs === 100 && response.length >= 2)).toBe(true);
  });

  it('a card that is still inside is let in and counted, or refused, as the operator rules', () => {
    const card = personalisedCard();
    expect(accepted(tap(card, ENTRY_GATE, { kind: 'entry', at: at('080000') })).missedExit).toBeUndefined();
    const again = { kind: 'entry', at: at('090000') } as const;
    expect(tap(card, { ...ENTRY_GATE, missedExit: 'refuse' }, again)).toMatchObject({ reason: 'already-inside' });
    expect(truthOf(card).metro['entryTime']).toBe(at('080000'));
    expect(accepted(tap(card, ENTRY_GATE, again)).missedExit).toBe(true);
    expect(truthOf(card).metro['entryTime']).toBe(at('090000'));
  });

  it('the figures of a month begin anew with its first charge, also after an entry of that month', () => {
    const card = personalisedCard();
    const ride = (date: string): number => {
      tap(card, ENTRY_GATE, { kind: 'entry', at: `${date}080000` });
      return accepted(tap(card, EXIT_GATE, { kind: 'exit', at: `${date}083000` })).entry.amountFen;
    };
    const august = ride('20180830') + ride('20180831');
    expect(truthOf(card).metro).toMatchObject({ monthTotal: august, monthCount: 2 });
    const september = ride('20180901');
    expect(truthOf(card).metro).toMatchObject({ monthTotal: september, monthCount: 1 });
  });

  it('an exit without entry is refused before any money moves', () => {
    const card = personalisedCard();
    expect(tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') })).toMatchObject({ reason: 'no-entry' });
    expect(truthOf(card)).toMatchObject({ atc: 0, balanceFen: 50_000 });
  });
});

describe('bus', () => {
  it('charges the declared base fare less the discount, and counts the legs of a combined ride', () => {
    const card = personalisedCard();
    tap(card, ENTRY_GATE, { kind: 'entry', at: at('080000') });
    tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') });
    const { entry } = accepted(tap(card, BUS, { kind: 'boarding', at: at('090000'), declaredBaseFen: 400 }));
    expect(entry).toMatchObject({ amountFen: 275, industry: { transferApplied: true, baseSource: 'declared' } });
    expect(truthOf(card)).toMatchObject({
      bus: { status: '02', boardingTime: at('090000'), amount: 275 },
      combinedRide: { lastMode: '02', legs: 2 },
      trips: [
        { type: '05', industry: '02' },
        { type: '02', industry: '01' },
      ],
    });
    tap(card, BUS, { kind: 'boarding', at: at('180000'), declaredBaseFen: 400 });
    expect(truthOf(card).combinedRide['legs']).toBe(1);
  });

  it('refuses a card without enough money, and one whose record is locked, and changes nothing', () => {
    const poor = personalisedCard({ balanceFen: 100 });
    const request = { kind: 'boarding', at: at('090000'), declaredBaseFen: 400 } as const;
    expect(tap(poor, BUS, request)).toMatchObject({ result: 'refused', reason: 'insufficient-balance' });
    expect(truthOf(poor)).toMatchObject({ balanceFen: 100, trips: [], bus: { status: '00' } });
  });
});

describe('a service counter', () => {
  it('supplies the entry a card lacks; with no station the exit gate must be told the base fare', () => {
    for (const [placeCode, exit, base] of [
      ['0101', {}, 'network'],
      ['0000', { declaredBaseFen: 500 }, 'declared'],
    ] as const) {
      const card = personalisedCard();
      const missingEntry = { placeCode, at: at('075000') };
      const { entry } = accepted(tap(card, COUNTER, { kind: 'counter', at: at('082000'), missingEntry }));
      expect(entry).toMatchObject({
        amountFen: 0,
        industry: { kind: 'counter', entryPlaceCode: placeCode, entryTime: at('075000') },
      });
      expect(truthOf(card).metro).toMatchObject({ status: '01', entryStation: placeCode, entryTime: at('075000') });
      const outcome = accepted(tap(card, EXIT_GATE, { kind: 'exit', at: at('083000'), ...exit }));
      expect(outcome.fare?.baseSource).toBe(base);
    }
  });

  it('sets and clears the combined ride, alone or together with an entry', () => {
    const card = personalisedCard();
    const combinedRide = { mode: 'bus', at: at('075000') } as const;
    tap(card, COUNTER, { kind: 'counter', at: at('080000'), combinedRide });
    expect(truthOf(card).combinedRide).toMatchObject({ lastMode: '02', lastTime: at('075000'), legs: 1 });
    const missingEntry = { placeCode: '0101', at: at('075500') };
    accepted(tap(card, COUNTER, { kind: 'counter', at: at('080100'), combinedRide: 'none', missingEntry }));
    expect(truthOf(card)).toMatchObject({
      combinedRide: { lastMode: '00', lastTime: '', legs: 0 },
      metro: { status: '01', entryStation: '0101' },
    });
  });
});

describe('any card', () => {
  it('that answers nonsense anywhere is an outcome, never a fault, and never leaves a tap half journalled', () => {
    const request = { kind: 'boarding', at: at('090000'), declaredBaseFen: 400 } as const;
    const length = accepted(tap(personalisedCard(), BUS, request)).exchanges.length;
    for (let index = 0; index < length; index++) {
      for (const response of ['', '90', '9000', 'FF9000', '70059F9000', '6F039F38029000', '7781FF9000', '6A82']) {
        const [card, bus] = [personalisedCard(), terminal(BUS)];
        let count = 0;
        const outcome = bus.tap(
          {
            transmit: (command) => {
              const answer = card.transmit(command);
              return count++ === index ? Buffer.from(response, 'hex') : answer;
            },
          },
          request,
        );
        const where = `answer ${index + 1} is ${response || 'nothing'}`;
        expect(outcome.exchanges.length, where).toBeLessThanOrEqual(length);
        const { entries, pending } = bus.journal;
        const isPaid = truthOf(card).balanceFen < 50_000;
        // a card that lies about an error (6A82 after it committed) is the one thing nobody can see
        const isLie = index === length - 1 && response === '6A82';
        if (!isLie) expect(entries.length + pending.length, where).toBe(isPaid ? 1 : 0);
      }
    }
  });
});

describe('the upload of a tap', () => {
  it('carries what proves it, and the host reads the same', () => {
    const card = personalisedCard();
    tap(card, ENTRY_GATE, { kind: 'entry', at: at('080000') });
    const { entry, fare } = accepted(tap(card, EXIT_GATE, { kind: 'exit', at: at('083000') }));
    const message = offlineSaleMessage({ terminalNo: '10000002', merchantNo: '888888888880201' }, entry);
    const received = unpackMessage(CUP_TERMINAL, packMessage(CUP_TERMINAL, message));
    expect([3, 22, 23, 25, 49].map((field) => received.required(field))).toEqual(['000000', '072', '001', '00', '156']);
    expect(received.required(60)).toBe('36000001000');
    const sale = parseOfflineSale(received);
    expect([...sale.clearingData.keys()].toSorted()).toEqual(
      (
        '82 84 95 9A 9C 5F2A 5F34 9F02 9F03 9F09 9F10 9F1A 9F1E 9F21 9F26 9F27 9F33 9F34 9F35 9F36 9F37 9F41 9F5D ' +
        '9F6C'
      )
        .split(' ')
        .toSorted(),
    );
    expect(numberFromBcd(sale.clearingData.get('9F02')!)).toBe(fare!.chargeFen);
    expect(sale.industry.records.map(({ sfi }) => sfi)).toEqual([0x15, 0x17, 0x1e]);
    expect(sale.industry).toMatchObject({
      ...{ kind: 'exit', placeCode: '0115', entryPlaceCode: '0101', entryTime: at('080000') },
      ...{ baseFen: fare!.baseFen, homeCity: '5840', tornOutcome: 'normal' },
    });
  });
});
