"""``verdicts.parquet``: plain columns that every reader understands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.gateways.results.verdicts_parquet import write_verdicts
from himozuke.inspection.verdicts import SCHEMA


def verdicts(first: int, rows: int) -> list[dict[str, Any]]:
    return [
        {
            "link_id": f"L{row:06d}",
            "row": row,
            "verdict": "DOUBTFUL" if row % 3 else "PROVEN",
            "restriction": "NONE",
            "restriction_by_table": "ALL",
            "action": "ask" if row % 3 else "none",
            "cause": "C4" if row % 6 == 1 else None,
            "rival_count": row % 2,
            "rank": row if row % 3 else None,
            "pattern": row * 1_000,
            **{f"state_{item}": "equal" for item in ("kanji_name", "kana_name", "birth_date", "sex", "address")},
            "reasons": ["moved", "slip_address"][: row % 3],
            "evidence_digest": f"{row:032x}",
        }
        for row in range(first, first + rows)
    ]


def batches(rows: list[dict[str, Any]]) -> Iterator[pa.RecordBatch]:
    for start in range(0, len(rows), 50):
        yield pa.RecordBatch.from_pylist(rows[start : start + 50], SCHEMA)


def test_what_is_written_is_read_by_arrow_duckdb_and_polars(tmp_path: Path) -> None:
    path, rows = tmp_path / "verdicts.parquet", verdicts(1, 120)
    seen: list[int] = []

    write_verdicts(path, batches(rows), advance=seen.append)

    assert seen == [50, 50, 20]
    assert pq.read_table(path).to_pylist() == rows
    assert duckdb.read_parquet(str(path)).to_arrow_table().to_pylist() == rows
    assert pl.read_parquet(path).to_dicts() == rows


def test_texts_are_texts_to_a_reader_and_not_dictionaries(tmp_path: Path) -> None:
    write_verdicts(tmp_path / "verdicts.parquet", batches(verdicts(1, 3)), advance=lambda _rows: None)

    schema = pq.read_schema(tmp_path / "verdicts.parquet")

    texts = [field.name for field in schema if field.type == pa.string()]
    assert texts == [
        field.name for field in SCHEMA if field.name not in ("row", "rival_count", "rank", "pattern", "reasons")
    ]
