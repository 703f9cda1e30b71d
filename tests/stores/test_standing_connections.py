"""Connections that stand ready for the program: whose they are, what is kept, what a lost server does to them."""

from __future__ import annotations

import time
from threading import Barrier, Thread

import pytest
from database_fixture import DatabaseServer, FixedClock, SmallWorld, assert_audited_ever

from himozuke.errors import UpstreamDownError, UsageError
from himozuke.ports.actor import Actor
from himozuke.stores.database import Database

SYSTEM = Actor.system("eligibility")
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


OTHERS = "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


def cut_everybody(office: SmallWorld) -> None:
    """End every other connection, and wait until they are gone: a server takes its leave in its own time."""
    with office.database.maintenance() as connection:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            connection.execute(KILL)
            row = connection.execute(OTHERS).fetchone()
            if row is not None and row["count"] == 0:
                return
            time.sleep(0.05)
    pytest.fail("connections did not end")


def act(office: SmallWorld, number: int) -> None:
    with office.database.answering(SYSTEM) as work:
        work.audit.record("test.act", subject="thing", subject_id=number, details={})


def test_who_acts_is_told_once_and_holds_for_every_transaction(office: SmallWorld) -> None:
    seen = []
    for _ in range(6):
        with office.database.answering(SYSTEM) as work:
            row = work.connection.execute(
                "SELECT current_user AS role, current_setting('himozuke.scope') AS scope, "
                "current_setting('himozuke.login') AS login, pg_backend_pid() AS server"
            ).fetchone()
            assert row is not None
            seen.append(tuple(row.values()))

    assert {one[:3] for one in seen} == {("himozuke_app", "system", "system:eligibility")}
    assert len({one[3] for one in seen}) <= 2  # used again, not made anew


def test_a_person_never_gets_a_standing_connection(office: SmallWorld) -> None:
    with pytest.raises(UsageError), office.database.answering(office.actor("institution", of=office.insurer)):
        pass


def test_standing_connections_of_two_parts_of_the_program_are_apart(office: SmallWorld) -> None:
    logins = []
    for name in ("eligibility", "oqs", "eligibility"):
        with office.database.answering(Actor.system(name)) as work:
            row = work.connection.execute("SELECT current_setting('himozuke.login') AS login").fetchone()
            assert row is not None
            logins.append(row["login"])

    assert logins == ["system:eligibility", "system:oqs", "system:eligibility"]


def test_an_exception_takes_back_what_was_sent_and_what_was_not(office: SmallWorld) -> None:
    def act_and_fail() -> None:
        with office.database.answering(SYSTEM) as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
            work.connection.execute("SELECT 1").fetchone()  # sends the record on its way
            work.audit.record("test.act", subject="thing", subject_id=2, details={})
            raise ValueError("something of ours broke")

    with pytest.raises(ValueError, match="of ours"):
        act_and_fail()

    assert_audited_ever(office, "test.act", count=0)
    act(office, 3)
    assert_audited_ever(office, "test.act", count=1)


def test_a_statement_nobody_waits_for_still_fails_the_transaction(office: SmallWorld) -> None:
    def write_nonsense() -> None:
        with office.database.answering(SYSTEM) as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
            work.connection.execute("UPDATE audit_record SET act = 'test.forged'")

    with pytest.raises(Exception, match=r"append-only|permission denied"):
        write_nonsense()

    assert_audited_ever(office, "test.act", count=0)


def test_standing_connections_that_were_cut_are_replaced_before_anything_is_done(office: SmallWorld) -> None:
    everybody = Barrier(4, timeout=30)

    def work_a_little() -> None:
        with office.database.answering(SYSTEM):
            everybody.wait()

    threads = [Thread(target=work_a_little) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cut_everybody(office)

    for number in range(8):
        act(office, number)

    assert_audited_ever(office, "test.act", count=8)


def test_a_standing_connection_cut_within_an_act_takes_the_act_back(office: SmallWorld) -> None:
    def act_and_be_cut() -> None:
        with office.database.answering(SYSTEM) as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
            work.connection.execute("SELECT 1").fetchone()
            with office.database.maintenance() as connection:
                connection.execute(KILL)

    with pytest.raises(UpstreamDownError, match="does not answer"):
        act_and_be_cut()

    assert_audited_ever(office, "test.act", count=0)


def test_standing_connections_tell_of_a_database_that_went_away_and_find_it_again(
    database_server: DatabaseServer,
) -> None:
    name = database_server.make(template=database_server.template)
    with Database(database_server.conninfo(name), clock=FixedClock(), connections=2, patience=1.0) as database:
        database.start()
        with database.answering(SYSTEM):
            pass
        database_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        with database_server.admin_connection() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

        with pytest.raises(UpstreamDownError), database.answering(SYSTEM):
            pass

        database_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        with database.answering(SYSTEM) as work:
            assert work.connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}
    database_server.drop(name)
