"""The rows that the first look at a column leaves open: read and settled compiled, as far as that goes."""

from __future__ import annotations

import numpy as np

from himozuke.identity.address_columns import same_codes
from himozuke.identity.address_decide import (
    AGREES,
    MERGED,
    OPEN,
    OTHER,
    SAME,
    STATES,
    UNDECIDED,
    Rest,
    compare_rests,
    room_for_rest,
)
from himozuke.identity.address_fold import fold_text, read_text, vary_text
from himozuke.identity.address_hashed import Hashed
from himozuke.identity.address_place import FORMER
from himozuke.identity.address_reading import LONGEST_KEY, Places, read_places, room_for_places
from himozuke.identity.address_tables import DIGIT, HYPHEN, KANJI, Classes, Codes, Tables
from himozuke.identity.column import Bytes, Offsets, States
from himozuke.identity.kernel import kernel

BRACKET = ord("(")  # the wide one is EF BC 88


@kernel
def usual(key: Codes, n: int, classes: Classes) -> bool:
    """Tell whether a key is short enough, and holds letters, figures, kana and kanji only."""
    if n == 0 or n > LONGEST_KEY:
        return False
    for k in range(n):
        kind = classes[key[k]]
        if kind < DIGIT or (kind > KANJI and kind != HYPHEN):
            return False
    return True


@kernel
def has_bracket(data: Bytes, start: int, end: int) -> bool:
    """Tell whether a remark in brackets may stand in a text."""
    for k in range(start, end):
        if data[k] == BRACKET:
            return True
        if data[k] == 0xEF and k + 2 < end and data[k + 1] == 0xBC and data[k + 2] == 0x88:
            return True
    return False


@kernel
def listed(places: Places, count: int, city: int, town: int) -> bool:
    """Tell whether a place is among the readings."""
    for k in range(count):
        if places.city[k] == city and places.town[k] == town:
            return True
    return False


@kernel
def all_listed(a: Places, count_a: int, b: Places, count_b: int) -> bool:
    """Tell whether every reading of one address is a reading of the other."""
    for k in range(count_a):
        if not listed(b, count_b, a.city[k], a.town[k]):
            return False
    return True


@kernel
def is_ambiguous(a: Codes, places_a: Places, count_a: int, b: Codes, places_b: Places, count_b: int) -> bool:
    """Tell whether one side can mean several towns although both agree in one of them."""
    both = all_listed(places_a, count_a, places_b, count_b) and all_listed(places_b, count_b, places_a, count_a)
    if not both:
        return True
    single = True
    for k in range(1, count_a):
        single = single and places_a.city[k] == places_a.city[0] and places_a.town[k] == places_a.town[0]
    if single:
        return False
    head = places_a.rest[0]
    if head != places_b.rest[0]:
        return True
    for k in range(head):
        if a[k] != b[k]:
            return True
    return False


@kernel
def weighed(found: int, town: int, sure: bool, merged: bool) -> int:  # noqa: FBT001
    """What an outcome is worth in a town that may be unknown, unsure or of a former municipality."""
    if town < 0 and found == UNDECIDED:
        return OTHER
    if found < AGREES and not sure:
        return UNDECIDED
    return MERGED if found == SAME and merged else found


@kernel
def longest_of(rows: Offsets, offsets: Offsets) -> int:
    """The bytes of the longest value in some rows."""
    most = 0
    for i in rows:
        most = max(most, offsets[i + 1] - offsets[i])
    return most


@kernel
def settle(
    a: Codes,
    n: int,
    units_a: int,
    b: Codes,
    m: int,
    units_b: int,
    hashed: Hashed,
    classes: Classes,
    places_a: Places,
    places_b: Places,
    rest_a: Rest,
    rest_b: Rest,
) -> int:
    """Settle two keys by municipality, town, number and building; ``OPEN`` where Python has to."""
    count_a = read_places(a, n, hashed, classes, places_a)
    count_b = read_places(b, m, hashed, classes, places_b) if count_a > 0 else 0
    if count_a <= 0 or count_b <= 0:
        return OPEN
    best = OTHER
    for i in range(count_a):
        town = places_a.town[i]
        for j in range(count_b):
            if places_a.city[i] != places_b.city[j] or town != places_b.town[j]:
                continue
            if town >= 0 and hashed.several[town]:
                return OPEN
            chome = town >= 0 and hashed.chome[town]
            start_a, start_b = places_a.rest[i], places_b.rest[j]
            found = compare_rests(a, start_a, n, units_a, b, start_b, m, units_b, chome, classes, rest_a, rest_b)
            if found == OPEN:
                return OPEN
            merged = (places_a.how[i] == FORMER) != (places_b.how[j] == FORMER)
            best = min(best, weighed(found, town, places_a.sure[i] and places_b.sure[j], merged))
    if best < AGREES and is_ambiguous(a, places_a, count_a, b, places_b, count_b):
        return UNDECIDED
    return best


@kernel
def settle_rows(
    a_data: Bytes,
    a_offsets: Offsets,
    b_data: Bytes,
    b_offsets: Offsets,
    rows: Offsets,
    tables: Tables,
    hashed: Hashed,
    places_a: Places,
    places_b: Places,
    rest_a: Rest,
    rest_b: Rest,
    states: States,
    hows: States,
) -> None:
    """Settle the rows asked for, and write down what they come to; what stays open keeps its state."""
    mapped, expanded, classes, figures, variants = tables
    size = 4 * max(longest_of(rows, a_offsets), longest_of(rows, b_offsets)) + 8
    read = np.empty(size, np.int32)
    folded = np.empty(size, np.int32)
    key_a = np.empty(size, np.int32)
    key_b = np.empty(size, np.int32)
    for i in rows:
        start_a, end_a, start_b, end_b = a_offsets[i], a_offsets[i + 1], b_offsets[i], b_offsets[i + 1]
        n = read_text(a_data, start_a, end_a, mapped, expanded, read)
        n, units_a, gaps_a = fold_text(read, n, classes, figures, folded)
        n = vary_text(folded, n, classes, variants, key_a)
        m = read_text(b_data, start_b, end_b, mapped, expanded, read)
        m, units_b, gaps_b = fold_text(read, m, classes, figures, folded)
        m = vary_text(folded, m, classes, variants, key_b)
        if gaps_a or gaps_b or not usual(key_a, n, classes) or not usual(key_b, m, classes):
            continue
        if same_codes(key_a, n, key_b, m):
            continue  # variants are told apart by their folded texts
        best = settle(key_a, n, units_a, key_b, m, units_b, hashed, classes, places_a, places_b, rest_a, rest_b)
        brackets = has_bracket(a_data, start_a, end_a) or has_bracket(b_data, start_b, end_b)
        if best != OPEN and (best < AGREES or not brackets):
            states[i] = best // STATES
            hows[i] = best % STATES


def ask_hashed(
    a_data: Bytes,
    a_offsets: Offsets,
    b_data: Bytes,
    b_offsets: Offsets,
    rows: Offsets,
    tables: Tables,
    hashed: Hashed,
    states: States,
    hows: States,
) -> None:
    """Settle rows with hashed names; rows that stay open keep the state they have."""
    room = (room_for_places(), room_for_places(), room_for_rest(LONGEST_KEY), room_for_rest(LONGEST_KEY))
    settle_rows(a_data, a_offsets, b_data, b_offsets, rows, tables, hashed, *room, states, hows)
