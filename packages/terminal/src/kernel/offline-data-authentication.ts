/**
 * fDDA: the card's signature over this transaction, under its certificate, under its issuer's, under a certification
 * authority key of the terminal (EMV 4.4 Book 2 §6; PBOC 3.0 Part 12, as publicly described). Recovered issuer keys are
 * public and the same for many cards, so they are kept.
 */
import { PolycardError, toHex } from '@polycard/bytes';
import {
  type CertificateChecks,
  checkFddaSignature,
  isSm2Key,
  type PublicKey,
  recoverCardPublicKey,
  recoverIssuerPublicKey,
  staticDataToBeAuthenticated,
} from '@polycard/emv';
import type { TerminalParameters } from '../configuration.ts';
import type { Transaction } from './initiate.ts';
import type { ApplicationData } from './read-application-data.ts';

export type AuthenticationResult =
  /** Version of the dynamic signature. */
  { readonly ok: true; readonly version?: '00' | '01' } | { readonly ok: false; readonly reason: string };

const TTQ_4_FDDA_01 = 0x80;
const FDDA_01 = 0x01;
const RID_HEX_DIGITS = 10;
const KEPT_ISSUER_KEYS_MAX = 32;
/** By the certification authority key they were recovered under: another terminal may not trust that one. */
const issuerKeys = new WeakMap<PublicKey, Map<string, PublicKey>>();
const ALL_STATIC_DATA_TAGS_AIP = '82';

/** Certification authority keys of the terminal, by RID and index. */
export type TrustedKeys = Pick<TerminalParameters, 'caKeys'>;

/** What of a transaction the signature is checked against; a torn tap keeps just this. */
export type SignedTransaction = Pick<Transaction, 'terminalData' | 'cardData' | 'pan' | 'atc'> & {
  /** YYMMDD on which certificates must be valid, where dates are waived; the day of the transaction (9A) unless given. */
  readonly certificatesOn?: string;
};

/** An outcome whatever the card's bytes are: by the time they are checked the card has committed. */
export function authenticateOffline(
  parameters: TrustedKeys,
  aid: string,
  transaction: SignedTransaction,
  data: ApplicationData,
): AuthenticationResult {
  try {
    return authenticate(parameters, aid.slice(0, RID_HEX_DIGITS), transaction, data);
  } catch (error) {
    if (error instanceof PolycardError) return { ok: false, reason: error.message };
    throw error;
  }
}

function authenticate(
  parameters: TrustedKeys,
  rid: string,
  transaction: SignedTransaction,
  data: ApplicationData,
): AuthenticationResult {
  const object = (tag: string): Uint8Array | undefined => transaction.cardData.get(tag) ?? data.objects.get(tag);
  const failed = (reason: string): AuthenticationResult => ({ ok: false, reason });
  const signature = object('9F4B');
  if (signature === undefined) return failed('the card gave no signature (9F4B)');
  const date = transaction.certificatesOn ?? toHex(transaction.terminalData.get('9A')!);
  const cardKey = recoverCardKey(parameters.caKeys, rid, object, {
    checks: { pan: transaction.pan, date },
    data,
    aip: transaction.cardData.get('82'),
  });
  if (typeof cardKey === 'string') return failed(cardKey);
  const cardAuthenticationData = version01Data(transaction.terminalData, data);
  const verified = checkFddaSignature(cardKey, signature, {
    unpredictableNumber: transaction.terminalData.get('9F37')!,
    ...(cardAuthenticationData === undefined
      ? {}
      : {
          version01: {
            amount: transaction.terminalData.get('9F02')!,
            currency: transaction.terminalData.get('5F2A')!,
            cardAuthenticationData,
          },
        }),
  });
  if (!verified.ok) return failed(`dynamic signature: ${verified.reason}`);
  if (verified.atc !== transaction.atc) return failed('dynamic signature: another transaction counter');
  return { ok: true, version: cardAuthenticationData === undefined ? '00' : '01' };
}

/**
 * 9F69 when the signature is of version 01: the terminal must have offered it (TTQ byte 4 b8) and the card must say so
 * in the first byte. The data of a torn tap no longer hold the TTQ; there the card's word decides.
 */
function version01Data(terminalData: SignedTransaction['terminalData'], data: ApplicationData): Uint8Array | undefined {
  const cardAuthenticationData = data.objects.get('9F69');
  const ttq = terminalData.get('9F66');
  const isOffered = ttq === undefined || ((ttq[3] ?? 0) & TTQ_4_FDDA_01) !== 0;
  return isOffered && cardAuthenticationData?.[0] === FDDA_01 ? cardAuthenticationData : undefined;
}

export interface CardKeyContext {
  readonly checks: CertificateChecks;
  readonly data: ApplicationData;
  /** 82, signed with the static data when 9F4A names it. */
  readonly aip: Uint8Array | undefined;
}

/** Static data under the card's certificate or its signed static data (EMV 4.4 Book 3 §10.3). */
export function signedStaticData({ data, aip }: Pick<CardKeyContext, 'data' | 'aip'>): Uint8Array {
  const named = toHex(data.objects.get('9F4A') ?? new Uint8Array(0)) === ALL_STATIC_DATA_TAGS_AIP;
  return staticDataToBeAuthenticated(data.authenticated, named ? aip : undefined);
}

/** The card's public key out of both certificates; the reason when one does not hold. */
export function recoverCardKey(
  caKeys: TerminalParameters['caKeys'],
  rid: string,
  object: (tag: string) => Uint8Array | undefined,
  context: CardKeyContext,
): PublicKey | string {
  const issuerKey = recoverIssuerKey(caKeys, rid, object, context.checks);
  if (typeof issuerKey === 'string') return issuerKey;
  const [certificate, exponent] = [object('9F46'), object('9F47')];
  if (certificate === undefined || (exponent === undefined && !isSm2Key(issuerKey))) {
    return 'the card certificate (9F46, 9F47) is missing';
  }
  const parts = { certificate, exponent, remainder: object('9F48'), staticData: signedStaticData(context) };
  const recovered = recoverCardPublicKey(parts, issuerKey, context.checks);
  return recovered.ok ? recovered.key : `card certificate: ${recovered.reason}`;
}

/** The issuer's public key out of its certificate, kept while the same issuer comes again. */
export function recoverIssuerKey(
  caKeys: TerminalParameters['caKeys'],
  rid: string,
  object: (tag: string) => Uint8Array | undefined,
  checks: CertificateChecks,
): PublicKey | string {
  const [index, certificate, exponent] = [object('8F'), object('90'), object('9F32')];
  if (index === undefined || certificate === undefined) return 'the issuer certificate (8F, 90, 9F32) is missing';
  const caKey = caKeys.get(rid + toHex(index));
  if (caKey === undefined) return `no certification authority key ${toHex(index)} of ${rid}`;
  if (exponent === undefined && !isSm2Key(caKey)) return 'the issuer certificate (8F, 90, 9F32) is missing';
  const kept = issuerKeys.get(caKey) ?? new Map<string, PublicKey>();
  issuerKeys.set(caKey, kept);
  // the BIN and the date are part of what was checked, so they are part of the key under which it is kept
  const name = `${toHex(certificate)}|${checks.pan.slice(0, 8)}|${checks.date}`;
  const known = kept.get(name);
  if (known !== undefined) return known;
  const recovered = recoverIssuerPublicKey({ certificate, exponent, remainder: object('92') }, caKey, checks);
  if (!recovered.ok) return `issuer certificate: ${recovered.reason}`;
  const { key } = recovered;
  if (kept.size >= KEPT_ISSUER_KEYS_MAX) kept.clear();
  kept.set(name, key);
  return key;
}
