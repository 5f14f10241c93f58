// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface OperatorRecords {
  /**
   * @maxItems 20000
   */
  records: {
    /**
     * terminal-batch-trace of the tap the record is about
     */
    tapId: string;
    /**
     * Amount in fen
     */
    claimedFen: number;
  }[];
}
export interface ReconciliationAnswer {
  agreed: number;
  differing: number;
  /**
   * Records about taps that never arrived
   */
  unknown: number;
}
export type ReconcileRecordsBody = OperatorRecords;
export type ReconcileRecordsAnswer = ReconciliationAnswer;

export interface ReconciliationPaths {
  '/api/reconciliation': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ReconcileRecordsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ReconcileRecordsAnswer } } } };
  };
}
