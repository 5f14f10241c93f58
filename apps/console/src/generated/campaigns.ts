// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { Words } from './shapes.ts';
export type ListCampaignsAnswer = Campaign[];
export interface Campaign {
  tariff: string;
  tariffName: Words;
  mode: string;
  promotion: string;
  name: Words;
  state: "coming" | "running" | "used-up" | "over" | "gone";
  /**
   * First local date, YYYY-MM-DD
   */
  from?: string;
  /**
   * Last local date, YYYY-MM-DD
   */
  until?: string;
  /**
   * Amount in fen
   */
  budgetFen?: number;
  /**
   * Amount in fen
   */
  endMarginFen: number;
  /**
   * Amount in fen
   */
  givenFen: number;
  rides: number;
  /**
   * Given beyond the budget, by terminals that had not heard of the end
   */
  overFen: number;
  /**
   * UTC, ISO 8601
   */
  endedAt?: string;
  /**
   * Terminals of the mode that know of the end, of all of them
   */
  told?: {
    terminals: number;
    of: number;
  };
  /**
   * At the pace of the last seven business days that it was given on
   */
  forecast?: {
    /**
     * Amount in fen
     */
    perDayFen: number;
    /**
     * Business date, YYYY-MM-DD
     */
    usedUpOn?: string;
    /**
     * Given by the end of its period at this pace
     */
    atEndFen?: number;
  };
  days: {
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    rides: number;
    /**
     * Amount in fen
     */
    givenFen: number;
  }[];
}

export interface CampaignsPaths {
  '/api/campaigns': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListCampaignsAnswer } } } };
  };
}
