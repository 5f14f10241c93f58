/** Industry file applications on a card of the platform: dormant as issued, opened at a counter, never twice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileApplications } from '@polycard/blueprint';
import { encodeCommand, fromHex, parseResponse, toHex } from '@polycard/bytes';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { Bureau, type IssuedCard, openApplications, PlatformApi } from '@polycard/fleet';
import { type RunningPlatform, readBlueprint, startPlatform } from '@polycard/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GUANGDONG } from './small-site.ts';

const PRODUCT = 'citizen-lingnan';
const blueprint = readBlueprint(GUANGDONG);
const APPLICATIONS = fileApplications(blueprint).map(({ application, aid }) => ({ application, aid: fromHex(aid) }));
const [WATER] = APPLICATIONS.filter(({ application }) => application === 'water');

let directory: string;
let platform: RunningPlatform;
let bureau: PlatformApi;
let issued: IssuedCard;

const random = seededRandom('activation-test');
const cardInHand = (): VirtualCard => VirtualCard.restore(issued.snapshot, { random });
const select = (card: VirtualCard, aid: Uint8Array): string =>
  toHex(parseResponse(card.transmit(encodeCommand({ cla: 0, ins: 0xa4, p1: 4, p2: 0, data: aid, le: 256 }))).data);
/** DF61 of the FCI. */
const stateOf = (card: VirtualCard, aid: Uint8Array): string => /DF6101(..)/.exec(select(card, aid))?.[1] ?? '';
const send = (card: VirtualCard, command: string): string => toHex(card.transmit(fromHex(command))).slice(-4);
const challengeOf = (card: VirtualCard): string => toHex(parseResponse(card.transmit(fromHex('0084000008'))).data);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-activation-'));
  platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: 'test', logLevel: 'silent', simulationSeed: 'activation' },
  });
  await platform.setFleetPassword('activation');
  bureau = new PlatformApi(platform.url);
  await bureau.signIn('fleet-bureau', 'activation');
  const zone = await bureau.openZone('bench', 'cards', random);
  const cards = new Bureau(bureau, zone, random, blueprint.cards.profile.cardRsaBits);
  const order = { product: PRODUCT, homeCity: blueprint.manifest.cities[0]!.code, classes: {} };
  [issued] = (await cards.issue([order], () => undefined)) as [IssuedCard];
}, 180_000);
afterAll(async () => {
  await platform?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('industry file applications of a card', () => {
  it('are on it as issued, dormant, with a serial of their own', () => {
    const card = cardInHand();
    for (const { aid } of APPLICATIONS) {
      expect(stateOf(card, aid)).toBe('00');
      expect(select(card, aid)).toMatch(/DF630A5810[0-9]{16}/);
    }
  });

  it('a command made for one challenge is refused by the card under another', async () => {
    const card = cardInHand();
    select(card, WATER!.aid);
    const challenge = challengeOf(card);
    const request = { cardToken: issued.token, application: 'water', part: 1, challenge };
    const { command } = await bureau.post<{ command: string }>('/api/activation/commands', request);
    challengeOf(card);
    expect(send(card, command)).toBe('6988');
    expect(stateOf(card, WATER!.aid)).toBe('00');
  });

  it.each([
    ['an application the blueprint does not have', { application: 'parking' }, 'POLYCARD_APPLICATION_UNKNOWN'],
    ['a card nobody knows', { cardToken: '0123456789ABCDEF' }, 'POLYCARD_CARD_UNKNOWN'],
    ['a part that is not there', { part: 9 }, 'POLYCARD_API_INPUT'],
    ['a challenge of another length', { challenge: '00' }, 'POLYCARD_API_INPUT'],
  ])('%s is refused by name', async (_what, changes, code) => {
    const request = { cardToken: issued.token, application: 'water', part: 1, challenge: '00'.repeat(8), ...changes };
    await expect(bureau.post('/api/activation/commands', request)).rejects.toMatchObject({ code });
  });

  it('are not opened by who has no activation right, and the refusal names the permission', async () => {
    const terminals = new PlatformApi(platform.url);
    await terminals.signIn('fleet', 'activation');
    const request = { cardToken: issued.token, application: 'water', part: 1, challenge: '00'.repeat(8) };
    await expect(terminals.post('/api/activation/commands', request)).rejects.toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
      message: expect.stringContaining('keys.activation.use'),
    });
  });

  it('are opened one after another with the check values the vault stated, and the platform knows it', async () => {
    const card = cardInHand();
    await openApplications(bureau, card, issued.token, APPLICATIONS);
    for (const { aid } of APPLICATIONS) expect(stateOf(card, aid)).toBe('01');
    const request = { cardToken: issued.token, application: 'water', part: 1, challenge: '00'.repeat(8) };
    await expect(bureau.post('/api/activation/commands', request)).rejects.toMatchObject({
      code: 'POLYCARD_ACTIVATION_STATE',
    });
  });
});
