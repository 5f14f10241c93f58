// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
export type ListApprovalsAnswer = {
  id: string;
  act: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    approve: string;
  };
  subject: string;
  why: string;
  /**
   * The same in English and Chinese
   */
  effect: {
    en: string;
    zh: string;
  };
  requestedBy: string;
  requestedAt: string;
  needed: number;
  state: "waiting" | "done" | "refused" | "failed";
  outcome: string;
  decisions: {
    who: string;
    verdict: string;
    why: string;
    at: string;
  }[];
}[];
/**
 * @maxItems 500
 */
export type EnrolOperatorsBody = {
  /**
   * As records from the field write it
   */
  name: string;
  mode: "metro" | "bus";
  discounts?: "tariff" | "none";
}[];
export type EnrolOperatorsAnswer = {
  name: string;
  id: string;
  code: string;
  discounts: string;
  origin: "blueprint" | "enrolled";
}[];
/**
 * @maxItems 5000
 */
export type EnrolPlacesBody = {
  name: string;
}[];
export type EnrolPlacesAnswer = {
  name: string;
  code: string;
  origin: string;
}[];
export type ListRotationsAnswer = {
  label: string;
  version: number;
  previousVersion: number;
  startedAt: string;
  /**
   * So long the old version still serves
   */
  overlapEndsAt?: string;
  cards: {
    total: number;
    onNew: number;
    /**
     * Cards still on an older version; counts down to zero
     */
    onOld: number;
  };
  psams: {
    total: number;
    onNew: number;
    /**
     * PSAMs still on an older version; counts down to zero
     */
    onOld: number;
  };
  terminals: {
    total: number;
    onNew: number;
    /**
     * Terminals still on an older version; counts down to zero
     */
    onOld: number;
  };
}[];
export type ListModeOrdersAnswer = {
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
}[];
export type ListParameterVersionsAnswer = {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
}[];
export type ListPartiesAnswer = {
  id: string;
  kind: "platform" | "issuer" | "operator" | "service";
  /**
   * The same in English and Chinese
   */
  name: {
    en: string;
    zh: string;
  };
  city?: string;
  mode?: string;
  origin: "blueprint" | "enrolled";
  discounts: string;
}[];
export type ReissueSamsAnswer = {
  label: string;
  /**
   * While a key is rotated a PSAM holds two versions
   */
  version: number;
  algorithm: "3DES" | "SM4";
  /**
   * Management key dispersed along the fixed part of its path, under the zone transport key
   */
  enciphered: string;
  checkValue: string;
}[];
export type ListSettlementDaysAnswer = {
  /**
   * Business date, YYYY-MM-DD
   */
  businessDate: string;
  state: "open" | "closed";
  taps: number;
  /**
   * Amount in fen
   */
  chargedFen: number;
  postings: number;
  /**
   * Amount in fen
   */
  sumFen: number;
}[];
export type ListTerminalMessagesAnswer = {
  /**
   * UTC, ISO 8601
   */
  at: string;
  direction: "from-terminal" | "to-terminal";
  mti: string;
  /**
   * The same in English and Chinese
   */
  name: {
    en: string;
    zh: string;
  };
  /**
   * Field 39
   */
  code?: string;
  bytes: number;
  fields: {
    field: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    hex: string;
    text: string;
  }[];
}[];

export interface Api {
  ActivationCommandBody?: ActivationCommandBody;
  ActivationCommandAnswer?: ActivationCommandAnswer;
  ApplicationActivatedBody?: ApplicationActivatedBody;
  ApplicationActivatedAnswer?: ApplicationActivatedAnswer;
  ListApprovalsQuery?: ListApprovalsQuery;
  ListApprovalsAnswer?: ListApprovalsAnswer;
  RequestApprovalBody?: RequestApprovalBody;
  RequestApprovalAnswer?: RequestApprovalAnswer;
  GetApprovalPath?: GetApprovalPath;
  GetApprovalAnswer?: GetApprovalAnswer;
  DecideApprovalPath?: DecideApprovalPath;
  DecideApprovalBody?: DecideApprovalBody;
  DecideApprovalAnswer?: DecideApprovalAnswer;
  SearchAuditQuery?: SearchAuditQuery;
  SearchAuditAnswer?: SearchAuditAnswer;
  VerifyAuditAnswer?: VerifyAuditAnswer;
  ListCardsQuery?: ListCardsQuery;
  ListCardsAnswer?: ListCardsAnswer;
  GetCardPath?: GetCardPath;
  GetCardAnswer?: GetCardAnswer;
  GetCardListingPath?: GetCardListingPath;
  GetCardListingAnswer?: GetCardListingAnswer;
  OpenCeremonyBody?: OpenCeremonyBody;
  OpenCeremonyAnswer?: OpenCeremonyAnswer;
  GetCeremonyPath?: GetCeremonyPath;
  GetCeremonyAnswer?: GetCeremonyAnswer;
  BackupInCeremonyPath?: BackupInCeremonyPath;
  BackupInCeremonyBody?: BackupInCeremonyBody;
  BackupInCeremonyAnswer?: BackupInCeremonyAnswer;
  EnterComponentPath?: EnterComponentPath;
  EnterComponentBody?: EnterComponentBody;
  EnterComponentAnswer?: EnterComponentAnswer;
  MakeFromComponentsPath?: MakeFromComponentsPath;
  MakeFromComponentsBody?: MakeFromComponentsBody;
  MakeFromComponentsAnswer?: MakeFromComponentsAnswer;
  DestroyInCeremonyPath?: DestroyInCeremonyPath;
  DestroyInCeremonyBody?: DestroyInCeremonyBody;
  DestroyInCeremonyAnswer?: DestroyInCeremonyAnswer;
  CloseCeremonyPath?: CloseCeremonyPath;
  CloseCeremonyBody?: CloseCeremonyBody;
  CloseCeremonyAnswer?: CloseCeremonyAnswer;
  GenerateInCeremonyPath?: GenerateInCeremonyPath;
  GenerateInCeremonyBody?: GenerateInCeremonyBody;
  GenerateInCeremonyAnswer?: GenerateInCeremonyAnswer;
  ReceiveSharePath?: ReceiveSharePath;
  ReceiveShareBody?: ReceiveShareBody;
  ReceiveShareAnswer?: ReceiveShareAnswer;
  RestoreInCeremonyPath?: RestoreInCeremonyPath;
  RestoreInCeremonyBody?: RestoreInCeremonyBody;
  RestoreInCeremonyAnswer?: RestoreInCeremonyAnswer;
  EnterSharePath?: EnterSharePath;
  EnterShareBody?: EnterShareBody;
  EnterShareAnswer?: EnterShareAnswer;
  GetClearingAnswer?: GetClearingAnswer;
  GetDenyListsAnswer?: GetDenyListsAnswer;
  ListDenyEntriesQuery?: ListDenyEntriesQuery;
  ListDenyEntriesAnswer?: ListDenyEntriesAnswer;
  AddDenyEntriesBody?: AddDenyEntriesBody;
  AddDenyEntriesAnswer?: AddDenyEntriesAnswer;
  ListDenyListHitsQuery?: ListDenyListHitsQuery;
  ListDenyListHitsAnswer?: ListDenyListHitsAnswer;
  ImportDenyEntriesBody?: ImportDenyEntriesBody;
  ImportDenyEntriesAnswer?: ImportDenyEntriesAnswer;
  RequestDenyListPublicationBody?: RequestDenyListPublicationBody;
  RequestDenyListPublicationAnswer?: RequestDenyListPublicationAnswer;
  RemoveDenyEntriesBody?: RemoveDenyEntriesBody;
  RemoveDenyEntriesAnswer?: RemoveDenyEntriesAnswer;
  ListDenyListFleetQuery?: ListDenyListFleetQuery;
  ListDenyListFleetAnswer?: ListDenyListFleetAnswer;
  EnrolMakerTerminalsBody?: EnrolMakerTerminalsBody;
  EnrolMakerTerminalsAnswer?: EnrolMakerTerminalsAnswer;
  EnrolOperatorsBody?: EnrolOperatorsBody;
  EnrolOperatorsAnswer?: EnrolOperatorsAnswer;
  EnrolPlacesBody?: EnrolPlacesBody;
  EnrolPlacesAnswer?: EnrolPlacesAnswer;
  EnrolTerminalsBody?: EnrolTerminalsBody;
  EnrolTerminalsAnswer?: EnrolTerminalsAnswer;
  TakeZoneKeyBody?: TakeZoneKeyBody;
  TakeZoneKeyAnswer?: TakeZoneKeyAnswer;
  OpenZoneBody?: OpenZoneBody;
  OpenZoneAnswer?: OpenZoneAnswer;
  ListExceptionsQuery?: ListExceptionsQuery;
  ListExceptionsAnswer?: ListExceptionsAnswer;
  ListExchangesAnswer?: ListExchangesAnswer;
  GetEnvelopeKeyAnswer?: GetEnvelopeKeyAnswer;
  OpenExchangeZoneBody?: OpenExchangeZoneBody;
  OpenExchangeZoneAnswer?: OpenExchangeZoneAnswer;
  EnterZoneComponentPath?: EnterZoneComponentPath;
  EnterZoneComponentBody?: EnterZoneComponentBody;
  EnterZoneComponentAnswer?: EnterZoneComponentAnswer;
  GetExchangeDocumentPath?: GetExchangeDocumentPath;
  GetExchangeDocumentAnswer?: GetExchangeDocumentAnswer;
  CheckExchangeReceiptPath?: CheckExchangeReceiptPath;
  CheckExchangeReceiptBody?: CheckExchangeReceiptBody;
  CheckExchangeReceiptAnswer?: CheckExchangeReceiptAnswer;
  ListKeysAnswer?: ListKeysAnswer;
  ActivateApplicationBody?: ActivateApplicationBody;
  ActivateApplicationAnswer?: ActivateApplicationAnswer;
  GetKeyBackendAnswer?: GetKeyBackendAnswer;
  DisperseKeyBody?: DisperseKeyBody;
  DisperseKeyAnswer?: DisperseKeyAnswer;
  IssuePsamKeyBody?: IssuePsamKeyBody;
  IssuePsamKeyAnswer?: IssuePsamKeyAnswer;
  RecordKeyCommandsBody?: RecordKeyCommandsBody;
  RecordKeyCommandsAnswer?: RecordKeyCommandsAnswer;
  RecordKeysReplacedBody?: RecordKeysReplacedBody;
  RecordKeysReplacedAnswer?: RecordKeysReplacedAnswer;
  ListRotationsAnswer?: ListRotationsAnswer;
  GetKeyPath?: GetKeyPath;
  GetKeyAnswer?: GetKeyAnswer;
  ListModeOrdersAnswer?: ListModeOrdersAnswer;
  OrderModeBody?: OrderModeBody;
  OrderModeAnswer?: OrderModeAnswer;
  EndModeOrderPath?: EndModeOrderPath;
  EndModeOrderBody?: EndModeOrderBody;
  EndModeOrderAnswer?: EndModeOrderAnswer;
  GetOverviewQuery?: GetOverviewQuery;
  GetOverviewAnswer?: GetOverviewAnswer;
  ListHeldParametersQuery?: ListHeldParametersQuery;
  ListHeldParametersAnswer?: ListHeldParametersAnswer;
  ListParameterVersionsAnswer?: ListParameterVersionsAnswer;
  DraftParametersBody?: DraftParametersBody;
  DraftParametersAnswer?: DraftParametersAnswer;
  GetParameterVersionPath?: GetParameterVersionPath;
  GetParameterVersionAnswer?: GetParameterVersionAnswer;
  SaveParametersPath?: SaveParametersPath;
  SaveParametersBody?: SaveParametersBody;
  SaveParametersAnswer?: SaveParametersAnswer;
  CheckParametersPath?: CheckParametersPath;
  CheckParametersAnswer?: CheckParametersAnswer;
  ProposeParametersPath?: ProposeParametersPath;
  ProposeParametersBody?: ProposeParametersBody;
  ProposeParametersAnswer?: ProposeParametersAnswer;
  RehearseParametersPath?: RehearseParametersPath;
  RehearseParametersBody?: RehearseParametersBody;
  RehearseParametersAnswer?: RehearseParametersAnswer;
  RollBackParametersPath?: RollBackParametersPath;
  RollBackParametersBody?: RollBackParametersBody;
  RollBackParametersAnswer?: RollBackParametersAnswer;
  BeginRolloutPath?: BeginRolloutPath;
  BeginRolloutBody?: BeginRolloutBody;
  BeginRolloutAnswer?: BeginRolloutAnswer;
  OpenStagePath?: OpenStagePath;
  OpenStageBody?: OpenStageBody;
  OpenStageAnswer?: OpenStageAnswer;
  StopRolloutPath?: StopRolloutPath;
  StopRolloutBody?: StopRolloutBody;
  StopRolloutAnswer?: StopRolloutAnswer;
  ListPartiesAnswer?: ListPartiesAnswer;
  PrepareCardsBody?: PrepareCardsBody;
  PrepareCardsAnswer?: PrepareCardsAnswer;
  ReconcileRecordsBody?: ReconcileRecordsBody;
  ReconcileRecordsAnswer?: ReconcileRecordsAnswer;
  ListSamsQuery?: ListSamsQuery;
  ListSamsAnswer?: ListSamsAnswer;
  ReissueSamsBody?: ReissueSamsBody;
  ReissueSamsAnswer?: ReissueSamsAnswer;
  StopSamPath?: StopSamPath;
  StopSamBody?: StopSamBody;
  StopSamAnswer?: StopSamAnswer;
  GetSessionAnswer?: GetSessionAnswer;
  SignInBody?: SignInBody;
  SignInAnswer?: SignInAnswer;
  SignInLocallyBody?: SignInLocallyBody;
  ChangePasswordBody?: ChangePasswordBody;
  ChangePasswordAnswer?: ChangePasswordAnswer;
  ListSettlementDaysAnswer?: ListSettlementDaysAnswer;
  GetSettlementDayPath?: GetSettlementDayPath;
  GetSettlementDayAnswer?: GetSettlementDayAnswer;
  CloseSettlementDayPath?: CloseSettlementDayPath;
  CloseSettlementDayAnswer?: CloseSettlementDayAnswer;
  GetSpecificationAnswer?: GetSpecificationAnswer;
  ListTapsQuery?: ListTapsQuery;
  ListTapsAnswer?: ListTapsAnswer;
  GetTapPath?: GetTapPath;
  GetTapAnswer?: GetTapAnswer;
  ListTerminalsQuery?: ListTerminalsQuery;
  ListTerminalsAnswer?: ListTerminalsAnswer;
  GetTerminalPath?: GetTerminalPath;
  GetTerminalAnswer?: GetTerminalAnswer;
  ListTerminalMessagesPath?: ListTerminalMessagesPath;
  ListTerminalMessagesAnswer?: ListTerminalMessagesAnswer;
  GetHealthAnswer?: GetHealthAnswer;
}
export interface ActivationCommandBody {
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
export interface ActivationCommandAnswer {
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
export interface ApplicationActivatedBody {
  cardToken: string;
  application: string;
}
export interface ApplicationActivatedAnswer {
  state: string;
}
export interface ListApprovalsQuery {
  state?: string;
}
export interface RequestApprovalBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  /**
   * An act of duties.yaml: keys.management.rotate
   */
  act: string;
  /**
   * A key's label or label#version, or an account; keys handed over or ordered, joined by commas
   */
  subject: string;
  why: string;
  parameters?: {
    [k: string]: string;
  };
}
export interface RequestApprovalAnswer {
  id: string;
  act: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    approve: string;
  };
  subject: string;
  why: string;
  /**
   * The same in English and Chinese
   */
  effect: {
    en: string;
    zh: string;
  };
  requestedBy: string;
  requestedAt: string;
  needed: number;
  state: "waiting" | "done" | "refused" | "failed";
  outcome: string;
  decisions: {
    who: string;
    verdict: string;
    why: string;
    at: string;
  }[];
}
export interface GetApprovalPath {
  id: string;
}
export interface GetApprovalAnswer {
  id: string;
  act: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    approve: string;
  };
  subject: string;
  why: string;
  /**
   * The same in English and Chinese
   */
  effect: {
    en: string;
    zh: string;
  };
  requestedBy: string;
  requestedAt: string;
  needed: number;
  state: "waiting" | "done" | "refused" | "failed";
  outcome: string;
  decisions: {
    who: string;
    verdict: string;
    why: string;
    at: string;
  }[];
}
export interface DecideApprovalPath {
  id: string;
}
export interface DecideApprovalBody {
  verdict: "approved" | "refused";
  why: string;
}
export interface DecideApprovalAnswer {
  id: string;
  act: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    approve: string;
  };
  subject: string;
  why: string;
  /**
   * The same in English and Chinese
   */
  effect: {
    en: string;
    zh: string;
  };
  requestedBy: string;
  requestedAt: string;
  needed: number;
  state: "waiting" | "done" | "refused" | "failed";
  outcome: string;
  decisions: {
    who: string;
    verdict: string;
    why: string;
    at: string;
  }[];
}
export interface SearchAuditQuery {
  page?: number;
  pageSize?: number;
  who?: string;
  what?: string;
  subject?: string;
  day?: string;
}
export interface SearchAuditAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    sequence: number;
    /**
     * UTC, ISO 8601
     */
    at: string;
    day: string;
    who: string;
    what: string;
    subject: string;
    before: unknown;
    after: unknown;
    why: string | null;
    approvedBy: string[];
    detail: {
      [k: string]: unknown;
    };
    sha256: string;
    sm3: string;
  }[];
}
export interface VerifyAuditAnswer {
  verdict: "whole" | "broken" | "not-an-export";
  chain: string;
  entries: number;
  anchors: number;
  signatures: number;
  head: {
    sequence: number;
    sha256: string;
    sm3: string;
  };
  problem?: {
    entry: number;
    line: number;
    part: string;
    message: string;
  };
}
export interface ListCardsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  issuer?: string;
  cardClass?: string;
  product?: string;
  q?: string;
}
export interface ListCardsAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    token: string;
    panMasked: string;
    issuer: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    product: string;
    /**
     * The same in English and Chinese
     */
    productName: {
      en: string;
      zh: string;
    };
    cardClass: string;
    /**
     * The same in English and Chinese
     */
    cardClassName: {
      en: string;
      zh: string;
    };
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
  }[];
}
export interface GetCardPath {
  token: string;
}
export interface GetCardAnswer {
  card: {
    token: string;
    panMasked: string;
    issuer: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    product: string;
    /**
     * The same in English and Chinese
     */
    productName: {
      en: string;
      zh: string;
    };
    cardClass: string;
    /**
     * The same in English and Chinese
     */
    cardClassName: {
      en: string;
      zh: string;
    };
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
  };
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  issuedAt: string;
  applications: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
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
  records: {
    application: string;
    record: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    sfi: string;
    recordId?: string;
    hex: string;
    fields: {
      name: string;
      /**
       * The same in English and Chinese
       */
      title: {
        en: string;
        zh: string;
      };
      offset?: number;
      lengthBytes?: number;
      hex: string;
      value: string;
      clause?: string;
    }[];
  }[];
  taps: {
    id: string;
    kind: "entry" | "exit" | "boarding" | "counter";
    /**
     * Where a tap stands
     */
    state: "received" | "cleared" | "suspended" | "settled";
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    at: string;
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    cardToken: string;
    panMasked: string;
    cardClass: string;
    /**
     * The same in English and Chinese
     */
    cardClassName: {
      en: string;
      zh: string;
    };
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    terminalNo: string;
    deviceNo: string;
    place?: {
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    baseFen?: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    transfer: boolean;
    cryptogram: "unchecked" | "verified" | "failed";
    exceptions: (
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list"
    )[];
  }[];
}
export interface GetCardListingPath {
  token: string;
}
export interface GetCardListingAnswer {
  entries: {
    cardToken: string;
    panMasked: string;
    /**
     * Whether the card was issued here and has a page
     */
    isCardHere: boolean;
    scope: string;
    /**
     * The same in English and Chinese
     */
    scopeName: {
      en: string;
      zh: string;
    };
    reason: string;
    /**
     * The same in English and Chinese
     */
    reasonName: {
      en: string;
      zh: string;
    };
    lockOnSight: boolean;
    state: "waiting" | "listed" | "leaving" | "off";
    listedInVersion?: number;
    removedInVersion?: number;
    why: string;
    addedBy: string;
    addedAt: string;
    removedBy?: string;
    removedAt?: string;
    removedWhy?: string;
  }[];
  hits: {
    cardToken: string;
    panMasked: string;
    terminalNo: string;
    at: string;
    scope: string;
    /**
     * The same in English and Chinese
     */
    scopeName: {
      en: string;
      zh: string;
    };
    reason: string;
    /**
     * The same in English and Chinese
     */
    reasonName: {
      en: string;
      zh: string;
    };
    outcome: "refused" | "locked" | "lock-refused" | "lock-unknown";
    listVersion: number;
    receivedAt: string;
  }[];
  /**
   * Rides of the card that were let through while it was listed, and who answers for them
   */
  rides: {
    tapId: string;
    party: "operator" | "issuer";
    ground: "held-and-accepted" | "list-too-old" | "in-distribution";
    heldVersion: number;
    listedInVersion: number;
    /**
     * The same in English and Chinese
     */
    explanation: {
      en: string;
      zh: string;
    };
  }[];
}
export interface OpenCeremonyBody {
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
export interface OpenCeremonyAnswer {
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
export interface GetCeremonyPath {
  id: string;
}
export interface GetCeremonyAnswer {
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
export interface BackupInCeremonyPath {
  id: string;
}
export interface BackupInCeremonyBody {
  keystorePassphrase: string;
}
export interface BackupInCeremonyAnswer {
  text: string;
}
export interface EnterComponentPath {
  id: string;
}
export interface EnterComponentBody {
  who: string;
  label: string;
  /**
   * Hex; never shown again
   */
  component: string;
  checkValue: string;
}
export interface EnterComponentAnswer {
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
export interface MakeFromComponentsPath {
  id: string;
}
export interface MakeFromComponentsBody {
  keystorePassphrase: string;
}
export interface MakeFromComponentsAnswer {
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
export interface DestroyInCeremonyPath {
  id: string;
}
export interface DestroyInCeremonyBody {}
export interface DestroyInCeremonyAnswer {
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
export interface CloseCeremonyPath {
  id: string;
}
export interface CloseCeremonyBody {}
export interface CloseCeremonyAnswer {
  text: string;
}
export interface GenerateInCeremonyPath {
  id: string;
}
export interface GenerateInCeremonyBody {
  keystorePassphrase: string;
}
export interface GenerateInCeremonyAnswer {
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
export interface ReceiveSharePath {
  id: string;
}
export interface ReceiveShareBody {
  who: string;
  passphrase: string;
}
export interface ReceiveShareAnswer {
  /**
   * Shown to its custodian, this once
   */
  share: string;
}
export interface RestoreInCeremonyPath {
  id: string;
}
export interface RestoreInCeremonyBody {
  backup: string;
  keystorePassphrase: string;
}
export interface RestoreInCeremonyAnswer {
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
export interface EnterSharePath {
  id: string;
}
export interface EnterShareBody {
  who: string;
  share: string;
}
export interface EnterShareAnswer {
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
export interface GetDenyListsAnswer {
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  /**
   * Current version; 0 before the first
   */
  version: number;
  cards: number;
  issuedAt?: string;
  waiting: {
    added: number;
    removed: number;
  };
  /**
   * Publications that wait for somebody else
   */
  requests: {
    id: string;
    act: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
      approve: string;
    };
    subject: string;
    why: string;
    /**
     * The same in English and Chinese
     */
    effect: {
      en: string;
      zh: string;
    };
    requestedBy: string;
    requestedAt: string;
    needed: number;
    state: "waiting" | "done" | "refused" | "failed";
    outcome: string;
    decisions: {
      who: string;
      verdict: string;
      why: string;
      at: string;
    }[];
  }[];
  counts: {
    scope: string;
    /**
     * The same in English and Chinese
     */
    scopeName: {
      en: string;
      zh: string;
    };
    reason: string;
    /**
     * The same in English and Chinese
     */
    reasonName: {
      en: string;
      zh: string;
    };
    lockOnSight: boolean;
    cards: number;
  }[];
  versions: {
    version: number;
    /**
     * UTC, ISO 8601
     */
    issuedAt: string;
    cards: number;
    added: number;
    removed: number;
    snapshotBytes: number;
    deltaBytes: number;
    digest: string;
    builtMs: number;
    requestedBy: string;
    approvedBy: string[];
    why: string;
  }[];
  fleet: {
    terminals: number;
    /**
     * Terminals that hold the current version
     */
    current: number;
    byVersion: {
      version: number | null;
      terminals: number;
    }[];
    byState: {
      state: "fresh" | "warn" | "refuse-above-floor" | "refuse-all" | "none";
      terminals: number;
    }[];
  };
  rules: {
    distributionMinutes: number;
    deltasKept: number;
    reasons: {
      id: string;
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
      of: "card" | "application" | "any";
      lockOnSight: boolean;
    }[];
    scopes: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    }[];
  };
}
export interface ListDenyEntriesQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  scope?: string;
  reason?: string;
  state?: "waiting" | "listed" | "leaving" | "off";
  q?: string;
}
export interface ListDenyEntriesAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    cardToken: string;
    panMasked: string;
    /**
     * Whether the card was issued here and has a page
     */
    isCardHere: boolean;
    scope: string;
    /**
     * The same in English and Chinese
     */
    scopeName: {
      en: string;
      zh: string;
    };
    reason: string;
    /**
     * The same in English and Chinese
     */
    reasonName: {
      en: string;
      zh: string;
    };
    lockOnSight: boolean;
    state: "waiting" | "listed" | "leaving" | "off";
    listedInVersion?: number;
    removedInVersion?: number;
    why: string;
    addedBy: string;
    addedAt: string;
    removedBy?: string;
    removedAt?: string;
    removedWhy?: string;
  }[];
}
export interface AddDenyEntriesBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  entries: [
    {
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
      /**
       * A reason of deny-lists.yaml
       */
      reason: string;
    },
    ...{
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
      /**
       * A reason of deny-lists.yaml
       */
      reason: string;
    }[]
  ];
}
export interface AddDenyEntriesAnswer {
  added: number;
  known: number;
}
export interface ListDenyListHitsQuery {
  page?: number;
  pageSize?: number;
}
export interface ListDenyListHitsAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    cardToken: string;
    panMasked: string;
    terminalNo: string;
    at: string;
    scope: string;
    /**
     * The same in English and Chinese
     */
    scopeName: {
      en: string;
      zh: string;
    };
    reason: string;
    /**
     * The same in English and Chinese
     */
    reasonName: {
      en: string;
      zh: string;
    };
    outcome: "refused" | "locked" | "lock-refused" | "lock-unknown";
    listVersion: number;
    receivedAt: string;
  }[];
}
export interface ImportDenyEntriesBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  fileName: string;
  /**
   * One account number a line, or columns cardNo, scope, reason named in the first line
   */
  csv: string;
  /**
   * "card", or an application of the blueprint
   */
  scope?: string;
  reason?: string;
}
export interface ImportDenyEntriesAnswer {
  lines: number;
  added: number;
  known: number;
  refused: number;
  refusals: {
    line: number;
    problem: string;
  }[];
}
export interface RequestDenyListPublicationBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
}
export interface RequestDenyListPublicationAnswer {
  id: string;
  act: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    approve: string;
  };
  subject: string;
  why: string;
  /**
   * The same in English and Chinese
   */
  effect: {
    en: string;
    zh: string;
  };
  requestedBy: string;
  requestedAt: string;
  needed: number;
  state: "waiting" | "done" | "refused" | "failed";
  outcome: string;
  decisions: {
    who: string;
    verdict: string;
    why: string;
    at: string;
  }[];
}
export interface RemoveDenyEntriesBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  entries: [
    {
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
    },
    ...{
      /**
       * Account number; kept sealed, never answered
       */
      cardNo?: string;
      cardToken?: string;
      /**
       * "card", or an application of the blueprint
       */
      scope?: string;
    }[]
  ];
}
export interface RemoveDenyEntriesAnswer {
  removed: number;
  notListed: number;
}
export interface ListDenyListFleetQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  state?: "fresh" | "warn" | "refuse-above-floor" | "refuse-all" | "none";
  version?: number;
  stale?: boolean;
}
export interface ListDenyListFleetAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    terminalNo: string;
    profile: string;
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    version?: number;
    /**
     * Versions it lacks
     */
    behind?: number;
    acknowledgedAt?: string;
    confirmedAt?: string;
    ageMinutes?: number;
    state: "fresh" | "warn" | "refuse-above-floor" | "refuse-all" | "none";
  }[];
}
export interface EnrolMakerTerminalsBody {
  zoneId: string;
  /**
   * @minItems 1
   * @maxItems 1000
   */
  terminals: [
    {
      deviceNo: string;
      profile: string;
      operatorId: string;
      placeCode?: string;
      line?: string;
      route?: string;
      vehicle?: string;
    },
    ...{
      deviceNo: string;
      profile: string;
      operatorId: string;
      placeCode?: string;
      line?: string;
      route?: string;
      vehicle?: string;
    }[]
  ];
}
export interface EnrolMakerTerminalsAnswer {
  tpdu: string;
  header: string;
  gateway: {
    host: string;
    port: number;
  };
  terminals: {
    deviceNo: string;
    /**
     * Field 41
     */
    terminalNo: string;
    /**
     * Field 42
     */
    merchantNo: string;
    operatorId: string;
    operatorCode: string;
    batchNo: number;
    /**
     * Terminal master key as a key block (X9.143, TR-31) under the zone key
     */
    masterKey: string;
    masterKeyCheckValue: string;
  }[];
  /**
   * RSA public key of the list issuer, hex: a terminal believes only deny lists it signed
   */
  listKey?: {
    modulus: string;
    exponent: string;
  };
}
export interface EnrolTerminalsBody {
  zoneId: string;
  /**
   * @maxItems 10000
   */
  terminals: {
    deviceNo: string;
    profile: string;
    operatorId: string;
    placeCode?: string;
    line?: string;
    route?: string;
    vehicle?: string;
  }[];
}
export interface EnrolTerminalsAnswer {
  tpdu: string;
  header: string;
  /**
   * RSA public key of the list issuer, hex: a terminal believes only deny lists it signed
   */
  listKey?: {
    modulus: string;
    exponent: string;
  };
  terminals: {
    deviceNo: string;
    /**
     * Field 41
     */
    terminalNo: string;
    /**
     * Field 42
     */
    merchantNo: string;
    operatorCode: string;
    batchNo: number;
    /**
     * Terminal master key under the zone transport key, hex
     */
    masterKey: string;
    masterKeyCheckValue: string;
  }[];
  psam: {
    label: string;
    /**
     * While a key is rotated a PSAM holds two versions
     */
    version: number;
    algorithm: "3DES" | "SM4";
    /**
     * Management key dispersed along the fixed part of its path, under the zone transport key
     */
    enciphered: string;
    checkValue: string;
  }[];
}
export interface TakeZoneKeyBody {
  /**
   * Whose zone key it is
   */
  name: string;
  /**
   * A zone agreed for this one passage; it ends with it
   */
  agreedZoneId: string;
  /**
   * The maker's zone key as a key block (X9.143 B, usage K0) under the agreed zone's key
   */
  keyBlock: string;
}
export interface TakeZoneKeyAnswer {
  zoneId: string;
  algorithm: "3DES" | "AES";
  checkValue: string;
}
export interface OpenZoneBody {
  publicKey: string;
  /**
   * Card and opening keys for a bureau; terminal and PSAM keys; the passage of a terminal maker's own zone key. Never two under one transport key
   */
  purpose: "cards" | "terminals" | "maker";
  /**
   * Who this transport key is shared with
   */
  name: string;
}
export interface OpenZoneAnswer {
  zoneId: string;
  publicKey: string;
  checkValue: string;
}
export interface ListExceptionsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  date?: string;
  reason?:
    | "format"
    | "unknown-terminal"
    | "unknown-card"
    | "duplicate"
    | "gap"
    | "cryptogram"
    | "fare"
    | "mac"
    | "batch-totals"
    | "torn"
    | "tariff-version"
    | "deny-list";
  state?: "open" | "resolved";
}
export interface ListExceptionsAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    id: string;
    reason:
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list";
    state: "open" | "resolved";
    /**
     * The same in English and Chinese
     */
    explanation: {
      en: string;
      zh: string;
    };
    openedAt: string;
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    terminalNo: string;
    tap?: {
      id: string;
      kind: "entry" | "exit" | "boarding" | "counter";
      /**
       * Where a tap stands
       */
      state: "received" | "cleared" | "suspended" | "settled";
      /**
       * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
       */
      at: string;
      /**
       * Business date, YYYY-MM-DD
       */
      businessDate: string;
      cardToken: string;
      panMasked: string;
      cardClass: string;
      /**
       * The same in English and Chinese
       */
      cardClassName: {
        en: string;
        zh: string;
      };
      operator: {
        id: string;
        /**
         * The same in English and Chinese
         */
        name: {
          en: string;
          zh: string;
        };
      };
      terminalNo: string;
      deviceNo: string;
      place?: {
        code: string;
        /**
         * The same in English and Chinese
         */
        name: {
          en: string;
          zh: string;
        };
      };
      /**
       * Amount in fen
       */
      baseFen?: number;
      /**
       * Amount in fen
       */
      chargedFen: number;
      transfer: boolean;
      cryptogram: "unchecked" | "verified" | "failed";
      exceptions: (
        | "format"
        | "unknown-terminal"
        | "unknown-card"
        | "duplicate"
        | "gap"
        | "cryptogram"
        | "fare"
        | "mac"
        | "batch-totals"
        | "torn"
        | "tariff-version"
        | "deny-list"
      )[];
    };
  }[];
}
export interface ListExchangesAnswer {
  zones: {
    zoneId: string;
    counterpart: string;
    /**
     * Whose keys travel under it; a counterpart gets one half only
     */
    tree: "activation" | "management" | "issuer";
    algorithm: string;
    state: "waiting" | "active";
    components: {
      needed: number;
      enteredBy: string[];
    };
    /**
     * Of the whole key, once it is there
     */
    checkValue?: string;
  }[];
  exchanges: {
    /**
     * Number of the request that was approved
     */
    id: string;
    direction: "out" | "in";
    /**
     * Whose keys travel under it; a counterpart gets one half only
     */
    tree: "activation" | "management" | "issuer";
    zoneId: string;
    counterpart: string;
    state: "handed-over" | "receipted" | "taken" | "refused";
    at: string;
    receiptAt?: string;
    digest: {
      sm3: string;
      sha256: string;
    };
    keys: {
      label: string;
      version: number;
      usage: string;
      algorithm: string;
      checkValue: string;
      form: string;
      /**
       * By the receipt
       */
      accepted?: boolean;
      refusal?: string;
    }[];
  }[];
}
export interface GetEnvelopeKeyAnswer {
  /**
   * SM2, x and y, hex
   */
  publicKey: string;
}
export interface OpenExchangeZoneBody {
  zoneId: string;
  counterpart: string;
  /**
   * Whose keys travel under it; a counterpart gets one half only
   */
  tree: "activation" | "management" | "issuer";
  /**
   * 3DES: X9.143 B, ECB; AES: X9.143 D
   */
  algorithm: "3DES" | "AES";
  /**
   * How many people enter one each
   */
  components: number;
  checkValue?: string;
}
export interface OpenExchangeZoneAnswer {
  zoneId: string;
  counterpart: string;
  /**
   * Whose keys travel under it; a counterpart gets one half only
   */
  tree: "activation" | "management" | "issuer";
  algorithm: string;
  state: "waiting" | "active";
  components: {
    needed: number;
    enteredBy: string[];
  };
  /**
   * Of the whole key, once it is there
   */
  checkValue?: string;
}
export interface EnterZoneComponentPath {
  zoneId: string;
}
export interface EnterZoneComponentBody {
  /**
   * Hex; never shown again
   */
  component: string;
  checkValue: string;
}
export interface EnterZoneComponentAnswer {
  zoneId: string;
  counterpart: string;
  /**
   * Whose keys travel under it; a counterpart gets one half only
   */
  tree: "activation" | "management" | "issuer";
  algorithm: string;
  state: "waiting" | "active";
  components: {
    needed: number;
    enteredBy: string[];
  };
  /**
   * Of the whole key, once it is there
   */
  checkValue?: string;
}
export interface GetExchangeDocumentPath {
  id: string;
}
export interface GetExchangeDocumentAnswer {
  /**
   * JSON
   */
  text: string;
}
export interface CheckExchangeReceiptPath {
  id: string;
}
export interface CheckExchangeReceiptBody {
  receipt: string;
}
export interface CheckExchangeReceiptAnswer {
  /**
   * Number of the request that was approved
   */
  id: string;
  direction: "out" | "in";
  /**
   * Whose keys travel under it; a counterpart gets one half only
   */
  tree: "activation" | "management" | "issuer";
  zoneId: string;
  counterpart: string;
  state: "handed-over" | "receipted" | "taken" | "refused";
  at: string;
  receiptAt?: string;
  digest: {
    sm3: string;
    sha256: string;
  };
  keys: {
    label: string;
    version: number;
    usage: string;
    algorithm: string;
    checkValue: string;
    form: string;
    /**
     * By the receipt
     */
    accepted?: boolean;
    refusal?: string;
  }[];
}
export interface ListKeysAnswer {
  backend: string;
  keys: {
    /**
     * label#version
     */
    name: string;
    label: string;
    version: number;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    usage: string;
    /**
     * activation, management, issuer, zones, data
     */
    tree: string;
    algorithm: string;
    bits: number;
    owner: string;
    exportability: string;
    origin: string;
    state: string;
    stateSince: string;
    overlapEndsAt?: string;
    checkValue: string;
    createdAt: string;
  }[];
}
export interface ActivateApplicationBody {
  cardToken: string;
  /**
   * A record of the blueprint's applications: metro, bus
   */
  record: string;
  /**
   * As GET DATA 9F36 gives it
   */
  atc: number;
  /**
   * Initial record, hex
   */
  content: string;
}
export interface ActivateApplicationAnswer {
  /**
   * Finished APPEND RECORD, hex
   */
  command: string;
}
export interface GetKeyBackendAnswer {
  backend: string;
  custody: string;
  abilities: {
    name: string;
    supported: boolean;
    note: string;
  }[];
}
export interface DisperseKeyBody {
  /**
   * label or label#version
   */
  name: string;
  /**
   * Factors of each card, top down
   *
   * @minItems 1
   * @maxItems 1000
   */
  paths: [
    (
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
    ),
    ...(
      | [string]
      | [string, string]
      | [string, string, string]
      | [string, string, string, string]
      | [string, string, string, string, string]
      | [string, string, string, string, string, string]
      | [string, string, string, string, string, string, string]
      | [string, string, string, string, string, string, string, string]
    )[]
  ];
}
export interface DisperseKeyAnswer {
  checkValues: string[];
}
export interface IssuePsamKeyBody {
  label: string;
  zoneId: string;
}
export interface IssuePsamKeyAnswer {
  label: string;
  enciphered: string;
  checkValue: string;
}
export interface RecordKeyCommandsBody {
  /**
   * Account numbers
   *
   * @maxItems 10000
   */
  cards: string[];
}
export interface RecordKeyCommandsAnswer {
  /**
   * In the order asked
   */
  cards: {
    label: string;
    /**
     * Name of the record
     */
    record: string;
    /**
     * Version of the key the card holds afterwards
     */
    version: number;
    /**
     * REPLACE RECORD KEY, hex; ours
     */
    command: string;
  }[][];
}
export interface RecordKeysReplacedBody {
  /**
   * @maxItems 10000
   */
  replaced: {
    card: string;
    label: string;
    record: string;
    version: number;
  }[];
}
export interface RecordKeysReplacedAnswer {
  noted: number;
}
export interface GetKeyPath {
  name: string;
}
export interface GetKeyAnswer {
  key: {
    /**
     * label#version
     */
    name: string;
    label: string;
    version: number;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    usage: string;
    /**
     * activation, management, issuer, zones, data
     */
    tree: string;
    algorithm: string;
    bits: number;
    owner: string;
    exportability: string;
    origin: string;
    state: string;
    stateSince: string;
    overlapEndsAt?: string;
    checkValue: string;
    createdAt: string;
  };
  versions: {
    /**
     * label#version
     */
    name: string;
    label: string;
    version: number;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    usage: string;
    /**
     * activation, management, issuer, zones, data
     */
    tree: string;
    algorithm: string;
    bits: number;
    owner: string;
    exportability: string;
    origin: string;
    state: string;
    stateSince: string;
    overlapEndsAt?: string;
    checkValue: string;
    createdAt: string;
  }[];
  /**
   * Dispersion path, top down
   */
  levels: {
    level: string;
    factor: string;
    value: string;
  }[];
  /**
   * Who may do what with it
   */
  custodians: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    /**
     * The same in English and Chinese
     */
    role: {
      en: string;
      zh: string;
    };
    /**
     * Items: The same in English and Chinese
     */
    may: {
      en: string;
      zh: string;
    }[];
  }[];
  shares?: {
    needed: number;
    of: number;
  };
  blastRadius: {
    keys: number;
    cards: number;
    terminals: number;
    /**
     * Amount in fen
     */
    balanceFen: number;
  };
  rotation: {
    /**
     * The same in English and Chinese
     */
    words: {
      en: string;
      zh: string;
    };
  };
}
export interface OrderModeBody {
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
export interface OrderModeAnswer {
  id: string;
}
export interface EndModeOrderPath {
  id: string;
}
export interface EndModeOrderBody {
  /**
   * Local time of the region
   */
  to?: string;
}
export interface EndModeOrderAnswer {
  ended: boolean;
}
export interface GetOverviewQuery {
  date?: string;
}
export interface GetOverviewAnswer {
  /**
   * The day shown; null when nothing was uploaded yet
   */
  businessDate: string | null;
  /**
   * Days with taps, newest first
   *
   * Items: Business date, YYYY-MM-DD
   */
  businessDates: string[];
  totals: {
    taps: number;
    entries: number;
    exits: number;
    boardings: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    /**
     * Amount in fen
     */
    discountFen: number;
    /**
     * Cards that tapped on this day
     */
    cards: number;
    /**
     * All cards issued
     */
    cardsIssued: number;
    /**
     * Terminals that uploaded on this day
     */
    terminals: number;
    terminalsEnrolled: number;
    cryptogramsVerified: number;
    cryptogramsFailed: number;
    exceptionsOpen: number;
    /**
     * Received, not yet cleared
     */
    waiting: number;
  };
  perMinute: {
    /**
     * hh:mm local
     */
    minute: string;
    entries: number;
    exits: number;
    boardings: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
  }[];
  operators: {
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    mode: string;
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    exceptions: number;
  }[];
  exceptions: {
    reason:
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list";
    count: number;
  }[];
  latest: {
    id: string;
    kind: "entry" | "exit" | "boarding" | "counter";
    /**
     * Where a tap stands
     */
    state: "received" | "cleared" | "suspended" | "settled";
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    at: string;
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    cardToken: string;
    panMasked: string;
    cardClass: string;
    /**
     * The same in English and Chinese
     */
    cardClassName: {
      en: string;
      zh: string;
    };
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    terminalNo: string;
    deviceNo: string;
    place?: {
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    baseFen?: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    transfer: boolean;
    cryptogram: "unchecked" | "verified" | "failed";
    exceptions: (
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list"
    )[];
  }[];
  settlement: {
    state: "none" | "open" | "closed";
  };
}
export interface ListHeldParametersQuery {
  page?: number;
  pageSize?: number;
  rollout?: string;
  stage?: number;
}
export interface ListHeldParametersAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    terminalNo: string;
    /**
     * The same in English and Chinese
     */
    operator: {
      en: string;
      zh: string;
    };
    /**
     * The same in English and Chinese
     */
    place: {
      en: string;
      zh: string;
    };
    stage?: number;
    /**
     * The version it said it computes with
     */
    current: string;
    /**
     * The one it should have now
     */
    expected: string;
    /**
     * The one it keeps as next
     */
    next?: string;
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    nextFrom?: string;
    /**
     * It has downloaded the next one
     */
    isNextTold?: boolean;
    lastSeenAt?: string;
  }[];
}
export interface DraftParametersBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  title: string;
  /**
   * A version, or `blueprint` for what its folder states; else the one in force
   */
  from?: string;
}
export interface DraftParametersAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface GetParameterVersionPath {
  version: string;
}
export interface GetParameterVersionAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  /**
   * Tariffs, card classes, terminal profiles, CA keys
   */
  content: {
    /**
     * By file of the blueprint; schema/tariff.schema.json
     */
    tariffs: {
      [k: string]: unknown;
    };
    /**
     * `classes` of schema/cards.schema.json
     */
    cardClasses: unknown[];
    /**
     * schema/terminals.schema.json without the list of devices
     */
    terminals: {
      [k: string]: unknown;
    };
  };
  digest: string;
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
  checkedAt?: string;
  changes: {
    kind: "added" | "removed" | "changed";
    path: string;
    from?: unknown;
    to?: unknown;
    /**
     * The same in English and Chinese
     */
    words: {
      en: string;
      zh: string;
    };
  }[];
  rehearsal?: {
    state: "running" | "done" | "failed" | "interrupted";
    /**
     * Of the content that was rehearsed
     */
    digest: string;
    /**
     * As terminals name it
     */
    against: string;
    startedAt: string;
    endedAt?: string;
    /**
     * Recorded rides read so far
     */
    read: number;
    problem?: string;
    result?: {
      rides: number;
      cards: number;
      more: number;
      less: number;
      same: number;
      notComputed: number;
      /**
       * Amount in fen
       */
      beforeFen: number;
      /**
       * Amount in fen
       */
      afterFen: number;
      from?: string;
      until?: string;
      byClass: {
        key: string;
        /**
         * The same in English and Chinese
         */
        name: {
          en: string;
          zh: string;
        };
        rides: number;
        more: number;
        less: number;
        same: number;
        /**
         * Amount in fen
         */
        beforeFen: number;
        /**
         * Amount in fen
         */
        afterFen: number;
      }[];
      /**
       * Metro line first ridden, or bus route; the fifty with most rides
       */
      byLine: {
        key: string;
        /**
         * The same in English and Chinese
         */
        name: {
          en: string;
          zh: string;
        };
        rides: number;
        more: number;
        less: number;
        same: number;
        /**
         * Amount in fen
         */
        beforeFen: number;
        /**
         * Amount in fen
         */
        afterFen: number;
      }[];
      byOperator: {
        key: string;
        /**
         * The same in English and Chinese
         */
        name: {
          en: string;
          zh: string;
        };
        rides: number;
        more: number;
        less: number;
        same: number;
        /**
         * Amount in fen
         */
        beforeFen: number;
        /**
         * Amount in fen
         */
        afterFen: number;
      }[];
      revenue: {
        operator: string;
        /**
         * The same in English and Chinese
         */
        name: {
          en: string;
          zh: string;
        };
        /**
         * Amount in fen
         */
        beforeFen: number;
        /**
         * Amount in fen
         */
        afterFen: number;
      }[];
      differences: {
        /**
         * Amount in fen
         */
        differenceFen: number;
        rides: number;
      }[];
      odd: {
        kind: string;
        /**
         * The same in English and Chinese
         */
        name: {
          en: string;
          zh: string;
        };
        rides: number;
        examples: {
          tapId: string;
          /**
           * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
           */
          at: string;
          cardClass: string;
          /**
           * Amount in fen
           */
          beforeFen?: number;
          /**
           * Amount in fen
           */
          afterFen?: number;
          /**
           * The same in English and Chinese
           */
          words: {
            en: string;
            zh: string;
          };
        }[];
      }[];
      examples: {
        tapId: string;
        /**
         * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
         */
        at: string;
        cardClass: string;
        /**
         * Amount in fen
         */
        beforeFen?: number;
        /**
         * Amount in fen
         */
        afterFen?: number;
        /**
         * The same in English and Chinese
         */
        words: {
          en: string;
          zh: string;
        };
      }[];
    };
  };
  plan?: {
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    effectiveAt: string;
    /**
     * The first is the canary, the last holds all others
     */
    stages: {
      name: string;
      /**
       * By number: a named group
       */
      terminals?: string[];
      /**
       * Of those the rest leaves
       */
      sharePercent?: number;
      operators?: string[];
      /**
       * Codes of places
       */
      places?: string[];
      profiles?: string[];
      /**
       * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
       */
      effectiveAt?: string;
    }[];
    limits?: {
      /**
       * Rides of the canary before it is judged
       */
      ridesMin?: number;
      /**
       * Rides whose fare clearing computes otherwise, by the approved content
       */
      fareExceptionsPerMilleMax?: number;
      /**
       * Cards that canary terminals turned away, of their taps
       */
      refusalsPerMilleMax?: number;
      /**
       * Revenue of the same rides against the version before, up or down
       */
      changePercentMax?: number;
      /**
       * How far that change may lie from the rehearsed one, in percentage points
       */
      beyondRehearsalPercentMax?: number;
      /**
       * Canary terminals that have it before the next stage
       */
      takenPercentMin?: number;
    };
  };
  approvalId?: string;
  stages: {
    stage: number;
    name: string;
    terminals: number;
    /**
     * Have downloaded it
     */
    taken: number;
    /**
     * Compute with it, as they last said
     */
    using: number;
    openedAt?: string;
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    effectiveAt?: string;
  }[];
  canary?: {
    verdict: "waiting" | "good" | "faulty";
    terminals: number;
    rides: number;
    measures: {
      /**
       * Name of the limit in the plan
       */
      limit: string;
      found: number;
      allowed: number;
      holds: boolean;
      /**
       * The same in English and Chinese
       */
      words: {
        en: string;
        zh: string;
      };
    }[];
  };
  events: {
    at: string;
    who: string;
    what: string;
    detail: unknown;
  }[];
}
export interface SaveParametersPath {
  version: string;
}
export interface SaveParametersBody {
  title?: string;
  /**
   * Tariffs, card classes, terminal profiles, CA keys
   */
  content: {
    /**
     * By file of the blueprint; schema/tariff.schema.json
     */
    tariffs: {
      [k: string]: unknown;
    };
    /**
     * `classes` of schema/cards.schema.json
     */
    cardClasses: unknown[];
    /**
     * schema/terminals.schema.json without the list of devices
     */
    terminals: {
      [k: string]: unknown;
    };
  };
}
export interface SaveParametersAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface CheckParametersPath {
  version: string;
}
export interface CheckParametersAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface ProposeParametersPath {
  version: string;
}
export interface ProposeParametersBody {
  /**
   * Idempotency key made by the sender
   */
  id: string;
  why: string;
  plan: {
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    effectiveAt: string;
    /**
     * The first is the canary, the last holds all others
     */
    stages: {
      name: string;
      /**
       * By number: a named group
       */
      terminals?: string[];
      /**
       * Of those the rest leaves
       */
      sharePercent?: number;
      operators?: string[];
      /**
       * Codes of places
       */
      places?: string[];
      profiles?: string[];
      /**
       * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
       */
      effectiveAt?: string;
    }[];
    limits?: {
      /**
       * Rides of the canary before it is judged
       */
      ridesMin?: number;
      /**
       * Rides whose fare clearing computes otherwise, by the approved content
       */
      fareExceptionsPerMilleMax?: number;
      /**
       * Cards that canary terminals turned away, of their taps
       */
      refusalsPerMilleMax?: number;
      /**
       * Revenue of the same rides against the version before, up or down
       */
      changePercentMax?: number;
      /**
       * How far that change may lie from the rehearsed one, in percentage points
       */
      beyondRehearsalPercentMax?: number;
      /**
       * Canary terminals that have it before the next stage
       */
      takenPercentMin?: number;
    };
  };
}
export interface ProposeParametersAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface RehearseParametersPath {
  version: string;
}
export interface RehearseParametersBody {
  /**
   * First business date
   */
  from?: string;
  /**
   * Last business date
   */
  until?: string;
  ridesMax?: number;
}
export interface RehearseParametersAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface RollBackParametersPath {
  version: string;
}
export interface RollBackParametersBody {
  why: string;
  /**
   * Local time; else terminals return when they next talk
   */
  at?: string;
}
export interface RollBackParametersAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface BeginRolloutPath {
  version: string;
}
export interface BeginRolloutBody {
  why: string;
}
export interface BeginRolloutAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface OpenStagePath {
  version: string;
}
export interface OpenStageBody {
  why: string;
  /**
   * The stage to open: sent twice, it is opened once
   */
  stage: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * Although the canary is not yet judged good
   */
  despite?: boolean;
}
export interface OpenStageAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface StopRolloutPath {
  version: string;
}
export interface StopRolloutBody {
  why: string;
}
export interface StopRolloutAnswer {
  /**
   * As terminals name it
   */
  version: string;
  title: string;
  /**
   * Where a parameter version stands
   */
  state:
    | "draft"
    | "checked"
    | "waiting"
    | "refused"
    | "approved"
    | "rolling-out"
    | "in-force"
    | "superseded"
    | "stopped"
    | "rolled-back";
  basedOn?: string;
  findings: number;
  createdBy: string;
  createdAt: string;
  changedAt: string;
  /**
   * That compute with it now
   */
  terminals: number;
  /**
   * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
   */
  effectiveAt?: string;
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  problems: {
    code: string;
    file: string;
    /**
     * JSON Pointer inside the file
     */
    path: string;
    reason: string;
    remedy: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    remedyZh: string;
  }[];
}
export interface PrepareCardsBody {
  zoneId: string;
  /**
   * RSA moduli made by the bureau (exponent 3); private keys never come here
   *
   * @minItems 1
   * @maxItems 1000
   */
  cardPublicKeys: [string, ...string[]];
  /**
   * @minItems 1
   * @maxItems 2000
   */
  cards: [
    {
      product: string;
      /**
       * City code of the holder
       */
      homeCity: string;
      /**
       * Card class by application, where it differs from the product's
       */
      classes?: {
        [k: string]: string;
      };
      /**
       * Which of the request's card public keys this card carries
       */
      cardKey: number;
    },
    ...{
      product: string;
      /**
       * City code of the holder
       */
      homeCity: string;
      /**
       * Card class by application, where it differs from the product's
       */
      classes?: {
        [k: string]: string;
      };
      /**
       * Which of the request's card public keys this card carries
       */
      cardKey: number;
    }[]
  ];
}
export interface PrepareCardsAnswer {
  zoneId: string;
  count: number;
  /**
   * Personalisation file for the zone: AES-256-GCM, base64. Inside, JSON {switches: {cappMacAlgorithm}, ppse: [[dgi, hex]], pse: [[dgi, hex]], shared: {product: [[dgi, hex]]}, cards: [{token, product, panMasked, dgis: [[dgi, hex]], activations: [hex], applications: [{application, aid, dgis}]}]}
   */
  sealed: string;
}
export interface ReconcileRecordsBody {
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
export interface ReconcileRecordsAnswer {
  agreed: number;
  differing: number;
  /**
   * Records about taps that never arrived
   */
  unknown: number;
}
export interface ListSamsQuery {
  state?: "issued" | "stopped";
  terminalNo?: string;
}
export interface ListSamsAnswer {
  total: number;
  sams: {
    samNo: string;
    /**
     * The terminal it is bound to
     */
    terminalNo: string;
    operatorId: string;
    /**
     * The zone it was issued in
     */
    zoneId: string;
    state: "issued" | "stopped";
    keys: {
      label: string;
      version: number;
      checkValue: string;
    }[];
    issuedAt: string;
    lastSeenAt?: string;
    stoppedAt?: string;
    stopReason?: string;
  }[];
}
export interface ReissueSamsBody {
  zoneId: string;
  /**
   * Terminal numbers
   *
   * @minItems 1
   * @maxItems 10000
   */
  terminals: [string, ...string[]];
}
export interface StopSamPath {
  samNo: string;
}
export interface StopSamBody {
  reason: string;
}
export interface StopSamAnswer {
  stopped: boolean;
}
export interface GetSessionAnswer {
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
export interface SignInBody {
  name: string;
  password: string;
}
export interface SignInAnswer {
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
export interface SignInLocallyBody {
  name: string;
  /**
   * From running.json in the data directory
   */
  key: string;
}
export interface ChangePasswordBody {
  before: string;
  after: string;
}
export interface ChangePasswordAnswer {
  changed: boolean;
}
export interface GetSettlementDayPath {
  date: string;
}
export interface GetSettlementDayAnswer {
  day: {
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    state: "open" | "closed";
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    postings: number;
    /**
     * Amount in fen
     */
    sumFen: number;
  };
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  positions: {
    party: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    kind: string;
    /**
     * Amount in fen
     */
    receivesFen: number;
    /**
     * Amount in fen
     */
    paysFen: number;
    /**
     * Positive: the party is paid; negative: it pays
     */
    netFen: number;
  }[];
  accounts: {
    account: string;
    party?: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    debitFen: number;
    /**
     * Amount in fen
     */
    creditFen: number;
    balanceFen: number;
  }[];
  /**
   * Who owes whom before netting
   */
  flows: {
    from: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    to: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    amountFen: number;
  }[];
  closedAt?: string;
  closedBy?: string;
}
export interface CloseSettlementDayPath {
  date: string;
}
export interface CloseSettlementDayAnswer {
  day: {
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    state: "open" | "closed";
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    postings: number;
    /**
     * Amount in fen
     */
    sumFen: number;
  };
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  positions: {
    party: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    kind: string;
    /**
     * Amount in fen
     */
    receivesFen: number;
    /**
     * Amount in fen
     */
    paysFen: number;
    /**
     * Positive: the party is paid; negative: it pays
     */
    netFen: number;
  }[];
  accounts: {
    account: string;
    party?: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    debitFen: number;
    /**
     * Amount in fen
     */
    creditFen: number;
    balanceFen: number;
  }[];
  /**
   * Who owes whom before netting
   */
  flows: {
    from: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    to: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    amountFen: number;
  }[];
  closedAt?: string;
  closedBy?: string;
}
export interface GetSpecificationAnswer {
  /**
   * The same in English and Chinese
   */
  region: {
    en: string;
    zh: string;
  };
  version: string;
  applications: {
    id: string;
    /**
     * The same in English and Chinese
     */
    name: {
      en: string;
      zh: string;
    };
    kind: string;
    aid: string;
    provider?: string;
    version?: string;
    source?: string;
    memoryBytes: number;
    keys: string[];
    states: {
      id: string;
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    }[];
    transitions: {
      from: string;
      to: string;
      command: string;
      key?: string;
    }[];
    classes: {
      id: string;
      validMonths: number;
      reviewMonths?: number;
    }[];
    /**
     * Card products that carry it
     *
     * Items: The same in English and Chinese
     */
    products: {
      en: string;
      zh: string;
    }[];
    files: {
      sfi: string;
      fid?: string;
      /**
       * The same in English and Chinese
       */
      title?: {
        en: string;
        zh: string;
      };
      type: string;
      recordsMax?: number;
      sizeBytes?: number;
      access: {
        /**
         * Condition as the specification writes it, e.g. enc(health-line) and auth(health)
         */
        read: string;
        update: string;
        append?: string;
        readPart?: string;
      };
      activationKey?: string;
      /**
       * Each layout with an example filled in
       */
      records: {
        application: string;
        record: string;
        /**
         * The same in English and Chinese
         */
        title: {
          en: string;
          zh: string;
        };
        sfi: string;
        recordId?: string;
        hex: string;
        fields: {
          name: string;
          /**
           * The same in English and Chinese
           */
          title: {
            en: string;
            zh: string;
          };
          offset?: number;
          lengthBytes?: number;
          hex: string;
          value: string;
          clause?: string;
        }[];
      }[];
    }[];
    /**
     * Data objects of the financial application
     */
    elements: {
      tag: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
      lengthBytes: number;
      /**
       * Record of a file, or the data grouping that brings it onto the card
       */
      where: string;
      read?: string;
      update?: string;
      clause?: string;
    }[];
  }[];
}
export interface ListTapsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  date?: string;
  kind?: "entry" | "exit" | "boarding" | "counter";
  state?: "received" | "cleared" | "suspended" | "settled";
  operator?: string;
  terminalNo?: string;
  cardToken?: string;
  reason?:
    | "format"
    | "unknown-terminal"
    | "unknown-card"
    | "duplicate"
    | "gap"
    | "cryptogram"
    | "fare"
    | "mac"
    | "batch-totals"
    | "torn"
    | "tariff-version"
    | "deny-list";
  withDialogue?: boolean;
  q?: string;
}
export interface ListTapsAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    id: string;
    kind: "entry" | "exit" | "boarding" | "counter";
    /**
     * Where a tap stands
     */
    state: "received" | "cleared" | "suspended" | "settled";
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    at: string;
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    cardToken: string;
    panMasked: string;
    cardClass: string;
    /**
     * The same in English and Chinese
     */
    cardClassName: {
      en: string;
      zh: string;
    };
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    terminalNo: string;
    deviceNo: string;
    place?: {
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    baseFen?: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    transfer: boolean;
    cryptogram: "unchecked" | "verified" | "failed";
    exceptions: (
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list"
    )[];
  }[];
}
export interface GetTapPath {
  id: string;
}
export interface GetTapAnswer {
  tap: {
    id: string;
    kind: "entry" | "exit" | "boarding" | "counter";
    /**
     * Where a tap stands
     */
    state: "received" | "cleared" | "suspended" | "settled";
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    at: string;
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    cardToken: string;
    panMasked: string;
    cardClass: string;
    /**
     * The same in English and Chinese
     */
    cardClassName: {
      en: string;
      zh: string;
    };
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    terminalNo: string;
    deviceNo: string;
    place?: {
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    baseFen?: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    transfer: boolean;
    cryptogram: "unchecked" | "verified" | "failed";
    exceptions: (
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list"
    )[];
  };
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  /**
   * The same in English and Chinese
   */
  next: {
    en: string;
    zh: string;
  };
  timeline: {
    /**
     * UTC, ISO 8601
     */
    at: string;
    /**
     * The same in English and Chinese
     */
    what: {
      en: string;
      zh: string;
    };
  }[];
  entry?: {
    /**
     * The same in English and Chinese
     */
    place?: {
      en: string;
      zh: string;
    };
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    at?: string;
    tapId?: string;
  };
  /**
   * Empty when this tap's dialogue was not uploaded
   */
  dialogue: {
    index: number;
    /**
     * Kernel phase: select, read-capp, gpo, update-capp, read-record, proof
     */
    phase: string;
    /**
     * Command APDU, hex, PAN masked
     */
    command: string;
    /**
     * Response data and status word, hex, PAN masked
     */
    response: string;
    /**
     * The same in English and Chinese
     */
    what: {
      en: string;
      zh: string;
    };
    sw: string;
    /**
     * The same in English and Chinese
     */
    swMeaning: {
      en: string;
      zh: string;
    };
    objects: {
      tag: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
      hex: string;
      text?: string;
      depth: number;
    }[];
    /**
     * Microseconds since the first command
     */
    startUs: number;
    /**
     * Time the card took
     */
    cardUs: number;
  }[];
  fare: {
    /**
     * Amount in fen
     */
    gateFen: number;
    clearing?: {
      tariff: string;
      version: string;
      /**
       * Amount in fen
       */
      baseFen: number;
      baseSource: string;
      metres?: number;
      /**
       * Amount in fen
       */
      chargeFen: number;
      steps: {
        rule: string;
        en: string;
        zh: string;
        /**
         * Amount in fen
         */
        beforeFen: number;
        /**
         * Amount in fen
         */
        afterFen: number;
      }[];
    };
    agrees: boolean | null;
  };
  cryptogram: {
    state: "unchecked" | "verified" | "failed";
    applicationCryptogram: string;
    atc: string;
    unpredictableNumber: string;
    cryptogramVersion: string;
    cardVerificationResults: string;
    inputs: {
      tag: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
      hex: string;
    }[];
    keyLabel: string;
    /**
     * How the card key was dispersed, top down, in words
     */
    keyPath: string[];
  };
  exceptions: {
    id: string;
    reason:
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list";
    /**
     * The same in English and Chinese
     */
    explanation: {
      en: string;
      zh: string;
    };
    state: string;
    openedAt: string;
  }[];
  postings: {
    entryId: string;
    account: string;
    party?: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    amountFen: number;
    /**
     * The same in English and Chinese
     */
    what: {
      en: string;
      zh: string;
    };
  }[];
  /**
   * Card records as this tap wrote them
   */
  records: {
    application: string;
    record: string;
    /**
     * The same in English and Chinese
     */
    title: {
      en: string;
      zh: string;
    };
    sfi: string;
    recordId?: string;
    hex: string;
    fields: {
      name: string;
      /**
       * The same in English and Chinese
       */
      title: {
        en: string;
        zh: string;
      };
      offset?: number;
      lengthBytes?: number;
      hex: string;
      value: string;
      clause?: string;
    }[];
  }[];
  message: {
    /**
     * Uploaded frame, PAN masked
     */
    hex: string;
    fields: {
      field: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
      hex: string;
      text: string;
    }[];
  };
}
export interface ListTerminalsQuery {
  page?: number;
  pageSize?: number;
  sort?: string;
  operator?: string;
  mode?: string;
  q?: string;
}
export interface ListTerminalsAnswer {
  total: number;
  page: number;
  pageSize: number;
  rows: {
    /**
     * Field 41
     */
    terminalNo: string;
    /**
     * The maker's number
     */
    deviceNo: string;
    profile: string;
    mode: string;
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    place?: {
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    origin: "blueprint" | "enrolled";
    state: "enrolled" | "signed-in" | "settled";
    batchNo: string;
    tariffVersion: string;
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    exceptions: number;
    /**
     * UTC, ISO 8601
     */
    lastSeenAt?: string;
  }[];
}
export interface GetTerminalPath {
  terminalNo: string;
}
export interface GetTerminalAnswer {
  terminal: {
    /**
     * Field 41
     */
    terminalNo: string;
    /**
     * The maker's number
     */
    deviceNo: string;
    profile: string;
    mode: string;
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    place?: {
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    origin: "blueprint" | "enrolled";
    state: "enrolled" | "signed-in" | "settled";
    batchNo: string;
    tariffVersion: string;
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    exceptions: number;
    /**
     * UTC, ISO 8601
     */
    lastSeenAt?: string;
  };
  /**
   * The same in English and Chinese
   */
  headline: {
    en: string;
    zh: string;
  };
  /**
   * The terminal's own number of its last tap here
   */
  lastSequence: number;
  parameters: {
    current: {
      version: string;
      /**
       * Local time from which it holds
       */
      from: string;
      /**
       * Whether the terminal has asked for it
       */
      isHeld: boolean;
    };
    next?: {
      version: string;
      /**
       * Local time from which it holds
       */
      from: string;
      /**
       * Whether the terminal has asked for it
       */
      isHeld: boolean;
    };
  };
  denyList?: {
    version: number;
    /**
     * UTC, ISO 8601
     */
    confirmedAt: string;
  };
  batches: {
    batchNo: string;
    taps: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    settledAt?: string;
    totals: "equal" | "unequal" | null;
  }[];
  taps: {
    id: string;
    kind: "entry" | "exit" | "boarding" | "counter";
    /**
     * Where a tap stands
     */
    state: "received" | "cleared" | "suspended" | "settled";
    /**
     * Local time in the region's zone, YYYY-MM-DDThh:mm:ss
     */
    at: string;
    /**
     * Business date, YYYY-MM-DD
     */
    businessDate: string;
    cardToken: string;
    panMasked: string;
    cardClass: string;
    /**
     * The same in English and Chinese
     */
    cardClassName: {
      en: string;
      zh: string;
    };
    operator: {
      id: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    terminalNo: string;
    deviceNo: string;
    place?: {
      code: string;
      /**
       * The same in English and Chinese
       */
      name: {
        en: string;
        zh: string;
      };
    };
    /**
     * Amount in fen
     */
    baseFen?: number;
    /**
     * Amount in fen
     */
    chargedFen: number;
    transfer: boolean;
    cryptogram: "unchecked" | "verified" | "failed";
    exceptions: (
      | "format"
      | "unknown-terminal"
      | "unknown-card"
      | "duplicate"
      | "gap"
      | "cryptogram"
      | "fare"
      | "mac"
      | "batch-totals"
      | "torn"
      | "tariff-version"
      | "deny-list"
    )[];
  }[];
}
export interface ListTerminalMessagesPath {
  terminalNo: string;
}
export interface GetHealthAnswer {
  status: string;
  database: string;
  version: string;
}

export interface paths {
  '/api/activation/commands': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ActivationCommandBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ActivationCommandAnswer } } } };
  };
  '/api/activation/done': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ApplicationActivatedBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ApplicationActivatedAnswer } } } };
  };
  '/api/approvals': {
    get: { parameters: { query?: ListApprovalsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListApprovalsAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RequestApprovalBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RequestApprovalAnswer } } } };
  };
  '/api/approvals/{id}': {
    get: { parameters: { query?: never; header?: never; path: GetApprovalPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetApprovalAnswer } } } };
  };
  '/api/approvals/{id}/decisions': {
    post: { parameters: { query?: never; header?: never; path: DecideApprovalPath; cookie?: never }; requestBody: { content: { 'application/json': DecideApprovalBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': DecideApprovalAnswer } } } };
  };
  '/api/audit': {
    get: { parameters: { query?: SearchAuditQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': SearchAuditAnswer } } } };
  };
  '/api/audit/anchors': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': never } } } };
  };
  '/api/audit/export': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': never } } } };
  };
  '/api/audit/verification': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': VerifyAuditAnswer } } } };
  };
  '/api/cards': {
    get: { parameters: { query?: ListCardsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListCardsAnswer } } } };
  };
  '/api/cards/{token}': {
    get: { parameters: { query?: never; header?: never; path: GetCardPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetCardAnswer } } } };
  };
  '/api/cards/{token}/deny-list': {
    get: { parameters: { query?: never; header?: never; path: GetCardListingPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetCardListingAnswer } } } };
  };
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
  '/api/clearing': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetClearingAnswer } } } };
  };
  '/api/deny-lists': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetDenyListsAnswer } } } };
  };
  '/api/deny-lists/entries': {
    get: { parameters: { query?: ListDenyEntriesQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListDenyEntriesAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': AddDenyEntriesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': AddDenyEntriesAnswer } } } };
  };
  '/api/deny-lists/hits': {
    get: { parameters: { query?: ListDenyListHitsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListDenyListHitsAnswer } } } };
  };
  '/api/deny-lists/imports': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ImportDenyEntriesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ImportDenyEntriesAnswer } } } };
  };
  '/api/deny-lists/publications': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RequestDenyListPublicationBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RequestDenyListPublicationAnswer } } } };
  };
  '/api/deny-lists/removals': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RemoveDenyEntriesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RemoveDenyEntriesAnswer } } } };
  };
  '/api/deny-lists/terminals': {
    get: { parameters: { query?: ListDenyListFleetQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListDenyListFleetAnswer } } } };
  };
  '/api/enrolment/maker-terminals': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolMakerTerminalsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolMakerTerminalsAnswer } } } };
  };
  '/api/enrolment/operators': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolOperatorsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolOperatorsAnswer } } } };
  };
  '/api/enrolment/places': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolPlacesBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolPlacesAnswer } } } };
  };
  '/api/enrolment/terminals': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': EnrolTerminalsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnrolTerminalsAnswer } } } };
  };
  '/api/enrolment/zone-keys': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': TakeZoneKeyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': TakeZoneKeyAnswer } } } };
  };
  '/api/enrolment/zones': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OpenZoneBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OpenZoneAnswer } } } };
  };
  '/api/exceptions': {
    get: { parameters: { query?: ListExceptionsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListExceptionsAnswer } } } };
  };
  '/api/exchanges': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListExchangesAnswer } } } };
  };
  '/api/exchanges/envelope-key': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetEnvelopeKeyAnswer } } } };
  };
  '/api/exchanges/zones': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OpenExchangeZoneBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OpenExchangeZoneAnswer } } } };
  };
  '/api/exchanges/zones/{zoneId}/components': {
    post: { parameters: { query?: never; header?: never; path: EnterZoneComponentPath; cookie?: never }; requestBody: { content: { 'application/json': EnterZoneComponentBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EnterZoneComponentAnswer } } } };
  };
  '/api/exchanges/{id}/document': {
    get: { parameters: { query?: never; header?: never; path: GetExchangeDocumentPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetExchangeDocumentAnswer } } } };
  };
  '/api/exchanges/{id}/receipt': {
    post: { parameters: { query?: never; header?: never; path: CheckExchangeReceiptPath; cookie?: never }; requestBody: { content: { 'application/json': CheckExchangeReceiptBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': CheckExchangeReceiptAnswer } } } };
  };
  '/api/keys': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListKeysAnswer } } } };
  };
  '/api/keys/activations': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ActivateApplicationBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ActivateApplicationAnswer } } } };
  };
  '/api/keys/backend': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetKeyBackendAnswer } } } };
  };
  '/api/keys/dispersions': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': DisperseKeyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': DisperseKeyAnswer } } } };
  };
  '/api/keys/psam-keys': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': IssuePsamKeyBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': IssuePsamKeyAnswer } } } };
  };
  '/api/keys/record-keys/commands': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RecordKeyCommandsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RecordKeyCommandsAnswer } } } };
  };
  '/api/keys/record-keys/replaced': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': RecordKeysReplacedBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RecordKeysReplacedAnswer } } } };
  };
  '/api/keys/rotations': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListRotationsAnswer } } } };
  };
  '/api/keys/{name}': {
    get: { parameters: { query?: never; header?: never; path: GetKeyPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetKeyAnswer } } } };
  };
  '/api/mode-orders': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListModeOrdersAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': OrderModeBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OrderModeAnswer } } } };
  };
  '/api/mode-orders/{id}/end': {
    post: { parameters: { query?: never; header?: never; path: EndModeOrderPath; cookie?: never }; requestBody: { content: { 'application/json': EndModeOrderBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': EndModeOrderAnswer } } } };
  };
  '/api/overview': {
    get: { parameters: { query?: GetOverviewQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetOverviewAnswer } } } };
  };
  '/api/parameters/terminals': {
    get: { parameters: { query?: ListHeldParametersQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListHeldParametersAnswer } } } };
  };
  '/api/parameters/versions': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListParameterVersionsAnswer } } } };
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': DraftParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': DraftParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}': {
    get: { parameters: { query?: never; header?: never; path: GetParameterVersionPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetParameterVersionAnswer } } } };
    put: { parameters: { query?: never; header?: never; path: SaveParametersPath; cookie?: never }; requestBody: { content: { 'application/json': SaveParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': SaveParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/check': {
    post: { parameters: { query?: never; header?: never; path: CheckParametersPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': CheckParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/proposal': {
    post: { parameters: { query?: never; header?: never; path: ProposeParametersPath; cookie?: never }; requestBody: { content: { 'application/json': ProposeParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ProposeParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/rehearsal': {
    post: { parameters: { query?: never; header?: never; path: RehearseParametersPath; cookie?: never }; requestBody: { content: { 'application/json': RehearseParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RehearseParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/rollback': {
    post: { parameters: { query?: never; header?: never; path: RollBackParametersPath; cookie?: never }; requestBody: { content: { 'application/json': RollBackParametersBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': RollBackParametersAnswer } } } };
  };
  '/api/parameters/versions/{version}/rollout': {
    post: { parameters: { query?: never; header?: never; path: BeginRolloutPath; cookie?: never }; requestBody: { content: { 'application/json': BeginRolloutBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': BeginRolloutAnswer } } } };
  };
  '/api/parameters/versions/{version}/stages': {
    post: { parameters: { query?: never; header?: never; path: OpenStagePath; cookie?: never }; requestBody: { content: { 'application/json': OpenStageBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': OpenStageAnswer } } } };
  };
  '/api/parameters/versions/{version}/stop': {
    post: { parameters: { query?: never; header?: never; path: StopRolloutPath; cookie?: never }; requestBody: { content: { 'application/json': StopRolloutBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': StopRolloutAnswer } } } };
  };
  '/api/parties': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListPartiesAnswer } } } };
  };
  '/api/personalisation': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': PrepareCardsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': PrepareCardsAnswer } } } };
  };
  '/api/reconciliation': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ReconcileRecordsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ReconcileRecordsAnswer } } } };
  };
  '/api/sams': {
    get: { parameters: { query?: ListSamsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListSamsAnswer } } } };
  };
  '/api/sams/reissue': {
    post: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody: { content: { 'application/json': ReissueSamsBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ReissueSamsAnswer } } } };
  };
  '/api/sams/{samNo}/stop': {
    post: { parameters: { query?: never; header?: never; path: StopSamPath; cookie?: never }; requestBody: { content: { 'application/json': StopSamBody } }; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': StopSamAnswer } } } };
  };
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
  '/api/settlement': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListSettlementDaysAnswer } } } };
  };
  '/api/settlement/{date}': {
    get: { parameters: { query?: never; header?: never; path: GetSettlementDayPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetSettlementDayAnswer } } } };
  };
  '/api/settlement/{date}/close': {
    post: { parameters: { query?: never; header?: never; path: CloseSettlementDayPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': CloseSettlementDayAnswer } } } };
  };
  '/api/specification': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetSpecificationAnswer } } } };
  };
  '/api/taps': {
    get: { parameters: { query?: ListTapsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListTapsAnswer } } } };
  };
  '/api/taps/{id}': {
    get: { parameters: { query?: never; header?: never; path: GetTapPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetTapAnswer } } } };
  };
  '/api/terminals': {
    get: { parameters: { query?: ListTerminalsQuery; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListTerminalsAnswer } } } };
  };
  '/api/terminals/{terminalNo}': {
    get: { parameters: { query?: never; header?: never; path: GetTerminalPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetTerminalAnswer } } } };
  };
  '/api/terminals/{terminalNo}/messages': {
    get: { parameters: { query?: never; header?: never; path: ListTerminalMessagesPath; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': ListTerminalMessagesAnswer } } } };
  };
  '/health': {
    get: { parameters: { query?: never; header?: never; path?: never; cookie?: never }; requestBody?: never; responses: { 200: { headers: Record<string, unknown>; content: { 'application/json': GetHealthAnswer } } } };
  };
}
