"""Values of people's records as HTML: nothing invisible, differing characters marked."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher
from functools import cache

from markupsafe import Markup, escape

from himozuke.identity import birth_date, calendar

# States in which marking single characters helps the eye; after folding only the spelling differs.
MARKED_STATES = frozenset({"variant", "near", "unknown", "different"})

# Below this likeness (0 to 1) two values have nothing to do with each other.
_ALIKE = 0.4
_ISOLATED, _END = Markup("<bdi>"), Markup("</bdi>")  # from the direction of the text around it
_MARK, _MARK_END = Markup("<mark>"), Markup("</mark>")
_MARK_SEAM = _MARK_END + _MARK

# Format characters that belong to the text: variation selectors pick the glyph of a name.
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def visible(text: str) -> str:
    r"""Write control, direction and private-use characters as ``[U+202E]`` so that none hides.

    >>> visible("山田\u202eabc")
    '山田[U+202E]abc'
    """
    return "".join(_visible_character(character) for character in text)


def plain(text: str) -> Markup:
    """Show one value, isolated from the direction of the text around it."""
    return _ISOLATED + visible(text) + _END


def marked(text: str, other: str, *, state: str) -> Markup:
    """Show one value with the characters marked that ``other`` does not have at that place.

    Full and half width count as the same character.
    """
    if state not in MARKED_STATES or not other:
        return plain(text)
    return _ISOLATED + _marked_pieces(text, other) + _END


def marked_date(text: str, other: str, *, state: str) -> Markup:
    """Show a date with its differing figures marked.

    A date in another notation than ``2001-05-18`` stands as it was written, followed by that form.
    """
    own, theirs = _iso(text), _iso(other)
    if state not in MARKED_STATES or not (own and theirs):
        return marked(text, other, state=state)
    figures = _marked_figures(own, theirs)
    if text == own:
        return _ISOLATED + figures + _END
    return Markup('<bdi>{}</bdi><br><span class="same">＝<bdi>{}</bdi></span>').format(visible(text), figures)


def css_string(text: str) -> str:
    """Quote a text for CSS, e.g. for the running header of printed pages."""
    quoted = "".join(
        character if character.isalnum() or character in " ・（）()-" else f"\\{ord(character):x} "
        for character in text
    )
    return f'"{quoted}"'


def _marked_figures(own: str, theirs: str) -> Markup:
    """Mark year, month and day part by part, figure by figure."""
    pieces = [
        escape(figure) if figure == there else _MARK + figure + _MARK_END
        for figure, there in zip(own, theirs, strict=True)
    ]
    return Markup("").join(pieces).replace(_MARK_SEAM, Markup(""))


def _marked_pieces(text: str, other: str) -> Markup:
    own = _clusters(text)
    matcher = SequenceMatcher(None, _folded(own), _folded(_clusters(other)), autojunk=False)
    if matcher.ratio() < _ALIKE:  # stray characters in common would only break up the mark
        return _MARK + visible(text) + _MARK_END if text else Markup("")
    pieces = []
    for tag, start, end, _, _ in matcher.get_opcodes():
        piece = escape(visible("".join(own[start:end])))
        if piece:
            pieces.append(piece if tag == "equal" else _MARK + piece + _MARK_END)
    return Markup("").join(pieces)


def _folded(clusters: list[str]) -> list[str]:
    return [unicodedata.normalize("NFKC", cluster) for cluster in clusters]


def _iso(text: str) -> str:
    """The date as ``yyyy-mm-dd``; empty where it cannot be read as a whole day."""
    value = birth_date.parse(text)
    if value is None or not calendar.is_whole(value):
        return ""
    return f"{value // 10000:04d}-{value // 100 % 100:02d}-{value % 100:02d}"


def _clusters(text: str) -> list[str]:
    """Split into characters, each with its variation selectors and combining marks."""
    clusters: list[str] = []
    for character in text:
        if clusters and _joins(character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


@cache
def _joins(character: str) -> bool:
    return _is_selector(character) or unicodedata.combining(character) > 0


def _is_selector(character: str) -> bool:
    return any(ord(character) in selectors for selectors in _VARIATION_SELECTORS)


@cache
def _visible_character(character: str) -> str:
    category = unicodedata.category(character)
    hidden = category in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
    return f"[U+{ord(character):04X}]" if hidden and not _is_selector(character) else character
