-- Applications of their own on a card: each has a serial, from which its keys are dispersed.
CREATE TABLE application_serial (
  application text PRIMARY KEY,
  last_serial bigint NOT NULL
);

CREATE TABLE card_application (
  card_token text NOT NULL REFERENCES card (token),
  application text NOT NULL,
  serial text NOT NULL,
  state text NOT NULL,
  PRIMARY KEY (card_token, application),
  UNIQUE (application, serial)
);
