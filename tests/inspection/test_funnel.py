"""The funnel adds up, and each step's rows are those its condition selects."""

from __future__ import annotations

from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.inspection import words
from himozuke.inspection.decide import count
from himozuke.inspection.funnel import belongs, children, funnel
from himozuke.inspection.model import ACTIONS, CAUSES, ITEMS, RESTRICTIONS, STATES, VERDICTS, Summary, Tally
from himozuke.inspection.next_steps import applied_people, next_steps

# ``ask`` follows from DOUBTFUL and REFUTED alone.
OUTCOMES = [
    (verdict, action)
    for verdict in VERDICTS
    for action in ACTIONS
    if action != "ask" or verdict in ("DOUBTFUL", "REFUTED")
]

tallies = st.lists(
    st.builds(
        lambda outcome, restriction, table, cause, states, rows: Tally(
            verdict=outcome[0],
            action=outcome[1],
            restriction=restriction,
            restriction_by_table=table,
            cause=cause if outcome[1] == "ask" else None,
            states=states,
            rows=rows,
        ),
        st.sampled_from(OUTCOMES),
        st.sampled_from(RESTRICTIONS),
        st.sampled_from(RESTRICTIONS),
        st.sampled_from([None, *CAUSES]),
        st.tuples(*[st.sampled_from(STATES)] * 5),
        st.integers(0, 10_000_000),
    ),
    max_size=30,
)


def summary_of(found: list[Tally], quarantined: int = 0, **changes: object) -> Summary:
    rows = sum(tally.rows for tally in found)
    people = dict.fromkeys(RESTRICTIONS, 0)
    values: dict[str, object] = {
        "scheme": "benefit_account",
        "scheme_name_ja": "公金受取口座",
        "scheme_name_en": "Benefit account",
        "on": date(2026, 10, 1),
        "snapshot": None,
        "started_at": datetime(2026, 10, 1, tzinfo=UTC),
        "rows_in_file": rows + quarantined,
        "rows_verdicted": rows,
        "rows_quarantined": quarantined,
        "counts": count(found),
        "people": {"restriction": people, "restriction_by_table": people},
        "people_to_ask": 0,
        "hows": {},
        "reasons": {},
    }
    return Summary(**(values | changes))  # type: ignore[arg-type]


@given(tallies, st.integers(0, 1_000))
def test_children_add_up_to_their_parent(found: list[Tally], quarantined: int) -> None:
    steps = funnel(summary_of(found, quarantined))

    for step in steps:
        below = children(steps, step.step)
        assert not below or sum(one.count for one in below) == step.count


@given(tallies)
def test_every_step_but_the_first_is_a_subset_of_a_former_one(found: list[Tally]) -> None:
    steps = funnel(summary_of(found))

    counts = {step.step: step.count for step in steps}
    assert steps[0].step == "data_rows"
    assert steps[0].parent is None
    for place, step in enumerate(steps[1:], start=1):
        assert step.parent in [former.step for former in steps[:place]]
        assert step.count <= counts[str(step.parent)]


@pytest.mark.parametrize("step", [step for step in words.funnel_steps() if step not in ("quarantined", "data_rows")])
def test_the_condition_in_words_selects_the_same_rows(step: str) -> None:
    mixes = [("equal",) * 5, ("folded", *["equal"] * 4), ("variant", "folded", *["missing"] * 3), ("near",) * 5]
    rows = [(verdict, action, *states) for verdict, action in OUTCOMES for states in mixes]
    names = ["verdict", "action", *(f"state_{item}" for item in ITEMS)]
    verdicts = pa.table({name: [row[place] for row in rows] for place, name in enumerate(names)})
    condition = words.funnel_steps()[step].get("filter") or "true"

    selected = duckdb.from_arrow(verdicts).filter(condition).fetchall()

    assert sorted(selected) == sorted(row for row in rows if belongs(step, row[0], row[1], row[2:]))


@given(tallies)
def test_every_figure_of_the_counts_covers_every_row(found: list[Tally]) -> None:
    counts, rows = count(found), sum(tally.rows for tally in found)

    assert sum(counts.verdicts.values()) == rows
    assert sum(counts.actions.values()) == rows
    assert sum(counts.verdict_actions.values()) == rows
    assert sum(counts.restrictions.values()) == rows
    assert all(sum(by_state.values()) == rows for by_state in counts.states.values())
    assert sum(counts.causes.values()) + counts.without_cause == counts.actions["ask"]


def test_with_nothing_found_the_only_step_is_to_keep_the_report() -> None:
    clean = summary_of([Tally("PROVEN", "none", "NONE", "NONE", None, ("equal",) * 5, 10)])

    assert [step.code for step in next_steps(clean)] == ["nothing"]


@pytest.mark.seed("S76", "S93")
def test_viewing_is_stopped_before_anybody_is_asked() -> None:
    found = [Tally("REFUTED", "ask", "ALL", "ALL", "C1", ("different",) * 5, 3)]
    people = {"NONE": 0, "MEDICAL": 0, "ALL": 2}
    summary = summary_of(found, 4, people={"restriction": people, "restriction_by_table": people}, people_to_ask=2)

    steps = next_steps(summary)

    assert [step.code for step in steps] == ["stop_all", "ask", "quarantine"]
    assert words.next_step(steps[0]) == "2人について、すべての閲覧を停止します。"
    assert "2人（3件）" in words.next_step(steps[1])


def test_the_restriction_really_applied_counts_where_it_is_given() -> None:
    people = {"restriction": {"ALL": 1}, "restriction_by_table": {"ALL": 9}}

    assert applied_people(summary_of([], people=people)) == {"ALL": 1}
    assert applied_people(summary_of([], people=people | {"applied": {"ALL": 10}})) == {"ALL": 10}
