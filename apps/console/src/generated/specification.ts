// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { DecodedRecord, Words } from './shapes.ts';
export interface FileAccessView {
  /**
   * Condition as the specification writes it, e.g. enc(health-line) and auth(health)
   */
  read: string;
  update: string;
  append?: string;
  readPart?: string;
}
export interface SpecifiedFile {
  sfi: string;
  fid?: string;
  title?: Words;
  type: string;
  recordsMax?: number;
  sizeBytes?: number;
  access: FileAccessView;
  activationKey?: string;
  /**
   * Each layout with an example filled in
   */
  records: DecodedRecord[];
}
export interface DataElementView {
  tag: string;
  name: Words;
  lengthBytes: number;
  /**
   * Record of a file, or the data grouping that brings it onto the card
   */
  where: string;
  read?: string;
  update?: string;
  clause?: string;
}
export interface SpecifiedApplication {
  id: string;
  name: Words;
  kind: string;
  aid: string;
  provider?: string;
  version?: string;
  source?: string;
  memoryBytes: number;
  keys: string[];
  states: {
    id: string;
    code: string;
    name: Words;
  }[];
  transitions: {
    from: string;
    to: string;
    command: string;
    key?: string;
  }[];
  classes: {
    id: string;
    validMonths: number;
    reviewMonths?: number;
  }[];
  /**
   * Card products that carry it
   */
  products: Words[];
  files: SpecifiedFile[];
  /**
   * Data objects of the financial application
   */
  elements: DataElementView[];
}
export interface Specification {
  region: Words;
  version: string;
  applications: SpecifiedApplication[];
}
export type GetSpecificationAnswer = Specification;

export interface SpecificationPaths {
  '/api/specification': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetSpecificationAnswer } } } };
  };
}
