// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export type ListModeOrdersAnswer = ModeOrderAnswer[];
export interface ModeOrderAnswer {
  id: string;
  place: string;
  modes: (
    "train-failure" | "order-waived" | "time-waived" | "date-waived" | "fare-waived" | "emergency" | "closed" | "test"
  )[];
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
  orderedAt: string;
}
export interface OrderModeAnswer {
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
   * Station code
   */
  place: string;
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
export interface EndModeOrder {
  /**
   * Local time of the region
   */
  to?: string;
}
export type OrderModeBody = NewModeOrder;
export type EndModeOrderBody = EndModeOrder;

export interface OperatingModesPaths {
  '/api/mode-orders': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListModeOrdersAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OrderModeBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OrderModeAnswer } } } };
  };
  '/api/mode-orders/{id}/end': {
    post: { parameters: { query?: never; header?: never; path: EndModeOrderPath; cookie?: never }; requestBody: { content: { 'application/json': EndModeOrderBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EndModeOrderAnswer } } } };
  };
}
