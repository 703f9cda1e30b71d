"""Records, dense columns and the table of numbers: what is written is what is found, wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from himozuke.engines import dense, number_table
from himozuke.engines.number_table import Bearers, Entries, NumberTable
from himozuke.engines.records import RecordFile, Records


def texts(values: Sequence[str]) -> pa.Array:
    """A text column."""
    return pa.array(values, pa.large_string())


@settings(deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.text(max_size=5), st.text(alphabet="あa", max_size=300), st.text(max_size=2)),
        min_size=1,
        max_size=80,
    ),
    random=st.randoms(use_true_random=False),
)
def test_records_come_back_in_any_order(
    rows: list[tuple[str, str, str]], random: Random, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Empty, short and long texts, with their numbers; only the texts that are asked for."""
    path = tmp_path_factory.mktemp("records") / "r"
    columns = [texts(list(column)) for column in zip(*rows, strict=True)]
    fixed = np.arange(len(rows) * 3, dtype=np.uint8).reshape(len(rows), 3)
    starts = RecordFile(path).append(columns, fixed)
    order = np.array(random.sample(range(len(rows)), len(rows)))

    found = Records(path, width=3, texts=3).gather(starts[order], (2, 1))

    assert found.numbers.tolist() == fixed[order].tolist()
    assert [column.to_pylist() for column in found.texts] == [
        [rows[at][2] for at in order],
        [rows[at][1] for at in order],
    ]


def test_a_text_may_be_very_long(tmp_path: Path) -> None:
    """Lengths have as many bytes as they need."""
    long = ["x" * size for size in (127, 128, 16_383, 16_384, 3_000_000, 0)]
    starts = RecordFile(tmp_path / "r").append([texts(long), texts(long[::-1])])

    found = Records(tmp_path / "r", width=0, texts=2).gather(starts, (0, 1))

    assert [column.to_pylist() for column in found.texts] == [long, long[::-1]]


def test_parts_may_be_written_in_any_order(tmp_path: Path) -> None:
    """A later part may come first; a column that nobody wrote into is empty."""
    dense.begin(tmp_path, ("a", "b"))
    dense.write(tmp_path, 2, {"a": np.array([3, 4], np.int32)})
    dense.write(tmp_path, 0, {"a": np.array([1, 2], np.int32)})

    assert dense.read(tmp_path, "a", np.int32).tolist() == [1, 2, 3, 4]
    assert dense.read(tmp_path, "b", np.int64).tolist() == []


def test_what_is_changed_in_memory_stays_there(tmp_path: Path) -> None:
    """A column on disk is never written by its reader."""
    dense.begin(tmp_path, ("a",))
    dense.write(tmp_path, 0, {"a": np.array([1], np.int64)})
    dense.read(tmp_path, "a", np.int64)[0] = 9

    assert dense.read(tmp_path, "a", np.int64).tolist() == [1]


def a_table(numbers: list[int], path: Path) -> tuple[NumberTable, Entries]:
    """The table of some numbers; everything else about a person follows from the number."""
    number = np.array(numbers, np.int64)
    rows = len(number)
    entries = Entries(
        number=number,
        pos=np.arange(rows),
        status=(number % 4).astype(np.uint8),
        status_on=(20_250_000 + number % 1000).astype(np.int32),
        row_hash=number.astype(np.uint64) * np.uint64(3),
        complete=number % 2 == 0,
        evidence=number.astype(np.uint64) + np.uint64(7),
    )
    number_table.build(path, rows, [entries])
    return NumberTable(path), entries


@settings(deadline=None)
@given(numbers=st.lists(st.integers(0, 10**12 - 1), unique=True, min_size=1, max_size=300))
def test_every_number_is_found_and_no_other(numbers: list[int], tmp_path_factory: pytest.TempPathFactory) -> None:
    """With everything that is kept of its bearer; also number zero."""
    table, entries = a_table(numbers, tmp_path_factory.mktemp("numbers") / "t")
    others = np.array([number + 1 for number in numbers if number + 1 not in set(numbers)], np.int64)
    all_complete = np.ones(len(numbers), np.bool_)

    found = table.bearers(entries.number, entries.row_hash, all_complete)

    assert found.pos.tolist() == entries.pos.tolist()
    assert found.status.tolist() == entries.status.tolist()
    assert found.status_on.tolist() == entries.status_on.tolist()
    assert found.evidence.tolist() == entries.evidence.tolist()
    assert found.settled.tolist() == entries.complete.tolist()
    nobody = table.bearers(others, others.astype(np.uint64), np.ones(len(others), np.bool_))
    assert set(nobody.pos.tolist()) <= {-1}
    assert not nobody.settled.any()


@pytest.mark.parametrize(("row_hash", "complete"), [(1, True), (6, False)])
def test_another_hash_or_an_incomplete_link_settles_nothing(row_hash: int, complete: bool, tmp_path: Path) -> None:
    """The bearer is known all the same."""
    table, _ = a_table([2], tmp_path / "t")

    found = table.bearers(np.array([2]), np.array([row_hash], np.uint64), np.array([complete]))

    assert (found.pos.tolist(), found.settled.tolist()) == ([0], [False])


def test_a_table_is_looked_at_stretch_by_stretch(tmp_path: Path) -> None:
    """Whatever the memory, the answer is the same."""
    table, entries = a_table(list(range(0, 90_000, 7)), tmp_path / "t")
    complete = np.ones(len(entries.number), np.bool_)
    whole = table.bearers(entries.number, entries.row_hash, complete)
    pieces = Bearers.nobody(len(entries.number))
    stretches = table.stretches(5_000)

    found = [table.look_up(entries.number, entries.row_hash, complete, into=pieces, stretch=one) for one in stretches]

    assert len(stretches) > 50
    assert sum(found) == len(entries.number)
    assert [column.tolist() for column in pieces] == [column.tolist() for column in whole]
