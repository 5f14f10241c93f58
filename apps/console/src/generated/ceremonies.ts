// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export interface GetCeremonyPath {
  id: string;
}
export interface BackupInCeremonyPath {
  id: string;
}
export interface EnterComponentPath {
  id: string;
}
export interface MakeFromComponentsPath {
  id: string;
}
export interface DestroyInCeremonyPath {
  id: string;
}
export interface DestroyInCeremonyBody {}
export interface CloseCeremonyPath {
  id: string;
}
export interface CloseCeremonyBody {}
export interface GenerateInCeremonyPath {
  id: string;
}
export interface ReceiveSharePath {
  id: string;
}
export interface RestoreInCeremonyPath {
  id: string;
}
export interface EnterSharePath {
  id: string;
}
export interface OpenCeremony {
  tree: "activation" | "management" | "issuer";
  /**
   * @minItems 1
   * @maxItems 30
   */
  participants: [
    {
      who: string;
      role: "administrator" | "custodian" | "witness" | "auditor";
      passphrase: string;
    },
    ...{
      who: string;
      role: "administrator" | "custodian" | "witness" | "auditor";
      passphrase: string;
    }[]
  ];
}
export interface CeremonyState {
  id: string;
  tree: string;
  needed: number;
  of: number;
  custodians: string[];
  sharesWaiting: string[];
  sharesEntered: string[];
  componentsEntered: string[];
  hasKeystore: boolean;
  steps: {
    sequence: number;
    who: string;
    what: string;
    statement: string;
  }[];
}
export interface KeystoreBody {
  keystorePassphrase: string;
}
export interface FileAnswer {
  text: string;
}
export interface ComponentBody {
  who: string;
  label: string;
  /**
   * Hex; never shown again
   */
  component: string;
  checkValue: string;
}
export interface OwnBody {
  who: string;
  passphrase: string;
}
export interface ShareAnswer {
  /**
   * Shown to its custodian, this once
   */
  share: string;
}
export interface RestoreBody {
  backup: string;
  keystorePassphrase: string;
}
export interface ShareBody {
  who: string;
  share: string;
}
export type OpenCeremonyBody = OpenCeremony;
export type OpenCeremonyAnswer = CeremonyState;
export type GetCeremonyAnswer = CeremonyState;
export type BackupInCeremonyBody = KeystoreBody;
export type BackupInCeremonyAnswer = FileAnswer;
export type EnterComponentBody = ComponentBody;
export type EnterComponentAnswer = CeremonyState;
export type MakeFromComponentsBody = KeystoreBody;
export type MakeFromComponentsAnswer = CeremonyState;
export type DestroyInCeremonyAnswer = CeremonyState;
export type CloseCeremonyAnswer = FileAnswer;
export type GenerateInCeremonyBody = KeystoreBody;
export type GenerateInCeremonyAnswer = CeremonyState;
export type ReceiveShareBody = OwnBody;
export type ReceiveShareAnswer = ShareAnswer;
export type RestoreInCeremonyBody = RestoreBody;
export type RestoreInCeremonyAnswer = CeremonyState;
export type EnterShareBody = ShareBody;
export type EnterShareAnswer = CeremonyState;

export interface CeremoniesPaths {
  '/api/ceremonies': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OpenCeremonyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OpenCeremonyAnswer } } } };
  };
  '/api/ceremonies/{id}': {
    get: { parameters: { query?: never; header?: never; path: GetCeremonyPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetCeremonyAnswer } } } };
  };
  '/api/ceremonies/{id}/backups': {
    post: { parameters: { query?: never; header?: never; path: BackupInCeremonyPath; cookie?: never }; requestBody: { content: { 'application/json': BackupInCeremonyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': BackupInCeremonyAnswer } } } };
  };
  '/api/ceremonies/{id}/components': {
    post: { parameters: { query?: never; header?: never; path: EnterComponentPath; cookie?: never }; requestBody: { content: { 'application/json': EnterComponentBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnterComponentAnswer } } } };
  };
  '/api/ceremonies/{id}/components/key': {
    post: { parameters: { query?: never; header?: never; path: MakeFromComponentsPath; cookie?: never }; requestBody: { content: { 'application/json': MakeFromComponentsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': MakeFromComponentsAnswer } } } };
  };
  '/api/ceremonies/{id}/destruction': {
    post: { parameters: { query?: never; header?: never; path: DestroyInCeremonyPath; cookie?: never }; requestBody: { content: { 'application/json': DestroyInCeremonyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': DestroyInCeremonyAnswer } } } };
  };
  '/api/ceremonies/{id}/end': {
    post: { parameters: { query?: never; header?: never; path: CloseCeremonyPath; cookie?: never }; requestBody: { content: { 'application/json': CloseCeremonyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': CloseCeremonyAnswer } } } };
  };
  '/api/ceremonies/{id}/generation': {
    post: { parameters: { query?: never; header?: never; path: GenerateInCeremonyPath; cookie?: never }; requestBody: { content: { 'application/json': GenerateInCeremonyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GenerateInCeremonyAnswer } } } };
  };
  '/api/ceremonies/{id}/handovers': {
    post: { parameters: { query?: never; header?: never; path: ReceiveSharePath; cookie?: never }; requestBody: { content: { 'application/json': ReceiveShareBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ReceiveShareAnswer } } } };
  };
  '/api/ceremonies/{id}/restoration': {
    post: { parameters: { query?: never; header?: never; path: RestoreInCeremonyPath; cookie?: never }; requestBody: { content: { 'application/json': RestoreInCeremonyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RestoreInCeremonyAnswer } } } };
  };
  '/api/ceremonies/{id}/shares': {
    post: { parameters: { query?: never; header?: never; path: EnterSharePath; cookie?: never }; requestBody: { content: { 'application/json': EnterShareBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnterShareAnswer } } } };
  };
}
