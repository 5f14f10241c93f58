/** Keys entered in components by several people, and the keys that must not be used at all. */
import { PolycardError, toHex, xor } from '@polycard/bytes';
import { checkValue, encryptBlocks } from '@polycard/crypto';
import type { KeyAlgorithm } from './key-model.ts';
import type { KeyComponent } from './vault.ts';

/** Bytes a key may have by its algorithm. */
const KEY_BYTES: Readonly<Partial<Record<KeyAlgorithm, readonly number[]>>> = {
  '3DES': [16],
  SM4: [16],
  AES: [16, 24, 32],
};
const COMPONENTS_MIN = 2;

/** Weak and semi-weak single DES keys with odd parity (NIST SP 800-67 r2 §3.3.2). */
const WEAK_DES_KEYS: ReadonlySet<string> = new Set([
  '0101010101010101',
  'FEFEFEFEFEFEFEFE',
  'E0E0E0E0F1F1F1F1',
  '1F1F1F1F0E0E0E0E',
  '011F011F010E010E',
  '1F011F010E010E01',
  '01E001E001F101F1',
  'E001E001F101F101',
  '01FE01FE01FE01FE',
  'FE01FE01FE01FE01',
  '1FE01FE00EF10EF1',
  'E01FE01FF10EF10E',
  '1FFE1FFE0EFE0EFE',
  'FE1FFE1FFE0EFE0E',
  'E0FEE0FEF1FEF1FE',
  'FEE0FEE0FEF1FEF1',
]);

/**
 * Combines components by exclusive or. Each has its own check value; a wrong one is named by its number. Throws
 * `POLYCARD_VAULT_COMPONENT`.
 */
export function combineComponents(
  algorithm: KeyAlgorithm,
  components: readonly KeyComponent[],
  expectedCheckValue?: string,
): Uint8Array {
  if (components.length < COMPONENTS_MIN) {
    throw new PolycardError('POLYCARD_VAULT_COMPONENT', `${components.length} component is no shared knowledge`, {
      expected: 'two components or more, each from another person',
    });
  }
  const seen = new Set<string>();
  const lengthBytes = components[0]!.bytes.length;
  let key = new Uint8Array(lengthBytes);
  for (const [index, { bytes, checkValue: stated }] of components.entries()) {
    const where = `component ${index + 1}`;
    if (bytes.length !== lengthBytes || !(KEY_BYTES[algorithm] ?? []).includes(lengthBytes)) {
      throw new PolycardError('POLYCARD_VAULT_COMPONENT', `${where} has ${bytes.length} bytes`, {
        where,
        expected: `${(KEY_BYTES[algorithm] ?? []).join(' or ')} bytes, all components alike`,
      });
    }
    const found = checkOf(algorithm, bytes, stated, where);
    if (seen.has(found)) {
      throw new PolycardError('POLYCARD_VAULT_COMPONENT', `${where} was entered twice`, {
        where,
        expected: 'another component',
      });
    }
    seen.add(found);
    key = Uint8Array.from(xor(key, bytes));
  }
  if (expectedCheckValue !== undefined) checkOf(algorithm, key, expectedCheckValue, 'the combined key');
  return key;
}

/** The front of one zero block under the key. */
export function keyCheckValue(algorithm: KeyAlgorithm, key: Uint8Array, lengthBytes: number): Uint8Array {
  if (algorithm === 'AES') return encryptBlocks('aes-ecb', key, new Uint8Array(16)).slice(0, lengthBytes);
  if (key.length === 24) return encryptBlocks('des-ede3-ecb', key, new Uint8Array(8)).slice(0, lengthBytes);
  return checkValue(algorithm === 'SM4' ? 'SM4' : '3DES', key, lengthBytes);
}

function checkOf(algorithm: KeyAlgorithm, bytes: Uint8Array, stated: string, where: string): string {
  const text = stated.replace(/\s/g, '').toUpperCase();
  const lengthBytes = text.length / 2;
  const found = toHex(keyCheckValue(algorithm, bytes, 8));
  if (!/^([0-9A-F]{2}){3,8}$/.test(text) || found.slice(0, lengthBytes * 2) !== text) {
    throw new PolycardError('POLYCARD_VAULT_COMPONENT', `${where}: the check value is not that of what was entered`, {
      where,
      expected: 'the check value on the form (3 to 8 bytes, hex)',
    });
  }
  return found;
}

/** Refuses keys that give no protection: weak DES halves, equal halves, all bytes equal. Throws `POLYCARD_VAULT_WEAK_KEY`. */
export function requireStrongKey(algorithm: KeyAlgorithm, key: Uint8Array, where: string): void {
  const weak = (why: string): PolycardError =>
    new PolycardError('POLYCARD_VAULT_WEAK_KEY', `the key for ${where} is weak: ${why}`, {
      where,
      expected: 'a key from a random source',
    });
  if (key.every((byte) => byte === key[0])) throw weak('all its bytes are equal');
  if (algorithm !== '3DES') return;
  const halves = [];
  for (let at = 0; at < key.length; at += 8) halves.push(withOddParity(key.subarray(at, at + 8)));
  if (halves[0] === halves[1] || (halves.length === 3 && halves[1] === halves[2]))
    throw weak('its halves are equal, which is single DES');
  if (halves.some((half) => WEAK_DES_KEYS.has(half))) throw weak('one part is a weak DES key');
}

function withOddParity(bytes: Uint8Array): string {
  return toHex(
    bytes.map((byte) => {
      let ones = 0;
      for (let bit = 1; bit < 8; bit++) ones += (byte >> bit) & 1;
      return (byte & 0xfe) | (ones % 2 === 0 ? 1 : 0);
    }),
  );
}
