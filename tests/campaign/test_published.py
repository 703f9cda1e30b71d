"""The arithmetic of the published tables, and what makes a revision."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.campaign.process_class import BodyAnswer, body_class
from himozuke.campaign.published import (
    Change,
    Period,
    add_up,
    class_table,
    period_table,
    published_figures,
    revise,
    within,
)
from himozuke.errors import InputRejectedError, UsageError
from himozuke.rules.loader import load

AS_OF = date(2023, 7, 4)
BOOK = load()


def answer(body: str = "1", *questions: str, **changes: object) -> BodyAnswer:
    three, several, other = questions or ("no", "no", "no")
    return BodyAnswer(body, f"団体{body}", three, several, other, **changes)  # type: ignore[arg-type]


@pytest.mark.seed("S71", "S110")
def test_the_classes_of_all_bodies_add_up_as_published() -> None:
    bodies = [answer(f"a{n}", "yes", "no", "no") for n in range(293)]
    bodies += [answer(f"b{n}", "no", "unconfirmed", "no") for n in range(1_010)]
    bodies += [answer(f"c{n}") for n in range(2_108)]

    table = class_table(bodies, BOOK, AS_OF)

    assert [row.bodies for row in table.rows] == [293, 1_010, 2_108]
    assert [row.percent for row in table.rows] == [8.6, 29.6, 61.8]
    assert table.total == 293 + 1_010 + 2_108 == 3_411
    assert table.unanswered == ()


@pytest.mark.seed("S72")
@pytest.mark.parametrize("questions", [("yes", "no", "no"), ("no", "yes", "no"), ("no", "no", "yes")])
def test_any_of_the_three_ways_makes_class_one(questions: tuple[str, str, str]) -> None:
    assert body_class([answer("1", *questions)], BOOK, AS_OF) == 1


@pytest.mark.seed("S72")
@pytest.mark.parametrize(
    ("stopped", "inspected_on", "number"),
    [
        (True, date(2023, 6, 30), 3),
        (True, date(2023, 7, 1), 1),
        (True, None, 1),
        (False, date(2023, 6, 30), 1),
    ],
)
def test_stopped_and_inspected_by_the_deadline_is_left_out(
    stopped: bool, inspected_on: date | None, number: int
) -> None:
    line = answer("1", "yes", "no", "no", stopped=stopped, inspected_on=inspected_on)

    assert body_class([line], BOOK, AS_OF) == number


def test_the_strictest_line_classes_the_body_and_residents_data_holders_are_class_three() -> None:
    assert body_class([answer(), answer("1", "unconfirmed", "no", "no")], BOOK, AS_OF) == 2
    assert body_class([answer("1", "", "", "", holds_residents=True)], BOOK, AS_OF) == 3


@pytest.mark.seed("S110")
def test_a_body_without_an_answer_is_listed_not_classed() -> None:
    table = class_table([answer("1"), answer("2"), answer("2", "no", "", "no")], BOOK, AS_OF)

    assert table.total == 1
    assert table.unanswered == ("2",)


FIRST = Period(date(2021, 10, 1), date(2021, 11, 30), 33, 1, "約2,200万件")
SECOND = Period(date(2021, 12, 1), date(2022, 11, 30), 7_279, 5, "約5.9億件")
THIRD = Period(date(2022, 12, 1), date(2023, 5, 22), 60, 4, "約7.2億件")
PRINTED = Period(date.min, date.max, 7_372, 10, "約13.2億件")


@pytest.mark.seed("S73", "S74")
def test_periods_add_up_and_the_rounded_uses_stand_as_printed() -> None:
    table = period_table([THIRD, FIRST, SECOND], PRINTED)

    assert [period.wrong for period in table.periods] == [33, 7_279, 60]
    assert (table.wrong, table.viewed) == (33 + 7_279 + 60, 1 + 5 + 4) == (7_372, 10)
    assert table.uses == "約13.2億件"  # 0.22 + 5.9 + 7.2 would round to 13.3


@pytest.mark.seed("S84")
def test_two_publications_agree_where_their_periods_do() -> None:
    table = within(period_table([FIRST, SECOND, THIRD]), date(2021, 10, 1), date(2022, 11, 30))

    assert (table.wrong, table.viewed) == (33 + 7_279, 1 + 5) == (7_312, 6)


def test_overlapping_periods_and_wrong_sums_are_refused() -> None:
    with pytest.raises(InputRejectedError, match="overlap"):
        period_table([FIRST, Period(date(2021, 11, 30), date(2022, 1, 1), 1, 0)])
    with pytest.raises(InputRejectedError, match="add up to 33 and 1"):
        period_table([FIRST], PRINTED)
    with pytest.raises(InputRejectedError, match="views cannot exceed"):
        period_table([Period(date(2021, 1, 1), date(2021, 2, 1), 1, 2)])


@pytest.mark.seed("S77")
def test_a_changed_figure_makes_a_version_with_its_reason() -> None:
    before = published_figures(None, period_table([Period(SECOND.first, SECOND.last, 7_279, 4)]), ())
    after = published_figures(None, period_table([SECOND]), ())
    first = revise((), before, as_of=date(2023, 2, 17), reason="")

    history = revise(first, after, as_of=date(2023, 6, 13), reason="ログの全件確認で1件を追加")

    key = "period/2021-12-01..2022-11-30/viewed"
    assert [version.version for version in history] == [1, 2]
    assert Change(key, 4, 5) in history[1].changes
    assert Change("period/total/viewed", 4, 5) in history[1].changes
    assert history[0].figures[key] == 4


@pytest.mark.seed("S77", "S109")
def test_a_revision_needs_a_reason_and_never_goes_back_in_time() -> None:
    first = revise((), {"x": 1}, as_of=date(2023, 6, 13), reason="")

    with pytest.raises(UsageError, match="--reason"):
        revise(first, {"x": 2}, as_of=date(2023, 6, 14), reason=" ")
    with pytest.raises(UsageError, match="--as-of"):
        revise(first, {"x": 2}, as_of=date(2023, 6, 12), reason="r")
    assert revise(first, {"x": 1}, as_of=date(2023, 6, 13), reason="") == first


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.integers(0, 10**9)), max_size=20))
def test_inspections_add_up_by_scheme(inspections: list[tuple[str, int]]) -> None:
    names = (
        "rows",
        "verdicted",
        "quarantined",
        "proven",
        "explained",
        "to_correct",
        "to_ask",
        "refuted",
        "confirmed_wrong",
    )

    sums = add_up((scheme, scheme, scheme, dict.fromkeys(names, rows)) for scheme, rows in inspections)

    assert sum(one.rows for one in sums) == sum(rows for _, rows in inspections)
    assert sum(one.files for one in sums) == len(inspections)
    assert len({one.scheme for one in sums}) == len(sums)
