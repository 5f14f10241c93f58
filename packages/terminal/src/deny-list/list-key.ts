/** The list issuer's public key as a terminal gets it at its enrolment. */
import { fromHex } from '@polycard/bytes';
import { openRsaVerifier, sha256 } from '@polycard/crypto';
import type { ListVerifier } from '@polycard/deny-list';

/** Hexadecimal. */
export interface ListKey {
  readonly modulus: string;
  readonly exponent: string;
}

/** RSASSA-PKCS1-v1_5 with SHA-256; digests are SHA-256. */
export function listVerifier({ modulus, exponent }: ListKey): ListVerifier {
  return { digest: sha256, verify: openRsaVerifier(fromHex(modulus), fromHex(exponent)).verify };
}
