"""Reading on several threads, in pieces of any size: what comes out is always the same."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import csv, feather
from tables_of_links import ON, header_line, line_of, link

from himozuke.errors import InputRejectedError
from himozuke.gateways.tables import glyphs, open_links
from himozuke.in_order import in_order

ODD = {
    3: {"individual_number": "12"}, 7: {"kanji_name": "見本●"}, 11: {"birth_date": "昭和50年13月1日"}, 30: {"sex": "x"},
    61: {"address": "\ue000町"}, 100: {"kana_name": "〓"}, 149: {"birth_date": "2999-01-01"},
}  # fmt: skip


def odd_table(count: int = 150) -> pa.Table:
    rows = [link(i, operator=f"{i % 7}", **ODD.get(i, {})) for i in range(1, count + 1)]
    return pa.Table.from_pylist(rows)


def everything(source: object, **options: Any) -> list[Any]:
    reader = open_links(source)
    batches = list(reader.batches(on=ON, **options))
    texts = [row for b in batches for row in b.texts.to_pylist()]
    typed = [row for b in batches for row in b.typed.to_pylist()]
    return [texts, typed, list(reader.quarantine), reader.glyph_findings, reader.glyph_count, reader.rows_read]


@pytest.fixture
def files(tmp_path: Path) -> list[object]:
    table = odd_table()
    pq.write_table(table, tmp_path / "small_groups.parquet", row_group_size=17)
    pq.write_table(table, tmp_path / "one_group.parquet")
    feather.write_feather(table, str(tmp_path / "a.arrow"), chunksize=13, compression="lz4")
    csv.write_csv(table, tmp_path / "a.csv")
    pieces = pa.concat_tables([table.slice(start, 29) for start in range(0, 150, 29)])
    return [pieces, *sorted(tmp_path.iterdir())]


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("batch_rows", [50, 64, 1000])
def test_threads_and_pieces_change_nothing(files: list[object], threads: int, batch_rows: int) -> None:
    whole = everything(odd_table())

    assert len(whole[2]) == 4
    for source in files:
        found = everything(source, threads=threads, batch_rows=batch_rows)
        if str(source).endswith(".csv"):  # whose lines may be others than rows + 1, but here are not
            assert found[2] == whole[2]
        assert found == whole


def test_small_row_groups_are_put_together_and_large_ones_cut(files: list[object]) -> None:
    def sizes(name: str, rows: int) -> list[int]:
        path = next(path for path in files if str(path).endswith(name))
        return [len(b.texts) for b in open_links(path).batches(on=ON, batch_rows=rows)]

    assert sizes("small_groups.parquet", 55) == [51 - 3, 51, 48 - 1]  # the rows set aside are missing
    assert max(sizes("one_group.parquet", 40)) <= 40


def test_codes_held_in_different_dictionaries_are_put_together() -> None:
    dates = [f"20{i // 12:02d}-{i % 12 + 1:02d}-01" for i in range(200)]
    table = pa.Table.from_pylist([link(i + 1) for i in range(200)]).drop_columns(["acquired_on"])
    narrow = pa.dictionary(pa.int8(), pa.string())
    chunks = [pa.array(dates[:100]).cast(narrow), pa.array([*dates[100:199], None]).cast(narrow)]
    typed = everything(table.append_column("acquired_on", pa.chunked_array(chunks)))[1]

    expected = [*(int(date.replace("-", "")) for date in dates[:199]), 0]
    assert [row["acquired_on"] for row in typed] == expected


def test_a_damaged_row_group_is_told_after_the_rows_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(odd_table(), path, row_group_size=50, compression="zstd")
    start = pq.ParquetFile(path).metadata.row_group(1).column(0).dictionary_page_offset
    data = bytearray(path.read_bytes())
    data[start : start + 200] = b"\xff" * 200
    path.write_bytes(data)

    for threads in (1, 3):
        batches = open_links(path).batches(on=ON, batch_rows=50, threads=threads)
        assert len(next(batches).texts) == 47
        with pytest.raises(InputRejectedError, match="damaged"):
            next(batches)


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_few_items_are_begun_ahead_and_an_error_waits_for_its_turn(threads: int) -> None:
    begun: list[int] = []

    def items() -> Iterator[int]:
        for i in range(20):
            begun.append(i)
            yield i
        raise ValueError("the end")

    results = in_order(lambda i: i * i, items(), threads=threads)
    for i in range(20):
        assert next(results) == i * i
        assert len(begun) <= i + 1 + threads
    with pytest.raises(ValueError, match="the end"):
        next(results)


def test_lines_of_no_encoding_are_set_aside_alike_on_all_threads(tmp_path: Path) -> None:
    for encoding, bad in (("cp932", b"\x81\xff"), ("utf-8", b"\x93\xfa")):
        lines = [line_of(link(i), encoding) for i in range(1, 400)]
        for place in (10, 60, 61, 398):
            lines[place] = lines[place].replace(b"L0", bad)
        path = tmp_path / "a.csv"
        path.write_bytes(b"\r\n".join([header_line(encoding), *lines]))
        alone = everything(path, batch_rows=60)

        assert [(q.row, q.code) for q in alone[2]] == [(place + 1, "bad_bytes") for place in (10, 60, 61, 398)]
        assert everything(path, batch_rows=60, threads=3) == alone


def test_a_consumer_may_stop_early() -> None:
    before = threading.active_count()
    batches = open_links(odd_table()).batches(on=ON, batch_rows=10, threads=2)
    next(batches)
    batches.close()  # type: ignore[attr-defined]

    assert threading.active_count() == before


CHARACTERS = "あ〒〔※ｱ１a漢\uf8ff\uf900\ufffc𠮷●〓\ufffd\ue000\U000f0000\0"
SOUGHT = {"●", "〓", "\ufffd", "\ue000", "\uf8ff", "\U000f0000", "\0"}


@settings(deadline=None)
@given(st.lists(st.tuples(st.text(CHARACTERS, max_size=6), st.integers(0, 300)), max_size=8))
def test_every_unreadable_character_is_found_wherever_it_stands(parts: list[tuple[str, int]]) -> None:
    texts = [text + "山" * count + text for text, count in parts]
    places, points = glyphs.hits(pa.array(texts, pa.large_string()))

    expected = [(i, ord(c)) for i, text in enumerate(texts) for c in text if c in SOUGHT]
    assert list(zip(places.tolist(), points.tolist(), strict=True)) == expected
