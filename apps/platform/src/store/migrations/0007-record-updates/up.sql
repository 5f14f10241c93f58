-- Records that counters rewrote online, once by (terminal, batch, trace); what changed stands in the audit trail.
CREATE TABLE record_update (
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  trace_no integer NOT NULL,
  card_token text NOT NULL,
  application text NOT NULL,
  record text NOT NULL,
  atc integer NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (terminal_no, batch_no, trace_no)
);
