import { generateSm2Key, seededRandom } from '@polycard/crypto';
import { isSm2Key } from '@polycard/emv';
import { describe, expect, it } from 'vitest';
import { caKeysOf } from '../src/ca-key-file.ts';

const RID = 'A000000333';
const RSA = { rid: RID, index: 'F0', modulus: 'C1'.repeat(128), exponent: '03' };
const point = Buffer.from(generateSm2Key(seededRandom('ca-file')).publicKey).toString('hex');

describe('a file of certification authority keys', () => {
  it('holds RSA and SM2 keys by RID and index; numbers and a leading 04 are taken', () => {
    const entries = [RSA, { ...RSA, index: 0xf1, exponent: 3 }, { rid: RID, index: 'F2', point: `04${point}` }];
    const keys = caKeysOf(entries, 'capk.json');
    expect([...keys].map(([name, key]) => [name, isSm2Key(key)])).toEqual([
      [`${RID}F0`, false],
      [`${RID}F1`, false],
      [`${RID}F2`, true],
    ]);
  });

  it.each([
    [{}, '--capk'],
    [[{ ...RSA, rid: 'A0' }], '[0].rid'],
    [[RSA, { ...RSA, modulus: 'XY' }], '[1].modulus'],
    [[{ ...RSA, exponent: '' }], '[0].exponent'],
    [[{ rid: RID, index: 'F2', point: '11'.repeat(64) }], '[0].point'],
    [[{ rid: RID, index: 'F2', point: '11' }], '[0].point'],
  ])('%j is refused with its place', (value, where) => {
    expect(() => caKeysOf(value, 'capk.json')).toThrow(
      expect.objectContaining({ code: 'POLYCARD_CLI_CA_FILE', where }),
    );
  });
});
