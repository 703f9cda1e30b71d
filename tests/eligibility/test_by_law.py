"""Death, the 75th birthday and the copay hold whatever the insurer has recorded."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from qualifications import KEY, qualification

from himozuke.eligibility.by_law import by_law
from himozuke.eligibility.copay import HouseholdIncome
from himozuke.eligibility.decide import find
from himozuke.eligibility.model import (
    CardClass,
    ElderlyCertificate,
    InsuredKey,
    InsuredPay,
    JudgedIncome,
    LimitCertificate,
    LossReason,
    Qualification,
    Reference,
    Relation,
    Validity,
)
from himozuke.rules.loader import load

RULES = load()
DIED = date(2026, 5, 10)
AFTER = date(2026, 5, 11)
ELDERLY = InsuredKey("39131156", "", "00012345", "")


def standing(on: date, **changes: Any) -> Qualification:
    return by_law([qualification(**changes)], on, rules=RULES)[0]


def asked(on: date, *held: Qualification, key: InsuredKey = KEY) -> Validity:
    return find(by_law(held, on, rules=RULES), on=on, reference=Reference.INSURED_NUMBER, key=key).validity


@pytest.mark.seed("S58")
def test_a_qualification_ends_on_the_day_after_death() -> None:
    held = qualification(died_on=DIED)

    assert asked(DIED, held) is Validity.VALID
    assert asked(AFTER, held) is Validity.INVALID
    ended = standing(AFTER, died_on=DIED)
    assert (ended.lost_on, ended.loss_reason) == (AFTER, LossReason.DEATH)


def test_a_notice_of_death_that_came_adds_only_its_reason() -> None:
    ended = standing(AFTER, died_on=DIED, lost_on=AFTER)

    assert (ended.lost_on, ended.loss_reason) == (AFTER, LossReason.DEATH)


def test_an_earlier_loss_stands_before_a_death() -> None:
    left = {"lost_on": date(2026, 4, 1), "loss_reason": LossReason.OTHER_INSURANCE}

    ended = standing(AFTER, died_on=DIED, **left)

    assert (ended.lost_on, ended.loss_reason) == (date(2026, 4, 1), LossReason.OTHER_INSURANCE)


def test_the_number_of_somebody_dead_before_the_insurance_began_shows_nothing() -> None:
    assert asked(AFTER, qualification(died_on=date(2024, 3, 31))) is Validity.NONE
    assert asked(AFTER, qualification(died_on=date(2024, 4, 1))) is Validity.INVALID


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("on", "validity"), [(date(2026, 9, 30), Validity.VALID), (date(2026, 10, 1), Validity.INVALID)]
)
def test_every_other_insurance_ends_with_the_75th_birthday(on: date, validity: Validity) -> None:
    held = qualification(birth_date=date(1951, 10, 1))

    assert asked(on, held) is validity
    if validity is Validity.INVALID:
        assert standing(on, birth_date=date(1951, 10, 1)).loss_reason is LossReason.OTHER_INSURANCE


def test_elderly_medical_care_takes_over_on_that_day() -> None:
    born = date(1951, 10, 1)
    society = qualification(1, birth_date=born)
    elderly = qualification(2, key=ELDERLY, birth_date=born, acquired_on=born.replace(year=2026))

    day = date(2026, 10, 1)
    assert asked(day, society, elderly) is Validity.INVALID_WITH_NEWER
    assert asked(day, society, elderly, key=ELDERLY) is Validity.VALID
    by_card = find(by_law([society, elderly], day, rules=RULES), on=day, reference=Reference.CARD)
    assert (by_card.validity, [one.qualification_id for one in by_card.shown]) == (Validity.VALID, [2])


def test_public_assistance_does_not_end_at_75() -> None:
    held = qualification(birth_date=date(1940, 1, 1), card_class=CardClass.PUBLIC_ASSISTANCE)

    assert asked(date(2026, 4, 1), held) is Validity.VALID_UNREGISTERED


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("birth", "percent"),
    [(date(2022, 5, 1), 20), (date(1989, 3, 31), 30), (date(1953, 9, 1), 20), (date(1956, 5, 3), 30)],
)
def test_without_a_certificate_the_copay_is_by_age(birth: date, percent: int) -> None:
    held = standing(date(2026, 5, 20), birth_date=birth)

    assert (held.copay_percent, held.is_copay_by_age) == (percent, True)


def test_from_70_to_74_the_certificate_of_an_elderly_recipient_is_filled_in() -> None:
    held = standing(date(2026, 5, 20), birth_date=date(1953, 9, 1))

    assert held.elderly == ElderlyCertificate(None, date(2024, 4, 1), date(2026, 7, 31), 20)
    assert standing(date(2026, 8, 1), birth_date=date(1951, 10, 1)).elderly == ElderlyCertificate(
        None, date(2024, 4, 1), date(2026, 9, 30), 20
    )


def test_a_certificate_that_holds_on_the_day_decides() -> None:
    active = ElderlyCertificate(None, date(2025, 8, 1), date(2026, 7, 31), 30)

    held = standing(date(2026, 7, 31), birth_date=date(1953, 9, 1), elderly=active)
    later = standing(date(2026, 8, 1), birth_date=date(1953, 9, 1), elderly=active)

    assert (held.copay_percent, held.is_copay_by_age, held.elderly) == (30, False, active)
    assert (later.copay_percent, later.is_copay_by_age) == (20, True)


def test_in_elderly_medical_care_the_insurer_says_the_ratio_else_the_age() -> None:
    on, born = date(2026, 5, 20), date(1943, 10, 30)

    said = standing(on, key=ELDERLY, birth_date=born, elderly_ratio=20)
    unsaid = standing(on, key=ELDERLY, birth_date=born)

    assert (said.copay_percent, said.is_copay_by_age) == (20, False)
    assert (unsaid.copay_percent, unsaid.elderly_ratio, unsaid.is_copay_by_age) == (10, 10, True)


def test_what_has_ended_says_no_copay() -> None:
    assert standing(AFTER, died_on=DIED).copay_percent is None


def test_what_stands_in_law_stands_when_it_is_judged_again() -> None:
    cases: tuple[dict[str, Any], ...] = (
        {"died_on": DIED},
        {"birth_date": date(1953, 9, 1)},
        {"birth_date": date(1940, 1, 1)},
        {"birth_date": AT_71, "pay": InsuredPay(300_000, AT_71)},
        {"birth_date": AT_71, "key": ELDERLY, "income": RICH},
    )
    for changes in cases:
        once = by_law([qualification(**changes)], AFTER, rules=RULES)

        assert by_law(once, AFTER, rules=RULES) == once


# --- income and pay ----------------------------------------------------------------------------------------------

ON = date(2026, 5, 20)
AT_71 = date(1955, 1, 1)
RICH = JudgedIncome(HouseholdIncome(1_450_000, 3_830_000, 1), date(2025, 8, 1), date(2026, 7, 31))
MIDDLE = JudgedIncome(HouseholdIncome(280_000, 2_000_000, 1), date(2022, 8, 1), date(2026, 7, 31))
POORER = JudgedIncome(HouseholdIncome(1_450_000, 3_829_999, 1), date(2025, 8, 1), date(2026, 7, 31))
NATIONAL = InsuredKey("138057", "記", "1", "")


def limit(income_class: str) -> list[LimitCertificate]:
    return [LimitCertificate("01", income_class, None, date(2022, 1, 1), None)]


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("changes", "percent", "basis"),
    [
        # the pay of an employee of 70: the grade of 280,000 begins at 270,000
        ({"pay": InsuredPay(269_999, AT_71)}, 20, "pay"),
        ({"pay": InsuredPay(270_000, AT_71)}, 30, "pay"),
        ({"pay": InsuredPay(270_000, AT_71), "income": POORER}, 20, "pay"),
        ({"pay": InsuredPay(270_000, AT_71), "income": RICH}, 30, "pay"),
        # a dependent of 71 follows the insured person, who must be 70 himself
        ({"pay": InsuredPay(500_000, date(1956, 4, 2)), "relation": Relation.DEPENDENT}, 30, "pay"),
        ({"pay": InsuredPay(500_000, date(1956, 5, 2)), "relation": Relation.DEPENDENT}, 20, "pay"),
        ({"pay": InsuredPay(500_000, None), "relation": Relation.DEPENDENT}, 20, "age"),
        ({}, 20, "age"),
        # a certificate decides against everything else, then the class of a limit certificate
        (
            {
                "elderly": ElderlyCertificate(None, date(2025, 8, 1), date(2026, 7, 31), 20),
                "pay": InsuredPay(270_000, AT_71),
            },
            20,
            "certificate",
        ),
        ({"limits": limit("B02"), "pay": InsuredPay(100_000, AT_71)}, 30, "limit"),
        ({"limits": limit("B04"), "pay": InsuredPay(500_000, AT_71)}, 20, "limit"),
        # national health insurance: the income alone, and no pay
        ({"key": NATIONAL, "income": RICH}, 30, "income"),
        ({"key": NATIONAL, "income": MIDDLE}, 20, "income"),
        ({"key": NATIONAL, "pay": InsuredPay(500_000, AT_71)}, 20, "age"),
    ],
)
def test_from_70_to_74_pay_and_income_decide(changes: dict[str, Any], percent: int, basis: str) -> None:
    held = standing(ON, birth_date=AT_71, **changes)

    assert (held.copay_percent, held.copay_basis) == (percent, basis)
    assert held.elderly is not None
    assert held.elderly.ratio == percent  # the XML face says the same


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("on", "changes", "percent", "basis"),
    [
        (date(2022, 9, 30), {"income": MIDDLE}, 10, "income"),
        (date(2022, 10, 1), {"income": MIDDLE}, 20, "income"),
        (date(2026, 7, 31), {"income": RICH}, 30, "income"),
        (date(2026, 8, 1), {"income": RICH}, 10, "age"),  # judged for a year, and the year is over
        (date(2022, 9, 30), {"limits": limit("B09")}, 10, "limit"),
        (date(2022, 10, 1), {"limits": limit("B09")}, 20, "limit"),
        (date(2026, 5, 1), {"limits": limit("B10")}, 10, "limit"),
        (date(2026, 5, 1), {"limits": limit("B03")}, 30, "limit"),
        (date(2026, 5, 1), {"elderly_ratio": 30, "income": MIDDLE}, 30, "certificate"),
        (date(2026, 5, 1), {}, 10, "age"),
    ],
)
def test_in_elderly_medical_care_income_decides(on: date, changes: dict[str, Any], percent: int, basis: str) -> None:
    held = standing(on, key=ELDERLY, birth_date=date(1940, 10, 30), acquired_on=date(2015, 10, 30), **changes)

    assert (held.copay_percent, held.copay_basis, held.elderly_ratio) == (percent, basis, percent)


def test_younger_people_pay_by_age_whatever_they_earn() -> None:
    held = standing(ON, pay=InsuredPay(1_390_000, date(1989, 3, 31)))

    assert (held.copay_percent, held.copay_basis, held.is_share_unsure) == (30, "age", False)


def test_only_a_share_that_hangs_on_an_unknown_income_is_unsure() -> None:
    assert standing(ON, birth_date=AT_71).is_share_unsure
    assert standing(ON, key=ELDERLY, birth_date=date(1940, 1, 1)).is_share_unsure
    assert not standing(ON, birth_date=AT_71, pay=InsuredPay(1, AT_71)).is_share_unsure
