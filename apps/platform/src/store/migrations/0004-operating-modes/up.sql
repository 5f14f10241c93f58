-- Operating modes ordered for stations: never changed but for their end, since taps are cleared by them.
CREATE TABLE mode_order (
  id text PRIMARY KEY,
  place_code text NOT NULL,
  modes text[] NOT NULL,
  from_at text NOT NULL,
  to_at text,
  reason text NOT NULL,
  ordered_by text NOT NULL,
  ordered_at timestamptz NOT NULL
);
CREATE INDEX mode_order_time ON mode_order (from_at);
