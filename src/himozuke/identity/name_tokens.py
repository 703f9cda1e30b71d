"""Names of several tokens: order free, middle names, foreign residents' Latin names."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from himozuke.identity import name_codes as codes
from himozuke.identity.state import Comparison, How, ItemState, Parts


class Folded(NamedTuple):
    """One folded name: folded text, key, what folding noted, and the key cut into tokens."""

    text: str
    key: str
    about: list[int]
    tokens: tuple[str, ...]

    @property
    def flags(self) -> int:
        """Scripts and peculiarities (bits of ``name_codes``)."""
        return self.about[codes.FLAGS]


def compare_tokens(a: Folded, b: Folded) -> Comparison | None:
    """Tell what order and number of tokens explain; ``None``: nothing.

    In Latin and kana the order is free. A kanji name turned round is a slip, not a habit.
    """
    if _turned(a.tokens, b.tokens):
        foreign = not (a.flags | b.flags) & codes.KANJI
        if foreign:
            return Comparison(ItemState.VARIANT, How.TOKEN_ORDER, f"{_said(a)}→{_said(b)}")
        return Comparison(ItemState.NEAR, How.EXCHANGED, f"{_said(a)}→{_said(b)}")
    if (a.flags | b.flags) & codes.KANJI:
        return None
    missing = _left_over(a.tokens, b.tokens) or _left_over(b.tokens, a.tokens)
    if missing:
        return Comparison(ItemState.NEAR, How.MIDDLE_NAME, " ".join(missing))
    return None


def sorted_key(name: Folded) -> str:
    """The key with its tokens in alphabetical order: a slip is looked for there too."""
    return "".join(sorted(name.tokens))


def token_parts(a: Folded, b: Folded) -> Parts:
    """Which parts of two Latin names agree: the register writes the surname first."""
    if Counter(a.tokens) == Counter(b.tokens):
        return Parts.BOTH
    bits = 0
    if a.tokens[0] == b.tokens[0]:
        bits |= Parts.SURNAME
    if set(a.tokens[1:]) & set(b.tokens[1:]):
        bits |= Parts.GIVEN
    if not bits and len(a.tokens) > 1 and len(b.tokens) > 1:
        if a.tokens[0] == b.tokens[-1]:
            bits |= Parts.SURNAME
        if a.tokens[-1] == b.tokens[0]:
            bits |= Parts.GIVEN
    return Parts(bits)


def _said(name: Folded) -> str:
    return " ".join(name.tokens)


def _turned(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """The same tokens in any order, or one name turned at a space that the other may lack."""
    if Counter(a) == Counter(b):
        return True
    return _rotation(a, "".join(b)) or _rotation(b, "".join(a))


def _rotation(tokens: tuple[str, ...], text: str) -> bool:
    return any("".join(tokens[i:] + tokens[:i]) == text for i in range(1, len(tokens)))


def _left_over(more: tuple[str, ...], fewer: tuple[str, ...]) -> tuple[str, ...]:
    """The middle names that ``more`` has beyond ``fewer``; an initial stands for its name."""
    if len(fewer) < 2 or len(more) < len(fewer):
        return ()
    rest = list(more)
    initials: list[str] = []
    for token in fewer:
        if token in rest:
            rest.remove(token)
        else:
            initials.append(token)
    whole = len(fewer) - len(initials)
    spelled: list[str] = []
    for token in initials:
        match = next((r for r in rest if r.startswith(token) or token.startswith(r)), None)
        if match is None or min(len(match), len(token)) > 1:
            return ()
        rest.remove(match)
        spelled.append(match)
    if whole < 2:
        return ()
    return tuple(rest + spelled)
