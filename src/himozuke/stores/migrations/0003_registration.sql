-- Notices of insured persons, the links they become, and the history of every link (S53, S60-S69, S101).
-- Individual Numbers stand sealed only, in columns whose names end with individual_number_sealed.

-- One row per person and scheme number of an organisation.
CREATE TABLE link (
    link_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    scheme text NOT NULL,
    insurer_number text NOT NULL DEFAULT '',
    symbol text NOT NULL DEFAULT '',
    number text NOT NULL DEFAULT '',
    branch text NOT NULL DEFAULT '',
    scheme_number text NOT NULL,
    linkage_code text NOT NULL,
    individual_number_sealed bytea NOT NULL,
    kanji_name text NOT NULL DEFAULT '',
    kana_name text NOT NULL DEFAULT '',
    birth_date text NOT NULL DEFAULT '',
    sex text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    acquired_by text NOT NULL DEFAULT 'person' CHECK (acquired_by IN ('person', 'jlis', 'other')),
    acquired_items text NOT NULL DEFAULT '',
    acquired_hits integer,
    acquired_on date,
    registered_at timestamptz NOT NULL,
    valid_from date,
    valid_to date,
    state text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'released', 'stopped', 'withdrawn')),
    restriction text NOT NULL DEFAULT 'ALL' CHECK (restriction IN ('NONE', 'MEDICAL', 'ALL')),
    verdict text CHECK (verdict IN ('PROVEN', 'EXPLAINED', 'DOUBTFUL', 'REFUTED', 'UNTESTABLE')),
    reasons text[] NOT NULL DEFAULT '{}',
    cause text,
    action text CHECK (action IN ('none', 'correct', 'ask')),
    rival_count integer NOT NULL DEFAULT 0,
    pattern integer,
    states text[] NOT NULL DEFAULT '{}',
    register_items jsonb,
    evidence_digest text,
    register_day date,
    verified_at timestamptz,
    answer text CHECK (answer IN ('corrected', 'no_doubt')),
    answer_reason text NOT NULL DEFAULT '',
    answered_digest text,
    answered_at timestamptz,
    notice_id bigint,
    CHECK (valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from),
    -- what is not stopped is wholly seen, what is stopped is restricted, what is held is seen by nobody
    CHECK ((state = 'released') = (restriction = 'NONE') OR state IN ('held', 'withdrawn'))
);
COMMENT ON COLUMN link.register_items IS 'what the register held when the link was compared, save the address of a protected person; null where every item was equal';
COMMENT ON COLUMN link.answered_digest IS 'the evidence the answer speaks of: it holds until the digest changes';
CREATE INDEX link_by_number ON link (individual_number_sealed);
CREATE INDEX link_by_scheme_number ON link (organisation_id, scheme, scheme_number);
CREATE INDEX link_by_notice ON link (notice_id);
CREATE INDEX link_not_seen ON link (organisation_id, state, link_id) WHERE state IN ('held', 'stopped');
-- A scheme number stands for one person at a time.
CREATE UNIQUE INDEX link_one_open ON link (organisation_id, scheme, scheme_number)
    WHERE valid_to IS NULL AND state <> 'withdrawn';
ALTER TABLE link ENABLE ROW LEVEL SECURITY;
ALTER TABLE link FORCE ROW LEVEL SECURITY;
CREATE POLICY link_own ON link USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per change of a link, oldest first; nobody alters or removes one.
CREATE TABLE link_version (
    version_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    link_id bigint NOT NULL REFERENCES link,
    organisation_id bigint NOT NULL REFERENCES organisation,
    at timestamptz NOT NULL,
    by_login text NOT NULL,
    act text NOT NULL,
    reason text NOT NULL,
    before jsonb NOT NULL DEFAULT '{}',
    after jsonb NOT NULL DEFAULT '{}',
    before_individual_number_sealed bytea,
    after_individual_number_sealed bytea,
    undoes bigint UNIQUE REFERENCES link_version
);
CREATE INDEX link_version_by_link ON link_version (link_id, version_id);
ALTER TABLE link_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE link_version FORCE ROW LEVEL SECURITY;
CREATE POLICY link_version_own ON link_version USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
CREATE TRIGGER link_version_append_only BEFORE UPDATE OR DELETE ON link_version
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- How an insurer takes in notices; one without a row asks for addresses and follows the ministry's table.
CREATE TABLE insurer_profile (
    organisation_id bigint PRIMARY KEY REFERENCES organisation,
    asks_address boolean NOT NULL DEFAULT true,
    confirms_items boolean NOT NULL DEFAULT false,
    follows_table boolean NOT NULL DEFAULT true
);
COMMENT ON COLUMN insurer_profile.asks_address IS 'a society may do without the address (S66 item 9)';
COMMENT ON COLUMN insurer_profile.confirms_items IS 'the association receives the items the register network keeps (S66 item 9)';
COMMENT ON COLUMN insurer_profile.follows_table IS 'the stricter of our restriction and the ministry''s table stands (R-JLIS)';
ALTER TABLE insurer_profile ENABLE ROW LEVEL SECURITY;
ALTER TABLE insurer_profile FORCE ROW LEVEL SECURITY;
CREATE POLICY insurer_profile_own ON insurer_profile USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- A place of work under an insurer, whether or not its employer has an account here (S66 item 10).
CREATE TABLE establishment (
    establishment_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    employer_id bigint REFERENCES organisation,
    prefecture_code text NOT NULL DEFAULT '',
    district_code text NOT NULL DEFAULT '',
    establishment_symbol text NOT NULL DEFAULT '',
    establishment_number text NOT NULL DEFAULT '',
    name text NOT NULL,
    postal_code text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    employer_name text NOT NULL DEFAULT '',
    telephone text NOT NULL DEFAULT '',
    UNIQUE (organisation_id, prefecture_code, district_code, establishment_symbol, establishment_number, name)
);
CREATE INDEX establishment_by_employer ON establishment (employer_id);
ALTER TABLE establishment ENABLE ROW LEVEL SECURITY;
ALTER TABLE establishment FORCE ROW LEVEL SECURITY;
-- Employers read what the insurers under which they have a place of work ask for.
CREATE POLICY insurer_profile_read ON insurer_profile FOR SELECT USING (
    EXISTS (
        SELECT FROM establishment
        WHERE establishment.organisation_id = insurer_profile.organisation_id AND may_see(establishment.employer_id)
    )
);
CREATE POLICY establishment_own ON establishment
    USING (may_see(organisation_id) OR may_see(employer_id))
    WITH CHECK (may_see(organisation_id) OR may_see(employer_id));

-- One row per file that came in; the file itself is not kept, its digest and what became of its rows are.
CREATE TABLE notice_file (
    notice_file_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    employer_id bigint REFERENCES organisation,
    name text NOT NULL,
    format text NOT NULL CHECK (format IN ('shfd0006', 'template_csv', 'template_xlsx')),
    encoding text NOT NULL DEFAULT '',
    digest text NOT NULL,
    size_bytes bigint NOT NULL,
    rows_read integer NOT NULL,
    rows_taken integer NOT NULL,
    rows_refused integer NOT NULL,
    received_at timestamptz NOT NULL,
    received_by text NOT NULL,
    CHECK (rows_taken + rows_refused = rows_read)
);
CREATE INDEX notice_file_by_digest ON notice_file (organisation_id, digest);
ALTER TABLE notice_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_file FORCE ROW LEVEL SECURITY;
CREATE POLICY notice_file_own ON notice_file
    USING (may_see(organisation_id) OR may_see(employer_id))
    WITH CHECK (may_see(organisation_id) OR may_see(employer_id));

-- One row per notice about one person: what was filed, word for word, and what became of it.
CREATE TABLE notice (
    notice_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    employer_id bigint REFERENCES organisation,
    establishment_id bigint REFERENCES establishment,
    kind text NOT NULL CHECK (kind IN ('acquisition', 'loss', 'dependent_added', 'dependent_removed')),
    channel text NOT NULL CHECK (channel IN ('web', 'paper', 'file', 'api')),
    state text NOT NULL CHECK (state IN ('prepared', 'received', 'returned', 'registered')),
    notice_file_id bigint REFERENCES notice_file,
    file_row integer,
    scheme text NOT NULL,
    insurer_number text NOT NULL,
    symbol text NOT NULL DEFAULT '',
    number text NOT NULL DEFAULT '',
    branch text NOT NULL DEFAULT '',
    kanji_name text NOT NULL DEFAULT '',
    kana_name text NOT NULL DEFAULT '',
    birth_date text NOT NULL DEFAULT '',
    sex text NOT NULL DEFAULT '',
    category text NOT NULL DEFAULT '',
    acquisition_kind text NOT NULL DEFAULT '',
    individual_number_sealed bytea,
    basic_pension_number text NOT NULL DEFAULT '',
    event_on date NOT NULL,
    has_dependents text NOT NULL DEFAULT '',
    pay_in_cash text NOT NULL DEFAULT '',
    pay_in_kind text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    address text NOT NULL DEFAULT '',
    address_kana text NOT NULL DEFAULT '',
    establishment_name text NOT NULL DEFAULT '',
    establishment_address text NOT NULL DEFAULT '',
    employer_name text NOT NULL DEFAULT '',
    remarks text NOT NULL DEFAULT '',
    relation text NOT NULL DEFAULT '',
    end_reason text NOT NULL DEFAULT '',
    number_asked_on date,
    number_answer text NOT NULL DEFAULT '' CHECK (number_answer IN ('', 'waiting', 'given', 'refused')),
    number_source text NOT NULL DEFAULT '' CHECK (number_source IN ('', 'filed', 'inquired')),
    inquired_items text NOT NULL DEFAULT '',
    inquired_hits integer,
    received_on date,
    filing_due_on date,
    register_due_on date,
    registered_on date,
    registered_at timestamptz,
    return_codes text[] NOT NULL DEFAULT '{}',
    return_reason text NOT NULL DEFAULT '',
    returned_at timestamptz,
    link_id bigint REFERENCES link,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
COMMENT ON COLUMN notice.event_on IS 'the day of the fact: qualification acquired, lost, dependent joined or left';
COMMENT ON COLUMN notice.received_on IS 'the day the five days of the insurer count from; null while prepared ahead of the event';
CREATE INDEX notice_by_state ON notice (organisation_id, state, notice_id);
CREATE INDEX notice_by_employer ON notice (employer_id, state, notice_id);
CREATE INDEX notice_by_due ON notice (organisation_id, register_due_on) WHERE state IN ('received', 'returned');
CREATE INDEX notice_by_file ON notice (notice_file_id, file_row);
CREATE INDEX notice_by_link ON notice (link_id);
ALTER TABLE link ADD FOREIGN KEY (notice_id) REFERENCES notice;
ALTER TABLE notice ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice FORCE ROW LEVEL SECURITY;
CREATE POLICY notice_own ON notice
    USING (may_see(organisation_id) OR may_see(employer_id))
    WITH CHECK (may_see(organisation_id) OR may_see(employer_id));

-- What was wrong with a row of a file, or stands against a notice: place, reason and remedy by code.
CREATE TABLE notice_problem (
    problem_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    employer_id bigint REFERENCES organisation,
    notice_file_id bigint REFERENCES notice_file,
    notice_id bigint REFERENCES notice,
    line integer,
    row integer,
    column_name text NOT NULL DEFAULT '',
    byte integer,
    code text NOT NULL,
    value text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT ''
);
COMMENT ON COLUMN notice_problem.value IS 'masked: never an Individual Number';
CREATE INDEX notice_problem_by_file ON notice_problem (notice_file_id, line);
CREATE INDEX notice_problem_by_notice ON notice_problem (notice_id);
ALTER TABLE notice_problem ENABLE ROW LEVEL SECURITY;
ALTER TABLE notice_problem FORCE ROW LEVEL SECURITY;
CREATE POLICY notice_problem_own ON notice_problem
    USING (may_see(organisation_id) OR may_see(employer_id))
    WITH CHECK (may_see(organisation_id) OR may_see(employer_id));

-- One row per time somebody is insured under a link: from, to (the day of loss, no longer insured), as what.
CREATE TABLE qualification_period (
    period_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    link_id bigint NOT NULL REFERENCES link,
    member_kind text NOT NULL CHECK (member_kind IN ('insured', 'dependent', 'voluntary')),
    insured_link_id bigint REFERENCES link,
    relation text NOT NULL DEFAULT '',
    began_on date NOT NULL,
    ended_on date,
    end_reason text NOT NULL DEFAULT '',
    begun_by_notice_id bigint REFERENCES notice,
    ended_by_notice_id bigint REFERENCES notice,
    overlap_checked_at timestamptz,
    CHECK (ended_on IS NULL OR ended_on >= began_on)
);
CREATE INDEX qualification_period_by_link ON qualification_period (link_id);
CREATE INDEX qualification_period_by_insured ON qualification_period (insured_link_id);
CREATE INDEX qualification_period_unchecked ON qualification_period (period_id) WHERE overlap_checked_at IS NULL;
ALTER TABLE qualification_period ENABLE ROW LEVEL SECURITY;
ALTER TABLE qualification_period FORCE ROW LEVEL SECURITY;
CREATE POLICY qualification_period_own ON qualification_period
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- Somebody else holds a valid qualification for the same number: told to each side, of itself only (S75).
CREATE TABLE qualification_overlap (
    overlap_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    link_id bigint NOT NULL REFERENCES link,
    kind text NOT NULL CHECK (kind IN ('moved', 'same_insurer', 'doubtful')),
    others integer NOT NULL CHECK (others > 0),
    others_began_on date NOT NULL,
    found_on date NOT NULL,
    settled_on date,
    settled_reason text NOT NULL DEFAULT ''
);
COMMENT ON COLUMN qualification_overlap.others_began_on IS 'the latest day on which another qualification began; nothing else of the others is told';
CREATE UNIQUE INDEX qualification_overlap_open ON qualification_overlap (link_id) WHERE settled_on IS NULL;
ALTER TABLE qualification_overlap ENABLE ROW LEVEL SECURITY;
ALTER TABLE qualification_overlap FORCE ROW LEVEL SECURITY;
CREATE POLICY qualification_overlap_own ON qualification_overlap
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- The last number an insurer gave out under each symbol, where notices come without one.
CREATE TABLE number_counter (
    organisation_id bigint NOT NULL REFERENCES organisation,
    symbol text NOT NULL,
    last_number bigint NOT NULL,
    PRIMARY KEY (organisation_id, symbol)
);
ALTER TABLE number_counter ENABLE ROW LEVEL SECURITY;
ALTER TABLE number_counter FORCE ROW LEVEL SECURITY;
CREATE POLICY number_counter_own ON number_counter
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
