import Type, { type Static } from 'typebox';
import { Identifier, LocalName, Mode } from './primitives.ts';

/** `blueprint.yaml`: what this folder is. */
export const Manifest = Type.Object(
  {
    blueprint: Identifier,
    extends: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Another blueprint whose files hold where this folder says nothing: its folder, from this one, or a name beside it',
      }),
    ),
    version: Type.String({ pattern: '^[0-9]{8}$', description: 'YYYYMMDD of this edition' }),
    name: LocalName,
    region: Type.Object(
      {
        code: Type.String({
          pattern: '^[0-9]{4}$',
          description: 'Region code, 4 BCD digits, first level of dispersion',
        }),
        timeZone: Type.String({ description: 'IANA zone, e.g. Asia/Shanghai' }),
        utcOffsetMinutes: Type.Integer({ minimum: -720, maximum: 840 }),
        currency: Type.String({ pattern: '^[0-9]{3}$', description: 'ISO 4217 numeric, 156 is CNY' }),
        country: Type.String({ pattern: '^[0-9]{3}$', description: 'ISO 3166 numeric, 156 is China' }),
        businessDayStartsAt: Type.String({
          pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
          description: 'Local time a business day begins',
        }),
      },
      { additionalProperties: false },
    ),
    cities: Type.Array(
      Type.Object(
        {
          id: Identifier,
          code: Type.String({ pattern: '^[0-9]{4}$', description: 'City code, 4 BCD digits (UnionPay region code)' }),
          gb2260: Type.Optional(
            Type.String({ pattern: '^[0-9]{6}$', description: 'GB/T 2260 code, for keys dispersed by it' }),
          ),
          name: LocalName,
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);
export type Manifest = Static<typeof Manifest>;

export const Party = Type.Object(
  {
    id: Identifier,
    kind: Type.Union([
      Type.Literal('platform'),
      Type.Literal('issuer'),
      Type.Literal('operator', { description: 'Of metro or bus' }),
      Type.Literal('service', { description: 'Another public service: utility, health, traffic police' }),
    ]),
    code: Type.String({ pattern: '^[0-9]{4}$', description: 'Party code in records and messages, 4 BCD digits' }),
    name: LocalName,
    city: Type.Optional(Identifier),
    mode: Type.Optional(Mode),
    lines: Type.Optional(Type.Array(Identifier, { description: 'Metro lines of the network this operator runs' })),
    aliases: Type.Optional(
      Type.Array(Type.String(), { description: 'Names under which records from the field call this party' }),
    ),
    discounts: Type.Optional(
      Type.Union([Type.Literal('tariff'), Type.Literal('none')], {
        description: "Whether the tariff's discounts hold on this operator's rides; default tariff",
      }),
    ),
    issuer: Type.Optional(
      Type.Object(
        {
          bin: Type.String({ pattern: '^[0-9]{6}$', description: 'First six digits of its PANs' }),
          panDigits: Type.Integer({ minimum: 16, maximum: 19 }),
          derivationKeyIndex: Type.Integer({ minimum: 1, maximum: 255 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);
export type Party = Static<typeof Party>;

/** `parties.yaml`: platform, issuing banks, operators. */
export const Parties = Type.Object({ parties: Type.Array(Party, { minItems: 3 }) }, { additionalProperties: false });
