"""``himozuke register load``: what the command promises at the shell, and where inquiries go."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import factories
import pyarrow.parquet as pq
import pytest
from database_fixture import SmallWorld
from psycopg.conninfo import conninfo_to_dict

from himozuke.entrypoints.cli.main import run
from himozuke.entrypoints.register_choice import other_register
from himozuke.gateways.jlis_files import FolderRegister
from himozuke.gateways.register_http.client import HttpRegister
from himozuke.rules.loader import load as load_rules
from himozuke.settings import Settings


@pytest.fixture
def shell(office: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, with the database and the keys of the office in the environment."""
    monkeypatch.setenv("HIMOZUKE_DATABASE_URL", address_of(office.database.conninfo))
    monkeypatch.setenv("HIMOZUKE_KEY_FILE", str(office.vault.ring.path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def address_of(conninfo: str) -> str:
    """The address of a database as the environment gives it."""
    given = conninfo_to_dict(conninfo)
    name = given.pop("dbname")
    options = {key: value for key, value in given.items() if key in {"host", "port", "user", "password"}}
    return f"postgresql:///{name}?{urlencode(options)}"


def register_file(folder: Path, *rows: dict[str, str], name: str = "register.parquet") -> str:
    """Register rows as a file."""
    pq.write_table(factories.table(list(rows)), folder / name)
    return str(folder / name)


def test_figures_are_printed_and_a_second_load_says_so(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For people as a table, for programs as JSON."""
    path = register_file(shell, factories.person(1), factories.person(2))
    command = ["register", "load", path, "--snapshot", "--as-of", "2026-04-01", "--format", "json"]

    codes = [run(command), run(command)]
    first, second = capsys.readouterr().out.split("\n]\n")[:2]

    assert codes == [0, 0]
    assert json.loads(first + "]")[0] == {
        "as_of": "2026-04-01",
        "already_loaded": False,
        "people": 2,
        "added": 2,
        "changed": 0,
        "gone": 0,
        "rows_quarantined": 0,
    }
    assert json.loads(second + "]")[0]["already_loaded"] is True
    assert not (shell / "register_quarantine.csv").exists()


def test_bad_rows_are_listed_and_end_with_four(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The good rows are loaded all the same, and no number stands in the list."""
    bad = factories.person(2, birth_date="1975-02-30")
    path = register_file(shell, factories.person(1), bad)

    code = run(["register", "load", path, "--snapshot", "--as-of", "2026-04-01", "--quiet"])
    listed = (shell / "register_quarantine.csv").read_text("utf-8-sig")

    assert code == 4
    assert capsys.readouterr().out == ""
    assert "date_impossible" in listed
    assert bad["individual_number"] not in listed


@pytest.mark.parametrize("kinds", [[], ["--snapshot", "--changes"]])
def test_the_kind_of_file_must_be_said(shell: Path, kinds: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Taking changes for everybody would empty the register."""
    path = register_file(shell, factories.person(1))

    assert run(["register", "load", path, *kinds, "--as-of", "2026-04-01"]) == 2
    assert "--snapshot" in capsys.readouterr().err


def test_what_is_refused_leaves_a_sentence_and_a_code(shell: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No file, no day, an older day, changes before a snapshot."""
    path = register_file(shell, factories.person(1))

    assert run(["register", "load", "absent.csv", "--snapshot", "--as-of", "2026-04-01"]) == 2
    assert run(["register", "load", path, "--snapshot", "--as-of", "yesterday"]) == 2
    assert run(["register", "load", path, "--changes", "--as-of", "2026-04-01"]) == 2
    assert run(["register", "load", path, "--snapshot", "--as-of", "2026-04-02"]) == 0
    assert run(["register", "load", path, "--snapshot", "--as-of", "2026-04-01"]) == 2
    assert "2026-04-02 already" in capsys.readouterr().err


def test_a_day_that_has_not_come_is_refused_and_blocks_no_later_day(
    shell: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = register_file(shell, factories.person(1))
    command = ["register", "load", path, "--snapshot", "--as-of"]

    assert run([*command, "2099-01-01"]) == 2
    assert "that day has not come" in capsys.readouterr().err
    assert run([*command, "2026-04-01"]) == 0


def test_columns_of_ones_own_are_mapped(shell: Path) -> None:
    """The same file under another mapping is another file."""
    row = factories.person(1)
    renamed = {("氏" if name == "kanji_name" else name): value for name, value in row.items()}
    path = register_file(shell, renamed)
    mapping = shell / "mapping.toml"
    mapping.write_text('[columns]\nkanji_name = "氏"\n', "utf-8")
    command = ["register", "load", path, "--snapshot", "--as-of", "2026-04-01", "--quiet"]

    assert run([*command, "--register-mapping", str(mapping)]) == 0


def test_the_settings_say_where_inquiries_go(tmp_path: Path) -> None:
    """The own table, an address, or a folder."""
    rules = load_rules()

    assert other_register(Settings(), rules) is None
    assert isinstance(other_register(Settings(register="https://register.example"), rules), HttpRegister)
    assert isinstance(other_register(Settings(register=str(tmp_path)), rules), FolderRegister)


def test_the_day_is_the_one_that_was_said(shell: Path, office: SmallWorld) -> None:
    """Every page that judges by the register shows it."""
    path = register_file(shell, factories.person(1))

    run(["register", "load", path, "--snapshot", "--as-of", "2026-03-31", "--quiet"])
    with office.system_work() as work:
        row = work.connection.execute("SELECT as_of, people FROM register_load").fetchone()

    assert row == {"as_of": date(2026, 3, 31), "people": 1}
