-- Torn taps whose outcome nobody knows yet: looked for whenever their card is seen again.
CREATE INDEX tap_torn ON tap (card_token) WHERE state = 'suspended' AND 'torn' = ANY (exceptions);
