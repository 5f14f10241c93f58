-- A bus with fares by section has two taps: the boarding, and the alighting that charges. Runs after 0005-purchases.
ALTER TABLE tap DROP CONSTRAINT tap_kind_check;
ALTER TABLE tap ADD CONSTRAINT tap_kind_check
  CHECK (kind IN ('entry', 'exit', 'boarding', 'counter', 'purchase', 'alighting'));
