"""Each organisation by itself: every table says who may see its rows, and crossing fails for every one."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from database_fixture import DatabaseServer, SmallWorld
from psycopg import sql
from rows import RowMaker

from himozuke.ports.actor import Actor, Role

#: Tables whose rows belong to no organisation, each with the reason why everybody may read them.
SHARED = {
    "alembic_version": "the version of the schema",
    "key_version": "fingerprints of keys",
    "audit_key": "public keys",
    "audit_seal": "digests of evidence, nothing of it",
    "procrastinate_jobs": "the queue: arguments are ids",
    "procrastinate_events": "the queue",
    "procrastinate_periodic_defers": "the queue",
    "procrastinate_workers": "the queue",
}

# Reads the catalog. One row per table of ours.
_TABLES = """
SELECT class.relname AS name, class.relrowsecurity AS is_enabled, class.relforcerowsecurity AS is_forced,
       (SELECT count(*) FROM pg_policy WHERE polrelid = class.oid) AS policies,
       EXISTS (
           SELECT FROM pg_attribute AS attribute
           WHERE attribute.attrelid = class.oid AND attribute.attname = 'organisation_id' AND NOT attribute.attisdropped
       ) AS is_owned
FROM pg_class AS class
JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
WHERE namespace.nspname = 'public' AND class.relkind IN ('r', 'p')
ORDER BY class.relname
"""


def tables(office: SmallWorld) -> list[dict[str, Any]]:
    with office.database.maintenance() as connection:
        return connection.execute(_TABLES).fetchall()


def test_every_table_says_who_may_see_its_rows(office: SmallWorld) -> None:
    open_tables = [
        row["name"]
        for row in tables(office)
        if row["name"] not in SHARED and not (row["is_enabled"] and row["is_forced"] and row["policies"])
    ]

    assert open_tables == [], "ENABLE and FORCE ROW LEVEL SECURITY and a policy, or a reason in SHARED"


def test_the_list_of_shared_tables_names_no_table_with_rows_of_an_organisation(office: SmallWorld) -> None:
    owned = {row["name"] for row in tables(office) if row["is_owned"]}
    there = {row["name"] for row in tables(office)}

    assert owned & SHARED.keys() == set()
    assert SHARED.keys() <= there


def crossing(office: SmallWorld, actor: Actor, query: sql.Composed, values: dict[str, Any]) -> int:
    """How many rows a statement touches; none when it is refused."""
    try:
        with office.database.transaction(actor) as work:
            touched: int = work.connection.execute(query, values).rowcount
            work.connection.rollback()
            return touched
    except psycopg.errors.InsufficientPrivilege:
        return 0
    except psycopg.errors.ForeignKeyViolation:
        return 1  # only another row stood in the way


ALL = frozenset(Role)
NATION = frozenset({Role.HEADQUARTERS, Role.MINISTRY_VIEWER})
DOOR = frozenset({Role.ADMINISTRATOR})
#: Where other organisations have business with a row, who and what for. No personal data but for the auditor and the administrator.
MEANT: dict[str, dict[str, frozenset[Role]]] = {
    "organisation": {"see": ALL, "change": DOOR},
    "audit_record": {"see": frozenset({Role.AUDITOR})},
    "user_account": {"see": DOOR, "change": DOOR},
    "session": {"see": DOOR, "change": DOOR},
    "api_key": {"see": DOOR, "change": DOOR},
    "campaign": {"see": ALL},
    "campaign_stage": {"see": ALL},
    "campaign_period": {"see": ALL},
    "publication": {"see": ALL},
    "campaign_survey": {
        "see": NATION,
        "change": frozenset({Role.HEADQUARTERS}),
        "remove": frozenset({Role.HEADQUARTERS}),
    },
    "campaign_survey_version": {"see": NATION},
    "campaign_report": {"see": NATION},
    "inspection_run": {"see": NATION},
    "access_log_file": {"see": ALL},
    "case_publication": {"see": NATION},
    "letter_sender": {"see": frozenset({Role.CITIZEN})},
    "register_inquiry": {"see": frozenset({Role.AUDITOR})},
    "institution": {
        "see": frozenset({Role.FUND_OPERATOR, Role.ADMINISTRATOR}),
        "change": frozenset({Role.ADMINISTRATOR}),
    },
    "outage_grant": {"see": frozenset({Role.FUND_OPERATOR}), "change": frozenset({Role.FUND_OPERATOR})},
}


def test_no_row_of_another_organisation_is_seen_changed_or_removed(office: SmallWorld) -> None:
    crossed = []
    owned = [row["name"] for row in tables(office) if row["is_owned"] and row["name"] not in SHARED]
    with office.database.maintenance() as connection:
        maker = RowMaker(connection)
        for name in owned:
            if name != "audit_record":
                maker.row(name, office.other_insurer)
    with office.work("insurer_clerk", of=office.other_insurer) as work:
        work.audit.record("test.act", subject="thing", subject_id=1, details={})

    for name in owned:
        table = sql.Identifier(name)
        where = sql.SQL("WHERE organisation_id = {}").format(office.other_insurer)
        statements = {
            "see": sql.SQL("SELECT FROM {} {}").format(table, where),
            "change": sql.SQL("UPDATE {} SET {column} = {column} {}").format(
                table, where, column=sql.Identifier("name" if name == "organisation" else "organisation_id")
            ),
            "remove": sql.SQL("DELETE FROM {} {}").format(table, where),
        }
        own = office.actor("insurer_clerk", of=office.other_insurer)
        if crossing(office, own, statements["see"], {}) == 0:
            crossed.append(f"{name}: its own organisation does not see its row, so nothing is shown by this test")
        if crossing(office, Actor.system("backup"), statements["see"], {}) == 0:
            crossed.append(f"{name}: the program does not see the row, and a backup would lack it")
        for role in Role:
            for act, statement in statements.items():
                touched = crossing(office, office.actor(role.value), statement, {})
                if touched and role not in MEANT.get(name, {}).get(act, frozenset()):
                    crossed.append(f"{name}: {role} can {act} it")

    assert not crossed, "\n".join(crossed)


def test_no_row_can_be_given_to_another_organisation(office: SmallWorld) -> None:
    given = []
    owned = [row["name"] for row in tables(office) if row["is_owned"] and row["name"] != "organisation"]
    with office.database.maintenance() as connection:
        maker = RowMaker(connection)
        for name in owned:
            if name != "audit_record":
                maker.row(name, office.insurer)

    for name in owned:
        statement = sql.SQL("UPDATE {} SET organisation_id = {} WHERE organisation_id = {}").format(
            sql.Identifier(name), office.other_insurer, office.insurer
        )
        if crossing(office, office.actor("insurer_clerk"), statement, {}):
            given.append(name)

    assert given == []


def test_without_anybody_named_nothing_is_seen(office: SmallWorld) -> None:
    with office.work("insurer_clerk") as work:
        work.audit.record("test.act", subject="thing", subject_id=1, details={})

    with psycopg.connect(office.database.conninfo) as connection:
        connection.execute("SET ROLE himozuke_app")
        assert connection.execute("SELECT FROM user_account").rowcount == 0
        assert connection.execute("SELECT FROM audit_record").rowcount == 0


def test_who_acts_is_forgotten_with_the_transaction(office: SmallWorld) -> None:
    used: set[int] = set()
    for _ in range(20):  # the pool lends a connection again sooner or later
        with office.system_work() as work:
            used.add(work.connection.info.backend_pid)
        with office.work("insurer_clerk", of=office.other_insurer) as work:
            assert work.connection.execute("SELECT acting_scope() AS scope").fetchone() == {"scope": "own"}
            if work.connection.info.backend_pid in used:
                return
    raise AssertionError("no connection was lent twice")


@pytest.mark.parametrize(
    ("may", "how"),
    [("CREATEROLE", "WITH ADMIN OPTION"), ("NOCREATEROLE", "")],
    ids=["who makes the roles", "who was given the roles"],
)
def test_a_migrating_user_needs_no_superuser(database_server: DatabaseServer, may: str, how: str) -> None:
    from himozuke.stores.clock import SystemClock
    from himozuke.stores.database import Database

    name = database_server.make()
    owner = f"{name}_owner"
    try:
        database_server.execute(f"CREATE ROLE {owner} LOGIN {may} PASSWORD 'test'")
        database_server.execute(f"GRANT {owner} TO CURRENT_USER")  # or nobody but a superuser may give it a database
        for role in ("himozuke_app", "himozuke_sealer"):
            database_server.execute(f"GRANT {role} TO {owner} {how}")
        database_server.execute(f"ALTER DATABASE {name} OWNER TO {owner}")
        as_owner = {"user": owner, "password": "test"}
        conninfo = psycopg.conninfo.make_conninfo(database_server.conninfo(name), **as_owner)
        with Database(conninfo, clock=SystemClock()) as database:
            database.migrate()
            database.start()
            database.check_schema()
            with database.transaction(Actor.system("test")) as work:
                work.audit.record("test.act", subject="thing", subject_id=1, details={})
                assert work.connection.execute("SELECT FROM audit_record").rowcount == 1
    finally:
        database_server.drop(name)
        database_server.execute(f"DROP ROLE IF EXISTS {owner}")
