/** Offline data authentication of a dialogue: both certificates, then the dynamic signature of its kind. */
import { concat, digitsFromBcd, PolycardError, toHex } from '@polycard/bytes';
import { rsaRecover } from '@polycard/crypto';
import {
  openRsaPublicKey,
  type RsaPublicKey,
  recoverIccCertificate,
  recoverIssuerCertificate,
} from '../certificates.ts';
import {
  type FddaTerminalData,
  staticDataToBeAuthenticated,
  verifyCdaSignature,
  verifyDdaSignature,
  verifyFddaSignature,
} from '../offline-data-authentication.ts';
import type { DialogueState } from './state.ts';

export type SignatureToCheck =
  | ({ readonly kind: 'fdda'; readonly signature: Uint8Array; readonly atc: number } & FddaTerminalData)
  | { readonly kind: 'dda'; readonly signature: Uint8Array; readonly ddolData: Uint8Array; readonly atc: number }
  | {
      readonly kind: 'cda';
      readonly signature: Uint8Array;
      readonly unpredictableNumber: Uint8Array;
      readonly transactionData: readonly Uint8Array[];
      readonly responseObjects: readonly Uint8Array[];
      readonly cid: number;
    };

export interface SignatureResult {
  readonly ok: boolean;
  readonly reason: string;
  /** Whether both certificates hold; undefined when they could not be looked at. */
  readonly certificates?: boolean;
  /** The opened block. */
  readonly recovered?: Uint8Array;
  /** CDA: the application cryptogram inside. */
  readonly cryptogram?: Uint8Array;
}

export interface AuthenticationKeys {
  readonly caKeys: ReadonlyMap<string, RsaPublicKey>;
  readonly pan: string;
}

const RID_DIGITS = 10;

function cardKey(state: DialogueState, { caKeys, pan }: AuthenticationKeys): RsaPublicKey | string {
  const object = (tag: string): Uint8Array | undefined => state.objects.get(tag);
  const [index, issuer, issuerExponent] = [object('8F'), object('90'), object('9F32')];
  const [card, cardExponent] = [object('9F46'), object('9F47')];
  if (!index || !issuer || !issuerExponent || !card || !cardExponent) return 'a certificate is missing';
  const caKey = caKeys.get(state.aid.slice(0, RID_DIGITS) + toHex(index));
  if (caKey === undefined) return `no certification authority key ${toHex(index)}`;
  const date = digitsFromBcd(state.transaction?.terminal.get('9A') ?? object('5F25') ?? new Uint8Array(3));
  const checks = { pan, date };
  const recovered = recoverIssuerCertificate(
    { certificate: issuer, exponent: issuerExponent, remainder: object('92') },
    caKey,
    checks,
  );
  if (!recovered.ok) return `issuer certificate: ${recovered.reason}`;
  const issuerKey = openRsaPublicKey(recovered.content.publicKey.modulus, issuerExponent);
  const tagList = object('9F4A');
  const aip = tagList !== undefined && toHex(tagList) === '82' ? state.transaction?.card.get('82') : undefined;
  const staticData = staticDataToBeAuthenticated(state.authenticatedRecords() ?? [], aip);
  const parts = { certificate: card, exponent: cardExponent, remainder: object('9F48'), staticData };
  const own = recoverIccCertificate(parts, issuerKey, checks);
  return own.ok ? openRsaPublicKey(own.content.publicKey.modulus, cardExponent) : `card certificate: ${own.reason}`;
}

function verify(key: RsaPublicKey, check: SignatureToCheck): { ok: boolean; reason: string; cryptogram?: Uint8Array } {
  if (check.kind === 'fdda') {
    const found = verifyFddaSignature(key, check.signature, check);
    if (!found.ok) return found;
    return found.atc === check.atc ? { ok: true, reason: '' } : { ok: false, reason: 'another transaction counter' };
  }
  if (check.kind === 'dda') {
    const found = verifyDdaSignature(key, check.signature, check.ddolData);
    if (!found.ok) return found;
    const atc = found.dynamicNumber.reduce((value, byte) => value * 256 + byte, 0);
    return atc === check.atc ? { ok: true, reason: '' } : { ok: false, reason: 'another transaction counter' };
  }
  const found = verifyCdaSignature(key, check.signature, check);
  if (!found.ok) return found;
  if (found.cid !== check.cid) return { ok: false, reason: 'another cryptogram information' };
  return { ok: true, reason: '', cryptogram: found.ac };
}

export function checkSignature(
  state: DialogueState,
  keys: AuthenticationKeys,
  check: SignatureToCheck,
): SignatureResult {
  try {
    const key = cardKey(state, keys);
    if (typeof key === 'string') return { ok: false, reason: key, certificates: false };
    const recovered =
      check.signature.length === key.modulus.length ? rsaRecover(key.handle, check.signature) : undefined;
    const result = verify(key, check);
    return { ...result, certificates: true, ...(recovered === undefined ? {} : { recovered: concat(recovered) }) };
  } catch (error) {
    if (error instanceof PolycardError) return { ok: false, reason: error.message };
    throw error;
  }
}
