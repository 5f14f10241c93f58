/**
 * `applications/*.yaml`: the card side of one industry, in one of three kinds. `capp`: records in extended files of the
 * financial application, written together with a payment. `files`: an application of its own with ISO 7816-4 files.
 * `financial`: the payment application that carries the others.
 */
import Type, { type Static } from 'typebox';
import { AccessCondition, FileAccess } from './access.ts';
import { DataElement, FILE_BYTES_MAX, layout, PersonalData } from './field.ts';
import { everyApplication } from './lifecycle.ts';
import { HexBytes, Identifier, LocalName } from './primitives.ts';

const Industry = Type.String({
  pattern: '^[0-9A-F]{2}$',
  description: 'Industry code in trip records: 01 metro, 02 bus',
});

export const RecordSpecification = Type.Object(
  {
    recordId: Type.Optional(HexBytes(2)),
    name: Identifier,
    lengthBytes: Type.Integer({ minimum: 4, maximum: 250, description: 'Whole record, ID and length byte included' }),
    managementKey: Identifier,
    ...layout,
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
    access: FileAccess,
    records: Type.Array(RecordSpecification, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type ExtendedFile = Static<typeof ExtendedFile>;

export const CappApplication = Type.Object(
  {
    kind: Type.Literal('capp'),
    ...everyApplication,
    industry: Industry,
    files: Type.Array(ExtendedFile, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type CappApplication = Static<typeof CappApplication>;

/** The layout of a record of a file, or of the whole content of a transparent file. */
export const FileLayout = Type.Object(
  {
    name: Identifier,
    lengthBytes: Type.Integer({ minimum: 1, maximum: FILE_BYTES_MAX }),
    ...layout,
  },
  { additionalProperties: false },
);
export type FileLayout = Static<typeof FileLayout>;

export const IndustryFile = Type.Object(
  {
    fid: Type.String({ pattern: '^[0-9A-F]{4}$', description: 'File identifier (ISO/IEC 7816-4 §5.3.1.1)' }),
    sfi: Type.String({ pattern: '^(0[1-9A-F]|1[0-9A-E])$', description: 'Short file identifier, 01 to 1E' }),
    name: Identifier,
    title: LocalName,
    type: Type.Union([Type.Literal('transparent'), Type.Literal('linear-fixed'), Type.Literal('cyclic')]),
    sizeBytes: Type.Optional(Type.Integer({ minimum: 1, maximum: FILE_BYTES_MAX, description: 'Transparent file' })),
    recordsMax: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 254, description: 'Record file: how many records it has' }),
    ),
    access: FileAccess,
    records: Type.Array(FileLayout, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type IndustryFile = Static<typeof IndustryFile>;

export const ApplicationKeyUse = Type.Union([
  Type.Literal('activation', { description: 'Opens the application' }),
  Type.Literal('management', { description: 'Suspends, resumes, closes it and exchanges keys' }),
  Type.Literal('authentication', { description: 'The terminal proves itself: EXTERNAL AUTHENTICATE' }),
  Type.Literal('internal-authentication', { description: 'The card proves itself: INTERNAL AUTHENTICATE' }),
  Type.Literal('secure-messaging', { description: 'MAC and encipherment of commands' }),
  Type.Literal('transaction-proof', { description: 'MAC over what was written, for the host only (TAC)' }),
  Type.Literal('data-protection', { description: 'MACs inside the data; the card does not hold this key' }),
  Type.Literal('pin-unblock'),
  Type.Literal('lock', { description: 'A deny-listed application is blocked at a terminal' }),
]);
export type ApplicationKeyUse = Static<typeof ApplicationKeyUse>;

export const ApplicationKey = Type.Object(
  {
    label: Identifier,
    reference: Type.Optional(
      Type.String({ pattern: '^[0-9A-F]{2}$', description: 'Key number on the card; absent: not on the card' }),
    ),
    use: ApplicationKeyUse,
    triesMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 15 })),
  },
  { additionalProperties: false },
);
export type ApplicationKey = Static<typeof ApplicationKey>;

export const ApplicationPin = Type.Object(
  {
    reference: Type.String({ pattern: '^[0-9A-F]{2}$' }),
    digitsMin: Type.Integer({ minimum: 4, maximum: 12 }),
    digitsMax: Type.Integer({ minimum: 4, maximum: 12 }),
    triesMax: Type.Integer({ minimum: 1, maximum: 15 }),
    unblockKey: Type.Optional(Identifier),
  },
  { additionalProperties: false },
);
export type ApplicationPin = Static<typeof ApplicationPin>;

export const FileApplication = Type.Object(
  {
    kind: Type.Literal('files'),
    ...everyApplication,
    industry: Industry,
    label: Type.String({ minLength: 1, maxLength: 16, description: 'Application label, tag 50' }),
    session: Type.Union(
      [
        Type.Literal('split', { description: 'Session keys for encipherment and MAC differ' }),
        Type.Literal('single', { description: 'One session key for both, as a public health-card reader does' }),
      ],
      { description: 'How session keys come from a key and the challenge' },
    ),
    activationKey: Identifier,
    managementKey: Identifier,
    keys: Type.Array(ApplicationKey, { minItems: 2 }),
    pin: Type.Optional(ApplicationPin),
    files: Type.Array(IndustryFile, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type FileApplication = Static<typeof FileApplication>;

const TlvRecord = Type.Object(
  {
    name: Identifier,
    title: LocalName,
    number: Type.Integer({ minimum: 1, maximum: 254 }),
    dgi: Type.String({ pattern: '^[0-9A-F]{4}$', description: 'Data grouping identifier of personalisation' }),
    elements: Type.Array(DataElement, { minItems: 1 }),
  },
  { additionalProperties: false },
);

export const FinancialFile = Type.Object(
  {
    sfi: Type.String({ pattern: '^(0[1-9A-F]|1[0-4])$', description: '01 to 14; 15 to 1E are extended files' }),
    name: Identifier,
    title: LocalName,
    type: Type.Union([Type.Literal('tlv'), Type.Literal('cyclic')]),
    recordsMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 30 })),
    access: FileAccess,
    tlvRecords: Type.Optional(Type.Array(TlvRecord, { minItems: 1 })),
    records: Type.Optional(Type.Array(FileLayout, { minItems: 1, maxItems: 1 })),
  },
  { additionalProperties: false },
);
export type FinancialFile = Static<typeof FinancialFile>;

export const FinancialData = Type.Object(
  {
    ...DataElement.properties,
    dgi: Type.String({ pattern: '^[0-9A-F]{4}$' }),
    template: Type.Optional(
      Type.String({
        pattern: '^[0-9A-F]{2,4}(/[0-9A-F]{2,4})*$',
        description: 'Templates around it in the grouping, outermost first, e.g. A5/BF0C',
      }),
    ),
    read: AccessCondition,
    update: AccessCondition,
    personal: Type.Optional(PersonalData),
  },
  { additionalProperties: false, description: 'A data object outside records: GET DATA, FCI, GPO' },
);
export type FinancialData = Static<typeof FinancialData>;

export const FinancialApplication = Type.Object(
  {
    kind: Type.Literal('financial'),
    ...everyApplication,
    keys: Type.Array(
      Type.Object(
        { label: Identifier, dgi: Type.String({ pattern: '^[0-9A-F]{4}$' }) },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
    pin: Type.Optional(ApplicationPin),
    files: Type.Array(FinancialFile, { minItems: 1 }),
    data: Type.Array(FinancialData, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type FinancialApplication = Static<typeof FinancialApplication>;

/** `applications/*.yaml`. The loader picks by `kind`, so that a finding names the place and not the union. */
export const Application = Type.Union([CappApplication, FileApplication, FinancialApplication]);
export type Application = Static<typeof Application>;

export const APPLICATION_KINDS = {
  capp: CappApplication,
  files: FileApplication,
  financial: FinancialApplication,
} as const;
