import { type CardChannel, concat, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { AID_T_UNION_PURSE, type CardSnapshot, VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { decodePurseRecord, type LoadRequest, PURSE_METRO, PURSE_TRIP, readPurseRecord } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { PurseHost } from '../../card/test/purse-card.ts';
import {
  loadPurse,
  type PurseEntry,
  type PurseJournalState,
  type PurseTapOutcome,
  type PurseTapRequest,
  resolveLoad,
} from '../src/index.ts';
import { ISSUER, ISSUER_HOST, issuedPurse, purseGate, SERIAL, samSlot } from './purse-region.ts';

const entry: PurseTapRequest = { kind: 'entry', at: '20260801083000' };
const exit: PurseTapRequest = { kind: 'exit', at: '20260801090000', fareFen: () => 400 };
const boarding: PurseTapRequest = { kind: 'boarding', at: '20260801091500', fareFen: () => 200 };

const restored = (snapshot: CardSnapshot): VirtualCard =>
  VirtualCard.restore(snapshot, { random: seededRandom('purse again') });

function accepted(outcome: PurseTapOutcome): PurseEntry {
  if (outcome.result !== 'accepted') throw new Error(`the tap was ${JSON.stringify({ ...outcome, exchanges: [] })}`);
  return outcome.entry;
}

/** What the card itself says. */
function truthOf(card: VirtualCard) {
  card.powerCut = undefined;
  card.reset();
  const host = new PurseHost(card);
  host.select();
  const trips: string[] = [];
  for (let number = 1; number <= 30; number++) {
    const { sw, data } = host.send(`00B2${number.toString(16).padStart(2, '0')}F400`);
    if (sw !== '9000') break;
    trips.push(toHex(data));
  }
  const truth = {
    balanceFen: host.balance(),
    metro: toHex(host.send('00B201D000').data),
    trips,
    sequence: Buffer.from(host.initialize(0x03, 0).data).readUInt16BE(4),
  };
  card.reset();
  return truth;
}

function isProved({ card, tac, ...tap }: PurseEntry): boolean {
  return ISSUER_HOST.verifyPurchase(card, tap, tac);
}

describe('journeys of a purse', () => {
  it('an entry costs nothing, an exit its fare; records tell the ride, the issuer believes both TACs', () => {
    const card = issuedPurse();
    const gate = purseGate();
    const inside = accepted(gate.tap(card, entry));
    expect([inside.amountFen, inside.mac2Verified, isProved(inside)]).toEqual([0, true, true]);
    card.reset();
    const far = purseGate({ place: { station: '0209' } });
    let ride: unknown;
    const fareFen: PurseTapRequest['fareFen'] = (of) => {
      ride = of;
      return 400;
    };
    const outside = accepted(far.tap(card, { ...exit, fareFen }));
    expect(ride).toEqual({ entryCity: '4401', entryStation: '0102', entryTime: '20260801083000' });
    expect([outside.amountFen, outside.balanceAfterFen, isProved(outside)]).toEqual([400, 600, true]);
    const truth = truthOf(card);
    expect(truth.balanceFen).toBe(600);
    const metro = readPurseRecord(PURSE_METRO, fromHex(truth.metro));
    expect(metro).toMatchObject({ status: '02', outStation: '0000000000000209', outTime: '20260801090000' });
    const trip = Object.fromEntries(
      decodePurseRecord(PURSE_TRIP, fromHex(truth.trips[0]!)).map(({ field, value, meaning }) => [
        field.name,
        meaning?.en ?? value,
      ]),
    );
    expect(trip).toMatchObject({
      type: 'EP exit',
      industry: 'metro',
      amount: '400',
      balanceAfter: '600',
      city: '4401',
    });
    expect(trip['at']).toBe('2026-08-01 09:00:00');
  });

  it('a changed amount, time or TAC is believed by nobody', () => {
    const tap = accepted(purseGate().tap(issuedPurse(), boarding));
    expect(isProved(tap)).toBe(true);
    expect(isProved({ ...tap, amountFen: 201 })).toBe(false);
    expect(isProved({ ...tap, at: fromHex('20260801091501') })).toBe(false);
    expect(isProved({ ...tap, terminalSequence: fromHex('00000002') })).toBe(false);
    expect(isProved({ ...tap, tac: concat(tap.tac.subarray(0, 3), Uint8Array.of(tap.tac[3]! ^ 1)) })).toBe(false);
  });

  it('a bus boarding writes the trip alone', () => {
    const card = issuedPurse();
    const before = truthOf(card);
    accepted(purseGate({ place: { industry: '02' } }).tap(card, boarding));
    const after = truthOf(card);
    expect(after.balanceFen).toBe(800);
    expect(after.metro).toBe(before.metro);
    expect(readPurseRecord(PURSE_TRIP, fromHex(after.trips[0]!))).toMatchObject({ type: '06', industry: '02' });
  });

  it('are refused with the reason an operator would give', () => {
    const reason = (outcome: PurseTapOutcome): string =>
      outcome.result === 'refused' ? outcome.reason : outcome.result;
    expect(reason(purseGate().tap(issuedPurse(), exit))).toBe('no-entry');
    expect(reason(purseGate().tap(issuedPurse({ balanceFen: 100 }), boarding))).toBe('insufficient-balance');
    expect(reason(purseGate().tap(issuedPurse({ freshRides: false }), entry))).toBe('record-invalid');
    expect(reason(purseGate().tap(issuedPurse(), { ...entry, at: '20360101000000' }))).toBe('expired');
    const noFare: PurseTapRequest = { kind: 'boarding', at: boarding.at };
    expect(reason(purseGate().tap(issuedPurse(), noFare))).toBe('fare-unknown');
    const blocked = new PurseHost(issuedPurse());
    blocked.select();
    expect(blocked.protect('841E0000', new Uint8Array(0))).toBe('9000');
    expect(reason(purseGate().tap(blocked.card, entry))).toBe('no-application');
  });

  it('a second entry counts the missed exit', () => {
    const card = issuedPurse();
    const gate = purseGate();
    accepted(gate.tap(card, entry));
    card.reset();
    expect(gate.tap(card, entry)).toMatchObject({ result: 'accepted', missedExit: true });
  });

  it('a card that answers a wrong MAC2 has paid: journalled, and the gate stays closed', () => {
    const card = issuedPurse();
    const gate = purseGate();
    const forged: CardChannel = {
      transmit(command) {
        const answer = card.transmit(command);
        if (command[1] === 0x54) answer[4]! ^= 1;
        return answer;
      },
    };
    expect(gate.tap(forged, boarding)).toMatchObject({ result: 'refused', reason: 'authentication-failed' });
    expect(gate.journal.entries).toMatchObject([{ mac2Verified: false, outcome: 'normal' }]);
  });
});

/** A line that breaks at one APDU, before or after the card has executed it. */
function cutChannel(card: VirtualCard, at: number, when: 'before' | 'after'): CardChannel {
  let count = 0;
  const lost = (): never => {
    card.reset();
    throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left');
  };
  return {
    transmit(command) {
      const isCut = count++ === at;
      if (isCut && when === 'before') return lost();
      const answer = card.transmit(command);
      return isCut ? lost() : answer;
    },
  };
}

describe('a tap torn anywhere', () => {
  const kinds = { entry: [entry, undefined], exit: [exit, entry], boarding: [boarding, undefined] } as const;

  it.each(Object.entries(kinds))(
    '%s: paid once, journalled once, proved, whenever the card comes back',
    (_kind, [request, first]) => {
      const issued = issuedPurse();
      if (first !== undefined) accepted(purseGate().tap(issued, first));
      issued.reset();
      const start = issued.snapshot();
      const whole = restored(start);
      whole.powerCut = () => false;
      const apdus = purseGate().tap(whole, request).exchanges.length;
      const writes = whole.physicalWrites;
      const after = truthOf(whole);
      const outcomes = new Map<string, number>();
      const check = (where: string, card: VirtualCard, channel: CardChannel): void => {
        let saved: PurseJournalState | undefined;
        const storage = {
          load: () => saved,
          save: (state: PurseJournalState) => {
            saved = state;
          },
        };
        const sam = samSlot();
        const torn = purseGate({ sam, storage }).tap(channel, request);
        expect(torn.result, where).toBe('torn');
        card.powerCut = undefined;
        card.reset();
        // the terminal restarts with what it stored; the PSAM has lost its power too on every second cut
        if (where.length % 2 === 0) sam.reset();
        const again = purseGate({ sam, storage });
        const tap = accepted(again.tap(card, request));
        expect(truthOf(card), where).toEqual(after);
        expect(again.journal.entries, where).toHaveLength(1);
        expect(again.journal.pending, where).toHaveLength(0);
        expect(isProved(tap), where).toBe(true);
        outcomes.set(tap.outcome, (outcomes.get(tap.outcome) ?? 0) + 1);
      };
      for (let apdu = 0; apdu < apdus; apdu++) {
        for (const when of ['before', 'after'] as const) {
          const card = restored(start);
          check(`APDU ${apdu} lost ${when}`, card, cutChannel(card, apdu, when));
        }
      }
      for (let write = 0; write < writes; write++) {
        const card = restored(start);
        card.powerCut = (step) => step === write;
        check(`write ${write}`, card, card);
      }
      expect(outcomes.get('proof')).toBeGreaterThan(0);
      expect(outcomes.get('normal')).toBeGreaterThan(0);
    },
  );

  it('is asked after with the number its scheme uses', () => {
    const card = issuedPurse({ switches: { proofNumber: 'before' } });
    const apdus = 5;
    const gate = purseGate({ proofNumber: 'before' });
    let tapped: PurseTapOutcome = gate.tap(cutChannel(card, apdus, 'after'), entry);
    expect(tapped).toMatchObject({ result: 'torn', commit: 'not-sent' });
    tapped = gate.tap(cutChannel(card, 6, 'after'), entry);
    expect(tapped).toMatchObject({ result: 'torn', commit: 'unknown' });
    expect(gate.tap(card, entry)).toMatchObject({
      result: 'accepted',
      recovered: true,
      entry: { outcome: 'proof', mac2Verified: true },
    });
  });

  it('becomes an unresolved entry when its window is over, and another card settles nothing', () => {
    let now = 0;
    const card = issuedPurse();
    const gate = purseGate({ nowMs: () => now });
    expect(gate.tap(cutChannel(card, 6, 'after'), entry)).toMatchObject({ result: 'torn', commit: 'unknown' });
    now = 60_001;
    card.reset();
    expect(gate.tap(card, exit)).toMatchObject({ result: 'accepted', recovered: false });
    expect(gate.journal.entries.map(({ outcome }) => outcome)).toEqual(['unresolved', 'normal']);
  });

  it('cannot be settled any more once the card has paid elsewhere', () => {
    const card = issuedPurse();
    const gate = purseGate();
    gate.tap(cutChannel(card, 6, 'after'), entry);
    card.reset();
    accepted(purseGate().tap(card, boarding));
    card.reset();
    expect(gate.tap(card, exit)).toMatchObject({ result: 'refused', reason: 'torn-unclear' });
    expect(gate.journal.pending).toHaveLength(1);
  });
});

describe('a load', () => {
  const options = {
    aid: AID_T_UNION_PURSE,
    pin: fromHex('123456'),
    keyIndex: 1,
    amountFen: 5000,
    terminal: fromHex('000000000001'),
    at: '20260801100000',
    authorise: (request: LoadRequest) => ISSUER_HOST.authoriseLoad(request),
  };

  it('is approved by the issuer, and its TAC believed', () => {
    const card = issuedPurse();
    const outcome = loadPurse(card, options);
    if (outcome.result !== 'loaded') throw new Error(outcome.result);
    expect(outcome.request.card).toEqual({ issuer: ISSUER, serial: SERIAL });
    expect(ISSUER_HOST.verifyLoad(outcome.request, outcome.tac)).toBe(true);
    expect(ISSUER_HOST.verifyLoad({ ...outcome.request, amountFen: 5001 }, outcome.tac)).toBe(false);
    expect(truthOf(card).balanceFen).toBe(6000);
  });

  it('is refused to a card whose MAC1 is wrong, to a wrong PIN and to a host with other keys', () => {
    const card = issuedPurse();
    expect(loadPurse(card, { ...options, pin: fromHex('999999') })).toMatchObject({
      result: 'refused',
      reason: 'declined',
    });
    const request = (changed: Partial<LoadRequest>) => (each: LoadRequest) =>
      ISSUER_HOST.authoriseLoad({ ...each, ...changed });
    expect(loadPurse(card, { ...options, authorise: request({ balanceFen: 0 }) })).toMatchObject({
      detail: 'the issuer: mac1-wrong',
    });
    expect(loadPurse(card, { ...options, authorise: request({ type: 6 }) })).toMatchObject({
      detail: 'the issuer: type-unknown',
    });
    const wrong = loadPurse(card, { ...options, authorise: () => ({ approved: true, mac2: new Uint8Array(4) }) });
    expect(wrong).toMatchObject({ result: 'refused', reason: 'commit-refused' });
    expect(truthOf(card).balanceFen).toBe(1000);
  });

  it('torn at every APDU: the counter tells whether the money arrived, once', () => {
    const start = issuedPurse().snapshot();
    const states = new Set<string>();
    for (let apdu = 0; apdu < 5; apdu++) {
      for (const when of ['before', 'after'] as const) {
        const card = restored(start);
        const torn = loadPurse(cutChannel(card, apdu, when), options);
        if (torn.result !== 'torn') throw new Error(`APDU ${apdu} was ${torn.result}`);
        if (torn.request === undefined) {
          expect(truthOf(card).balanceFen).toBe(1000);
          continue;
        }
        const resolved = resolveLoad(card, options, torn.request);
        states.add(resolved.state);
        expect(truthOf(card).balanceFen, `APDU ${apdu} ${when}`).toBe(resolved.state === 'loaded' ? 6000 : 1000);
        if (resolved.state === 'loaded') expect(ISSUER_HOST.verifyLoad(torn.request, resolved.tac)).toBe(true);
      }
    }
    expect([...states].sort()).toEqual(['loaded', 'not-loaded']);
  });
});
