"""Sealed values: found by their number, never read without the key, and sealed anew while work goes on."""

from __future__ import annotations

import stat
from pathlib import Path
from threading import Event, Thread

import pytest
from database_fixture import SmallWorld
from factories import number

from himozuke.errors import ConflictError, InputRejectedError, SchemaError, UpstreamDownError
from himozuke.identity.individual_number import IndividualNumber
from himozuke.stores.key_versions import (
    Rotation,
    count_by_version,
    is_rotation_due,
    note_keys,
    sealed_columns,
)
from himozuke.stores.vault import KeyRing, Vault, version_of

TABLE = """
CREATE TABLE sealed_thing (
    thing_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    individual_number_sealed bytea,
    note text NOT NULL DEFAULT ''
);
CREATE TRIGGER sealed_thing_append_only BEFORE UPDATE OR DELETE ON sealed_thing
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
"""


def synthetic(body: int) -> IndividualNumber:
    return IndividualNumber(int(number(body)))


def fill(office: SmallWorld, count: int) -> None:
    with office.database.maintenance(autocommit=False) as connection, connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO sealed_thing (individual_number_sealed) VALUES (%s)",
            [[office.vault.seal(synthetic(body))] for body in range(count)],
        )


@pytest.fixture
def things(office: SmallWorld) -> SmallWorld:
    with office.database.maintenance() as connection:
        connection.execute(TABLE)
    return office


def test_the_same_number_gives_the_same_bytes_and_no_other_does(vault: Vault) -> None:
    sealed = vault.seal(synthetic(7))

    assert sealed == vault.seal(synthetic(7))
    assert sealed != vault.seal(synthetic(8))
    assert number(7).encode() not in sealed
    assert vault.open(sealed) == synthetic(7)
    assert vault.look_up(synthetic(7)) == [sealed]


@pytest.mark.parametrize("place", [0, 1, 10, -1])
def test_altered_bytes_are_not_opened(vault: Vault, place: int) -> None:
    sealed = bytearray(vault.seal(synthetic(7)))
    sealed[place] ^= 1

    with pytest.raises(InputRejectedError):
        vault.open(bytes(sealed))


def test_a_secret_opens_for_its_own_purpose_only(vault: Vault) -> None:
    sealed = vault.box.seal(b"JBSWY3DP", purpose="totp")

    assert vault.box.open(sealed, purpose="totp") == b"JBSWY3DP"
    with pytest.raises(InputRejectedError):
        vault.box.open(sealed, purpose="invitation")
    with pytest.raises(InputRejectedError):
        vault.open(sealed)


def test_another_key_file_opens_nothing(vault: Vault, tmp_path: Path) -> None:
    other = Vault(KeyRing.open_or_make(tmp_path / "other.json"))

    with pytest.raises(InputRejectedError):
        other.open(vault.seal(synthetic(7)))


def test_the_key_file_is_readable_by_its_owner_alone_and_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"

    first = KeyRing.open_or_make(path).read()
    again = KeyRing.open_or_make(path).read()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert first == again
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}'])
def test_a_damaged_key_file_is_told_of(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(UpstreamDownError, match=r"keys\.json"):
        KeyRing.open_or_make(path)


def test_a_value_is_found_under_both_keys_until_everything_is_sealed_anew(things: SmallWorld) -> None:
    vault = things.vault
    fill(things, 3)
    before = vault.seal(synthetic(1))

    elsewhere = Vault(KeyRing.open_or_make(vault.ring.path))  # another process, which had read the file before
    vault.ring.add_version()

    assert [version_of(sealed) for sealed in elsewhere.look_up(synthetic(1))] == [2, 1]
    assert before in vault.look_up(synthetic(1))
    assert vault.open(before) == vault.open(vault.seal(synthetic(1)))

    assert Rotation(things.database, vault.ring).run() == 3

    assert [version_of(sealed) for sealed in elsewhere.look_up(synthetic(1))] == [2]
    assert elsewhere.open(before) == synthetic(1)  # a backup from before can still be read


def test_keys_are_rotated_while_others_write_under_the_old_and_the_new_one(things: SmallWorld) -> None:
    fill(things, 3000)
    stop = Event()
    written: list[int] = []
    failures: list[BaseException] = []

    def write() -> None:
        try:
            while not stop.is_set():
                body = 5000 + len(written)
                with things.system_work() as work:
                    work.connection.execute(
                        "INSERT INTO sealed_thing (individual_number_sealed) VALUES (%s)",
                        [things.vault.seal(synthetic(body))],
                    )
                written.append(body)
        except BaseException as error:  # noqa: BLE001 -- told below
            failures.append(error)

    thread = Thread(target=write)
    thread.start()
    while len(written) < 20 and not failures:
        stop.wait(0.01)
    things.vault.ring.add_version()
    Rotation(things.database, things.vault.ring).run()
    stop.set()
    thread.join()

    assert failures == []
    with things.database.maintenance() as connection:
        assert {(count.version, count.values) for count in count_by_version(connection)} == {(2, 3000 + len(written))}
        rows = connection.execute("SELECT individual_number_sealed AS sealed FROM sealed_thing ORDER BY thing_id")
        opened = [things.vault.open(bytes(row["sealed"])) for row in rows]
    assert opened == [synthetic(body) for body in [*range(3000), *written]]


def test_a_rotation_that_was_broken_off_is_taken_up(things: SmallWorld) -> None:
    fill(things, 12000)
    things.vault.ring.add_version()

    class Killed(BaseException):
        pass

    def die(_column: str, done: int) -> None:
        if done:
            raise Killed

    with pytest.raises(Killed):
        Rotation(things.database, things.vault.ring, tell=die).run()
    with things.database.maintenance() as connection:
        half = {count.version: count.values for count in count_by_version(connection)}
        assert is_rotation_due(count_by_version(connection), 2)
    assert set(half) == {1, 2}

    assert Rotation(things.database, things.vault.ring).run() == half[1]
    with things.database.maintenance() as connection:
        assert not is_rotation_due(count_by_version(connection), 2)


def test_an_old_key_is_looked_up_until_those_who_sealed_with_it_have_kept_their_work(things: SmallWorld) -> None:
    with things.system_work() as work:
        sealed = things.vault.seal(synthetic(1))
        things.vault.ring.add_version()
        Rotation(things.database, things.vault.ring, patience=0).run()
        assert [version_of(each) for each in things.vault.look_up(synthetic(1))] == [2, 1]
        work.connection.execute("INSERT INTO sealed_thing (individual_number_sealed) VALUES (%s)", [sealed])

    assert Rotation(things.database, things.vault.ring).run() == 1
    assert [version_of(each) for each in things.vault.look_up(synthetic(1))] == [2]


def test_a_value_that_cannot_be_opened_is_named_by_its_place(things: SmallWorld) -> None:
    with things.system_work() as work:
        work.connection.execute("INSERT INTO sealed_thing (individual_number_sealed) VALUES (%s)", [b"\x01nonsense"])
    things.vault.ring.add_version()

    with pytest.raises(ConflictError, match=r"sealed_thing\.individual_number_sealed, row at \(0,1\)"):
        Rotation(things.database, things.vault.ring).run()


def test_a_key_is_not_retired_while_a_table_keeps_values_back(things: SmallWorld) -> None:
    fill(things, 3)
    with things.database.maintenance() as connection:
        connection.execute(
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
            "CREATE TRIGGER keeps_back BEFORE UPDATE ON sealed_thing FOR EACH ROW WHEN (OLD.thing_id = 2) "
            "EXECUTE FUNCTION keep()"
        )
    things.vault.ring.add_version()

    with pytest.raises(ConflictError, match=r"sealed_thing\.individual_number_sealed \(1\)"):
        Rotation(things.database, things.vault.ring).run()
    assert len(things.vault.look_up(synthetic(1))) == 2


def test_every_sealed_column_can_be_changed_by_an_owner_who_is_no_superuser(office: SmallWorld) -> None:
    with office.database.maintenance() as connection:
        kept_back = [
            column.table
            for column in sealed_columns(connection)
            if not connection.execute(
                "SELECT FROM pg_policy WHERE polrelid = %s::regclass AND polcmd IN ('*', 'w')", [column.table]
            ).rowcount
        ]

    assert kept_back == [], "row-level security without a policy for UPDATE keeps rotation from these tables"


def test_every_sealed_column_of_the_schema_is_found(office: SmallWorld) -> None:
    with office.database.maintenance() as connection:
        found = {(column.table, column.column) for column in sealed_columns(connection)}
        stray = connection.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public' "
            "AND column_name LIKE '%individual_number' AND data_type <> 'bytea'"
        ).fetchall()

    assert ("user_account", "totp_secret_sealed") in found
    assert ("link", "individual_number_sealed") in found
    assert stray == []


def test_a_sealed_column_that_rotation_could_not_read_is_refused(office: SmallWorld) -> None:
    with office.database.maintenance() as connection:
        connection.execute("CREATE TABLE wrong (numbers_sealed bytea[])")
        with pytest.raises(SchemaError, match=r"wrong\.numbers_sealed"):
            sealed_columns(connection)


def test_a_database_is_not_opened_with_the_keys_of_another(office: SmallWorld, tmp_path: Path) -> None:
    now = office.clock.now()
    with office.database.maintenance() as connection:
        note_keys(connection, office.vault.ring, now)
        note_keys(connection, office.vault.ring, now)

        with pytest.raises(UpstreamDownError, match="not the one"):
            note_keys(connection, KeyRing.open_or_make(tmp_path / "other.json"), now)
