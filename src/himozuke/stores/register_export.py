"""The resident register as a file an inspection can prepare: one row per person, as it stands in the table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.errors import UpstreamDownError
from himozuke.stores.database import Work
from himozuke.stores.vault import Vault

_ROWS_AT_ONCE = 50_000
_STATUSES = ("current", "abroad", "dead", "replaced")  # by the number the table keeps

# Reads register_load. One row: the load the register stands at.
_LATEST = """
SELECT load_id, as_of, people
FROM register_load
WHERE state = 'applied'
ORDER BY as_of DESC, load_id DESC
LIMIT 1
"""

# Reads resident. One row per person, in the order in which they came.
_PEOPLE = """
SELECT individual_number_sealed, previous_individual_number_sealed, status, status_on, is_furigana_certified,
       is_protected, kanji_name, kana_name, birth_date, sex, address, former_kanji_names, former_kana_names,
       former_addresses, alias, alias_kana, parallel_kanji_name
FROM resident
ORDER BY resident_id
"""

_TEXTS = (
    "kanji_name",
    "kana_name",
    "birth_date",
    "sex",
    "address",
    "former_kanji_names",
    "former_kana_names",
    "former_addresses",
    "alias",
    "alias_kana",
    "parallel_kanji_name",
)
_COLUMNS = (
    "individual_number",
    "previous_number",
    "status",
    "status_on",
    "furigana_certified",
    "protected",
    *_TEXTS,
)
_SCHEMA = pa.schema([(name, pa.string()) for name in _COLUMNS])


@dataclass(frozen=True, slots=True)
class RegisterVersion:
    """Which register stands in the table: the load that made it, its day, how many people it holds."""

    load_id: int
    as_of: date
    people: int


def register_version(work: Work) -> RegisterVersion:
    """The register that stands in the table; UpstreamDownError when none was loaded."""
    row = work.connection.execute(_LATEST).fetchone()
    if row is None:
        raise UpstreamDownError(
            "No resident register is loaded. Run: himozuke register load FILE --snapshot --as-of DATE"
        )
    return RegisterVersion(row["load_id"], row["as_of"], row["people"])


def export_register(work: Work, vault: Vault, path: Path) -> int:
    """Write everybody to a Parquet file with the columns of a register file; returns how many.

    The file holds Individual Numbers in plain: it must go as soon as it has been prepared.
    """
    rows = 0
    with (
        work.connection.cursor(name="register_export") as cursor,
        pq.ParquetWriter(path, _SCHEMA, compression="lz4") as writer,
    ):
        cursor.itersize = _ROWS_AT_ONCE
        cursor.execute(_PEOPLE)
        while found := cursor.fetchmany(_ROWS_AT_ONCE):
            writer.write_table(pa.table(_columns(found, vault), schema=_SCHEMA))
            rows += len(found)
    return rows


def _columns(found: list[dict[str, Any]], vault: Vault) -> dict[str, list[str]]:
    columns = {name: [row[name] or "" for row in found] for name in _TEXTS}
    columns["individual_number"] = [_opened(vault, row["individual_number_sealed"]) for row in found]
    columns["previous_number"] = [_opened(vault, row["previous_individual_number_sealed"]) for row in found]
    columns["status"] = [_STATUSES[row["status"]] for row in found]
    columns["status_on"] = [str(row["status_on"]) if row["status_on"] > 0 else "" for row in found]
    columns["furigana_certified"] = ["1" if row["is_furigana_certified"] else "0" for row in found]
    columns["protected"] = ["1" if row["is_protected"] else "0" for row in found]
    return columns


def _opened(vault: Vault, sealed: bytes | None) -> str:
    return vault.open(bytes(sealed)).reveal() if sealed else ""
