-- The audit trail with both hashes: the exact text of an entry is what was hashed, the other columns are for searching.
-- Entries of the first format keep their table; nothing is ever removed from a trail.

ALTER TABLE audit RENAME TO audit_first_format;

CREATE TABLE audit (
  sequence bigint PRIMARY KEY,
  at timestamptz NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  subject text NOT NULL,
  text text NOT NULL,
  sha256 text NOT NULL,
  sm3 text NOT NULL
);
CREATE INDEX audit_what ON audit (what, sequence);
CREATE INDEX audit_subject ON audit (subject, sequence);
CREATE INDEX audit_who ON audit (who, sequence);

-- The head of each finished day, made in the transaction of the next day's first entry.
CREATE TABLE audit_anchor (
  day text PRIMARY KEY,
  last bigint NOT NULL,
  text text NOT NULL,
  sha256 text NOT NULL,
  sm3 text NOT NULL
);
