import Type, { type Static } from 'typebox';
import { RouteFare } from './bus-network.ts';
import { MetroOperation } from './operating-modes.ts';
import { Fen, HexBytes, Identifier, LocalName, Mode } from './primitives.ts';
import { Caps, Cumulation, Promotion, TransferLimits } from './promotion.ts';

export const DistanceBand = Type.Object(
  {
    uptoMetres: Type.Optional(Type.Integer({ minimum: 1, description: 'End of the band; absent: without end' })),
    stepMetres: Type.Integer({ minimum: 1 }),
    stepFen: Fen,
  },
  { additionalProperties: false },
);

export const BaseFare = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('distance'),
      network: Identifier,
      startMetres: Type.Integer({ minimum: 1 }),
      startFen: Fen,
      sameStationFen: Fen,
      bands: Type.Array(DistanceBand, { minItems: 1 }),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('declared', {
        description: 'The validator states the fare: a flat route fare or the section the driver set',
      }),
      defaultFen: Fen,
      maximumFen: Fen,
    },
    { additionalProperties: false },
  ),
]);

export const Discount = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    cardClasses: Type.Array(Identifier, { minItems: 1 }),
    rule: Type.Union([
      Type.Object(
        { kind: Type.Literal('percent'), percentOff: Type.Number({ minimum: 0, maximum: 100 }) },
        { additionalProperties: false },
      ),
      Type.Object(
        {
          kind: Type.Literal('tiers', { description: 'Each part of the base fare has its own percentage' }),
          tiers: Type.Array(
            Type.Object(
              { uptoFen: Type.Optional(Fen), percentOff: Type.Number({ minimum: 0, maximum: 100 }) },
              { additionalProperties: false },
            ),
            { minItems: 1 },
          ),
        },
        { additionalProperties: false },
      ),
    ]),
  },
  { additionalProperties: false },
);
export type Discount = Static<typeof Discount>;

export const ServiceClass = Type.Object(
  {
    id: Identifier,
    code: HexBytes(1),
    name: LocalName,
    multiple: Type.Number({ minimum: 1, description: 'Times the base fare' }),
    discounts: Type.Boolean({ description: 'Whether discounts and transfer hold in this class' }),
  },
  { additionalProperties: false },
);
export type ServiceClass = Static<typeof ServiceClass>;

/** `tariffs/*.yaml`: fares of one mode. */
export const Tariff = Type.Object(
  {
    tariff: Identifier,
    version: Type.String({ pattern: '^[0-9]{8}$' }),
    mode: Mode,
    name: LocalName,
    source: Type.Optional(Type.String()),
    baseFare: BaseFare,
    serviceClasses: Type.Array(ServiceClass, { minItems: 1 }),
    discounts: Type.Array(Discount),
    fullFareClasses: Type.Optional(
      Type.Array(Identifier, { description: 'Card classes that pay the full fare on purpose' }),
    ),
    transfer: Type.Optional(
      Type.Object(
        {
          id: Identifier,
          name: LocalName,
          fromModes: Type.Array(Mode, { minItems: 1 }),
          windowMinutes: Type.Integer({ minimum: 1, maximum: 600 }),
          deductFen: Fen,
          cardClasses: Type.Array(Identifier, { minItems: 1 }),
          ...TransferLimits,
        },
        { additionalProperties: false },
      ),
    ),
    routeFares: Type.Optional(
      Type.Array(RouteFare, { description: 'Of a bus: routes whose fare is flat or by section' }),
    ),
    promotions: Type.Optional(Type.Array(Promotion)),
    cumulation: Type.Optional(Cumulation),
    caps: Type.Optional(Caps),
    operation: Type.Optional(MetroOperation),
    rounding: Type.Literal('half-up', { description: 'To whole fen, after each rule' }),
  },
  { additionalProperties: false },
);
export type Tariff = Static<typeof Tariff>;

/** `networks/*.yaml`: stations and lines, for distances. */
export const Network = Type.Object(
  {
    network: Identifier,
    source: Type.String(),
    tailTrackMetres: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 2000,
        description:
          'Track beyond the middle of the last platform at each end of a line, which published lengths include; default 0',
      }),
    ),
    lines: Type.Array(
      Type.Object(
        {
          id: Identifier,
          code: Type.String({ pattern: '^[0-9]{2}$' }),
          name: LocalName,
          aliases: Type.Array(Type.String()),
          lengthMetres: Type.Integer({
            minimum: 1,
            description: 'Published length, to scale distances between coordinates to track distances',
          }),
          stations: Type.Array(Identifier, { minItems: 2, description: 'In line order' }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
    stations: Type.Array(
      Type.Object(
        {
          id: Identifier,
          code: Type.String({ pattern: '^[0-9]{4}$', description: 'Station code in card records, 4 BCD digits' }),
          name: LocalName,
          aliases: Type.Optional(Type.Array(Type.String(), { description: 'Other spellings met in records' })),
          terminalPrefixes: Type.Optional(
            Type.Array(Type.String({ pattern: '^[0-9]{6}$' }), {
              description: 'First six digits of terminal numbers at this station',
            }),
          ),
          longitude: Type.Number({ minimum: -180, maximum: 180 }),
          latitude: Type.Number({ minimum: -90, maximum: 90 }),
        },
        { additionalProperties: false },
      ),
      { minItems: 2 },
    ),
  },
  { additionalProperties: false },
);
export type Network = Static<typeof Network>;
