"""The links to be challenged, and where in the register somebody else may fit them.

A rival agrees with a link on at least two items. What they are looked for by is noted as marks, two items
together, so that one pass over the register leaves little more than the rivals for the joins.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines import mapped_table
from himozuke.engines.marks import may_hold, no_marks, note
from himozuke.engines.register import PreparedRegister
from himozuke.identity.column import Hashes, mix64
from himozuke.identity.kernel import kernel
from himozuke.identity.state import ItemState
from himozuke.in_order import in_order
from himozuke.link.entries import KEYS
from himozuke.link.keys import BlockKeys

Longs = npt.NDArray[np.int64]
Ints = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

_AGREES = int(ItemState.VARIANT)  # the last state that is no reason to look for somebody else
_PAIRS = 11
_ROOM = 4  # every form of the register asks eleven times: hardly any may meet a mark by chance
(
    _KANA_BIRTH,
    _KANJI_BIRTH,
    _ADDRESS_HEAD,
    _KANA_ADDRESS,
    _KANJI_ADDRESS,
    _BIRTH_ADDRESS,
    _BIRTH_TAIL,
    _BIRTH_KANA_TAIL,
    _KANJI_MONTH,
    _KANJI_DAY_OF_YEAR,
    _KANJI_YEAR_AND_DAY,
) = range(1, _PAIRS + 1)


class Days(NamedTuple):
    """A date of birth and its parts, 0 where one of the figures in it is not known."""

    birth: Ints
    year_month: Ints
    month_day: Ints
    year: Ints
    day: Ints

    @classmethod
    def of(cls, birth: Ints) -> Days:
        """Take dates (yyyymmdd, 00 for what is not known) apart."""
        known_month = (birth > 0) & (birth // 100 % 100 > 0)
        known_day = known_month & (birth % 100 > 0)
        parts = (birth, birth // 100, birth % 10_000, birth // 10_000, birth % 100)
        known = (known_day, known_month, known_day, known_day, known_day)
        return cls(*(np.where(flags, part, 0).astype(np.int32) for part, flags in zip(parts, known, strict=True)))


@kernel
def to_challenge(states: Bytes) -> Longs:
    """The links, in file order, that do not agree in every item with their number's own entry."""
    items, links = states.shape
    out = np.empty(links, np.int64)
    found = 0
    for link in range(links):
        worst = states[0, link]
        for item in range(1, items):
            worst = max(worst, states[item, link])
        if worst > _AGREES:
            out[found] = link
            found += 1
    return out[:found].copy()


def asked_table(indexes: Longs, own: Longs, keys: BlockKeys, days: Days) -> pa.Table:
    """The links to challenge for the joins: index, position of the own entry, keys, and parts of the day."""
    columns: dict[str, Any] = {"idx": indexes, "own": own}
    columns |= {name: pa.array(key, pa.uint64(), mask=key == 0) for name, key in zip(KEYS, keys, strict=True)}
    names = ("birth", "year_month", "month_day", "birth_year", "birth_day")
    columns |= {name: pa.array(part, pa.int32(), mask=part == 0) for name, part in zip(names, days, strict=True)}
    return pa.table(columns)


def forms_near(register: PreparedRegister, keys: BlockKeys, days: Days, *, threads: int) -> pa.Table:
    """Every form of the register that agrees with an asked link on two items, and some others."""
    rows = len(days.birth)
    single, pairs = no_marks(3 * rows), no_marks(_ROOM * _PAIRS * rows)
    year_and_day = days.year * 100 + days.day
    _note_asked(*keys, days.birth, days.year_month, days.month_day, year_and_day, single, pairs)
    parts = [*register.forms(), *register.alternates()]
    return pa.concat_tables(in_order(partial(_kept, single=single, pairs=pairs), parts, threads=threads))


def _kept(path: Path, single: Hashes, pairs: Hashes) -> pa.Table:
    forms = mapped_table.read(path).combine_chunks()
    keys = BlockKeys(*(forms.column(name).to_numpy() for name in KEYS))
    kept = _may_agree(*keys, forms.column("birth").to_numpy(), single, pairs)
    return forms.filter(pa.array(kept))


@kernel
def _pair(kind: int, key: np.uint64, other: np.uint64) -> np.uint64:
    """One value for two items that agree together."""
    return np.uint64(mix64(np.uint64(key) + np.uint64(kind)) ^ np.uint64(other))


@kernel
def _note_pair(pairs: Hashes, kind: int, key: np.uint64, other: np.uint64) -> None:
    if key and other:
        note(pairs, _pair(kind, key, other))


@kernel
def _note_asked(  # noqa: PLR0913, PLR0917 -- the keys of one link, a column each
    kanji: Hashes,
    kana: Hashes,
    address: Hashes,
    kanji_tail: Hashes,
    kana_tail: Hashes,
    kanji_head: Hashes,
    birth: Ints,
    year_month: Ints,
    month_day: Ints,
    year_and_day: Ints,
    single: Hashes,
    pairs: Hashes,
) -> None:
    for i in range(len(birth)):
        k, n, a, day = kanji[i], kana[i], address[i], np.uint64(birth[i])
        note(single, k)
        note(single, n)
        note(single, a)
        _note_pair(pairs, _KANA_BIRTH, n, day)
        _note_pair(pairs, _KANJI_BIRTH, k, day)
        _note_pair(pairs, _ADDRESS_HEAD, a, kanji_head[i])
        _note_pair(pairs, _KANA_ADDRESS, n, a)
        _note_pair(pairs, _KANJI_ADDRESS, k, a)
        _note_pair(pairs, _BIRTH_ADDRESS, a, day)
        _note_pair(pairs, _BIRTH_TAIL, kanji_tail[i], day)
        _note_pair(pairs, _BIRTH_KANA_TAIL, kana_tail[i], day)
        _note_pair(pairs, _KANJI_MONTH, k, np.uint64(year_month[i]))
        _note_pair(pairs, _KANJI_DAY_OF_YEAR, k, np.uint64(month_day[i]))
        _note_pair(pairs, _KANJI_YEAR_AND_DAY, k, np.uint64(year_and_day[i]))


@kernel
def _may_agree(  # noqa: PLR0913, PLR0917 -- the keys of one form, a column each
    kanji: Hashes,
    kana: Hashes,
    address: Hashes,
    kanji_tail: Hashes,
    kana_tail: Hashes,
    kanji_head: Hashes,
    birth: Ints,
    single: Hashes,
    pairs: Hashes,
) -> Flags:
    """Tell which forms may agree with some asked link on two items."""
    out = np.zeros(len(birth), np.bool_)
    for i in range(len(birth)):
        k, n, a, date = kanji[i], kana[i], address[i], birth[i]
        day = np.uint64(date)
        near = may_hold(pairs, _pair(_BIRTH_TAIL, kanji_tail[i], day))
        near = near or may_hold(pairs, _pair(_BIRTH_KANA_TAIL, kana_tail[i], day))
        if not near and may_hold(single, n):
            near = may_hold(pairs, _pair(_KANA_BIRTH, n, day)) or may_hold(pairs, _pair(_KANA_ADDRESS, n, a))
        if not near and may_hold(single, a):
            near = may_hold(pairs, _pair(_BIRTH_ADDRESS, a, day))
            near = near or may_hold(pairs, _pair(_ADDRESS_HEAD, a, kanji_head[i]))
        if not near and may_hold(single, k):
            year_and_day = np.uint64(date // 10_000 * 100 + date % 100)
            near = may_hold(pairs, _pair(_KANJI_BIRTH, k, day)) or may_hold(pairs, _pair(_KANJI_ADDRESS, k, a))
            near = near or may_hold(pairs, _pair(_KANJI_MONTH, k, np.uint64(date // 100)))
            near = near or may_hold(pairs, _pair(_KANJI_DAY_OF_YEAR, k, np.uint64(date % 10_000)))
            near = near or may_hold(pairs, _pair(_KANJI_YEAR_AND_DAY, k, year_and_day))
        out[i] = near
    return out
