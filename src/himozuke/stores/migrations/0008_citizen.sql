-- Citizens: each sees his own links and nothing else of the office that keeps his account (S76, S81).
-- Individual Numbers stand sealed only, in columns whose names end with individual_number_sealed.

-- Whoever is logged in as a citizen belongs to an office as its customer, not as one of its people.
CREATE OR REPLACE FUNCTION may_see(organisation_id bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (organisation_id = acting_organisation() AND acting_role() <> 'citizen') OR acting_scope() = 'system';
CREATE OR REPLACE FUNCTION may_see_figures(organisation_id bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (organisation_id = acting_organisation() AND acting_role() <> 'citizen')
        OR acting_scope() IN ('nation', 'system');

-- One row per citizen: whose number the certificate of his card led to when he came in.
CREATE TABLE citizen (
    person_key text PRIMARY KEY,
    individual_number_sealed bytea NOT NULL,
    enrolled_at timestamptz NOT NULL
);
ALTER TABLE citizen ENABLE ROW LEVEL SECURITY;
ALTER TABLE citizen FORCE ROW LEVEL SECURITY;
CREATE POLICY citizen_of_the_program ON citizen
    USING (acting_scope() = 'system') WITH CHECK (acting_scope() = 'system');
CREATE POLICY citizen_own ON citizen FOR SELECT
    USING (acting_role() = 'citizen' AND person_key = acting_person());

-- The number of the citizen who acts, sealed; null for everybody else.
CREATE FUNCTION acting_person_number() RETURNS bytea
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    IF acting_role() <> 'citizen' THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT individual_number_sealed FROM citizen WHERE person_key = acting_person());
END
$$;

-- What a citizen asked to have checked, once per case: whoever asks again is shown the same receipt.
CREATE TABLE link_check_request (
    request_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id bigint NOT NULL REFERENCES organisation,
    link_id bigint NOT NULL REFERENCES link,
    case_id bigint NOT NULL REFERENCES incident_case,
    person_key text NOT NULL,
    reason text NOT NULL CHECK (reason IN ('not_mine', 'wrong_content', 'strange_viewing')),
    note text NOT NULL DEFAULT '',
    asked_at timestamptz NOT NULL,
    UNIQUE (case_id, person_key)
);
CREATE INDEX link_check_request_of_person ON link_check_request (person_key, request_id);
ALTER TABLE link_check_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE link_check_request FORCE ROW LEVEL SECURITY;
CREATE POLICY link_check_request_own ON link_check_request
    USING (may_see(organisation_id)) WITH CHECK (may_see(organisation_id));
CREATE POLICY link_check_request_asked ON link_check_request FOR SELECT
    USING (acting_role() = 'citizen' AND person_key = acting_person());
CREATE TRIGGER link_check_request_append_only BEFORE UPDATE OR DELETE ON link_check_request
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Whom he may call: offices and telephone numbers as they stand on letters, nobody's data.
CREATE POLICY letter_sender_of_person ON letter_sender FOR SELECT USING (acting_role() = 'citizen');

-- Whether somebody must still find out whose a link is: then nothing in it is shown to the holder of the number,
-- for it may be another person's. A slip in one's own record, or a viewing one does not know, puts no doubt on that.
CREATE FUNCTION is_doubted(link) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN $1.state <> 'released'
        OR NOT (coalesce($1.verdict, '') IN ('PROVEN', 'EXPLAINED') OR $1.answer IS NOT NULL)
        OR EXISTS (
            SELECT FROM incident_case AS doubt
            WHERE doubt.link_id = $1.link_id AND doubt.state = 'open'
                AND NOT (doubt.origin = 'citizen' AND doubt.verdict IS NULL AND doubt.restriction = 'NONE' AND EXISTS (
                    SELECT FROM link_check_request AS asked
                    WHERE asked.case_id = doubt.case_id AND asked.reason <> 'not_mine'
                ))
        );

-- The tables of links, viewings and cases are closed to citizens. These four functions are the only doors: each
-- looks with the program's reach, for the number of the citizen who acts, and gives out the columns it names. An
-- error in between takes the reach back with the transaction.

-- Links that are known to be his. No name, no address, nothing of the register.
CREATE FUNCTION own_links() RETURNS TABLE (
    link_id bigint, organisation_id bigint, scheme text, registered_at timestamptz, verdict text, state text,
    restriction text, insurer_number text, symbol text, number text, branch text, scheme_number text,
    valid_from date, valid_to date, verified_at timestamptz, register_day date, states text[]
)
    LANGUAGE plpgsql AS $$
DECLARE
    v_scope text := acting_scope();
    v_number bytea := acting_person_number();
BEGIN
    PERFORM set_config('himozuke.scope', 'system', true);
    RETURN QUERY
    SELECT own.link_id, own.organisation_id, own.scheme, own.registered_at, own.verdict, own.state,
           own.restriction, own.insurer_number, own.symbol, own.number, own.branch, own.scheme_number,
           own.valid_from, own.valid_to, own.verified_at, own.register_day, own.states
    FROM link AS own
    WHERE own.individual_number_sealed = v_number AND own.state <> 'withdrawn' AND NOT is_doubted(own)
    ORDER BY own.valid_to DESC NULLS FIRST, own.link_id;
    PERFORM set_config('himozuke.scope', v_scope, true);
END
$$;

-- Links that hold his number and are doubted: that they are there, where, how far viewing is stopped, and whether a
-- letter waits for an answer. No item, no number, no viewing.
CREATE FUNCTION own_links_in_doubt(today date) RETURNS TABLE (
    link_id bigint, organisation_id bigint, scheme text, registered_at timestamptz, state text, restriction text,
    case_id bigint, case_opened_on date, document_number text, reply_by date
)
    LANGUAGE plpgsql AS $$
DECLARE
    v_scope text := acting_scope();
    v_number bytea := acting_person_number();
BEGIN
    PERFORM set_config('himozuke.scope', 'system', true);
    RETURN QUERY
    SELECT own.link_id, own.organisation_id, own.scheme, own.registered_at, own.state, own.restriction,
           doubt.case_id, doubt.opened_on, waiting.document_number, waiting.reply_by
    FROM link AS own
    LEFT JOIN incident_case AS doubt ON doubt.link_id = own.link_id AND doubt.state = 'open'
    LEFT JOIN LATERAL (
        SELECT letter.document_number, letter.reply_by
        FROM letter
        WHERE letter.case_id = doubt.case_id AND letter.kind IN ('inquiry', 'reminder')
            AND letter.replied_at IS NULL AND letter.reply_until >= today
        ORDER BY letter.letter_id DESC
        LIMIT 1
    ) AS waiting ON true
    WHERE own.individual_number_sealed = v_number AND own.state <> 'withdrawn' AND is_doubted(own)
    ORDER BY own.link_id;
    PERFORM set_config('himozuke.scope', v_scope, true);
END
$$;

-- Who viewed what stands behind links that are known to be his, in [since, until), the newest first.
CREATE FUNCTION own_viewings(since timestamptz, until timestamptz, most integer, skipped integer) RETURNS TABLE (
    at timestamptz, organisation_id bigint, institution_code text, institution_name text, viewer text, items text[],
    consent text, found bigint
)
    LANGUAGE plpgsql AS $$
DECLARE
    v_scope text := acting_scope();
    v_number bytea := acting_person_number();
BEGIN
    PERFORM set_config('himozuke.scope', 'system', true);
    RETURN QUERY
    SELECT log.at, log.organisation_id, log.institution_code, log.institution_name, log.viewer, log.items,
           log.consent, count(*) OVER () AS found
    FROM link AS own
    JOIN access_log AS log USING (link_id)
    WHERE own.individual_number_sealed = v_number AND own.state <> 'withdrawn' AND NOT is_doubted(own)
        AND log.at >= since AND log.at < until
    ORDER BY log.at DESC, log.access_id DESC
    LIMIT most OFFSET skipped;
    PERFORM set_config('himozuke.scope', v_scope, true);
END
$$;

-- What became of the cases he asked about: open or closed, right or wrong, nothing else of them.
CREATE FUNCTION own_requests() RETURNS TABLE (
    request_id bigint, link_id bigint, case_id bigint, organisation_id bigint, scheme text, reason text, note text,
    asked_at timestamptz, case_state text, is_wrong boolean, closed_at timestamptz
)
    LANGUAGE plpgsql AS $$
DECLARE
    v_scope text := acting_scope();
    v_person text := CASE WHEN acting_role() = 'citizen' THEN acting_person() END;
BEGIN
    PERFORM set_config('himozuke.scope', 'system', true);
    RETURN QUERY
    SELECT asked.request_id, asked.link_id, asked.case_id, asked.organisation_id, own.scheme, asked.reason,
           asked.note, asked.asked_at, concerned.state, concerned.is_wrong, concerned.closed_at
    FROM link_check_request AS asked
    JOIN incident_case AS concerned USING (case_id)
    JOIN link AS own ON own.link_id = asked.link_id
    WHERE asked.person_key = v_person
    ORDER BY asked.request_id DESC
    LIMIT 200;
    PERFORM set_config('himozuke.scope', v_scope, true);
END
$$;

-- Whether the person behind a link's number is under protection (支援措置): as the register says today, or as it said
-- when the link was last compared, where the register is kept elsewhere. What follows stands in ports/protection.py.
CREATE FUNCTION link_is_protected(link) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce(($1.register_items ->> 'is_protected')::boolean, false)
        OR EXISTS (
            SELECT FROM resident
            WHERE resident.individual_number_sealed = $1.individual_number_sealed AND resident.is_protected
        );
