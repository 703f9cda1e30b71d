"""Staged links: parts that are whole, opened again after a kill, and texts in any order."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factories import World, table

from himozuke import schemes
from himozuke.engines import staging
from himozuke.engines.register import PreparedRegister
from himozuke.engines.register import prepare as fold
from himozuke.engines.staged import TEXTS, StagedLinks
from himozuke.engines.staging import stage
from himozuke.gateways.tables import open_links, open_register, write_quarantine
from himozuke.link.items import ITEMS

ON = date(2025, 10, 1)


def ten_links(*, bad: int = 0) -> pa.Table:
    """Ten links, of which the last so many cannot be understood."""
    world = World()
    for at in range(10):
        someone = world.person(kanji_name=f"見本　{at}郎", birth_date=f"1960-01-{at + 1:02d}")
        world.link(someone, f"L{at}", individual_number="12345" if at >= 10 - bad else someone["individual_number"])
    return table(world.links)


def staged(
    links: pa.Table | Path,
    folder: Path,
    *,
    scheme: str = "health_insurance",
    threads: int = 1,
    settle_by: PreparedRegister | None = None,
) -> StagedLinks:
    """The links on their way into an engine."""
    return stage(
        open_links(links),
        folder,
        on=ON,
        scheme=schemes.find(scheme),
        write_quarantine=write_quarantine,
        settle_by=settle_by,
        threads=threads,
    )


def prepared(register: pa.Table, folder: Path) -> PreparedRegister:
    """A register to settle links by."""
    reader = open_register(register)
    return fold(reader, folder, digest=reader.digest, name="r", on=ON, write_quarantine=write_quarantine)


def links_and_register() -> tuple[pa.Table, pa.Table]:
    """Ten links: every other one is as the register has it, the rest writes the name with another space."""
    world = World()
    for at in range(10):
        someone = world.person(kanji_name=f"見本　{at}郎", birth_date=f"1960-01-{at + 1:02d}")
        space = "　" if at % 2 == 0 else " "
        world.link(someone, f"L{at}", kanji_name=f"見本{space}{at}郎")
    return table(world.links), table(world.register)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of three rows, so that ten links have four of them."""
    monkeypatch.setattr(staging, "_BATCH_ROWS", 3)


@pytest.mark.usefixtures("small_parts")
def test_links_are_staged_alike_with_and_without_dictionaries(tmp_path: Path) -> None:
    """What a Parquet file holds as codes is kept as codes, and read back as the same texts."""
    links = ten_links()
    links = links.append_column("operator", pa.array(["係A", "係B"] * 5)).append_column(
        "batch", pa.array(["9", ""] * 5)
    )
    pq.write_table(links, tmp_path / "plain.parquet", use_dictionary=False, row_group_size=3)
    pq.write_table(links, tmp_path / "coded.parquet", row_group_size=3)
    chosen = np.array([8, 1, 4])

    plain, coded = (
        staged(tmp_path / f"{name}.parquet", tmp_path / name).texts(chosen, TEXTS) for name in ("plain", "coded")
    )

    assert coded == plain
    assert coded.column("operator").to_pylist() == ["係A", "係B", "係A"]
    assert coded.column("batch").to_pylist() == ["9", "", "9"]


@pytest.mark.usefixtures("small_parts")
@pytest.mark.parametrize("threads", [1, 3])
def test_links_are_kept_part_by_part_in_file_order(threads: int, tmp_path: Path) -> None:
    """Whichever thread wrote a part, the numbers and texts stand in the order of the file."""
    links = ten_links()

    found = staged(links, tmp_path, threads=threads)

    ids = [name for part in range(len(found.starts)) for name in found.texts_of_part(part)["link_id"].to_pylist()]
    numbers = found.numbers(("row", "number"))
    assert (found.rows, found.rows_read, found.rows_quarantined) == (10, 10, 0)
    assert ids == links["link_id"].to_pylist()
    assert numbers["row"].tolist() == list(range(1, 11))
    assert [f"{number:012d}" for number in numbers["number"]] == links["individual_number"].to_pylist()
    assert found.starts == (0, 3, 6, 9)


@pytest.mark.usefixtures("small_parts")
def test_texts_come_in_the_order_asked_for(tmp_path: Path) -> None:
    """Across parts, backwards and twice; none when none is asked for."""
    found = staged(ten_links(), tmp_path)
    wanted = np.array([9, 0, 4, 4, 2], np.int64)

    assert found.texts(wanted, ("link_id",))["link_id"].to_pylist() == ["L9", "L0", "L4", "L4", "L2"]
    assert found.texts(np.zeros(0, np.int64)).num_rows == 0
    assert found.texts(wanted).column_names == list(TEXTS)


@pytest.mark.usefixtures("small_parts")
def test_what_is_whole_is_only_opened_again(tmp_path: Path) -> None:
    """A resumed job reads nothing twice and says the same, also of what was set aside."""
    first = staged(ten_links(bad=2), tmp_path)
    made = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}

    again = staged(ten_links(bad=2), tmp_path)

    assert again == first
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == made
    assert (again.rows, again.rows_quarantined, again.quarantine_counts) == (8, 2, {"number_not_12_digits": 2})


@pytest.mark.usefixtures("small_parts")
def test_half_of_a_file_is_read_again(tmp_path: Path) -> None:
    """Without the list of parts, or with remains of a writer, the job starts from the file."""
    first = staged(ten_links(), tmp_path)
    (tmp_path / "staged.json").unlink()
    (tmp_path / "items-00001.arrow").write_bytes(b"half")
    (tmp_path / "row.column").write_bytes(b"half" * 100)

    again = staged(ten_links(), tmp_path)

    assert again == first
    assert again.texts(np.arange(10), ("link_id",))["link_id"].to_pylist() == [f"L{at}" for at in range(10)]
    assert again.numbers(("row",))["row"].tolist() == list(range(1, 11))


def test_a_file_of_which_nothing_is_understood_has_every_column(tmp_path: Path) -> None:
    """Nothing to inspect is no special case for an engine."""
    found = staged(ten_links(bad=10), tmp_path)

    assert (found.rows, found.rows_read, found.rows_quarantined) == (0, 10, 10)
    assert found.texts_of_part(0).column_names == list(TEXTS)
    assert {len(column) for column in found.numbers(("row", "number", "row_hash", "complete")).values()} == {0}


@pytest.mark.usefixtures("small_parts")
def test_what_stands_in_the_register_is_not_kept_twice(tmp_path: Path) -> None:
    """Links that agree byte by byte are settled while they are read; their texts are given all the same."""
    links, register = links_and_register()
    plain = staged(links, tmp_path / "plain")

    settled = staged(links, tmp_path / "settled", settle_by=prepared(register, tmp_path / "register"))

    bearers = settled.bearers()
    assert bearers is not None
    assert bearers["settled"].tolist() == [True, False] * 5
    assert bearers["pos"].tolist() == list(range(10))
    assert plain.bearers() is None
    everything, mixed = np.arange(10), np.array([9, 0, 4, 4, 3])
    assert settled.texts(everything).equals(plain.texts(everything))
    assert settled.texts(mixed, ("address", "link_id")).equals(plain.texts(mixed, ("address", "link_id")))
    assert settled.texts_of_part(1).equals(plain.texts_of_part(1))
    sizes = [sum(f.stat().st_size for f in one.folder.glob("items-*")) for one in (settled, plain)]
    assert sizes[0] < sizes[1]


def test_without_its_register_a_settled_file_is_read_again(tmp_path: Path) -> None:
    """A resumed job never misses texts that were left to a register."""
    links, register = links_and_register()
    settle_by = prepared(register, tmp_path / "register")
    first = staged(links, tmp_path / "links", settle_by=settle_by)

    assert staged(links, tmp_path / "links", settle_by=settle_by) == first
    assert staged(links, tmp_path / "links").settled_by is None
    assert staged(links, tmp_path / "links", settle_by=settle_by).settled_by is None


@pytest.mark.parametrize("scheme", [scheme.code for scheme in schemes.all_schemes()])
def test_items_a_scheme_has_no_room_for_are_left_empty(scheme: str, tmp_path: Path) -> None:
    """What stands there by chance is not the scheme's own record."""
    held = schemes.find(scheme).items_held

    texts = staged(ten_links(), tmp_path, scheme=scheme).texts_of_part(0)

    for item in ITEMS:
        assert all(texts[item].to_pylist()) == (item in held), item
        assert any(texts[item].to_pylist()) == (item in held), item


def test_the_list_of_parts_holds_no_item_of_anybody(tmp_path: Path) -> None:
    """Counts and places only."""
    staged(ten_links(bad=1), tmp_path)

    said = (tmp_path / "staged.json").read_text("utf-8")
    assert "見本" not in said
    assert json.loads(said)["rows"] == 9
