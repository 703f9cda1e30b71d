"""Scheme numbers: one text for each notation, and what can be taken for another."""

from __future__ import annotations

import pytest

from himozuke.identity import scheme_number


def test_parts_are_joined_in_one_width_and_keep_leading_zeros() -> None:
    assert scheme_number.joined("０６１３００１７", "１２", " 00345", "00") == "06130017:12:00345:00"
    assert scheme_number.joined("", "", "", "") == ""
    assert scheme_number.joined("1", "23", "4", "") != scheme_number.joined("12", "3", "4", "")


@pytest.mark.parametrize(
    ("a", "b"),
    [("0012", "12"), ("1２3", "123"), ("1234", "1235"), ("1234", "1324"), ("1234", "12344"), ("12:034", "12:34"),
     ("123", "12")],
)  # fmt: skip
def test_look_alikes(a: str, b: str) -> None:
    assert scheme_number.looks_alike(a, b)
    assert scheme_number.looks_alike(b, a)


@pytest.mark.parametrize(("a", "b"), [("1234", "5678"), ("1234", "1243567"), ("1234", "2143"), ("", "1"), ("", "")])
def test_others_are_not_taken_for_each_other(a: str, b: str) -> None:
    assert not scheme_number.looks_alike(a, b)
