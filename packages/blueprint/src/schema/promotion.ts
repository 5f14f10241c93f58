/** Promotions, cumulation and caps of a tariff: rules beside the discounts of the card classes. */
import Type, { type Static } from 'typebox';
import { Fen, Identifier, LocalName } from './primitives.ts';

const LocalDate = Type.String({ pattern: '^[0-9]{8}$', description: 'Local date YYYYMMDD' });
const ClockTime = Type.String({ pattern: '^([01][0-9]|2[0-3])[0-5][0-9]$', description: 'Local time hhmm' });
const OperatorCode = Type.String({ pattern: '^[0-9]{4}$', description: 'Code of an operator in parties.yaml' });
const CardClasses = Type.Array(Identifier, { minItems: 1, description: 'Absent: every class' });

/** Every condition that is given must hold. */
export const PromotionConditions = Type.Object(
  {
    cardClasses: Type.Optional(CardClasses),
    from: Type.Optional(LocalDate),
    until: Type.Optional(Type.String({ pattern: '^[0-9]{8}$', description: 'Last local date, included' })),
    weekdays: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1, description: '1 Monday to 7 Sunday' }),
    ),
    hours: Type.Optional(
      Type.Array(Type.Object({ from: ClockTime, until: ClockTime }, { additionalProperties: false }), {
        minItems: 1,
        description: 'Of the tap that charges; the end is not included; an end before its beginning is past midnight',
      }),
    ),
    stations: Type.Optional(Type.Array(Identifier, { minItems: 1, description: 'Entry or exit is one of these' })),
    routes: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    operators: Type.Optional(Type.Array(OperatorCode, { minItems: 1 })),
  },
  { additionalProperties: false },
);
export type PromotionConditions = Static<typeof PromotionConditions>;

export const Promotion = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    priority: Type.Integer({ minimum: 0, maximum: 999, description: 'Lower comes first' }),
    stacking: Type.Union([
      Type.Literal('add', { description: 'After the class discount and promotions before it' }),
      Type.Literal('instead', { description: 'In place of the class discount, where it is cheaper' }),
      Type.Literal('last', { description: 'Like add, and no promotion after it' }),
    ]),
    when: PromotionConditions,
    rule: Type.Union([
      Type.Object(
        { kind: Type.Literal('percent'), percentOff: Type.Number({ minimum: 0, maximum: 100 }) },
        { additionalProperties: false },
      ),
      Type.Object({ kind: Type.Literal('deduct'), deductFen: Fen }, { additionalProperties: false }),
      Type.Object({ kind: Type.Literal('price'), priceFen: Fen }, { additionalProperties: false }),
    ]),
    budgetFen: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'What the campaign may give away in all: used up, the platform ends it',
      }),
    ),
    endMarginFen: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Ends when only so much of the budget is left: for what terminals give until they have heard',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Promotion = Static<typeof Promotion>;

/** A campaign that its budget ended. */
export const EndedCampaign = Type.Object(
  { tariff: Identifier, promotion: Identifier },
  { additionalProperties: false, description: 'A promotion of a tariff, by their ids' },
);
export type EndedCampaign = Static<typeof EndedCampaign>;

export const Cumulation = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    cardClasses: Type.Optional(CardClasses),
    bands: Type.Array(
      Type.Object(
        {
          fromFen: Type.Integer({ minimum: 1, description: 'Paid this month in this mode before the ride' }),
          percentOff: Type.Number({ minimum: 0, maximum: 100 }),
        },
        { additionalProperties: false },
      ),
      { minItems: 1, description: 'Rising' },
    ),
  },
  { additionalProperties: false, description: 'Cheaper rides the more a card has paid this month, by its own record' },
);
export type Cumulation = Static<typeof Cumulation>;

export const Caps = Type.Object(
  {
    id: Identifier,
    name: LocalName,
    cardClasses: Type.Optional(CardClasses),
    dayFen: Type.Optional(Type.Integer({ minimum: 1, description: 'Needs dayTotal in the record of the mode' })),
    monthFen: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false, description: 'The most a card pays in this mode; rides beyond are free' },
);
export type Caps = Static<typeof Caps>;

/** Which rides give and take a transfer, beyond mode and window. */
export const TransferLimits = {
  operatorPairs: Type.Optional(
    Type.Array(Type.Object({ from: OperatorCode, to: OperatorCode }, { additionalProperties: false }), {
      minItems: 1,
      description: 'Absent: between all operators',
    }),
  ),
  legsMax: Type.Optional(
    Type.Integer({ minimum: 2, maximum: 20, description: 'Rides that hang together by transfers; absent: no limit' }),
  ),
};
