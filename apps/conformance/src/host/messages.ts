/** Messages a case sends, by name, from `cases/host-messages.yaml`: fields with {places} that the player fills in. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeTlvs, fromHex, PolycardError } from '@polycard/bytes';
import type { FieldValue, Message } from '@polycard/iso8583';
import { parse } from 'yaml';
import { CASES_DIRECTORY, caseError, isRecord } from '../case-files.ts';

/** Text with places; bytes in hex; BER-TLV objects by tag, each in hex. `null` leaves a field of the template out. */
export type FieldTemplate =
  | string
  | number
  | null
  | { readonly hex: string }
  | { readonly tlv: Readonly<Record<string, string>> };

export interface MessageTemplate {
  readonly mti: string;
  readonly mac?: boolean;
  readonly fields: Readonly<Record<string, FieldTemplate>>;
}

export type Places = Readonly<Record<string, string>>;

export function readMessages(path = join(CASES_DIRECTORY, 'host-messages.yaml')): ReadonlyMap<string, MessageTemplate> {
  const content: unknown = parse(readFileSync(path, 'utf8'));
  if (!isRecord(content)) throw caseError(path, 'messages by name');
  for (const [name, template] of Object.entries(content)) {
    if (!isRecord(template) || typeof template['mti'] !== 'string' || !isRecord(template['fields']))
      throw caseError(`${path}, ${name}`, 'a message: mti, fields');
  }
  return new Map(Object.entries(content) as [string, MessageTemplate][]);
}

export function filled(text: string, places: Places, where: string): string {
  return text.replace(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = places[name];
    if (value === undefined)
      throw caseError(`${where}: {${name}}`, `a place there is: ${Object.keys(places).join(', ')}`);
    return value;
  });
}

export function messageFrom(
  template: MessageTemplate,
  set: Readonly<Record<string, FieldTemplate>>,
  places: Places,
): Message {
  const fields: Record<number, FieldValue> = {};
  for (const [field, value] of Object.entries({ ...template.fields, ...set })) {
    if (value !== null) fields[Number(field)] = contentOf(value, places, `F${field}`);
  }
  return { mti: template.mti, fields };
}

function contentOf(value: Exclude<FieldTemplate, null>, places: Places, where: string): FieldValue {
  if (typeof value === 'string' || typeof value === 'number') return filled(String(value), places, where);
  const bytes = (hex: string, at: string): Uint8Array => {
    const text = filled(hex, places, at).replace(/\s/g, '').toUpperCase();
    if (!/^([0-9A-F]{2})*$/.test(text))
      throw new PolycardError('POLYCARD_CONFORM_CASE', `${at} is not hex`, { where: at });
    return fromHex(text);
  };
  if ('hex' in value) return bytes(value.hex, where);
  return encodeTlvs(
    Object.entries(value.tlv).map(([tag, hex]) => [tag, bytes(String(hex), `${where}.${tag}`)] as const),
  );
}
