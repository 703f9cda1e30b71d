"""When the database is away, full or older: a clear word, nothing half kept, and on it goes when it is back."""

from __future__ import annotations

import time
from threading import Barrier, Thread

import pytest
from database_fixture import DatabaseServer, FixedClock, SmallWorld, assert_audited_ever

from himozuke.errors import ConflictError, SchemaError, UpstreamDownError
from himozuke.ports.actor import Actor
from himozuke.settings import Settings
from himozuke.stores.database import Database
from himozuke.stores.idempotency import RepeatedRequests, StoredAnswer

KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
SYSTEM = Actor.system("test")


def test_a_database_that_is_not_there_is_told_of_at_once() -> None:
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(UpstreamDownError, match="HIMOZUKE_DATABASE_URL"):
        Database.open(settings)


def test_connections_that_were_cut_are_replaced_before_anything_is_done(office: SmallWorld) -> None:
    everybody = Barrier(4, timeout=30)

    def work_a_little() -> None:
        with office.database.transaction(SYSTEM):
            everybody.wait()

    threads = [Thread(target=work_a_little) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with office.database.maintenance() as connection:
        connection.execute(KILL)

    for number in range(8):
        with office.work("insurer_clerk") as work:
            work.audit.record("test.act", subject="thing", subject_id=number, details={})

    assert_audited_ever(office, "test.act", count=8)


def test_a_connection_that_is_cut_within_an_act_takes_the_act_back(office: SmallWorld) -> None:
    def act_and_be_cut() -> None:
        with office.work("insurer_clerk") as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
            with office.database.maintenance() as connection:
                connection.execute(KILL)
            work.connection.execute("SELECT 1")

    with pytest.raises(UpstreamDownError, match="does not answer"):
        act_and_be_cut()

    assert_audited_ever(office, "test.act", count=0)


def test_a_database_that_goes_away_is_told_of_and_found_again(database_server: DatabaseServer) -> None:
    name = database_server.make(template=database_server.template)
    with Database(database_server.conninfo(name), clock=FixedClock(), connections=2, patience=1.0) as database:
        database.start()
        with database.transaction(SYSTEM):
            pass
        database_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        with database_server.admin_connection() as connection:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])

        began = time.monotonic()
        with pytest.raises(UpstreamDownError), database.transaction(SYSTEM):
            pass
        assert time.monotonic() - began < 30

        database_server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        with database.transaction(SYSTEM) as work:
            assert work.connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}
    database_server.drop(name)


def test_a_full_disk_is_called_by_its_name_and_nothing_is_kept(office: SmallWorld) -> None:
    def act_without_room() -> None:
        with office.work("insurer_clerk") as work:
            work.audit.record("test.act", subject="thing", subject_id=1, details={})
            work.connection.execute("DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = 'disk_full'; END $$")

    with pytest.raises(UpstreamDownError, match="disk of the database is full"):
        act_without_room()

    assert_audited_ever(office, "test.act", count=0)


def test_a_pool_with_no_connection_left_says_so(office: SmallWorld) -> None:
    with Database(office.database.conninfo, clock=FixedClock(), connections=1, patience=0.5) as database:
        database.start()
        with (
            database.transaction(SYSTEM),
            pytest.raises(UpstreamDownError, match="became free"),
            database.transaction(SYSTEM),
        ):
            pass


@pytest.mark.parametrize(
    ("version", "says"),
    [("0003_registration", "himozuke database upgrade"), ("9999_far_ahead", "newer")],
)
def test_another_version_of_the_schema_is_refused(database: Database, version: str, says: str) -> None:
    with database.maintenance() as connection:
        connection.execute("UPDATE alembic_version SET version_num = %s", [version])

    with pytest.raises(SchemaError, match=says):
        database.check_schema()


def test_two_that_migrate_at_once_wait_for_each_other(empty_database: Database) -> None:
    failures: list[BaseException] = []

    def migrate() -> None:
        try:
            empty_database.migrate()
        except BaseException as error:  # noqa: BLE001 -- told below
            failures.append(error)

    threads = [Thread(target=migrate) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)

    assert failures == []
    empty_database.check_schema()


def test_a_migration_that_breaks_off_leaves_the_database_as_it_was(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from himozuke.stores.migrations import run_sql

    whole = run_sql.run_text

    def break_off(statements: str) -> None:
        whole(statements)
        if "CREATE TABLE campaign " in statements:
            raise UpstreamDownError("killed")

    monkeypatch.setattr(run_sql, "run_text", break_off)
    with pytest.raises(UpstreamDownError):
        empty_database.migrate()
    with empty_database.maintenance() as connection:
        assert connection.execute("SELECT to_regclass('organisation') AS found").fetchone() == {"found": None}

    monkeypatch.undo()
    empty_database.migrate()
    empty_database.check_schema()


ANSWER = StoredAnswer(201, "application/json", b'{"notice_id": "1"}')


def send(office: SmallWorld, key: str, digest: bytes, *, of: int | None = None) -> tuple[StoredAnswer, bool]:
    """A request that does something once; its answer, and whether it was done now."""
    with office.work("insurer_clerk", of=of) as work:
        requests = RepeatedRequests(work)
        before = requests.begin(key, digest)
        if before is not None:
            return before, False
        work.audit.record("test.act", subject="thing", subject_id=key, details={})
        requests.finish(key, ANSWER)
        return ANSWER, True


def test_a_request_sent_twice_is_done_once_and_answered_alike(office: SmallWorld) -> None:
    assert send(office, "a", b"1") == (ANSWER, True)
    assert send(office, "a", b"1") == (ANSWER, False)
    assert send(office, "b", b"1") == (ANSWER, True)
    assert send(office, "a", b"2", of=office.other_insurer) == (ANSWER, True)  # keys are each organisation's own
    with pytest.raises(ConflictError, match="new key"):
        send(office, "a", b"2")


def test_two_requests_at_once_with_one_key_are_done_once(office: SmallWorld) -> None:
    office.actor("insurer_clerk")
    start = Barrier(4, timeout=30)
    done: list[bool] = []

    def race() -> None:
        start.wait()
        done.append(send(office, "a", b"1")[1])

    threads = [Thread(target=race) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(done) == [False, False, False, True]
    assert_audited_ever(office, "test.act")
