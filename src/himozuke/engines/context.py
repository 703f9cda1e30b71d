"""The context of every link in columns: rule of the day, ledger, life, and the other rows of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.link.pattern import Life, Sharing, required_mask
from himozuke.rules.model import RuleBook
from himozuke.schemes.model import Scheme

Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.int32]

#: How a number was got, by the code of the column ``acquired_by``.
ACQUIRED_BY = ("", "person", "jlis", "other")
JLIS = ACQUIRED_BY.index("jlis")
ABROAD, DEAD = 1, 2


def as_date(yyyymmdd: int) -> date:
    """A day from its number; unknown parts count as the first.

    >>> as_date(19750400)
    datetime.date(1975, 4, 1)
    """
    year, rest = divmod(int(yyyymmdd), 10_000)
    return date(year, max(rest // 100, 1), max(rest % 100, 1))


def as_number(day: date) -> int:
    """A day as yyyymmdd."""
    return day.year * 10_000 + day.month * 100 + day.day


class Required:
    """Which items links must hold, by the rule of the day their number was got, else of ``on``."""

    def __init__(self, scheme: Scheme, rules: RuleBook, on: date) -> None:
        """Look up no day yet."""
        self._scheme = scheme
        self._rules = rules
        self._on = on
        self._first = rules.entries(scheme.required_items_key)[0].since
        self._mask_by_day: dict[int, int] = {}

    def masks(self, acquired_on: Days) -> npt.NDArray[np.uint8]:
        """The items that each of some links must hold, as bits."""
        encoded = pa.array(acquired_on).dictionary_encode()
        known = self._mask_by_day
        days = encoded.dictionary.to_pylist()
        masks = [known[day] if day in known else known.setdefault(day, self._mask(day)) for day in days]
        where: npt.NDArray[np.int64] = encoded.indices.to_numpy()
        return np.array(masks, np.uint8)[where]

    def _mask(self, day: int) -> int:
        when = max(as_date(day), self._first) if day > 0 else self._on
        return required_mask(self._scheme.items_required(self._rules, when))


def got_with_few_items(
    acquired_by: npt.NDArray[np.uint8],
    items: npt.NDArray[np.uint8],
    hits: npt.NDArray[np.int32],
    *,
    at_most: int,
) -> Flags:
    """Tell which numbers were got by an inquiry too thin to prove anything (S63, S92)."""
    count = np.bitwise_count(items)
    thin: Flags = ((acquired_by == JLIS) & (count > 0) & (count <= at_most)) | (hits > 1)
    return thin


def lives(
    status: npt.NDArray[np.uint8],
    status_on: Days,
    valid_from: Days,
    valid_to: Days,
    *,
    grace_days: int,
) -> npt.NDArray[np.uint8]:
    """The standing of each link's person: see :class:`himozuke.link.pattern.Life`."""
    out = np.zeros(len(status), np.uint8)
    out[status == ABROAD] = Life.ABROAD
    for i in np.flatnonzero(status == DEAD):
        out[i] = life_of_dead(int(status_on[i]), int(valid_from[i]), int(valid_to[i]), grace_days=grace_days)
    return out


def life_of_dead(died_on: int, valid_from: int, valid_to: int, *, grace_days: int) -> Life:
    """The standing of one dead person's link; days as yyyymmdd, 0 where not known."""
    if died_on <= 0:
        return Life.DIED_LINK_OPEN
    if valid_from > died_on:
        return Life.DIED_BEFORE_LINK
    last = as_number(as_date(died_on) + timedelta(days=grace_days))
    return Life.DIED_LINK_ENDED if 0 < valid_to <= last else Life.DIED_LINK_OPEN


def valid_on(links: Mapping[str, Days], on: date) -> Flags:
    """Tell which links (``valid_from``, ``valid_to``) are valid on a day; no beginning or end is open."""
    day = as_number(on)
    since, until = links["valid_from"], links["valid_to"]
    valid: Flags = (since <= day) & ((until <= 0) | (until >= day))
    return valid


def groups(keys: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]) -> Iterator[npt.NDArray[np.int64]]:
    """Some rows, group by group of those that share a key; in file order within a group."""
    if not len(rows):
        return
    order = np.lexsort((rows, keys[rows]))
    edges = np.flatnonzero(np.diff(keys[rows][order])) + 1
    yield from np.split(rows[order], edges)


def sharing_of(fits: Flags) -> npt.NDArray[np.uint8]:
    """How the rows of one number stand to each other.

    ``fits`` says which rows fit the number's entry. Rows that do not fit are held elsewhere as soon as
    another row fits.
    """
    out = np.full(len(fits), Sharing.ALONE, np.uint8)
    if fits.any() and not fits.all():
        out[fits] = Sharing.HELD_HERE
        out[~fits] = Sharing.HELD_ELSEWHERE
    return out
