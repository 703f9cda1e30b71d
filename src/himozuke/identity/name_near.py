"""How one key comes near another: one slip, look-alikes, kana of the same sound."""

from __future__ import annotations

from typing import Final

from himozuke.identity import name_codes as codes
from himozuke.identity.kernel import kernel
from himozuke.identity.name_tables import FoldTable, Row

NO_SLIP: Final = 0
ONE_CHARACTER: Final = 1
EXCHANGED: Final = 2
LOOKALIKE: Final = 3

_LONG: Final = 0x30FC
_A: Final = 0x30A2
_I: Final = 0x30A4
_U: Final = 0x30A6
_E: Final = 0x30A8
_O: Final = 0x30AA
_ALIKE = codes.ALIKE
_NEAR = codes.NEAR
_PLANES = codes.PLANES
_SOUND = codes.SOUND
_VOWEL = codes.VOWEL
_VU: Final = 0x30F4
_BA: Final = 0x30D0
_BI: Final = 0x30D3
_BU: Final = 0x30D6
_BE: Final = 0x30D9
_BO: Final = 0x30DC


@kernel
def same_letters(a: Row, a_start: int, a_end: int, b: Row, b_start: int, b_end: int) -> bool:
    """Tell whether two stretches hold the same letters."""
    if a_end - a_start != b_end - b_start:
        return False
    for i in range(a_end - a_start):
        if a[a_start + i] != b[b_start + i]:
            return False
    return True


@kernel
def shared_ends(a: Row, n: int, b: Row, m: int) -> tuple[int, int]:
    """How many letters two names share at the start, and of the rest at the end."""
    shorter = min(n, m)
    head = 0
    while head < shorter and a[head] == b[head]:
        head += 1
    tail = 0
    while tail < shorter - head and a[n - 1 - tail] == b[m - 1 - tail]:
        tail += 1
    return head, tail


@kernel
def slip(a: Row, n: int, b: Row, m: int, table: FoldTable) -> int:
    """Name the one slip that leads from key ``a`` to key ``b``, if one does.

    Two letters of which one differs share too little to be called the same name with a slip,
    unless the two look alike.
    """
    if n - m > 1 or m - n > 1:
        return NO_SLIP
    head, tail = shared_ends(a, n, b, m)
    left = n - head - tail
    right = m - head - tail
    if left == 1 and right == 1:
        if n > 1 and look_alike(a[head], b[head], table):
            return LOOKALIKE
        return ONE_CHARACTER if n > 2 else NO_SLIP
    if left + right == 1:
        return ONE_CHARACTER if min(n, m) > 1 else NO_SLIP
    if left == 2 and right == 2 and n > 2 and a[head] == b[head + 1] and a[head + 1] == b[head]:
        return EXCHANGED
    return NO_SLIP


@kernel
def look_alike(a: int, b: int, table: FoldTable) -> bool:
    """Tell whether two letters belong to one group of letters that are mistaken for each other."""
    if a >= _PLANES or b >= _PLANES:
        return False
    return bool(table[_ALIKE, a] != 0 and table[_ALIKE, a] == table[_ALIKE, b])


@kernel
def other_writing(a: Row, n: int, b: Row, m: int, table: FoldTable) -> bool:
    """Tell whether two keys differ only by kanji of the 園/薗 kind."""
    if n != m:
        return False
    for i in range(n):
        x, y = a[i], b[i]
        if x == y:
            continue
        if x >= _PLANES or y >= _PLANES or table[_NEAR, x] != table[_NEAR, y]:
            return False
    return True


@kernel
def same_sound(a: Row, n: int, b: Row, m: int, table: FoldTable, x: Row, y: Row) -> bool:
    """Tell whether two keys sound the same: ヂ/ジ, ユウ/ユー, オオ/オウ/オー, ヴア/バ and the like."""
    if n - m > 3 or m - n > 3:
        return False
    length = sound(a, n, table, x)
    return same_letters(x, 0, length, y, 0, sound(b, m, table, y))


@kernel
def sound(key: Row, n: int, table: FoldTable, out: Row) -> int:
    """Write a key by its sound; returns the length."""
    m = 0
    vowel = 0
    i = 0
    while i < n:
        code = key[i]
        if code == _VU:
            code = _BU
            if i + 1 < n and is_vowel_after_vu(key[i + 1]):
                i += 1
                code = voiced_lip(key[i])
        elif vowel != 0 and lengthens(vowel, code):
            code = _LONG
        elif code < _PLANES:
            code = table[_SOUND, code]
        out[m] = code
        m += 1
        i += 1
        if code != _LONG:
            vowel = table[_VOWEL, code] if code < _PLANES else 0
    return m


@kernel
def is_vowel_after_vu(code: int) -> bool:
    """Tell whether ヴ and this kana make one sound."""
    return code == _A or code == _I or code == _E or code == _O


@kernel
def voiced_lip(vowel: int) -> int:
    """The kana of the バ row with this vowel."""
    if vowel == _A:
        return _BA
    if vowel == _I:
        return _BI
    return _BE if vowel == _E else _BO


@kernel
def lengthens(vowel: int, code: int) -> bool:
    """Tell whether a kana only draws out the vowel before it."""
    if code == _LONG or code == vowel:
        return True
    return (vowel == _O and code == _U) or (vowel == _E and code == _I)
