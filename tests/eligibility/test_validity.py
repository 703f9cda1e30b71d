"""What an institution is told of a qualification on the day it asks about."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qualifications import KEY, TODAY, qualification

from himozuke.eligibility.decide import NOTHING_SHOWN, SEVERAL, find, may_view, named, person_asked
from himozuke.eligibility.model import GivenConsent, InsuredKey, Qualification, Reference, Validity, Viewable
from himozuke.eligibility.store import Insured

JAPAN = timezone(timedelta(hours=9))
OTHER = InsuredKey("06132013", "9", "1", "00")
BORN = date(1989, 3, 31)
NOON = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=JAPAN)
ENDED = {"lost_on": date(2026, 10, 1)}


def by_card(*held: Qualification, on: date = TODAY) -> Validity:
    return find(held, on=on, reference=Reference.CARD).validity


def by_number(*held: Qualification, key: InsuredKey = KEY, on: date = TODAY) -> Validity:
    return find(held, on=on, reference=Reference.INSURED_NUMBER, key=key).validity


def test_a_qualification_that_covers_the_day_is_valid() -> None:
    assert by_card(qualification()) is Validity.VALID
    assert by_number(qualification()) is Validity.VALID


def test_the_day_of_loss_is_no_longer_covered() -> None:
    held = qualification(lost_on=TODAY)

    assert by_number(held) is Validity.INVALID
    assert by_number(held, on=TODAY - timedelta(days=1)) is Validity.VALID


def test_only_ended_ones_are_invalid_and_the_last_is_shown() -> None:
    first = qualification(1, lost_on=date(2025, 4, 1), issued_on=date(2024, 4, 1))
    last = qualification(2, key=OTHER, lost_on=date(2026, 10, 1), issued_on=date(2025, 4, 1))

    found = find([first, last], on=TODAY, reference=Reference.CARD)

    assert found.validity is Validity.INVALID
    assert list(found.shown) == [last]


def test_asked_for_the_old_number_the_newer_insurer_is_not_given_away() -> None:
    old = qualification(1, **ENDED)
    new = qualification(2, key=OTHER)

    found = find([old, new], on=TODAY, reference=Reference.INSURED_NUMBER, key=KEY)

    assert found.validity is Validity.INVALID_WITH_NEWER
    assert list(found.shown) == [old]


def test_asked_by_card_the_newer_one_is_shown() -> None:
    new = qualification(2, key=OTHER)

    found = find([qualification(1, **ENDED), new], on=TODAY, reference=Reference.CARD)

    assert found.validity is Validity.VALID
    assert list(found.shown) == [new]


def test_several_valid_ones_are_all_listed_the_latest_issued_first() -> None:
    earlier = qualification(1, issued_on=date(2024, 4, 1))
    later = qualification(2, key=OTHER, issued_on=date(2025, 4, 1))

    found = find([earlier, later], on=TODAY, reference=Reference.CARD)

    assert (found.validity, found.result_code) == (Validity.SEVERAL, SEVERAL)
    assert list(found.shown) == [later, earlier]


def test_an_unknown_number_finds_nothing() -> None:
    assert by_number(qualification(), key=OTHER) is Validity.NONE
    assert by_card() is Validity.NONE


def test_before_the_day_of_acquisition_there_is_nothing() -> None:
    held = qualification(acquired_on=TODAY + timedelta(days=1))

    assert by_number(held) is Validity.NONE
    assert by_card(held) is Validity.NONE


@pytest.mark.seed("S76")
def test_a_stopped_link_shows_nothing_and_does_not_say_why() -> None:
    found = find([qualification(restriction="ALL")], on=TODAY, reference=Reference.CARD)

    assert (found.validity, found.shown, found.result_code) == (Validity.NONE, (), NOTHING_SHOWN)


@pytest.mark.seed("S76")
def test_a_stop_of_medical_information_leaves_the_qualification_visible() -> None:
    held = qualification(restriction="MEDICAL", verdict="DOUBTFUL")

    assert by_card(held) is Validity.VALID
    assert not may_view(held, consent(), at=NOON)


@given(st.sampled_from(["PROVEN", "EXPLAINED", "DOUBTFUL", "REFUTED", "UNTESTABLE", None]), st.booleans())
def test_medical_information_needs_a_proven_explained_or_released_link(verdict: str | None, is_released: bool) -> None:
    held = qualification(verdict=verdict, is_released=is_released)

    assert may_view(held, consent(), at=NOON) == (is_released or verdict in {"PROVEN", "EXPLAINED"})


@pytest.mark.seed("S81")
def test_medical_information_needs_a_live_consent() -> None:
    assert not may_view(qualification(), None, at=NOON)
    assert not may_view(qualification(), consent(), at=NOON + timedelta(days=2))


def test_an_explained_link_obeys_the_restriction_that_stands_on_it() -> None:
    held = qualification(verdict="EXPLAINED", restriction="MEDICAL")

    assert not may_view(held, consent(), at=NOON)


@pytest.mark.parametrize(
    ("asked", "is_same"),
    [
        (InsuredKey("０６１３０４８８", "12-34", "５６７８", "01"), True),
        (InsuredKey("06130488", "１２ー３４", "5678", ""), True),
        (InsuredKey("06130488", "１２－３４", "05678", "01"), False),
        (InsuredKey("06130488", "１２－３４", "5678", "02"), False),
        (InsuredKey("06132013", "１２－３４", "5678", "01"), False),
    ],
)
def test_a_number_is_the_same_in_any_width_but_leading_zeros_count(asked: InsuredKey, is_same: bool) -> None:
    held = [qualification()]

    assert (named(held, asked, knows_birth_date=True) == held) is is_same


def branch(asked: str) -> InsuredKey:
    return replace(KEY, branch=asked)


def person(number: int, held_branch: str, born: date | None = BORN) -> Insured:
    return Insured(bytes([number]), [qualification(number, key=branch(held_branch), birth_date=born)])


FATHER = person(1, "00", date(1967, 6, 13))
DAUGHTER = person(2, "03", date(1999, 1, 2))
TWIN = person(3, "04", date(1999, 1, 2))
UNNUMBERED = person(4, "", date(2001, 5, 5))
UNDATED = person(5, "", None)


@pytest.mark.parametrize(
    ("family", "asked", "born", "meant"),
    [
        # the very branch wins, with a birth date and without
        ((FATHER, DAUGHTER), "00", None, FATHER),
        ((FATHER, DAUGHTER), "00", date(1967, 6, 13), FATHER),
        ((FATHER, DAUGHTER), "０３", None, DAUGHTER),
        ((FATHER, DAUGHTER), "00", date(1999, 1, 2), None),
        ((FATHER, DAUGHTER), "03", date(1967, 6, 13), None),
        # without a branch nobody is guessed, but a birth date chooses
        ((FATHER, DAUGHTER), "", None, None),
        ((FATHER, DAUGHTER), "", date(1999, 1, 2), DAUGHTER),
        ((FATHER, DAUGHTER), "", date(1999, 1, 3), None),
        ((DAUGHTER, TWIN), "", date(1999, 1, 2), None),
        ((DAUGHTER,), "", None, DAUGHTER),
        # a branch that nobody bears is nobody's, unless a record holds none
        ((FATHER,), "09", None, None),
        ((FATHER,), "09", date(1967, 6, 13), None),
        ((FATHER, UNNUMBERED), "09", None, UNNUMBERED),
        ((UNNUMBERED,), "00", None, UNNUMBERED),
        ((UNNUMBERED, UNDATED), "01", None, None),
        # 00 says that none is known: only a birth date tells whose it is
        ((DAUGHTER,), "00", None, None),
        ((DAUGHTER,), "00", date(1999, 1, 2), DAUGHTER),
        ((DAUGHTER, TWIN), "00", date(1999, 1, 2), None),
        # somebody whose birth date is not on record, only where nobody bears it
        ((UNNUMBERED, UNDATED), "", date(2001, 5, 5), UNNUMBERED),
        ((UNNUMBERED, UNDATED), "", date(2002, 5, 5), UNDATED),
        ((), "00", None, None),
    ],
)
def test_one_of_a_family_is_named_by_the_branch_and_nobody_is_guessed(
    family: tuple[Insured, ...], asked: str, born: date | None, meant: Insured | None
) -> None:
    assert person_asked(family, branch(asked), born) is meant


def test_what_is_stopped_under_the_very_branch_is_not_answered_from_another_record_of_the_person() -> None:
    held = [qualification(1, restriction="ALL"), qualification(2, key=branch(""))]

    assert by_number(*held) is Validity.NONE
    assert by_number(held[1]) is Validity.VALID


def consent() -> GivenConsent:
    at = datetime(2026, 11, 23, 9, 0, tzinfo=JAPAN)
    return GivenConsent(Viewable.MEDICINES, at, at + timedelta(hours=24))
