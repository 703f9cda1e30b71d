"""Comparing links with register entries in bulk, wherever both stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines.register import PreparedRegister
from himozuke.engines.residents import Residents
from himozuke.engines.staged import StagedLinks
from himozuke.identity import address
from himozuke.identity.gazetteer import Gazetteer
from himozuke.in_order import in_order
from himozuke.link.compare_columns import Compared, Sides, compare
from himozuke.link.items import ITEMS

Longs = npt.NDArray[np.int64]
_Found = TypeVar("_Found")

_PAIRS_AT_ONCE = 65_536
_FEW = 64


class ComparedPairs(NamedTuple):
    """Some pairs: index of the link, position and number of the person, and how they agree."""

    indexes: Longs
    positions: Longs
    numbers: Longs
    compared: Compared


def make_ready(register: PreparedRegister, gazetteer: Gazetteer | None) -> None:
    """Compare a few people with each other, so that all that comparing needs is at hand when links come."""
    address.make_ready(gazetteer)
    few = np.arange(min(_FEW, register.rows))
    people = register.residents()
    links = people.at(few).select([*ITEMS, "birth", "sex_code"])
    compare(Sides(links, people.at(few[::-1].copy())), gazetteer)


@dataclass(frozen=True, slots=True)
class Pairs:
    """What pairs are made of; ``birth`` and ``sex`` are the parsed items of *all* links.

    ``memory`` bounds, in bytes, how much of the register is looked at together.
    """

    links: StagedLinks
    register: PreparedRegister
    birth: npt.NDArray[np.int32]
    sex: npt.NDArray[np.int8]
    gazetteer: Gazetteer | None
    memory: int
    threads: int

    def compared(self, indexes: Longs, positions: Longs, use: Callable[[ComparedPairs], _Found]) -> Iterator[_Found]:
        """Compare links (rising indexes) with people and give what ``use`` makes of each batch of pairs."""
        for register, chosen in self._by_stretch(positions):

            def work(first: int, register: Residents = register, chosen: Longs = chosen) -> _Found:
                some = chosen[first : first + _PAIRS_AT_ONCE]
                return use(self._compare(register, indexes[some], positions[some]))

            yield from in_order(work, range(0, len(chosen), _PAIRS_AT_ONCE), threads=self.threads)

    def _by_stretch(self, positions: Longs) -> Iterator[tuple[Residents, Longs]]:
        """The pairs (their places) by stretch of the register, each with a map of its own."""
        for first, last in self.register.residents().stretches(self.memory):
            yield self.register.residents(), np.flatnonzero((positions >= first) & (positions < last))

    def _compare(self, register: Residents, indexes: Longs, positions: Longs) -> ComparedPairs:
        ours = self.links.texts(indexes, ITEMS)
        ours = ours.append_column("birth", pa.array(self.birth[indexes]))
        ours = ours.append_column("sex_code", pa.array(self.sex[indexes]))
        entries = register.at(positions)
        numbers: Longs = entries.column("number").to_numpy()
        return ComparedPairs(indexes, positions, numbers, compare(Sides(ours, entries), self.gazetteer))
