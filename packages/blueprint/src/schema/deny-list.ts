import Type, { type Static } from 'typebox';
import { LocalName } from './primitives.ts';

export const DenyReason = Type.Object(
  {
    id: Type.String({ pattern: '^[a-z][a-z0-9-]{0,30}$', description: 'As the list carries it' }),
    code: Type.String({ pattern: '^[0-9]{2}$', description: 'Two digits, for messages and files that have no names' }),
    name: LocalName,
    of: Type.Union(
      [
        Type.Literal('card', { description: 'The whole card, everywhere' }),
        Type.Literal('application', { description: 'One application on the card' }),
        Type.Literal('any'),
      ],
      { description: 'What may be listed for this reason' },
    ),
    lockOnSight: Type.Boolean({
      description:
        'A terminal that refuses the card also locks the listed application on it. A listing of a whole card only refuses: what blocks a card comes from its issuer',
    }),
  },
  { additionalProperties: false },
);
export type DenyReason = Static<typeof DenyReason>;

/** `deny-lists.yaml`: why cards are listed, what terminals do about it, who answers for a late list. */
export const DenyLists = Type.Object(
  {
    reasons: Type.Array(DenyReason, { minItems: 1 }),
    distributionMinutes: Type.Integer({
      minimum: 0,
      maximum: 525_600,
      description:
        'Time an operator has to bring a published version to its terminals: until then a listed card that was let through is on its issuer',
    }),
    deltasKept: Type.Integer({
      minimum: 1,
      maximum: 100_000,
      description: 'Versions a terminal may be behind and still repair itself by deltas',
    }),
  },
  { additionalProperties: false },
);
export type DenyLists = Static<typeof DenyLists>;

/** One step of what a terminal does while its list grows old. */
export const FreshnessStep = Type.Object(
  {
    afterMinutes: Type.Integer({
      minimum: 1,
      maximum: 525_600,
      description: 'Since the host last said that the list is the current one',
    }),
    state: Type.Union([
      Type.Literal('warn', { description: 'Goes on and says so' }),
      Type.Literal('refuse-above-floor', { description: 'Takes no sale above floorFen' }),
      Type.Literal('refuse-all', { description: 'Takes no card' }),
    ]),
    floorFen: Type.Optional(Type.Integer({ minimum: 0, description: 'Of refuse-above-floor' })),
  },
  { additionalProperties: false },
);
export type FreshnessStep = Static<typeof FreshnessStep>;
