// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { PsamKey } from './enrolment.ts';
export type ReissueSamsAnswer = PsamKey[];
export interface ListSamsQuery {
  state?: "issued" | "stopped";
  terminalNo?: string;
}
export interface ReissueSamsBody {
  zoneId: string;
  /**
   * Terminal numbers
   *
   * @minItems 1
   * @maxItems 10000
   */
  terminals: [string, ...string[]];
}
export interface StopSamPath {
  samNo: string;
}
export interface StopSamAnswer {
  stopped: boolean;
}
export interface SamKey {
  label: string;
  version: number;
  checkValue: string;
}
export interface Sam {
  samNo: string;
  /**
   * The terminal it is bound to
   */
  terminalNo: string;
  operatorId: string;
  /**
   * The zone it was issued in
   */
  zoneId: string;
  state: "issued" | "stopped";
  keys: SamKey[];
  issuedAt: string;
  lastSeenAt?: string;
  stoppedAt?: string;
  stopReason?: string;
}
export interface SamList {
  total: number;
  sams: Sam[];
}
export interface StopRequest {
  reason: string;
}
export type ListSamsAnswer = SamList;
export type StopSamBody = StopRequest;

export interface SamsPaths {
  '/api/sams': {
    get: { parameters: { query?: ListSamsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListSamsAnswer } } } };
  };
  '/api/sams/reissue': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ReissueSamsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ReissueSamsAnswer } } } };
  };
  '/api/sams/{samNo}/stop': {
    post: { parameters: { query?: never; header?: never; path: StopSamPath; cookie?: never }; requestBody: { content: { 'application/json': StopSamBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': StopSamAnswer } } } };
  };
}
