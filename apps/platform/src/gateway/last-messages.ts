/**
 * The last frames of each terminal, for people who look at one: kept in memory without account numbers, tracks, PINs and
 * keys, which are blanked before a frame is kept, and taken apart only when somebody asks.
 */
import { maskPan, parseTlv, type TlvNode, toHex } from '@polycard/bytes';
import { tagName } from '@polycard/emv';
import {
  BUSINESS_TAG,
  BUSINESS_TAG_NAMES,
  describeMessage,
  type FieldDescription,
  listsAccountNumbers,
  NETWORK_CODES,
  type ReceivedMessage,
  SIGN_IN_SCHEMES,
  specificationOf,
  unpackMessage,
} from '@polycard/iso8583';
import { DENY_LIST_SET, INDUSTRY_TAGS } from '@polycard/terminal';
import type { Words } from '../modules/api-types.ts';
import { readable } from './readable.ts';

const FRAMES_PER_TERMINAL = 60;
const TERMINALS_MAX = 2_000;
/** Data objects that name the account. */
const ACCOUNT_TAGS = new Set(['57', '5A', '5F20', '9F1F', '9F20']);
const F55_CARD_DATA = 55;
/** Keys, pages of lists, a dialogue, a listed card: what it holds follows from 60.3. */
const F57_INDUSTRY = 57;
const F62 = 62;

export type Direction = 'from-terminal' | 'to-terminal';

interface KeptMessage {
  readonly at: Date;
  readonly direction: Direction;
  readonly message: ReceivedMessage;
  readonly panMasked: string | undefined;
  /** Fields of which nothing is shown. */
  readonly closed: ReadonlySet<number>;
}

export interface ShownMessage {
  readonly at: string;
  readonly direction: Direction;
  readonly mti: string;
  readonly name: Words;
  /** Field 39 of an answer. */
  readonly code?: string;
  readonly bytes: number;
  readonly fields: readonly FieldDescription[];
}

export class LastMessages {
  readonly #byTerminal = new Map<string, KeptMessage[]>();

  /** Only copies are kept, with what must not be seen taken out of them. */
  note(terminalNo: string, asked: ReceivedMessage, answer: ReceivedMessage, at: Date): void {
    const kept = this.#byTerminal.get(terminalNo) ?? [];
    // the terminal that was quiet longest makes room
    this.#byTerminal.delete(terminalNo);
    this.#byTerminal.set(terminalNo, kept);
    if (this.#byTerminal.size > TERMINALS_MAX) this.#byTerminal.delete(this.#byTerminal.keys().next().value!);
    kept.push(keptMessage('from-terminal', asked, asked, at), keptMessage('to-terminal', answer, asked, at));
    kept.splice(0, kept.length - FRAMES_PER_TERMINAL);
  }

  /** Newest first. */
  of(terminalNo: string): ShownMessage[] {
    return (this.#byTerminal.get(terminalNo) ?? []).toReversed().map(shown);
  }
}

function keptMessage(direction: Direction, message: ReceivedMessage, asked: ReceivedMessage, at: Date): KeptMessage {
  // what kind of message it is says which fields are closed: unknown, all of them are
  const isKnown = !message.has(60) || readable(message, 60) !== undefined;
  const closed = new Set(message.fields().filter((field) => !isKnown || isClosed(message, field, asked)));
  const pan = readable(message, 2);
  return {
    ...{ at, direction, message: blanked(message, closed), closed },
    panMasked: pan === undefined ? undefined : maskPan(pan),
  };
}

function blanked(message: ReceivedMessage, closed: ReadonlySet<number>): ReceivedMessage {
  const bytes = Uint8Array.from(message.bytes);
  const blank = (part: Uint8Array): void => {
    const start = part.byteOffset - message.bytes.byteOffset;
    bytes.fill(0, start, start + part.length);
  };
  for (const field of message.fields()) {
    const { secret, masked } = message.dialect.fields[field]!;
    if (secret === true || masked !== undefined || closed.has(field)) blank(message.raw(field)!);
  }
  const isHit = codeOf(message) === NETWORK_CODES.denyListHit;
  for (const field of isHit ? [F55_CARD_DATA, F62] : [F55_CARD_DATA]) {
    if (!message.has(field)) continue;
    const objects = message.raw(field)!;
    try {
      for (const { tag, value } of allOf(parseTlv(objects, `F${field}`))) if (ACCOUNT_TAGS.has(tag)) blank(value);
    } catch {
      // what cannot be read may hide anything
      blank(objects);
    }
  }
  if (message.has(F57_INDUSTRY)) blankCommands(message.raw(F57_INDUSTRY)!, blank);
  return unpackMessage(message.dialect, bytes);
}

/** Commands of industry business bring keys, enciphered for one card. */
function blankCommands(industry: Uint8Array, blank: (part: Uint8Array) => void): void {
  try {
    for (const { tag, value } of parseTlv(industry, 'F57')) if (tag === BUSINESS_TAG.command) blank(value);
  } catch {
    blank(industry);
  }
}

function allOf(nodes: readonly TlvNode[]): TlvNode[] {
  return nodes.flatMap((node) => [node, ...allOf(node.children ?? [])]);
}

/** Keys, whole account numbers, a card's dialogue, an answered page of the deny list: account numbers to who reads it. */
function isClosed(message: ReceivedMessage, field: number, asked: ReceivedMessage): boolean {
  if (listsAccountNumbers(message, field)) return true;
  if (field !== F62) return false;
  const code = codeOf(message);
  switch (code) {
    case NETWORK_CODES.tapTrace:
      return true;
    case NETWORK_CODES.binBlacklist:
      return message !== asked;
    case NETWORK_CODES.tmsParameters:
      return message !== asked && setOf(asked) === DENY_LIST_SET;
    default:
      return message.mti.startsWith('08') && (code === undefined || code in SIGN_IN_SCHEMES);
  }
}

/** 60.3; undefined where F60 has none. */
function codeOf(message: ReceivedMessage): string | undefined {
  const code = readable(message, 60)?.slice(8, 11);
  return code?.length === 3 ? code : undefined;
}

/** What a parameter request (364) begins with in F62. */
function setOf(asked: ReceivedMessage): string {
  return Buffer.from(asked.raw(F62)?.subarray(0, 3) ?? []).toString('latin1');
}

function shown({ at, direction, message, panMasked, closed }: KeptMessage): ShownMessage {
  const code = readable(message, 39);
  return {
    ...{ at: at.toISOString(), direction, mti: message.mti, name: nameOf(message), bytes: message.bytes.length },
    ...(code === undefined ? {} : { code }),
    fields: fieldsOf(message, closed).flatMap((field) => {
      if (field.field === 'F2' && panMasked !== undefined) return [{ ...field, text: panMasked }];
      if (field.field === 'F55') return [{ ...field, hex: '' }, ...objectsOf('F55', message.raw(55)!, tagName)];
      if (field.field === 'F57') return [{ ...field, hex: '' }, ...objectsOf('F57', message.raw(57)!, industryName)];
      return [field];
    }),
  };
}

/** None of a message with digits that are none: the others of its terminal are shown all the same. */
function fieldsOf(message: ReceivedMessage, closed: ReadonlySet<number>): FieldDescription[] {
  try {
    return describeMessage(message, closed);
  } catch {
    return [];
  }
}

/** Data objects of a field as rows of their own; what is no TLV stays whole. */
function objectsOf(field: string, bytes: Uint8Array, name: (tag: string) => Words): FieldDescription[] {
  try {
    return parseTlv(bytes, field).map(({ tag, value }) => ({
      field: `${field}.${tag}`,
      name: name(tag),
      hex: toHex(value),
      text: '',
    }));
  } catch {
    return [{ field: `${field}.?`, name: { en: 'Unreadable', zh: '无法解析' }, hex: toHex(bytes), text: '' }];
  }
}

const industryName = (tag: string): Words => INDUSTRY_TAGS[tag] ?? BUSINESS_TAG_NAMES[tag] ?? { en: tag, zh: tag };

function nameOf(message: ReceivedMessage): Words {
  return specificationOf(message)?.name ?? { en: `Message ${message.mti}`, zh: `报文 ${message.mti}` };
}
