/**
 * One key in the form a counterpart takes it: a key block of X9.143 B or D, plain ECB with a check value (domestic
 * counterparts), or an SM2 envelope for who has a public key instead of a shared one.
 */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import {
  constantTimeEqual,
  decryptBlocks,
  encodeKeyBlock,
  encryptBlocks,
  type KeyBlockHeader,
  openKeyBlock,
  type RandomSource,
  sm2Decrypt,
  sm2Encrypt,
} from '@polycard/crypto';
import { keyCheckValue } from '../key-components.ts';
import type { KeyAlgorithm, KeyInfo, KeySpecification, KeyUsage } from '../key-model.ts';
import type { ExchangedKey, ExchangeForm } from '../vault.ts';
import { decodeSm2Cipher, encodeSm2Cipher } from './sm2-cipher.ts';

const KEY_BYTES = 16;
/** Blocks tell no key length below this. */
const MASKED_KEY_BYTES = 24;

/** Key usages of X9.143 table 2. Opening and management keys of Part 14 have none there: two digits, which are ours. */
const BLOCK_USAGE: Readonly<Partial<Record<KeyUsage, string>>> = {
  'application-cryptogram': 'E0',
  'script-encryption': 'E1',
  'script-mac': 'E2',
  activation: '20',
  management: '21',
  zone: 'K0',
};
/** Algorithms of X9.143 table 3; it has none for SM4: a digit, which is ours. */
const BLOCK_ALGORITHM: Readonly<Partial<Record<KeyAlgorithm, string>>> = { '3DES': 'T', AES: 'A', SM4: '4' };
const MODE_DERIVE = 'X';
const MODE_WRAP = 'B';

/** How a key's attributes are written in a block's header. Throws `POLYCARD_VAULT_EXPORT` for a key that has no form. */
export function blockHeader(version: 'B' | 'D', key: KeyInfo): KeyBlockHeader {
  const [usage, algorithm] = [BLOCK_USAGE[key.usage], BLOCK_ALGORITHM[key.algorithm]];
  if (usage === undefined || algorithm === undefined) {
    throw new PolycardError('POLYCARD_VAULT_EXPORT', `a ${key.algorithm} key for ${key.usage} has no key block`, {
      where: key.label,
      expected: Object.keys(BLOCK_USAGE).join(', '),
    });
  }
  return {
    ...{ version, usage, algorithm, modeOfUse: key.usage === 'zone' ? MODE_WRAP : MODE_DERIVE },
    keyVersion: String(key.version % 100).padStart(2, '0'),
    ...{ exportability: 'N', keyContext: '2', optionalBlocks: [{ id: 'LB', data: key.label }] },
  };
}

export interface FormKeys {
  /** The zone's key; 16 bytes of 3DES, or AES for version D. */
  readonly zoneKey?: Uint8Array;
  readonly zoneAlgorithm?: KeyAlgorithm;
  /** The receiver's SM2 public key to write, our private key to read. */
  readonly sm2PublicKey?: Uint8Array;
  readonly sm2PrivateKey?: Uint8Array;
}

export function writeForm(
  form: ExchangeForm,
  key: KeyInfo,
  clear: Uint8Array,
  keys: FormKeys,
  random: RandomSource,
): ExchangedKey {
  const { label, version, usage, algorithm, checkValue } = key;
  const stated = { label, version, usage, algorithm, checkValue, form };
  switch (form) {
    case 'X9.143-B':
    case 'X9.143-D': {
      const blockVersion = form === 'X9.143-B' ? 'B' : 'D';
      const zoneKey = zoneKeyFor(form, keys);
      const filling = { random, maskedKeyBytes: MASKED_KEY_BYTES };
      return { ...stated, enciphered: encodeKeyBlock(zoneKey, blockHeader(blockVersion, key), clear, filling) };
    }
    case 'ECB':
      return { ...stated, enciphered: toHex(encryptBlocks('des-ede-ecb', zoneKeyFor(form, keys), clear)) };
    case 'SM2':
      if (keys.sm2PublicKey === undefined) throw lacking(form, "the receiver's SM2 public key");
      return { ...stated, enciphered: toHex(encodeSm2Cipher(sm2Encrypt(keys.sm2PublicKey, clear, random))) };
  }
}

/**
 * Opens one key for the purpose it was ordered for. Throws `POLYCARD_VAULT_IMPORT` naming what does not fit: usage,
 * algorithm, check value; `POLYCARD_KEY_BLOCK` for a block that was changed. The caller wipes the bytes.
 */
export function readForm(specification: KeySpecification, received: ExchangedKey, keys: FormKeys): Uint8Array {
  const refuse = (what: string, found: string, expected: string): PolycardError =>
    new PolycardError('POLYCARD_VAULT_IMPORT', `key ${received.label}: ${what} is ${found}, not ${expected}`, {
      where: what,
      expected,
    });
  if (received.usage !== specification.usage) throw refuse('usage', received.usage, specification.usage);
  if (received.algorithm !== specification.algorithm) {
    throw refuse('algorithm', received.algorithm, specification.algorithm);
  }
  const clear = clearOf(specification, received, keys, refuse);
  const found = toHex(keyCheckValue(specification.algorithm, clear, received.checkValue.length / 2));
  if (
    !/^([0-9A-F]{2}){3,8}$/.test(received.checkValue) ||
    !constantTimeEqual(fromHex(found), fromHex(received.checkValue))
  ) {
    clear.fill(0);
    throw refuse('check value', received.checkValue, 'that of the key inside');
  }
  return clear;
}

function clearOf(
  specification: KeySpecification,
  received: ExchangedKey,
  keys: FormKeys,
  refuse: (what: string, found: string, expected: string) => PolycardError,
): Uint8Array {
  const { form, enciphered } = received;
  if (form === 'SM2') {
    if (keys.sm2PrivateKey === undefined) throw lacking(form, 'our SM2 private key');
    return sm2Decrypt(keys.sm2PrivateKey, decodeSm2Cipher(hexOf(received)));
  }
  const zoneKey = zoneKeyFor(form, keys);
  if (form === 'ECB') {
    const bytes = hexOf(received);
    if (bytes.length !== KEY_BYTES) throw refuse('length', `${bytes.length} bytes`, `${KEY_BYTES} bytes`);
    return Uint8Array.from(decryptBlocks('des-ede-ecb', zoneKey, bytes));
  }
  const { header, key } = openKeyBlock(zoneKey, enciphered);
  const usage = BLOCK_USAGE[specification.usage];
  const algorithm = BLOCK_ALGORITHM[specification.algorithm];
  const mode = specification.usage === 'zone' ? MODE_WRAP : MODE_DERIVE;
  if (header.usage !== usage) throw refuse('usage of the block', header.usage, String(usage));
  if (header.algorithm !== algorithm) throw refuse('algorithm of the block', header.algorithm, String(algorithm));
  if (header.modeOfUse !== mode) throw refuse('mode of use of the block', header.modeOfUse, mode);
  return key;
}

function hexOf({ label, enciphered }: ExchangedKey): Uint8Array {
  if (!/^([0-9A-Fa-f]{2})+$/.test(enciphered)) {
    throw new PolycardError('POLYCARD_VAULT_IMPORT', `key ${label}: what is enciphered is not hex`, {
      where: 'enciphered',
      expected: 'hex digits',
    });
  }
  return fromHex(enciphered);
}

function zoneKeyFor(form: ExchangeForm, { zoneKey, zoneAlgorithm }: FormKeys): Uint8Array {
  const wanted: KeyAlgorithm = form === 'X9.143-D' ? 'AES' : '3DES';
  if (zoneKey === undefined || zoneAlgorithm !== wanted) throw lacking(form, `a zone key of ${wanted}`);
  return zoneKey;
}

function lacking(form: ExchangeForm, what: string): PolycardError {
  return new PolycardError('POLYCARD_VAULT_EXCHANGE', `the form ${form} needs ${what}`, {
    where: form,
    expected: what,
  });
}
