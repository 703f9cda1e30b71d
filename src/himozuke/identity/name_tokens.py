"""Names of several tokens: order free, middle names, foreign residents' Latin names."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise, takewhile
from typing import NamedTuple

from himozuke.identity import name_codes as codes
from himozuke.identity.name_readings import is_reading
from himozuke.identity.state import Comparison, How, ItemState, Parts


class Folded(NamedTuple):
    """One folded name: folded text, key, what folding noted, and the tokens of the key."""

    text: str
    key: str
    about: list[int]
    tokens: tuple[str, ...]

    @property
    def words(self) -> str:
        """The folded text with a space between its tokens."""
        return " ".join(self.text[i:j] for i, j in pairwise(token_starts(self.about)))

    @property
    def flags(self) -> int:
        """Scripts and peculiarities (bits of ``name_codes``)."""
        return self.about[codes.FLAGS]


def token_starts(about: list[int]) -> list[int]:
    """Where each token starts, and the length of the whole."""
    first = codes.STARTS
    return [*about[first : first + about[codes.TOKENS]], about[codes.LENGTH]]


def compare_tokens(a: Folded, b: Folded) -> Comparison | None:
    """Tell what order and number of tokens explain; ``None``: nothing.

    In Latin and kana the order is free. A kanji name turned round is a slip, not a habit.
    """
    if _turned(a.tokens, b.tokens):
        foreign = not (a.flags | b.flags) & codes.KANJI
        if foreign:
            return Comparison(ItemState.VARIANT, How.TOKEN_ORDER, f"{a.words}→{b.words}")
        return Comparison(ItemState.NEAR, How.EXCHANGED, f"{a.words}→{b.words}")
    missing = _left_over(a.tokens, b.tokens) or _left_over(b.tokens, a.tokens)
    if missing:
        return Comparison(ItemState.NEAR, How.MIDDLE_NAME, " ".join(missing))
    return _other_script(a, b) if (a.flags | b.flags) & codes.KANJI else None


def _other_script(a: Folded, b: Folded) -> Comparison | None:
    """One stretch is kana here and kanji there, and the kana is a known reading of the kanji."""
    head = _shared(a.key, b.key)
    tail = _shared(a.key[head:][::-1], b.key[head:][::-1])
    left, right = a.key[head : len(a.key) - tail], b.key[head : len(b.key) - tail]
    if left and right and (is_reading(left, right) or is_reading(right, left)):
        return Comparison(ItemState.UNKNOWN, How.OTHER_SCRIPT, f"{left}→{right}")
    return None


def _shared(a: str, b: str) -> int:
    return len(list(takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False))))


def sorted_key(name: Folded) -> str:
    """The key with its tokens in alphabetical order: a slip is looked for there too."""
    return "".join(sorted(name.tokens))


def token_parts(a: Folded, b: Folded) -> Parts:
    """Which parts of two Latin names agree: the register writes the surname first."""
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


def _turned(a: tuple[str, ...], b: tuple[str, ...]) -> bool:
    """The same tokens in any order, or one name turned at a space that the other may lack."""
    left, right = "".join(a), "".join(b)
    if len(left) != len(right):
        return False
    return sorted(a) == sorted(b) or _rotation(a, right) or _rotation(b, left)


def _rotation(tokens: tuple[str, ...], text: str) -> bool:
    return any("".join(tokens[i:] + tokens[:i]) == text for i in range(1, len(tokens)))


def _left_over(more: tuple[str, ...], fewer: tuple[str, ...]) -> tuple[str, ...]:
    """The middle names that ``more`` has beyond ``fewer``; an initial stands for its name."""
    if len(more) < 3 or len(more) < len(fewer):
        return ()
    surplus = sum(map(len, more)) - sum(map(len, fewer))
    for i, token in enumerate(more):
        if len(token) == surplus and _turned(more[:i] + more[i + 1 :], fewer):
            return (token,)
    rest = Counter(more) - Counter(fewer)
    spare = list((Counter(fewer) - Counter(more)).elements())
    if len(fewer) - len(spare) < 2:
        return ()
    for token in spare:
        name = next((word for word in rest if _initial(token, word)), None)
        if name is None:
            return ()
    return tuple(rest.elements())


def _initial(a: str, b: str) -> bool:
    return min(len(a), len(b)) == 1 and a[0] == b[0]
