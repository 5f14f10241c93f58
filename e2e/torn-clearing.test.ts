/** Torn taps that a gate gave up end known on the platform: by their card's return, by a counter, by its next tap. */
import type { CardChannel } from '@polycard/bytes';
import { PolycardError, toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import type { TapRequest } from '@polycard/terminal';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUS, COUNTER, ENTRY_GATE, EXIT_GATE, openSmallSite, type SmallSite } from './small-site.ts';

let site: SmallSite;
let nowMs = 0;
beforeAll(async () => {
  site = await openSmallSite({ cards: 4, seed: 'torn-clearing', nowMs: () => nowMs });
}, 120_000);
afterAll(() => site?.close());

const DAY = '20180901';
const RIDE: TapRequest = { kind: 'boarding', at: `${DAY}120000`, declaredBaseFen: 200 };
const T2_MS = 60_001;

interface Exception {
  readonly reason: string;
  readonly state: string;
  readonly explanation: { readonly en: string; readonly zh: string };
  readonly tap?: { readonly id: string; readonly state: string };
}

function cardAt(index: number): VirtualCard {
  return VirtualCard.restore(site.cards[index]!.snapshot, { random: seededRandom(`torn ${index}`) });
}

/** The answer to the last READ RECORD of the AFL is lost, or the command itself. */
function losingTheCommit(card: VirtualCard, when: 'before' | 'after'): CardChannel {
  let updated = false;
  return {
    transmit: (command) => {
      const ins = command[1]!;
      if (ins === 0xde) updated = true;
      const isLast = updated && ins === 0xb2 && toHex(command.subarray(2, 4)) === '031C';
      const lost = (): never => {
        throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
      };
      if (isLast && when === 'before') lost();
      const response = card.transmit(command);
      return isLast ? lost() : response;
    },
  };
}

function accept(terminal: number, card: CardChannel, request: TapRequest): void {
  const outcome = site.terminals[terminal]!.tap(card, request);
  if (outcome.result !== 'accepted') throw new Error(`${request.kind} was ${JSON.stringify(outcome).slice(0, 300)}`);
}

function tear(terminal: number, card: VirtualCard, when: 'before' | 'after', request: TapRequest): void {
  expect(site.terminals[terminal]!.tap(losingTheCommit(card, when), request)).toMatchObject({
    result: 'torn',
    commit: 'unknown',
  });
  card.reset();
}

/** Uploads everything and waits until nothing is to be cleared. */
async function clear(): Promise<void> {
  for (const terminal of site.terminals) await terminal.upload();
  for (;;) {
    const { taps } = await site.api.get<{ taps: { received: number } }>('/api/clearing');
    if (taps.received === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function tornOnes(): Promise<Exception[]> {
  const { rows } = await site.api.get<{ rows: Exception[] }>('/api/exceptions?reason=torn&pageSize=100');
  return rows;
}

async function postings(): Promise<number> {
  const { ledger } = await site.api.get<{ ledger: { sumFen: number; postings: number } }>('/api/clearing');
  expect(ledger.sumFen).toBe(0);
  return ledger.postings;
}

it('a card that comes back after T2 is let through without paying again, and is posted once', async () => {
  const card = cardAt(0);
  tear(BUS, card, 'after', RIDE);
  nowMs += T2_MS;
  await clear();
  expect((await tornOnes()).map(({ state }) => state)).toEqual(['open']);
  const before = await postings();
  expect(site.terminals[BUS]!.tap(card, { ...RIDE, at: `${DAY}120200` })).toMatchObject({
    result: 'accepted',
    recovered: true,
  });
  await clear();
  const [torn] = await tornOnes();
  expect(torn).toMatchObject({ state: 'resolved' });
  expect(torn!.explanation.en).toMatch(/it was paid, the card came back/);
  expect(await postings()).toBeGreaterThan(before);
});

it('a card that was not charged says so with its next tap there', async () => {
  const card = cardAt(1);
  tear(BUS, card, 'before', RIDE);
  nowMs += T2_MS;
  await clear();
  accept(BUS, card, { ...RIDE, at: `${DAY}120300` });
  await clear();
  const torn = (await tornOnes()).filter(({ state }) => state === 'resolved');
  expect(torn.map(({ explanation }) => explanation.en).join()).toMatch(/nothing was paid, as the card proved/);
  expect(await tornOnes()).toHaveLength(2);
});

it('an exit torn with the money gone is proved at a counter and posted', async () => {
  const card = cardAt(2);
  accept(ENTRY_GATE, card, { kind: 'entry', at: `${DAY}130000` });
  card.reset();
  tear(EXIT_GATE, card, 'after', { kind: 'exit', at: `${DAY}133000` });
  nowMs += T2_MS;
  await clear();
  const before = await postings();
  expect(site.terminals[EXIT_GATE]!.terminal!.journal.late).toHaveLength(1);
  accept(COUNTER, card, { kind: 'counter', at: `${DAY}133500`, asksProof: true });
  await clear();
  await clear();
  const open = (await tornOnes()).filter(({ state }) => state === 'open');
  expect(open).toEqual([]);
  expect(await postings()).toBeGreaterThan(before);
});

it('a torn ride of a card that never came back is known by the balance at its next tap', async () => {
  const card = cardAt(3);
  accept(BUS, card, { ...RIDE, at: `${DAY}080000` });
  card.reset();
  tear(BUS, card, 'after', { ...RIDE, at: `${DAY}150000` });
  nowMs += T2_MS + 600_001;
  await clear();
  accept(ENTRY_GATE, card, { kind: 'entry', at: `${DAY}151000` });
  await clear();
  await clear();
  const torn = await tornOnes();
  expect(torn.filter(({ state }) => state === 'open')).toEqual([]);
  expect(torn.map(({ explanation }) => explanation.en).join()).toMatch(/it was paid, as the balance at its next tap/);
});
