/** Loads of electronic cash over real TCP: the counter, the card, the issuer that stands in, and everything between torn. */
import { type AsyncCardChannel, PolycardError, toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import {
  type CashLoadCounter,
  type CashLoadOutcome,
  type OnlineHost,
  OnlineStore,
  type TerminalStorage,
  VolatileStorage,
} from '@polycard/terminal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BUS, COUNTER, openSmallSite, type SmallSite } from './small-site.ts';
import { AT, cashOf, counterOf, owedByCounters, runTornLoads } from './torn-load-scenario.ts';

const AMOUNT_FEN = 500;
const FARE_FEN = 2_000;
const PASSWORD = 'cash-load';
const SCRIPT = /^04DA9F79/;
const random = seededRandom('cash-load');
let site: SmallSite;
let card: VirtualCard;
let token: string;
// the first two are the scenario's
let nextCard = 2;

beforeAll(async () => {
  site = await openSmallSite({ cards: 24, seed: 'cash-load' });
}, 120_000);
afterAll(() => site?.close());
// a fresh card has its limit: it rides first
beforeEach(takeCard);

async function takeCard(): Promise<void> {
  const issued = site.cards[nextCard++]!;
  ({ token } = issued);
  card = VirtualCard.restore(issued.snapshot, { random });
  const bus = site.terminals[BUS]!;
  expect(bus.tap(card, { kind: 'boarding', at: AT, declaredBaseFen: FARE_FEN })).toMatchObject({ result: 'accepted' });
  await bus.upload();
  card.reset();
}

const counter = (changes: Partial<OnlineHost> = {}, memory?: TerminalStorage): CashLoadCounter =>
  counterOf(site.terminals[COUNTER]!, changes, memory).counter;

const load = (
  at: CashLoadCounter,
  channel: AsyncCardChannel = card,
  amountFen = AMOUNT_FEN,
): Promise<CashLoadOutcome> => at.load(channel, { amountFen, at: AT });

const balance = (): number => cashOf(card);
const owed = (): Promise<number> => owedByCounters(site);

/** The card leaves before or after it got a command that looks like this. */
function leaving(command: RegExp, when: 'before' | 'after'): AsyncCardChannel {
  let isGone = false;
  return {
    transmit(bytes) {
      const isHere = command.test(toHex(bytes));
      if (isGone || (isHere && when === 'before')) isGone = true;
      else {
        const answer = card.transmit(bytes);
        if (!isHere) return answer;
        isGone = true;
      }
      card.reset();
      throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
    },
  };
}

describe('a load', () => {
  it('is on the card, on the books, and the host has heard that the card took it', async () => {
    const [before, booked] = [balance(), await owed()];
    card.reset();
    const outcome = await load(counter());
    expect(outcome).toMatchObject({
      ...{ result: 'loaded', balanceBeforeFen: before, balanceAfterFen: before + AMOUNT_FEN },
      ...{ recovered: false, isReported: true },
    });
    expect(balance()).toBe(before + AMOUNT_FEN);
    expect((await owed()) - booked).toBe(AMOUNT_FEN);
  });

  it('works on the contact interface as on the contactless one', async () => {
    const before = balance();
    const inserted = VirtualCard.restore({ ...card.snapshot(), interface: 'contact' }, { random });
    card = inserted;
    expect(await load(counter())).toMatchObject({ result: 'loaded', balanceAfterFen: before + AMOUNT_FEN });
  });

  it('of more than the card may hold is refused by name, and nothing moves', async () => {
    const [before, booked] = [balance(), await owed()];
    card.reset();
    expect(await load(counter(), card, FARE_FEN + 1)).toMatchObject({ result: 'refused', code: '61' });
    expect([balance(), await owed()]).toEqual([before, booked]);
  });
});

describe('a line', () => {
  it('cut before and after the host has the request: asked again, loaded once', async () => {
    for (const when of ['before', 'after'] as const) {
      const { send } = site.terminals[COUNTER]!.onlineHost;
      const [before, booked] = [balance(), await owed()];
      card.reset();
      let cuts = 2;
      const outcome = await load(
        counter({
          send: async (frame) => {
            // as the patient line does: the same frame until it is answered
            for (;;) {
              if (when === 'after' || cuts === 0) {
                const answer = await send(frame);
                if (cuts === 0) return answer;
              }
              cuts--;
            }
          },
        }),
      );
      expect(outcome).toMatchObject({ result: 'loaded' });
      expect([balance(), await owed()]).toEqual([before + AMOUNT_FEN, booked + AMOUNT_FEN]);
    }
  });

  it.each(['before', 'after'] as const)(
    'that stays silent %s the host has the request: nothing on the card, taken back',
    async (when) => {
      const [before, booked] = [balance(), await owed()];
      card.reset();
      const { send } = site.terminals[COUNTER]!.onlineHost;
      const memory = new VolatileStorage();
      const lost = counter(
        {
          send: async (frame) => {
            if (when === 'after') await send(frame);
            throw new Error('no answer');
          },
        },
        memory,
      );
      expect(await load(lost)).toMatchObject({ result: 'refused', reason: 'host-silent' });
      expect(balance()).toBe(before);
      // another day, the same memory: the reversal goes first, and the load is made again
      card.reset();
      expect(await load(counter({}, memory))).toMatchObject({ result: 'loaded', recovered: false });
      expect([balance(), await owed()]).toEqual([before + AMOUNT_FEN, booked + AMOUNT_FEN]);
    },
  );

  it('whose answer has a wrong MAC: not believed, taken back', async () => {
    const [before, booked] = [balance(), await owed()];
    card.reset();
    const { send } = site.terminals[COUNTER]!.onlineHost;
    const memory = new VolatileStorage();
    const kept = () => new OnlineStore(memory);
    const changed = counter(
      {
        send: async (frame) => {
          const answer = (await send(frame)).slice();
          answer[answer.length - 1]! ^= 1;
          return answer;
        },
      },
      memory,
    );
    expect(await load(changed)).toMatchObject({ result: 'refused', reason: 'host-silent' });
    expect(kept().due.map(({ mti, fields }) => [mti, fields[39]])).toEqual([['0400', 'A0']]);
    await counter({}, memory).sendDue();
    expect(kept().due).toEqual([]);
    expect([balance(), await owed()]).toEqual([before, booked]);
  });
});

describe('a card', () => {
  it.each([
    ['before the script', SCRIPT, 'before', false],
    ['with the script and before its answer', SCRIPT, 'after', true],
    ['before the second GENERATE AC', /^80AE40/, 'before', false],
    ['with the second GENERATE AC and before its answer', /^80AE40/, 'after', false],
  ] as const)('that leaves %s tells itself what became of it', async (_what, command, when, arrived) => {
    const [before, booked] = [balance(), await owed()];
    card.reset();
    const memory = new VolatileStorage();
    const kept = () => new OnlineStore(memory);
    const torn = await load(counter({}, memory), leaving(command, when));
    const isSent = command === SCRIPT;
    expect(torn).toEqual({ result: 'torn', commit: isSent ? 'unknown' : 'not-sent' });
    expect(balance()).toBe(before + (arrived ? AMOUNT_FEN : 0));
    card.reset();
    expect(await load(counter({}, memory))).toMatchObject({ result: 'loaded', recovered: arrived });
    expect([kept().open, kept().due]).toEqual([[], []]);
    expect([balance(), await owed()]).toEqual([before + AMOUNT_FEN, booked + AMOUNT_FEN]);
  });

  it.each([
    ['with', 'after', AMOUNT_FEN],
    ['without', 'before', 0],
  ] as const)(
    'torn at one counter %s the money, and loaded at another: its log tells the host',
    async (_with, when, torn) => {
      const [before, booked] = [balance(), await owed()];
      card.reset();
      expect(await load(counter(), leaving(SCRIPT, when))).toEqual({ result: 'torn', commit: 'unknown' });
      // the first counter never sees the card again; until somebody tells, the load is believed to have arrived
      expect(await owed()).toBe(booked + AMOUNT_FEN);
      card.reset();
      expect(await load(counter(), card, 200)).toMatchObject({ result: 'loaded', amountFen: 200, recovered: false });
      expect([balance(), await owed()]).toEqual([before + torn + 200, booked + torn + 200]);
    },
  );

  it('on the deny list is not loaded', async () => {
    await site.platform.setPassword('qin-song', 'operator', PASSWORD);
    const clerk = new PlatformApi(site.platform.url);
    await clerk.signIn('qin-song', PASSWORD);
    const entries = [{ cardToken: token, reason: 'lost' }];
    await clerk.post('/api/deny-lists/entries', { id: 'cash-load-000001', why: 'reported', entries });
    expect(await load(counter())).toMatchObject({ result: 'refused', code: '62' });
  });

  it('refuses a script whose MAC is wrong, and the load is taken back', async () => {
    const [before, booked] = [balance(), await owed()];
    card.reset();
    const changed: AsyncCardChannel = {
      transmit: (bytes) => {
        if (!SCRIPT.test(toHex(bytes))) return card.transmit(bytes);
        return card.transmit(Uint8Array.from([...bytes.subarray(0, -1), bytes.at(-1)! ^ 1]));
      },
    };
    expect(await load(counter(), changed)).toMatchObject({
      result: 'refused',
      reason: 'script-refused',
      detail: expect.stringContaining('6988'),
    });
    expect([balance(), await owed()]).toEqual([before, booked]);
  });
});

describe('torn at exchanges and writes of the card', () => {
  it.each(['same-counter', 'other-counter'] as const)(
    'and held to the %s: the books are what is on the card',
    async (again) => {
      const { violations, cutPoints, ends } = await runTornLoads(site, again, { every: 4 });
      expect(violations).toEqual([]);
      expect(cutPoints).toBeGreaterThan(10);
      expect(ends['again']).toBeGreaterThan(3);
    },
  );
});

describe('a business day that is closed', () => {
  interface Listed {
    readonly id: string;
    readonly state: string;
    readonly terminalNo: string;
    readonly businessDate: string;
    readonly explanation: { readonly en: string; readonly zh: string };
  }
  const listed = async (): Promise<Listed[]> =>
    (await site.api.get<{ rows: Listed[] }>('/api/exceptions?reason=load-untold&sort=openedAt')).rows;
  const of = (rows: readonly Listed[], yuan: string) => rows.filter(({ explanation }) => explanation.en.includes(yuan));

  it('lists every load nobody told, once, and takes each off when it is told, by whomever', async () => {
    expect(await load(counter(), card, 301)).toMatchObject({ result: 'loaded' });
    // on the card, and its counter has the card again later
    await takeCard();
    const [atCounter, memory] = [card, new VolatileStorage()];
    expect(await load(counter({}, memory), leaving(SCRIPT, 'after'), 302)).toMatchObject({ result: 'torn' });
    const [open] = new OnlineStore(memory).open;
    // the answer was lost, and so is the line: the reversal waits
    await takeCard();
    const { onlineHost, enrolled } = site.terminals[COUNTER]!;
    const silent = new VolatileStorage();
    // a number that the host does not know yet: its first message is granted
    new OnlineStore(silent).leap(Uint8Array.of(1, 2));
    let isLost = false;
    const lost: Partial<OnlineHost> = {
      send: async (frame) => {
        if (!isLost) await onlineHost.send(frame);
        isLost = true;
        throw new Error('no answer');
      },
    };
    expect(await load(counter(lost, silent), card, 303)).toMatchObject({ reason: 'host-silent' });
    // never on the card, which goes to another counter later
    await takeCard();
    const elsewhere = card;
    expect(await load(counter(), leaving(SCRIPT, 'before'), 304)).toMatchObject({ result: 'torn' });
    // never comes back
    await takeCard();
    expect(await load(counter(), leaving(SCRIPT, 'after'), 305)).toMatchObject({ result: 'torn' });

    expect(await listed()).toEqual([]);
    const [{ businessDate }] = await site.api.get<[{ businessDate: string }]>('/api/settlement');
    const close = () => site.api.post(`/api/settlement/${businessDate}/close`, {});
    await close();
    const first = await listed();
    expect(first.map(({ state }) => state)).toEqual(['open', 'open', 'open', 'open']);
    expect(['¥3.01', '¥3.02', '¥3.03', '¥3.04', '¥3.05'].map((yuan) => of(first, yuan).length)).toEqual([
      0, 1, 1, 1, 1,
    ]);
    const { terminalNo } = enrolled;
    const traceNo = Number(open!.request.fields[11]);
    for (const words of [`terminal ${terminalNo}`, `trace ${traceNo}`, 'load the card again at any counter'])
      expect(of(first, '¥3.02')[0]!.explanation.en).toContain(words);
    for (const words of [`终端 ${terminalNo}`, `流水号 ${traceNo}`, '圈存 ¥3.02', '再次圈存'])
      expect(of(first, '¥3.02')[0]!.explanation.zh).toContain(words);
    await close();
    expect(await listed()).toEqual(first);

    const booked = await owed();
    card = atCounter;
    expect(await load(counter({}, memory), card, 302)).toMatchObject({ result: 'loaded', recovered: true });
    await counter({}, silent).sendDue();
    card = elsewhere;
    expect(await load(counter(), card, 306)).toMatchObject({ result: 'loaded', recovered: false });
    const last = await listed();
    expect(last.map(({ id }) => id)).toEqual(first.map(({ id }) => id));
    const end = (yuan: string) => [of(last, yuan)[0]!.state, of(last, yuan)[0]!.explanation.en.split('. ').at(-1)];
    expect(end('¥3.02')).toEqual(['resolved', 'Resolved: the card took it, the load stands']);
    for (const yuan of ['¥3.03', '¥3.04'])
      expect(end(yuan)).toEqual(['resolved', 'Resolved: the card did not take it, the load is taken back']);
    expect(of(last, '¥3.05')).toEqual(of(first, '¥3.05'));
    expect((await owed()) - booked).toBe(306 - 303 - 304);
  });
});
