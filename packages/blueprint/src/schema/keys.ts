import Type, { type Static } from 'typebox';
import { Algorithm, HexBytes, Identifier, LocalName } from './primitives.ts';

/**
 * One level of a dispersion path. `region` and `application` are fixed for a key tree; `city` and `card` come from the
 * card, so a terminal's PSAM holds the key dispersed down to the last level before the first of them.
 */
export const DispersionLevel = Type.Object(
  {
    level: Type.Union([
      Type.Literal('region'),
      Type.Literal('city'),
      Type.Literal('application'),
      Type.Literal('card'),
    ]),
    factor: Type.Union(
      [
        Type.Literal('region-code'),
        Type.Literal('home-city-code'),
        Type.Literal('fixed'),
        Type.Literal('pan-rightmost-16'),
        Type.Literal('emv-option-a'),
      ],
      { description: 'Where the 8-byte factor comes from; emv-option-a is PAN and PSN of EMV 4.4 Book 2 A1.4.1' },
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

export const KeyTree = Type.Object(
  {
    label: Identifier,
    name: LocalName,
    usage: Type.Union([
      Type.Literal('application-cryptogram'),
      Type.Literal('script-mac'),
      Type.Literal('script-encryption'),
      Type.Literal('activation'),
      Type.Literal('management'),
    ]),
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

/** `keys.yaml`: the key trees. */
export const Keys = Type.Object({ trees: Type.Array(KeyTree, { minItems: 1 }) }, { additionalProperties: false });
