/**
 * M-of-N shares of a secret: Shamir's scheme over GF(256), each byte of the secret the constant term of a polynomial of
 * its own (A. Shamir, "How to share a secret", 1979). A share is written as
 *
 *     version 01 | set 4 | threshold 1 | index 1 | data | check 4
 *
 * in hex groups of four. The check is the front of SHA-256 over all before it, so a misread share is named when it is
 * entered; a share that was made up is named by the commitments kept with what it opens.
 */
import { concat, fromHex, PolycardError, toHex } from '@polycard/bytes';
import { constantTimeEqual, type RandomSource, sha256 } from '@polycard/crypto';

const VERSION = 0x01;
const SET_BYTES = 4;
const HEADER_BYTES = 1 + SET_BYTES + 2;
const CHECK_BYTES = 4;
const SECRET_BYTES = 32;
const SHARE_BYTES = HEADER_BYTES + SECRET_BYTES + CHECK_BYTES;

export interface Share {
  /** Which splitting it is of, 8 hex digits: shares of different splittings do not go together. */
  readonly set: string;
  readonly threshold: number;
  /** 1 to N: the holder's number. */
  readonly index: number;
  readonly data: Uint8Array;
}

export interface ShareSet {
  readonly set: string;
  readonly threshold: number;
  readonly shares: readonly Share[];
  /** One for each share, by index: SHA-256 of the written share, hex. Says nothing about the secret. */
  readonly commitments: readonly string[];
}

// GF(256) with the AES polynomial x^8+x^4+x^3+x+1, by logarithms to the base 3
const EXP = new Uint8Array(510);
const LOG = new Uint8Array(256);
for (let power = 0, value = 1; power < 255; power++) {
  EXP[power] = value;
  EXP[power + 255] = value;
  LOG[value] = power;
  value ^= (value << 1) ^ (value & 0x80 ? 0x11b : 0);
}
const multiply = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!);
const divide = (a: number, b: number): number => (a === 0 ? 0 : EXP[LOG[a]! + 255 - LOG[b]!]!);

/** Splits 32 bytes so that any `threshold` of `count` shares give them back. Throws `POLYCARD_VAULT_SHARE`. */
export function splitSecret(
  secret: Uint8Array,
  { threshold, count, random }: { readonly threshold: number; readonly count: number; readonly random: RandomSource },
): ShareSet {
  if (secret.length !== SECRET_BYTES) {
    throw new PolycardError('POLYCARD_VAULT_SHARE', `a shared secret has ${SECRET_BYTES} bytes, got ${secret.length}`);
  }
  if (!Number.isInteger(threshold) || !Number.isInteger(count) || threshold < 2 || count < threshold || count > 255) {
    throw new PolycardError('POLYCARD_VAULT_SHARE', `${threshold} of ${count} shares cannot be made`, {
      where: 'threshold',
      expected: 'two or more, of at most 255',
    });
  }
  const set = toHex(random(SET_BYTES));
  const coefficients = random((threshold - 1) * secret.length);
  const shares = Array.from({ length: count }, (_, position): Share => {
    const index = position + 1;
    const data = secret.map((constant, offset) => {
      // Horner, highest coefficient first
      let value = 0;
      for (let degree = threshold - 2; degree >= 0; degree--) {
        value = multiply(value, index) ^ coefficients[degree * secret.length + offset]!;
      }
      return multiply(value, index) ^ constant;
    });
    return { set, threshold, index, data };
  });
  coefficients.fill(0);
  return { set, threshold, shares, commitments: shares.map(commitmentOf) };
}

/**
 * The secret from `threshold` shares or more. With the commitments of the set a share that is not one of its own is
 * named. Throws `POLYCARD_VAULT_SHARE`.
 */
export function combineShares(shares: readonly Share[], commitments?: readonly string[]): Uint8Array {
  const first = shares[0];
  if (first === undefined) throw tooFew(0, undefined);
  const byIndex = new Map<number, Share>();
  for (const share of shares) {
    if (share.set !== first.set || share.threshold !== first.threshold) {
      throw wrong(share.index, `is of set ${share.set}, the others are of ${first.set}`);
    }
    if (commitments !== undefined && commitments[share.index - 1] !== commitmentOf(share)) {
      throw wrong(share.index, 'is wrong: it is not the share that was made');
    }
    if (byIndex.has(share.index)) throw wrong(share.index, 'was entered twice');
    byIndex.set(share.index, share);
  }
  if (byIndex.size < first.threshold) throw tooFew(byIndex.size, first.threshold);
  const used = [...byIndex.values()].slice(0, first.threshold);
  const secret = new Uint8Array(SECRET_BYTES);
  for (const { index, data } of used) {
    // Lagrange at 0: the product of x_j / (x_j - x_i), where subtraction is exclusive or
    let weight = 1;
    for (const other of used) {
      if (other.index !== index) weight = multiply(weight, divide(other.index, other.index ^ index));
    }
    for (let offset = 0; offset < SECRET_BYTES; offset++) secret[offset]! ^= multiply(weight, data[offset]!);
  }
  return secret;
}

/** As it is printed for its holder: groups of four hex digits. */
export function formatShare(share: Share): string {
  const body = shareBody(share);
  return toHex(concat(body, sha256(body).subarray(0, CHECK_BYTES))).replace(/(.{4})(?=.)/g, '$1-');
}

/** Reads a written share; `position` names it in errors before its own number is known. Throws `POLYCARD_VAULT_SHARE`. */
export function parseShare(text: string, position = 1): Share {
  const hex = text.replace(/[\s-]/g, '');
  if (!/^[0-9A-Fa-f]*$/.test(hex) || hex.length !== SHARE_BYTES * 2) {
    throw wrong(position, `has ${hex.length} digits that are not ${SHARE_BYTES * 2} hex digits`);
  }
  const bytes = fromHex(hex);
  const body = bytes.subarray(0, SHARE_BYTES - CHECK_BYTES);
  const index = bytes[HEADER_BYTES - 1]!;
  if (!constantTimeEqual(sha256(body).subarray(0, CHECK_BYTES), bytes.subarray(SHARE_BYTES - CHECK_BYTES))) {
    throw wrong(position, 'was misread: its check does not fit');
  }
  if (bytes[0] !== VERSION || index === 0 || bytes[HEADER_BYTES - 2]! < 2) {
    throw wrong(position, 'has another format');
  }
  return {
    set: toHex(bytes.subarray(1, 1 + SET_BYTES)),
    threshold: bytes[HEADER_BYTES - 2]!,
    index,
    data: body.slice(HEADER_BYTES),
  };
}

function shareBody({ set, threshold, index, data }: Share): Uint8Array {
  return concat(Uint8Array.of(VERSION), fromHex(set), Uint8Array.of(threshold, index), data);
}

const commitmentOf = (share: Share): string => toHex(sha256(shareBody(share)));

function wrong(index: number, why: string): PolycardError {
  return new PolycardError('POLYCARD_VAULT_SHARE', `share ${index} ${why}`, {
    where: `share ${index}`,
    expected: 'the share as it was printed for its holder',
  });
}

function tooFew(found: number, threshold: number | undefined): PolycardError {
  return new PolycardError('POLYCARD_VAULT_SHARE', `${found} shares do not open it`, {
    where: 'shares',
    expected: threshold === undefined ? 'shares' : `${threshold} shares of different holders`,
  });
}
