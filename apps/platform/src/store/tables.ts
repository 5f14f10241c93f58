/** Row types of the tables in `migrations/`, for typed queries. */
import type { ColumnType } from 'kysely';

/** 64-bit integers arrive as numbers (the drivers are told so); amounts stay far below 2^53. */
type Instant = ColumnType<Date, Date | string, Date | string>;
type Json = ColumnType<unknown, string, string>;

export interface Tables {
  account: { name: string; role: string; password_hash: string; created_at: Instant };
  session: { id_hash: string; account_name: string; created_at: Instant; expires_at: Instant };
  party: {
    id: string;
    kind: string;
    code: string;
    name_en: string;
    name_zh: string;
    city: string | null;
    mode: string | null;
    origin: string;
    discounts: string;
  };
  place: { code: string; name_en: string; name_zh: string; origin: string };
  terminal: {
    terminal_no: string;
    device_no: string;
    merchant_no: string;
    profile: string;
    mode: string;
    operator_id: string;
    place_code: string | null;
    line: string | null;
    route: string | null;
    vehicle: string | null;
    origin: string;
    state: string;
    batch_no: number;
    tariff_version: ColumnType<string, string | undefined, string>;
    last_sequence: ColumnType<number, number | undefined, number>;
    sealed_master_key: Uint8Array;
    sealed_mac_key: Uint8Array | null;
    enrolled_at: Instant;
    last_seen_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  };
  card: {
    token: string;
    pan_masked: string;
    pan_last4: string;
    pan_sealed: Uint8Array;
    psn: string;
    issuer_id: string;
    product: string;
    card_class: string;
    home_city: string;
    expires_on: string;
    state: string;
    issued_balance_fen: number;
    issued_at: Instant;
  };
  card_record_key: { card_token: string; record: string; label: string; version: number; replaced_at: Instant };
  sam: {
    sam_no: string;
    terminal_no: string;
    zone_id: string;
    state: string;
    keys: Json;
    issued_at: Instant;
    stopped_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
    stop_reason: string | null;
  };
  card_serial: { issuer_id: string; last_serial: number };
  application_serial: { application: string; last_serial: number };
  card_application: { card_token: string; application: string; serial: string; state: string };
  tap: {
    card_token: string;
    id: string;
    received_no: number;
    terminal_no: string;
    batch_no: number;
    trace_no: number;
    sequence_no: number;
    kind: 'entry' | 'exit' | 'boarding' | 'counter';
    state: 'received' | 'cleared' | 'suspended' | 'settled';
    at: string;
    business_date: string;
    operator_id: string;
    place_code: string | null;
    place_name: string;
    entry_place_code: string | null;
    entry_at: string | null;
    charged_fen: number;
    base_fen: number | null;
    transfer: boolean;
    card_class: string;
    atc: number;
    application_cryptogram: string;
    cryptogram: 'unchecked' | 'verified' | 'failed';
    exceptions: string[];
    clearing_data: Json;
    industry_data: Json;
    fare: Json | null;
    frame_sealed: Uint8Array;
    received_at: Instant;
    cleared_at: Instant | null;
  };
  upload: {
    terminal_no: string;
    batch_no: number;
    trace_no: number;
    card_token: string;
    digest: string;
    charged_fen: number;
    received_at: Instant;
  };
  batch: {
    terminal_no: string;
    batch_no: number;
    terminal_count: number;
    terminal_fen: number;
    host_count: number;
    host_fen: number;
    totals: string;
    settled_at: Instant;
  };
  dialogue: { tap_id: string; sealed: Uint8Array; received_at: Instant };
  exception: {
    id: string;
    reason: string;
    state: string;
    tap_id: string | null;
    card_token: string | null;
    terminal_no: string;
    business_date: string;
    explanation_en: string;
    explanation_zh: string;
    opened_at: Instant;
  };
  posting: {
    entry_id: string;
    line: number;
    tap_id: string;
    business_date: string;
    account: string;
    party_id: string;
    amount_fen: number;
    what: string;
    posted_at: Instant;
  };
  settlement_day: { business_date: string; closed_at: Instant; closed_by: string };
  settlement_position: {
    business_date: string;
    party_id: string;
    receives_fen: number;
    pays_fen: number;
    net_fen: number;
  };
  operator_record: { tap_id: string; card_token: string; claimed_fen: number; agrees: boolean; received_at: Instant };
  audit: {
    sequence: number;
    at: Instant;
    who: string;
    what: string;
    subject: string;
    text: string;
    sha256: string;
    sm3: string;
  };
  audit_anchor: { day: string; last: number; text: string; sha256: string; sm3: string };
  approval: {
    id: string;
    act: string;
    subject: string;
    parameters: Json;
    why: string;
    effect_en: string;
    effect_zh: string;
    requested_by: string;
    requested_at: Instant;
    needed: number;
    state: 'waiting' | 'done' | 'refused' | 'failed';
    outcome: ColumnType<string, string | undefined, string>;
    decided_at: ColumnType<Date | null, Date | null | undefined, Date | null>;
  };
  approval_decision: {
    approval_id: string;
    who: string;
    verdict: 'approved' | 'refused';
    why: string;
    at: Instant;
  };
  migration: { name: string; applied_at: Instant };
}
