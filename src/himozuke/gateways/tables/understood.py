"""Deciding which rows can be understood: the checks of a block, first failing column first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.gateways.tables import glyphs
from himozuke.gateways.tables.quarantine import Quarantined, facts, shown
from himozuke.gateways.tables.raw import Flags, RawBlock
from himozuke.gateways.tables.values import NOT_READABLE, Codes, is_blank
from himozuke.identity import individual_number

_EXPONENT = re.compile(r"\d(?:\.\d*)?E[+\-]?\d+")
_CODED_DATE = re.compile(r"\d{7}|\d-?\d\d-?\d\d-?\d\d")
_MOST_DIGITS_LOST = 11


class Named(NamedTuple):
    """How columns are called in the file, for people."""

    header_by_column: Mapping[str, str]

    def header(self, column: str) -> str:
        """The header of a column as it stands in the file."""
        return self.header_by_column.get(column, column)


class Check:
    """Collects what is wrong with the rows of one block; each row is set aside for one reason."""

    def __init__(self, block: RawBlock, named: Named) -> None:
        self._block = block
        self._named = named
        self._code_by_place: dict[int, tuple[str, str, str]] = {}  # column, code, facts
        self._numbers: npt.NDArray[np.int64] | None = None

    def refuse(self, column: str, flags: Flags, code: str, said: str = "") -> None:
        """Set aside the rows that are flagged, for one reason."""
        for place in np.flatnonzero(flags).tolist():
            self._code_by_place.setdefault(place, (column, code, said))

    def nul(self, hits_by_column: Mapping[str, glyphs.Hits]) -> None:
        """Set aside rows with a NUL in a text."""
        for column, (places, codes) in hits_by_column.items():
            for place in places[codes == glyphs.NUL].tolist():
                self._code_by_place.setdefault(place, (column, "nul", ""))

    def numbers(self, column: str, numbers: npt.NDArray[np.int64], *, required: bool) -> None:
        """Set aside rows whose number is missing (where required) or is not twelve digits."""
        if required:
            self._numbers = numbers
        bad = numbers == individual_number.NONE
        if not bad.any():
            return
        array = self._block.columns[column]
        blank = is_blank(array)
        if required:
            self.refuse(column, bad & blank, "number_missing")
        for place in np.flatnonzero(bad & ~blank).tolist():
            self._code_by_place.setdefault(place, (column, *self._what_of_number(array[place].as_py(), place)))

    def _what_of_number(self, text: str, place: int) -> tuple[str, str]:
        plain = individual_number.plain(text).upper()
        if _EXPONENT.fullmatch(plain):
            return "number_in_exponent", ""
        numeric = self._block.numeric
        if numeric is not None and numeric[place] and plain.isdecimal() and len(plain) <= _MOST_DIGITS_LOST:
            return "number_leading_zeros_lost", facts(found=len(plain))
        return "number_not_12_digits", ""

    def dates(self, column: str, values: Codes, on: date | None = None) -> None:
        """Set aside rows whose date does not exist, or lies after the day of the inspection."""
        bad = values == NOT_READABLE
        if bad.any():
            array = self._block.columns[column]
            for place in np.flatnonzero(bad).tolist():
                coded = _CODED_DATE.fullmatch(individual_number.plain(array[place].as_py()))
                code = "date_code_undeclared" if coded else "date_impossible"
                self._code_by_place.setdefault(place, (column, code, ""))
        if on is not None:
            latest = on.year * 10000 + on.month * 100 + on.day
            self.refuse(column, values > latest, "date_after_snapshot", facts(on=on.isoformat()))

    def words(self, column: str, values: Codes, code: str) -> None:
        """Set aside rows whose word is outside the known ones."""
        self.refuse(column, values == NOT_READABLE, code)

    @property
    def good(self) -> Flags | None:
        """Flags of the rows that can be understood; ``None`` where all can."""
        if not self._code_by_place:
            return None
        flags = np.ones(len(self._block.rows), np.bool_)
        flags[list(self._code_by_place)] = False
        return flags

    def unread_numbers(self) -> npt.NDArray[np.int64]:
        """The numbers that can be read in rows that cannot be understood."""
        if self._numbers is None or not self._code_by_place:
            return np.zeros(0, np.int64)
        found: npt.NDArray[np.int64] = self._numbers[list(self._code_by_place)]
        readable: npt.NDArray[np.int64] = found[found != individual_number.NONE]
        return readable

    def quarantined(self) -> list[Quarantined]:
        """All rows of the block set aside, broken lines among them, in file order."""
        block, named = self._block, self._named
        found = list(block.broken)
        for place, (column, code, said) in self._code_by_place.items():
            value = shown(block.columns[column][place].as_py(), column)
            found.append(
                Quarantined(int(block.lines[place]), int(block.rows[place]), named.header(column), value, code, said)
            )
        return sorted(found, key=lambda q: q.row)


def kept(array: pa.Array, good: Flags | None) -> pa.Array:
    """The values of the rows that can be understood."""
    return array if good is None else array.filter(pa.array(good))
