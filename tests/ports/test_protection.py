"""Persons under 支援措置: their address leaves the register for nobody who need not see it."""

from __future__ import annotations

from datetime import date

import pytest

from himozuke.identity.individual_number import IndividualNumber
from himozuke.link.compare import EntryItems
from himozuke.ports.actor import Role
from himozuke.ports.protection import may_be_written_to, shown_entry, shown_held_address
from himozuke.ports.resident_register import RegisterEntry

ITEMS = EntryItems(
    kanji_name="佐藤　花子",
    kana_name="サトウ　ハナコ",
    birth_date="1980-05-06",
    sex="2",
    address="東京都千代田区霞が関一丁目2番3号",
    former_addresses="大阪府大阪市北区梅田三丁目1番1号",
)


def entry(*, is_protected: bool) -> RegisterEntry:
    """An entry with today's and a former address."""
    return RegisterEntry(
        IndividualNumber(10),
        ITEMS,
        is_furigana_certified=True,
        status="current",
        status_on=date(2025, 1, 1),
        previous_number=None,
        is_protected=is_protected,
    )


@pytest.mark.parametrize("role", [*Role, None])
def test_only_who_keeps_the_register_sees_the_address(role: Role | None) -> None:
    """Today's address and former ones; the name and the dates stay, so that people can work."""
    shown = shown_entry(entry(is_protected=True), role)

    sees = role is Role.MUNICIPALITY_CLERK
    assert (shown.items.address, shown.items.former_addresses) == (
        (ITEMS.address, ITEMS.former_addresses) if sees else ("", "")
    )
    assert shown.items.kanji_name == ITEMS.kanji_name
    assert shown.is_protected


@pytest.mark.parametrize("role", [*Role, None])
def test_others_are_shown_as_they_are(role: Role | None) -> None:
    """The measure is for those who asked for it."""
    assert shown_entry(entry(is_protected=False), role) == entry(is_protected=False)


@pytest.mark.parametrize(
    ("state", "is_shown"),
    [
        ("different", True),
        ("missing", True),
        ("equal", False),
        ("folded", False),
        ("variant", False),
        ("near", False),
        ("", False),
    ],
)
def test_a_held_address_that_agrees_is_the_protected_one(state: str, *, is_shown: bool) -> None:
    """Where a link holds the same place, hiding the register's side alone would hide nothing."""
    held = "東京都千代田区霞が関1-2-3"

    shown = shown_held_address(held, is_protected=True, state=state, role=Role.INSURER_CLERK)
    keeper = shown_held_address(held, is_protected=True, state=state, role=Role.MUNICIPALITY_CLERK)
    of_others = shown_held_address(held, is_protected=False, state=state, role=Role.INSURER_CLERK)

    assert shown == (held if is_shown else "")
    assert keeper == of_others == held


def test_no_letter_goes_to_a_protected_person() -> None:
    """Whoever sends it: letters are opened by those who live where they arrive."""
    assert may_be_written_to(entry(is_protected=False))
    assert not may_be_written_to(entry(is_protected=True))
