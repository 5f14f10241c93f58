// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface ActivationCommandRequest {
  cardToken: string;
  /**
   * Its name in the blueprint, e.g. water
   */
  application: string;
  /**
   * Which of the commands, from 1
   */
  part: number;
  /**
   * What the card answered to GET CHALLENGE for this command
   */
  challenge: string;
}
export interface ActivationCommand {
  /**
   * ACTIVATE, finished: 84 44 …
   */
  command: string;
  /**
   * How many commands there are; each wants a challenge of its own
   */
  parts: number;
  /**
   * Of the keys in this command, 3 bytes each; the card answers those of all parts to the last one
   */
  checkValues: string;
}
export interface ActivatedRequest {
  cardToken: string;
  application: string;
}
export interface ActivatedAnswer {
  state: string;
}
export type ActivationCommandBody = ActivationCommandRequest;
export type ActivationCommandAnswer = ActivationCommand;
export type ApplicationActivatedBody = ActivatedRequest;
export type ApplicationActivatedAnswer = ActivatedAnswer;

export interface ActivationPaths {
  '/api/activation/commands': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ActivationCommandBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ActivationCommandAnswer } } } };
  };
  '/api/activation/done': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ApplicationActivatedBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ApplicationActivatedAnswer } } } };
  };
}
