-- Links of people whose entry in the register changed, until each has been compared with the register of that day
-- (R-JLIS: 疑いなし holds until the evidence changes). Written by the load in the transaction that makes the day.

CREATE TABLE link_to_compare (
    link_id bigint PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    load_id bigint NOT NULL REFERENCES register_load,
    register_day date NOT NULL
);
COMMENT ON TABLE link_to_compare IS 'a row goes when its link has been compared; a load that comes before that takes it over. No foreign key to link: a load never locks one';
ALTER TABLE link_to_compare ENABLE ROW LEVEL SECURITY;
ALTER TABLE link_to_compare FORCE ROW LEVEL SECURITY;
CREATE POLICY link_to_compare_own ON link_to_compare
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
