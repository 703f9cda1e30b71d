"""Printed documents, the answers they wait for, and who stands at their head, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from psycopg import Connection

from himozuke.errors import NotFoundError
from himozuke.incident.letter_store import FiledLetter, NewLetter
from himozuke.ports.letters import Sender

Row = dict[str, Any]

_LETTER = """
SELECT letter_id, organisation_id, case_id, kind, document_number, digest, printed_at, printed_by, reply_by,
       reply_code, reply_until, replied_at, shows_address
FROM letter
"""

# Reads letter of one organisation and year. One row: how many documents there are.
_COUNT = """
SELECT count(*) AS filed
FROM letter
WHERE organisation_id = %(organisation_id)s AND document_number LIKE %(year)s
"""

# Writes letter. One row.
_FILE = """
INSERT INTO letter (
    organisation_id, case_id, kind, document_number, pdf, digest, printed_at, printed_by, reply_by, reply_code,
    reply_digest, reply_until, shows_address
)
VALUES (
    %(organisation_id)s, %(case_id)s, %(kind)s, %(document_number)s, %(pdf)s, %(digest)s, %(printed_at)s,
    %(printed_by)s, %(reply_by)s, %(reply_code)s, %(reply_digest)s, %(reply_until)s, %(shows_address)s
)
RETURNING letter_id
"""

# Writes letter_sender. One row.
_SENDER = """
INSERT INTO letter_sender (organisation_id, office, department, postal_code, address, telephone, hours)
VALUES (%(organisation_id)s, %(office)s, %(department)s, %(postal_code)s, %(address)s, %(telephone)s, %(hours)s)
ON CONFLICT (organisation_id) DO UPDATE
SET office = excluded.office,
    department = excluded.department,
    postal_code = excluded.postal_code,
    address = excluded.address,
    telephone = excluded.telephone,
    hours = excluded.hours
"""


class PostgresLetters:
    """The file of printed documents an actor may see; satisfies ``LetterStore``."""

    def __init__(self, connection: Connection[Row]) -> None:
        self._connection = connection

    def next_document_number(self, organisation_id: int, *, on: date) -> str:
        """The next number of an organisation's documents; held until the transaction ends."""
        self._connection.execute("SELECT pg_advisory_xact_lock(hashtext('letter'), %s::int)", [organisation_id])
        year = f"紐付{on.year}-"
        row = self._connection.execute(_COUNT, {"organisation_id": organisation_id, "year": f"{year}%"}).fetchone()
        filed = int(row["filed"]) if row else 0
        return f"{year}{filed + 1:05}"

    def file(self, letter: NewLetter) -> int:
        """File a document; its id."""
        values = {
            "organisation_id": letter.organisation_id,
            "case_id": letter.case_id,
            "kind": letter.letter.kind,
            "document_number": letter.document_number,
            "pdf": letter.letter.pdf,
            "digest": letter.letter.digest,
            "printed_at": letter.printed_at,
            "printed_by": letter.printed_by,
            "reply_by": letter.reply_by,
            "reply_code": letter.reply_code,
            "reply_digest": letter.reply_digest,
            "reply_until": letter.reply_until,
            "shows_address": letter.shows_address,
        }
        row = self._connection.execute(_FILE, values).fetchone()
        assert row is not None  # noqa: S101 - INSERT … RETURNING gives its row
        return int(row["letter_id"])

    def letters(self, case_id: int) -> list[FiledLetter]:
        """The documents of a case, oldest first; among them the reports about its group that were noted in it."""
        of_group = (
            "SELECT (said ->> 'letter_id')::bigint FROM case_event WHERE case_id = %s AND kind = 'report_submitted'"
        )
        where = f"WHERE case_id = %s OR letter_id IN ({of_group}) ORDER BY letter_id"
        rows = self._connection.execute(f"{_LETTER}{where}".encode(), [case_id, case_id])
        return [FiledLetter(**row) for row in rows]

    def letter(self, letter_id: int) -> FiledLetter:
        """One document; NotFoundError."""
        found = self._one("WHERE letter_id = %s", letter_id)
        if found is None:
            raise NotFoundError(f"There is no letter {letter_id} among yours.")
        return found

    def pdf(self, letter_id: int) -> bytes:
        """The bytes of a document; NotFoundError."""
        row = self._connection.execute("SELECT pdf FROM letter WHERE letter_id = %s", [letter_id]).fetchone()
        if row is None:
            raise NotFoundError(f"There is no letter {letter_id} among yours.")
        return bytes(row["pdf"])

    def by_reply_code(self, code: str, *, about: Collection[int] | None = None) -> FiledLetter | None:
        """The letter a reply form belongs to; with ``about``, only one whose case is about one of these links."""
        if about is None:
            return self._one("WHERE reply_code = %s", code)
        case_of = "case_id IN (SELECT case_id FROM incident_case WHERE link_id = ANY(%s))"
        return self._one(f"WHERE reply_code = %s AND {case_of} FOR UPDATE", code, list(about))

    def by_reply_digest(self, digest: bytes) -> FiledLetter | None:
        """The letter of a one-time token, held until the transaction ends."""
        return self._one("WHERE reply_digest = %s FOR UPDATE", digest)

    def use_reply(self, letter_id: int, at: datetime) -> None:
        """Close the one-time address: it was used."""
        self._connection.execute("UPDATE letter SET replied_at = %s WHERE letter_id = %s", [at, letter_id])

    def sender(self, organisation_id: int) -> Sender | None:
        """Who stands at the head of an organisation's letters."""
        query = """
        SELECT office, department, postal_code, address, telephone, hours
        FROM letter_sender
        WHERE organisation_id = %s
        """
        row = self._connection.execute(query, [organisation_id]).fetchone()
        return Sender(**row) if row else None

    def set_sender(self, organisation_id: int, sender: Sender) -> None:
        """Change who stands there."""
        self._connection.execute(_SENDER, {"organisation_id": organisation_id, **asdict(sender)})

    def note_failed_try(self, from_digest: bytes, at: datetime) -> None:
        """Remember a try at an address that does not exist; old ones are forgotten."""
        self._connection.execute("DELETE FROM reply_attempt WHERE at < %s - interval '1 day'", [at])
        self._connection.execute("INSERT INTO reply_attempt (from_digest, at) VALUES (%s, %s)", [from_digest, at])

    def failed_tries(self, from_digest: bytes, *, since: datetime) -> int:
        """How many such tries came from one place."""
        query = "SELECT count(*) AS tries FROM reply_attempt WHERE from_digest = %s AND at >= %s"
        row = self._connection.execute(query, [from_digest, since]).fetchone()
        return int(row["tries"]) if row else 0

    def _one(self, condition: str, *values: object) -> FiledLetter | None:
        row = self._connection.execute(f"{_LETTER}{condition}".encode(), values).fetchone()
        return FiledLetter(**row) if row else None
