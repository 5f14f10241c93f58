-- Roles are data of the blueprint (duties.yaml); acts that others approve.

ALTER TABLE account DROP CONSTRAINT account_role_check;

CREATE TABLE approval (
  id text PRIMARY KEY,
  act text NOT NULL,
  subject text NOT NULL,
  parameters jsonb NOT NULL,
  why text NOT NULL,
  effect_en text NOT NULL,
  effect_zh text NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  needed integer NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'refused', 'failed')),
  outcome text NOT NULL DEFAULT '',
  decided_at timestamptz
);
CREATE INDEX approval_state ON approval (state, requested_at);

-- One row for each person who decided; a person decides once.
CREATE TABLE approval_decision (
  approval_id text NOT NULL REFERENCES approval (id),
  who text NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('approved', 'refused')),
  why text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (approval_id, who)
);
