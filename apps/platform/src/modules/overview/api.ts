import Type, { type Static } from 'typebox';
import { BusinessDate, ExceptionReason, Fen, PartyRef, TapRow } from '../api-types.ts';

export const OverviewQuery = Type.Object({ date: Type.Optional(BusinessDate) });

export const Overview = Type.Object({
  businessDate: Type.Union([BusinessDate, Type.Null()], {
    description: 'The day shown; null when nothing was uploaded yet',
  }),
  businessDates: Type.Array(BusinessDate, { description: 'Days with taps, newest first' }),
  totals: Type.Object({
    taps: Type.Integer(),
    entries: Type.Integer(),
    exits: Type.Integer(),
    boardings: Type.Integer(),
    chargedFen: Fen,
    discountFen: Fen,
    cards: Type.Integer({ description: 'Cards that tapped on this day' }),
    cardsIssued: Type.Integer({ description: 'All cards issued' }),
    terminals: Type.Integer({ description: 'Terminals that uploaded on this day' }),
    terminalsEnrolled: Type.Integer(),
    cryptogramsVerified: Type.Integer(),
    cryptogramsFailed: Type.Integer(),
    exceptionsOpen: Type.Integer(),
    waiting: Type.Integer({ description: 'Received, not yet cleared' }),
  }),
  perMinute: Type.Array(
    Type.Object({
      minute: Type.String({ description: 'hh:mm local' }),
      entries: Type.Integer(),
      exits: Type.Integer(),
      boardings: Type.Integer(),
      chargedFen: Fen,
    }),
  ),
  operators: Type.Array(
    Type.Object({
      operator: PartyRef,
      mode: Type.String(),
      taps: Type.Integer(),
      chargedFen: Fen,
      exceptions: Type.Integer(),
    }),
  ),
  exceptions: Type.Array(Type.Object({ reason: ExceptionReason, count: Type.Integer() })),
  latest: Type.Array(TapRow),
  settlement: Type.Object({ state: Type.Union([Type.Literal('none'), Type.Literal('open'), Type.Literal('closed')]) }),
});
export type Overview = Static<typeof Overview>;
