/**
 * PKCS#11 2.40 libraries through koffi. Arguments are laid out by hand in one piece of native memory, because the calls
 * are many and small: what is written is addresses and lengths, as the C structures have them on 64-bit systems.
 */
import { existsSync } from 'node:fs';
import { PolycardError } from '@polycard/bytes';
import koffi from 'koffi';
import { CKR, returnName } from './constants.ts';

/** Reserved, and only taken from the system as far as it is used: a personalisation file is sealed in one call. */
const MEMORY_BYTES = 1 << 26;
const ULONG_BYTES = 8;
const ATTRIBUTE_BYTES = 3 * ULONG_BYTES;

/** Value of an attribute: a flag, a number, or bytes. */
export type AttributeValue = boolean | number | Uint8Array;
export type Template = readonly (readonly [type: number, value: AttributeValue])[];

/** A mechanism with its parameter, or with the structures it needs. */
export interface Mechanism {
  readonly type: number;
  /** Bytes of the parameter; where it is a structure of pointers, a function that lays it out and gives its place. */
  readonly parameter?:
    | Uint8Array
    | ((memory: NativeMemory) => { readonly address: number; readonly lengthBytes: number });
}

/** A stack of native memory: what one call needs is placed on it and taken off again. */
export class NativeMemory {
  readonly #base: number;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #top = 0;

  constructor(lengthBytes: number) {
    const memory = koffi.alloc('uint8_t', lengthBytes);
    const buffer = koffi.view(memory, lengthBytes);
    this.#base = Number(koffi.address(memory));
    this.#bytes = new Uint8Array(buffer);
    this.#view = new DataView(buffer);
  }

  /** Gives the result of `work` and frees what it placed; clear bytes do not stay behind. */
  frame<T>(work: () => T): T {
    const before = this.#top;
    try {
      return work();
    } finally {
      this.#bytes.fill(0, before, this.#top);
      this.#top = before;
    }
  }

  reserve(lengthBytes: number): number {
    const offset = (this.#top + 7) & ~7;
    if (offset + lengthBytes > this.#bytes.length) {
      throw new PolycardError('POLYCARD_VAULT_PKCS11', `one call needs ${lengthBytes} bytes of memory`, {
        expected: `at most ${this.#bytes.length}`,
      });
    }
    this.#top = offset + lengthBytes;
    return this.#base + offset;
  }

  place(bytes: Uint8Array): number {
    const address = this.reserve(Math.max(1, bytes.length));
    this.#bytes.set(bytes, address - this.#base);
    return address;
  }

  placeUlongs(...values: readonly number[]): number {
    const address = this.reserve(values.length * ULONG_BYTES);
    for (const [index, value] of values.entries()) this.writeUlong(address + index * ULONG_BYTES, value);
    return address;
  }

  writeUlong(address: number, value: number): void {
    const offset = address - this.#base;
    this.#view.setUint32(offset, value % 0x1_0000_0000, true);
    this.#view.setUint32(offset + 4, Math.floor(value / 0x1_0000_0000), true);
  }

  readUlong(address: number): number {
    const offset = address - this.#base;
    return this.#view.getUint32(offset, true) + this.#view.getUint32(offset + 4, true) * 0x1_0000_0000;
  }

  read(address: number, lengthBytes: number): Uint8Array {
    const offset = address - this.#base;
    return this.#bytes.slice(offset, offset + lengthBytes);
  }

  placeTemplate(template: Template): number {
    const address = this.reserve(template.length * ATTRIBUTE_BYTES);
    template.forEach(([type, value], index) => {
      const at = address + index * ATTRIBUTE_BYTES;
      const isNumber = typeof value === 'number';
      const bytes = typeof value === 'boolean' ? Uint8Array.of(value ? 1 : 0) : isNumber ? undefined : value;
      this.writeUlong(at, type);
      this.writeUlong(at + 8, bytes === undefined ? this.placeUlongs(value as number) : this.place(bytes));
      this.writeUlong(at + 16, bytes === undefined ? ULONG_BYTES : bytes.length);
    });
    return address;
  }

  placeMechanism({ type, parameter }: Mechanism): number {
    if (parameter === undefined) return this.placeUlongs(type, 0, 0);
    if (typeof parameter === 'function') {
      const { address, lengthBytes } = parameter(this);
      return this.placeUlongs(type, address, lengthBytes);
    }
    return this.placeUlongs(type, this.place(parameter), parameter.length);
  }
}

/** Functions of Cryptoki that are used, by how many arguments they take; every one is a number or an address. */
const FUNCTIONS = {
  C_Initialize: 1,
  C_GetSlotList: 3,
  C_GetTokenInfo: 2,
  C_GetMechanismInfo: 3,
  C_OpenSession: 5,
  C_CloseSession: 1,
  C_Login: 4,
  C_Logout: 1,
  C_CreateObject: 4,
  C_CopyObject: 5,
  C_DestroyObject: 2,
  C_GetAttributeValue: 4,
  C_FindObjectsInit: 3,
  C_FindObjects: 4,
  C_FindObjectsFinal: 1,
  C_EncryptInit: 3,
  C_Encrypt: 5,
  C_DecryptInit: 3,
  C_Decrypt: 5,
  C_SignInit: 3,
  C_Sign: 5,
  C_GenerateKey: 5,
  C_GenerateKeyPair: 8,
  C_DeriveKey: 6,
} as const;

export type FunctionName = keyof typeof FUNCTIONS;

export class Pkcs11Library {
  readonly path: string;
  readonly memory = new NativeMemory(MEMORY_BYTES);
  readonly #functions: ReadonlyMap<FunctionName, (...args: number[]) => number | bigint>;

  /** Throws `POLYCARD_VAULT_LIBRARY` when the file is missing or no PKCS#11 library. */
  constructor(path: string) {
    this.path = path;
    const fail = (why: string, cause?: unknown): PolycardError =>
      new PolycardError('POLYCARD_VAULT_LIBRARY', `the PKCS#11 library ${path} ${why}`, {
        where: path,
        expected: 'a PKCS#11 library, such as /usr/lib/softhsm/libsofthsm2.so of the package softhsm2',
        cause,
      });
    if (!existsSync(path)) throw fail('is not there');
    try {
      const library = koffi.load(path);
      this.#functions = new Map(
        (Object.keys(FUNCTIONS) as FunctionName[]).map((name) => [
          name,
          library.func(name, 'uint64_t', new Array<string>(FUNCTIONS[name]).fill('uint64_t')),
        ]),
      );
    } catch (cause) {
      throw fail('cannot be loaded', cause);
    }
    const rv = this.try('C_Initialize', 0);
    if (rv !== CKR.OK && rv !== CKR.CRYPTOKI_ALREADY_INITIALIZED) throw fail(`does not start: ${returnName(rv)}`);
  }

  /** The return value as it is, for calls whose refusal means something. */
  try(name: FunctionName, ...args: number[]): number {
    return Number(this.#functions.get(name)!(...args));
  }

  /** Throws `POLYCARD_VAULT_PKCS11` naming function and return value. */
  call(name: FunctionName, ...args: number[]): void {
    const rv = this.try(name, ...args);
    if (rv !== CKR.OK) throw pkcs11Error(name, rv);
  }
}

export function pkcs11Error(name: string, rv: number): PolycardError {
  return new PolycardError('POLYCARD_VAULT_PKCS11', `the token refused ${name}: ${returnName(rv)}`, {
    where: name,
    expected: 'CKR_OK',
  });
}
