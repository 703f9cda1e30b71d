-- Cases carried from the first doubt to the published figure, their letters, and who viewed what (S56, S73-S77, S84, S93-S94, S109).
-- Individual Numbers stand sealed only, in columns whose names end with individual_number_sealed.

-- Cases of one cause and batch: what can be done to many at once is done to the group.
CREATE TABLE case_group (
    group_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    cause text NOT NULL DEFAULT '',
    group_key text NOT NULL,
    opened_at timestamptz NOT NULL,
    UNIQUE (organisation_id, cause, group_key)
);
ALTER TABLE case_group ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_group FORCE ROW LEVEL SECURITY;
CREATE POLICY case_group_own ON case_group USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per case. What happened stands in case_event; the columns after `state` are folded from it for the queue.
CREATE TABLE incident_case (
    case_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    link_id bigint REFERENCES link,
    group_id bigint REFERENCES case_group,
    origin text NOT NULL CHECK (origin IN ('inspection', 'registration', 'duplicate_check', 'citizen', 'call')),
    opened_at timestamptz NOT NULL,
    opened_on date NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    step text NOT NULL,
    restriction text NOT NULL CHECK (restriction IN ('NONE', 'MEDICAL', 'ALL')),
    verdict text CHECK (verdict IN ('PROVEN', 'EXPLAINED', 'DOUBTFUL', 'REFUTED', 'UNTESTABLE')),
    cause text,
    assignee_id bigint REFERENCES user_account,
    due_on date,
    due_clock text NOT NULL DEFAULT '',
    is_escalated boolean NOT NULL DEFAULT false,
    known_on date,
    is_wrong boolean,
    viewings integer,
    corrected_on date,
    published_on date,
    closed_at timestamptz,
    last_event_id bigint
);
COMMENT ON COLUMN incident_case.opened_on IS 'the day in Japan; the clock of the stop counts from it';
COMMENT ON COLUMN incident_case.known_on IS 'the day the wrong link was known; the clocks of the report count from it';
COMMENT ON COLUMN incident_case.due_on IS 'the nearest day by which something must be done, and which clock says so';
COMMENT ON COLUMN incident_case.viewings IS 'viewings found in the wrong interval; null until somebody has looked';
-- One doubt, one case: whatever else is found about the link while it is open joins it.
CREATE UNIQUE INDEX incident_case_one_open ON incident_case (link_id) WHERE state = 'open' AND link_id IS NOT NULL;
CREATE INDEX incident_case_queue ON incident_case (organisation_id, state, due_on, case_id);
CREATE INDEX incident_case_of_group ON incident_case (group_id, case_id);
CREATE INDEX incident_case_of_link ON incident_case (link_id, case_id);
CREATE INDEX incident_case_due ON incident_case (due_on) WHERE state = 'open' AND due_on IS NOT NULL;
ALTER TABLE incident_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE incident_case FORCE ROW LEVEL SECURITY;
CREATE POLICY incident_case_own ON incident_case
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per act on a case, oldest first; nobody alters or removes one, an act is taken back by another.
CREATE TABLE case_event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id bigint NOT NULL REFERENCES incident_case,
    organisation_id bigint NOT NULL REFERENCES organisation,
    kind text NOT NULL,
    at timestamptz NOT NULL,
    on_day date NOT NULL,
    by_login text NOT NULL,
    by_user_id bigint REFERENCES user_account,
    by_name text NOT NULL DEFAULT '',
    token text,
    said jsonb NOT NULL DEFAULT '{}',
    individual_number_sealed bytea,
    UNIQUE (case_id, token, kind)
);
COMMENT ON COLUMN case_event.token IS 'names the form the act came from: sent twice, it is done once';
CREATE INDEX case_event_of_case ON case_event (case_id, event_id);
ALTER TABLE case_event ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_event FORCE ROW LEVEL SECURITY;
CREATE POLICY case_event_own ON case_event USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per printed document, byte for byte as it was sent.
CREATE TABLE letter (
    letter_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    case_id bigint REFERENCES incident_case,
    kind text NOT NULL CHECK (kind IN ('inquiry', 'reminder', 'apology', 'commission_report',
                                       'confirmation_sheet', 'published_table')),
    document_number text NOT NULL,
    pdf bytea NOT NULL,
    digest text NOT NULL,
    printed_at timestamptz NOT NULL,
    printed_by text NOT NULL,
    reply_by date,
    reply_code text,
    reply_digest bytea UNIQUE,
    reply_until date,
    replied_at timestamptz,
    UNIQUE (organisation_id, document_number),
    UNIQUE (organisation_id, reply_code)
);
COMMENT ON COLUMN letter.reply_digest IS 'SHA-256 of the one-time token behind the QR code; the token itself stands on paper only';
CREATE INDEX letter_of_case ON letter (case_id, letter_id);
ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter FORCE ROW LEVEL SECURITY;
CREATE POLICY letter_own ON letter USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- Who stands at the head of an organisation's letters.
CREATE TABLE letter_sender (
    organisation_id bigint PRIMARY KEY REFERENCES organisation,
    office text NOT NULL,
    department text NOT NULL,
    postal_code text NOT NULL DEFAULT '',
    address text NOT NULL,
    telephone text NOT NULL,
    hours text NOT NULL DEFAULT ''
);
ALTER TABLE letter_sender ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter_sender FORCE ROW LEVEL SECURITY;
CREATE POLICY letter_sender_own ON letter_sender
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- Failed tries at one-time links, by the digest of where they came from: guessing is slowed down. No personal data.
CREATE TABLE reply_attempt (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    from_digest bytea NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX reply_attempt_recent ON reply_attempt (from_digest, at);
ALTER TABLE reply_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE reply_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY reply_attempt_of_the_program ON reply_attempt
    USING (acting_scope() = 'system') WITH CHECK (acting_scope() = 'system');

-- One row per viewing of what stands behind a link: who saw what of whom (S76, S81).
CREATE TABLE access_log (
    access_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    link_id bigint NOT NULL REFERENCES link,
    organisation_id bigint NOT NULL REFERENCES organisation,
    institution_code text NOT NULL,
    institution_name text NOT NULL DEFAULT '',
    viewer text NOT NULL DEFAULT '',
    items text[] NOT NULL CHECK (items <@ ARRAY['qualification', 'medicines', 'checkups', 'procedures']),
    consent text NOT NULL DEFAULT '',
    verdict_version text NOT NULL DEFAULT '',
    source text NOT NULL DEFAULT 'online',
    source_key text
);
COMMENT ON COLUMN access_log.viewer IS 'who looked: doctor, pharmacist, reception, portal, insurer …';
COMMENT ON COLUMN access_log.source_key IS 'the number of the record in the log it was taken over from: read twice, it is held once';
CREATE UNIQUE INDEX access_log_taken_over ON access_log (source, source_key) WHERE source_key IS NOT NULL;
CREATE INDEX access_log_of_link ON access_log (link_id, at);
ALTER TABLE access_log ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_log FORCE ROW LEVEL SECURITY;
CREATE POLICY access_log_own ON access_log USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per log file of the payment fund; organisation_id is the fund's. Holds no personal data itself: every
-- insurer may see which days the logs speak of.
CREATE TABLE access_log_file (
    file_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    name text NOT NULL,
    digest text NOT NULL,
    covers_from date NOT NULL,
    covers_to date NOT NULL CHECK (covers_to >= covers_from),
    rows_read integer NOT NULL,
    rows_taken integer NOT NULL,
    rows_held_already integer NOT NULL,
    rows_refused integer NOT NULL,
    imported_at timestamptz NOT NULL,
    imported_by text NOT NULL,
    CHECK (rows_taken + rows_held_already + rows_refused = rows_read)
);
CREATE INDEX access_log_file_covers ON access_log_file (covers_from, covers_to);
ALTER TABLE access_log_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_log_file FORCE ROW LEVEL SECURITY;
CREATE POLICY access_log_file_read ON access_log_file FOR SELECT USING (true);
CREATE POLICY access_log_file_write ON access_log_file FOR INSERT WITH CHECK (may_see(organisation_id));

-- What was wrong with a row of a log file: place, reason and remedy by code.
CREATE TABLE access_log_problem (
    problem_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    file_id bigint NOT NULL REFERENCES access_log_file,
    organisation_id bigint NOT NULL REFERENCES organisation,
    line integer NOT NULL,
    column_name text NOT NULL,
    code text NOT NULL
);
CREATE INDEX access_log_problem_of_file ON access_log_problem (file_id, line);
ALTER TABLE access_log_problem ENABLE ROW LEVEL SECURITY;
ALTER TABLE access_log_problem FORCE ROW LEVEL SECURITY;
CREATE POLICY access_log_problem_own ON access_log_problem
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per question that came in by telephone, at the counter or by mail (S56).
CREATE TABLE call_intake (
    call_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    at timestamptz NOT NULL,
    channel text NOT NULL CHECK (channel IN ('telephone', 'counter', 'mail')),
    category text NOT NULL,
    note text NOT NULL,
    link_id bigint REFERENCES link,
    case_id bigint REFERENCES incident_case,
    taken_by text NOT NULL,
    token text,
    UNIQUE (organisation_id, token)
);
CREATE INDEX call_intake_newest ON call_intake (organisation_id, call_id DESC);
ALTER TABLE call_intake ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_intake FORCE ROW LEVEL SECURITY;
CREATE POLICY call_intake_own ON call_intake USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per version of what an organisation publishes about its wrong links; never changed (S77, S109).
CREATE TABLE case_publication (
    organisation_id bigint NOT NULL REFERENCES organisation,
    version integer NOT NULL,
    as_of date NOT NULL,
    published_on date NOT NULL,
    published_at timestamptz NOT NULL,
    published_by text NOT NULL,
    reason text NOT NULL,
    figures jsonb NOT NULL,
    said jsonb NOT NULL,
    token text,
    PRIMARY KEY (organisation_id, version),
    UNIQUE (organisation_id, token)
);
COMMENT ON COLUMN case_publication.reason IS 'why there is another version; of the first, that it is the first';
ALTER TABLE case_publication ENABLE ROW LEVEL SECURITY;
ALTER TABLE case_publication FORCE ROW LEVEL SECURITY;
CREATE POLICY case_publication_read ON case_publication FOR SELECT USING (may_see_figures(organisation_id));
CREATE POLICY case_publication_write ON case_publication FOR INSERT WITH CHECK (may_see(organisation_id));

CREATE TRIGGER case_event_append_only BEFORE UPDATE OR DELETE ON case_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_log
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER case_publication_append_only BEFORE UPDATE OR DELETE ON case_publication
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
