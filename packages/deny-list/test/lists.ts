/** Lists for tests: seeded cards of dense and sparse issuers, and a keyed stand-in for the list issuer's signature. */
import {
  constantTimeEqual,
  hmacSha256,
  type RandomSource,
  randomInteger,
  seededRandom,
  sha256,
} from '@polycard/crypto';
import type { DenyEntry, ListSigner, ListVerifier } from '../src/index.ts';

const KEY = new TextEncoder().encode('list issuer of the tests');
const sign = (bytes: Uint8Array): Uint8Array => hmacSha256(KEY, bytes);

export const issuer: ListSigner & ListVerifier = {
  digest: sha256,
  sign,
  verify: (bytes, signature) => constantTimeEqual(sign(bytes), signature),
};

export function withCheckDigit(body: string): string {
  let sum = 0;
  for (let index = 0; index < body.length; index++) {
    const digit = Number(body[body.length - 1 - index]);
    const weighted = index % 2 === 0 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return `${body}${(10 - (sum % 10)) % 10}`;
}

/** The n-th card of an issuer that numbers its cards one after the other. */
export const denseCard = (serial: number, prefix = '621444'): string =>
  withCheckDigit(`${prefix}${String(serial).padStart(12, '0')}`);

export function sparseCard(random: RandomSource): string {
  const digits = Array.from({ length: 12 }, () => randomInteger(random, 10)).join('');
  return withCheckDigit(`622848${digits}`);
}

export const denied = (cardNo: string, changes: Partial<DenyEntry> = {}): DenyEntry => ({
  cardNo,
  scope: 'card',
  reason: 'lost',
  lockOnSight: false,
  ...changes,
});

export function someEntries(seed: string, count: number): DenyEntry[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const cardNo = index % 3 === 0 ? sparseCard(random) : denseCard(randomInteger(random, count * 10));
    return denied(cardNo, {
      scope: index % 7 === 0 ? 'metro' : 'card',
      reason: index % 2 === 0 ? 'lost' : 'debt',
      lockOnSight: index % 5 === 0,
    });
  });
}
