// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { Words } from './shapes.ts';
export type ListPartiesAnswer = PartyRow[];
export interface PartyRow {
  id: string;
  kind: "platform" | "issuer" | "operator" | "service";
  name: Words;
  city?: string;
  mode?: string;
  origin: "blueprint" | "enrolled";
  discounts: string;
}

export interface PartiesPaths {
  '/api/parties': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListPartiesAnswer } } } };
  };
}
