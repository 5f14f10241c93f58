// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface ChangePasswordAnswer {
  changed: boolean;
}
export interface Account {
  name: string;
  /**
   * A role of the blueprint's duties
   */
  role: string;
  permissions: string[];
  region: {
    id: string;
    en: string;
    zh: string;
  };
}
export interface SignIn {
  name: string;
  password: string;
}
export interface LocalSignIn {
  name: string;
  /**
   * From running.json in the data directory
   */
  key: string;
}
export interface PasswordChange {
  before: string;
  after: string;
}
export type GetSessionAnswer = Account;
export type SignInBody = SignIn;
export type SignInAnswer = Account;
export type SignInLocallyBody = LocalSignIn;
export type ChangePasswordBody = PasswordChange;

export interface SessionPaths {
  '/api/session': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetSessionAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': SignInBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': SignInAnswer } } } };
    delete: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': never } } } };
  };
  '/api/session/local': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': SignInLocallyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': never } } } };
  };
  '/api/session/password': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ChangePasswordBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ChangePasswordAnswer } } } };
  };
}
