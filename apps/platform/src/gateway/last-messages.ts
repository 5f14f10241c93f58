/**
 * The last frames of each terminal, for people who look at one: kept in memory without account numbers, tracks, PINs and
 * keys, which are blanked before a frame is kept, and taken apart only when somebody asks.
 */
import { maskPan, parseTlv, toHex } from '@polycard/bytes';
import { tagName } from '@polycard/emv';
import {
  describeMessage,
  type FieldDescription,
  parseField60,
  type ReceivedMessage,
  specificationOf,
  unpackMessage,
} from '@polycard/iso8583';
import { INDUSTRY_TAGS } from '@polycard/terminal';
import type { Words } from '../modules/api-types.ts';

const FRAMES_PER_TERMINAL = 60;
const TERMINALS_MAX = 2_000;
/** Objects of F55 that name the account. */
const ACCOUNT_TAGS = new Set(['57', '5A', '5F20', '9F1F', '9F20']);
/** F62 of these network codes carries keys. */
const KEY_CODES = new Set(['001', '003', '004', '005', '006']);
const F55_CARD_DATA = 55;
const F62_KEYS = 62;

export type Direction = 'from-terminal' | 'to-terminal';

interface KeptMessage {
  readonly at: Date;
  readonly direction: Direction;
  readonly message: ReceivedMessage;
  readonly panMasked: string | undefined;
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

  /** Only a copy is kept, with what must not be seen taken out of it. */
  note(terminalNo: string, direction: Direction, message: ReceivedMessage, at: Date): void {
    const kept = this.#byTerminal.get(terminalNo) ?? [];
    // the terminal that was quiet longest makes room
    this.#byTerminal.delete(terminalNo);
    this.#byTerminal.set(terminalNo, kept);
    if (this.#byTerminal.size > TERMINALS_MAX) this.#byTerminal.delete(this.#byTerminal.keys().next().value!);
    const pan = message.text(2);
    const panMasked = pan === undefined ? undefined : maskPan(pan);
    kept.push({ at, direction, message: blanked(message), panMasked });
    if (kept.length > FRAMES_PER_TERMINAL) kept.shift();
  }

  /** Newest first. */
  of(terminalNo: string): ShownMessage[] {
    return (this.#byTerminal.get(terminalNo) ?? []).toReversed().map(shown);
  }
}

function blanked(message: ReceivedMessage): ReceivedMessage {
  const bytes = Uint8Array.from(message.bytes);
  const blank = (part: Uint8Array): void => {
    const start = part.byteOffset - message.bytes.byteOffset;
    bytes.fill(0, start, start + part.length);
  };
  for (const field of message.fields()) {
    const { secret, masked } = message.dialect.fields[field]!;
    if (secret === true || masked !== undefined) blank(message.raw(field)!);
  }
  if (carriesKeys(message) && message.has(F62_KEYS)) blank(message.raw(F62_KEYS)!);
  if (message.has(F55_CARD_DATA)) {
    const cardData = message.raw(F55_CARD_DATA)!;
    try {
      for (const { tag, value } of parseTlv(cardData, 'F55')) if (ACCOUNT_TAGS.has(tag)) blank(value);
    } catch {
      // what cannot be read may hide anything
      blank(cardData);
    }
  }
  return unpackMessage(message.dialect, bytes);
}

function carriesKeys(message: ReceivedMessage): boolean {
  const text = message.text(60);
  return (
    message.mti.startsWith('08') && (text === undefined || text.length < 11 || KEY_CODES.has(parseField60(text).code))
  );
}

function shown({ at, direction, message, panMasked }: KeptMessage): ShownMessage {
  const hide = new Set(carriesKeys(message) ? [F62_KEYS] : []);
  const fields = describeMessage(message, hide).flatMap((field) => {
    if (field.field === 'F2' && panMasked !== undefined) return [{ ...field, text: panMasked }];
    if (field.field === 'F55') return [{ ...field, hex: '' }, ...objectsOf('F55', message.raw(55)!, tagName)];
    if (field.field === 'F57') return [{ ...field, hex: '' }, ...objectsOf('F57', message.raw(57)!, industryName)];
    return [field];
  });
  const code = message.text(39);
  return {
    ...{
      at: at.toISOString(),
      direction,
      mti: message.mti,
      name: nameOf(message),
      bytes: message.bytes.length,
      fields,
    },
    ...(code === undefined ? {} : { code }),
  };
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

const industryName = (tag: string): Words => INDUSTRY_TAGS[tag] ?? { en: tag, zh: tag };

function nameOf(message: ReceivedMessage): Words {
  return specificationOf(message)?.name ?? { en: `Message ${message.mti}`, zh: `报文 ${message.mti}` };
}
