import Type from 'typebox';
import { Fen, Page, PageQuery, PartyRef, PlaceRef, TapRow, Words } from '../api-types.ts';

export const TerminalsQuery = Type.Object({
  ...PageQuery,
  operator: Type.Optional(Type.String()),
  mode: Type.Optional(Type.String()),
  q: Type.Optional(Type.String({ maxLength: 60 })),
});

export const TerminalRow = Type.Object({
  terminalNo: Type.String({ description: 'Field 41' }),
  deviceNo: Type.String({ description: "The maker's number" }),
  profile: Type.String(),
  mode: Type.String(),
  operator: PartyRef,
  place: Type.Optional(PlaceRef),
  origin: Type.Union([Type.Literal('blueprint'), Type.Literal('enrolled')]),
  state: Type.Union([Type.Literal('enrolled'), Type.Literal('signed-in'), Type.Literal('settled')]),
  batchNo: Type.String(),
  tariffVersion: Type.String(),
  taps: Type.Integer(),
  chargedFen: Fen,
  exceptions: Type.Integer(),
  lastSeenAt: Type.Optional(Type.String({ description: 'UTC, ISO 8601' })),
});
export const TerminalPage = Page(TerminalRow);

export const TerminalDetail = Type.Object({
  terminal: TerminalRow,
  headline: Words,
  batches: Type.Array(
    Type.Object({
      batchNo: Type.String(),
      taps: Type.Integer(),
      chargedFen: Fen,
      settledAt: Type.Optional(Type.String()),
      totals: Type.Union([Type.Literal('equal'), Type.Literal('unequal'), Type.Null()]),
    }),
  ),
  taps: Type.Array(TapRow),
});
