"""What the patient pays, and what the counter does when the reader's answer does not settle it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.eligibility.copay import HouseholdIncome, Income, age_band, income_class, ratio
from himozuke.eligibility.counter import (
    ClaimTier,
    ComparedWith,
    DeemedBasis,
    Failure,
    FirstOrAgain,
    acceptance,
    claim_tier,
    compared_with,
    insurer_kind,
    may_use_outage_mode,
    next_steps,
    oral_checklist,
)
from himozuke.rules.loader import load

RULES = load()


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(
    ("birth", "on", "income", "percent"),
    [
        (date(2020, 4, 1), date(2026, 3, 31), "ordinary", 20),
        (date(2020, 4, 1), date(2026, 4, 1), "ordinary", 30),
        (date(2020, 4, 2), date(2026, 4, 1), "ordinary", 20),
        (date(1990, 1, 1), date(2026, 11, 1), "active", 30),
        (date(1956, 4, 1), date(2026, 3, 31), "ordinary", 30),
        (date(1956, 4, 1), date(2026, 4, 1), "ordinary", 20),
        (date(1956, 4, 2), date(2026, 4, 30), "ordinary", 30),
        (date(1956, 4, 2), date(2026, 5, 1), "ordinary", 20),
        (date(1955, 1, 1), date(2026, 5, 1), "active", 30),
        (date(1944, 4, 1), date(2018, 5, 1), "ordinary", 10),
        (date(1944, 4, 2), date(2018, 5, 1), "ordinary", 20),
        (date(1951, 11, 25), date(2026, 11, 24), "ordinary", 20),
        (date(1951, 11, 25), date(2026, 11, 25), "ordinary", 10),
        (date(1945, 1, 1), date(2022, 9, 30), "some", 10),
        (date(1945, 1, 1), date(2022, 10, 1), "some", 20),
        (date(1945, 1, 1), date(2022, 10, 1), "active", 30),
    ],
)
def test_the_share_follows_age_income_and_the_day_of_service(
    birth: date, on: date, income: Income, percent: int
) -> None:
    assert ratio(birth, on, rules=RULES, income=income) == percent


@given(st.dates(date(1920, 1, 1), date(2025, 1, 1)), st.dates(date(2015, 10, 5), date(2030, 1, 1)))
def test_everybody_pays_one_of_three_shares_on_every_day(birth: date, on: date) -> None:
    assert ratio(birth, on, rules=RULES) in {10, 20, 30}


def test_whoever_was_born_on_29_february_is_75_on_1_march() -> None:
    born = date(1948, 2, 29)

    assert age_band(born, date(2023, 2, 28), rules=RULES) == "from_70"
    assert age_band(born, date(2023, 3, 1), rules=RULES) == "elderly_medical"


@pytest.mark.parametrize(
    ("household", "on", "expected"),
    [
        (None, date(2026, 1, 1), "ordinary"),
        (HouseholdIncome(1_450_000, 3_830_000, 1), date(2026, 1, 1), "active"),
        (HouseholdIncome(1_450_000, 3_829_999, 1), date(2026, 1, 1), "some"),
        (HouseholdIncome(1_450_000, 5_199_999, 2), date(2026, 1, 1), "some"),
        (HouseholdIncome(1_449_999, 9_000_000, 1), date(2026, 1, 1), "some"),
        (HouseholdIncome(280_000, 2_000_000, 1), date(2022, 9, 30), "ordinary"),
        (HouseholdIncome(280_000, 2_000_000, 1), date(2022, 10, 1), "some"),
        (HouseholdIncome(280_000, 3_199_999, 2), date(2022, 10, 1), "ordinary"),
    ],
)
def test_income_is_judged_by_the_thresholds_of_the_day(
    household: HouseholdIncome | None, on: date, expected: str
) -> None:
    assert income_class(household, on, rules=RULES) == expected


@pytest.mark.seed("S09", "S10", "S83")
@pytest.mark.parametrize(
    ("evidence", "on", "expected"),
    [
        ("insurance_card", date(2024, 12, 1), "yes"),
        ("insurance_card", date(2025, 12, 1), "yes"),
        ("insurance_card", date(2025, 12, 2), "after_inquiry"),
        ("insurance_card", date(2026, 4, 1), "no"),
        ("eligibility_certificate", date(2024, 12, 1), "no"),
        ("eligibility_certificate", date(2024, 12, 2), "yes"),
        ("eligibility_notice", date(2025, 12, 1), "no"),
        ("eligibility_notice", date(2026, 3, 31), "yes"),
        ("eligibility_notice", date(2026, 4, 1), "no"),
        ("declaration", date(2023, 7, 31), "no"),
        ("declaration", date(2023, 8, 1), "yes"),
    ],
)
def test_papers_are_taken_by_the_day_of_the_visit(evidence: str, on: date, expected: str) -> None:
    assert acceptance(evidence, on, rules=RULES) == expected


@pytest.mark.parametrize(
    ("number", "on", "card", "notice"),
    [
        ("39130000", date(2025, 7, 31), "yes", "no"),
        ("39130000", date(2025, 8, 1), "after_inquiry", "yes"),
        ("139907", date(2025, 8, 1), "after_inquiry", "yes"),
        ("06130488", date(2025, 8, 1), "yes", "no"),
        ("", date(2025, 8, 1), "yes", "no"),
        ("06130488", date(2025, 12, 2), "after_inquiry", "yes"),
        ("139907", date(2026, 4, 1), "no", "no"),
    ],
)
def test_cards_of_national_and_elderly_insurance_ended_before_the_others(
    number: str, on: date, card: str, notice: str
) -> None:
    kind = insurer_kind(number)

    assert acceptance("insurance_card", on, rules=RULES, insurer=kind) == card
    assert acceptance("eligibility_notice", on, rules=RULES, insurer=kind) == notice


@pytest.mark.seed("S82", "S82a")
@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_a_next_step_and_the_declaration_is_the_last(failure: Failure) -> None:
    steps = next_steps(failure, date(2026, 11, 25), rules=RULES)

    assert [step.evidence for step in steps] == ["portal", "eligibility_certificate", "declaration"]


@pytest.mark.seed("S82")
def test_there_are_two_kinds_of_failure_with_eight_reasons() -> None:
    assert len(Failure) == 8


def test_an_expired_card_is_no_step_where_nothing_can_be_inquired() -> None:
    in_grace = date(2026, 1, 10)

    assert "insurance_card" in [step.evidence for step in next_steps(Failure.READER_BROKEN, in_grace, rules=RULES)]
    assert "insurance_card" not in [step.evidence for step in next_steps(Failure.NETWORK_DOWN, in_grace, rules=RULES)]


@pytest.mark.seed("S82f")
def test_the_failure_mode_is_for_failures_of_the_network() -> None:
    assert [failure for failure in Failure if may_use_outage_mode(failure)] == [Failure.NETWORK_DOWN]


@pytest.mark.seed("S82b")
@given(st.booleans(), st.booleans(), st.booleans())
def test_a_declaration_is_deemed_given_only_on_all_three_grounds(seen: bool, unchanged: bool, known: bool) -> None:
    assert DeemedBasis(seen, unchanged, known).suffices == (seen and unchanged and known)


@pytest.mark.seed("S82d")
def test_a_claim_goes_to_the_current_then_the_past_then_the_unknown_insurer() -> None:
    assert claim_tier(is_current_confirmed=True, knows_past=True) is ClaimTier.CURRENT
    assert claim_tier(is_current_confirmed=False, knows_past=True) is ClaimTier.PAST
    assert claim_tier(is_current_confirmed=False, knows_past=False) is ClaimTier.UNKNOWN


@pytest.mark.seed("S79", "S80")
def test_the_answer_is_laid_beside_the_form_the_record_or_the_patients_words() -> None:
    assert compared_with(FirstOrAgain.FIRST, has_record=True) is ComparedWith.INTAKE_FORM
    assert compared_with(FirstOrAgain.AGAIN, has_record=True) is ComparedWith.STORED_PATIENT
    assert compared_with(FirstOrAgain.AGAIN, has_record=False) is ComparedWith.ORAL
    assert oral_checklist(address="")[-1] == "insurer_name"
    assert oral_checklist(address="東京都")[-1] == "address"
