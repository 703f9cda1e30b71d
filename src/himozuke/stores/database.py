"""The database: opening it, its schema, and transactions in somebody's name."""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from threading import Lock
from types import TracebackType
from typing import Any

import psycopg
from psycopg import Connection, IsolationLevel, OperationalError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout

from himozuke.errors import UpstreamDownError, UsageError
from himozuke.ports.actor import Actor, Scope
from himozuke.ports.office import AuditLog, Clock
from himozuke.settings import Settings
from himozuke.stores import schema
from himozuke.stores.audit import PostgresAuditLog
from himozuke.stores.clock import SystemClock
from himozuke.stores.embedded import SUPERUSER, EmbeddedServer

Rows = Connection[dict[str, Any]]

NAME = "himozuke"
_APP = "himozuke_app"
_SECONDS_TO_WAIT = 5.0  # for a free connection, and for a database that went away

# Reads nothing. One row: who acts, until the transaction ends or (is_local false) the connection does;
# row-level security goes by it.
_ACT_AS = """
SELECT
    set_config('role', %(database_role)s, %(is_local)s),
    set_config('himozuke.scope', %(scope)s, %(is_local)s),
    set_config('himozuke.organisation_id', %(organisation_id)s, %(is_local)s),
    set_config('himozuke.user_id', %(user_id)s, %(is_local)s),
    set_config('himozuke.login', %(login)s, %(is_local)s),
    set_config('himozuke.role', %(role)s, %(is_local)s),
    set_config('himozuke.person_key', %(person_key)s, %(is_local)s)
"""


@dataclass(frozen=True, slots=True)
class Work:
    """One transaction in somebody's name."""

    connection: Rows
    actor: Actor
    clock: Clock
    audit: AuditLog


class Database:
    """A PostgreSQL database, ours in the data folder or somebody else's, with a pool of connections."""

    def __init__(
        self,
        conninfo: str,
        *,
        clock: Clock,
        server: EmbeddedServer | None = None,
        connections: int = 20,
        patience: float = _SECONDS_TO_WAIT,
    ) -> None:
        self.conninfo = _with_defaults(conninfo)
        self.clock = clock
        self._server = server
        self._connections = connections
        self._patience = patience
        self._pool = self._new_pool()
        self._standing: dict[Actor, ConnectionPool[Rows]] = {}
        self._standing_lock = Lock()

    @classmethod
    def open(cls, settings: Settings, *, clock: Clock | None = None) -> Database:
        """Open the database the settings name, starting our own server where they name none.

        UpstreamDownError when it does not answer. The schema is not looked at: see :meth:`check_schema`.
        """
        now = clock or SystemClock()
        if settings.database_url:
            database = cls(settings.database_url, clock=now, connections=settings.connections)
        else:
            server = EmbeddedServer(settings.data)
            server.open()
            _make_database(server)
            database = cls(server.conninfo(NAME), clock=now, server=server, connections=settings.connections)
        try:
            with database.maintenance():
                pass  # tells at once, and why, when there is no database
            database.start()
        except BaseException:
            database.close()
            raise
        return database

    def start(self) -> None:
        """Begin to hold connections."""
        self._pool.open()

    def close(self) -> None:
        """Close every connection; our own server stops with its last user."""
        for pool in (self._pool, *self._standing.values()):
            pool.close()
        if self._server is not None:
            self._server.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_embedded(self) -> bool:
        """Tell whether the server is our own."""
        return self._server is not None

    @contextmanager
    def transaction(self, actor: Actor, *, database_role: str = _APP) -> Iterator[Work]:
        """One transaction in the name of an actor: kept when the block ends, taken back on an exception.

        UpstreamDownError when the database does not answer, goes away meanwhile, or has no room left;
        nothing is kept then, save that a database which dies while it keeps the transaction cannot tell
        any more whether it did.
        """
        connection = self._taken(self._pool, partial(self._begin, actor, database_role))
        try:
            with connection:
                yield Work(connection, actor, self.clock, PostgresAuditLog(connection, self.clock))
        except OperationalError as error:
            raise _told(error) from error
        finally:
            self._give_back(connection)

    @contextmanager
    def answering(self, actor: Actor) -> Iterator[Work]:
        """One transaction in the name of the program, in as few round trips as there are answers to wait for.

        The connections are the actor's own: who acts is told once for each. Statements are sent when a result
        is fetched, and with the end of the block; what a statement meets is raised then, and ``rowcount`` is
        not known before its result is. Otherwise as :meth:`transaction`. UsageError for a person, whose name
        is told anew with every transaction.
        """
        if actor.scope is not Scope.SYSTEM or actor.organisation_id is not None or actor.user_id is not None:
            raise UsageError("Connections stand ready for the program itself only; for a person use transaction().")
        pool = self._standing_pool(actor)
        connection = self._taken(pool, partial(_living, pool))
        try:
            with connection.pipeline():
                try:
                    yield Work(connection, actor, self.clock, PostgresAuditLog(connection, self.clock))
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
        except OperationalError as error:
            raise _told(error) from error
        finally:
            pool.putconn(connection)

    @contextmanager
    def maintenance(self, *, autocommit: bool = True) -> Iterator[Rows]:
        """A connection of the owner beside the pool, which sees every row; for upkeep, never for a request."""
        options = f"{conninfo_to_dict(self.conninfo)['options']} -c himozuke.scope=system"
        try:
            connection = psycopg.connect(
                make_conninfo(self.conninfo, options=options, connect_timeout=int(_SECONDS_TO_WAIT)),
                row_factory=dict_row,
                autocommit=autocommit,
            )
        except OperationalError as error:
            raise _told(error) from error
        try:
            with connection:
                yield connection
        except OperationalError as error:
            raise _told(error) from error

    @contextmanager
    def snapshot(self, actor: Actor, *, database_role: str) -> Iterator[Rows]:
        """A connection beside the pool that reads everything as of one moment, however long it takes."""
        with self.maintenance(autocommit=False) as connection:
            connection.rollback()
            connection.isolation_level = IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            connection.execute(_ACT_AS, _settings_of(actor, database_role))
            yield connection

    def migrate(self) -> None:
        """Bring the schema to the version of this program; two at once wait for each other."""
        try:
            schema.migrate(self.conninfo)
        except OperationalError as error:
            raise _told(error) from error

    def check_schema(self) -> None:
        """SchemaError, naming the command that mends it, unless the schema is of this program's version."""
        with self.maintenance() as connection:
            schema.check(connection)

    def _taken(self, pool: ConnectionPool[Rows], take: Callable[[], Rows]) -> Rows:
        """Take a connection out of a pool; UpstreamDownError where no server is to be had."""
        try:
            return take()
        except (OperationalError, PoolTimeout) as error:
            # Nothing has been done yet: drop what is dead, start our own server if it died, try once more.
            if self._server is not None:
                self._server.revive()
            elif isinstance(error, PoolTimeout):
                raise _told(error) from error
        try:
            pool.check()
            return take()
        except PoolClosed:
            raise
        except (OperationalError, PoolTimeout) as error:
            raise _told(error) from error

    def _begin(self, actor: Actor, database_role: str) -> Rows:
        connection = self._pool.getconn()
        try:
            connection.execute(_ACT_AS, _settings_of(actor, database_role))
        except BaseException:
            self._give_back(connection)
            raise
        return connection

    def _give_back(self, connection: Rows) -> None:
        self._pool.putconn(connection)

    def _new_pool(self, actor: Actor | None = None) -> ConnectionPool[Rows]:
        """Connections that are nobody's, or an actor's from the first moment to the last."""
        return ConnectionPool(
            self.conninfo,
            min_size=1,
            max_size=self._connections,
            timeout=self._patience,
            reconnect_timeout=self._patience,  # then a new attempt is made for every request
            kwargs={"row_factory": dict_row},
            connection_class=Connection[dict[str, Any]],
            configure=partial(_stand_for, actor) if actor is not None else None,
            open=False,
        )

    def _standing_pool(self, actor: Actor) -> ConnectionPool[Rows]:
        pool = self._standing.get(actor)
        if pool is not None:
            return pool
        with self._standing_lock:
            if actor not in self._standing:
                pool = self._new_pool(actor)
                pool.open()
                self._standing[actor] = pool
            return self._standing[actor]


def _living(pool: ConnectionPool[Rows]) -> Rows:
    """A connection whose server is there; OperationalError for one whose server went away, which is dropped."""
    connection = pool.getconn()
    if not _has_ended(connection):
        return connection
    connection.close()
    pool.putconn(connection)
    raise OperationalError("the server closed a connection that stood ready")


def _stand_for(actor: Actor, connection: Rows) -> None:
    connection.execute(_ACT_AS, _settings_of(actor, _APP, is_local=False))
    connection.commit()


def _has_ended(connection: Rows) -> bool:
    """Tell whether a server said anything to an idle connection: it speaks unasked only to take its leave."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _settings_of(actor: Actor, database_role: str, *, is_local: bool = True) -> dict[str, str | bool]:
    return {
        "is_local": is_local,
        "database_role": database_role,
        "scope": actor.scope.value,
        "organisation_id": "" if actor.organisation_id is None else str(actor.organisation_id),
        "user_id": "" if actor.user_id is None else str(actor.user_id),
        "login": actor.login,
        "role": actor.role.value if actor.role else "",
        "person_key": actor.person_key or "",
    }


def _make_database(server: EmbeddedServer) -> None:
    try:
        with psycopg.connect(server.conninfo(SUPERUSER), autocommit=True) as connection:
            found = connection.execute("SELECT FROM pg_database WHERE datname = %s", [NAME]).fetchone()
            if found is None:
                connection.execute(f"CREATE DATABASE {NAME}")
    except psycopg.errors.DuplicateDatabase:
        pass  # another command was first
    except OperationalError as error:
        raise _told(error) from error


def _with_defaults(conninfo: str) -> str:
    given = conninfo_to_dict(conninfo)
    options = str(given.get("options") or "")
    return make_conninfo(
        conninfo,
        options=f"{options} -c TimeZone=Asia/Tokyo".strip(),
        application_name=given.get("application_name") or "himozuke",
    )


def _told(error: Exception) -> UpstreamDownError:
    if isinstance(error, psycopg.errors.DiskFull):
        return UpstreamDownError(
            "The disk of the database is full; nothing of this act was kept. Free space, then do it again."
        )
    if isinstance(error, PoolTimeout):
        return UpstreamDownError(
            "No connection to the database became free in time: it is down, or everybody is at work in it. "
            "Do it again in a moment; see HIMOZUKE_CONNECTIONS and the server."
        )
    text = " ".join(str(error).split())
    return UpstreamDownError(
        f"The database does not answer ({text}). Nothing of this act was kept unless it says so; "
        "look at HIMOZUKE_DATABASE_URL and the server, then do it again."
    )
