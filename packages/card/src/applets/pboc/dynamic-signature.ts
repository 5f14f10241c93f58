/**
 * The card's signatures with RSA or SM2: handles of its keys, which of them signs, and where qPBOC puts the signature.
 * PBOC 3.0 Part 12 as publicly described. Version 01 is for terminals that ask for it (TTQ byte 4 b8).
 */
import { concat, encodeTlv } from '@polycard/bytes';
import {
  importRsaPrivate,
  type RandomSource,
  type RsaHandle,
  rsaPartsFromCrt,
  rsaSignRaw,
  type Sm2KeyPair,
  sha1,
  sm2PublicKeyOf,
  sm2Sign,
} from '@polycard/crypto';
import { type CertificateSigner, type DynamicSigner, rsaDynamicSigner, sm2DynamicSigner } from '@polycard/emv';
import type { DataGroupings } from '../../os/store-data.ts';
import type { RecordName } from './image.ts';

/** Where 9F4B goes when the key is too long for the answer to GET PROCESSING OPTIONS. */
export const SIGNATURE_RECORD: RecordName = { sfi: 6, number: 1 };
export const RESPONSE_KEY_BYTES_MAX = 128;

/**
 * Importing a private key costs far more than using it, and a simulated region shares a pool of keys between its
 * cards; so handles are kept by the digest of their primes, the oldest leaving first.
 */
const HANDLES_MAX = 2048;
const handles = new Map<string, RsaHandle>();

function importedKey(p: Uint8Array, q: Uint8Array, groupings: DataGroupings): RsaHandle | undefined {
  const name = Buffer.from(sha1(p, q)).toString('latin1');
  const known = handles.get(name);
  if (known !== undefined) return known;
  const [qInv, dq, dp] = ['8201', '8202', '8203'].map((dgi) => groupings.get(dgi));
  if (qInv === undefined || dq === undefined || dp === undefined) return undefined;
  const handle = importRsaPrivate(rsaPartsFromCrt({ p, q, dp, dq, qInv }));
  if (handles.size >= HANDLES_MAX) handles.delete(handles.keys().next().value as string);
  handles.set(name, handle);
  return handle;
}

const signers = new WeakMap<DataGroupings, CertificateSigner>();

/** The card's signer; undefined for a card without an RSA key. */
export function cardSigner(groupings: DataGroupings): CertificateSigner | undefined {
  const ready = signers.get(groupings);
  if (ready !== undefined) return ready;
  const p = groupings.get('8205');
  const q = groupings.get('8204');
  if (p === undefined || q === undefined) return undefined;
  const handle = importedKey(p, q, groupings);
  if (handle === undefined) return undefined;
  const signer = { modulusBytes: p.length + q.length, sign: (block: Uint8Array) => rsaSignRaw(handle, block) };
  signers.set(groupings, signer);
  return signer;
}

/** 9F69: version, four random bytes, CTQ, and DF61 when the terminal named an extended transaction (DF60 00 to 03). */
export function cardAuthenticationData(random: Uint8Array, ctq: Uint8Array, df61: number): Uint8Array {
  return concat(Uint8Array.of(0x01), random, ctq, Uint8Array.of(df61));
}

const SM_ALGORITHMS = 0x01;
const sm2Keys = new WeakMap<DataGroupings, Sm2KeyPair>();

function sm2Key(groupings: DataGroupings): Sm2KeyPair | undefined {
  const ready = sm2Keys.get(groupings);
  const privateKey = groupings.get('8206');
  if (ready !== undefined || privateKey === undefined) return ready;
  const key = { privateKey, publicKey: sm2PublicKeyOf(privateKey) };
  sm2Keys.set(groupings, key);
  return key;
}

/** True for a card that can sign at all. */
export function canSign(groupings: DataGroupings): boolean {
  return cardSigner(groupings) !== undefined || sm2Key(groupings) !== undefined;
}

/**
 * The card's signer for a transaction: SM2 where the terminal knows it (DF69 = 01) or the card has nothing else, else
 * RSA. PBOC 3.0 Part 17 as publicly described.
 */
export function dynamicSigner(
  groupings: DataGroupings,
  indicator: Uint8Array | undefined,
  random: RandomSource,
): DynamicSigner | undefined {
  const rsa = cardSigner(groupings);
  const sm2 = sm2Key(groupings);
  if (sm2 !== undefined && (rsa === undefined || indicator?.[0] === SM_ALGORITHMS)) {
    return sm2DynamicSigner((message) => sm2Sign(sm2, message, random));
  }
  return rsa === undefined ? undefined : rsaDynamicSigner(rsa);
}

/** Template 70 with the signature, and 9F5D where the card shows it. */
export function signatureRecord(signature: Uint8Array, available: Uint8Array | undefined): Uint8Array {
  const amount = available === undefined ? new Uint8Array(0) : encodeTlv('9F5D', available);
  return encodeTlv('70', concat(encodeTlv('9F4B', signature), amount));
}
