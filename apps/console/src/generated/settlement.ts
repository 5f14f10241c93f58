// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { PartyRef, Words } from './shapes.ts';
export type ListSettlementDaysAnswer = SettlementDay[];
export interface SettlementDay {
  /**
   * Business date, YYYY-MM-DD
   */
  businessDate: string;
  state: "open" | "closed";
  taps: number;
  /**
   * Amount in fen
   */
  chargedFen: number;
  postings: number;
  /**
   * Amount in fen
   */
  sumFen: number;
}
export interface GetSettlementDayPath {
  date: string;
}
export interface CloseSettlementDayPath {
  date: string;
}
export interface SettlementDetail {
  day: SettlementDay;
  headline: Words;
  positions: {
    party: PartyRef;
    kind: string;
    /**
     * Amount in fen
     */
    receivesFen: number;
    /**
     * Amount in fen
     */
    paysFen: number;
    /**
     * Positive: the party is paid; negative: it pays
     */
    netFen: number;
  }[];
  accounts: {
    account: string;
    party?: PartyRef;
    /**
     * Amount in fen
     */
    debitFen: number;
    /**
     * Amount in fen
     */
    creditFen: number;
    balanceFen: number;
  }[];
  /**
   * Who owes whom before netting
   */
  flows: {
    from: PartyRef;
    to: PartyRef;
    /**
     * Amount in fen
     */
    amountFen: number;
  }[];
  closedAt?: string;
  closedBy?: string;
}
export type GetSettlementDayAnswer = SettlementDetail;
export type CloseSettlementDayAnswer = SettlementDetail;

export interface SettlementPaths {
  '/api/settlement': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListSettlementDaysAnswer } } } };
  };
  '/api/settlement/{date}': {
    get: { parameters: { query?: never; header?: never; path: GetSettlementDayPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetSettlementDayAnswer } } } };
  };
  '/api/settlement/{date}/close': {
    post: { parameters: { query?: never; header?: never; path: CloseSettlementDayPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': CloseSettlementDayAnswer } } } };
  };
}
