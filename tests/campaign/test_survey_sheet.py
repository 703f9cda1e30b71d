"""The survey as a CSV: what comes back is what was written, and bad lines are told one by one."""

from __future__ import annotations

from datetime import date

import pytest

from himozuke.campaign.model import HeldSurvey, Survey, SurveyLine
from himozuke.campaign.service import Invitation, SheetFault
from himozuke.errors import InputRejectedError
from himozuke.gateways.results.survey_sheet import HEADERS, read_invitations, read_sheet, write_sheet

LINES = (
    SurveyLine("jlis", date(2021, 10, 1), date(2023, 5, 31), "yes", "no", "unconfirmed", stopped=True),
    SurveyLine("person", None, None, "no", "no", "no", inspected_on=date(2023, 6, 1)),
)
SURVEY = Survey("health_insurance", "yes", "return_", ("kana_name", "birth_date"), lines=LINES)


def held(survey: Survey) -> HeldSurvey:
    return HeldSurvey(1, 2, "06139999", "ひもづけ健康保険組合", survey, None, None, 0)


def sheet(*lines: str) -> bytes:
    return "\r\n".join([",".join(HEADERS.values()), *lines]).encode("cp932")


def test_what_was_written_is_read_again() -> None:
    reading = read_sheet("調査票.csv", write_sheet([held(SURVEY)]))

    assert reading.faults == []
    [answer] = reading.answers
    assert (answer.body, answer.survey, answer.numbers) == ("06139999", SURVEY, (2, 3))


def test_days_in_their_era_and_items_in_any_order_are_read() -> None:
    line = "1,,health_insurance,義務がある,J-LISへ照会する,性別｜カナ氏名,いいえ,J-LIS照会,R3.10.1,,いいえ,いいえ,いいえ,いいえ,令和5年6月1日"

    [answer] = read_sheet("調査票.csv", sheet(line)).answers

    assert answer.survey.inquiry_items == ("kana_name", "sex")
    assert answer.survey.lines[0].since == date(2021, 10, 1)
    assert answer.survey.lines[0].inspected_on == date(2023, 6, 1)


def test_a_cell_that_cannot_be_read_is_told_with_line_column_and_value() -> None:
    good = "1,,health_insurance,義務がある,その他の方法,,いいえ,その他,,,いいえ,いいえ,いいえ,いいえ,"
    bad = "2,,health_insurance,たぶん,その他の方法,電話,いいえ,その他,2023-13-01,,いいえ,いいえ,いいえ,いいえ,"
    short = "3,,health_insurance"

    reading = read_sheet("調査票.csv", sheet(good, bad, short))

    assert [answer.body for answer in reading.answers] == ["1"]
    assert set(reading.faults) == {
        SheetFault(3, "number_required", "たぶん", "unknown_word"),
        SheetFault(3, "inquiry_items", "電話", "unknown_word"),
        SheetFault(3, "since", "2023-13-01", "not_a_day"),
        SheetFault(4, "", "", "wrong_field_count"),
    }


def test_lines_of_one_body_must_say_the_same_of_the_body() -> None:
    first = "1,,health_insurance,義務がある,その他の方法,,いいえ,その他,,,いいえ,いいえ,いいえ,いいえ,"
    second = first.replace("義務がある", "義務がない")

    reading = read_sheet("調査票.csv", sheet(first, second))

    assert reading.answers == []
    assert reading.faults == [SheetFault(3, "number_required", "義務がない", "contradicts")]


def test_a_file_without_the_needed_columns_is_no_survey() -> None:
    with pytest.raises(InputRejectedError, match="団体コード"):
        read_sheet("別.csv", "名前,数\r\n".encode())


@pytest.mark.seed("S110")
def test_bodies_to_ask_are_read_with_what_is_wrong() -> None:
    content = "団体コード,制度コード,住民情報を保有\r\n1,health_insurance,\r\n2,,\r\n3,national_health_insurance,はい\r\n4,x,?\r\n5,nazo,いいえ\r\n"

    invitations, faults = read_invitations("団体.csv", content.encode())

    assert invitations == [
        Invitation("1", "health_insurance"),
        Invitation("3", "national_health_insurance", holds_residents=True),
    ]
    assert [(fault.line, fault.column, fault.code) for fault in faults] == [
        (3, "scheme", "needed"),
        (5, "holds_residents", "unknown_word"),
        (6, "scheme", "no_scheme"),
    ]
