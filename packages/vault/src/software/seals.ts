/**
 * How a keystore's key-encryption key is unsealed: by a passphrase (scrypt) or by M of N shares. A keystore may carry
 * several seals of the same key: one for daily starts, one for the day the passphrase is lost.
 */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { deriveScrypt, openAesGcm, type RandomSource, sealAesGcm } from '@polycard/crypto';
import { combineShares, type Share, type ShareSet, splitSecret } from '../shares.ts';

export type KeystoreSeal =
  | { readonly kind: 'passphrase'; readonly salt: string; readonly wrapped: string }
  | {
      readonly kind: 'shares';
      readonly set: string;
      readonly threshold: number;
      readonly count: number;
      readonly commitments: readonly string[];
      readonly wrapped: string;
    };

/** What opens a keystore. */
export type Unsealing = { readonly passphrase: string } | { readonly shares: readonly Share[] };

const KEY_BYTES = 32;
const CONTEXT = {
  passphrase: new TextEncoder().encode('polycard keystore, passphrase'),
  shares: new TextEncoder().encode('polycard keystore, shares'),
} as const;

export function sealByPassphrase(key: Uint8Array, passphrase: string, random: RandomSource): KeystoreSeal {
  const salt = random(16);
  const wrapping = deriveScrypt(passphrase, salt, KEY_BYTES);
  const wrapped = toHex(sealAesGcm(wrapping, random(12), key, CONTEXT.passphrase));
  wrapping.fill(0);
  return { kind: 'passphrase', salt: toHex(salt), wrapped };
}

export function sealByShares(
  key: Uint8Array,
  { threshold, count, random }: { readonly threshold: number; readonly count: number; readonly random: RandomSource },
): { readonly seal: KeystoreSeal; readonly shares: ShareSet } {
  const secret = random(KEY_BYTES);
  const shares = splitSecret(secret, { threshold, count, random });
  const wrapped = toHex(sealAesGcm(secret, random(12), key, CONTEXT.shares));
  secret.fill(0);
  const { set, commitments } = shares;
  return { seal: { kind: 'shares', set, threshold, count, commitments, wrapped }, shares };
}

/** Throws `POLYCARD_VAULT_PASSPHRASE` or, naming the share, `POLYCARD_VAULT_SHARE`. */
export function unseal(seals: readonly KeystoreSeal[], unsealing: Unsealing): Uint8Array {
  if ('passphrase' in unsealing) return unsealByPassphrase(seals, unsealing.passphrase);
  const set = unsealing.shares[0]?.set;
  const seal = seals.find((candidate) => candidate.kind === 'shares' && (set === undefined || candidate.set === set));
  if (seal?.kind !== 'shares') {
    throw new PolycardError('POLYCARD_VAULT_SHARE', `the keystore is not sealed by shares of set ${set}`, {
      where: 'shares',
      expected: 'the shares made for this keystore',
    });
  }
  const secret = combineShares(unsealing.shares, seal.commitments);
  try {
    return openAesGcm(secret, fromHex(seal.wrapped), CONTEXT.shares);
  } catch (cause) {
    throw new PolycardError('POLYCARD_VAULT_TAMPERED', 'the keystore was changed: its key does not open', { cause });
  } finally {
    secret.fill(0);
  }
}

function unsealByPassphrase(seals: readonly KeystoreSeal[], passphrase: string): Uint8Array {
  let failure: unknown;
  for (const seal of seals) {
    if (seal.kind !== 'passphrase') continue;
    const wrapping = deriveScrypt(passphrase, fromHex(seal.salt), KEY_BYTES);
    try {
      return openAesGcm(wrapping, fromHex(seal.wrapped), CONTEXT.passphrase);
    } catch (cause) {
      failure = cause;
    } finally {
      wrapping.fill(0);
    }
  }
  throw new PolycardError('POLYCARD_VAULT_PASSPHRASE', 'the keystore does not open with this passphrase', {
    expected: 'the passphrase the keystore was made with (POLYCARD_VAULT_PASSPHRASE or vault/passphrase)',
    cause: failure,
  });
}
