/**
 * The list a terminal holds: verified when it came, kept whole over a loss of power, in memory only as its look-up
 * tables. A kept list that does not have its digest any more is no list: the terminal asks for a snapshot.
 */
import { ByteReader, concat, equalBytes, PolycardError } from '@polycard/bytes';
import {
  DenyLookUp,
  decodeContent,
  encodeContent,
  FIRST_LIST,
  type ListVerifier,
  type ListVersion,
  receiveChain,
} from '@polycard/deny-list';
import type { TerminalStorage } from '../docking/storage.ts';

const LIST = 'deny-list';
const CONFIRMED = 'deny-list-confirmed';
const MAGIC = Uint8Array.of(0x50, 0x44, 0x4b, 0x31);
const DIGEST_BYTES = 32;

export class HeldDenyList {
  readonly #verifier: ListVerifier;
  #storage: TerminalStorage;
  #version = 0;
  #issuedAt = 0;
  #confirmedAtMs: number | undefined;
  #lookUp = new DenyLookUp(FIRST_LIST.content);

  constructor(verifier: ListVerifier, storage: TerminalStorage) {
    this.#verifier = verifier;
    this.#storage = storage;
  }

  get version(): number {
    return this.#version;
  }

  /** Seconds since 1970, UTC; 0 while there is no list. */
  get issuedAt(): number {
    return this.#issuedAt;
  }

  /** When the host last said that this is the current list; undefined: never. */
  get confirmedAtMs(): number | undefined {
    return this.#confirmedAtMs;
  }

  get lookUp(): DenyLookUp {
    return this.#lookUp;
  }

  /** After power-up. */
  restore(storage: TerminalStorage): void {
    this.#storage = storage;
    const kept = this.#kept();
    this.#hold(kept ?? FIRST_LIST);
    const confirmed = storage.read(CONFIRMED);
    const confirmedAtMs = Number(new TextDecoder().decode(confirmed ?? new Uint8Array(0)));
    // none was ever published, and the host said so: that is fresh too; one that is damaged is not
    const isWhole = kept !== undefined || storage.read(LIST) === undefined;
    this.#confirmedAtMs = isWhole && confirmedAtMs > 0 ? confirmedAtMs : undefined;
  }

  /** Verifies what came against what is held, keeps it, then works by it. Throws as `receive`; the old list stays then. */
  take(chain: Uint8Array): void {
    const list = receiveChain(this.#kept() ?? FIRST_LIST, chain, this.#verifier);
    const content = encodeContent(list.content);
    const head = new Uint8Array(8);
    new DataView(head.buffer).setUint32(0, list.version);
    new DataView(head.buffer).setUint32(4, list.issuedAt);
    this.#storage.write(LIST, concat(MAGIC, head, this.#verifier.digest(concat(head, content)), content));
    this.#hold(list);
  }

  confirm(nowMs: number): void {
    this.#confirmedAtMs = nowMs;
    this.#storage.write(CONFIRMED, new TextEncoder().encode(String(nowMs)));
  }

  /** Forgets a list that nothing can be built on; refusals go on by the look-up that is in memory. */
  forget(): void {
    this.#storage.write(LIST, new Uint8Array(0));
    this.#version = 0;
  }

  #hold(list: ListVersion): void {
    this.#lookUp = new DenyLookUp(list.content);
    this.#version = list.version;
    this.#issuedAt = list.issuedAt;
  }

  #kept(): ListVersion | undefined {
    const bytes = this.#storage.read(LIST);
    if (bytes === undefined || bytes.length === 0) return undefined;
    try {
      const reader = new ByteReader(bytes, 'kept deny list');
      if (!equalBytes(reader.take(MAGIC.length, 'magic'), MAGIC)) return undefined;
      const head = reader.take(8, 'version');
      const digest = reader.take(DIGEST_BYTES, 'digest');
      const content = reader.take(reader.remaining, 'content');
      if (!equalBytes(this.#verifier.digest(concat(head, content)), digest)) return undefined;
      const view = new DataView(head.buffer, head.byteOffset);
      return { version: view.getUint32(0), issuedAt: view.getUint32(4), content: decodeContent(content) };
    } catch (error) {
      if (error instanceof PolycardError) return undefined;
      throw error;
    }
  }
}
