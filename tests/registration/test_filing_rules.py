"""What is done with a notice, by the rules of its day, whoever files it and with whichever insurer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from registration_filings import TEXTS, filing

from himozuke import schemes
from himozuke.errors import RuleRefusedError
from himozuke.registration.decide import Desk, accept, items_to_inquire
from himozuke.registration.insurers import kind_of, scheme_of
from himozuke.registration.judge import Compared, agrees_in_all, judge, overlaps
from himozuke.registration.model import (
    Acceptance,
    Decision,
    Filing,
    Insurer,
    InsurerKind,
    NoticeKind,
    OverlapKind,
    Period,
)
from himozuke.rules.loader import load

RULES = load()
SOCIETY = Insurer(1, "06130017", InsurerKind.SOCIETY, "health_insurance")
ASSOCIATION = Insurer(1, "01130012", InsurerKind.ASSOCIATION, "health_insurance")
DAY = date(2026, 4, 1)


def decide(notice: Filing, insurer: Insurer = SOCIETY, *, on: date = DAY, is_by_employer: bool = False) -> Decision:
    return accept(notice, Desk(RULES, schemes.find(insurer.scheme), insurer, on, is_by_employer=is_by_employer))


def codes(decision: Decision) -> set[tuple[str, str]]:
    return {(problem.code, problem.item) for problem in decision.problems}


@pytest.mark.seed("S66")
def test_a_complete_notice_is_taken_with_both_last_days() -> None:
    decision = decide(filing())

    assert decision.acceptance is Acceptance.TAKE
    assert (decision.filing_due_on, decision.register_due_on) == (date(2026, 4, 6), date(2026, 4, 6))


@pytest.mark.seed("S66")
@pytest.mark.parametrize(
    "item",
    ["kana_name", "kanji_name", "birth_date", "sex", "acquisition_kind", "has_dependents", "pay_in_cash",
     "establishment_name", "establishment_address", "employer_name", "address"],
)  # fmt: skip
def test_each_item_of_the_form_is_asked_of_a_societys_members(item: str) -> None:
    decision = decide(filing(1001, {item: ""}))

    assert decision.acceptance is Acceptance.RETURN
    assert ("missing", item) in codes(decision)


@pytest.mark.seed("S66")
def test_sex_is_asked_by_societies_and_the_category_by_the_association() -> None:
    assert ("missing", "sex") not in codes(decide(filing(sex=""), ASSOCIATION))
    assert ("missing", "category") in codes(decide(filing(category=""), ASSOCIATION))
    assert ("missing", "category") not in codes(decide(filing(category=""), SOCIETY))


@pytest.mark.seed("S66")
def test_the_address_may_be_left_out_only_where_the_insurer_knows_it_or_does_not_ask() -> None:
    unasked = replace(SOCIETY, asks_address=False)
    confirming = replace(ASSOCIATION, confirms_items=True)

    assert decide(filing(address=""), unasked).acceptance is Acceptance.TAKE
    assert decide(filing(address=""), confirming).acceptance is Acceptance.TAKE
    assert decide(filing(address=""), ASSOCIATION).acceptance is Acceptance.RETURN


@pytest.mark.seed("S60", "S61")
@pytest.mark.parametrize("insurer", [replace(SOCIETY, asks_address=False), replace(ASSOCIATION, confirms_items=True)])
def test_without_number_the_address_is_needed_even_where_it_is_not_asked(insurer: Insurer) -> None:
    decision = decide(filing(None, address=""), insurer)

    assert decision.acceptance is Acceptance.RETURN
    assert codes(decision) == {("needed_without_number", "address"), ("number_missing", "individual_number")}


@pytest.mark.seed("S61", "S85")
def test_four_items_were_enough_until_may_2023_and_five_are_needed_from_june() -> None:
    early = filing(None, event_on=date(2023, 5, 31), kana_name="")
    late = filing(None, event_on=date(2023, 6, 1), kana_name="")
    scheme = schemes.find("health_insurance")

    assert items_to_inquire(early, scheme, RULES) == ("kanji_name", "birth_date", "sex", "address")
    with pytest.raises(RuleRefusedError, match="S61"):
        items_to_inquire(late, scheme, RULES)


@pytest.mark.seed("S60")
def test_the_basic_pension_number_stands_for_no_number_where_a_link_is_to_be_made() -> None:
    decision = decide(filing(None, basic_pension_number="1234567890", address=""), ASSOCIATION)

    assert decision.acceptance is Acceptance.RETURN


def test_a_number_with_a_wrong_check_digit_goes_back_as_a_slip() -> None:
    good = filing()
    assert good.individual_number is not None
    wrong = replace(good, individual_number=replace(good.individual_number, value=good.individual_number.value ^ 1))

    assert codes(decide(wrong)) == {("check_digit", "individual_number")}


@pytest.mark.parametrize("item", ["acquisition_kind", "category", "has_dependents"])
def test_codes_that_the_form_does_not_know_go_back(item: str) -> None:
    decision = decide(filing(1001, {item: "99"}))

    assert decision.acceptance is Acceptance.RETURN
    assert codes(decision) == {("not_a_code", item)}
    assert decide(filing(1001, {item: "１"})).acceptance is Acceptance.TAKE


def test_a_reason_of_loss_that_the_form_does_not_know_goes_back() -> None:
    def ended(reason: str) -> Decision:
        return decide(replace(filing(None, end_reason=reason), kind=NoticeKind.LOSS))

    assert codes(ended("99")) == {("not_a_code", "end_reason")}
    assert {ended(reason).acceptance for reason in ("4", "5", "7", "9", "11")} == {Acceptance.TAKE}


@pytest.mark.seed("S67")
def test_voluntary_continuation_is_never_filed_by_an_employer_and_has_no_filing_period() -> None:
    voluntary = filing(acquisition_kind="voluntary", establishment_name="", employer_name="", pay_in_cash="")

    assert ("voluntary_by_employer", "acquisition_kind") in codes(decide(voluntary, is_by_employer=True))
    taken = decide(voluntary)
    assert taken.acceptance is Acceptance.TAKE
    assert (taken.filing_due_on, taken.register_due_on) == (None, date(2026, 4, 6))


@pytest.mark.seed("S69")
def test_the_insurers_period_began_to_exist_in_june_2023() -> None:
    before = decide(filing(event_on=date(2023, 5, 1)), on=date(2023, 5, 8))
    after = decide(filing(event_on=date(2023, 6, 1)), on=date(2023, 6, 1))

    assert before.register_due_on is None
    assert after.register_due_on == date(2023, 6, 6)


@pytest.mark.seed("S101")
@given(st.integers(1, 400))
def test_before_its_day_a_complete_notice_is_prepared_and_its_periods_begin_on_the_day(days: int) -> None:
    event = DAY + timedelta(days=days)

    decision = decide(filing(event_on=event))

    assert decision.acceptance is Acceptance.PREPARE
    assert decision.filing_due_on is not None
    assert decision.filing_due_on >= event + timedelta(days=5)
    assert decision.register_due_on == decision.filing_due_on


@pytest.mark.parametrize("event", [date(2015, 10, 4), date(2031, 1, 1)])
def test_a_day_outside_of_rules_and_calendar_is_returned_and_never_guessed(event: date) -> None:
    assert codes(decide(filing(event_on=event))) == {("event_out_of_range", "qualified_on")}


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({"birth_date": "1975-02-30"}, "not_a_date"),
        ({"birth_date": "不詳"}, "not_a_date"),
        ({"birth_date": "2026-04-02"}, "born_after_event"),
        ({"sex": "9"}, "not_a_sex"),
        ({"basic_pension_number": "12345"}, "not_a_pension_number"),
    ],
)
def test_values_that_cannot_be_compared_go_back(texts: dict[str, str], code: str) -> None:
    assert code in {problem.code for problem in decide(filing(1001, texts)).problems}


def test_a_dependent_needs_its_insured_person_and_relation() -> None:
    child = Filing(NoticeKind.DEPENDENT_ADDED, DAY, TEXTS | {"number": "", "relation": ""}, filing().individual_number)

    assert codes(decide(child)) == {("missing", "number"), ("missing", "relation")}


@pytest.mark.parametrize(
    ("number", "kind", "scheme"),
    [
        ("06130017", InsurerKind.SOCIETY, "health_insurance"),
        ("01130012", InsurerKind.ASSOCIATION, "health_insurance"),
        ("31130010", InsurerKind.MUTUAL_AID, "health_insurance"),
        ("138057", InsurerKind.NATIONAL, "national_health_insurance"),
        ("39131156", InsurerKind.ELDERLY, "elderly_medical"),
    ],
)
def test_an_insurer_number_tells_kind_and_scheme(number: str, kind: InsurerKind, scheme: str) -> None:
    assert kind_of(number) is kind
    assert scheme_of(kind) == scheme


@pytest.mark.parametrize("number", ["", "6130017", "99130017", "0613001x", "０６１３００１７"])
def test_what_is_no_insurer_number_tells_nothing(number: str) -> None:
    assert kind_of(number) is None


def compared(verdict: str = "PROVEN", restriction: str = "NONE", table: str = "NONE", action: str = "none") -> Compared:
    return Compared(verdict, restriction, table, action, ["equal"] * 5, "digest")


@pytest.mark.seed("S53")
@pytest.mark.parametrize(
    ("found", "follows", "state", "restriction", "needs_case"),
    [
        (compared(), True, "released", "NONE", False),
        (compared("REFUTED", "ALL", "ALL", "ask"), False, "stopped", "ALL", True),
        (compared("DOUBTFUL", "MEDICAL", "ALL", "ask"), True, "stopped", "ALL", True),
        (compared("DOUBTFUL", "MEDICAL", "ALL", "ask"), False, "stopped", "MEDICAL", True),
        (compared("EXPLAINED", "NONE", "MEDICAL"), True, "stopped", "MEDICAL", True),
        (compared("EXPLAINED", "NONE", "MEDICAL"), False, "released", "NONE", False),
    ],
)
def test_what_may_be_seen_follows_the_verdict_and_where_it_binds_the_table(
    found: Compared, follows: bool, state: str, restriction: str, needs_case: bool
) -> None:
    seen = judge(found, rules=RULES, on=DAY, follows_table=follows, answered_digest=None)

    assert (seen.state, seen.restriction, seen.needs_case) == (state, restriction, needs_case)


def test_an_answer_holds_for_its_evidence_only() -> None:
    found = compared("DOUBTFUL", "MEDICAL", "MEDICAL", "ask")

    assert judge(found, rules=RULES, on=DAY, follows_table=True, answered_digest="digest").state == "released"
    assert judge(found, rules=RULES, on=DAY, follows_table=True, answered_digest="another").state == "stopped"


@pytest.mark.seed("S53")
def test_before_every_new_record_was_compared_a_doubt_stopped_nothing() -> None:
    found = compared("REFUTED", "ALL", "ALL", "ask")

    before = judge(found, rules=RULES, on=date(2024, 4, 30), follows_table=True, answered_digest=None)

    assert (before.state, before.needs_case) == ("released", True)


def test_a_number_from_an_inquiry_is_taken_only_when_every_asked_item_agrees() -> None:
    five = ("kanji_name", "kana_name", "birth_date", "sex", "address")

    assert agrees_in_all(["equal", "folded", "variant", "equal", "equal"], five)
    assert not agrees_in_all(["equal", "equal", "equal", "equal", "near"], five)
    assert agrees_in_all(
        ["equal", "missing", "equal", "equal", "equal"], ("kanji_name", "birth_date", "sex", "address")
    )


def period(link_id: int, organisation_id: int, began: date, ended: date | None = None, **more: object) -> Period:
    facts: dict[str, object] = {"verdict": "PROVEN", "restriction": "NONE", "states": ["equal"] * 5, **more}
    return Period(link_id, link_id, organisation_id, began, ended, **facts)  # type: ignore[arg-type]


@pytest.mark.seed("S75")
def test_the_day_of_loss_is_no_day_of_the_qualification() -> None:
    old, new = period(1, 1, DAY, date(2026, 5, 1)), period(2, 2, date(2026, 5, 1))

    assert overlaps([old, new], rules=RULES, on=DAY) == []
    assert len(overlaps([period(1, 1, DAY, date(2026, 5, 2)), new], rules=RULES, on=DAY)) == 2


@pytest.mark.seed("S75")
def test_kinds_of_overlap_by_insurer_and_by_what_the_register_says() -> None:
    elsewhere = ["equal", "equal", "equal", "equal", "different"]
    mine, other = period(1, 1, DAY), period(2, 2, DAY, states=elsewhere)
    here = period(3, 1, DAY)

    found = {one.link_id: one for one in overlaps([mine, other], rules=RULES, on=DAY)}
    same = overlaps([mine, here], rules=RULES, on=DAY)

    assert (found[1].kind, found[1].restriction) == (OverlapKind.MOVED, "NONE")
    assert (found[2].kind, found[2].restriction) == (OverlapKind.DOUBTFUL, "MEDICAL")
    assert {one.kind for one in same} == {OverlapKind.SAME_INSURER}
