-- Online eligibility verification: institutions, what stands on a certificate, cards, consents, requests (S58, S76, S78-S83).
-- Who is insured, from when to when, stands in link and qualification_period; here is what an answer needs beside it.

ALTER TABLE organisation DROP CONSTRAINT organisation_kind_check;
ALTER TABLE organisation ADD CONSTRAINT organisation_kind_check
    CHECK (kind IN ('headquarters', 'ministry', 'insurer', 'municipality', 'employer', 'review_body',
                    'auditor_office', 'institution', 'system'));
ALTER TABLE user_account DROP CONSTRAINT user_account_role_check;
ALTER TABLE user_account ADD CONSTRAINT user_account_role_check
    CHECK (role IN ('headquarters', 'ministry_viewer', 'insurer_clerk', 'insurer_supervisor', 'municipality_clerk',
                    'employer', 'fund_operator', 'auditor', 'citizen', 'institution', 'administrator'));

-- The same link cannot be insured twice on one day. Ranges of one number stand in for equality, which an
-- index of ranges lacks without extensions.
ALTER TABLE qualification_period ADD CONSTRAINT qualification_period_apart
    EXCLUDE USING gist (int8range(link_id, link_id, '[]') WITH &&, daterange(began_on, ended_on) WITH &&);
-- Asked by what is printed on a card; the branch may be missing, so that the number is the beginning of the text.
CREATE INDEX link_by_insured ON link (scheme_number text_pattern_ops);
-- Found by birth date while the system-failure mode is open.
CREATE INDEX link_by_birth_date ON link (birth_date);

-- A medical institution, pharmacy or treatment office: what it is and what it may ask.
CREATE TABLE institution (
    organisation_id bigint PRIMARY KEY REFERENCES organisation,
    code text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('hospital', 'clinic', 'dental_clinic', 'pharmacy', 'treatment_office')),
    treats_at_home boolean NOT NULL DEFAULT false,
    treats_online boolean NOT NULL DEFAULT false,
    telephone text NOT NULL DEFAULT '',
    folder text NOT NULL UNIQUE,
    zip_password_sealed bytea,
    requests_per_minute integer NOT NULL DEFAULT 600 CHECK (requests_per_minute > 0)
);
COMMENT ON COLUMN institution.folder IS 'the name of its folder under the root of the folder gateway';
COMMENT ON COLUMN institution.telephone IS 'as on its registration: the one number that is called back in a failure';
ALTER TABLE institution ENABLE ROW LEVEL SECURITY;
ALTER TABLE institution FORCE ROW LEVEL SECURITY;
CREATE POLICY institution_own ON institution USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
-- The payment fund calls back at the registered number.
CREATE POLICY institution_called_back ON institution FOR SELECT USING (acting_role() = 'fund_operator');

-- What stands on the certificate of a period of insurance; a period without a row has a plain one.
CREATE TABLE qualification_certificate (
    period_id bigint PRIMARY KEY REFERENCES qualification_period,
    organisation_id bigint NOT NULL REFERENCES organisation,
    card_class text NOT NULL DEFAULT '01',
    insured_name text NOT NULL DEFAULT '',
    postal_code text NOT NULL DEFAULT '',
    issued_on date,
    valid_from date,
    valid_until date,
    loss_reason text CHECK (loss_reason IN ('01', '02', '03', '99')),
    elderly_ratio integer CHECK (elderly_ratio IN (10, 20, 30)),
    elderly jsonb,
    limits jsonb NOT NULL DEFAULT '[]',
    diseases jsonb NOT NULL DEFAULT '[]'
);
ALTER TABLE qualification_certificate ENABLE ROW LEVEL SECURITY;
ALTER TABLE qualification_certificate FORCE ROW LEVEL SECURITY;
CREATE POLICY qualification_certificate_own ON qualification_certificate
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- Cards as the reader knows them; the number is what the certificate in the chip leads to.
CREATE TABLE card (
    card_id text PRIMARY KEY,
    individual_number_sealed bytea NOT NULL,
    kind text NOT NULL DEFAULT 'photo' CHECK (kind IN ('photo', 'infant', 'without_pin', 'smartphone')),
    pin_hash text,
    pin_tries integer NOT NULL DEFAULT 0 CHECK (pin_tries BETWEEN 0 AND 3),
    certificate_until date NOT NULL,
    is_damaged boolean NOT NULL DEFAULT false,
    is_registered boolean NOT NULL DEFAULT true
);
COMMENT ON COLUMN card.pin_tries IS 'wrong tries in a row: the third locks the card until a municipality resets it';
COMMENT ON COLUMN card.is_registered IS 'registered for use as a health insurance card';
CREATE INDEX card_by_number ON card (individual_number_sealed);
ALTER TABLE card ENABLE ROW LEVEL SECURITY;
ALTER TABLE card FORCE ROW LEVEL SECURITY;
CREATE POLICY card_system ON card USING (acting_scope() = 'system') WITH CHECK (acting_scope() = 'system');

-- What a patient allowed an institution to view, item by item; withdrawn, never removed.
CREATE TABLE consent (
    consent_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    individual_number_sealed bytea NOT NULL,
    viewable text NOT NULL CHECK (viewable IN ('checkups', 'medicines', 'diagnoses', 'procedures')),
    channel text NOT NULL CHECK (channel IN ('reader', 'home', 'online')),
    given_at timestamptz NOT NULL,
    available_until timestamptz NOT NULL,
    withdrawn_at timestamptz,
    CHECK (available_until >= given_at)
);
CREATE INDEX consent_alive ON consent (organisation_id, individual_number_sealed, available_until);
CREATE INDEX consent_by_day ON consent (organisation_id, channel, given_at);
ALTER TABLE consent ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent FORCE ROW LEVEL SECURITY;
CREATE POLICY consent_own ON consent USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- An institution's own number of a patient (照会番号), kept beside a link for this institution alone.
CREATE TABLE reference_number (
    organisation_id bigint NOT NULL REFERENCES organisation,
    link_id bigint NOT NULL REFERENCES link,
    reference_number text NOT NULL CHECK (length(reference_number) BETWEEN 1 AND 50),
    registered_at timestamptz NOT NULL,
    PRIMARY KEY (organisation_id, link_id)
);
ALTER TABLE reference_number ENABLE ROW LEVEL SECURITY;
ALTER TABLE reference_number FORCE ROW LEVEL SECURITY;
CREATE POLICY reference_number_own ON reference_number
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per request file that was answered: the same file again gets the same answer and leaves no second trace.
CREATE TABLE answered_file (
    organisation_id bigint NOT NULL REFERENCES organisation,
    name text NOT NULL,
    request_digest bytea NOT NULL,
    answered_at timestamptz NOT NULL,
    extension text NOT NULL,
    is_refused boolean NOT NULL,
    answer bytea NOT NULL,
    PRIMARY KEY (organisation_id, name, request_digest)
);
CREATE INDEX answered_file_by_age ON answered_file (answered_at);
ALTER TABLE answered_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE answered_file FORCE ROW LEVEL SECURITY;
CREATE POLICY answered_file_own ON answered_file
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per bulk request: asked once, worked off in the background, fetched by its reception number.
CREATE TABLE bulk_request (
    reception_number text PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    kind text NOT NULL,
    request bytea NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done')),
    received_at timestamptz NOT NULL,
    done_at timestamptz,
    answer bytea
);
CREATE INDEX bulk_request_waiting ON bulk_request (received_at) WHERE state = 'waiting';
CREATE SEQUENCE bulk_reception AS bigint;
ALTER TABLE bulk_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE bulk_request FORCE ROW LEVEL SECURITY;
CREATE POLICY bulk_request_own ON bulk_request USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- What can be viewed of a person through a link: medicines by month, checkups, diagnoses, procedures.
CREATE TABLE medical_entry (
    entry_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    link_id bigint NOT NULL REFERENCES link,
    viewable text NOT NULL CHECK (viewable IN ('checkups', 'medicines', 'diagnoses', 'procedures')),
    on_day date NOT NULL,
    institution_name text NOT NULL DEFAULT '',
    content jsonb NOT NULL
);
COMMENT ON COLUMN medical_entry.content IS 'medicines: [{code, name, amount, unit, times, usage}]; checkups: [{code, name, value, unit}]';
CREATE INDEX medical_entry_of_link ON medical_entry (link_id, viewable, on_day);
ALTER TABLE medical_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE medical_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY medical_entry_own ON medical_entry USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per person who came to a counter: how eligibility was asked, what was shown, what it was laid beside,
-- and, where it failed, what took its place; complete enough for a claim (S78-S82g).
CREATE TABLE visit (
    visit_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    visited_on date NOT NULL,
    began_at timestamptz NOT NULL,
    by_login text NOT NULL,
    channel text NOT NULL CHECK (channel IN ('card', 'number', 'outage', 'none')),
    method text NOT NULL DEFAULT '' CHECK (method IN ('', 'face', 'pin', 'visual')),
    validity text NOT NULL DEFAULT '' CHECK (validity IN ('', '1', '2', '3', '4', '5', '6')),
    result_code text NOT NULL DEFAULT '',
    card_problem text NOT NULL DEFAULT '',
    tries_left integer,
    link_id bigint REFERENCES link,
    shown jsonb NOT NULL DEFAULT '[]',
    consents text[] NOT NULL DEFAULT '{}',
    certificate_until date,
    compared_with text NOT NULL DEFAULT '' CHECK (compared_with IN ('', 'intake_form', 'stored_patient', 'oral')),
    own_items jsonb NOT NULL DEFAULT '{}',
    states jsonb NOT NULL DEFAULT '{}',
    accepted_at timestamptz,
    accepted_by text NOT NULL DEFAULT '',
    failure text NOT NULL DEFAULT '',
    evidence text NOT NULL DEFAULT '',
    is_deemed boolean NOT NULL DEFAULT false,
    basis text[] NOT NULL DEFAULT '{}',
    entries jsonb NOT NULL DEFAULT '{}',
    copay_percent integer CHECK (copay_percent IN (10, 20, 30)),
    claim_tier text NOT NULL DEFAULT '' CHECK (claim_tier IN ('', 'current', 'past', 'unknown')),
    CHECK (NOT is_deemed OR cardinality(basis) = 3)
);
COMMENT ON COLUMN visit.shown IS 'the qualifications as they were shown, the displayed one first; never an Individual Number';
COMMENT ON COLUMN visit.basis IS 'what a declaration deemed given stands on: seen before, unchanged by word, entries known';
CREATE INDEX visit_of_day ON visit (organisation_id, visited_on, visit_id DESC);
ALTER TABLE visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE visit FORCE ROW LEVEL SECURITY;
CREATE POLICY visit_own ON visit USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- The system-failure mode: asked for by telephone, called back, opened for a time, reported on (S82f).
CREATE TABLE outage_grant (
    grant_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    asked_by text NOT NULL,
    reason text NOT NULL,
    asked_at timestamptz NOT NULL,
    called_back_at timestamptz,
    called_back_by text NOT NULL DEFAULT '',
    opened_until timestamptz,
    reported_at timestamptz,
    report text NOT NULL DEFAULT '',
    CHECK (opened_until IS NULL OR called_back_at IS NOT NULL)
);
COMMENT ON COLUMN outage_grant.called_back_at IS 'the call goes to the number of the registration, never to one given on the telephone';
CREATE INDEX outage_grant_open ON outage_grant (organisation_id, opened_until);
ALTER TABLE outage_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE outage_grant FORCE ROW LEVEL SECURITY;
-- The institution asks and reports; the payment fund calls back and opens.
CREATE POLICY outage_grant_own ON outage_grant USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
CREATE POLICY outage_grant_asked ON outage_grant FOR SELECT USING (acting_role() = 'fund_operator');
CREATE POLICY outage_grant_opened ON outage_grant FOR UPDATE
    USING (acting_role() = 'fund_operator') WITH CHECK (acting_role() = 'fund_operator');

-- A variant of a patient's name or address that reception accepted once and need not be asked about again (S79).
CREATE TABLE accepted_variant (
    organisation_id bigint NOT NULL REFERENCES organisation,
    link_id bigint NOT NULL REFERENCES link,
    item text NOT NULL CHECK (item IN ('kanji_name', 'kana_name', 'birth_date', 'sex', 'address')),
    own_value text NOT NULL,
    answered_value text NOT NULL,
    accepted_at timestamptz NOT NULL,
    accepted_by text NOT NULL,
    PRIMARY KEY (organisation_id, link_id, item)
);
ALTER TABLE accepted_variant ENABLE ROW LEVEL SECURITY;
ALTER TABLE accepted_variant FORCE ROW LEVEL SECURITY;
CREATE POLICY accepted_variant_own ON accepted_variant
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
