/**
 * How a metro runs when it does not run as usual: the rules of its tariff for time inside, repairs and grace, and the
 * modes that are ordered for a station for a while.
 */
import Type, { type Static } from 'typebox';

/** In the order of the bits of a mode word, bit 0 first. */
export const OperatingMode = Type.Union([
  Type.Literal('train-failure'),
  Type.Literal('order-waived'),
  Type.Literal('time-waived'),
  Type.Literal('date-waived'),
  Type.Literal('fare-waived'),
  Type.Literal('emergency'),
  Type.Literal('closed'),
  Type.Literal('test'),
]);
export type OperatingMode = Static<typeof OperatingMode>;

/** Part of a metro's tariff; what is absent is not limited. */
export const MetroOperation = Type.Object(
  {
    maximumFareFen: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Highest single fare of the network: what over time costs' }),
    ),
    maxStayMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1440,
        description: 'Longer inside, the exit gate sends people to the counter',
      }),
    ),
    sameStationFreeMinutes: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 60, description: 'Out where they came in, so soon: free' }),
    ),
    assumedEntryMinutes: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1440,
        description: 'An exit without entry is taken from the one station that waived the order so recently',
      }),
    ),
    emergencyGraceDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 30, description: 'So long a card caught inside is let in again anywhere' }),
    ),
    emergencyLookBackMinutes: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 1440, description: 'Entries so long before the release are covered by it' }),
    ),
    emergencyRepairDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 90, description: 'So long a counter still repairs it without charge' }),
    ),
    repairMinutes: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 120, description: 'After a repair inside the exit is free for so long' }),
    ),
    freeClearMinutes: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 120, description: 'An entry so fresh is cleared without charge' }),
    ),
    penaltyFen: Type.Optional(
      Type.Integer({ minimum: 0, description: 'What an inspector asks of a rider without a valid entry' }),
    ),
  },
  { additionalProperties: false, description: 'Operating modes, time inside, repairs' },
);
export type MetroOperation = Static<typeof MetroOperation>;

/** Local times YYYYMMDDhhmmss. */
const LocalTime = Type.String({ pattern: '^[0-9]{14}$' });

export const ModeOrder = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 40 }),
    place: Type.String({ pattern: '^[0-9]{4}$', description: 'Station code' }),
    modes: Type.Array(OperatingMode, { minItems: 1 }),
    from: LocalTime,
    to: Type.Optional(LocalTime),
  },
  { additionalProperties: false },
);
export type ModeOrder = Static<typeof ModeOrder>;
