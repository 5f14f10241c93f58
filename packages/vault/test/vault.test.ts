import { inspect } from 'node:util';
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import {
  agreeZoneKey,
  decryptBlocks,
  disperseAlong,
  encryptBlocks,
  makeZoneKeyPair,
  seededRandom,
} from '@polycard/crypto';
import { computeApplicationCryptogram, deriveCardKey, deriveSessionKey } from '@polycard/emv';
import { beforeEach, describe, expect, it } from 'vitest';
import { openFromZone, SoftwareVault } from '../src/index.ts';

const V2_KEY = '0123456789ABCDEFFEDCBA9876543210';
const V3_IMK = '9E15204313F7318ACB79B90BD986AD29';
const OPENING = '404142434445464748494A4B4C4D4E4F';
const CANARIES = [V2_KEY, V3_IMK, OPENING];

/** A keystore in memory, and a random source that gives chosen keys first: vectors need known keys. */
class MemoryStorage {
  document: string | undefined;
  load(): string | undefined {
    return this.document;
  }
  save(document: string): void {
    this.document = document;
  }
}

function vaultWith(
  keys: readonly string[],
  storage = new MemoryStorage(),
  passphrase = 'correct horse',
): SoftwareVault {
  const queue = [`${'00'.repeat(31)}01`, `${'00'.repeat(31)}02`, ...keys].map(fromHex);
  const rest = seededRandom('vault');
  return new SoftwareVault({
    storage,
    passphrase,
    random: (length) => (queue[0]?.length === length ? queue.shift()!.slice() : rest(length)),
    nonceRandom: seededRandom('nonce'),
    now: () => new Date(0),
  });
}

async function zone(
  vault: SoftwareVault,
  id = 'bureau',
  half: 'activation' | 'management' = 'activation',
): Promise<Uint8Array> {
  const pair = makeZoneKeyPair(seededRandom(id));
  const { publicKey } = await vault.openZone(id, pair.publicKey, [half, 'issuer', 'terminals']);
  return agreeZoneKey(pair, publicKey);
}
const decipher = (key: Uint8Array, enciphered: Uint8Array): string =>
  toHex(decryptBlocks('des-ede-ecb', key, enciphered));

describe('software vault', () => {
  let storage: MemoryStorage;
  let vault: SoftwareVault;
  beforeEach(async () => {
    storage = new MemoryStorage();
    vault = vaultWith([V2_KEY, V3_IMK, OPENING], storage);
    await vault.ensure({ label: 'management', usage: 'management', algorithm: '3DES', owner: 'm' });
    await vault.ensure({ label: 'imk-ac', usage: 'application-cryptogram', algorithm: '3DES', owner: 'bank' });
    await vault.ensure({ label: 'activation', usage: 'activation', algorithm: '3DES', owner: 'a' });
  });

  it('V2: disperses a PSAM key along two levels and gives its check value (reference pboc.md §8)', async () => {
    const transport = await zone(vault, 'bureau', 'management');
    const key = await vault.issuePsamKey('management', 'bureau', [
      fromHex('09981001FFFFFFFF'),
      fromHex('2280000100001117'),
    ]);
    expect(decipher(transport, key.enciphered)).toBe('E3F285234F81AF64CD4CCCDFAB08A787');
    expect((await vault.show('management')).checkValue).toBe('08D7B4');
  });

  it('opening keys of many cards are what dispersion one by one gives', async () => {
    const transport = await zone(vault);
    const paths = Array.from({ length: 9 }, (_, index) => [
      fromHex('4400FFFFFFFFFFFF'),
      fromHex(index % 2 === 0 ? '5840FFFFFFFFFFFF' : '5810FFFFFFFFFFFF'),
      fromHex(`000000000000000${index}`),
    ]);
    const keys = await vault.issueOpeningKeys('activation', 'bureau', paths);
    expect(keys.map((key) => decipher(transport, key.enciphered))).toEqual(
      paths.map((path) => toHex(disperseAlong('3DES', fromHex(OPENING), path))),
    );
  });

  it('V3: issuer card keys by option A, enciphered for the zone', async () => {
    for (const label of ['imk-mac', 'imk-enc'])
      await vault.ensure({
        label,
        usage: label === 'imk-mac' ? 'script-mac' : 'script-encryption',
        algorithm: '3DES',
        owner: 'bank',
      });
    const transport = await zone(vault);
    const [keys] = await vault.issueCardKeys({ ac: 'imk-ac', mac: 'imk-mac', enc: 'imk-enc' }, 'bureau', [
      { pan: '5555315497560938', psn: '00' },
    ]);
    expect(decipher(transport, keys!.enciphered).slice(0, 32)).toBe('83DCCD115BCA1D617E857B20DB52BEF8');
  });

  it('the finished APPEND RECORD wraps the management key under the opening key', async () => {
    const factor = fromHex('1122334455667788');
    const [finished] = await vault.activate('activation', 'management', [
      {
        activationFactors: [factor],
        managementFactors: [factor],
        atc: 2,
        sfi: 0x15,
        record: fromHex('27010D000102030405060708090A0B0C'),
      },
    ]);
    const opening = disperseAlong('3DES', fromHex(OPENING), [factor]);
    const management = disperseAlong('3DES', fromHex(V2_KEY), [factor]);
    expect(toHex(finished!).slice(0, 10 + 32)).toBe(
      `04E200A824${toHex(encryptBlocks('des-ede-ecb', opening, management))}`,
    );
  });

  it('proves right cryptograms and refuses one changed bit, in the order given', async () => {
    const input = fromHex('00'.repeat(37));
    const check = (pan: string, flip: number) => {
      const key = deriveSessionKey('3DES', deriveCardKey('3DES', fromHex(V3_IMK), { pan, psn: '01' }), 5);
      const cryptogram = computeApplicationCryptogram('3DES', key, input).slice();
      cryptogram[0]! ^= flip;
      return { label: 'imk-ac', card: { pan, psn: '01' }, atc: 5, input, cryptogram };
    };
    const checks = [check('6214440000000000017', 0), check('6214440000000000025', 1), check('6214440000000000033', 0)];
    const verdicts = await vault.verifyCryptograms(checks);
    expect(verdicts.map(({ verified }) => verified)).toEqual([true, false, true]);
  });

  it('refuses a key for anything but its stated use, by name', async () => {
    await zone(vault);
    const factors = [[fromHex('1122334455667788')]];
    await expect(vault.issueOpeningKeys('management', 'bureau', factors)).rejects.toThrow(
      /key management is for management, not for activation/,
    );
    await expect(vault.issuePsamKey('activation', 'bureau', factors[0]!)).rejects.toThrow(
      /key activation is for activation, not for management/,
    );
    expect(() => vault.certificateSigner('imk-ac')).toThrow(/not for certificate-authority/);
    await expect(vault.issuePsamKey('nothing', 'bureau', factors[0]!)).rejects.toThrow(/the vault has no key nothing/);
    await expect(vault.ensure({ label: 'imk-ac', usage: 'management', algorithm: '3DES', owner: 'x' })).rejects.toThrow(
      /exists as 3DES for application-cryptogram/,
    );
  });

  it('opens again with its passphrase, not with another, and notices a changed or swapped entry', async () => {
    expect((await vaultWith([], storage).show('management')).checkValue).toBe('08D7B4');
    expect(() => vaultWith([], storage, 'wrong')).toThrow(/does not open with this passphrase/);
    const document = JSON.parse(storage.document!) as {
      keys: { record: { label: string }; sealed: string }[];
    };
    const [a, b] = [
      document.keys.find(({ record }) => record.label === 'management')!,
      document.keys.find(({ record }) => record.label === 'activation')!,
    ];
    [a.sealed, b.sealed] = [b.sealed, a.sealed];
    storage.document = JSON.stringify(document);
    const swapped = vaultWith([], storage);
    await zone(swapped, 'other', 'management');
    await expect(swapped.issuePsamKey('management', 'other', [])).rejects.toThrow(/its entry was changed/);
    storage.document = '{';
    expect(() => vaultWith([], storage)).toThrow(PolycardError);
  });

  it('data at rest open only in their context; a zone file only for its zone', async () => {
    const sealed = vault.seal(fromHex('010203'), 'card:A');
    expect(toHex(vault.open(sealed, 'card:A'))).toBe('010203');
    expect(() => vault.open(sealed, 'card:B')).toThrow(/does not open/);
    const transport = await zone(vault);
    const file = vault.sealForZone('bureau', fromHex('AA'));
    expect(toHex(openFromZone('bureau', transport, file))).toBe('AA');
    expect(() => openFromZone('other', transport, file)).toThrow(/does not open/);
  });

  it('a card token is stable, and holds nothing of the account number', () => {
    expect(vault.token('6214440000000000017')).toBe(vault.token('6214440000000000017'));
    expect(vault.token('6214440000000000017')).toMatch(/^[0-9A-F]{16}$/);
    expect(vault.token('6214440000000000017')).not.toBe(vault.token('6214440000000000025'));
  });

  it('shows no clear key: not in its document, its lists, its errors or when it is printed', async () => {
    const errors: string[] = [];
    for (const act of [
      () => vault.issuePsamKey('activation', 'x', []),
      () => vault.issueOpeningKeys('management', 'x', []),
    ]) {
      await act().catch((error: Error) => errors.push(error.message, error.stack ?? ''));
    }
    expect(errors).toHaveLength(4);
    const seen = [storage.document!, JSON.stringify(await vault.list()), ...errors, inspect(vault, { depth: 9 })].join(
      '\n',
    );
    for (const canary of CANARIES) {
      expect(seen.toUpperCase()).not.toContain(canary);
      expect(seen).not.toContain(Buffer.from(canary, 'hex').toString('base64').slice(0, 20));
    }
  });

  it('working keys reach the terminal under its master key with right check values', async () => {
    const transport = await zone(vault);
    const master = await vault.issueTerminalMasterKey('bureau');
    const masterKey = decryptBlocks('des-ede-ecb', transport, master.enciphered);
    const working = await vault.issueWorkingKeys(master.sealed);
    const mac = decryptBlocks('des-ede-ecb', masterKey, working.macKey.enciphered);
    const doubled = Uint8Array.from([...mac, ...mac]);
    expect(toHex(encryptBlocks('des-ede-ecb', doubled, new Uint8Array(8)).subarray(0, 4))).toBe(
      toHex(working.macKey.checkValue),
    );
    const block = fromHex('0102030405060708');
    expect(toHex(vault.terminalSession(working.sealed).encryptMac(block))).toBe(
      toHex(encryptBlocks('des-ede-ecb', doubled, block)),
    );
  });
});
