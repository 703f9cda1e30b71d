-- Foundation: who acts, what each may see, the evidence of every act, jobs, keys of sealed columns.
-- The tables of the job queue are made before this file runs.

-- Two roles that nobody logs in as: transactions of the service take them on with SET LOCAL ROLE. Roles are shared by
-- the databases of a server; where somebody else made them and gave them to us, no right to make roles is needed.
DO $$
DECLARE
    v_role text;
    v_how text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    FOREACH v_role IN ARRAY ARRAY['himozuke_app', 'himozuke_sealer'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = v_role) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I NOLOGIN NOBYPASSRLS', v_role);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- another database was first
            END;
        END IF;
        IF NOT pg_has_role(current_user, v_role, v_how) THEN
            EXECUTE format('GRANT %I TO %I', v_role, current_user);
        END IF;
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO himozuke_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO himozuke_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO himozuke_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO himozuke_app;

-- Who acts, as the transaction was opened; the empty text where nobody said.
CREATE FUNCTION acting_scope() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE RETURN coalesce(current_setting('himozuke.scope', true), '');
CREATE FUNCTION acting_role() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE RETURN coalesce(current_setting('himozuke.role', true), '');
CREATE FUNCTION acting_person() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE RETURN nullif(current_setting('himozuke.person_key', true), '');
CREATE FUNCTION acting_organisation() RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE RETURN nullif(current_setting('himozuke.organisation_id', true), '')::bigint;

-- For every table with rows of an organisation: its own people, and the program itself.
CREATE FUNCTION may_see(organisation_id bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN organisation_id = acting_organisation() OR acting_scope() = 'system';

-- For tables without personal data, for reading: headquarters and ministry too.
CREATE FUNCTION may_see_figures(organisation_id bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN organisation_id = acting_organisation() OR acting_scope() IN ('nation', 'system');

-- Trigger of append-only tables. Sealing a value again under another key changes no fact and is let through.
CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('himozuke.act', true) = 'keys.rotate' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;

-- One row per office. Names of offices are public: every actor reads them.
CREATE TABLE organisation (
    organisation_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE,
    kind text NOT NULL CHECK (kind IN ('headquarters', 'ministry', 'insurer', 'municipality', 'employer',
                                       'review_body', 'auditor_office', 'system')),
    name text NOT NULL,
    parent_id bigint REFERENCES organisation
);
ALTER TABLE organisation ENABLE ROW LEVEL SECURITY;
ALTER TABLE organisation FORCE ROW LEVEL SECURITY;
CREATE POLICY organisation_read ON organisation FOR SELECT USING (true);
CREATE POLICY organisation_add ON organisation FOR INSERT
    WITH CHECK (acting_scope() = 'system' OR acting_role() = 'administrator');
CREATE POLICY organisation_change ON organisation FOR UPDATE
    USING (acting_scope() = 'system' OR acting_role() = 'administrator')
    WITH CHECK (acting_scope() = 'system' OR acting_role() = 'administrator');
COMMENT ON COLUMN organisation.code IS 'insurer number, municipality code, establishment number … as it is written, or a word of ours';

-- One row per user. Nothing of the password but its argon2 hash; the secret of the second factor is sealed.
CREATE TABLE user_account (
    user_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    login text NOT NULL,
    display_name text NOT NULL,
    role text NOT NULL CHECK (role IN ('headquarters', 'ministry_viewer', 'insurer_clerk', 'insurer_supervisor',
                                       'municipality_clerk', 'employer', 'fund_operator', 'auditor', 'citizen',
                                       'administrator')),
    password_hash text,
    totp_secret_sealed bytea,
    totp_step bigint NOT NULL DEFAULT 0,
    is_active boolean NOT NULL DEFAULT true,
    person_key text,
    CHECK (role = 'citizen' OR person_key IS NULL)
);
COMMENT ON COLUMN user_account.totp_step IS 'the last 30-second step whose code was used: a code is taken once';
COMMENT ON COLUMN user_account.person_key IS 'whose own links a citizen may see; null for everybody else';
CREATE UNIQUE INDEX user_account_login ON user_account (lower(login));
CREATE INDEX user_account_of_organisation ON user_account (organisation_id);
ALTER TABLE user_account ENABLE ROW LEVEL SECURITY;
ALTER TABLE user_account FORCE ROW LEVEL SECURITY;
CREATE POLICY user_account_own ON user_account
    USING (may_see(organisation_id) OR acting_role() = 'administrator')
    WITH CHECK (may_see(organisation_id) OR acting_role() = 'administrator');

-- One row per login from a browser; the token itself is known to the browser alone.
CREATE TABLE session (
    session_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES user_account,
    organisation_id bigint NOT NULL REFERENCES organisation,
    token_digest bytea NOT NULL UNIQUE,
    started_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX session_open ON session (user_id) WHERE ended_at IS NULL;
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
ALTER TABLE session FORCE ROW LEVEL SECURITY;
CREATE POLICY session_own ON session
    USING (may_see(organisation_id) OR acting_role() = 'administrator')
    WITH CHECK (may_see(organisation_id) OR acting_role() = 'administrator');

-- One row per attempt to log in, whoever it was: what locks a login or an address for a while.
CREATE TABLE login_attempt (
    attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL,
    address text NOT NULL,
    at timestamptz NOT NULL,
    is_success boolean NOT NULL
);
CREATE INDEX login_attempt_by_login ON login_attempt (lower(login), at);
CREATE INDEX login_attempt_by_address ON login_attempt (address, at);
ALTER TABLE login_attempt ENABLE ROW LEVEL SECURITY;
ALTER TABLE login_attempt FORCE ROW LEVEL SECURITY;
CREATE POLICY login_attempt_of_the_door ON login_attempt
    USING (acting_scope() = 'system' OR acting_role() = 'administrator')
    WITH CHECK (acting_scope() = 'system');

-- One row per key with which a program acts as a user; the key itself is told once.
CREATE TABLE api_key (
    key_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES user_account,
    organisation_id bigint NOT NULL REFERENCES organisation,
    key_digest bytea NOT NULL UNIQUE,
    prefix text NOT NULL,
    name text NOT NULL,
    issued_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE INDEX api_key_of_user ON api_key (user_id);
ALTER TABLE api_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE api_key FORCE ROW LEVEL SECURITY;
CREATE POLICY api_key_own ON api_key
    USING (may_see(organisation_id) OR acting_role() = 'administrator')
    WITH CHECK (may_see(organisation_id) OR acting_role() = 'administrator');

-- One row per request that was given an Idempotency-Key, with the answer it got.
CREATE TABLE idempotency_key (
    organisation_id bigint NOT NULL REFERENCES organisation,
    key text NOT NULL,
    request_digest bytea NOT NULL,
    begun_at timestamptz NOT NULL,
    status integer,
    media_type text,
    body bytea,
    PRIMARY KEY (organisation_id, key)
);
CREATE INDEX idempotency_key_by_age ON idempotency_key (begun_at);
ALTER TABLE idempotency_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE idempotency_key FORCE ROW LEVEL SECURITY;
CREATE POLICY idempotency_key_own ON idempotency_key
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per thing the installation remembers about itself. No personal data.
CREATE TABLE setting_entry (
    name text PRIMARY KEY,
    value jsonb NOT NULL,
    changed_at timestamptz NOT NULL
);
ALTER TABLE setting_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE setting_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY setting_entry_of_the_program ON setting_entry
    USING (acting_scope() = 'system' OR acting_role() = 'administrator')
    WITH CHECK (acting_scope() = 'system' OR acting_role() = 'administrator');

-- One row per version of the key under which columns named …_sealed stand; never the key.
CREATE TABLE key_version (
    version integer PRIMARY KEY CHECK (version BETWEEN 1 AND 255),
    fingerprint bytea NOT NULL,
    noted_at timestamptz NOT NULL,
    retired_at timestamptz
);

-- One row per job somebody asked for: what it is doing, how far it is, whether somebody wants it stopped.
CREATE TABLE job_progress (
    job_id bigint PRIMARY KEY,
    organisation_id bigint REFERENCES organisation,
    user_id bigint REFERENCES user_account,
    task text NOT NULL,
    subject text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled')),
    phase text NOT NULL DEFAULT '',
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    message text NOT NULL DEFAULT '',
    attempts integer NOT NULL DEFAULT 0,
    is_cancel_requested boolean NOT NULL DEFAULT false,
    asked_at timestamptz NOT NULL,
    began_at timestamptz,
    changed_at timestamptz NOT NULL,
    ended_at timestamptz
);
COMMENT ON COLUMN job_progress.organisation_id IS 'null: a job of the program itself';
CREATE INDEX job_progress_of_organisation ON job_progress (organisation_id, job_id);
ALTER TABLE job_progress ENABLE ROW LEVEL SECURITY;
ALTER TABLE job_progress FORCE ROW LEVEL SECURITY;
CREATE POLICY job_progress_own ON job_progress USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));

-- One row per writer of evidence. A transaction takes a free one and holds it until it ends, so the numbers
-- of a writer are given in the order of its commits, and a transaction taken back leaves no gap.
CREATE TABLE audit_writer (
    writer_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    last_number bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10);
ALTER TABLE audit_writer ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_writer FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_writer_all ON audit_writer USING (true) WITH CHECK (true);

-- One row per act, committed with the act itself.
CREATE TABLE audit_record (
    writer_id bigint NOT NULL REFERENCES audit_writer,
    number bigint NOT NULL,
    at timestamptz NOT NULL,
    organisation_id bigint REFERENCES organisation,
    user_id bigint,
    login text NOT NULL,
    role text NOT NULL,
    act text NOT NULL,
    subject text NOT NULL,
    subject_id text NOT NULL,
    details jsonb NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (writer_id, number)
);
COMMENT ON COLUMN audit_record.digest IS 'SHA-256 of the JSON array of all columns before it, as himozuke audit export writes them';
CREATE INDEX audit_record_by_subject ON audit_record (subject, subject_id);
CREATE INDEX audit_record_by_organisation ON audit_record (organisation_id, at);
CREATE INDEX audit_record_by_time ON audit_record (at);
ALTER TABLE audit_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_record FORCE ROW LEVEL SECURITY;
CREATE POLICY audit_record_read ON audit_record FOR SELECT
    USING (may_see(organisation_id) OR acting_role() = 'auditor' OR current_user = 'himozuke_sealer');
CREATE POLICY audit_record_write ON audit_record FOR INSERT WITH CHECK (true);  -- by write_audit() alone, see the grants

-- One row per public key that seals are checked with.
CREATE TABLE audit_key (
    key_id text PRIMARY KEY,
    public_key bytea NOT NULL,
    noted_at timestamptz NOT NULL
);

-- One row per seal: the records it covers, their digests, the seal before it, all signed.
CREATE TABLE audit_seal (
    seal_id bigint PRIMARY KEY,
    sealed_at timestamptz NOT NULL,
    heads jsonb NOT NULL,
    digests bytea NOT NULL,
    previous_digest bytea NOT NULL,
    digest bytea NOT NULL,
    key_id text NOT NULL REFERENCES audit_key,
    signature bytea NOT NULL
);
COMMENT ON COLUMN audit_seal.heads IS '[[writer, last number], …]: all that is sealed so far; the seal covers what the one before it did not';
COMMENT ON COLUMN audit_seal.digests IS '32 bytes a record by writer and number, so that an altered record can be named; zeros where one was missing';

CREATE FUNCTION audit_time(at timestamptz) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- Writes one record in the name of whoever acts in this transaction.
CREATE FUNCTION write_audit(
    p_at timestamptz, p_act text, p_subject text, p_subject_id text, p_details jsonb,
    OUT o_writer_id bigint, OUT o_number bigint
)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    v_user_id bigint := nullif(current_setting('himozuke.user_id', true), '')::bigint;
    v_login text := coalesce(current_setting('himozuke.login', true), '');
BEGIN
    o_writer_id := nullif(current_setting('himozuke.audit_writer', true), '')::bigint;
    IF o_writer_id IS NULL THEN
        SELECT writer_id INTO o_writer_id FROM audit_writer ORDER BY writer_id LIMIT 1 FOR UPDATE SKIP LOCKED;
        IF o_writer_id IS NULL THEN
            INSERT INTO audit_writer DEFAULT VALUES RETURNING writer_id INTO o_writer_id;
        END IF;
        PERFORM set_config('himozuke.audit_writer', o_writer_id::text, true);
    END IF;
    UPDATE audit_writer SET last_number = last_number + 1 WHERE writer_id = o_writer_id
    RETURNING last_number INTO STRICT o_number;
    INSERT INTO audit_record (
        writer_id, number, at, organisation_id, user_id, login, role, act, subject, subject_id, details, digest
    )
    VALUES (
        o_writer_id, o_number, p_at, acting_organisation(), v_user_id, v_login, acting_role(),
        p_act, p_subject, p_subject_id, p_details,
        sha256(convert_to(json_build_array(
            o_writer_id, o_number, audit_time(p_at), acting_organisation(), v_user_id, v_login, acting_role(),
            p_act, p_subject, p_subject_id, p_details::text
        )::text, 'UTF8'))
    );
END
$$;

REVOKE ALL ON audit_writer, audit_record, audit_seal, audit_key, key_version FROM himozuke_app;
GRANT SELECT ON audit_record, audit_seal, audit_key, key_version TO himozuke_app;
REVOKE INSERT, UPDATE, DELETE ON setting_entry FROM himozuke_app;
GRANT INSERT, UPDATE ON setting_entry TO himozuke_app;
REVOKE DELETE ON user_account, session, login_attempt, api_key, organisation FROM himozuke_app;
GRANT SELECT ON audit_writer, audit_record TO himozuke_sealer;
GRANT SELECT, INSERT ON audit_seal, audit_key TO himozuke_sealer;
REVOKE EXECUTE ON FUNCTION write_audit FROM PUBLIC;
GRANT EXECUTE ON FUNCTION write_audit TO himozuke_app;

CREATE FUNCTION refuse_any_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();
CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_any_change();
