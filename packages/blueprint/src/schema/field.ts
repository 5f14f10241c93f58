/** Fields of records: where they lie, how they are coded, what their values mean. */
import Type, { type Static } from 'typebox';
import { HexBytes, LocalName } from './primitives.ts';

/** The largest transparent file READ BINARY reaches: a 15-bit offset (ISO/IEC 7816-4 §11.2.2, as publicly described). */
export const FILE_BYTES_MAX = 32_767;

export const FieldCoding = Type.Union([
  Type.Literal('uint', { description: 'Unsigned big-endian integer' }),
  Type.Literal('sint', { description: "Signed big-endian integer, two's complement" }),
  Type.Literal('bcd', { description: 'Packed BCD, right aligned: a number' }),
  Type.Literal('digits', { description: 'Packed BCD kept as digit text (leading zeros count)' }),
  Type.Literal('datetime', { description: 'YYYYMMDDhhmmss in 7 BCD bytes, local time; all zero is none' }),
  Type.Literal('date', { description: 'YYYYMMDD in 4 BCD bytes; all zero is none' }),
  Type.Literal('hex', { description: 'Opaque bytes' }),
  Type.Literal('bits', { description: 'Flags: upper-case hex, `bits` names each (0 is the lowest of the last byte)' }),
  Type.Literal('ascii', { description: 'ASCII, space padded on the right' }),
  Type.Literal('gb18030', { description: 'Chinese text in GB 18030, space padded on the right' }),
  Type.Literal('rfu', { description: 'Reserved: written as zero, kept as read' }),
]);
export type FieldCoding = Static<typeof FieldCoding>;

export const PersonalData = Type.Union(
  [Type.Literal('identity'), Type.Literal('health'), Type.Literal('licence'), Type.Literal('account')],
  { description: 'Personal data of this kind: readable only after authentication' },
);

const meaning = {
  coding: FieldCoding,
  unit: Type.Optional(
    Type.String({
      pattern: '^[a-zA-Z0-9.%/³ -]{1,24}$',
      description: 'fen for money; count for a counter; other units as they are written',
    }),
  ),
  values: Type.Optional(
    Type.Record(Type.String({ pattern: '^[0-9A-F]+$' }), LocalName, { description: 'Meaning by value in hex' }),
  ),
  bits: Type.Optional(
    Type.Record(Type.String({ pattern: '^[0-9]{1,2}$' }), LocalName, { description: 'Meaning by bit, 0 the lowest' }),
  ),
  personal: Type.Optional(PersonalData),
  clause: Type.Optional(Type.String({ description: 'Where the layout comes from' })),
};

const fieldName = Type.String({
  pattern: '^[a-z][A-Za-z0-9]{1,30}$',
  description: 'camelCase; the key in code and JSON',
});

export const RecordField = Type.Object(
  {
    name: fieldName,
    title: LocalName,
    offset: Type.Integer({
      minimum: 0,
      maximum: FILE_BYTES_MAX - 1,
      description: 'From the first byte of the record (its ID included) or of the transparent file',
    }),
    length: Type.Integer({ minimum: 1, maximum: FILE_BYTES_MAX }),
    ...meaning,
    initial: Type.Optional(HexBytes()),
  },
  { additionalProperties: false },
);
export type RecordField = Static<typeof RecordField>;

/** A data object: found by its tag, so it has no offset. */
export const DataElement = Type.Object(
  {
    tag: Type.String({ pattern: '^[0-9A-F]{2}([0-9A-F]{2}){0,2}$' }),
    name: fieldName,
    title: LocalName,
    length: Type.Integer({ minimum: 1, maximum: 250, description: 'Bytes of the value, at most' }),
    ...meaning,
    constant: Type.Optional(HexBytes()),
    appendWithSm4: Type.Optional(
      Type.String({
        pattern: '^([0-9A-F]{2})+$',
        description: 'Bytes after the constant on cards whose keys are SM4',
      }),
    ),
    optional: Type.Optional(Type.Boolean({ description: 'Left out of a card that has no value for it' })),
  },
  { additionalProperties: false },
);
export type DataElement = Static<typeof DataElement>;

/** What is common to every layout of bytes: a record, or the content of a transparent file. */
export const layout = {
  title: LocalName,
  counter: Type.Optional(
    Type.String({
      pattern: '^[a-z][A-Za-z0-9]{1,30}$',
      description:
        'What tells one writing of money from the next: a counter field of the record, or `atc`, the transaction counter of the card with which the record is committed',
    }),
  ),
  fields: Type.Array(RecordField, { minItems: 1 }),
};
