import Type, { type Static } from 'typebox';
import { BusinessDate, Fen, Words } from '../api-types.ts';

export const Campaign = Type.Object({
  tariff: Type.String(),
  tariffName: Words,
  mode: Type.String(),
  promotion: Type.String(),
  name: Words,
  state: Type.Union([
    Type.Literal('coming', { description: 'Its period has not begun' }),
    Type.Literal('running'),
    Type.Literal('used-up', { description: 'Ended: the budget is given away, but for its margin' }),
    Type.Literal('over', { description: 'Its period has ended' }),
    Type.Literal('gone', { description: 'The parameters in force have it no more' }),
  ]),
  from: Type.Optional(Type.String({ description: 'First local date, YYYY-MM-DD' })),
  until: Type.Optional(Type.String({ description: 'Last local date, YYYY-MM-DD' })),
  budgetFen: Type.Optional(Fen),
  endMarginFen: Fen,
  givenFen: Fen,
  rides: Type.Integer(),
  overFen: Type.Integer({ description: 'Given beyond the budget, by terminals that had not heard of the end' }),
  endedAt: Type.Optional(Type.String({ description: 'UTC, ISO 8601' })),
  told: Type.Optional(
    Type.Object(
      { terminals: Type.Integer(), of: Type.Integer() },
      { description: 'Terminals of the mode that know of the end, of all of them' },
    ),
  ),
  forecast: Type.Optional(
    Type.Object(
      {
        perDayFen: Fen,
        usedUpOn: Type.Optional(BusinessDate),
        atEndFen: Type.Optional(Type.Integer({ description: 'Given by the end of its period at this pace' })),
      },
      { description: 'At the pace of the last seven business days that it was given on' },
    ),
  ),
  days: Type.Array(Type.Object({ businessDate: BusinessDate, rides: Type.Integer(), givenFen: Fen })),
});
export type Campaign = Static<typeof Campaign>;
