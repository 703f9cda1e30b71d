"""One link judged by its own entry and by everybody else it might belong to.

The engine to read and the online verifier both judge here; the engine for large files does the same in
columns (:mod:`.rivals`). Nothing is looked up: whoever calls has found the entries and compared them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from himozuke.engines import context
from himozuke.link import challenge, fit
from himozuke.link.acquisition import needs_full_inspection
from himozuke.link.fit import Credits
from himozuke.link.items import NO_ENTRY, Agreement
from himozuke.link.pattern import Challenge, Life, NumberFact, Pattern, classes, required_mask
from himozuke.rules.model import RuleBook
from himozuke.schemes.model import Scheme


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What a verdict needs of a link beside its items; days are yyyymmdd, 0 where not known.

    ``acquired_items`` has a bit for each item of the inquiry, ``acquired_hits`` is -1 where not said.
    ``is_number_unread``: the register holds the number on a row that could not be understood.
    """

    has_valid_check_digit: bool
    acquired_by: int
    acquired_items: int
    acquired_hits: int
    acquired_on: int
    valid_from: int
    valid_to: int
    is_number_unread: bool = False


@dataclass(frozen=True, slots=True)
class OwnFacts:
    """The number's own entry: how it agrees with the link, and the person's life (days yyyymmdd)."""

    agreement: Agreement
    is_previous: bool
    status: int
    status_on: int


class OthersFacts(NamedTuple):
    """Everybody else who shares two items with the link: numbers, and credits of their comparisons, in columns."""

    numbers: npt.NDArray[np.int64]
    credits: Credits


NOBODY_ELSE = OthersFacts(np.zeros(0, np.int64), Credits(*(np.zeros(0, np.int16) for _ in range(5))))


@dataclass(frozen=True, slots=True)
class Terms:
    """The rule values of one scheme and day that the finding depends on."""

    scheme: Scheme
    rules: RuleBook
    on: date

    def required(self, acquired_on: int) -> int:
        """Which items the link must hold (bits), by the rule of the day its number was got."""
        first = self.rules.entries(self.scheme.required_items_key)[0].since
        day = max(context.as_date(acquired_on), first) if acquired_on > 0 else self.on
        return required_mask(self.scheme.items_required(self.rules, day))

    def few_items(self, link: LinkFacts) -> bool:
        """Tell whether the number was got by an inquiry too thin to prove anything (S63, S92)."""
        at_most = self.rules.count("acquisition.few_items_at_most", self.on)
        items = link.acquired_items.bit_count() if link.acquired_by == context.JLIS else 0
        return needs_full_inspection(items or None, link.acquired_hits, at_most=at_most)

    def life(self, link: LinkFacts, own: OwnFacts | None) -> int:
        """The person's standing, as far as the link depends on it."""
        if own is None:
            return 0
        if own.status == context.ABROAD:
            return Life.ABROAD
        if own.status != context.DEAD:
            return Life.LIVING
        grace = self.rules.count("death.grace_days", self.on)
        return context.life_of_dead(own.status_on, link.valid_from, link.valid_to, grace_days=grace)


@dataclass(frozen=True, slots=True)
class Finding:
    """What is found out about one link before the other rows of a file are looked at.

    ``rival`` is the place of the strongest rival among the others, None without one. ``doubt`` orders
    links to ask about: higher is likelier wrong.
    """

    pattern: Pattern
    agreement: Agreement
    rival: int | None
    rival_count: int
    doubt: int


def is_full(own: OwnFacts | None) -> bool:
    """Tell whether all five items agree, so that nobody can fit better and nobody need be looked for."""
    return own is not None and not any(classes(own.agreement))


def judge(link: LinkFacts, own: OwnFacts | None, others: OthersFacts, *, name_rarity: int, terms: Terms) -> Finding:
    """Judge one link; ``others`` may be empty where its own entry agrees in full (:func:`is_full`).

    ``name_rarity`` is :func:`himozuke.link.fit.rarity` of the link's kanji name.
    """
    agreement = own.agreement if own else NO_ENTRY
    outcome, rival, rivals, lead = Challenge.NONE, None, 0, 0
    if not is_full(own):
        outcome, rival, rivals, lead = _challenge(own, others, name_rarity)
    kanji, kana, birth, sex, place = classes(agreement)
    pattern = Pattern(
        kanji_name=kanji,
        kana_name=kana,
        birth_date=birth,
        sex=sex,
        address=place,
        challenge=outcome,
        number=_number_fact(link, own),
        life=terms.life(link, own),
        few_items=int(terms.few_items(link)),
        required=terms.required(link.acquired_on),
    )
    return Finding(pattern, agreement, rival, rivals, lead)


def _number_fact(link: LinkFacts, own: OwnFacts | None) -> NumberFact:
    if own:
        return NumberFact.PREVIOUS if own.is_previous else NumberFact.CURRENT
    if link.is_number_unread:
        return NumberFact.NOT_READ
    return NumberFact.NOT_IN_REGISTER if link.has_valid_check_digit else NumberFact.CHECK_DIGIT


def _challenge(own: OwnFacts | None, others: OthersFacts, bonus: int) -> tuple[Challenge, int | None, int, int]:
    """Ask who else fits: the outcome, the strongest rival (ties: lower number), how many, how far it leads."""
    ours = fit.credits_of(own.agreement) if own else None
    own_fit = int(fit.fit(ours, _name_bonus(ours, bonus))) if ours else 0
    their_fit = np.asarray(fit.fit(others.credits, _name_bonus(others.credits, bonus)), np.int32)
    if ours:
        found = challenge.classify(ours, own_fit, others.credits, their_fit)
    else:
        found = challenge.classify_without_own(their_fit)
    outcome = Challenge(int(found.max())) if len(found) else Challenge.NONE
    rivals = np.flatnonzero(found >= Challenge.EQUAL)
    if not len(rivals):
        return outcome, None, 0, fit.PLAUSIBLE - own_fit - bonus
    best = int(rivals[np.lexsort((others.numbers[rivals], -their_fit[rivals]))[0]])
    return outcome, best, len(rivals), int(their_fit[best]) - own_fit - bonus


def _name_bonus(credits_: Credits, bonus: int) -> npt.NDArray[np.int16]:
    """The rarity counts only where the whole kanji name agrees."""
    return np.where(np.asarray(credits_.kanji_name) >= fit.WHOLE_KANJI_NAME, np.int16(bonus), np.int16(0))


def credits_of_all(agreements: Sequence[Agreement]) -> Credits:
    """The credits of several comparisons, in columns."""
    rows = [fit.credits_of(agreement) for agreement in agreements]
    return Credits(*(np.array([row[i] for row in rows], np.int16) for i in range(5)))
