// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface SearchAuditQuery {
  page?: number;
  pageSize?: number;
  who?: string;
  what?: string;
  subject?: string;
  day?: string;
}
export interface SearchAuditAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    sequence: number;
    /**
     * UTC, ISO 8601
     */
    at: string;
    day: string;
    who: string;
    what: string;
    subject: string;
    before: unknown;
    after: unknown;
    why: string | null;
    approvedBy: string[];
    detail: {
      [k: string]: unknown;
    };
    sha256: string;
    sm3: string;
  }[];
}
export interface AuditVerification {
  verdict: "whole" | "broken" | "not-an-export";
  chain: string;
  entries: number;
  anchors: number;
  signatures: number;
  head: {
    sequence: number;
    sha256: string;
    sm3: string;
  };
  problem?: {
    entry: number;
    line: number;
    part: string;
    message: string;
  };
}
export type VerifyAuditAnswer = AuditVerification;

export interface AuditPaths {
  '/api/audit': {
    get: { parameters: { query?: SearchAuditQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': SearchAuditAnswer } } } };
  };
  '/api/audit/anchors': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': never } } } };
  };
  '/api/audit/export': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': never } } } };
  };
  '/api/audit/verification': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': VerifyAuditAnswer } } } };
  };
}
