"""Many notices, those of a day that has come, and those the register did not answer for are registered by jobs."""

from __future__ import annotations

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
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.actor import Actor
from himozuke.registration.model import Channel, Filing, NoticeKind
from himozuke.settings import Settings

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
