"""Comparing sex: every code and word in use, and the codes of social insurance forms."""

from __future__ import annotations

import re
import unicodedata

from himozuke.identity.state import Comparison, How, ItemState

UNKNOWN = 0
MAN = 1
WOMAN = 2
MINER = 3  # 坑内員: the form says the kind of insured person; in practice men
MISSING = -1

_CODE_BY_WORD = {
    word: code
    for code, words in {
        UNKNOWN: "0 9 不明 不詳 未詳 U UNKNOWN ? ● 〓",
        MAN: "1 男 男性 オトコ おとこ ♂ M MALE MAN 5",  # 届書 種別 5: man, member of a pension fund
        WOMAN: "2 女 女性 オンナ おんな ♀ F FEMALE WOMAN 6",  # 届書 種別 6: woman, likewise
        MINER: "3 7 坑内員",  # 届書 種別 3, and 7 for members of a pension fund
    }.items()
    for word in words.split()
}
_SOURCE = re.compile(r"^(?:レセ|届書):")
_CODE_AND_WORD = re.compile(r"(\d)[:.\-(]?([^\d:.\-()]+)\)?")  # 1:男, 2(女)
_TITLES = {UNKNOWN: "不明", MAN: "男", WOMAN: "女", MINER: "坑内員"}


def parse(text: str) -> int | None:
    """Read a sex: 1 man, 2 woman, 0 unknown, 3 坑内員, -1 missing, ``None`` outside known codes."""
    plain = "".join(unicodedata.normalize("NFKC", text).upper().split())
    if not plain:
        return MISSING
    plain = _SOURCE.sub("", plain)
    if plain.isdecimal() and len(plain) > 1:
        plain = plain.lstrip("0") or "0"
    both = _CODE_AND_WORD.fullmatch(plain)
    if both is not None:
        code = _CODE_BY_WORD.get(both[1])
        return code if code == _CODE_BY_WORD.get(both[2]) else None
    return _CODE_BY_WORD.get(plain)


def compare_codes(a: int, b: int) -> tuple[ItemState, How]:
    """State and way of two parsed codes; the same code is ``folded``."""
    if MISSING in (a, b):
        return ItemState.MISSING, How.EMPTY
    if UNKNOWN in (a, b):
        return ItemState.UNKNOWN, How.UNREADABLE
    if a == b:
        return ItemState.FOLDED, How.FOLD
    if {a, b} == {MAN, MINER}:
        return ItemState.NEAR, How.NEAR_SEX
    return ItemState.DIFFERENT, How.DIFFERENT


def compare(a: str, b: str) -> Comparison:
    """Compare two sexes as written; a word outside the known codes is ``unknown``."""
    left, right = parse(a), parse(b)
    if MISSING in (left, right):
        return Comparison(ItemState.MISSING, How.EMPTY)
    if left is None or right is None:
        return Comparison(ItemState.UNKNOWN, How.UNREADABLE, "性別の区分にない値がある")
    state, how = compare_codes(left, right)
    if state is ItemState.FOLDED and a == b:
        return Comparison(ItemState.EQUAL, How.BYTES)
    detail = _TITLES[left] if left == right else f"{_TITLES[left]}→{_TITLES[right]}"
    return Comparison(state, how, detail)
