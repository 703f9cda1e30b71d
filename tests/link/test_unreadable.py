"""Characters that stand for an unknown one, wherever they stand in a column."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from himozuke.identity.column import utf8_column
from himozuke.link.proof import unreadable_rows

UNREADABLE = ("●", "〓", "〼", "□", "?", "？", "\ufffd", "\ue000", "\uf8ff", "\U000f0001")
READABLE = ("漢", "あ", "ア", "ｱ", "a", "1", "　", "－", "𠮷", "ー", "é")


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 120), st.sampled_from(READABLE), st.none() | st.sampled_from(UNREADABLE)), max_size=30
    )
)
def test_each_value_is_told_by_itself(values: list[tuple[int, str, str | None]]) -> None:
    """Short and long values, with and without such a character in their middle."""
    texts = [text * (length // 2) + (sign or "") + text * (length // 2) for length, text, sign in values]

    found = unreadable_rows(*utf8_column(texts))

    assert found.tolist() == [sign is not None for _, _, sign in values]


@pytest.mark.parametrize("sign", UNREADABLE)
def test_no_place_hides_one(sign: str) -> None:
    """Also where many bytes are looked at together."""
    for place in (0, 1, 83, 84, 85, 86, 170, 199):
        text = "漢" * place + sign + "漢" * (199 - place)

        assert unreadable_rows(*utf8_column([text, "漢" * 300])).tolist() == [True, False]
