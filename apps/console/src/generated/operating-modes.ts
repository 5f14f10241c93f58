// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { PlaceRef, Words } from './shapes.ts';
export type ListModeOrdersAnswer = ModeOrderAnswer[];
export type ListModeStationsAnswer = PlaceRef[];
export interface ModeOrderAnswer {
  id: string;
  place: string;
  placeName: Words;
  modes: (
    "train-failure" | "order-waived" | "time-waived" | "date-waived" | "fare-waived" | "emergency" | "closed" | "test"
  )[];
  state: "coming" | "in-force" | "ended";
  /**
   * Local time of the region
   */
  from: string;
  /**
   * Local time of the region
   */
  to?: string;
  reason: string;
  orderedBy: string;
  /**
   * UTC, ISO 8601
   */
  orderedAt: string;
  endedBy?: string;
  /**
   * UTC, ISO 8601
   */
  endedAt?: string;
  /**
   * The station's terminals that have the order as it is now, of all of them
   */
  held: {
    terminals: number;
    of: number;
  };
}
export interface GetModeOrderPath {
  id: string;
}
export interface EndModeOrderPath {
  id: string;
}
export interface EndModeOrderAnswer {
  ended: boolean;
}
export interface NewModeOrder {
  /**
   * Sent twice under one it is done once
   */
  id?: string;
  /**
   * Station code
   */
  place?: string;
  /**
   * One order for each of them
   *
   * @minItems 1
   * @maxItems 1000
   *
   * Items: Station code
   */
  places?: [string, ...string[]];
  /**
   * @minItems 1
   * @maxItems 4
   */
  modes:
    | [
        | "train-failure"
        | "order-waived"
        | "time-waived"
        | "date-waived"
        | "fare-waived"
        | "emergency"
        | "closed"
        | "test"
      ]
    | [
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        ),
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        )
      ]
    | [
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        ),
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        ),
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        )
      ]
    | [
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        ),
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        ),
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        ),
        (
          | "train-failure"
          | "order-waived"
          | "time-waived"
          | "date-waived"
          | "fare-waived"
          | "emergency"
          | "closed"
          | "test"
        )
      ];
  /**
   * Local time of the region
   */
  from?: string;
  /**
   * Local time of the region
   */
  to?: string;
  reason: string;
}
export interface OrderedModes {
  /**
   * Of the first station
   */
  id: string;
  ids: string[];
}
export interface ModeOrderDetail {
  order: ModeOrderAnswer;
  headline: Words;
  terminals: {
    terminalNo: string;
    profile: string;
    isHeld: boolean;
    /**
     * When it last asked for mode orders; UTC, ISO 8601
     */
    askedAt?: string;
    /**
     * UTC, ISO 8601
     */
    lastSeenAt?: string;
  }[];
  /**
   * Terminals of the whole network: other stations let in and out by it too
   */
  network: {
    terminals: number;
    of: number;
  };
  follows: {
    /**
     * Uploaded taps at the station that were made under these modes
     */
    taps: number;
    freeExits: number;
    /**
     * Amount in fen
     */
    waivedFen: number;
    /**
     * Exits elsewhere without an entry that were taken from this station
     */
    assumed: number;
    /**
     * Entries elsewhere of cards that were caught inside
     */
    released: number;
    /**
     * Local time of the region
     */
    coveredFrom?: string;
    /**
     * Local time of the region
     */
    graceUntil?: string;
    /**
     * Local time of the region
     */
    repairUntil?: string;
  };
}
export interface EndModeOrder {
  /**
   * Local time of the region
   */
  to?: string;
}
export type OrderModeBody = NewModeOrder;
export type OrderModeAnswer = OrderedModes;
export type GetModeOrderAnswer = ModeOrderDetail;
export type EndModeOrderBody = EndModeOrder;

export interface OperatingModesPaths {
  '/api/mode-orders': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListModeOrdersAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OrderModeBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OrderModeAnswer } } } };
  };
  '/api/mode-orders/stations': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListModeStationsAnswer } } } };
  };
  '/api/mode-orders/{id}': {
    get: { parameters: { query?: never; header?: never; path: GetModeOrderPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetModeOrderAnswer } } } };
  };
  '/api/mode-orders/{id}/end': {
    post: { parameters: { query?: never; header?: never; path: EndModeOrderPath; cookie?: never }; requestBody: { content: { 'application/json': EndModeOrderBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EndModeOrderAnswer } } } };
  };
}
