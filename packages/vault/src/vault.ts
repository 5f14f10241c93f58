/**
 * Key custody behind handles. A handle is a label, or `label#version`; clear key bytes never cross this interface.
 * Operations are named by what they mean (open an application, issue a PSAM, prove cryptograms), never by cipher modes,
 * so that a hardware back end can keep its keys inside. Everything takes batches, because a hardware back end is a
 * device with a round trip.
 *
 * A label without a version means the newest active version; proving also tries older ones in their overlap.
 */
import type { CertificateSigner, IndustryActivation, SessionMode } from '@polycard/emv';
import type { CarriedTree, KeyAlgorithm, KeyInfo, KeySpecification, KeyState, KeyUsage } from './key-model.ts';

export type {
  CarriedTree,
  Exportability,
  KeyAlgorithm,
  KeyInfo,
  KeyOrigin,
  KeySpecification,
  KeyState,
  KeyUsage,
  ModeOfUse,
} from './key-model.ts';

/** What a back end can do, for `polycard keys backend`. */
export interface BackendCapabilities {
  readonly backend: string;
  /** Where the keys are: library and token, or the keystore document. */
  readonly custody: string;
  readonly abilities: readonly {
    readonly name: string;
    readonly supported: boolean;
    /** How it is done, or why it cannot be. */
    readonly note: string;
  }[];
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

/** One ACTIVATE of an industry file application. */
export interface ApplicationActivation {
  /** Factors of the card under the tree of the opening key. */
  readonly openingFactors: readonly Uint8Array[];
  /** Keys it brings, at most 13: the tree, the reference on the card, the card's factors under that tree. */
  readonly keys: readonly {
    readonly label: string;
    readonly reference: number;
    readonly factors: readonly Uint8Array[];
  }[];
  /** Of the card, 8 bytes, for this command. */
  readonly challenge: Uint8Array;
  readonly session: SessionMode;
  /** Another command with more keys follows. */
  readonly hasMore: boolean;
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

/** For the extension command that gives a record its next management key (ours, docs/reference/record-key-replacement.md). */
export interface ReplacementRequest {
  readonly activationFactors: readonly Uint8Array[];
  readonly managementFactors: readonly Uint8Array[];
  readonly sfi: number;
  /** Record ID of a variable file; 0 for the cyclic file. */
  readonly recordId: number;
}

/** One record of one card as it shall be, within one transaction of the card. */
export interface RecordUpdateRequest {
  /** Dispersion factors of this card under the management tree, top down. */
  readonly factors: readonly Uint8Array[];
  /** Counter of the running transaction: the MAC is chained on it. */
  readonly atc: number;
  readonly sfi: number;
  /** Whole record, ID and length included. */
  readonly record: Uint8Array;
  /** The key's own unless the card takes another (reference pboc.md §3.8). */
  readonly macAlgorithm?: '3DES' | 'SM4';
}

export interface CryptogramCheck {
  readonly label: string;
  /** Left out when the key is the card's own, not its issuer's. */
  readonly card?: CardIdentity;
  readonly atc: number;
  /** Data the cryptogram was made over, without padding. */
  readonly input: Uint8Array;
  readonly cryptogram: Uint8Array;
}

export interface CryptogramVerdict {
  readonly verified: boolean;
  /** The version that proved it. */
  readonly version?: number;
  /** Why no key could be tried, by name: it was destroyed, suspended, is of another usage. */
  readonly refusal?: string;
}

export interface ScriptRequest {
  readonly card?: CardIdentity;
  readonly atc: number;
  /** What is authenticated (command, ATC, AC, data; without padding) or enciphered (whole blocks). */
  readonly data: Uint8Array;
}

export interface CryptogramAnswer {
  readonly card?: CardIdentity;
  readonly atc: number;
  readonly cryptogram: Uint8Array;
  /** Response code, 2 bytes. */
  readonly arc: Uint8Array;
}

export interface IssuedTerminalMasterKey {
  /** For the platform's own store: only this vault opens it. */
  readonly sealed: Uint8Array;
  /** For the terminal: under the zone's transport key. */
  readonly enciphered: Uint8Array;
  readonly checkValue: Uint8Array;
}

/** The same for a terminal of a maker whose zone key was taken in. */
export interface IssuedTerminalKeyBlock {
  readonly sealed: Uint8Array;
  /** X9.143 (TR-31): version B under a 3DES zone key, D under an AES one. */
  readonly keyBlock: string;
  readonly checkValue: Uint8Array;
}

export interface TakenZoneKey {
  /** The zone it serves: the one asked for, or where this key was before. */
  readonly zoneId: string;
  readonly algorithm: '3DES' | 'AES';
  /** 3 bytes, hex. */
  readonly checkValue: string;
}

/** What a terminal asked for at sign-in. */
export interface WorkingKeyScheme {
  readonly algorithm: '3DES' | 'SM4';
  readonly keyBytes: 8 | 16;
  /** 8 for the UnionPay MAC over DES, 16 for X9.19 and for SM4. */
  readonly macKeyBytes: 8 | 16;
  readonly hasTrackKey: boolean;
}

export interface IssuedWorkingKeys {
  /** For the platform's own store: `terminalSession` opens it. */
  readonly sealed: Uint8Array;
  /** Each under the terminal master key, with its 4-byte check value. */
  readonly pinKey: EncipheredKey;
  readonly macKey: EncipheredKey;
  readonly trackKey?: EncipheredKey;
}

/** What the host can do with the working keys of one terminal session. The keys do not leave. */
export interface TerminalSession {
  readonly algorithm: '3DES' | 'SM4';
  /** One block under the MAC key, or under its left half where it has two: 8 bytes for DES, 16 for SM4. */
  readonly encryptMac: BlockEncryptor;
  /** Under the right half, for X9.19; absent when the MAC key is single. */
  readonly decryptMacRight?: BlockEncryptor;
  /** Whether F52 holds a PIN under the PIN key; which one is not said. */
  holdsPin(block: Uint8Array, pan?: string): boolean;
  /** One block of an encrypted track; absent when there is no track key. */
  readonly decryptTrack?: BlockEncryptor;
}

/** One block under a working key. */
export type BlockEncryptor = (block: Uint8Array) => Uint8Array;

/** One part of a key, entered by one person; the parts are combined by exclusive or. */
export interface KeyComponent {
  readonly bytes: Uint8Array;
  /** The check value on the component's form, hex; compared before it is used. */
  readonly checkValue: string;
}

/** How a key travels: key blocks of X9.143, ECB with a check value, or an SM2 envelope (GM/T 0009, SM2Cipher in DER). */
export type ExchangeForm = 'X9.143-B' | 'X9.143-D' | 'ECB' | 'SM2';

export interface ExchangedKey {
  readonly label: string;
  readonly version: number;
  readonly usage: KeyUsage;
  readonly algorithm: KeyAlgorithm;
  readonly checkValue: string;
  readonly form: ExchangeForm;
  /** The key block's characters, or hex. */
  readonly enciphered: string;
}

/** What is handed over; `mac` binds it under the zone key. */
export interface KeyPackage {
  readonly format: 'polycard-key-package-1';
  readonly zone: string;
  readonly sender: string;
  readonly receiver: string;
  readonly createdAt: string;
  readonly keys: readonly ExchangedKey[];
  readonly mac?: string;
}

/** What comes back: which package, and what was done with each of its keys. */
export interface KeyReceipt {
  readonly format: 'polycard-key-receipt-1';
  readonly package: { readonly sm3: string; readonly sha256: string };
  readonly zone: string;
  readonly receiver: string;
  readonly receivedAt: string;
  readonly keys: readonly {
    readonly label: string;
    readonly version: number;
    readonly checkValue: string;
    readonly accepted: boolean;
    readonly refusal?: string;
    readonly code?: string;
  }[];
  readonly mac?: string;
}

/** A key that is handed over: itself, or the one below it along these factors, which its receiver holds as their own. */
export interface ExportedKey {
  readonly name: string;
  readonly factors?: readonly Uint8Array[] | undefined;
}

export interface ExportOptions {
  readonly zoneId: string;
  readonly form: ExchangeForm;
  readonly sender: string;
  readonly receiver: string;
  /** The receiver's, 64 bytes, for the form SM2. */
  readonly sm2PublicKey?: Uint8Array;
}

export interface ImportOptions {
  readonly zoneId: string;
  /** The keys that were ordered; others are refused. */
  readonly expected: readonly KeySpecification[];
  readonly receiver: string;
  /** Label of our SM2 key, for envelopes. */
  readonly envelopeKey?: string;
  /** Judges every key and takes none in. */
  readonly onlyJudged?: boolean;
}

export interface ImportedPackage {
  /** In state generated. */
  readonly imported: readonly KeyInfo[];
  readonly receipt: KeyReceipt;
}

/** A keystore that a ceremony made, as its document and what opens it. */
export interface CeremonyKeystore {
  readonly document: string;
  readonly passphrase: string;
}

export interface RotationOptions {
  /** Until then the old version still verifies and still serves terminals. ISO 8601. */
  readonly overlapEndsAt: string;
  /** The next version may have another algorithm: 3DES and SM4 side by side during a migration. */
  readonly algorithm?: KeySpecification['algorithm'];
}

export interface Vault {
  readonly backend: string;
  capabilities(): BackendCapabilities;

  /** Makes the key, active at once, when it is not there. Throws `POLYCARD_VAULT_CONFLICT` if it exists otherwise. */
  ensure(specification: KeySpecification): Promise<KeyInfo>;
  /**
   * Many keys at once, written once. What the back end cannot make is left out; gives why, by label. Throws as `ensure`.
   */
  ensureAll(specifications: readonly KeySpecification[]): Promise<ReadonlyMap<string, string>>;
  /**
   * Takes the keys of a ceremony's keystore in as they are, version by version; what is here already is left. Gives the
   * names taken and, by label, why others were not (a back end without their algorithm). Throws
   * `POLYCARD_VAULT_CONFLICT` when a key of that name was made here, `POLYCARD_VAULT_PASSPHRASE`.
   */
  adopt(keystore: CeremonyKeystore): Promise<{
    readonly taken: readonly string[];
    readonly left: ReadonlyMap<string, string>;
  }>;
  /** Makes the next version of a key, in state generated: it does nothing before it is activated. */
  generate(specification: KeySpecification): Promise<KeyInfo>;
  /**
   * The next version of a key from components (two or more). Throws `POLYCARD_VAULT_COMPONENT` naming the component
   * whose check value is wrong, `POLYCARD_VAULT_WEAK_KEY`, `POLYCARD_VAULT_DUPLICATE_KEY`.
   */
  importComponents(
    specification: KeySpecification,
    components: readonly KeyComponent[],
    checkValue?: string,
  ): Promise<KeyInfo>;
  /**
   * Moves a version along generated → active → suspended → retired → destroyed; `destroyed` wipes it for good.
   * `overlapEndsAt` goes with `retired`. Throws `POLYCARD_VAULT_STATE`.
   */
  changeState(name: string, to: KeyState, options?: { readonly overlapEndsAt?: string }): Promise<KeyInfo>;
  /** Makes and activates the next version with the same fixed attributes and retires the one before it. */
  rotate(label: string, options: RotationOptions): Promise<{ readonly next: KeyInfo; readonly previous: KeyInfo }>;
  /** Every version of every key. */
  list(): Promise<KeyInfo[]>;
  /** The version named, or the newest active one, or the newest. */
  show(name: string): Promise<KeyInfo>;
  /** Check values of the keys below this one, without the keys: what a receiver compares. */
  disperse(name: string, paths: readonly (readonly Uint8Array[])[]): Promise<Uint8Array[]>;

  /**
   * Hands keys over to a zone's other side, in one package. Throws `POLYCARD_VAULT_EXPORT` for a key that was not made
   * to leave, `POLYCARD_VAULT_ZONE` when the receiver is not for keys of this tree.
   */
  exportKeys(keys: readonly ExportedKey[], options: ExportOptions): Promise<KeyPackage>;
  /**
   * Takes a package in, each key judged by itself: not ordered, wrong usage, algorithm or check value, weak, known
   * already, changed. Throws `POLYCARD_VAULT_PACKAGE` when the package as a whole was changed.
   */
  importKeys(keys: KeyPackage, options: ImportOptions): Promise<ImportedPackage>;
  /** Throws `POLYCARD_VAULT_PACKAGE` when a receipt was changed or is for another package. */
  checkReceipt(keys: KeyPackage, receipt: KeyReceipt, zoneId: string): Promise<void>;
  /** x and y of an SM2 key, 64 bytes: what others envelope keys for us under. */
  sm2PublicKey(label: string): Uint8Array;

  /**
   * Agrees on a transport key with a personalisation bureau or terminal maker (X25519, HKDF-SHA-256) for keys of the
   * trees named; every operation that issues keys to the zone is held to them. Throws `POLYCARD_VAULT_ZONE`.
   */
  openZone(
    zoneId: string,
    theirPublicKey: Uint8Array,
    carries: readonly CarriedTree[],
  ): Promise<{ publicKey: Uint8Array; checkValue: Uint8Array }>;

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
  /**
   * The finished ACTIVATE command of an industry file application for one challenge of the card: the application's keys,
   * enciphered under the card's opening key (reference industries.md §0.3). Throws `POLYCARD_VAULT_ACTIVATION`.
   */
  activateApplication(openingLabel: string, request: ApplicationActivation): Promise<IndustryActivation>;
  /**
   * The finished commands that give a card's record its management key of a newer version, under the opening key. Ours:
   * no public source has such a command. The version is under the MAC, so an older key cannot come back.
   */
  replaceManagementKeys(
    activationLabel: string,
    managementName: string,
    requests: readonly ReplacementRequest[],
  ): Promise<Uint8Array[]>;
  /** Finished UPDATE CAPP DATA CACHE commands under a record's management key, for a counter without a PSAM. */
  updateRecords(managementName: string, requests: readonly RecordUpdateRequest[]): Promise<Uint8Array[]>;
  /** A management key for a PSAM, dispersed along the fixed part of its path, enciphered for the zone. */
  issuePsamKey(name: string, zoneId: string, fixedFactors: readonly Uint8Array[]): Promise<EncipheredKey>;

  issueTerminalMasterKey(zoneId: string): Promise<IssuedTerminalMasterKey>;
  /**
   * Takes a terminal maker's zone key in from a key block (K0) under the key of an agreed zone, which ends with it. Throws
   * `POLYCARD_KEY_BLOCK`, `POLYCARD_VAULT_IMPORT`, `POLYCARD_VAULT_WEAK_KEY`, `POLYCARD_VAULT_DUPLICATE_KEY`.
   */
  takeZoneKey(zoneId: string, underZoneId: string, keyBlock: string): Promise<TakenZoneKey>;
  issueTerminalKeyBlock(zoneId: string): Promise<IssuedTerminalKeyBlock>;
  /** Double-length DES keys (60.3 = 003) unless another scheme is asked for. */
  issueWorkingKeys(sealedMasterKey: Uint8Array, scheme?: WorkingKeyScheme): Promise<IssuedWorkingKeys>;
  /** For the messages of one terminal session; does not leave the process. Throws `POLYCARD_VAULT_TAMPERED`. */
  terminalSession(sealedWorkingKeys: Uint8Array): TerminalSession;

  /** Recomputes many application cryptograms. A key that may not be used fails its cryptograms by name, not the batch. */
  verifyCryptograms(checks: readonly CryptogramCheck[]): Promise<CryptogramVerdict[]>;
  /** ARPC of each cryptogram and response code (method 1). */
  answerCryptograms(label: string, answers: readonly CryptogramAnswer[]): Promise<Uint8Array[]>;
  /** Issuer script MACs, 4 bytes each, under each card's session key. */
  scriptMacs(label: string, requests: readonly ScriptRequest[]): Promise<Uint8Array[]>;
  /** Script data (a PIN block) enciphered under each card's session key. */
  encipherScriptData(label: string, requests: readonly ScriptRequest[]): Promise<Uint8Array[]>;

  /** RSA private operation on certificate blocks, for one issuing run. */
  certificateSigner(label: string): CertificateSigner;
  /** Signature over a deny list (RSASSA-PKCS1-v1_5 with SHA-256), as long as the modulus. */
  signList(label: string, message: Uint8Array): Promise<Uint8Array>;
  rsaPublicKey(label: string): { modulus: Uint8Array; exponent: Uint8Array };

  /** A personalisation file for a zone that carries issuer keys: AES-256-GCM. */
  sealForZone(zoneId: string, plain: Uint8Array): Uint8Array;
  /** Data at rest: `context` is authenticated with it (table and row). */
  seal(plain: Uint8Array, context: string): Uint8Array;
  open(sealed: Uint8Array, context: string): Uint8Array;
  /** The card's token: what tables and screens use instead of the PAN. 16 hex digits, not reversible without the key. */
  token(pan: string): string;
  /** Wipes clear keys from memory. */
  close(): void;
}
