"""Sex: every code and word, and the codes of social insurance forms."""

from __future__ import annotations

import pytest

from himozuke.identity import sex
from himozuke.identity.state import How, ItemState


@pytest.mark.parametrize(
    "text", ["1", "１", "男", "男性", "M", "m", "Ｍ", "male", "01", " 男 ", "5", "1:男", "１（男）", "♂"]
)
def test_words_for_a_man(text: str) -> None:
    assert sex.parse(text) == sex.MAN


@pytest.mark.parametrize("text", ["2", "２", "女", "女性", "F", "f", "female", "６", "6"])
def test_words_for_a_woman(text: str) -> None:
    assert sex.parse(text) == sex.WOMAN


@pytest.mark.parametrize("text", ["0", "9", "不明"])
def test_words_for_unknown(text: str) -> None:
    assert sex.parse(text) == sex.UNKNOWN


@pytest.mark.parametrize("text", ["X", "8", "4", "12", "男女", "1:女", "1:X"])
def test_words_outside_the_known_codes_are_refused(text: str) -> None:
    assert sex.parse(text) is None


@pytest.mark.parametrize(
    ("a", "b", "state"),
    [
        ("1", "1", ItemState.EQUAL), ("1", "男", ItemState.FOLDED), ("5", "1", ItemState.FOLDED),
        ("1", "2", ItemState.DIFFERENT), ("6", "男", ItemState.DIFFERENT), ("3", "2", ItemState.DIFFERENT),
        ("3", "1", ItemState.NEAR), ("3", "5", ItemState.NEAR), ("7", "3", ItemState.FOLDED),
        ("", "1", ItemState.MISSING), ("", "X", ItemState.MISSING), ("0", "1", ItemState.UNKNOWN),
        ("9", "9", ItemState.UNKNOWN), ("X", "1", ItemState.UNKNOWN),
    ],
)  # fmt: skip
def test_states(a: str, b: str, state: ItemState) -> None:
    assert sex.compare(a, b).state is state
    assert sex.compare(b, a).state is state


def test_the_miner_of_the_form_is_near_a_man() -> None:
    assert sex.compare("3", "男").how is How.NEAR_SEX
