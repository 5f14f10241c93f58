/**
 * The issuer's side: versions of a list, and the way from the version a terminal holds to the current one: one delta over
 * all it missed, or the snapshot where that is shorter or the version is no longer kept.
 */
import { PolycardError } from '@polycard/bytes';
import { encodeDelta, encodeSnapshot, type ListSigner, type ListVersion } from './container.ts';
import { EMPTY_CONTENT, type ListContent } from './content.ts';

export const FIRST_LIST: ListVersion = { version: 0, issuedAt: 0, content: EMPTY_CONTENT };

export class ListHistory {
  readonly #signer: ListSigner;
  readonly #versionsKept: number;
  #versions: ListVersion[] = [FIRST_LIST];
  #snapshot: Uint8Array | undefined;
  readonly #deltas = new Map<number, Uint8Array>();

  /** `versionsKept`: terminals that are further behind get the snapshot. */
  constructor(signer: ListSigner, versionsKept: number) {
    this.#signer = signer;
    this.#versionsKept = versionsKept;
  }

  get current(): ListVersion {
    return this.#versions.at(-1)!;
  }

  /** Continues with a version that was published before this process began. */
  resume(list: ListVersion): void {
    this.#versions = [list];
    this.#snapshot = undefined;
    this.#deltas.clear();
  }

  publish(content: ListContent, issuedAt: number): ListVersion {
    const { current } = this;
    if (issuedAt < current.issuedAt) {
      throw new PolycardError('POLYCARD_DENY_LIST_CLOCK', 'a new list would be older than the current one', {
        where: 'issuedAt',
        expected: `at least ${current.issuedAt}`,
      });
    }
    const next = { version: current.version + 1, issuedAt, content };
    this.#versions = [...this.#versions, next].slice(-1 - this.#versionsKept);
    this.#snapshot = undefined;
    this.#deltas.clear();
    return next;
  }

  snapshot(): Uint8Array {
    this.#snapshot ??= encodeSnapshot(this.current, this.#signer);
    return this.#snapshot;
  }

  /** What a terminal that holds `version` has to receive; undefined when it is up to date. */
  wayFrom(version: number): Uint8Array | undefined {
    const { current } = this;
    if (version === current.version) return undefined;
    const held = this.#versions.find((candidate) => candidate.version === version);
    if (held === undefined) return this.snapshot();
    let delta = this.#deltas.get(version);
    if (delta === undefined) {
      delta = encodeDelta(held, current, this.#signer);
      this.#deltas.set(version, delta);
    }
    const snapshot = this.snapshot();
    return delta.length < snapshot.length ? delta : snapshot;
  }
}
