"""Dates of birth: every notation, what is not a date, and the slips that clerks make."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from himozuke.identity import birth_date
from himozuke.identity.calendar import ERAS, CodeSystem
from himozuke.identity.column import utf8_column
from himozuke.identity.state import How, ItemState

SAME_DAY = [
    "1975-01-01", "1975/1/1", "1975.1.1", "1975年1月1日", "19750101", "１９７５／０１／０１", "西暦1975年1月1日",
    "S50.1.1", "s50.1.1", "昭50-1-1", "昭和５０年０１月０１日", "昭和五十年一月一日", "昭和五〇年一月一日",
    "㍼50年1月1日", "S500101", "昭和500101", "昭和 50年 1月 1日", "昭和50年1月1日生",
    "一九七五年一月一日", "1975-01-01 00:00:00", "1975-01-01T00:00:00", "レセ:3500101", "届書:5500101", "レセ：3500101", "Ｓ５０．１．１", "S50/01/01", "昭和50−1−1",
    "S.50.1.1", "昭.50.1.1", "S050.01.01", "昭和50年（1975年）1月1日", "1975(昭和50)年1月1日", "1975年1月1日（水）", "昭和五拾年壱月壱日",
]  # fmt: skip


@pytest.mark.parametrize("text", SAME_DAY)
def test_every_notation_of_one_day_reads_the_same(text: str) -> None:
    assert birth_date.parse(text) == 19750101


@pytest.mark.parametrize("text", SAME_DAY[1:])
def test_another_notation_of_the_same_day_is_folded(text: str) -> None:
    assert birth_date.compare(SAME_DAY[0], text).state is ItemState.FOLDED


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("大正15年12月25日", 19261225), ("昭和元年12月25日", 19261225),
        ("明治45年7月30日", 19120730), ("大正元年7月30日", 19120730),
        ("昭和64年1月7日", 19890107), ("平成元年1月8日", 19890108),
        ("平成31年4月30日", 20190430), ("令和元年5月1日", 20190501), ("㋿5年3月1日", 20230301),
    ],
)  # fmt: skip
def test_days_at_the_edges_of_eras(text: str, value: int) -> None:
    assert birth_date.parse(text) == value


@pytest.mark.parametrize("text", ["平成31年5月1日", "昭和64年1月8日", "大正15年12月31日", "明治45年8月1日"])
def test_an_era_goes_on_to_the_end_of_its_last_year(text: str) -> None:
    assert birth_date.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "1975-02-30", "20250229", "平成元年2月29日", "平成32年5月1日", "平成元年1月7日", "令和元年4月30日",
        "昭和元年12月24日", "昭和65年1月1日", "1975-13-01", "19751301", "9999-99-99", "0975-01-01",
        "27395", "750101", "2750401", "abc", "12/31/1975", "S50.1.1.1", "昭和50年1月32日", "昭和50年(1976年)1月1日", "(昭和50年)",
    ],
)  # fmt: skip
def test_what_is_no_date_is_refused(text: str) -> None:
    assert birth_date.parse(text) is None


def test_era_digits_are_read_by_the_declared_system_only() -> None:
    assert birth_date.parse("5050301") is None
    assert birth_date.parse("5050301", CodeSystem.CLAIM) == 20230301
    assert birth_date.parse("5050301", CodeSystem.FORM) == 19300301
    assert birth_date.parse("9050301", CodeSystem.FORM) == 20230301
    assert birth_date.parse("7050301", CodeSystem.CLAIM) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", 0), ("　", 0), ("不詳", -1), ("生年月日不詳", -1), ("年月日不詳", -1), ("00000000", -1),
        ("0000-00-00", -1), ("●", -1), ("昭和不詳年", -1), ("19750000", 19750000), ("1975-04-00", 19750400),
        ("昭和50年月日不詳", 19750000), ("昭和50年4月日不詳", 19750400), ("昭和50年4月不詳", 19750400),
        ("昭和50年不詳", 19750000), ("昭和50年4月", 19750400), ("1975-04", 19750400), ("昭和50年00月00日", 19750000),
    ],
)  # fmt: skip
def test_unknown_parts_are_zero(text: str, value: int) -> None:
    assert birth_date.parse(text) == value


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("1975-03-28", "1975-03-23", How.ONE_DIGIT),
        ("1975-03-28", "1975-03-29", How.OFF_BY_ONE),
        ("1999-12-31", "2000-01-01", How.OFF_BY_ONE),
        ("1975-03-28", "1975-04-28", How.OFF_BY_ONE),
        ("1975-03-28", "1976-03-28", How.OFF_BY_ONE),
        ("1975-03-28", "1985-03-28", How.OFF_BY_TEN),
        ("1975-03-08", "1975-03-18", How.OFF_BY_TEN),
        ("1975-03-28", "1957-03-28", How.EXCHANGED),
        ("1975-03-21", "1975-03-12", How.EXCHANGED),
        ("1975-03-08", "1975-08-03", How.DAY_MONTH),
        ("昭和5年3月28日", "平成5年3月28日", How.ERA),
        ("昭和48年5月5日", "昭和43年5月5日", How.ONE_DIGIT),
        ("昭和35年5月5日", "昭和53年5月5日", How.EXCHANGED),
    ],
)
def test_slips_are_near(a: str, b: str, how: How) -> None:
    for left, right in ((a, b), (b, a)):
        found = birth_date.compare(left, right)
        assert (found.state, found.how) == (ItemState.NEAR, how)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("1975-03-28", "1976-04-29"), ("1975-03-28", "1982-09-14"), ("1975-03-28", "1975-06-17"),
        ("1975-03-28", "1990-11-28"), ("昭和50年3月28日", "平成3年3月27日"),
    ],
)  # fmt: skip
def test_other_days_are_different(a: str, b: str) -> None:
    assert birth_date.compare(a, b).state is ItemState.DIFFERENT


@pytest.mark.parametrize(
    ("a", "b", "state"),
    [
        ("1975-03-28", "1975-03-28", ItemState.EQUAL),
        ("", "1975-03-28", ItemState.MISSING),
        ("", "", ItemState.MISSING),
        ("不詳", "1975-03-28", ItemState.UNKNOWN),
        ("不詳", "不詳", ItemState.UNKNOWN),
        ("1975-00-00", "1975-00-00", ItemState.UNKNOWN),
        ("1975-00-00", "1975-03-28", ItemState.UNKNOWN),
        ("1975-00-00", "1976-03-28", ItemState.DIFFERENT),
        ("昭和5●年3月28日", "1975-03-28", ItemState.UNKNOWN),
        ("昭和5●年3月28日", "1975-04-02", ItemState.DIFFERENT),
        ("1975-02-30", "1975-02-28", ItemState.UNKNOWN),
        ("1975-02-30", "1980-05-05", ItemState.DIFFERENT),
        ("5050301", "1930-03-01", ItemState.UNKNOWN),
        ("5050301", "2023-03-01", ItemState.UNKNOWN),
        ("5050301", "1930-04-01", ItemState.DIFFERENT),
        ("5050301", "5050301", ItemState.UNKNOWN),
        ("レセ:5050301", "届書:5050301", ItemState.NEAR),
        ("abc", "1975-03-28", ItemState.UNKNOWN),
        ("大正15年12月25日", "昭和元年12月25日", ItemState.FOLDED),
        ("平成31年5月1日", "令和元年5月1日", ItemState.FOLDED),
    ],
)
def test_states_of_readable_and_unreadable_dates(a: str, b: str, state: ItemState) -> None:
    assert birth_date.compare(a, b).state is state
    assert birth_date.compare(b, a).state is state


DAYS = st.dates(dt.date(1868, 1, 25), dt.date(2030, 12, 31))


@given(DAYS)
def test_any_day_survives_every_era_that_holds_it(day: dt.date) -> None:
    value = day.year * 10000 + day.month * 100 + day.day

    for era in ERAS:
        if era.first <= value <= era.last:
            year = day.year - era.base
            for text in (f"{era.name}{year}年{day.month}月{day.day}日", f"{era.letter}{year:02d}{day:%m%d}"):
                assert birth_date.parse(text) == value
            for system in CodeSystem:
                assert birth_date.parse(f"{era.digit(system)}{year:02d}{day:%m%d}", system) == value


@settings(deadline=None)
@given(st.lists(st.tuples(DAYS, DAYS, st.integers(0, 5)), min_size=1, max_size=20))
def test_a_column_is_compared_like_one_value(pairs: list[tuple[dt.date, dt.date, int]]) -> None:
    texts = []
    for a, b, kind in pairs:
        other = [b, a, a + dt.timedelta(1), a + dt.timedelta(10), a, b][kind].isoformat()
        texts.append((a.isoformat(), [other, other, other, other, other[:8] + "00", "不詳"][kind]))
    left = np.array([birth_date.parse(a) for a, _ in texts], np.int32)
    right = np.array([birth_date.parse(b) for _, b in texts], np.int32)

    compared = birth_date.compare_values(left, right)

    for (left_text, right_text), state, how in zip(texts, compared.states, compared.hows, strict=True):
        one = birth_date.compare(left_text, right_text)
        if one.state is ItemState.EQUAL:
            assert state == ItemState.FOLDED
        else:
            assert (one.state, one.how) == (state, how)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_makes_comparing_fail(a: str, b: str) -> None:
    assert birth_date.compare(a, b).state is birth_date.compare(b, a).state


@given(st.text("0123456789年月日昭和平成令元不詳●-/.SHR一二三十〇:レセ届書", max_size=16))
def test_no_scrap_of_a_date_makes_reading_fail(text: str) -> None:
    value = birth_date.parse(text)
    assert value is None or value == -1 or 0 <= value <= 99991231


@settings(deadline=None)
@given(st.lists(st.one_of(DAYS.map(str), DAYS.map(lambda d: f"{d:%Y%m%d}"), st.text("0123456789-年", max_size=11))))
def test_plain_dates_of_a_column_are_read_like_one_value(texts: list[str]) -> None:
    found = birth_date.parse_plain_column(utf8_column(texts)).tolist()

    for text, value in zip(texts, found, strict=True):
        assert value in {birth_date.NOT_PLAIN, birth_date.parse(text)}
        assert value != birth_date.NOT_PLAIN or text not in PLAIN_SAMPLES


PLAIN_SAMPLES = {"1975-01-01", "19750101", "2000-02-29", ""}


def test_plain_dates_are_not_left_to_the_slow_way() -> None:
    assert birth_date.NOT_PLAIN not in birth_date.parse_plain_column(utf8_column(sorted(PLAIN_SAMPLES)))


COMMON = st.tuples(
    st.sampled_from(["", "", *"明大昭平令MTSHRsｓＨ", "明治", "大正", "昭和", "平成", "令和", "昭成", "西暦"]),
    st.one_of(st.integers(0, 99), st.integers(1790, 2100), st.just("元")).map(str),
    st.sampled_from(["年", "-", "/", ".", "", "．", "ー", " "]),
    st.integers(0, 13).map(str),
    st.sampled_from(["月", "-", "/", ".", "", "／"]),
    st.integers(0, 32).map(str),
    st.sampled_from(["", "", "日", "生", "日 "]),
).map("".join)
WIDE = str.maketrans({0x30 + i: 0xFF10 + i for i in range(10)})


@settings(deadline=None)
@given(
    st.lists(
        st.one_of(COMMON, COMMON.map(lambda text: text.translate(WIDE)), st.text("1９年月日元昭和S/.é𠮷", max_size=9))
    )
)
def test_common_notations_of_a_column_are_read_like_one_value(texts: list[str]) -> None:
    found = birth_date.parse_plain_column(utf8_column(texts)).tolist()

    for text, value in zip(texts, found, strict=True):
        for source in (None, *CodeSystem):
            assert value in {birth_date.NOT_PLAIN, birth_date.parse(text, source)}


@pytest.mark.parametrize(
    "text",
    [
        "1975/4/1", "1975.04.01", "1975年4月1日", "昭和50年4月1日", "昭50.4.1", "S50.4.1", "s50/04/01", "S500401",
        "Ｓ５０．４．１", "平成元年1月8日", "昭和64年1月8日", "１９７５年４月１日", "１９７５０４０１", "明治元年1月25日",
    ],
)  # fmt: skip
def test_common_notations_are_not_left_to_the_slow_way(text: str) -> None:
    assert birth_date.parse_plain_column(utf8_column([text])).tolist() == [birth_date.parse(text)]


@pytest.mark.parametrize("text", ["9999-99-99", "99999999", "0000-00-00"])
def test_figures_that_no_date_can_have_are_not_read(text: str) -> None:
    assert birth_date.compare(text, "1975-01-01").state is ItemState.UNKNOWN
