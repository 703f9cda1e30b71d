"""Many notices, those of a day that has come, and those the register did not answer for are registered by jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from database_fixture import SmallWorld
from factories import person, table
from register_world import load
from registration_filings import TEXTS

from himozuke.entrypoints.jobs import registration
from himozuke.entrypoints.jobs.tasks import JobRun
from himozuke.entrypoints.jobs.worker import Worker
from himozuke.entrypoints.registering import AT_ONCE, Consignment, TakenIn, take_in
from himozuke.entrypoints.wiring import Office
from himozuke.errors import UpstreamDownError
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.actor import Actor
from himozuke.registration.answering import AnsweringService
from himozuke.registration.model import Channel, Filing, NoticeKind
from himozuke.settings import Settings
from himozuke.stores.register_loading import CHANGES

MANY = AT_ONCE + 5
PEOPLE = [person(2001 + 7 * place, address=f"東京都千代田区霞が関一丁目{place + 1}番") for place in range(MANY)]
ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")


@pytest.fixture
def program(office: SmallWorld, tmp_path: Path) -> Office:
    """The services as the program wires them."""
    return Office(database=office.database, vault=office.vault, settings=Settings(data=tmp_path))


def filed(place: int, *, on: date = date(2026, 4, 1)) -> Filing:
    someone = PEOPLE[place]
    texts = TEXTS | {"insurer_number": "", "number": str(place + 1)} | {name: someone[name] for name in ITEMS}
    return Filing(NoticeKind.ACQUISITION, on, texts, IndividualNumber(int(someone["individual_number"])))


def send(program: Office, office: SmallWorld, filings: list[Filing]) -> TakenIn:
    return take_in(program, office.actor("insurer_clerk"), Consignment(filings, office.insurer, Channel.API))


def states(office: SmallWorld) -> dict[str, int]:
    with office.system_work() as work:
        rows = work.connection.execute("SELECT state, count(*) AS notices FROM notice GROUP BY state")
        return {row["state"]: row["notices"] for row in rows}


def run(program: Office, does: object, **arguments: int) -> None:
    assert callable(does)
    does(JobRun(program, 0, Actor.system("test"), arguments))


def test_more_than_a_page_can_wait_for_are_registered_by_a_job_and_once_only(
    program: Office, office: SmallWorld
) -> None:
    load(office, table(PEOPLE), date(2026, 4, 1))

    done = send(program, office, [filed(place) for place in range(MANY)])

    assert (done.registered, done.job_id is not None) == ([], True)
    assert states(office) == {"received": MANY}
    Worker(program).run(until_empty=True)
    assert states(office) == {"registered": MANY}
    first, last = done.received[0].notice_id, done.received[-1].notice_id
    run(program, registration.register, first=first, last=last)
    with office.system_work() as work:
        row = work.connection.execute("SELECT count(*) AS links, count(DISTINCT scheme_number) AS numbers FROM link")
        assert row.fetchone() == {"links": MANY, "numbers": MANY}


@pytest.mark.seed("S101")
def test_what_was_collected_ahead_is_taken_in_on_its_day_without_anybody(program: Office, office: SmallWorld) -> None:
    load(office, table(PEOPLE[:3]), date(2026, 4, 1))
    send(program, office, [filed(0), filed(1, on=date(2026, 4, 10))])
    run(program, registration.take_up)
    assert states(office) == {"registered": 1, "prepared": 1}

    office.clock.set("2026-04-10")
    run(program, registration.take_up)

    assert states(office) == {"registered": 2}


def test_before_any_register_is_loaded_notices_are_received_and_registered_later(
    program: Office, office: SmallWorld
) -> None:
    done = send(program, office, [filed(0)])
    assert len(done.received) == 1

    load(office, table(PEOPLE[:3]), date(2026, 4, 1))
    run(program, registration.take_up)

    assert states(office) == {"registered": 1}
    with office.work("insurer_clerk") as work:
        link = work.connection.execute("SELECT state, verdict FROM link").fetchone()
    assert link is not None
    assert (link["state"], link["verdict"]) == ("released", "PROVEN")


@pytest.fixture
def judged(program: Office, office: SmallWorld) -> int:
    """One released record and one that was answered "no doubt" (born on another day than the register says)."""
    load(office, table(PEOPLE[:4]), date(2026, 4, 1))
    doubted = replace(filed(1), texts={**filed(1).texts, "birth_date": "1962-11-23"})
    done = send(program, office, [filed(0), doubted, filed(2)])
    link_id = done.registered[1].link_id
    assert link_id is not None
    with program.work(office.actor("insurer_clerk")) as work:
        [answered] = work.answering.answer([link_id], answer="no_doubt", reason="戸籍で確認")
    assert answered.is_released
    return link_id


def links(office: SmallWorld) -> list[tuple[str, str | None]]:
    """State and reasons of every link, in order."""
    with office.system_work() as work:
        rows = work.connection.execute("SELECT state, reasons FROM link ORDER BY link_id").fetchall()
    return [(row["state"], ",".join(row["reasons"])) for row in rows]


def waiting_links(office: SmallWorld) -> list[int]:
    with office.system_work() as work:
        rows = work.connection.execute("SELECT link_id FROM link_to_compare ORDER BY link_id").fetchall()
    return [row["link_id"] for row in rows]


def test_no_doubt_and_released_links_are_judged_again_when_the_register_changed(
    program: Office, office: SmallWorld, judged: int
) -> None:
    died = PEOPLE[0] | {"status": "dead", "status_on": "2026-04-02"}
    moved = PEOPLE[1] | {"address": "大阪府大阪市北区梅田一丁目1番1号"}
    load(office, table([died, moved]), date(2026, 4, 2), kind=CHANGES)
    assert waiting_links(office) == [judged - 1, judged]
    before = links(office)

    run(program, registration.compare_changed)

    assert before == [("released", ""), ("released", "unexplained_birth_date"), ("released", "")]
    (died_state, died_reasons), (doubted_state, _), untouched = links(office)
    assert (died_state, died_reasons) == ("released", "died_link_open")
    assert doubted_state == "stopped"
    assert untouched == ("released", "")
    assert waiting_links(office) == []
    with program.work(office.actor("insurer_clerk")) as work:
        assert work.record_lists.waiting() == {"stopped": 1, "to_correct": 1}
        assert len(work.link_book.history(judged)) == 3  # registered, released by the answer, and judged once more
    run(program, registration.compare_changed)  # nothing waits: doing it twice does it once
    with program.work(office.actor("insurer_clerk")) as work:
        assert len(work.link_book.history(judged)) == 3


def test_an_unchanged_person_makes_nobody_wait(office: SmallWorld, judged: int) -> None:
    load(office, table(PEOPLE[:4]), date(2026, 4, 2))  # the same people a day later

    assert waiting_links(office) == []
    assert judged


def test_comparing_goes_on_where_it_stood_when_the_register_did_not_answer(
    program: Office, office: SmallWorld, judged: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = [PEOPLE[place] | {"address": f"大阪府大阪市北区梅田一丁目{place + 1}番"} for place in (0, 1, 2)]
    load(office, table(moved), date(2026, 4, 2), kind=CHANGES)
    monkeypatch.setattr(registration, "CHUNK", 1)
    compare, turns = AnsweringService.compare_changed, iter([True])

    def breaks(self: AnsweringService, *, limit: int) -> int:
        if next(turns, False):
            return compare(self, limit=limit)
        raise UpstreamDownError("the register does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(AnsweringService, "compare_changed", breaks)
        with pytest.raises(UpstreamDownError):
            run(program, registration.compare_changed)
    assert waiting_links(office) == [judged, judged + 1]
    run(program, registration.compare_changed)

    assert waiting_links(office) == []
    with office.work("insurer_clerk") as work:
        days = work.connection.execute("SELECT DISTINCT register_day FROM link").fetchall()
    assert days == [{"register_day": date(2026, 4, 2)}]


def test_an_ended_link_of_somebody_whom_the_register_let_go_stays_as_it_was_judged(
    office: SmallWorld, judged: int
) -> None:
    with office.system_work() as work:
        work.connection.execute("UPDATE link SET valid_to = '2026-04-01' WHERE link_id = %s", [judged - 1])
    load(office, table(PEOPLE[3:4]), date(2026, 4, 3), accept_losses=True)

    assert waiting_links(office) == [judged, judged + 1]


def test_an_answer_is_given_to_what_the_register_says_today(program: Office, office: SmallWorld) -> None:
    load(office, table(PEOPLE[:2]), date(2026, 4, 1))
    doubted = replace(filed(1), texts={**filed(1).texts, "birth_date": "1962-11-23"})
    [registered] = send(program, office, [doubted]).registered
    link_id = registered.link_id
    assert link_id is not None
    died = PEOPLE[1] | {"status": "dead", "status_on": "2026-04-02"}
    load(office, table([died]), date(2026, 4, 2), kind=CHANGES)

    with program.work(office.actor("insurer_clerk")) as work:
        [first] = work.answering.answer([link_id], answer="no_doubt", reason="戸籍で確認")
    with program.work(office.actor("insurer_clerk")) as work:
        [second] = work.answering.answer([link_id], answer="no_doubt", reason="除籍で確認")

    assert (first.answer, first.is_released) == ("", False)
    assert (second.answer, second.is_released) == ("no_doubt", True)
    with office.work("insurer_clerk") as work:
        row = work.connection.execute("SELECT register_day, answer_reason, reasons FROM link").fetchone()
    assert row is not None
    assert (row["register_day"], row["answer_reason"]) == (date(2026, 4, 2), "除籍で確認")
    assert "died_link_open" in row["reasons"]
