/**
 * 3DES card cryptography inside a token. Tokens have no retail MAC, but it can be built from what they have: a key
 * dispersed from a parent is K = 3DES_parent(F‖~F), and K1‖K1 with K1 its left half is 3DES_parent(F‖F). CBC over all
 * blocks but the last under K1‖K1 and the last block under K is ISO/IEC 9797-1 algorithm 3. Nothing but the MAC leaves.
 */
import { complement, concat, xor } from '@polycard/bytes';
import { pad80 } from '@polycard/crypto';
import { sessionKeyInput } from '@polycard/emv';
import { CKA, CKK, CKM, CKO } from './constants.ts';
import type { Template } from './library.ts';
import type { ObjectHandle, TokenSession } from './session.ts';

const BLOCK_BYTES = 8;
const KEY_BYTES = 16;
/** Blocks enciphered in one call. */
const BATCH_BYTES = 1 << 18;

const sessionKey = (...uses: readonly number[]): Template => [
  [CKA.CLASS, CKO.SECRET_KEY],
  [CKA.KEY_TYPE, CKK.DES2],
  [CKA.TOKEN, false],
  [CKA.PRIVATE, false],
  [CKA.SENSITIVE, true],
  [CKA.EXTRACTABLE, false],
  [CKA.ENCRYPT, uses.includes(CKA.ENCRYPT)],
  [CKA.DECRYPT, false],
  [CKA.DERIVE, uses.includes(CKA.DERIVE)],
];
const PARENT = sessionKey(CKA.DERIVE, CKA.ENCRYPT);
const CIPHER = sessionKey(CKA.ENCRYPT);
/** A key on its way to its holder: of no type, so that its parity is not touched. */
const LEAVING: Template = [
  [CKA.CLASS, CKO.SECRET_KEY],
  [CKA.KEY_TYPE, CKK.GENERIC_SECRET],
  [CKA.VALUE_LEN, KEY_BYTES],
  [CKA.TOKEN, false],
  [CKA.PRIVATE, false],
  [CKA.SENSITIVE, false],
  [CKA.EXTRACTABLE, true],
];

/** How a key comes from the one above it: what is enciphered for the key, and for its left half twice. */
export interface Derivation {
  readonly whole: Uint8Array;
  readonly leftTwice: Uint8Array;
}

/** One level of dispersion: F‖~F. */
export const byFactor = (factor: Uint8Array): Derivation => ({
  whole: concat(factor, complement(factor)),
  leftTwice: concat(factor, factor),
});

/** The session key of a transaction. */
export function byCounter(atc: number): Derivation {
  const whole = sessionKeyInput(atc);
  const left = whole.subarray(0, BLOCK_BYTES);
  return { whole, leftTwice: concat(left, left) };
}

export class TokenCipher {
  readonly #session: TokenSession;

  constructor(session: TokenSession) {
    this.#session = session;
  }

  /** Works with objects that are gone afterwards. */
  #with<T>(objects: readonly ObjectHandle[], work: () => T): T {
    try {
      return work();
    } finally {
      for (const object of objects) this.#session.destroy(object);
    }
  }

  /** A key of the session dispersed from `parent`, with which keys are dispersed further; destroyed by the caller. */
  parent(parent: ObjectHandle, factor: Uint8Array): ObjectHandle {
    return this.#session.deriveByEncryption(parent, byFactor(factor).whole, PARENT);
  }

  destroy(object: ObjectHandle): void {
    this.#session.destroy(object);
  }

  /** Keys below a parent of this session, in calls of many: for keys that go to their holders enciphered. */
  disperseMany(parent: ObjectHandle, factors: readonly Uint8Array[]): Uint8Array[] {
    const input = concat(...factors.map((factor) => byFactor(factor).whole));
    const keys: Uint8Array[] = [];
    for (let start = 0; start < input.length; start += BATCH_BYTES) {
      const output = this.encipher(parent, input.subarray(start, start + BATCH_BYTES));
      for (let offset = 0; offset < output.length; offset += KEY_BYTES) {
        keys.push(output.slice(offset, offset + KEY_BYTES));
      }
      output.fill(0);
    }
    return keys;
  }

  /** A key directly below a master key, which only derives. */
  disperseOne(master: ObjectHandle, factor: Uint8Array): Uint8Array {
    return this.blockUnder(master, byFactor(factor).whole);
  }

  /** Two blocks under a key that only derives, such as its check value. */
  blockUnder(master: ObjectHandle, blocks: Uint8Array): Uint8Array {
    const key = this.#session.deriveByEncryption(master, blocks, LEAVING);
    return this.#with([key], () => this.#session.attribute(key, CKA.VALUE, KEY_BYTES));
  }

  encipher(key: ObjectHandle, blocks: Uint8Array): Uint8Array {
    return this.#session.encrypt(key, { type: CKM.DES3_ECB }, blocks);
  }

  /** Retail MAC under a key derived from `parent`. 8 bytes. */
  retailMac(parent: ObjectHandle, derivation: Derivation, data: Uint8Array): Uint8Array {
    const key = this.#session.deriveByEncryption(parent, derivation.whole, CIPHER);
    return this.#with([key], () => this.#macWith(key, parent, derivation, data));
  }

  /** Whole blocks under a key derived from `parent`. */
  encipherUnder(parent: ObjectHandle, derivation: Derivation, blocks: Uint8Array): Uint8Array {
    const key = this.#session.deriveByEncryption(parent, derivation.whole, CIPHER);
    return this.#with([key], () => this.encipher(key, blocks));
  }

  /** Enciphers under a dispersed key and makes a MAC under it over what `authenticated` builds from the result. */
  wrapUnder(
    parent: ObjectHandle,
    derivation: Derivation,
    blocks: Uint8Array,
    authenticated: (wrapped: Uint8Array) => Uint8Array,
  ): { wrapped: Uint8Array; mac: Uint8Array } {
    const key = this.#session.deriveByEncryption(parent, derivation.whole, CIPHER);
    return this.#with([key], () => {
      const wrapped = this.encipher(key, blocks);
      return { wrapped, mac: this.#macWith(key, parent, derivation, authenticated(wrapped)) };
    });
  }

  #macWith(key: ObjectHandle, parent: ObjectHandle, derivation: Derivation, data: Uint8Array): Uint8Array {
    const padded = pad80(data, BLOCK_BYTES);
    const last = padded.subarray(padded.length - BLOCK_BYTES);
    if (padded.length === BLOCK_BYTES) return this.encipher(key, last);
    const left = this.#session.deriveByEncryption(parent, derivation.leftTwice, CIPHER);
    return this.#with([left], () => {
      const front = padded.subarray(0, padded.length - BLOCK_BYTES);
      const chained = this.#session.encrypt(
        left,
        { type: CKM.DES3_CBC, parameter: new Uint8Array(BLOCK_BYTES) },
        front,
      );
      return this.encipher(key, xor(last, chained.subarray(chained.length - BLOCK_BYTES)));
    });
  }
}
