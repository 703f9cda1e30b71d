"""SHFD0006.CSV is read and written as the pension service's forms have it, and what is foreign to it is named."""

from __future__ import annotations

from datetime import date

import pytest
from factories import number
from hypothesis import given
from hypothesis import strategies as st
from registration_filings import SENDER, acquisition_row, filing, shfd

from himozuke.errors import InputRejectedError
from himozuke.gateways.shfd_csv import charset, read_shfd, write_shfd
from himozuke.registration.model import Filing, NoticeKind


def test_a_row_of_34_items_is_one_notice_with_its_number_and_days() -> None:
    found = read_shfd(shfd(acquisition_row()))

    assert (found.rows, found.problems, len(found.filings)) == (1, [], 1)
    notice = found.filings[0]
    assert (notice.kind, notice.event_on) == (NoticeKind.ACQUISITION, date(2026, 4, 1))
    assert notice.text("kanji_name") == "山田　太郎"
    assert notice.text("kana_name") == "ﾔﾏﾀﾞ ﾀﾛｳ"
    assert notice.text("birth_date") == "1975-04-02"
    assert notice.individual_number is not None
    assert notice.individual_number.reveal() == number(1001)
    assert notice.text("establishment_name") == "けいと工業"
    assert notice.establishment["telephone"] == "03-1234-5678"


@pytest.mark.parametrize(
    ("era", "day", "event"),
    [("9", "010501", date(2019, 5, 1)), ("7", "310430", date(2019, 4, 30)), ("7", "281001", date(2016, 10, 1))],
)
def test_era_digits_are_those_of_the_forms_not_of_claims(era: str, day: str, event: date) -> None:
    found = read_shfd(shfd(acquisition_row(i18=era, i19=day)))

    assert found.filings[0].event_on == event


@pytest.mark.parametrize(("era", "day"), [("9", "010430"), ("7", "350101"), ("4", "050401"), ("9", "080230")])
def test_a_day_that_its_era_does_not_have_is_told_of_and_the_row_set_aside(era: str, day: str) -> None:
    found = read_shfd(shfd(acquisition_row(i18=era, i19=day), acquisition_row(i6="18")))

    assert [(p.code, p.item, p.row, p.line) for p in found.problems] == [("not_a_date", "資格取得年月日", 1, 6)]
    assert [notice.text("number") for notice in found.filings] == ["18"]


@pytest.mark.parametrize(
    ("name", "code", "what"),
    [("髙橋　花", "EEE0", "vendor"), ("﨑山　花", "ED95", "vendor"), ("㈱　花", "878A", "vendor")],
)
def test_characters_of_windows_alone_are_told_by_row_item_and_byte(name: str, code: str, what: str) -> None:
    row = acquisition_row(i8=name)
    found = read_shfd(shfd(row))

    problem = found.problems[0]
    assert (problem.code, problem.item, problem.row, problem.line) == (f"foreign_{what}", "氏名（漢字）", 1, 6)
    assert problem.byte == row.index(name[0].encode("cp932")) + 1
    assert problem.value in {code, name[0].encode("cp932").hex().upper()}


def test_private_characters_are_told_and_never_guessed() -> None:
    row = acquisition_row().replace("山田".encode("cp932"), b"\xf0\x40\x93\x63")

    problem = read_shfd(shfd(row)).problems[0]

    assert (problem.code, problem.value) == ("foreign_private", "F040")


def test_a_quote_or_another_number_of_items_sets_only_its_row_aside() -> None:
    quoted = acquisition_row(i8='"山田　太郎"')
    short = acquisition_row()[:-1]
    found = read_shfd(shfd(quoted, short, acquisition_row()))

    assert [(p.code, p.row) for p in found.problems] == [("quoted", 1), ("wrong_field_count", 2)]
    assert found.rows == 3
    assert len(found.filings) == 1


def test_todays_form_for_dependents_is_refused_because_its_layout_is_not_public() -> None:
    found = read_shfd(shfd(b"2202700" + b"," * 138))

    assert [(p.code, p.detail) for p in found.problems] == [("layout_not_public", "123/139")]


def test_one_row_for_dependents_of_the_earlier_form_is_a_notice_for_each_person() -> None:
    fields = [""] * 123
    fields[:4] = ["2202700", "21", "01", "ｹｲﾄ"]
    fields[7:10] = ["17", "ﾔﾏﾀﾞ ﾀﾛｳ", "山田　太郎"]
    fields[20] = "1"
    fields[23:29] = ["ﾔﾏﾀﾞ ﾊﾅ", "山田　花", "5", "520503", "2", number(1008)]
    fields[43:45] = ["9", "080401"]
    fields[58:63] = ["ﾔﾏﾀﾞ ｲﾁﾛｳ", "山田　一郎", "9", "050607", "1"]
    fields[63], fields[65], fields[67], fields[68] = "01", number(1015), "9", "080401"

    found = read_shfd(shfd(",".join(fields).encode("shift_jis")))

    assert found.problems == []
    assert [(n.kind, n.text("kanji_name"), n.text("relation"), n.text("number")) for n in found.filings] == [
        (NoticeKind.DEPENDENT_ADDED, "山田　花", "配偶者", "17"),
        (NoticeKind.DEPENDENT_ADDED, "山田　一郎", "01", "17"),
    ]


def test_a_loss_row_carries_day_and_reason() -> None:
    fields = [""] * 27
    fields[:10] = ["2201700", "21", "01", "ｹｲﾄ", "12345", "17", "ﾔﾏﾀﾞ ﾀﾛｳ", "山田　太郎", "5", "500402"]
    fields[13:16] = ["9", "080501", "4"]
    found = read_shfd(shfd(",".join(fields).encode("shift_jis")))

    assert found.problems == []
    assert (found.filings[0].kind, found.filings[0].event_on) == (NoticeKind.LOSS, date(2026, 5, 1))
    assert found.filings[0].text("end_reason") == "4"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "does not end with CR LF"),
        (shfd(acquisition_row())[:-2], "does not end with CR LF"),
        (shfd(acquisition_row()).replace(b"\r\n", b"\n"), "does not end with CR LF"),
        (shfd(acquisition_row()).replace(b"[data]", b"[date]"), r"\[data\] stands 0 times"),
        (shfd(acquisition_row(), head=b"21,01"), "first line has 2 items"),
        (shfd(acquisition_row(), head=b"21,01,x,001,20261340,22223"), "is no day"),
        (shfd(b"\n" + acquisition_row()), "bare CR or LF"),
        (shfd(*[acquisition_row()] * 40_000), "must be smaller than"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(data: bytes, said: str) -> None:
    with pytest.raises(InputRejectedError, match=said):
        read_shfd(data)


def test_what_is_written_is_read_back_the_same() -> None:
    notices = [
        filing(),
        filing(1008, number="18", kanji_name="佐藤　花", birth_date="1999-12-31", sex="2", category="2"),
    ]

    data = write_shfd(notices, SENDER, made_on=date(2026, 4, 1))
    found = read_shfd(data)

    assert found.problems == []
    for notice, back in zip(notices, found.filings, strict=True):
        assert back.event_on == notice.event_on
        assert back.individual_number == notice.individual_number
        for name in ("kanji_name", "kana_name", "birth_date", "sex", "address", "address_kana", "postal_code"):
            assert back.text(name) == notice.text(name), name


@pytest.mark.parametrize("name", ["髙橋　花", "𠮷田　花", "山田,花", "葛\U000e0100城　花"])
def test_a_name_the_file_cannot_hold_stops_the_file_instead_of_being_changed(name: str) -> None:
    with pytest.raises(InputRejectedError, match="cannot stand in these files"):
        write_shfd([filing(kanji_name=name)], SENDER, made_on=date(2026, 4, 1))


def test_dependents_are_not_written_into_a_layout_that_nobody_published() -> None:
    notice = filing()
    dependent = Filing(NoticeKind.DEPENDENT_ADDED, notice.event_on, notice.texts)

    with pytest.raises(InputRejectedError, match="not public"):
        write_shfd([dependent], SENDER, made_on=date(2026, 4, 1))


@given(st.binary(max_size=80))
def test_no_bytes_break_the_reading_of_characters(data: bytes) -> None:
    text, foreign = charset.decode(data)

    assert bool(foreign) == (text.count("〓") > data.count(b"\x81\xac"))
    if not foreign:
        assert charset.encode(text) == data


@given(st.text(alphabet="ァアガザダバパヴーャッ　ガぱゃ・。", max_size=12))
def test_kana_in_half_width_folds_back_to_the_same_sounds(text: str) -> None:
    half = charset.half_kana(text)

    assert all(character <= "\x7f" or "\uff61" <= character <= "\uff9f" for character in half)
    assert charset.unwritable(half) == []
