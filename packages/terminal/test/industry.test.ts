import { type CardChannel, concat, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { VirtualCard as Card, type VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { industryPinBlock, industryTac } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import {
  cardKey,
  HOLDER,
  IndustryHost,
  industryCard,
  LICENCE,
  PIN,
  SPECIFICATIONS,
} from '../../card/test/industry-card.ts';
import {
  type IndustryClient,
  identifyPatient,
  insertIntoMeter,
  judgeInsertion,
  judgeSale,
  type MeterState,
  orderMacInput,
  Refusal,
  readDecisions,
  readEmergencyData,
  readLicence,
  readUtilityCard,
  readVisit,
  recordPayment,
  type UtilityOrder,
  visitNumbers,
  writeOrder,
  writePoints,
  writeVisit,
} from '../src/index.ts';
import {
  clientOf,
  DECISION_CODEC,
  EMERGENCY_CODEC,
  HOLDER_CODEC,
  LICENCE_CODEC,
  POINTS_CODEC,
  RECEIPT_CODEC,
  UTILITY,
} from './industry-region.ts';

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.reason;
    throw error;
  }
  return 'done';
}

const withPin = (client: IndustryClient, pin = PIN): IndustryClient => {
  client.offerPin(industryPinBlock(pin));
  return client;
};

/** A line that shows what crossed it. */
function overheard(card: VirtualCard): { channel: CardChannel; bytes: () => string } {
  const seen: string[] = [];
  return {
    channel: {
      transmit(command) {
        const answer = card.transmit(command);
        seen.push(toHex(command), toHex(answer));
        return answer;
      },
    },
    bytes: () => seen.join(' '),
  };
}

describe('a health card', () => {
  it('tells identity to registration after both have proved themselves, and nobody overhears it', () => {
    const { channel, bytes } = overheard(industryCard());
    const holder = identifyPatient(clientOf('registration', channel), HOLDER_CODEC);
    expect(holder['identityNumber']).toBe(Buffer.from(HOLDER.subarray(36)).toString('latin1'));
    expect(bytes()).not.toContain(toHex(HOLDER.subarray(36, 44)));
  });

  it('tells a role what its keys reach, and nothing else', () => {
    const card = industryCard();
    expect(readEmergencyData(clientOf('physician', card), EMERGENCY_CODEC)['bloodGroup']).toBe('00');
    expect(reasonOf(() => readEmergencyData(clientOf('registration', card), EMERGENCY_CODEC))).toBe('not-permitted');
    expect(reasonOf(() => identifyPatient(clientOf('cashier', card), HOLDER_CODEC))).toBe('not-permitted');
    expect(reasonOf(() => readVisit(clientOf('hospital', card), 'outpatient', 1))).toBe('not-permitted');
    expect(reasonOf(() => readVisit(withPin(clientOf('hospital', card), '999999'), 'outpatient', 1))).toBe('pin-wrong');
  });

  it('shows a visit only when it was written whole, whenever the card is pulled', () => {
    const start = industryCard().snapshot();
    const body = Uint8Array.from({ length: 512 }, (_, index) => (index * 7) & 0xff);
    const whole = Card.restore(start, { random: seededRandom('visit') });
    const first = withPin(clientOf('hospital', whole));
    writeVisit(first, 'outpatient', 1, body);
    const apdus = first.exchanges.length;
    expect(toHex(readVisit(first, 'outpatient', 1))).toBe(toHex(body));
    let shown = 0;
    for (let cut = 1; cut <= apdus; cut++) {
      const card = Card.restore(start, { random: seededRandom('visit') });
      let count = 0;
      const channel: CardChannel = {
        transmit(command) {
          if (count++ === cut) throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left');
          return card.transmit(command);
        },
      };
      try {
        writeVisit(withPin(clientOf('hospital', channel)), 'outpatient', 1, body);
      } catch (error) {
        expect((error as PolycardError).code).toBe('POLYCARD_CHANNEL_CARD_LOST');
      }
      card.reset();
      const after = withPin(clientOf('hospital', card));
      const numbers = visitNumbers(after, 'outpatient');
      if (!numbers.includes(1)) continue;
      // before the index byte went to free the old visit still shows: all zeros here
      const visit = toHex(readVisit(after, 'outpatient', 1));
      expect([toHex(body), '00'.repeat(512)]).toContain(visit);
      shown++;
    }
    expect(shown).toBeGreaterThan(0);
  });

  it('that is a forgery, or answers with a changed byte, is found out', () => {
    const card = industryCard();
    const forged: CardChannel = {
      transmit(command) {
        const answer = card.transmit(command);
        if (command[1] === 0x88) answer[0]! ^= 1;
        return answer;
      },
    };
    expect(reasonOf(() => identifyPatient(clientOf('registration', forged), HOLDER_CODEC))).toBe(
      'authentication-failed',
    );
    const changed: CardChannel = {
      transmit(command) {
        const answer = card.transmit(command);
        if (command[1] === 0xb0 && answer.length > 20) answer[3]! ^= 1;
        return answer;
      },
    };
    card.reset();
    expect(reasonOf(() => identifyPatient(clientOf('registration', changed), HOLDER_CODEC))).toBe(
      'authentication-failed',
    );
  });

  it('that is suspended or dormant is said to be so', () => {
    const host = new IndustryHost(industryCard(), 'health');
    host.select();
    host.protect('84040000', new Uint8Array(0), { key: 0x02 });
    expect(reasonOf(() => clientOf('registration', host.card))).toBe('application-not-open');
    expect(reasonOf(() => clientOf('registration', industryCard({ dormant: true })))).toBe('application-not-open');
  });
});

describe('a prepaid water card', () => {
  const METER_KEY = fromHex('20B06F1A5BB5F14A0FAD252B3F3D2C07');
  const macOf = (input: Uint8Array): Uint8Array => industryTac('SM4', METER_KEY, input);
  const meter: MeterState = {
    ...{ meterNo: '00440100012345', acceptedSequence: 6, remainingFen: 1200, cumulativeFen: 100_000 },
    ...{ replaceCount: 0, hoardingLimitFen: 50_000 },
  };
  const order: UtilityOrder = {
    ...{ orderId: '2026110100000042', purchaseSequence: 7, amountFen: 20_000, cumulativeFen: 120_000 },
    ...{ at: '20261101103000', replaceCount: 0, cardKind: '02', mode: '01' },
  };
  const options = { terminalNo: '000000000001', type: '01' };

  /** A card that the meter has read last with sequence 6. */
  function boundCard(): VirtualCard {
    const host = new IndustryHost(industryCard(), 'water');
    host.select();
    host.authenticate(0x04);
    const identity = { meterNumber: meter.meterNo, customerNumber: '000001234567' };
    host.protect('04D68200', UTILITY.account.encode(identity), { enc: true });
    host.protect('04D68400', UTILITY.order.encode({ orderId: '2026100100000001', purchaseSequence: 6 }), { enc: true });
    const back = { ...identity, written: '01', acceptedSequence: 6, remaining: 1200 };
    host.protect('04D68700', UTILITY.writeBack.encode(back), { enc: true });
    host.card.reset();
    return host.card;
  }

  function sell(card: CardChannel): Uint8Array {
    const client = clientOf('counter', card);
    const read = readUtilityCard(client, UTILITY);
    return writeOrder(client, UTILITY, order, { ...options, orderMac: macOf(orderMacInput(UTILITY, read, order)) });
  }

  const insert = (card: CardChannel, state = meter) =>
    insertIntoMeter(clientOf('meter', card), UTILITY, state, {
      at: '20261101182000',
      purchaseDataMac: macOf,
    });

  it('carries an order from the counter to the meter, and tells the counter that it was taken (U1)', () => {
    const card = boundCard();
    const before = readUtilityCard(clientOf('counter', card), UTILITY);
    expect(judgeSale(before, { meterNo: meter.meterNo, amountFen: 20_000, hoardingLimitFen: 50_000 })).toEqual({
      verdict: 'sell',
      purchaseSequence: 7,
    });
    card.reset();
    const tac = sell(card);
    const input = fromHex('2026110100000042 0007 00004E20 000000000001 20261101103000');
    expect(toHex(tac)).toBe(toHex(industryTac('SM4', cardKey(SPECIFICATIONS.water, 0x08), input)));
    card.reset();
    const sold = readUtilityCard(clientOf('counter', card), UTILITY);
    expect(sold).toMatchObject({ orderId: order.orderId, purchaseSequence: 7, acceptedSequence: 6, written: false });
    expect(judgeSale(sold, { meterNo: meter.meterNo, amountFen: 100, hoardingLimitFen: 50_000 }).verdict).toBe(
      'last-order-not-inserted',
    );
    card.reset();
    const taken = insert(card);
    expect(taken).toMatchObject({ result: 'accepted', meter: { acceptedSequence: 7, remainingFen: 21_200 } });
    card.reset();
    expect(insert(card, taken.meter).result).toBe('nothing-new');
    card.reset();
    const back = readUtilityCard(clientOf('counter', card), UTILITY);
    expect(back).toMatchObject({ acceptedSequence: 7, written: true, remainingFen: 21_200 });
    expect(judgeSale(back, { meterNo: meter.meterNo, amountFen: 40_000, hoardingLimitFen: 50_000 })).toEqual({
      verdict: 'hoarding',
      mostFen: 28_800,
    });
    expect(judgeSale(back, { meterNo: '00440100012346', amountFen: 1, hoardingLimitFen: 50_000 }).verdict).toBe(
      'other-meter',
    );
  });

  it('torn at every APDU of the sale holds the old order or the new one, never a mixture (U6, U7)', () => {
    const start = boundCard().snapshot();
    const whole = Card.restore(start, { random: seededRandom('sale') });
    let apdus = 0;
    sell({
      transmit(command) {
        apdus++;
        return whole.transmit(command);
      },
    });
    const states = new Set<string>();
    for (let cut = 0; cut < apdus; cut++) {
      const card = Card.restore(start, { random: seededRandom('sale') });
      let count = 0;
      const channel: CardChannel = {
        transmit(command) {
          const answer = card.transmit(command);
          if (count++ === cut) throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the answer was lost');
          return answer;
        },
      };
      expect(() => sell(channel)).toThrow();
      card.reset();
      const { orderId, purchaseSequence, written } = readUtilityCard(clientOf('counter', card), UTILITY);
      const isNew = orderId === order.orderId;
      expect([purchaseSequence, written], `APDU ${cut}`).toEqual(isNew ? [7, false] : [6, true]);
      states.add(orderId);
      if (!isNew) {
        card.reset();
        sell(card); // the make-up write: same order, no second payment
        card.reset();
        expect(readUtilityCard(clientOf('counter', card), UTILITY).orderId).toBe(order.orderId);
      }
    }
    expect(states.size).toBe(2);
  });

  it('is judged by the meter in the order of the specification', () => {
    const card = { meterNo: meter.meterNo, purchaseSequence: 7, replaceCount: 0, amountFen: 20_000 };
    const judged = (changed: Partial<typeof card>, isMacRight = true, state = meter) =>
      judgeInsertion(state, { ...card, ...changed }, isMacRight);
    expect(judged({})).toBe('accepted');
    expect(judged({ meterNo: '00440100099999' })).toBe('wrong-meter');
    expect(judged({}, false)).toBe('mac');
    expect(judged({ purchaseSequence: 6 })).toBe('nothing-new');
    expect(judged({ purchaseSequence: 5 })).toBe('old');
    expect(judged({ purchaseSequence: 9 })).toBe('gap');
    expect(judged({ amountFen: 48_801 })).toBe('hoarding');
    expect(judged({ amountFen: 48_800 })).toBe('accepted');
    expect(judged({}, true, { ...meter, replaceCount: 1 })).toBe('replaced');
  });

  it('with a flipped byte in its order is refused by the meter (U9)', () => {
    const card = boundCard();
    sell(card);
    const host = new IndustryHost(card, 'water');
    host.select();
    host.authenticate(0x04);
    host.protect('04D6840C', Uint8Array.of(0xff), { enc: true });
    card.reset();
    expect(insert(card).result).toBe('mac');
  });
});

describe('a driver licence', () => {
  const decision = concat(
    Buffer.from('4401061900001230'),
    Uint8Array.from({ length: 80 }, (_, index) => index),
  );

  function decided(): VirtualCard {
    const host = new IndustryHost(industryCard(), 'traffic');
    host.select();
    host.authenticate(0x04);
    expect(host.protect('04E20028', decision, { enc: true }).sw).toBe('9000');
    host.card.reset();
    return host.card;
  }

  it('is read with a MAC by the police, and its points are written by the authority', () => {
    const card = industryCard();
    expect(readLicence(clientOf('police', card), LICENCE_CODEC)['licenceNumber']).toBe(toHex(LICENCE.subarray(0, 18)));
    card.reset();
    const points = { cycleStart: '20260301', cycleEnd: '20270228', points: 6 };
    writePoints(clientOf('authority', card), POINTS_CODEC, points);
    card.reset();
    expect(reasonOf(() => writePoints(clientOf('police', card), POINTS_CODEC, points))).toBe('not-permitted');
    card.reset();
    const reader = withPin(clientOf('authority', card));
    expect(POINTS_CODEC.decode(reader.readBinary('points'))).toMatchObject(points);
  });

  it('gives a payment terminal the front of decisions and no licence (T9)', () => {
    const card = decided();
    const terminal = clientOf('payment', card);
    expect(readDecisions(terminal).map(toHex)).toEqual([toHex(decision.subarray(0, 53))]);
    expect(reasonOf(() => readLicence(terminal, LICENCE_CODEC))).toBe('not-permitted');
    const codecs = { decision: DECISION_CODEC, receipt: RECEIPT_CODEC };
    const front = readDecisions(terminal)[0]!;
    expect(reasonOf(() => recordPayment(terminal, codecs, { number: 1, decision: front, receipt: {} }))).toBe(
      'not-permitted',
    );
  });

  it('has its decision paid and its receipt together, with the card’s TAC', () => {
    const card = decided();
    const authority = clientOf('authority', card);
    const [whole] = readDecisions(authority);
    const receipt = { documentNumber: '4401061900001230', finePaid: 20_000, lateFeePaid: 600 };
    const tac = recordPayment(
      authority,
      { decision: DECISION_CODEC, receipt: RECEIPT_CODEC },
      { number: 1, decision: whole!, receipt },
    );
    expect(tac).toHaveLength(4);
    expect(DECISION_CODEC.decode(readDecisions(authority)[0]!)['status']).toBe('03');
    expect(RECEIPT_CODEC.decode(authority.readRecord('receipts', 1)!)).toMatchObject(receipt);
  });
});
