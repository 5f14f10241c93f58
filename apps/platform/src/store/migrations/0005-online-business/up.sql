-- Loads of electronic cash, whose end is known only when a script result, a reversal or the card itself tells it.
ALTER TABLE online_transaction DROP CONSTRAINT online_transaction_kind_check;
ALTER TABLE online_transaction ADD CONSTRAINT online_transaction_kind_check
  CHECK (kind IN ('sale', 'inquiry', 'void', 'cash-load'));
ALTER TABLE online_transaction DROP CONSTRAINT online_transaction_state_check;
ALTER TABLE online_transaction ADD CONSTRAINT online_transaction_state_check
  CHECK (state IN ('approved', 'refused', 'voided', 'reversed', 'loaded', 'not-loaded'));
-- Objects of F55 beside the issuer's authentication: what a repeat is answered with again.
ALTER TABLE online_transaction ADD COLUMN script text NOT NULL DEFAULT '';
-- Electronic cash before a load, as the card stated it.
ALTER TABLE online_transaction ADD COLUMN card_balance_fen bigint;
