"""Words, days and differences as pages show them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import cast

import pytest

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.incident.case_view import group_name
from himozuke.entrypoints.web.rendering import cited, day, differences, moment, word
from himozuke.errors import RuleError
from himozuke.ports.actor import Role


@pytest.mark.parametrize(
    ("value", "ja", "en"),
    [
        (date(2019, 5, 1), "令和元年5月1日", "2019-05-01"),
        (datetime(2026, 3, 31, 15, 0, tzinfo=UTC), "令和8年4月1日", "2026-04-01"),
        (None, "", ""),
    ],
)
def test_a_day_is_written_in_its_era_and_in_japans_time(value: date | None, ja: str, en: str) -> None:
    assert (day(value, "ja"), day(value, "en")) == (ja, en)


@pytest.mark.parametrize(
    ("source", "ja"),
    [
        (
            "R-LEAK: 同規則第3条第2項、事態を知った日から30日以内 (businesslawyers 1433)",
            "同規則第3条第2項、事態を知った日から30日以内",
        ),
        ("G: 事業主の回答を待つ期間", "当システムの目安：事業主の回答を待つ期間"),
        ("G, S76: 補正を全件実施", "当システムの目安：補正を全件実施"),
        ("S65", "S65"),
    ],
)
def test_the_source_of_a_rule_is_told_without_the_marks_of_our_own_list(source: str, ja: str) -> None:
    assert cited(source, "ja") == ja


@pytest.mark.parametrize(
    ("key", "ja"),
    [
        ("registration:2026-11-25:C2", "届出の登録 令和8年11月25日"),
        ("duplicate_check:2026-11-25", "資格の重複の確認 令和8年11月25日"),
        ("inspection/1/C4/B14", "点検 1　入力単位 B14"),
        ("inspection/1/C4/-", "点検 1　入力単位 なし"),
    ],
)
def test_a_group_of_cases_is_named_in_words(key: str, ja: str) -> None:
    class Japanese:
        language = "ja"

        def say(self, text: str, _english: str) -> str:
            return text

    assert group_name(cast("Desk", Japanese()), key) == ja


def test_a_moment_is_told_to_the_minute() -> None:
    at = datetime(2026, 4, 1, 0, 5, tzinfo=UTC)

    assert moment(at, "ja") == "令和8年4月1日 9時05分"
    assert moment(at, "en") == "2026-04-01 09:05"
    assert moment(None, "ja") == ""


def test_every_role_has_a_word_in_both_languages() -> None:
    for role in Role:
        assert word("role", role.value, "ja") != word("role", role.value, "en")


def test_a_reason_that_speaks_of_an_item_names_the_item() -> None:
    assert "住所" in word("reasons", "slip_address", "ja")


def test_a_code_without_a_word_stops_the_page() -> None:
    with pytest.raises(RuleError, match="no_such_code"):
        word("role", "no_such_code", "ja")


@pytest.mark.parametrize(
    ("a", "b", "left", "right"),
    [
        ("紐付 花子", "紐附 花子", "紐<mark>付</mark> 花子", "紐<mark>附</mark> 花子"),
        ("昭和50年1月12日", "昭和50年1月2日", "昭和50年1月<mark>1</mark>2日", "昭和50年1月2日"),
        ("同じ", "同じ", "同じ", "同じ"),
        ("", "花子", "", "花子"),
        ("ヒモ１２", "ﾋﾓ12", "ヒモ１２", "ﾋﾓ12"),
        ("花\u202e子", "花子", "花<mark>[U+202E]</mark>子", "花子"),
        ("東京都千代田区", "大阪府大阪市", "<mark>東京都千代田区</mark>", "<mark>大阪府大阪市</mark>"),
        ("<b>甲乙丙丁", "<b>甲乙丙戊", "&lt;b&gt;甲乙丙<mark>丁</mark>", "&lt;b&gt;甲乙丙<mark>戊</mark>"),
    ],
)
def test_characters_that_differ_are_marked_on_both_sides(a: str, b: str, left: str, right: str) -> None:
    assert differences(a, b) == (f"<bdi>{left}</bdi>", f"<bdi>{right}</bdi>")


def test_a_variation_selector_is_marked_with_its_character() -> None:
    plain, variant = "葛城 花子", "葛\U000e0100城 花子"

    assert differences(plain, variant) == (
        "<bdi><mark>葛</mark>城 花子</bdi>",
        "<bdi><mark>葛\U000e0100</mark>城 花子</bdi>",
    )
