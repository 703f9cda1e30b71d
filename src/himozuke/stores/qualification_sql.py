"""The statements that look up qualifications, consents and requests; see each for what it reads."""

from __future__ import annotations

# Reads institution. One row for each that is answered: registered, and not suspended.
_ANSWERED = """
    SELECT institution.organisation_id, institution.code, organisation.name, institution.kind, treats_at_home,
           treats_online, telephone, folder, requests_per_minute, zip_password_sealed
    FROM institution
    JOIN organisation USING (organisation_id)
    WHERE institution.suspended_at IS NULL
"""

INSTITUTION = f"""
SELECT organisation_id, code, name, kind, treats_at_home, treats_online, telephone, folder, requests_per_minute,
       zip_password_sealed
FROM ({_ANSWERED}) AS institution
"""  # noqa: S608  # a statement of our own

# The database's function link_is_protected, written out: PostgreSQL calls a function with a subquery as one, row by row,
# instead of planning it with the statement. A test holds both against each other.
IS_PROTECTED = """
    coalesce((link.register_items ->> 'is_protected')::boolean, false) OR EXISTS (
        SELECT FROM resident
        WHERE resident.individual_number_sealed = link.individual_number_sealed AND resident.is_protected
    )
"""

HELD = """
SELECT
    period.period_id, link.link_id, link.insurer_number, link.symbol, link.number, link.branch,
    organisation.name AS insurer_name, period.member_kind, link.kanji_name, link.kana_name, link.birth_date,
    link.sex, link.address, period.began_on, period.ended_on, period.end_reason, link.state, link.restriction, link.verdict,
    link.answer, link.individual_number_sealed, certificate.card_class, certificate.insured_name,
    certificate.postal_code, certificate.issued_on, certificate.valid_from, certificate.valid_until,
    certificate.loss_reason, certificate.elderly_ratio, certificate.elderly_ratio_from, certificate.elderly_ratio_until,
    certificate.elderly, certificate.limits,
    certificate.diseases, certificate.tickets, certificate.income, death.died_on, link.states[5] AS address_state,
    CASE WHEN period.insured_link_id IS NULL AND period.monthly_pay IS NOT NULL
        THEN jsonb_build_object('monthly', period.monthly_pay, 'born', link.birth_date)
        WHEN period.insured_link_id IS NOT NULL
        THEN (
            SELECT jsonb_build_object('monthly', insured.monthly_pay, 'born', bearer.birth_date)
            FROM qualification_period AS insured
            JOIN link AS bearer USING (link_id)
            WHERE insured.link_id = period.insured_link_id AND insured.monthly_pay IS NOT NULL
            ORDER BY insured.began_on DESC
            LIMIT 1
        )
    END AS insured_pay,
    $is_protected AS is_protected
""".replace("$is_protected", IS_PROTECTED.strip())
REFERENCE = """
LEFT JOIN reference_number AS own ON own.organisation_id = %(organisation_id)s AND own.link_id = link.link_id
"""

# Whoever bears the number: those with the very branch where there are any, else everybody, among whom
# `decide.person_asked` chooses.
ASKED = """
WITH named AS MATERIALIZED (  -- first by its number, so that no other index looks cheaper
    SELECT scheme_number, individual_number_sealed
    FROM link
    WHERE scheme_number ~>=~ %(from)s AND scheme_number ~<~ %(before)s AND state <> 'withdrawn'
), asked AS (
    SELECT DISTINCT individual_number_sealed
    FROM named
    WHERE scheme_number = %(exact)s OR NOT EXISTS (SELECT FROM named WHERE scheme_number = %(exact)s)
)
"""

# Reads link and what hangs on it. One row per period of insurance of whoever holds a number that a link
# with this scheme number holds, in any order.
BY_KEY = f"""
{ASKED}
{HELD}, own.reference_number
FROM asked
JOIN link USING (individual_number_sealed)
JOIN qualification_period AS period USING (link_id)
JOIN organisation ON organisation.organisation_id = link.organisation_id
LEFT JOIN qualification_certificate AS certificate USING (period_id)
LEFT JOIN death USING (individual_number_sealed)
{REFERENCE}
WHERE link.state <> 'withdrawn'
"""  # the list of columns stands above

# Reads institution, link and what hangs on it. The same rows with the institution that asks in front of each;
# one row without a person where nobody is found, none where there is no such institution, or it is suspended.
BY_ASKER = f"""
{ASKED}, asker AS (
    {_ANSWERED} AND institution.{{column}} = %(asker)s
)
{HELD}, own.reference_number,
    asker.organisation_id, asker.code, asker.name, asker.kind, asker.treats_at_home, asker.treats_online,
    asker.telephone, asker.folder, asker.requests_per_minute, asker.zip_password_sealed
FROM asker
LEFT JOIN (
    asked
    JOIN link USING (individual_number_sealed)
    JOIN qualification_period AS period USING (link_id)
    JOIN organisation ON organisation.organisation_id = link.organisation_id
    LEFT JOIN qualification_certificate AS certificate USING (period_id)
    LEFT JOIN death USING (individual_number_sealed)
) ON link.state <> 'withdrawn'
LEFT JOIN reference_number AS own ON own.organisation_id = asker.organisation_id AND own.link_id = link.link_id
"""  # the list of columns stands above
BY_CODE = BY_ASKER.format(column="code")
BY_ORGANISATION = BY_ASKER.format(column="organisation_id")

# The same by number, which may be sealed under several versions of the key.
BY_NUMBER = f"""
{HELD}, own.reference_number
FROM link
JOIN qualification_period AS period USING (link_id)
JOIN organisation ON organisation.organisation_id = link.organisation_id
LEFT JOIN qualification_certificate AS certificate USING (period_id)
LEFT JOIN death ON death.individual_number_sealed = ANY(%(numbers)s)
{REFERENCE}
WHERE link.individual_number_sealed = ANY(%(numbers)s) AND link.state <> 'withdrawn'
"""

# Reads link and what hangs on it. One row per period of insurance of one link, in any order, one without a period where
# there is none; ``is_doubted`` where somebody must still find out whose it is.
BY_LINK = f"""
{HELD}, is_doubted(link) AS is_doubted
FROM link
LEFT JOIN qualification_period AS period USING (link_id)
JOIN organisation ON organisation.organisation_id = link.organisation_id
LEFT JOIN qualification_certificate AS certificate USING (period_id)
LEFT JOIN death USING (individual_number_sealed)
WHERE link.link_id = %(link_id)s AND link.organisation_id = %(organisation_id)s AND link.state <> 'withdrawn'
"""

# The same for some links, as far as they still stand.
BY_LINKS = f"""
{HELD}
FROM link
JOIN qualification_period AS period USING (link_id)
JOIN organisation ON organisation.organisation_id = link.organisation_id
LEFT JOIN qualification_certificate AS certificate USING (period_id)
LEFT JOIN death USING (individual_number_sealed)
WHERE link.link_id = ANY(%(links)s) AND link.state <> 'withdrawn'
"""

# Writes access_log. One row.
LOG = """
INSERT INTO access_log (
    at, link_id, organisation_id, institution_code, institution_name, viewer, items, consent, verdict_version
)
SELECT %(at)s, link_id, organisation_id, %(code)s, %(name)s, %(viewer)s, %(items)s, %(consent)s,
       coalesce(evidence_digest, '')
FROM link
WHERE link_id = %(link_id)s
"""

LIVE_CONSENTS = """
SELECT viewable, max(given_at) AS given_at, max(available_until) AS available_until
FROM consent
WHERE organisation_id = %(organisation_id)s AND individual_number_sealed = ANY(%(numbers)s)
    AND given_at <= %(at)s AND available_until > %(at)s AND withdrawn_at IS NULL
GROUP BY viewable
"""

# Reads medical_entry through links that are trusted and not restricted. One row per entry, latest first.
MEDICAL = """
SELECT entry.link_id, entry.on_day, entry.institution_name, entry.content
FROM link
JOIN medical_entry AS entry USING (link_id)
WHERE link.individual_number_sealed = ANY(%(numbers)s)
    AND link.restriction = 'NONE' AND link.state = 'released'
    AND (link.verdict IN ('PROVEN', 'EXPLAINED') OR link.answer IS NOT NULL)
    AND entry.viewable = %(viewable)s AND entry.on_day BETWEEN %(since)s AND %(until)s
ORDER BY entry.on_day DESC, entry.entry_id DESC
"""

CONSENTED = """
SELECT individual_number_sealed, viewable, given_at, available_until
FROM consent
WHERE organisation_id = %(organisation_id)s AND channel = %(channel)s AND withdrawn_at IS NULL
    AND (given_at AT TIME ZONE 'Asia/Tokyo')::date BETWEEN %(since)s AND %(until)s
ORDER BY given_at, consent_id
"""

NEXT_BULK = """
SELECT reception_number, organisation_id, kind, request
FROM bulk_request
WHERE state = 'waiting'
    AND organisation_id IN (SELECT organisation_id FROM institution WHERE suspended_at IS NULL)
ORDER BY received_at, reception_number
LIMIT 1
FOR UPDATE SKIP LOCKED
"""
