/**
 * The PKCS#11 back end. Master keys are made in the token, sensitive and never extractable, and can do nothing but
 * derive; what they disperse stays in the session while it computes. SM4 is in no published mechanism of the tokens
 * this was written for, so it is refused by name.
 */
import { fromHex, PolycardError, toHex } from '@polycard/bytes';
import { type RandomSource, RSA_EXPONENT_3, sha256 } from '@polycard/crypto';
import type { CardComputation, KeyEngine, KeyRecord, NewKeyRecord, WrapComputation } from '../engine.ts';
import { keyCheckValue } from '../key-components.ts';
import { keyName } from '../key-model.ts';
import type { BackendCapabilities } from '../vault.ts';
import { zoneDataKey } from '../zone.ts';
import { CKA, CKF_WRAP, CKK, CKM, CKO } from './constants.ts';
import type { Mechanism, Template } from './library.ts';
import { labelAttribute, type ObjectHandle, TokenSession } from './session.ts';
import { byCounter, byFactor, type Derivation, TokenCipher } from './token-cipher.ts';
import { objectLabel, TokenStore } from './token-store.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const MAC_BYTES = 4;
const AES_KEY_BYTES = 32;
/** Under this the transport keys of zones rest in the token's data objects. */
const RESTING = new TextEncoder().encode('polycard transport key at rest');
const RESTING_KEY_LABEL = 'platform:data-at-rest';

export interface Pkcs11EngineOptions {
  readonly library: string;
  readonly token: string;
  readonly pin: string;
  readonly nonceRandom: RandomSource;
}

export class Pkcs11Engine implements KeyEngine {
  readonly backend: string;
  readonly #library: string;
  readonly #session: TokenSession;
  readonly #cipher: TokenCipher;
  readonly #store: TokenStore;
  readonly #nonceRandom: RandomSource;
  /** Objects of keys that work all day: looked up once. */
  readonly #kept = new Map<string, ObjectHandle>();
  readonly #zones = new Map<string, { readonly transport: ObjectHandle; readonly data: ObjectHandle }>();

  constructor({ library, token, pin, nonceRandom }: Pkcs11EngineOptions) {
    this.#library = library;
    this.#session = new TokenSession({ library, token }, pin);
    this.backend = `PKCS#11 (${this.#session.description})`;
    this.#cipher = new TokenCipher(this.#session);
    this.#store = new TokenStore(this.#session);
    this.#nonceRandom = nonceRandom;
  }

  capabilities(): BackendCapabilities {
    const has = (...mechanisms: readonly number[]): boolean =>
      mechanisms.every((mechanism) => this.#session.mechanismFlags(mechanism) !== undefined);
    const derives = has(CKM.DES3_ECB_ENCRYPT_DATA, CKM.DES2_KEY_GEN);
    const wraps = ((this.#session.mechanismFlags(CKM.DES3_ECB) ?? 0) & CKF_WRAP) !== 0;
    return {
      backend: this.backend,
      custody: `${this.#library}; keys are objects labelled polycard:LABEL#VERSION, sensitive and never extractable`,
      abilities: [
        { name: '3DES dispersion', supported: derives, note: 'CKM_DES3_ECB_ENCRYPT_DATA; master keys can only derive' },
        { name: 'retail MAC', supported: derives && has(CKM.DES3_CBC), note: 'built inside from derived keys' },
        { name: 'SM4', supported: false, note: 'no published mechanism of this token: refused by name' },
        { name: 'RSA', supported: has(CKM.RSA_X_509), note: 'CKM_RSA_X_509, keys made inside with exponent 3' },
        { name: 'AES', supported: has(CKM.AES_GCM), note: 'data at rest, CKM_AES_GCM' },
        { name: 'card tokens', supported: has(CKM.SHA256_HMAC), note: 'CKM_SHA256_HMAC' },
        {
          name: '3DES key wrapping',
          supported: wraps,
          note: wraps
            ? 'not used yet: card keys for their holders pass through the memory of the vault'
            : 'the token cannot wrap under 3DES: card keys for their holders pass through the memory of the vault',
        },
        { name: 'key blocks taken in', supported: true, note: '3DES keys; opened in the memory of the vault' },
        { name: 'key blocks of master keys', supported: false, note: 'master keys are never extractable' },
        { name: 'SM2 envelope', supported: false, note: 'no published mechanism of this token: refused by name' },
        { name: 'backup and restore', supported: false, note: "by the token's own means" },
        { name: 'keys inside hardware', supported: true, note: 'as far as the token is one' },
      ],
    };
  }

  records(): readonly KeyRecord[] {
    return this.#store.records();
  }

  together(work: () => void): void {
    work();
  }

  generate(record: NewKeyRecord): KeyRecord {
    const { algorithm } = record;
    if (algorithm === 'SM4' || algorithm === 'SM2') throw this.#unsupported(record, `has no ${algorithm}`);
    this.#store.removeKey(record); // what an interrupted start left behind
    if (algorithm === 'RSA') return this.#generateRsa(record);
    const stored = ((): { mechanism: number; template: Template; bits: number } => {
      if (algorithm === '3DES') return { mechanism: CKM.DES2_KEY_GEN, template: [[CKA.DERIVE, true]], bits: 128 };
      if (record.usage === 'card-token') {
        const template: Template = [
          [CKA.VALUE_LEN, AES_KEY_BYTES],
          [CKA.SIGN, true],
        ];
        return { mechanism: CKM.GENERIC_SECRET_KEY_GEN, template, bits: AES_KEY_BYTES * 8 };
      }
      const template: Template = [
        [CKA.VALUE_LEN, AES_KEY_BYTES],
        [CKA.ENCRYPT, true],
        [CKA.DECRYPT, true],
      ];
      return { mechanism: CKM.AES_KEY_GEN, template, bits: AES_KEY_BYTES * 8 };
    })();
    const object = this.#session.generateKey(stored.mechanism, [...secretKey(record), ...stored.template]);
    const made = { ...record, bits: stored.bits, checkValue: toHex(this.#checkValue(record, object)) };
    this.#store.put(made);
    return made;
  }

  #generateRsa(record: NewKeyRecord): KeyRecord {
    const bits = record.bits ?? 1024;
    const label = labelAttribute(objectLabel(record));
    const { publicKey } = this.#session.generateKeyPair(
      CKM.RSA_PKCS_KEY_PAIR_GEN,
      [
        [CKA.TOKEN, true],
        [CKA.PRIVATE, false],
        label,
        [CKA.VERIFY, true],
        [CKA.MODULUS_BITS, bits],
        [CKA.PUBLIC_EXPONENT, RSA_EXPONENT_3],
      ],
      [
        [CKA.TOKEN, true],
        [CKA.PRIVATE, true],
        [CKA.SENSITIVE, true],
        [CKA.EXTRACTABLE, false],
        label,
        [CKA.SIGN, true],
      ],
    );
    const modulus = this.#session.attribute(publicKey, CKA.MODULUS, bits / 8);
    const made = {
      ...record,
      bits,
      checkValue: toHex(sha256(modulus).subarray(0, 3)),
      modulus: toHex(modulus),
    };
    this.#store.put(made);
    return made;
  }

  /** Transport keys of zones rest sealed and work as session objects; other keys become token objects that only derive. */
  import(record: NewKeyRecord, clear: Uint8Array): KeyRecord {
    const { algorithm, usage } = record;
    const isTaken = algorithm === '3DES' || (algorithm === 'AES' && usage === 'zone');
    if (!isTaken) throw this.#unsupported(record, `takes no ${algorithm} key in`);
    const checkValue = toHex(keyCheckValue(algorithm, clear, 3));
    const made: KeyRecord = { ...record, bits: clear.length * 8, checkValue };
    if (usage === 'zone') {
      this.#store.put(made, this.seal(this.#restingKey(), clear, RESTING));
      return made;
    }
    this.#store.removeKey(record);
    this.#session.create([
      [CKA.CLASS, CKO.SECRET_KEY],
      [CKA.KEY_TYPE, CKK.DES2],
      [CKA.VALUE, clear],
      ...secretKey(record),
      [CKA.DERIVE, true],
    ]);
    this.#store.put(made);
    return made;
  }

  update(record: KeyRecord): void {
    this.#store.put(record);
  }

  destroy(record: KeyRecord): void {
    const name = keyName(record);
    const zone = this.#zones.get(name);
    if (zone !== undefined) {
      this.#session.destroy(zone.transport);
      this.#session.destroy(zone.data);
      this.#zones.delete(name);
    }
    this.#kept.delete(name);
    this.#store.removeKey(record);
    this.#store.put(record);
  }

  disperse(key: KeyRecord, paths: readonly (readonly Uint8Array[])[]): Uint8Array[] {
    const keys = new Array<Uint8Array>(paths.length);
    this.#byParent(key, paths, (parent, isMaster, group) => {
      const factors = group.map((index) => paths[index]!.at(-1)!);
      const found = isMaster
        ? factors.map((factor) => this.#cipher.disperseOne(parent, factor))
        : this.#cipher.disperseMany(parent, factors);
      group.forEach((index, position) => {
        keys[index] = found[position]!;
      });
    });
    return keys;
  }

  cardMacs(key: KeyRecord, computations: readonly CardComputation[]): Uint8Array[] {
    return this.#underCardKeys(key, computations, (parent, derivation, { data }) =>
      this.#cipher.retailMac(parent, derivation, data),
    );
  }

  cardEncipher(key: KeyRecord, computations: readonly CardComputation[]): Uint8Array[] {
    return this.#underCardKeys(key, computations, (parent, derivation, { data }) =>
      this.#cipher.encipherUnder(parent, derivation, data),
    );
  }

  wrapUnderCardKeys(
    key: KeyRecord,
    computations: readonly WrapComputation[],
  ): { wrapped: Uint8Array; mac: Uint8Array }[] {
    const results = new Array<{ wrapped: Uint8Array; mac: Uint8Array }>(computations.length);
    const paths = computations.map(({ factors }) => factors);
    this.#byParent(key, paths, (parent, _isMaster, group) => {
      for (const index of group) {
        const { factors, recordKey, authenticated } = computations[index]!;
        const { wrapped, mac } = this.#cipher.wrapUnder(parent, byFactor(factors.at(-1)!), recordKey, authenticated);
        results[index] = { wrapped, mac: mac.slice(0, MAC_BYTES) };
      }
    });
    return results;
  }

  encipher(key: KeyRecord, blocks: Uint8Array): Uint8Array {
    const { transport } = this.#zone(key);
    const step = 1 << 18;
    const output = new Uint8Array(blocks.length);
    for (let start = 0; start < blocks.length; start += step) {
      output.set(this.#cipher.encipher(transport, blocks.subarray(start, start + step)), start);
    }
    return output;
  }

  sealUnderZone(key: KeyRecord, plain: Uint8Array, associated: Uint8Array): Uint8Array {
    return this.#sealWith(this.#zone(key).data, plain, associated);
  }

  signRaw(key: KeyRecord, block: Uint8Array): Uint8Array {
    return this.#session.sign(this.#keptObject(key), { type: CKM.RSA_X_509 }, block, block.length);
  }

  seal(key: KeyRecord, plain: Uint8Array, associated: Uint8Array): Uint8Array {
    return this.#sealWith(this.#keptObject(key), plain, associated);
  }

  open(key: KeyRecord, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
    const nonce = sealed.subarray(0, NONCE_BYTES);
    return this.#session.decrypt(this.#keptObject(key), gcm(nonce, associated), sealed.subarray(NONCE_BYTES));
  }

  authenticate(key: KeyRecord, data: Uint8Array): Uint8Array {
    return this.#session.sign(this.#keptObject(key), { type: CKM.SHA256_HMAC }, data, 32);
  }

  /** Only a zone's key, for the exchange with its other side; a master key is refused by name. */
  expose(key: KeyRecord): Uint8Array {
    const sealed = key.usage === 'zone' ? this.#store.sealed(key) : undefined;
    if (sealed !== undefined) return this.open(this.#restingKey(), sealed, RESTING);
    throw this.#unsupported(key, 'gives no key out: it was made never extractable');
  }

  close(): void {
    this.#session.close();
  }

  #sealWith(object: ObjectHandle, plain: Uint8Array, associated: Uint8Array): Uint8Array {
    const nonce = this.#nonceRandom(NONCE_BYTES);
    const sealed = this.#session.encrypt(object, gcm(nonce, associated), plain, TAG_BYTES);
    const whole = new Uint8Array(NONCE_BYTES + sealed.length);
    whole.set(nonce);
    whole.set(sealed, NONCE_BYTES);
    return whole;
  }

  /** Groups computations by the key above the last level; the keys in between live while the group is worked on. */
  #byParent(
    key: KeyRecord,
    paths: readonly (readonly Uint8Array[])[],
    work: (parent: ObjectHandle, isMaster: boolean, group: readonly number[]) => void,
  ): void {
    if (key.algorithm !== '3DES') throw this.#unsupported(key, `cannot disperse ${key.algorithm}`);
    const groups = Map.groupBy(
      paths.map((_, index) => index),
      (index) => {
        const path = paths[index]!;
        if (path.length === 0) throw this.#unsupported(key, 'gives no master key out');
        return path.slice(0, -1).map(toHex).join(' ');
      },
    );
    const master = this.#session.copyForSession(this.#store.keyObject(key));
    const made = [master];
    try {
      for (const group of groups.values()) {
        let parent = master;
        for (const factor of paths[group[0]!]!.slice(0, -1)) {
          parent = this.#cipher.parent(parent, factor);
          made.push(parent);
        }
        work(parent, parent === master, group);
      }
    } finally {
      for (const object of made) this.#cipher.destroy(object);
    }
  }

  /** Computes under card keys, or under the session keys of cards where an ATC is given. */
  #underCardKeys<C extends CardComputation>(
    key: KeyRecord,
    computations: readonly C[],
    work: (parent: ObjectHandle, derivation: Derivation, computation: C) => Uint8Array,
  ): Uint8Array[] {
    const results = new Array<Uint8Array>(computations.length);
    const direct = computations.flatMap(({ factors }, index) => (factors.length === 0 ? [index] : []));
    if (direct.length > 0) {
      const cardKey = this.#store.keyObject(key);
      for (const index of direct) {
        const computation = computations[index]!;
        if (computation.atc === undefined) throw this.#unsupported(key, 'computes only under keys it derives');
        results[index] = work(cardKey, byCounter(computation.atc), computation);
      }
    }
    const dispersed = computations.flatMap(({ factors }, index) => (factors.length > 0 ? [index] : []));
    this.#byParent(
      key,
      dispersed.map((index) => computations[index]!.factors),
      (parent, _isMaster, group) => {
        for (const position of group) {
          const computation = computations[dispersed[position]!]!;
          const factor = computation.factors.at(-1)!;
          if (computation.atc === undefined) {
            results[dispersed[position]!] = work(parent, byFactor(factor), computation);
            continue;
          }
          const cardKey = this.#cipher.parent(parent, factor);
          try {
            results[dispersed[position]!] = work(cardKey, byCounter(computation.atc), computation);
          } finally {
            this.#cipher.destroy(cardKey);
          }
        }
      },
    );
    return results;
  }

  #keptObject(key: KeyRecord): ObjectHandle {
    const name = keyName(key);
    let object = this.#kept.get(name);
    if (object === undefined) {
      object = this.#session.copyForSession(this.#store.keyObject(key));
      this.#kept.set(name, object);
    }
    return object;
  }

  #restingKey(): KeyRecord {
    const key = this.#store.records().find(({ label, state }) => label === RESTING_KEY_LABEL && state === 'active');
    if (key === undefined)
      throw new PolycardError('POLYCARD_VAULT_UNKNOWN_KEY', `the token has no ${RESTING_KEY_LABEL}`);
    return key;
  }

  #zone(key: KeyRecord) {
    const open = this.#zones.get(keyName(key));
    if (open !== undefined) return open;
    const clear = this.expose(key);
    const zone = this.#openZone(key, clear);
    clear.fill(0);
    return zone;
  }

  #openZone(key: KeyRecord, clear: Uint8Array) {
    const dataKey = zoneDataKey(clear);
    const object = (type: number, value: Uint8Array): ObjectHandle =>
      this.#session.create([
        [CKA.CLASS, CKO.SECRET_KEY],
        [CKA.KEY_TYPE, type],
        [CKA.VALUE, value],
        [CKA.TOKEN, false],
        [CKA.PRIVATE, true],
        [CKA.SENSITIVE, true],
        [CKA.EXTRACTABLE, false],
        [CKA.ENCRYPT, true],
      ]);
    const zone = { transport: object(CKK.DES2, clear), data: object(CKK.AES, dataKey) };
    dataKey.fill(0);
    this.#zones.set(keyName(key), zone);
    return zone;
  }

  #checkValue(record: NewKeyRecord, object: ObjectHandle): Uint8Array {
    if (record.algorithm === '3DES') return this.#cipher.blockUnder(object, new Uint8Array(16)).slice(0, 3);
    const mechanism = record.usage === 'card-token' ? CKM.SHA256_HMAC : CKM.AES_ECB;
    return mechanism === CKM.SHA256_HMAC
      ? this.#session.sign(object, { type: mechanism }, new Uint8Array(16), 32).slice(0, 3)
      : this.#session.encrypt(object, { type: mechanism }, new Uint8Array(16)).slice(0, 3);
  }

  #unsupported(key: Pick<KeyRecord, 'label' | 'version'>, why: string): PolycardError {
    return new PolycardError('POLYCARD_VAULT_UNSUPPORTED', `${this.backend} ${why} (${keyName(key)})`, {
      where: keyName(key),
      expected: 'see polycard keys backend for what it can do',
    });
  }
}

const secretKey = (record: NewKeyRecord): Template => [
  [CKA.TOKEN, true],
  [CKA.PRIVATE, true],
  [CKA.SENSITIVE, true],
  [CKA.EXTRACTABLE, false],
  labelAttribute(objectLabel(record)),
  [CKA.ID, fromHex(toHex(sha256(new TextEncoder().encode(objectLabel(record)))).slice(0, 16))],
];

function gcm(nonce: Uint8Array, associated: Uint8Array): Mechanism {
  return {
    type: CKM.AES_GCM,
    parameter: (memory) => ({
      address: memory.placeUlongs(
        ...[memory.place(nonce), nonce.length, nonce.length * 8],
        ...[memory.place(associated), associated.length, TAG_BYTES * 8],
      ),
      lengthBytes: 48,
    }),
  };
}
