"""Every border of age, month and day: what the patient pays, and what is valid, on the day before and on the day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from qualifications import KEY, qualification

from himozuke.eligibility.by_law import by_law
from himozuke.eligibility.copay import Income, age_band, birthday, first_day_of_70, last_day_of_preschool, ratio
from himozuke.eligibility.decide import find, last_day_of_use
from himozuke.eligibility.model import CardClass, InsuredKey, LossReason, Qualification, Reference, Validity
from himozuke.rules.loader import load

RULES = load()
OTHER = InsuredKey("06132013", "9", "1", "00")


# --- ages: reached at the end of the day before the birthday (年齢計算ニ関スル法律) --------------------------------------


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("birth", "first_day"),
    [
        (date(1956, 4, 1), date(2026, 4, 1)),  # born on the first: 70 on 31 March, the share in the same month
        (date(1956, 4, 2), date(2026, 5, 1)),
        (date(1956, 4, 30), date(2026, 5, 1)),  # the last of a month
        (date(1956, 5, 1), date(2026, 5, 1)),
        (date(1956, 5, 31), date(2026, 6, 1)),
        (date(1956, 12, 31), date(2027, 1, 1)),  # over the end of a year
        (date(1957, 1, 1), date(2027, 1, 1)),
        (date(1956, 2, 28), date(2026, 3, 1)),
        (date(1956, 2, 29), date(2026, 3, 1)),  # 70 on 28 February, since there is no 29th
        (date(1956, 3, 1), date(2026, 3, 1)),
        (date(1954, 2, 28), date(2024, 3, 1)),  # into a leap year
        (date(1954, 3, 1), date(2024, 3, 1)),
    ],
)
def test_the_share_of_70_begins_with_the_month_after_the_age_is_reached(birth: date, first_day: date) -> None:
    eve = date.fromordinal(first_day.toordinal() - 1)

    assert first_day_of_70(birth, 70) == first_day
    assert [age_band(birth, on, rules=RULES) for on in (eve, first_day)] == ["general", "from_70"]
    assert [ratio(birth, on, rules=RULES) for on in (eve, first_day)] == [30, 20]


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("birth", "first_day"),
    [
        (date(1951, 4, 1), date(2026, 4, 1)),
        (date(1951, 4, 2), date(2026, 4, 2)),  # on the birthday itself, whatever the month
        (date(1951, 4, 30), date(2026, 4, 30)),
        (date(1951, 12, 31), date(2026, 12, 31)),
        (date(1948, 2, 29), date(2023, 3, 1)),
        (date(1949, 2, 28), date(2024, 2, 28)),
        (date(1949, 3, 1), date(2024, 3, 1)),
    ],
)
def test_elderly_medical_care_begins_on_the_75th_birthday(birth: date, first_day: date) -> None:
    eve = date.fromordinal(first_day.toordinal() - 1)
    held = qualification(birth_date=birth, acquired_on=date(2015, 10, 5))

    assert birthday(birth, 75) == first_day
    assert [age_band(birth, on, rules=RULES) for on in (eve, first_day)] == ["from_70", "elderly_medical"]
    assert [by_number(held, on=on) for on in (eve, first_day)] == [Validity.VALID, Validity.INVALID]
    [until] = {one.elderly.valid_until for one in by_law([held], eve, rules=RULES) if one.elderly}
    assert until == eve  # the certificate of an elderly recipient ends on the eve


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("birth", "last_day"),
    [
        (date(2020, 3, 31), date(2026, 3, 31)),
        (date(2020, 4, 1), date(2026, 3, 31)),  # six on 31 March
        (date(2020, 4, 2), date(2027, 3, 31)),
        (date(2020, 2, 29), date(2026, 3, 31)),
        (date(2019, 12, 31), date(2026, 3, 31)),
    ],
)
def test_school_age_begins_on_1_april(birth: date, last_day: date) -> None:
    after = date.fromordinal(last_day.toordinal() + 1)

    assert last_day_of_preschool(birth, 6) == last_day
    assert [ratio(birth, on, rules=RULES) for on in (last_day, after)] == [20, 30]


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("birth", "on", "income", "percent"),
    [
        # the step of April 2014: whoever was 70 before it is held at 10 % until 75
        (date(1944, 4, 1), date(2015, 10, 5), "ordinary", 10),
        (date(1944, 4, 1), date(2019, 3, 31), "ordinary", 10),
        (date(1944, 4, 2), date(2015, 10, 5), "ordinary", 20),
        (date(1944, 4, 2), date(2019, 4, 1), "ordinary", 20),
        (date(1944, 4, 2), date(2019, 4, 2), "ordinary", 10),  # 75
        (date(1944, 4, 1), date(2018, 1, 1), "active", 30),
        (date(1944, 4, 1), date(2018, 1, 1), "some", 10),
        # the 20 % of October 2022
        (date(1940, 1, 1), date(2022, 9, 30), "ordinary", 10),
        (date(1940, 1, 1), date(2022, 9, 30), "some", 10),
        (date(1940, 1, 1), date(2022, 9, 30), "active", 30),
        (date(1940, 1, 1), date(2022, 10, 1), "ordinary", 10),
        (date(1940, 1, 1), date(2022, 10, 1), "some", 20),
        (date(1940, 1, 1), date(2022, 10, 1), "active", 30),
        # it is no step for those of 70 to 74
        (date(1950, 1, 1), date(2022, 9, 30), "some", 20),
        (date(1950, 1, 1), date(2022, 10, 1), "some", 20),
    ],
)
def test_the_steps_of_2014_and_2022(birth: date, on: date, income: Income, percent: int) -> None:
    assert ratio(birth, on, rules=RULES, income=income) == percent


# --- validity by the day asked --------------------------------------------------------------------------------------

STOOD: Mapping[str, Any] = {"acquired_on": date(2025, 4, 1), "lost_on": date(2026, 10, 1)}
LATER: Mapping[str, Any] = {"acquired_on": date(2026, 10, 1), "key": OTHER}


def by_number(*held: Qualification, on: date, key: InsuredKey = KEY) -> Validity:
    standing = by_law(held, on, rules=RULES)
    return find(standing, on=on, reference=Reference.INSURED_NUMBER, key=key).validity


def by_card(*held: Qualification, on: date) -> Validity:
    return find(by_law(held, on, rules=RULES), on=on, reference=Reference.CARD).validity


@pytest.mark.seed("S58")
@pytest.mark.parametrize(
    ("on", "by_old_number", "by_new_number", "with_card"),
    [
        (date(2025, 3, 31), "4", "4", "4"),  # the eve of the first day
        (date(2025, 4, 1), "1", "4", "1"),
        (date(2026, 9, 30), "1", "4", "1"),  # the last day
        (date(2026, 10, 1), "3", "1", "1"),  # the day of loss is the first day of the next
        (date(2026, 10, 2), "3", "1", "1"),
        (date(2030, 1, 1), "3", "1", "1"),  # a day to come, as far as is known
    ],
)
def test_two_insurances_that_follow_each_other(
    on: date, by_old_number: str, by_new_number: str, with_card: str
) -> None:
    held = [qualification(1, **STOOD), qualification(2, **LATER)]

    told = (by_number(*held, on=on), by_number(*held, on=on, key=OTHER), by_card(*held, on=on))

    assert told == (by_old_number, by_new_number, with_card)


@pytest.mark.parametrize(
    ("on", "number", "card"),
    [(date(2026, 9, 30), "1", "1"), (date(2026, 10, 1), "2", "2"), (date(2026, 10, 2), "2", "2")],
)
def test_an_insurance_that_ends_with_nothing_after_it(on: date, number: str, card: str) -> None:
    held = qualification(**STOOD)

    assert (by_number(held, on=on), by_card(held, on=on)) == (number, card)


def test_days_on_which_two_insurances_hold_are_several_by_card_and_one_by_number() -> None:
    held = [qualification(1, **STOOD), qualification(2, **{**LATER, "acquired_on": date(2026, 9, 30)})]

    assert [by_card(*held, on=date(2026, 9, day)) for day in (29, 30)] == ["1", "5"]
    assert by_card(*held, on=date(2026, 10, 1)) == "1"
    assert by_number(*held, on=date(2026, 9, 30)) == "1"


def test_a_gap_between_two_insurances_is_told_as_it_is() -> None:
    held = [qualification(1, **STOOD), qualification(2, **{**LATER, "acquired_on": date(2026, 10, 3)})]

    assert [by_number(*held, on=date(2026, 10, day)) for day in (1, 2, 3)] == ["2", "2", "3"]


@pytest.mark.parametrize(
    ("changes", "on", "validity", "reason"),
    [
        ({"died_on": date(2026, 5, 31)}, date(2026, 5, 31), "1", None),
        ({"died_on": date(2026, 5, 31)}, date(2026, 6, 1), "2", LossReason.DEATH),
        ({"died_on": date(2024, 2, 28)}, date(2024, 2, 29), "4", None),  # dead before it began
        ({"birth_date": date(1951, 6, 1), "died_on": date(2026, 5, 31)}, date(2026, 6, 1), "2", LossReason.DEATH),
        (
            {"birth_date": date(1951, 6, 1), "died_on": date(2026, 6, 1)},
            date(2026, 6, 1),
            "2",
            LossReason.OTHER_INSURANCE,
        ),
        ({"birth_date": date(1930, 1, 1), "card_class": CardClass.PUBLIC_ASSISTANCE}, date(2026, 6, 1), "6", None),
    ],
)
def test_death_and_75_on_one_day(
    changes: Mapping[str, Any], on: date, validity: str, reason: LossReason | None
) -> None:
    held = qualification(**changes)

    assert by_number(held, on=on) == validity
    [standing] = by_law([held], on, rules=RULES)
    assert standing.loss_reason == reason


def test_public_assistance_is_valid_without_a_voucher_and_never_one_of_several() -> None:
    assistance = qualification(3, card_class=CardClass.PUBLIC_ASSISTANCE, **LATER)
    insured, second = qualification(1), qualification(2)
    on = date(2026, 10, 1)

    assert [by_card(assistance, on=day) for day in (date(2026, 9, 30), on)] == ["4", "6"]
    assert by_number(assistance, on=on, key=OTHER) == "6"
    assert by_card(insured, assistance, on=on) == "1"
    assert by_card(insured, second, assistance, on=on) == "5"


@pytest.mark.seed("S82")
@pytest.mark.parametrize(
    ("certificate_until", "last_day"),
    [
        (date(2026, 1, 31), date(2026, 4, 30)),  # three months after the month of its end
        (date(2026, 1, 1), date(2026, 4, 30)),
        (date(2025, 11, 30), date(2026, 2, 28)),
        (date(2027, 11, 29), date(2028, 2, 29)),
        (date(2026, 12, 31), date(2027, 3, 31)),
        (date(2024, 12, 1), date(2024, 12, 1)),  # before the rule there were no months more
        (date(2024, 12, 2), date(2025, 3, 31)),
    ],
)
def test_a_card_serves_some_months_after_its_certificate(certificate_until: date, last_day: date) -> None:
    assert last_day_of_use(certificate_until, RULES) == last_day
