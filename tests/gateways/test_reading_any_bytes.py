"""No damage, however it is done, loses a row, counts one twice or stops the reading."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_of_links import ON, header_line, line_of, link

from himozuke.errors import InputRejectedError
from himozuke.gateways.tables import LinkBatch, TableReader, delimited, open_links

PIECES = [
    b'"',
    b",",
    b"\n",
    b"\r",
    b"\r\n",
    b"\x00",
    b"\x80",
    b"\xff",
    b"\x81",
    b'""',
    b"\xe3\x81",
    b" ",
    b"9",
    b"\x1a",
]
DAMAGES = st.lists(st.tuples(st.integers(0, 1 << 20), st.sampled_from(PIECES), st.integers(0, 3)), max_size=12)


def read(reader: TableReader[LinkBatch], batch_rows: int = 1 << 18) -> list[int]:
    return [row for b in reader.batches(on=ON, batch_rows=batch_rows) for row in b.typed.column("row").to_pylist()]


def assert_nothing_is_lost(reader: TableReader[LinkBatch], rows: list[int]) -> None:
    set_aside = [q.row for q in reader.quarantine]
    assert sorted(rows + set_aside) == list(range(1, reader.rows_read + 1))
    assert rows == sorted(rows)
    assert set_aside == sorted(set_aside)
    lines = [q.line for q in reader.quarantine]
    assert lines == sorted(set(lines))


@settings(deadline=None, max_examples=150)
@given(DAMAGES, st.sampled_from(["cp932", "utf-8"]), st.integers(0, 40), st.booleans())
def test_random_damage_loses_no_row(
    damages: list[tuple[int, bytes, int]], encoding: str, count: int, quoted: bool
) -> None:
    rows = [link(i, **({"address": '"東京,都"'} if quoted else {})) for i in range(1, count + 1)]
    body = b"".join(line_of(row, encoding) + b"\r\n" for row in rows)
    for position, piece, cut in damages:
        at = position % (len(body) + 1)
        body = body[:at] + piece + body[at + cut :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "links.csv"
        path.write_bytes(header_line(encoding) + b"\r\n" + body)

        reader = open_links(path)
        assert_nothing_is_lost(reader, read(reader))


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400))
def test_any_bytes_after_a_header_are_rows_or_set_aside(body: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "links.csv"
        path.write_bytes("個人番号,氏名\n".encode() + body)
        try:
            reader = open_links(path)
        except InputRejectedError:
            return  # so many broken bytes that the header no longer fits the encoding
        assert_nothing_is_lost(reader, read(reader))


@settings(deadline=None, max_examples=30)
@given(DAMAGES, st.integers(1500, 4000), st.integers(1, 90))
def test_where_a_file_is_cut_into_pieces_changes_nothing(
    damages: list[tuple[int, bytes, int]], chunk: int, batch_rows: int
) -> None:
    body = b"".join(
        line_of(link(i, address='"東\n京"' if i % 5 == 0 else "東京"), "cp932") + b"\r\n" for i in range(1, 60)
    )
    for position, piece, cut in damages:
        at = position % (len(body) + 1)
        body = body[:at] + piece + body[at + cut :]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "links.csv"
        path.write_bytes(header_line("cp932") + b"\r\n" + body)
        whole = open_links(path)
        expected = read(whole)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "_CHUNK_BYTES", chunk)
            pieces = open_links(path)
            found = read(pieces, batch_rows)

            assert found == expected
            assert list(pieces.quarantine) == list(whole.quarantine)
            assert [list(one) for one in pieces.original_rows(found[::7])] == [
                list(one) for one in whole.original_rows(found[::7])
            ]


def test_a_byte_order_mark_inside_a_file_is_part_of_the_value(tmp_path: Path) -> None:
    lines = [b"\xef\xbb\xbf" + line_of(link(i), "utf-8") for i in range(1, 4)]
    path = tmp_path / "links.csv"
    path.write_bytes(b"\n".join([header_line("utf-8"), *lines]))

    found = [b.texts.column("link_id").to_pylist() for b in open_links(path).batches(on=ON)]

    assert [one for batch in found for one in batch] == ["\ufeffL0001", "\ufeffL0002", "\ufeffL0003"]


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
def test_plain_and_quoted_lines_give_the_same_values(tmp_path: Path, line_end: bytes) -> None:
    plain = [line_of(link(i), "cp932") for i in range(1, 300)]
    quoted = [b'"' + line.replace(b",", b'","') + b'"' for line in plain]
    mixed = [quoted[i] if i % 3 else plain[i] for i in range(len(plain))]
    tables = []
    for name, lines in (("plain", plain), ("quoted", quoted), ("mixed", mixed)):
        path = tmp_path / f"{name}.csv"
        path.write_bytes(line_end.join([header_line("cp932"), *lines, b""]))
        batches = list(open_links(path).batches(on=ON))
        tables.append([row for b in batches for row in zip(b.texts.to_pylist(), b.typed.to_pylist(), strict=True)])

    assert tables[0] == tables[1] == tables[2]
    assert len(tables[0]) == 299


@settings(deadline=None, max_examples=150)
@given(st.lists(st.text('a",é ', max_size=9), max_size=8))
def test_lines_taken_apart_in_bulk_read_like_the_csv_module(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "links.csv"
        path.write_text(
            "\n".join(["個人番号,氏名,住所", *(f"000000000019,{line}\n000000000019,次,行" for line in lines)]),
            encoding="utf-8",
        )
        reader = open_links(path)
        found = {row: (a, b) for batch in reader.batches(on=ON) for row, a, b in values_of(batch)}

    for row, line in zip(range(1, 2 * len(lines), 2), lines, strict=True):
        assert found[row + 1] == ("次", "行")  # which also ends whatever the line before it left open
        try:
            fields = next(csv.reader([f"0,{line}"], strict=True))
        except csv.Error:
            fields = []
        if len(fields) == 3:
            assert found[row] == tuple(fields[1:])
        else:
            assert row not in found


def values_of(batch: LinkBatch) -> list[tuple[int, str, str]]:
    columns = [batch.texts.column(name).to_pylist() for name in ("row", "kanji_name", "address")]
    return list(zip(*columns, strict=True))


def test_a_readable_header_decides_where_the_few_lines_are_broken(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    path.write_bytes(header_line("cp932") + b"\r\n\xe3\xe3\x81\x81\r\n")

    reader = open_links(path)

    assert reader.encoding == "cp932"
    assert_nothing_is_lost(reader, read(reader))
