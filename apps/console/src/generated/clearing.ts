// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface GetClearingAnswer {
  taps: {
    /**
     * Durable, waiting for clearing
     */
    received: number;
    cleared: number;
    suspended: number;
  };
  cryptograms: {
    verified: number;
    failed: number;
  };
  fares: {
    /**
     * Exits and boardings, free ones too
     */
    charged: number;
    /**
     * Of these, computed to the same fen by clearing
     */
    agreed: number;
  };
  exceptions: {
    [k: string]: number;
  };
  ledger: {
    postings: number;
    /**
     * Amount in fen
     */
    sumFen: number;
  };
  dialogues: number;
}

export interface ClearingPaths {
  '/api/clearing': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetClearingAnswer } } } };
  };
}
