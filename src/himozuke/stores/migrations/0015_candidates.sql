-- Candidates of a link in one round trip: who shares two items with it, and how many bear its name in kanji.
-- Before, people and names were two statements, planned anew for every question; here both plans are made once a session.

DROP FUNCTION residents_sharing_items(integer[], bigint[], bigint[], bigint[], integer[], bigint[], bigint[]);

-- For each asked link (one element of each array) the people who share two items with it: no single wrong
-- item hides a person. A null never matches. One row per link and person, people by id; one row without a person where
-- there is none. ``name_count`` is counted up to a bound. Written row by row so that every look-up goes by an index.
CREATE FUNCTION candidates_of_links(
    p_birth integer[], p_kanji_key bigint[], p_kana_key bigint[], p_address_key bigint[], p_surname_key integer[],
    p_birth_kanji_tail bigint[], p_birth_kana_tail bigint[], p_most_names integer
)
    RETURNS TABLE (place integer, name_count integer, person resident)
    LANGUAGE plpgsql STABLE ROWS 10
    SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off
    SET plan_cache_mode = force_generic_plan SET jit = off
AS $$
DECLARE
    v_birth integer;       -- whole date, null where a part is unknown
    v_year_month integer;
    v_month_day integer;
    v_year integer;
    v_day integer;
    v_names integer;
BEGIN
    FOR i IN 1 .. coalesce(array_length(p_birth, 1), 0) LOOP
        v_year_month := CASE WHEN p_birth[i] > 0 AND p_birth[i] / 100 % 100 > 0 THEN p_birth[i] / 100 END;
        v_birth := CASE WHEN v_year_month IS NOT NULL AND p_birth[i] % 100 > 0 THEN p_birth[i] END;
        v_month_day := v_birth % 10000;
        v_year := v_birth / 10000;
        v_day := v_birth % 100;
        SELECT count(*)::integer INTO v_names
        FROM (SELECT FROM resident AS r WHERE r.kanji_key = p_kanji_key[i] LIMIT p_most_names) AS bearer;
        RETURN QUERY
        SELECT i, v_names, r
        FROM (
            SELECT r.resident_id FROM resident AS r
            WHERE r.kanji_key = p_kanji_key[i]
                AND (r.birth = v_birth OR r.birth / 100 = v_year_month OR r.birth % 10000 = v_month_day
                    OR (r.birth / 10000 = v_year AND r.birth % 100 = v_day))
            UNION
            SELECT r.resident_id FROM resident_form AS r
            WHERE r.kanji_key = p_kanji_key[i]
                AND (r.birth = v_birth OR r.birth / 100 = v_year_month OR r.birth % 10000 = v_month_day
                    OR (r.birth / 10000 = v_year AND r.birth % 100 = v_day))
            UNION
            SELECT r.resident_id FROM resident AS r WHERE r.kana_key = p_kana_key[i] AND r.birth = v_birth
            UNION
            SELECT r.resident_id FROM resident_form AS r WHERE r.kana_key = p_kana_key[i] AND r.birth = v_birth
            UNION
            SELECT r.resident_id FROM resident AS r
            WHERE r.address_key = p_address_key[i]
                AND (r.surname_key = p_surname_key[i] OR r.kana_key = p_kana_key[i]
                    OR r.kanji_key = p_kanji_key[i] OR r.birth = v_birth)
            UNION
            SELECT r.resident_id FROM resident_form AS r
            WHERE r.address_key = p_address_key[i]
                AND (r.surname_key = p_surname_key[i] OR r.kana_key = p_kana_key[i]
                    OR r.kanji_key = p_kanji_key[i] OR r.birth = v_birth)
            UNION
            SELECT r.resident_id FROM resident AS r WHERE r.birth_kanji_tail = p_birth_kanji_tail[i]
            UNION
            SELECT r.resident_id FROM resident_form AS r WHERE r.birth_kanji_tail = p_birth_kanji_tail[i]
            UNION
            SELECT r.resident_id FROM resident AS r WHERE r.birth_kana_tail = p_birth_kana_tail[i]
            UNION
            SELECT r.resident_id FROM resident_form AS r WHERE r.birth_kana_tail = p_birth_kana_tail[i]
        ) AS found
        JOIN resident AS r ON r.resident_id = found.resident_id
        ORDER BY found.resident_id;
        IF NOT FOUND THEN
            RETURN QUERY SELECT i, v_names, NULL::resident;
        END IF;
    END LOOP;
END
$$;
