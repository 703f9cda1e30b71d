"""The institutions that may ask, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation

from himozuke.eligibility.registry import EmptyQuestions, Registered, Rights
from himozuke.errors import ConflictError, NotFoundError

_RIGHTS = tuple(one.name for one in fields(Rights))

# Reads institution. One row per institution.
_READ = f"""
SELECT organisation_id, institution.code, organisation.name, suspended_at,
       zip_password_sealed IS NOT NULL AS has_zip_password, institution.{", institution.".join(_RIGHTS)}
FROM institution
JOIN organisation USING (organisation_id)
"""  # noqa: S608  # names of our own columns
_ADD = f"""
INSERT INTO institution (organisation_id, code, {", ".join(_RIGHTS)})
VALUES (%(organisation_id)s, %(code)s, {", ".join(f"%({name})s" for name in _RIGHTS)})
"""  # noqa: S608  # names of our own columns
_CHANGE = f"""
UPDATE institution SET {", ".join(f"{name} = %({name})s" for name in _RIGHTS)}
WHERE organisation_id = %(organisation_id)s
"""  # noqa: S608  # names of our own columns


# Reads audit_record. One row per institution that asked over HTTP and was shown nothing.
_EMPTY = """
SELECT subject_id AS code, count(*) AS questions, count(DISTINCT details ->> 'asked') AS people
FROM audit_record
WHERE act = 'eligibility.show_nothing' AND subject = 'institution' AND at >= %(since)s
GROUP BY subject_id
"""


class PostgresInstitutions:
    """Satisfies ``InstitutionStore``."""

    def __init__(self, connection: Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def all(self) -> Sequence[Registered]:
        """Every institution, by code."""
        return [_registered(row) for row in self._connection.execute(f"{_READ} ORDER BY institution.code".encode())]

    def find(self, organisation_id: int) -> Registered:
        """One institution; NotFoundError."""
        query = f"{_READ} WHERE organisation_id = %s"
        row = self._connection.execute(query.encode(), [organisation_id]).fetchone()
        if row is None:
            raise NotFoundError(f"There is no institution {organisation_id}.")
        return _registered(row)

    def add(self, organisation_id: int, code: str, rights: Rights) -> None:
        """Take an institution up; ConflictError when another has the code or the folder."""
        self._write(_ADD, {"organisation_id": organisation_id, "code": code, **asdict(rights)})

    def change(self, organisation_id: int, rights: Rights) -> None:
        """Change what an institution may do; ConflictError when another has the folder."""
        self._write(_CHANGE, {"organisation_id": organisation_id, **asdict(rights)})

    def suspend(self, organisation_id: int, at: datetime | None) -> None:
        """Stop an institution from asking, or with None let it ask again."""
        query = "UPDATE institution SET suspended_at = %s WHERE organisation_id = %s"
        self._connection.execute(query, [at, organisation_id])

    def keep_zip_password(self, organisation_id: int, sealed: bytes | None) -> None:
        """Keep the password of an institution's ZIP files, sealed; with None there is none any more."""
        query = "UPDATE institution SET zip_password_sealed = %s WHERE organisation_id = %s"
        self._connection.execute(query, [sealed, organisation_id])

    def empty_questions(self, *, since: datetime) -> Mapping[str, EmptyQuestions]:
        """By the code of an institution, its questions since a moment that showed nothing; needs the program's reach."""
        rows = self._connection.execute(_EMPTY, {"since": since})
        return {row["code"]: EmptyQuestions(row["questions"], row["people"]) for row in rows}

    def _write(self, query: str, values: Mapping[str, Any]) -> None:
        try:
            self._connection.execute(query.encode(), values)
        except UniqueViolation as error:
            raise ConflictError("Another institution has this code or this folder.") from error


def _registered(row: Mapping[str, Any]) -> Registered:
    rights = Rights(**{name: row[name] for name in _RIGHTS})
    told = (row["organisation_id"], row["code"], row["name"])
    return Registered(*told, rights, row["suspended_at"], row["has_zip_password"])
