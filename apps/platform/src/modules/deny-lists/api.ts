import Type, { type Static } from 'typebox';
import { Page, PageQuery, PartyRef, Words } from '../api-types.ts';
import { Approval } from '../approvals/api.ts';

const Id = Type.String({ pattern: '^[A-Za-z0-9-]{8,64}$', description: 'Idempotency key made by the sender' });
const Why = Type.String({ minLength: 3, maxLength: 400 });
const Scope = Type.String({ description: '"card", or an application of the blueprint', maxLength: 31 });
const CardNo = Type.String({ pattern: '^[0-9]{8,19}$', description: 'Account number; kept sealed, never answered' });
const CardToken = Type.String({ pattern: '^[0-9A-F]{16}$' });
const ENTRIES_MAX = 1000;

export const AddBody = Type.Object({
  id: Id,
  why: Why,
  entries: Type.Array(
    Type.Object({
      cardNo: Type.Optional(CardNo),
      cardToken: Type.Optional(CardToken),
      scope: Type.Optional(Scope),
      reason: Type.String({ description: 'A reason of deny-lists.yaml', maxLength: 31 }),
    }),
    { minItems: 1, maxItems: ENTRIES_MAX },
  ),
});
export type AddBody = Static<typeof AddBody>;
export const AddAnswer = Type.Object({ added: Type.Integer(), known: Type.Integer() });

export const RemoveBody = Type.Object({
  id: Id,
  why: Why,
  entries: Type.Array(
    Type.Object({
      cardNo: Type.Optional(CardNo),
      cardToken: Type.Optional(CardToken),
      scope: Type.Optional(Scope),
    }),
    { minItems: 1, maxItems: ENTRIES_MAX },
  ),
});
export type RemoveBody = Static<typeof RemoveBody>;
export const RemoveAnswer = Type.Object({ removed: Type.Integer(), notListed: Type.Integer() });

export const ImportBody = Type.Object({
  id: Id,
  why: Why,
  fileName: Type.String({ minLength: 1, maxLength: 200 }),
  csv: Type.String({
    description: 'One account number a line, or columns cardNo, scope, reason named in the first line',
  }),
  scope: Type.Optional(Scope),
  reason: Type.Optional(Type.String({ maxLength: 31 })),
});
export type ImportBody = Static<typeof ImportBody>;
export const ImportAnswer = Type.Object({
  lines: Type.Integer(),
  added: Type.Integer(),
  known: Type.Integer(),
  refused: Type.Integer(),
  refusals: Type.Array(Type.Object({ line: Type.Integer(), problem: Type.String() })),
});

export const PublishBody = Type.Object({ id: Id, why: Why });
export type PublishBody = Static<typeof PublishBody>;

const Count = Type.Object({
  scope: Type.String(),
  scopeName: Words,
  reason: Type.String(),
  reasonName: Words,
  lockOnSight: Type.Boolean(),
  cards: Type.Integer(),
});

const Version = Type.Object({
  version: Type.Integer(),
  issuedAt: Type.String({ description: 'UTC, ISO 8601' }),
  cards: Type.Integer(),
  added: Type.Integer(),
  removed: Type.Integer(),
  snapshotBytes: Type.Integer(),
  deltaBytes: Type.Integer(),
  digest: Type.String(),
  builtMs: Type.Integer(),
  requestedBy: Type.String(),
  approvedBy: Type.Array(Type.String()),
  why: Type.String(),
});

export const FreshnessState = Type.Union([
  Type.Literal('fresh'),
  Type.Literal('warn'),
  Type.Literal('refuse-above-floor'),
  Type.Literal('refuse-all'),
  Type.Literal('none', { description: 'It never said that it holds a list' }),
]);

export const DenyListOverview = Type.Object({
  headline: Words,
  version: Type.Integer({ description: 'Current version; 0 before the first' }),
  cards: Type.Integer(),
  issuedAt: Type.Optional(Type.String()),
  waiting: Type.Object({ added: Type.Integer(), removed: Type.Integer() }),
  requests: Type.Array(Approval, { description: 'Publications that wait for somebody else' }),
  counts: Type.Array(Count),
  versions: Type.Array(Version),
  fleet: Type.Object({
    terminals: Type.Integer(),
    current: Type.Integer({ description: 'Terminals that hold the current version' }),
    byVersion: Type.Array(
      Type.Object({ version: Type.Union([Type.Integer(), Type.Null()]), terminals: Type.Integer() }),
    ),
    byState: Type.Array(Type.Object({ state: FreshnessState, terminals: Type.Integer() })),
  }),
  rules: Type.Object({
    distributionMinutes: Type.Integer(),
    deltasKept: Type.Integer(),
    reasons: Type.Array(
      Type.Object({
        id: Type.String(),
        code: Type.String(),
        name: Words,
        of: Type.Union([Type.Literal('card'), Type.Literal('application'), Type.Literal('any')]),
        lockOnSight: Type.Boolean(),
      }),
    ),
    scopes: Type.Array(Type.Object({ id: Type.String(), name: Words })),
  }),
});

export const EntryState = Type.Union([
  Type.Literal('waiting', { description: 'To be listed with the next version' }),
  Type.Literal('listed'),
  Type.Literal('leaving', { description: 'Listed; to be taken off with the next version' }),
  Type.Literal('off', { description: 'Was listed or to be listed' }),
]);
export const EntriesQuery = Type.Object({
  ...PageQuery,
  scope: Type.Optional(Scope),
  reason: Type.Optional(Type.String({ maxLength: 31 })),
  state: Type.Optional(EntryState),
  q: Type.Optional(Type.String({ maxLength: 60, description: 'Token or last digits of the account number' })),
});
export const DenyEntryRow = Type.Object({
  cardToken: Type.String(),
  panMasked: Type.String(),
  isCardHere: Type.Boolean({ description: 'Whether the card was issued here and has a page' }),
  scope: Type.String(),
  scopeName: Words,
  reason: Type.String(),
  reasonName: Words,
  lockOnSight: Type.Boolean(),
  state: EntryState,
  listedInVersion: Type.Optional(Type.Integer()),
  removedInVersion: Type.Optional(Type.Integer()),
  why: Type.String(),
  addedBy: Type.String(),
  addedAt: Type.String(),
  removedBy: Type.Optional(Type.String()),
  removedAt: Type.Optional(Type.String()),
  removedWhy: Type.Optional(Type.String()),
});
export const EntryPage = Page(DenyEntryRow);

export const FleetQuery = Type.Object({
  ...PageQuery,
  state: Type.Optional(FreshnessState),
  version: Type.Optional(Type.Integer({ minimum: 0 })),
  stale: Type.Optional(Type.Boolean({ description: 'Only terminals whose list is not fresh' })),
});
export const FleetRow = Type.Object({
  terminalNo: Type.String(),
  profile: Type.String(),
  operator: PartyRef,
  version: Type.Optional(Type.Integer()),
  behind: Type.Optional(Type.Integer({ description: 'Versions it lacks' })),
  acknowledgedAt: Type.Optional(Type.String()),
  confirmedAt: Type.Optional(Type.String()),
  ageMinutes: Type.Optional(Type.Integer()),
  state: FreshnessState,
});
export const FleetPage = Page(FleetRow);

const HitOutcome = Type.Union([
  Type.Literal('refused'),
  Type.Literal('locked'),
  Type.Literal('lock-refused'),
  Type.Literal('lock-unknown'),
]);
export const HitRow = Type.Object({
  cardToken: Type.String(),
  panMasked: Type.String(),
  terminalNo: Type.String(),
  at: Type.String(),
  scope: Type.String(),
  scopeName: Words,
  reason: Type.String(),
  reasonName: Words,
  outcome: HitOutcome,
  listVersion: Type.Integer(),
  receivedAt: Type.String(),
});
export const HitPage = Page(HitRow);

export const CardListing = Type.Object({
  entries: Type.Array(DenyEntryRow),
  hits: Type.Array(HitRow),
  rides: Type.Array(
    Type.Object({
      tapId: Type.String(),
      party: Type.Union([Type.Literal('operator'), Type.Literal('issuer')]),
      ground: Type.Union([
        Type.Literal('held-and-accepted'),
        Type.Literal('list-too-old'),
        Type.Literal('in-distribution'),
      ]),
      heldVersion: Type.Integer(),
      listedInVersion: Type.Integer(),
      explanation: Words,
    }),
    { description: 'Rides of the card that were let through while it was listed, and who answers for them' },
  ),
});
