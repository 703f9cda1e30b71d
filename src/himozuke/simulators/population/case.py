"""The case file of one population: links, what they hold, and what was done to each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from himozuke.simulators.population.held import Held
from himozuke.simulators.population.membership import Links
from himozuke.simulators.population.people import NONE, Ints, People

Rows = npt.NDArray[np.int64]

KINDS = (
    "exact",
    # right, written another way
    "space", "kana_width", "large_kana", "hiragana", "date_notation", "sex_code", "address_notation",
    "omitted_part", "omitted_building", "kanji_variant", "latin_width", "token_order", "former_name",
    "former_address", "alias", "parallel_kanji", "merger", "unreadable",
    # right, really different
    "moved", "married", "married_moved", "reading", "kana_slip", "kanji_slip", "birth_slip", "sex_slip",
    "missing_address", "missing_kana_name", "address_slip", "banchi", "middle_name", "old_number", "died_link_open",
    "moved_slip",
    # wrong
    "family_number", "twin_number", "twin_swap", "family_swap", "batch_neighbour", "batch_swap",
    "namesake_same_kanji", "namesake_other_kanji", "namesake_overwritten", "namesake_absent",
    "row_shift", "block_paste", "column_sorted", "reused_scheme_number", "lookalike_scheme_number",
    "former_surname_query", "previous_user", "duplicate_number", "number_slip", "list_neighbour",
)  # fmt: skip
KIND = {word: code for code, word in enumerate(KINDS)}
UNDECIDABLE = ("", "tied", "overwritten", "person_absent", "owner_fits_better")
TIED, OVERWRITTEN, PERSON_ABSENT, OWNER_FITS_BETTER = 1, 2, 3, 4


@dataclass(frozen=True)
class Case:
    """Everything that is known about each link, by row.

    ``cause`` 0 = right, n = Cn. ``holder``: the row of the person whose number it carries, -1 = nobody
    in the register. ``used``: the row plays a part in an error, also as the one that is right.
    ``row_of``: the link of each person, -1 = none.
    """

    people: People
    links: Links
    held: Held
    row_of: Ints
    registered: int
    cause: npt.NDArray[np.int8]
    kind: npt.NDArray[np.int8]
    holder: Ints
    undecidable: npt.NDArray[np.int8]
    used: npt.NDArray[np.bool_]
    draw: np.random.Generator

    def pick(self, wanted: int, eligible: npt.NDArray[np.bool_] | None = None) -> Rows:
        """Draw up to so many unused rows, without repeats; all of them when few are eligible."""
        rows = self.links.rows
        if eligible is None and wanted * 20 < rows:
            drawn = np.unique(self.draw.integers(0, rows, wanted * 2 + 8))
            candidates = drawn[~self.used[drawn]]
        else:
            candidates = np.flatnonzero(~self.used if eligible is None else eligible & ~self.used)
        return self.draw.permutation(candidates)[:wanted]

    def give(self, rows: Rows, holders: Rows, cause: int, kind: str) -> int:
        """Put the numbers of others on links; returns how many became wrong."""
        self.links.number[rows] = self.people.number[holders]
        self.holder[rows] = holders
        self.cause[rows] = cause
        self.kind[rows] = KIND[kind]
        self.used[rows] = True
        beside = self.row_of[holders]
        self.used[beside[beside != NONE]] = True
        return len(rows)

    def give_one(self, row: int, holder: int, cause: int, kind: str) -> int:
        """Put another's number on one link."""
        return self.give(np.array([row]), np.array([holder]), cause, kind)

    def is_free(self, *persons: int) -> bool:
        """Tell whether all these people have a link that plays no part in an error."""
        rows = self.row_of[list(persons)]
        return bool((rows != NONE).all() and not self.used[rows].any())
