/**
 * The software keystore: one JSON document, each key sealed by AES-256-GCM under a random key-encryption key, which is
 * itself sealed by a passphrase or by shares (`seals.ts`). Everything stated about a key is authenticated with it, so a
 * swapped or edited entry does not open.
 */
import { fromHex, PolycardError, Secret, toHex } from '@polycard/bytes';
import { openAesGcm, type RandomSource, sealAesGcm } from '@polycard/crypto';
import type { KeyRecord } from '../engine.ts';
import { keyName } from '../key-model.ts';
import type { ShareSet } from '../shares.ts';
import { type KeystoreSeal, sealByPassphrase, sealByShares, type Unsealing, unseal } from './seals.ts';

export interface KeystoreEntry {
  readonly record: KeyRecord;
  /** Empty when the key is destroyed. */
  readonly sealed: string;
}

export interface KeystoreDocument {
  readonly format: 'polycard-keystore-2';
  readonly seals: readonly KeystoreSeal[];
  readonly keys: readonly KeystoreEntry[];
}

/** Where the document lives; the caller makes `save` crash-safe (write, flush, rename). */
export interface KeystoreStorage {
  load(): string | undefined;
  save(document: string): void;
}

const FORMAT = 'polycard-keystore-2';
const KEY_BYTES = 32;
const associatedData = (record: KeyRecord): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1))));

export class Keystore {
  readonly #storage: KeystoreStorage;
  readonly #random: RandomSource;
  #document: KeystoreDocument;
  #keyEncryptionKey: Uint8Array;
  readonly #open = new Map<string, Secret>();
  /** Records in order, and entries by name. */
  #records: KeyRecord[] = [];
  #entries = new Map<string, KeystoreEntry>();
  #isSavedLater = false;

  constructor(storage: KeystoreStorage, unsealing: Unsealing, random: RandomSource) {
    this.#storage = storage;
    this.#random = random;
    const text = storage.load();
    if (text === undefined) {
      if (!('passphrase' in unsealing)) {
        throw new PolycardError('POLYCARD_VAULT_FORMAT', 'there is no keystore to open with shares', {
          expected: 'a keystore or a backup of one',
        });
      }
      this.#keyEncryptionKey = random(KEY_BYTES);
      this.#document = {
        format: FORMAT,
        seals: [sealByPassphrase(this.#keyEncryptionKey, unsealing.passphrase, random)],
        keys: [],
      };
      this.#save();
    } else {
      this.#document = parseDocument(text);
      this.#keyEncryptionKey = unseal(this.#document.seals, unsealing);
      this.#index();
    }
  }

  records(): readonly KeyRecord[] {
    return this.#records;
  }

  get seals(): readonly KeystoreSeal[] {
    return this.#document.seals;
  }

  add(record: KeyRecord, clear: Uint8Array): void {
    this.#put({ record, sealed: this.#seal(record, clear) });
  }

  /** A changed record of the same key: sealed again, since the record is authenticated with the key. */
  update(record: KeyRecord): void {
    this.#put({ record, sealed: this.#seal(record, this.expose(record)) });
  }

  /** Many changes, saved once. */
  together(work: () => void): void {
    this.#isSavedLater = true;
    try {
      work();
    } finally {
      this.#isSavedLater = false;
      this.#save();
    }
  }

  destroy(record: KeyRecord): void {
    this.#open.get(keyName(record))?.wipe();
    this.#open.delete(keyName(record));
    this.#put({ record, sealed: '' });
  }

  /** Clear bytes of a key, for one call inside the vault. */
  expose(key: Pick<KeyRecord, 'label' | 'version'>): Uint8Array {
    const name = keyName(key);
    const cached = this.#open.get(name);
    if (cached !== undefined) return cached.expose();
    const entry = this.#entries.get(name);
    if (entry === undefined) {
      throw new PolycardError('POLYCARD_VAULT_UNKNOWN_KEY', `the vault has no key ${name}`, { where: name });
    }
    if (entry.sealed === '') {
      throw new PolycardError('POLYCARD_VAULT_KEY_DESTROYED', `${name} was destroyed`, { where: name });
    }
    let clear: Uint8Array;
    try {
      clear = openAesGcm(this.#keyEncryptionKey, fromHex(entry.sealed), associatedData(entry.record));
    } catch (cause) {
      throw new PolycardError('POLYCARD_VAULT_TAMPERED', `key ${name} does not open: its entry was changed`, {
        where: name,
        cause,
      });
    }
    const secret = new Secret(clear, entry.record.checkValue);
    clear.fill(0);
    this.#open.set(name, secret);
    return secret.expose();
  }

  /** Adds a seal by M of N shares and gives the shares, once. Earlier share seals no longer open it. */
  sealByShares(threshold: number, count: number): ShareSet {
    const { seal, shares } = sealByShares(this.#keyEncryptionKey, { threshold, count, random: this.#random });
    this.#reseal([...this.#document.seals.filter(({ kind }) => kind !== 'shares'), seal]);
    return shares;
  }

  /** Sets the passphrase of daily starts. */
  sealByPassphrase(passphrase: string): void {
    const seal = sealByPassphrase(this.#keyEncryptionKey, passphrase, this.#random);
    this.#reseal([seal, ...this.#document.seals.filter(({ kind }) => kind !== 'passphrase')]);
  }

  /** From now on only shares open it. */
  removePassphrase(): void {
    const rest = this.#document.seals.filter(({ kind }) => kind !== 'passphrase');
    if (rest.length === 0) {
      throw new PolycardError('POLYCARD_VAULT_SHARE', 'without a passphrase nothing would open the keystore', {
        expected: 'shares first',
      });
    }
    this.#reseal(rest);
  }

  /** The document with its share seals only: what is stored away, opened again by M holders. */
  backup(): string {
    const seals = this.#document.seals.filter(({ kind }) => kind === 'shares');
    if (seals.length === 0) {
      throw new PolycardError('POLYCARD_VAULT_SHARE', 'a backup is opened by shares, and none were made', {
        expected: 'shares first',
      });
    }
    return encode({ ...this.#document, seals });
  }

  wipe(): void {
    for (const secret of this.#open.values()) secret.wipe();
    this.#open.clear();
    this.#keyEncryptionKey.fill(0);
  }

  #seal(record: KeyRecord, clear: Uint8Array): string {
    return toHex(sealAesGcm(this.#keyEncryptionKey, this.#random(12), clear, associatedData(record)));
  }

  #put(entry: KeystoreEntry): void {
    const name = keyName(entry.record);
    const keys = this.#entries.has(name)
      ? this.#document.keys.map((known) => (keyName(known.record) === name ? entry : known))
      : [...this.#document.keys, entry];
    this.#document = { ...this.#document, keys };
    this.#save();
    this.#index();
  }

  #reseal(seals: readonly KeystoreSeal[]): void {
    this.#document = { ...this.#document, seals };
    this.#save();
  }

  #index(): void {
    this.#records = this.#document.keys.map(({ record }) => record);
    this.#entries = new Map(this.#document.keys.map((entry) => [keyName(entry.record), entry]));
  }

  #save(): void {
    if (this.#isSavedLater) return;
    this.#storage.save(encode(this.#document));
  }
}

/**
 * Puts a backup back: M holders open it with their shares, and it is sealed under a passphrase for daily starts. Throws
 * `POLYCARD_VAULT_SHARE` naming a wrong share, or when there are too few.
 */
export function restoreKeystore(options: {
  readonly backup: string;
  readonly shares: Extract<Unsealing, { shares: unknown }>['shares'];
  readonly passphrase: string;
  readonly storage: KeystoreStorage;
  readonly random: RandomSource;
}): void {
  const { backup, shares, passphrase, storage, random } = options;
  let text = backup;
  const staged = new Keystore({ load: () => text, save: (document) => (text = document) }, { shares }, random);
  try {
    for (const record of staged.records()) if (record.state !== 'destroyed') staged.expose(record);
    staged.sealByPassphrase(passphrase);
    storage.save(text);
  } finally {
    staged.wipe();
  }
}

const encode = (document: KeystoreDocument): string => `${JSON.stringify(document, null, 1)}\n`;

/** Throws `POLYCARD_VAULT_FORMAT`. */
export function parseDocument(text: string): KeystoreDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PolycardError('POLYCARD_VAULT_FORMAT', 'the keystore file is no JSON document', { cause });
  }
  const document = (value ?? {}) as Partial<KeystoreDocument>;
  if (document.format !== FORMAT || !Array.isArray(document.keys) || !Array.isArray(document.seals)) {
    throw new PolycardError('POLYCARD_VAULT_FORMAT', 'the keystore file has another format', {
      expected: `format ${FORMAT}`,
    });
  }
  return document as KeystoreDocument;
}
