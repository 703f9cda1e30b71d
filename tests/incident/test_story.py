"""The incident of the seed from the wrong link to the published figure.

An insurer registers with three items in the past, a namesake's number is linked, the person's medicine list
is viewed; then inspection, stop, letter, answer, correction, exposure finding (1 viewing), report, publication.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from case_world import Bench, CaseOffice, add_link, case_office, opening, view
from database_fixture import JAPAN, ORGANISATIONS, FixedClock, SmallWorld
from factories import number

from himozuke.errors import UpstreamDownError
from himozuke.incident import decide
from himozuke.incident.decide import Confirmation
from himozuke.incident.decide_after import ExposureWords
from himozuke.incident.figures import Period
from himozuke.incident.model import Channel, EventKind, Finding, Reply, Result, Step, StepState
from himozuke.incident.steps import standings
from himozuke.settings import Settings
from himozuke.stores.database import Database
from himozuke.stores.links import PostgresLinkBook
from himozuke.stores.vault import Vault

TEXTS = dict.fromkeys(("summary", "shown", "money", "cause", "prevention_new", "prevention_existing"), "記載")
#: Letter, correction, publication: a killed server takes seconds to recover, so not every act is cut so hard.
KILLED = frozenset({3, 7, 14})
NINE = dict.fromkeys(
    ("summary", "items", "persons", "cause", "secondary_damage", "response", "publication", "prevention", "other"),
    "記載",
)
YEAR = [Period(date(2025, 10, 1), date(2026, 4, 30))]


@dataclass
class Act:
    """One act of the story: who, on which day, and what, given the case and the token of the form."""

    on: str
    role: str
    do: Callable[[Bench, int, str], object]
    token: str = field(default="")


def story() -> list[Act]:
    papers = partial(decide.check_papers, finding=Finding.UNCLEAR, note_="届書に番号の記載なし（3項目で照会）")
    employer = partial(decide.employer_answered, finding=Finding.UNCLEAR, note_="番号を預かっていない")
    reply = partial(
        decide.person_answered, reply=Reply.OWN, channel=Channel.PAPER, wrong_items={}, note_="回答書", letter_id=None
    )
    wrong = Confirmation(Result.WRONG, "person", "本人のカードの番号と違う", cause="C4")
    acts = [
        Act("2026-04-01", "insurer_clerk", lambda bench, case, token: bench.cases.act(case, papers, token=token)),
        Act(
            "2026-04-02",
            "insurer_clerk",
            lambda bench, case, token: bench.cases.act(case, partial(decide.ask_employer, note_="電話"), token=token),
        ),
        Act("2026-04-03", "insurer_clerk", lambda bench, case, token: bench.cases.act(case, employer, token=token)),
        Act("2026-04-03", "insurer_clerk", lambda bench, case, token: bench.asking.print_inquiry(case, token=token)),
        Act("2026-04-10", "insurer_clerk", lambda bench, case, token: bench.cases.act(case, reply, token=token)),
        Act(
            "2026-04-10",
            "insurer_clerk",
            lambda bench, case, token: bench.cases.act(
                case, partial(decide.confirm, given=wrong, today=date(2026, 4, 10)), token=token
            ),
        ),
        Act(
            "2026-04-10",
            "insurer_clerk",
            lambda bench, case, token: bench.correcting.propose(
                case, number=number(11), items={}, reason="本人のカード", token=token
            ),
        ),
        Act("2026-04-13", "insurer_supervisor", lambda bench, case, token: bench.correcting.approve(case, token=token)),
        Act(
            "2026-04-13",
            "insurer_clerk",
            lambda bench, case, token: bench.exposing.find(
                case, ExposureWords({}, "基金の記録は照会中、当システムの記録は全件"), token=token
            ),
        ),
        Act(
            "2026-04-14",
            "insurer_clerk",
            lambda bench, case, token: bench.reporting.submit(case, kind="prompt", contents=NINE, token=token),
        ),
        Act(
            "2026-04-15",
            "insurer_clerk",
            lambda bench, case, token: bench.reporting.tell_by_letter(
                case, what_happened="別の人の番号", prevention="全項目で照会", token=token
            ),
        ),
        Act(
            "2026-04-15",
            "insurer_clerk",
            lambda bench, case, token: bench.correcting.propose_release(case, reason="訂正済み", token=token),
        ),
        Act(
            "2026-04-16",
            "insurer_supervisor",
            lambda bench, case, token: bench.correcting.approve_release(case, token=token),
        ),
        Act(
            "2026-04-28",
            "insurer_clerk",
            lambda bench, case, token: bench.reporting.submit(case, kind="final", contents=NINE, token=token),
        ),
        Act(
            "2026-04-30",
            "insurer_supervisor",
            lambda bench, _case, token: bench.publishing.publish(
                YEAR, as_of=date(2026, 4, 30), texts=TEXTS, reason="", token=token
            ),
        ),
    ]
    for place, act in enumerate(acts):
        act.token = f"form-{place}"
    return acts


def begin(cases: CaseOffice) -> tuple[int, int]:
    """The wrong link of years ago, its viewing, and the inspection that finds it."""
    link_id = add_link(
        cases.world, body=22, acquired_by="jlis", acquired_items="kana_name|birth_date|sex", acquired_hits=2
    )
    view(cases.world, link_id, datetime(2026, 1, 20, 10, 30, tzinfo=JAPAN), ["medicines"])
    cases.world.clock.set("2026-04-01T09:00")
    with cases.bench() as bench:
        return link_id, bench.cases.open_case(opening(cases.world, link_id))


@pytest.mark.seed("S73", "S76", "S84", "S87", "S93")
def test_the_incident_of_the_seed_from_the_wrong_link_to_the_published_figure(office: SmallWorld) -> None:
    cases = case_office(office)
    link_id, case_id = begin(cases)

    for act in story():
        office.clock.set(act.on)
        with cases.bench(act.role) as bench:
            act.do(bench, case_id, act.token)

    with cases.bench() as bench:
        case = bench.cases.case(case_id)
        link = PostgresLinkBook(bench.work).find(link_id)
        [publication] = bench.publishing.versions()
        letters = [letter.kind for letter in bench.letters.letters(case_id)]
    assert office.vault.open(link.individual_number_sealed).reveal() == number(11)
    assert (link.state, link.restriction) == ("released", "NONE")
    assert case.state.exposure is not None
    assert (case.state.exposure.viewings, case.state.exposure.medical) == (1, 1)
    assert letters == ["inquiry", "commission_report", "apology", "commission_report"]
    assert publication.figures["total"] == {"wrong": 1, "viewed": 1, "corrected": 1}
    assert {state for _, state in standings(case.state)} <= {StepState.DONE, StepState.NOT_NEEDED}
    assert case.state.closed_on == date(2026, 4, 30)


class PowerCutError(Exception):
    """The program dies before it has said that it kept anything."""


@contextmanager
def died() -> Iterator[None]:
    try:
        yield
    except (PowerCutError, UpstreamDownError, psycopg.Error):
        pass
    else:
        pytest.fail("it should have died")


def test_a_program_killed_in_the_middle_of_each_step_loses_nothing_and_does_nothing_twice(office: SmallWorld) -> None:
    cases = case_office(office)
    link_id, case_id = begin(cases)
    expected = 2  # opened, viewing stopped

    for act in story():
        office.clock.set(act.on)
        with died(), cases.bench(act.role) as bench:
            act.do(bench, case_id, act.token)
            raise PowerCutError
        assert count_events(office, case_id) == expected
        for _ in ("sent again after the cut", "sent twice by a nervous finger"):
            with cases.bench(act.role) as bench:
                act.do(bench, case_id, act.token)
        expected = count_events(office, case_id)

    assert_every_act_once(office, case_id, link_id)


def test_a_database_connection_that_dies_in_the_middle_of_each_step_loses_nothing(office: SmallWorld) -> None:
    cases = case_office(office)
    link_id, case_id = begin(cases)

    for act in story():
        office.clock.set(act.on)
        before = count_events(office, case_id)
        with died(), cases.bench(act.role) as bench:
            act.do(bench, case_id, act.token)
            pid = bench.work.connection.info.backend_pid
            with office.database.maintenance() as other:
                other.execute("SELECT pg_terminate_backend(%s)", [pid])
            bench.work.connection.execute("SELECT 1")
        assert count_events(office, case_id) == before
        with cases.bench(act.role) as bench:
            act.do(bench, case_id, act.token)

    assert_every_act_once(office, case_id, link_id)


def test_a_database_server_killed_in_the_middle_of_a_step_loses_nothing(data_folder: Path, vault: Vault) -> None:
    clock = FixedClock()
    with Database.open(Settings(data=data_folder, connections=4), clock=clock) as database:
        database.migrate()
        office = small_world(database, clock, vault)
        cases = case_office(office)
        link_id, case_id = begin(cases)

        for place, act in enumerate(story()):
            office.clock.set(act.on)
            if place in KILLED:
                before = count_events(office, case_id)
                with died(), cases.bench(act.role) as bench:
                    act.do(bench, case_id, act.token)
                    kill(data_folder)
                    bench.work.connection.execute("SELECT 1")
                assert count_events(office, case_id) == before  # this question has started the server again
            with cases.bench(act.role) as bench:
                act.do(bench, case_id, act.token)

        assert_every_act_once(office, case_id, link_id)


def small_world(database: Database, clock: FixedClock, vault: Vault) -> SmallWorld:
    """The offices of the small world in a database of the test's own."""
    ids: dict[str, Any] = {}
    with database.maintenance() as connection:
        for name, (kind, code, shown) in ORGANISATIONS.items():
            row = connection.execute(
                "INSERT INTO organisation (code, kind, name) VALUES (%s, %s, %s) RETURNING organisation_id",
                [code, kind, shown],
            ).fetchone()
            assert row is not None
            ids[name] = int(row["organisation_id"])
    return SmallWorld(database, clock, vault, **ids)


def kill(data: Path) -> None:
    """Kill the server of a data folder so that it can say nothing any more."""
    pid = int((data / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        while True:
            os.kill(pid, 0)
            time.sleep(0.02)


def count_events(office: SmallWorld, case_id: int) -> int:
    with office.system_work() as work:
        row = work.connection.execute(
            "SELECT count(*) AS count FROM case_event WHERE case_id = %s", [case_id]
        ).fetchone()
    assert row is not None
    return int(row["count"])


def assert_every_act_once(office: SmallWorld, case_id: int, link_id: int) -> None:
    with office.system_work() as work:
        kinds = [
            row["kind"] for row in work.connection.execute("SELECT kind FROM case_event WHERE case_id = %s", [case_id])
        ]
        letters = work.connection.execute("SELECT count(*) AS count FROM letter").fetchone()
        versions = [version.act for version in PostgresLinkBook(work).history(link_id)]
        publications = work.connection.execute("SELECT count(*) AS count FROM case_publication").fetchone()
    twice = {EventKind.REPORT_SUBMITTED: 2}
    assert {kind: kinds.count(kind) for kind in kinds} == {kind: twice.get(EventKind(kind), 1) for kind in kinds}
    assert letters == {"count": 4}
    assert versions == ["stop_viewing", "replace_number", "release"]
    assert publications == {"count": 1}
    assert kinds[-1] == "closed"


def test_every_step_names_the_next_one_until_none_is_left(office: SmallWorld) -> None:
    from himozuke.incident.steps import next_step

    cases = case_office(office)
    _, case_id = begin(cases)
    named = [next_step(cases.state(case_id))]

    for act in story():
        office.clock.set(act.on)
        with cases.bench(act.role) as bench:
            act.do(bench, case_id, act.token)
        named.append(next_step(cases.state(case_id)))

    assert named[0] is Step.PAPERS
    assert [step for place, step in enumerate(named) if place == 0 or step != named[place - 1]] == [
        Step.PAPERS, Step.EMPLOYER, Step.PERSON, Step.CONFIRM, Step.CORRECT, Step.EXPOSURE, Step.REPORT, Step.TELL, Step.RELEASE, Step.REPORT, Step.PUBLISH, None,
    ]  # fmt: skip
