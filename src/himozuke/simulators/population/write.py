"""Writing a population into its four files."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from himozuke.errors import UsageError
from himozuke.simulators.population.assembly import Made, make
from himozuke.simulators.population.plan import Plan

FILES = ("register.parquet", "links.parquet", "links.csv", "truth.parquet")
ENCODING = "cp932"
JAPANESE = {
    "link_id": "紐付けID", "scheme_number": "制度固有番号", "insurer_number": "保険者番号", "symbol": "記号",
    "number": "番号", "branch": "枝番", "individual_number": "個人番号", "kanji_name": "漢字氏名",
    "kana_name": "カナ氏名", "birth_date": "生年月日", "sex": "性別", "address": "住所", "acquired_by": "取得方法",
    "acquired_items": "照会項目", "acquired_hits": "該当件数", "acquired_on": "取得年月日",
    "registered_on": "登録年月日", "valid_from": "資格取得年月日", "valid_to": "資格喪失年月日",
    "operator": "入力者", "batch": "バッチ",
}  # fmt: skip
Report = Callable[[str, int], None]


def nobody(_file: str, _rows: int) -> None:
    """Report progress to nobody."""


def csv_bytes(batch: pa.RecordBatch) -> bytes:
    """Write rows as CSV in the insurers' code page; no value holds a comma, a quote or a line end."""
    sink = io.BytesIO()
    options = pa.csv.WriteOptions(include_header=False, quoting_style="none")
    pa.csv.write_csv(batch, sink, options)
    return sink.getvalue().decode("utf-8").replace("\n", "\r\n").encode(ENCODING)


def write_parquet(path: Path, batches: Iterator[pa.RecordBatch], seen: Callable[[pa.RecordBatch], None]) -> None:
    """Write chunks as row groups and show each to somebody."""
    first = next(batches)
    with pq.ParquetWriter(path, first.schema, compression="zstd", compression_level=1) as writer:
        for batch in chain((first,), batches):
            writer.write_batch(batch)
            seen(batch)


def write_links(made: Made, parquet: Path, csv_file: BinaryIO, seen: Callable[[pa.RecordBatch], None]) -> None:
    """Write the links twice, each chunk made once."""
    batches = made.links()
    names: list[str] = []

    def both(batch: pa.RecordBatch) -> None:
        if not names:
            names.extend(batch.schema.names)
            csv_file.write((",".join(JAPANESE[name] for name in names) + "\r\n").encode(ENCODING))
        csv_file.write(csv_bytes(batch))
        seen(batch)

    write_parquet(parquet, batches, both)


def write(plan: Plan, out: Path, report: Report = nobody) -> None:
    """Make a population and write its files into a folder; the same plan gives the same bytes.

    Files appear by rename, so an interrupted run leaves no half of one under its name.
    ``report`` is told file and rows after each chunk. Raises ``UsageError`` when ``out`` cannot be a folder.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"Cannot write the population into {out}: {error.strerror}. Give a folder.") from error
    partial = {name: out / f".{name}.{os.getpid()}" for name in FILES}
    try:
        made = make(plan)
        write_parquet(partial["register.parquet"], made.register(), lambda b: report("register.parquet", b.num_rows))
        with partial["links.csv"].open("wb") as csv_file:
            write_links(made, partial["links.parquet"], csv_file, lambda b: report("links.parquet", b.num_rows))
        write_parquet(partial["truth.parquet"], made.truth(), lambda b: report("truth.parquet", b.num_rows))
        for name in FILES:
            partial[name].replace(out / name)
    finally:
        for path in partial.values():
            path.unlink(missing_ok=True)
