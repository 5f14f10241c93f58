/**
 * The personalised data of a purse, read from its data groupings. The groupings are ours, after those of the PBOC
 * application (EMV CPS 1.1): no public source tells a T-Union card's.
 *
 * 9102 FCI template A5 · A001 files, 7 bytes each · A002 keys, 4 bytes each · 8020 their values, 9020 their check
 * values · A003 purses, 16 bytes each · 8010 PIN block, 9010 tries and limit · SFI‖record: contents of a file.
 */
import { encodeTlv, fromHex, PolycardError } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';
import { type DataGroupings, unpackGroupings } from '../../os/store-data.ts';

/** Access conditions of a purse file, one byte each in A001. */
export const ACCESS = { free: 0x00, pin: 0x01, mac: 0x02, enciphered: 0x03, never: 0xff } as const;

export type PurseFileType = 'transparent' | 'variable' | 'cyclic';

/** A file as A001 tells it: SFI, type, read, update, record length, size (bytes or number of records, two bytes). */
export interface PurseFile {
  readonly sfi: number;
  readonly type: PurseFileType;
  /** Bytes of the record identifier at the front of a record: 2 (T-Union), 1 (older city cards), 0 (cyclic). */
  readonly idBytes: 0 | 1 | 2;
  readonly read: number;
  readonly update: number;
  /** Bytes of a record; of the whole file when it is transparent. */
  readonly lengthBytes: number;
  /** 1 for a transparent file. */
  readonly records: number;
  /** Place in the persistent memory. */
  readonly offset: number;
}

/** Key types as FMCOS-like cards number them (reference pboc.md §5.4). */
export const KEY_TYPE = {
  tac: 0x34,
  lineProtection: 0x36,
  pinUnblock: 0x37,
  pinReload: 0x38,
  overdraft: 0x3c,
  unload: 0x3d,
  purchase: 0x3e,
  load: 0x3f,
} as const;

export interface PurseKey {
  readonly type: number;
  readonly index: number;
  readonly version: number;
  /** As INITIALIZE answers it: 00 or 01 is 3DES, 04 is SM4. */
  readonly algorithmId: number;
  readonly algorithm: Algorithm;
  readonly key: Uint8Array;
}

/** A003: which purse, and what is in it at issue. */
export interface PurseAtIssue {
  readonly slot: PurseSlot;
  readonly balanceFen: number;
  readonly overdraftLimitFen: number;
  readonly capFen: number;
  readonly onlineSequence: number;
  readonly offlineSequence: number;
}

export type PurseSlot = 'deposit' | 'purse' | 'second-ticket';
export const PURSE_SLOTS: readonly PurseSlot[] = ['deposit', 'purse', 'second-ticket'];
const SLOT_OF_BYTE: ReadonlyMap<number, PurseSlot> = new Map([
  [0x01, 'deposit'],
  [0x02, 'purse'],
  [0x12, 'second-ticket'],
]);

export interface PurseImage {
  readonly groupings: DataGroupings;
  readonly fci: Uint8Array;
  readonly files: readonly PurseFile[];
  readonly keys: readonly PurseKey[];
  readonly purses: readonly PurseAtIssue[];
  /** End of the files in the persistent memory. */
  readonly memoryBytes: number;
}

const ALGORITHM_SM4 = 0x04;
const FILE_ENTRY_BYTES = 7;
const KEY_ENTRY_BYTES = 4;
const PURSE_ENTRY_BYTES = 16;
const TYPES: ReadonlyMap<number, Pick<PurseFile, 'type' | 'idBytes'>> = new Map([
  [0x01, { type: 'variable', idBytes: 2 }],
  [0x11, { type: 'variable', idBytes: 1 }],
  [0x02, { type: 'cyclic', idBytes: 0 }],
  [0x03, { type: 'transparent', idBytes: 0 }],
]);

/** Slot of the next record and records used, in front of a cyclic file. */
export const CYCLIC_HEADER_BYTES = 2;

function bad(where: string, message: string): PolycardError {
  return new PolycardError('POLYCARD_CARD_IMAGE', message, { where });
}

function* entries(groupings: DataGroupings, dgi: string, entryBytes: number): Generator<Uint8Array> {
  const list = groupings.get(dgi) ?? new Uint8Array(0);
  if (list.length % entryBytes !== 0) throw bad(dgi, `DGI ${dgi} is no list of ${entryBytes}-byte entries`);
  for (let offset = 0; offset < list.length; offset += entryBytes) yield list.subarray(offset, offset + entryBytes);
}

/** Bytes a record takes: its length byte (00: never written), then the record. */
export function recordSlotBytes(file: PurseFile): number {
  return 1 + file.lengthBytes;
}

function fileBytes(file: PurseFile): number {
  if (file.type === 'transparent') return file.lengthBytes;
  return (file.type === 'cyclic' ? CYCLIC_HEADER_BYTES : 0) + file.records * recordSlotBytes(file);
}

function readFiles(groupings: DataGroupings, start: number): { files: PurseFile[]; end: number } {
  const files: PurseFile[] = [];
  let offset = start;
  for (const entry of entries(groupings, 'A001', FILE_ENTRY_BYTES)) {
    const [sfi, typeByte, read, update, recordBytes] = entry as unknown as [number, number, number, number, number];
    const kind = TYPES.get(typeByte);
    const size = (entry[5]! << 8) | entry[6]!;
    if (kind === undefined || sfi < 1 || sfi > 0x1e || size === 0) throw bad('A001', `file ${sfi} is misshapen`);
    if (files.some((file) => file.sfi === sfi)) throw bad('A001', `file ${sfi} comes twice`);
    const isTransparent = kind.type === 'transparent';
    if (!isTransparent && (recordBytes <= kind.idBytes || size > 0xff)) throw bad('A001', `records of file ${sfi}`);
    const shape = isTransparent ? { lengthBytes: size, records: 1 } : { lengthBytes: recordBytes, records: size };
    const file: PurseFile = { sfi, ...kind, read, update, ...shape, offset };
    files.push(file);
    offset += fileBytes(file);
  }
  return { files, end: offset };
}

function readKeys(groupings: DataGroupings): PurseKey[] {
  const values = groupings.get('8020') ?? new Uint8Array(0);
  const list = [...entries(groupings, 'A002', KEY_ENTRY_BYTES)];
  if (values.length !== list.length * 16)
    throw bad('8020', `${list.length} keys are named, ${values.length} bytes came`);
  return list.map((entry, position) => {
    const [type, index, version, algorithmId] = entry as unknown as [number, number, number, number];
    const algorithm = algorithmId === ALGORITHM_SM4 ? 'SM4' : '3DES';
    return { type, index, version, algorithmId, algorithm, key: values.subarray(position * 16, position * 16 + 16) };
  });
}

const uint = (bytes: Uint8Array): number => bytes.reduce((value, byte) => value * 256 + byte, 0);

function readPurses(groupings: DataGroupings): PurseAtIssue[] {
  return [...entries(groupings, 'A003', PURSE_ENTRY_BYTES)].map((entry) => {
    const slot = SLOT_OF_BYTE.get(entry[0]!);
    if (slot === undefined) throw bad('A003', 'a purse is 01 (ED), 02 (EP) or 12 (second ticket)');
    return {
      slot,
      balanceFen: uint(entry.subarray(1, 5)) | 0,
      overdraftLimitFen: uint(entry.subarray(5, 8)),
      capFen: uint(entry.subarray(8, 12)),
      onlineSequence: uint(entry.subarray(12, 14)),
      offlineSequence: uint(entry.subarray(14, 16)),
    };
  });
}

/** Throws `POLYCARD_CARD_IMAGE` when the groupings do not fit together. `start` is where files begin in memory. */
export function compilePurse(aid: Uint8Array, groupings: DataGroupings, start: number): PurseImage {
  const template = groupings.get('9102') ?? encodeTlv('A5', new Uint8Array(0));
  if (template[0] !== 0xa5) throw bad('9102', 'the FCI template is no A5');
  const { files, end } = readFiles(groupings, start);
  const keys = readKeys(groupings);
  const purses = readPurses(groupings);
  if (purses.length === 0) throw bad('A003', 'there is no purse');
  if (!groupings.has('9020')) throw bad('9020', 'the check values of the keys are missing');
  const named = encodeTlv('84', aid);
  const body = new Uint8Array(named.length + template.length);
  body.set(named);
  body.set(template, named.length);
  return { groupings, fci: encodeTlv('6F', body), files, keys, purses, memoryBytes: end };
}

const compiled = new WeakMap<Uint8Array, PurseImage>();

/** Compiled once for each packed image. */
export function compiledPurse(aid: Uint8Array, packed: Uint8Array, start: number): PurseImage {
  let image = compiled.get(packed);
  if (image === undefined) {
    image = compilePurse(aid, unpackGroupings(packed), start);
    compiled.set(packed, image);
  }
  return image;
}

/** Contents of a file as personalised: DGI SFI‖record number, 01 for a transparent one. */
export function contentsDgi(sfi: number, record: number): string {
  return [sfi, record].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join('');
}

/** The PIN as VERIFY sends it: packed digits. A control byte 2n (EMV CPS) is understood and left out. */
export function pinOfBlock(block: Uint8Array): Uint8Array {
  const text = Buffer.from(block).toString('hex').toUpperCase();
  const digits = Number.parseInt(text.charAt(1), 16);
  const isControlled =
    /^2[4-9A-C]\d+F*$/.test(text) && /^F*$/.test(text.slice(2 + digits)) && /\d$/.test(text.slice(0, 2 + digits));
  const pin = isControlled ? text.slice(2, 2 + digits) : text.replace(/F.*$/, '');
  return fromHex(pin.length % 2 === 0 ? pin : `${pin}F`);
}
