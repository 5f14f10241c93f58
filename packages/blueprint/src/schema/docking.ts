/** How terminals dock: acquirers' variants of the messages, and what terminals are told of themselves. */
import Type, { type Static } from 'typebox';
import { Fen, HexBytes, Identifier, LocalName } from './primitives.ts';

const FieldOverride = Type.Object(
  {
    field: Type.Integer({ minimum: 2, maximum: 63 }),
    name: Type.Optional(LocalName),
    content: Type.Optional(Type.Union([Type.Literal('n'), Type.Literal('z'), Type.Literal('ans'), Type.Literal('b')])),
    encoding: Type.Optional(Type.Union([Type.Literal('bcd'), Type.Literal('ascii'), Type.Literal('raw')])),
    prefix: Type.Optional(Type.Union([Type.Literal('fixed'), Type.Literal('LL'), Type.Literal('LLL')])),
    length: Type.Optional(Type.Integer({ minimum: 1, maximum: 999 })),
    fill: Type.Optional(Type.Union([Type.Literal('left'), Type.Literal('right')])),
  },
  { additionalProperties: false, description: 'What differs from the UnionPay terminal table; the rest stays' },
);

export const Acquirer = Type.Object(
  {
    id: Identifier,
    merchants: Type.Optional(
      Type.Array(Type.String({ minLength: 15, maxLength: 15 }), { description: 'Field 42 of its terminals' }),
    ),
    operators: Type.Optional(Type.Array(Identifier, { description: 'All terminals of these operators' })),
    macKind: Type.Optional(
      Type.Union([Type.Literal('cup-ecb'), Type.Literal('x9.9'), Type.Literal('x9.19')], {
        description: 'MAC in field 64 under DES keys; cup-ecb unless given. X9.19 has a double-length MAC key',
      }),
    ),
    signIns: Type.Optional(
      Type.Array(
        Type.Union([
          Type.Literal('001'),
          Type.Literal('003'),
          Type.Literal('004'),
          Type.Literal('005'),
          Type.Literal('006'),
        ]),
        {
          minItems: 1,
          description:
            'Sign-ins it takes: 001 single, 003 double, 004 with track key, 005 and 006 SM4; all unless given',
        },
      ),
    ),
    fields: Type.Optional(Type.Array(FieldOverride)),
  },
  { additionalProperties: false },
);

const digits = (length: number, description: string) =>
  Type.Optional(Type.String({ pattern: `^[0-9]{1,${length}}$`, description }));

/** What a terminal is told by 360 (reference iso8583.md §1.7). */
export const TerminalSettings = Type.Object(
  {
    applicationType: digits(2, 'Class of application'),
    timeoutSeconds: digits(2, 'How long it waits for an answer'),
    retries: digits(1, 'How often it dials again'),
    tipAllowed: digits(1, '1 yes'),
    tipPercent: digits(2, 'Highest tip'),
    manualEntryAllowed: digits(1, '1 yes'),
    automaticSignOff: digits(1, '1: after settlement'),
    resendCount: digits(1, 'How often what was not answered is sent again'),
    offlineMode: digits(1, '1: offline transactions'),
    masterKeyIndex: digits(1, 'Which of its master keys it uses'),
    transactionSwitches: Type.Optional(HexBytes(4)),
    offlineUploadCount: digits(2, 'Uploads at once when so many offline transactions wait'),
  },
  { additionalProperties: false },
);

const limit = (minimum: number, description: string) => Type.Optional(Type.Integer({ minimum, description }));

const TaggedHex = Type.Record(Type.String({ pattern: '^([0-9A-F]{2}){1,3}$' }), HexBytes());

export const Docking = Type.Object(
  {
    acquirers: Type.Optional(Type.Array(Acquirer)),
    settings: Type.Optional(TerminalSettings),
    aids: Type.Optional(
      Type.Array(TaggedHex, {
        description: 'AID parameters by tag: 9F06 the AID, DF01 9F08 DF11 to DF21 9F1B 9F7B (380)',
      }),
    ),
    standIn: Type.Optional(
      Type.Object(
        { transactionLimitFen: Fen, dayLimitFen: Fen },
        {
          additionalProperties: false,
          description: "Online sales authorised in the issuer's stead, for a card; none unless given",
        },
      ),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          connectionsMax: limit(1, 'Lines at once'),
          connectionsPerAddress: limit(1, 'Lines at once from one address'),
          messagesPerSecondTerminal: limit(1, 'What a terminal sends faster waits'),
          messagesPerSecondAddress: limit(1, 'What an address sends faster waits'),
          frameTimeoutMs: limit(100, 'From the first byte of a frame to its last'),
          idleTimeoutMs: limit(1000, 'A line without a byte is closed'),
          keepAliveMs: limit(1000, 'When a silent peer is asked whether it is still there'),
        },
        { additionalProperties: false, description: 'What the gateway bears; each has a default' },
      ),
    ),
    /** By tag: FF805D FF803A FF803C FF8057 FF8059 (394). */
    contactless: Type.Optional(TaggedHex),
  },
  { additionalProperties: false },
);
export type Docking = Static<typeof Docking>;
