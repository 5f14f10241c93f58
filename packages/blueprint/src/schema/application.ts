import Type, { type Static } from 'typebox';
import { HexBytes, Identifier, LocalName } from './primitives.ts';

export const FieldCoding = Type.Union([
  Type.Literal('uint', { description: 'Unsigned big-endian integer' }),
  Type.Literal('bcd', { description: 'Packed BCD, right aligned: a number' }),
  Type.Literal('digits', { description: 'Packed BCD kept as digit text (leading zeros count)' }),
  Type.Literal('datetime', { description: 'YYYYMMDDhhmmss in 7 BCD bytes, local time; all zero is none' }),
  Type.Literal('hex', { description: 'Opaque bytes' }),
  Type.Literal('ascii', { description: 'ASCII, space padded on the right' }),
  Type.Literal('rfu', { description: 'Reserved: written as zero, kept as read' }),
]);

export const RecordField = Type.Object(
  {
    name: Type.String({ pattern: '^[a-z][A-Za-z0-9]{1,30}$', description: 'camelCase; the key in code and JSON' }),
    title: LocalName,
    offset: Type.Integer({
      minimum: 0,
      maximum: 252,
      description: 'From the first byte of the record, its ID included',
    }),
    length: Type.Integer({ minimum: 1, maximum: 250 }),
    coding: FieldCoding,
    unit: Type.Optional(Type.String()),
    values: Type.Optional(
      Type.Record(Type.String({ pattern: '^[0-9A-F]+$' }), LocalName, { description: 'Meaning by value in hex' }),
    ),
    initial: Type.Optional(HexBytes()),
    clause: Type.Optional(Type.String({ description: 'Where the layout comes from' })),
  },
  { additionalProperties: false },
);
export type RecordField = Static<typeof RecordField>;

export const RecordSpecification = Type.Object(
  {
    recordId: Type.Optional(HexBytes(2)),
    name: Identifier,
    title: LocalName,
    lengthBytes: Type.Integer({ minimum: 4, maximum: 250, description: 'Whole record, ID and length byte included' }),
    managementKey: Identifier,
    fields: Type.Array(RecordField, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type RecordSpecification = Static<typeof RecordSpecification>;

export const ExtendedFile = Type.Object(
  {
    sfi: Type.String({
      pattern: '^(1[5-9A-E])$',
      description: 'Extended files are SFI 15 to 1E (PBOC 3.0 Part 14, as publicly described)',
    }),
    type: Type.Union([Type.Literal('variable'), Type.Literal('cyclic')]),
    sizeBytes: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 65535, description: 'Variable file: record bytes it can hold, 0 unlimited' }),
    ),
    recordsMax: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 255, description: 'Cyclic file: how many records it keeps' }),
    ),
    activationKey: Identifier,
    records: Type.Array(RecordSpecification, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type ExtendedFile = Static<typeof ExtendedFile>;

/** `applications/*.yaml`: the card side of one industry. */
export const Application = Type.Object(
  {
    application: Identifier,
    name: LocalName,
    aid: Type.String({ pattern: '^([0-9A-F]{2}){5,16}$', description: 'AID whose extended files hold the records' }),
    industry: Type.String({ pattern: '^[0-9A-F]{2}$', description: 'Industry code in trip records: 01 metro, 02 bus' }),
    files: Type.Array(ExtendedFile, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type Application = Static<typeof Application>;
