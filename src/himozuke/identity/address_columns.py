"""Whole columns of addresses: keys, and the states that need no gazetteer."""

from __future__ import annotations

import numpy as np

from himozuke.identity.address_fold import fold_text, read_text, vary_text, write_utf8
from himozuke.identity.address_gate import (
    AGREE,
    CLASH,
    FIGURES,
    Figures,
    compare_units,
    differing_figure,
    has_tail,
    is_slip,
    is_within,
    read_figures,
)
from himozuke.identity.address_tables import Classes, Codes
from himozuke.identity.column import Bytes, Hashes, Offsets, States, hash_bytes, kernel
from himozuke.identity.state import How, ItemState

ASK = 255  # only the gazetteer can tell
EQUAL, FOLDED, VARIANT = int(ItemState.EQUAL), int(ItemState.FOLDED), int(ItemState.VARIANT)
NEAR, MISSING, DIFFERENT = int(ItemState.NEAR), int(ItemState.MISSING), int(ItemState.DIFFERENT)
BY_BYTES, BY_FOLD, BY_EMPTY = int(How.BYTES), int(How.FOLD), int(How.EMPTY)
BY_DIFFERENCE, BY_BANCHI = int(How.DIFFERENT), int(How.BANCHI)
BY_KANJI, BY_OMISSION = int(How.KANJI_VARIANT), int(How.OMITTED_PART)


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


@kernel
def may_agree(
    a: Codes, n: int, b: Codes, m: int, classes: Classes, figures_a: Figures, figures_b: Figures
) -> bool:
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
    return has_tail(a, first_a, b, m, classes) or has_tail(b, first_b, a, n, classes)


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
) -> tuple[States, States]:
    """Compare row by row as far as the texts alone can tell; ``ASK`` where they cannot."""
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
        states[i] = ASK
        hows[i] = 0
        same = end_a - start_a == end_b - start_b
        k = 0
        while same and k < end_a - start_a:
            same = a_data[start_a + k] == b_data[start_b + k]
            k += 1
        n = read_text(a_data, start_a, end_a, mapped, expanded, read)
        n, units_a, unreadable_a = fold_text(read, n, classes, figures, folded_a)
        m = read_text(b_data, start_b, end_b, mapped, expanded, read)
        m, units_b, unreadable_b = fold_text(read, m, classes, figures, folded_b)
        if n == 0 or m == 0:
            states[i] = MISSING
            hows[i] = BY_EMPTY
            continue
        if unreadable_a or unreadable_b:
            continue
        if same:
            states[i] = EQUAL
            hows[i] = BY_BYTES
            continue
        units = compare_units(units_a, units_b)
        if same_codes(folded_a, n, folded_b, m):
            states[i] = FOLDED if units == AGREE else DIFFERENT if units == CLASH else NEAR
            hows[i] = BY_FOLD if units == AGREE else BY_DIFFERENCE if units == CLASH else BY_BANCHI
            continue
        n_key = vary_text(folded_a, n, classes, variants, key_a)
        m_key = vary_text(folded_b, m, classes, variants, key_b)
        if same_codes(key_a, n_key, key_b, m_key):
            if units == CLASH:
                states[i] = DIFFERENT
                hows[i] = BY_DIFFERENCE
            continue
        if not may_agree(key_a, n_key, key_b, m_key, classes, figures_a, figures_b):
            states[i] = DIFFERENT
            hows[i] = BY_DIFFERENCE
    return states, hows
