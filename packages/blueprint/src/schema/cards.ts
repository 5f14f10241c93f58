import Type, { type Static } from 'typebox';
import { Fen, HexBytes, Identifier, LocalName } from './primitives.ts';

export const CardClass = Type.Object(
  {
    id: Identifier,
    code: HexBytes(1),
    name: LocalName,
  },
  { additionalProperties: false },
);
export type CardClass = Static<typeof CardClass>;

/** What a chip offers to applications. */
export const ChipProfile = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    memoryBytes: Type.Integer({ minimum: 1024, maximum: 1_048_576, description: 'Memory for application data' }),
  },
  { additionalProperties: false },
);
export type ChipProfile = Static<typeof ChipProfile>;

export const CardProduct = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    issuer: Identifier,
    cardClass: Identifier,
    chip: Identifier,
    applications: Type.Array(Identifier, {
      minItems: 1,
      description: 'Industry applications on the card; the financial application is on every card',
    }),
    electronicCash: Type.Object(
      {
        balanceFen: Fen,
        balanceLimitFen: Fen,
        singleTransactionLimitFen: Fen,
        resetThresholdFen: Fen,
        segmentAllowanceFen: Fen,
      },
      { additionalProperties: false },
    ),
  },
  { additionalProperties: false },
);
export type CardProduct = Static<typeof CardProduct>;

/** `cards.yaml`: the financial application's profile, card classes, chips and products. */
export const Cards = Type.Object(
  {
    profile: Type.Object(
      {
        aid: Type.String({ pattern: '^([0-9A-F]{2}){5,16}$' }),
        rid: HexBytes(5),
        label: Type.String({ maxLength: 16 }),
        cryptogramVersion: Type.Union([Type.Literal('01'), Type.Literal('11')]),
        applicationVersion: HexBytes(2),
        segmentIndicator: Type.Union([Type.Literal('01'), Type.Literal('02')], {
          description: 'DF61: 01 segment deduction, 02 pre-authorisation too',
        }),
        additionalProcesses: HexBytes(4),
        cappMacAlgorithm: Type.Optional(
          Type.Union([Type.Literal('3DES'), Type.Literal('SM4')], {
            description: 'Algorithm of the MAC of record updates where the cards take another than that of the keys',
          }),
        ),
        cardRsaBits: Type.Union([Type.Literal(1024), Type.Literal(1152)]),
        issuerRsaBits: Type.Integer({ minimum: 1024, maximum: 1984 }),
        caRsaBits: Type.Integer({ minimum: 1024, maximum: 1984 }),
        caIndex: HexBytes(1),
        expiresAfterYears: Type.Integer({ minimum: 1, maximum: 20 }),
      },
      { additionalProperties: false },
    ),
    classes: Type.Array(CardClass, { minItems: 1 }),
    chips: Type.Array(ChipProfile, { minItems: 1 }),
    products: Type.Array(CardProduct, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type Cards = Static<typeof Cards>;
