/** Shapes that several modules answer with. Amounts are integer fen; times are local to the region, `YYYY-MM-DDThh:mm:ss`. */
import Type, { type Static, type TSchema } from 'typebox';

export const Words = Type.Object(
  { en: Type.String(), zh: Type.String() },
  { description: 'The same in English and Chinese' },
);
export type Words = Static<typeof Words>;

export const LocalTime = Type.String({ description: "Local time in the region's zone, YYYY-MM-DDThh:mm:ss" });
export const BusinessDate = Type.String({
  pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
  description: 'Business date, YYYY-MM-DD',
});
export const Fen = Type.Integer({ description: 'Amount in fen' });

export const Problem = Type.Object(
  {
    code: Type.String({ description: 'From the error catalogue, e.g. POLYCARD_SESSION_REQUIRED' }),
    message: Words,
    where: Type.Optional(Type.String({ description: 'Field that was wrong' })),
    action: Type.Optional(Words),
  },
  { description: 'What went wrong, where, and what to do' },
);
export type Problem = Static<typeof Problem>;

export const TapKind = Type.Union([
  Type.Literal('entry'),
  Type.Literal('exit'),
  Type.Literal('boarding'),
  Type.Literal('counter'),
  Type.Literal('purchase', { description: 'In a shop: paid offline, no industry record written' }),
  Type.Literal('alighting'),
]);

export const TapState = Type.Union(
  [
    Type.Literal('received', { description: 'Durable, not yet cleared' }),
    Type.Literal('cleared', { description: 'Proved, fare confirmed, posted' }),
    Type.Literal('suspended', { description: 'On the exception list, not posted' }),
    Type.Literal('settled', { description: 'In the net positions of a closed day' }),
  ],
  { description: 'Where a tap stands' },
);

export const ExceptionReason = Type.Union([
  Type.Literal('format'),
  Type.Literal('unknown-terminal'),
  Type.Literal('unknown-card'),
  Type.Literal('duplicate'),
  Type.Literal('gap'),
  Type.Literal('cryptogram'),
  Type.Literal('fare'),
  Type.Literal('mac'),
  Type.Literal('batch-totals'),
  Type.Literal('torn'),
  Type.Literal('tariff-version'),
  Type.Literal('deny-list'),
  Type.Literal('missing-tap-off'),
  Type.Literal('load-untold'),
]);
export type ExceptionReason = Static<typeof ExceptionReason>;

export const PartyRef = Type.Object({ id: Type.String(), name: Words });
export const PlaceRef = Type.Object({ code: Type.String(), name: Words });

export const TapRow = Type.Object({
  id: Type.String(),
  kind: TapKind,
  state: TapState,
  at: LocalTime,
  businessDate: BusinessDate,
  cardToken: Type.String(),
  panMasked: Type.String(),
  cardClass: Type.String(),
  cardClassName: Words,
  operator: PartyRef,
  terminalNo: Type.String(),
  deviceNo: Type.String(),
  place: Type.Optional(PlaceRef),
  baseFen: Type.Optional(Fen),
  chargedFen: Fen,
  transfer: Type.Boolean(),
  cryptogram: Type.Union([Type.Literal('unchecked'), Type.Literal('verified'), Type.Literal('failed')]),
  exceptions: Type.Array(ExceptionReason),
});
export type TapRow = Static<typeof TapRow>;

export const Page = <T extends TSchema>(row: T) =>
  Type.Object({ total: Type.Integer(), page: Type.Integer(), pageSize: Type.Integer(), rows: Type.Array(row) });

export const PageQuery = {
  page: Type.Optional(Type.Integer({ minimum: 1, default: 1 })),
  pageSize: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  sort: Type.Optional(Type.String({ description: 'Column, with a leading - for descending' })),
};

export const FareStep = Type.Object({
  rule: Type.String(),
  en: Type.String(),
  zh: Type.String(),
  beforeFen: Fen,
  afterFen: Fen,
});

export const FareExplanation = Type.Object({
  tariff: Type.String(),
  version: Type.String(),
  baseFen: Fen,
  baseSource: Type.String(),
  metres: Type.Optional(Type.Number()),
  chargeFen: Fen,
  steps: Type.Array(FareStep),
});

/** One field of a decoded record or message, ready to show. */
export const DecodedField = Type.Object({
  name: Type.String(),
  title: Words,
  offset: Type.Optional(Type.Integer()),
  lengthBytes: Type.Optional(Type.Integer()),
  hex: Type.String(),
  value: Type.String(),
  clause: Type.Optional(Type.String()),
});

export const DecodedRecord = Type.Object({
  application: Type.String(),
  record: Type.String(),
  title: Words,
  sfi: Type.String(),
  recordId: Type.Optional(Type.String()),
  hex: Type.String(),
  fields: Type.Array(DecodedField),
});

/** A data object with its name; constructed ones have children. PANs and tracks are masked. */
export const TlvView = Type.Object({
  tag: Type.String(),
  name: Words,
  hex: Type.String(),
  text: Type.Optional(Type.String()),
  depth: Type.Integer(),
});

export const Posting = Type.Object({
  entryId: Type.String(),
  account: Type.String(),
  party: Type.Optional(PartyRef),
  amountFen: Fen,
  what: Words,
});
