// Made by scripts/generate-api-client.ts from the platform's OpenAPI document; do not edit.
import type { Account } from './session.ts';
export type ExceptionReason =
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
  | "missing-tap-off"
  | "load-untold";
export type TapKind = "entry" | "exit" | "boarding" | "counter" | "purchase" | "alighting";
/**
 * Where a tap stands
 */
export type TapState = "received" | "cleared" | "suspended" | "settled";
/**
 * The same in English and Chinese
 */
export interface Words {
  en: string;
  zh: string;
}
export interface Rotation {
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
}
export interface PlaceRef {
  code: string;
  name: Words;
}
export interface PartyRef {
  id: string;
  name: Words;
}
export interface DecodedField {
  name: string;
  title: Words;
  offset?: number;
  lengthBytes?: number;
  hex: string;
  value: string;
  clause?: string;
}
export interface DecodedRecord {
  application: string;
  record: string;
  title: Words;
  sfi: string;
  recordId?: string;
  hex: string;
  fields: DecodedField[];
}
export interface TapRow {
  id: string;
  kind: TapKind;
  state: TapState;
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
  cardClassName: Words;
  operator: PartyRef;
  terminalNo: string;
  deviceNo: string;
  place?: PlaceRef;
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
  exceptions: ExceptionReason[];
}
export interface CommandsRequest {
  /**
   * Account numbers
   *
   * @maxItems 10000
   */
  cards: string[];
}
export interface RecordKeyCommand {
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
}
export interface CommandsAnswer {
  /**
   * In the order asked
   */
  cards: RecordKeyCommand[][];
}
export interface ReplacedRequest {
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
export interface TlvView {
  tag: string;
  name: Words;
  hex: string;
  text?: string;
  depth: number;
}
export interface FareStep {
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
}
export interface FareExplanation {
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
  steps: FareStep[];
}
export interface Posting {
  entryId: string;
  account: string;
  party?: PartyRef;
  /**
   * Amount in fen
   */
  amountFen: number;
  what: Words;
}

