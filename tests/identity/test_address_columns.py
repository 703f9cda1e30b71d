"""Columns of addresses: the same answers as one pair at a time."""

from __future__ import annotations

import random
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from himozuke.identity import address
from himozuke.identity.address_place import PlaceIndex
from himozuke.identity.address_text import compiled, interpreted
from himozuke.identity.column import hash_text, utf8_column
from himozuke.identity.gazetteer import load

pytestmark = pytest.mark.seed("S61")

VOCABULARY = (
    "東京都 岩手県 京都府 京都市 北区 上京区 盛岡市 府中市 伊達市 鹿嶋市 紀尾井町 青山 霞ヶ関 霞が関 大字 字 一 二 三十 十五 百 壱 "
    "丁目 番地 番 号 号室 階 F 地割 条 西 東 の ノ 之 - － ー ‐ １ 2 12 03 甲 イ コーポ ﾊｲﾂ A 棟 館 町 番町 丁 第 ● 〓 不 明 詳 未 記入 記載 なし 無し "
    "トウキヨウト ﾄｳｷﾖｳﾄ いわき市 ( ) （ ） 　 〒 100-0001 通 上る 入 ヶ ケ が つ 々 髙 濱 \ue000 \U000e0100 か゛ ㍿ Ⅱ 𠮷 \ufffd"
)
texts = st.lists(st.sampled_from(VOCABULARY.split(" ")), max_size=12).map("".join)


@settings(deadline=None, max_examples=300)
@given(st.one_of(texts, st.text(max_size=20)))
def test_compiled_and_interpreted_folding_are_one(text: str) -> None:
    assert compiled()(text) == interpreted()(text)


@settings(deadline=None, max_examples=300)
@given(texts, texts)
def test_columns_answer_as_pairs_do(a: str, b: str) -> None:
    one = address.compare(a, b)

    many = address.compare_columns(utf8_column([a, b]), utf8_column([b, a]))

    assert many.states.tolist() == [one.state] * 2
    assert many.hows.tolist() == [one.how] * 2


@settings(deadline=None, max_examples=200)
@given(texts, st.integers(0, 3), st.sampled_from(["1丁目2番3号", "1-2-3", "12番地", "1-2-3-101", "3番町4"]))
def test_columns_answer_as_pairs_do_in_real_places(text: str, shift: int, number: str) -> None:
    places = [
        "京都府京都市中京区亀屋町",
        "北海道札幌市中央区北六条西",
        "盛岡市青山",
        "東京都府中市府中町",
        "鹿嶋市宮中",
    ]
    a, b = places[shift] + number + text, places[(shift + len(text) % 2) % 5] + number

    one = address.compare(a, b)
    many = address.compare_columns(utf8_column([a]), utf8_column([b]))

    assert (many.states.tolist(), many.hows.tolist()) == ([one.state], [one.how])


@settings(deadline=None, max_examples=100)
@given(st.lists(texts, max_size=5))
def test_keys_are_the_hashes_of_the_folded_texts(values: list[str]) -> None:
    keys = address.keys(utf8_column(values))

    assert keys.folded.tolist() == [hash_text(address.folded(value)) for value in values]
    assert keys.key.tolist() == [hash_text(address.key(value)) for value in values]


def test_the_key_of_nothing_is_zero() -> None:
    keys = address.keys(utf8_column(["", None, "　"]))

    assert keys.folded.tolist() == [0, 0, 0]
    assert keys.key.tolist() == [0, 0, 0]


@settings(deadline=None, max_examples=200)
@given(texts)
def test_full_width_letters_and_figures_change_no_key(text: str) -> None:
    wide = text.translate({code: code + 0xFEE0 for code in (*range(0x30, 0x3A), *range(0x41, 0x5B))})

    assert address.key(wide) == address.key(text)


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equally long"):
        address.compare_columns(utf8_column(["a"]), utf8_column(["a", "b"]))


def test_no_rows_give_no_states() -> None:
    compared = address.compare_columns(utf8_column([]), utf8_column([]))

    assert len(compared.states) == len(compared.hows) == 0


def test_the_quick_key_of_a_name_is_the_key_of_the_folding_loops() -> None:
    index = PlaceIndex(load(), compiled())
    names = {name for city in load().cities for name in (city.prefecture, city.name)}
    names |= {town.town for town in load().towns}

    assert [name for name in names if index.key(name) != compiled()(name).key] == []


def test_a_slice_of_a_column_is_compared_from_its_offset() -> None:
    values = ["岩手県盛岡市青山1-2-3", "東京都千代田区紀尾井町1-3"]
    column = utf8_column(values)

    part = column._replace(offsets=column.offsets[1:])

    assert np.array_equal(address.keys(part).key, address.keys(utf8_column(values[1:])).key)


def test_columns_answer_as_pairs_do_when_parts_are_left_out() -> None:
    draw = random.Random(4)
    pairs = []
    for town in draw.sample(list(load().towns), 150):
        bare = re.sub("^.+?[郡市](?=.+[町村区]$)", "", town.city)
        heads = (town.prefecture + town.city, town.city, town.prefecture + bare, bare, town.prefecture[:-1] + town.city)
        numbers = ("3丁目2番1号", "3-2-1", "3番地2", "3番2号", "3-2", "3-2-1-101", "3-2-1甲", "")
        tails = (
            "",
            "",
            "コーポ101号室",
            " コーポ 101",
            "ｺｰﾎﾟ第二",
            "号棟",
            "青葉ビル",
            "-305",
            "イ",
            "棟",
            "の2",
            "番館",
        )
        pairs.append(
            tuple(draw.choice(heads) + town.town + draw.choice(numbers) + draw.choice(tails) for _ in range(2))
        )

    many = address.compare_columns(utf8_column([a for a, _ in pairs]), utf8_column([b for _, b in pairs]))

    ones = [address.compare(a, b) for a, b in pairs]
    assert many.states.tolist() == [one.state for one in ones]
    assert many.hows.tolist() == [one.how for one in ones]
    assert len(set(many.states.tolist())) >= 3


BEGINNINGS = st.lists(
    st.sampled_from("東京都大阪府市北区条西東字地下不明未第之小町村郡盛岡青山一三霞ヶ"), max_size=9
).map("".join)


@settings(deadline=None, max_examples=600)
@given(BEGINNINGS, texts, texts)
def test_a_beginning_that_both_share_changes_nothing(beginning: str, a: str, b: str) -> None:
    one = address.compare(beginning + a, beginning + b)

    many = address.compare_columns(utf8_column([beginning + a]), utf8_column([beginning + b]))

    assert (many.states[0], many.hows[0]) == (one.state, one.how)
