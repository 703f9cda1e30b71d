"""Reading what people type."""

from __future__ import annotations

from datetime import date

import pytest

from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.said import Said

LABEL = Said("項目", "item")


@pytest.mark.parametrize(
    "typed",
    ["令和6年4月1日", "R6.4.1", "Ｒ６．４．１", "2024-04-01", "20240401", "2024/4/1", "令和六年四月一日", "R060401"],
)
def test_a_day_is_read_in_every_notation_people_use(typed: str) -> None:
    form = Form.of(day=typed)

    assert form.day("day") == date(2024, 4, 1)
    assert form.errors == {}


@pytest.mark.parametrize("typed", ["平成35年1月1日", "2024-02-30", "あした", "R6.4", "不詳", "0000-00-00"])
def test_what_is_no_day_is_told_at_its_field_and_kept_as_typed(typed: str) -> None:
    form = Form.of(day=typed)

    assert form.day("day") is None
    assert "日付として読めません" in form.errors["day"].ja
    assert form.value("day") == typed


@pytest.mark.parametrize("typed", ["ひもづけ はなこ", "ﾋﾓﾂﾞｹ　ﾊﾅｺ", "ヒモヅケ ハナコ", " ヒモヅケ  ハナコ "])
def test_kana_is_taken_in_any_width_and_kind(typed: str) -> None:
    form = Form.of(name=typed)

    assert form.kana("name") == "ヒモヅケ ハナコ"
    assert form.errors == {}


def test_kanji_is_no_kana() -> None:
    form = Form.of(name="紐付 花子")
    form.kana("name")

    assert "カナで入力してください" in form.errors["name"].ja


@pytest.mark.parametrize("typed", ["１００－０００１", "100-0001", "100 0001"])
def test_figures_are_taken_in_any_width_with_hyphens_and_spaces(typed: str) -> None:
    assert Form.of(code=typed).digits("code") == "1000001"


def test_letters_are_no_figures() -> None:
    form = Form.of(code="12a")
    form.digits("code")

    assert "数字で" in form.errors["code"].ja


def test_a_field_that_must_be_given_is_asked_for_by_its_name() -> None:
    form = Form.of(name="  ")
    form.text("name", label=LABEL)
    form.choice("kind", ("a",), label=LABEL)
    form.day("day", label=LABEL)

    assert form.errors["name"] == Said("項目を入力してください。", "Enter: item.")
    assert form.errors["kind"] == Said("項目を選んでください。", "Choose: item.")
    assert form.errors["day"].ja == "項目を入力してください。"


def test_a_value_that_is_not_on_the_list_is_refused() -> None:
    form = Form.of(kind="b")

    assert form.choice("kind", ("a",)) == ""
    assert "一覧にない" in form.errors["kind"].ja


@pytest.mark.parametrize("typed", ["あ" * 11, "a\x00b"])
def test_too_long_texts_and_control_characters_are_refused(typed: str) -> None:
    form = Form.of(name=typed)
    form.text("name", most=10)

    assert "name" in form.errors


def test_several_values_of_one_field_are_all_kept() -> None:
    form = Form.of(kinds=["a", "b"], empty=None)

    assert (form.all("kinds"), form.value("kinds"), form.value("empty")) == (["a", "b"], "a", "")


def test_the_first_sentence_about_a_field_stands() -> None:
    form = Form()
    form.wrong("name", "一つ目", "first")
    form.wrong("name", "二つ目", "second")

    assert form.errors["name"].en == "first"
