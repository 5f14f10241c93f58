/**
 * What terminals are given: the way from the version they hold to the current one, kept for the many that come from the
 * same version. Which version is current is asked of the store at most once a second, and whenever this process has
 * published one.
 */
import { concat } from '@polycard/bytes';
import { type PublishedVersion, wayFrom } from '@polycard/deny-list';
import type { PlatformContext } from '../../context.ts';
import { deltaContext, lastPublishedHere, readSnapshot } from './publication.ts';

const LOOK_EVERY_MS = 1000;
const WAYS_KEPT_MAX = 64;

interface Current {
  readonly version: number;
  readonly published: readonly PublishedVersion[];
  readonly snapshotBytes: number;
}

const NONE: Current = { version: 0, published: [], snapshotBytes: 0 };

export class ListDistribution {
  readonly #context: Pick<PlatformContext, 'store' | 'vault' | 'now'>;
  #current: Promise<Current> | undefined;
  #lookedAtMs = 0;
  #version = 0;
  /** By the version they begin at; all of them lead to `#version`. */
  readonly #ways = new Map<number, Promise<Uint8Array>>();

  constructor(context: Pick<PlatformContext, 'store' | 'vault' | 'now'>) {
    this.#context = context;
  }

  /** Bytes for a terminal that holds `version`; undefined when that is the current one. */
  async wayFrom(version: number): Promise<{ readonly version: number; readonly bytes: Uint8Array } | undefined> {
    const current = await this.#look();
    if (current.version === version) return undefined;
    let way = this.#ways.get(version);
    if (way === undefined) {
      way = this.#read(current, version);
      way.catch(() => this.#ways.delete(version));
      if (this.#ways.size >= WAYS_KEPT_MAX) this.#ways.delete(this.#ways.keys().next().value!);
      this.#ways.set(version, way);
    }
    return { version: current.version, bytes: await way };
  }

  async currentVersion(): Promise<number> {
    return (await this.#look()).version;
  }

  async #read(current: Current, held: number): Promise<Uint8Array> {
    const way = wayFrom(held, current.published, current.snapshotBytes);
    if (way === 'nothing') return new Uint8Array(0);
    // every version that needs the snapshot shares one copy of it
    if (way === 'snapshot') {
      if (held !== 0) return (await this.wayFrom(0))!.bytes;
      return (await readSnapshot(this.#context, current.version))!;
    }
    const { store, vault } = this.#context;
    const rows = await store.database
      .selectFrom('deny_version')
      .select(['version', 'delta_sealed'])
      .where('version', 'in', [...way.deltasOf])
      .orderBy('version')
      .execute();
    return concat(...rows.map((row) => vault.open(row.delta_sealed!, deltaContext(row.version))));
  }

  #look(): Promise<Current> {
    const nowMs = this.#context.now().getTime();
    const isNewsHere = lastPublishedHere(this.#context) > this.#version;
    if (
      isNewsHere ||
      this.#current === undefined ||
      nowMs - this.#lookedAtMs >= LOOK_EVERY_MS ||
      nowMs < this.#lookedAtMs
    ) {
      this.#lookedAtMs = nowMs;
      this.#current = this.#load();
      this.#current.catch(() => {
        this.#current = undefined;
      });
    }
    return this.#current;
  }

  async #load(): Promise<Current> {
    const { database } = this.#context.store;
    const last = await database
      .selectFrom('deny_version')
      .select(['version', 'snapshot_bytes'])
      .orderBy('version', 'desc')
      .limit(1)
      .executeTakeFirst();
    if (last === undefined) return NONE;
    if (last.version === this.#version && this.#known !== undefined) return this.#known;
    const rows = await database
      .selectFrom('deny_version')
      .select(({ eb }) => ['version', 'delta_bytes', eb('delta_sealed', 'is not', null).as('kept')])
      .orderBy('version')
      .execute();
    this.#ways.clear();
    this.#version = last.version;
    this.#known = {
      version: last.version,
      snapshotBytes: last.snapshot_bytes,
      published: rows.map((row) => ({
        version: row.version,
        deltaBytes: row.kept === true ? row.delta_bytes : undefined,
      })),
    };
    return this.#known;
  }

  #known: Current | undefined;
}
