"""Uploads, inspection runs, findings, quarantined rows and answers in PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from himozuke.campaign.inspections import (
    ConfirmedAnswer,
    FindingFilter,
    FunnelCount,
    Outcome,
    QuarantinedRow,
)
from himozuke.campaign.model import Finding, InspectionRun, RunState, Upload
from himozuke.stores.finding_sql import CHOSEN, FINDING, WAITING

Row = dict[str, Any]

# Reads inspection_run, inspection_upload and organisation. One row per run; the name of the file is
# empty for those who may not see the upload.
_RUN = """
SELECT run.run_id, run.organisation_id, body.name AS body_name, run.campaign_id, run.upload_id,
       coalesce(upload.file_name, '') AS file_name, run.scheme, run.snapshot, run.state, run.phase,
       run.rows_done, run.rows_total, run.is_cancel_asked, run.attempt, run.message, run.created_at,
       run.started_at, run.finished_at, run.register_digest, run.figures
FROM inspection_run AS run
JOIN organisation AS body USING (organisation_id)
LEFT JOIN inspection_upload AS upload USING (upload_id)
"""

_SET_STATE = """
UPDATE inspection_run
SET state = %(state)s,
    phase = %(phase)s,
    message = %(message)s,
    attempt = attempt + (%(state)s = 'running')::integer,
    rows_done = CASE WHEN %(state)s = 'running' THEN 0 ELSE rows_done END,
    started_at = CASE WHEN %(state)s = 'running' THEN coalesce(started_at, %(at)s) ELSE started_at END,
    finished_at = CASE WHEN %(state)s IN ('waiting', 'running') THEN NULL ELSE %(at)s END
WHERE run_id = %(run_id)s
"""

_COPY_FINDINGS = """
COPY found_row (position, row, link_key, scheme_number, verdict, action, restriction, cause, rank, reasons,
                evidence_digest, batch, detail)
FROM STDIN
"""

# Writes inspection_finding from what was copied; the link of our own book with the same scheme number, if any.
_KEEP_FINDINGS = """
INSERT INTO inspection_finding (
    organisation_id, run_id, position, row, link_key, verdict, action, restriction, cause, rank, reasons,
    evidence_digest, batch, detail, link_id
)
SELECT %(organisation_id)s, %(run_id)s, found.position, found.row, found.link_key, found.verdict, found.action,
       found.restriction, found.cause, found.rank, found.reasons, found.evidence_digest, found.batch, found.detail,
       (SELECT max(link.link_id)
        FROM link
        WHERE link.organisation_id = %(organisation_id)s
          AND link.scheme = %(scheme)s
          AND link.scheme_number = found.scheme_number
          AND link.state <> 'withdrawn')
FROM found_row AS found
ORDER BY found.position
"""

_KEEP_ANSWER = """
INSERT INTO inspection_answer (
    organisation_id, scheme, link_key, evidence_digest, answer, reason, answered_by, answered_on
)
VALUES (
    %(organisation_id)s, %(scheme)s, %(link_key)s, %(evidence_digest)s, %(answer)s, %(reason)s, %(by)s, %(on)s
)
ON CONFLICT (organisation_id, scheme, link_key, evidence_digest) DO UPDATE
SET answer = excluded.answer,
    reason = excluded.reason,
    answered_by = excluded.answered_by,
    answered_on = excluded.answered_on
"""


# Reads inspection_answer, and incident_case for findings whose case has settled the question. One row per link and
# evidence, by the day of the answer; what was answered by hand goes before a case.
_ANSWERS = """
SELECT link_key, evidence_digest, answer, reason, answered_by AS by, answered_on AS on
FROM inspection_answer
WHERE organisation_id = %(organisation_id)s AND scheme = %(scheme)s
UNION ALL
(
SELECT DISTINCT ON (finding.link_key, finding.evidence_digest)
       finding.link_key, finding.evidence_digest,
       CASE WHEN settled.is_wrong THEN 'wrong' ELSE 'right' END,
       'case ' || settled.case_id, 'case', coalesce(settled.closed_at, settled.opened_at)::date
FROM inspection_finding AS finding
JOIN inspection_run AS run USING (run_id)
JOIN incident_case AS settled ON settled.case_id = finding.case_id
WHERE finding.organisation_id = %(organisation_id)s
  AND run.scheme = %(scheme)s
  AND settled.is_wrong IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM inspection_answer AS answer
      WHERE answer.organisation_id = finding.organisation_id
        AND answer.scheme = run.scheme
        AND answer.link_key = finding.link_key
        AND answer.evidence_digest = finding.evidence_digest
  )
ORDER BY finding.link_key, finding.evidence_digest, settled.case_id DESC
)
ORDER BY 6, 1, 2
"""


class PostgresInspections:
    """The store of inspections in one transaction."""

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection

    def add_upload(self, upload: Upload) -> int:
        """Keep what is known of a file."""
        given = asdict(upload)
        given.pop("upload_id")
        names = ", ".join(given)
        places = ", ".join(f"%({name})s" for name in given)
        row = self._connection.execute(
            f"INSERT INTO inspection_upload ({names}) VALUES ({places}) RETURNING upload_id",  # noqa: S608 -- field names
            given,
        ).fetchone()
        return int((row or {})["upload_id"])

    def find_upload(self, upload_id: int) -> Upload | None:
        """The upload, None when it is not there or somebody else's."""
        row = self._connection.execute("SELECT * FROM inspection_upload WHERE upload_id = %s", (upload_id,)).fetchone()
        return Upload(**row) if row else None

    def add_run(self, upload: Upload, *, snapshot: date, at: datetime) -> int:
        """Keep a run that waits to be done."""
        row = self._connection.execute(
            """
            INSERT INTO inspection_run (
                organisation_id, campaign_id, upload_id, scheme, snapshot, state, phase, created_at
            )
            VALUES (%s, %s, %s, %s, %s, 'waiting', 'start', %s)
            RETURNING run_id
            """,
            (upload.organisation_id, upload.campaign_id, upload.upload_id, upload.scheme, snapshot, at),
        ).fetchone()
        return int((row or {})["run_id"])

    def find_run(self, run_id: int, *, lock: bool = False) -> InspectionRun | None:
        """The run, None when it is not there or not to be seen."""
        ending = "WHERE run.run_id = %s" + (" FOR UPDATE OF run" if lock else "")
        row = self._connection.execute(_RUN + ending, (run_id,)).fetchone()
        return _run(row) if row else None

    def runs(self, campaign_id: int, organisation_id: int | None, *, limit: int) -> Sequence[InspectionRun]:
        """Runs of a campaign, the youngest first."""
        rows = self._connection.execute(
            _RUN
            + """
            WHERE run.campaign_id = %(campaign_id)s
              AND (%(organisation_id)s::bigint IS NULL OR run.organisation_id = %(organisation_id)s)
            ORDER BY run.run_id DESC
            LIMIT %(limit)s
            """,
            {"campaign_id": campaign_id, "organisation_id": organisation_id, "limit": limit},
        )
        return [_run(row) for row in rows]

    def open_run_ids(self) -> Sequence[int]:
        """Runs that wait or stopped on their way, oldest first."""
        rows = self._connection.execute(
            "SELECT run_id FROM inspection_run WHERE state IN ('waiting', 'running') ORDER BY run_id"
        )
        return [row["run_id"] for row in rows]

    def set_state(self, run_id: int, state: RunState, *, at: datetime, message: str = "", phase: str = "") -> None:
        """Move a run on."""
        self._connection.execute(
            _SET_STATE, {"run_id": run_id, "state": state.value, "at": at, "message": message, "phase": phase}
        )

    def tell(self, run_id: int, *, phase: str, rows_done: int, rows_total: int | None) -> bool:
        """Write how far a run is; returns whether somebody asked to cancel it, or ended it."""
        row = self._connection.execute(
            """
            UPDATE inspection_run
            SET phase = %s, rows_done = %s, rows_total = %s
            WHERE run_id = %s AND state = 'running'
            RETURNING is_cancel_asked
            """,
            (phase, rows_done, rows_total, run_id),
        ).fetchone()
        return row is None or bool(row["is_cancel_asked"])

    def ask_to_cancel(self, run_id: int) -> None:
        """Ask the worker to stop."""
        self._connection.execute("UPDATE inspection_run SET is_cancel_asked = true WHERE run_id = %s", (run_id,))

    def keep_outcome(self, run: InspectionRun, outcome: Outcome) -> None:
        """Put the results of a run in place of what an earlier attempt left."""
        self._connection.execute("DELETE FROM inspection_finding WHERE run_id = %s", (run.run_id,))
        self._connection.execute("DELETE FROM inspection_quarantine WHERE run_id = %s", (run.run_id,))
        self._connection.execute(
            "UPDATE inspection_run SET figures = %s, funnel = %s, register_digest = %s WHERE run_id = %s",
            (
                Jsonb(dict(outcome.figures)),
                Jsonb([asdict(step) for step in outcome.funnel]),
                outcome.register_digest,
                run.run_id,
            ),
        )
        self._copy_findings(run, outcome)
        self._copy_quarantine(run, outcome)

    def funnel(self, run_id: int) -> Sequence[FunnelCount]:
        """The steps of a finished run in order."""
        row = self._connection.execute("SELECT funnel FROM inspection_run WHERE run_id = %s", (run_id,)).fetchone()
        return [FunnelCount(**step) for step in row["funnel"]] if row else []

    def findings(self, run_id: int, chosen: FindingFilter, *, limit: int, offset: int) -> tuple[Sequence[Finding], int]:
        """A page of findings in order of the review list, and how many match."""
        asked = {"run_id": run_id, "limit": limit, "offset": offset, **asdict(chosen)}
        found = self._connection.execute(
            FINDING + CHOSEN + "ORDER BY finding.position LIMIT %(limit)s OFFSET %(offset)s", asked
        )
        rows = [_finding(row) for row in found]
        counted = self._connection.execute(
            f"SELECT count(*) AS rows FROM ({FINDING + CHOSEN}) AS chosen",  # noqa: S608 -- constants
            asked,
        ).fetchone()
        return rows, int((counted or {})["rows"])

    def waiting(self, run_ids: Sequence[int]) -> int:
        """How many links that some runs would ask about have neither a case nor an answer, each counted once."""
        row = self._connection.execute(WAITING, {"run_ids": list(run_ids)}).fetchone()
        return int((row or {})["links"])

    def find_finding(self, finding_id: int) -> Finding | None:
        """One finding, None when it is not there or somebody else's."""
        row = self._connection.execute(FINDING + "WHERE finding.finding_id = %s", (finding_id,)).fetchone()
        return _finding(row) if row else None

    def findings_without_case(self, run_id: int) -> Sequence[Finding]:
        """Findings to ask about that have no case and no answer yet, in order."""
        rows = self._connection.execute(
            FINDING
            + """
            WHERE finding.run_id = %s
              AND finding.action = 'ask'
              AND finding.case_id IS NULL
              AND answer.answer IS NULL
            ORDER BY finding.position
            """,
            (run_id,),
        )
        return [_finding(row) for row in rows]

    def set_case(self, finding_id: int, case_id: int) -> None:
        """Remember the case of a finding."""
        self._connection.execute(
            "UPDATE inspection_finding SET case_id = %s WHERE finding_id = %s", (case_id, finding_id)
        )

    def counts_by_cause(self, run_id: int) -> Mapping[str, int]:
        """How many findings to ask about each cause has; the empty word for none."""
        rows = self._connection.execute(
            """
            SELECT coalesce(cause, '') AS cause, count(*) AS links
            FROM inspection_finding
            WHERE run_id = %s AND action = 'ask'
            GROUP BY cause
            ORDER BY links DESC, cause
            """,
            (run_id,),
        )
        return {row["cause"]: row["links"] for row in rows}

    def quarantine(self, run_id: int, *, limit: int, offset: int) -> tuple[Sequence[QuarantinedRow], int]:
        """A page of quarantined rows in file order, and how many there are."""
        rows = self._connection.execute(
            """
            SELECT line, row, column_name AS column, value, code, reason, remedy, count(*) OVER () AS matching
            FROM inspection_quarantine
            WHERE run_id = %s
            ORDER BY position
            LIMIT %s OFFSET %s
            """,
            (run_id, limit, offset),
        ).fetchall()
        matching = int(rows[0]["matching"]) if rows else 0
        return [QuarantinedRow(**{k: v for k, v in row.items() if k != "matching"}) for row in rows], matching

    def keep_answer(self, organisation_id: int, scheme: str, answer: ConfirmedAnswer) -> None:
        """Keep what somebody found out, in place of an earlier answer to the same evidence."""
        self._connection.execute(_KEEP_ANSWER, {"organisation_id": organisation_id, "scheme": scheme, **asdict(answer)})

    def answers(self, organisation_id: int, scheme: str) -> Sequence[ConfirmedAnswer]:
        """Everything found out about links of a body and scheme, by the day of the answer."""
        rows = self._connection.execute(_ANSWERS, {"organisation_id": organisation_id, "scheme": scheme})
        return [ConfirmedAnswer(**row) for row in rows]

    def _copy_findings(self, run: InspectionRun, outcome: Outcome) -> None:
        self._connection.execute(
            """
            CREATE TEMPORARY TABLE found_row (
                position integer, row bigint, link_key text, scheme_number text, verdict text, action text,
                restriction text, cause text, rank integer, reasons text[], evidence_digest text, batch text,
                detail jsonb
            ) ON COMMIT DROP
            """
        )
        with self._connection.cursor() as cursor, cursor.copy(_COPY_FINDINGS) as copy:
            for position, found in enumerate(outcome.findings, 1):
                copy.write_row(
                    (
                        position,
                        found.row,
                        found.link_key,
                        found.scheme_number,
                        found.verdict,
                        found.action,
                        found.restriction,
                        found.cause,
                        found.rank,
                        list(found.reasons),
                        found.evidence_digest,
                        found.batch,
                        json.dumps(found.detail, ensure_ascii=False),
                    )
                )
        self._connection.execute("CREATE INDEX ON found_row (position)")
        self._connection.execute("ANALYZE found_row")
        self._connection.execute(
            _KEEP_FINDINGS,
            {"organisation_id": run.organisation_id, "run_id": run.run_id, "scheme": run.scheme},
        )
        self._connection.execute("DROP TABLE found_row")

    def _copy_quarantine(self, run: InspectionRun, outcome: Outcome) -> None:
        with self._connection.cursor() as cursor:
            cursor.executemany(
                """
                INSERT INTO inspection_quarantine (
                    run_id, position, organisation_id, line, row, column_name, value, code, reason, remedy
                )
                VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
                """,
                (
                    (
                        run.run_id,
                        position,
                        run.organisation_id,
                        one.line,
                        one.row,
                        one.column,
                        one.value,
                        one.code,
                        one.reason,
                        one.remedy,
                    )
                    for position, one in enumerate(outcome.quarantine, 1)
                ),
            )


def _run(row: Row) -> InspectionRun:
    return InspectionRun(**{**row, "state": RunState(row["state"])})


def _finding(row: Row) -> Finding:
    left_out = ("position", "known_case_id")
    given = {name: value for name, value in row.items() if name not in left_out}
    return Finding(**{**given, "case_id": row["known_case_id"], "reasons": tuple(row["reasons"])})
