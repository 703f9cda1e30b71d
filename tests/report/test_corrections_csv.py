"""``corrections.csv``: the file's own layout and encoding, with corrected values and three more columns."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest

from himozuke.gateways.results.corrections_csv import EXTRA_HEADERS, write_corrections
from himozuke.inspection.corrections import SCHEMA

Fix = dict[str, Any]
Longs = npt.NDArray[np.int64]

HEADERS = ("ID", "個人番号", "氏名カナ", "住所", "備考", "備考")
ROWS = {
    1: ("A", "001000000001", "ヤマダ　ハナコ", "東京都千代田区1-1", "=keep", ""),
    2: ("B", "001000000002", "サトウ　イチロ", "大阪府堺市北区2-2", "", "x"),
    9: ("C", "001000000003", "スズキ　ジロウ", "北海道札幌市3-3", "", ""),
}


@dataclass
class Layout:
    encoding: str | None = "cp932"
    delimiter: str = ","
    line_end: str = "\r\n"
    headers: Sequence[str] = HEADERS
    columns: Mapping[str, str] = field(
        default_factory=lambda: {"individual_number": "個人番号", "kana_name": "氏名カナ", "address": "住所"}
    )


@dataclass
class Originals:
    rows: Longs
    columns: Sequence[pa.Array]


def originals(rows: Sequence[int]) -> Iterator[Originals]:
    """One row at a time, as a reader may give them."""
    for row in rows:
        yield Originals(np.array([row]), [pa.array([value], pa.large_string()) for value in ROWS[row]])


def correction(row: int, column: str, before: str, after: str | None, reason: str) -> Fix:
    return {"row": row, "column": column, "before": before, "after": after, "reason": reason}


def written(folder: Path, *fixes: Fix, layout: Layout | None = None, reveal: bool = False) -> list[list[str]]:
    layout = layout or Layout()
    path = folder / "corrections.csv"
    rows = sorted({fix["row"] for fix in fixes})
    table = pa.Table.from_pylist(list(fixes), SCHEMA)
    count = write_corrections(path, table, layout=layout, originals=originals(rows), reveal=reveal)
    text = path.read_bytes().decode(layout.encoding or "utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=layout.delimiter))
    assert count == len(lines) - 1
    return lines


def test_a_known_value_replaces_the_old_one_and_the_rest_stays(result_folder: Path) -> None:
    headers, row = written(
        result_folder, correction(2, "kana_name", "サトウ　イチロ", "サトウ　イチロウ", "slip_kana_name")
    )

    assert headers == [*HEADERS, *EXTRA_HEADERS]
    assert row == [
        "B", "*********002", "サトウ　イチロウ", "大阪府堺市北区2-2", "", "x",
        "氏名カナ", "サトウ　イチロ", "カナ氏名に書き損じとみられる差",
    ]  # fmt: skip


def test_several_items_of_one_row_stand_in_one_line(result_folder: Path) -> None:
    _, row = written(
        result_folder,
        correction(1, "kana_name", "x", "ヤマダ　カコ", "reading"),
        correction(1, "address", "x", "東京都千代田区1-2", "slip_address"),
    )

    assert row[-3:] == [
        "氏名カナ | 住所",
        "ヤマダ　ハナコ | 東京都千代田区1-1",
        "同じ漢字で読みが違う | 住所に書き損じとみられる差",
    ]
    assert row[4] == "=keep"  # the insurer's own value, byte for byte


def test_a_value_to_collect_names_the_item_and_stays_empty(result_folder: Path) -> None:
    _, row = written(result_folder, correction(9, "birth_date", "", None, "missing_birth_date"))

    assert row[:6] == ["C", "*********003", *ROWS[9][2:]]
    assert row[-3:] == ["生年月日", "", "生年月日の記載がない（要収集・要確認）"]


def test_a_row_whose_field_cannot_be_named_still_appears(result_folder: Path) -> None:
    _, row = written(result_folder, correction(1, "", "", None, "scheme_number_twice"))

    assert row[-3:] == ["（記録全体）", "", "同じ制度固有番号が2行以上にある（要収集・要確認）"]


def test_a_character_the_encoding_lacks_is_left_to_be_typed(result_folder: Path) -> None:
    _, row = written(result_folder, correction(1, "address", "x", "東京都𠮷野町", "slip_address"))

    assert row[3] == ROWS[1][3]
    assert row[-1] == "住所に書き損じとみられる差（この文字コードで表せないため手入力）"


def test_rows_come_in_file_order_one_line_each(result_folder: Path) -> None:
    rows = written(result_folder, *(correction(row, "address", "", None, "slip_address") for row in (1, 2, 9)))

    assert [row[0] for row in rows[1:]] == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("layout", "start"),
    [
        (Layout(encoding="utf-8", delimiter="\t", line_end="\n"), "ID\t個人番号".encode()),
        (Layout(encoding=None), b"\xef\xbb\xbfID,"),
        (Layout(encoding="utf-8-sig"), b"\xef\xbb\xbfID,"),
    ],
)
def test_the_layout_of_the_input_is_kept(result_folder: Path, layout: Layout, start: bytes) -> None:
    written(result_folder, correction(1, "address", "", None, "slip_address"), layout=layout)

    content = (result_folder / "corrections.csv").read_bytes()
    assert content.startswith(start)
    assert content.count(layout.line_end.encode()) == 2


def test_the_number_is_whole_only_for_a_caller_who_may_reveal_it(result_folder: Path) -> None:
    fix = correction(1, "individual_number", "", "001000000009", "old_number")

    assert written(result_folder, fix, reveal=True)[1][1] == "001000000009"
    masked = correction(1, "individual_number", "", "*********009", "old_number")
    assert written(result_folder, masked)[1][1] == "*********009"
    assert b"001000000001" not in (result_folder / "corrections.csv").read_bytes()
