-- The first path: parties, terminals, cards, taps, exceptions, postings, settlement, audit.
-- The card token is the shard key of card and tap data and part of their primary keys; ids are made by the application;
-- time is always a parameter. Local times are text 'YYYY-MM-DDThh:mm:ss' in the region's zone, as terminals state them.

CREATE TABLE account (
  name text PRIMARY KEY,
  role text NOT NULL CHECK (role IN ('operator', 'auditor', 'fleet')),
  password_hash text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE session (
  id_hash text PRIMARY KEY,
  account_name text NOT NULL REFERENCES account (name),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);

CREATE TABLE party (
  id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('platform', 'issuer', 'operator')),
  code text NOT NULL UNIQUE,
  name_en text NOT NULL,
  name_zh text NOT NULL,
  city text,
  mode text,
  origin text NOT NULL CHECK (origin IN ('blueprint', 'enrolled')),
  discounts text NOT NULL CHECK (discounts IN ('tariff', 'none'))
);

CREATE TABLE place (
  code text PRIMARY KEY,
  name_en text NOT NULL,
  name_zh text NOT NULL,
  origin text NOT NULL CHECK (origin IN ('blueprint', 'enrolled'))
);

CREATE TABLE terminal (
  terminal_no text PRIMARY KEY,
  device_no text NOT NULL UNIQUE,
  merchant_no text NOT NULL,
  profile text NOT NULL,
  mode text NOT NULL,
  operator_id text NOT NULL REFERENCES party (id),
  place_code text,
  line text,
  route text,
  vehicle text,
  origin text NOT NULL CHECK (origin IN ('blueprint', 'enrolled')),
  state text NOT NULL CHECK (state IN ('enrolled', 'signed-in', 'settled')),
  batch_no integer NOT NULL,
  tariff_version text NOT NULL DEFAULT '',
  last_sequence integer NOT NULL DEFAULT 0,
  sealed_master_key bytea NOT NULL,
  sealed_mac_key bytea,
  enrolled_at timestamptz NOT NULL,
  last_seen_at timestamptz
);

CREATE TABLE card (
  token text PRIMARY KEY,
  pan_masked text NOT NULL,
  pan_last4 text NOT NULL,
  pan_sealed bytea NOT NULL,
  psn text NOT NULL,
  issuer_id text NOT NULL REFERENCES party (id),
  product text NOT NULL,
  card_class text NOT NULL,
  home_city text NOT NULL,
  expires_on text NOT NULL,
  state text NOT NULL,
  issued_balance_fen bigint NOT NULL,
  issued_at timestamptz NOT NULL
);
CREATE INDEX card_last4 ON card (pan_last4);

-- The last serial given to a card of each issuer: reserved before its card exists, never given twice.
CREATE TABLE card_serial (
  issuer_id text PRIMARY KEY REFERENCES party (id),
  last_serial bigint NOT NULL
);

CREATE TABLE tap (
  card_token text NOT NULL,
  id text NOT NULL,
  received_no bigint NOT NULL,
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  trace_no integer NOT NULL,
  sequence_no integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('entry', 'exit', 'boarding', 'counter')),
  state text NOT NULL CHECK (state IN ('received', 'cleared', 'suspended', 'settled')),
  at text NOT NULL,
  business_date text NOT NULL,
  operator_id text NOT NULL,
  place_code text,
  place_name text NOT NULL DEFAULT '',
  entry_place_code text,
  entry_at text,
  charged_fen bigint NOT NULL,
  base_fen bigint,
  transfer boolean NOT NULL,
  card_class text NOT NULL,
  atc integer NOT NULL,
  application_cryptogram text NOT NULL,
  cryptogram text NOT NULL CHECK (cryptogram IN ('unchecked', 'verified', 'failed')),
  exceptions text[] NOT NULL DEFAULT '{}',
  clearing_data jsonb NOT NULL,
  industry_data jsonb NOT NULL,
  fare jsonb,
  frame_sealed bytea NOT NULL,
  received_at timestamptz NOT NULL,
  cleared_at timestamptz,
  PRIMARY KEY (card_token, id)
);
CREATE INDEX tap_queue ON tap (received_no) WHERE state = 'received';
CREATE INDEX tap_day ON tap (business_date, at);
CREATE INDEX tap_terminal ON tap (terminal_no, received_no);
CREATE INDEX tap_id ON tap (id);
CREATE INDEX tap_once ON tap (card_token, atc, application_cryptogram);

-- What makes an upload happen once: the key made by its sender. The digest tells a repeat from another tap under the same key.
CREATE TABLE upload (
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  trace_no integer NOT NULL,
  card_token text NOT NULL,
  digest text NOT NULL,
  charged_fen bigint NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (terminal_no, batch_no, trace_no)
);

CREATE TABLE batch (
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  terminal_count integer NOT NULL,
  terminal_fen bigint NOT NULL,
  host_count integer NOT NULL,
  host_fen bigint NOT NULL,
  totals text NOT NULL CHECK (totals IN ('equal', 'unequal')),
  settled_at timestamptz NOT NULL,
  PRIMARY KEY (terminal_no, batch_no)
);

CREATE TABLE dialogue (
  tap_id text PRIMARY KEY,
  sealed bytea NOT NULL,
  received_at timestamptz NOT NULL
);

CREATE TABLE exception (
  id text PRIMARY KEY,
  reason text NOT NULL,
  state text NOT NULL CHECK (state IN ('open', 'resolved')),
  tap_id text,
  card_token text,
  terminal_no text NOT NULL,
  business_date text NOT NULL,
  explanation_en text NOT NULL,
  explanation_zh text NOT NULL,
  opened_at timestamptz NOT NULL
);
CREATE INDEX exception_tap ON exception (tap_id);
CREATE INDEX exception_day ON exception (business_date, reason);

CREATE TABLE posting (
  entry_id text NOT NULL,
  line integer NOT NULL,
  tap_id text NOT NULL,
  business_date text NOT NULL,
  account text NOT NULL,
  party_id text NOT NULL,
  amount_fen bigint NOT NULL,
  what text NOT NULL,
  posted_at timestamptz NOT NULL,
  PRIMARY KEY (entry_id, line)
);
CREATE INDEX posting_day ON posting (business_date, account);
CREATE INDEX posting_tap ON posting (tap_id);

CREATE TABLE settlement_day (
  business_date text PRIMARY KEY,
  closed_at timestamptz NOT NULL,
  closed_by text NOT NULL
);

CREATE TABLE settlement_position (
  business_date text NOT NULL,
  party_id text NOT NULL,
  receives_fen bigint NOT NULL,
  pays_fen bigint NOT NULL,
  net_fen bigint NOT NULL,
  PRIMARY KEY (business_date, party_id)
);

-- An operator's own record of what it charged, compared with the cleared tap.
CREATE TABLE operator_record (
  tap_id text PRIMARY KEY,
  card_token text NOT NULL,
  claimed_fen bigint NOT NULL,
  agrees boolean NOT NULL,
  received_at timestamptz NOT NULL
);

CREATE TABLE audit (
  sequence bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  subject text NOT NULL,
  detail jsonb NOT NULL,
  previous_hash text NOT NULL,
  hash text NOT NULL
);
