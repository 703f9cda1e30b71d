"""Notices, files and places of work, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from psycopg import Connection

from himozuke.errors import ConflictError, NotFoundError
from himozuke.ports.office import Clock
from himozuke.registration.insurers import kind_of, scheme_of
from himozuke.registration.model import TEXTS, Filing, Insurer, Problem
from himozuke.registration.ports import NewNotice, ReadFile, Vault
from himozuke.registration.profile import IntakeProfile
from himozuke.stores.rows import insert_rows

# Reads organisation, insurer_profile. One row.
_INSURER = """
SELECT organisation.code, organisation.kind,
       coalesce(profile.asks_address, true) AS asks_address,
       coalesce(profile.confirms_items, false) AS confirms_items
FROM organisation
LEFT JOIN insurer_profile AS profile USING (organisation_id)
WHERE organisation_id = %(organisation_id)s
"""

# Reads insurer_profile. One row, or none.
_PROFILE = """
SELECT asks_address, confirms_items, follows_table
FROM insurer_profile
WHERE organisation_id = %(organisation_id)s
"""

# Writes insurer_profile. One row.
_SET_PROFILE = """
INSERT INTO insurer_profile (organisation_id, asks_address, confirms_items, follows_table)
VALUES (%(organisation_id)s, %(asks_address)s, %(confirms_items)s, %(follows_table)s)
ON CONFLICT (organisation_id) DO UPDATE
SET asks_address = excluded.asks_address,
    confirms_items = excluded.confirms_items,
    follows_table = excluded.follows_table
"""

# Reads establishment. One row per insurer.
_INSURERS_OF = """
SELECT DISTINCT organisation_id
FROM establishment
WHERE employer_id = %(employer_id)s
ORDER BY organisation_id
"""

# Reads establishment. The place of work a notice names: by its codes, else by its name, else the only one.
_PLACE = r"""
SELECT establishment_id, name, address, employer_name
FROM establishment
WHERE organisation_id = %(organisation_id)s
  AND (%(employer_id)s::bigint IS NULL OR employer_id = %(employer_id)s)
  AND CASE
        WHEN %(establishment_symbol)s <> '' AND establishment_symbol <> ''
             THEN prefecture_code = %(prefecture_code)s
             AND district_code = %(district_code)s AND establishment_symbol = %(establishment_symbol)s
        WHEN %(name)s <> ''
             THEN regexp_replace(normalize(name, NFKC), '\s', '', 'g')
                  = regexp_replace(normalize(%(name)s, NFKC), '\s', '', 'g')
        ELSE employer_id = %(employer_id)s
      END
ORDER BY (%(establishment_symbol)s <> '' AND establishment_symbol = %(establishment_symbol)s) DESC, establishment_id
LIMIT 1
"""

_ENROL = """
INSERT INTO establishment (
    organisation_id, employer_id, prefecture_code, district_code, establishment_symbol, establishment_number,
    name, postal_code, address, employer_name, telephone
)
VALUES (
    %(organisation_id)s, %(employer_id)s, %(prefecture_code)s, %(district_code)s, %(establishment_symbol)s,
    %(establishment_number)s, %(name)s, %(postal_code)s, %(address)s, %(employer_name)s, %(telephone)s
)
ON CONFLICT (organisation_id, prefecture_code, district_code, establishment_symbol, establishment_number, name)
    DO UPDATE SET employer_id = coalesce(excluded.employer_id, establishment.employer_id)
RETURNING establishment_id
"""

_SAME_FILE = """
SELECT notice_file_id, received_at
FROM notice_file
WHERE organisation_id = %(organisation_id)s AND digest = %(digest)s
"""

_WRITE_FILE = """
INSERT INTO notice_file (
    organisation_id, employer_id, name, format, encoding, digest, size_bytes, rows_read, rows_taken, rows_refused,
    received_at, received_by
)
VALUES (
    %(organisation_id)s, %(employer_id)s, %(name)s, %(format)s, %(encoding)s, %(digest)s, %(size_bytes)s, %(rows)s,
    %(taken)s, %(refused)s, %(at)s, %(by)s
)
RETURNING notice_file_id
"""

# Reads notice. The prepared ones whose day has come; the insurer's days count from the day of the fact.
_TAKE_UP = """
UPDATE notice
SET state = 'received', received_on = event_on
WHERE notice_id IN (
    SELECT notice_id FROM notice
    WHERE state = 'prepared' AND event_on <= %(today)s
    ORDER BY notice_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING notice_id
"""

_ESTABLISHMENT = (
    "prefecture_code",
    "district_code",
    "establishment_symbol",
    "establishment_number",
    "name",
    "postal_code",
    "address",
    "employer_name",
    "telephone",
)

_NOTICE_TYPES = {
    "organisation_id": "bigint",
    "employer_id": "bigint",
    "establishment_id": "bigint",
    "kind": "text",
    "channel": "text",
    "state": "text",
    "notice_file_id": "bigint",
    "file_row": "integer",
    "file_line": "integer",
    "mends_notice_id": "bigint",
    "scheme": "text",
    **dict.fromkeys(TEXTS, "text"),
    "individual_number_sealed": "bytea",
    "event_on": "date",
    "number_asked_on": "date",
    "number_answer": "text",
    "number_source": "text",
    "received_on": "date",
    "filing_due_on": "date",
    "register_due_on": "date",
    "return_codes": "text[]",
    "returned_at": "timestamptz",
    "created_at": "timestamptz",
    "created_by": "text",
}
_PROBLEM_TYPES = {
    "organisation_id": "bigint",
    "employer_id": "bigint",
    "notice_file_id": "bigint",
    "notice_id": "bigint",
    "line": "integer",
    "row": "integer",
    "column_name": "text",
    "byte": "integer",
    "code": "text",
    "value": "text",
    "detail": "text",
}


@dataclass(slots=True)
class PostgresNotices:
    """The store of :class:`himozuke.registration.service.ReceptionService`."""

    connection: Connection[dict[str, Any]]
    vault: Vault
    clock: Clock
    login: str
    places: dict[tuple[object, ...], Mapping[str, Any] | None] = field(default_factory=dict)  # seen in this transaction

    def insurer(self, organisation_id: int) -> Insurer:
        """The insurer an office is; NotFoundError when it is none."""
        row = self.connection.execute(_INSURER, {"organisation_id": organisation_id}).fetchone()
        kind = kind_of(row["code"]) if row and row["kind"] == "insurer" else None
        if row is None or kind is None:
            raise NotFoundError(f"Office {organisation_id} is no insurer to which notices could be addressed.")
        return Insurer(organisation_id, row["code"], kind, scheme_of(kind), row["asks_address"], row["confirms_items"])

    def profile(self, organisation_id: int) -> IntakeProfile | None:
        """What an insurer has chosen; None where it has chosen nothing."""
        row = self.connection.execute(_PROFILE, {"organisation_id": organisation_id}).fetchone()
        return IntakeProfile(**row) if row else None

    def set_profile(self, organisation_id: int, profile: IntakeProfile) -> None:
        """Keep what it chooses."""
        self.connection.execute(_SET_PROFILE, {"organisation_id": organisation_id, **asdict(profile)})

    def insurers_of(self, employer_id: int) -> Sequence[int]:
        """The insurers under which an employer has a place of work."""
        rows = self.connection.execute(_INSURERS_OF, {"employer_id": employer_id})
        return [row["organisation_id"] for row in rows]

    def place_of_work(self, filing: Filing, insurer: Insurer, employer_id: int | None) -> tuple[int | None, Filing]:
        """The place of work a notice names, and the notice with its name, address and employer filled in."""
        given = filing.establishment
        asked = {
            "organisation_id": insurer.organisation_id,
            "employer_id": employer_id,
            "prefecture_code": given.get("prefecture_code", ""),
            "district_code": given.get("district_code", ""),
            "establishment_symbol": given.get("establishment_symbol", ""),
            "name": filing.text("establishment_name"),
        }
        key = tuple(asked.values())
        if key not in self.places:
            self.places[key] = self.connection.execute(_PLACE, asked).fetchone()
        place = self.places[key]
        if place is None and given.get("establishment_symbol") and given.get("name") and employer_id is None:
            self.places[key] = place = self._enrolled(insurer, given)
        if place is None:
            return None, filing
        filled = {
            "establishment_name": filing.text("establishment_name") or place["name"],
            "establishment_address": filing.text("establishment_address") or place["address"],
            "employer_name": filing.text("employer_name") or place["employer_name"],
        }
        return place["establishment_id"], filing.with_texts(**filled)

    def enrol(self, organisation_id: int, texts: Mapping[str, str], *, employer_id: int | None = None) -> int:
        """Write down a place of work under an insurer; its id. The same place twice is one."""
        row = self.connection.execute(
            _ENROL,
            {name: texts.get(name, "") for name in _ESTABLISHMENT}
            | {"organisation_id": organisation_id, "employer_id": employer_id},
        ).fetchone()
        assert row is not None  # noqa: S101 - INSERT … RETURNING gives its row
        return int(row["establishment_id"])

    def write_file(self, file: ReadFile, insurer: Insurer, employer_id: int | None) -> int:
        """Write down a file; its id. ConflictError when the same file was taken in before."""
        where = {"organisation_id": insurer.organisation_id, "digest": file.digest}
        same = self.connection.execute(_SAME_FILE, where).fetchone()
        if same is not None:
            raise ConflictError(
                f"{file.name} was taken in before, on {same['received_at']:%Y-%m-%d %H:%M} (file {same['notice_file_id']}). "
                "Nothing was taken in twice; send a new file with the mended rows only."
            )
        row = self.connection.execute(
            _WRITE_FILE,
            where
            | {
                "employer_id": employer_id,
                "name": file.name,
                "format": file.format,
                "encoding": file.encoding,
                "size_bytes": file.size_bytes,
                "rows": file.rows,
                "taken": file.rows_taken,
                "refused": file.rows - file.rows_taken,
                "at": self.clock.now(),
                "by": self.login,
            },
        ).fetchone()
        assert row is not None  # noqa: S101 - as above
        return int(row["notice_file_id"])

    def write_notices(self, notices: Sequence[NewNotice]) -> list[int]:
        """Write notices; their ids, in order."""
        return insert_rows(
            self.connection, "notice", _NOTICE_TYPES, [self._row(new) for new in notices], key="notice_id"
        )

    def write_problems(
        self, problems: Sequence[tuple[int | None, int | None, Problem]], insurer: Insurer, employer_id: int | None
    ) -> None:
        """Write what stands against notices (id) and rows of files (id)."""
        write_problems(self.connection, problems, insurer.organisation_id, employer_id)

    def take_up(self, today: date, *, limit: int) -> list[int]:
        """Turn prepared notices whose day has come into received ones; their ids."""
        rows = self.connection.execute(_TAKE_UP, {"today": today, "limit": limit})
        return sorted(row["notice_id"] for row in rows)

    def _enrolled(self, insurer: Insurer, given: Mapping[str, str]) -> Mapping[str, Any]:
        postal = "-".join(part for part in (given.get("postal_parent"), given.get("postal_child")) if part)
        texts = {name: given.get(name, "") for name in _ESTABLISHMENT} | {"postal_code": postal}
        return {"establishment_id": self.enrol(insurer.organisation_id, texts), **texts}

    def _row(self, new: NewNotice) -> dict[str, object]:
        filing = new.filing
        number = filing.individual_number
        return {
            "organisation_id": new.insurer.organisation_id,
            "employer_id": new.employer_id,
            "establishment_id": new.establishment_id,
            "kind": filing.kind.value,
            "channel": new.channel.value,
            "state": new.state.value,
            "notice_file_id": new.file_id,
            "file_row": filing.row,
            "file_line": filing.line,
            "mends_notice_id": new.mends,
            "scheme": new.insurer.scheme,
            **{name: filing.text(name) for name in TEXTS},
            "individual_number_sealed": self.vault.seal(number) if number else None,
            "event_on": filing.event_on,
            "number_asked_on": filing.number_asked_on,
            "number_answer": filing.number_answer or ("given" if number else ""),
            "number_source": "filed" if number else "",
            "received_on": new.received_on,
            "filing_due_on": new.filing_due_on,
            "register_due_on": new.register_due_on,
            "return_codes": [problem.code for problem in new.problems],
            "returned_at": new.at if new.problems else None,
            "created_at": new.at,
            "created_by": new.by,
        }


def write_problems(
    connection: Connection[dict[str, Any]],
    problems: Sequence[tuple[int | None, int | None, Problem]],
    organisation_id: int,
    employer_id: int | None,
) -> None:
    """Write what stands against notices and rows of files."""
    rows = [
        {
            "organisation_id": organisation_id,
            "employer_id": employer_id,
            "notice_file_id": file_id,
            "notice_id": notice_id,
            "line": problem.line,
            "row": problem.row,
            "column_name": problem.item,
            "byte": problem.byte,
            "code": problem.code,
            "value": problem.value,
            "detail": problem.detail,
        }
        for notice_id, file_id, problem in problems
    ]
    insert_rows(connection, "notice_problem", _PROBLEM_TYPES, rows, key="problem_id")
