"""Inquiries answered from a register that finds people by number and by two of their items.

By items, everybody who agrees on all that was asked is in the answer, and nobody is picked among several
(S61, S72b). Fewer items than the rule of the day needs are refused before anybody is looked for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from himozuke import schemes
from himozuke.engines.claims import Claims, ReadClaims, stage_claims
from himozuke.engines.people import compare_people
from himozuke.errors import HimozukeError
from himozuke.identity.gazetteer import Gazetteer
from himozuke.identity.state import ItemState
from himozuke.link.fit import credit_columns, fit
from himozuke.link.items import ITEMS
from himozuke.ports.challenge import ChallengeRegister, Person
from himozuke.ports.resident_register import Answer, Inquiry, answer_digest
from himozuke.rules.model import RuleBook
from himozuke.schemes.inquiry import asked_items, refuse_few_items

_ANY_NUMBER = "0" * 12  # an inquiry by items has none; no look-up goes by it


@dataclass(frozen=True, slots=True)
class _Found:
    """What was found for one inquiry."""

    people: Sequence[Person]
    near: Sequence[Person] = ()


@dataclass(frozen=True, slots=True)
class InquiringRegister:
    """Answers inquiries by number and by items; the ledger is kept around it (:mod:`.recorded`)."""

    register: ChallengeRegister
    rules: RuleBook
    read: ReadClaims
    gazetteer: Gazetteer | None = None

    @property
    def as_of(self) -> date:
        """The day of the register."""
        return self.register.as_of

    def inquire(self, inquiry: Inquiry) -> Answer:
        """Ask one question; errors as :meth:`himozuke.ports.resident_register.ResidentRegister.inquire`."""
        found = self.inquire_batch([inquiry])[0]
        if isinstance(found, Exception):
            raise found
        return found

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        """Ask many questions; an answer or the error for each, in order."""
        found: dict[int, _Found | Exception] = {}
        by_number = [i for i, inquiry in enumerate(inquiries) if inquiry.individual_number is not None]
        found |= self._by_number({i: inquiries[i] for i in by_number})
        found |= self._by_items({i: inquiry for i, inquiry in enumerate(inquiries) if i not in found})
        return [self._answer(inquiry, found[i]) for i, inquiry in enumerate(inquiries)]

    def _by_number(self, inquiries: dict[int, Inquiry]) -> dict[int, _Found | Exception]:
        numbers = [one.individual_number.value for one in inquiries.values() if one.individual_number is not None]
        owners = self.register.owners(numbers) if numbers else []
        return {i: _Found([own.person] if own else []) for i, own in zip(inquiries, owners, strict=True)}

    def _by_items(self, inquiries: dict[int, Inquiry]) -> dict[int, _Found | Exception]:
        found: dict[int, _Found | Exception] = {}
        alike: dict[tuple[str, date], dict[int, Inquiry]] = defaultdict(dict)
        for i, inquiry in inquiries.items():
            try:
                refuse_few_items(asked_items(inquiry.items.items()), inquiry.scheme, self.rules, on=inquiry.on)
            except HimozukeError as error:
                found[i] = error
            else:
                alike[inquiry.scheme, inquiry.on][i] = inquiry
        for (scheme, on), group in alike.items():
            found |= self._look_for(group, scheme, on)
        return found

    def _look_for(self, inquiries: dict[int, Inquiry], scheme: str, on: date) -> dict[int, _Found | Exception]:
        places = list(inquiries)
        batch = self.read([{**one.items, "individual_number": _ANY_NUMBER} for one in inquiries.values()], on)
        found: dict[int, _Found | Exception] = {places[row - 1]: error for row, error in batch.refused.items()}
        understood = [places[row - 1] for row in batch.typed.column("row").to_pylist()]
        if not understood:
            return found
        claims = stage_claims(batch, replace(schemes.find(scheme), items_held=ITEMS))
        others = self.register.others(claims.keys(range(len(understood))))
        for row, (i, candidates) in enumerate(zip(understood, others, strict=True)):
            asked = asked_items(inquiries[i].items.items())
            exact, near = self._sorted_out(claims, row, candidates.people, asked)
            found[i] = _Found(exact, near if inquiries[i].wants_near else ())
        return found

    def _sorted_out(
        self, claims: Claims, row: int, people: Sequence[Person], asked: Iterable[str]
    ) -> tuple[list[Person], list[Person]]:
        """Those who agree on all that was asked, and the others from the best fit down."""
        compared = compare_people(claims.sides, [(row, person) for person in people], self.gazetteer)
        agrees = np.ones(len(people), np.bool_)
        for item in asked:
            agrees &= compared.states[ITEMS.index(item)] <= ItemState.VARIANT
        fits = np.asarray(fit(credit_columns(*compared)))
        order = np.lexsort((np.array([person.number for person in people], np.int64), -fits)).tolist()
        return [people[i] for i in order if agrees[i]], [people[i] for i in order if not agrees[i]]

    def _answer(self, inquiry: Inquiry, found: _Found | Exception) -> Answer | Exception:
        if isinstance(found, Exception):
            return found
        entries, near = ([person.entry() for person in people] for people in (found.people, found.near))
        return Answer(
            entries=entries,
            asked_items=() if inquiry.individual_number else asked_items(inquiry.items.items()),
            register_day=self.as_of,
            result_digest=answer_digest([*entries, *near]),
            near=near,
        )
