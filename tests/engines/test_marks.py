"""Marks never miss: repeated values, and the forms of a register that may be somebody's rival."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from himozuke.engines import mapped_table
from himozuke.engines.challenged import Days, forms_near
from himozuke.engines.marks import may_hold, no_marks, note
from himozuke.engines.own_file import shared
from himozuke.entrypoints.inspecting import Options, prepare_register
from himozuke.link.entries import KEYS
from himozuke.link.keys import BlockKeys
from himozuke.simulators.population import generate

ON = date(2025, 10, 1)


@settings(deadline=None)
@given(st.lists(st.integers(0, 40) | st.integers(0, 2**64 - 1), max_size=200))
def test_rows_that_share_a_value_are_found_all_and_alone(values: list[int]) -> None:
    """In file order; zero stands for no value."""
    times = Counter(values)

    found = shared(np.array(values, np.uint64))

    assert found.tolist() == [row for row, value in enumerate(values) if value and times[value] > 1]


def test_a_value_that_was_noted_is_never_denied_and_hardly_any_other_is_affirmed() -> None:
    """One in sixteen at the most by chance."""
    marks = no_marks(5_000)
    values = np.random.default_rng(3).integers(1, 2**63, 10_000).astype(np.uint64)
    for value in values[:5_000]:
        note(marks, value)

    assert all(may_hold(marks, value) for value in values[:5_000])
    assert sum(may_hold(marks, value) for value in values[5_000:]) < 5_000 / 16 * 1.2


def a_little_wrong(entries: pa.Table, seed: int) -> tuple[BlockKeys, npt.NDArray[np.int32]]:
    """Keys and days of links as some people have them, one or two items of each replaced or slipped."""
    rng = np.random.default_rng(seed)
    rows = entries.take(pa.array(rng.permutation(len(entries))[: len(entries) // 3]))
    keys = [rows[name].to_numpy().copy() for name in KEYS]
    birth = rows["birth"].to_numpy().copy()
    for row in range(len(birth)):
        for item in rng.choice(7, rng.integers(1, 4), replace=False):
            if item < len(keys):
                keys[item][row] = int(rng.integers(1, 2**60)) * int(rng.integers(0, 2))
            else:
                birth[row] = [0, 19_500_000, birth[row] + 1, birth[row] + 100, birth[row] + 10_000][rng.integers(5)]
    return BlockKeys(*keys), birth


def pairs(form: dict[str, int]) -> set[tuple[object, ...]]:
    """The pairs of items under which a form is found, and under which a link looks for one."""
    k, n, a, kt, nt, kh, birth = (form[name] for name in (*KEYS, "birth"))
    year, month, day = birth // 10_000, birth // 100 % 100, birth % 100
    known_month = birth > 0 and month > 0
    date_known = birth if known_month and day > 0 else 0
    found = {
        ("n b", n, date_known),
        ("k b", k, date_known),
        ("a kh", a, kh),
        ("n a", n, a),
        ("k a", k, a),
        ("b a", date_known, a),
        ("b kt", date_known, kt),
        ("b nt", date_known, nt),
        ("k month", k, birth // 100 if known_month else 0),
        ("k day of year", k, birth % 10_000 if date_known else 0),
        ("k year and day", k, year * 100 + day if date_known else 0),
    }
    return {pair for pair in found if all(pair[1:])}


@pytest.mark.seed("S54")
@pytest.mark.parametrize("seed", [1, 2])
def test_no_form_that_agrees_on_two_items_is_left_out(seed: int, tmp_path: Path) -> None:
    """The marks only take away what the joins would not find."""
    population = generate(900, seed=seed, variants=0.3, differences=0.2, errors=0.05)
    register = prepare_register(population.register, on=ON, options=Options(cache=tmp_path))
    today, other = (list(map(mapped_table.read, parts)) for parts in (register.forms(), register.alternates()))
    forms = pa.concat_tables([*today, *other])
    keys, birth = a_little_wrong(today[0], seed)
    asked = pa.table(dict(zip(KEYS, keys, strict=True)) | {"birth": birth}).to_pylist()
    looked_for = set().union(*map(pairs, asked))

    kept = forms_near(register, keys, Days.of(birth), threads=2).to_pylist()

    wanted = [form for form in forms.to_pylist() if pairs(form) & looked_for]
    assert len(wanted) > 100
    assert [form for form in wanted if form not in kept] == []
    assert len(kept) < len(forms)
