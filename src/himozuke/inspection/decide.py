"""Pure decisions of an inspection: figures from tallies, and what may be shown."""

from __future__ import annotations

from collections.abc import Iterable

from himozuke.inspection import words
from himozuke.inspection.funnel import belongs
from himozuke.inspection.model import (
    ACTIONS,
    CAUSES,
    ITEMS,
    RESTRICTIONS,
    STATES,
    VERDICTS,
    Counts,
    Items,
    ReviewRow,
    Tally,
)

#: States in which the link's own address tells nothing of the one of its number's holder.
SAFE_ADDRESS_STATES = ("different", "missing")


def count(tallies: Iterable[Tally]) -> Counts:
    """Add up the outcomes of all verdicted links into the figures of the report."""
    verdicts = dict.fromkeys(VERDICTS, 0)
    actions = dict.fromkeys(ACTIONS, 0)
    verdict_actions = {(verdict, action): 0 for verdict in VERDICTS for action in ACTIONS}
    restrictions = dict.fromkeys(RESTRICTIONS, 0)
    by_table = dict.fromkeys(RESTRICTIONS, 0)
    causes = dict.fromkeys(CAUSES, 0)
    states = {item: dict.fromkeys(STATES, 0) for item in ITEMS}
    steps = dict.fromkeys(words.funnel_steps(), 0)
    without_cause = 0
    for tally in tallies:
        verdicts[tally.verdict] += tally.rows
        actions[tally.action] += tally.rows
        verdict_actions[tally.verdict, tally.action] += tally.rows
        restrictions[tally.restriction] += tally.rows
        by_table[tally.restriction_by_table] += tally.rows
        if tally.cause:
            causes[tally.cause] += tally.rows
        elif tally.action == "ask":
            without_cause += tally.rows
        for item, state in zip(ITEMS, tally.states, strict=True):
            states[item][state] += tally.rows
        for step in steps:
            if belongs(step, tally.verdict, tally.action, tally.states):
                steps[step] += tally.rows
    return Counts(
        verdicts=verdicts,
        actions=actions,
        verdict_actions=verdict_actions,
        restrictions=restrictions,
        restrictions_by_table=by_table,
        causes=causes,
        without_cause=without_cause,
        states=states,
        steps=steps,
    )


def public_items(row: ReviewRow) -> tuple[Items, Items | None, Items | None]:
    """Give link, entry and rival as they may be shown.

    For a protected person (支援措置) the register's addresses are left out, and the link's own too
    unless it differs, since an agreeing address would tell the same. The states compare the link with
    the number's holder only: who fits better or as well mostly lives at the link's address.
    """
    if not row.protected:
        return row.link, row.entry, row.rival
    hide_link = row.rival_protected or row.states.get("address") not in SAFE_ADDRESS_STATES
    return (
        row.link.without_address() if hide_link else row.link,
        row.entry.without_address() if row.entry else None,
        row.rival.without_address() if row.rival else None,
    )
