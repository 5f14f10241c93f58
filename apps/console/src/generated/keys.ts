// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { CommandsAnswer, CommandsRequest, ReplacedRequest, Rotation, Words } from './shapes.ts';
export type ListRotationsAnswer = Rotation[];
export interface RecordKeysReplacedAnswer {
  noted: number;
}
export interface GetKeyPath {
  name: string;
}
export interface KeyRow {
  /**
   * label#version
   */
  name: string;
  label: string;
  version: number;
  title: Words;
  usage: string;
  /**
   * activation, management, issuer, zones, data
   */
  tree: string;
  algorithm: string;
  bits: number;
  owner: string;
  exportability: string;
  origin: string;
  state: string;
  stateSince: string;
  overlapEndsAt?: string;
  checkValue: string;
  createdAt: string;
}
export interface KeyList {
  backend: string;
  keys: KeyRow[];
}
export interface ActivationBody {
  cardToken: string;
  /**
   * A record of the blueprint's applications: metro, bus
   */
  record: string;
  /**
   * As GET DATA 9F36 gives it
   */
  atc: number;
  /**
   * Initial record, hex
   */
  content: string;
}
export interface ActivationAnswer {
  /**
   * Finished APPEND RECORD, hex
   */
  command: string;
}
export interface BackendAnswer {
  backend: string;
  custody: string;
  abilities: {
    name: string;
    supported: boolean;
    note: string;
  }[];
}
export interface DisperseBody {
  /**
   * label or label#version
   */
  name: string;
  /**
   * Factors of each card, top down
   *
   * @minItems 1
   * @maxItems 1000
   */
  paths: [
    (
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
    ),
    ...(
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
    )[]
  ];
}
export interface DisperseAnswer {
  checkValues: string[];
}
export interface PsamKeyBody {
  label: string;
  zoneId: string;
}
export interface PsamKeyAnswer {
  label: string;
  enciphered: string;
  checkValue: string;
}
export interface KeyDetail {
  key: KeyRow;
  versions: KeyRow[];
  /**
   * Dispersion path, top down
   */
  levels: {
    level: string;
    factor: string;
    value: string;
  }[];
  /**
   * Who may do what with it
   */
  custodians: {
    id: string;
    name: Words;
    role: Words;
    may: Words[];
  }[];
  shares?: {
    needed: number;
    of: number;
  };
  blastRadius: {
    keys: number;
    cards: number;
    terminals: number;
    /**
     * Amount in fen
     */
    balanceFen: number;
  };
  rotation: {
    words: Words;
  };
}
export type ListKeysAnswer = KeyList;
export type ActivateApplicationBody = ActivationBody;
export type ActivateApplicationAnswer = ActivationAnswer;
export type GetKeyBackendAnswer = BackendAnswer;
export type DisperseKeyBody = DisperseBody;
export type DisperseKeyAnswer = DisperseAnswer;
export type IssuePsamKeyBody = PsamKeyBody;
export type IssuePsamKeyAnswer = PsamKeyAnswer;
export type RecordKeyCommandsBody = CommandsRequest;
export type RecordKeyCommandsAnswer = CommandsAnswer;
export type RecordKeysReplacedBody = ReplacedRequest;
export type GetKeyAnswer = KeyDetail;

export interface KeysPaths {
  '/api/keys': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListKeysAnswer } } } };
  };
  '/api/keys/activations': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ActivateApplicationBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ActivateApplicationAnswer } } } };
  };
  '/api/keys/backend': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetKeyBackendAnswer } } } };
  };
  '/api/keys/dispersions': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': DisperseKeyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': DisperseKeyAnswer } } } };
  };
  '/api/keys/psam-keys': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': IssuePsamKeyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': IssuePsamKeyAnswer } } } };
  };
  '/api/keys/record-keys/commands': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RecordKeyCommandsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RecordKeyCommandsAnswer } } } };
  };
  '/api/keys/record-keys/replaced': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RecordKeysReplacedBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RecordKeysReplacedAnswer } } } };
  };
  '/api/keys/rotations': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListRotationsAnswer } } } };
  };
  '/api/keys/{name}': {
    get: { parameters: { query?: never; header?: never; path: GetKeyPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetKeyAnswer } } } };
  };
}
