"""The funnel: from every row of the file, step by step, to the people to ask.

Steps form a tree; the children of a step add up to it, and every step's rows can be listed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from himozuke.inspection import words
from himozuke.inspection.model import FunnelStep, Summary


def belongs(step: str, verdict: str, action: str, states: Sequence[str]) -> bool:
    """Tell whether a verdicted link is one of the rows of a step.

    The condition in ``words/funnel.toml`` says the same in SQL, for people who list the rows.
    """
    if step in _NOT_A_VERDICT:
        return False
    if step.startswith("proven_"):
        return _settled(verdict, action) and step == f"proven_{_weakest_agreement(states)}"
    return _CONDITIONS[step](verdict, action)


def funnel(summary: Summary) -> tuple[FunnelStep, ...]:
    """Build the steps of one inspection, the whole file first, a step always after its parent."""
    counts = dict(summary.counts.steps)
    counts["data_rows"] = summary.rows_in_file
    counts["quarantined"] = summary.rows_quarantined
    return tuple(
        FunnelStep(
            step=step,
            name_ja=entry["ja"],
            name_en=entry["en"],
            count=counts[step],
            parent=entry.get("parent"),
            listed_in=entry["listed_in"],
            filter=entry.get("filter", ""),
        )
        for step, entry in words.funnel_steps().items()
    )


def children(steps: Sequence[FunnelStep], parent: str) -> tuple[FunnelStep, ...]:
    """Pick the steps directly below one step; their counts add up to its count."""
    return tuple(step for step in steps if step.parent == parent)


def _weakest_agreement(states: Sequence[str]) -> str:
    if "variant" in states:
        return "variant"
    return "folded" if "folded" in states else "equal"


def _settled(verdict: str, action: str) -> bool:
    return verdict == "PROVEN" and action == "none"


_NOT_A_VERDICT = frozenset({"quarantined"})
_CONDITIONS: Mapping[str, Callable[[str, str], bool]] = {
    "data_rows": lambda _verdict, _action: True,
    "verdicted": lambda _verdict, _action: True,
    "proven": _settled,
    "unproven": lambda verdict, action: not _settled(verdict, action),
    "explained": lambda verdict, action: verdict != "PROVEN" and action == "none",
    "to_act": lambda _verdict, action: action != "none",
    "to_correct": lambda _verdict, action: action == "correct",
    "to_ask": lambda _verdict, action: action == "ask",
    "refuted": lambda verdict, action: verdict == "REFUTED" and action == "ask",
    "doubtful": lambda verdict, action: verdict == "DOUBTFUL" and action == "ask",
}
