"""The address comparator against the test data of peers; skipped where that data is not at hand."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np
import pytest
from peers import cases

from himozuke.identity import address
from himozuke.identity.column import States, utf8_column
from himozuke.identity.state import How, ItemState

pytestmark = [
    pytest.mark.seed("S62", "S63"),
    pytest.mark.skipif(not cases.GEOLONIA.exists(), reason=cases.REASON),
]


def compared(pairs: Sequence[tuple[str, str]]) -> address.Compared:
    a, b = zip(*pairs, strict=True)
    return address.compare_columns(utf8_column(a), utf8_column(b))


def share_of_same(states: States) -> float:
    return float(np.mean(states <= ItemState.VARIANT))


def test_geolonia_inputs_are_the_same_as_their_results() -> None:
    pairs = cases.geolonia()

    states = compared(pairs).states

    assert len(pairs) == 7191
    assert share_of_same(states) >= 0.998


def test_geolonia_neighbours_with_other_figures_are_not_the_same() -> None:
    results = sorted({pair.b for pair in cases.geolonia()})

    outcome = compared(list(pairwise(results)))

    # Neighbours in the sorted list differ only by a building, or by nothing that counts, in a few rows.
    false = [
        row for row in np.flatnonzero(outcome.states <= ItemState.VARIANT).tolist() if not _same_number(results, row)
    ]
    assert false == []


def _same_number(results: list[str], row: int) -> bool:
    first, second = (address.key(results[place]) for place in (row, row + 1))
    return first == second or second.startswith(first) or first.startswith(second)


def test_geolonia_same_number_in_another_town_is_not_the_same() -> None:
    results = [pair.b for pair in cases.geolonia()]
    by_number: dict[str, set[str]] = {}
    for result in results:
        head, _, number = result.rpartition("丁目")
        by_number.setdefault(number, set()).add(head)
    pairs = [
        (f"{one}丁目{number}", f"{other}丁目{number}")
        for number, heads in by_number.items()
        for one, other in combinations(sorted(heads)[:6], 2)
        if number and one and other
    ]

    outcome = compared(pairs)

    assert len(pairs) > 1000
    assert [pairs[row] for row in np.flatnonzero(outcome.states <= ItemState.VARIANT)] == []


def test_abr_inputs_are_the_same_as_their_results() -> None:
    pairs = cases.abr()

    states = compared(pairs).states

    assert len(pairs) == 630
    assert share_of_same(states) >= 0.96


def test_abr_inputs_with_one_result_are_the_same() -> None:
    rows = list(cases.abr_rows())
    pairs = [
        (one["query"]["input"], other["query"]["input"])
        for one, other in combinations(rows, 2)
        if one["result"]["output"] == other["result"]["output"]
    ]

    assert share_of_same(compared(pairs).states) >= 0.96


def test_abr_inputs_with_other_places_are_not_the_same() -> None:
    rows = list(cases.abr_rows())
    pairs = [
        (one["query"]["input"], other["query"]["input"])
        for one, other in combinations(rows, 2)
        if cases.abr_identity(one) != cases.abr_identity(other)
    ]

    outcome = compared(pairs)

    # A building on one side alone is no other place; the registry tells nothing about buildings.
    told = (outcome.states <= ItemState.VARIANT) & (outcome.hows != How.OMITTED_BUILDING)
    false = [pairs[row] for row in np.flatnonzero(told)]
    assert len(pairs) > 150_000
    # One 町 of Kyoto that is unique in its ward, with other streets in front: the streets do not count.
    assert all("下大阪町" in one and "下大阪町" in other for one, other in false)
