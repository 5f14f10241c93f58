/** The software back end: keys in a sealed keystore, computations in this process. */
import { concat, toHex } from '@polycard/bytes';
import {
  type Algorithm,
  disperse,
  dispersionInput,
  ecbMode,
  encryptBlocks,
  generateRsaKey,
  generateSm2Key,
  hmacSha256,
  importRsaPrivate,
  macOf,
  openAesGcm,
  openEncryptor,
  type RandomSource,
  type RsaHandle,
  rsaPartsFromCrt,
  rsaSignRaw,
  sealAesGcm,
  sha256,
} from '@polycard/crypto';
import { deriveSessionKey } from '@polycard/emv';
import type { CardComputation, KeyEngine, KeyRecord, NewKeyRecord, WrapComputation } from '../engine.ts';
import { keyCheckValue } from '../key-components.ts';
import { keyName } from '../key-model.ts';
import type { BackendCapabilities } from '../vault.ts';
import { zoneDataKey } from '../zone.ts';
import type { Keystore } from './keystore.ts';

const MAC_BYTES = 4;

export class SoftwareEngine implements KeyEngine {
  readonly backend = 'software keystore';
  readonly keystore: Keystore;
  readonly #random: RandomSource;
  readonly #nonceRandom: RandomSource;
  readonly #rsaHandles = new Map<string, RsaHandle>();

  constructor(keystore: Keystore, random: RandomSource, nonceRandom: RandomSource) {
    this.keystore = keystore;
    this.#random = random;
    this.#nonceRandom = nonceRandom;
  }

  capabilities(): BackendCapabilities {
    const yes = (name: string, note: string) => ({ name, supported: true, note });
    const seals = this.keystore.seals.map((seal) =>
      seal.kind === 'shares' ? `${seal.threshold} of ${seal.count} shares` : 'a passphrase (scrypt)',
    );
    return {
      backend: this.backend,
      custody: `one document, each key under AES-256-GCM; opened by ${seals.join(' or ')}`,
      abilities: [
        yes('3DES', 'dispersion, retail MAC, key wrapping'),
        yes('SM4', 'dispersion, CBC-MAC'),
        yes('RSA', 'certificates, exponent 3'),
        yes('AES', 'data at rest, AES-256-GCM'),
        yes('key blocks', 'X9.143 / TR-31 B and D, ECB with check value, SM2 envelope'),
        yes('backup and restore', 'by M of N shares'),
        { name: 'keys inside hardware', supported: false, note: 'clear keys are in memory while the vault is open' },
      ],
    };
  }

  records(): readonly KeyRecord[] {
    return this.keystore.records();
  }

  together(work: () => void): void {
    this.keystore.together(work);
  }

  generate(record: NewKeyRecord): KeyRecord {
    if (record.algorithm === 'RSA') {
      const bits = record.bits ?? 1024;
      const parts = generateRsaKey(this.#random, bits / 8);
      const made = {
        ...record,
        bits,
        checkValue: toHex(sha256(parts.modulus).subarray(0, 3)),
        modulus: toHex(parts.modulus),
      };
      this.keystore.add(made, concat(parts.p, parts.q, parts.dp, parts.dq, parts.qInv));
      return made;
    }
    if (record.algorithm === 'SM2') {
      const { privateKey, publicKey } = generateSm2Key(this.#random);
      const checkValue = toHex(sha256(publicKey).subarray(0, 3));
      const made = { ...record, bits: 256, checkValue, sm2PublicKey: toHex(publicKey) };
      this.keystore.add(made, privateKey);
      privateKey.fill(0);
      return made;
    }
    const key = this.#random(record.algorithm === 'AES' ? 32 : 16);
    const made = this.import(record, key);
    key.fill(0);
    return made;
  }

  import(record: NewKeyRecord, clear: Uint8Array): KeyRecord {
    const zeros = new Uint8Array(16);
    const check =
      record.usage === 'card-token'
        ? hmacSha256(clear, zeros).subarray(0, 3)
        : keyCheckValue(record.algorithm, clear, 3);
    const made = { ...record, bits: clear.length * 8, checkValue: toHex(check) };
    this.keystore.add(made, clear);
    return made;
  }

  update(record: KeyRecord): void {
    this.keystore.update(record);
  }

  destroy(record: KeyRecord): void {
    this.#rsaHandles.delete(keyName(record));
    this.keystore.destroy(record);
  }

  disperse(key: KeyRecord, paths: readonly (readonly Uint8Array[])[]): Uint8Array[] {
    const algorithm = key.algorithm as Algorithm;
    const parents = new Map<string, Uint8Array>([['', this.keystore.expose(key)]]);
    const parentOf = (factors: readonly Uint8Array[]): Uint8Array => {
      let parent = parents.get('')!;
      let path = '';
      for (const factor of factors) {
        path += toHex(factor);
        let child = parents.get(path);
        if (child === undefined) {
          child = disperse(algorithm, parent, factor);
          parents.set(path, child);
        }
        parent = child;
      }
      return parent;
    };
    const encryptors = new Map<Uint8Array, (blocks: Uint8Array) => Uint8Array>();
    return paths.map((path) => {
      const factor = path.at(-1);
      if (factor === undefined) return Uint8Array.from(parents.get('')!);
      const parent = parentOf(path.slice(0, -1));
      let encrypt = encryptors.get(parent);
      if (encrypt === undefined) {
        encrypt = openEncryptor(ecbMode(algorithm), parent);
        encryptors.set(parent, encrypt);
      }
      return Uint8Array.from(encrypt(dispersionInput(factor)));
    });
  }

  cardMacs(key: KeyRecord, computations: readonly CardComputation[]): Uint8Array[] {
    const algorithm = key.algorithm as Algorithm;
    return this.#underCardKeys(key, computations, (cardKey, { data }) => macOf(algorithm, cardKey, data).slice(0, 8));
  }

  cardEncipher(key: KeyRecord, computations: readonly CardComputation[]): Uint8Array[] {
    const mode = ecbMode(key.algorithm as Algorithm);
    return this.#underCardKeys(key, computations, (cardKey, { data }) =>
      Uint8Array.from(encryptBlocks(mode, cardKey, data)),
    );
  }

  wrapUnderCardKeys(
    key: KeyRecord,
    computations: readonly WrapComputation[],
  ): { wrapped: Uint8Array; mac: Uint8Array }[] {
    const algorithm = key.algorithm as Algorithm;
    return this.disperse(
      key,
      computations.map(({ factors }) => factors),
    ).map((cardKey, index) => {
      const { recordKey, authenticated } = computations[index]!;
      const wrapped = Uint8Array.from(encryptBlocks(ecbMode(algorithm), cardKey, recordKey));
      const mac = macOf(algorithm, cardKey, authenticated(wrapped)).slice(0, MAC_BYTES);
      cardKey.fill(0);
      return { wrapped, mac };
    });
  }

  encipher(key: KeyRecord, blocks: Uint8Array): Uint8Array {
    return Uint8Array.from(encryptBlocks('des-ede-ecb', this.keystore.expose(key), blocks));
  }

  sealUnderZone(key: KeyRecord, plain: Uint8Array, associated: Uint8Array): Uint8Array {
    const dataKey = zoneDataKey(this.keystore.expose(key));
    const sealed = sealAesGcm(dataKey, this.#nonceRandom(12), plain, associated);
    dataKey.fill(0);
    return sealed;
  }

  signRaw(key: KeyRecord, block: Uint8Array): Uint8Array {
    let handle = this.#rsaHandles.get(keyName(key));
    if (handle === undefined) {
      handle = importRsaPrivate(decodeRsa(this.keystore.expose(key)));
      this.#rsaHandles.set(keyName(key), handle);
    }
    return rsaSignRaw(handle, block);
  }

  seal(key: KeyRecord, plain: Uint8Array, associated: Uint8Array): Uint8Array {
    return sealAesGcm(this.keystore.expose(key), this.#nonceRandom(12), plain, associated);
  }

  open(key: KeyRecord, sealed: Uint8Array, associated: Uint8Array): Uint8Array {
    return openAesGcm(this.keystore.expose(key), sealed, associated);
  }

  authenticate(key: KeyRecord, data: Uint8Array): Uint8Array {
    return hmacSha256(this.keystore.expose(key), data);
  }

  expose(key: KeyRecord): Uint8Array {
    return Uint8Array.from(this.keystore.expose(key));
  }

  close(): void {
    this.#rsaHandles.clear();
    this.keystore.wipe();
  }

  /** Disperses, takes the session key where one is asked for, works, wipes. */
  #underCardKeys<C extends CardComputation>(
    key: KeyRecord,
    computations: readonly C[],
    work: (cardKey: Uint8Array, computation: C) => Uint8Array,
  ): Uint8Array[] {
    const algorithm = key.algorithm as Algorithm;
    return this.disperse(
      key,
      computations.map(({ factors }) => factors),
    ).map((cardKey, index) => {
      const computation = computations[index]!;
      const { atc } = computation;
      const sessionKey = atc === undefined ? cardKey : deriveSessionKey(algorithm, cardKey, atc);
      const result = work(sessionKey, computation);
      cardKey.fill(0);
      sessionKey.fill(0);
      return result;
    });
  }
}

function decodeRsa(bytes: Uint8Array) {
  const length = bytes.length / 5;
  const part = (index: number): Uint8Array => bytes.slice(index * length, (index + 1) * length);
  return rsaPartsFromCrt({ p: part(0), q: part(1), dp: part(2), dq: part(3), qInv: part(4) });
}
