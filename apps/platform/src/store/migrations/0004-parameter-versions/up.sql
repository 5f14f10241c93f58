-- Parameter versions: what terminals compute with, from draft to superseded; who should have which version from when; who
-- has been told. Local times are text 'YYYY-MM-DDThh:mm:ss' in the region's zone, as terminals state them.

CREATE TABLE parameter_version (
  version text PRIMARY KEY,
  title text NOT NULL,
  -- made by the sender: the same draft asked for twice is one
  request_id text UNIQUE,
  based_on text REFERENCES parameter_version (version),
  state text NOT NULL CHECK (state IN ('draft', 'checked', 'waiting', 'approved', 'rolling-out', 'in-force', 'superseded', 'stopped', 'rolled-back')),
  -- JSON as text: its digest is what was checked, rehearsed and approved
  content text NOT NULL,
  digest text NOT NULL,
  findings jsonb NOT NULL DEFAULT '[]',
  checked_at timestamptz,
  rehearsal jsonb,
  plan jsonb,
  approval_id text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL
);
CREATE INDEX parameter_version_state ON parameter_version (state);

-- Everything that was said and done about a version, in order: the page's timeline.
CREATE TABLE parameter_event (
  version text NOT NULL REFERENCES parameter_version (version),
  number integer NOT NULL,
  at timestamptz NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  detail jsonb NOT NULL,
  PRIMARY KEY (version, number)
);

-- Of two rows that hold at a time the one with the higher sequence counts. Without a roll-out a row is for every terminal.
CREATE TABLE parameter_schedule (
  sequence integer PRIMARY KEY,
  version text NOT NULL REFERENCES parameter_version (version),
  rollout text REFERENCES parameter_version (version),
  stage integer,
  from_at text NOT NULL,
  act text NOT NULL CHECK (act IN ('begin', 'stage', 'stop', 'roll-back')),
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL
);

-- Terminals of a roll-out by stage, fixed when it began. A terminal that is not here came later: it is of the last stage.
CREATE TABLE parameter_stage_terminal (
  rollout text NOT NULL REFERENCES parameter_version (version),
  terminal_no text NOT NULL,
  stage integer NOT NULL,
  PRIMARY KEY (rollout, terminal_no)
);
CREATE INDEX parameter_stage ON parameter_stage_terminal (rollout, stage);

-- A terminal has downloaded what this row of the schedule says.
CREATE TABLE parameter_told (
  terminal_no text NOT NULL,
  sequence integer NOT NULL,
  told_at text NOT NULL,
  PRIMARY KEY (terminal_no, sequence)
);

ALTER TABLE tap ADD COLUMN tariff_version text NOT NULL DEFAULT '';
