"""Scheme numbers (insurer number, symbol, number, branch …): one text each, and look-alikes."""

from __future__ import annotations

import re
import unicodedata

PART_SEPARATOR = ":"
_HYPHENS = re.compile(r"[\u2010-\u2015\u2212\u30fc\uff70\u2043]")


def canonical(text: str) -> str:
    """The text of a scheme number in one width, without spaces, with one kind of hyphen.

    Leading zeros stay: in some systems they tell two people apart.
    """
    if text.isascii() and " " not in text and text.isprintable():
        return text.upper()
    plain = _HYPHENS.sub("-", unicodedata.normalize("NFKC", text))
    return "".join(plain.split()).upper()


def joined(*parts: str) -> str:
    """The parts of a scheme number (insurer number, symbol, number, branch) as one text.

    >>> joined("06130017", "１２", "345", "00")
    '06130017:12:345:00'
    """
    texts = [canonical(part) for part in parts]
    return PART_SEPARATOR.join(texts) if any(texts) else ""


def without_leading_zeros(text: str) -> str:
    """The canonical text with the leading zeros of every run of digits dropped."""
    return re.sub(r"(?<!\d)0+(?=\d)", "", canonical(text))


def looks_alike(a: str, b: str) -> bool:
    """Tell whether one number can be taken for another.

    True when they are the same but for width, spaces or leading zeros, or when one character is
    wrong, missing or doubled, or two neighbouring characters are exchanged.
    """
    left, right = without_leading_zeros(a), without_leading_zeros(b)
    if not left or not right:
        return False
    return left == right or _one_slip_apart(canonical(a), canonical(b)) or _one_slip_apart(left, right)


def _one_slip_apart(a: str, b: str) -> bool:
    if abs(len(a) - len(b)) > 1:
        return False
    start = 0
    shorter = min(len(a), len(b))
    while start < shorter and a[start] == b[start]:
        start += 1
    if len(a) == len(b):
        if a[start + 1 :] == b[start + 1 :]:
            return True
        return a[start : start + 2] == b[start : start + 2][::-1] and a[start + 2 :] == b[start + 2 :]
    longer, other = (a, b) if len(a) > len(b) else (b, a)
    return longer[start + 1 :] == other[start:]
