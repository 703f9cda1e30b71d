"""Who is under protection in today's register, read by the one index that holds nobody else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from psycopg import Connection

from himozuke.ports.protected_people import ProtectedPeople

_NAMES = (
    "kanji_name",
    "kana_name",
    "former_kanji_names",
    "former_kana_names",
    "alias",
    "alias_kana",
    "parallel_kanji_name",
)
_ADDRESSES = ("address", "former_addresses")
_SEPARATOR = "|"

# Reads resident. One row per person under protection, of some days of birth or of all.
_PROTECTED = """
SELECT
    birth, kanji_name, kana_name, former_kanji_names, former_kana_names, alias, alias_kana, parallel_kanji_name,
    address, former_addresses
FROM resident
WHERE is_protected AND (%(births)s::integer[] IS NULL OR birth = ANY (%(births)s::integer[]))
"""


def protected_people(
    connection: Connection[dict[str, Any]], *, births: Collection[int] | None = None
) -> ProtectedPeople:
    """Those under protection today; with ``births`` (yyyymmdd) only those born on one of these days."""
    given = {"births": None if births is None else sorted(births)}
    rows = connection.execute(_PROTECTED, given)
    return ProtectedPeople.of((row["birth"], _texts(row, _NAMES), _texts(row, _ADDRESSES)) for row in rows)


def _texts(row: Mapping[str, Any], columns: Collection[str]) -> list[str]:
    return [text for column in columns for text in (row[column] or "").split(_SEPARATOR)]
