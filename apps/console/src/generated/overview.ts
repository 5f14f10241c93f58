// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { ExceptionReason, PartyRef, TapRow } from './shapes.ts';
export interface GetOverviewQuery {
  date?: string;
}
export interface Overview {
  /**
   * The day shown; null when nothing was uploaded yet
   */
  businessDate: string | null;
  /**
   * Days with taps, newest first
   *
   * Items: Business date, YYYY-MM-DD
   */
  businessDates: string[];
  totals: {
    taps: number;
    entries: number;
    exits: number;
    boardings: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    /**
     * Amount in fen
     */
    discountFen: number;
    /**
     * Cards that tapped on this day
     */
    cards: number;
    /**
     * All cards issued
     */
    cardsIssued: number;
    /**
     * Terminals that uploaded on this day
     */
    terminals: number;
    terminalsEnrolled: number;
    cryptogramsVerified: number;
    cryptogramsFailed: number;
    exceptionsOpen: number;
    /**
     * Received, not yet cleared
     */
    waiting: number;
  };
  perMinute: {
    /**
     * hh:mm local
     */
    minute: string;
    entries: number;
    exits: number;
    boardings: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
  }[];
  operators: {
    operator: PartyRef;
    mode: string;
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    exceptions: number;
  }[];
  exceptions: {
    reason: ExceptionReason;
    count: number;
  }[];
  latest: TapRow[];
  settlement: {
    state: "none" | "open" | "closed";
  };
}
export type GetOverviewAnswer = Overview;

export interface OverviewPaths {
  '/api/overview': {
    get: { parameters: { query?: GetOverviewQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetOverviewAnswer } } } };
  };
}
