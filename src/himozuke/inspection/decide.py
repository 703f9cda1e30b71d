"""Pure decisions of an inspection: figures from tallies, and what a record needs to be mended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from himozuke.inspection import notation, words
from himozuke.inspection.funnel import belongs
from himozuke.inspection.model import (
    ACTIONS,
    CAUSES,
    ITEMS,
    RESTRICTIONS,
    STATES,
    VERDICTS,
    Correction,
    Counts,
    Items,
    ReviewRow,
    Tally,
)

UNREADABLE_MARKS = "●〓□"

_NAMES = ("kanji_name", "kana_name")

# Which items a reason speaks of, and in which states the insurer's value is the one to mend.
_STATES_TO_MEND = {
    "married": (_NAMES, ("different", "near", "unknown")),
    "middle_name": (_NAMES, ("near",)),
    "unreadable": (ITEMS, ("unknown",)),
    "other_script": (_NAMES, ("unknown",)),
}


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


def corrections(row: ReviewRow) -> tuple[Correction, ...]:
    """List what the insurer must mend in one record; at least one entry for a ``correct`` row.

    Rows with another action give nothing: while it is open whose number it is, no value is put in.
    """
    if row.action != "correct":
        return ()
    found = tuple(dict.fromkeys(_corrections(row)))
    reason = row.reasons[0] if row.reasons else "too_little_held"
    return found or (Correction(row.row, "", "", None, reason),)


def public_items(row: ReviewRow) -> tuple[Items, Items | None, Items | None]:
    """Give link, entry and rival as they may be shown.

    For a protected person (支援措置) the register's addresses are left out, and the link's own too
    unless it differs, since an agreeing address would tell the same.
    """
    if not row.protected:
        return row.link, row.entry, row.rival
    hide_link = row.states.get("address") not in ("different", "missing")
    return (
        row.link.without_address() if hide_link else row.link,
        row.entry.without_address() if row.entry else None,
        row.rival.without_address() if row.rival else None,
    )


def _corrections(row: ReviewRow) -> Iterator[Correction]:
    for reason in row.reasons:
        if reason == "old_number":
            yield Correction(row.row, "individual_number", row.masked_number, row.current_number or None, reason)
        elif reason in ("died_link_open", "several_valid_links"):
            yield Correction(row.row, "valid_to", "", None, reason)
        elif reason == "reading":
            yield _from_entry(row, "kana_name", reason)
        elif reason.startswith("slip_"):
            yield _from_entry(row, reason.removeprefix("slip_"), reason)
        elif reason in _STATES_TO_MEND:
            yield from _from_entry_where(row, reason)
        elif reason.startswith("missing_") and row.verdict == "EXPLAINED" and reason != "missing_address":
            # Insurers need not hold an address (R-JLIS); what else is missing the register knows.
            yield from _fill(row, reason)
    if row.verdict == "UNTESTABLE":
        for item in ITEMS:
            if not row.link.value(item).strip():
                yield Correction(row.row, item, "", None, f"missing_{item}")


def _from_entry_where(row: ReviewRow, reason: str) -> Iterator[Correction]:
    items, states = _STATES_TO_MEND[reason]
    for item in items:
        if row.states.get(item) in states:
            yield _from_entry(row, item, reason)


def _fill(row: ReviewRow, reason: str) -> Iterator[Correction]:
    item = reason.removeprefix("missing_")
    if not row.link.value(item).strip():
        yield _from_entry(row, item, reason)


def _from_entry(row: ReviewRow, item: str, reason: str) -> Correction:
    value = row.entry.value(item) if row.entry else ""
    hidden = row.protected and item == "address"
    unreadable = any(mark in value for mark in UNREADABLE_MARKS)
    known = bool(value) and not hidden and not unreadable
    before = row.link.value(item)
    return Correction(row.row, item, before, notation.like(before, value, item=item) if known else None, reason)
