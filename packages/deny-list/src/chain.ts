/**
 * The way from the version a terminal holds to the current one: the deltas of every version between, one after the other,
 * or the snapshot where that is shorter or a delta is no longer kept. Containers say their own length, so a chain is
 * nothing but their bytes in order.
 */
import { ByteReader } from '@polycard/bytes';
import { type Container, type ListVerifier, type ListVersion, readContainer, receiveContainer } from './container.ts';
import { EMPTY_CONTENT } from './content.ts';

/** What every terminal begins with. */
export const FIRST_LIST: ListVersion = { version: 0, issuedAt: 0, content: EMPTY_CONTENT };

export interface PublishedVersion {
  readonly version: number;
  /** Bytes of its delta from the version before; undefined when it is no longer kept. */
  readonly deltaBytes: number | undefined;
}

/**
 * Which containers a terminal at `held` gets: nothing (it is up to date), deltas in order, or the snapshot of the last of
 * `published`, which are in order and without holes.
 */
export function wayFrom(
  held: number,
  published: readonly PublishedVersion[],
  snapshotBytes: number,
): 'nothing' | 'snapshot' | { readonly deltasOf: readonly number[] } {
  const current = published.at(-1)?.version ?? 0;
  if (held === current) return 'nothing';
  // a version nobody published here, or a terminal from another platform: only a snapshot can help
  if (held > current || held < 0) return 'snapshot';
  const missed = published.filter(({ version }) => version > held);
  if (missed[0]?.version !== held + 1) return 'snapshot';
  let bytes = 0;
  for (const { deltaBytes } of missed) bytes += deltaBytes ?? Number.POSITIVE_INFINITY;
  return bytes < snapshotBytes ? { deltasOf: missed.map(({ version }) => version) } : 'snapshot';
}

/** Throws `POLYCARD_DENY_LIST_FORMAT` or a truncation error. */
export function splitChain(bytes: Uint8Array): Container[] {
  const reader = new ByteReader(bytes, 'deny list');
  const containers: Container[] = [];
  while (reader.remaining > 0) containers.push(readContainer(reader, bytes));
  return containers;
}

/** Each container on what the one before it gave; throws as `receive`, and then nothing of the chain counts. */
export function receiveChain(held: ListVersion, bytes: Uint8Array, verifier: ListVerifier): ListVersion {
  return splitChain(bytes).reduce((list, container) => receiveContainer(list, container, verifier), held);
}
