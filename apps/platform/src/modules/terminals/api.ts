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

const Version = Type.Object({
  version: Type.String(),
  from: Type.String({ description: 'Local time from which it holds' }),
  isHeld: Type.Boolean({ description: 'Whether the terminal has asked for it' }),
});

export const TerminalDetail = Type.Object({
  terminal: TerminalRow,
  headline: Words,
  lastSequence: Type.Integer({ description: "The terminal's own number of its last tap here" }),
  parameters: Type.Object({ current: Version, next: Type.Optional(Version) }),
  denyList: Type.Optional(
    Type.Object({ version: Type.Integer(), confirmedAt: Type.String({ description: 'UTC, ISO 8601' }) }),
  ),
  batches: Type.Array(
    Type.Object({
      batchNo: Type.String(),
      taps: Type.Integer(),
      chargedFen: Fen,
      settledAt: Type.Optional(Type.String()),
      totals: Type.Union([Type.Literal('equal'), Type.Literal('unequal'), Type.Null()]),
    }),
  ),
  modesAskedAt: Type.Optional(
    Type.String({ description: 'When it last asked for mode orders and ends of campaigns; UTC, ISO 8601' }),
  ),
  journal: Type.Array(
    Type.Object({
      sequenceNo: Type.Integer({ description: "The terminal's own number of the tap" }),
      batchNo: Type.String(),
      traceNo: Type.String({ description: 'Field 11' }),
      receivedAt: Type.String({ description: 'UTC, ISO 8601' }),
      tap: TapRow,
    }),
    { description: 'Its newest uploads' },
  ),
  missing: Type.Array(Type.Object({ from: Type.Integer(), to: Type.Integer() }), {
    description: 'Numbers of taps that never came, the newest first',
  }),
});

export const TerminalMessages = Type.Array(
  Type.Object({
    at: Type.String({ description: 'UTC, ISO 8601' }),
    direction: Type.Union([Type.Literal('from-terminal'), Type.Literal('to-terminal')]),
    mti: Type.String(),
    name: Words,
    code: Type.Optional(Type.String({ description: 'Field 39' })),
    bytes: Type.Integer(),
    fields: Type.Array(Type.Object({ field: Type.String(), name: Words, hex: Type.String(), text: Type.String() })),
  }),
);
