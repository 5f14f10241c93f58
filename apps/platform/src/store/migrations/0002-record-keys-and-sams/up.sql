-- What cards and PSAMs hold of management keys that are rotated; the inventory of SAMs.

-- A card's record that has taken a newer key than the one it was opened with.
CREATE TABLE card_record_key (
  card_token text NOT NULL,
  record text NOT NULL,
  label text NOT NULL,
  version integer NOT NULL,
  replaced_at timestamptz NOT NULL,
  PRIMARY KEY (card_token, record)
);
CREATE INDEX card_record_key_label ON card_record_key (label, version);

CREATE TABLE sam (
  sam_no text PRIMARY KEY,
  terminal_no text NOT NULL REFERENCES terminal (terminal_no),
  zone_id text NOT NULL,
  state text NOT NULL CHECK (state IN ('issued', 'stopped')),
  keys jsonb NOT NULL,
  issued_at timestamptz NOT NULL,
  stopped_at timestamptz,
  stop_reason text
);
CREATE UNIQUE INDEX sam_terminal ON sam (terminal_no);
