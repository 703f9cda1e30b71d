"""The commands of upkeep: upgrade, status, backup and restore, keys, evidence; and what they never tell."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest
from database_fixture import DatabaseServer, FixedClock, SmallWorld
from factories import number

from himozuke.entrypoints.cli.main import run
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.actor import Actor
from himozuke.settings import load
from himozuke.stores.backup import back_up, restore
from himozuke.stores.database import Database
from himozuke.stores.sealing import Sealer
from himozuke.stores.vault import KeyRing, Vault

SYSTEM = Actor.system("test")


@pytest.fixture
def installation(
    empty_database: Database, database_server: DatabaseServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """The data folder of an installation with a database of today's version; the environment points to both."""
    data = tmp_path / "data"
    monkeypatch.delenv("HIMOZUKE_KEY_FILE", raising=False)
    monkeypatch.setenv("HIMOZUKE_DATA", str(data))
    monkeypatch.setenv("HIMOZUKE_DATABASE_URL", database_server.url_of(empty_database))
    assert run(["database", "upgrade"]) == 0
    return data


@pytest.fixture
def embedded_installation(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same with a server of its own in the data folder."""
    for variable in ("HIMOZUKE_DATABASE_URL", "HIMOZUKE_KEY_FILE"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HIMOZUKE_DATA", str(data_folder))
    assert run(["database", "upgrade"]) == 0
    return data_folder


def act(count: int, *, is_sealed: bool = True) -> None:
    settings = load()
    with Database.open(settings) as database:
        for subject_id in range(count):
            with database.transaction(SYSTEM) as work:
                work.audit.record("test.act", subject="thing", subject_id=subject_id, details={"why": "試し"})
        if is_sealed:
            Sealer(database, KeyRing.open_or_make(settings.key_file), head_file=None).seal()


def meddle(statement: str) -> None:
    with Database.open(load()) as database, database.maintenance() as connection:
        # What the owner of the tables can do; a server of somebody else's makes nobody of ours a superuser.
        connection.execute("ALTER TABLE audit_record DISABLE TRIGGER USER, NO FORCE ROW LEVEL SECURITY")
        connection.execute(statement.encode())
        connection.execute("ALTER TABLE audit_record ENABLE TRIGGER USER, FORCE ROW LEVEL SECURITY")


def test_upgrade_makes_keys_and_is_done_once(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["database", "upgrade"]) == 0

    assert "nothing to do" in capsys.readouterr().out
    assert (installation / "keys.json").exists()
    assert run(["database", "status", "--format", "json"]) == 0
    facts = {row["name"]: row["value"] for row in json.loads(capsys.readouterr().out)}
    assert facts["schema"] == facts["program needs"]
    assert facts["a worker is alive"] is False


@pytest.mark.usefixtures("installation")
def test_evidence_that_holds_is_0_and_a_record_that_was_altered_is_3_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    act(3)
    act(1, is_sealed=False)
    assert run(["audit", "verify"]) == 0
    said = capsys.readouterr().out
    assert "3 records under 1 seals" in said
    assert "1 records not sealed yet" in said

    meddle("UPDATE audit_record SET login = 'somebody' WHERE number = 2")
    assert run(["audit", "verify"]) == 3

    assert capsys.readouterr().out.splitlines()[0].startswith("altered: record 1-2: ")


@pytest.mark.usefixtures("installation")
def test_a_third_party_checks_an_export_with_the_public_key_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    act(3)
    act(2)
    act(1, is_sealed=False)
    export, key = tmp_path / "evidence.jsonl", tmp_path / "key.pem"
    assert run(["audit", "export", str(export), "--public-key", str(key)]) == 0

    check = ["audit", "verify", "--export", str(export), "--public-key", str(key), "--format", "json"]
    capsys.readouterr()
    assert run(check) == 0
    assert json.loads(capsys.readouterr().out)["records"] == 5


@pytest.mark.parametrize(
    ("without", "changed", "flaw", "where"),
    [
        ("", ('"subject_id": "0"', '"subject_id": "9"'), "altered", "record 1-1"),
        ('"number": 2,', None, "missing", "record 1-2"),
        ('"number": 6,', None, "missing", "record 1-6"),
        ('"seal_id": 1,', None, "seal missing", "seal 1"),
    ],
)
@pytest.mark.usefixtures("installation")
def test_an_export_that_was_meddled_with_is_found_out(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    without: str,
    changed: tuple[str, str] | None,
    flaw: str,
    where: str,
) -> None:
    act(3)
    act(2)
    act(1, is_sealed=False)
    export, key = tmp_path / "evidence.jsonl", tmp_path / "key.pem"
    run(["audit", "export", str(export), "--public-key", str(key)])
    lines = [line for line in export.read_text("utf-8").splitlines() if not without or without not in line]
    export.write_text("\n".join(line.replace(*changed) if changed else line for line in lines), encoding="utf-8")
    capsys.readouterr()

    assert run(["audit", "verify", "--export", str(export), "--public-key", str(key), "--format", "json"]) == 3

    first = json.loads(capsys.readouterr().out)["findings"][0]
    assert (first["flaw"], first["where"]) == (flaw, where)


@pytest.mark.usefixtures("installation")
def test_an_export_cannot_vouch_for_itself(tmp_path: Path) -> None:
    act(1)
    export, key = tmp_path / "evidence.jsonl", tmp_path / "key.pem"
    run(["audit", "export", str(export)])
    key.write_text("no key", encoding="utf-8")

    assert run(["audit", "verify", "--export", str(export)]) == 2
    assert run(["audit", "verify", "--export", str(export), "--public-key", str(key)]) == 4


@pytest.mark.usefixtures("installation")
def test_keys_are_rotated_by_command_and_the_old_one_opens_old_backups(capsys: pytest.CaptureFixture[str]) -> None:
    settings = load()
    vault = Vault(KeyRing.open_or_make(settings.key_file))
    sealed = vault.box.seal(b"secret", purpose="totp")
    with Database.open(settings) as database, database.maintenance() as connection:
        connection.execute("INSERT INTO organisation (code, kind, name) VALUES ('A', 'insurer', 'A')")
        connection.execute(
            "INSERT INTO user_account (organisation_id, login, display_name, role, totp_secret_sealed) "
            "VALUES (1, 'a', 'a', 'insurer_clerk', %s)",
            [sealed],
        )

    assert run(["keys", "rotate"]) == 0
    assert "1 values sealed anew under version 2" in capsys.readouterr().out
    assert run(["keys", "status"]) == 0

    with Database.open(settings) as database, database.maintenance() as connection:
        row = connection.execute("SELECT totp_secret_sealed AS sealed FROM user_account").fetchone()
    assert row is not None
    assert row["sealed"][0] == 2
    assert vault.box.open(bytes(row["sealed"]), purpose="totp") == vault.box.open(sealed, purpose="totp") == b"secret"


def test_a_backup_of_another_server_put_back_into_ours_holds_everything_but_the_keys(
    installation: Path,
    data_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    act(3)
    upload = installation / "uploads" / "1" / "紐付け.csv"
    upload.parent.mkdir(parents=True)
    upload.write_text("link_id\n1\n", encoding="utf-8")
    backup = tmp_path / "backup.tar"
    assert run(["database", "backup", str(backup)]) == 0
    with tarfile.open(backup) as archive:
        assert not [name for name in archive.getnames() if "keys" in name]
    assert backup.stat().st_mode & 0o077 == 0

    elsewhere = data_folder / "elsewhere"
    monkeypatch.setenv("HIMOZUKE_KEY_FILE", str(installation / "keys.json"))
    monkeypatch.setenv("HIMOZUKE_DATA", str(elsewhere))
    monkeypatch.delenv("HIMOZUKE_DATABASE_URL")
    assert run(["database", "restore", str(backup)]) == 0

    assert (elsewhere / "uploads" / "1" / "紐付け.csv").read_text("utf-8") == "link_id\n1\n"
    capsys.readouterr()
    assert run(["audit", "verify", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["records"], report["unsealed"]) == (3, 1)  # the restoring itself leaves a record
    assert run(["database", "upgrade"]) == 0
    act(1)
    assert run(["audit", "verify"]) == 0


@pytest.mark.usefixtures("embedded_installation")
def test_a_backup_takes_the_place_of_a_database_only_when_told_to(tmp_path: Path) -> None:
    act(1)
    backup = tmp_path / "backup.tar"
    run(["database", "backup", str(backup)])
    act(5)

    assert run(["database", "restore", str(backup)]) == 2
    with Database.open(load()) as database:  # somebody is at work
        assert run(["database", "restore", str(backup), "--replace"]) == 2
        with database.transaction(SYSTEM) as work:
            assert work.connection.execute("SELECT FROM audit_record").rowcount == 6
    assert run(["database", "restore", str(backup), "--replace"]) == 0

    with Database.open(load()) as database, database.transaction(SYSTEM) as work:
        assert work.connection.execute("SELECT FROM audit_record WHERE act = 'test.act'").rowcount == 1


@pytest.mark.parametrize("damage", ["cut", "no_archive", "altered"])
@pytest.mark.usefixtures("installation")
def test_a_damaged_backup_changes_nothing(tmp_path: Path, damage: str) -> None:
    act(1)
    backup = tmp_path / "backup.tar"
    run(["database", "backup", str(backup)])
    content = bytearray(backup.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "altered":
        content[len(content) // 2] ^= 1
    else:
        content = bytearray(b"nothing")
    backup.write_bytes(content)

    assert run(["database", "restore", str(backup)]) == 4

    assert run(["audit", "verify"]) == 0


@pytest.mark.usefixtures("installation")
def test_a_file_of_a_backup_that_was_altered_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    act(1)
    kept = load().data / "inspections" / "review.csv"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text("問い合わせる人" * 500, "utf-8")
    backup = tmp_path / "backup.tar"
    run(["database", "backup", str(backup)])
    content = bytearray(backup.read_bytes())
    content[content.rindex("問い合わせる人".encode()) + 3] ^= 1
    backup.write_bytes(content)

    assert run(["database", "restore", str(backup), "--replace"]) == 4

    assert "inspections/review.csv is not what was packed" in capsys.readouterr().err


def test_a_restored_database_shows_each_organisation_its_own_rows(
    office: SmallWorld, database_server: DatabaseServer, data_folder: Path, tmp_path: Path
) -> None:
    number_sealed = office.vault.seal(IndividualNumber(int(number(7))))
    with office.work("insurer_clerk") as work:
        work.audit.record("test.act", subject="thing", subject_id=1, details={"x": number_sealed.hex()})
    settings = load({"HIMOZUKE_DATA": str(data_folder), "HIMOZUKE_KEY_FILE": str(office.vault.ring.path)})
    backup = tmp_path / "backup.tar"
    back_up(office.database, settings, backup)
    name = database_server.make()

    with Database(database_server.conninfo(name), clock=FixedClock()) as database:
        url = database_server.url_of(database)
        restore(load({"HIMOZUKE_DATA": str(data_folder), "HIMOZUKE_DATABASE_URL": url}), backup)
        database.start()
        database.check_schema()
        with database.transaction(office.actor("insurer_clerk")) as work:
            assert work.connection.execute("SELECT FROM audit_record WHERE act = 'test.act'").rowcount == 1
        with database.transaction(office.actor("insurer_clerk", of=office.other_insurer)) as work:
            assert work.connection.execute("SELECT FROM audit_record").rowcount == 0
    database_server.drop(name)


def test_no_command_tells_a_password(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("HIMOZUKE_DATABASE_URL", "postgresql://himozuke:open-sesame@127.0.0.1:1/himozuke")

    assert run(["settings"]) == 0
    assert run(["database", "status"]) == 5
    assert run(["audit", "verify"]) == 5

    said = capsys.readouterr()
    assert "open-sesame" not in said.out + said.err
