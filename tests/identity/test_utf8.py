"""Bytes that are UTF-8, and bytes that are not: as Python's decoder says, value by value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from himozuke.identity.column import Utf8Column
from himozuke.identity.utf8 import all_utf8

PIECES = [
    *(text.encode() for text in ("a", "é", "あ", "𠮷", "\ud7ff", "\U0010ffff", "\u0800", "\U00010000", "\x80")),
    *(b"\xc0\x80", b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf0\x80\x80\x80"),
    *(b"\x80", b"\xe3\x81", b"\xf0\x9f", b"\xff", b"\xf5\x80\x80\x80", b"\xc3"),
]
values = st.lists(
    st.tuples(st.integers(0, 300), st.lists(st.sampled_from(PIECES), max_size=3)).map(
        lambda found: "漢a".encode() * found[0] + b"".join(found[1])
    ),
    max_size=8,
)


def is_utf8(value: bytes) -> bool:
    """What Python says."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def column(*rows: bytes) -> Utf8Column:
    """Values one behind the other, as Arrow keeps them."""
    offsets = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    return Utf8Column(np.frombuffer(bytearray(b"".join(rows)), np.uint8), offsets)


@settings(deadline=None)
@given(values)
def test_it_says_what_the_decoder_says(rows: list[bytes]) -> None:
    """Of every value by itself, short or long."""
    assert all_utf8(column(*rows)) == all(map(is_utf8, rows))


@pytest.mark.parametrize("cut", [1, 2])
def test_a_character_cut_between_two_values_is_none(cut: int) -> None:
    """Together the bytes would be UTF-8."""
    character = "漢".encode()

    assert not all_utf8(column(character[:cut], character[cut:]))


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=4), st.integers(0, 600))
def test_a_wrong_byte_is_found_wherever_it_stands(piece: bytes, place: int) -> None:
    """Also where many bytes are looked at together."""
    text = b"x" * place + piece + b"x" * 600

    assert all_utf8(column(text)) == is_utf8(text)
