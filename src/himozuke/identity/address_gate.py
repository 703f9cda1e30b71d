"""A quick look at the figures and the place of two addresses that may still be one.

Nearly all pairs of a challenge are strangers. What this gate turns away is different for certain, in
one definition for a single pair (interpreted) and for columns (compiled).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from himozuke.identity.address_number import (
    BAN,
    BANCHI,
    CHOME,
    GO,
    NO_UNIT,
    UNIT_BITS,
    UNIT_COUNT,
)
from himozuke.identity.address_tables import DIGIT, KANJI, LETTER, Classes, Codes
from himozuke.identity.kernel import kernel

Figures = npt.NDArray[np.int64]


# A digit before one of these belongs to a name (北6条, 3番町, 1号館), not to the number of the house.
NAME_UNITS = tuple(ord(sign) for sign in "条番線号通丁のノ")
# These signs are left out or added too freely to tell places apart.
WEAK = tuple(ord(sign) for sign in "町村市区ケのノツ字丁東西南北舟船治冶斑班砲炮")
MUNICIPAL = tuple(ord(sign) for sign in "町村市区郡")
FIGURES = 24
TAIL = 2


@kernel
def units_agree(a: int, b: int) -> bool:
    """Tell whether the units of two texts with the same figures can mean the same.

    1丁目2番 is not 1番2号. 4番1号 is a house number and 4番地1 a lot; but 番地…号 is a common mixture that
    says neither, and 4番1 may be both.
    """
    for k in range(UNIT_COUNT):
        first = (a >> (UNIT_BITS * k)) & 7
        second = (b >> (UNIT_BITS * k)) & 7
        if first == second or first == NO_UNIT or second == NO_UNIT or first > GO or second > GO:
            continue
        if first + second != BANCHI + BAN or first == CHOME or second == CHOME:
            return False
        next_first = (a >> (UNIT_BITS * (k + 1))) & 7
        next_second = (b >> (UNIT_BITS * (k + 1))) & 7
        lot_next, house_next = (next_first, next_second) if first == BANCHI else (next_second, next_first)
        if house_next == GO and lot_next != GO:
            return False
    return True


@kernel
def read_figures(text: Codes, n: int, classes: Classes, out: Figures) -> tuple[int, int]:
    """Read the figures of a key that belong to the number; gives their count and where the first begins."""
    count = 0
    first = n
    i = 0
    while i < n:
        if classes[text[i]] != DIGIT:
            i += 1
            continue
        start = i
        value = 0
        while i < n and classes[text[i]] == DIGIT:
            value = (value * 10 + int(text[i]) - 0x30) % 1_000_000_000_000
            i += 1
        if i < n and text[i] in NAME_UNITS:
            continue
        if count == 0:
            first = start
        if count < FIGURES:
            out[count] = value
            count += 1
    return count, first


@kernel
def is_within(a: Figures, n: int, b: Figures, m: int) -> bool:
    """Tell whether the figures of ``a`` occur in ``b`` in the same order."""
    k = 0
    for j in range(m):
        if k < n and a[k] == b[j]:
            k += 1
    return k == n


@kernel
def is_slip(a: int, b: int) -> bool:
    """Tell whether one digit wrong, missing, doubled or exchanged with the next leads from a to b."""
    if a > b:
        a, b = b, a
    scale = 1
    while scale <= b:
        low_a, low_b = a % (scale * 10), b % (scale * 10)
        if a // (scale * 10) == b // (scale * 10) and a % scale == b % scale:
            return True  # one digit differs (or stands only in b, at the front)
        if a // scale == b // (scale * 10) and a % scale == b % scale:
            return True  # b has one digit more at this place
        if (
            a // (scale * 100) == b // (scale * 100)
            and a % scale == b % scale
            and low_a // scale == b // (scale * 10) % 10
            and low_b // scale == a // (scale * 10) % 10
        ):
            return True
        scale *= 10
    return False


@kernel
def differing_figure(a: Figures, b: Figures, n: int) -> int:
    """The one position in which two equally long rows of figures differ; -1 when none or several."""
    found = -1
    for k in range(n):
        if a[k] != b[k]:
            if found >= 0:
                return -1
            found = k
    return found


@kernel
def has_tail(a: Codes, first: int, b: Codes, m: int, classes: Classes) -> bool:
    """Tell whether the last strong signs of a's place, in front of its figures, occur in ``b``."""
    wanted = 0
    k = first - 1
    while k >= 0 and wanted < TAIL:
        c = a[k]
        if wanted > 0 and c in MUNICIPAL:
            break
        if classes[c] >= LETTER and classes[c] <= KANJI and c not in WEAK:
            wanted += 1
            found = False
            for j in range(m):
                if b[j] == c:
                    found = True
                    break
            if not found:
                return False
        k -= 1
    return True


@kernel
def may_agree(a: Codes, n: int, b: Codes, m: int, classes: Classes, figures_a: Figures, figures_b: Figures) -> bool:
    """Tell whether two keys that differ can still be one address, or one slip away from it."""
    count_a, first_a = read_figures(a, n, classes, figures_a)
    count_b, first_b = read_figures(b, m, classes, figures_b)
    within = is_within(figures_a, count_a, figures_b, count_b) or is_within(figures_b, count_b, figures_a, count_a)
    if not within:
        if count_a != count_b:
            return False
        place = differing_figure(figures_a, figures_b, count_a)
        if place < 0 or not is_slip(figures_a[place], figures_b[place]):
            return False
    return bool(has_tail(a, first_a, b, m, classes) or has_tail(b, first_b, a, n, classes))
