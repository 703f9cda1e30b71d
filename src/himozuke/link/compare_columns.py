"""Many links against many register entries, row by row; means the same as :mod:`.compare`.

Byte-equal values are settled first, then folded ones; only what still differs is looked at closely, and
former values only where today's do not agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.identity import address, birth_date, kana_name, kanji_name, readings
from himozuke.identity import sex as sex_item
from himozuke.identity.column import Bytes, Offsets, Utf8Column, equal_rows, utf8_column
from himozuke.identity.gazetteer import Gazetteer
from himozuke.identity.kernel import kernel
from himozuke.identity.state import How, ItemState
from himozuke.link.compare import former_names, is_latin, split_values
from himozuke.link.items import ITEMS, trait

Rows = npt.NDArray[np.int64]
Small = npt.NDArray[np.uint8]

FORMS = (
    "former_kanji_names",
    "former_kana_names",
    "former_addresses",
    "alias",
    "alias_kana",
    "parallel_kanji_name",
)


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of many pairs: Arrow tables or record batches with a row per pair.

    ``links`` and ``entries`` hold the five items as text columns named as in ITEMS, with ``birth``
    (int32, yyyymmdd) and ``sex_code`` (int8) beside them; ``entries`` also the columns of FORMS.
    """

    links: pa.Table | pa.RecordBatch
    entries: pa.Table | pa.RecordBatch
    _seen: dict[tuple[str, str], Utf8Column] = field(default_factory=dict, repr=False, compare=False)

    def link(self, item: str) -> Utf8Column:
        """One item of the links as buffers."""
        return self._column("links", item)

    def entry(self, item: str) -> Utf8Column:
        """One item of the entries as buffers."""
        return self._column("entries", item)

    def _column(self, side: str, item: str) -> Utf8Column:
        found = self._seen.get((side, item))
        if found is None:
            found = self._seen[side, item] = utf8_column(getattr(self, side).column(item))
        return found


class Compared(NamedTuple):
    """States and ways of agreeing, (5, n) in the order of ITEMS, and name parts, (2, n)."""

    states: Small
    hows: Small
    parts: Small


_TRAITS = np.array([[trait(item, how) for how in range(64)] for item in ITEMS], np.uint8)


def traits(compared: Compared) -> Small:
    """Collect the traits (bits of :class:`himozuke.link.items.Trait`) of each pair."""
    found = np.zeros(compared.states.shape[1], np.uint8)
    for index in range(len(ITEMS)):
        found |= _TRAITS[index][compared.hows[index]]
    return found


def compare(sides: Sides, gazetteer: Gazetteer | None = None) -> Compared:
    """Compare all five items of every pair."""
    rows = sides.links.num_rows
    out = Compared(*(np.zeros((depth, rows), np.uint8) for depth in (5, 5, 2)))
    if rows == 0:
        return out
    _compare_names(out, sides, index=0, item="kanji_name")
    _compare_names(out, sides, index=1, item="kana_name")
    _mark_readings(out, sides)
    _compare_birth_dates(out, sides)
    _compare_sex(out, sides)
    _compare_addresses(out, sides, gazetteer)
    for index, item in enumerate(ITEMS):
        held = np.diff(sides.link(item).offsets) > 0
        out.hows[index][held & (out.states[index] == ItemState.MISSING)] = How.EMPTY_IN_REGISTER
    return out


def _compare_names(out: Compared, sides: Sides, *, index: int, item: str) -> None:
    field = kanji_name if item == "kanji_name" else kana_name
    found = field.compare_columns(sides.link(item), sides.entry(item))
    out.states[index], out.hows[index], out.parts[index] = found
    others = _OTHER_KANJI_NAMES if item == "kanji_name" else _OTHER_KANA_NAMES
    _improve(out, sides, index=index, others=others, compare_forms=_name_forms(field))


def _compare_addresses(out: Compared, sides: Sides, gazetteer: Gazetteer | None) -> None:
    ours = sides.link("address")
    out.states[4], out.hows[4] = address.compare_columns(ours, sides.entry("address"), gazetteer)

    def compare_forms(a: Utf8Column, b: Utf8Column) -> tuple[Small, Small, Small]:
        states, hows = address.compare_columns(a, b, gazetteer)
        return states, hows, np.zeros(len(states), np.uint8)

    _improve(out, sides, index=4, others=_OTHER_ADDRESSES, compare_forms=compare_forms)


CompareForms = Callable[[Utf8Column, Utf8Column], tuple[Small, Small, Small]]
#: For the given pairs: which pair (position in the given rows), the other value, and its kind.
Forms = tuple[list[int], list[str], list[int]]


class Others(NamedTuple):
    """What else may stand for an item: how it is collected, and from which columns of the entry.

    A Latin name in the column ``may_be_latin`` may be written in kana, too.
    """

    of: Callable[[pa.Table, Rows], Forms]
    columns: tuple[str, ...]
    may_be_latin: str = ""

    def may_have(self, sides: Sides, rows: Rows) -> npt.NDArray[np.bool_]:
        """Tell which of some entries may have other values; most have none."""
        found = np.zeros(len(rows), np.bool_)
        for name in self.columns:
            offsets = sides.entry(name).offsets
            found |= offsets[rows + 1] > offsets[rows]
        return found | _may_be_latin(*sides.entry(self.may_be_latin), rows) if self.may_be_latin else found


@kernel
def _may_be_latin(data: Bytes, offsets: Offsets, rows: Rows) -> npt.NDArray[np.bool_]:
    """Tell which of some texts may hold a Latin letter, narrow (ASCII) or wide (from U+F000 on)."""
    out = np.zeros(len(rows), np.bool_)
    for i in range(len(rows)):
        for at in range(offsets[rows[i]], offsets[rows[i] + 1]):
            byte = data[at]
            if byte == 0xEF or 0x41 <= byte <= 0x5A or 0x61 <= byte <= 0x7A:
                out[i] = True
                break
    return out


def _name_forms(field: object) -> CompareForms:
    def compare_forms(a: Utf8Column, b: Utf8Column) -> tuple[Small, Small, Small]:
        states, hows, parts = field.compare_columns(a, b)  # type: ignore[attr-defined]
        return states, hows, parts

    return compare_forms


def _improve(
    out: Compared,
    sides: Sides,
    *,
    index: int,
    others: Others,
    compare_forms: CompareForms,
) -> None:
    """Where today's value does not agree, try the others and keep the strongest state."""
    disagree = np.flatnonzero(out.states[index] > ItemState.VARIANT)
    if not len(disagree):
        return
    with_others = disagree[others.may_have(sides, disagree)]
    position, values, kinds = others.of(sides.entries, with_others)
    if not position:
        return
    rows = with_others[np.asarray(position)]
    ours = utf8_column(sides.links.column(ITEMS[index]).take(pa.array(rows)))
    states, hows, parts = compare_forms(ours, utf8_column(values))
    # Later forms win only when strictly stronger: walk from the last to the first.
    agrees = states <= ItemState.VARIANT
    hows = np.where(agrees, np.asarray(kinds, np.uint8), hows)
    states = np.where(agrees, np.uint8(ItemState.VARIANT), states)
    order = np.lexsort((-np.arange(len(rows)), -states.astype(np.int16)))
    best = np.full(out.states.shape[1], ItemState.DIFFERENT, np.uint8)
    chosen = np.full(out.states.shape[1], -1, np.int64)
    best[rows[order]] = states[order]
    chosen[rows[order]] = order
    better = np.flatnonzero((chosen >= 0) & (best < out.states[index]))
    pick = chosen[better]
    out.states[index][better] = states[pick]
    out.hows[index][better] = hows[pick]
    if index < len(out.parts):
        out.parts[index][better] = parts[pick]


def _texts(entries: pa.Table, name: str, rows: Rows) -> Sequence[str]:
    texts: list[str] = entries.column(name).take(pa.array(rows)).to_pylist()
    return texts


def _other_kanji_names(entries: pa.Table, rows: Rows) -> Forms:
    forms: Forms = ([], [], [])
    former = _texts(entries, "former_kanji_names", rows)
    alias = _texts(entries, "alias", rows)
    parallel = _texts(entries, "parallel_kanji_name", rows)
    today = _texts(entries, "kanji_name", rows)
    kana = _texts(entries, "kana_name", rows)
    for i in range(len(rows)):
        if former[i]:
            _add(forms, i, former_names(former[i], today[i]), How.FORMER)
        if alias[i]:
            _add(forms, i, [alias[i]], How.ALIAS)
        if parallel[i]:
            _add(forms, i, [parallel[i]], How.PARALLEL_KANJI)
        if kana[i] and is_latin(today[i]):
            _add(forms, i, [kana[i]], How.KANA_SPELLING)
    return forms


def _other_kana_names(entries: pa.Table, rows: Rows) -> Forms:
    forms: Forms = ([], [], [])
    former = _texts(entries, "former_kana_names", rows)
    alias = _texts(entries, "alias_kana", rows)
    today = _texts(entries, "kana_name", rows)
    for i in range(len(rows)):
        if former[i]:
            _add(forms, i, former_names(former[i], today[i]), How.FORMER)
        if alias[i]:
            _add(forms, i, [alias[i]], How.ALIAS)
    return forms


def _other_addresses(entries: pa.Table, rows: Rows) -> Forms:
    forms: Forms = ([], [], [])
    for i, former in enumerate(_texts(entries, "former_addresses", rows)):
        if former:
            _add(forms, i, split_values(former), How.FORMER)
    return forms


_OTHER_KANJI_NAMES = Others(
    _other_kanji_names, ("former_kanji_names", "alias", "parallel_kanji_name"), may_be_latin="kanji_name"
)
_OTHER_KANA_NAMES = Others(_other_kana_names, ("former_kana_names", "alias_kana"))
_OTHER_ADDRESSES = Others(_other_addresses, ("former_addresses",))


def _add(forms: Forms, position: int, values: list[str], how: How) -> None:
    positions, texts, kinds = forms
    positions += [position] * len(values)
    texts += values
    kinds += [how] * len(values)


def _mark_readings(out: Compared, sides: Sides) -> None:
    """Another known reading of the same kanji is a slip, not a difference."""
    kana = out.states[1]
    rows = np.flatnonzero(
        (out.states[0] <= ItemState.VARIANT) & ((kana == ItemState.DIFFERENT) | (kana == ItemState.NEAR))
    )
    if not len(rows):
        return
    names = zip(
        _texts(sides.links, "kanji_name", rows),
        _texts(sides.links, "kana_name", rows),
        _texts(sides.entries, "kana_name", rows),
        strict=True,
    )
    known = rows[np.fromiter((readings.another_reading(*name) for name in names), np.bool_, len(rows))]
    out.states[1][known] = ItemState.NEAR
    out.hows[1][known] = How.READING


def _compare_birth_dates(out: Compared, sides: Sides) -> None:
    ours = sides.links.column("birth").to_numpy().astype(np.int32)
    theirs = sides.entries.column("birth").to_numpy().astype(np.int32)
    states, hows = birth_date.compare_values(ours, theirs)
    same_bytes = equal_rows(*sides.link("birth_date"), *sides.entry("birth_date"))
    equal = same_bytes & (states == ItemState.FOLDED)
    out.states[2] = np.where(equal, np.uint8(ItemState.EQUAL), states)
    out.hows[2] = np.where(equal, np.uint8(How.BYTES), hows)


@cache
def _sex_table() -> tuple[Small, Small]:
    """State and way for every pair of sex codes −1…3, shifted by one."""
    states, hows = np.zeros((5, 5), np.uint8), np.zeros((5, 5), np.uint8)
    for a in range(-1, 4):
        for b in range(-1, 4):
            states[a + 1, b + 1], hows[a + 1, b + 1] = sex_item.compare_codes(a, b)
    return states, hows


def _compare_sex(out: Compared, sides: Sides) -> None:
    ours = sides.links.column("sex_code").to_numpy().astype(np.int64) + 1
    theirs = sides.entries.column("sex_code").to_numpy().astype(np.int64) + 1
    table_states, table_hows = _sex_table()
    states, hows = table_states[ours, theirs], table_hows[ours, theirs]
    same_bytes = equal_rows(*sides.link("sex"), *sides.entry("sex"))
    equal = same_bytes & (states == ItemState.FOLDED)
    out.states[3] = np.where(equal, np.uint8(ItemState.EQUAL), states)
    out.hows[3] = np.where(equal, np.uint8(How.BYTES), hows)
