// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { DecodedRecord, PartyRef, TapRow, Words } from './shapes.ts';
export interface ListCardsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  issuer?: string;
  cardClass?: string;
  product?: string;
  q?: string;
}
export interface GetCardPath {
  token: string;
}
export interface CardRow {
  token: string;
  panMasked: string;
  issuer: PartyRef;
  product: string;
  productName: Words;
  cardClass: string;
  cardClassName: Words;
  state: string;
  /**
   * Shadow balance: issued value minus cleared taps; null when unknown
   */
  balanceFen: number | null;
  taps: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  lastTapAt?: string;
}
export interface CardPage {
  total: number;
  page: number;
  pageSize: number;
  rows: CardRow[];
}
export interface CardDetail {
  card: CardRow;
  headline: Words;
  issuedAt: string;
  applications: {
    id: string;
    name: Words;
    sfis: string[];
    keys: string[];
    /**
     * What it takes on the card, as the specification states it
     */
    memoryBytes: number;
  }[];
  /**
   * Last state of each record that a tap uploaded
   */
  records: DecodedRecord[];
  taps: TapRow[];
}
export type ListCardsAnswer = CardPage;
export type GetCardAnswer = CardDetail;

export interface CardsPaths {
  '/api/cards': {
    get: { parameters: { query?: ListCardsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListCardsAnswer } } } };
  };
  '/api/cards/{token}': {
    get: { parameters: { query?: never; header?: never; path: GetCardPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetCardAnswer } } } };
  };
}
