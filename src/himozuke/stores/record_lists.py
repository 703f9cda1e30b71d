"""Records that wait for an answer or a correction, with or without a notice of ours, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection

from himozuke.errors import NotFoundError

Row = Mapping[str, Any]

# An answer "no doubt" holds while the evidence is the one it spoke of; afterwards the record waits again.
_WAITS = """link.valid_to IS NULL
  AND (link.state = 'stopped' OR (link.state = 'released' AND link.action = 'correct'))
  AND NOT (coalesce(link.answer, '') = 'no_doubt' AND link.answered_digest IS NOT DISTINCT FROM link.evidence_digest)"""

_FROM = f"""
FROM link
LEFT JOIN notice ON notice.notice_id = link.notice_id
LEFT JOIN establishment USING (establishment_id)
WHERE {_WAITS}
  AND (%(state)s = '' OR link.state = %(state)s)
  AND (%(establishment_id)s::bigint IS NULL OR notice.establishment_id = %(establishment_id)s)
  AND (%(text)s = '' OR link.kanji_name LIKE %(like)s OR link.kana_name LIKE %(like)s OR link.number = %(text)s)
"""

# Reads link, notice, establishment. One row a record, what is stopped on top, then the youngest.
_LIST = f"""
SELECT link.link_id, link.notice_id, link.kanji_name, link.kana_name, link.symbol, link.number, link.branch,
       link.state AS link_state, link.restriction, link.verdict, link.answer, link.action, link.verified_at,
       link.valid_from, notice.kind, coalesce(establishment.name, notice.establishment_name) AS establishment_name
{_FROM}
ORDER BY (link.state = 'stopped') DESC, link.link_id DESC
LIMIT %(limit)s OFFSET %(offset)s
"""

_COUNT = f"SELECT count(*) AS matching {_FROM}"

# Reads link. The same records, counted.
_WAITING = f"""
SELECT count(*) FILTER (WHERE link.state = 'stopped') AS stopped,
       count(*) FILTER (WHERE link.state = 'released') AS to_correct
FROM link
WHERE {_WAITS}
"""  # noqa: S608 - a condition of our own

#: The columns of a link as the pages of a notice and of a record show them beside the register.
LINK_COLUMNS = """
       link.state AS link_state, link.restriction, link.verdict, link.reasons, link.cause, link.action,
       link.rival_count, link.states, link.register_items, link.register_day, link.verified_at, link.answer,
       link.answer_reason, link.answered_at, link.answered_digest, link.evidence_digest, link.linkage_code, link.acquired_by,
       link.acquired_items, link.acquired_hits,
       link.kanji_name AS link_kanji_name, link.kana_name AS link_kana_name, link.birth_date AS link_birth_date,
       link.sex AS link_sex, link.address AS link_address, link.valid_from, link.valid_to,
       coalesce(link_is_protected(link), false) AS is_protected"""

_ONE = f"""
SELECT link.link_id, link.notice_id, link.organisation_id, link.scheme, link.insurer_number, link.symbol,
       link.number, link.branch, link.registered_at, link.individual_number_sealed,{LINK_COLUMNS}
FROM link
WHERE link.link_id = %(link_id)s AND link.state <> 'withdrawn'
"""  # noqa: S608 - put together from constants


# Reads link. Valid links under a number that are known to be right: nobody else's record is opened by mistake.
_SURE = """
SELECT link_id, individual_number_sealed, birth_date, kanji_name, kana_name, branch
FROM link
WHERE number = %(number)s AND symbol = %(symbol)s AND state = 'released' AND verdict IN ('PROVEN', 'EXPLAINED')
  AND (valid_to IS NULL OR valid_to > %(today)s)
ORDER BY link_id
"""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which records to list; an empty field takes all. ``state``: ``stopped``, or ``released`` (to be corrected)."""

    state: str = ""
    text: str = ""
    establishment_id: int | None = None


@dataclass(frozen=True, slots=True)
class RecordLists:
    """Reads the records that the actor may see; row-level security decides."""

    connection: Connection[dict[str, Any]]

    def records(self, chosen: RecordFilter, *, limit: int, offset: int = 0) -> tuple[Sequence[Row], int]:
        """A page of the records that wait for an answer or a correction, and how many match."""
        text = chosen.text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        asked = {
            "state": chosen.state,
            "text": chosen.text,
            "like": f"%{text}%",
            "establishment_id": chosen.establishment_id,
        }
        rows = self.connection.execute(_LIST, {**asked, "limit": limit, "offset": offset}).fetchall()
        count = self.connection.execute(_COUNT, asked).fetchone()
        return rows, count["matching"] if count else 0

    def waiting(self) -> dict[str, int]:
        """How many records are ``stopped`` without an answer that holds, and how many are ``to_correct``."""
        return dict(self.connection.execute(_WAITING).fetchone() or {})

    def sure(self, *, symbol: str, number: str, today: date) -> Sequence[Row]:
        """Valid links under a symbol and number that agree with the register and may be seen."""
        return self.connection.execute(_SURE, {"symbol": symbol, "number": number, "today": today}).fetchall()

    def record(self, link_id: int) -> Row:
        """One record whole, its number still sealed; NotFoundError when it is not among the actor's."""
        row = self.connection.execute(_ONE, {"link_id": link_id}).fetchone()
        if row is None:
            raise NotFoundError(f"There is no record {link_id} among yours.")
        return row
