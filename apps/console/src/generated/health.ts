// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface GetHealthAnswer {
  status: string;
  database: string;
  version: string;
}

export interface HealthPaths {
  '/health': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetHealthAnswer } } } };
  };
}
