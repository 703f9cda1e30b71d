"""Stage 2 for columns: the pairs that the texts alone leave open, settled with hashed names.

The rules are those of :mod:`address_match` and :mod:`address_rest`; where a pair takes more (streets of
Kyoto, letters and 甲乙 in numbers, remarks in brackets), it stays open for them.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from himozuke.identity.address_gate import FIGURES, NAME_UNITS, Figures, is_slip, units_agree
from himozuke.identity.address_number import UNIT_BITS, UNIT_COUNT
from himozuke.identity.address_rest import (
    BRANCH,
    HOUSE_FIGURES,
    LARGE_KANA,
    LONGEST_FIGURE,
    LOT_FIGURES,
)
from himozuke.identity.address_tables import DIGIT, HYPHEN, LETTER, Classes, Codes
from himozuke.identity.kernel import kernel
from himozuke.identity.state import How, ItemState

OPEN = -1
# An outcome is its state and way as one number, so that the better is the smaller.
STATES = 256
SAME = ItemState.VARIANT * STATES + How.OMITTED_PART
WITHOUT_BUILDING = ItemState.VARIANT * STATES + How.OMITTED_BUILDING
OTHER = ItemState.DIFFERENT * STATES + How.DIFFERENT
SLIP = ItemState.NEAR * STATES + How.ONE_FIGURE
UNDECIDED = ItemState.NEAR * STATES + How.NEAR_PLACE
LOT_OR_HOUSE = ItemState.NEAR * STATES + How.BANCHI
MERGED = ItemState.VARIANT * STATES + How.MERGER
AGREES = ItemState.NEAR * STATES  # every outcome below
BRANCH_SIGNS = tuple(ord(sign) for sign in BRANCH)
# As in the pattern of a figure's token.
NAME_RANGES = tuple((ord(first), ord(last)) for first, last in ("ァヶ", "一龥", "AZ"))
LONG_SIGNS = (ord("ー"), ord("々"))
ROOM_SIGNS = tuple(ord(sign) for sign in "号室棟")
OPEN_SIGNS = (ord("F"), ord("様"))  # floors, and 様方
HAMLET_SIGNS = tuple(ord(sign) for sign in "ケのツ町")
SMALL_KANA = tuple(LARGE_KANA.items())
SHORTEST_ROOM = 3  # digits
MOST_EXTRA = 2  # figures of a room behind a number
ZERO = ord("0")
END = -1  # behind every figure of a building


class Rest(NamedTuple):
    """Room for what stands behind a town.

    ``numbers`` with ``begins`` and ``lengths`` (digits) are the figures of the number; ``name`` and
    ``figures`` belong to the building.
    """

    numbers: Figures
    begins: Codes
    lengths: Codes
    name: Codes
    figures: Codes


def room_for_rest(size: int) -> Rest:
    """Allocate the room once for a whole column."""
    begins, lengths = np.empty((2, FIGURES), np.int32)
    return Rest(np.empty(FIGURES, np.int64), begins, lengths, np.empty(size, np.int32), np.empty(2 * size, np.int32))


@kernel
def is_branch(key: Codes, i: int, n: int) -> bool:
    """Tell whether イ or 甲 behind a figure belongs to it, and is no beginning of a name (ハイム)."""
    if key[i] not in BRANCH_SIGNS:
        return False
    if i + 1 >= n:
        return True
    c = key[i + 1]
    name = c in LONG_SIGNS
    for first, last in NAME_RANGES:
        name = name or first <= c <= last
    return not name


@kernel
def read_rest(key: Codes, start: int, n: int, classes: Classes, rest: Rest) -> tuple[int, int, int]:
    """Take apart a rest: the end of 小字, the count of figures, the start of the building; count OPEN if unusual."""
    i = start
    while i < n and classes[key[i]] != DIGIT:
        if classes[key[i]] == LETTER or classes[key[i]] == HYPHEN:
            return start, OPEN, start
        i += 1
    hamlet = i
    count = 0
    while i < n:
        begin = i
        value = 0
        while i < n and classes[key[i]] == DIGIT:
            value = (value * 10 + key[i] - 0x30) % 1_000_000_000_000_000
            i += 1
        if i - begin > LONGEST_FIGURE or count >= FIGURES or (key[begin] == ZERO and i - begin > 1):
            return hamlet, OPEN, i
        rest.numbers[count] = value
        rest.begins[count] = begin
        rest.lengths[count] = i - begin
        count += 1
        if i >= n:
            break
        c = key[i]
        if classes[c] == LETTER or is_branch(key, i, n) or (count == 1 and c in NAME_UNITS):
            return hamlet, OPEN, i
        if classes[c] != HYPHEN:
            break
        i += 1
        if i >= n or classes[key[i]] != DIGIT:
            return hamlet, OPEN, i
    return hamlet, count, i


@kernel
def read_building(key: Codes, start: int, n: int, classes: Classes, rest: Rest) -> tuple[int, int, int]:
    """Read a building: lengths of its name and of its figures, and how many they are; OPEN if unusual."""
    length = 0
    size = 0
    count = 0
    last = 0
    for k in range(start, n):
        c = key[k]
        if c in OPEN_SIGNS:
            return OPEN, 0, 0
        if c in ROOM_SIGNS:
            continue
        kind = classes[c]
        if last > 0 and kind != last:
            rest.figures[size] = END
            size += 1
        if kind in (DIGIT, LETTER):
            count += kind != last
            rest.figures[size] = c
            size += 1
            last = kind
            continue
        last = 0
        if kind != HYPHEN:
            for small, large in SMALL_KANA:
                if c == small:
                    c = large
            rest.name[length] = c
            length += 1
    if last > 0:
        rest.figures[size] = END
        size += 1
    return length, size, count


@kernel
def ends_alike(a: Codes, n: int, b: Codes, m: int) -> bool:
    """Tell whether the last ``m`` codes of ``a`` are those of ``b``."""
    if m > n:
        return False
    for k in range(m):
        if a[n - m + k] != b[k]:
            return False
    return True


@kernel
def compare_buildings(
    a: Codes, start_a: int, n: int, b: Codes, start_b: int, m: int, classes: Classes, rest_a: Rest, rest_b: Rest
) -> int:
    """Compare two buildings, each the end of a key."""
    if ends_alike(a, n, b[start_b:m], m - start_b) and n - start_a == m - start_b:
        return SAME
    name_a, size_a, count_a = read_building(a, start_a, n, classes, rest_a)
    name_b, size_b, count_b = read_building(b, start_b, m, classes, rest_b)
    if name_a < 0 or name_b < 0:
        return OPEN
    same_name = name_a == name_b and ends_alike(rest_a.name, name_a, rest_b.name, name_b)
    same_figures = size_a == size_b and ends_alike(rest_a.figures, size_a, rest_b.figures, size_b)
    if same_name and same_figures:
        return SAME
    if name_a + size_a == 0 or name_b + size_b == 0:
        return WITHOUT_BUILDING
    if name_a > 0 and name_b > 0 and not same_name:
        return OPEN if same_figures else OTHER
    if same_figures:
        return WITHOUT_BUILDING
    if count_a == 0 or count_b == 0:
        return WITHOUT_BUILDING if name_a > 0 and name_b > 0 else OTHER
    if count_a == count_b:
        return OTHER
    if count_a > count_b:
        room = name_b == 0 and ends_alike(rest_a.figures, size_a, rest_b.figures, size_b)
        room = room and (size_a == size_b or rest_a.figures[size_a - size_b - 1] == END)
    else:
        room = name_a == 0 and ends_alike(rest_b.figures, size_b, rest_a.figures, size_a)
        room = room and (size_a == size_b or rest_b.figures[size_b - size_a - 1] == END)
    return WITHOUT_BUILDING if room else OTHER


@kernel
def next_strong(key: Codes, k: int, end: int) -> int:
    """The next sign of 小字 that is not left out freely."""
    while k < end and key[k] in HAMLET_SIGNS:
        k += 1
    return k


@kernel
def compare_hamlets(a: Codes, i: int, end_a: int, b: Codes, j: int, end_b: int, numbers: bool) -> int:  # noqa: FBT001
    """Compare 小字; ``numbers``: a number follows on both sides."""
    left_a, left_b = end_a - i, end_b - j
    start = i if left_a > 0 else j
    while True:
        i, j = next_strong(a, i, end_a), next_strong(b, j, end_b)
        if i >= end_a or j >= end_b or a[i] != b[j]:
            break
        i += 1
        j += 1
    if i >= end_a and j >= end_b:
        return SAME
    if left_a > 0 and left_b > 0:
        return OTHER
    first = a[start] if left_a > 0 else b[start]
    if first in BRANCH_SIGNS:
        return OTHER if left_a + left_b == 1 else OPEN
    return UNDECIDED if numbers else OTHER


@kernel
def units_behind(key: Codes, start: int, classes: Classes, units: int) -> int:
    """The units of the figures from ``start`` on."""
    runs = 0
    for k in range(start):
        if classes[key[k]] == DIGIT and (k + 1 == start or classes[key[k + 1]] != DIGIT):
            runs += 1
    return units >> (UNIT_BITS * runs) if runs < UNIT_COUNT else 0


@kernel
def compare_slip(
    rest_a: Rest,
    rest_b: Rest,
    count: int,
    hamlet: int,
    building: int,
    agree: bool,  # noqa: FBT001
    chome: bool,  # noqa: FBT001
) -> int:
    """Accept one digit wrong in one of equally many figures."""
    if hamlet != SAME:
        return hamlet if hamlet == OPEN else OTHER
    wrong = -1
    for k in range(count):
        if rest_a.numbers[k] != rest_b.numbers[k]:
            if wrong >= 0:
                return OTHER
            wrong = k
    house = HOUSE_FIGURES if chome else LOT_FIGURES
    rooms = rest_a.lengths[wrong] >= SHORTEST_ROOM and rest_b.lengths[wrong] >= SHORTEST_ROOM
    if wrong >= HOUSE_FIGURES or (wrong >= house and rooms):
        return OTHER
    if not agree or not is_slip(rest_a.numbers[wrong], rest_b.numbers[wrong]):
        return OTHER
    return SLIP if building not in (OPEN, OTHER) else building


@kernel
def with_extra(
    building: int,
    shared: int,
    rest: Rest,
    count: int,
    written: bool,  # noqa: FBT001
    chome: bool,  # noqa: FBT001
) -> int:
    """Settle figures that only one side has behind the number; ``written``: the other names a building."""
    if count == shared or building in (OTHER, OPEN):
        return building
    rooms = True
    for k in range(shared, count):
        rooms = rooms and rest.lengths[k] >= SHORTEST_ROOM
    complete = shared >= (HOUSE_FIGURES if chome else LOT_FIGURES)
    if complete and count - shared <= MOST_EXTRA and (written or rooms):
        return building
    return building if shared > 0 and written and building == SAME else UNDECIDED


@kernel
def compare_rests(
    a: Codes,
    start_a: int,
    n: int,
    units_a: int,
    b: Codes,
    start_b: int,
    m: int,
    units_b: int,
    chome: bool,  # noqa: FBT001
    classes: Classes,
    rest_a: Rest,
    rest_b: Rest,
) -> int:
    """Compare what stands behind one town; the side with fewer figures may be either."""
    hamlet_a, count_a, building_a = read_rest(a, start_a, n, classes, rest_a)
    hamlet_b, count_b, building_b = read_rest(b, start_b, m, classes, rest_b)
    if count_a < 0 or count_b < 0:
        return OPEN
    shared = min(count_a, count_b)
    agree = units_agree(units_behind(a, start_a, classes, units_a), units_behind(b, start_b, classes, units_b))
    hamlet = compare_hamlets(a, start_a, hamlet_a, b, start_b, hamlet_b, shared > 0)
    alike = True
    for k in range(shared):
        alike = alike and rest_a.numbers[k] == rest_b.numbers[k]
    if not alike and count_a != count_b:
        return OTHER
    from_a = rest_a.begins[shared] if count_a > shared else building_a
    from_b = rest_b.begins[shared] if count_b > shared else building_b
    building = compare_buildings(a, from_a, n, b, from_b, m, classes, rest_a, rest_b)
    if not alike:
        return int(compare_slip(rest_a, rest_b, shared, hamlet, building, agree, chome))
    if count_a > count_b:
        building = with_extra(building, shared, rest_a, count_a, building_b < m, chome)
    else:
        building = with_extra(building, shared, rest_b, count_b, building_a < n, chome)
    if building in (OTHER, OPEN) or (hamlet == SAME and agree):
        return building
    return hamlet if hamlet != SAME else LOT_OR_HOUSE
