/** Routes of buses as their validators need them: stops in order of travel, each in a section (分段) of its route. */
import Type, { type Static } from 'typebox';
import { Fen, Identifier, LocalName } from './primitives.ts';

/** Up (AB) and down (BA), as a T-Union bus record codes them (reference pboc.md §6.5). */
export const BusDirection = Type.Union([Type.Literal('up'), Type.Literal('down')]);
export type BusDirection = Static<typeof BusDirection>;

const RouteId = Type.String({
  minLength: 1,
  maxLength: 8,
  description: 'As validators state it and cards keep it, e.g. 101',
});

/** `bus-networks/*.yaml`: stops and routes, for fares by section. */
export const BusNetwork = Type.Object(
  {
    network: Identifier,
    source: Type.String(),
    stops: Type.Array(
      Type.Object(
        {
          id: Identifier,
          code: Type.String({
            pattern: '^[0-9]{4}$',
            description: 'Stop code in card records, 4 BCD digits; no station has it',
          }),
          name: LocalName,
        },
        { additionalProperties: false },
      ),
      { minItems: 2 },
    ),
    routes: Type.Array(
      Type.Object(
        {
          id: RouteId,
          name: LocalName,
          operator: Identifier,
          directions: Type.Array(
            Type.Object(
              {
                id: BusDirection,
                stops: Type.Array(
                  Type.Object(
                    {
                      stop: Identifier,
                      section: Type.Integer({
                        minimum: 1,
                        maximum: 99,
                        description: 'The first stop is in section 1; a later stop is in the same one or the next',
                      }),
                    },
                    { additionalProperties: false },
                  ),
                  { minItems: 2, description: 'In order of travel' },
                ),
              },
              { additionalProperties: false },
            ),
            { minItems: 1, maxItems: 2 },
          ),
        },
        { additionalProperties: false },
      ),
      { minItems: 1 },
    ),
  },
  { additionalProperties: false },
);
export type BusNetwork = Static<typeof BusNetwork>;

/** What happens to a ride whose rider did not tap off: it costs what the card was marked with at boarding. */
export const MissingTapOff = Type.Object(
  {
    settle: Type.Union([
      Type.Literal('next-tap', { description: 'The next boarding or metro entry charges it, in the same commit' }),
      Type.Literal('unpaid-list', { description: 'The next tap charges nothing for it; clearing lists it as unpaid' }),
    ]),
    withinMinutes: Type.Integer({
      minimum: 1,
      maximum: 44_640,
      description: 'A card that comes later is not charged for it: clearing lists it as unpaid',
    }),
    fare: Type.Union([
      Type.Literal('full', { description: 'The marked amount without any discount' }),
      Type.Literal('discounted', { description: 'The marked amount less the discount of the card class' }),
    ]),
  },
  { additionalProperties: false },
);
export type MissingTapOff = Static<typeof MissingTapOff>;

const Routes = Type.Array(RouteId, { minItems: 1 });

/** The fare of some routes. On routes that no rule names the validator states the fare. */
export const RouteFare = Type.Union([
  Type.Object(
    { kind: Type.Literal('flat'), id: Identifier, name: LocalName, routes: Routes, fareFen: Fen },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      kind: Type.Literal('section'),
      id: Identifier,
      name: LocalName,
      network: Identifier,
      routes: Routes,
      sectionFaresFen: Type.Array(Fen, {
        minItems: 1,
        description: 'By how many sections a ride touches: the first for a ride inside one section',
      }),
      tapOff: Type.Union([
        Type.Literal('route', { description: 'At any validator of the route in the same direction' }),
        Type.Literal('validator', { description: 'Only at the validator that took the boarding' }),
      ]),
      reversedOrder: Type.Union([
        Type.Literal('maximum', { description: 'A stop before the boarding stop costs the marked amount' }),
        Type.Literal('sections', { description: 'It costs the sections between, whichever way' }),
      ]),
      maxRideMinutes: Type.Integer({
        minimum: 1,
        maximum: 1440,
        description: 'A ride open for longer was left without a tap-off',
      }),
      graceSeconds: Type.Integer({
        minimum: 0,
        maximum: 600,
        description: 'A second tap at the same stop so soon is a mistake and changes nothing',
      }),
      minimumBalanceFen: Type.Optional(
        Type.Integer({ minimum: 1, description: 'Whoever has less is not let on; absent: the card may be empty' }),
      ),
      missingTapOff: MissingTapOff,
    },
    { additionalProperties: false },
  ),
]);
export type RouteFare = Static<typeof RouteFare>;
export type SectionFare = Extract<RouteFare, { kind: 'section' }>;
