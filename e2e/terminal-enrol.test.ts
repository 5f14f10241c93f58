/** `polycard terminal enrol`: a terminal of another maker, which shares no code with us, works with what it prints. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualCard } from '@polycard/card';
import { seededRandom } from '@polycard/crypto';
import { PlatformApi } from '@polycard/fleet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buyFromCard, checkValueOf, IndependentPos, type PosEnrolment } from './independent-pos.ts';
import { polycard, type Ran } from './polycard-command.ts';
import { openSmallSite, type SmallSite } from './small-site.ts';

const directory = mkdtempSync(join(tmpdir(), 'polycard-enrol-'));
let site: SmallSite;

interface Enrolled extends PosEnrolment {
  readonly kcv: string;
  readonly zmkKcv: string;
  readonly keyBlockVersion: string;
  readonly operatorCode: string;
}

function enrol(zmk: string, args: readonly string[] = []): Promise<Ran> {
  const file = join(directory, 'zmk.hex');
  writeFileSync(file, zmk);
  return polycard([
    ...['terminal', 'enrol', '--zmk', file, '--platform', site.platform.url, '--json'],
    ...['--as', 'fleet', '--password', 'end-to-end', ...args],
  ]);
}

beforeAll(async () => {
  site = await openSmallSite({ cards: 1, seed: 'terminal-enrol' });
});
afterAll(async () => {
  await site.close();
  rmSync(directory, { recursive: true, force: true });
});

describe('a terminal of another maker', () => {
  it.each([
    ['B', '3DES', '0123456789ABCDEF FEDCBA9876543210\n1122334455667788'],
    ['D', 'AES', 'AES:101112131415161718191A1B1C1D1E1F'],
  ])('opens its master key from a block of version %s under a zone key of %s', async (version, algorithm, zmk) => {
    const { code, out, err } = await enrol(zmk);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const enrolment = JSON.parse(out) as Enrolled;
    expect(enrolment.keyBlockVersion).toBe(version);
    const key = Buffer.from(zmk.replace(/AES:|\s/g, ''), 'hex');
    if (algorithm === '3DES') expect(enrolment.zmkKcv).toBe(checkValueOf(key));
    const pos = new IndependentPos(enrolment, key);
    expect(pos.masterKeyCheckValue).toBe(enrolment.kcv);
    await pos.connect();
    await pos.signIn();
    pos.close();
  });

  it('signs in, downloads, sells offline, uploads once and settles; clearing proves the cryptogram', async () => {
    const zmk = '00112233445566778899AABBCCDDEEF1';
    const { out } = await enrol(zmk, ['--profile', 'bus-validator', '--operator', 'shenzhen-bus', '--route', '101']);
    const enrolment = JSON.parse(out) as Enrolled;
    const pos = new IndependentPos(enrolment, Buffer.from(zmk, 'hex'));
    await pos.connect();
    await pos.signIn();
    const tariffs = (await pos.parameters('TAR')) as { manifest: { version: string } };
    expect(tariffs.manifest).toBeDefined();
    const profile = (await pos.parameters('CAP')) as { profile: { id: string } };
    expect(profile.profile.id).toBe('bus-validator');
    const card = VirtualCard.restore(site.cards[0]!.snapshot, { random: seededRandom('card') });
    card.reset();
    const sale = buyFromCard((command) => Buffer.from(card.transmit(command)), {
      ...{ amountFen: 200, at: '20180901090000', unpredictable: '11223344', sequenceNo: 1 },
      ...{ operatorCode: enrolment.operatorCode, tariffVersion: '', homeCity: '5840', route: '101' },
    });
    expect(await pos.upload(sale)).toBe('00');
    expect(await pos.settle(1, 200)).toBe('1');
    pos.close();
    let rows: { terminalNo: string; cryptogram: string; chargedFen: number }[] = [];
    for (let waited = 0; waited < 20_000 && rows[0]?.cryptogram !== 'verified'; waited += 100) {
      ({ rows } = await site.api.get<{ rows: typeof rows }>('/api/taps'));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ terminalNo: enrolment.terminal, chargedFen: 200, cryptogram: 'verified' });
  });

  it('refuses a weak zone key, a file that holds none, and accounts without the right', async () => {
    expect(await enrol('11111111111111111111111111111111')).toMatchObject({ code: 1 });
    const wrong = await enrol('0123456789');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('POLYCARD_CLI_ZONE_KEY');
    expect(wrong.err).not.toContain('0123456789');
    await site.platform.setPassword('auditor', 'auditor', 'looks only');
    const forbidden = await enrol('00112233445566778899AABBCCDDEEF1', ['--as', 'auditor', '--password', 'looks only']);
    expect(forbidden).toMatchObject({ code: 1 });
    expect(forbidden.err).toContain('POLYCARD_SESSION_FORBIDDEN');
  });

  it('the audit trail has who enrolled and the check values, never a key', async () => {
    const auditor = new PlatformApi(site.platform.url);
    await auditor.signIn('auditor', 'looks only');
    const trail = JSON.stringify(await auditor.get<unknown>('/api/audit?limit=200'));
    expect(trail).toContain('zone.key-taken');
    expect(trail).toContain('terminals.enrolled');
    expect(trail.toUpperCase()).not.toContain('00112233445566778899AABBCCDDEEF1');
  });
});
