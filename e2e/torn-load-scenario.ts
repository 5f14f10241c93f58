/**
 * Loads of electronic cash torn at every exchange and every write of the card, over real TCP with the platform's issuer:
 * held to the same counter again, which kept what it did, or to another, which knows nothing. What came onto the card is
 * what the books say; at the same counter it is one load, asked for twice.
 */
import { fromHex, toHex } from '@polycard/bytes';
import type { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import {
  CashLoadCounter,
  type DockedTerminal,
  type OnlineHost,
  OnlineStore,
  type TerminalStorage,
  VolatileStorage,
} from '@polycard/terminal';
import {
  CutChannel,
  type CutPoint,
  cutPoints,
  nameOf,
  restored,
  takeAway,
} from '../packages/terminal/test/torn/cuts.ts';
import { BUS, COUNTER, type SmallSite } from './small-site.ts';

export const AT = '20180901093000';
const AMOUNT_FEN = 1;
const FARE_FEN = 2_000;
const AIDS = [fromHex('A000000333')];

/** Each begins with numbers of its own. */
let counters = 0;

/** A counter of the site; a memory may be given to another, as after a restart. */
export function counterOf(
  docked: DockedTerminal,
  changes: Partial<OnlineHost> = {},
  storage: TerminalStorage = new VolatileStorage(),
): { readonly counter: CashLoadCounter; readonly store: OnlineStore } {
  const { capabilities, terminalType, country, currency } = docked.terminal!.configuration;
  const nothing = new Uint8Array(5);
  const store = new OnlineStore(storage);
  const counter = new CashLoadCounter({
    host: { ...docked.onlineHost, ...changes },
    ...{ store, random: seededRandom(`counter ${++counters}`), serialNo: docked.enrolled.terminalNo },
    configuration: {
      ...{ capabilities, terminalType, country, currency, applicationVersion: fromHex('0030'), floorLimitFen: 0 },
      ...{ aids: AIDS, actionCodes: { denial: nothing, online: nothing, default: nothing } },
      caKeys: docked.terminal!.parameters.caKeys,
    },
  });
  return { counter, store };
}

export function cashOf(card: VirtualCard): number {
  card.reset();
  card.transmit(fromHex('00A4040008A00000033301010100'));
  const answer = toHex(card.transmit(fromHex('80CA9F7900')));
  card.reset();
  return Number(/^9F7906(\d{12})9000$/.exec(answer)![1]);
}

/** What operators of counters owe issuers, fen. Throws when the postings of a day do not sum to zero. */
export async function owedByCounters({ api }: Pick<SmallSite, 'api'>): Promise<number> {
  let sum = 0;
  for (const { businessDate, sumFen } of await api.get<{ businessDate: string; sumFen: number }[]>('/api/settlement')) {
    if (sumFen !== 0) throw new Error(`the postings of ${businessDate} sum to ${sumFen}`);
    const day = await api.get<{ accounts: { account: string; balanceFen: number }[] }>(
      `/api/settlement/${businessDate}`,
    );
    for (const { account, balanceFen } of day.accounts) if (account.endsWith(':load-cash')) sum -= balanceFen;
  }
  return sum;
}

export interface TornLoads {
  readonly exchanges: number;
  readonly writes: number;
  readonly cutPoints: number;
  readonly ends: Readonly<Record<string, number>>;
  readonly violations: readonly string[];
}

/** Every n-th cut point is tried, all of them unless given; a counter that `forgets` has lost its memory. */
export async function runTornLoads(
  site: SmallSite,
  again: 'same-counter' | 'other-counter',
  options: { readonly every?: number; readonly forgets?: boolean } = {},
): Promise<TornLoads> {
  const docked = site.terminals[COUNTER]!;
  let card = restored(site.cards[again === 'same-counter' ? 0 : 1]!.snapshot);
  const bus = site.terminals[BUS]!;
  bus.tap(card, { kind: 'boarding', at: AT, declaredBaseFen: FARE_FEN });
  takeAway(card);
  await bus.upload();
  const load = { amountFen: AMOUNT_FEN, at: AT };
  card = restored(card.snapshot());
  card.powerCut = () => false;
  const undisturbed = new CutChannel(card, undefined);
  const whole = await counterOf(docked).counter.load(undisturbed, load);
  if (whole.result !== 'loaded') throw new Error(`the undisturbed load was ${whole.result}`);
  const [exchanges, writes] = [undisturbed.exchanges, card.physicalWrites];
  takeAway(card);
  const ends: Record<string, number> = {};
  const violations: string[] = [];
  const points = cutPoints(exchanges, writes).filter((_, index) => index % (options.every ?? 1) === 0);
  for (const cut of points) {
    card = restored(card.snapshot());
    const { end, wrong } = await tornLoad(site, card, cut, again, options.forgets === true);
    ends[end] = (ends[end] ?? 0) + 1;
    violations.push(...wrong.map((what) => `electronic cash, ${again}: ${nameOf(cut)}: ${what}`));
  }
  return { exchanges, writes, cutPoints: points.length, ends, violations };
}

async function tornLoad(
  site: SmallSite,
  card: VirtualCard,
  cut: CutPoint,
  again: 'same-counter' | 'other-counter',
  forgets: boolean,
) {
  const docked = site.terminals[COUNTER]!;
  const [before, booked] = [cashOf(card), await owedByCounters(site)];
  const memory = new VolatileStorage();
  const load = { amountFen: AMOUNT_FEN, at: AT };
  const first = await counterOf(docked, {}, memory).counter.load(new CutChannel(card, cut), load);
  takeAway(card);
  const wrong: string[] = [];
  let end = 'whole';
  if (first.result !== 'loaded') {
    if (first.result !== 'torn') wrong.push(`it was ${first.result} (${first.detail}) instead of torn`);
    // the same counter has its memory, as after a loss of power; another has none
    const { counter, store } = counterOf(
      docked,
      {},
      again === 'same-counter' && !forgets ? memory : new VolatileStorage(),
    );
    const second = await counter.load(card, load);
    takeAway(card);
    if (second.result !== 'loaded') wrong.push(`the second try was ${second.result}`);
    if (store.open.length + store.due.length > 0) wrong.push('something stays open at the counter');
    end = second.result === 'loaded' && second.recovered ? 'told by the card' : 'again';
    // a counter that is asked nothing any more still owes the host its reversals
    if (again === 'other-counter') await counterOf(docked, {}, memory).counter.sendDue();
  }
  const [gained, posted] = [cashOf(card) - before, (await owedByCounters(site)) - booked];
  if (gained !== posted) wrong.push(`the card got ${gained} fen, the books say ${posted}`);
  if (again === 'same-counter' && gained !== AMOUNT_FEN) wrong.push(`the card got ${gained} fen instead of one load`);
  return { end, wrong };
}
