"""A resident register held in memory: for tests, and behind the register that is simulated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from himozuke.link.compare import EntryItems
from himozuke.link.compare_columns import FORMS
from himozuke.link.entries import KEYS, fold_alternates, fold_entries
from himozuke.link.items import ITEMS
from himozuke.ports.challenge import LedgerLine, LinkKeys, Others, Own, Person
from himozuke.ports.resident_register import Purpose
from himozuke.ports.tables import TableReader

_Key = tuple[object, ...]


class MemoryRegister:
    """Everybody in memory, found under the same pairs of items as in the database.

    ``ledger`` keeps what was asked, each line with its purpose.
    """

    def __init__(self, reader: TableReader, *, as_of: date) -> None:
        """Take all understood rows of a register; ``as_of`` is the day it stands for."""
        self.as_of = as_of
        self.ledger: list[tuple[Purpose, LedgerLine]] = []
        self._people: list[Person] = []
        self._by_number: dict[int, Person] = {}
        self._by_previous: dict[int, Person] = {}
        self._names: Counter[int] = Counter()
        self._by_pair: dict[_Key, set[int]] = defaultdict(set)
        self._kana_orders: list[int] = []
        for batch in reader.batches(on=as_of):
            self._take(fold_entries(batch.texts, batch.typed, first=len(self._people)))
        self._kana_orders.sort()

    @property
    def size(self) -> int:
        """How many people the register holds."""
        return len(self._people)

    def owners(self, numbers: Sequence[int]) -> Sequence[Own | None]:
        """The entry under each number, found as today's or as the one before it was changed."""
        return [self._owner(number) for number in numbers]

    def others(self, asked: Sequence[LinkKeys]) -> Sequence[Others]:
        """For each link the people who share two items with it."""
        return [self._others(keys) for keys in asked]

    def people_between(self, low: int, high: int, *, at_most: int) -> int:
        """How many people stand strictly between two places in kana order, counted up to a bound."""
        return min(sum(low < order < high for order in self._kana_orders), at_most)

    def write_ledger(self, lines: Sequence[LedgerLine], purpose: Purpose) -> Sequence[int]:
        """Keep the lines; an id is the place in ``ledger``, from 1."""
        first = len(self.ledger) + 1
        self.ledger += [(purpose, line) for line in lines]
        return range(first, len(self.ledger) + 1)

    def _owner(self, number: int) -> Own | None:
        person = self._by_number.get(number)
        if person:
            return Own(person, is_previous=False)
        person = self._by_previous.get(number)
        return Own(person, is_previous=True) if person else None

    def _others(self, keys: LinkKeys) -> Others:
        found: set[int] = set()
        for pair in pairs_of(keys):
            found |= self._by_pair.get(pair, set())
        return Others([self._people[place] for place in sorted(found)], self._names[keys.kanji] or 1)

    def _take(self, entries: pa.Table) -> None:
        keys = _keys_of(entries)
        for row, key in zip(entries.to_pylist(), keys, strict=True):
            person = person_of(row)
            self._people.append(person)
            self._by_number.setdefault(person.number, person)
            if person.previous_number:
                self._by_previous.setdefault(person.previous_number, person)
            self._names[key.kanji] += 1
            self._kana_orders.append(row["kana_order"])
        alternates = fold_alternates(entries)
        places = [*entries.column("pos").to_pylist(), *alternates.column("pos").to_pylist()]
        for place, key in zip(places, [*keys, *_keys_of(alternates)], strict=True):
            for pair in pairs_of(key):
                self._by_pair[pair].add(place)


def person_of(row: dict[str, object]) -> Person:
    """A row of folded entries as a person."""
    return Person(
        number=_int(row["number"]),
        items=EntryItems(*(str(row[name]) for name in (*ITEMS, *FORMS))),
        birth=_int(row["birth"]),
        sex_code=_int(row["sex_code"]),
        status=_int(row["status"]),
        status_on=_int(row["status_on"]),
        previous_number=_int(row["previous_number"]),
        evidence=_int(row["evidence"]),
        is_furigana_certified=row["furigana_certified"] == 1,
        is_protected=bool(row["protected"]),
    )


def _int(value: object) -> int:
    assert isinstance(value, int)  # noqa: S101 -- folded columns of whole numbers
    return value


def _keys_of(folded: pa.Table) -> list[LinkKeys]:
    columns = [folded.column(name).to_numpy().view(np.int64).tolist() for name in KEYS]
    return [LinkKeys(*row) for row in zip(folded.column("birth").to_pylist(), *columns, strict=True)]


def pairs_of(keys: LinkKeys) -> Iterator[_Key]:
    """The pairs of items under which somebody is found: no single wrong item hides a person."""
    birth, kanji, kana, place, kanji_tail, kana_tail, kanji_head = keys
    year, month, day = birth // 10_000, birth // 100 % 100, birth % 100
    whole = birth if birth > 0 and month and day else 0
    pairs: Iterable[tuple[str, object, object]] = (
        ("kana+birth", kana, whole),
        ("kanji+birth", kanji, whole),
        ("address+surname", place, kanji_head),
        ("kana+address", kana, place),
        ("kanji+address", kanji, place),
        ("birth+address", whole, place),
        ("birth+given", whole, kanji_tail),
        ("birth+given_kana", whole, kana_tail),
        ("kanji+month", kanji, (year, month) if birth > 0 and month else 0),
        ("kanji+day_of_year", kanji, (month, day) if whole else 0),
        ("kanji+year_and_day", kanji, (year, day) if whole else 0),
    )
    for name, first, second in pairs:
        if first and second:
            yield name, first, second
