-- Transactions a terminal asked for online, once by (terminal, batch, trace), with what they were answered.
CREATE TABLE online_transaction (
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  trace_no integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('sale', 'inquiry', 'void')),
  state text NOT NULL CHECK (state IN ('approved', 'refused', 'voided', 'reversed')),
  code text NOT NULL,
  card_token text NOT NULL,
  atc integer,
  amount_fen bigint NOT NULL,
  balance_fen bigint,
  business_date text NOT NULL,
  digest text NOT NULL,
  reference_no text NOT NULL,
  issuer_authentication text NOT NULL,
  original_batch_no integer,
  original_trace_no integer,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (terminal_no, batch_no, trace_no)
);
CREATE INDEX online_transaction_card ON online_transaction (card_token, business_date);

-- Reversals, remembered whether or not their original was here: one that comes later is refused.
CREATE TABLE reversal (
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  trace_no integer NOT NULL,
  amount_fen bigint NOT NULL,
  reason text NOT NULL,
  found boolean NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (terminal_no, batch_no, trace_no)
);

-- Results of issuer scripts (0620) and details of batch uploads (0320), as terminals sent them.
CREATE TABLE script_result (
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  trace_no integer NOT NULL,
  original_batch_no integer NOT NULL,
  original_trace_no integer NOT NULL,
  result text NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (terminal_no, batch_no, trace_no)
);
CREATE TABLE batch_detail (
  terminal_no text NOT NULL,
  batch_no integer NOT NULL,
  trace_no integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('online', 'chip', 'issuer-authentication-failed')),
  amount_fen bigint NOT NULL,
  received_at timestamptz NOT NULL,
  PRIMARY KEY (terminal_no, batch_no, trace_no)
);

-- Voids count against the debits of a batch.
ALTER TABLE batch ADD COLUMN terminal_credit_count integer NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN terminal_credit_fen bigint NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN host_credit_count integer NOT NULL DEFAULT 0;
ALTER TABLE batch ADD COLUMN host_credit_fen bigint NOT NULL DEFAULT 0;
