"""Headers and mappings: which are recognised, which files are refused and how it is said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import xlsxwriter  # type: ignore[import-untyped]
from tables_of_links import ON

from himozuke.errors import InputRejectedError, UsageError
from himozuke.gateways.tables import (
    REGISTER,
    ColumnMapping,
    digest,
    load_mapping,
    open_links,
    open_register,
    read_headers,
    write_starter_mapping,
)
from himozuke.identity.calendar import CodeSystem


def read_links(source: object, **options: Any) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    batches = list(open_links(source, **options).batches(on=ON))
    return [r for b in batches for r in b.texts.to_pylist()], [r for b in batches for r in b.typed.to_pylist()]


def write_csv(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


@pytest.mark.parametrize(
    "header",
    ["個人番号,氏名,氏名カナ", "individual_number,kanji_name,kana_name", " Individual Number , KANJI NAME,ｶﾅ氏名", "個人番号,漢字氏名,カナ 氏名", '"個人番号","氏名","カナ氏名"'],
)  # fmt: skip
def test_headers_are_recognised_whatever_their_width_case_and_spaces(tmp_path: Path, header: str) -> None:
    path = write_csv(tmp_path / "a.csv", f"{header}\n000000000019,見本,ミホン\n")

    texts, _ = read_links(path)

    assert (texts[0]["kanji_name"], texts[0]["kana_name"], texts[0]["link_id"]) == ("見本", "ミホン", "1")


def test_a_foreign_header_needs_a_mapping_and_a_starter_helps(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", '番号A,"お名前 ""姓名""",誕生日\n000000000019,見本,5500401\n')
    with pytest.raises(InputRejectedError, match="mapping"):
        open_links(path)
    starter = tmp_path / "mapping.toml"
    write_starter_mapping(starter, ["番号A", 'お名前 "姓名"', "誕生日"])
    text = starter.read_text(encoding="utf-8")
    assert load_mapping(starter) == ColumnMapping()
    for column, header in {
        "individual_number": "番号A",
        "kanji_name": 'お名前 \\"姓名\\"',
        "birth_date": "誕生日",
    }.items():
        text = text.replace(f'\n{column} = ""', f'\n{column} = "{header}"')
    starter.write_text(text.replace('code_system = ""', 'code_system = "届書"'), encoding="utf-8")

    texts, typed = read_links(path, mapping=starter)

    assert (texts[0]["kanji_name"], typed[0]["birth"]) == ("見本", 19750401)


def test_the_headers_of_a_foreign_workbook_can_be_read_for_a_starter(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(str(tmp_path / "a.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "名簿")
        sheet.write_row(1, 0, ["ア", "イ"])

    assert read_headers(tmp_path / "a.xlsx") == ["ア", "イ"]
    with pytest.raises(InputRejectedError, match="known column"):
        open_links(tmp_path / "a.xlsx")
    with xlsxwriter.Workbook(str(tmp_path / "b.xlsx")) as book:
        book.add_worksheet()
    with pytest.raises(InputRejectedError, match="no sheet has a header"):
        open_links(tmp_path / "b.xlsx")


def test_the_code_system_of_dates_can_be_declared() -> None:
    table = pa.table({"individual_number": ["000000000019"] * 2, "birth_date": ["5050301", "届書:5050301"]})

    _, typed = read_links(table, mapping=ColumnMapping(dates=CodeSystem.CLAIM))

    assert [r["birth"] for r in typed] == [20230301, 19300301]


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ("[columns]\nname = '個人番号'", "no column name"), ("[columns]\nsex = '個人番号X'", "no header"),
        ("[rows]\n", "unknown table"), ("[columns]\nsex = 1", "text in quotes"), ("[dates]\ncode_system = '西暦'", "code_system"),
        ("= 3", "not TOML"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_is_refused(tmp_path: Path, content: str, match: str) -> None:
    mapping = write_csv(tmp_path / "m.toml", content)
    path = write_csv(tmp_path / "a.csv", "個人番号,氏名\n")

    with pytest.raises((UsageError, InputRejectedError), match=match):
        open_links(path, mapping)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "empty"), (b"\xef\xbb\xbf", "empty"), (b"\r\n\r\n", "empty"), (b"a,b,c\n1,2,3\n", "known column"), ("氏名,住所\n見本,東京\n".encode(), "個人番号"),
        ("個人番号,氏名,漢字氏名\n".encode(), "both mean kanji_name"), ("個人番号,個人番号\n".encode(), "both mean"),
        ("個人番号,氏名\n1,2\n".encode("utf-16"), "UTF-16"), ("個人番号,氏名\n1,2\n".encode("utf-16-le"), "UTF-16"),
        (b"PAR1" + b"\x00" * 40, "damaged"), (b"PK\x03\x04" + b"\x00" * 40, "workbook"), (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b\x08\x00", "gzip"), (b"\x00\x00\x00\x07" * 9, "no table"), (b"\xff\xfe\xfa\xfb" * 9, "UTF-16"),
        (b"\xfd\xff\xfd\xff,\n", "neither UTF-8 nor CP932"), (b"ARROW1\x00\x00" + b"\x00" * 20, "damaged"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes, match: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)

    with pytest.raises(InputRejectedError, match=match) as refused:
        open_links(path)

    assert refused.value.exit_code == 4
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    for call in (open_links, open_register, digest):
        with pytest.raises(UsageError, match="no such file"):
            call(tmp_path / "absent.csv")
    with pytest.raises(UsageError, match="directory"):
        open_links(tmp_path)
    with pytest.raises(UsageError, match="speaks Arrow"):
        open_links(object())


def test_a_register_mapping_starter_lists_the_columns_of_a_register(tmp_path: Path) -> None:
    write_starter_mapping(tmp_path / "m.toml", ["氏名"], REGISTER)

    assert load_mapping(tmp_path / "m.toml").header_by_column == {"kanji_name": "氏名"}
