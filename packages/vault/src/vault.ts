/**
 * Key custody behind handles. A handle is a label; clear key bytes never cross this interface. Operations are named by
 * what they mean (open an application, issue a PSAM, prove cryptograms), never by cipher modes, so that a hardware
 * back end can keep its keys inside. Everything is asynchronous and takes batches, because a hardware back end is a
 * device with a round trip.
 */
import type { Algorithm } from '@polycard/crypto';
import type { CertificateSigner } from '@polycard/emv';

export type KeyUsage =
  | 'application-cryptogram'
  | 'script-mac'
  | 'script-encryption'
  | 'activation'
  | 'management'
  | 'certificate-authority'
  | 'issuer-certificate'
  | 'data-at-rest'
  | 'card-token'
  | 'zone';

/** What may be known about a key: everything but the key. */
export interface KeyInfo {
  readonly label: string;
  readonly usage: KeyUsage;
  readonly algorithm: Algorithm | 'RSA' | 'AES';
  readonly owner: string;
  readonly version: number;
  /** Check value: 3 bytes of a zero block for 3DES and SM4, 3 bytes of SHA-256 over the modulus for RSA. */
  readonly checkValue: string;
  readonly createdAt: string;
  readonly bits: number;
}

export interface KeySpecification {
  readonly label: string;
  readonly usage: KeyUsage;
  readonly algorithm: Algorithm | 'RSA' | 'AES';
  readonly owner: string;
  /** RSA only. */
  readonly bits?: number;
}

/** A card as key dispersion knows it. */
export interface CardIdentity {
  readonly pan: string;
  readonly psn: string;
}

/** A key enciphered for its receiver, with its check value. */
export interface EncipheredKey {
  readonly enciphered: Uint8Array;
  readonly checkValue: Uint8Array;
}

/** Card keys AC ‖ MAC ‖ ENC (48 bytes) enciphered under a zone's transport key, and three check values (DGI 8000, 9000). */
export interface EncipheredCardKeys {
  readonly enciphered: Uint8Array;
  readonly checkValues: Uint8Array;
}

export interface ActivationRequest {
  /** Dispersion factors of this card under the activation tree, top down. */
  readonly activationFactors: readonly Uint8Array[];
  readonly managementFactors: readonly Uint8Array[];
  /** ATC as GET DATA 9F36 gives it: the MAC is chained on it. */
  readonly atc: number;
  readonly sfi: number;
  /** Initial record, ID and length included for a variable file. */
  readonly record: Uint8Array;
}

export interface CryptogramCheck {
  readonly label: string;
  readonly card: CardIdentity;
  readonly atc: number;
  /** Data the cryptogram was made over, without padding. */
  readonly input: Uint8Array;
  readonly cryptogram: Uint8Array;
}

export interface IssuedTerminalMasterKey {
  /** For the platform's own store: only this vault opens it. */
  readonly sealed: Uint8Array;
  /** For the terminal: under the zone's transport key. */
  readonly enciphered: Uint8Array;
  readonly checkValue: Uint8Array;
}

export interface IssuedWorkingKeys {
  readonly sealedMacKey: Uint8Array;
  /** PIN key, 16 bytes under the terminal master key, and its 4-byte check value. */
  readonly pinKey: EncipheredKey;
  /** MAC key: 8 bytes under the terminal master key (the UnionPay MAC key is single DES), and its 4-byte check value. */
  readonly macKey: EncipheredKey;
}

/** One DES block under a working MAC key. */
export type BlockEncryptor = (block: Uint8Array) => Uint8Array;

export interface Vault {
  readonly backend: string;
  /** Makes the key when it is not there; gives what is known of it. Throws `POLYCARD_VAULT_CONFLICT` if it exists otherwise. */
  ensure(specification: KeySpecification): Promise<KeyInfo>;
  list(): Promise<KeyInfo[]>;
  show(label: string): Promise<KeyInfo>;

  /** Agrees on a transport key with a personalisation bureau or terminal maker (X25519, HKDF-SHA-256). */
  openZone(zoneId: string, theirPublicKey: Uint8Array): Promise<{ publicKey: Uint8Array; checkValue: Uint8Array }>;

  /** Issuer card keys of many cards (EMV 4.4 Book 2 A1.4.1), enciphered for the zone. */
  issueCardKeys(
    labels: { readonly ac: string; readonly mac: string; readonly enc: string },
    zoneId: string,
    cards: readonly CardIdentity[],
  ): Promise<EncipheredCardKeys[]>;
  /** Opening keys of extended files for many cards (DGI 8020, 9020), enciphered for the zone. */
  issueOpeningKeys(
    label: string,
    zoneId: string,
    factors: readonly (readonly Uint8Array[])[],
  ): Promise<EncipheredKey[]>;
  /**
   * The finished APPEND RECORD commands that open an application: the management key wrapped under the opening key with
   * its MAC. No other use of the activation key leaves the vault (PBOC 3.0 Part 14, as publicly described).
   */
  activate(
    activationLabel: string,
    managementLabel: string,
    requests: readonly ActivationRequest[],
  ): Promise<Uint8Array[]>;
  /** A management key for a PSAM, dispersed along the fixed part of its path, enciphered for the zone. */
  issuePsamKey(label: string, zoneId: string, fixedFactors: readonly Uint8Array[]): Promise<EncipheredKey>;

  issueTerminalMasterKey(zoneId: string): Promise<IssuedTerminalMasterKey>;
  issueWorkingKeys(sealedMasterKey: Uint8Array): Promise<IssuedWorkingKeys>;
  /** For the message authentication of one terminal session; does not leave the process. */
  messageEncryptor(sealedMacKey: Uint8Array): BlockEncryptor;

  /** Recomputes many application cryptograms; true where equal. */
  verifyCryptograms(checks: readonly CryptogramCheck[]): Promise<boolean[]>;

  /** RSA private operation on certificate blocks, for one issuing run. */
  certificateSigner(label: string): CertificateSigner;
  rsaPublicKey(label: string): { modulus: Uint8Array; exponent: Uint8Array };

  /** Data for a zone's other side (a personalisation file): AES-256-GCM. */
  sealForZone(zoneId: string, plain: Uint8Array): Uint8Array;
  /** Data at rest: `context` is authenticated with it (table and row). */
  seal(plain: Uint8Array, context: string): Uint8Array;
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** The card's token: what tables and screens use instead of the PAN. 16 hex digits, not reversible without the key. */
  token(pan: string): string;
  /** Wipes clear keys from memory. */
  close(): void;
}
