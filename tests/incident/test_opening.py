"""Cases are opened, joined and seen by their own organisation only."""

from __future__ import annotations

from datetime import date

import pytest
from case_world import add_link, cases_of, opening
from database_fixture import SmallWorld, assert_audited

from himozuke.errors import NotFoundError
from himozuke.incident.model import EventKind
from himozuke.incident.store import CaseFilter
from himozuke.stores.links import PostgresLinkBook


@pytest.mark.seed("S76")
def test_opening_a_case_stops_viewing_in_the_same_act(office: SmallWorld) -> None:
    link_id = add_link(office)

    with office.work("insurer_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, link_id))

        link = PostgresLinkBook(work).find(link_id)
        assert (link.state, link.restriction) == ("stopped", "ALL")
        assert_audited(work, "incident.opened")
        assert_audited(work, "incident.viewing_stopped")
        assert_audited(work, "link.stop_viewing")
        assert cases_of(work).case(case_id).state.stopped_on == date(2026, 4, 1)


def test_a_second_doubt_joins_the_open_case_and_stops_more(office: SmallWorld) -> None:
    link_id = add_link(office)
    with office.work("insurer_clerk") as work:
        first = cases_of(work).open_case(opening(office, link_id, restriction="MEDICAL", verdict="DOUBTFUL"))

    with office.system_work("duplicate_check") as work:
        second = cases_of(work).open_case(
            opening(office, link_id, origin="duplicate_check", reasons=("shared_number",), cause=None)
        )
        case = cases_of(work).case(first)

    assert second == first
    assert case.state.doubts == 2
    assert case.state.cause == "C4"
    assert case.state.reasons == ("rival_better", "shared_number")
    assert (case.state.stopped_as, case.state.restriction) == ("ALL", "ALL")
    assert [event.kind for event in case.events].count(EventKind.VIEWING_STOPPED) == 2


def test_a_milder_second_doubt_does_not_loosen_the_stop(office: SmallWorld) -> None:
    link_id = add_link(office)
    with office.work("insurer_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, link_id))

        cases_of(work).open_case(opening(office, link_id, restriction="MEDICAL"))

        assert PostgresLinkBook(work).find(link_id).restriction == "ALL"
        assert cases_of(work).case(case_id).state.stopped_as == "ALL"


def test_a_case_of_another_insurer_is_not_found_and_not_listed(office: SmallWorld) -> None:
    link_id = add_link(office)
    with office.work("insurer_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, link_id))

    with office.work("insurer_clerk", of=office.other_insurer) as work:
        with pytest.raises(NotFoundError):
            cases_of(work).case(case_id)
        from himozuke.stores.cases import PostgresCases

        rows, total = PostgresCases(work.connection).queue(
            CaseFilter(), today=date(2026, 4, 1), me=None, limit=10, offset=0
        )
    assert (rows, total) == ([], 0)


def test_a_case_without_a_link_of_ours_is_opened_too(office: SmallWorld) -> None:
    with office.work("insurer_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, None, origin="call", verdict=None, restriction="NONE"))

        state = cases_of(work).case(case_id).state

    assert (state.has_link, state.stopped_on) == (False, None)


@pytest.mark.seed("S94")
def test_cases_of_one_cause_and_batch_stand_in_one_group(office: SmallWorld) -> None:
    from himozuke.stores.cases import PostgresCases

    with office.work("insurer_clerk") as work:
        for body in (1, 2):
            cases_of(work).open_case(opening(office, add_link(office, body=body)))
        cases_of(work).open_case(opening(office, add_link(office, body=3), cause="C5"))

        groups = PostgresCases(work.connection).groups(today=date(2026, 4, 1))

    assert [(group.cause, group.cases) for group in groups] == [("C5", 1), ("C4", 2)]


def test_what_a_case_stopped_is_not_ended_by_one_persons_answer(office: SmallWorld) -> None:
    link_id = add_link(office, verdict="DOUBTFUL")
    with office.work("insurer_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, link_id, verdict="DOUBTFUL"))

        cases_of(work).settle_by_answer(link_id, answer="no_doubt", reason="届書と一致")

        state = cases_of(work).case(case_id).state
        assert (state.result, state.papers is not None and state.papers.finding) == (None, "own")
        assert PostgresLinkBook(work).find(link_id).state == "stopped"


def test_what_a_comparison_stopped_is_ended_by_the_answer_of_the_registration(office: SmallWorld) -> None:
    link_id = add_link(office, verdict="DOUBTFUL", state="stopped", restriction="ALL")
    with office.work("insurer_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, link_id, origin="registration", verdict="DOUBTFUL"))

        cases_of(work).settle_by_answer(link_id, answer="no_doubt", reason="届書と一致")

        assert cases_of(work).case(case_id).state.closed_on == date(2026, 4, 1)
        assert_audited(work, "incident.settled")
