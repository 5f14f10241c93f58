import { OperatingMode } from '@polycard/blueprint';
import Type, { type Static } from 'typebox';
import { Fen, PlaceRef, Words } from '../api-types.ts';

const LocalTime = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$',
  description: 'Local time of the region',
});
const Place = Type.String({ pattern: '^[0-9]{4}$', description: 'Station code' });

export const NewModeOrder = Type.Object(
  {
    id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 60, description: 'Sent twice under one it is done once' }),
    ),
    place: Type.Optional(Place),
    places: Type.Optional(
      Type.Array(Place, { minItems: 1, maxItems: 1000, uniqueItems: true, description: 'One order for each of them' }),
    ),
    modes: Type.Array(OperatingMode, { minItems: 1, maxItems: 4 }),
    from: Type.Optional(LocalTime),
    to: Type.Optional(LocalTime),
    reason: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
);
export type NewModeOrder = Static<typeof NewModeOrder>;

export const OrderedModes = Type.Object({
  id: Type.String({ description: 'Of the first station' }),
  ids: Type.Array(Type.String()),
});
export type OrderedModes = Static<typeof OrderedModes>;

export const ModeOrderAnswer = Type.Object({
  id: Type.String(),
  place: Type.String(),
  placeName: Words,
  modes: Type.Array(OperatingMode),
  state: Type.Union([Type.Literal('coming'), Type.Literal('in-force'), Type.Literal('ended')]),
  from: LocalTime,
  to: Type.Optional(LocalTime),
  reason: Type.String(),
  orderedBy: Type.String(),
  orderedAt: Type.String({ description: 'UTC, ISO 8601' }),
  endedBy: Type.Optional(Type.String()),
  endedAt: Type.Optional(Type.String({ description: 'UTC, ISO 8601' })),
  held: Type.Object(
    { terminals: Type.Integer(), of: Type.Integer() },
    { description: "The station's terminals that have the order as it is now, of all of them" },
  ),
});
export type ModeOrderAnswer = Static<typeof ModeOrderAnswer>;

export const ModeOrderDetail = Type.Object({
  order: ModeOrderAnswer,
  headline: Words,
  terminals: Type.Array(
    Type.Object({
      terminalNo: Type.String(),
      profile: Type.String(),
      isHeld: Type.Boolean(),
      askedAt: Type.Optional(Type.String({ description: 'When it last asked for mode orders; UTC, ISO 8601' })),
      lastSeenAt: Type.Optional(Type.String({ description: 'UTC, ISO 8601' })),
    }),
  ),
  network: Type.Object(
    { terminals: Type.Integer(), of: Type.Integer() },
    { description: 'Terminals of the whole network: other stations let in and out by it too' },
  ),
  follows: Type.Object({
    taps: Type.Integer({ description: 'Uploaded taps at the station that were made under these modes' }),
    freeExits: Type.Integer(),
    waivedFen: Fen,
    assumed: Type.Integer({ description: 'Exits elsewhere without an entry that were taken from this station' }),
    released: Type.Integer({ description: 'Entries elsewhere of cards that were caught inside' }),
    coveredFrom: Type.Optional(LocalTime),
    graceUntil: Type.Optional(LocalTime),
    repairUntil: Type.Optional(LocalTime),
  }),
});
export type ModeOrderDetail = Static<typeof ModeOrderDetail>;

export const ModeStations = Type.Array(PlaceRef);

export const EndModeOrder = Type.Object({ to: Type.Optional(LocalTime) }, { additionalProperties: false });
export type EndModeOrder = Static<typeof EndModeOrder>;
