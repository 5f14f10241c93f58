/** Bytes of a card as entries of a dump: decoded by what is known of them, personal data starred. */

import type { RecordCodec } from '@polycard/blueprint';
import {
  bcdFromDigits,
  type DolEntry,
  dolLengthBytes,
  maskPan,
  numberFromBcd,
  parseTlv,
  splitDol,
  toHex,
} from '@polycard/bytes';
import {
  decodePurseRecord,
  describeTlv,
  describeValue,
  type ExplanationPart,
  maskedResponseHex,
  type PurseRecord,
  partsOfTlv,
  purseRecordOf,
  type TwoLanguages,
} from '@polycard/emv';
import type { DumpEntry } from './dump.ts';

/** Fields of purse files that say who the holder is. */
const PERSONAL_FIELDS: ReadonlySet<string> = new Set(['holderName', 'documentNo', 'serial']);
const STARS_MAX = 8;
const PERSONAL_FILES: ReadonlySet<string> = new Set(['public-information', 'holder']);

export function objectParts(bytes: Uint8Array): readonly ExplanationPart[] {
  try {
    return partsOfTlv(describeTlv(bytes));
  } catch {
    return []; // no objects: the hexadecimal stands for itself
  }
}

export function isTemplate(bytes: Uint8Array, tag: string): boolean {
  try {
    return parseTlv(bytes)[0]?.tag === tag;
  } catch {
    return false;
  }
}

export function recordEntry(sfi: number, record: number, bytes: Uint8Array): DumpEntry {
  const what = `SFI ${toHex(Uint8Array.of(sfi))} record ${record}`;
  if (!isTemplate(bytes, '70')) {
    const purse = purseRecordOf(sfi, bytes);
    if (purse !== undefined) return purseEntry(what, purse, bytes);
  }
  return {
    what,
    name: { en: 'record', zh: '记录' },
    hex: maskedResponseHex(bytes),
    parts: objectParts(bytes),
  };
}

export function purseEntry(what: string, definition: PurseRecord, bytes: Uint8Array): DumpEntry {
  const parts = decodePurseRecord(definition, bytes).map(({ field, value, meaning }) => {
    const shown = PERSONAL_FIELDS.has(field.name) ? maskPan(value) : value;
    const inYuan = field.coding === 'fen' ? (Number(value) / 100).toFixed(2) : shown;
    return {
      name: field.title,
      text: meaning === undefined ? inYuan : `${inYuan} ${meaning.en}`,
      ...(meaning === undefined ? {} : { textZh: meaning.zh }),
    };
  });
  const isPersonal = PERSONAL_FILES.has(definition.name);
  return { what, name: definition.title, ...(isPersonal ? {} : { hex: toHex(bytes) }), parts };
}

/** A record or file of the region's blueprint; personal data starred, and then no bytes. */
export function blueprintEntry(what: string, title: TwoLanguages, codec: RecordCodec, bytes: Uint8Array): DumpEntry {
  const { fields } = codec.specification;
  const isPersonal = fields.some(({ personal }) => personal !== undefined);
  let parts: readonly ExplanationPart[] = [];
  try {
    const values = codec.decode(bytes);
    parts = fields.flatMap(({ name, title: fieldTitle, coding, personal }) => {
      if (coding === 'rfu') return [];
      const text = String(values[name]);
      return [{ name: fieldTitle, text: personal === undefined ? text : '*'.repeat(Math.min(text.length, STARS_MAX)) }];
    });
  } catch {
    // another region's record under the same identifier: its bytes are shown as they are
  }
  return { what, name: title, ...(isPersonal ? {} : { hex: toHex(bytes) }), parts };
}

export function objectEntry(tag: string, bytes: Uint8Array): DumpEntry {
  const parts = objectParts(bytes);
  const name = parts[0]?.name ?? { en: `data object ${tag}`, zh: `数据对象 ${tag}` };
  return { what: `GET DATA ${tag}`, name, hex: maskedResponseHex(bytes), parts };
}

/** A log record by the card's own log format. */
export function logEntry(what: string, name: TwoLanguages, format: readonly DolEntry[], bytes: Uint8Array): DumpEntry {
  return { what, name, hex: toHex(bytes), parts: logParts(format, bytes) };
}

function logParts(format: readonly DolEntry[], bytes: Uint8Array): ExplanationPart[] {
  if (bytes.length < dolLengthBytes(format)) return [];
  const values = splitDol(format, bytes.subarray(bytes.length - dolLengthBytes(format)));
  const parts = [...values].map(([tag, value]) => partOf(tag, value));
  const head = bytes.subarray(0, bytes.length - dolLengthBytes(format));
  return [...loadHead(head), ...parts];
}

function partOf(tag: string, value: Uint8Array): ExplanationPart {
  const { name, hex, text } = describeValue(tag, value);
  return { name: { en: `${tag} ${name.en}`, zh: name.zh }, hex, ...(text === undefined ? {} : { text }) };
}

/** Before the fields of a load log: which balance, its value before and after (reference pboc.md §2.6). */
const LOAD_HEAD_BYTES = 14;
const AMOUNT_BYTES = 6;

function loadHead(head: Uint8Array): ExplanationPart[] {
  if (head.length !== LOAD_HEAD_BYTES) return [];
  const amount = (offset: number): string => {
    try {
      return (numberFromBcd(head.subarray(offset, offset + AMOUNT_BYTES)) / 100).toFixed(2);
    } catch {
      return toHex(head.subarray(offset, offset + AMOUNT_BYTES));
    }
  };
  return [
    { name: { en: 'balance changed', zh: '变更对象' }, text: toHex(head.subarray(0, 2)) },
    { name: { en: 'before', zh: '变更前' }, text: amount(2) },
    { name: { en: 'after', zh: '变更后' }, text: amount(2 + AMOUNT_BYTES) },
  ];
}

/** What a harmless GET PROCESSING OPTIONS states: nothing is bought, in yuan, in China, today of the card's making. */
export function harmlessValue(tag: string): Uint8Array | undefined {
  switch (tag) {
    case '9F66':
      return Uint8Array.of(0x40, 0x00, 0x00, 0x00);
    case '9F1A':
    case '5F2A':
      return bcdFromDigits('156', 2);
    case '9A':
      return Uint8Array.of(0x25, 0x01, 0x01);
    default:
      return undefined;
  }
}
