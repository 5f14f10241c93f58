/**
 * What an industry file application is made from: plain numbers and hexadecimal text, as a blueprint's compiler gives
 * them, and the data groupings a personaliser makes of it with a card's keys.
 *
 * Groupings (ours, after those of the PBOC application): A010 header · A011 access conditions · A012 files · A013 keys ·
 * A014 life-cycle transitions · A015 what the proof of a COMMIT speaks of · 8020 keys that are in at issue, 9020 their
 * check values · 8010 PIN block, 9010 tries · C0nn contents of file nn.
 */
import { concat, fromHex, PolycardError } from '@polycard/bytes';
import { type Algorithm, checkValue } from '@polycard/crypto';
import type { SessionMode } from './industry-files.ts';

/** One data grouping of personalisation: its DGI and content in clear. */
interface Grouping {
  readonly dgi: string;
  readonly data: Uint8Array;
}

/** One demand: `key` is a key reference, `pin` the reference of the PIN. */
export type ConditionTerm =
  | { readonly kind: 'free' | 'never' }
  | { readonly kind: 'pin'; readonly pin: number }
  | { readonly kind: 'auth' | 'mutual' | 'mac' | 'enc'; readonly key: number };

/** It holds when all terms of one alternative hold. */
export interface Condition {
  readonly anyOf: readonly (readonly ConditionTerm[])[];
}

export interface IndustryFileDescription {
  readonly name: string;
  readonly fid: number;
  readonly sfi: number;
  readonly type: 'transparent' | 'linear-fixed' | 'cyclic';
  /** Transparent: bytes of the file. Record files: bytes of one record. */
  readonly lengthBytes: number;
  /** 1 for a transparent file. */
  readonly recordsMax: number;
  readonly access: {
    readonly read: Condition;
    readonly update: Condition;
    readonly append: Condition;
    /** Who gets only the first bytes of each record. */
    readonly readPart?: { readonly bytes: number; readonly condition: Condition };
  };
  /** A fresh transparent file, or a fresh record of a linear file, in hexadecimal. Cyclic files begin empty. */
  readonly initial: string;
}

export interface IndustryFileSpecification {
  readonly aid: string;
  readonly label: string;
  readonly algorithm: Algorithm;
  readonly session: SessionMode;
  readonly pin?: {
    readonly reference: number;
    readonly digitsMin: number;
    readonly digitsMax: number;
    readonly triesMax: number;
    readonly unblockKey?: number;
  };
  readonly keys: readonly {
    readonly label: string;
    readonly reference: number;
    readonly use: string;
    readonly triesMax: number;
  }[];
  readonly activationKey: number;
  readonly managementKey: number;
  readonly lifeCycle: {
    readonly initial: string;
    readonly states: readonly { readonly id: string; readonly code: number }[];
    readonly transitions: readonly {
      readonly from: string;
      readonly to: string;
      readonly command: string;
      readonly key?: number;
    }[];
  };
  readonly files: readonly IndustryFileDescription[];
  /** What the TAC of a COMMIT speaks of: parts of the record appended to this file; all that was written unless given. */
  readonly proof?: {
    readonly sfi: number;
    readonly parts: readonly { readonly offset: number; readonly length: number }[];
  };
}

/** What is of one card, beside its keys: all of them for an open application, the activation key alone for a dormant one. */
export interface IndustryCardData {
  /** 10 bytes; its last eight are the dispersion factor. */
  readonly serial: Uint8Array;
  /** Decimal digits. */
  readonly pin?: string;
  /** State at issue by its id; the specification's initial one unless given. */
  readonly state?: string;
  /** Contents by name of the file; whole file, or records one after another with the first (cyclic: newest) in front. */
  readonly contents?: ReadonlyMap<string, Uint8Array>;
}

export const TERM_KINDS = ['free', 'never', 'pin', 'auth', 'mutual', 'mac', 'enc'] as const;
export const FILE_TYPES = ['transparent', 'linear-fixed', 'cyclic'] as const;
/** Commands that move the life cycle, by their names in specifications. */
export const LIFE_CYCLE_COMMANDS = [
  'ACTIVATE',
  'DEACTIVATE',
  'APPLICATION BLOCK',
  'REACTIVATE',
  'TERMINATE DF',
] as const;
export const KEY_USES = [
  'activation',
  'management',
  'authentication',
  'internal-authentication',
  'secure-messaging',
  'transaction-proof',
  'data-protection',
  'pin-unblock',
  'lock',
] as const;

const SERIAL_BYTES = 10;
const CONDITIONS_MAX = 254;
export const NO_PART = 0xff;

function bad(where: string, message: string): PolycardError {
  return new PolycardError('POLYCARD_CARD_SPECIFICATION', message, { where });
}

function codeOf<T extends string>(list: readonly T[], value: string, where: string): number {
  const code = (list as readonly string[]).indexOf(value);
  if (code < 0) throw bad(where, `“${value}” is none of ${list.join(', ')}`);
  return code;
}

const u16 = (value: number): number[] => [(value >> 8) & 0xff, value & 0xff];

function encodeCondition({ anyOf }: Condition): number[] {
  const alternatives = anyOf.flatMap((terms) => [
    terms.length,
    ...terms.flatMap((term) => [
      codeOf(TERM_KINDS, term.kind, 'access'),
      'key' in term ? term.key : 'pin' in term ? term.pin : 0,
    ]),
  ]);
  return [anyOf.length, ...alternatives];
}

/** Each condition once; files name them by their number. */
class ConditionTable {
  readonly #numbers = new Map<string, number>();

  numberOf(condition: Condition): number {
    const coded = encodeCondition(condition).join();
    const known = this.#numbers.get(coded);
    if (known !== undefined) return known;
    const number = this.#numbers.size;
    if (number >= CONDITIONS_MAX) throw bad('access', 'there are too many different access conditions');
    this.#numbers.set(coded, number);
    return number;
  }

  bytes(): Uint8Array {
    return Uint8Array.from([...this.#numbers.keys()].flatMap((coded) => coded.split(',').map(Number)));
  }
}

function encodeFile(file: IndustryFileDescription, conditions: ConditionTable): number[] {
  const { access } = file;
  const part = access.readPart;
  return [
    ...u16(file.fid),
    file.sfi,
    codeOf(FILE_TYPES, file.type, file.name),
    ...u16(file.lengthBytes),
    file.recordsMax,
    conditions.numberOf(access.read),
    conditions.numberOf(access.update),
    conditions.numberOf(access.append),
    part === undefined ? NO_PART : conditions.numberOf(part.condition),
    part?.bytes ?? 0,
  ];
}

function stateCode({ lifeCycle }: IndustryFileSpecification, id: string): number {
  const state = lifeCycle.states.find((each) => each.id === id);
  if (state === undefined) throw bad('lifeCycle', `there is no state ${id}`);
  return state.code;
}

function header(specification: IndustryFileSpecification, card: IndustryCardData): Uint8Array {
  const { pin, algorithm, session } = specification;
  if (card.serial.length !== SERIAL_BYTES) throw bad('serial', `a serial has 10 bytes, got ${card.serial.length}`);
  const fixed = [
    algorithm === 'SM4' ? 0x04 : 0x00,
    session === 'split' ? 0x00 : 0x01,
    stateCode(specification, card.state ?? specification.lifeCycle.initial),
    specification.activationKey,
    specification.managementKey,
    ...(pin === undefined
      ? [0, 0, 0, 0, 0]
      : [pin.reference, pin.digitsMin, pin.digitsMax, pin.triesMax, pin.unblockKey ?? 0]),
  ];
  return concat(Uint8Array.from(fixed), card.serial, Uint8Array.from(Buffer.from(specification.label, 'latin1')));
}

function contentsOf(file: IndustryFileDescription, given: Uint8Array | undefined): Uint8Array {
  if (given !== undefined) return given;
  const initial = fromHex(file.initial);
  if (file.type === 'cyclic') return new Uint8Array(0);
  return concat(...Array.from({ length: file.recordsMax }, () => initial));
}

/** PIN as VERIFY sends it: 2n, digits, filled with F to 8 bytes. */
export function industryPinBlock(digits: string): Uint8Array {
  if (!/^\d{4,12}$/.test(digits)) throw bad('pin', 'a PIN has 4 to 12 digits');
  return fromHex(`2${digits.length.toString(16)}${digits}`.padEnd(16, 'F'));
}

/** Every grouping with the card's keys in clear. Throws `POLYCARD_CARD_SPECIFICATION` when the two do not fit together. */
export function industryFileGroupings(
  specification: IndustryFileSpecification,
  card: IndustryCardData & { readonly keys: ReadonlyMap<number, Uint8Array> },
): Grouping[] {
  const { algorithm, keys } = specification;
  const present = keys.filter(({ reference }) => card.keys.has(reference));
  const values = present.map(({ reference }) => card.keys.get(reference)!);
  return [
    ...industryLayoutGroupings(specification, card, new Set(card.keys.keys())),
    { dgi: '8020', data: concat(...values) },
    { dgi: '9020', data: concat(...values.map((value) => checkValue(algorithm, value))) },
  ];
}

/**
 * All but the keys (8020, 9020), which a vault gives enciphered: those whose references are `present` are in at issue, in
 * the order of the specification.
 */
export function industryLayoutGroupings(
  specification: IndustryFileSpecification,
  card: IndustryCardData,
  present: ReadonlySet<number>,
): Grouping[] {
  const { keys, files, lifeCycle, proof } = specification;
  const conditions = new ConditionTable();
  const fileBytes = Uint8Array.from(files.flatMap((file) => encodeFile(file, conditions)));
  const keyBytes = keys.flatMap(({ reference, use, triesMax }) => [
    ...[reference, codeOf(KEY_USES, use, 'keys'), triesMax, present.has(reference) ? 0x01 : 0x00],
  ]);
  const transitions = lifeCycle.transitions.flatMap(({ from, to, command, key }) => [
    ...[stateCode(specification, from), stateCode(specification, to)],
    ...[codeOf(LIFE_CYCLE_COMMANDS, command, 'lifeCycle'), key ?? 0],
  ]);
  const proofBytes =
    proof === undefined ? [] : [proof.sfi, ...proof.parts.flatMap(({ offset, length }) => [offset, length])];
  const list = (dgi: string, bytes: readonly number[]): Grouping => ({ dgi, data: Uint8Array.from(bytes) });
  const groupings: Grouping[] = [
    { dgi: 'A010', data: header(specification, card) },
    { dgi: 'A011', data: conditions.bytes() },
    { dgi: 'A012', data: fileBytes },
    list('A013', keyBytes),
    list('A014', transitions),
    ...(proofBytes.length === 0 ? [] : [list('A015', proofBytes)]),
  ];
  if (card.pin !== undefined && specification.pin !== undefined) {
    const { triesMax } = specification.pin;
    groupings.push({ dgi: '8010', data: industryPinBlock(card.pin) }, list('9010', [triesMax, triesMax]));
  }
  for (const [index, file] of files.entries()) {
    const data = contentsOf(file, card.contents?.get(file.name));
    if (data.length > 0) groupings.push({ dgi: contentsDgi(index), data });
  }
  return groupings;
}

/** Contents of the file at this place of the list. */
export function contentsDgi(index: number): string {
  return `C0${(index + 1).toString(16).toUpperCase().padStart(2, '0')}`;
}
