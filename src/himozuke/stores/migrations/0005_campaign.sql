-- An inspection campaign: who must answer what by when, what was found, what is published (S52, S71-S73, S77, S88-S95, S110).
-- Figures of bodies are seen by the nation's roles; findings about persons only by the body that holds them.

-- One row per campaign; organisation_id is the office that asks (headquarters). Every body may read it.
CREATE TABLE campaign (
    campaign_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    name_ja text NOT NULL,
    name_en text NOT NULL DEFAULT '',
    requested_on date NOT NULL,
    is_open boolean NOT NULL DEFAULT true,
    uses_printed text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL
);
COMMENT ON COLUMN campaign.uses_printed IS 'the sum of eligibility checks over the periods of discovery as printed: rounded, not added up (S74)';

-- One row per stage of a campaign.
CREATE TABLE campaign_stage (
    campaign_id bigint NOT NULL REFERENCES campaign,
    stage text NOT NULL CHECK (stage IN ('status_report', 'survey', 'result_report', 'interim_report',
                                         'inspection', 'correction', 'leak_check', 'publication')),
    organisation_id bigint NOT NULL REFERENCES organisation,
    due_on date NOT NULL,
    PRIMARY KEY (campaign_id, stage)
);

-- One row per body and affair (scheme): the latest answers and what was decided from them.
CREATE TABLE campaign_survey (
    survey_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL REFERENCES campaign,
    organisation_id bigint NOT NULL REFERENCES organisation,
    scheme text NOT NULL,
    number_required text NOT NULL DEFAULT '' CHECK (number_required IN ('', 'yes', 'no', 'unconfirmed')),
    without_number text NOT NULL DEFAULT '',
    inquiry_items text[] NOT NULL DEFAULT '{}',
    holds_residents boolean NOT NULL DEFAULT false,
    lines jsonb NOT NULL DEFAULT '[]',
    answered_at timestamptz,
    version integer NOT NULL DEFAULT 0,
    process_class integer CHECK (process_class IN (1, 2, 3)),
    scope text CHECK (scope IN ('full', 'affected', 'none')),
    scope_reasons text[] NOT NULL DEFAULT '{}',
    class_rule_since date,
    class_rule_row integer,
    scope_rule text,
    scope_rule_since date,
    UNIQUE (campaign_id, organisation_id, scheme),
    CHECK ((answered_at IS NULL) = (process_class IS NULL))
);
CREATE INDEX campaign_survey_of_body ON campaign_survey (organisation_id, campaign_id);
CREATE INDEX campaign_survey_unanswered ON campaign_survey (campaign_id, organisation_id) WHERE answered_at IS NULL;
COMMENT ON COLUMN campaign_survey.lines IS 'ways of getting numbers: method, since, until, three_items, any_of_several, other_wrong, stopped, inspected_on';

-- One row per answering of a survey, in order; never changed.
CREATE TABLE campaign_survey_version (
    survey_id bigint NOT NULL REFERENCES campaign_survey,
    version integer NOT NULL,
    organisation_id bigint NOT NULL REFERENCES organisation,
    answers jsonb NOT NULL,
    answered_at timestamptz NOT NULL,
    answered_by text NOT NULL,
    PRIMARY KEY (survey_id, version)
);

-- One row per submitted report and version; the last version counts (S77, S109).
CREATE TABLE campaign_report (
    campaign_id bigint NOT NULL REFERENCES campaign,
    organisation_id bigint NOT NULL REFERENCES organisation,
    scheme text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('status', 'month', 'interim', 'result')),
    month date NOT NULL,
    version integer NOT NULL,
    as_of date NOT NULL,
    in_scope bigint NOT NULL CHECK (in_scope >= 0),
    inspected bigint NOT NULL CHECK (inspected BETWEEN 0 AND in_scope),
    to_ask bigint NOT NULL CHECK (to_ask >= 0),
    confirmed_wrong bigint NOT NULL CHECK (confirmed_wrong BETWEEN 0 AND inspected),
    corrected bigint NOT NULL CHECK (corrected BETWEEN 0 AND confirmed_wrong),
    viewed bigint NOT NULL CHECK (viewed BETWEEN 0 AND confirmed_wrong),
    note text NOT NULL DEFAULT '',
    submitted_at timestamptz NOT NULL,
    PRIMARY KEY (campaign_id, organisation_id, scheme, kind, month, version)
);
COMMENT ON COLUMN campaign_report.month IS 'first day of the month for kind month, else the first day of the campaign''s month of request';

-- One row per span of days in which wrong links came to light (S73), written by headquarters.
CREATE TABLE campaign_period (
    campaign_id bigint NOT NULL REFERENCES campaign,
    organisation_id bigint NOT NULL REFERENCES organisation,
    first_on date NOT NULL,
    last_on date NOT NULL CHECK (last_on >= first_on),
    wrong bigint NOT NULL CHECK (wrong >= 0),
    viewed bigint NOT NULL CHECK (viewed BETWEEN 0 AND wrong),
    uses text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    PRIMARY KEY (campaign_id, first_on)
);

-- One row per version of what is published; never changed (S77).
CREATE TABLE publication (
    campaign_id bigint NOT NULL REFERENCES campaign,
    version integer NOT NULL,
    organisation_id bigint NOT NULL REFERENCES organisation,
    as_of date NOT NULL,
    reason text NOT NULL,
    figures jsonb NOT NULL,
    changes jsonb NOT NULL,
    tables jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    PRIMARY KEY (campaign_id, version)
);

-- One row per file of links that a body sent up; the file itself lies in the data folder.
CREATE TABLE inspection_upload (
    upload_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    campaign_id bigint NOT NULL REFERENCES campaign,
    scheme text NOT NULL,
    file_name text NOT NULL,
    stored_as text NOT NULL,
    byte_count bigint NOT NULL,
    sha256 text NOT NULL,
    uploaded_at timestamptz NOT NULL
);
CREATE INDEX inspection_upload_of_body ON inspection_upload (organisation_id, campaign_id);

-- One row per inspection of an upload: its progress while it runs, its figures when it is done. No personal data.
CREATE TABLE inspection_run (
    run_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    campaign_id bigint NOT NULL REFERENCES campaign,
    upload_id bigint NOT NULL REFERENCES inspection_upload,
    scheme text NOT NULL,
    snapshot date NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'refused', 'failed', 'cancelled')),
    phase text NOT NULL DEFAULT '',
    rows_done bigint NOT NULL DEFAULT 0,
    rows_total bigint,
    is_cancel_asked boolean NOT NULL DEFAULT false,
    attempt integer NOT NULL DEFAULT 0,
    message text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz,
    register_digest text NOT NULL DEFAULT '',
    figures jsonb NOT NULL DEFAULT '{}',
    funnel jsonb NOT NULL DEFAULT '[]'
);
CREATE INDEX inspection_run_of_body ON inspection_run (organisation_id, campaign_id, run_id);
CREATE INDEX inspection_run_open ON inspection_run (run_id) WHERE state IN ('waiting', 'running');

-- One row per link to ask about or to mend, in the order of the review list.
CREATE TABLE inspection_finding (
    finding_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    run_id bigint NOT NULL REFERENCES inspection_run,
    position integer NOT NULL,
    row bigint NOT NULL,
    link_key text NOT NULL,
    verdict text NOT NULL,
    action text NOT NULL CHECK (action IN ('ask', 'correct')),
    restriction text NOT NULL,
    cause text,
    rank integer,
    reasons text[] NOT NULL,
    evidence_digest text NOT NULL,
    batch text NOT NULL DEFAULT '',
    detail jsonb NOT NULL,
    link_id bigint,
    case_id bigint,
    UNIQUE (run_id, row)
);
CREATE INDEX inspection_finding_in_order ON inspection_finding (run_id, position);
COMMENT ON COLUMN inspection_finding.detail IS 'the review row as the inspection gave it; Individual Numbers are masked';
COMMENT ON COLUMN inspection_finding.link_id IS 'the link in our own book with this scheme number, where there is one';

-- One row per row of an uploaded file that could not be understood.
CREATE TABLE inspection_quarantine (
    run_id bigint NOT NULL REFERENCES inspection_run,
    position integer NOT NULL,
    organisation_id bigint NOT NULL REFERENCES organisation,
    line bigint NOT NULL,
    row bigint NOT NULL,
    column_name text NOT NULL,
    value text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    remedy text NOT NULL,
    PRIMARY KEY (run_id, position)
);

-- One row per link and evidence that somebody has found out about: not asked again until its digest changes.
CREATE TABLE inspection_answer (
    organisation_id bigint NOT NULL REFERENCES organisation,
    scheme text NOT NULL,
    link_key text NOT NULL,
    evidence_digest text NOT NULL,
    answer text NOT NULL CHECK (answer IN ('right', 'wrong')),
    reason text NOT NULL,
    answered_by text NOT NULL,
    answered_on date NOT NULL,
    PRIMARY KEY (organisation_id, scheme, link_key, evidence_digest)
);

-- Who sees and changes what. Campaigns and publications are read by everybody, changed by the office that asks.
ALTER TABLE campaign ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign FORCE ROW LEVEL SECURITY;
CREATE POLICY campaign_read ON campaign FOR SELECT USING (true);
CREATE POLICY campaign_write ON campaign USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

ALTER TABLE campaign_stage ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_stage FORCE ROW LEVEL SECURITY;
CREATE POLICY campaign_stage_read ON campaign_stage FOR SELECT USING (true);
CREATE POLICY campaign_stage_write ON campaign_stage
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

ALTER TABLE campaign_period ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_period FORCE ROW LEVEL SECURITY;
CREATE POLICY campaign_period_read ON campaign_period FOR SELECT USING (true);
CREATE POLICY campaign_period_write ON campaign_period
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

ALTER TABLE publication ENABLE ROW LEVEL SECURITY;
ALTER TABLE publication FORCE ROW LEVEL SECURITY;
CREATE POLICY publication_read ON publication FOR SELECT USING (true);
CREATE POLICY publication_write ON publication FOR INSERT WITH CHECK (may_see(organisation_id));
CREATE TRIGGER publication_append_only BEFORE UPDATE OR DELETE ON publication
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Surveys are answered by the body, or by headquarters for it from a sheet it was sent.
ALTER TABLE campaign_survey ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_survey FORCE ROW LEVEL SECURITY;
CREATE POLICY campaign_survey_read ON campaign_survey FOR SELECT USING (may_see_figures(organisation_id));
CREATE POLICY campaign_survey_add ON campaign_survey FOR INSERT
    WITH CHECK (may_see(organisation_id) OR acting_role() = 'headquarters');
CREATE POLICY campaign_survey_change ON campaign_survey FOR UPDATE
    USING (may_see(organisation_id) OR acting_role() = 'headquarters')
    WITH CHECK (may_see(organisation_id) OR acting_role() = 'headquarters');

ALTER TABLE campaign_survey_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_survey_version FORCE ROW LEVEL SECURITY;
CREATE POLICY campaign_survey_version_read ON campaign_survey_version FOR SELECT
    USING (may_see_figures(organisation_id));
CREATE POLICY campaign_survey_version_write ON campaign_survey_version FOR INSERT
    WITH CHECK (may_see(organisation_id) OR acting_role() = 'headquarters');
CREATE TRIGGER campaign_survey_version_append_only BEFORE UPDATE OR DELETE ON campaign_survey_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

ALTER TABLE campaign_report ENABLE ROW LEVEL SECURITY;
ALTER TABLE campaign_report FORCE ROW LEVEL SECURITY;
CREATE POLICY campaign_report_read ON campaign_report FOR SELECT USING (may_see_figures(organisation_id));
CREATE POLICY campaign_report_write ON campaign_report FOR INSERT WITH CHECK (may_see(organisation_id));
CREATE TRIGGER campaign_report_append_only BEFORE UPDATE OR DELETE ON campaign_report
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Figures of a run are figures of its body; the file and what was found in it are the body's own.
ALTER TABLE inspection_run ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_run FORCE ROW LEVEL SECURITY;
CREATE POLICY inspection_run_read ON inspection_run FOR SELECT USING (may_see_figures(organisation_id));
CREATE POLICY inspection_run_write ON inspection_run
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

ALTER TABLE inspection_upload ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_upload FORCE ROW LEVEL SECURITY;
CREATE POLICY inspection_upload_own ON inspection_upload
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

ALTER TABLE inspection_finding ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_finding FORCE ROW LEVEL SECURITY;
CREATE POLICY inspection_finding_own ON inspection_finding
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

ALTER TABLE inspection_quarantine ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_quarantine FORCE ROW LEVEL SECURITY;
CREATE POLICY inspection_quarantine_own ON inspection_quarantine
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

ALTER TABLE inspection_answer ENABLE ROW LEVEL SECURITY;
ALTER TABLE inspection_answer FORCE ROW LEVEL SECURITY;
CREATE POLICY inspection_answer_own ON inspection_answer
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
