/** Operating modes over the whole path: ordered on the platform, downloaded, tapped under, cleared by the same rules. */
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { type DockingModule, ModeOrders, type TapRequest, VolatileStorage } from '@polycard/terminal';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENTRY_GATE, EXIT_GATE, openSmallSite, type SmallSite } from './small-site.ts';

let site: SmallSite;
let operator: PlatformApi;
beforeAll(async () => {
  site = await openSmallSite({ cards: 3, seed: 'operating-modes' });
  operator = new PlatformApi(site.platform.url);
  const { password } = site.platform.firstAccounts.find(({ name }) => name === 'operator')!;
  await operator.signIn('operator', password);
}, 120_000);
afterAll(() => site?.close());

const DAY = '2018-09-01';
const local = (time: string): string => `${DAY.replaceAll('-', '')}${time}00`;

interface Exception {
  readonly reason: string;
  readonly explanation: { readonly en: string };
}

async function clear(): Promise<Exception[]> {
  for (const terminal of site.terminals) await terminal.upload();
  for (;;) {
    const { taps } = await site.api.get<{ taps: { received: number } }>('/api/clearing');
    if (taps.received === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return (await site.api.get<{ rows: Exception[] }>('/api/exceptions?pageSize=100')).rows;
}

function accept(terminal: number, card: VirtualCard, request: TapRequest) {
  const outcome = site.terminals[terminal]!.tap(card, request);
  card.reset();
  if (outcome.result !== 'accepted') throw new Error(`${request.kind} was ${JSON.stringify(outcome).slice(0, 200)}`);
  return outcome.entry;
}

/** The orders as the exit gate's module has them after asking the host. */
async function download(modes: ModeOrders): Promise<void> {
  const terminal = site.terminals[EXIT_GATE]!;
  await terminal.signIn();
  await terminal.runModules([modes as DockingModule]);
  terminal.hangUp();
  terminal.terminal!.modeOrders = modes.orders;
}

const cardAt = (index: number): VirtualCard =>
  VirtualCard.restore(site.cards[index]!.snapshot, { random: seededRandom(`modes ${index}`) });

it('a fare waived by order is free at the gate and cleared as free; one that nobody ordered is an exception', async () => {
  const order = { place: '0115', modes: ['fare-waived'], from: `${DAY}T08:00:00`, reason: 'jubilee' };
  const { id } = await operator.post<{ id: string }>('/api/mode-orders', order);
  const modes = new ModeOrders();
  modes.restore(new VolatileStorage());
  await download(modes);
  expect(modes.orders).toMatchObject([{ id, place: '0115', modes: ['fare-waived'] }]);
  const card = cardAt(0);
  accept(ENTRY_GATE, card, { kind: 'entry', at: local('0830') });
  expect(accept(EXIT_GATE, card, { kind: 'exit', at: local('0900') }).amountFen).toBe(0);
  expect(await clear()).toEqual([]);

  await operator.post(`/api/mode-orders/${id}/end`, { to: `${DAY}T09:30:00` });
  const second = cardAt(1);
  accept(ENTRY_GATE, second, { kind: 'entry', at: local('0930') });
  // the gate did not hear of the end: its tap says what it did, and clearing names it
  expect(accept(EXIT_GATE, second, { kind: 'exit', at: local('1000') }).amountFen).toBe(0);
  const exceptions = await clear();
  expect(exceptions.map(({ reason }) => reason)).toEqual(['fare']);
  expect(exceptions[0]!.explanation.en).toMatch(/nobody ordered fare-waived for station 0115/);
});

it('orders that cannot stand together, or for no station, are refused by name; accounts without the right may not', async () => {
  await operator.post('/api/mode-orders', {
    ...{ place: '0111', modes: ['emergency'], from: `${DAY}T10:00:00`, reason: 'smoke' },
  });
  const order = { place: '0111', modes: ['fare-waived'], from: `${DAY}T10:05:00`, reason: 'late' };
  await expect(operator.post('/api/mode-orders', order)).rejects.toMatchObject({ code: 'POLYCARD_MODE_ORDER' });
  await expect(operator.post('/api/mode-orders', { ...order, place: '9999' })).rejects.toMatchObject({
    code: 'POLYCARD_MODE_ORDER',
  });
  await expect(site.api.post('/api/mode-orders', { ...order, place: '0115' })).rejects.toMatchObject({
    code: 'POLYCARD_SESSION_FORBIDDEN',
  });
});
