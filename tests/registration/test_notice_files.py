"""Our template goes out and comes in; every fault of a row is told with its place and its remedy."""

from __future__ import annotations

import io
import re
from datetime import date
from pathlib import Path

import pytest
from factories import number
from registration_filings import acquisition_row, filing, shfd

from himozuke.errors import InputRejectedError
from himozuke.gateways.notice_files import COLUMNS, read_notice_file, write_csv, write_xlsx
from himozuke.registration import words
from himozuke.registration.model import NoticeKind, Problem

HEADER = "届出の種類,事実発生年月日,漢字氏名,カナ氏名,生年月日,性別,個人番号,住所\r\n"
GOOD = f"取得,R8.4.1,山田　太郎,ﾔﾏﾀﾞ ﾀﾛｳ,S50.4.2,男,{number(1001)},東京都千代田区霞が関一丁目2番3号\r\n"


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_the_template_as_it_is_handed_out_can_be_handed_in(write: object) -> None:
    assert callable(write)
    intake = read_notice_file(write(), name="様式.xlsx")

    assert (intake.file.rows, intake.file.rows_taken, intake.file.problems) == (1, 1, [])
    notice = intake.filings[0]
    assert notice.text("kanji_name") == "紐付　花子"
    assert notice.individual_number is not None
    assert notice.individual_number.reveal() == number(1008)


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_notices_written_into_the_template_come_back_the_same(write: object) -> None:
    assert callable(write)
    given = [filing(), filing(None, number="0018", remarks="記号,番号に注意")]

    back = read_notice_file(write(given), name="x").filings

    assert [(one.kind, one.event_on, dict(one.texts), one.individual_number) for one in back] == [
        (one.kind, one.event_on, {k: v for k, v in one.texts.items() if v}, one.individual_number) for one in given
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_the_encodings_that_excel_saves_are_read(encoding: str) -> None:
    intake = read_notice_file((HEADER + GOOD).encode(encoding), name="届出.csv")

    assert intake.file.encoding == encoding
    assert intake.filings[0].event_on == date(2026, 4, 1)


def test_rows_with_faults_are_told_and_the_good_ones_go_on() -> None:
    rows = [
        GOOD,
        GOOD.replace("R8.4.1", "2026-02-30"),
        GOOD.replace(number(1001), "1.23E+11"),
        GOOD.replace("取得", "入社"),
        GOOD.replace("\r\n", ",余分\r\n"),
    ]
    intake = read_notice_file((HEADER + "".join(rows)).encode(), name="届出.csv")

    assert [(p.code, p.item, p.row, p.line) for p in intake.file.problems] == [
        ("not_a_date", "事実発生年月日", 2, 3),
        ("not_a_number", "個人番号", 3, 4),
        ("not_a_code", "届出の種類", 4, 5),
        ("wrong_field_count", "", 5, 6),
    ]
    assert (intake.file.rows, intake.file.rows_taken, len(intake.filings)) == (5, 1, 1)


def test_a_number_that_cannot_be_read_is_never_shown_whole() -> None:
    wrong = GOOD.replace(number(1001), number(1001) + "9")
    problem = read_notice_file((HEADER + wrong).encode(), name="x").file.problems[0]

    assert not re.search(r"\d{4}", problem.value)


def test_kinds_of_notices_are_told_by_their_word() -> None:
    words_ = ("取得", "喪失", "被扶養者追加", "被扶養者削除")
    rows = "".join(GOOD.replace("取得", word, 1) for word in words_)

    assert [one.kind for one in read_notice_file((HEADER + rows).encode(), name="x").filings] == list(NoticeKind)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"a,b\r\n1,2\r\n", "no header of the template"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"\xff\xfe\xfa" * 5, "neither UTF-8 nor CP932|UTF-16"),
        (HEADER.replace("住所", "カナ氏名").encode(), "stands twice"),
        (b"PK\x03\x04broken", "as a workbook"),
        ((HEADER + '"').encode(), "is no CSV"),
    ],
)
def test_what_is_no_file_of_notices_is_refused_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(InputRejectedError, match=said):
        read_notice_file(data, name="x")


def test_form_files_are_told_by_what_is_in_them_not_by_their_name() -> None:
    intake = read_notice_file(shfd(acquisition_row()), name="何か.txt")

    assert (intake.file.format, intake.file.rows_taken) == ("shfd0006", 1)


def test_every_code_used_in_the_program_has_its_words() -> None:
    source = Path(__file__).parents[2] / "src" / "himozuke"
    files = [
        *source.glob("registration/*.py"),
        *source.glob("gateways/*_csv/*.py"),
        *source.glob("gateways/notice_files/*.py"),
    ]
    text = "\n".join(file.read_text("utf-8") for file in files)
    used = set(re.findall(r'(?:Problem|wrong)\(\s*"([a-z_]+)"', text)) | {
        f"foreign_{what}" for what in ("private", "vendor", "control", "broken")
    }

    assert used - set(words.codes()) == set()
    for code in words.codes():
        for lang in ("ja", "en"):
            told = words.tell(Problem(code, "address", "1/2", "x"), lang)
            assert told.reason
            assert told.remedy


def test_the_example_row_holds_every_column_once() -> None:
    header = io.StringIO(write_csv().decode("utf-8-sig")).readline().strip().split(",")

    assert header == [column.ja for column in COLUMNS]
    assert len(set(header)) == len(header)
