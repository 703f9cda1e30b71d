"""A database for tests: one server a worker, a fresh database a test, and a small world of offices in it.

With ``HIMOZUKE_TEST_DATABASE_URL`` (somebody who may make databases and roles) the same tests run there.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from himozuke.errors import UpstreamDownError
from himozuke.ports.actor import Actor, Role
from himozuke.stores.database import Database, Work
from himozuke.stores.embedded import EmbeddedServer
from himozuke.stores.vault import KeyRing, Vault

JAPAN = ZoneInfo("Asia/Tokyo")
_NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200")
_SECONDS_UNTIL_LEFT_OVER = 900
_NUMBERS = itertools.count(1)

#: Each kind of office once or twice, under the names of :class:`SmallWorld`.
ORGANISATIONS = {
    "headquarters": ("headquarters", "HQ", "紐付け対策本部"),
    "ministry": ("ministry", "MIN", "ひもづけ省"),
    "insurer": ("insurer", "06139999", "ひもづけ健康保険組合"),
    "other_insurer": ("insurer", "06279998", "べつの健康保険組合"),
    "municipality": ("municipality", "139991", "紐付市"),
    "other_municipality": ("municipality", "139992", "別市"),
    "employer": ("employer", "13-99-アイウ", "株式会社ひもづけ商店"),
    "other_employer": ("employer", "13-99-エオカ", "株式会社べつの商店"),
    "review_body": ("review_body", "FUND", "審査支払機関"),
    "institution": ("institution", "1312345676", "ひもづけ診療所"),
    "auditor_office": ("auditor_office", "AUDIT", "監査室"),
    "system": ("system", "SYSTEM", "システム管理"),
}
HOME_BY_ROLE = {
    Role.HEADQUARTERS: "headquarters",
    Role.MINISTRY_VIEWER: "ministry",
    Role.INSURER_CLERK: "insurer",
    Role.INSURER_SUPERVISOR: "insurer",
    Role.MUNICIPALITY_CLERK: "municipality",
    Role.EMPLOYER: "employer",
    Role.FUND_OPERATOR: "review_body",
    Role.AUDITOR: "auditor_office",
    Role.CITIZEN: "insurer",
    Role.INSTITUTION: "institution",
    Role.ADMINISTRATOR: "system",
}


@dataclass(slots=True)
class FixedClock:
    """A clock that stands until it is set."""

    moment: datetime = datetime(2026, 4, 1, 9, 0, tzinfo=JAPAN)

    def set(self, moment: datetime | date | str) -> None:
        """Set the clock; a day alone means nine o'clock in Japan."""
        if isinstance(moment, str):
            moment = datetime.fromisoformat(moment)
        if not isinstance(moment, datetime):
            moment = datetime(moment.year, moment.month, moment.day, 9, 0, tzinfo=JAPAN)
        self.moment = moment if moment.tzinfo else moment.replace(tzinfo=JAPAN)

    def now(self) -> datetime:
        return self.moment

    def today(self) -> date:
        return self.moment.astimezone(JAPAN).date()


@dataclass(slots=True)
class SmallWorld:
    """Offices of every kind and a user of every role, by ids."""

    database: Database
    clock: FixedClock
    vault: Vault
    insurer: int
    other_insurer: int
    municipality: int
    other_municipality: int
    employer: int
    other_employer: int
    headquarters: int
    ministry: int
    review_body: int
    institution: int
    auditor_office: int
    system: int
    users: dict[tuple[int, str], int] = field(default_factory=dict)

    def actor(self, role: str, *, of: int | None = None, person_key: str | None = None) -> Actor:
        """Somebody in a role, at the office the role belongs to or at ``of``."""
        named = Role(role)
        organisation_id = getattr(self, HOME_BY_ROLE[named]) if of is None else of
        login = f"{role}@{organisation_id}"
        user_id = self.users.get((organisation_id, role)) or self._add_user(organisation_id, login, role, person_key)
        return Actor.user(
            user_id=user_id, login=login, role=named, organisation_id=organisation_id, person_key=person_key
        )

    def work(self, role: str, *, of: int | None = None) -> AbstractContextManager[Work]:
        """A transaction of somebody in a role."""
        return self.database.transaction(self.actor(role, of=of))

    def system_work(self, what: str = "test") -> AbstractContextManager[Work]:
        """A transaction of the program itself."""
        return self.database.transaction(Actor.system(what))

    def _add_user(self, organisation_id: int, login: str, role: str, person_key: str | None) -> int:
        with self.system_work() as work:
            row = work.connection.execute(
                "INSERT INTO user_account (organisation_id, login, display_name, role, person_key) "
                "VALUES (%s, %s, %s, %s, %s) RETURNING user_id",
                [organisation_id, login, login, role, person_key],
            ).fetchone()
        assert row is not None
        self.users[organisation_id, role] = row["user_id"]
        return int(row["user_id"])


def assert_audited(work: Work, act: str, *, count: int = 1) -> None:
    """Say that this transaction has written so many records of an act so far."""
    row = work.connection.execute(
        "SELECT count(*) AS count FROM audit_record WHERE act = %s AND xmin = pg_current_xact_id()::xid", [act]
    ).fetchone()
    assert row == {"count": count}


def assert_audited_ever(world: SmallWorld, act: str, *, count: int = 1) -> None:
    """Say how many records of an act are kept in all."""
    with world.system_work() as work:
        row = work.connection.execute("SELECT count(*) AS count FROM audit_record WHERE act = %s", [act]).fetchone()
    assert row == {"count": count}


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A server on which databases are made for single tests."""

    admin: str
    template: str

    def conninfo(self, name: str) -> str:
        return make_conninfo(self.admin, dbname=name)

    def url_of(self, database: Database) -> str:
        """A database of this server as ``HIMOZUKE_DATABASE_URL`` takes it."""
        parts = {name: str(value) for name, value in conninfo_to_dict(database.conninfo).items()}
        return "postgresql:///?" + urlencode(
            {name: parts[name] for name in parts.keys() - {"options"}}, quote_via=quote
        )

    def admin_connection(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.admin, autocommit=True)

    def execute(self, statement: str) -> None:
        with self.admin_connection() as connection:
            connection.execute(statement.encode())

    def make(self, *, template: str | None = None) -> str:
        """A database of its own, empty unless made from a template; its name."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        name = f"himozuke_test_{os.getpid()}_{worker}_{next(_NUMBERS)}"
        # Copying files is twice as fast as writing a small database to the log.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template or 'template0'} STRATEGY FILE_COPY")
        return name

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that a server running as another user may enter: pytest shuts its own again and again."""
    folder = Path(tempfile.mkdtemp(prefix="himozuke-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def data_folder() -> Iterator[Path]:
    """An empty data folder for a server of the test's own."""
    with temporary_folder() as folder:
        yield folder


def sweep_left_over() -> None:
    """Stop servers of test runs that were killed: nobody holds them any more."""
    for folder in Path(tempfile.gettempdir()).glob("himozuke-*/postgres.users"):
        # Another worker may be sweeping the same one away.
        with suppress(OSError, UpstreamDownError), folder.open("ab") as file:
            if time.time() - folder.stat().st_mtime < _SECONDS_UNTIL_LEFT_OVER:
                continue  # a test beside us may have killed its holder on purpose
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(file, fcntl.LOCK_UN)
            left_over = EmbeddedServer(folder.parent)
            left_over.open()
            left_over.close()
            shutil.rmtree(folder.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """Where the server of this worker lives."""
    sweep_left_over()
    with temporary_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def database_server(server_folder: Path) -> Iterator[DatabaseServer]:
    """The server of this worker, with a template that holds the schema and the small world."""
    external = os.environ.get("HIMOZUKE_TEST_DATABASE_URL")
    own = None if external else EmbeddedServer(server_folder, _NOT_DURABLE)
    if own is not None:
        own.open()
    admin = external or (own.conninfo("postgres") if own else "")
    empty = DatabaseServer(admin, "template0")
    template = empty.make()
    server = DatabaseServer(admin, template)
    try:
        with Database(server.conninfo(template), clock=FixedClock()) as database:
            database.migrate()
            with database.maintenance() as connection:
                for kind, code, name in ORGANISATIONS.values():
                    connection.execute(
                        "INSERT INTO organisation (code, kind, name) VALUES (%s, %s, %s)", [code, kind, name]
                    )
        yield server
    finally:
        empty.drop(template)
        if own is not None:
            own.close()


@pytest.fixture
def empty_database(database_server: DatabaseServer) -> Iterator[Database]:
    """A database without any schema."""
    name = database_server.make()
    with Database(database_server.conninfo(name), clock=FixedClock(), connections=8) as database:
        database.start()
        yield database
    database_server.drop(name)


@pytest.fixture
def database(database_server: DatabaseServer) -> Iterator[Database]:
    """A fresh database of this program's version, with the offices of the small world."""
    name = database_server.make(template=database_server.template)
    with Database(database_server.conninfo(name), clock=FixedClock(), connections=8) as database:
        database.start()
        yield database
    database_server.drop(name)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """A vault with a key of its own."""
    return Vault(KeyRing.open_or_make(tmp_path / "keys.json"))


@pytest.fixture
def office(database: Database, vault: Vault) -> SmallWorld:
    """The small world: ids of offices, users as they are asked for, a clock to set."""
    with database.transaction(Actor.system("test")) as work:
        ids = {
            row["code"]: row["organisation_id"]
            for row in work.connection.execute("SELECT code, organisation_id FROM organisation")
        }
    clock = database.clock
    assert isinstance(clock, FixedClock)
    return SmallWorld(database, clock, vault, **{name: ids[code] for name, (_, code, _) in ORGANISATIONS.items()})
