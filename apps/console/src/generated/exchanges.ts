// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
/**
 * Whose keys travel under it; a counterpart gets one half only
 */
export type Tree = "activation" | "management" | "issuer";

export interface EnterZoneComponentPath {
  zoneId: string;
}
export interface GetExchangeDocumentPath {
  id: string;
}
export interface CheckExchangeReceiptPath {
  id: string;
}
export interface ExchangeZone {
  zoneId: string;
  counterpart: string;
  tree: Tree;
  algorithm: string;
  state: "waiting" | "active";
  components: {
    needed: number;
    enteredBy: string[];
  };
  /**
   * Of the whole key, once it is there
   */
  checkValue?: string;
}
export interface ExchangeRow {
  /**
   * Number of the request that was approved
   */
  id: string;
  direction: "out" | "in";
  tree: Tree;
  zoneId: string;
  counterpart: string;
  state: "handed-over" | "receipted" | "taken" | "refused";
  at: string;
  receiptAt?: string;
  digest: {
    sm3: string;
    sha256: string;
  };
  keys: {
    label: string;
    version: number;
    usage: string;
    algorithm: string;
    checkValue: string;
    form: string;
    /**
     * By the receipt
     */
    accepted?: boolean;
    refusal?: string;
  }[];
}
export interface ExchangeList {
  zones: ExchangeZone[];
  exchanges: ExchangeRow[];
}
export interface EnvelopeKey {
  /**
   * SM2, x and y, hex
   */
  publicKey: string;
}
export interface ZoneBody {
  zoneId: string;
  counterpart: string;
  tree: Tree;
  /**
   * 3DES: X9.143 B, ECB; AES: X9.143 D
   */
  algorithm: "3DES" | "AES";
  /**
   * How many people enter one each
   */
  components: number;
  checkValue?: string;
}
export interface ExchangesComponentBody {
  /**
   * Hex; never shown again
   */
  component: string;
  checkValue: string;
}
export interface ExchangeDocument {
  /**
   * JSON
   */
  text: string;
}
export interface ReceiptBody {
  receipt: string;
}
export type ListExchangesAnswer = ExchangeList;
export type GetEnvelopeKeyAnswer = EnvelopeKey;
export type OpenExchangeZoneBody = ZoneBody;
export type OpenExchangeZoneAnswer = ExchangeZone;
export type EnterZoneComponentBody = ExchangesComponentBody;
export type EnterZoneComponentAnswer = ExchangeZone;
export type GetExchangeDocumentAnswer = ExchangeDocument;
export type CheckExchangeReceiptBody = ReceiptBody;
export type CheckExchangeReceiptAnswer = ExchangeRow;

export interface ExchangesPaths {
  '/api/exchanges': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListExchangesAnswer } } } };
  };
  '/api/exchanges/envelope-key': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetEnvelopeKeyAnswer } } } };
  };
  '/api/exchanges/zones': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OpenExchangeZoneBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OpenExchangeZoneAnswer } } } };
  };
  '/api/exchanges/zones/{zoneId}/components': {
    post: { parameters: { query?: never; header?: never; path: EnterZoneComponentPath; cookie?: never }; requestBody: { content: { 'application/json': EnterZoneComponentBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnterZoneComponentAnswer } } } };
  };
  '/api/exchanges/{id}/document': {
    get: { parameters: { query?: never; header?: never; path: GetExchangeDocumentPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetExchangeDocumentAnswer } } } };
  };
  '/api/exchanges/{id}/receipt': {
    post: { parameters: { query?: never; header?: never; path: CheckExchangeReceiptPath; cookie?: never }; requestBody: { content: { 'application/json': CheckExchangeReceiptBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': CheckExchangeReceiptAnswer } } } };
  };
}
