"""The first cause that has evidence (R-GUIDE C1–C10, S94)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from himozuke.link.cause import CauseFacts, find_cause
from himozuke.link.runs import RowRun

STRANGER = CauseFacts(row=1_000, number=12, rightful_number=990_000_000_000, batch="B1", acquired_by="person")
RUN = RowRun("shift", 990, 1_010, 1, tuple(range(990, 1_011)), "B1")
HOME = {"home_row": 400, "home_batch": "B9", "home_scheme_number": "06:7:700:00"}


@pytest.mark.seed("S85", "S86", "S87")
@pytest.mark.parametrize(
    ("facts", "cause", "code"),
    [
        ({**HOME, "scheme_number": "06:7:700:00"}, "C6", "earlier_holder"),
        (
            {**HOME, "scheme_number": "06:7:100:00", "home_scheme_number": "06:7:101:00"},
            "C6",
            "lookalike_scheme_number",
        ),
        ({"run": RUN, "relative": True}, "C5", "run_shift"),
        ({**HOME, "relative": True, "home_carries_ours": True}, "C2", "exchanged_with_relative"),
        ({"twin": True, "relative": True}, "C2", "twin"),
        ({"relative": True}, "C1", "relatives_number"),
        ({**HOME, "home_row": 999, "home_batch": "B1", "self_service": True}, "C8", "previous_user"),
        ({**HOME, "home_row": 997, "home_batch": "B1"}, "C3", "neighbour_in_batch"),
        ({"holder_bears_former_name": True}, "C7", "former_name_of_person"),
        ({"acquired_by": "jlis", "acquired_items": 3, "agrees_on_inquiry": True}, "C4", "few_item_inquiry"),
        ({"acquired_by": "jlis", "acquired_hits": 2}, "C4", "several_hits"),
        ({"number": 990_000_000_001}, "C10", "one_digit"),
        ({"in_register": False, "valid_check_digit": False}, "C10", "bad_number"),
        ({"between_in_list": 0}, "C10", "list_neighbour"),
        ({**HOME, "home_holds_number": True}, "C9", "also_valid_elsewhere"),
        ({}, None, None),
    ],
)
def test_each_cause_by_its_evidence(facts: dict[str, object], cause: str | None, code: str | None) -> None:
    """What the file and the register show, and nothing more."""
    found, evidence = find_cause(replace(STRANGER, **facts), few_items_at_most=3)  # type: ignore[arg-type]

    assert found == cause
    assert (evidence[0][0] if evidence else None) == code


def test_consecutive_scheme_numbers_of_neighbours_are_not_look_alikes() -> None:
    """Numbers given out in a row look alike all along the file: that is no evidence."""
    neighbour = {"home_row": 1_001, "home_batch": "B1", "home_scheme_number": "06:7:101:00"}
    found, _ = find_cause(replace(STRANGER, scheme_number="06:7:100:00", **neighbour), few_items_at_most=3)  # type: ignore[arg-type]

    assert found == "C3"


def test_a_family_shares_symbol_and_number() -> None:
    """The branch alone tells members apart; it never makes a look-alike."""
    member = {**HOME, "home_scheme_number": "06:7:100:02", "relative": True}
    found, _ = find_cause(replace(STRANGER, scheme_number="06:7:100:01", **member), few_items_at_most=3)  # type: ignore[arg-type]

    assert found == "C1"
