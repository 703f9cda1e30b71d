"""The lists of cases: the queue with its filters, the figures of the start page, the groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from psycopg import sql

from himozuke.incident.store import CaseFilter

# Reads incident_case, link, user_account. One row per case, open ones with the nearest last day first.
QUEUE = """
SELECT incident.case_id,
       incident.organisation_id,
       incident.link_id,
       incident.group_id,
       incident.origin,
       incident.opened_on,
       incident.state,
       incident.step,
       incident.restriction,
       incident.verdict,
       incident.cause,
       incident.assignee_id,
       coalesce(assignee.display_name, '') AS assignee_name,
       incident.due_on,
       incident.due_clock,
       incident.is_escalated,
       incident.known_on,
       incident.is_wrong,
       incident.viewings,
       incident.corrected_on,
       incident.published_on,
       incident.closed_at,
       coalesce(link.kanji_name, '') AS kanji_name,
       coalesce(link.scheme, '') AS scheme,
       coalesce(link.scheme_number, '') AS scheme_number,
       count(*) OVER () AS total
FROM incident_case AS incident
LEFT JOIN link USING (link_id)
LEFT JOIN user_account AS assignee ON assignee.user_id = incident.assignee_id
WHERE {where}
ORDER BY incident.state DESC, incident.due_on NULLS LAST, incident.case_id
LIMIT %(limit)s OFFSET %(offset)s
"""

# Whether a case waits for somebody else than the one who proposed a correction or a release.
APPROVE = """EXISTS (
    SELECT
    FROM case_event AS proposed
    WHERE proposed.case_id = incident.case_id
      AND proposed.kind IN ('correction_proposed', 'release_proposed')
      AND proposed.by_user_id IS DISTINCT FROM %(me)s::bigint
      AND NOT EXISTS (
          SELECT
          FROM case_event AS later
          WHERE later.case_id = proposed.case_id
            AND later.event_id > proposed.event_id
            AND (
                later.kind = 'confirmation_undone'
                OR (proposed.kind = 'correction_proposed' AND later.kind IN ('corrected', 'correction_rejected'))
                OR (proposed.kind = 'release_proposed' AND later.kind IN ('released', 'release_rejected'))
            )
      )
)"""

# Whether a person's answer is against what was confirmed, and nobody has looked at it yet.
CONTRADICTED = """EXISTS (
    SELECT
    FROM case_event AS told
    WHERE told.case_id = incident.case_id
      AND told.kind = 'reply_contradicts'
      AND NOT EXISTS (
          SELECT
          FROM case_event AS later
          WHERE later.case_id = told.case_id
            AND later.event_id > told.event_id
            AND later.kind IN ('conclusion_kept', 'confirmation_undone')
      )
)"""
_BY_EVENTS = {"approve": APPROVE, "contradicted": CONTRADICTED}

# Reads incident_case and the last proposal of each open case. One row of figures.
COUNTS = """
SELECT count(*) AS open,
       count(*) FILTER (WHERE due_on < %(today)s) AS overdue,
       count(*) FILTER (WHERE due_on = %(today)s) AS today,
       count(*) FILTER (WHERE assignee_id = %(me)s::bigint) AS mine,
       count(*) FILTER (WHERE assignee_id IS NULL) AS nobody,
       count(*) FILTER (WHERE is_escalated) AS escalated,
       count(*) FILTER (WHERE {approve}) AS approve,
       count(*) FILTER (WHERE {contradicted}) AS contradicted
FROM incident_case AS incident
WHERE state = 'open'
"""

# Reads case_group and incident_case. One row per group, those with open cases first, the newest first.
GROUPS = """
SELECT grouped.group_id,
       grouped.cause,
       grouped.group_key,
       grouped.opened_at,
       count(incident.case_id) AS cases,
       count(*) FILTER (WHERE incident.state = 'open') AS open_cases,
       count(*) FILTER (WHERE incident.state = 'open' AND incident.due_on < %(today)s) AS overdue,
       count(*) FILTER (WHERE incident.is_wrong) AS wrong
FROM case_group AS grouped
JOIN incident_case AS incident USING (group_id)
WHERE {where}
GROUP BY grouped.group_id
ORDER BY count(*) FILTER (WHERE incident.state = 'open') = 0, grouped.group_id DESC
"""

_WEEK = timedelta(days=7)
_DUE = {
    "overdue": "incident.due_on < %(today)s",
    "today": "incident.due_on = %(today)s",
    "week": "incident.due_on BETWEEN %(today)s AND %(week)s",
    "escalated": "incident.is_escalated",
}


def condition(chosen: CaseFilter, *, today: date, me: int | None) -> tuple[sql.Composable, Mapping[str, Any]]:
    """The condition of a filter and its values."""
    parts = ["true"]
    parts += [
        f"incident.{column} = %({column})s"
        for column, value in (
            ("state", chosen.state),
            ("step", "" if chosen.step in _BY_EVENTS else chosen.step),
            ("cause", chosen.cause),
            ("origin", chosen.origin),
            ("group_id", chosen.group_id),
            ("case_id", chosen.case_id),
        )
        if value
    ]
    if chosen.step in _BY_EVENTS:
        parts.append(_BY_EVENTS[chosen.step])
    if chosen.due in _DUE:
        parts.append(_DUE[chosen.due])
    if chosen.assignee == "nobody":
        parts.append("incident.assignee_id IS NULL")
    elif chosen.assignee:
        parts.append("incident.assignee_id = %(assignee)s::bigint")
    if chosen.words:
        parts.append(
            "(link.search_name LIKE '%%' || nullif(search_name(%(words)s), '') || '%%'"
            " OR link.search_number LIKE '%%' || nullif(search_number(%(words)s), '') || '%%')"
        )
    assignee = me if chosen.assignee == "me" else chosen.assignee if chosen.assignee.isdecimal() else None
    values = {
        "state": chosen.state,
        "step": chosen.step,
        "cause": chosen.cause,
        "origin": chosen.origin,
        "group_id": chosen.group_id,
        "case_id": chosen.case_id,
        "assignee": assignee,
        "me": me,
        "today": today,
        "week": today + _WEEK,
        "words": chosen.words,
    }
    return sql.SQL(" AND ".join(parts)), values
