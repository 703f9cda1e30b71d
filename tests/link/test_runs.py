"""Runs in file order: shifts, pasted blocks and columns sorted alone (S87, C5)."""

from __future__ import annotations

from random import Random

import pytest

from himozuke.link.runs import WrongRow, find_runs


def wrong(row: int, home: int | None, number: int = 0) -> WrongRow:
    """A wrong row with a number of no order unless given."""
    return WrongRow(row, number or Random(row).randrange(10**11), home, "B1")


@pytest.mark.seed("S87")
def test_numbers_moved_by_one_row_are_one_shift() -> None:
    """The shift and its extent are found, and one row that is right by chance does not break it."""
    rows = [wrong(row, row - 1) for row in range(100, 140) if row != 117]

    (run,) = find_runs(rows)

    assert (run.kind, run.first_row, run.last_row, run.shift, len(run.rows)) == ("shift", 100, 139, 1, 39)


def test_a_shift_upwards_is_negative() -> None:
    """Row minus home: the number stands above its owner."""
    (run,) = find_runs([wrong(row, row + 2) for row in range(10, 30)])

    assert (run.kind, run.shift) == ("shift", -2)


def test_a_block_pasted_from_far_away_is_a_block() -> None:
    """The distance is larger than the block itself."""
    (run,) = find_runs([wrong(row, row + 5_000) for row in range(300, 312)])

    assert (run.kind, run.first_row, run.last_row, run.shift) == ("block", 300, 311, -5_000)


def test_a_number_column_sorted_alone_is_found() -> None:
    """Numbers rise while their owners stand all over the same range."""
    homes = [57, 51, 59, 53, 50, 58, 52, 56, 54, 55]
    rows = [WrongRow(50 + i, 1_000 + i, home, "B1") for i, home in enumerate(homes) if home != 50 + i]

    (run,) = find_runs(rows)

    assert (run.kind, run.shift) == ("sorted", 0)


def test_a_dense_block_without_owners_in_the_file_is_a_block_from_elsewhere() -> None:
    """Nobody in this file bears the numbers: the distance is not known."""
    (run,) = find_runs([wrong(row, None) for row in range(20, 32)])

    assert (run.kind, run.shift, len(run.rows)) == ("block", 0, 12)


@pytest.mark.parametrize("shift", [1, -1, 2, 5])
def test_three_touching_rows_at_one_distance_are_a_run(shift: int) -> None:
    """Small runs too: three times the same distance side by side is no chance; with a gap it may be."""
    (run,) = find_runs([wrong(row, row - shift) for row in (40, 41, 42)])

    assert (run.first_row, run.last_row, run.shift) == (40, 42, shift)
    assert run.kind == ("shift" if abs(shift) < len(run.rows) else "block")
    assert find_runs([wrong(row, row - shift) for row in (40, 41, 43)]) == []


def test_scattered_errors_and_families_are_no_run() -> None:
    """Two rows that carry each other's numbers, here and there, are not an accident of the file."""
    rows = [wrong(r, h) for at in range(100, 1_000, 90) for r, h in ((at, at + 1), (at + 1, at))]
    every_second = [wrong(row, row - 1) for row in range(2_000, 2_010, 2)]

    assert find_runs([*rows, *every_second]) == []
