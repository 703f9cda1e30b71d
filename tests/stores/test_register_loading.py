"""Loading the register: a day appears all at once or not at all, in the order of days, with its history."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import factories
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from database_fixture import SmallWorld, assert_audited_ever
from register_world import Silence, history_of, load, people_in

from himozuke.errors import ConflictError, InputRejectedError, NotAllowedError
from himozuke.gateways.tables import digest, open_register
from himozuke.identity.individual_number import IndividualNumber
from himozuke.stores.register_loading import CHANGES, RegisterFile, RegisterLoader
from himozuke.stores.resident_history import ResidentHistory
from himozuke.stores.resident_register import PostgresRegister

FIRST, SECOND = date(2026, 4, 1), date(2026, 4, 2)


def town(people: int = 8) -> list[dict[str, str]]:
    """Register rows of a few people."""
    world = factories.World()
    for _ in range(people):
        world.person()
    return world.register


def changes(*rows: dict[str, str]) -> pa.Table:
    """A file of changes."""
    return factories.table(list(rows))


def test_the_same_file_twice_is_loaded_once(office: SmallWorld) -> None:
    """The second time does nothing and says so."""
    table = factories.table(town())

    first, second = load(office, table, FIRST), load(office, table, FIRST)

    assert (first.is_repeated, first.people, first.added) == (False, 8, 8)
    assert (second.is_repeated, second.people) == (True, 8)
    assert_audited_ever(office, "register.load", count=1)


def test_an_older_day_is_refused(office: SmallWorld) -> None:
    """A register of yesterday over one of today would refute who moved in between."""
    load(office, factories.table(town(9)), SECOND)

    with pytest.raises(ConflictError, match="2026-04-02 already"):
        load(office, factories.table(town(8)), FIRST)

    assert len(people_in(office)) == 9


def test_changes_need_a_register_to_change(office: SmallWorld) -> None:
    """A register of the changed alone would refute everybody else."""
    with pytest.raises(ConflictError, match="Load a snapshot first"):
        load(office, factories.table(town()), FIRST, kind=CHANGES)


def test_births_moves_deaths_names_and_numbers_change_with_history(office: SmallWorld) -> None:
    """Each row as it was stays, with the day until which it stood."""
    rows = town()
    load(office, factories.table(rows), FIRST)
    moved = rows[0] | {"address": "大阪府大阪市北区梅田三丁目1番1号", "former_addresses": rows[0]["address"]}
    dead = rows[1] | {"status": "dead", "status_on": "2026-04-01"}
    married = rows[2] | {"kanji_name": "佐藤　太郎", "former_kanji_names": rows[2]["kanji_name"]}
    renumbered = rows[3] | {
        "individual_number": factories.number(99_001),
        "previous_number": rows[3]["individual_number"],
        "status": "replaced",
        "status_on": "2026-04-02",
    }
    born = factories.person(99_002, birth_date="2026-04-01")

    found = load(office, changes(moved, dead, married, renumbered, born), SECOND, kind=CHANGES)

    people = people_in(office)
    assert (found.people, found.added, found.changed, found.gone) == (9, 1, 4, 0)
    assert people[rows[0]["individual_number"]]["address"] == moved["address"]
    assert people[rows[1]["individual_number"]]["status"] == 2
    assert people[rows[2]["individual_number"]]["held_from"] == SECOND
    assert rows[3]["individual_number"] not in people
    assert people[factories.number(99_001)]["held_from"] == SECOND
    assert people[rows[4]["individual_number"]]["held_from"] == FIRST
    assert factories.number(99_002) in people
    before = history_of(office, rows[0]["individual_number"])
    assert [(row["address"], row["held_from"], row["held_until"]) for row in before] == [
        (rows[0]["address"], FIRST, SECOND)
    ]
    assert len(history_of(office, rows[3]["individual_number"])) == 1
    assert history_of(office, rows[4]["individual_number"]) == []


def deaths(office: SmallWorld) -> dict[str, date]:
    with office.system_work() as work:
        rows = work.connection.execute("SELECT individual_number_sealed, died_on FROM death").fetchall()
    return {office.vault.open(row["individual_number_sealed"]).reveal(): row["died_on"] for row in rows}


def test_deaths_are_kept_beside_the_register_and_taken_back_with_it(office: SmallWorld) -> None:
    """What ends a qualification is known without asking the register: from the first load, by changes, and no more."""
    rows = town()
    rows[0] |= {"status": "dead", "status_on": "2026-03-01"}
    load(office, factories.table(rows), FIRST)
    assert deaths(office) == {rows[0]["individual_number"]: date(2026, 3, 1)}

    died = rows[1] | {"status": "dead", "status_on": "2026-04-01"}
    lives = rows[0] | {"status": "current", "status_on": ""}
    load(office, changes(died, lives), SECOND, kind=CHANGES)

    assert deaths(office) == {rows[1]["individual_number"]: date(2026, 4, 1)}


def test_the_register_can_be_asked_as_of_an_earlier_day(office: SmallWorld) -> None:
    """What it said when a link was proven, before the move, the new number, the birth."""
    rows = town()
    load(office, factories.table(rows), FIRST)
    moved = rows[0] | {"address": "大阪府大阪市北区梅田三丁目1番1号"}
    renumbered = rows[3] | {
        "individual_number": factories.number(99_001),
        "previous_number": rows[3]["individual_number"],
    }
    born = factories.person(99_002)
    load(office, changes(moved, renumbered, born), SECOND, kind=CHANGES)

    with office.work("insurer_clerk") as work:
        history = ResidentHistory(work, office.vault)

        def address(day: date, row: dict[str, str]) -> str | None:
            found = history.on(day, IndividualNumber(int(row["individual_number"])))
            return found.items.address if found else None

        assert address(FIRST, moved) == rows[0]["address"]
        assert address(SECOND, moved) == moved["address"]
        assert address(date(2026, 3, 31), moved) is None
        assert address(FIRST, rows[3]) == rows[3]["address"]
        assert address(SECOND, rows[3]) is None
        assert address(FIRST, renumbered) is None
        assert address(FIRST, born) is None
    with office.work("employer") as work, pytest.raises(NotAllowedError):
        ResidentHistory(work, office.vault).on(FIRST, IndividualNumber(int(moved["individual_number"])))


def test_a_person_is_found_under_new_and_former_names_after_a_change(office: SmallWorld) -> None:
    """The keys follow the change, and the number of before still leads to the person."""
    rows = town()
    load(office, factories.table(rows), FIRST)
    renumbered = rows[3] | {
        "individual_number": factories.number(99_001),
        "previous_number": rows[3]["individual_number"],
    }
    load(office, changes(renumbered), SECOND, kind=CHANGES)

    with office.work("insurer_clerk") as work:
        register = PostgresRegister(work, office.vault)
        today, before = register.owners([int(factories.number(99_001)), int(rows[3]["individual_number"])])
        forms = work.connection.execute("SELECT count(*) AS forms FROM resident_form").fetchone()

    assert today is not None
    assert before is not None
    assert (today.is_previous, before.is_previous) == (False, True)
    assert today.person.number == before.person.number == int(factories.number(99_001))
    assert forms == {"forms": 0}


def test_several_changes_of_one_person_in_a_file_end_with_the_last(office: SmallWorld) -> None:
    """Two moves in a day, and a child whose number is changed on the day it was given."""
    rows = town()
    load(office, factories.table(rows), FIRST)
    once, twice = (rows[0] | {"address": f"大阪府大阪市北区梅田三丁目{n}番1号"} for n in (1, 2))
    born = factories.person(99_002)
    renumbered = born | {"individual_number": factories.number(99_003), "previous_number": born["individual_number"]}

    found = load(office, changes(once, born, twice, renumbered), SECOND, kind=CHANGES)

    assert (found.added, found.changed, found.quarantined) == (1, 1, 0)
    assert people_in(office)[rows[0]["individual_number"]]["address"] == twice["address"]
    assert born["individual_number"] not in people_in(office)


def test_a_change_to_a_number_that_somebody_else_holds_is_set_aside(office: SmallWorld) -> None:
    rows = town()
    load(office, factories.table(rows), FIRST)
    taken = rows[2] | {
        "individual_number": rows[5]["individual_number"],
        "previous_number": rows[2]["individual_number"],
        "status": "replaced",
    }

    found = load(office, changes(taken, rows[4] | {"address": "東京都千代田区霞が関9-9-9"}), SECOND, kind=CHANGES)

    assert (found.changed, found.quarantined) == (1, 1)
    with office.system_work() as work:
        row = work.connection.execute("SELECT count(*) AS people FROM resident").fetchone()
    assert row == {"people": len(rows)}


def test_a_later_snapshot_changes_only_what_differs(office: SmallWorld) -> None:
    """Who is the same keeps the row; who is gone goes into the history."""
    rows = town()
    load(office, factories.table(rows), FIRST)
    after = [rows[0] | {"sex": "2"}, *rows[1:7], factories.person(99_002)]

    found = load(office, factories.table(after), SECOND)

    assert (found.people, found.added, found.changed, found.gone) == (8, 1, 1, 1)
    assert people_in(office)[rows[5]["individual_number"]]["held_from"] == FIRST
    gone = history_of(office, rows[7]["individual_number"])
    assert [(row["is_gone"], row["held_until"]) for row in gone] == [(True, SECOND)]


def test_a_snapshot_that_lacks_many_people_is_a_file_cut_off(office: SmallWorld) -> None:
    """Every link of the missing would be refuted; somebody must say that it is meant."""
    rows = town(60)
    load(office, factories.table(rows), FIRST)
    half = factories.table(rows[:30])

    with pytest.raises(ConflictError, match="30 are missing"):
        load(office, half, SECOND)
    assert len(people_in(office)) == 60
    accepted = load(office, half, SECOND, accept_losses=True)

    assert (accepted.gone, accepted.people) == (30, 30)


def test_rows_that_cannot_be_understood_are_set_aside(office: SmallWorld) -> None:
    """A bad date, no number, and a number that an earlier row bears; the others are loaded."""
    rows = town(4)
    rows[1] |= {"birth_date": "1975-02-30"}
    rows[2] |= {"individual_number": ""}
    table = factories.table([*rows, rows[0] | {"kanji_name": "別　人"}])
    reader = open_register(table)

    found = RegisterLoader(office.database, office.vault, Silence()).load(
        reader, RegisterFile("snapshot", FIRST, "register.csv", digest(table))
    )

    assert (found.people, found.quarantined) == (2, 3)
    assert {row.code for row in reader.quarantine} == {"date_impossible", "number_missing", "number_twice"}
    assert people_in(office)[rows[0]["individual_number"]]["kanji_name"] == rows[0]["kanji_name"]


def test_a_file_without_any_person_leaves_the_register_as_it_is(office: SmallWorld) -> None:
    """Nothing is taken for everybody having gone."""
    load(office, factories.table(town()), FIRST)

    with pytest.raises(InputRejectedError, match="no row that can be understood"):
        load(office, factories.table([factories.person(1, birth_date="1975-02-30")]), SECOND)

    assert len(people_in(office)) == 8


def test_numbers_stand_sealed_only(office: SmallWorld) -> None:
    """Nowhere in the tables is a number to be read, neither today's nor the one before."""
    row = town(1)[0] | {"previous_number": factories.number(55)}
    load(office, factories.table([row]), FIRST)

    with office.system_work() as work:
        texts = work.connection.execute("SELECT resident::text AS said FROM resident").fetchall()

    assert row["individual_number"] not in texts[0]["said"]
    assert factories.number(55) not in texts[0]["said"]
    sealed = people_in(office)[row["individual_number"]]["previous_individual_number_sealed"]
    assert isinstance(sealed, bytes)
    assert office.vault.open(sealed) == IndividualNumber(int(factories.number(55)))


_DYING = """
import os, signal, sys
from datetime import date
from pathlib import Path
from himozuke.gateways.tables import digest, open_register
from himozuke.settings import Settings
from himozuke.stores.database import Database
from himozuke.stores.register_loading import RegisterFile, RegisterLoader
from himozuke.stores.vault import KeyRing, Vault

class Dying:
    left = int(sys.argv[4])
    phase_to_die_in = sys.argv[5]
    now = ""
    def phase(self, name, total=None):
        self.now = name
        self.step()
    def advance(self, rows):
        self.step()
    def step(self):
        if self.now == self.phase_to_die_in:
            if not self.left:
                os.kill(os.getpid(), signal.SIGKILL)
            self.left -= 1

path, url, keys = sys.argv[1:4]
with Database.open(Settings(database_url=url)) as database:
    loader = RegisterLoader(database, Vault(KeyRing.open_or_make(Path(keys))), Dying(), threads=1, batch_rows=3)
    loader.load(open_register(path), RegisterFile("snapshot", date(2026, 4, 2), "register.parquet", digest(path)))
"""


@pytest.mark.parametrize(
    ("phase", "steps", "rows_kept"),
    [("register_stage", 0, 0), ("register_stage", 2, 6), ("register_apply", 0, 20), ("register_tidy", 0, 20)],
)
def test_a_killed_load_leaves_no_half_day_and_goes_on(
    office: SmallWorld, tmp_path: Path, phase: str, steps: int, rows_kept: int
) -> None:
    """kill -9 anywhere: yesterday stands, or today stands; the next run takes up what was staged."""
    rows = town(20)
    load(office, factories.table(rows), FIRST)
    path = tmp_path / "register.parquet"
    moved = [row | {"address": "大阪府大阪市北区梅田三丁目1番1号"} for row in rows]
    pq.write_table(factories.table(moved), path)
    arguments = [str(path), office.database.conninfo, str(office.vault.ring.path), str(steps), phase]

    died = subprocess.run([sys.executable, "-c", _DYING, *arguments], env=os.environ, check=False, timeout=60)

    assert died.returncode == -signal.SIGKILL
    whole = phase == "register_tidy"
    addresses = {str(person["address"]) for person in people_in(office).values()}
    assert addresses == {(moved if whole else rows)[0]["address"]}
    assert staged(office) == rows_kept
    reader = open_register(str(path))
    found = RegisterLoader(office.database, office.vault, Silence(), threads=1, batch_rows=3).load(
        reader, RegisterFile("snapshot", SECOND, "register.parquet", digest(str(path)))
    )
    assert (found.is_repeated, found.changed) == (whole, 20)
    assert {str(person["address"]) for person in people_in(office).values()} == {moved[0]["address"]}
    assert len(history_of(office, rows[0]["individual_number"])) == 1
    assert_audited_ever(office, "register.load", count=2)


def staged(office: SmallWorld) -> int:
    """How many rows wait to be applied."""
    with office.system_work() as work:
        row = work.connection.execute("SELECT count(*) AS rows FROM resident_staged").fetchone()
    assert row is not None
    return int(row["rows"])


def test_another_file_clears_what_was_left_half_done(office: SmallWorld) -> None:
    """Rows of a load that nobody went on with never get into another day."""
    load(office, factories.table(town(20)), FIRST)

    class CutOff(Silence):
        def advance(self, rows: int) -> None:
            """Stop after the first part."""
            raise KeyboardInterrupt(rows)

    cut = factories.table(town(25))
    loader = RegisterLoader(office.database, office.vault, CutOff(), threads=1, batch_rows=3)
    with pytest.raises(KeyboardInterrupt):
        loader.load(open_register(cut), RegisterFile("snapshot", SECOND, "cut.csv", digest(cut)))

    found = load(office, factories.table(town(21)), SECOND)

    assert (found.people, found.added) == (21, 1)


def test_two_loads_at_once_are_refused(office: SmallWorld) -> None:
    """The second one is told to wait."""
    table = factories.table(town())
    with office.database.maintenance() as connection:
        connection.execute("SELECT pg_advisory_lock(4810302)")

        loader = RegisterLoader(office.database, office.vault, Silence(), wait="50ms")
        with pytest.raises(ConflictError, match="is running"):
            loader.load(open_register(table), RegisterFile("snapshot", FIRST, "register.csv", digest(table)))


def test_while_keys_are_rotated_nothing_is_loaded(office: SmallWorld) -> None:
    """A number sealed under another key would not be found, and everybody would be new."""
    load(office, factories.table(town()), FIRST)
    office.vault.ring.add_version()

    with pytest.raises(ConflictError, match="keys rotate"):
        load(office, factories.table(town(9)), SECOND)
