"""What the desk shows of notices: lists with clocks, one notice whole, files, lateness, overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from himozuke.errors import NotFoundError
from himozuke.registration.model import TEXTS, Lateness, Problem
from himozuke.stores.record_lists import LINK_COLUMNS, Row

# A returned notice that was filed again waits no more: the one that mends it does.
_IS_MENDED = "EXISTS (SELECT FROM notice AS later WHERE later.mends_notice_id = notice.notice_id)"

_FROM = f"""
FROM notice
LEFT JOIN link USING (link_id)
LEFT JOIN establishment USING (establishment_id)
WHERE (%(state)s = '' OR notice.state = %(state)s)
  AND (%(state)s <> 'returned' OR NOT {_IS_MENDED})
  AND (%(kind)s = '' OR notice.kind = %(kind)s)
  AND (%(link_state)s = '' OR link.state = %(link_state)s)
  AND (%(establishment_id)s::bigint IS NULL OR notice.establishment_id = %(establishment_id)s)
  AND (%(file_id)s::bigint IS NULL OR notice.notice_file_id = %(file_id)s)
  AND (%(text)s = ''
       OR notice.search_name LIKE '%%' || nullif(search_name(%(text)s), '') || '%%'
       OR notice.search_number LIKE '%%' || nullif(search_number(%(text)s), '') || '%%')
  AND CASE %(clock)s
        WHEN 'overdue' THEN notice.state = 'received' AND notice.register_due_on < %(today)s
        WHEN 'today' THEN notice.state = 'received' AND notice.register_due_on = %(today)s
        WHEN 'late_filing' THEN notice.received_on > notice.filing_due_on
        ELSE true
      END
"""

# Reads notice, link, establishment. One row per notice, those due first on top, then the youngest.
_LIST = f"""
SELECT notice.notice_id, notice.kind, notice.channel, notice.state, notice.kanji_name, notice.kana_name,
       notice.symbol, notice.number, notice.branch, notice.event_on, notice.received_on, notice.filing_due_on,
       notice.register_due_on, notice.registered_on, notice.return_codes, notice.link_id, notice.number_source,
       notice.number_answer, coalesce(establishment.name, notice.establishment_name) AS establishment_name,
       link.state AS link_state, link.restriction, link.verdict, link.answer, link.action,
       (SELECT column_name FROM notice_problem AS problem
        WHERE problem.notice_id = notice.notice_id ORDER BY problem_id LIMIT 1) AS return_item
{_FROM}
ORDER BY (notice.state = 'received') DESC,
         CASE WHEN notice.state = 'received' THEN notice.register_due_on END,
         notice.notice_id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""  # noqa: S608 - put together from constants

_COUNT = f"SELECT count(*) AS matching {_FROM}"

_ONE = f"""
SELECT notice.notice_id, notice.organisation_id, notice.employer_id, notice.kind, notice.channel, notice.state,
       notice.notice_file_id, notice.file_row, notice.scheme, {", ".join(f"notice.{name}" for name in TEXTS)},
       notice.event_on, notice.number_asked_on, notice.number_answer, notice.number_source, notice.inquired_items,
       notice.inquired_hits, notice.received_on, notice.filing_due_on, notice.register_due_on, notice.registered_on,
       notice.mends_notice_id,
       (SELECT max(later.notice_id) FROM notice AS later WHERE later.mends_notice_id = notice.notice_id) AS mended_by,
       notice.registered_at, notice.return_reason, notice.returned_at, notice.link_id, notice.created_at,
       notice.created_by, notice.individual_number_sealed, organisation.name AS insurer_name,{LINK_COLUMNS}
FROM notice
JOIN organisation ON organisation.organisation_id = notice.organisation_id
LEFT JOIN link USING (link_id)
WHERE notice.notice_id = %(notice_id)s
"""  # noqa: S608 - put together from constants

# Reads incident_case. One row per case of a link, open ones on top, then the youngest.
_CASES = """
SELECT case_id, state
FROM incident_case
WHERE link_id = %(link_id)s
ORDER BY state DESC, case_id DESC
"""

_NOTICE_OF = """
SELECT notice_id
FROM link
WHERE link_id = %(link_id)s
"""

_PROBLEMS = """
SELECT line, row, column_name AS item, byte, code, value, detail
FROM notice_problem
WHERE notice_id = %(notice_id)s
ORDER BY line NULLS LAST, row, problem_id
LIMIT %(limit)s
"""

# Reads notice_problem, notice. One row per fault of a row that gave no notice, and of a notice that went back,
# at once or while it was registered.
_FILE_PROBLEMS = """
SELECT coalesce(problem.line, notice.file_line) AS line, coalesce(problem.row, notice.file_row) AS row,
       problem.column_name AS item, problem.byte, problem.code, problem.value, problem.detail
FROM notice_problem AS problem
LEFT JOIN notice USING (notice_id)
WHERE problem.problem_id IN (
    SELECT problem_id
    FROM notice_problem
    WHERE notice_file_id = %(file_id)s
    UNION ALL
    SELECT later.problem_id
    FROM notice AS sent
    JOIN notice_problem AS later USING (notice_id)
    WHERE sent.notice_file_id = %(file_id)s
)
ORDER BY 1 NULLS LAST, 2, problem.problem_id
LIMIT %(limit)s
"""

_FILES = """
SELECT notice_file_id, name, format, rows_read, rows_taken, rows_refused, received_at, received_by
FROM notice_file
ORDER BY notice_file_id DESC
LIMIT %(limit)s
"""

_FILE = """
SELECT notice_file_id, name, format, encoding, digest, size_bytes, rows_read, rows_taken, rows_refused,
       received_at, received_by
FROM notice_file
WHERE notice_file_id = %(file_id)s
"""

_FILE_STATES = """
SELECT state, count(*) AS notices
FROM notice
WHERE notice_file_id = %(file_id)s
GROUP BY state
"""

# Reads notice, establishment. One row per place of work with notices received in a span of days; the latest first.
_LATENESS = f"""
SELECT coalesce(establishment.name, nullif(notice.establishment_name, ''), '') AS name,
       notice.establishment_id,
       count(*) AS notices,
       count(*) FILTER (WHERE notice.received_on > notice.filing_due_on) AS late,
       coalesce(max(notice.received_on - notice.filing_due_on)
           FILTER (WHERE notice.received_on > notice.filing_due_on), 0) AS most_days,
       count(*) FILTER (WHERE notice.state = 'returned' AND NOT {_IS_MENDED}) AS open_overdue
FROM notice
LEFT JOIN establishment USING (establishment_id)
WHERE notice.received_on BETWEEN %(since)s AND %(until)s AND notice.filing_due_on IS NOT NULL
GROUP BY 1, 2
ORDER BY late DESC, most_days DESC, name
"""  # noqa: S608 - put together from constants

# Reads notice, organisation. One row per insurer: how late it registered what it had received.
_INSURER_LATENESS = """
SELECT organisation.name,
       NULL::bigint AS establishment_id,
       count(*) AS notices,
       count(*) FILTER (WHERE coalesce(notice.registered_on, %(today)s) > notice.register_due_on) AS late,
       coalesce(max(coalesce(notice.registered_on, %(today)s) - notice.register_due_on)
           FILTER (WHERE coalesce(notice.registered_on, %(today)s) > notice.register_due_on), 0) AS most_days,
       count(*) FILTER (WHERE notice.registered_on IS NULL AND notice.register_due_on < %(today)s) AS open_overdue
FROM notice
JOIN organisation USING (organisation_id)
WHERE notice.received_on BETWEEN %(since)s AND %(until)s AND notice.register_due_on IS NOT NULL
  AND notice.state IN ('received', 'registered')
GROUP BY organisation.name
ORDER BY late DESC, most_days DESC, organisation.name
"""

_OVERLAPS = """
SELECT overlap.overlap_id, overlap.link_id, overlap.kind, overlap.others, overlap.others_began_on, overlap.found_on,
       link.kanji_name, link.symbol, link.number, link.branch, link.valid_from, link.state, link.notice_id
FROM qualification_overlap AS overlap
JOIN link USING (link_id)
WHERE overlap.settled_on IS NULL
ORDER BY (overlap.kind = 'doubtful') DESC, overlap.overlap_id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""

_COUNT_OVERLAPS = """
SELECT count(*) AS overlaps
FROM qualification_overlap AS overlap
JOIN link USING (link_id)
WHERE overlap.settled_on IS NULL
"""

_WAITING = f"""
SELECT count(*) FILTER (WHERE notice.state = 'received') AS received,
       count(*) FILTER (WHERE notice.state = 'received' AND notice.register_due_on < %(today)s) AS overdue,
       count(*) FILTER (WHERE notice.state = 'received' AND notice.register_due_on = %(today)s) AS due_today,
       count(*) FILTER (WHERE notice.state = 'returned' AND NOT {_IS_MENDED}) AS returned,
       count(*) FILTER (WHERE notice.state = 'prepared') AS prepared
FROM notice
WHERE notice.state IN ('received', 'returned', 'prepared')
"""  # noqa: S608 - put together from constants

_ESTABLISHMENTS = """
SELECT establishment.establishment_id, establishment.organisation_id, establishment.name, establishment.address,
       establishment.employer_name, organisation.name AS insurer_name, organisation.code AS insurer_number
FROM establishment
JOIN organisation USING (organisation_id)
WHERE %(employer_id)s::bigint IS NULL OR establishment.employer_id = %(employer_id)s
ORDER BY organisation.name, establishment.name
"""

_EMPLOYERS = """
SELECT organisation_id, code, name
FROM organisation
WHERE kind = 'employer'
ORDER BY name
"""

# Reads link. The columns of a file of links, in the order in which they were registered.
_EXPORT = """
SELECT link_id::text AS link_id, insurer_number, symbol, number, branch, individual_number_sealed, kanji_name,
       kana_name, birth_date, sex, address, acquired_by, acquired_items,
       coalesce(acquired_hits::text, '') AS acquired_hits, coalesce(acquired_on::text, '') AS acquired_on,
       to_char(registered_at AT TIME ZONE 'Asia/Tokyo', 'YYYY-MM-DD') AS registered_on,
       coalesce(valid_from::text, '') AS valid_from, coalesce(valid_to::text, '') AS valid_to,
       coalesce(states[5], '') AS address_state, link_is_protected(link) AS is_protected
FROM link
WHERE state <> 'withdrawn' AND scheme = %(scheme)s
ORDER BY link_id
"""


@dataclass(frozen=True, slots=True)
class NoticeFilter:
    """Which notices to list; an empty field takes all.

    ``clock``: ``overdue``, ``today`` (the insurer's last day), ``late_filing``.
    """

    state: str = ""
    kind: str = ""
    link_state: str = ""
    clock: str = ""
    text: str = ""
    establishment_id: int | None = None
    file_id: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeLists:
    """Reads what the actor may see; row-level security decides."""

    connection: Connection[dict[str, Any]]
    today: date

    def notices(self, chosen: NoticeFilter, *, limit: int, offset: int = 0) -> tuple[Sequence[Row], int]:
        """A page of notices, and how many match."""
        asked = self._asked(chosen) | {"limit": limit, "offset": offset}
        rows = self.connection.execute(_LIST, asked).fetchall()
        count = self.connection.execute(_COUNT, asked).fetchone()
        return rows, count["matching"] if count else 0

    def notice(self, notice_id: int) -> Row:
        """One notice whole, its number still sealed; NotFoundError when it is not among the actor's."""
        row = self.connection.execute(_ONE, {"notice_id": notice_id}).fetchone()
        if row is None:
            raise NotFoundError(f"There is no notice {notice_id} among yours.")
        return row

    def cases(self, link_id: int) -> Sequence[Row]:
        """The cases opened about a link."""
        return self.connection.execute(_CASES, {"link_id": link_id}).fetchall()

    def notice_of(self, link_id: int) -> int | None:
        """The notice a link was made of; None for one that came otherwise."""
        row = self.connection.execute(_NOTICE_OF, {"link_id": link_id}).fetchone()
        return row["notice_id"] if row else None

    def problems(self, *, notice_id: int | None = None, file_id: int | None = None, limit: int = 1000) -> list[Problem]:
        """What stands against a notice, or against the rows of a file, in file order."""
        query = _PROBLEMS if file_id is None else _FILE_PROBLEMS
        rows = self.connection.execute(query, {"notice_id": notice_id, "file_id": file_id, "limit": limit})
        return [Problem(**row) for row in rows]

    def files(self, *, limit: int = 50) -> Sequence[Row]:
        """Files that came in, the youngest first."""
        return self.connection.execute(_FILES, {"limit": limit}).fetchall()

    def file(self, file_id: int) -> Row:
        """One file, and how many of its notices stand where."""
        row = self.connection.execute(_FILE, {"file_id": file_id}).fetchone()
        if row is None:
            raise NotFoundError(f"There is no file {file_id} among yours.")
        states = self.connection.execute(_FILE_STATES, {"file_id": file_id})
        return {**row, "states": {state["state"]: state["notices"] for state in states}}

    def lateness(self, since: date, until: date) -> list[Lateness]:
        """Notices received in a span of days, by place of work: how many late, by how many days at most."""
        rows = self.connection.execute(_LATENESS, {"since": since, "until": until})
        return [Lateness(**row) for row in rows]

    def insurer_lateness(self, since: date, until: date) -> list[Lateness]:
        """The same for the insurer's own five days, from receipt to registration."""
        asked = {"since": since, "until": until, "today": self.today}
        return [Lateness(**row) for row in self.connection.execute(_INSURER_LATENESS, asked)]

    def overlaps(self, *, limit: int = 200, offset: int = 0) -> Sequence[Row]:
        """Own links that others hold a valid qualification beside, open ones."""
        return self.connection.execute(_OVERLAPS, {"limit": limit, "offset": offset}).fetchall()

    def count_overlaps(self) -> int:
        """How many open ones there are, also those beyond a page."""
        row = self.connection.execute(_COUNT_OVERLAPS).fetchone()
        return int((row or {})["overlaps"])

    def waiting(self) -> dict[str, int]:
        """How many notices wait for what."""
        row = self.connection.execute(_WAITING, {"today": self.today}).fetchone()
        return dict(row or {})

    def establishments(self, *, employer_id: int | None = None) -> Sequence[Row]:
        """Places of work, an employer's own or all that the actor may see."""
        return self.connection.execute(_ESTABLISHMENTS, {"employer_id": employer_id}).fetchall()

    def employers(self) -> Sequence[Row]:
        """Employers with an account here."""
        return self.connection.execute(_EMPLOYERS).fetchall()

    def export(self, scheme: str) -> Sequence[Row]:
        """Every link of a scheme as a row of a file of links, its number still sealed."""
        return self.connection.execute(_EXPORT, {"scheme": scheme}).fetchall()

    def _asked(self, chosen: NoticeFilter) -> dict[str, object]:
        return {
            "state": chosen.state,
            "kind": chosen.kind,
            "link_state": chosen.link_state,
            "clock": chosen.clock,
            "text": chosen.text,
            "establishment_id": chosen.establishment_id,
            "file_id": chosen.file_id,
            "today": self.today,
        }
