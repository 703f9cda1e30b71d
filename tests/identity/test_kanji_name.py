"""Kanji names: folding, unreadable letters, foreign residents, slips."""

from __future__ import annotations

import pytest

from himozuke.identity import kanji_name
from himozuke.identity.state import How, ItemState

EQUAL, FOLDED, VARIANT, NEAR = ItemState.EQUAL, ItemState.FOLDED, ItemState.VARIANT, ItemState.NEAR
UNKNOWN, MISSING, DIFFERENT = ItemState.UNKNOWN, ItemState.MISSING, ItemState.DIFFERENT


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("山田　太郎", "山田 太郎"),
        ("山田　太郎", "山田太郎"),
        (" 山田太郎 ", "山田太郎"),
        ("山 田 太 郎", "山田 太郎"),
        ("佐藤 さくら", "佐藤 サクラ"),
        ("佐藤 ｻｸﾗ", "佐藤 さくら"),
        ("竜ヶ崎 一", "竜ケ崎 一"),
        ("葛\U000e0100城 誠", "葛城 誠"),
        ("辻\ufe00 誠", "辻 誠"),
        ("⻑⾕川 誠", "長谷川 誠"),
        ("\ufa19保 誠", "神保 誠"),
        ("山田 みすゞ", "山田 みすず"),
        ("山田 み\u3059\u3099ず", "山田 みずず"),
        ("山田 \U0001b023く", "山田 きく"),
        ("NGUYỄN VĂN ĐỨC", "NGUYEN VAN DUC"),
        ("SMITH JOHN", "Ｓｍｉｔｈ　Ｊｏｈｎ"),
        ("O'BRIEN MARY-ANN", "OBRIEN MARY ANN"),
        ("GARCIA, JOSE", "GARCÍA JOSÉ"),
    ],
)
def test_width_space_kana_and_selectors_fold(a: str, b: str) -> None:
    assert (kanji_name.compare(a, b).state, kanji_name.compare(a, b).how) == (FOLDED, How.FOLD)


def test_equal_bytes_are_equal() -> None:
    assert kanji_name.compare("髙橋 誠", "髙橋 誠").state == EQUAL


@pytest.mark.parametrize(("a", "b"), [("", "山田"), ("山田", ""), ("", ""), ("　", "山田"), ("　", "　")])
def test_nothing_written_is_missing(a: str, b: str) -> None:
    assert (kanji_name.compare(a, b).state, kanji_name.compare(a, b).how) == (MISSING, How.EMPTY)


def test_a_variant_says_which_letters() -> None:
    found = kanji_name.compare("髙橋 廣", "高橋 広")

    assert (found.state, found.how, found.detail) == (VARIANT, How.KANJI_VARIANT, "髙→高 廣→広")


def test_a_repeated_kanji_may_be_written_out() -> None:
    assert kanji_name.compare("佐々木 誠", "佐佐木 誠").state == VARIANT


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("山●太郎", "山田太郎"),
        ("〓橋 誠", "髙橋 誠"),
        ("山田?郎", "山田太郎"),
        ("山田\ue123郎", "山田太郎"),
        ("山田\U000f1234郎", "山田太郎"),
        ("山田\ufffd郎", "山田 太郎"),
        ("□邉 誠", "渡辺 誠"),
        ("●● ●●", "山田太郎"),
        ("不詳", "山田太郎"),
        ("●", "山田太郎"),
        ("??田 誠", "𠮷田 誠"),
        ("?田 誠", "𠮷田 誠"),
    ],
)
def test_an_unreadable_letter_leaves_the_rest_to_agree(a: str, b: str) -> None:
    assert (kanji_name.compare(a, b).state, kanji_name.compare(a, b).how) == (UNKNOWN, How.UNREADABLE)


@pytest.mark.parametrize(
    ("a", "b"), [("山●太郎", "川田次郎"), ("山●太郎", "山田健太郎"), ("●太郎", "山田太郎"), ("??田", "山田")]
)
def test_an_unreadable_letter_is_no_wildcard(a: str, b: str) -> None:
    assert kanji_name.compare(a, b).state == DIFFERENT


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("佐藤 花", "佐藤 化", How.ONE_CHARACTER),
        ("山田 花子", "山田 花", How.ONE_CHARACTER),
        ("山田 花花子", "山田 花子", How.ONE_CHARACTER),
        ("山田 太一", "山田 一太", How.EXCHANGED),
        ("山田 太郎", "太郎 山田", How.EXCHANGED),
        ("山田 マリア 花子", "山田 花子", How.MIDDLE_NAME),
        ("ニ宮 和", "二宮 和", How.ONE_CHARACTER),
        ("園田 誠", "薗田 誠", How.LOOKALIKE_KANJI),
        ("苅部 薗子", "刈部 園子", How.LOOKALIKE_KANJI),
        ("坂本 誠", "阪本 誠", How.ONE_CHARACTER),
        ("斎藤", "斉藤", How.ONE_CHARACTER),
    ],
)
def test_one_slip_is_near(a: str, b: str, how: How) -> None:
    assert (kanji_name.compare(a, b).state, kanji_name.compare(a, b).how) == (NEAR, how)


@pytest.mark.parametrize(
    ("a", "b"),
    [("山田 太郎", "山本 次郎"), ("林 武", "林 剛"), ("佐藤", "加藤"), ("林", "森"), ("王 偉", "王 芳"), ("坂", "阪")],
)
def test_too_little_in_common_is_different(a: str, b: str) -> None:
    assert kanji_name.compare(a, b).state == DIFFERENT


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("SMITH JOHN", "JOHN SMITH"),
        ("NGUYEN VAN AN", "Van An Nguyen"),
        ("KIM MIN-HO", "MINHO KIM"),
        ("SMITH, JOHN PAUL", "JOHN PAUL SMITH"),
        ("ジョン・スミス", "スミス ジョン"),
        ("スミス ジョン ポール", "ジョン ポール スミス"),
    ],
)
def test_the_order_of_a_foreign_name_is_free(a: str, b: str) -> None:
    assert (kanji_name.compare(a, b).state, kanji_name.compare(a, b).how) == (VARIANT, How.TOKEN_ORDER)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("SMITH JOHN PAUL", "SMITH JOHN"),
        ("JOHN SMITH", "SMITH JOHN PAUL"),
        ("SMITH JOHN P", "SMITH JOHN PAUL"),
        ("スミス ジョン ポール", "ジョン・スミス"),
    ],
)
def test_a_missing_middle_name_is_near(a: str, b: str) -> None:
    assert (kanji_name.compare(a, b).state, kanji_name.compare(a, b).how) == (NEAR, How.MIDDLE_NAME)


@pytest.mark.parametrize(("a", "b"), [("SMITH JOHN", "JONES JOHN"), ("SMITH JOHN PAUL", "SMITH MARY"), ("LEE", "KIM")])
def test_other_latin_names_are_different(a: str, b: str) -> None:
    assert kanji_name.compare(a, b).state == DIFFERENT


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("WANG WEI", "王 偉"),
        ("SMITH JOHN", "スミス ジョン"),
        ("さとう はなこ", "佐藤 花子"),
        ("さとう さくら", "佐藤 さくら"),
        ("佐藤 さくら", "佐藤 桜"),
        ("佐藤 はな子", "佐藤 花子"),
        ("SMITH ジョン", "スミス ジョン"),
    ],
)
def test_another_script_cannot_be_compared(a: str, b: str) -> None:
    assert (kanji_name.compare(a, b).state, kanji_name.compare(a, b).how) == (UNKNOWN, How.OTHER_SCRIPT)


def test_a_given_name_in_kana_that_is_no_reading_is_different() -> None:
    assert kanji_name.compare("佐藤 さくら", "佐藤 花子").state == DIFFERENT


def test_a_kanji_one_is_no_long_vowel() -> None:
    assert not kanji_name.compare("山田 けん一", "山田 けんー").state.agrees
    assert kanji_name.compare("マリ一ナ", "マリーナ").state == FOLDED


@pytest.mark.parametrize(
    ("a", "b", "detail"),
    [("佐藤一二三", "佐藤一三二", "二三→三二"), ("山田 花子", "山田 花", "子→"), ("吉川 𠮷", "𠮷川 吉", "吉→𠮷 𠮷→吉")],
)
def test_the_detail_shows_the_letters_that_differ(a: str, b: str, detail: str) -> None:
    assert kanji_name.compare(a, b).detail == detail
