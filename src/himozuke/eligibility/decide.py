"""Validity, what is shown and what is withheld: pure decisions on qualifications and a day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from himozuke.eligibility.limits import diseases_on, limit_on
from himozuke.eligibility.model import (
    MOST_TRIES,
    CardClass,
    CardProblem,
    Finding,
    GivenConsent,
    InsuredKey,
    LossReason,
    Method,
    Qualification,
    Reference,
    Ticket,
    Validity,
    Viewable,
)
from himozuke.eligibility.store import Card, Insured
from himozuke.identity.coded_number import plain_digits
from himozuke.identity.scheme_number import canonical
from himozuke.rules.model import RuleBook

NO_BRANCH = "00"

#: Nothing can be shown: nobody has this number, or not on this day, or viewing is stopped. One code for all of
#: them with the next step, so that nobody learns from an answer whose viewing is stopped (S76).
NOTHING_SHOWN = "HZ-Q01"
#: The insured is found, medical information is not shown.
MEDICAL_WITHHELD = "HZ-M01"
#: Nobody allowed it, as far as this institution may know.
NO_CONSENT = "HZ-M02"
#: The certificate on the card ends soon: the patient is told to renew it.
CARD_ENDS_SOON = "HZ-Q06"
#: The number on the card belongs to several qualifications of that day.
SEVERAL = "HZ-Q05"

#: The qualification asked for holds on the day.
VALID_ONES = frozenset({Validity.VALID, Validity.VALID_UNREGISTERED})

NOTHING = Finding(Validity.NONE, (), NOTHING_SHOWN)


def named(held: Sequence[Qualification], key: InsuredKey, *, knows_birth_date: bool) -> list[Qualification]:
    """Say which qualifications a certificate names: any width, any hyphen, leading zeros as they stand.

    The very branch wins. Only where no record bears it, a branch that one side does not hold may be any
    other; 00, which says that none is known, only when a birth date tells the family apart.
    """
    same = [one for one in held if _is_same_number(key, one.key)]
    asked = canonical(key.branch)
    exact = [one for one in same if asked and canonical(one.key.branch) == asked]
    may_be_any = not asked or (asked == NO_BRANCH and knows_birth_date)
    return exact or [one for one in same if may_be_any or not canonical(one.key.branch)]


def person_asked(people: Sequence[Insured], key: InsuredKey, birth_date: date | None) -> Insured | None:
    """Choose the one person a certificate names; None where nobody or more than one is left.

    A family shares insurer, symbol and number: what belongs to one of them must never go to another, so
    that nobody is guessed. A birth date chooses among those the branch leaves; somebody whose birth date is
    not on record is taken only where nobody bears it.
    """
    everything = [one for person in people for one in person.held]
    meant = named(everything, key, knows_birth_date=birth_date is not None)
    left = [(person, {one.birth_date for one in person.held if one in meant}) for person in people]
    candidates = [(person, born) for person, born in left if born]
    if birth_date is not None:
        bearing = [(person, born) for person, born in candidates if birth_date in born]
        candidates = bearing or [(person, born) for person, born in candidates if None in born]
    return candidates[0][0] if len(candidates) == 1 else None


def _is_same_number(asked: InsuredKey, held: InsuredKey) -> bool:
    return (
        plain_digits(asked.insurer_number) == plain_digits(held.insurer_number)
        and canonical(asked.symbol) == canonical(held.symbol)
        and canonical(asked.number) == canonical(held.number)
    )


def find(
    held: Sequence[Qualification],
    *,
    on: date,
    reference: Reference,
    key: InsuredKey | None = None,
    birth_date: date | None = None,
) -> Finding:
    """Judge what an institution asked about, on the day it asked about.

    ``held``: every qualification of the person, in any order, ended ones included. Asked by number, only
    the qualification asked for is shown, and nothing where the birth date given with it is another; asked
    by card, every one that covers the day. Where nothing is shown the answer does not say why.
    """
    open_ones = [one for one in held if one.restriction != "ALL"]
    if reference is Reference.CARD:
        return _by_card(open_ones, on)
    if key is None:
        return NOTHING
    asked = [one for one in named(held, key, knows_birth_date=birth_date is not None) if one in open_ones]
    if birth_date is not None and any(one.birth_date not in {birth_date, None} for one in asked):
        return NOTHING
    return _by_number(open_ones, asked, on)


def may_view(qualification: Qualification, consent: GivenConsent | None, *, at: datetime) -> bool:
    """Tell whether medical information may be shown through this link.

    Only with a consent that lives at the moment (S81), and only through a link that is proven or explained, or that somebody
    released after looking into it; whatever restriction stands on it is obeyed all the same.
    """
    is_live = consent is not None and consent.given_at <= at < consent.available_until
    return is_trusted(qualification) and is_live and qualification.restriction == "NONE"


def certificates_shown(
    qualification: Qualification, consents: Mapping[Viewable, GivenConsent], *, on: date, wants_limits: bool
) -> Qualification:
    """The qualification with those certificates alone that the patient allowed, and that hold on the day asked.

    The limit certificate: with a consent at the reader, or told to the institution (OQSCD001). Specific diseases
    are medical information: only with a consent of their own at a reader, and never through a link that is
    restricted or not trusted. ``consents`` holds what lives and may be told.
    """
    limit = limit_on(qualification.limits, on) if wants_limits or Viewable.LIMITS in consents else None
    may_see = qualification.restriction == "NONE" and is_trusted(qualification) and Viewable.DISEASES in consents
    diseases = diseases_on(qualification.diseases, on) if may_see else ()
    return replace(qualification, limits=(limit,) if limit else (), diseases=diseases)


def is_trusted(qualification: Qualification) -> bool:
    """Tell whether the link is proven or explained, or somebody released it after looking into it."""
    return qualification.verdict in {"PROVEN", "EXPLAINED"} or qualification.is_released


def is_of_the_dead(held: Sequence[Qualification], today: date) -> bool:
    """Tell whether whoever holds these has died: the register knows it, or an insurer ended one for that reason."""
    return any(
        one.died_on is not None
        or (one.loss_reason is LossReason.DEATH and one.lost_on is not None and one.lost_on <= today)
        for one in held
    )


def latest_first(found: Sequence[Qualification]) -> list[Qualification]:
    """Sort by the day of issue alone, the latest first; that one is displayed (R-JLIS display model)."""
    return sorted(found, key=lambda one: (one.issued_on or one.acquired_on, one.qualification_id), reverse=True)


def _by_card(held: Sequence[Qualification], on: date) -> Finding:
    covering = latest_first([one for one in held if one.covers(on)])
    if len([one for one in covering if one.card_class is not CardClass.PUBLIC_ASSISTANCE]) > 1:
        return Finding(Validity.SEVERAL, covering, SEVERAL)
    if covering:
        return Finding(_valid(covering, on), covering)
    ended = latest_first([one for one in held if one.lost_on is not None and one.lost_on <= on])
    return Finding(Validity.INVALID, ended[:1]) if ended else NOTHING


def _by_number(held: Sequence[Qualification], named_ones: Sequence[Qualification], on: date) -> Finding:
    asked = latest_first(named_ones)
    if not asked:
        return NOTHING
    covering = [one for one in asked if one.covers(on)]
    if covering:
        return Finding(_valid(covering[:1], on), covering[:1])
    ended = [one for one in asked if one.lost_on is not None and one.lost_on <= on]
    if not ended:
        return NOTHING
    newer = any(one.covers(on) for one in held)
    return Finding(Validity.INVALID_WITH_NEWER if newer else Validity.INVALID, ended[:1])


def _valid(covering: Sequence[Qualification], on: date) -> Validity:
    """Valid; public assistance alone, without a medical ticket of the day: valid, not registered (OQSCD006: 6)."""
    is_registered = any(
        one.card_class is not CardClass.PUBLIC_ASSISTANCE or any(_holds(ticket, on) for ticket in one.tickets)
        for one in covering
    )
    return Validity.VALID if is_registered else Validity.VALID_UNREGISTERED


def _holds(ticket: Ticket, on: date) -> bool:
    return ticket.valid_from <= on and (ticket.valid_until is None or on <= ticket.valid_until)


def refuse_card(card: Card, method: Method, *, is_expired: bool) -> CardProblem | None:
    """Say why a card cannot be used in this way, whatever the PIN; None where it can."""
    if card.is_damaged:
        return "damaged"
    if is_expired:
        return "expired"
    if not card.is_registered:
        return "not_registered"
    if card.kind == "infant" and method != "pin":
        return "no_photo"
    if card.kind == "without_pin" and method == "pin":
        return "no_pin"
    return "locked" if method == "pin" and card.pin_tries >= MOST_TRIES else None


def last_day_of_use(certificate_until: date, rules: RuleBook) -> date:
    """The last day on which a card serves as an insurance card: some months after the month its certificate ends."""
    months = rules.count("card.insurance_grace_months", certificate_until)
    return _end_of_month(certificate_until, months) if months else certificate_until


def ends_soon(certificate_until: date, today: date, rules: RuleBook) -> bool:
    """Tell whether the certificate can be renewed already: from some months before its end."""
    months = rules.count("card.renewal_months", today)
    return today > _end_of_month(certificate_until, -months - 1)


def _end_of_month(day: date, months: int) -> date:
    """The last day of the month so many months after that of a day."""
    index = day.year * 12 + day.month - 1 + months + 1
    return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)
