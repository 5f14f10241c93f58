-- Check values of the keys that were last sent to open an application, by part of the opening: the card must answer these.
ALTER TABLE card_application ADD COLUMN offered jsonb NOT NULL DEFAULT '{}';
