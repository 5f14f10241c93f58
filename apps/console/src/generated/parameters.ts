// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { Words } from './shapes.ts';
/**
 * Where a parameter version stands
 */
export type VersionState =
  | "draft"
  | "checked"
  | "waiting"
  | "refused"
  | "approved"
  | "rolling-out"
  | "in-force"
  | "superseded"
  | "stopped"
  | "rolled-back";
export type ListParameterVersionsAnswer = VersionRow[];
export interface ListHeldParametersQuery {
  page?: number;
  pageSize?: number;
  rollout?: string;
  stage?: number;
}
export interface ListHeldParametersAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: HeldRow[];
}
export interface HeldRow {
  terminalNo: string;
  operator: Words;
  place: Words;
  stage?: number;
  /**
   * The version it said it computes with
   */
  current: string;
  /**
   * The one it should have now
   */
  expected: string;
  /**
   * The one it keeps as next
   */
  next?: string;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  nextFrom?: string;
  /**
   * It has downloaded the next one
   */
  isNextTold?: boolean;
  lastSeenAt?: string;
}
export interface VersionRow {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  state: VersionState;
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
}
export interface GetParameterVersionPath {
  version: string;
}
export interface GetParameterVersionAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  state: VersionState;
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  headline: Words;
  /**
   * Tariffs, card classes, terminal profiles, CA keys
   */
  content: {
    /**
     * By file of the blueprint; schema/tariff.schema.json
     */
    tariffs: {
      [k: string]: unknown;
    };
    /**
     * `classes` of schema/cards.schema.json
     */
    cardClasses: unknown[];
    /**
     * schema/terminals.schema.json without the list of devices
     */
    terminals: {
      [k: string]: unknown;
    };
  };
  digest: string;
  problems: Finding[];
  checkedAt?: string;
  changes: Change[];
  rehearsal?: Rehearsal;
  plan?: Plan;
  approvalId?: string;
  stages: StageProgress[];
  canary?: Canary;
  events: {
    at: string;
    who: string;
    what: string;
    detail: unknown;
  }[];
}
export interface Finding {
  code: string;
  file: string;
  /**
   * JSON Pointer inside the file
   */
  path: string;
  reason: string;
  remedy: string;
  title: Words;
  remedyZh: string;
}
export interface Change {
  kind: "added" | "removed" | "changed";
  path: string;
  from?: unknown;
  to?: unknown;
  words: Words;
}
export interface Rehearsal {
  state: "running" | "done" | "failed" | "interrupted";
  /**
   * Of the content that was rehearsed
   */
  digest: string;
  /**
   * As terminals name it
   */
  against: string;
  startedAt: string;
  endedAt?: string;
  /**
   * Recorded rides read so far
   */
  read: number;
  problem?: string;
  result?: {
    rides: number;
    cards: number;
    more: number;
    less: number;
    same: number;
    notComputed: number;
    /**
     * Amount in fen
     */
    beforeFen: number;
    /**
     * Amount in fen
     */
    afterFen: number;
    from?: string;
    until?: string;
    byClass: Tally[];
    /**
     * Metro line first ridden, or bus route; the fifty with most rides
     */
    byLine: Tally[];
    byOperator: Tally[];
    revenue: {
      operator: string;
      name: Words;
      /**
       * Amount in fen
       */
      beforeFen: number;
      /**
       * Amount in fen
       */
      afterFen: number;
    }[];
    differences: {
      /**
       * Amount in fen
       */
      differenceFen: number;
      rides: number;
    }[];
    odd: {
      kind: string;
      name: Words;
      rides: number;
      examples: RideExample[];
    }[];
    examples: RideExample[];
  };
}
export interface Tally {
  key: string;
  name: Words;
  rides: number;
  more: number;
  less: number;
  same: number;
  /**
   * Amount in fen
   */
  beforeFen: number;
  /**
   * Amount in fen
   */
  afterFen: number;
}
export interface RideExample {
  tapId: string;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  at: string;
  cardClass: string;
  /**
   * Amount in fen
   */
  beforeFen?: number;
  /**
   * Amount in fen
   */
  afterFen?: number;
  words: Words;
}
export interface Plan {
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt: string;
  /**
   * The first is the canary, the last holds all others
   */
  stages: Stage[];
  limits?: {
    /**
     * Rides of the canary before it is judged
     */
    ridesMin?: number;
    /**
     * Rides whose fare clearing computes otherwise, by the approved content
     */
    fareExceptionsPerMilleMax?: number;
    /**
     * Cards that canary terminals turned away, of their taps
     */
    refusalsPerMilleMax?: number;
    /**
     * Revenue of the same rides against the version before, up or down
     */
    changePercentMax?: number;
    /**
     * How far that change may lie from the rehearsed one, in percentage points
     */
    beyondRehearsalPercentMax?: number;
    /**
     * Canary terminals that have it before the next stage
     */
    takenPercentMin?: number;
  };
}
export interface Stage {
  name: string;
  /**
   * By number: a named group
   */
  terminals?: string[];
  /**
   * Of those the rest leaves
   */
  sharePercent?: number;
  operators?: string[];
  /**
   * Codes of places
   */
  places?: string[];
  profiles?: string[];
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
}
export interface StageProgress {
  stage: number;
  name: string;
  terminals: number;
  /**
   * Have downloaded it
   */
  taken: number;
  /**
   * Compute with it, as they last said
   */
  using: number;
  openedAt?: string;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
}
export interface Canary {
  verdict: "waiting" | "good" | "faulty";
  terminals: number;
  rides: number;
  measures: Measure[];
}
export interface Measure {
  /**
   * Name of the limit in the plan
   */
  limit: string;
  found: number;
  allowed: number;
  holds: boolean;
  words: Words;
}
export interface SaveParametersPath {
  version: string;
}
export interface SaveParametersBody {
  title?: string;
  /**
   * Tariffs, card classes, terminal profiles, CA keys
   */
  content: {
    /**
     * By file of the blueprint; schema/tariff.schema.json
     */
    tariffs: {
      [k: string]: unknown;
    };
    /**
     * `classes` of schema/cards.schema.json
     */
    cardClasses: unknown[];
    /**
     * schema/terminals.schema.json without the list of devices
     */
    terminals: {
      [k: string]: unknown;
    };
  };
}
export interface CheckParametersPath {
  version: string;
}
export interface ProposeParametersPath {
  version: string;
}
export interface RehearseParametersPath {
  version: string;
}
export interface RollBackParametersPath {
  version: string;
}
export interface BeginRolloutPath {
  version: string;
}
export interface OpenStagePath {
  version: string;
}
export interface StopRolloutPath {
  version: string;
}
export interface DraftBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  title: string;
  /**
   * A version, or `blueprint` for what its folder states; else the one in force
   */
  from?: string;
}
export interface VersionStanding {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  state: VersionState;
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  headline: Words;
  problems: Finding[];
}
export interface ProposalBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  plan: Plan;
}
export interface RehearsalBody {
  /**
   * First business date
   */
  from?: string;
  /**
   * Last business date
   */
  until?: string;
  ridesMax?: number;
}
export interface RollBackBody {
  why: string;
  /**
   * Local time; else terminals return when they next talk
   */
  at?: string;
}
export interface ActBody {
  why: string;
}
export interface AdvanceBody {
  why: string;
  /**
   * The stage to open: sent twice, it is opened once
   */
  stage: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * Although the canary is not yet judged good
   */
  despite?: boolean;
}
export type DraftParametersBody = DraftBody;
export type DraftParametersAnswer = VersionStanding;
export type SaveParametersAnswer = VersionStanding;
export type CheckParametersAnswer = VersionStanding;
export type ProposeParametersBody = ProposalBody;
export type ProposeParametersAnswer = VersionStanding;
export type RehearseParametersBody = RehearsalBody;
export type RehearseParametersAnswer = VersionStanding;
export type RollBackParametersBody = RollBackBody;
export type RollBackParametersAnswer = VersionStanding;
export type BeginRolloutBody = ActBody;
export type BeginRolloutAnswer = VersionStanding;
export type OpenStageBody = AdvanceBody;
export type OpenStageAnswer = VersionStanding;
export type StopRolloutBody = ActBody;
export type StopRolloutAnswer = VersionStanding;

export interface ParametersPaths {
  '/api/parameters/terminals': {
    get: { parameters: { query?: ListHeldParametersQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListHeldParametersAnswer } } } };
  };
  '/api/parameters/versions': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListParameterVersionsAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': DraftParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': DraftParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}': {
    get: { parameters: { query?: never; header?: never; path: GetParameterVersionPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetParameterVersionAnswer } } } };
    put: { parameters: { query?: never; header?: never; path: SaveParametersPath; cookie?: never }; requestBody: { content: { 'application/json': SaveParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': SaveParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/check': {
    post: { parameters: { query?: never; header?: never; path: CheckParametersPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': CheckParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/proposal': {
    post: { parameters: { query?: never; header?: never; path: ProposeParametersPath; cookie?: never }; requestBody: { content: { 'application/json': ProposeParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ProposeParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/rehearsal': {
    post: { parameters: { query?: never; header?: never; path: RehearseParametersPath; cookie?: never }; requestBody: { content: { 'application/json': RehearseParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RehearseParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/rollback': {
    post: { parameters: { query?: never; header?: never; path: RollBackParametersPath; cookie?: never }; requestBody: { content: { 'application/json': RollBackParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RollBackParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/rollout': {
    post: { parameters: { query?: never; header?: never; path: BeginRolloutPath; cookie?: never }; requestBody: { content: { 'application/json': BeginRolloutBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': BeginRolloutAnswer } } } };
  };
  '/api/parameters/versions/{version}/stages': {
    post: { parameters: { query?: never; header?: never; path: OpenStagePath; cookie?: never }; requestBody: { content: { 'application/json': OpenStageBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OpenStageAnswer } } } };
  };
  '/api/parameters/versions/{version}/stop': {
    post: { parameters: { query?: never; header?: never; path: StopRolloutPath; cookie?: never }; requestBody: { content: { 'application/json': StopRolloutBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': StopRolloutAnswer } } } };
  };
}
