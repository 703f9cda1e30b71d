"""Which parts of a name agree, with and without a space; readings of the same kanji."""

from __future__ import annotations

import pytest

from himozuke.identity import kana_name, kanji_name
from himozuke.identity.readings import another_reading
from himozuke.identity.state import Parts


@pytest.mark.parametrize(
    ("a", "b", "parts"),
    [
        ("佐藤 花子", "田中 花子", Parts.GIVEN),
        ("佐藤 花子", "佐藤 一郎", Parts.SURNAME),
        ("佐藤 花子", "田中花子", Parts.GIVEN),
        ("佐藤花子", "田中 花子", Parts.GIVEN),
        ("佐藤花子", "田中花子", Parts.GIVEN),
        ("佐藤花子", "佐藤一郎", Parts.SURNAME),
        ("髙橋 惠", "渡邉 恵", Parts.GIVEN),
        ("髙橋惠", "高橋恵", Parts.BOTH),
        ("佐藤 花子", "佐籐 花子", Parts.GIVEN),
        ("佐藤 花子", "佐藤 花代", Parts.SURNAME),
        ("佐藤 花子", "鈴木 一郎", Parts.NONE),
        ("鈴木 一", "佐藤太一", Parts.NONE),
        ("鈴木 一", "佐藤一", Parts.GIVEN),
        ("林 太郎", "林田太郎", Parts.GIVEN),
        ("勅使河原花子", "小鳥遊花子", Parts.GIVEN),
        ("佐●　花子", "佐藤　花子", Parts.GIVEN),
        ("SMITH JOHN", "SMITH MARY", Parts.SURNAME),
        ("SMITH JOHN", "JONES JOHN", Parts.GIVEN),
        ("SMITH JOHN", "JOHN SMITH", Parts.BOTH),
        ("", "佐藤 花子", Parts.NONE),
    ],
)
def test_parts_of_kanji_names(a: str, b: str, parts: Parts) -> None:
    assert kanji_name.parts(a, b) == parts
    assert kanji_name.parts(b, a) == parts


@pytest.mark.parametrize(
    ("a", "b", "parts"),
    [
        ("サトウ ハナコ", "タナカ ハナコ", Parts.GIVEN),
        ("ｻﾄｳﾊﾅｺ", "タナカ ハナコ", Parts.GIVEN),
        ("サトウハナコ", "タナカハナコ", Parts.GIVEN),
        ("サトウ ハナコ", "サトウ イチロウ", Parts.SURNAME),
        ("サトウ シヨウコ", "タナカ ショウコ", Parts.GIVEN),
    ],
)
def test_parts_of_kana_names(a: str, b: str, parts: Parts) -> None:
    assert kana_name.parts(a, b) == parts


@pytest.mark.seed("S05")
@pytest.mark.parametrize(
    ("kanji", "a", "b", "expected"),
    [
        ("山田 昌子", "ヤマダ マサコ", "ヤマダ ショウコ", True),
        ("山田昌子", "ヤマダマサコ", "ヤマダ ショウコ", True),
        ("中島 健", "ナカジマ ケン", "ナカシマ ケン", True),
        ("渡部 翔", "ワタナベ ショウ", "ワタベ カケル", True),
        ("佐藤 花子", "サトウ ハナコ", "スズキ ハナコ", False),
        ("佐藤 花子", "サトウ ハナコ", "サトウ イチロウ", False),
        ("佐藤 花子", "サトウ ハナコ", "ｻﾄｳ ﾊﾅｺ", False),
        ("", "サトウ", "スズキ", False),
    ],
)
def test_another_reading_of_the_same_kanji(kanji: str, a: str, b: str, expected: bool) -> None:
    assert another_reading(kanji, a, b) is expected
    assert another_reading(kanji, b, a) is expected
