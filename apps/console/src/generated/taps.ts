// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { DecodedRecord, ExceptionReason, FareExplanation, Posting, TapKind, TapRow, TlvView, Words } from './shapes.ts';
export interface ListTapsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  date?: string;
  kind?: TapKind;
  state?: "received" | "cleared" | "suspended" | "settled";
  operator?: string;
  terminalNo?: string;
  cardToken?: string;
  reason?: ExceptionReason;
  withDialogue?: boolean;
  q?: string;
}
export interface GetTapPath {
  id: string;
}
export interface TapPage {
  total: number;
  page: number;
  pageSize: number;
  rows: TapRow[];
}
export interface Exchange {
  index: number;
  /**
   * Kernel phase: select, read-capp, gpo, update-capp, read-record, proof
   */
  phase: string;
  /**
   * Command APDU, hex, PAN masked
   */
  command: string;
  /**
   * Response data and status word, hex, PAN masked
   */
  response: string;
  what: Words;
  sw: string;
  swMeaning: Words;
  objects: TlvView[];
  /**
   * Microseconds since the first command
   */
  startUs: number;
  /**
   * Time the card took
   */
  cardUs: number;
}
export interface TapDetail {
  tap: TapRow;
  headline: Words;
  next: Words;
  timeline: {
    /**
     * UTC, ISO 8601
     */
    at: string;
    what: Words;
  }[];
  entry?: {
    place?: Words;
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    at?: string;
    tapId?: string;
  };
  /**
   * Empty when this tap's dialogue was not uploaded
   */
  dialogue: Exchange[];
  fare: {
    /**
     * Amount in fen
     */
    gateFen: number;
    clearing?: FareExplanation;
    agrees: boolean | null;
  };
  cryptogram: {
    state: "unchecked" | "verified" | "failed";
    applicationCryptogram: string;
    atc: string;
    unpredictableNumber: string;
    cryptogramVersion: string;
    cardVerificationResults: string;
    inputs: {
      tag: string;
      name: Words;
      hex: string;
    }[];
    keyLabel: string;
    /**
     * How the card key was dispersed, top down, in words
     */
    keyPath: string[];
  };
  exceptions: {
    id: string;
    reason: ExceptionReason;
    explanation: Words;
    state: string;
    openedAt: string;
  }[];
  postings: Posting[];
  /**
   * Card records as this tap wrote them
   */
  records: DecodedRecord[];
  message: {
    /**
     * Uploaded frame, PAN masked
     */
    hex: string;
    fields: {
      field: string;
      name: Words;
      hex: string;
      text: string;
    }[];
  };
}
export type ListTapsAnswer = TapPage;
export type GetTapAnswer = TapDetail;

export interface TapsPaths {
  '/api/taps': {
    get: { parameters: { query?: ListTapsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListTapsAnswer } } } };
  };
  '/api/taps/{id}': {
    get: { parameters: { query?: never; header?: never; path: GetTapPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetTapAnswer } } } };
  };
}
