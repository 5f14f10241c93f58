// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { Words } from './shapes.ts';
export type ListApprovalsAnswer = Approval[];
export interface ListApprovalsQuery {
  state?: string;
}
export interface Approval {
  id: string;
  act: {
    id: string;
    name: Words;
    approve: string;
  };
  subject: string;
  why: string;
  effect: Words;
  requestedBy: string;
  requestedAt: string;
  needed: number;
  state: "waiting" | "done" | "refused" | "failed";
  outcome: string;
  decisions: {
    who: string;
    verdict: string;
    why: string;
    at: string;
  }[];
}
export interface RequestApprovalBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  /**
   * An act of duties.yaml: keys.management.rotate
   */
  act: string;
  /**
   * A key's label or label#version, or an account; keys handed over or ordered, joined by commas
   */
  subject: string;
  why: string;
  parameters?: {
    [k: string]: string;
  };
}
export interface GetApprovalPath {
  id: string;
}
export interface DecideApprovalPath {
  id: string;
}
export interface DecisionBody {
  verdict: "approved" | "refused";
  why: string;
}
export type RequestApprovalAnswer = Approval;
export type GetApprovalAnswer = Approval;
export type DecideApprovalBody = DecisionBody;
export type DecideApprovalAnswer = Approval;

export interface ApprovalsPaths {
  '/api/approvals': {
    get: { parameters: { query?: ListApprovalsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListApprovalsAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RequestApprovalBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RequestApprovalAnswer } } } };
  };
  '/api/approvals/{id}': {
    get: { parameters: { query?: never; header?: never; path: GetApprovalPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetApprovalAnswer } } } };
  };
  '/api/approvals/{id}/decisions': {
    post: { parameters: { query?: never; header?: never; path: DecideApprovalPath; cookie?: never }; requestBody: { content: { 'application/json': DecideApprovalBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': DecideApprovalAnswer } } } };
  };
}
