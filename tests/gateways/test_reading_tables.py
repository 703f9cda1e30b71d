"""What is understood: formats, encodings and typed columns."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from pyarrow import feather
from tables_of_links import HEADERS, ON, header_line, line_of, link

from himozuke.gateways.tables import (
    digest,
    open_links,
    open_register,
)

ENTRY = {
    "individual_number": "000000000017", "kanji_name": "見本　花子", "kana_name": "ミホン　ハナコ", "birth_date": "1980-05-06",
    "sex": "2", "address": "大阪府大阪市北区中之島1-1-1", "furigana_certified": "1", "former_kanji_names": "旧姓　花子|古姓　花子",
    "former_kana_names": "キュウセイ　ハナコ", "former_addresses": "", "alias": "", "alias_kana": "", "parallel_kanji_name": "",
    "status": "番号変更", "status_on": "令和2年3月4日", "previous_number": "000000000025", "protected": "1",
}  # fmt: skip


def links_table(count: int = 5) -> pa.Table:
    return pa.Table.from_pylist([link(i) for i in range(1, count + 1)])


def read_links(source: object, **options: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    batches = list(open_links(source, **options).batches(on=ON))
    return [r for b in batches for r in b.texts.to_pylist()], [r for b in batches for r in b.typed.to_pylist()]


def write_csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def test_texts_stay_as_they_are_and_typed_columns_are_understood() -> None:
    texts, typed = read_links(links_table(1))

    assert texts == [
        {
            "row": 1, "link_id": "L0001", "scheme_number": "06130017:12:00001:00", "kanji_name": "見本　太郎",
            "kana_name": "ミホン　タロウ", "birth_date": "昭和50年4月1日", "sex": "男",
            "address": "東京都千代田区霞が関1丁目2番3号", "operator": "", "batch": "",
        }
    ]  # fmt: skip
    assert typed == [
        {
            "row": 1, "number": 1, "check_ok": False, "birth": 19750401, "sex": 1, "acquired_by": 0, "acquired_items": 0,
            "acquired_hits": -1, "acquired_on": 20200131, "registered_on": 20200401, "valid_from": 20200401, "valid_to": 99991231,
        }
    ]  # fmt: skip


@pytest.mark.seed("S63")
def test_the_ledger_of_acquisition_is_read() -> None:
    rows = [
        link(1, acquired_by="本人提出", acquired_items="", acquired_hits=""),
        link(2, acquired_by="J-LIS照会", acquired_items="カナ氏名|生年月日|性別", acquired_hits="2"),
        link(3, acquired_by="jlis", acquired_items="kanji_name|kana_name|birth_date|sex|address", acquired_hits="１件"),
        link(4, acquired_by="その他", acquired_items="氏名、住所", acquired_hits="不明"),
        link(5, acquired_by="Ｊ‐ＬＩＳ照会", acquired_items="４情報", acquired_hits="1"),
    ]
    _, typed = read_links(pa.Table.from_pylist(rows))

    assert [r["acquired_by"] for r in typed] == [1, 2, 2, 3, 2]
    assert [r["acquired_items"] for r in typed] == [0, 14, 31, 17, 29]
    assert [r["acquired_hits"] for r in typed] == [-1, 2, 1, -1, 1]


def test_what_is_unknown_or_wrong_but_understood_is_no_reason_to_set_a_row_aside() -> None:
    rows = [
        link(1, birth_date="昭和50年月日不詳"), link(2, birth_date="不詳"), link(3, birth_date=""), link(4, sex="9"),
        link(5, sex=""), link(6, sex="3"), link(7, individual_number="0000-0000 0078"), link(8, valid_to="平成99年12月31日"),
        link(9, valid_to="9999-99-99"), link(10, valid_to=""), link(11, valid_from="2030-01-01"), link(12, acquired_on="不詳"),
    ]  # fmt: skip
    _, typed = read_links(pa.Table.from_pylist(rows))

    assert len(typed) == len(rows)
    assert [r["birth"] for r in typed[:3]] == [19750000, -1, 0]
    assert [r["sex"] for r in typed[3:6]] == [0, -1, 3]
    assert typed[6]["number"] == 78
    assert [r["valid_to"] for r in typed[7:10]] == [99991231, 99991231, 0]
    assert (typed[10]["valid_from"], typed[11]["acquired_on"]) == (20300101, 0)


def test_check_digits_are_noted_and_never_a_reason_to_set_aside() -> None:
    _, typed = read_links(
        pa.Table.from_pylist([link(1, individual_number="000000000123"), link(2, individual_number="000000000019")])
    )

    assert [r["check_ok"] for r in typed] == [False, True]


def test_a_register_is_read() -> None:
    batch = next(open_register(pa.Table.from_pylist([ENTRY])).batches(on=ON))

    texts, typed = batch.texts.to_pylist()[0], batch.typed.to_pylist()[0]
    assert texts["former_kanji_names"] == "旧姓　花子|古姓　花子"
    assert set(texts) == {"row", *ENTRY} - {
        "individual_number",
        "furigana_certified",
        "status",
        "status_on",
        "previous_number",
        "protected",
    }
    assert typed == {
        "row": 1, "number": 17, "birth": 19800506, "sex": 2, "furigana_certified": 1, "status": 3, "status_on": 20200304,
        "previous_number": 25, "protected": True,
    }  # fmt: skip


def test_a_register_without_optional_columns_is_current_and_unprotected() -> None:
    batch = next(open_register(pa.table({"個人番号": ["000000000017"], "氏名": ["見本"]})).batches(on=ON))

    assert batch.typed.to_pylist()[0] == {
        "row": 1, "number": 17, "birth": 0, "sex": -1, "furigana_certified": -1, "status": 0, "status_on": 0,
        "previous_number": 0, "protected": False,
    }  # fmt: skip
    assert batch.texts.column("alias").to_pylist() == [""]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"status": "転居"}, "status_unknown_code"), ({"previous_number": "123"}, "number_not_12_digits"),
        ({"birth_date": "2027-01-01"}, "date_after_snapshot"), ({"status_on": "2020-02-30"}, "date_impossible"),
        ({"individual_number": ""}, "number_missing"),
    ],
)  # fmt: skip
def test_a_bad_register_row_is_set_aside(changed: dict[str, str], code: str) -> None:
    reader = open_register(pa.Table.from_pylist([{**ENTRY, **changed}, ENTRY]))

    assert sum(b.typed.num_rows for b in reader.batches(on=ON)) == 1
    assert [(q.row, q.code) for q in reader.quarantine] == [(1, code)]


def test_every_format_gives_the_same_rows(tmp_path: Path) -> None:
    table = links_table()
    expected = read_links(table)
    pq.write_table(table, tmp_path / "links.parquet")
    feather.write_feather(table, tmp_path / "links.arrow")
    rows = table.to_pylist()
    text = "\r\n".join([",".join(HEADERS.values()), *(",".join(row.values()) for row in rows)])
    sources: list[object] = [
        tmp_path / "links.parquet", tmp_path / "links.arrow", pl.from_arrow(table), table.to_reader(),
        duckdb.connect().from_arrow(table), str(tmp_path / "links.parquet"),
        write_csv(tmp_path / "a.csv", text), write_csv(tmp_path / "b.csv", text, "cp932"),
        write_csv(tmp_path / "c.csv", text, "utf-8-sig"), write_csv(tmp_path / "d.tsv", text.replace(",", "\t"), "cp932"),
    ]  # fmt: skip
    with xlsxwriter.Workbook(str(tmp_path / "links.xlsx")) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate([list(HEADERS.values()), *(list(row.values()) for row in rows)]):
            sheet.write_row(place, 0, row)

    for source in [*sources, tmp_path / "links.xlsx"]:
        assert read_links(source) == expected


def test_typed_arrow_columns_are_read_like_their_text(tmp_path: Path) -> None:
    table = pa.table(
        {
            "individual_number": pa.array(["000000000019", None, "000000000027"]).dictionary_encode(),
            "birth_date": pa.array([dt.date(1975, 4, 1), None, dt.date(2000, 2, 29)]),
            "sex": pa.array([1, 2, None], pa.int8()),
            "acquired_on": pa.array([dt.date(2020, 1, 2), None, None]).cast(pa.timestamp("us")),
            "acquired_by": pa.array(["jlis", None, "person"]).dictionary_encode(),
            "acquired_hits": pa.array([2.0, 1.0, float("nan")]),
            "branch": pa.array([1, 2, None]),
            "kanji_name": pa.array(["見本", "見本", None], pa.string_view()),
        }
    )
    pq.write_table(table, tmp_path / "links.parquet", row_group_size=2)
    texts, typed = read_links(table)

    assert read_links(tmp_path / "links.parquet") == (texts, typed)
    assert [r["scheme_number"] for r in texts] == ["1", ""]
    assert [r["birth"] for r in typed] == [19750401, 20000229]
    assert [r["sex"] for r in typed] == [1, -1]
    assert [(r["acquired_on"], r["acquired_by"], r["acquired_hits"]) for r in typed] == [(20200102, 2, 2), (0, 1, -1)]


def test_lists_of_former_names_are_joined() -> None:
    table = pa.table({"individual_number": ["000000000019"], "former_kanji_names": [["旧姓　花子", "古姓　花子"]]})

    assert next(open_register(table).batches(on=ON)).texts.column("former_kanji_names").to_pylist() == [
        "旧姓　花子|古姓　花子"
    ]


def test_lists_in_a_column_that_is_read_as_codes_are_joined_too(tmp_path: Path) -> None:
    """Parquet cannot give lists as dictionaries; extra columns of any shape stay readable."""
    asked = pa.array([["kana_name", None, "birth_date"], [], None], pa.list_(pa.string()))
    inner = pa.array([{"部署": "総務"}, None, {"部署": "窓口"}], pa.struct([("部署", pa.string())]))
    numbers = pa.array(["000000000019", "000000000027", "000000000035"])
    pq.write_table(
        pa.table({"individual_number": numbers, "acquired_items": asked, "詳細": inner}), tmp_path / "a.parquet"
    )

    reader = open_links(tmp_path / "a.parquet")
    (batch,) = reader.batches(on=ON)

    assert batch.typed.column("acquired_items").to_pylist() == [6, 0, 0]
    assert [values[1:] for _, values in reader.original_rows([1, 2, 3])] == [
        ["kana_name|birth_date", '{"部署": "総務"}'],
        ["", ""],
        ["", '{"部署": "窓口"}'],
    ]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64()])
def test_numbers_that_lost_their_zeros_are_set_aside_with_that_reason(kind: pa.DataType) -> None:
    reader = open_links(pa.table({"individual_number": pa.array([123456789, 987654321], kind)}))

    assert list(reader.batches(on=ON)) == []
    assert [q.code for q in reader.quarantine] == ["number_leading_zeros_lost"] * 2
    assert "9桁" in next(iter(reader.quarantine)).reason


def test_a_workbook_with_titles_dates_and_numbers(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        book.add_worksheet("説明").write(0, 0, "加入者一覧です")
        sheet = book.add_worksheet("一覧")
        sheet.write(0, 1, "加入者一覧")
        sheet.write_row(3, 1, ["個人番号", "氏名", "生年月日", "性別"])
        day = book.add_format({"num_format": "yyyy/mm/dd"})
        sheet.write_row(4, 1, ["000000000019", "見本", "", 1])
        sheet.write_datetime(4, 3, dt.date(1975, 4, 1), day)
        sheet.write_row(6, 1, ["000000000027", "見本", "S50.4.1", 2, "余り"])

    reader = open_links(tmp_path / "a.xlsx")
    typed = [row for b in reader.batches(on=ON) for row in b.typed.to_pylist()]

    assert [(r["birth"], r["sex"]) for r in typed] == [(19750401, 1)]
    assert [(q.line, q.row, q.code) for q in reader.quarantine] == [(7, 2, "wrong_field_count")]
    assert list(reader.original_rows([1])) == [(1, ["000000000019", "見本", "1975-04-01", "1"])]


def test_extra_columns_are_known_and_original_rows_keep_them(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", "備考,個人番号,氏名,備考\r\nア,000000000019,見本,イ\r\nウ,000000000027,見本,エ\r\n", "cp932"
    )
    reader = open_links(path)
    list(reader.batches(on=ON))

    assert reader.extra_columns == ["備考", "備考"]
    assert reader.columns == {"individual_number": "個人番号", "kanji_name": "氏名"}
    assert list(reader.original_rows([2])) == [(2, ["ウ", "000000000027", "見本", "エ"])]
    assert (reader.layout.encoding, reader.layout.line_end, reader.layout.delimiter) == ("cp932", "\r\n", ",")


def test_a_header_alone_is_a_table_without_rows(tmp_path: Path) -> None:
    reader = open_links(write_csv(tmp_path / "a.csv", "個人番号,氏名"))

    assert list(reader.batches(on=ON)) == []
    assert reader.rows_read == 0


def test_the_encoding_with_fewer_broken_lines_is_chosen(tmp_path: Path) -> None:
    for encoding, broken in (("cp932", b"\x81\xff"), ("utf-8", b"\x93\xfa")):
        lines = [line_of(link(i), encoding) for i in range(1, 200)]
        lines[50] = lines[50].replace(b"L0051", broken)
        path = tmp_path / "a.csv"
        path.write_bytes(b"\n".join([header_line(encoding), *lines]))

        reader = open_links(path)

        assert reader.encoding == encoding
        assert "lines broken" in reader.encoding_evidence
        assert sum(b.typed.num_rows for b in reader.batches(on=ON)) == 198


def test_unreadable_characters_are_reported_by_row_and_column(tmp_path: Path) -> None:
    rows = [link(1), link(2, kanji_name="\ue000本"), link(3, address="〓町●"), link(4, kana_name="\ufffd")]
    text = "\n".join([",".join(HEADERS.values()), *(",".join(row.values()) for row in rows)])
    reader = open_links(write_csv(tmp_path / "a.csv", text))
    list(reader.batches(on=ON))

    assert [(g.row, g.column, g.code_point, g.what) for g in reader.glyph_findings] == [
        (2, "kanji_name", "U+E000", "gaiji"), (3, "address", "U+3013", "mark"), (3, "address", "U+25CF", "mark"),
        (4, "kana_name", "U+FFFD", "replacement"),
    ]  # fmt: skip
    assert reader.glyph_count == 4


def test_gaiji_of_cp932_are_kept_as_private_characters(tmp_path: Path) -> None:
    line = line_of(link(1, kanji_name="@"), "cp932").replace(b"@", b"\xf0\x40")
    path = tmp_path / "a.csv"
    path.write_bytes(header_line("cp932") + b"\n" + line)

    reader = open_links(path)

    assert next(reader.batches(on=ON)).texts.column("kanji_name").to_pylist() == ["\ue000"]
    assert reader.glyph_findings[0].what == "gaiji"


def test_the_digest_of_a_table_does_not_depend_on_how_it_is_held() -> None:
    table = links_table(100)
    pieces = pa.concat_tables([table.slice(0, 33), table.slice(33)])

    assert digest(table) == digest(pieces) == digest(pl.from_arrow(table)) == open_links(pieces).digest
    assert digest(table) != digest(links_table(99))
    assert digest(table) != digest(table.rename_columns([f"x{i}" for i in range(table.num_columns)]))


def test_reading_twice_gives_the_same() -> None:
    reader = open_links(links_table())
    first = [b.typed.to_pylist() for b in reader.batches(on=ON)]

    assert [b.typed.to_pylist() for b in reader.batches(on=ON)] == first
    assert reader.rows_read == 5
