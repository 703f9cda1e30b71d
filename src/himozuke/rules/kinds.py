"""The kinds of value a rule can have, each with its own check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Protocol

Cell = str | int | bool
Row = Mapping[str, Cell]
Content = int | str | date | tuple[str, ...] | tuple[Row, ...]

ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")


class Kind(Protocol):
    """What a rule's ``is`` must look like."""

    def read(self, raw: object) -> Content:
        """Check the value as TOML gave it and return it frozen; ValueError says what is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class ItemList:
    """A list of the five items, each at most once, returned in the usual order."""

    def read(self, raw: object) -> tuple[str, ...]:
        """Check the names of the items."""
        if not isinstance(raw, list):
            message = f"a list of items is needed, not {raw!r}"
            raise ValueError(message)  # noqa: TRY004 - one exception for every wrong value
        unknown = [name for name in raw if name not in ITEMS]
        if unknown:
            message = f"{unknown[0]!r} is not one of {', '.join(ITEMS)}"
            raise ValueError(message)
        if len(set(raw)) < len(raw):
            message = "an item stands twice in the list"
            raise ValueError(message)
        return tuple(name for name in ITEMS if name in raw)


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number from 0 to ``maximum``."""

    maximum: int

    def read(self, raw: object) -> int:
        """Check the number; true and false are not numbers."""
        if type(raw) is not int or not 0 <= raw <= self.maximum:
            message = f"a whole number from 0 to {self.maximum} is needed, not {raw!r}"
            raise ValueError(message)
        return raw


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a closed list."""

    allowed: tuple[str, ...]

    def read(self, raw: object) -> str:
        """Check the word."""
        if not isinstance(raw, str) or raw not in self.allowed:
            message = f"one of {', '.join(self.allowed)} is needed, not {raw!r}"
            raise ValueError(message)
        return raw


@dataclass(frozen=True, slots=True)
class WordList:
    """Words of a closed list, each at most once, in the order in which they are written."""

    allowed: tuple[str, ...]

    def read(self, raw: object) -> tuple[str, ...]:
        """Check the words."""
        if not isinstance(raw, list) or not all(word in self.allowed for word in raw):
            message = f"a list of {', '.join(self.allowed)} is needed, not {raw!r}"
            raise ValueError(message)
        if len(set(raw)) < len(raw):
            message = "a word stands twice in the list"
            raise ValueError(message)
        return tuple(raw)


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    def read(self, raw: object) -> date:
        """Check that TOML gave a day without a time."""
        if type(raw) is not date:
            message = f"a day such as 2023-06-30 is needed, not {raw!r}"
            raise ValueError(message)
        return raw


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """Rows of conditions and results, read from the top; an omitted condition holds always.

    ``conditions`` and ``results`` give each column its closed list of values. Every combination of
    facts must meet a row, so that a decision can never fall through; an empty table means that no
    decision is defined.
    """

    conditions: Mapping[str, tuple[Cell, ...]]
    results: Mapping[str, tuple[Cell, ...]]

    def read(self, raw: object) -> tuple[Row, ...]:
        """Check every cell, every column and that no combination of facts is left out."""
        if not isinstance(raw, list) or not all(isinstance(row, dict) for row in raw):
            message = 'a list of rows such as { case = "1", … } is needed'
            raise ValueError(message)
        for number, row in enumerate(raw, 1):
            self._check(number, row)
        rows: tuple[Row, ...] = tuple(raw)
        if rows:
            self._check_complete(rows)
        return rows

    def _check(self, number: int, row: Row) -> None:
        columns = {**self.conditions, **self.results}
        for name, cell in row.items():
            if name not in columns:
                message = f"row {number}: unknown column {name!r} (known: {', '.join(columns)})"
                raise ValueError(message)
            if not any(type(cell) is type(known) and cell == known for known in columns[name]):
                message = f"row {number}: {name} = {cell!r} is not one of {columns[name]}"
                raise ValueError(message)
        absent = [name for name in self.results if name not in row]
        if absent:
            message = f"row {number}: {absent[0]} is missing"
            raise ValueError(message)

    def _check_complete(self, rows: tuple[Row, ...]) -> None:
        reached = set()
        for values in product(*self.conditions.values()):
            facts = dict(zip(self.conditions, values, strict=True))
            number = next((n for n, row in enumerate(rows) if meets(row, facts)), None)
            if number is None:
                message = f"no row decides {facts}"
                raise ValueError(message)
            reached.add(number)
        idle = set(range(len(rows))) - reached
        if idle:
            message = f"row {min(idle) + 1} can never be reached: rows above it decide everything first"
            raise ValueError(message)


def meets(row: Row, facts: Row) -> bool:
    """Tell whether the facts meet every condition the row names."""
    return all(row[name] == fact for name, fact in facts.items() if name in row)
