-- The help desk and the page of institutions (S56, S58).

-- An institution that may not ask for the time being: nothing finds it, by no way of asking.
ALTER TABLE institution ADD COLUMN suspended_at timestamptz;
COMMENT ON COLUMN institution.suspended_at IS 'while it is set, the institution is answered nothing';
-- The administrator registers institutions; no personal data stands here.
CREATE POLICY institution_listed ON institution FOR SELECT USING (acting_role() = 'administrator');
CREATE POLICY institution_registered ON institution FOR INSERT WITH CHECK (acting_role() = 'administrator');
CREATE POLICY institution_changed ON institution FOR UPDATE
    USING (acting_role() = 'administrator') WITH CHECK (acting_role() = 'administrator');

-- One row per question a help desk answered, with what came of it (S56). Never an Individual Number, never a name.
CREATE TABLE help_call (
    help_call_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    at timestamptz NOT NULL,
    called_on date NOT NULL,
    category text NOT NULL,
    caller text NOT NULL CHECK (caller IN ('institution', 'citizen', 'insurer', 'other')),
    institution_code text NOT NULL DEFAULT '',
    channel text NOT NULL CHECK (channel IN ('telephone', 'counter', 'mail')),
    outcome text NOT NULL CHECK (outcome IN ('answered', 'follow_up', 'passed_on')),
    minutes integer NOT NULL CHECK (minutes BETWEEN 0 AND 600),
    note text NOT NULL DEFAULT '',
    follow_up_on date,
    closed_at timestamptz,
    closed_by text NOT NULL DEFAULT '',
    taken_by text NOT NULL,
    CHECK ((outcome = 'follow_up') = (follow_up_on IS NOT NULL))
);
COMMENT ON COLUMN help_call.minutes IS 'how long it took, in minutes';
COMMENT ON COLUMN help_call.closed_at IS 'when what was promised for follow_up_on was done';
CREATE INDEX help_call_newest ON help_call (organisation_id, help_call_id DESC);
CREATE INDEX help_call_by_month ON help_call (organisation_id, called_on);
ALTER TABLE help_call ENABLE ROW LEVEL SECURITY;
ALTER TABLE help_call FORCE ROW LEVEL SECURITY;
CREATE POLICY help_call_own ON help_call USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
