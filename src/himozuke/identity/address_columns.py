"""Whole columns of addresses: keys, and the states that need no gazetteer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from himozuke.identity.address_fold import AZA, NOT_SIGN, NOT_YET, NOTED, fold_text, read_text, vary_text, write_utf8
from himozuke.identity.address_gate import (
    FIGURES,
    MUNICIPAL,
    NAME_UNITS,
    may_agree,
    units_agree,
)
from himozuke.identity.address_number import NO_KANJI, ORDINAL
from himozuke.identity.address_rest import BRANCH
from himozuke.identity.address_tables import DIGIT, KANJI, KATAKANA, LETTER, Classes, Codes, tables
from himozuke.identity.column import Bytes, Hashes, Offsets, States, go_on, hash_bytes, same_bytes, slot_of
from himozuke.identity.kernel import kernel
from himozuke.identity.state import How, ItemState

ASK = 255  # only the gazetteer can tell
EQUAL, FOLDED, VARIANT = int(ItemState.EQUAL), int(ItemState.FOLDED), int(ItemState.VARIANT)
NEAR, MISSING, DIFFERENT = int(ItemState.NEAR), int(ItemState.MISSING), int(ItemState.DIFFERENT)
BY_BYTES, BY_FOLD, BY_EMPTY = int(How.BYTES), int(How.FOLD), int(How.EMPTY)
BY_DIFFERENCE, BY_BANCHI = int(How.DIFFERENT), int(How.BANCHI)
BY_KANJI, BY_OMISSION = int(How.KANJI_VARIANT), int(How.OMITTED_PART)
BY_BUILDING = int(How.OMITTED_BUILDING)
# What may go on with the number, or mean nothing by itself.
NOT_ALONE = (AZA, NOT_SIGN, NOT_YET, NOTED, NO_KANJI, ORDINAL)
FIRST_LEAD, LAST_LEAD = 0xE4, 0xE9  # of the three bytes of a kanji
BEYOND_PLAIN = 0xA000
ROOM_A_NAME = 4  # slots for each name: a look that finds nothing ends at once
LOOKED_BACK = 6  # bytes: two kanji
NO_BUILDING = (*(ord(sign) for sign in BRANCH + "号室棟"), *NAME_UNITS)


def hashed_names(code_by_name: Mapping[str, int]) -> tuple[Hashes, Codes, int]:
    """Lay municipality names out in slots found by hash: hashes (0: free), codes, and the length of the longest name."""
    ends = np.cumsum([len(name) for name in code_by_name], dtype=np.int64)
    text = np.frombuffer("".join(code_by_name).encode("utf-32-le"), np.int32)
    hashes = name_hashes(text, ends)
    codes = np.fromiter(code_by_name.values(), np.int32, len(code_by_name))
    size = 1 << (ROOM_A_NAME * len(hashes)).bit_length()
    return *laid_out(hashes, codes, size), max(map(len, code_by_name), default=0)


@kernel
def laid_out(hashes: Hashes, codes: Codes, size: int) -> tuple[Hashes, Codes]:
    """Put hashes and what they stand for into slots; the next free one where another hash is."""
    slots = np.zeros(size, np.uint64)
    held = np.zeros(size, np.int32)
    for i in range(len(hashes)):
        place = slot_of(slots, hashes[i])
        slots[place] = hashes[i]
        held[place] = codes[i]
    return slots, held


@kernel
def name_hashes(text: Codes, ends: Offsets) -> Hashes:
    """Hash names that stand one behind the other."""
    hashes = np.empty(len(ends), np.uint64)
    start = 0
    for i in range(len(ends)):
        state = np.uint64(0)
        for k in range(start, ends[i]):
            state = go_on(state, text[k])
        hashes[i] = state
        start = ends[i]
    return hashes


@kernel
def longest(offsets: Offsets) -> int:
    """The bytes of the longest value."""
    most = 0
    for i in range(len(offsets) - 1):
        most = max(most, offsets[i + 1] - offsets[i])
    return most


@kernel
def key_rows(
    data: Bytes,
    offsets: Offsets,
    mapped: Codes,
    expanded: Codes,
    classes: Classes,
    figures: Codes,
    variants: Codes,
) -> tuple[Hashes, Hashes]:
    """Hash the folded text and the key of every row; empty gives 0."""
    rows = len(offsets) - 1
    size = 4 * longest(offsets) + 8
    first = np.empty(size, np.int32)
    second = np.empty(size, np.int32)
    encoded = np.empty(4 * size, np.uint8)
    folded = np.empty(rows, np.uint64)
    key = np.empty(rows, np.uint64)
    for i in range(rows):
        n = read_text(data, offsets[i], offsets[i + 1], mapped, expanded, first)
        n, _, _ = fold_text(first, n, classes, figures, second)
        folded[i] = hash_bytes(encoded, 0, write_utf8(second, n, encoded))
        n = vary_text(second, n, classes, variants, first)
        key[i] = hash_bytes(encoded, 0, write_utf8(first, n, encoded))
    return folded, key


@kernel
def same_codes(a: Codes, n: int, b: Codes, m: int) -> bool:
    """Tell whether two texts are the same."""
    if n != m:
        return False
    for k in range(n):
        if a[k] != b[k]:
            return False
    return True


@lru_cache(maxsize=1)
def plain_signs() -> Classes:
    """Which kanji stay themselves whatever stands around them: 1, of those 2 for the signs of municipalities; else 0.

    None is a numeral, or a sign that what follows may drop or read otherwise (字, 第, 之, 不明).
    """
    known = tables()
    codes = np.arange(BEYOND_PLAIN)
    alone = (known.classes[:BEYOND_PLAIN] == KANJI) & (known.figures[:BEYOND_PLAIN] < 0)
    alone &= known.mapped[:BEYOND_PLAIN] == codes
    alone[list(NOT_ALONE)] = False
    signs: Classes = alone.astype(np.uint8)
    signs[list(MUNICIPAL)] *= 2
    return signs


@kernel
def plain_beginning(
    a: Bytes, start_a: int, end_a: int, b: Bytes, start_b: int, end_b: int, plain: Classes
) -> tuple[int, bool]:
    """The bytes of plain kanji that two texts begin with alike, and whether a municipality's sign is among them.

    Two kanji less than there are: what follows may look back at them, and they at it.
    """
    place = 0
    most = min(end_a - start_a, end_b - start_b) - 2
    named = before = last = False
    while place < most:
        lead = int(a[start_a + place])
        if lead < FIRST_LEAD or lead > LAST_LEAD or lead != b[start_b + place]:
            break
        second, third = int(a[start_a + place + 1]), int(a[start_a + place + 2])
        if second != b[start_b + place + 1] or third != b[start_b + place + 2]:
            break
        sign = plain[(lead & 0x0F) << 12 | (second & 0x3F) << 6 | third & 0x3F]
        if sign == 0:
            break
        named = named or before
        before = last
        last = sign == 2
        place += 3
    return (place - LOOKED_BACK, named) if place > LOOKED_BACK else (0, False)


@kernel
def differ_late(a: Codes, n: int, b: Codes, m: int) -> bool:
    """Tell whether two texts are the same up to the end of a municipality sign."""
    for k in range(min(n, m)):
        if a[k] != b[k]:
            return False
        if a[k] in MUNICIPAL:
            return True
    return False


@kernel
def municipality(
    text: Codes, n: int, classes: Classes, names: Hashes, codes: Codes, longest_name: int
) -> tuple[int, int]:
    """Find the longest municipality name a key begins with; gives its code, 0 when unsure, and its length."""
    state = np.uint64(0)
    code = 0
    length = 0
    for k in range(min(n, longest_name)):
        if classes[text[k]] == DIGIT:
            break  # 三条市: figures in a name would shift the units
        state = go_on(state, text[k])
        if text[k] in MUNICIPAL:  # every name ends in one of them
            found = slot_of(names, state)
            if names[found] == state:
                code = codes[found]
                length = k + 1
    return code, length


@kernel
def compare_inner(a: Codes, start_a: int, n: int, b: Codes, start_b: int, m: int, classes: Classes) -> int:
    """Compare what stands behind the municipality: OMITTED_PART when the same, OMITTED_BUILDING when one goes on.

    Gives 0 when it takes a closer look.
    """
    if n - start_a < m - start_b:
        return int(compare_inner_longer(b, start_b, m, a, start_a, n, classes))
    return int(compare_inner_longer(a, start_a, n, b, start_b, m, classes))


@kernel
def compare_inner_longer(a: Codes, start_a: int, n: int, b: Codes, start_b: int, m: int, classes: Classes) -> int:
    """The same, with the longer text first."""
    length = m - start_b
    for k in range(length):
        if a[start_a + k] != b[start_b + k]:
            return 0
    if n - start_a == length:
        return BY_OMISSION
    beyond = a[start_a + length]
    if (classes[beyond] != KATAKANA and classes[beyond] != KANJI) or beyond in NO_BUILDING:
        return 0
    # The shorter text must end with its number, and hold no other figure in front of it.
    k = m - 1
    while k >= start_b and (classes[b[k]] == DIGIT or b[k] == 0x2D):
        k -= 1
    if k == m - 1 or k < start_b:
        return 0
    while k >= start_b:
        if classes[b[k]] == DIGIT or classes[b[k]] == LETTER:
            return 0
        k -= 1
    return BY_BUILDING


@kernel
def is_repeated(data: Bytes, offsets: Offsets, row: int) -> bool:
    """Tell whether a value is the one before it: families stand together and live together."""
    return bool(same_bytes(data, offsets[row - 1], offsets[row], data, offsets[row], offsets[row + 1]))


@kernel
def state_rows(
    a_data: Bytes,
    a_offsets: Offsets,
    b_data: Bytes,
    b_offsets: Offsets,
    mapped: Codes,
    expanded: Codes,
    classes: Classes,
    figures: Codes,
    variants: Codes,
    names: Hashes,
    codes: Codes,
    longest_name: int,
    plain: Classes,
) -> tuple[States, States]:
    """Compare row by row as far as the texts alone can tell; ``ASK`` where they cannot.

    A plain beginning that both share is put in front only where what follows does not settle the pair.
    """
    rows = len(a_offsets) - 1
    size = 4 * max(longest(a_offsets), longest(b_offsets)) + 8
    read = np.empty(size, np.int32)
    folded_a = np.empty(size, np.int32)
    folded_b = np.empty(size, np.int32)
    key_a = np.empty(size, np.int32)
    key_b = np.empty(size, np.int32)
    figures_a = np.empty(FIGURES, np.int64)
    figures_b = np.empty(FIGURES, np.int64)
    states = np.empty(rows, np.uint8)
    hows = np.empty(rows, np.uint8)
    for i in range(rows):
        start_a, end_a, start_b, end_b = a_offsets[i], a_offsets[i + 1], b_offsets[i], b_offsets[i + 1]
        if i > 0 and is_repeated(a_data, a_offsets, i) and is_repeated(b_data, b_offsets, i):
            states[i] = states[i - 1]
            hows[i] = hows[i - 1]
            continue
        states[i] = ASK
        hows[i] = 0
        same = same_bytes(a_data, start_a, end_a, b_data, start_b, end_b)
        cut, named = plain_beginning(a_data, start_a, end_a, b_data, start_b, end_b, plain)
        n = read_text(a_data, start_a + cut, end_a, mapped, expanded, read)
        n, units_a, gaps_a = fold_text(read, n, classes, figures, folded_a)
        if same:
            if n == 0:
                states[i] = MISSING
                hows[i] = BY_EMPTY
            elif not gaps_a:
                states[i] = EQUAL
                hows[i] = BY_BYTES
            continue
        m = read_text(b_data, start_b + cut, end_b, mapped, expanded, read)
        m, units_b, gaps_b = fold_text(read, m, classes, figures, folded_b)
        if n == 0 or m == 0:
            states[i] = MISSING
            hows[i] = BY_EMPTY
            continue
        if gaps_a or gaps_b:
            continue
        agree = units_agree(units_a, units_b)
        if same_codes(folded_a, n, folded_b, m):
            states[i] = FOLDED if agree else NEAR
            hows[i] = BY_FOLD if agree else BY_BANCHI
            continue
        begun = cut // 3
        n_key = vary_text(folded_a, n, classes, variants, key_a[begun:])
        m_key = vary_text(folded_b, m, classes, variants, key_b[begun:])
        if same_codes(key_a[begun:], n_key, key_b[begun:], m_key):
            if agree and (named or differ_late(folded_a, n, folded_b, m)):
                states[i] = VARIANT
                hows[i] = BY_KANJI if n == m else BY_OMISSION
            continue
        for k in range(begun):
            at = start_a + 3 * k
            code = (int(a_data[at]) & 0x0F) << 12 | (int(a_data[at + 1]) & 0x3F) << 6 | int(a_data[at + 2]) & 0x3F
            key_a[k] = key_b[k] = variants[code]
        n_key += begun
        m_key += begun
        if not may_agree(key_a, n_key, key_b, m_key, classes, figures_a, figures_b):
            states[i] = DIFFERENT
            hows[i] = BY_DIFFERENCE
            continue
        code_a, length_a = municipality(key_a, n_key, classes, names, codes, longest_name)
        code_b, length_b = municipality(key_b, m_key, classes, names, codes, longest_name)
        if code_a > 0 and code_a == code_b and agree:
            how = compare_inner(key_a, length_a, n_key, key_b, length_b, m_key, classes)
            if how > 0:
                states[i] = VARIANT
                hows[i] = how
    return states, hows
