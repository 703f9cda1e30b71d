"""The statements that turn staged rows into the register of a day, all within one transaction."""

from __future__ import annotations

from psycopg import sql

from himozuke.stores.register_columns import HISTORY_COLUMNS, KEY_COLUMNS, PERSON_COLUMNS


def _names(columns: tuple[str, ...], table: str = "") -> sql.Composed:
    prefix = sql.SQL("{}.").format(sql.Identifier(table)) if table else sql.SQL("")
    return sql.SQL(", ").join(prefix + sql.Identifier(column) for column in columns)


#: Reads resident_staged. Removes rows whose number an earlier row of the file bears; one row each.
DROP_REPEATED = """
WITH repeated AS (
    SELECT row, row_number() OVER (PARTITION BY individual_number_sealed ORDER BY row) AS place
    FROM resident_staged
    WHERE load_id = %(load_id)s
)
DELETE FROM resident_staged
USING repeated
WHERE resident_staged.load_id = %(load_id)s AND resident_staged.row = repeated.row AND repeated.place > 1
RETURNING resident_staged.row
"""

#: Reads resident_staged. Removes rows that a later row of the same changes overtakes: same number, or that
#: number as the one before a change.
DROP_OVERTAKEN = """
WITH overtaken AS (
    SELECT row, lead(row) OVER (PARTITION BY individual_number_sealed ORDER BY row) AS later
    FROM resident_staged
    WHERE load_id = %(load_id)s
    UNION ALL
    SELECT before.row, after.row AS later
    FROM resident_staged AS after
    JOIN resident_staged AS before ON before.load_id = after.load_id
        AND before.individual_number_sealed = after.previous_individual_number_sealed AND before.row < after.row
    WHERE after.load_id = %(load_id)s AND after.previous_individual_number_sealed IS NOT NULL
)
DELETE FROM resident_staged
USING overtaken
WHERE resident_staged.load_id = %(load_id)s AND resident_staged.row = overtaken.row AND overtaken.later IS NOT NULL
"""

#: Reads resident_staged and resident. Removes changes of number to one that somebody else holds, who keeps it; one
#: row each.
DROP_TAKEN = """
DELETE FROM resident_staged AS staged
USING resident AS person, resident AS other
WHERE staged.load_id = %(load_id)s
  AND person.individual_number_sealed = staged.previous_individual_number_sealed
  AND other.individual_number_sealed = staged.individual_number_sealed
  AND other.resident_id <> person.resident_id
  AND NOT EXISTS (
      SELECT FROM resident_staged AS freed
      WHERE freed.load_id = staged.load_id
        AND freed.previous_individual_number_sealed = other.individual_number_sealed
  )
RETURNING staged.row
"""

#: Reads resident_form_staged. Removes the forms of rows that were removed.
DROP_FORMS = """
DELETE FROM resident_form_staged
WHERE load_id = %(load_id)s AND NOT EXISTS (
    SELECT FROM resident_staged
    WHERE resident_staged.load_id = resident_form_staged.load_id AND resident_staged.row = resident_form_staged.row
)
"""

#: Writes resident while it is empty. One row per person, numbered by the row of the file.
FILL = sql.SQL(
    "INSERT INTO resident (resident_id, held_from, {columns}) "
    "SELECT row, %(as_of)s, {columns} FROM resident_staged WHERE load_id = %(load_id)s"
).format(columns=_names(PERSON_COLUMNS))

FILL_FORMS = sql.SQL(
    "INSERT INTO resident_form (resident_id, {columns}) "
    "SELECT row, {columns} FROM resident_form_staged WHERE load_id = %(load_id)s"
).format(columns=_names(KEY_COLUMNS))

NEXT_ID = """
SELECT setval(pg_get_serial_sequence('resident', 'resident_id'), greatest((SELECT max(resident_id) FROM resident), 1))
"""

#: Reads resident_staged and resident. One row per staged row: the person it speaks of, known by today's number
#: or by the one before a change, and whether anything is new.
MATCH = """
CREATE TEMPORARY TABLE matched ON COMMIT DROP AS
SELECT
    staged.row,
    coalesce(same.resident_id, before.resident_id) AS resident_id,
    before.resident_id IS NOT NULL
    OR (same.evidence, same.is_protected, same.is_furigana_certified, same.previous_individual_number_sealed)
    IS DISTINCT FROM
    (staged.evidence, staged.is_protected, staged.is_furigana_certified, staged.previous_individual_number_sealed)
    AS is_changed
FROM resident_staged AS staged
LEFT JOIN resident AS same ON same.individual_number_sealed = staged.individual_number_sealed
LEFT JOIN resident AS before ON same.resident_id IS NULL
    AND before.individual_number_sealed = staged.previous_individual_number_sealed
    AND NOT EXISTS (
        SELECT FROM resident_staged AS other
        WHERE other.load_id = %(load_id)s AND other.individual_number_sealed = before.individual_number_sealed
    )
WHERE staged.load_id = %(load_id)s
"""

#: Reads resident and matched. One row per person whom a snapshot no longer holds.
MATCH_GONE = """
CREATE TEMPORARY TABLE gone ON COMMIT DROP AS
SELECT resident.resident_id
FROM resident
WHERE NOT EXISTS (SELECT FROM matched WHERE matched.resident_id = resident.resident_id)
"""
NOBODY_GONE = "CREATE TEMPORARY TABLE gone (resident_id integer) ON COMMIT DROP"

#: Reads matched and gone. One row of figures.
COUNT = """
SELECT
    (SELECT count(*) FROM matched WHERE resident_id IS NULL) AS added,
    (SELECT count(*) FROM matched WHERE resident_id IS NOT NULL AND is_changed) AS changed,
    (SELECT count(*) FROM gone) AS gone,
    (SELECT count(*) FROM resident) AS before
"""

#: Writes resident_history. One row per person who changes or goes.
REMEMBER = sql.SQL("""
INSERT INTO resident_history (resident_id, load_id, held_from, held_until, is_gone, {columns})
SELECT resident.resident_id, %(load_id)s, resident.held_from, %(as_of)s, leaving.is_gone, {of_resident}
FROM resident
JOIN (
    SELECT resident_id, false AS is_gone FROM matched WHERE resident_id IS NOT NULL AND is_changed
    UNION ALL
    SELECT resident_id, true AS is_gone FROM gone
) AS leaving ON leaving.resident_id = resident.resident_id
""").format(columns=_names(HISTORY_COLUMNS), of_resident=_names(HISTORY_COLUMNS, "resident"))

#: Writes resident_form: the forms of those who change or go.
FORGET_FORMS = """
DELETE FROM resident_form
WHERE resident_id IN (SELECT resident_id FROM matched WHERE is_changed UNION SELECT resident_id FROM gone)
"""
FORGET = "DELETE FROM resident WHERE resident_id IN (SELECT resident_id FROM gone)"

#: Writes resident. One row per person who changes.
CHANGE = sql.SQL("""
UPDATE resident SET held_from = %(as_of)s, {assignments}
FROM resident_staged AS staged
JOIN matched ON matched.row = staged.row AND matched.is_changed
WHERE staged.load_id = %(load_id)s AND resident.resident_id = matched.resident_id
""").format(
    assignments=sql.SQL(", ").join(
        sql.SQL("{} = staged.{}").format(sql.Identifier(column), sql.Identifier(column)) for column in PERSON_COLUMNS
    )
)

#: Writes resident. One row per person who is new.
ADD = sql.SQL("""
INSERT INTO resident (held_from, {columns})
SELECT %(as_of)s, {of_staged}
FROM resident_staged AS staged
JOIN matched ON matched.row = staged.row AND matched.resident_id IS NULL
WHERE staged.load_id = %(load_id)s
""").format(columns=_names(PERSON_COLUMNS), of_staged=_names(PERSON_COLUMNS, "staged"))

#: Writes resident_form: the forms of those who change or are new.
ADD_FORMS = sql.SQL("""
INSERT INTO resident_form (resident_id, {columns})
SELECT resident.resident_id, {of_staged}
FROM resident_form_staged AS staged
JOIN matched ON matched.row = staged.row AND (matched.is_changed OR matched.resident_id IS NULL)
JOIN resident_staged AS person ON person.load_id = staged.load_id AND person.row = staged.row
JOIN resident ON resident.individual_number_sealed = person.individual_number_sealed
WHERE staged.load_id = %(load_id)s
""").format(columns=_names(KEY_COLUMNS), of_staged=_names(KEY_COLUMNS, "staged"))

#: Writes death: those the register says are dead, under every number they bore. Reads the dead of resident.
KEEP_DEATHS = """
INSERT INTO death (individual_number_sealed, died_on)
SELECT DISTINCT ON (number) number,
       CASE WHEN status_on / 100 % 100 > 0 AND status_on % 100 > 0
            THEN to_date(status_on::text, 'YYYYMMDD') ELSE held_from END
FROM resident
CROSS JOIN LATERAL (VALUES (individual_number_sealed), (previous_individual_number_sealed)) AS borne (number)
WHERE status = 2 AND number IS NOT NULL
ORDER BY number, status_on
ON CONFLICT (individual_number_sealed) DO UPDATE SET died_on = excluded.died_on
WHERE death.died_on <> excluded.died_on
"""

#: Writes death: whom the register gives as living again, since the death was reported in error.
FORGET_DEATHS = """
DELETE FROM death
USING resident
WHERE resident.status <> 2 AND resident.individual_number_sealed = death.individual_number_sealed
"""

#: Writes link_to_compare: the links of those who change, come or go, before they do. An ended qualification of somebody
#: whom the register lets go is left as it was judged.
NOTE_LINKS = """
INSERT INTO link_to_compare (link_id, organisation_id, load_id, register_day)
SELECT DISTINCT link.link_id, link.organisation_id, %(load_id)s::bigint, %(as_of)s::date
FROM (
    SELECT staged.individual_number_sealed AS number, false AS is_gone
    FROM resident_staged AS staged
    JOIN matched ON matched.row = staged.row AND (matched.is_changed OR matched.resident_id IS NULL)
    WHERE staged.load_id = %(load_id)s
    UNION ALL
    SELECT resident.individual_number_sealed, false
    FROM resident
    JOIN matched ON matched.resident_id = resident.resident_id AND matched.is_changed
    UNION ALL
    SELECT resident.individual_number_sealed, true
    FROM resident
    JOIN gone ON gone.resident_id = resident.resident_id
) AS changed
JOIN link ON link.individual_number_sealed = changed.number
WHERE link.state <> 'withdrawn' AND (link.state <> 'held' OR link.verdict IS NOT NULL)
  AND (NOT changed.is_gone OR link.valid_to IS NULL OR link.valid_to > %(as_of)s)
ON CONFLICT (link_id) DO UPDATE SET load_id = excluded.load_id, register_day = excluded.register_day
"""

#: Writes link_to_compare: a first register is a change for every link that was judged by another one.
NOTE_EVERY_LINK = """
INSERT INTO link_to_compare (link_id, organisation_id, load_id, register_day)
SELECT link.link_id, link.organisation_id, %(load_id)s, %(as_of)s
FROM link
WHERE link.state <> 'withdrawn' AND (link.state <> 'held' OR link.verdict IS NOT NULL)
  AND (link.valid_to IS NULL OR link.valid_to > %(as_of)s
       OR EXISTS (SELECT FROM resident WHERE resident.individual_number_sealed = link.individual_number_sealed))
ON CONFLICT (link_id) DO UPDATE SET load_id = excluded.load_id, register_day = excluded.register_day
"""
