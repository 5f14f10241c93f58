// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { ExceptionReason, TapRow, Words } from './shapes.ts';
export interface ListExceptionsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  date?: string;
  reason?: ExceptionReason;
  state?: "open" | "resolved";
}
export interface ExceptionRow {
  id: string;
  reason: ExceptionReason;
  state: "open" | "resolved";
  explanation: Words;
  openedAt: string;
  /**
   * Business date, YYYY-MM-DD
   */
  businessDate: string;
  terminalNo: string;
  tap?: TapRow;
}
export interface ExceptionPage {
  total: number;
  page: number;
  pageSize: number;
  rows: ExceptionRow[];
}
export type ListExceptionsAnswer = ExceptionPage;

export interface ExceptionsPaths {
  '/api/exceptions': {
    get: { parameters: { query?: ListExceptionsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListExceptionsAnswer } } } };
  };
}
