/** Keys handed over between two vaults: forms, packages, receipts, and every import that is refused by name. */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { checkValue, encryptBlocks, seededRandom } from '@polycard/crypto';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type ExchangeForm,
  type KeyPackage,
  type KeySpecification,
  type KeyVault,
  packageDigest,
  parsePackage,
} from '../src/index.ts';
import { keyCheckValue } from '../src/key-components.ts';
import { softHsmBackend, softwareBackend, type TestBackend } from './backends.ts';

const FACTOR = [[fromHex('1122334455667788')]];
const specification: KeySpecification = {
  ...{ label: 'metro-management', usage: 'management', algorithm: '3DES', owner: 'management-custodian' },
  exportability: 'key-block',
};

/** The same zone key, entered in components on both sides. */
async function enterZone(vault: KeyVault, algorithm: '3DES' | 'AES', seed = 'zone'): Promise<Uint8Array> {
  const random = seededRandom(seed + algorithm);
  const lengthBytes = algorithm === 'AES' ? 32 : 16;
  const parts = [random(lengthBytes), random(lengthBytes), random(lengthBytes)];
  const zoneKey = parts.reduce(
    (sum, part) => sum.map((byte, index) => byte ^ part[index]!),
    new Uint8Array(lengthBytes),
  );
  const components = parts.map((bytes) => ({ bytes, checkValue: toHex(keyCheckValue(algorithm, bytes, 3)) }));
  const zone: KeySpecification = {
    ...{ label: 'zone:province', usage: 'zone', algorithm, owner: 'province', carries: ['management'] },
  };
  await vault.importComponents(zone, components, toHex(keyCheckValue(algorithm, zoneKey, 3)));
  await vault.changeState('zone:province#1', 'active');
  return zoneKey;
}

const receivers: readonly TestBackend[] = [softwareBackend(), softHsmBackend(16)];

describe.each(receivers)('keys handed over to a vault on $name', (backend) => {
  let ours: KeyVault;
  let theirs: KeyVault;
  beforeEach(() => {
    ours = softwareBackend('sender').open();
    backend.clear();
    theirs = backend.open();
    return () => {
      ours.close();
      theirs.close();
    };
  });
  afterAll(() => backend.remove());

  async function exported(form: ExchangeForm, sm2PublicKey?: Uint8Array): Promise<KeyPackage> {
    await ours.ensure(specification);
    const options = { zoneId: 'province', form, sender: 'Guangdong', receiver: 'Hunan' };
    const keys = await ours.exportKeys([{ name: 'metro-management' }], {
      ...options,
      ...(sm2PublicKey === undefined ? {} : { sm2PublicKey }),
    });
    return parsePackage(JSON.stringify(keys));
  }
  const take = (keys: KeyPackage, expected: KeySpecification = specification, envelopeKey?: string) =>
    theirs.importKeys(keys, {
      ...{ zoneId: 'province', expected: [expected], receiver: 'Hunan' },
      ...(envelopeKey === undefined ? {} : { envelopeKey }),
    });

  it.each(['X9.143-B', 'ECB'] as const)('%s: arrives as the same key, and the receipt says so', async (form) => {
    await enterZone(ours, '3DES');
    await enterZone(theirs, '3DES');
    const keys = await exported(form);
    const { imported, receipt } = await take(keys);
    expect(imported).toMatchObject([{ label: 'metro-management', state: 'generated', origin: 'key-block' }]);
    await theirs.changeState('metro-management#1', 'active');
    expect(await theirs.disperse('metro-management', FACTOR)).toEqual(await ours.disperse('metro-management', FACTOR));
    expect(receipt).toMatchObject({ package: packageDigest(keys), keys: [{ accepted: true }] });
    await ours.checkReceipt(keys, receipt, 'province');
    const forged = { ...receipt, receiver: 'Hubei' };
    await expect(ours.checkReceipt(keys, forged, 'province')).rejects.toThrow(/the receipt was changed/);
  });

  it('X9.143-D under an AES zone key', async () => {
    await enterZone(ours, 'AES');
    await enterZone(theirs, 'AES');
    const keys = await exported('X9.143-D');
    expect(keys.keys[0]!.enciphered).toMatch(/^D\d{4}21TX01N/);
    expect((await take(keys)).receipt.keys[0]).toMatchObject({ accepted: true });
    await expect(exported('X9.143-B')).rejects.toThrow(/X9.143-B needs a zone key of 3DES/);
  });

  it('refuses by name: changed package, other zone key, usage, algorithm, check value, doubled, weak, not ordered', async () => {
    const zoneKey = await enterZone(ours, '3DES');
    await enterZone(theirs, '3DES');
    const keys = await exported('X9.143-B');
    await expect(take({ ...keys, sender: 'Hubei' })).rejects.toThrow(/the package was changed/);
    const { mac: _mac, ...without } = keys;
    await expect(take(without)).rejects.toThrow(/the package was changed/);
    const refusalOf = async (document: KeyPackage, expected?: KeySpecification): Promise<string | undefined> =>
      (await take(await resealed(document, zoneKey), expected)).receipt.keys[0]!.refusal;
    const [key] = keys.keys;
    expect(await refusalOf(keys, { ...specification, label: 'other' })).toMatch(/was not ordered/);
    expect(await refusalOf(keys, { ...specification, usage: 'activation' })).toMatch(
      /usage is management, not activation/,
    );
    const claimed = { ...keys, keys: [{ ...key!, usage: 'activation' as const }] };
    expect(await refusalOf(claimed, { ...specification, usage: 'activation' })).toMatch(
      /usage of the block is 21, not 20/,
    );
    const wrongCheck = { ...keys, keys: [{ ...key!, checkValue: '000000' }] };
    expect(await refusalOf(wrongCheck)).toMatch(/check value is 000000/);
    const changed = key!.enciphered.replace(/.$/, (digit) => (digit === '0' ? '1' : '0'));
    expect(await refusalOf({ ...keys, keys: [{ ...key!, enciphered: changed }] })).toMatch(/key block, MAC/);
    const weak = encryptBlocks('des-ede-ecb', zoneKey, new Uint8Array(16));
    const weakKey = {
      ...key!,
      form: 'ECB' as const,
      enciphered: toHex(weak),
      checkValue: toHex(checkValue('3DES', new Uint8Array(16))),
    };
    expect(await refusalOf({ ...keys, keys: [weakKey] })).toMatch(/is weak/);
    const judged = await theirs.importKeys(keys, {
      ...{ zoneId: 'province', expected: [specification], receiver: 'Hunan', onlyJudged: true },
    });
    expect([judged.imported, judged.receipt.keys[0]!.accepted]).toEqual([[], true]);
    expect(await refusalOf(keys)).toBeUndefined();
    expect(await refusalOf(keys)).toMatch(/is the one of metro-management#1/);
    expect((await theirs.list()).filter(({ label }) => label === 'metro-management')).toHaveLength(1);
  });

  it('a key that was not made to leave stays, whoever asks', async () => {
    await enterZone(ours, '3DES');
    await ours.ensure({ ...specification, label: 'kept', exportability: 'dispersed' });
    const options = { zoneId: 'province', form: 'ECB', sender: 'a', receiver: 'b' } as const;
    await expect(ours.exportKeys([{ name: 'kept' }], options)).rejects.toThrow(/kept#1 was made to stay/);
    const [below] = (await ours.exportKeys([{ name: 'kept', factors: FACTOR[0]! }], options)).keys;
    expect(below).toMatchObject({ label: 'kept:1122334455667788', version: 1 });
    expect(below!.checkValue).toBe(toHex((await ours.disperse('kept', FACTOR))[0]!));
    await expect(ours.exportKeys([{ name: 'zone:province' }], options)).rejects.toThrow(/is for zone, not for/);
    await expect(
      ours.generate({ ...specification, label: 'x', usage: 'data-at-rest', algorithm: 'AES' }),
    ).rejects.toThrow(/never leaves the vault/);
  });

  it('SM2 envelope, where the vault can hold an SM2 key', async () => {
    const envelope = { label: 'envelope', usage: 'envelope', algorithm: 'SM2', owner: 'Hunan' } as const;
    if (backend.lacks.has('SM4')) {
      await expect(theirs.ensure(envelope)).rejects.toThrow(/has no SM2/);
      return;
    }
    await theirs.ensure(envelope);
    const keys = await exported('SM2', theirs.sm2PublicKey('envelope'));
    expect(keys.keys[0]!.enciphered).toMatch(/^30/);
    expect((await take(keys, specification, 'envelope')).receipt.keys[0]).toMatchObject({ accepted: true });
    await theirs.changeState('metro-management#1', 'active');
    expect(await theirs.disperse('metro-management', FACTOR)).toEqual(await ours.disperse('metro-management', FACTOR));
    for (let at = 0; at < keys.keys[0]!.enciphered.length; at += 2) {
      const text = keys.keys[0]!.enciphered;
      const flipped = (Number.parseInt(text.slice(at, at + 2), 16) ^ 1).toString(16).padStart(2, '0').toUpperCase();
      const enciphered = text.slice(0, at) + flipped + text.slice(at + 2);
      const { receipt } = await take({ ...keys, keys: [{ ...keys.keys[0]!, enciphered }] }, specification, 'envelope');
      expect(receipt.keys[0]!.code).toMatch(/^POLYCARD_(VAULT_IMPORT|CRYPTO_SM2)$/);
    }
  });

  it('a package cut at every character, or with a field missing, is refused by field', async () => {
    await enterZone(ours, '3DES');
    const text = JSON.stringify(await exported('ECB'));
    for (let length = 0; length < text.length; length += 7) {
      expect(() => parsePackage(text.slice(0, length))).toThrow(PolycardError);
    }
    const document = JSON.parse(text) as Record<string, unknown>;
    for (const name of ['format', 'zone', 'sender', 'receiver', 'createdAt', 'keys']) {
      const { [name]: _left, ...rest } = document;
      expect(() => parsePackage(JSON.stringify(rest))).toThrow(new RegExp(name));
    }
  });
});

/** As if the sender had made it so: sealed again under the zone key. */
async function resealed(document: KeyPackage, zoneKey: Uint8Array): Promise<KeyPackage> {
  const { sealPackage } = await import('../src/exchange/key-package.ts');
  const { mac: _mac, ...rest } = document;
  return sealPackage(rest, zoneKey);
}
