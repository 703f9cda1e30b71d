"""Twenty and more ways to damage a row: each is set aside with its line and code, the rest is read."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from tables_of_links import HEADERS, LINE_DAMAGES, ON, VALUE_DAMAGES, header_line, line_of, link

from himozuke.gateways.tables import LinkBatch, Quarantined, TableReader, open_links, write_quarantine

Expected = dict[int, tuple[str, str]]  # row: code, column


def read(reader: TableReader[LinkBatch], batch_rows: int = 64) -> list[int]:
    rows: list[int] = []
    for batch in reader.batches(on=ON, batch_rows=batch_rows):
        assert batch.texts.column("row").equals(batch.typed.column("row"))
        rows += batch.typed.column("row").to_pylist()
    return rows


def damaged_rows() -> tuple[list[dict[str, str]], Expected]:
    rows: list[dict[str, str]] = []
    expected: Expected = {}
    for damage in VALUE_DAMAGES:
        rows += [link(len(rows) + 1), link(len(rows) + 2)]
        rows.append(link(len(rows) + 1, **damage.changed))
        expected[len(rows)] = (damage.code, HEADERS[damage.column])
    return [*rows, link(len(rows) + 1)], expected


def check(reader: TableReader[LinkBatch], expected: Expected, line_by_row: dict[int, int], total: int) -> None:
    rows = read(reader)
    found = {q.row: q for q in reader.quarantine}

    assert {row: (q.code, q.column) for row, q in found.items()} == expected
    assert {row: q.line for row, q in found.items()} == {row: line_by_row[row] for row in expected}
    assert rows == [row for row in range(1, total + 1) if row not in expected]
    assert (reader.rows_read, reader.rows_good, reader.rows_quarantined) == (total, len(rows), len(expected))


@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_every_damage_of_a_delimited_file(tmp_path: Path, encoding: str, delimiter: str, line_end: bytes) -> None:
    rows, expected = damaged_rows()
    lines = [line_of(row, encoding, delimiter) for row in rows]
    for way, broken in LINE_DAMAGES.items():
        lines.append(line_of(link(len(lines) + 1), encoding, delimiter))
        lines.append(broken.of(line_of(link(len(lines) + 1), encoding, delimiter), delimiter.encode(), encoding, way))
        expected[len(lines)] = (broken.code, "")
        lines.append(line_of(link(len(lines) + 1), encoding, delimiter))
    path = tmp_path / "links.csv"
    bom = b"\xef\xbb\xbf" if encoding == "utf-8-sig" else b""
    path.write_bytes(bom + line_end.join([header_line(encoding, delimiter), *lines, b""]))

    reader = open_links(path)

    assert (reader.format, reader.encoding) == ("tsv" if delimiter == "\t" else "csv", encoding)
    assert reader.layout.line_end.encode() == line_end
    check(reader, expected, {row: row + 1 for row in range(1, len(lines) + 1)}, len(lines))


def test_every_damage_of_a_workbook(tmp_path: Path) -> None:
    rows, expected = damaged_rows()
    path = tmp_path / "links.xlsx"
    row = len(rows) + 1
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("加入者")
        sheet.write_row(0, 0, list(HEADERS.values()))
        for place, values in enumerate(rows, start=1):
            for column, value in enumerate(values.values()):
                sheet.write_string(place, column, value)
        for column, value in enumerate(link(row).values()):
            sheet.write_string(row + 1, column, value)  # a blank row lies before it
        number_at = list(HEADERS).index("individual_number")
        sheet.write_number(row + 1, number_at, 123456789)

    expected[row] = ("number_leading_zeros_lost", HEADERS["individual_number"])
    reader = open_links(path)

    assert reader.format == "xlsx"
    check(reader, expected, {**{i: i + 1 for i in range(1, row)}, row: row + 2}, row)


def test_every_damage_of_a_parquet_file(tmp_path: Path) -> None:
    rows, expected = damaged_rows()
    rows.append(link(len(rows) + 1, kanji_name="見\x00本"))
    expected[len(rows)] = ("nul", HEADERS["kanji_name"])
    columns = {HEADERS[name]: [row[name] for row in rows] for name in HEADERS}
    bad = pa.array([text.encode() for text in columns["住所"]], pa.binary()).to_pylist()
    bad[0] = b"\xe6\x9d"
    expected[1] = ("bad_bytes", "住所")
    table = pa.table({**columns, "住所": pa.array(bad, pa.binary())})
    pq.write_table(table, tmp_path / "links.parquet")

    reader = open_links(tmp_path / "links.parquet")

    assert (reader.format, reader.encoding) == ("parquet", None)
    check(reader, expected, {row: row + 1 for row in range(1, len(rows) + 1)}, len(rows))


def test_a_stray_quote_inside_a_value_is_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    rows = [link(1), link(2, kanji_name='見本"太郎'), link(3, kanji_name='"見本,太郎"'), link(4, kanji_name='"見""本"')]
    path.write_bytes(b"\n".join([header_line("utf-8"), *(line_of(row, "utf-8") for row in rows)]))

    reader = open_links(path)
    names = [name for batch in reader.batches(on=ON) for name in batch.texts.column("kanji_name").to_pylist()]

    assert names == ["見本　太郎", '見本"太郎', "見本,太郎", '見"本']


def test_a_quoted_value_may_go_on_over_lines_and_lines_are_counted_as_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    lines = [line_of(link(1, address='"東京都\n\n千代田区"'), "utf-8"), line_of(link(2, sex="X"), "utf-8")]
    path.write_bytes(b"\n".join([header_line("utf-8"), *lines]))

    reader = open_links(path)

    assert [b.texts.column("address").to_pylist() for b in reader.batches(on=ON)] == [["東京都\n\n千代田区"]]
    assert [(q.line, q.row) for q in reader.quarantine] == [(5, 2)]


def test_an_open_quote_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    lines = [line_of(link(i), "cp932") for i in range(1, 101)]
    lines[9] = b'"' + lines[9]
    lines[49] = lines[49].replace(b",", b',"', 3)
    lines[98] = b'"' + lines[98]
    path.write_bytes(b"\r\n".join([header_line("cp932"), *lines]))

    reader = open_links(path)

    assert read(reader) == [i for i in range(1, 101) if i not in {10, 50, 99}]
    assert {q.code for q in reader.quarantine} == {"unbalanced_quote"}


def test_blank_lines_are_no_rows_and_line_ends_may_be_mixed(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    a, b, c = (line_of(link(i), "utf-8") for i in (1, 2, 3))
    path.write_bytes(
        header_line("utf-8") + b"\r\n\r\n" + a + b"\n\n" + b + b"\r" + c.replace("男".encode(), b"X") + b"\r\n\x1a"
    )

    reader = open_links(path)

    assert read(reader) == [1, 2]
    assert [(q.line, q.row) for q in reader.quarantine] == [(6, 3)]


def test_a_doubled_carriage_return_is_one_line_end(tmp_path: Path) -> None:
    path = tmp_path / "links.csv"
    lines = [line_of(link(i), "utf-8") for i in range(1, 4)]
    lines[2] = lines[2].replace("男".encode(), b"X")
    path.write_bytes(header_line("utf-8") + b"\r\n" + b"\r\r\n".join(lines))

    reader = open_links(path)

    assert read(reader) == [1, 2]
    assert [(q.line, q.row) for q in reader.quarantine] == [(4, 3)]


def test_quarantine_shows_no_number_and_says_what_to_do(tmp_path: Path) -> None:
    rows, _ = damaged_rows()
    broken = LINE_DAMAGES["field more"].of(line_of(link(98765), "utf-8"), b",", "utf-8", "field more")
    path = tmp_path / "links.csv"
    path.write_bytes(b"\n".join([header_line("utf-8"), *(line_of(row, "utf-8") for row in rows), broken]))
    reader = open_links(path)
    read(reader)

    count = write_quarantine(tmp_path / "quarantine.csv", reader.quarantine)

    text = (tmp_path / "quarantine.csv").read_text(encoding="utf-8-sig")
    assert (tmp_path / "quarantine.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    listed = list(csv.DictReader(text.splitlines()))
    assert list(listed[0]) == ["line", "row", "column", "value", "code", "reason", "remedy"]
    assert len(listed) == count == reader.rows_quarantined
    assert all(row["reason"] and row["remedy"] for row in listed)
    for secret in ("00000012345", "0000000012345", "000000098765", "98765"):
        assert secret not in text
    assert reader.quarantine.table("en").column("reason").to_pylist()[0] == "There is no Individual Number."


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_code_has_its_sentences(language: str) -> None:
    from himozuke.gateways.tables.quarantine import codes

    for code in codes():
        q = Quarantined(2, 1, "", "", code, "expected=3\tfound=4\tencoding=CP932\ton=2026-10-01\town=06139999")
        assert q.sentence("reason", language)
        assert q.sentence("remedy", language)
