/**
 * A terminal's memory in a directory: each name a file, whole or not at all, sealed under a device key (AES-256-GCM) that
 * stands in for the secure chip of a real terminal. A write goes to a new file that takes the old one's place; what is
 * added is a sealed piece with its length, and a piece that was cut short is cut off when it is met.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PolycardError } from '@polycard/bytes';
import { openAesGcm, type RandomSource, sealAesGcm } from '@polycard/crypto';
import type { TerminalStorage } from '@polycard/terminal';

const DEVICE_KEY = 'device.key';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const LENGTH_BYTES = 4;
const PRIVATE = 0o600;

/** Called before each step that reaches the disk; a test cuts the power there. */
export type DiskStep = (step: 'write' | 'sync' | 'rename' | 'truncate') => void;

export class FileStorage implements TerminalStorage {
  readonly #directory: string;
  readonly #key: Uint8Array;
  readonly #random: RandomSource;
  readonly #step: DiskStep;
  /** Pieces of each file: a piece names its place, so that none can be moved or left out. */
  readonly #pieces = new Map<string, number>();

  /** Makes the directory and its device key when they are not there. Throws `POLYCARD_CLI_TERMINAL_MEMORY`. */
  constructor(directory: string, random: RandomSource, step: DiskStep = () => undefined) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    this.#directory = directory;
    this.#random = random;
    this.#step = step;
    const path = join(directory, DEVICE_KEY);
    if (!existsSync(path)) this.#replace(DEVICE_KEY, random(KEY_BYTES));
    this.#key = Uint8Array.from(readFileSync(path));
    if (this.#key.length !== KEY_BYTES) throw damaged(path, 'the device key has a wrong length');
  }

  read(name: string): Uint8Array | undefined {
    const path = join(this.#directory, name);
    if (!existsSync(path)) return undefined;
    const bytes = readFileSync(path);
    const pieces: Uint8Array[] = [];
    let offset = 0;
    while (bytes.length - offset >= LENGTH_BYTES) {
      const end = offset + LENGTH_BYTES + bytes.readUInt32BE(offset);
      if (end > bytes.length) break;
      try {
        pieces.push(openAesGcm(this.#key, bytes.subarray(offset + LENGTH_BYTES, end), associated(name, pieces.length)));
      } catch (cause) {
        throw damaged(path, `piece ${pieces.length + 1} was changed, or the device key is another`, cause);
      }
      offset = end;
    }
    if (offset < bytes.length) this.#truncate(path, offset);
    this.#pieces.set(name, pieces.length);
    return Buffer.concat(pieces);
  }

  write(name: string, bytes: Uint8Array): void {
    this.#replace(name, this.#sealed(name, 0, bytes));
    this.#pieces.set(name, 1);
  }

  append(name: string, bytes: Uint8Array): void {
    const path = join(this.#directory, name);
    if (!this.#pieces.has(name)) this.read(name);
    const piece = this.#pieces.get(name) ?? 0;
    const sealed = this.#sealed(name, piece, bytes);
    const file = openSync(path, 'a', PRIVATE);
    try {
      this.#step('write');
      writeSync(file, sealed);
      this.#step('sync');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#pieces.set(name, piece + 1);
  }

  #sealed(name: string, piece: number, bytes: Uint8Array): Uint8Array {
    const sealed = sealAesGcm(this.#key, this.#random(NONCE_BYTES), bytes, associated(name, piece));
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(sealed.length);
    return Buffer.concat([length, sealed]);
  }

  #replace(name: string, bytes: Uint8Array): void {
    const path = join(this.#directory, name);
    const fresh = `${path}.new`;
    const file = openSync(fresh, 'w', PRIVATE);
    try {
      this.#step('write');
      writeSync(file, bytes);
      this.#step('sync');
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.#step('rename');
    renameSync(fresh, path);
    this.#step('sync');
    const directory = openSync(this.#directory, 'r');
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  }

  #truncate(path: string, length: number): void {
    const file = openSync(path, 'r+');
    try {
      this.#step('truncate');
      ftruncateSync(file, length);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  }
}

const associated = (name: string, piece: number): Uint8Array => Buffer.from(`terminal:${name}:${piece}`, 'utf8');

function damaged(path: string, why: string, cause?: unknown): PolycardError {
  return new PolycardError('POLYCARD_CLI_TERMINAL_MEMORY', `${path}: ${why}`, {
    where: '--dir',
    expected: 'the directory of one terminal as it was left; its taps may be on the card and nowhere else',
    cause,
  });
}
