"""Values of people's records as HTML: nothing invisible, differing characters marked."""

from __future__ import annotations

import unicodedata
from difflib import SequenceMatcher

from markupsafe import Markup, escape

# States in which marking single characters helps the eye; after folding only the spelling differs.
MARKED_STATES = frozenset({"variant", "near", "unknown", "different"})

# Format characters that belong to the text: variation selectors pick the glyph of a name.
_VARIATION_SELECTORS = (range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))


def visible(text: str) -> str:
    """Write control, direction and private-use characters as ``[U+202E]`` so that none hides.

    >>> visible("山田\\u202eabc")
    '山田[U+202E]abc'
    """
    return "".join(_visible_character(character) for character in text)


def plain(text: str) -> Markup:
    """Show one value, isolated from the direction of the text around it."""
    return Markup("<bdi>{}</bdi>").format(visible(text))


def marked(text: str, other: str, *, state: str) -> Markup:
    """Show one value with the characters marked that ``other`` does not have at that place."""
    if state not in MARKED_STATES or not other:
        return plain(text)
    own, theirs = _clusters(text), _clusters(other)
    pieces = []
    for tag, start, end, _, _ in SequenceMatcher(None, own, theirs, autojunk=False).get_opcodes():
        piece = escape(visible("".join(own[start:end])))
        if piece:
            pieces.append(piece if tag == "equal" else Markup("<mark>{}</mark>").format(piece))
    return Markup("<bdi>{}</bdi>").format(Markup("").join(pieces))


def css_string(text: str) -> str:
    """Quote a text for CSS, e.g. for the running header of printed pages."""
    quoted = "".join(
        character if character.isalnum() or character in " ・（）()-" else f"\\{ord(character):x} "
        for character in text
    )
    return f'"{quoted}"'


def _clusters(text: str) -> list[str]:
    """Split into characters, each with its variation selectors and combining marks."""
    clusters: list[str] = []
    for character in text:
        joins = _is_selector(character) or unicodedata.combining(character)
        if joins and clusters:
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _is_selector(character: str) -> bool:
    return any(ord(character) in selectors for selectors in _VARIATION_SELECTORS)


def _visible_character(character: str) -> str:
    category = unicodedata.category(character)
    hidden = category in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp")
    return f"[U+{ord(character):04X}]" if hidden and not _is_selector(character) else character
