"""Another reading of the same kanji: 昌子 is Masako and Shoko, 中島 Nakajima and Nakashima."""

from __future__ import annotations

from collections.abc import Iterator

from himozuke.identity.name_codes import KANA_ITEM, KANJI_ITEM
from himozuke.identity.name_compare import fold
from himozuke.identity.name_readings import given_readings, surname_readings
from himozuke.identity.name_tokens import Folded

Parted = tuple[str, str]


def another_reading(kanji: str, a: str, b: str) -> bool:
    """Tell whether two different kana names can both be the reading of one kanji name.

    A part that is read alike needs no proof; a part that is not must be known with both readings.
    Names without a space are tried at every place.
    """
    kana_a, kana_b = fold(a, KANA_ITEM), fold(b, KANA_ITEM)
    if not kana_a.key or not kana_b.key or kana_a.key == kana_b.key:
        return False
    return any(
        _both_read(surname, given, left, right)
        for surname, given in _cuts(fold(kanji, KANJI_ITEM))
        for left in _cuts(kana_a)
        for right in _cuts(kana_b)
    )


def _cuts(name: Folded) -> Iterator[Parted]:
    """Every way to part a name: at its space, else at every place."""
    if len(name.tokens) > 1:
        yield name.tokens[0], "".join(name.tokens[1:])
        return
    for i in range(1, len(name.key)):
        yield name.key[:i], name.key[i:]


def _both_read(surname: str, given: str, a: Parted, b: Parted) -> bool:
    surname_said = surname_readings().get(surname, frozenset())
    given_said = given_readings().get(given, frozenset())
    return (a[0] == b[0] or {a[0], b[0]} <= surname_said) and (a[1] == b[1] or {a[1], b[1]} <= given_said)
