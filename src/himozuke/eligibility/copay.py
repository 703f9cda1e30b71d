"""What a patient pays at the counter: per cent by age, income and the day of service. Source: S82c."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from himozuke.rules.kinds import Row
from himozuke.rules.model import RuleBook
from himozuke.rules.schema import first_matching

AgeBand = Literal["preschool", "general", "from_70", "elderly_medical"]
Income = Literal["ordinary", "some", "active"]

_SCHOOL_YEAR_ENDS = (3, 31)
#: Income is judged anew every 1 August (S82c).
YEARLY_FROM = (8, 1)


@dataclass(frozen=True, slots=True)
class HouseholdIncome:
    """What the income of a person of 70 or more is judged by, in yen a year."""

    taxable: int
    income: int
    people: int


def age_band(birth: date, on: date, *, rules: RuleBook, is_elderly_medical: bool = False) -> AgeBand:
    """Say which of the four groups somebody belongs to on the day of service.

    An age is reached at the end of the day before the birthday. School age begins on 1 April after the
    sixth birthday; the rate of 70 on the first of the month after the birthday, for those born on the
    first in the same month; 75 on the birthday. ``is_elderly_medical``: taken in earlier for a disability.
    """
    if is_elderly_medical or on >= birthday(birth, rules.count("copay.age.elderly_medical", on)):
        return "elderly_medical"
    if on >= first_day_of_70(birth, rules.count("copay.age.elderly", on)):
        return "from_70"
    return "preschool" if on <= last_day_of_preschool(birth, rules.count("copay.age.school", on)) else "general"


def first_day_of_70(birth: date, elderly_age: int) -> date:
    """The first of the month after the one in which the age of an elderly recipient is reached.

    >>> first_day_of_70(date(1950, 5, 1), 70), first_day_of_70(date(1950, 5, 2), 70)
    (datetime.date(2020, 5, 1), datetime.date(2020, 6, 1))
    """
    reached = birthday(birth, elderly_age) - timedelta(days=1)
    return (reached.replace(day=1) + timedelta(days=32)).replace(day=1)


def last_day_of_preschool(birth: date, school_age: int) -> date:
    """The first 31 March on or after the day on which school age is reached.

    >>> last_day_of_preschool(date(2020, 4, 1), 6), last_day_of_preschool(date(2020, 4, 2), 6)
    (datetime.date(2026, 3, 31), datetime.date(2027, 3, 31))
    """
    reached = birthday(birth, school_age) - timedelta(days=1)
    end = date(reached.year, *_SCHOOL_YEAR_ENDS)
    return end if reached <= end else date(reached.year + 1, *_SCHOOL_YEAR_ENDS)


def birthday(birth: date, age: int) -> date:
    """The day of an age; whoever was born on 29 February has it on 1 March of other years."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 3, 1)


def income_class(household: HouseholdIncome | None, on: date, *, rules: RuleBook) -> Income:
    """Judge the income of a person of 70 or more; without figures it is ordinary.

    A threshold of 0 says that there is no such class on the day.
    """
    if household is None:
        return "ordinary"
    if _reaches("copay.active", household, on, rules):
        return "active"
    return "some" if _reaches("copay.some", household, on, rules) else "ordinary"


def year_of_income(on: date) -> tuple[date, date]:
    """The days for which income is judged alike, both included: from 1 August to 31 July.

    >>> year_of_income(date(2026, 7, 31)), year_of_income(date(2026, 8, 1))[0]
    ((datetime.date(2025, 8, 1), datetime.date(2026, 7, 31)), datetime.date(2026, 8, 1))
    """
    year = on.year - ((on.month, on.day) < YEARLY_FROM)
    return date(year, *YEARLY_FROM), date(year + 1, *YEARLY_FROM) - timedelta(days=1)


def income_by_pay(
    monthly_pay: int, insured_birth: date | None, household: HouseholdIncome | None, on: date, *, rules: RuleBook
) -> Income | None:
    """Judge by the pay of the insured person (報酬月額); None where his age is not known.

    Active from the pay on that the grade of 280,000 yen begins with, if he is 70 himself: else neither he nor those
    who depend on him are. A household whose income is known to lie below the limit of its size is not, either.
    Source: 健康保険法第74条第1項第3号, 健康保険法施行令第34条.
    """
    if insured_birth is None:
        return None
    if age_band(insured_birth, on, rules=rules) != "from_70" or monthly_pay < rules.count("copay.active.pay_from", on):
        return "ordinary"
    is_lower = household is not None and household.income < _income_needed("copay.active", household, on, rules)
    return "ordinary" if is_lower else "active"


def ratio(
    birth: date, on: date, *, rules: RuleBook, income: Income = "ordinary", is_elderly_medical: bool = False
) -> int:
    """Say how many per cent the patient pays on the day of service."""
    band = age_band(birth, on, rules=rules, is_elderly_medical=is_elderly_medical)
    specially_held = birth <= rules.day("copay.specially_held_born_until", on)
    facts: Row = {"age": band, "income": income, "specially_held": specially_held}
    percent = first_matching(rules.rows("copay.ratio", on), facts)["percent"]
    return int(percent)


def _reaches(key: str, household: HouseholdIncome, on: date, rules: RuleBook) -> bool:
    needed = _income_needed(key, household, on, rules)
    taxable = rules.count(f"{key}.taxable_from", on)
    return taxable > 0 and household.taxable >= taxable and household.income >= needed


def _income_needed(key: str, household: HouseholdIncome, on: date, rules: RuleBook) -> int:
    return rules.count(f"{key}.income_{'single' if household.people == 1 else 'several'}", on)
