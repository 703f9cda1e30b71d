"""What the packaged law says on the days that matter."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from himozuke.errors import RuleError
from himozuke.rules.kinds import Cell
from himozuke.rules.loader import load
from himozuke.rules.model import RuleBook
from himozuke.rules.schema import FIRST_DAY, KNOWN, first_matching

FOUR = ("kanji_name", "birth_date", "sex", "address")
FIVE = ("kanji_name", "kana_name", "birth_date", "sex", "address")


@pytest.fixture(scope="module")
def rules() -> RuleBook:
    return load()


@pytest.mark.seed("S61", "S85")
def test_insurers_need_four_items_until_may_and_five_from_june_2023(rules: RuleBook) -> None:
    assert rules.items("items.required.insurer", date(2023, 5, 31)) == FOUR
    assert rules.items("items.required.insurer", date(2023, 6, 1)) == FIVE


@pytest.mark.seed("S95")
def test_other_schemes_need_four_items_from_the_guideline_on(rules: RuleBook) -> None:
    assert rules.items("items.required.other", date(2023, 10, 4)) == ()
    assert rules.items("items.required.other", date(2023, 10, 5)) == FOUR


@pytest.mark.seed("S70")
def test_one_of_several_hits_is_never_taken_from_june_2023(rules: RuleBook) -> None:
    assert rules.word("jlis.multi_hit", date(2023, 5, 31)) == "undefined"
    assert rules.word("jlis.multi_hit", date(2023, 6, 1)) == "reject"


@pytest.mark.seed("S63", "S92")
def test_three_items_or_fewer_select_a_link_for_full_inspection(rules: RuleBook) -> None:
    assert rules.count("inspection.full_if_items_at_most", date(2023, 6, 20)) == 0
    assert rules.count("inspection.full_if_items_at_most", date(2023, 6, 21)) == 3
    assert rules.count("acquisition.few_items_at_most", date(2016, 1, 1)) == 3


@pytest.mark.seed("S70")
@pytest.mark.parametrize(
    ("birth_or_sex", "names", "address", "several", "case", "restriction"),
    [
        ("different", "agree", "agree", False, "1", "ALL"),
        ("different", "both_different", "different", True, "1", "ALL"),
        ("agree", "both_different", "agree", False, "2a", "MEDICAL"),
        ("agree", "one_different", "different", False, "2b", "MEDICAL"),
        ("agree", "one_different", "agree", True, "-", "NONE"),
        ("agree", "agree", "different", True, "3", "MEDICAL"),
        ("agree", "agree", "different", False, "-", "NONE"),
        ("agree", "agree", "agree", True, "-", "NONE"),
    ],
)
def test_the_table_of_the_ministry_stops_viewing_by_case(
    rules: RuleBook, birth_or_sex: str, names: str, address: str, several: bool, case: str, restriction: str
) -> None:
    rows = rules.rows("restriction.table", date(2023, 9, 7))

    row = first_matching(
        rows,
        {"birth_or_sex": birth_or_sex, "names": names, "address": address, "several_valid_links": several},
    )

    assert (row["case"], row["restriction"]) == (case, restriction)


def test_the_table_stops_nobody_before_it_was_planned(rules: RuleBook) -> None:
    rows = rules.rows("restriction.table", date(2023, 9, 6))

    row = first_matching(
        rows,
        {"birth_or_sex": "different", "names": "both_different", "address": "different", "several_valid_links": True},
    )

    assert row["restriction"] == "NONE"


@pytest.mark.seed("S71", "S72")
def test_a_body_that_had_worked_against_the_notice_is_class_one_unless_it_mended(rules: RuleBook) -> None:
    rows = rules.rows("process.classes", date(2023, 7, 4))
    clean: dict[str, Cell] = {"three_items": "no", "any_of_several": "no", "other_wrong": "no", "mended": False}

    assert first_matching(rows, clean)["class"] == 3
    for question in ("three_items", "any_of_several", "other_wrong"):
        assert first_matching(rows, {**clean, question: "yes"})["class"] == 1
        assert first_matching(rows, {**clean, question: "yes", "mended": True})["class"] == 3
        assert first_matching(rows, {**clean, question: "unconfirmed"})["class"] == 2
    assert rules.day("process.inspected_by", date(2023, 7, 4)) == date(2023, 6, 30)


def test_a_mended_deviation_does_not_hide_another_question_left_open(rules: RuleBook) -> None:
    rows = rules.rows("process.classes", date(2023, 7, 4))
    facts: dict[str, Cell] = {
        "three_items": "yes",
        "any_of_several": "unconfirmed",
        "other_wrong": "no",
        "mended": True,
    }

    assert first_matching(rows, facts)["class"] == 2


def test_before_the_assessment_no_class_is_given(rules: RuleBook) -> None:
    rows = rules.rows("process.classes", date(2023, 5, 22))

    with pytest.raises(RuleError, match="no decision was defined"):
        first_matching(rows, {"three_items": "no", "any_of_several": "no", "other_wrong": "no", "mended": False})


def test_every_combination_of_facts_is_decided_from_the_plan_on(rules: RuleBook) -> None:
    rows = rules.rows("restriction.table", date(2026, 10, 1))
    facts = product(
        ("agree", "different"), ("agree", "one_different", "both_different"), ("agree", "different"), (False, True)
    )

    for birth_or_sex, names, address, several in facts:
        row = first_matching(
            rows,
            {"birth_or_sex": birth_or_sex, "names": names, "address": address, "several_valid_links": several},
        )
        assert row["restriction"] in {"NONE", "MEDICAL", "ALL"}


def test_a_link_may_end_on_the_day_after_death(rules: RuleBook) -> None:
    assert rules.count("death.grace_days", FIRST_DAY) == 1


def test_every_known_rule_has_a_value_from_the_first_number_to_the_far_future(rules: RuleBook) -> None:
    assert set(rules.keys()) == set(KNOWN)
    for key in KNOWN:
        assert rules.entry(key, FIRST_DAY).since <= FIRST_DAY
        assert rules.entry(key, date(2100, 1, 1)).until is None


@pytest.mark.seed("S01")
def test_a_rule_is_looked_up_by_the_day_of_the_event_and_never_before_numbers_existed(rules: RuleBook) -> None:
    with pytest.raises(RuleError, match="has no value on 2015-10-04"):
        rules.value("items.required.insurer", date(2015, 10, 4))
