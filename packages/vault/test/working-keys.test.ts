import { concat, fromHex, toHex } from '@polycard/bytes';
import { checkValue, decryptBlocks, encryptBlocks, seededRandom } from '@polycard/crypto';
import { describe, expect, it } from 'vitest';
import type { WorkingKeyScheme } from '../src/index.ts';
import { makeWorkingKeys, openWorkingKeys } from '../src/working-keys.ts';

const MASTER = fromHex('70F2A84CCBC2AE8625CBB0F2C22AB923');
const SCHEMES: readonly WorkingKeyScheme[] = [
  { algorithm: '3DES', keyBytes: 8, macKeyBytes: 8, hasTrackKey: false },
  { algorithm: '3DES', keyBytes: 16, macKeyBytes: 8, hasTrackKey: true },
  { algorithm: '3DES', keyBytes: 16, macKeyBytes: 16, hasTrackKey: false },
  { algorithm: 'SM4', keyBytes: 16, macKeyBytes: 16, hasTrackKey: true },
];
const made = (scheme: WorkingKeyScheme) => makeWorkingKeys(MASTER, scheme, seededRandom('working keys'));
const modeOf = ({ algorithm }: WorkingKeyScheme) => (algorithm === 'SM4' ? 'sm4-ecb' : 'des-ede-ecb');

describe.each(SCHEMES)('$algorithm keys of $keyBytes bytes, MAC key of $macKeyBytes', (scheme) => {
  const mode = modeOf(scheme);
  const keys = made(scheme);
  const open = ({ enciphered }: { enciphered: Uint8Array }): Uint8Array => {
    const key = decryptBlocks(mode, MASTER, enciphered);
    return key.length === 8 ? concat(key, key) : key;
  };

  it('reach the terminal under its master key, each with its check value', () => {
    for (const key of [keys.pinKey, keys.macKey, ...(keys.trackKey === undefined ? [] : [keys.trackKey])])
      expect(toHex(checkValue(scheme.algorithm, open(key), 4))).toBe(toHex(key.checkValue));
    expect(keys.trackKey !== undefined).toBe(scheme.hasTrackKey);
    expect(keys.macKey.enciphered).toHaveLength(scheme.macKeyBytes);
  });

  it('are the keys of the session that is opened from what was sealed', () => {
    const session = openWorkingKeys(keys.clear);
    const block = fromHex(scheme.algorithm === 'SM4' ? '00112233445566778899AABBCCDDEEFF' : '0011223344556677');
    const mac = open(keys.macKey);
    const hasHalves = scheme.algorithm === '3DES' && scheme.macKeyBytes === 16;
    const left = hasHalves ? concat(mac.slice(0, 8), mac.slice(0, 8)) : mac;
    expect(toHex(session.encryptMac(block))).toBe(toHex(encryptBlocks(mode, left, block)));
    expect(session.decryptMacRight !== undefined).toBe(hasHalves);
    if (keys.trackKey !== undefined)
      expect(toHex(session.decryptTrack!(encryptBlocks(mode, open(keys.trackKey), block)))).toBe(toHex(block));
  });
});

describe('a PIN block', () => {
  const scheme = SCHEMES[1]!;
  const keys = made(scheme);
  const session = openWorkingKeys(keys.clear);
  const pinKey = decryptBlocks('des-ede-ecb', MASTER, keys.pinKey.enciphered);
  const under = (clear: string) => encryptBlocks('des-ede-ecb', pinKey, fromHex(clear));

  it('holds a PIN with and without the account number, under the right key only', () => {
    // ISO 9564-1 format 0: 0 | length | PIN | F, mixed with twelve digits of the account number
    const pan = '6222020000000000005';
    expect(session.holdsPin(under('06123456FFFFFFFF'))).toBe(true);
    expect(session.holdsPin(under('06123456FFFFFFFF'), pan)).toBe(true);
    expect(session.holdsPin(fromHex('06123456FFFFFFFF'))).toBe(false);
  });

  it.each(['16123456FFFFFFFF', '03123FFFFFFFFFFF', '0D123456FFFFFFFF', '0612345AFFFFFFFF', '06123456FFFFFFF0'])(
    '%s is none',
    (clear) => {
      expect(session.holdsPin(under(clear))).toBe(false);
    },
  );

  it('is not looked for in another length', () => {
    expect(session.holdsPin(new Uint8Array(16))).toBe(false);
  });
});
