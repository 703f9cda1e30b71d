"""Published figures: the table of the seed from single cases, its revision, its description."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import pytest
from case_world import add_link, case_office, opening
from database_fixture import SmallWorld

from himozuke.errors import UsageError
from himozuke.incident import decide
from himozuke.incident.decide import Confirmation
from himozuke.incident.decide_after import ExposureWords
from himozuke.incident.figures import Period, WrongLink, as_words, changes, counted, periods_until, tabulate, total
from himozuke.incident.model import Finding, Result
from himozuke.incident.publishing import SAID

ENDS = [date(2021, 11, 30), date(2022, 11, 30)]
AS_OF = date(2023, 5, 22)
PERIODS = periods_until(ENDS, first=date(2021, 10, 1), as_of=AS_OF)


def links(*, viewed: tuple[int, int, int]) -> Iterator[WrongLink]:
    """The wrong links of the seed: 33, 7,279 (7,114 by the insurer's own duplicate check) and 60."""
    numbers = count(1)
    for period, wrong, seen in zip(PERIODS, (33, 7279, 60), viewed, strict=True):
        days = (period.last - period.first).days + 1
        for place in range(wrong):
            known = period.first + timedelta(days=place % days)
            by_check = wrong == 7279 and place < 7114
            yield WrongLink(next(numbers), known, int(place < seen), known, "C9", by_check)


@pytest.mark.seed("S73", "S75", "S84")
def test_the_table_of_the_seed_is_counted_from_single_cases() -> None:
    rows = tabulate(list(links(viewed=(1, 5, 4))), PERIODS, as_of=AS_OF)

    assert [(row.wrong, row.viewed) for row in rows] == [(33, 1), (7279, 5), (60, 4)]
    assert total(rows) == {"wrong": 7372, "viewed": 10, "corrected": 7372}
    assert rows[1].by_duplicate_check == 7114
    assert (rows[0].wrong + rows[1].wrong, rows[0].viewed + rows[1].viewed) == (7312, 6)


@pytest.mark.seed("S77")
def test_a_revision_names_what_it_changes() -> None:
    before = as_words(tabulate(list(links(viewed=(1, 4, 4))), PERIODS, as_of=AS_OF))
    after = as_words(tabulate(list(links(viewed=(1, 5, 4))), PERIODS, as_of=AS_OF))

    assert list(changes(before, after)) == [("viewed", 9, 10)]
    assert list(changes(None, after)) == []


def test_what_was_known_after_the_as_of_day_is_not_counted() -> None:
    later = WrongLink(1, date(2023, 5, 23), 0, None)

    assert total(tabulate([later], [Period(date(2023, 5, 1), date(2023, 5, 31))], as_of=AS_OF))["wrong"] == 0
    assert list(counted([later], [Period(date(2023, 5, 1), date(2023, 5, 31))], as_of=AS_OF)) == []


def test_periods_that_overlap_are_refused() -> None:
    with pytest.raises(UsageError):
        tabulate([], [Period(date(2022, 1, 1), date(2022, 6, 30)), Period(date(2022, 6, 30), AS_OF)], as_of=AS_OF)


@pytest.mark.seed("S77", "S109")
def test_a_second_version_needs_a_reason_and_the_first_one_stays(office: SmallWorld) -> None:
    cases = case_office(office)
    link_id = add_link(office, body=22)
    texts = dict.fromkeys(SAID, "記載")
    with cases.bench() as bench:
        case_id = bench.cases.open_case(opening(office, link_id))
        bench.cases.act(case_id, lambda state: decide.check_papers(state, finding=Finding.OTHERS, note_="届書"))
        wrong = Confirmation(Result.WRONG, "papers", "違う")
        bench.cases.act(case_id, lambda state: decide.confirm(state, wrong, today=office.clock.today()))
        bench.exposing.find(case_id, ExposureWords({}, "照会中"))
    april = [Period(date(2026, 4, 1), date(2026, 4, 1))]

    with cases.bench("insurer_supervisor") as bench:
        bench.publishing.publish(april, as_of=date(2026, 4, 1), texts=texts, reason="")
        with pytest.raises(UsageError, match="why the published figures"):
            bench.publishing.publish(april, as_of=date(2026, 4, 1), texts=texts, reason="")
        with pytest.raises(UsageError, match="empty"):
            bench.publishing.publish(april, as_of=date(2026, 4, 1), texts={}, reason="追加")
        bench.publishing.publish(april, as_of=date(2026, 4, 1), texts=texts, reason="ログの全件確認")
        versions = bench.publishing.versions()

    assert [(one.version, one.reason) for one in versions] == [(2, "ログの全件確認"), (1, "first")]
    with cases.world.work("ministry_viewer") as work:
        row = work.connection.execute("SELECT count(*) AS count FROM case_publication").fetchone()
        hidden = work.connection.execute("SELECT count(*) AS count FROM incident_case").fetchone()
    assert (row, hidden) == ({"count": 2}, {"count": 0})
