// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { PartyRef, PlaceRef, TapRow, Words } from './shapes.ts';
export type ListTerminalMessagesAnswer = {
  /**
   * UTC, ISO 8601
   */
  at: string;
  direction: "from-terminal" | "to-terminal";
  mti: string;
  name: Words;
  /**
   * Field 39
   */
  code?: string;
  bytes: number;
  fields: {
    field: string;
    name: Words;
    hex: string;
    text: string;
  }[];
}[];
export interface ListTerminalsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  operator?: string;
  mode?: string;
  q?: string;
}
export interface GetTerminalPath {
  terminalNo: string;
}
export interface ListTerminalMessagesPath {
  terminalNo: string;
}
export interface TerminalRow {
  /**
   * Field 41
   */
  terminalNo: string;
  /**
   * The maker's number
   */
  deviceNo: string;
  profile: string;
  mode: string;
  operator: PartyRef;
  place?: PlaceRef;
  origin: "blueprint" | "enrolled";
  state: "enrolled" | "signed-in" | "settled";
  batchNo: string;
  tariffVersion: string;
  taps: number;
  /**
   * Amount in fen
   */
  chargedFen: number;
  exceptions: number;
  /**
   * UTC, ISO 8601
   */
  lastSeenAt?: string;
}
export interface TerminalPage {
  total: number;
  page: number;
  pageSize: number;
  rows: TerminalRow[];
}
export interface TerminalDetail {
  terminal: TerminalRow;
  headline: Words;
  /**
   * The terminal's own number of its last tap here
   */
  lastSequence: number;
  parameters: {
    current: {
      version: string;
      /**
       * Local time from which it holds
       */
      from: string;
      /**
       * Whether the terminal has asked for it
       */
      isHeld: boolean;
    };
    next?: {
      version: string;
      /**
       * Local time from which it holds
       */
      from: string;
      /**
       * Whether the terminal has asked for it
       */
      isHeld: boolean;
    };
  };
  denyList?: {
    version: number;
    /**
     * UTC, ISO 8601
     */
    confirmedAt: string;
  };
  batches: {
    batchNo: string;
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    settledAt?: string;
    totals: "equal" | "unequal" | null;
  }[];
  /**
   * When it last asked for mode orders and ends of campaigns; UTC, ISO 8601
   */
  modesAskedAt?: string;
  /**
   * Its newest uploads
   */
  journal: {
    /**
     * The terminal's own number of the tap
     */
    sequenceNo: number;
    batchNo: string;
    /**
     * Field 11
     */
    traceNo: string;
    /**
     * UTC, ISO 8601
     */
    receivedAt: string;
    tap: TapRow;
  }[];
  /**
   * Numbers of taps that never came, the newest first
   */
  missing: {
    from: number;
    to: number;
  }[];
}
export type ListTerminalsAnswer = TerminalPage;
export type GetTerminalAnswer = TerminalDetail;

export interface TerminalsPaths {
  '/api/terminals': {
    get: { parameters: { query?: ListTerminalsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListTerminalsAnswer } } } };
  };
  '/api/terminals/{terminalNo}': {
    get: { parameters: { query?: never; header?: never; path: GetTerminalPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetTerminalAnswer } } } };
  };
  '/api/terminals/{terminalNo}/messages': {
    get: { parameters: { query?: never; header?: never; path: ListTerminalMessagesPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListTerminalMessagesAnswer } } } };
  };
}
