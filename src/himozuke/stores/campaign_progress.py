"""How far the bodies of a campaign are, added up in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from psycopg import Connection

from himozuke.campaign.model import BodyProgress, GroupProgress, Scope
from himozuke.campaign.service import BodyFilter

Row = dict[str, Any]

# Reads surveys, last finished runs and reports: a body counts as inspected by a run here or by its own report. One row per asked body, in order of code.
_BODIES = """
WITH survey AS (
    SELECT organisation_id,
           count(*) AS affairs,
           count(answered_at) AS answered,
           CASE WHEN count(answered_at) = count(*) THEN min(process_class) END AS process_class,
           CASE
               WHEN count(answered_at) < count(*) THEN NULL
               WHEN bool_or(scope = 'full') THEN 'full'
               WHEN bool_or(scope = 'affected') THEN 'affected'
               ELSE 'none'
           END AS scope
    FROM campaign_survey
    WHERE campaign_id = %(campaign_id)s
    GROUP BY organisation_id
),
last_run AS (
    SELECT DISTINCT ON (organisation_id, scheme) organisation_id, scheme, figures
    FROM inspection_run
    WHERE campaign_id = %(campaign_id)s
      AND state = 'done'
    ORDER BY organisation_id, scheme, run_id DESC
),
run AS (
    SELECT organisation_id,
           count(*) AS runs_done,
           sum((figures ->> 'verdicted')::bigint) AS rows_inspected,
           sum((figures ->> 'to_ask')::bigint) AS to_ask
    FROM last_run
    GROUP BY organisation_id
),
last_report AS (
    SELECT DISTINCT ON (organisation_id, scheme, kind, month)
           organisation_id, scheme, kind, month, as_of, in_scope, inspected, to_ask, confirmed_wrong, corrected, viewed
    FROM campaign_report
    WHERE campaign_id = %(campaign_id)s
    ORDER BY organisation_id, scheme, kind, month, version DESC
),
reported AS (
    SELECT organisation_id, jsonb_object_agg(kind, as_of) AS reported
    FROM (SELECT organisation_id, kind, max(as_of) AS as_of FROM last_report GROUP BY organisation_id, kind) AS by_kind
    GROUP BY organisation_id
),
latest AS (
    SELECT DISTINCT ON (organisation_id, scheme)
           organisation_id, scheme, in_scope, inspected, to_ask, confirmed_wrong, corrected, viewed
    FROM last_report
    ORDER BY organisation_id, scheme, as_of DESC, month DESC
),
found AS (
    SELECT organisation_id,
           bool_and(inspected = in_scope AND in_scope > 0) AS is_inspected,
           sum(inspected) AS inspected,
           sum(to_ask) AS to_ask,
           sum(confirmed_wrong) AS confirmed_wrong,
           sum(corrected) AS corrected,
           sum(viewed) AS viewed
    FROM latest
    GROUP BY organisation_id
),
body AS (
    SELECT body.organisation_id, body.code, body.name, coalesce(ministry.name, '') AS ministry,
           coalesce(ministry.code, '') AS ministry_code,
           survey.affairs, survey.answered, survey.process_class, survey.scope,
           coalesce(run.runs_done, 0) > 0 OR coalesce(found.is_inspected, false) AS is_inspected,
           greatest(run.rows_inspected, found.inspected, 0) AS rows_inspected,
           greatest(run.to_ask, found.to_ask, 0) AS to_ask,
           coalesce(reported.reported, '{}') AS reported,
           coalesce(found.confirmed_wrong, 0) AS confirmed_wrong,
           coalesce(found.corrected, 0) AS corrected,
           coalesce(found.viewed, 0) AS viewed
    FROM survey
    JOIN organisation AS body ON body.organisation_id = survey.organisation_id
    LEFT JOIN organisation AS ministry ON ministry.organisation_id = body.parent_id
    LEFT JOIN run ON run.organisation_id = body.organisation_id
    LEFT JOIN reported ON reported.organisation_id = body.organisation_id
    LEFT JOIN found ON found.organisation_id = body.organisation_id
)
"""

_PAGE_OF_BODIES = """
SELECT body.*, count(*) OVER () AS matching
FROM body
WHERE (%(state)s <> 'missing' OR answered < affairs)
  AND (%(state)s <> 'answered' OR answered = affairs)
  AND (%(state)s NOT IN ('must_inspect', 'not_inspected') OR scope IN ('full', 'affected'))
  AND (%(state)s <> 'not_inspected' OR NOT is_inspected)
  AND (%(process_class)s::integer IS NULL OR process_class = %(process_class)s)
  AND (%(ministry)s = '' OR ministry = %(ministry)s)
  AND (%(text)s = '' OR strpos(name, %(text)s) > 0 OR strpos(code, %(text)s) > 0)
  AND (%(missing_report)s = '' OR NOT reported ? %(missing_report)s)
ORDER BY code
LIMIT %(limit)s OFFSET %(offset)s
"""

_GROUPS = """
, kinds AS (
    SELECT CASE WHEN GROUPING(body.ministry) = 1 THEN NULL ELSE body.ministry END AS ministry, kind.kind, count(*) AS bodies
    FROM body
    CROSS JOIN LATERAL jsonb_object_keys(body.reported) AS kind (kind)
    GROUP BY GROUPING SETS ((body.ministry, kind.kind), (kind.kind))
)
SELECT CASE WHEN GROUPING(ministry) = 1 THEN '' ELSE ministry END AS name,
       GROUPING(ministry) = 1 AS is_nation,
       min(ministry_code) AS ministry_code,
       count(*) AS bodies,
       count(*) FILTER (WHERE answered = affairs) AS answered,
       count(*) FILTER (WHERE process_class = 1) AS class_1,
       count(*) FILTER (WHERE process_class = 2) AS class_2,
       count(*) FILTER (WHERE process_class = 3) AS class_3,
       count(*) FILTER (WHERE scope IN ('full', 'affected')) AS must_inspect,
       count(*) FILTER (WHERE scope IN ('full', 'affected') AND is_inspected) AS inspected,
       sum(rows_inspected) AS rows_inspected,
       sum(to_ask) AS to_ask,
       sum(confirmed_wrong) AS confirmed_wrong,
       sum(corrected) AS corrected,
       sum(viewed) AS viewed,
       coalesce(
           (SELECT jsonb_object_agg(kinds.kind, kinds.bodies)
            FROM kinds
            WHERE kinds.ministry IS NOT DISTINCT FROM (CASE WHEN GROUPING(body.ministry) = 1 THEN NULL ELSE body.ministry END)),
           '{}'
       ) AS reported
FROM body
GROUP BY GROUPING SETS ((), (ministry))
ORDER BY is_nation DESC, ministry_code
"""


def bodies(
    connection: Connection[Row], campaign_id: int, chosen: BodyFilter, *, limit: int, offset: int
) -> tuple[Sequence[BodyProgress], int]:
    """A page of bodies in order of code, and how many match."""
    rows = connection.execute(
        _BODIES + _PAGE_OF_BODIES,
        {
            "campaign_id": campaign_id,
            "state": chosen.state,
            "process_class": chosen.process_class,
            "ministry": chosen.ministry,
            "text": chosen.text,
            "missing_report": chosen.missing_report.value if chosen.missing_report else "",
            "limit": limit,
            "offset": offset,
        },
    ).fetchall()
    return [_body(row) for row in rows], int(rows[0]["matching"]) if rows else 0


def groups(connection: Connection[Row], campaign_id: int) -> Sequence[GroupProgress]:
    """Progress of the nation, then by ministry in order of code."""
    rows = connection.execute(_BODIES + _GROUPS, {"campaign_id": campaign_id}).fetchall()
    return [_group(row) for row in rows]


def _body(row: Row) -> BodyProgress:
    return BodyProgress(
        organisation_id=row["organisation_id"],
        code=row["code"],
        name=row["name"],
        ministry=row["ministry"],
        affairs=row["affairs"],
        answered=row["answered"],
        process_class=row["process_class"],
        scope=Scope(row["scope"]) if row["scope"] else None,
        is_inspected=row["is_inspected"],
        rows_inspected=int(row["rows_inspected"]),
        to_ask=int(row["to_ask"]),
        reported={kind: date.fromisoformat(day) for kind, day in row["reported"].items()},
    )


def _group(row: Row) -> GroupProgress:
    names = ("bodies", "answered", "class_1", "class_2", "class_3", "must_inspect", "inspected")
    sums = ("rows_inspected", "to_ask", "confirmed_wrong", "corrected", "viewed")
    return GroupProgress(
        name=row["name"],
        **{name: int(row[name]) for name in names},
        **{name: int(row[name] or 0) for name in sums},
        reported={kind: int(count) for kind, count in row["reported"].items()},
    )
