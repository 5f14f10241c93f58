/** The vault with SM4 key trees: dispersion, card keys, activation and cryptograms (reference pboc.md §8, V2 and V4). */
import { fromHex, parseCommand, toHex } from '@polycard/bytes';
import { agreeZoneKey, decryptBlocks, encryptBlocks, makeZoneKeyPair, seededRandom } from '@polycard/crypto';
import { buildCryptogramInput, decryptRecordKey } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { type CarriedTree, type KeyUsage, SoftwareVault } from '../src/index.ts';

const ROOT = '0123456789ABCDEFFEDCBA9876543210';
const IMK_AC = '9E15204313F7318ACB79B90BD986AD29';
const IMK_MAC = '4664942FE615FB02E5D57F292AA2B3B6';
const IMK_ENC = 'CE293B8CC12A977379EF256D76109492';
const PATH = ['09981001FFFFFFFF', '2280000100001117'].map((factor) => fromHex(factor));
const KEYS: readonly (readonly [label: string, usage: KeyUsage, key: string])[] = [
  ['management', 'management', ROOT],
  ['activation', 'activation', ROOT],
  ['ac', 'application-cryptogram', IMK_AC],
  ['mac', 'script-mac', IMK_MAC],
  ['enc', 'script-encryption', IMK_ENC],
];

async function sm4Vault() {
  // vectors need known keys: the first two 32-byte ones are the vault's own, then the list in its order
  const queue = ['00'.repeat(32), '11'.repeat(32), ...KEYS.map(([, , key]) => key)].map(fromHex);
  const rest = seededRandom('sm4-vault');
  let document: string | undefined;
  const vault = new SoftwareVault({
    storage: {
      load: () => document,
      save: (text) => {
        document = text;
      },
    },
    passphrase: 'correct horse',
    random: (length) => (queue[0]?.length === length ? queue.shift()!.slice() : rest(length)),
    nonceRandom: seededRandom('nonce'),
    now: () => new Date(0),
  });
  for (const [label, usage] of KEYS) await vault.ensure({ label, usage, algorithm: 'SM4', owner: 'test' });
  const open = async (id: string, carries: readonly CarriedTree[]) => {
    const pair = makeZoneKeyPair(seededRandom(id));
    const zone = agreeZoneKey(pair, (await vault.openZone(id, pair.publicKey, carries)).publicKey);
    return (key: Uint8Array): string => toHex(decryptBlocks('des-ede-ecb', zone, key));
  };
  return {
    ...{ vault, decipher: await open('bureau', ['management', 'issuer']) },
    decipherCards: await open('cards', ['activation']),
  };
}

describe('SM4 key trees in the vault', () => {
  it('V2: the root has its SM4 check value and disperses along two levels', async () => {
    const { vault, decipher, decipherCards } = await sm4Vault();
    expect((await vault.show('management')).checkValue).toBe('2677F4');
    const key = await vault.issuePsamKey('management', 'bureau', PATH);
    expect(decipher(key.enciphered)).toBe('6F2F7655E3E05A9046549A0279C66674');
    const [opening] = await vault.issueOpeningKeys('activation', 'cards', [PATH]);
    expect(decipherCards(opening!.enciphered)).toBe('6F2F7655E3E05A9046549A0279C66674');
  });

  it('V4: card keys AC, MAC and ENC, with SM4 check values', async () => {
    const { vault, decipher } = await sm4Vault();
    const [keys] = await vault.issueCardKeys({ ac: 'ac', mac: 'mac', enc: 'enc' }, 'bureau', [
      { pan: '6214441000010103', psn: '01' },
    ]);
    const [ac, mac, enc] = [
      '63BDEF5C54346D75E3D7C59E74AC0B82',
      'B314E40F35C2F8FEBA28BD848AFEC198',
      '7B3DA18E9E43DFACC16644B2E453410F',
    ];
    expect(decipher(keys!.enciphered)).toBe(`${ac}${mac}${enc}`);
    const values = [ac, mac, enc].map((key) =>
      toHex(encryptBlocks('sm4-ecb', fromHex(key!), new Uint8Array(16)).subarray(0, 3)),
    );
    expect(toHex(keys!.checkValues)).toBe(values.join(''));
  });

  it('V4: a transaction certificate proves, and not when a byte of it or its ATC is another', async () => {
    const { vault } = await sm4Vault();
    const data = {
      amountAuthorised: fromHex('000000000100'),
      amountOther: new Uint8Array(6),
      terminalCountry: fromHex('0156'),
      tvr: new Uint8Array(5),
      currency: fromHex('0156'),
      date: fromHex('250101'),
      transactionType: fromHex('00'),
      unpredictableNumber: fromHex('12345678'),
      aip: fromHex('7C00'),
      atc: 1,
      cvr: fromHex('900000'),
    };
    const check = {
      label: 'ac',
      card: { pan: '6214441000010103', psn: '01' },
      atc: 1,
      input: buildCryptogramInput(0x01, data),
      cryptogram: fromHex('C5093BB1E959D19D'),
    };
    const results = await vault.verifyCryptograms([
      check,
      { ...check, cryptogram: fromHex('81D367FCC1A6032F') }, // the 3DES value of the same transaction
      { ...check, atc: 2 },
    ]);
    expect(results.map(({ verified }) => verified)).toEqual([true, false, false]);
  });

  it('the finished APPEND RECORD states SM4 in P1 and wraps the management key with it', async () => {
    const { vault } = await sm4Vault();
    const record = fromHex('00022D010203');
    const [finished] = await vault.activate('activation', 'management', [
      { activationFactors: PATH, managementFactors: PATH.slice(0, 1), atc: 0, sfi: 0x15, record },
    ]);
    const { p1, data } = parseCommand(finished!);
    expect(p1).toBe(0x01);
    const opening = fromHex('6F2F7655E3E05A9046549A0279C66674');
    expect(toHex(decryptRecordKey(opening, data.subarray(0, 16), 'SM4'))).toBe('D32BA2E84BF43155D50933878D5E4398');
  });
});
