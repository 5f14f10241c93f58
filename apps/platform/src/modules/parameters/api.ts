import Type, { type Static } from 'typebox';
import { Fen, LocalTime, Words } from '../api-types.ts';

export const VersionState = Type.Union(
  [
    Type.Literal('draft', { description: 'May be edited' }),
    Type.Literal('checked', { description: 'Nothing was found; may be rehearsed and proposed' }),
    Type.Literal('waiting', { description: 'For a second person' }),
    Type.Literal('refused', { description: 'By the second person; may be edited again' }),
    Type.Literal('approved', { description: 'May be rolled out' }),
    Type.Literal('rolling-out', { description: 'Some stages are open' }),
    Type.Literal('in-force', { description: 'Every stage is open and its instant has come' }),
    Type.Literal('superseded', { description: 'Was in force' }),
    Type.Literal('stopped', { description: 'At its first stage, by the canary rule or a person' }),
    Type.Literal('rolled-back', { description: 'Terminals return to the version before' }),
  ],
  { description: 'Where a parameter version stands' },
);
export type VersionState = Static<typeof VersionState>;

export const VersionName = Type.String({ pattern: '^[0-9A-Za-z-]{1,8}$', description: 'As terminals name it' });

export const Content = Type.Object(
  {
    tariffs: Type.Record(Type.String({ pattern: '^tariffs/[^/]+\\.yaml$' }), Type.Unknown(), {
      description: 'By file of the blueprint; schema/tariff.schema.json',
    }),
    cardClasses: Type.Array(Type.Unknown(), { description: '`classes` of schema/cards.schema.json' }),
    terminals: Type.Record(Type.String(), Type.Unknown(), {
      description: 'schema/terminals.schema.json without the list of devices',
    }),
  },
  { additionalProperties: false, description: 'Tariffs, card classes, terminal profiles, CA keys' },
);

export const Finding = Type.Object({
  code: Type.String(),
  file: Type.String(),
  path: Type.String({ description: 'JSON Pointer inside the file' }),
  reason: Type.String(),
  remedy: Type.String(),
  title: Words,
  remedyZh: Type.String(),
});

export const Change = Type.Object({
  kind: Type.Union([Type.Literal('added'), Type.Literal('removed'), Type.Literal('changed')]),
  path: Type.String(),
  from: Type.Optional(Type.Unknown()),
  to: Type.Optional(Type.Unknown()),
  words: Words,
});
export type Change = Static<typeof Change>;

/** Which terminals a stage holds; several conditions must all hold. */
export const Stage = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 60 }),
    terminals: Type.Optional(Type.Array(Type.String(), { description: 'By number: a named group' })),
    sharePercent: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 100, description: 'Of those the rest leaves' }),
    ),
    operators: Type.Optional(Type.Array(Type.String())),
    places: Type.Optional(Type.Array(Type.String(), { description: 'Codes of places' })),
    profiles: Type.Optional(Type.Array(Type.String())),
    effectiveAt: Type.Optional(LocalTime),
  },
  { additionalProperties: false },
);
export type Stage = Static<typeof Stage>;

export const Limits = Type.Object(
  {
    ridesMin: Type.Integer({ minimum: 1, description: 'Rides of the canary before it is judged' }),
    fareExceptionsPerMilleMax: Type.Number({
      minimum: 0,
      description: 'Rides whose fare clearing computes otherwise, by the approved content',
    }),
    refusalsPerMilleMax: Type.Number({
      minimum: 0,
      description: 'Cards that canary terminals turned away, of their taps',
    }),
    changePercentMax: Type.Number({
      minimum: 0,
      description: 'Revenue of the same rides against the version before, up or down',
    }),
    beyondRehearsalPercentMax: Type.Number({
      minimum: 0,
      description: 'How far that change may lie from the rehearsed one, in percentage points',
    }),
    takenPercentMin: Type.Number({
      minimum: 0,
      maximum: 100,
      description: 'Canary terminals that have it before the next stage',
    }),
  },
  { additionalProperties: false, description: 'What stops a faulty version at its canary' },
);
export type Limits = Static<typeof Limits>;

export const Plan = Type.Object(
  {
    effectiveAt: LocalTime,
    stages: Type.Array(Stage, {
      description: 'The first is the canary, the last holds all others',
    }),
    limits: Type.Optional(Type.Partial(Limits)),
  },
  { additionalProperties: false },
);
export type Plan = Static<typeof Plan>;
export type StatedPlan = Plan & { readonly limits: Limits };

const Id = Type.String({ pattern: '^[A-Za-z0-9-]{8,64}$', description: 'Idempotency key made by the sender' });
const Why = Type.String({ minLength: 3, maxLength: 400 });

export const DraftBody = Type.Object({
  id: Id,
  title: Type.String({ minLength: 1, maxLength: 120 }),
  from: Type.Optional(
    Type.String({ description: 'A version, or `blueprint` for what its folder states; else the one in force' }),
  ),
});
export const SaveBody = Type.Object({
  title: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
  content: Content,
});
export const ProposalBody = Type.Object({ id: Id, why: Why, plan: Plan });
export const RehearsalBody = Type.Object({
  from: Type.Optional(Type.String({ description: 'First business date' })),
  until: Type.Optional(Type.String({ description: 'Last business date' })),
  ridesMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000, default: 100_000 })),
});
export const ActBody = Type.Object({ why: Why });
export const AdvanceBody = Type.Object({
  why: Why,
  stage: Type.Integer({ minimum: 1, description: 'The stage to open: sent twice, it is opened once' }),
  effectiveAt: Type.Optional(LocalTime),
  despite: Type.Optional(Type.Boolean({ description: 'Although the canary is not yet judged good' })),
});
export const RollBackBody = Type.Object({
  why: Why,
  at: Type.Optional(Type.String({ description: 'Local time; else terminals return when they next talk' })),
});

export const VersionRow = Type.Object({
  version: VersionName,
  title: Type.String(),
  state: VersionState,
  basedOn: Type.Optional(Type.String()),
  findings: Type.Integer(),
  createdBy: Type.String(),
  createdAt: Type.String(),
  changedAt: Type.String(),
  terminals: Type.Integer({ description: 'That compute with it now' }),
  effectiveAt: Type.Optional(LocalTime),
});
export const VersionList = Type.Array(VersionRow);

export const Tally = Type.Object({
  key: Type.String(),
  name: Words,
  rides: Type.Integer(),
  more: Type.Integer(),
  less: Type.Integer(),
  same: Type.Integer(),
  beforeFen: Fen,
  afterFen: Fen,
});
export type Tally = Static<typeof Tally>;

export const RideExample = Type.Object({
  tapId: Type.String(),
  at: LocalTime,
  cardClass: Type.String(),
  beforeFen: Type.Optional(Fen),
  afterFen: Type.Optional(Fen),
  words: Words,
});
export type RideExample = Static<typeof RideExample>;

export const Rehearsal = Type.Object({
  state: Type.Union([
    Type.Literal('running'),
    Type.Literal('done'),
    Type.Literal('failed'),
    Type.Literal('interrupted'),
  ]),
  digest: Type.String({ description: 'Of the content that was rehearsed' }),
  against: VersionName,
  startedAt: Type.String(),
  endedAt: Type.Optional(Type.String()),
  read: Type.Integer({ description: 'Recorded rides read so far' }),
  problem: Type.Optional(Type.String()),
  result: Type.Optional(
    Type.Object({
      rides: Type.Integer(),
      cards: Type.Integer(),
      more: Type.Integer(),
      less: Type.Integer(),
      same: Type.Integer(),
      notComputed: Type.Integer(),
      beforeFen: Fen,
      afterFen: Fen,
      from: Type.Optional(Type.String()),
      until: Type.Optional(Type.String()),
      byClass: Type.Array(Tally),
      byLine: Type.Array(Tally, { description: 'Metro line first ridden, or bus route; the fifty with most rides' }),
      byOperator: Type.Array(Tally),
      revenue: Type.Array(Type.Object({ operator: Type.String(), name: Words, beforeFen: Fen, afterFen: Fen })),
      differences: Type.Array(Type.Object({ differenceFen: Fen, rides: Type.Integer() })),
      odd: Type.Array(
        Type.Object({ kind: Type.String(), name: Words, rides: Type.Integer(), examples: Type.Array(RideExample) }),
      ),
      examples: Type.Array(RideExample),
    }),
  ),
});
export type Rehearsal = Static<typeof Rehearsal>;

export const StageProgress = Type.Object({
  stage: Type.Integer(),
  name: Type.String(),
  terminals: Type.Integer(),
  /** Have downloaded it. */
  taken: Type.Integer({ description: 'Have downloaded it' }),
  using: Type.Integer({ description: 'Compute with it, as they last said' }),
  openedAt: Type.Optional(Type.String()),
  effectiveAt: Type.Optional(LocalTime),
});

export const Measure = Type.Object({
  limit: Type.String({ description: 'Name of the limit in the plan' }),
  found: Type.Number(),
  allowed: Type.Number(),
  holds: Type.Boolean(),
  words: Words,
});
export type Measure = Static<typeof Measure>;

export const Canary = Type.Object({
  verdict: Type.Union([Type.Literal('waiting'), Type.Literal('good'), Type.Literal('faulty')]),
  terminals: Type.Integer(),
  rides: Type.Integer(),
  measures: Type.Array(Measure),
});
export type Canary = Static<typeof Canary>;

export const VersionDetail = Type.Object({
  ...VersionRow.properties,
  headline: Words,
  content: Content,
  digest: Type.String(),
  problems: Type.Array(Finding),
  checkedAt: Type.Optional(Type.String()),
  changes: Type.Array(Change),
  rehearsal: Type.Optional(Rehearsal),
  plan: Type.Optional(Plan),
  approvalId: Type.Optional(Type.String()),
  stages: Type.Array(StageProgress),
  canary: Type.Optional(Canary),
  events: Type.Array(
    Type.Object({ at: Type.String(), who: Type.String(), what: Type.String(), detail: Type.Unknown() }),
  ),
});

/** What an act answers: where the version stands after it. */
export const VersionStanding = Type.Object({
  ...VersionRow.properties,
  headline: Words,
  problems: Type.Array(Finding),
});

export const HeldRow = Type.Object({
  terminalNo: Type.String(),
  operator: Words,
  place: Words,
  stage: Type.Optional(Type.Integer()),
  current: Type.String({ description: 'The version it said it computes with' }),
  expected: Type.String({ description: 'The one it should have now' }),
  next: Type.Optional(Type.String({ description: 'The one it keeps as next' })),
  nextFrom: Type.Optional(LocalTime),
  isNextTold: Type.Optional(Type.Boolean({ description: 'It has downloaded the next one' })),
  lastSeenAt: Type.Optional(Type.String()),
});
