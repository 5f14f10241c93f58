/** Randomness is passed in; these are its two sources. */
import { randomFillSync } from 'node:crypto';
import { openKeystream, sha256 } from './node-crypto.ts';

/** Gives `lengthBytes` random bytes. */
export type RandomSource = (lengthBytes: number) => Uint8Array;

export const systemRandom: RandomSource = (lengthBytes) => randomFillSync(new Uint8Array(lengthBytes));

/** The same bytes for the same seed: simulation and tests only, never for real keys. */
export function seededRandom(seed: string): RandomSource {
  return openKeystream(sha256(new TextEncoder().encode(`polycard-simulation:${seed}`)));
}

/** Uniform integer in [0, below). */
export function randomInteger(random: RandomSource, below: number): number {
  const limit = Math.floor(0x1_0000_0000 / below) * below;
  for (;;) {
    const bytes = random(4);
    const value = ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
    if (value < limit) return value % below;
  }
}
