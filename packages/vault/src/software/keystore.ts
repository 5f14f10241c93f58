/**
 * The software keystore: one JSON document, each key sealed by AES-256-GCM under a key-encryption key that scrypt makes
 * from a passphrase. The label, usage and algorithm are authenticated with the key, so a swapped entry does not open.
 */

import { fromHex, PolycardError, Secret, toHex } from '@polycard/bytes';
import { deriveScrypt, openAesGcm, type RandomSource, sealAesGcm } from '@polycard/crypto';
import type { KeyInfo } from '../vault.ts';

export interface KeystoreEntry extends KeyInfo {
  readonly sealed: string;
  /** RSA: the public modulus, hex. */
  readonly modulus?: string;
}

export interface KeystoreDocument {
  readonly format: 'polycard-keystore-1';
  readonly salt: string;
  readonly check: string;
  readonly keys: KeystoreEntry[];
}

/** Where the document lives; the caller makes `save` crash-safe (write, flush, rename). */
export interface KeystoreStorage {
  load(): string | undefined;
  save(document: string): void;
}

const CHECK_TEXT = new TextEncoder().encode('polycard-keystore');
const associatedData = (entry: Pick<KeyInfo, 'label' | 'usage' | 'algorithm' | 'version'>): Uint8Array =>
  new TextEncoder().encode(`${entry.label}|${entry.usage}|${entry.algorithm}|${entry.version}`);

export class Keystore {
  readonly #storage: KeystoreStorage;
  readonly #random: RandomSource;
  #document: KeystoreDocument;
  #keyEncryptionKey: Uint8Array;
  readonly #open = new Map<string, Secret>();

  constructor(storage: KeystoreStorage, passphrase: string, random: RandomSource) {
    this.#storage = storage;
    this.#random = random;
    const text = storage.load();
    if (text === undefined) {
      const salt = random(16);
      this.#keyEncryptionKey = deriveScrypt(passphrase, salt, 32);
      const check = sealAesGcm(this.#keyEncryptionKey, random(12), CHECK_TEXT, new Uint8Array(0));
      this.#document = { format: 'polycard-keystore-1', salt: toHex(salt), check: toHex(check), keys: [] };
      this.#save();
    } else {
      this.#document = parseDocument(text);
      this.#keyEncryptionKey = deriveScrypt(passphrase, fromHex(this.#document.salt), 32);
      try {
        openAesGcm(this.#keyEncryptionKey, fromHex(this.#document.check), new Uint8Array(0));
      } catch (cause) {
        throw new PolycardError('POLYCARD_VAULT_PASSPHRASE', 'the keystore does not open with this passphrase', {
          expected: 'the passphrase the keystore was made with (POLYCARD_VAULT_PASSPHRASE or vault/passphrase)',
          cause,
        });
      }
    }
  }

  list(): KeyInfo[] {
    return this.#document.keys.map(({ sealed: _sealed, modulus: _modulus, ...info }) => info);
  }

  find(label: string): KeystoreEntry | undefined {
    return this.#document.keys.find((entry) => entry.label === label);
  }

  add(info: KeyInfo, clear: Uint8Array, modulus?: Uint8Array): void {
    const sealed = toHex(sealAesGcm(this.#keyEncryptionKey, this.#random(12), clear, associatedData(info)));
    const entry = { ...info, sealed, ...(modulus === undefined ? {} : { modulus: toHex(modulus) }) };
    this.#document = { ...this.#document, keys: [...this.#document.keys, entry] };
    this.#save();
  }

  /** Clear bytes of a key, for one call inside the vault. */
  expose(label: string): Uint8Array {
    const cached = this.#open.get(label);
    if (cached !== undefined) return cached.expose();
    const entry = this.find(label);
    if (entry === undefined) {
      throw new PolycardError('POLYCARD_VAULT_UNKNOWN_KEY', `the vault has no key ${label}`, { where: label });
    }
    let clear: Uint8Array;
    try {
      clear = openAesGcm(this.#keyEncryptionKey, fromHex(entry.sealed), associatedData(entry));
    } catch (cause) {
      throw new PolycardError('POLYCARD_VAULT_TAMPERED', `key ${label} does not open: its entry was changed`, {
        where: label,
        cause,
      });
    }
    const secret = new Secret(clear, entry.checkValue);
    clear.fill(0);
    this.#open.set(label, secret);
    return secret.expose();
  }

  wipe(): void {
    for (const secret of this.#open.values()) secret.wipe();
    this.#open.clear();
    this.#keyEncryptionKey.fill(0);
  }

  #save(): void {
    this.#storage.save(`${JSON.stringify(this.#document, null, 1)}\n`);
  }
}

function parseDocument(text: string): KeystoreDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new PolycardError('POLYCARD_VAULT_FORMAT', 'the keystore file is no JSON document', { cause });
  }
  const document = value as Partial<KeystoreDocument>;
  if (document.format !== 'polycard-keystore-1' || !Array.isArray(document.keys) || typeof document.salt !== 'string') {
    throw new PolycardError('POLYCARD_VAULT_FORMAT', 'the keystore file has another format', {
      expected: 'format polycard-keystore-1',
    });
  }
  return document as KeystoreDocument;
}
