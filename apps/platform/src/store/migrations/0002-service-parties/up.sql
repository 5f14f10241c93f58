-- Public services other than transport (utilities, health, traffic police) are parties too.
ALTER TABLE party DROP CONSTRAINT party_kind_check;
ALTER TABLE party ADD CONSTRAINT party_kind_check CHECK (kind IN ('platform', 'issuer', 'operator', 'service'));
