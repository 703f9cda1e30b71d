"""What the law makes of a qualification whatever its insurer has recorded: death, the 75th birthday, the copay.

An insurer hears of a death by a notice that comes late or never, and of a birthday from nobody; what an
institution is told must not wait for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from himozuke.eligibility import copay
from himozuke.eligibility.copay import Income
from himozuke.eligibility.limits import limit_on
from himozuke.eligibility.model import CardClass, CopayBasis, ElderlyCertificate, LossReason, Qualification
from himozuke.rules.model import RuleBook

_ELDERLY_MEDICAL = "39"  # 法別番号: the first two of eight digits
_EIGHT = 8
_SOME = 20  # per cent, where the income is some
#: The income class of a limit certificate, from 70 on (OQSCD012), and what of it decides the share.
_INCOME_OF_LIMIT: Mapping[str, Income] = {
    **dict.fromkeys(("B01", "B02", "B03"), "active"),
    **dict.fromkeys(("B04", "B05", "B06", "B07", "B08", "B10"), "ordinary"),
    "B09": "some",
}


def by_law(held: Iterable[Qualification], on: date, *, rules: RuleBook) -> list[Qualification]:
    """Give qualifications as they stand in law on a day: ended where they ended, with what the patient pays."""
    return [_with_copay(_ended(one, on, rules), on, rules) for one in held]


def first_day(rules: RuleBook) -> date:
    """The first day on which the law of qualifications and copay is on record: before it nothing can be said.

    A question about an earlier day is refused before anybody is looked for, so that the refusal tells of nobody.
    """
    return max(entries[0].since for key, entries in rules.entries_by_key.items() if key.startswith("copay."))


def is_elderly_medical(held: Qualification) -> bool:
    """Tell whether the insurer is one of the medical care system for the elderly (後期高齢者医療)."""
    number = held.key.insurer_number
    return len(number) == _EIGHT and number.startswith(_ELDERLY_MEDICAL)


def _ended(held: Qualification, on: date, rules: RuleBook) -> Qualification:
    """End it on the day after death, and, save elderly medical care, on the 75th birthday; whichever comes first.

    A number whose bearer was dead before the insurance began cannot be this person's: then nothing is shown
    through it, as if its viewing were stopped. Source: 健康保険法第36条, 高齢者の医療の確保に関する法律第52条; OQSCD008.
    """
    if held.died_on is not None and held.died_on < held.acquired_on:
        return replace(held, restriction="ALL")
    ends = [(held.lost_on, held.loss_reason)] if held.lost_on is not None else []
    if held.died_on is not None:
        ends.append((held.died_on + timedelta(days=1), LossReason.DEATH))
    if held.birth_date is not None and not is_elderly_medical(held) and not _is_assistance(held):
        birthday = copay.birthday(held.birth_date, rules.count("copay.age.elderly_medical", on))
        ends.append((max(birthday, held.acquired_on), LossReason.OTHER_INSURANCE))
    if not ends:
        return held
    lost_on = min(end for end, _ in ends)
    reason = next((why for end, why in ends if end == lost_on and why is not None), None)
    return replace(held, lost_on=lost_on, loss_reason=reason) if lost_on <= on or lost_on == held.lost_on else held


def _with_copay(held: Qualification, on: date, rules: RuleBook) -> Qualification:
    """Say what the patient pays on the day: by the certificate that holds on it, else by age and income as known.

    From 70 to 74 the certificate of an elderly recipient is filled in, in elderly medical care the ratio: a
    clinic's software knows no other place for them.
    """
    if not held.covers(on):
        return held
    if is_elderly_medical(held):
        return _in_elderly_medical(held, on, rules)
    if held.elderly is not None and _holds(held.elderly, on):
        return replace(held, copay_percent=held.elderly.ratio, copay_basis=held.copay_basis or "certificate")
    if held.birth_date is None:
        return replace(held, elderly=None)
    income, basis = _income(held, on, rules)
    ratio = copay.ratio(held.birth_date, on, rules=rules, income=income)
    is_elderly = copay.age_band(held.birth_date, on, rules=rules) == "from_70"
    elderly = _certificate(held, held.birth_date, on, ratio, rules) if is_elderly else None
    return replace(held, elderly=elderly, copay_percent=ratio, copay_basis=basis if is_elderly else "age")


def _in_elderly_medical(held: Qualification, on: date, rules: RuleBook) -> Qualification:
    if held.elderly_ratio is not None and _ratio_holds(held, on, rules):
        return replace(held, copay_percent=held.elderly_ratio, copay_basis=held.copay_basis or "certificate")
    born = held.birth_date or date(on.year - rules.count("copay.age.elderly_medical", on), 1, 1)
    income, basis = _income(held, on, rules)
    ratio = copay.ratio(born, on, rules=rules, income=income, is_elderly_medical=True)
    return replace(held, elderly_ratio=ratio, copay_percent=ratio, copay_basis=basis)


def _income(held: Qualification, on: date, rules: RuleBook) -> tuple[Income, CopayBasis]:
    """The income of an older person and what tells it; ordinary by age where nothing does."""
    limit = limit_on(held.limits, on)
    if limit is not None and limit.income_class in _INCOME_OF_LIMIT:
        return _INCOME_OF_LIMIT[limit.income_class], "limit"
    judged = held.income if held.income and held.income.valid_from <= on <= held.income.valid_until else None
    household = judged.household if judged else None
    if is_employed(held):
        pay = held.pay
        by_pay = copay.income_by_pay(pay.monthly, pay.birth_date, household, on, rules=rules) if pay else None
        return (by_pay, "pay") if by_pay else ("ordinary", "age")
    return (copay.income_class(household, on, rules=rules), "income") if household else ("ordinary", "age")


def is_employed(held: Qualification) -> bool:
    """Tell whether the insurer is one of employees, where the pay of the insured person is what counts."""
    return len(held.key.insurer_number) == _EIGHT and not is_elderly_medical(held)


def _ratio_holds(held: Qualification, on: date, rules: RuleBook) -> bool:
    """Tell whether the ratio on record is that of the day: within its days, and where such a class is in law.

    Before 1 October 2022 nobody in elderly medical care paid 20 %.
    """
    after = held.elderly_ratio_from is None or held.elderly_ratio_from <= on
    before = held.elderly_ratio_until is None or on <= held.elderly_ratio_until
    has_class = held.elderly_ratio != _SOME or rules.count("copay.some.taxable_from", on) > 0
    return after and before and has_class


def _certificate(held: Qualification, born: date, on: date, ratio: int, rules: RuleBook) -> ElderlyCertificate:
    """The days on which a ratio by age holds: from 70, until income is judged anew or the person is 75."""
    last_day_before_75 = copay.birthday(born, rules.count("copay.age.elderly_medical", on)) - timedelta(days=1)
    until = min(copay.year_of_income(on)[1], last_day_before_75)
    begins = copay.first_day_of_70(born, rules.count("copay.age.elderly", on))
    return ElderlyCertificate(None, max(begins, held.acquired_on), until, ratio)


def _holds(certificate: ElderlyCertificate, on: date) -> bool:
    return certificate.valid_from <= on and (certificate.valid_until is None or on <= certificate.valid_until)


def _is_assistance(held: Qualification) -> bool:
    """Public assistance goes on after 75: who receives it is not taken into elderly medical care."""
    return held.card_class is CardClass.PUBLIC_ASSISTANCE
