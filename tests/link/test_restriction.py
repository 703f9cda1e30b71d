"""What is stopped from view: the ministry's table alone, and what our verdict justifies."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest

from himozuke.identity.state import ItemState
from himozuke.link.restriction import Restriction, by_table, justified
from himozuke.link.verdict import Verdict
from himozuke.rules.loader import load

S = ItemState
TABLE = load().rows("restriction.table", date(2025, 10, 1))


@pytest.mark.seed("S70")
@pytest.mark.parametrize(
    ("states", "several", "expected"),
    [
        ((S.EQUAL, S.EQUAL, S.DIFFERENT, S.EQUAL, S.EQUAL), False, Restriction.ALL),
        ((S.EQUAL, S.EQUAL, S.NEAR, S.EQUAL, S.EQUAL), False, Restriction.ALL),
        ((S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT, S.EQUAL), False, Restriction.ALL),
        ((S.DIFFERENT, S.DIFFERENT, S.EQUAL, S.EQUAL, S.EQUAL), False, Restriction.MEDICAL),
        ((S.DIFFERENT, S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT), False, Restriction.MEDICAL),
        ((S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT), True, Restriction.MEDICAL),
        ((S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL, S.DIFFERENT), False, Restriction.NONE),
        ((S.DIFFERENT, S.EQUAL, S.EQUAL, S.EQUAL, S.EQUAL), False, Restriction.NONE),
        ((S.NEAR, S.NEAR, S.EQUAL, S.EQUAL, S.NEAR), True, Restriction.NONE),
    ],
)
def test_the_ministrys_table(states: tuple[ItemState, ...], several: bool, expected: Restriction) -> None:
    """Cases ①, ②a, ②b and ③, and the two that stop nothing."""
    assert by_table(states, several_valid=several, table=TABLE) is expected


def test_the_table_decides_every_case() -> None:
    """No combination of states falls through the table."""
    for states in product(ItemState, repeat=5):
        assert by_table(states, several_valid=True, table=TABLE) in Restriction


@pytest.mark.parametrize("table_says", list(Restriction))
def test_our_verdict_stops_what_it_justifies(table_says: Restriction) -> None:
    """REFUTED stops all, DOUBTFUL at least medical information, an explained link nothing."""
    assert justified(Verdict.REFUTED, table_says, medical=True) is Restriction.ALL
    assert justified(Verdict.DOUBTFUL, table_says, medical=True) is max(Restriction.MEDICAL, table_says)
    assert justified(Verdict.UNTESTABLE, table_says, medical=True) is table_says
    assert justified(Verdict.EXPLAINED, table_says, medical=True) is Restriction.NONE
    assert justified(Verdict.PROVEN, table_says, medical=True) is Restriction.NONE


@pytest.mark.parametrize("table_says", list(Restriction))
def test_without_medical_information_there_is_all_or_nothing(table_says: Restriction) -> None:
    """Handbooks, pensions and accounts have no medical part to stop by itself."""
    stopped = {v: justified(v, table_says, medical=False) for v in Verdict}

    assert {v for v, r in stopped.items() if r is Restriction.ALL} == {Verdict.REFUTED, Verdict.DOUBTFUL}
    assert Restriction.MEDICAL not in stopped.values()
