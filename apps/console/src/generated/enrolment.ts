// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
/**
 * @maxItems 500
 */
export type EnrolOperatorsBody = OperatorRequest[];
export type EnrolOperatorsAnswer = OperatorAnswer[];
/**
 * @maxItems 5000
 */
export type EnrolPlacesBody = PlaceRequest[];
export type EnrolPlacesAnswer = PlaceAnswer[];
export interface OperatorRequest {
  /**
   * As records from the field write it
   */
  name: string;
  mode: "metro" | "bus";
  discounts?: "tariff" | "none";
}
export interface OperatorAnswer {
  name: string;
  id: string;
  code: string;
  discounts: string;
  origin: "blueprint" | "enrolled";
}
export interface PlaceRequest {
  name: string;
}
export interface PlaceAnswer {
  name: string;
  code: string;
  origin: string;
}
export interface PsamKey {
  label: string;
  /**
   * While a key is rotated a PSAM holds two versions
   */
  version: number;
  algorithm: "3DES" | "SM4";
  /**
   * Management key dispersed along the fixed part of its path, under the zone transport key
   */
  enciphered: string;
  checkValue: string;
}
export interface TerminalRequest {
  deviceNo: string;
  profile: string;
  operatorId: string;
  placeCode?: string;
  line?: string;
  route?: string;
  vehicle?: string;
}
export interface MakerTerminalsRequest {
  zoneId: string;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  terminals: [TerminalRequest, ...TerminalRequest[]];
}
export interface MakerTerminalAnswer {
  deviceNo: string;
  /**
   * Field 41
   */
  terminalNo: string;
  /**
   * Field 42
   */
  merchantNo: string;
  operatorId: string;
  operatorCode: string;
  batchNo: number;
  /**
   * Terminal master key as a key block (X9.143, TR-31) under the zone key
   */
  masterKey: string;
  masterKeyCheckValue: string;
}
export interface MakerTerminalsAnswer {
  tpdu: string;
  header: string;
  gateway: {
    host: string;
    port: number;
  };
  terminals: MakerTerminalAnswer[];
  /**
   * RSA public key of the list issuer, hex: a terminal believes only deny lists it signed
   */
  listKey?: {
    modulus: string;
    exponent: string;
  };
}
export interface TerminalsRequest {
  zoneId: string;
  /**
   * @maxItems 10000
   */
  terminals: TerminalRequest[];
}
export interface TerminalAnswer {
  deviceNo: string;
  /**
   * Field 41
   */
  terminalNo: string;
  /**
   * Field 42
   */
  merchantNo: string;
  operatorCode: string;
  batchNo: number;
  /**
   * Terminal master key under the zone transport key, hex
   */
  masterKey: string;
  masterKeyCheckValue: string;
}
export interface TerminalsAnswer {
  tpdu: string;
  header: string;
  /**
   * RSA public key of the list issuer, hex: a terminal believes only deny lists it signed
   */
  listKey?: {
    modulus: string;
    exponent: string;
  };
  terminals: TerminalAnswer[];
  psam: PsamKey[];
}
export interface TakeZoneKeyRequest {
  /**
   * Whose zone key it is
   */
  name: string;
  /**
   * A zone agreed for this one passage; it ends with it
   */
  agreedZoneId: string;
  /**
   * The maker's zone key as a key block (X9.143 B, usage K0) under the agreed zone's key
   */
  keyBlock: string;
}
export interface TakenZoneKeyAnswer {
  zoneId: string;
  algorithm: "3DES" | "AES";
  checkValue: string;
}
export interface ZoneRequest {
  publicKey: string;
  /**
   * Card and opening keys for a bureau; terminal and PSAM keys; the passage of a terminal maker's own zone key. Never two under one transport key
   */
  purpose: "cards" | "terminals" | "maker";
  /**
   * Who this transport key is shared with
   */
  name: string;
}
export interface ZoneAnswer {
  zoneId: string;
  publicKey: string;
  checkValue: string;
}
export type EnrolMakerTerminalsBody = MakerTerminalsRequest;
export type EnrolMakerTerminalsAnswer = MakerTerminalsAnswer;
export type EnrolTerminalsBody = TerminalsRequest;
export type EnrolTerminalsAnswer = TerminalsAnswer;
export type TakeZoneKeyBody = TakeZoneKeyRequest;
export type TakeZoneKeyAnswer = TakenZoneKeyAnswer;
export type OpenZoneBody = ZoneRequest;
export type OpenZoneAnswer = ZoneAnswer;

export interface EnrolmentPaths {
  '/api/enrolment/maker-terminals': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolMakerTerminalsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolMakerTerminalsAnswer } } } };
  };
  '/api/enrolment/operators': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolOperatorsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolOperatorsAnswer } } } };
  };
  '/api/enrolment/places': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolPlacesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolPlacesAnswer } } } };
  };
  '/api/enrolment/terminals': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolTerminalsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolTerminalsAnswer } } } };
  };
  '/api/enrolment/zone-keys': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': TakeZoneKeyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': TakeZoneKeyAnswer } } } };
  };
  '/api/enrolment/zones': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OpenZoneBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OpenZoneAnswer } } } };
  };
}
