"""What proving a link asks of the resident register: its own entry, and everybody else it might belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Protocol

from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.compare import EntryItems
from himozuke.ports.resident_register import Purpose, RegisterEntry

STATUSES = ("current", "abroad", "dead", "replaced")


class LinkKeys(NamedTuple):
    """What a link is looked for under, as whole numbers (64 bits, signed; 0 where nothing is held).

    ``birth`` is yyyymmdd with 00 for unknown parts; the others are those of
    :class:`himozuke.link.keys.BlockKeys`.
    """

    birth: int
    kanji: int
    kana: int
    address: int
    kanji_tail: int
    kana_tail: int
    kanji_head: int


@dataclass(frozen=True, slots=True)
class Person:
    """One register entry with what its items were read as.

    ``number`` and ``previous_number`` (0: none) are whole numbers, never to be shown; days are yyyymmdd, 0
    where not known; ``evidence`` is the hash of all that the register holds of the person (uint64).
    """

    number: int
    items: EntryItems
    birth: int
    sex_code: int
    status: int
    status_on: int
    previous_number: int
    evidence: int
    is_furigana_certified: bool
    is_protected: bool

    def entry(self) -> RegisterEntry:
        """The person as everybody else in the program sees the register."""
        return RegisterEntry(
            individual_number=IndividualNumber(self.number),
            items=self.items,
            is_furigana_certified=self.is_furigana_certified,
            status=STATUSES[self.status],
            status_on=as_date(self.status_on),
            previous_number=IndividualNumber(self.previous_number) if self.previous_number else None,
            is_protected=self.is_protected,
        )


def as_date(yyyymmdd: int) -> date | None:
    """A day from its number, unknown parts counting as the first; None where it is not known."""
    if yyyymmdd <= 0:
        return None
    year, rest = divmod(yyyymmdd, 10_000)
    return date(year, max(rest // 100, 1), max(rest % 100, 1))


@dataclass(frozen=True, slots=True)
class Own:
    """The entry under the number of a link; ``is_previous``: the person bore the number before it was changed."""

    person: Person
    is_previous: bool


@dataclass(frozen=True, slots=True)
class Others:
    """Everybody who agrees with a link on at least two items, and how many bear its kanji name."""

    people: Sequence[Person]
    name_count: int


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of the ledger of inquiries: what was asked and how much came of it; who and why go with it.

    ``kind`` is ``number``, ``items`` or ``verification``; ``on`` the day whose rule held; ``hits`` counts the
    people in the answer; ``result_digest`` tells whether another answer is the same, it hides nothing.
    """

    kind: str
    scheme: str
    on: date
    asked_items: Sequence[str]
    hits: int
    result_digest: str
    register_day: date


class Ledger(Protocol):
    """Where inquiries are written down, in the name of whoever acts."""

    def write_ledger(self, lines: Sequence[LedgerLine], purpose: Purpose) -> Sequence[int]:
        """Write down what was asked and why; gives the id of each line."""


class ChallengeRegister(Ledger, Protocol):
    """A register that finds people for a link in both directions, many links at once, and keeps its own ledger."""

    @property
    def as_of(self) -> date:
        """The day of the register."""

    @property
    def size(self) -> int:
        """How many people it holds."""

    def owners(self, numbers: Sequence[int]) -> Sequence[Own | None]:
        """Direction one: the entry under each number, None where no entry bears it or bore it."""

    def others(self, asked: Sequence[LinkKeys]) -> Sequence[Others]:
        """Direction two: for each link the people who share two items with it, own entry included."""

    def people_between(self, low: int, high: int, *, at_most: int) -> int:
        """How many people stand strictly between two places of a list sorted by kana, counted up to a bound."""
