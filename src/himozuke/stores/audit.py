"""The evidence of every act, written in the transaction of the act itself."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from himozuke.errors import InputRejectedError, UsageError
from himozuke.ports.office import Clock

_ACT = re.compile(r"[a-z_]+\.[a-z_]+")
# Twelve digits or more that stand alone, spaced out or not; within a digest or another code they do not.
_NUMBER = re.compile(r"(?<![0-9A-Za-z_])\d(?:[\s\-\u2010-\u2015\u30fc]?\d){11,}(?![0-9A-Za-z_])")

# Writes audit_record. One row: its place.
_WRITE = """
SELECT o_writer_id AS writer_id, o_number AS number
FROM write_audit(%(at)s, %(act)s, %(subject)s, %(subject_id)s, %(details)s::jsonb)
"""


@dataclass(frozen=True, slots=True)
class PostgresAuditLog:
    """Writes records in the name of whoever the transaction was opened for."""

    connection: Connection[dict[str, Any]]
    clock: Clock

    def record(self, act: str, *, subject: str, subject_id: object, details: Mapping[str, object]) -> None:
        """Write one record; nothing of it is kept when the transaction is taken back.

        InputRejectedError when something in it may be an Individual Number, UsageError for an act that
        is not ``area.verb``.
        """
        if not _ACT.fullmatch(act):
            raise UsageError(f"{act!r} is no act: write area.verb.")
        text = json.dumps(details, ensure_ascii=False, default=str)
        for part in (text, str(subject_id)):
            if _NUMBER.search(unicodedata.normalize("NFKC", part)):
                raise InputRejectedError(
                    f"{act}: the text holds twelve digits in a row, which may be an Individual Number; "
                    "no such number is kept in the evidence. Take it out and try again."
                )
        self.connection.execute(
            _WRITE,
            {
                "at": self.clock.now(),
                "act": act,
                "subject": subject,
                "subject_id": "" if subject_id is None else str(subject_id),
                "details": text,
            },
        )
