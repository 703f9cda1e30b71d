"""What a citizen may read of himself, and the requests for a check he sends, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from psycopg import Connection

from himozuke.citizen import decide
from himozuke.citizen.model import CheckRequest, Contact, LinkContent, OwnLink, OwnViewing, Reason, Standing
from himozuke.ports.office import Clock
from himozuke.rules.kinds import ITEMS

Row = dict[str, Any]
_JAPAN = ZoneInfo("Asia/Tokyo")

# Reads what the database tells the citizen who acts of links that are his. No name and no address is read.
# One row per link, open ones first.
_LINKS = """
SELECT own.link_id, own.organisation_id, own.scheme, organisation.name AS office, own.registered_at, own.verdict,
       own.state, own.restriction, own.insurer_number, own.symbol, own.number, own.branch, own.scheme_number,
       own.valid_from, own.valid_to, own.verified_at, own.register_day, own.states,
       sender.department, sender.telephone, sender.hours
FROM own_links() AS own
JOIN organisation USING (organisation_id)
LEFT JOIN letter_sender AS sender USING (organisation_id)
ORDER BY own.valid_to DESC NULLS FIRST, own.link_id
"""

# Reads what the database tells of doubted links. One row per link.
_IN_DOUBT = """
SELECT doubted.link_id, doubted.organisation_id, doubted.scheme, organisation.name AS office, doubted.registered_at,
       doubted.state, doubted.restriction, doubted.case_id, doubted.case_opened_on, doubted.document_number,
       doubted.reply_by, sender.department, sender.telephone, sender.hours
FROM own_links_in_doubt(%(today)s) AS doubted
JOIN organisation USING (organisation_id)
LEFT JOIN letter_sender AS sender USING (organisation_id)
ORDER BY doubted.link_id
"""

# Reads viewings of links that are his and not doubted. One row per viewing, the newest first.
_VIEWINGS = """
SELECT log.at, organisation.name AS office, log.institution_code, log.institution_name, log.viewer, log.items,
       log.consent, log.found
FROM own_viewings(%(since)s, %(until)s, %(limit)s, %(offset)s) AS log
JOIN organisation USING (organisation_id)
ORDER BY log.at DESC
"""

# Reads what he asked for and what became of it. One row per request, the newest first.
_REQUESTS = """
SELECT asked.request_id, asked.link_id, asked.case_id, organisation.name AS office, asked.scheme, asked.reason,
       asked.note, asked.asked_at, asked.case_state AS state, asked.is_wrong, asked.closed_at
FROM own_requests() AS asked
JOIN organisation USING (organisation_id)
ORDER BY asked.request_id DESC
"""

# Reads and holds link. One row: the office of a link that has the person's number.
_LOCK = """
SELECT link.organisation_id
FROM link
JOIN citizen ON citizen.individual_number_sealed = link.individual_number_sealed
WHERE link.link_id = %(link_id)s AND citizen.person_key = %(person_key)s AND link.state <> 'withdrawn'
FOR UPDATE OF link
"""

_STANDING = """
SELECT asked.request_id
FROM link_check_request AS asked
JOIN incident_case AS concerned USING (case_id)
WHERE asked.link_id = %(link_id)s AND asked.person_key = %(person_key)s AND concerned.state = 'open'
"""

_ADD = """
INSERT INTO link_check_request (organisation_id, link_id, case_id, person_key, reason, note, asked_at)
VALUES (%(organisation_id)s, %(link_id)s, %(case_id)s, %(person_key)s, %(reason)s, %(note)s, %(asked_at)s)
RETURNING request_id
"""

# Writes citizen. One row: who came in with which number.
_ENROL = """
INSERT INTO citizen (person_key, individual_number_sealed, enrolled_at)
VALUES (%(person_key)s, %(sealed)s, %(at)s)
ON CONFLICT (person_key) DO UPDATE SET individual_number_sealed = excluded.individual_number_sealed
"""


# Reads citizen. One row at the most; whoever enrols the same person waits until this transaction ends.
_HOLD_PERSON = "SELECT pg_advisory_xact_lock(hashtextextended('citizen:' || %(person)s, 0))"
_KEY = """
SELECT person_key
FROM citizen
WHERE individual_number_sealed = ANY(%(forms)s)
ORDER BY enrolled_at
LIMIT 1
"""


class PostgresOwn:
    """What the citizen who acts may read; satisfies ``OwnStore``."""

    def __init__(self, connection: Connection[Row], clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def links(self) -> list[OwnLink]:
        """The links that hold his number, those that are doubted first and without their content."""
        doubted = self._connection.execute(_IN_DOUBT, {"today": self._clock.today()}).fetchall()
        sure = self._connection.execute(_LINKS).fetchall()
        return [_doubted(row) for row in doubted] + [_sure(row) for row in sure]

    def viewings(self, *, since: datetime, until: datetime, limit: int, offset: int) -> tuple[list[OwnViewing], int]:
        """Viewings of links that are his and not doubted, in [since, until), the newest first; how many in all."""
        values = {"since": since, "until": until, "limit": limit, "offset": offset}
        rows = self._connection.execute(_VIEWINGS, values).fetchall()
        found = rows[0]["found"] if rows else 0
        return [_viewing(row) for row in rows], int(found)

    def requests(self) -> list[CheckRequest]:
        """What he asked to have checked, the newest first."""
        return [_request(row) for row in self._connection.execute(_REQUESTS)]


class PostgresChecks:
    """Requests for a check, with the program's reach; satisfies ``CheckStore``."""

    def __init__(self, connection: Connection[Row], clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def enrol(self, person_key: str, sealed: bytes) -> None:
        """Note whose number a citizen's card, or the link found for him at the counter, led to."""
        values = {"person_key": person_key, "sealed": sealed, "at": self._clock.now()}
        self._connection.execute(_ENROL, values)

    def key_of(self, forms: Sequence[bytes]) -> str | None:
        """The key of the citizen with a number, by every form in which it may stand; None for somebody new."""
        self._connection.execute(_HOLD_PERSON, {"person": forms[0].hex()})
        row = self._connection.execute(_KEY, {"forms": list(forms)}).fetchone()
        return str(row["person_key"]) if row else None

    def lock_link(self, link_id: int, person_key: str) -> int | None:
        """Hold a link that has the person's number until the transaction ends; its office, or None."""
        row = self._connection.execute(_LOCK, {"link_id": link_id, "person_key": person_key}).fetchone()
        return int(row["organisation_id"]) if row else None

    def standing_request(self, link_id: int, person_key: str) -> int | None:
        """The person's request whose case about the link is still open."""
        row = self._connection.execute(_STANDING, {"link_id": link_id, "person_key": person_key}).fetchone()
        return int(row["request_id"]) if row else None

    def add_request(
        self, *, organisation_id: int, link_id: int, case_id: int, person_key: str, reason: Reason, note: str
    ) -> int:
        """Write a request down; its id."""
        values = {
            "organisation_id": organisation_id,
            "link_id": link_id,
            "case_id": case_id,
            "person_key": person_key,
            "reason": reason.value,
            "note": note,
            "asked_at": self._clock.now(),
        }
        row = self._connection.execute(_ADD, values).fetchone()
        assert row is not None  # noqa: S101 - INSERT … RETURNING gives its row
        return int(row["request_id"])


def _day_in_japan(moment: datetime) -> date:
    return moment.astimezone(_JAPAN).date()


def _contact(row: Mapping[str, Any]) -> Contact:
    return Contact(row["department"] or "", row["telephone"] or "", row["hours"] or "")


def _own(row: Mapping[str, Any], standing: Standing, **more: Any) -> OwnLink:  # noqa: ANN401  # the fields of OwnLink
    """A link with what is told of every one, doubted or not."""
    return OwnLink(
        link_id=row["link_id"],
        organisation_id=row["organisation_id"],
        scheme=row["scheme"],
        office=row["office"],
        registered_on=_day_in_japan(row["registered_at"]),
        standing=standing,
        restriction=decide.restriction_shown(row["state"], row["restriction"]),
        contact=_contact(row),
        **more,
    )


def _sure(row: Mapping[str, Any]) -> OwnLink:
    verified = row["verified_at"]
    return _own(
        row,
        decide.standing_of(row["verdict"]),
        content=LinkContent(
            row["insurer_number"],
            row["symbol"],
            row["number"],
            row["branch"],
            row["scheme_number"],
            row["valid_from"],
            row["valid_to"],
            _day_in_japan(verified) if verified else None,
            row["register_day"],
            dict(zip(ITEMS, row["states"], strict=False)),
        ),
    )


def _doubted(row: Mapping[str, Any]) -> OwnLink:
    return _own(
        row,
        decide.standing_in_doubt(row["case_id"]),
        case_opened_on=row["case_opened_on"],
        document_number=row["document_number"] or "",
        reply_by=row["reply_by"],
    )


def _viewing(row: Mapping[str, Any]) -> OwnViewing:
    return OwnViewing(
        row["at"],
        row["office"],
        row["institution_code"],
        row["institution_name"],
        row["viewer"],
        row["items"],
        row["consent"],
        is_outage=row["viewer"] == "outage",
    )


def _request(row: Mapping[str, Any]) -> CheckRequest:
    closed = row["closed_at"]
    return CheckRequest(
        request_id=row["request_id"],
        link_id=row["link_id"],
        case_id=row["case_id"],
        office=row["office"],
        scheme=row["scheme"],
        reason=Reason(row["reason"]),
        note=row["note"],
        asked_at=row["asked_at"],
        outcome=decide.outcome_of(is_open=row["state"] == "open", is_wrong=row["is_wrong"]),
        closed_on=_day_in_japan(closed) if closed else None,
    )
