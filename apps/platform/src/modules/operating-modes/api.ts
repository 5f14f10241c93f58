import { OperatingMode } from '@polycard/blueprint';
import Type, { type Static } from 'typebox';

const LocalTime = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$',
  description: 'Local time of the region',
});

export const NewModeOrder = Type.Object(
  {
    place: Type.String({ pattern: '^[0-9]{4}$', description: 'Station code' }),
    modes: Type.Array(OperatingMode, { minItems: 1, maxItems: 4 }),
    from: Type.Optional(LocalTime),
    to: Type.Optional(LocalTime),
    reason: Type.String({ minLength: 1, maxLength: 200 }),
  },
  { additionalProperties: false },
);
export type NewModeOrder = Static<typeof NewModeOrder>;

export const ModeOrderAnswer = Type.Object({
  id: Type.String(),
  place: Type.String(),
  modes: Type.Array(OperatingMode),
  from: LocalTime,
  to: Type.Optional(LocalTime),
  reason: Type.String(),
  orderedBy: Type.String(),
  orderedAt: Type.String(),
});
export type ModeOrderAnswer = Static<typeof ModeOrderAnswer>;

export const EndModeOrder = Type.Object({ to: Type.Optional(LocalTime) }, { additionalProperties: false });
export type EndModeOrder = Static<typeof EndModeOrder>;
