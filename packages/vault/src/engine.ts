/**
 * What a back end does for the vault: keeps key material and its record, and computes with it. It judges nothing; the
 * rules are the vault's (`key-vault.ts`), the same for every back end. Calls are synchronous and take batches.
 */
import type { KeyInfo } from './key-model.ts';
import type { BackendCapabilities } from './vault.ts';

/** What the engine keeps beside the key. */
export interface KeyRecord extends KeyInfo {
  /** RSA: the public modulus, hex. */
  readonly modulus?: string;
  /** SM2: the public key, x and y, hex. */
  readonly sm2PublicKey?: string;
}

/** A record before its key is there. */
export type NewKeyRecord = Omit<KeyRecord, 'checkValue' | 'bits' | 'modulus' | 'sm2PublicKey'> & {
  readonly bits?: number;
};

/** One computation under a card's key: dispersed along `factors`, then the session key of `atc` where it is given. */
export interface CardComputation {
  readonly factors: readonly Uint8Array[];
  readonly atc?: number;
  readonly data: Uint8Array;
}

/** An APPEND RECORD or record key replacement: what is wrapped, and how the command is built around it. */
export interface WrapComputation {
  /** Factors of the card under the activation tree. */
  readonly factors: readonly Uint8Array[];
  readonly recordKey: Uint8Array;
  /** What is authenticated, its first block already combined with the initial value. */
  readonly authenticated: (wrapped: Uint8Array) => Uint8Array;
}

export interface KeyEngine {
  readonly backend: string;
  capabilities(): BackendCapabilities;
  records(): readonly KeyRecord[];
  /** Many changes, kept in one write where the back end writes a document. */
  together(work: () => void): void;
  /** Makes key material and keeps it with its record. Throws `POLYCARD_VAULT_UNSUPPORTED` by name. */
  generate(record: NewKeyRecord): KeyRecord;
  /** Takes a clear key in; the caller wipes its copy. */
  import(record: NewKeyRecord, clear: Uint8Array): KeyRecord;
  /** A changed record of the same key: its state. */
  update(record: KeyRecord): void;
  /** Wipes the key; the record stays, as destroyed. */
  destroy(record: KeyRecord): void;

  /** Keys below this one, one for each path; equal leading factors are dispersed once. Clear, inside the vault. */
  disperse(key: KeyRecord, paths: readonly (readonly Uint8Array[])[]): Uint8Array[];
  /** MACs of 8 bytes under card or session keys. */
  cardMacs(key: KeyRecord, computations: readonly CardComputation[]): Uint8Array[];
  /** Whole blocks enciphered under card or session keys. */
  cardEncipher(key: KeyRecord, computations: readonly CardComputation[]): Uint8Array[];
  /** The wrapped record key and the 4-byte MAC of each. */
  wrapUnderCardKeys(
    key: KeyRecord,
    computations: readonly WrapComputation[],
  ): { wrapped: Uint8Array; mac: Uint8Array }[];
  /** Whole blocks enciphered under a transport key. */
  encipher(key: KeyRecord, blocks: Uint8Array): Uint8Array;
  /** Data for the holder of a transport key: AES-256-GCM under a key made from it. */
  sealUnderZone(key: KeyRecord, plain: Uint8Array, associated: Uint8Array): Uint8Array;
  signRaw(key: KeyRecord, block: Uint8Array): Uint8Array;
  seal(key: KeyRecord, plain: Uint8Array, associated: Uint8Array): Uint8Array;
  /** Throws when the data were changed. */
  open(key: KeyRecord, sealed: Uint8Array, associated: Uint8Array): Uint8Array;
  /** HMAC-SHA-256. */
  authenticate(key: KeyRecord, data: Uint8Array): Uint8Array;
  /** A copy of the clear key for an exchange; the caller wipes it. Throws `POLYCARD_VAULT_UNSUPPORTED` where keys never leave. */
  expose(key: KeyRecord): Uint8Array;
  close(): void;
}
