import Type from 'typebox';
import { DecodedRecord, Fen, LocalTime, Page, PageQuery, PartyRef, TapRow, Words } from '../api-types.ts';

export const CardsQuery = Type.Object({
  ...PageQuery,
  issuer: Type.Optional(Type.String()),
  cardClass: Type.Optional(Type.String()),
  product: Type.Optional(Type.String()),
  q: Type.Optional(Type.String({ maxLength: 60, description: 'Token or last digits of the PAN' })),
});

export const CardRow = Type.Object({
  token: Type.String(),
  panMasked: Type.String(),
  issuer: PartyRef,
  product: Type.String(),
  productName: Words,
  cardClass: Type.String(),
  cardClassName: Words,
  state: Type.String(),
  balanceFen: Type.Union([Fen, Type.Null()], {
    description: 'Shadow balance: issued value minus cleared taps; null when unknown',
  }),
  taps: Type.Integer(),
  lastTapAt: Type.Optional(LocalTime),
});
export const CardPage = Page(CardRow);

export const CardDetail = Type.Object({
  card: CardRow,
  headline: Words,
  issuedAt: Type.String(),
  applications: Type.Array(
    Type.Object({
      id: Type.String(),
      name: Words,
      sfis: Type.Array(Type.String()),
      keys: Type.Array(Type.String()),
      memoryBytes: Type.Integer({ description: 'What it takes on the card, as the specification states it' }),
    }),
  ),
  records: Type.Array(DecodedRecord, { description: 'Last state of each record that a tap uploaded' }),
  taps: Type.Array(TapRow),
});
