/** One signed-in session with a token, and the Cryptoki calls in terms of bytes and handles. */
import { PolycardError, toHex } from '@polycard/bytes';
import { sha256 } from '@polycard/crypto';
import { CKA, CKF_RW_SESSION, CKF_SERIAL_SESSION, CKM, CKR, CKU_USER, returnName } from './constants.ts';
import { type Mechanism, Pkcs11Library, pkcs11Error, type Template } from './library.ts';

/** Handle of an object in the token. */
export type ObjectHandle = number;

export interface TokenAddress {
  readonly library: string;
  readonly token: string;
}

const TOKEN_INFO_BYTES = 208;
const PAGE = 100;

/** Signing in holds for the whole process: who opens a second session must know the PIN all the same. */
const SIGNED_IN = new Map<string, { readonly pinDigest: string; sessions: number }>();
const LIBRARIES = new Map<string, Pkcs11Library>();

export class TokenSession {
  readonly library: Pkcs11Library;
  readonly slot: number;
  readonly description: string;
  readonly #session: number;
  readonly #signInKey: string;

  /**
   * Throws `POLYCARD_VAULT_LIBRARY`, `POLYCARD_VAULT_TOKEN` (no such token, with those there are) or
   * `POLYCARD_VAULT_PIN`.
   */
  constructor({ library: path, token }: TokenAddress, pin: string) {
    this.library = LIBRARIES.get(path) ?? new Pkcs11Library(path);
    LIBRARIES.set(path, this.library);
    const found = this.#findToken(token);
    this.slot = found.slot;
    this.description = `${found.model} of ${found.manufacturer}, token ${token}`;
    this.#signInKey = `${path}|${found.serial}`;
    this.#session = this.#memory.frame(() => {
      const handle = this.#memory.placeUlongs(0);
      this.library.call('C_OpenSession', found.slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, 0, 0, handle);
      return this.#memory.readUlong(handle);
    });
    try {
      this.#signIn(token, pin);
    } catch (error) {
      this.library.try('C_CloseSession', this.#session);
      throw error;
    }
  }

  get #memory() {
    return this.library.memory;
  }

  #findToken(label: string) {
    const memory = this.#memory;
    return memory.frame(() => {
      const count = memory.placeUlongs(0);
      this.library.call('C_GetSlotList', 1, 0, count);
      const slots = memory.reserve(memory.readUlong(count) * 8);
      this.library.call('C_GetSlotList', 1, slots, count);
      const labels: string[] = [];
      for (let index = 0; index < memory.readUlong(count); index++) {
        const slot = memory.readUlong(slots + index * 8);
        const info = memory.reserve(TOKEN_INFO_BYTES);
        if (this.library.try('C_GetTokenInfo', slot, info) !== CKR.OK) continue;
        const text = (offset: number, length: number): string =>
          new TextDecoder().decode(memory.read(info + offset, length)).trimEnd();
        if (text(0, 32) === label) {
          return { slot, manufacturer: text(32, 32), model: text(64, 16), serial: text(80, 16) };
        }
        if (text(0, 32) !== '') labels.push(text(0, 32));
      }
      throw new PolycardError('POLYCARD_VAULT_TOKEN', `no token ${label} in ${this.library.path}`, {
        where: 'token',
        expected: labels.length === 0 ? 'an initialised token' : `one of ${labels.join(', ')}`,
      });
    });
  }

  #signIn(token: string, pin: string): void {
    const pinDigest = toHex(sha256(new TextEncoder().encode(pin)));
    const known = SIGNED_IN.get(this.#signInKey);
    if (known !== undefined) {
      if (known.pinDigest !== pinDigest) throw wrongPin(token, 'CKR_PIN_INCORRECT');
      known.sessions++;
      return;
    }
    const rv = this.#memory.frame(() => {
      const bytes = new TextEncoder().encode(pin);
      return this.library.try('C_Login', this.#session, CKU_USER, this.#memory.place(bytes), bytes.length);
    });
    if (rv !== CKR.OK) {
      const pinReturns: readonly number[] = [
        ...[CKR.PIN_INCORRECT, CKR.PIN_INVALID, CKR.PIN_LEN_RANGE, CKR.PIN_EXPIRED, CKR.PIN_LOCKED],
        CKR.USER_PIN_NOT_INITIALIZED,
      ];
      throw pinReturns.includes(rv) ? wrongPin(token, returnName(rv)) : pkcs11Error('C_Login', rv);
    }
    SIGNED_IN.set(this.#signInKey, { pinDigest, sessions: 1 });
  }

  close(): void {
    const known = SIGNED_IN.get(this.#signInKey);
    if (known !== undefined && --known.sessions === 0) {
      this.library.try('C_Logout', this.#session);
      SIGNED_IN.delete(this.#signInKey);
    }
    this.library.try('C_CloseSession', this.#session);
  }

  /** Flags of a mechanism; undefined when the token does not have it. */
  mechanismFlags(mechanism: number): number | undefined {
    return this.#memory.frame(() => {
      const info = this.#memory.reserve(24);
      const rv = this.library.try('C_GetMechanismInfo', this.slot, mechanism, info);
      return rv === CKR.OK ? this.#memory.readUlong(info + 16) : undefined;
    });
  }

  find(template: Template): ObjectHandle[] {
    const memory = this.#memory;
    return memory.frame(() => {
      this.library.call('C_FindObjectsInit', this.#session, memory.placeTemplate(template), template.length);
      const handles: ObjectHandle[] = [];
      const found = memory.reserve(PAGE * 8);
      const count = memory.placeUlongs(0);
      try {
        do {
          this.library.call('C_FindObjects', this.#session, found, PAGE, count);
          for (let index = 0; index < memory.readUlong(count); index++)
            handles.push(memory.readUlong(found + index * 8));
        } while (memory.readUlong(count) === PAGE);
      } finally {
        this.library.call('C_FindObjectsFinal', this.#session);
      }
      return handles;
    });
  }

  create(template: Template): ObjectHandle {
    const memory = this.#memory;
    return memory.frame(() => {
      const handle = memory.placeUlongs(0);
      this.library.call('C_CreateObject', this.#session, memory.placeTemplate(template), template.length, handle);
      return memory.readUlong(handle);
    });
  }

  /**
   * A copy that lives in this session, still inside the token: a token object is read from its store for every call,
   * which on SoftHSM costs three times the cryptography.
   */
  copyForSession(object: ObjectHandle): ObjectHandle {
    const memory = this.#memory;
    return memory.frame(() => {
      const handle = memory.placeUlongs(0);
      const template = memory.placeTemplate([[CKA.TOKEN, false]]);
      this.library.call('C_CopyObject', this.#session, object, template, 1, handle);
      return memory.readUlong(handle);
    });
  }

  destroy(object: ObjectHandle): void {
    this.library.call('C_DestroyObject', this.#session, object);
  }

  /** One attribute of an object, at most `lengthMax` bytes. */
  attribute(object: ObjectHandle, type: number, lengthMax: number): Uint8Array {
    const memory = this.#memory;
    return memory.frame(() => {
      const value = memory.reserve(lengthMax);
      const template = memory.placeUlongs(type, value, lengthMax);
      this.library.call('C_GetAttributeValue', this.#session, object, template, 1);
      return memory.read(value, memory.readUlong(template + 16));
    });
  }

  generateKey(mechanism: number, template: Template): ObjectHandle {
    const memory = this.#memory;
    return memory.frame(() => {
      const handle = memory.placeUlongs(0);
      const [at, attributes] = [memory.placeMechanism({ type: mechanism }), memory.placeTemplate(template)];
      this.library.call('C_GenerateKey', this.#session, at, attributes, template.length, handle);
      return memory.readUlong(handle);
    });
  }

  generateKeyPair(mechanism: number, publicTemplate: Template, privateTemplate: Template) {
    const memory = this.#memory;
    return memory.frame(() => {
      const handles = memory.placeUlongs(0, 0);
      const at = memory.placeMechanism({ type: mechanism });
      const [pub, priv] = [memory.placeTemplate(publicTemplate), memory.placeTemplate(privateTemplate)];
      this.library.call(
        'C_GenerateKeyPair',
        ...[this.#session, at, pub, publicTemplate.length, priv, privateTemplate.length, handles, handles + 8],
      );
      return { publicKey: memory.readUlong(handles), privateKey: memory.readUlong(handles + 8) };
    });
  }

  /** CKM_DES3_ECB_ENCRYPT_DATA: a key whose value is `data` enciphered under the base key. */
  deriveByEncryption(base: ObjectHandle, data: Uint8Array, template: Template): ObjectHandle {
    const memory = this.#memory;
    return memory.frame(() => {
      const handle = memory.placeUlongs(0);
      const parameter = memory.placeUlongs(memory.place(data), data.length);
      const mechanism = memory.placeUlongs(CKM.DES3_ECB_ENCRYPT_DATA, parameter, 16);
      const attributes = memory.placeTemplate(template);
      this.library.call('C_DeriveKey', this.#session, mechanism, base, attributes, template.length, handle);
      return memory.readUlong(handle);
    });
  }

  encrypt(key: ObjectHandle, mechanism: Mechanism, data: Uint8Array, growthBytes = 0): Uint8Array {
    return this.#operate('C_EncryptInit', 'C_Encrypt', key, mechanism, data, data.length + growthBytes);
  }

  decrypt(key: ObjectHandle, mechanism: Mechanism, data: Uint8Array): Uint8Array {
    return this.#operate('C_DecryptInit', 'C_Decrypt', key, mechanism, data, data.length);
  }

  sign(key: ObjectHandle, mechanism: Mechanism, data: Uint8Array, lengthMax: number): Uint8Array {
    return this.#operate('C_SignInit', 'C_Sign', key, mechanism, data, lengthMax);
  }

  #operate(
    init: 'C_EncryptInit' | 'C_DecryptInit' | 'C_SignInit',
    work: 'C_Encrypt' | 'C_Decrypt' | 'C_Sign',
    key: ObjectHandle,
    mechanism: Mechanism,
    data: Uint8Array,
    outputMax: number,
  ): Uint8Array {
    const memory = this.#memory;
    return memory.frame(() => {
      this.library.call(init, this.#session, memory.placeMechanism(mechanism), key);
      const input = memory.place(data);
      const output = memory.reserve(Math.max(1, outputMax));
      const length = memory.placeUlongs(outputMax);
      this.library.call(work, this.#session, input, data.length, output, length);
      return memory.read(output, memory.readUlong(length));
    });
  }
}

export const labelAttribute = (label: string) => [CKA.LABEL, new TextEncoder().encode(label)] as const;

function wrongPin(token: string, why: string): PolycardError {
  return new PolycardError('POLYCARD_VAULT_PIN', `token ${token} does not accept the PIN (${why})`, {
    where: 'POLYCARD_PKCS11_PIN',
    expected: "the token's user PIN",
  });
}
