/** Keys exchanged end to end: a zone from components, a package that others approve, its receipt, imports refused by name. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toHex, xor } from '@polycard/bytes';
import { checkValue, encryptBlocks, seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { type RunningPlatform, startPlatform } from '@polycard/platform';
import type { KeyPackage, KeyReceipt } from '@polycard/vault';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sealPackage } from '../packages/vault/src/exchange/key-package.ts';
import { polycard } from './polycard-command.ts';
import { GUANGDONG } from './small-site.ts';

const CUSTODIANS = ['zheng-yi', 'wang-bo', 'feng-xue'] as const;
const EXPORTED = 'bus-management/5840FFFFFFFFFFFF.0200000000000000';
const LABEL = 'bus-management:5840FFFFFFFFFFFF:0200000000000000';
const PASSWORD = 'key-exchange-test';

const random = seededRandom('components');
const components = [random(16), random(16), random(16)];
const zoneKey = components.reduce((sum, part) => Uint8Array.from(xor(sum, part)), new Uint8Array(16));

let directory: string;
let platform: RunningPlatform;
const people = new Map<string, PlatformApi>();

async function as(name: string): Promise<PlatformApi> {
  let api = people.get(name);
  if (api === undefined) {
    await platform.setPassword(name, 'person', PASSWORD);
    api = new PlatformApi(platform.url);
    await api.signIn(name, PASSWORD);
    people.set(name, api);
  }
  return api;
}
const enter = async (who: string, zone: string, component: Uint8Array, check = toHex(checkValue('3DES', component))) =>
  (await as(who)).post<{ state: string; checkValue?: string }>(`/api/exchanges/zones/${zone}/components`, {
    ...{ component: toHex(component), checkValue: check },
  });
async function request(who: string, act: string, subject: string, parameters: Record<string, string>) {
  return (await as(who)).post<{ id: string; state: string; outcome: string; effect: { en: string; zh: string } }>(
    '/api/approvals',
    { id: randomUUID(), act, subject, why: 'lines that two provinces share', parameters },
  );
}
async function approve(id: string, ...names: string[]) {
  let last: { state: string; outcome: string } | undefined;
  for (const name of names)
    last = await (await as(name)).post(`/api/approvals/${id}/decisions`, { verdict: 'approved', why: 'seen' });
  return last!;
}
const document = async (id: string): Promise<string> =>
  (await (await as('zheng-yi')).get<{ text: string }>(`/api/exchanges/${id}/document`)).text;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'polycard-exchange-'));
  platform = await startPlatform({
    ...{ dataDirectory: directory, blueprintDirectory: GUANGDONG, host: '127.0.0.1', port: 0, gatewayPort: 0 },
    ...{ version: 'test', logLevel: 'silent', simulationSeed: 'exchange' },
  });
}, 300_000);
afterAll(async () => {
  await platform?.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a zone key from components', () => {
  it('is entered by different people who hold shares of that tree', async () => {
    const zone = { zoneId: 'hunan', counterpart: 'Hunan', tree: 'management', algorithm: '3DES', components: 3 };
    await expect((await as('zhao-lei')).post('/api/exchanges/zones', zone)).rejects.toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
    });
    await (await as('zheng-yi')).post('/api/exchanges/zones', zone);
    await expect(enter('zhao-lei', 'hunan', components[0]!)).rejects.toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
    });
    await enter('zheng-yi', 'hunan', components[0]!);
    await expect(enter('zheng-yi', 'hunan', components[1]!)).rejects.toMatchObject({ code: 'POLYCARD_EXCHANGE_TWICE' });
  });

  it('names who entered a wrong component, and begins again', async () => {
    await enter('wang-bo', 'hunan', components[1]!, '000000');
    await expect(enter('feng-xue', 'hunan', components[2]!)).rejects.toThrow(/component 2.*entered by wang-bo/);
    let zone: { state: string; checkValue?: string } | undefined;
    for (const [index, who] of CUSTODIANS.entries()) zone = await enter(who, 'hunan', components[index]!);
    expect(zone).toMatchObject({ state: 'active', checkValue: toHex(checkValue('3DES', zoneKey)) });
  });
});

describe('keys handed over', () => {
  let keyPackage: KeyPackage;
  let exported: string;

  it('need two approvals of their half, and say in words who gets what', async () => {
    const refused = (who: string, act: string, subject: string, parameters: Record<string, string>) =>
      expect(request(who, act, subject, parameters)).rejects;
    const parameters = { zone: 'hunan', form: 'X9.143-B', receiver: 'Hunan' };
    await refused('zheng-yi', 'keys.management.export', 'bus-management', parameters).toMatchObject({
      code: 'POLYCARD_VAULT_EXPORT',
    });
    await refused(
      'zhao-lei',
      'keys.activation.export',
      EXPORTED.replace('management', 'activation'),
      parameters,
    ).toMatchObject({ code: 'POLYCARD_VAULT_ZONE' });
    await refused('zhao-lei', 'keys.management.export', EXPORTED, parameters).toMatchObject({
      code: 'POLYCARD_SESSION_FORBIDDEN',
    });
    const approval = await request('zheng-yi', 'keys.management.export', EXPORTED, parameters);
    expect(approval.effect.en).toMatch(/^Hunan gets bus-management\/5840F.* under hunan/);
    expect(approval.effect.zh).toContain('Hunan');
    expect((await approve(approval.id, 'wang-bo')).state).toBe('waiting');
    expect(await approve(approval.id, 'feng-xue')).toMatchObject({ state: 'done' });
    exported = approval.id;
    keyPackage = JSON.parse(await document(exported)) as KeyPackage;
    expect(keyPackage.keys).toMatchObject([{ label: LABEL, usage: 'management', form: 'X9.143-B' }]);
  });

  it('do not go to a counterpart that holds the other half, under whatever key', async () => {
    const sm2PublicKey = (await (await as('zhao-lei')).get<{ publicKey: string }>('/api/exchanges/envelope-key'))
      .publicKey;
    const parameters = { form: 'SM2', receiver: 'Hunan', sm2PublicKey };
    await expect(
      request('zhao-lei', 'keys.activation.export', EXPORTED.replace('management', 'activation'), parameters),
    ).rejects.toMatchObject({ code: 'POLYCARD_EXCHANGE_BOTH' });
  });

  it('are refused by name when they come in wrong: usage, algorithm, check value, weak, changed, not ordered', async () => {
    const take = (subject: string, document: KeyPackage = keyPackage) =>
      request('zheng-yi', 'keys.management.import', subject, { zone: 'hunan', package: JSON.stringify(document) });
    const sealed = (change: Partial<KeyPackage['keys'][number]>): KeyPackage => {
      const { mac: _mac, ...rest } = keyPackage;
      return sealPackage({ ...rest, keys: [{ ...rest.keys[0]!, ...change }] }, zoneKey);
    };
    const order = `${LABEL} management 3DES`;
    await expect(take('metro-management management 3DES')).rejects.toThrow(/was not ordered/);
    await expect(take(`${LABEL} lock 3DES`)).rejects.toThrow(/usage is management, not lock/);
    await expect(take(`${LABEL} management SM4`)).rejects.toThrow(/algorithm is 3DES, not SM4/);
    await expect(take(`${LABEL} activation 3DES`)).rejects.toMatchObject({ code: 'POLYCARD_APPROVAL_ACT' });
    await expect(take(order, sealed({ checkValue: '000000' }))).rejects.toThrow(/check value is 000000/);
    const zeros = new Uint8Array(16);
    const weak = { form: 'ECB', enciphered: toHex(encryptBlocks('des-ede-ecb', zoneKey, zeros)) } as const;
    await expect(take(order, sealed({ ...weak, checkValue: toHex(checkValue('3DES', zeros)) }))).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_WEAK_KEY',
    });
    await expect(take(order, { ...keyPackage, receiver: 'Hubei' })).rejects.toMatchObject({
      code: 'POLYCARD_VAULT_PACKAGE',
    });
    await expect(take(order, { ...keyPackage, keys: [] })).rejects.toMatchObject({ code: 'POLYCARD_VAULT_PACKAGE' });
  });

  it('are taken in once others approve, with a receipt that the sender checks; a second time they are duplicates', async () => {
    const parameters = { zone: 'hunan', package: JSON.stringify(keyPackage) };
    const approval = await request('zheng-yi', 'keys.management.import', `${LABEL} management 3DES`, parameters);
    expect(await approve(approval.id, 'chen-li', 'chu-yun')).toMatchObject({ state: 'done' });
    const receipt = await document(approval.id);
    const key = await (await as('zheng-yi')).get<{ key: { state: string; origin: string } }>(
      `/api/keys/${encodeURIComponent(LABEL)}`,
    );
    expect(key.key).toMatchObject({ state: 'generated', origin: 'key-block' });
    const hand = async (text: string) =>
      (await as('zheng-yi')).post<{ state: string; keys: unknown[] }>(`/api/exchanges/${exported}/receipt`, {
        receipt: text,
      });
    const forged = JSON.stringify({ ...(JSON.parse(receipt) as KeyReceipt), receiver: 'Hubei' });
    await expect(hand(forged)).rejects.toMatchObject({ code: 'POLYCARD_VAULT_PACKAGE' });
    await expect(hand('{"format":"something"}')).rejects.toMatchObject({ code: 'POLYCARD_EXCHANGE_RECEIPT' });
    expect(await hand(receipt)).toMatchObject({ state: 'receipted', keys: [{ accepted: true }] });
    await expect(
      request('zheng-yi', 'keys.management.import', `${LABEL} management 3DES`, parameters),
    ).rejects.toMatchObject({ code: 'POLYCARD_VAULT_DUPLICATE_KEY' });
  });

  it('the command line does the same, with exit code 1 for what is refused', async () => {
    const file = join(directory, 'package.json');
    writeFileSync(file, JSON.stringify(keyPackage));
    const run = (...args: string[]) =>
      polycard(['keys', 'exchange', ...args, '--platform', platform.url, '--as', 'zheng-yi'], {
        POLYCARD_PASSWORD: PASSWORD,
      });
    const out = join(directory, 'again.json');
    const [refused, listed, written] = await Promise.all([
      run('import', file, '--order', `${LABEL}:management:3DES`, '--why', 'again'),
      run('list', '--json'),
      run('document', exported, '--out', out),
    ]);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('POLYCARD_VAULT_DUPLICATE_KEY') });
    expect(JSON.parse(listed.out)).toMatchObject({ zones: [{ zoneId: 'hunan' }], exchanges: [{}, {}] });
    expect(written.code).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(keyPackage);
  }, 300_000);

  it('every step is in the trail, no clear key in any of it', async () => {
    const trail = await (await as('zhu-hong')).get<{ rows: { what: string }[] }>('/api/audit?pageSize=200');
    const acts = new Set(trail.rows.map(({ what }) => what));
    for (const what of [
      ...['exchange.zone-opened', 'exchange.component-entered', 'keys.management.export', 'keys.management.import'],
      ...['exchange.receipted', 'approval.given'],
    ])
      expect(acts).toContain(what);
    const text = JSON.stringify(trail).toUpperCase();
    for (const secret of [...components, zoneKey]) expect(text).not.toContain(toHex(secret));
  });
});
