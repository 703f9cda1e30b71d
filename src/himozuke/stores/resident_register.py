"""The resident register in a table: people found by number, by two of their items, or by their place in kana order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from himozuke.errors import NotAllowedError, UpstreamDownError
from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.compare import EntryItems
from himozuke.link.compare_columns import FORMS
from himozuke.link.items import ITEMS
from himozuke.link.keys import birth_tail_keys
from himozuke.ports.actor import Actor, Role, Scope
from himozuke.ports.challenge import LedgerLine, LinkKeys, Others, Own, Person
from himozuke.ports.resident_register import Purpose
from himozuke.stores.database import Work
from himozuke.stores.vault import Vault

#: Who may inquire; the database refuses everybody else's look at the tables (and would show them nothing).
_MAY_INQUIRE = (Role.INSURER_CLERK, Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK)

#: A name that more than one in 2**17 people bears earns no rarity, so that counting on would change nothing.
_COMMON_NAME_SHIFT = 17

#: Signed integers of the database keep the order of unsigned places.
ORDER_OFFSET = 2**63

_PERSON = """
    resident.individual_number_sealed, resident.previous_individual_number_sealed, resident.birth, resident.sex_code,
    resident.status, resident.status_on, resident.evidence, resident.is_furigana_certified, resident.is_protected,
    resident.kanji_name, resident.kana_name, resident.birth_date, resident.sex, resident.address,
    resident.former_kanji_names, resident.former_kana_names, resident.former_addresses, resident.alias,
    resident.alias_kana, resident.parallel_kanji_name
"""

# Reads resident by number. One row per asked number that somebody bears today.
_OWNERS = """
SELECT asked.place, $person
FROM unnest(%(places)s::integer[], %(sealed)s::bytea[]) AS asked (place, sealed)
JOIN resident ON resident.individual_number_sealed = asked.sealed
""".replace("$person", _PERSON)

# Reads resident by the number before today's. One row per asked number that somebody bore.
_FORMER_OWNERS = """
SELECT asked.place, $person
FROM unnest(%(places)s::integer[], %(sealed)s::bytea[]) AS asked (place, sealed)
JOIN resident ON resident.previous_individual_number_sealed = asked.sealed
    AND resident.previous_individual_number_sealed IS NOT NULL
ORDER BY asked.place, resident.resident_id
""".replace("$person", _PERSON)

# Reads resident and resident_form by pairs of items. One row per asked link and person, and one without a person
# where there is none; each with how many bear the link's name in kanji, counted up to a bound.
_OTHERS = """
SELECT found.place, found.name_count, $person
FROM candidates_of_links(
    %(birth)s, %(kanji)s, %(kana)s, %(address)s, %(surname)s, %(kanji_tail)s, %(kana_tail)s, %(most_names)s
) AS found
""".replace("$person", _PERSON.replace("resident.", "(found.person)."))

# Reads resident by kana order. One row, counted up to a bound.
_BETWEEN = """
SELECT count(*) AS people FROM (
    SELECT FROM resident WHERE kana_order > %(low)s AND kana_order < %(high)s LIMIT %(at_most)s
) AS between_both
"""

# Reads register_load. One row: the day of the register and how many people it holds; none before the first load.
_DAY = """
SELECT as_of, people FROM register_load WHERE state = 'applied' ORDER BY as_of DESC, load_id DESC LIMIT 1
"""

# Writes register_inquiry. One row per line, ids in the order of the lines.
_WRITE = """
INSERT INTO register_inquiry (
    organisation_id, user_id, login, at, register_day, reason, subject,
    kind, scheme, asked_on, asked_items, hits, result_digest
)
SELECT
    %(organisation_id)s, %(user_id)s, %(login)s, %(at)s, line.register_day, %(reason)s, %(subject)s,
    line.kind, line.scheme, line.asked_on, line.asked_items, line.hits, line.result_digest
FROM unnest(
    %(register_day)s::date[], %(kind)s::text[], %(scheme)s::text[], %(on)s::date[], %(items)s::smallint[], %(hits)s::integer[], %(digest)s::bytea[]
) WITH ORDINALITY AS line (register_day, kind, scheme, asked_on, asked_items, hits, result_digest, place)
ORDER BY line.place
RETURNING inquiry_id
"""


@dataclass(frozen=True, slots=True)
class RegisterAge:
    """The day of the register, and how many days ago that was."""

    as_of: date
    days: int


def register_age(work: Work) -> RegisterAge | None:
    """How old the register is, for every page that judges by it; None before the first load."""
    row = work.connection.execute(_DAY).fetchone()
    return RegisterAge(row["as_of"], (work.clock.today() - row["as_of"]).days) if row else None


@dataclass(frozen=True, slots=True)
class InquiryLedger:
    """The ledger of inquiries, written in the name of the work's actor and in its transaction."""

    work: Work

    def write_ledger(self, lines: Sequence[LedgerLine], purpose: Purpose) -> Sequence[int]:
        """Write down what was asked and why; gives the id of each line."""
        if not lines:
            return []
        actor = self.work.actor
        rows = self.work.connection.execute(
            _WRITE,
            {
                "organisation_id": actor.organisation_id,
                "user_id": actor.user_id,
                "login": actor.login,
                "at": self.work.clock.now(),
                "reason": purpose.reason,
                "subject": purpose.subject,
                "register_day": [line.register_day for line in lines],
                "kind": [line.kind for line in lines],
                "scheme": [line.scheme for line in lines],
                "on": [line.on for line in lines],
                "items": [sum(1 << ITEMS.index(item) for item in line.asked_items) for line in lines],
                "hits": [line.hits for line in lines],
                "digest": [bytes.fromhex(line.result_digest) for line in lines],
            },
        )
        return [row["inquiry_id"] for row in rows]


class PostgresRegister:
    """The register of one transaction; every look-up goes by an index."""

    def __init__(self, work: Work, vault: Vault) -> None:
        """Inquire in the name of the work's actor. NotAllowedError for those who may not inquire."""
        refuse_stranger(work.actor)
        self._work = work
        self._vault = vault

    @property
    def as_of(self) -> date:
        """The day of the register. UpstreamDownError before the first load."""
        day: date = self._day["as_of"]
        return day

    @property
    def size(self) -> int:
        """How many people it holds."""
        return int(self._day["people"])

    def owners(self, numbers: Sequence[int]) -> Sequence[Own | None]:
        """The entry under each number, found as today's or as the one before it was changed."""
        _ = self.as_of
        found = self._by_number(_OWNERS, numbers, range(len(numbers)), is_previous=False)
        lost = [place for place in range(len(numbers)) if place not in found]
        if lost:
            found |= self._by_number(_FORMER_OWNERS, numbers, lost, is_previous=True)
        return [found.get(place) for place in range(len(numbers))]

    def others(self, asked: Sequence[LinkKeys]) -> Sequence[Others]:
        """For each link the people who share two items with it."""
        people: list[list[Person]] = [[] for _ in asked]
        counts = [1] * len(asked)  # a name that is empty or cannot be read is borne by nobody else
        given = key_columns(asked) | {"most_names": (self.size >> _COMMON_NAME_SHIFT) + 1}
        for row in self._work.connection.execute(_OTHERS, given):
            place = row["place"] - 1
            if asked[place].kanji:
                counts[place] = row["name_count"]
            if row["individual_number_sealed"] is not None:
                people[place].append(self._person(row))
        return [Others(*found) for found in zip(people, counts, strict=True)]

    def people_between(self, low: int, high: int, *, at_most: int) -> int:
        """How many people stand strictly between two places in kana order, counted up to a bound."""
        bounds = {"low": low - ORDER_OFFSET, "high": high - ORDER_OFFSET, "at_most": at_most}
        row = self._work.connection.execute(_BETWEEN, bounds).fetchone()
        return int(row["people"]) if row else 0

    def write_ledger(self, lines: Sequence[LedgerLine], purpose: Purpose) -> Sequence[int]:
        """Write down who asked what and why, in the transaction of the act that needed the answer."""
        return InquiryLedger(self._work).write_ledger(lines, purpose)

    @cached_property
    def _day(self) -> Mapping[str, Any]:
        row = self._work.connection.execute(_DAY).fetchone()
        if row is None:
            raise UpstreamDownError(
                "There is no resident register yet, so that no link can be proven. "
                "Load one: himozuke register load FILE --snapshot --as-of DATE"
            )
        return row

    def _by_number(
        self, statement: str, numbers: Sequence[int], places: Sequence[int], *, is_previous: bool
    ) -> dict[int, Own]:
        sealed = [(place, way) for place in places for way in self._vault.look_up(IndividualNumber(numbers[place]))]
        given = {"places": [place for place, _ in sealed], "sealed": [way for _, way in sealed]}
        found: dict[int, Own] = {}
        for row in self._work.connection.execute(statement, given):
            found.setdefault(row["place"], Own(self._person(row), is_previous=is_previous))
        return found

    def _person(self, row: Mapping[str, Any]) -> Person:
        previous = row["previous_individual_number_sealed"]
        return Person(
            number=self._vault.open(row["individual_number_sealed"]).value,
            items=EntryItems(*(row[name] or "" for name in (*ITEMS, *FORMS))),
            birth=row["birth"],
            sex_code=row["sex_code"],
            status=row["status"],
            status_on=row["status_on"],
            previous_number=self._vault.open(previous).value if previous else 0,
            evidence=row["evidence"] % 2**64,
            is_furigana_certified=row["is_furigana_certified"],
            is_protected=row["is_protected"],
        )


def refuse_stranger(actor: Actor) -> None:
    """NotAllowedError for everybody who has no business with the register."""
    if actor.scope is not Scope.SYSTEM and actor.role not in _MAY_INQUIRE:
        raise NotAllowedError(
            f"{actor.login} may not inquire of the resident register: only insurers and municipalities may, "
            "and the program in their service."
        )


def surname_key(hashes: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    """Half of each key: beside an equal address it tells surnames apart well enough."""
    return (hashes & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.int32)


def key_columns(asked: Sequence[LinkKeys]) -> dict[str, list[int | None]]:
    """The keys of links as the columns of the look-up; None where nothing is held."""
    columns = [np.array(column, np.int64) for column in zip(*asked, strict=True)] or [np.zeros(0, np.int64)] * 7
    birth, kanji, kana, address, kanji_tail, kana_tail, head = columns
    return {
        "birth": birth.tolist(),
        "kanji": _or_none(kanji),
        "kana": _or_none(kana),
        "address": _or_none(address),
        "surname": _or_none(head, surname_key(head.view(np.uint64)).astype(np.int64)),
        "kanji_tail": _or_none(birth_tail_keys(birth, kanji_tail.view(np.uint64)).view(np.int64)),
        "kana_tail": _or_none(birth_tail_keys(birth, kana_tail.view(np.uint64)).view(np.int64)),
    }


def _or_none(
    keys: np.ndarray[tuple[int], np.dtype[np.int64]], shown: np.ndarray[tuple[int], np.dtype[np.int64]] | None = None
) -> list[int | None]:
    values = keys if shown is None else shown
    return [value if key else None for key, value in zip(keys.tolist(), values.tolist(), strict=True)]
