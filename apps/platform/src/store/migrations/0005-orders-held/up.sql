-- What a version of set MOD holds: which terminal has which order, and what a terminal knew when a card was tapped there.
CREATE TABLE mode_set (
  version text PRIMARY KEY,
  content jsonb NOT NULL,
  made_at timestamptz NOT NULL
);
ALTER TABLE terminal ADD COLUMN modes_version text;
ALTER TABLE terminal ADD COLUMN modes_at timestamptz;
ALTER TABLE mode_order ADD COLUMN ended_by text;
ALTER TABLE mode_order ADD COLUMN ended_at timestamptz;
