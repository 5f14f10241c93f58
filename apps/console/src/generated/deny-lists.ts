// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { Approval } from './approvals.ts';
import type { Account } from './session.ts';
import type { PartyRef, Words } from './shapes.ts';
export type EntryState = "waiting" | "listed" | "leaving" | "off";
export type FreshnessState = "fresh" | "warn" | "refuse-above-floor" | "refuse-all" | "none";
export interface GetCardListingPath {
  token: string;
}
export interface ListDenyEntriesQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  scope?: string;
  reason?: string;
  state?: EntryState;
  q?: string;
}
export interface ListDenyListHitsQuery {
  page?: number;
  pageSize?: number;
}
export interface ListDenyListFleetQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  state?: FreshnessState;
  version?: number;
  stale?: boolean;
}
export interface DenyEntryRow {
  cardToken: string;
  panMasked: string;
  /**
   * Whether the card was issued here and has a page
   */
  isCardHere: boolean;
  scope: string;
  scopeName: Words;
  reason: string;
  reasonName: Words;
  lockOnSight: boolean;
  state: EntryState;
  listedInVersion?: number;
  removedInVersion?: number;
  why: string;
  addedBy: string;
  addedAt: string;
  removedBy?: string;
  removedAt?: string;
  removedWhy?: string;
}
export interface HitRow {
  cardToken: string;
  panMasked: string;
  terminalNo: string;
  at: string;
  scope: string;
  scopeName: Words;
  reason: string;
  reasonName: Words;
  outcome: "refused" | "locked" | "lock-refused" | "lock-unknown";
  listVersion: number;
  receivedAt: string;
}
export interface CardListing {
  entries: DenyEntryRow[];
  hits: HitRow[];
  /**
   * Rides of the card that were let through while it was listed, and who answers for them
   */
  rides: {
    tapId: string;
    party: "operator" | "issuer";
    ground: "held-and-accepted" | "list-too-old" | "in-distribution";
    heldVersion: number;
    listedInVersion: number;
    explanation: Words;
  }[];
}
export interface DenyListOverview {
  headline: Words;
  /**
   * Current version; 0 before the first
   */
  version: number;
  cards: number;
  issuedAt?: string;
  waiting: {
    added: number;
    removed: number;
  };
  /**
   * Publications that wait for somebody else
   */
  requests: Approval[];
  counts: {
    scope: string;
    scopeName: Words;
    reason: string;
    reasonName: Words;
    lockOnSight: boolean;
    cards: number;
  }[];
  versions: {
    version: number;
    /**
     * UTC, ISO 8601
     */
    issuedAt: string;
    cards: number;
    added: number;
    removed: number;
    snapshotBytes: number;
    deltaBytes: number;
    digest: string;
    builtMs: number;
    requestedBy: string;
    approvedBy: string[];
    why: string;
  }[];
  fleet: {
    terminals: number;
    /**
     * Terminals that hold the current version
     */
    current: number;
    byVersion: {
      version: number | null;
      terminals: number;
    }[];
    byState: {
      state: FreshnessState;
      terminals: number;
    }[];
  };
  rules: {
    distributionMinutes: number;
    deltasKept: number;
    reasons: {
      id: string;
      code: string;
      name: Words;
      of: "card" | "application" | "any";
      lockOnSight: boolean;
    }[];
    scopes: PartyRef[];
  };
}
export interface EntryPage {
  total: number;
  page: number;
  pageSize: number;
  rows: DenyEntryRow[];
}
export interface AddBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  entries: [
    {
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
      /**
       * A reason of deny-lists.yaml
       */
      reason: string;
    },
    ...{
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
      /**
       * A reason of deny-lists.yaml
       */
      reason: string;
    }[]
  ];
}
export interface AddAnswer {
  added: number;
  known: number;
}
export interface HitPage {
  total: number;
  page: number;
  pageSize: number;
  rows: HitRow[];
}
export interface ImportBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  fileName: string;
  /**
   * One account number a line, or columns cardNo, scope, reason named in the first line
   */
  csv: string;
  /**
   * "card", or an application of the blueprint
   */
  scope?: string;
  reason?: string;
}
export interface ImportAnswer {
  lines: number;
  added: number;
  known: number;
  refused: number;
  refusals: {
    line: number;
    problem: string;
  }[];
}
export interface PublishBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
}
export interface RemoveBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  entries: [
    {
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
    },
    ...{
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
    }[]
  ];
}
export interface RemoveAnswer {
  removed: number;
  notListed: number;
}
export interface FleetRow {
  terminalNo: string;
  profile: string;
  operator: PartyRef;
  version?: number;
  /**
   * Versions it lacks
   */
  behind?: number;
  acknowledgedAt?: string;
  confirmedAt?: string;
  ageMinutes?: number;
  state: FreshnessState;
}
export interface FleetPage {
  total: number;
  page: number;
  pageSize: number;
  rows: FleetRow[];
}
export type GetCardListingAnswer = CardListing;
export type GetDenyListsAnswer = DenyListOverview;
export type ListDenyEntriesAnswer = EntryPage;
export type AddDenyEntriesBody = AddBody;
export type AddDenyEntriesAnswer = AddAnswer;
export type ListDenyListHitsAnswer = HitPage;
export type ImportDenyEntriesBody = ImportBody;
export type ImportDenyEntriesAnswer = ImportAnswer;
export type RequestDenyListPublicationBody = PublishBody;
export type RequestDenyListPublicationAnswer = Approval;
export type RemoveDenyEntriesBody = RemoveBody;
export type RemoveDenyEntriesAnswer = RemoveAnswer;
export type ListDenyListFleetAnswer = FleetPage;

export interface DenyListsPaths {
  '/api/cards/{token}/deny-list': {
    get: { parameters: { query?: never; header?: never; path: GetCardListingPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetCardListingAnswer } } } };
  };
  '/api/deny-lists': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetDenyListsAnswer } } } };
  };
  '/api/deny-lists/entries': {
    get: { parameters: { query?: ListDenyEntriesQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListDenyEntriesAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': AddDenyEntriesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': AddDenyEntriesAnswer } } } };
  };
  '/api/deny-lists/hits': {
    get: { parameters: { query?: ListDenyListHitsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListDenyListHitsAnswer } } } };
  };
  '/api/deny-lists/imports': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ImportDenyEntriesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ImportDenyEntriesAnswer } } } };
  };
  '/api/deny-lists/publications': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RequestDenyListPublicationBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RequestDenyListPublicationAnswer } } } };
  };
  '/api/deny-lists/removals': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RemoveDenyEntriesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RemoveDenyEntriesAnswer } } } };
  };
  '/api/deny-lists/terminals': {
    get: { parameters: { query?: ListDenyListFleetQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListDenyListFleetAnswer } } } };
  };
}
