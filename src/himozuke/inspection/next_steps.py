"""What to do after an inspection, in the order in which an office should do it."""

from __future__ import annotations

from collections.abc import Iterator

from himozuke.inspection.model import Fact, Summary


def next_steps(summary: Summary) -> tuple[Fact, ...]:
    """List the steps with their figures; texts are in ``words/next_steps.toml``.

    Viewing is stopped before anybody is asked, and a range of shifted rows is rebuilt as one.
    Source: S76, S92–S94.
    """
    steps = tuple(_steps(summary))
    return steps or (Fact("nothing"),)


def applied_people(summary: Summary) -> dict[str, int]:
    """Count the people by the restriction that is really applied."""
    return dict(summary.people.get("applied") or summary.people["restriction"])


def _steps(summary: Summary) -> Iterator[Fact]:
    people = applied_people(summary)
    if people.get("ALL"):
        yield Fact("stop_all", {"people": people["ALL"]})
    if people.get("MEDICAL"):
        yield Fact("stop_medical", {"people": people["MEDICAL"]})
    if summary.runs:
        yield Fact("rebuild_runs", {"runs": len(summary.runs), "rows": sum(run.rows for run in summary.runs)})
    asked, to_correct = summary.counts.actions["ask"], summary.counts.actions["correct"]
    if asked:
        yield Fact("ask", {"people": summary.people_to_ask, "rows": asked})
    if to_correct:
        yield Fact("correct", {"rows": to_correct})
    if summary.rows_quarantined:
        yield Fact("quarantine", {"rows": summary.rows_quarantined})
    if summary.full_inspection_rows:
        yield Fact("full_inspection", {"rows": summary.full_inspection_rows})
