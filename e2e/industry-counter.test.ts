/** Industry applications opened over real TCP at a counter that is on the line: by the vault's commands, once, and told. */
import {
  type AsyncCardChannel,
  type CardChannel,
  encodeCommand,
  fromHex,
  PolycardError,
  parseResponse,
  toHex,
} from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { Bureau, type IssuedCard, PlatformApi } from '@polycard/fleet';
import { readBlueprint } from '@polycard/platform';
import { IndustryCounter, type OnlineHost, OnlineStore, VolatileStorage } from '@polycard/terminal';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { COUNTER, ENTRY_GATE, GUANGDONG, openSmallSite, type SmallSite } from './small-site.ts';

const AT = '20180901093000';
const ACTIVATE = /^8444/;
const WATER = fromHex('F0474449431001');
const PASSWORD = 'industry-counter';
const random = seededRandom('industry-counter');
let site: SmallSite;
let issued: readonly IssuedCard[];
let card: VirtualCard;
let token: string;
let nextCard = 0;

beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'industry-counter' });
  const bureau = new Bureau(site.bureau, site.cardZone, random, readBlueprint(GUANGDONG).cards.profile.cardRsaBits);
  const citizen = { product: 'citizen-lingnan', homeCity: '5840', classes: {} };
  issued = await bureau.issue(
    Array.from({ length: 11 }, () => citizen),
    () => undefined,
  );
}, 180_000);
afterAll(() => site?.close());
beforeEach(() => {
  const next = issued[nextCard++]!;
  ({ token } = next);
  card = VirtualCard.restore(next.snapshot, { random });
});

const counter = (changes: Partial<OnlineHost> = {}, store = new OnlineStore(new VolatileStorage()), at = COUNTER) =>
  new IndustryCounter({
    host: { ...site.terminals[at]!.onlineHost, ...changes },
    store,
    aids: [fromHex('A000000333')],
  });

const visit = (channel: AsyncCardChannel = card) => ({ channel, at: AT });

/** DF61 of the application's FCI. */
function stateOnCard(): string {
  card.reset();
  const answer = card.transmit(encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: WATER, le: 256 }));
  return /DF6101(..)/.exec(toHex(parseResponse(answer).data))?.[1] ?? '';
}

async function stateAtHost(): Promise<string | undefined> {
  card.reset();
  const found = await counter().inquire(visit(), 'water');
  return found.result === 'found' ? found.applications[0]?.state : found.result;
}

describe('an industry application', () => {
  it('is opened by the finished commands of the vault; platform, card and audit know it', async () => {
    expect([stateOnCard(), await stateAtHost()]).toEqual(['00', 'dormant']);
    card.reset();
    expect(await counter().activate(visit(), 'water')).toMatchObject({
      ...{ result: 'activated', application: 'water', recovered: false, isReported: true },
    });
    expect([stateOnCard(), await stateAtHost()]).toEqual(['01', 'active']);
    card.reset();
    expect(await counter().activate(visit(), 'water')).toMatchObject({ result: 'refused', reason: 'already-open' });
  });

  it('shows in the last messages of its terminal by names, without the keys on their way', async () => {
    await counter().activate(visit(), 'water');
    const { terminalNo } = site.terminals[COUNTER]!.enrolled;
    const shown = await site.api.get<{ mti: string; name: { en: string }; fields: { field: string; hex: string }[] }[]>(
      `/api/terminals/${terminalNo}/messages`,
    );
    expect(shown.map(({ name }) => name.en)).toContain('Industry activation');
    const commands = shown.flatMap(({ fields }) => fields.filter(({ field }) => field === 'F57.DF46'));
    expect(commands.length).toBeGreaterThan(0);
    for (const { hex } of commands) expect(hex).toMatch(/^(00)+$/);
    expect(JSON.stringify(shown)).not.toMatch(/621444\d{6,}/);
  });

  it('is named with its state, and all of the card with theirs', async () => {
    const found = await counter().inquire(visit());
    expect(found).toMatchObject({ result: 'found' });
    const states =
      found.result === 'found' ? found.applications.map(({ application, state }) => [application, state]) : [];
    expect(states).toEqual([
      ...['metro', 'bus', 'transit'].map((name) => [name, 'open']),
      ...['water', 'electricity', 'gas', 'health', 'traffic'].map((name) => [name, 'dormant']),
    ]);
    expect(JSON.stringify(found)).toContain('F0474449431001');
  });

  it('is refused by name: not on the card, unknown, open from issue, at a gate, of a listed card', async () => {
    expect(await counter().activate(visit(), 'metro')).toMatchObject({ result: 'refused', reason: 'already-open' });
    card.reset();
    expect(await counter().activate(visit(), 'parking')).toMatchObject({ result: 'refused', reason: 'no-application' });
    card.reset();
    expect(await counter({}, undefined, ENTRY_GATE).activate(visit(), 'water')).toMatchObject({
      ...{ result: 'refused', code: '58' },
    });
    const ordinary = VirtualCard.restore(site.cards[0]!.snapshot, { random });
    expect(await counter().activate(visit(ordinary), 'water')).toMatchObject({
      ...{ result: 'refused', reason: 'no-application' },
    });
    await site.platform.setPassword('qin-song', 'operator', PASSWORD);
    const clerk = new PlatformApi(site.platform.url);
    await clerk.signIn('qin-song', PASSWORD);
    const entries = [{ cardToken: token, reason: 'lost' }];
    await clerk.post('/api/deny-lists/entries', { id: 'industry-000001', why: 'reported', entries });
    card.reset();
    expect(await counter().activate(visit(), 'water')).toMatchObject({ result: 'refused', code: '62' });
    expect(stateOnCard()).toBe('00');
  });

  it.each(['before', 'after'] as const)(
    'torn %s ACTIVATE: held to the counter again it is open, and known',
    async (when) => {
      const store = new OnlineStore(new VolatileStorage());
      const leaving: AsyncCardChannel = {
        transmit(command) {
          if (!ACTIVATE.test(toHex(command))) return card.transmit(command);
          if (when === 'after') card.transmit(command);
          card.reset();
          throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
        },
      };
      expect(await counter({}, store).activate(visit(leaving), 'water')).toEqual({ result: 'torn' });
      expect([stateOnCard(), await stateAtHost()]).toEqual([when === 'after' ? '01' : '00', 'dormant']);
      card.reset();
      const again = await counter({}, store).activate(visit(), 'water');
      expect(again).toMatchObject({ result: 'activated', recovered: when === 'after', isReported: true });
      expect([stateOnCard(), await stateAtHost()]).toEqual(['01', 'active']);
    },
  );

  it('stays told when the line is lost after the card took its keys', async () => {
    const { send } = site.terminals[COUNTER]!.onlineHost;
    const memory = new VolatileStorage();
    let isLost = false;
    const channel: AsyncCardChannel = {
      transmit: (command) => {
        isLost ||= ACTIVATE.test(toHex(command));
        return card.transmit(command);
      },
    };
    const losing = counter(
      { send: (frame) => (isLost ? Promise.reject(new Error('no answer')) : send(frame)) },
      new OnlineStore(memory),
    );
    expect(await losing.activate(visit(channel), 'water')).toMatchObject({ result: 'activated', isReported: false });
    expect([stateOnCard(), await stateAtHost()]).toEqual(['01', 'dormant']);
    // the same memory after a restart: what is due goes before anything new
    card.reset();
    expect(await counter({}, new OnlineStore(memory)).activate(visit(), 'water')).toMatchObject({
      ...{ result: 'refused', reason: 'already-open' },
    });
    expect(await stateAtHost()).toBe('active');
  });
});

describe('an industry record', () => {
  const set = (
    change: Record<string, string>,
    channel: CardChannel = card,
    store = new OnlineStore(new VolatileStorage()),
  ) => {
    const { configuration, parameters } = site.terminals[COUNTER]!.terminal!;
    const request = { application: 'metro', record: parameters.records.metro, change, at: AT };
    return counter({}, store).update(channel, request, { configuration, random });
  };
  const enters = () => {
    card.reset();
    return site.terminals[ENTRY_GATE]!.tap(card, { kind: 'entry', at: AT });
  };

  it('is rewritten by a command of the vault, within one transaction; a gate obeys it', async () => {
    expect(await set({ lock: '01' })).toMatchObject({
      ...{ result: 'updated', application: 'metro', recovered: false, isReported: true },
    });
    expect(enters()).toMatchObject({ result: 'refused', reason: 'record-locked' });
    card.reset();
    expect(await set({ lock: '00' })).toMatchObject({ result: 'updated', recovered: false });
    card.reset();
    expect(await set({ lock: '00' })).toMatchObject({ result: 'updated', recovered: true, isReported: true });
    expect(enters()).toMatchObject({ result: 'accepted' });
  });

  it('keeps what its issue settled, and is refused at a gate', async () => {
    expect(await set({ cardClass: '02' })).toMatchObject({ result: 'refused', code: '57' });
    const { configuration, parameters } = site.terminals[ENTRY_GATE]!.terminal!;
    const request = { application: 'metro', record: parameters.records.metro, change: { lock: '01' }, at: AT };
    card.reset();
    const gate = counter({}, undefined, ENTRY_GATE);
    expect(await gate.update(card, request, { configuration, random })).toMatchObject({
      result: 'refused',
      code: '58',
    });
    expect(enters()).toMatchObject({ result: 'accepted' });
  });

  it('torn at any exchange is as it was or as it shall be, and ends told', async () => {
    let exchanges = 0;
    const whole = card.snapshot();
    for (let cut = 0; ; cut++) {
      card = VirtualCard.restore(whole, { random });
      let sent = 0;
      const cutting: CardChannel = {
        transmit: (command) => {
          const answer = card.transmit(command);
          if (sent++ !== cut) return answer;
          card.reset();
          throw new PolycardError('POLYCARD_CHANNEL_CARD_LOST', 'the card left the field');
        },
      };
      const store = new OnlineStore(new VolatileStorage());
      const first = await set({ lock: '01' }, cutting, store);
      if (first.result !== 'torn') break;
      exchanges++;
      card.reset();
      expect(await set({ lock: '01' }, card, store), `cut ${cut}`).toMatchObject({
        result: 'updated',
        isReported: true,
      });
      expect(store.due).toEqual([]);
      expect(enters(), `cut ${cut}`).toMatchObject({ result: 'refused', reason: 'record-locked' });
    }
    expect(exchanges).toBeGreaterThan(5);
  });
});
