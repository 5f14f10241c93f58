-- Deny lists. A card is listed and taken off under numbers that only rise; a version is published through a number, so
-- nothing of a million rows changes when one is published. Account numbers are sealed, as in the card table.

-- Numbers are given inside the transaction that uses them: whoever reads the last one sees everything up to it.
CREATE TABLE deny_counter (
  name text PRIMARY KEY,
  last bigint NOT NULL
);
INSERT INTO deny_counter VALUES ('change', 0);

CREATE TABLE deny_entry (
  card_token text NOT NULL,
  added_no bigint NOT NULL,
  scope text NOT NULL,
  reason text NOT NULL,
  lock_on_sight boolean NOT NULL,
  pan_masked text NOT NULL,
  pan_last4 text NOT NULL,
  pan_sealed bytea NOT NULL,
  why text NOT NULL,
  added_by text NOT NULL,
  added_at timestamptz NOT NULL,
  removed_no bigint,
  removed_by text,
  removed_at timestamptz,
  removed_why text,
  PRIMARY KEY (card_token, added_no)
);
CREATE UNIQUE INDEX deny_entry_current ON deny_entry (card_token, scope) WHERE removed_no IS NULL;
CREATE INDEX deny_entry_added ON deny_entry (added_no);
CREATE INDEX deny_entry_removed ON deny_entry (removed_no) WHERE removed_no IS NOT NULL;

-- What makes an addition, removal or import happen once: the key made by its sender, and what was answered.
CREATE TABLE deny_act (
  id text PRIMARY KEY,
  what text NOT NULL,
  who text NOT NULL,
  answer jsonb NOT NULL,
  at timestamptz NOT NULL
);

CREATE TABLE deny_version (
  version integer PRIMARY KEY,
  through_no bigint NOT NULL,
  issued_at timestamptz NOT NULL,
  cards bigint NOT NULL,
  added bigint NOT NULL,
  removed bigint NOT NULL,
  counts jsonb NOT NULL,
  snapshot_bytes bigint NOT NULL,
  delta_bytes bigint NOT NULL,
  digest text NOT NULL,
  snapshot_sealed bytea,
  delta_sealed bytea,
  built_ms integer NOT NULL,
  requested_by text NOT NULL,
  approved_by text[] NOT NULL,
  why text NOT NULL
);
CREATE INDEX deny_version_through ON deny_version (through_no);

-- The version each terminal said it holds, verified, and when it last did.
CREATE TABLE terminal_deny_list (
  terminal_no text PRIMARY KEY,
  version integer NOT NULL,
  acknowledged_at timestamptz NOT NULL,
  confirmed_at timestamptz NOT NULL
);

-- A listed card that was held to a terminal.
CREATE TABLE deny_hit (
  card_token text NOT NULL,
  terminal_no text NOT NULL,
  hit_no integer NOT NULL,
  at text NOT NULL,
  pan_masked text NOT NULL,
  scope text NOT NULL,
  reason text NOT NULL,
  outcome text NOT NULL,
  list_version integer NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (card_token, terminal_no, hit_no, at)
);
CREATE INDEX deny_hit_received ON deny_hit (received_at);

-- Who answers for the tap of a listed card that was let through, and why.
CREATE TABLE tap_liability (
  card_token text NOT NULL,
  tap_id text NOT NULL,
  scope text NOT NULL,
  reason text NOT NULL,
  party text NOT NULL CHECK (party IN ('operator', 'issuer')),
  ground text NOT NULL,
  held_version integer NOT NULL,
  listed_in_version integer NOT NULL,
  explanation_en text NOT NULL,
  explanation_zh text NOT NULL,
  found_at timestamptz NOT NULL,
  PRIMARY KEY (card_token, tap_id)
);
