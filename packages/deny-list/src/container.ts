/**
 * What travels: a snapshot of a whole list, or a delta between two versions. The header is clear, the payload is
 * compressed (Brotli, RFC 7932), and all before the signature is signed.
 *
 *   'PDL1' | kind 1 (01 snapshot, 02 delta) | version 4 | from version 4 | issued at 4 (seconds since 1970, UTC) |
 *   digest of the content afterwards 32 | payload length 4 | payload | signature length 2 | signature
 *
 * A snapshot's payload is the content's canonical bytes (`content.ts`); a delta's is what was added, then what was
 * removed, each written like a content. The digest is over the canonical bytes of the content the receiver then holds.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { ByteReader, concat, equalBytes, PolycardError } from '@polycard/bytes';
import { decodeContent, encodeContent, formatError, type ListContent, readSegments } from './content.ts';
import { apply, differenceOf } from './difference.ts';

/** 32 bytes over the bytes. */
export type Hash = (bytes: Uint8Array) => Uint8Array;

/** Hash and signature come from outside: this package has no cryptography of its own. */
export interface ListSigner {
  digest: Hash;
  sign(bytes: Uint8Array): Uint8Array;
}

export interface ListVerifier {
  digest: Hash;
  verify(bytes: Uint8Array, signature: Uint8Array): boolean;
}

export interface ListVersion {
  /** 1 to 2^32 - 1; 0 is the empty list every terminal begins with. */
  readonly version: number;
  /** Seconds since 1970, UTC. */
  readonly issuedAt: number;
  readonly content: ListContent;
}

export interface ListHeader {
  readonly kind: 'snapshot' | 'delta';
  readonly version: number;
  /** Delta: the version it builds on. */
  readonly fromVersion: number;
  readonly issuedAt: number;
  readonly digest: Uint8Array;
}

const MAGIC = Uint8Array.of(0x50, 0x44, 0x4c, 0x31);
const KIND_SNAPSHOT = 1;
const KIND_DELTA = 2;
const DIGEST_BYTES = 32;
/** Ten million cards fit; a payload that unpacks to more is refused before it is unpacked. */
export const PAYLOAD_BYTES_MAX = 64 * 1024 * 1024;

/** Everything of a snapshot but its signature: the signer's key may be in another place. */
export function unsignedSnapshot(list: ListVersion, digest: Hash): Uint8Array {
  const content = encodeContent(list.content);
  const { version, issuedAt } = list;
  return body({ kind: 'snapshot', version, fromVersion: 0, issuedAt, digest: digest(content) }, content);
}

/** Everything of a delta but its signature. */
export function unsignedDelta(before: ListVersion, after: ListVersion, digest: Hash): Uint8Array {
  const { added, removed } = differenceOf(before.content, after.content);
  const { version, issuedAt } = after;
  return body(
    { kind: 'delta', version, fromVersion: before.version, issuedAt, digest: digest(encodeContent(after.content)) },
    concat(encodeContent(added), encodeContent(removed)),
  );
}

export function withSignature(unsigned: Uint8Array, signature: Uint8Array): Uint8Array {
  return concat(unsigned, Uint8Array.of(signature.length >> 8, signature.length & 0xff), signature);
}

export function encodeSnapshot(list: ListVersion, signer: ListSigner): Uint8Array {
  const unsigned = unsignedSnapshot(list, signer.digest);
  return withSignature(unsigned, signer.sign(unsigned));
}

export function encodeDelta(before: ListVersion, after: ListVersion, signer: ListSigner): Uint8Array {
  const unsigned = unsignedDelta(before, after, signer.digest);
  return withSignature(unsigned, signer.sign(unsigned));
}

export interface Container {
  readonly header: ListHeader;
  readonly payload: Uint8Array;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Header and signed parts, not yet believed. Throws `POLYCARD_DENY_LIST_FORMAT` or a truncation error. */
export function parseContainer(bytes: Uint8Array): Container {
  const reader = new ByteReader(bytes, 'deny list');
  const container = readContainer(reader, bytes);
  if (reader.remaining > 0) throw formatError(reader.offset, 'the end', `${reader.remaining} bytes more`);
  return container;
}

/** The next container of a chain; `bytes` is what the reader reads. */
export function readContainer(reader: ByteReader, bytes: Uint8Array): Container {
  const start = reader.offset;
  const u32 = (field: string): number => reader.u16(field) * 65536 + reader.u16(field);
  if (!equalBytes(reader.take(MAGIC.length, 'magic'), MAGIC)) throw formatError(start, 'PDL1', 'other bytes');
  const kind = reader.u8('kind');
  if (kind !== KIND_SNAPSHOT && kind !== KIND_DELTA)
    throw formatError(start + MAGIC.length, 'kind 01 or 02', `${kind}`);
  const header = {
    kind: kind === KIND_SNAPSHOT ? 'snapshot' : 'delta',
    version: u32('version'),
    fromVersion: u32('from version'),
    issuedAt: u32('issued at'),
    digest: reader.take(DIGEST_BYTES, 'digest'),
  } as const;
  const payload = reader.take(u32('payload length'), 'payload');
  const signed = bytes.subarray(start, reader.offset);
  const signature = reader.take(reader.u16('signature length'), 'signature');
  return { header, payload, signed, signature };
}

/**
 * The list a receiver holds after a snapshot or delta. Throws `POLYCARD_DENY_LIST_SIGNATURE`, `_GAP` (a delta for
 * another version: ask for the way from the one held), `_OLDER` (a version it has passed) or `_FORMAT`.
 */
export function receive(held: ListVersion, bytes: Uint8Array, verifier: ListVerifier): ListVersion {
  return receiveContainer(held, parseContainer(bytes), verifier);
}

/** As `receive`, of a container that was taken apart already. */
export function receiveContainer(held: ListVersion, container: Container, verifier: ListVerifier): ListVersion {
  const { header, payload, signed, signature } = container;
  if (!verifier.verify(signed, signature)) {
    throw new PolycardError('POLYCARD_DENY_LIST_SIGNATURE', `the signature of deny list ${header.version} is wrong`, {
      where: 'signature',
      expected: 'the signature of the list issuer whose key this terminal holds',
    });
  }
  if (header.version <= held.version) {
    throw new PolycardError(
      'POLYCARD_DENY_LIST_OLDER',
      `deny list ${header.version} is not newer than ${held.version}, which is held`,
      { where: 'version', expected: `more than ${held.version}` },
    );
  }
  if (header.kind === 'delta' && header.fromVersion !== held.version) {
    throw new PolycardError(
      'POLYCARD_DENY_LIST_GAP',
      `a delta from ${header.fromVersion} to ${header.version} does not fit the list ${held.version} that is held`,
      { where: 'from version', expected: `${held.version}: ask for the way from there` },
    );
  }
  const plain = unpack(payload);
  const content = header.kind === 'snapshot' ? decodeContent(plain) : applyDelta(held.content, plain);
  if (content === undefined || !equalBytes(verifier.digest(encodeContent(content)), header.digest)) {
    throw new PolycardError(
      'POLYCARD_DENY_LIST_FORMAT',
      `deny list ${header.version} does not give what its digest says on the list ${held.version} that is held`,
      { where: 'digest', expected: 'ask for a snapshot' },
    );
  }
  return { version: header.version, issuedAt: header.issuedAt, content };
}

function applyDelta(held: ListContent, plain: Uint8Array): ListContent | undefined {
  const reader = new ByteReader(plain, 'deny-list delta');
  const added = readSegments(reader);
  const removed = readSegments(reader);
  if (reader.remaining > 0) throw formatError(reader.offset, 'the end', `${reader.remaining} bytes more`);
  return apply(held, { added, removed });
}

function body(header: ListHeader, plain: Uint8Array): Uint8Array {
  const payload = brotliCompressSync(plain, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 9,
      [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
    },
  });
  const head = new Uint8Array(MAGIC.length + 1 + 12 + DIGEST_BYTES + 4);
  const view = new DataView(head.buffer);
  head.set(MAGIC);
  head[MAGIC.length] = header.kind === 'snapshot' ? KIND_SNAPSHOT : KIND_DELTA;
  view.setUint32(5, header.version);
  view.setUint32(9, header.fromVersion);
  view.setUint32(13, header.issuedAt);
  head.set(header.digest, 17);
  view.setUint32(17 + DIGEST_BYTES, payload.length);
  return concat(head, payload);
}

function unpack(payload: Uint8Array): Uint8Array {
  try {
    return brotliDecompressSync(payload, { maxOutputLength: PAYLOAD_BYTES_MAX });
  } catch (cause) {
    throw new PolycardError('POLYCARD_DENY_LIST_FORMAT', 'the payload of the deny list does not unpack', {
      where: 'payload',
      expected: `Brotli, at most ${PAYLOAD_BYTES_MAX} bytes unpacked`,
      cause,
    });
  }
}
