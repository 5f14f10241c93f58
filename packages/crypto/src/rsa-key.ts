/**
 * RSA key pairs made from a passed-in random source, so that a seeded simulation makes the same keys again; with
 * `systemRandom` they are ordinary random keys. Public exponent 3, as PBOC card and issuer keys use.
 */
import { PolycardError } from '@polycard/bytes';
import { isProbablePrime, type RsaPrivateParts } from './node-crypto.ts';
import type { RandomSource } from './random.ts';

export const RSA_EXPONENT_3 = Uint8Array.of(3);

export function bytesFromBigint(value: bigint, lengthBytes: number): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(lengthBytes * 2, '0'), 'hex'));
}

export function bigintFromBytes(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

export function modularInverse(value: bigint, modulus: bigint): bigint {
  let [r0, r1] = [modulus, ((value % modulus) + modulus) % modulus];
  let [t0, t1] = [0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1] = [r1, r0 - quotient * r1];
    [t0, t1] = [t1, t0 - quotient * t1];
  }
  if (r0 !== 1n) throw new PolycardError('POLYCARD_CRYPTO_RSA', 'the number has no inverse');
  return t0 < 0n ? t0 + modulus : t0;
}

function randomPrime(random: RandomSource, lengthBytes: number): bigint {
  for (;;) {
    const bytes = random(lengthBytes);
    bytes[0]! |= 0xc0; // so that the product has its full length
    bytes[lengthBytes - 1]! |= 1;
    let candidate = bigintFromBytes(bytes);
    for (let step = 0; step < 400; step++, candidate += 2n) {
      // e = 3 needs p ≢ 1 (mod 3); small factors are ruled out before the expensive test
      if (candidate % 3n !== 2n || candidate % 5n === 0n || candidate % 7n === 0n || candidate % 11n === 0n) continue;
      if (isProbablePrime(candidate)) return candidate;
    }
  }
}

/** A key pair with a modulus of exactly `modulusBytes` bytes (even). */
export function generateRsaKey(random: RandomSource, modulusBytes: number): RsaPrivateParts {
  if (modulusBytes % 2 !== 0 || modulusBytes < 64) {
    throw new PolycardError('POLYCARD_CRYPTO_RSA', `modulus of ${modulusBytes} bytes is not supported`);
  }
  const half = modulusBytes / 2;
  for (;;) {
    const p = randomPrime(random, half);
    const q = randomPrime(random, half);
    const modulus = p * q;
    if (p === q || modulus >> BigInt(modulusBytes * 8 - 1) !== 1n) continue;
    const d = modularInverse(3n, (p - 1n) * (q - 1n));
    return {
      modulus: bytesFromBigint(modulus, modulusBytes),
      exponent: RSA_EXPONENT_3,
      privateExponent: bytesFromBigint(d, modulusBytes),
      p: bytesFromBigint(p, half),
      q: bytesFromBigint(q, half),
      dp: bytesFromBigint(d % (p - 1n), half),
      dq: bytesFromBigint(d % (q - 1n), half),
      qInv: bytesFromBigint(modularInverse(q, p), half),
    };
  }
}

/** All parts from the five CRT numbers a card is personalised with (DGI 8201 to 8205). */
export function rsaPartsFromCrt(crt: Pick<RsaPrivateParts, 'p' | 'q' | 'dp' | 'dq' | 'qInv'>): RsaPrivateParts {
  const p = bigintFromBytes(crt.p);
  const q = bigintFromBytes(crt.q);
  const exponent = modularInverse(bigintFromBytes(crt.dp), p - 1n);
  const modulusBytes = crt.p.length + crt.q.length;
  const d = modularInverse(exponent, (p - 1n) * (q - 1n));
  return {
    ...crt,
    modulus: bytesFromBigint(p * q, modulusBytes),
    exponent: exponent < 256n ? Uint8Array.of(Number(exponent)) : bytesFromBigint(exponent, 3),
    privateExponent: bytesFromBigint(d, modulusBytes),
  };
}
