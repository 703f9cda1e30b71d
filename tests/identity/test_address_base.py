"""Files of the Address Base Registry: what they decide that texts leave open, and what is said of broken ones."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from factories import link_to, person, table

import himozuke
from himozuke.entrypoints.cli.main import run
from himozuke.entrypoints.places import places_known
from himozuke.errors import InputRejectedError, UsageError
from himozuke.identity import address, gazetteer
from himozuke.identity.address_base import number_of, read_base
from himozuke.identity.column import utf8_column
from himozuke.identity.gazetteer import Gazetteer
from himozuke.identity.state import How, ItemState
from himozuke.settings import load as load_settings

TOWNS = """lg_code,machiaza_id,pref,county,city,ward,oaza_cho,chome,koaza,ablt_date
131016,0056000,東京都,,千代田区,,紀尾井町,,,
131016,0002003,東京都,,千代田区,,霞が関,三丁目,,
202010,0100000,長野県,,長野市,,篠ノ井塩崎,,,
202010,0100101,長野県,,長野市,,篠ノ井塩崎,,四野宮,
202010,0100102,長野県,,長野市,,篠ノ井塩崎,,角間,
041017,0030001,宮城県,,仙台市,青葉区,土樋,一丁目,,
041033,0040001,宮城県,,仙台市,若林区,土樋,一丁目,,
202010,0100103,長野県,,長野市,,篠ノ井塩崎,,平林,2020-04-01
"""
LOTS = """lg_code,machiaza_id,prc_id,prc_num1,prc_num2,prc_num3,ablt_date
131016,0056000,000010000300000,1,3,,
131016,0056000,000040000100000,4,1,,
202010,0100101,000120000300000,0012,3,,
202010,0100101,000200000100000,20,1,,
202010,0100102,000200000100000,20,1,,
202010,0100103,000120000300000,12,3,,
999999,0000000,000120000300000,12,3,,
"""
HOUSES = """lg_code,machiaza_id,blk_id,rsdt_id,blk_num,rsdt_num,rsdt_num2
131016,0056000,004,001,4,1,
131016,0056000,005,002,5,2,
131016,0002003,002,001,2,1,
041017,0030001,002,003,2,3,
041017,0030001,004,005,4,5,
041033,0040001,004,005,4,5,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder as people fill it: one list plain, one zipped, one of another kind beside them."""
    (tmp_path / "mt_town_all.csv").write_text(TOWNS, "utf-8-sig")
    (tmp_path / "mt_parcel_city131016.csv").write_text(LOTS, "utf-8")
    (tmp_path / "mt_town_pos_all.csv").write_text("lg_code,machiaza_id,rep_lon,rep_lat\n131016,0056000,139,35\n")
    with zipfile.ZipFile(tmp_path / "mt_rsdtdsp_rsdt_pref13.csv.zip", "w") as packed:
        packed.writestr("mt_rsdtdsp_rsdt_pref13.csv", HOUSES)
    return tmp_path


@pytest.fixture
def known(folder: Path) -> Iterator[Gazetteer]:
    gazetteer.load.cache_clear()
    yield gazetteer.load(address_base=folder)
    gazetteer.load.cache_clear()


def test_lists_are_known_by_their_columns_and_rows_of_unknown_towns_are_counted(folder: Path) -> None:
    base = read_base(folder)

    assert base.files == ("mt_parcel_city131016.csv", "mt_rsdtdsp_rsdt_pref13.csv.zip", "mt_town_all.csv")
    assert base.unknown == 2  # one municipality without its towns, one 小字 that ceased to be
    assert base.has_lot("2020100100101", ("12", "3"))
    assert not base.has_house("2020100100101", ("12", "3"))


def test_numbers_lose_their_zeros_and_empty_parts() -> None:
    assert number_of(("0012", "3", "")) == "12-3"
    assert number_of(("１２", "0")) == "12-0"


@pytest.mark.parametrize(
    ("a", "b", "without", "state"),
    [
        # only the house exists: people wrote 番地 for it
        ("東京都千代田区紀尾井町5番2号", "東京都千代田区紀尾井町5番地2", ItemState.NEAR, ItemState.VARIANT),
        # only the lot exists
        ("東京都千代田区紀尾井町1番3号", "東京都千代田区紀尾井町1番地3", ItemState.NEAR, ItemState.VARIANT),
        ("東京都千代田区霞が関3丁目2番1号", "千代田区霞ケ関3丁目2番地1", ItemState.NEAR, ItemState.VARIANT),
        # both exist: the sign may be right
        ("東京都千代田区紀尾井町4番1号", "東京都千代田区紀尾井町4番地1", ItemState.NEAR, ItemState.NEAR),
        # neither is known
        ("東京都千代田区紀尾井町9番9号", "東京都千代田区紀尾井町9番地9", ItemState.NEAR, ItemState.NEAR),
        # the lot is in one 小字 only
        ("長野県長野市篠ノ井塩崎四野宮12番地3", "長野県長野市篠ノ井塩崎12番地3", ItemState.NEAR, ItemState.VARIANT),
        # in two
        ("長野県長野市篠ノ井塩崎四野宮20番地1", "長野県長野市篠ノ井塩崎20番地1", ItemState.NEAR, ItemState.NEAR),
        # in another than the one written
        ("長野県長野市篠ノ井塩崎角間12番地3", "長野県長野市篠ノ井塩崎12番地3", ItemState.NEAR, ItemState.NEAR),
        # the ward left out: the house is in one of two wards
        ("宮城県仙台市青葉区土樋1丁目2番3号", "宮城県仙台市土樋1丁目2番3号", ItemState.NEAR, ItemState.VARIANT),
        # in both
        ("宮城県仙台市青葉区土樋1丁目4番5号", "宮城県仙台市土樋1丁目4番5号", ItemState.NEAR, ItemState.NEAR),
        # in the other, which says nothing certain: lists are never whole
        ("宮城県仙台市若林区土樋1丁目2番3号", "宮城県仙台市土樋1丁目2番3号", ItemState.NEAR, ItemState.NEAR),
        # what differs stays different
        ("東京都千代田区紀尾井町5番2号", "東京都千代田区紀尾井町1番地3", ItemState.DIFFERENT, ItemState.DIFFERENT),
    ],
)
def test_what_exists_decides(known: Gazetteer, a: str, b: str, without: ItemState, state: ItemState) -> None:
    assert address.compare(a, b).state is without
    assert address.compare(a, b, known).state is state
    assert address.compare(b, a, known).state is state


def test_a_column_finds_what_a_pair_finds(known: Gazetteer) -> None:
    pairs = [
        ("東京都千代田区紀尾井町5番2号", "東京都千代田区紀尾井町5番地2"),
        ("東京都千代田区紀尾井町4番1号", "東京都千代田区紀尾井町4番地1"),
        ("長野県長野市篠ノ井塩崎四野宮12番地3", "長野県長野市篠ノ井塩崎12番地3"),
        ("長野県長野市篠ノ井塩崎四野宮20番地1", "長野県長野市篠ノ井塩崎20番地1"),
        ("東京都千代田区紀尾井町5番2号", "東京都千代田区紀尾井町5番2号"),
    ] * 100  # as many as take the compiled way

    ours, others = (utf8_column([pair[k] for pair in pairs]) for k in (0, 1))
    found = address.compare_columns(ours, others, known)

    for place, (a, b) in enumerate(pairs[:5]):
        alone = address.compare(a, b, known)
        assert (found.states[place], found.hows[place]) == (alone.state, alone.how)
    assert list(found.states[:5]) == list(found.states[-5:])


def test_the_version_tells_what_was_added(known: Gazetteer, folder: Path) -> None:
    assert gazetteer.load().version == ""
    assert len(known.version) == 64
    (folder / "mt_parcel_city131016.csv").write_text(LOTS.replace(",4,1,", ",4,2,"), "utf-8")
    gazetteer.load.cache_clear()
    changed = gazetteer.load(address_base=folder)
    assert changed.version != known.version
    both = ("東京都千代田区紀尾井町4番1号", "東京都千代田区紀尾井町4番地1")
    assert address.compare(*both, changed).state is ItemState.VARIANT
    assert address.compare(*both).how is How.BANCHI


def test_broken_files_say_what_to_do(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no folder"):
        read_base(tmp_path / "nowhere")
    (folder / "mt_parcel_city131016.csv").write_text(LOTS + "131016,0056000\n", "utf-8")
    with pytest.raises(InputRejectedError, match=r"mt_parcel_city131016\.csv, line 9"):
        read_base(folder)
    (folder / "mt_parcel_city131016.csv").write_bytes("lg_code,machiaza_id,pref,大字".encode("cp932"))
    with pytest.raises(InputRejectedError, match="UTF-8"):
        read_base(folder)
    (folder / "mt_parcel_city131016.csv").unlink()
    (folder / "mt_rsdtdsp_rsdt_pref13.csv.zip").write_bytes(b"PK\x03\x04 half")
    with pytest.raises(InputRejectedError, match="no whole ZIP"):
        read_base(folder)
    (folder / "mt_rsdtdsp_rsdt_pref13.csv.zip").unlink()
    with pytest.raises(InputRejectedError, match="mt_parcel, mt_rsdtdsp_rsdt"):
        read_base(folder)
    (folder / "mt_town_all.csv").unlink()
    with pytest.raises(InputRejectedError, match="mt_town"):
        read_base(folder)


def test_the_command_compares_with_the_registry(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pair = ["address", "東京都千代田区紀尾井町5番2号", "東京都千代田区紀尾井町5番地2"]
    gazetteer.load.cache_clear()

    assert run(["compare", *pair]) == 0
    assert run(["compare", *pair, "--address-base", str(folder)]) == 0

    assert [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()] == ["near", "variant"]
    assert run(["compare", *pair, "--address-base", str(folder / "nowhere")]) == 2


def test_the_inspection_tells_which_registry_it_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gazetteer.load.cache_clear()
    someone = person(1, address="東京都千代田区紀尾井町5番地2")
    link = link_to(someone, address="東京都千代田区紀尾井町5番2号")
    monkeypatch.setenv("HIMOZUKE_ADDRESS_BASE", str(folder))

    states = {}
    for name, known in (("without", None), ("with", places_known(load_settings()))):
        found = himozuke.inspect(
            table([link]),
            table([someone]),
            scheme="health_insurance",
            on="2026-10-01",
            out=tmp_path / name,
            gazetteer=known,
            cache=tmp_path / "cache",
        )
        row = found.verdicts.to_pylist()[0]
        states[name] = (row["state_address"], found.manifest["places"])

    assert states["without"] == ("near", {})
    state, places = states["with"]
    assert state == "variant"
    assert places["address_base"]["files"][-1] == "mt_town_all.csv"
    assert places["address_base"]["rows_of_unknown_towns"] == 2
