/** The software back end: keys in a sealed keystore, operations in this process. */
import { concat, fromHex, PolycardError, toHex } from '@polycard/bytes';
import {
  type Algorithm,
  agreeZoneKey,
  checkValue,
  constantTimeEqual,
  decryptBlocks,
  disperseAlong,
  ecbMode,
  encryptBlocks,
  generateRsaKey,
  hmacSha256,
  importRsaPrivate,
  makeZoneKeyPair,
  openAesGcm,
  openEncryptor,
  type RandomSource,
  RSA_EXPONENT_3,
  type RsaHandle,
  rsaPartsFromCrt,
  rsaSignRaw,
  sealAesGcm,
  sha256,
} from '@polycard/crypto';
import {
  type CertificateSigner,
  computeApplicationCryptogram,
  deriveCardKeys,
  deriveSessionKey,
  encodeAppendRecord,
} from '@polycard/emv';
import type {
  ActivationRequest,
  BlockEncryptor,
  CardIdentity,
  CryptogramCheck,
  EncipheredCardKeys,
  EncipheredKey,
  IssuedTerminalMasterKey,
  IssuedWorkingKeys,
  KeyInfo,
  KeySpecification,
  KeyUsage,
  Vault,
} from '../vault.ts';
import { Keystore, type KeystoreStorage } from './keystore.ts';

const DATA_KEY = 'platform:data-at-rest';
const TOKEN_KEY = 'platform:card-token';

export interface SoftwareVaultOptions {
  readonly storage: KeystoreStorage;
  readonly passphrase: string;
  /** Source of all keys; a seeded one makes a simulation reproducible and must never hold real keys. */
  readonly random: RandomSource;
  /** Source of nonces and working keys. */
  readonly nonceRandom?: RandomSource;
  readonly now: () => Date;
}

export class SoftwareVault implements Vault {
  readonly backend = 'software keystore';
  readonly #keystore: Keystore;
  readonly #random: RandomSource;
  readonly #nonceRandom: RandomSource;
  readonly #now: () => Date;
  readonly #rsaHandles = new Map<string, RsaHandle>();

  constructor(options: SoftwareVaultOptions) {
    this.#random = options.random;
    this.#nonceRandom = options.nonceRandom ?? options.random;
    this.#now = options.now;
    this.#keystore = new Keystore(options.storage, options.passphrase, this.#nonceRandom);
    this.#ensureNow({ label: DATA_KEY, usage: 'data-at-rest', algorithm: 'AES', owner: 'platform' });
    this.#ensureNow({ label: TOKEN_KEY, usage: 'card-token', algorithm: 'AES', owner: 'platform' });
  }

  async ensure(specification: KeySpecification): Promise<KeyInfo> {
    return this.#ensureNow(specification);
  }

  async list(): Promise<KeyInfo[]> {
    return this.#keystore.list();
  }

  async show(label: string): Promise<KeyInfo> {
    const { sealed: _sealed, modulus: _modulus, ...info } = this.#entry(label);
    return info;
  }

  async openZone(
    zoneId: string,
    theirPublicKey: Uint8Array,
  ): Promise<{ publicKey: Uint8Array; checkValue: Uint8Array }> {
    const pair = makeZoneKeyPair(this.#nonceRandom);
    const key = agreeZoneKey(pair, theirPublicKey);
    const check = checkValue('3DES', key);
    const label = zoneLabel(zoneId);
    if (this.#keystore.find(label) !== undefined) {
      throw new PolycardError('POLYCARD_VAULT_CONFLICT', `zone ${zoneId} is already open`, { where: zoneId });
    }
    this.#keystore.add(this.#info({ label, usage: 'zone', algorithm: '3DES', owner: zoneId }, toHex(check), 128), key);
    key.fill(0);
    return { publicKey: pair.publicKey, checkValue: check };
  }

  async issueCardKeys(
    labels: { readonly ac: string; readonly mac: string; readonly enc: string },
    zoneId: string,
    cards: readonly CardIdentity[],
  ): Promise<EncipheredCardKeys[]> {
    const derive = (label: string, usage: KeyUsage) => {
      const algorithm = this.#symmetric(label, usage);
      return { algorithm, keys: deriveCardKeys(algorithm, this.#keystore.expose(label), cards) };
    };
    const ac = derive(labels.ac, 'application-cryptogram');
    const mac = derive(labels.mac, 'script-mac');
    const enc = derive(labels.enc, 'script-encryption');
    const encipher = this.#transport(zoneId);
    return cards.map((_, index) => {
      const clear = concat(ac.keys[index]!, mac.keys[index]!, enc.keys[index]!);
      const checkValues = concat(
        checkValue(ac.algorithm, ac.keys[index]!),
        checkValue(mac.algorithm, mac.keys[index]!),
        checkValue(enc.algorithm, enc.keys[index]!),
      );
      return { enciphered: encipher(clear), checkValues };
    });
  }

  async issueOpeningKeys(
    label: string,
    zoneId: string,
    factors: readonly (readonly Uint8Array[])[],
  ): Promise<EncipheredKey[]> {
    const algorithm = this.#symmetric(label, 'activation');
    const encipher = this.#transport(zoneId);
    return this.#disperseBatch(algorithm, label, factors).map((key) => ({
      enciphered: encipher(key),
      checkValue: checkValue(algorithm, key),
    }));
  }

  async activate(
    activationLabel: string,
    managementLabel: string,
    requests: readonly ActivationRequest[],
  ): Promise<Uint8Array[]> {
    const activationAlgorithm = this.#symmetric(activationLabel, 'activation');
    const managementAlgorithm = this.#symmetric(managementLabel, 'management');
    const openingKeys = this.#disperseBatch(
      activationAlgorithm,
      activationLabel,
      requests.map((request) => request.activationFactors),
    );
    const managementKeys = this.#disperseBatch(
      managementAlgorithm,
      managementLabel,
      requests.map((request) => request.managementFactors),
    );
    return requests.map((request, index) =>
      encodeAppendRecord({
        openingKey: openingKeys[index]!,
        recordKey: managementKeys[index]!,
        atc: request.atc,
        sfi: request.sfi,
        record: request.record,
        algorithm: activationAlgorithm,
      }),
    );
  }

  async issuePsamKey(label: string, zoneId: string, fixedFactors: readonly Uint8Array[]): Promise<EncipheredKey> {
    const algorithm = this.#symmetric(label, 'management');
    const key = disperseAlong(algorithm, this.#keystore.expose(label), fixedFactors);
    return { enciphered: this.#transport(zoneId)(key), checkValue: checkValue(algorithm, key) };
  }

  async issueTerminalMasterKey(zoneId: string): Promise<IssuedTerminalMasterKey> {
    const key = this.#nonceRandom(16);
    return {
      sealed: this.seal(key, 'terminal-master-key'),
      enciphered: this.#transport(zoneId)(key),
      checkValue: checkValue('3DES', key),
    };
  }

  async issueWorkingKeys(sealedMasterKey: Uint8Array): Promise<IssuedWorkingKeys> {
    const masterKey = this.open(sealedMasterKey, 'terminal-master-key');
    const pin = this.#nonceRandom(16);
    const mac = this.#nonceRandom(8);
    const macDoubled = concat(mac, mac);
    return {
      sealedMacKey: this.seal(mac, 'terminal-mac-key'),
      pinKey: { enciphered: encryptBlocks('des-ede-ecb', masterKey, pin), checkValue: checkValue('3DES', pin, 4) },
      macKey: {
        enciphered: encryptBlocks('des-ede-ecb', masterKey, mac),
        checkValue: checkValue('3DES', macDoubled, 4),
      },
    };
  }

  messageEncryptor(sealedMacKey: Uint8Array): BlockEncryptor {
    const mac = this.open(sealedMacKey, 'terminal-mac-key');
    return openEncryptor('des-ede-ecb', concat(mac, mac));
  }

  async verifyCryptograms(checks: readonly CryptogramCheck[]): Promise<boolean[]> {
    const results = new Array<boolean>(checks.length).fill(false);
    const byLabel = Map.groupBy(
      checks.map((check, index) => ({ check, index })),
      ({ check }) => check.label,
    );
    for (const [label, group] of byLabel) {
      const algorithm = this.#symmetric(label, 'application-cryptogram');
      const cardKeys = deriveCardKeys(
        algorithm,
        this.#keystore.expose(label),
        group.map(({ check }) => check.card),
      );
      group.forEach(({ check, index }, position) => {
        const sessionKey = deriveSessionKey(algorithm, cardKeys[position]!, check.atc);
        const expected = computeApplicationCryptogram(algorithm, sessionKey, check.input);
        results[index] = constantTimeEqual(expected, check.cryptogram);
      });
    }
    return results;
  }

  certificateSigner(label: string): CertificateSigner {
    const entry = this.#entry(label);
    if (entry.usage !== 'certificate-authority' && entry.usage !== 'issuer-certificate') {
      throw wrongUsage(label, entry.usage, 'certificate-authority or issuer-certificate');
    }
    let handle = this.#rsaHandles.get(label);
    if (handle === undefined) {
      handle = importRsaPrivate(decodeRsa(this.#keystore.expose(label)));
      this.#rsaHandles.set(label, handle);
    }
    const key = handle;
    return { modulusBytes: entry.bits / 8, sign: (block) => rsaSignRaw(key, block) };
  }

  rsaPublicKey(label: string): { modulus: Uint8Array; exponent: Uint8Array } {
    const { modulus } = this.#entry(label);
    if (modulus === undefined) throw wrongUsage(label, 'symmetric', 'an RSA key');
    return { modulus: fromHex(modulus), exponent: RSA_EXPONENT_3 };
  }

  sealForZone(zoneId: string, plain: Uint8Array): Uint8Array {
    return sealAesGcm(
      zoneDataKey(this.#keystore.expose(zoneLabel(zoneId))),
      this.#nonceRandom(12),
      plain,
      new TextEncoder().encode(zoneId),
    );
  }

  seal(plain: Uint8Array, context: string): Uint8Array {
    return sealAesGcm(this.#keystore.expose(DATA_KEY), this.#nonceRandom(12), plain, new TextEncoder().encode(context));
  }

  open(sealed: Uint8Array, context: string): Uint8Array {
    try {
      return openAesGcm(this.#keystore.expose(DATA_KEY), sealed, new TextEncoder().encode(context));
    } catch (cause) {
      throw new PolycardError('POLYCARD_VAULT_TAMPERED', `sealed data (${context}) does not open`, {
        where: context,
        cause,
      });
    }
  }

  token(pan: string): string {
    return toHex(hmacSha256(this.#keystore.expose(TOKEN_KEY), new TextEncoder().encode(pan)).subarray(0, 8));
  }

  close(): void {
    this.#rsaHandles.clear();
    this.#keystore.wipe();
  }

  #ensureNow(specification: KeySpecification): KeyInfo {
    const existing = this.#keystore.find(specification.label);
    if (existing !== undefined) {
      if (existing.usage !== specification.usage || existing.algorithm !== specification.algorithm) {
        throw new PolycardError(
          'POLYCARD_VAULT_CONFLICT',
          `key ${specification.label} exists as ${existing.algorithm} for ${existing.usage}`,
          { where: specification.label, expected: `${specification.algorithm} for ${specification.usage}` },
        );
      }
      const { sealed: _sealed, modulus: _modulus, ...info } = existing;
      return info;
    }
    if (specification.algorithm === 'RSA') {
      const bits = specification.bits ?? 1024;
      const parts = generateRsaKey(this.#random, bits / 8);
      const info = this.#info(specification, toHex(sha256(parts.modulus).subarray(0, 3)), bits);
      this.#keystore.add(info, encodeRsa(parts), parts.modulus);
      return info;
    }
    const key = this.#random(specification.algorithm === 'AES' ? 32 : 16);
    const check =
      specification.algorithm === 'AES'
        ? toHex(sha256(key).subarray(0, 3))
        : toHex(checkValue(specification.algorithm, key));
    const info = this.#info(specification, check, key.length * 8);
    this.#keystore.add(info, key);
    key.fill(0);
    return info;
  }

  #info(specification: KeySpecification, check: string, bits: number): KeyInfo {
    const { label, usage, algorithm, owner } = specification;
    return {
      label,
      usage,
      algorithm,
      owner,
      bits,
      version: 1,
      checkValue: check,
      createdAt: this.#now().toISOString(),
    };
  }

  #entry(label: string) {
    const entry = this.#keystore.find(label);
    if (entry === undefined) {
      throw new PolycardError('POLYCARD_VAULT_UNKNOWN_KEY', `the vault has no key ${label}`, { where: label });
    }
    return entry;
  }

  /** Algorithm of a symmetric key, after its usage was checked: a use outside the stated one is refused. */
  #symmetric(label: string, usage: KeyUsage): Algorithm {
    const entry = this.#entry(label);
    if (entry.usage !== usage || (entry.algorithm !== '3DES' && entry.algorithm !== 'SM4')) {
      throw wrongUsage(label, entry.usage, usage);
    }
    return entry.algorithm;
  }

  /** Enciphers whole blocks under a zone's transport key. */
  #transport(zoneId: string): (clear: Uint8Array) => Uint8Array {
    return openEncryptor('des-ede-ecb', this.#keystore.expose(zoneLabel(zoneId)));
  }

  /** Disperses many cards along their paths; equal leading factors (region, city) are computed once. */
  #disperseBatch(algorithm: Algorithm, label: string, paths: readonly (readonly Uint8Array[])[]): Uint8Array[] {
    const parents = new Map<string, Uint8Array>([['', this.#keystore.expose(label)]]);
    const parentOf = (factors: readonly Uint8Array[]): Uint8Array => {
      let key = parents.get('')!;
      let path = '';
      for (const factor of factors) {
        path += toHex(factor);
        let child = parents.get(path);
        if (child === undefined) {
          child = disperseAlong(algorithm, key, [factor]);
          parents.set(path, child);
        }
        key = child;
      }
      return key;
    };
    const encryptors = new Map<Uint8Array, (blocks: Uint8Array) => Uint8Array>();
    return paths.map((path) => {
      const parent = parentOf(path.slice(0, -1));
      let encrypt = encryptors.get(parent);
      if (encrypt === undefined) {
        encrypt = openEncryptor(ecbMode(algorithm), parent);
        encryptors.set(parent, encrypt);
      }
      const factor = path.at(-1)!;
      return Uint8Array.from(
        encrypt(
          concat(
            factor,
            factor.map((byte) => ~byte & 0xff),
          ),
        ),
      );
    });
  }
}

/** What a zone's other side does with an enciphered key. */
export function decipherFromZone(zoneKey: Uint8Array, enciphered: Uint8Array): Uint8Array {
  return decryptBlocks('des-ede-ecb', zoneKey, enciphered);
}

/** Opens what `sealForZone` sealed. Throws `POLYCARD_VAULT_TAMPERED`. */
export function openFromZone(zoneId: string, zoneKey: Uint8Array, sealed: Uint8Array): Uint8Array {
  try {
    return openAesGcm(zoneDataKey(zoneKey), sealed, new TextEncoder().encode(zoneId));
  } catch (cause) {
    throw new PolycardError('POLYCARD_VAULT_TAMPERED', `data for zone ${zoneId} does not open`, {
      where: zoneId,
      cause,
    });
  }
}

/** The transport key only enciphers keys; data for the zone go under an AES key made from it. */
function zoneDataKey(zoneKey: Uint8Array): Uint8Array {
  return hmacSha256(zoneKey, new TextEncoder().encode('polycard zone data key'));
}

const zoneLabel = (zoneId: string): string => `zone:${zoneId}`;

function wrongUsage(label: string, found: string, expected: string): PolycardError {
  return new PolycardError('POLYCARD_VAULT_USAGE', `key ${label} is for ${found}, not for ${expected}`, {
    where: label,
    expected,
  });
}

function encodeRsa(parts: {
  p: Uint8Array;
  q: Uint8Array;
  dp: Uint8Array;
  dq: Uint8Array;
  qInv: Uint8Array;
}): Uint8Array {
  return concat(parts.p, parts.q, parts.dp, parts.dq, parts.qInv);
}

function decodeRsa(bytes: Uint8Array) {
  const length = bytes.length / 5;
  const part = (index: number): Uint8Array => bytes.slice(index * length, (index + 1) * length);
  return rsaPartsFromCrt({ p: part(0), q: part(1), dp: part(2), dq: part(3), qInv: part(4) });
}
