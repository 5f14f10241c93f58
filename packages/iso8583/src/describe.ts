/** Messages for people: each field with its name and content. Account numbers and tracks are masked first, secrets hidden. */
import { maskPan, toHex } from '@polycard/bytes';
import { NETWORK_CODES } from './composites/f60.ts';
import type { ReceivedMessage } from './message.ts';

export interface FieldDescription {
  readonly field: string;
  readonly name: { readonly en: string; readonly zh: string };
  readonly hex: string;
  readonly text: string;
}

/** `hide`: fields whose content stays hidden in this message, e.g. 62 when it carries keys. */
export function describeMessage(message: ReceivedMessage, hide: ReadonlySet<number> = new Set()): FieldDescription[] {
  const described: FieldDescription[] = [
    { field: 'MTI', name: { en: 'Message type', zh: '消息类型' }, hex: message.mti, text: message.mti },
  ];
  for (const field of message.fields()) {
    const row = message.dialect.fields[field]!;
    const label = `F${field}`;
    if (row.secret === true || hide.has(field) || listsAccountNumbers(message, field))
      described.push({ field: label, name: row.name, hex: '', text: 'hidden' });
    else if (row.masked === 'track') described.push({ field: label, name: row.name, hex: '', text: 'hidden' });
    else if (row.masked === 'pan')
      described.push({ field: label, name: row.name, hex: '', text: maskPan(message.text(field)!) });
    else {
      const isBytes = row.content === 'b' && field !== 64;
      described.push({
        field: label,
        name: row.name,
        hex: toHex(message.raw(field)!),
        text: isBytes ? '' : message.text(field)!,
      });
    }
  }
  return described;
}

const LIST_FIELDS: ReadonlySet<number> = new Set([62, 63]);

/** Details of a batch upload (F48 of 0320 201) and pages of the transit card list (570): many whole account numbers. */
export function listsAccountNumbers(message: ReceivedMessage, field: number): boolean {
  const code = message.text(60)?.slice(8, 11);
  if (field === 48) return message.mti.startsWith('03') && (code === undefined || code === NETWORK_CODES.settlement);
  return LIST_FIELDS.has(field) && code === NETWORK_CODES.transitList;
}
