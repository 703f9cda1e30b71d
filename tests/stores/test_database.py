"""Transactions in somebody's name: kept or taken back whole, and each organisation by itself."""

from __future__ import annotations

from contextlib import suppress

import pytest
from database_fixture import SmallWorld, assert_audited, assert_audited_ever

from himozuke.errors import SchemaError
from himozuke.stores import schema
from himozuke.stores.database import Database


def test_an_empty_database_is_refused_with_the_command_that_mends_it(empty_database: Database) -> None:
    with pytest.raises(SchemaError, match="himozuke database upgrade"):
        empty_database.check_schema()


def test_what_an_act_did_and_its_record_are_kept_or_taken_back_together(office: SmallWorld) -> None:
    with office.work("insurer_clerk") as work:
        work.audit.record("test.act", subject="thing", subject_id=1, details={"why": "試し"})
        assert_audited(work, "test.act")

    with suppress(ZeroDivisionError), office.work("insurer_clerk") as work:
        work.audit.record("test.act", subject="thing", subject_id=2, details={})
        _ = 1 / 0

    assert_audited_ever(office, "test.act")


def test_a_server_older_than_its_backups_need_is_refused_by_name(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "_OLDEST", 990_000)

    with pytest.raises(SchemaError, match=r"The server is PostgreSQL \d\d; the program needs 99 or newer"):
        empty_database.migrate()
