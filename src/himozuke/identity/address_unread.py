"""Addresses that cannot be read in part or at all: ●, 〓, 外字, 不詳."""

from __future__ import annotations

import re

from himozuke.identity.address_place import PlaceIndex
from himozuke.identity.address_tables import GETA
from himozuke.identity.address_text import AddressText
from himozuke.identity.state import Comparison, How, ItemState

HOLE = chr(GETA)
UNSAID = re.compile("(?:住所|居所|以下|番地|方書)*(?:不明(?!門)|不詳|不定|未詳|未記入|記載(?:無し|なし|無シ|ナシ))")
UNKNOWN = Comparison(ItemState.UNKNOWN, How.UNREADABLE, "読めない文字または不明")
DIFFERENT = Comparison(ItemState.DIFFERENT, How.DIFFERENT)


def is_unknown(text: AddressText) -> bool:
    """Tell whether an address has signs that cannot be read, or says that it is not known."""
    return HOLE in text.folded or UNSAID.search(text.folded) is not None


def compare_unread(a: AddressText, b: AddressText, index: PlaceIndex) -> Comparison:
    """Answer unknown when what can be read agrees, else different."""
    if _tells_nothing(a) or _tells_nothing(b):
        return UNKNOWN
    open_a, open_b = (UNSAID.search(text.key) is not None for text in (a, b))
    for one in _readings(a, index):
        for other in _readings(b, index):
            if _pattern(one, unsaid=open_a).fullmatch(other) or _pattern(other, unsaid=open_b).fullmatch(one):
                return UNKNOWN
            if len(one) == len(other) and all(x == y or HOLE in (x, y) for x, y in zip(one, other, strict=True)):
                return UNKNOWN
            if _readable_start(one) == other or _readable_start(other) == one:
                return UNKNOWN
    return DIFFERENT


def _tells_nothing(text: AddressText) -> bool:
    """Tell whether an address has no sign that can be read, or only says that nothing was written."""
    return not UNSAID.sub("", text.key).replace(HOLE, "").strip("-")


def _readable_start(text: str) -> str:
    """What stands in front of the first sign that cannot be read: all but the building, when that is it."""
    return text.split(HOLE, 1)[0].rstrip("-")


def _readings(text: AddressText, index: PlaceIndex) -> list[str]:
    """The key, and the key with its municipality as a code, both up to what is said to be unknown."""
    known = UNSAID.split(text.key)[0]
    return list(dict.fromkeys((known, *(f"{place.code}/{place.inner}" for place in index.places(known)))))


def _pattern(text: str, *, unsaid: bool) -> re.Pattern[str]:
    """A key as a pattern: a run of signs that cannot be read stands for about as many signs."""
    parts = re.split(f"({HOLE}+)", text)
    body = "".join(f".{{1,{len(part) + 1}}}" if part.startswith(HOLE) else re.escape(part) for part in parts)
    return re.compile(body + (".*" if unsaid else ""), re.DOTALL)
