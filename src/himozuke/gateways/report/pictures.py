"""The geometry of the report's pictures; templates draw them as SVG.

Every picture is drawn from the table printed beside it, and reads in greyscale: kinds differ by
pattern and label, never by colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from himozuke.inspection.funnel import children
from himozuke.inspection.model import FunnelStep, Run, Summary

WIDTH = 760
_FUNNEL_LEFT = 312
_FUNNEL_BAR = 340
_PLOT_LEFT = 130
_PLOT_RIGHT = 740
_LANE = 34
_HISTOGRAM = 70
_NARROWEST = 4.0
MOST_LANES = 8
MOST_MARKS = 400


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its two labels; ``kept`` bars go on to the next step, the others leave here."""

    name_ja: str
    name_en: str
    count: int
    top: float
    left: float
    width: float
    kept: bool = True


@dataclass(frozen=True, slots=True)
class Lane:
    """One line of the row-shift picture: a kind of run and its shift."""

    kind: str
    shift: int | None
    middle: float


@dataclass(frozen=True, slots=True)
class RunMark:
    """One run drawn in its lane; ``number`` is its number in the table."""

    number: int
    kind: str
    left: float
    width: float
    middle: float


@dataclass(frozen=True, slots=True)
class Tick:
    """One labelled place on the axis of file rows."""

    row: int
    x: float
    anchor: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars one under another; bar lengths of the funnel are on a logarithmic scale."""

    bars: tuple[Bar, ...]
    height: float


@dataclass(frozen=True, slots=True)
class ShiftPicture:
    """Where along the file wrong links stand, and the runs among them."""

    lanes: tuple[Lane, ...]
    marks: tuple[RunMark, ...]
    bins: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    base: float
    most: int
    height: float


def funnel_picture(steps: Sequence[FunnelStep]) -> BarChart:
    """Lay out the funnel: the rows that go on as thick bars, those set aside between them."""
    total = max((step.count for step in steps), default=0)
    bars, top = [], 8.0
    for step in _funnel_order(steps):
        kept = step.step in _KEPT
        bars.append(
            Bar(
                name_ja=step.name_ja,
                name_en=step.name_en,
                count=step.count,
                top=top,
                left=_FUNNEL_LEFT,
                width=_log_width(step.count, total),
                kept=kept,
            )
        )
        top += 38 if kept else 30
    return BarChart(tuple(bars), top + 4)


def cause_picture(rows: Sequence[tuple[str, str, int]]) -> BarChart:
    """Lay out one bar per cause, ``(name in Japanese, name in English, links)``, in the given order."""
    most = max((count for _, _, count in rows), default=0)
    bars = [
        Bar(name_ja, name_en, count, 8.0 + 32 * place, 372, 310 * count / most if most else 0)
        for place, (name_ja, name_en, count) in enumerate(rows)
    ]
    return BarChart(tuple(bars), 12 + 32.0 * len(bars))


def shift_picture(summary: Summary) -> ShiftPicture:
    """Lay out the runs over the position in the file, and the histogram of links to ask about."""
    lanes = _lanes(summary.runs)
    base = 24 + _LANE * len(lanes) + _HISTOGRAM
    numbered = sorted(enumerate(summary.runs, start=1), key=lambda one: -one[1].rows)[:MOST_MARKS]
    marks = tuple(_mark(number, run, lanes, summary.rows_in_file) for number, run in sorted(numbered, key=_number))
    most = max(summary.wrong_positions, default=0)
    return ShiftPicture(
        lanes=lanes,
        marks=marks,
        bins=_histogram(summary.wrong_positions, most, base),
        ticks=_ticks(summary.rows_in_file),
        base=base,
        most=most,
        height=base + 44,
    )


_KEPT = ("data_rows", "verdicted", "unproven", "to_act", "to_ask")


def _funnel_order(steps: Sequence[FunnelStep]) -> list[FunnelStep]:
    """Put after each kept step what leaves there, then the next kept step."""
    by_name = {step.step: step for step in steps}
    ordered = []
    for name in _KEPT:
        ordered.append(by_name[name])
        ordered += [step for step in children(steps, name) if step.step not in _KEPT]
    return ordered


def _log_width(count: int, total: int) -> float:
    if not count:
        return 0.0
    return max(_NARROWEST, _FUNNEL_BAR * math.log1p(count) / math.log1p(total))


def _lanes(runs: Sequence[Run]) -> tuple[Lane, ...]:
    """One lane for each shift, the longest runs first where they are many, then pastes and sorts."""
    shifts: dict[int, int] = {}
    for run in runs:
        if run.kind == "shift":
            shifts[run.shift] = shifts.get(run.shift, 0) + run.rows
    shown = sorted(sorted(shifts, key=lambda shift: -shifts[shift])[:MOST_LANES])
    names: list[tuple[str, int | None]] = [("shift", shift) for shift in shown]
    if len(shifts) > len(shown):
        names.append(("shift", None))
    names += [(kind, None) for kind in ("block", "sorted") if any(run.kind == kind for run in runs)]
    return tuple(Lane(kind, shift, 20 + _LANE * (place + 0.5)) for place, (kind, shift) in enumerate(names))


def _number(numbered: tuple[int, Run]) -> int:
    return numbered[0]


def _mark(number: int, run: Run, lanes: Sequence[Lane], rows: int) -> RunMark:
    shift = run.shift if run.kind == "shift" else None
    of_kind = [lane for lane in lanes if lane.kind == run.kind]
    lane = next((lane for lane in of_kind if lane.shift == shift), of_kind[-1])
    left = _x(run.first_row - 1, rows)
    width = max(_NARROWEST, _x(run.last_row, rows) - left)
    return RunMark(number, run.kind, min(left, _PLOT_RIGHT - width), width, lane.middle)


def _histogram(positions: Sequence[int], most: int, base: float) -> tuple[Bar, ...]:
    if not most:
        return ()
    step = (_PLOT_RIGHT - _PLOT_LEFT) / len(positions)
    tallest = _HISTOGRAM - 14
    return tuple(
        Bar("", "", count, base - tallest * count / most, _PLOT_LEFT + step * place, max(step - 0.5, 0.5))
        for place, count in enumerate(positions)
        if count
    )


def _ticks(rows: int) -> tuple[Tick, ...]:
    places = [1, *(round(rows * part / 4) for part in (1, 2, 3)), rows]
    ordered = sorted({row for row in places if row >= 1})
    return tuple(Tick(row, _x(row if row > 1 else 0, rows), _anchor(row, ordered)) for row in ordered)


def _anchor(row: int, ordered: Sequence[int]) -> str:
    if row == ordered[-1] and len(ordered) > 1:
        return "end"
    return "start" if row == ordered[0] else "middle"


def _x(row: int, rows: int) -> float:
    return _PLOT_LEFT + (_PLOT_RIGHT - _PLOT_LEFT) * (row / rows if rows else 0)
