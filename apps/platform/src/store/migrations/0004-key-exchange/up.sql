-- Key exchange: zones whose key people enter in components, and what was handed over and taken in under them.

CREATE TABLE exchange_zone (
  zone_id text PRIMARY KEY,
  counterpart text NOT NULL,
  tree text NOT NULL CHECK (tree IN ('activation', 'management', 'issuer')),
  algorithm text NOT NULL,
  components integer NOT NULL,
  check_value text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'active')),
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL
);

-- Sealed until the last one is there, then deleted.
CREATE TABLE exchange_component (
  zone_id text NOT NULL REFERENCES exchange_zone (zone_id),
  who text NOT NULL,
  check_value text NOT NULL,
  sealed bytea,
  entered_at timestamptz NOT NULL,
  PRIMARY KEY (zone_id, who)
);

-- The number is that of the request others approved.
CREATE TABLE exchange (
  id text PRIMARY KEY,
  direction text NOT NULL CHECK (direction IN ('out', 'in')),
  tree text NOT NULL,
  zone_id text NOT NULL,
  counterpart text NOT NULL,
  package jsonb NOT NULL,
  receipt jsonb,
  state text NOT NULL CHECK (state IN ('handed-over', 'receipted', 'taken', 'refused')),
  at timestamptz NOT NULL,
  receipt_at timestamptz
);
