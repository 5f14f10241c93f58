import Type, { type Static } from 'typebox';
import { Algorithm, HexBytes, Identifier, LocalName } from './primitives.ts';

/**
 * One level of a dispersion path. `region` and `application` are fixed for a key tree; `city` and `card` come from the
 * card, so a terminal's PSAM holds the key dispersed down to the last level before the first of them.
 */
export const DispersionLevel = Type.Object(
  {
    level: Type.Union([
      Type.Literal('national', { description: 'Above the region, where a national root is' }),
      Type.Literal('region'),
      Type.Literal('city'),
      Type.Literal('issuer'),
      Type.Literal('application'),
      Type.Literal('usage'),
      Type.Literal('card'),
    ]),
    factor: Type.Union(
      [
        Type.Literal('region-code'),
        Type.Literal('home-city-code'),
        Type.Literal('fixed'),
        Type.Literal('pan-rightmost-16'),
        Type.Literal('emv-option-a'),
        Type.Literal('home-city-ascii'),
        Type.Literal('application-serial'),
        Type.Literal('meter-number'),
        Type.Literal('issuer-code'),
        Type.Literal('card-uid'),
      ],
      {
        description:
          'Where the 8-byte factor comes from; emv-option-a is PAN and PSN of EMV 4.4 Book 2 A1.4.1; home-city-ascii is the GB/T 2260 code and 00 as ASCII; application-serial and meter-number are the last 8 bytes of these numbers, zeros on the left; issuer-code is the institution’s code, else the 6 digits of the PAN that name the issuer (ISO/IEC 7812-1), card-uid the number the chip answers in anticollision, both filled by pad',
      },
    ),
    value: Type.Optional(HexBytes(8)),
    pad: Type.Optional(
      Type.Union([Type.Literal('FF'), Type.Literal('00'), Type.Literal('80'), Type.Literal('repeat')], {
        description: 'What fills 8 bytes on the right of a short code: FF, 00, 80 then 00, or the code again and again',
      }),
    ),
  },
  { additionalProperties: false },
);
export type DispersionLevel = Static<typeof DispersionLevel>;

export const KeyTreeUsage = Type.Union([
  Type.Literal('application-cryptogram'),
  Type.Literal('script-mac'),
  Type.Literal('script-encryption'),
  Type.Literal('activation', { description: 'Opens applications on cards' }),
  Type.Literal('management', { description: 'Updates CAPP records; suspends, resumes and closes applications' }),
  Type.Literal('authentication', { description: 'Terminal or card proves itself' }),
  Type.Literal('secure-messaging'),
  Type.Literal('transaction-proof'),
  Type.Literal('data-protection'),
  Type.Literal('pin-unblock'),
  Type.Literal('lock'),
]);
export type KeyTreeUsage = Static<typeof KeyTreeUsage>;

export const KeyTree = Type.Object(
  {
    label: Identifier,
    name: LocalName,
    usage: KeyTreeUsage,
    scope: Type.Union([Type.Literal('issuer'), Type.Literal('region')], {
      description: 'One master key for each issuing bank, or one for the region',
    }),
    algorithm: Algorithm,
    custodian: Identifier,
    dispersion: Type.Array(DispersionLevel, { minItems: 1, maxItems: 6 }),
  },
  { additionalProperties: false },
);
export type KeyTree = Static<typeof KeyTree>;

export const Custodian = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    party: Identifier,
  },
  {
    additionalProperties: false,
    description: 'Who answers for key trees: a party, `platform`, or `issuers`: each issuing bank for its own',
  },
);
export type Custodian = Static<typeof Custodian>;

/** `keys.yaml`: the key trees and who answers for them. */
export const Keys = Type.Object(
  {
    custodians: Type.Array(Custodian, { minItems: 1 }),
    trees: Type.Array(KeyTree, { minItems: 1 }),
  },
  { additionalProperties: false },
);
export type Keys = Static<typeof Keys>;
