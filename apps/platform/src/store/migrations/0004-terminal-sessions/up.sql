-- All working keys of a session in one sealed value. Sessions from before have another form: those terminals sign in again.
ALTER TABLE terminal RENAME COLUMN sealed_mac_key TO sealed_working_keys;
UPDATE terminal SET sealed_working_keys = NULL, state = 'enrolled' WHERE state = 'signed-in';

-- What a terminal last said of itself (60.3 = 362): objects by tag.
CREATE TABLE terminal_status (
  terminal_no text PRIMARY KEY REFERENCES terminal (terminal_no),
  objects jsonb NOT NULL,
  received_at timestamptz NOT NULL
);
