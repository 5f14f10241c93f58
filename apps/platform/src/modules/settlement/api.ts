import Type from 'typebox';
import { BusinessDate, Fen, PartyRef, Words } from '../api-types.ts';

export const SettlementDay = Type.Object({
  businessDate: BusinessDate,
  state: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
  taps: Type.Integer(),
  chargedFen: Fen,
  postings: Type.Integer(),
  sumFen: Fen,
});
export const SettlementDays = Type.Array(SettlementDay);

export const SettlementDetail = Type.Object({
  day: SettlementDay,
  headline: Words,
  positions: Type.Array(
    Type.Object({
      party: PartyRef,
      kind: Type.String(),
      receivesFen: Fen,
      paysFen: Fen,
      netFen: Type.Integer({ description: 'Positive: the party is paid; negative: it pays' }),
    }),
  ),
  accounts: Type.Array(
    Type.Object({
      account: Type.String(),
      party: Type.Optional(PartyRef),
      debitFen: Fen,
      creditFen: Fen,
      balanceFen: Type.Integer(),
    }),
  ),
  flows: Type.Array(Type.Object({ from: PartyRef, to: PartyRef, amountFen: Fen }), {
    description: 'Who owes whom before netting',
  }),
  closedAt: Type.Optional(Type.String()),
  closedBy: Type.Optional(Type.String()),
});
