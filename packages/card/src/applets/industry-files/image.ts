/** An industry file application as its card reads it back from the data groupings (`specification.ts` tells which). */
import { PolycardError } from '@polycard/bytes';
import type { Algorithm } from '@polycard/crypto';
import type { SessionMode } from '@polycard/emv';
import {
  type Condition,
  type ConditionTerm,
  FILE_TYPES,
  KEY_USES,
  LIFE_CYCLE_COMMANDS,
  NO_PART,
  TERM_KINDS,
} from '@polycard/emv';
import { type DataGroupings, unpackGroupings } from '../../os/store-data.ts';

export interface IndustryFile {
  /** Place in the list. */
  readonly index: number;
  readonly fid: number;
  readonly sfi: number;
  readonly type: (typeof FILE_TYPES)[number];
  readonly lengthBytes: number;
  readonly records: number;
  readonly read: Condition;
  readonly update: Condition;
  readonly append: Condition;
  readonly part: { readonly bytes: number; readonly condition: Condition } | undefined;
  /** Place in the persistent memory. */
  readonly offset: number;
}

export interface IndustryKeySlot {
  readonly reference: number;
  readonly use: (typeof KEY_USES)[number];
  readonly triesMax: number;
  /** Version at issue; 00 when it comes with ACTIVATE. */
  readonly versionAtIssue: number;
  /** Place in the persistent memory. */
  readonly offset: number;
}

export interface Transition {
  readonly from: number;
  readonly to: number;
  readonly command: (typeof LIFE_CYCLE_COMMANDS)[number];
  readonly key: number;
}

export interface IndustryImage {
  readonly groupings: DataGroupings;
  readonly algorithm: Algorithm;
  readonly session: SessionMode;
  readonly state: number;
  readonly activationKey: number;
  readonly managementKey: number;
  /** Reference 00: there is no PIN. */
  readonly pin: {
    readonly reference: number;
    readonly digitsMin: number;
    readonly digitsMax: number;
    readonly triesMax: number;
    readonly unblockKey: number;
  };
  readonly serial: Uint8Array;
  readonly label: Uint8Array;
  readonly keys: readonly IndustryKeySlot[];
  readonly files: readonly IndustryFile[];
  readonly transitions: readonly Transition[];
  readonly proof:
    | { readonly sfi: number; readonly parts: readonly (readonly [offset: number, length: number])[] }
    | undefined;
  /** End of keys and files in the persistent memory. */
  readonly memoryBytes: number;
}

/** State 1, PIN tries 1, PIN block 8. */
export const STATE_OFFSET = 0;
export const PIN_TRIES_OFFSET = 1;
export const PIN_OFFSET = 2;
const KEYS_OFFSET = 10;
/** Version 1 (00: not there), tries left 1, key 16. */
export const KEY_SLOT_BYTES = 18;
/** Next slot and records used, in front of a cyclic file. */
export const CYCLIC_HEADER_BYTES = 2;

export const STATE_ACTIVE = 0x01;
export const STATE_CLOSED = 0x03;

const HEADER_BYTES = 20;
const FILE_BYTES = 12;
const KEY_BYTES = 4;
const TRANSITION_BYTES = 4;

function bad(where: string, message: string): PolycardError {
  return new PolycardError('POLYCARD_CARD_IMAGE', message, { where });
}

function* entries(groupings: DataGroupings, dgi: string, bytes: number): Generator<Uint8Array> {
  const list = groupings.get(dgi) ?? new Uint8Array(0);
  if (list.length % bytes !== 0) throw bad(dgi, `DGI ${dgi} is no list of ${bytes}-byte entries`);
  for (let offset = 0; offset < list.length; offset += bytes) yield list.subarray(offset, offset + bytes);
}

function readConditions(list: Uint8Array): Condition[] {
  const conditions: Condition[] = [];
  let offset = 0;
  const next = (): number => {
    const byte = list[offset++];
    if (byte === undefined) throw bad('A011', 'the access conditions end in the middle');
    return byte;
  };
  const term = (): ConditionTerm => {
    const kind = TERM_KINDS[next()];
    const reference = next();
    if (kind === undefined) throw bad('A011', 'an access condition has an unknown term');
    if (kind === 'free' || kind === 'never') return { kind };
    return kind === 'pin' ? { kind, pin: reference } : { kind, key: reference };
  };
  const many = <T>(read: () => T): T[] => Array.from({ length: next() }, read);
  while (offset < list.length) conditions.push({ anyOf: many(() => many(term)) });
  return conditions;
}

export function fileBytes({
  type,
  lengthBytes,
  records,
}: Pick<IndustryFile, 'type' | 'lengthBytes' | 'records'>): number {
  return type === 'transparent' ? lengthBytes : lengthBytes * records + (type === 'cyclic' ? CYCLIC_HEADER_BYTES : 0);
}

function readFiles(groupings: DataGroupings, start: number): { files: IndustryFile[]; end: number } {
  const conditions = readConditions(groupings.get('A011') ?? new Uint8Array(0));
  const condition = (number: number): Condition =>
    conditions[number] ?? fail('A012', `there is no condition ${number}`);
  const files: IndustryFile[] = [];
  let offset = start;
  for (const [index, e] of [...entries(groupings, 'A012', FILE_BYTES)].entries()) {
    const type = FILE_TYPES[e[3]!] ?? fail('A012', 'a file has an unknown type');
    const shape = { type, lengthBytes: (e[4]! << 8) | e[5]!, records: e[6]! };
    if (shape.lengthBytes === 0 || shape.records === 0) throw bad('A012', `file ${index + 1} is empty`);
    if (type !== 'transparent' && shape.lengthBytes > 0xff)
      throw bad('A012', `records of file ${index + 1} are too long`);
    const part = e[10] === NO_PART ? undefined : { bytes: e[11]!, condition: condition(e[10]!) };
    const access = { read: condition(e[7]!), update: condition(e[8]!), append: condition(e[9]!), part };
    const file = { index, fid: (e[0]! << 8) | e[1]!, sfi: e[2]!, ...shape, ...access, offset };
    if (files.some(({ fid, sfi }) => fid === file.fid || sfi === file.sfi))
      throw bad('A012', 'two files have one name');
    files.push(file);
    offset += fileBytes(shape);
  }
  if (files.length === 0) throw bad('A012', 'there are no files');
  return { files, end: offset };
}

function fail(where: string, message: string): never {
  throw bad(where, message);
}

function readKeys(groupings: DataGroupings): IndustryKeySlot[] {
  return [...entries(groupings, 'A013', KEY_BYTES)].map(([reference, use, triesMax, versionAtIssue], index) => ({
    ...{ reference: reference!, use: KEY_USES[use!] ?? fail('A013', 'a key has an unknown use') },
    ...{ triesMax: triesMax!, versionAtIssue: versionAtIssue!, offset: KEYS_OFFSET + index * KEY_SLOT_BYTES },
  }));
}

function readTransitions(groupings: DataGroupings): Transition[] {
  return [...entries(groupings, 'A014', TRANSITION_BYTES)].map(([from, to, command, key]) => ({
    ...{ from: from!, to: to!, key: key! },
    command: LIFE_CYCLE_COMMANDS[command!] ?? fail('A014', 'a transition has an unknown command'),
  }));
}

function readProof(list: Uint8Array | undefined): IndustryImage['proof'] {
  if (list === undefined) return undefined;
  if (list.length < 3 || list.length % 2 !== 1) throw bad('A015', 'a proof is a file and pairs of offset and length');
  const parts: [number, number][] = [];
  for (let offset = 1; offset < list.length; offset += 2) parts.push([list[offset]!, list[offset + 1]!]);
  return { sfi: list[0]!, parts };
}

/** Throws `POLYCARD_CARD_IMAGE` when the groupings do not fit together. */
export function compileIndustryFiles(groupings: DataGroupings): IndustryImage {
  const head = groupings.get('A010');
  if (head === undefined || head.length < HEADER_BYTES) throw bad('A010', 'the header is missing or short');
  if (!groupings.has('9020')) throw bad('9020', 'the check values of the keys are missing');
  const keys = readKeys(groupings);
  const present = keys.filter(({ versionAtIssue }) => versionAtIssue !== 0);
  if ((groupings.get('8020') ?? new Uint8Array(0)).length !== present.length * 16)
    throw bad('8020', `${present.length} keys are in at issue`);
  for (const reference of [head[3], head[4]]) {
    if (!keys.some((key) => key.reference === reference))
      throw bad('A013', 'activation or management key is not listed');
  }
  const { files, end } = readFiles(groupings, KEYS_OFFSET + keys.length * KEY_SLOT_BYTES);
  const [algorithm, session, state, activationKey, managementKey] = head as unknown as [
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    groupings,
    algorithm: algorithm === 0x04 ? 'SM4' : '3DES',
    session: session === 0x00 ? 'split' : 'single',
    ...{ state, activationKey, managementKey },
    pin: { reference: head[5]!, digitsMin: head[6]!, digitsMax: head[7]!, triesMax: head[8]!, unblockKey: head[9]! },
    serial: head.slice(10, HEADER_BYTES),
    label: head.slice(HEADER_BYTES),
    ...{ keys, files, memoryBytes: end },
    transitions: readTransitions(groupings),
    proof: readProof(groupings.get('A015')),
  };
}

const compiled = new WeakMap<Uint8Array, IndustryImage>();

/** Compiled once for each packed image. */
export function compiledIndustryFiles(packed: Uint8Array): IndustryImage {
  let image = compiled.get(packed);
  if (image === undefined) {
    image = compileIndustryFiles(unpackGroupings(packed));
    compiled.set(packed, image);
  }
  return image;
}
