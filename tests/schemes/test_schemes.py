"""The schemes: their codes, what they hold, and how another package adds one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from importlib.metadata import EntryPoint

import pytest

from himozuke.errors import UsageError
from himozuke.rules.loader import load
from himozuke.schemes import Scheme, all_schemes, discovery, find

FIVE = ("kanji_name", "kana_name", "birth_date", "sex", "address")


@pytest.fixture
def brought(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[EntryPoint]]:
    points: list[EntryPoint] = []
    monkeypatch.setattr(discovery, "entry_points", lambda group: [p for p in points if p.group == group])
    all_schemes.cache_clear()
    yield points
    all_schemes.cache_clear()


@pytest.mark.seed("S89")
def test_every_scheme_of_the_contract_is_found_by_its_code() -> None:
    assert [scheme.code for scheme in all_schemes()] == [
        "benefit_account",
        "disability_handbook",
        "elderly_medical",
        "health_insurance",
        "mutual_aid_pension",
        "national_health_insurance",
        "public_assistance",
    ]
    assert find("health_insurance").holds_medical_information


def test_an_unknown_code_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="Known schemes: benefit_account"):
        find("pet_insurance")


@pytest.mark.seed("S61", "S88")
def test_insurers_need_all_five_items_and_others_the_four_of_the_guideline() -> None:
    rules = load()
    day = date(2026, 10, 1)

    for scheme in all_schemes():
        required = scheme.items_required(rules, day)
        if scheme.is_insurer:
            assert required == FIVE
        else:
            assert required == tuple(i for i in FIVE if i in scheme.items_held and i != "kana_name")


def test_an_item_the_scheme_has_no_room_for_is_not_required_of_it() -> None:
    account = find("benefit_account")

    assert "sex" not in account.items_held
    assert account.items_required(load(), date(2026, 10, 1)) == ("kanji_name", "birth_date", "address")
    assert account.is_self_service


def test_only_insurers_hold_medical_information() -> None:
    for scheme in all_schemes():
        assert scheme.holds_medical_information == scheme.is_insurer


PET = Scheme("pet", "愛玩動物", "Pets", "items.required.other")
SECOND = Scheme("health_insurance", "重複", "Twice", "items.required.other")


def test_another_package_adds_a_scheme_by_an_entry_point(brought: list[EntryPoint]) -> None:
    brought.append(EntryPoint("pet", f"{__name__}:PET", discovery.GROUP))

    assert find("pet") is PET


def test_a_code_that_is_taken_and_an_entry_point_that_is_no_scheme_are_refused(brought: list[EntryPoint]) -> None:
    brought.append(EntryPoint("second", f"{__name__}:SECOND", discovery.GROUP))
    with pytest.raises(UsageError, match="is taken"):
        all_schemes()

    brought[:] = [EntryPoint("wrong", f"{__name__}:FIVE", discovery.GROUP)]
    with pytest.raises(UsageError, match="not a Scheme"):
        all_schemes()
