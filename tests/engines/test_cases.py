"""Distinct cases among links: none is lost, none is taken for another."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from himozuke.engines.base import Outcomes
from himozuke.engines.cases import Case, find_cases
from himozuke.engines.own_file import standing_on
from himozuke.identity.state import ItemState


def outcomes_of(cases: list[Case]) -> Outcomes:
    """What an engine would hand over for links of these cases."""
    rows = len(cases)
    none = np.zeros(rows, np.int64)
    return Outcomes(
        pattern=np.array([case.pattern for case in cases], np.int32),
        traits=np.array([case.traits for case in cases], np.uint8),
        states=np.array([case.states for case in cases], np.uint8).reshape(rows, 5).T,
        hows=np.zeros((5, rows), np.uint8),
        parts=np.zeros((2, rows), np.uint8),
        own=none,
        rival=none,
        rival_count=none.astype(np.int32),
        entry_hash=none.astype(np.uint64),
        doubt=none.astype(np.int32),
        several_valid=np.array([case.several_valid for case in cases], np.bool_),
        scheme_number_twice=np.array([case.scheme_number_twice for case in cases], np.bool_),
        shared_scheme_number=none[:0],
    )


def drawn(count: int, kinds: int) -> list[Case]:
    """Cases that differ in everything a decision depends on."""
    chance = np.random.default_rng(5)
    known = [
        Case(
            pattern=int(chance.integers(0, 2**31)),
            traits=int(chance.integers(0, 256)),
            states=tuple(ItemState(int(state)) for state in chance.integers(0, 7, 5)),
            several_valid=bool(chance.integers(0, 2)),
            scheme_number_twice=bool(chance.integers(0, 2)),
            answer=int(chance.integers(0, 3)),
        )
        for _ in range(kinds)
    ]
    return [known[int(place)] for place in chance.integers(0, kinds, count)]


@pytest.mark.parametrize(("count", "kinds"), [(0, 1), (1, 1), (1_000, 3), (20_000, 9_000)])
def test_every_link_is_in_the_case_it_was_made_of(count: int, kinds: int) -> None:
    cases = drawn(count, kinds)

    found = find_cases(outcomes_of(cases), np.array([case.answer for case in cases], np.uint8))

    assert [found.cases[place] for place in found.of_link.tolist()] == cases
    assert found.cases == tuple(dict.fromkeys(cases))
    assert dict(zip(found.cases, found.links.tolist(), strict=True)) == Counter(cases)


def test_rows_that_hold_one_of_some_values_are_found_in_file_order() -> None:
    chance = np.random.default_rng(7)
    values = chance.integers(0, 5_000, 20_000).astype(np.uint64)
    wanted = np.unique(chance.integers(0, 5_000, 300).astype(np.uint64))

    found = standing_on(values, wanted)

    assert found.tolist() == [row for row, value in enumerate(values.tolist()) if value in set(wanted.tolist())]
    assert standing_on(values, wanted[:0]).tolist() == []
