"""Who saw what while a link was wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from case_world import ITEMS, REGISTERED_AT, add_link, case_office, opening, view
from database_fixture import JAPAN, SmallWorld, assert_audited_ever
from factories import number

from himozuke.errors import UsageError
from himozuke.incident import decide
from himozuke.incident.decide import Confirmation
from himozuke.incident.decide_after import ExposureWords
from himozuke.incident.exposure import Interval, LogCover, LoggedViewing, review, wrong_interval
from himozuke.incident.model import Finding, Result
from himozuke.ports.office import LinkRecord, LinkVersion


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=JAPAN)


def link() -> LinkRecord:
    return LinkRecord(
        1, 1, "health_insurance", "", "", "", "", "", "", b"", "", "", "", "", "", None, None, REGISTERED_AT,
        "stopped", "ALL", None, (), None, None,
    )  # fmt: skip


def change(version_id: int, moment: str, *, undone_by: int | None = None, **after: Any) -> LinkVersion:
    return LinkVersion(version_id, 1, at(moment), "clerk", "replace_number", "理由", {}, after, undone_by)


def test_the_wrong_time_runs_from_registration_to_the_correction() -> None:
    history = [change(5, "2026-04-13T10:00", individual_number="sealed")]

    found = wrong_interval(link(), history, corrected_version=5, now=at("2026-05-01"))

    assert found == Interval(REGISTERED_AT, at("2026-04-13T10:00"))


def test_an_overwritten_number_was_wrong_only_since_it_was_overwritten() -> None:
    history = [
        change(3, "2026-01-10T09:00", individual_number="sealed"),
        change(4, "2026-02-01T09:00", address="changed"),
        change(5, "2026-04-13T10:00", individual_number="sealed"),
    ]

    assert wrong_interval(link(), history, corrected_version=5, now=at("2026-05-01")).since == at("2026-01-10T09:00")


def test_an_undone_change_is_no_change() -> None:
    history = [change(3, "2026-01-10T09:00", undone_by=4, individual_number="sealed")]

    found = wrong_interval(link(), history, corrected_version=None, now=at("2026-05-01"))

    assert found == Interval(REGISTERED_AT, at("2026-05-01"))


def viewing(access_id: int, moment: str, *items: str) -> LoggedViewing:
    return LoggedViewing(access_id, at(moment), "1310000001", "診療所", "医師", items, "", "online")


@pytest.mark.seed("S84")
def test_viewings_are_counted_within_the_interval_and_medical_ones_apart() -> None:
    interval = Interval(at("2026-01-01"), at("2026-02-01"))
    seen = [
        viewing(1, "2025-12-31T23:59", "medicines"),
        viewing(2, "2026-01-01T00:00", "qualification"),
        viewing(3, "2026-01-20T10:00", "qualification", "medicines"),
        viewing(4, "2026-01-21T10:00", "checkups"),
        viewing(5, "2026-02-01T00:00", "medicines"),
    ]

    found = review(seen, interval, [], left_out=[4])

    assert [one.access_id for one in found.viewings] == [2, 3]
    assert [one.access_id for one in found.medical] == [3]


def test_a_log_covers_the_interval_when_its_files_leave_no_gap() -> None:
    interval = Interval(at("2026-01-01"), at("2026-02-01"))
    first, second = LogCover(at("2025-12-01"), at("2026-01-15")), LogCover(at("2026-01-15"), at("2026-02-02"))
    late = LogCover(at("2026-01-16"), at("2026-02-02"))

    assert review([], interval, [second, first]).is_covered
    assert not review([], interval, [first, late]).is_covered
    assert not review([], interval, []).is_covered


def test_a_later_viewing_in_the_log_makes_the_finding_again_before_the_final_report(office: SmallWorld) -> None:
    cases = case_office(office)
    link_id = add_link(office, body=22)
    with cases.bench() as bench:
        case_id = bench.cases.open_case(opening(office, link_id))
        bench.cases.act(case_id, lambda state: decide.check_papers(state, finding=Finding.OTHERS, note_="届書"))
        wrong = Confirmation(Result.WRONG, "papers", "違う")
        bench.cases.act(case_id, lambda state: decide.confirm(state, wrong, today=office.clock.today()))
        with pytest.raises(UsageError, match="does not cover"):
            bench.exposing.find(case_id, ExposureWords({}, ""))
        bench.exposing.find(case_id, ExposureWords({}, "照会中"))
    view(office, link_id, at("2026-02-01T10:00"), ["checkups"])

    with cases.bench() as bench:
        case = bench.exposing.find(case_id, ExposureWords({}, "全件確認で1件追加"))

    assert case.state.exposure is not None
    assert case.state.exposure.medical == 1
    assert_audited_ever(office, "incident.exposure_found", count=2)


def test_a_correction_is_undone_and_the_wrong_time_goes_on(office: SmallWorld) -> None:
    cases = case_office(office)
    link_id = add_link(office, body=22)
    with cases.bench() as bench:
        case_id = bench.cases.open_case(opening(office, link_id))
        bench.cases.act(case_id, lambda state: decide.check_papers(state, finding=Finding.OTHERS, note_="届書"))
        wrong = Confirmation(Result.WRONG, "papers", "違う")
        bench.cases.act(case_id, lambda state: decide.confirm(state, wrong, today=office.clock.today()))
        bench.correcting.propose(
            case_id, number=number(11), items={"address": "東京都千代田区霞が関１－２－３"}, reason="カード"
        )
    with cases.bench("insurer_supervisor") as bench:
        bench.correcting.approve(case_id)
        assert bench.tools.links.find(link_id).address == "東京都千代田区霞が関１－２－３"

    with cases.bench() as bench:
        case = bench.correcting.undo(case_id, reason="別の人のカードだった")
        again = bench.tools.links.find(link_id)

    assert case.state.corrected_on is None
    assert office.vault.open(again.individual_number_sealed).reveal() == number(22)
    assert again.address == ITEMS["address"]
    assert again.state == "stopped"
