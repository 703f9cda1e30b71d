-- Deaths the register knows of, kept beside the qualifications they end, so that no check asks the register (S58).
-- Written by the load of the register in the transaction that makes the day. A death stays when the register lets the
-- dead go, and goes when the register says that the person lives.

CREATE TABLE death (
    individual_number_sealed bytea PRIMARY KEY,
    died_on date NOT NULL
);
COMMENT ON COLUMN death.died_on IS 'the day the register gives; the day of the register where it gives none that is whole';
ALTER TABLE death ENABLE ROW LEVEL SECURITY;
ALTER TABLE death FORCE ROW LEVEL SECURITY;
CREATE POLICY death_system ON death USING (acting_scope() = 'system') WITH CHECK (acting_scope() = 'system');

-- So that a load of changes looks at the dead alone.
CREATE INDEX resident_dead ON resident (resident_id) WHERE status = 2;

INSERT INTO death (individual_number_sealed, died_on)
SELECT number,
       CASE WHEN status_on / 100 % 100 > 0 AND status_on % 100 > 0
            THEN to_date(status_on::text, 'YYYYMMDD') ELSE held_from END
FROM resident
CROSS JOIN LATERAL (VALUES (individual_number_sealed), (previous_individual_number_sealed)) AS borne (number)
WHERE status = 2 AND number IS NOT NULL
ON CONFLICT DO NOTHING;
