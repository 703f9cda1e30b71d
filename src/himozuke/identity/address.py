"""Addresses: what two of them come to, one pair or whole columns.

Two stages. Stage 1 folds the text: ``folded`` (width, numerals, hyphens, 丁目番号) and ``key`` (kanji
variants, ヶが, 大字 …). Stage 2 reads municipality and town with the gazetteer, only where keys differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from himozuke.identity.address_gate import (
    FIGURES,
    may_agree,
    units_agree,
)
from himozuke.identity.address_match import DETAILS, settle
from himozuke.identity.address_place import Place, PlaceIndex
from himozuke.identity.address_script import OTHER_SCRIPT, in_other_scripts, may_be_in_other_scripts
from himozuke.identity.address_tables import Codes, tables
from himozuke.identity.address_text import AddressText, Folder, compiled, interpreted
from himozuke.identity.address_unread import compare_unread, is_unknown
from himozuke.identity.column import Hashes, Offsets, States, Utf8Column
from himozuke.identity.gazetteer import Gazetteer, load
from himozuke.identity.name_interpreted import interpreted as interpreted_kernel
from himozuke.identity.state import Comparison, How, ItemState

if TYPE_CHECKING:
    from himozuke.identity.address_hashed import Hashed

# A remark without a figure that something follows; behind everything brackets hold the building.
REMARK = re.compile(r"[(（][^()（）0-9０-９]*[)）](?=.)")
EARLY_NAME = re.compile("[市区町村郡]")
FOLDED = Comparison(ItemState.FOLDED, How.FOLD)
DIFFERENT = Comparison(ItemState.DIFFERENT, How.DIFFERENT)
MANY = 256  # rows that are worth hashing the whole gazetteer
_LOCK = Lock()
_HASHED: WeakKeyDictionary[PlaceIndex, Hashed] = WeakKeyDictionary()
LOT_OR_HOUSE = Comparison(ItemState.NEAR, How.BANCHI, DETAILS[How.BANCHI])


class Keys(NamedTuple):
    """Hashes of a column of addresses, 0 for empty ones.

    Equal ``folded``: the same address in another notation; equal ``key``: the same but for kanji variants
    or a part left out. 番地 against 番号 and look-alike municipality names are only seen by comparing.
    """

    folded: Hashes
    key: Hashes


class Compared(NamedTuple):
    """States and ways (``ItemState``, ``How``) of a column of pairs, uint8."""

    states: States
    hows: States


def folded(text: str) -> str:
    """Fold width, spaces, numerals, hyphens and the notation of 丁目 番地 番 号."""
    return interpreted()(text).folded


def key(text: str) -> str:
    """Fold also kanji variants, ヶケが, ノの之, and drop 大字 字 第."""
    return interpreted()(text).key


@lru_cache(maxsize=4)
def _place_index(gazetteer: Gazetteer, folder: Folder) -> PlaceIndex:
    return PlaceIndex(gazetteer, folder)


def compare(a: str, b: str, gazetteer: Gazetteer | None = None) -> Comparison:
    """Compare two addresses; without a gazetteer the packaged one is read when it is needed."""
    found = _compare(a, b, gazetteer)
    return OTHER_SCRIPT if found.state is ItemState.DIFFERENT and in_other_scripts(a, b) else found


def _compare(a: str, b: str, gazetteer: Gazetteer | None) -> Comparison:
    folder = interpreted()
    text_a, text_b = folder(a), folder(b)
    if not text_a.folded or not text_b.folded:
        return Comparison(ItemState.MISSING, How.EMPTY)
    if not (is_unknown(text_a) or is_unknown(text_b)):
        if text_a.folded == text_b.folded and not _may_be_known(gazetteer):
            return _compare_folded(a, text_a, b, text_b)
        if text_a.key != text_b.key and not _may_agree(text_a, text_b):
            return DIFFERENT
    return _compare_asked(a, b, folder, _place_index(gazetteer or load(), folder))


def places_of(text: str) -> list[Place]:
    """Every town an address can mean, read with the packaged gazetteer; empty for an address of none."""
    folder = interpreted()
    return _place_index(load(), folder).places(folder(text).key)


def _may_be_known(gazetteer: Gazetteer | None) -> bool:
    """Tell whether the lots and houses of some municipalities are known."""
    return gazetteer is not None and gazetteer.base is not None


def _compare_folded(a: str, text_a: AddressText, b: str, text_b: AddressText) -> Comparison:
    """Settle two addresses that fold to one text: the units of their figures may still say otherwise."""
    if a == b:
        return Comparison(ItemState.EQUAL, How.BYTES)
    return FOLDED if units_agree.py_func(text_a.units, text_b.units) else LOT_OR_HOUSE


def _compare_asked(a: str, b: str, folder: Folder, index: PlaceIndex) -> Comparison:
    """Settle a pair that takes the gazetteer: what a column asks for, too."""
    text_a, text_b = folder(a), folder(b)
    if is_unknown(text_a) or is_unknown(text_b):
        return compare_unread(text_a, text_b, index)
    if text_a.key == text_b.key:
        alike = text_a.folded == text_b.folded
        found = _compare_folded(a, text_a, b, text_b) if alike else _compare_variants(text_a, text_b, index)
        return settle(text_a, text_b, index) if found == LOT_OR_HOUSE and index.lots else found
    return _without_remarks(a, b, settle(text_a, text_b, index), index, folder)


def _without_remarks(a: str, b: str, found: Comparison, index: PlaceIndex, folder: Folder) -> Comparison:
    """Settle once more without remarks in brackets, e.g. 字裏ノ(南栄町)8, where that helps."""
    if found.state.agrees or not (REMARK.search(a) or REMARK.search(b)):
        return found
    plain_a, plain_b = folder(REMARK.sub("", a)), folder(REMARK.sub("", b))
    if plain_a.key == plain_b.key:
        return Comparison(ItemState.VARIANT, How.OMITTED_PART, DETAILS[How.OMITTED_PART])
    return settle(plain_a, plain_b, index)


@lru_cache(maxsize=1)
def _gate() -> Callable[..., bool]:
    """The gate of the columns, as plain Python."""
    return interpreted_kernel(may_agree)


def _may_agree(a: AddressText, b: AddressText) -> bool:
    """Ask the gate about one pair of keys."""
    codes = [np.frombuffer(text.key.encode("utf-32-le"), np.int32) for text in (a, b)]
    room = np.zeros((2, FIGURES), np.int64)
    return _gate()(codes[0], len(codes[0]), codes[1], len(codes[1]), tables().classes, room[0], room[1])


def differs_early(a: str, b: str) -> bool:
    """Tell whether two folded texts differ before the end of the first municipality sign."""
    shared = next((k for k, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return not EARLY_NAME.search(a[:shared])


def _compare_variants(a: AddressText, b: AddressText, index: PlaceIndex) -> Comparison:
    """Settle equal keys: a variant, unless the signs folded together name two municipalities (鹿嶋, 鹿島)."""
    if differs_early(a.folded, b.folded) and index.names_apart(a.folded, b.folded):
        return DIFFERENT
    if not units_agree.py_func(a.units, b.units):
        return LOT_OR_HOUSE
    if len(a.folded) == len(b.folded):
        return Comparison(ItemState.VARIANT, How.KANJI_VARIANT, _exchanged(a.folded, b.folded))
    return Comparison(ItemState.VARIANT, How.OMITTED_PART, DETAILS[How.OMITTED_PART])


def _exchanged(a: str, b: str) -> str:
    pairs = dict.fromkeys(f"{x}→{y}" for x, y in zip(a, b, strict=True) if x != y)
    return " ".join(pairs)


def keys(column: Utf8Column) -> Keys:
    """Hash the folded text and the key of every address."""
    from himozuke.identity.address_columns import key_rows

    return Keys(*key_rows(column.data, column.offsets, *tables()))


def compare_columns(a: Utf8Column, b: Utf8Column, gazetteer: Gazetteer | None = None) -> Compared:
    """Compare two columns row by row, with the result :func:`compare` gives to each pair.

    Raises ``ValueError`` when the columns are not equally long.
    """
    from himozuke.identity.address_columns import ASK, plain_signs, state_rows

    if a.rows != b.rows:
        raise ValueError(f"Cannot compare {a.rows} addresses with {b.rows}: the columns must be equally long.")
    index = _place_index(gazetteer or load(), compiled())
    names = _hashed_names(index)
    states, hows = state_rows(a.data, a.offsets, b.data, b.offsets, *tables(), *names, plain_signs())
    asked = np.flatnonzero(states == ASK)
    if len(asked) >= MANY or (len(asked) and index in _HASHED):
        _settle_hashed(a, b, asked, index, Compared(states, hows))
    if _may_be_known(gazetteer):
        states[np.isin(hows, (How.BANCHI, How.NEAR_PLACE)) & (states == ItemState.NEAR)] = ASK
    known: dict[tuple[str, str], Comparison] = {}
    for row in np.flatnonzero(states == ASK).tolist():
        pair = (a.value(row), b.value(row))
        found = known.get(pair)
        if found is None:
            found = known[pair] = _compare_asked(*pair, compiled(), index)
        states[row], hows[row] = found.state, found.how
    _note_other_scripts(a, b, Compared(states, hows))
    return Compared(states, hows)


def _note_other_scripts(a: Utf8Column, b: Utf8Column, found: Compared) -> None:
    """Where addresses differ, see whether that is because one of them is written in katakana."""
    differing = np.flatnonzero(found.states == ItemState.DIFFERENT)
    if not len(differing):
        return
    for row in differing[may_be_in_other_scripts(*a, *b, differing)].tolist():
        if in_other_scripts(a.value(row), b.value(row)):
            found.states[row], found.hows[row] = OTHER_SCRIPT.state, OTHER_SCRIPT.how


def _settle_hashed(a: Utf8Column, b: Utf8Column, rows: Offsets, index: PlaceIndex, found: Compared) -> None:
    """Settle what hashed names can; they are made once, when enough rows need them."""
    from himozuke.identity.address_asked import ask_hashed

    ask_hashed(*a, *b, rows, tables(), _hashed(index), found.states, found.hows)


def make_ready(gazetteer: Gazetteer | None = None) -> None:
    """Make what the comparison of many addresses needs and would else make when it first does."""
    _hashed(_place_index(gazetteer or load(), compiled()))


def _hashed(index: PlaceIndex) -> Hashed:
    from himozuke.identity.address_hashed import hash_index

    with _LOCK:
        if index not in _HASHED:
            _HASHED[index] = hash_index(index)
        return _HASHED[index]


@lru_cache(maxsize=4)
def _hashed_names(index: PlaceIndex) -> tuple[Hashes, Codes, int]:
    from himozuke.identity.address_columns import hashed_names

    return hashed_names(index.sure_codes())
