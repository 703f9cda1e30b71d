"""Kana names: folding, small kana, sounds that are near."""

from __future__ import annotations

import pytest

from himozuke.identity import kana_name
from himozuke.identity.state import How, ItemState

FOLDED, NEAR = ItemState.FOLDED, ItemState.NEAR


@pytest.mark.seed("S05", "S07")
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("サトウ ハナコ", "ｻﾄｳ ﾊﾅｺ"),
        ("サトウ ハナコ", "さとうはなこ"),
        ("サトウ　ハナコ", "サトウ・ハナコ"),
        ("カ゛モウ", "ガモウ"),
        ("カ\u3099モウ", "ガモウ"),
        ("ｶﾞﾓｳ ﾊﾟｵﾗ", "ガモウ パオラ"),
        ("ミスヾ", "ミスズ"),
        ("ナヽコ", "ナナコ"),
        ("マリ-ア", "マリーア"),
        ("マリ−ア", "マリーア"),
        ("マリ―ア", "マリーア"),
        ("マリｰア", "マリーア"),
        ("マリ一ア", "マリーア"),
        ("ジェニ-", "ジェニー"),
        ("ジェニ一 スミス", "ジェニー スミス"),
    ],
)
def test_one_kana_name_written_two_ways(a: str, b: str) -> None:
    assert (kana_name.compare(a, b).state, kana_name.compare(a, b).how) == (FOLDED, How.FOLD)
    assert kana_name.folded(a) == kana_name.folded(b)


@pytest.mark.seed("S07")
@pytest.mark.parametrize(
    ("a", "b"),
    [("シヨウイチ", "ショウイチ"), ("キヨウコ", "キョウコ"), ("ホツタ", "ホッタ"), ("ｼｮｳ ﾘﾖｳ", "ショウ リョウ")],
)
def test_old_systems_held_large_kana_only(a: str, b: str) -> None:
    assert (kana_name.compare(a, b).state, kana_name.compare(a, b).how) == (FOLDED, How.SMALL_KANA)
    assert kana_name.key(a) == kana_name.key(b)


def test_small_kana_in_use_on_both_sides_make_two_readings() -> None:
    found = kana_name.compare("ショウジ リヨ", "ショウジ リョ")

    assert (found.state, found.how) == (NEAR, How.NEAR_KANA)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ミカヅキ", "ミカズキ"),
        ("チヂワ", "チジワ"),
        ("カヲル", "カオル"),
        ("スヱコ", "スエコ"),
        ("ヰチ マキ", "イチ マキ"),
        ("ユウキ", "ユーキ"),
        ("オオノ", "オウノ"),
        ("オオノ", "オーノ"),
        ("サトウ", "サトー"),
        ("ケイコ", "ケーコ"),
        ("ヴィクター", "ビクター"),
        ("ヴァン ヴー", "バン ブー"),
    ],
)
def test_kana_of_one_sound_are_near(a: str, b: str) -> None:
    assert (kana_name.compare(a, b).state, kana_name.compare(a, b).how) == (NEAR, How.NEAR_KANA)


@pytest.mark.parametrize(
    ("a", "b"), [("オオノ", "オノ"), ("ユウキ", "ユキ"), ("ヤマザキ", "ヤマサキ"), ("ナカジマ", "ナカシマ")]
)
def test_length_and_voice_make_another_name(a: str, b: str) -> None:
    found = kana_name.compare(a, b)

    assert (found.state, found.how) == (NEAR, How.ONE_CHARACTER)
    assert kana_name.key(a) != kana_name.key(b)


@pytest.mark.parametrize(("a", "b"), [("サトウ タロウ", "スズキ ハナコ"), ("アベ", "アイ"), ("オ", "ア")])
def test_other_kana_names_are_different(a: str, b: str) -> None:
    assert kana_name.compare(a, b).state == ItemState.DIFFERENT


@pytest.mark.parametrize(("a", "b"), [("スミス ジョン", "ジョン スミス"), ("グエン ヴァン アン", "ヴァン アン グエン")])
def test_the_order_of_a_foreign_name_is_free(a: str, b: str) -> None:
    assert (kana_name.compare(a, b).state, kana_name.compare(a, b).how) == (ItemState.VARIANT, How.TOKEN_ORDER)


def test_a_kanji_that_looks_like_kana_is_near() -> None:
    assert kana_name.compare("力ネコ", "カネコ").state == NEAR


def test_a_missing_middle_name_is_near() -> None:
    assert kana_name.compare("スミス ジョン ポール", "スミス ジョン").how == How.MIDDLE_NAME


@pytest.mark.parametrize(("a", "b"), [("SMITH JOHN", "スミス ジョン"), ("佐藤 花", "サトウ ハナ")])
def test_another_script_cannot_be_compared(a: str, b: str) -> None:
    assert kana_name.compare(a, b).how == How.OTHER_SCRIPT


def test_an_unreadable_kana_leaves_the_rest_to_agree() -> None:
    assert kana_name.compare("サト? ハナコ", "サトウ ハナコ").how == How.UNREADABLE
