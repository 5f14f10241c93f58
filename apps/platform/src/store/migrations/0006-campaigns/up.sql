-- What each promotion gave away, counted with the clearing of the rides that it was given to.
CREATE TABLE campaign_day (
  tariff text NOT NULL,
  promotion text NOT NULL,
  business_date text NOT NULL,
  rides bigint NOT NULL,
  given_fen bigint NOT NULL,
  PRIMARY KEY (tariff, promotion, business_date)
);
-- Never changed: taps may say that a campaign had ended. A larger budget opens it again.
CREATE TABLE campaign_end (
  tariff text NOT NULL,
  promotion text NOT NULL,
  budget_fen bigint NOT NULL,
  margin_fen bigint NOT NULL,
  given_fen bigint NOT NULL,
  ended_at timestamptz NOT NULL,
  PRIMARY KEY (tariff, promotion, budget_fen)
);
