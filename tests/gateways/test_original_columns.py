"""Rows of a file given back as they stand there, in columns."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest
from pyarrow import feather
from tables_of_links import ON, link

from himozuke.gateways.tables import LinkBatch, TableReader, open_links

ROWS = 700
WANTED = np.array([1, 2, 99, 350, 351, 352, 699, 700])
CHOSEN = ("sex", "link_id", "remark")

Make = Callable[[Path, pa.Table], object]


def parquet(folder: Path, table: pa.Table, **how: object) -> Path:
    pq.write_table(table, folder / "links.parquet", **how)
    return folder / "links.parquet"


def text(folder: Path, table: pa.Table) -> Path:
    pa_csv.write_csv(table, folder / "links.csv")
    return folder / "links.csv"


def arrow(folder: Path, table: pa.Table) -> Path:
    feather.write_feather(table, str(folder / "links.arrow"), chunksize=90)
    return folder / "links.arrow"


FORMS: dict[str, Make] = {
    "memory": lambda _folder, table: table,
    "memory in pieces": lambda _folder, table: pa.Table.from_batches(table.to_batches(max_chunksize=64)),
    "parquet": parquet,
    "parquet in small groups": lambda folder, table: parquet(folder, table, row_group_size=100),
    "parquet without dictionaries": lambda folder, table: parquet(folder, table, use_dictionary=False),
    "arrow": arrow,
    "csv": text,
}


def links() -> pa.Table:
    """Links with few different values in some columns, and some values that are null."""
    rows = [link(i, sex="男" if i % 3 else "女") for i in range(1, ROWS + 1)]
    remarks = pa.array([None if i % 5 == 0 else "控え" for i in range(1, ROWS + 1)], pa.string())
    return pa.Table.from_pylist(rows).drop_columns("remark").append_column("remark", remarks)


def opened(source: object) -> TableReader[LinkBatch]:
    reader = open_links(source)
    for _ in reader.batches(on=ON):
        pass
    return reader


@pytest.mark.parametrize("form", FORMS)
def test_some_columns_of_some_rows_stand_as_in_the_file(form: str, tmp_path: Path) -> None:
    table = links()
    reader = opened(FORMS[form](tmp_path, table))
    places = [reader.headers.index(name) for name in CHOSEN]

    (found,) = reader.original_columns(WANTED, places)

    expected = table.take(pa.array(WANTED - 1)).select(CHOSEN)
    assert found.rows.tolist() == WANTED.tolist()
    assert [column.to_pylist() for column in found.columns] == [
        [value or "" for value in column.to_pylist()] for column in expected.columns
    ]


@pytest.mark.parametrize("form", FORMS)
def test_no_row_asked_for_is_none_given(form: str, tmp_path: Path) -> None:
    reader = opened(FORMS[form](tmp_path, links()))

    assert list(reader.original_columns(WANTED[:0], [0])) == []


def test_headers_that_come_twice_are_told_apart_by_their_place() -> None:
    table = pa.Table.from_arrays(
        [pa.array(["000000000019"]), pa.array(["first"]), pa.array(["見本"]), pa.array(["second"])],
        names=["個人番号", "備考", "氏名", "備考"],
    )

    (found,) = opened(table).original_columns(np.array([1]), [3, 1])

    assert [column.to_pylist() for column in found.columns] == [["second"], ["first"]]


def test_bytes_that_are_no_text_in_a_column_of_the_office_own_do_not_stop_the_rest() -> None:
    broken = pa.array([b"\xff\xfe", "控え".encode()]).cast(pa.binary()).view(pa.string())
    table = links().slice(0, 2).drop_columns("remark").append_column("remark", broken)

    (found,) = opened(table).original_columns(np.array([1, 2]), [table.column_names.index("remark")])

    assert found.columns[0].to_pylist() == ["��", "控え"]
