"""The prepared register: folded once, reused only for what it was made from, found under every name."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factories import World, table

import himozuke
from himozuke.engines import mapped_table
from himozuke.engines import register as prepared
from himozuke.engines.register import PreparedRegister
from himozuke.entrypoints.cli.main import run
from himozuke.entrypoints.inspecting import Options, prepare_register
from himozuke.errors import InputRejectedError, UsageError

ON = date(2025, 10, 1)
LATER = date(2025, 10, 2)


@pytest.fixture
def options(tmp_path: Path) -> Options:
    """Options with a cache of their own."""
    return Options(cache=tmp_path / "cache", threads=2)


def two_people(**items: str) -> pa.Table:
    """A register of two people, the second with these items."""
    world = World()
    world.person(kanji_name="安藤　和夫", kana_name="アンドウ　カズオ")
    world.person(**{"kanji_name": "内田　幸子", "kana_name": "ウチダ　サチコ", "sex": "2"} | items)
    return table(world.register)


def saved(register: pa.Table, path: Path) -> Path:
    """The register as a file."""
    pq.write_table(register, path)
    return path


def stamp(found: prepared.PreparedRegister) -> int:
    """What changes when a prepared register is made again."""
    return (found.folder / "meta.json").stat().st_ino


def texts_of(register: PreparedRegister, item: str) -> list[str]:
    """One item of everybody in the register."""
    pos = pq.read_table(register.part("entries").replace("*", "00000"))["pos"].to_numpy()
    found: list[str] = register.residents().at(pos, (item,))[item].to_pylist()
    return found


def test_the_same_register_is_folded_once(tmp_path: Path, options: Options) -> None:
    """A second run opens what the first has made, also under another file name."""
    first = prepare_register(saved(two_people(), tmp_path / "one.parquet"), on=ON, options=options)
    made = stamp(first)

    again = prepare_register(saved(two_people(), tmp_path / "two.parquet"), on=ON, options=options)

    assert (again.folder, stamp(again)) == (first.folder, made)
    assert (again.rows, again.rows_read, again.rows_quarantined) == (2, 2, 0)


def test_a_register_with_other_content_is_folded_anew(options: Options) -> None:
    """One changed text is another register."""
    one = prepare_register(two_people(), on=ON, options=options)

    other = prepare_register(two_people(address="福岡県福岡市中央区大名2丁目4-22"), on=ON, options=options)

    assert one.digest != other.digest
    assert one.folder != other.folder


def test_a_register_is_folded_anew_for_another_day(options: Options) -> None:
    """The day decides which rows lie in the future and are set aside."""
    born = two_people(birth_date=LATER.isoformat())

    today, tomorrow = (prepare_register(born, on=day, options=options) for day in (ON, LATER))

    assert (today.rows, today.rows_quarantined) == (1, 1)
    assert (tomorrow.rows, tomorrow.rows_quarantined) == (2, 0)


def test_a_folder_that_was_named_is_made_anew_for_another_day(tmp_path: Path, options: Options) -> None:
    """Also where prepare was given its folder, the day counts."""
    born, folder = two_people(birth_date=LATER.isoformat()), tmp_path / "kept"
    prepare_register(born, on=ON, options=options, folder=folder)

    found = prepare_register(born, on=LATER, options=options, folder=folder)

    assert (found.snapshot, found.rows) == (LATER.isoformat(), 2)


def test_a_folder_of_another_layout_is_made_anew(options: Options, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older program has folded is never read by one that folds differently."""
    register = two_people()
    first = prepare_register(register, on=ON, options=options)
    made = stamp(first)
    monkeypatch.setattr(prepared, "LAYOUT_VERSION", prepared.LAYOUT_VERSION + 1)

    again = prepare_register(register, on=ON, options=options)

    assert stamp(again) != made
    assert prepared.open_prepared(again.folder) is not None


def test_another_mapping_of_the_columns_is_another_register(tmp_path: Path, options: Options) -> None:
    """The same file read with other columns is folded anew."""
    register = two_people(former_addresses="福岡県福岡市中央区大名2丁目4-22")
    path = saved(register.append_column("登録住所", register["former_addresses"]), tmp_path / "register.parquet")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text('[columns]\naddress = "登録住所"\n', "utf-8")

    plain = prepare_register(path, on=ON, options=options)
    mapped = prepare_register(path, on=ON, options=Options(cache=options.cache, register_mapping=mapping))

    addresses = [texts_of(one, "address") for one in (plain, mapped)]
    assert addresses[0] != addresses[1]


def test_a_register_half_prepared_is_not_taken_for_a_whole_one(tmp_path: Path, options: Options) -> None:
    """Without its last file a folder is not a prepared register, and the command says so."""
    whole = prepare_register(two_people(), on=ON, options=options, folder=tmp_path / "kept")
    (whole.folder / "meta.json").unlink()

    with pytest.raises(UsageError, match="prepare again"):
        prepare_register(whole.folder, on=ON, options=options)
    assert prepare_register(two_people(), on=ON, options=options, folder=whole.folder).rows == 2


def test_a_folder_with_anything_else_in_it_is_never_replaced(tmp_path: Path, options: Options) -> None:
    """Whoever names the wrong folder loses nothing."""
    note = tmp_path / "kept" / "memo.txt"
    note.parent.mkdir()
    note.write_text("大切な記録", "utf-8")

    with pytest.raises(UsageError, match="other files"):
        prepare_register(two_people(), on=ON, options=options, folder=note.parent)
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]
    assert note.read_text("utf-8") == "大切な記録"


def test_the_remains_of_a_killed_preparation_are_removed(options: Options) -> None:
    """A folder that a dead process left half done does not stay in the cache for ever."""
    first = prepare_register(two_people(), on=ON, options=options)
    (first.folder / "meta.json").unlink()
    remains = first.folder.with_name(f".{first.folder.name}.0123456789ab.part")
    remains.mkdir()
    (remains / "entries-00000.parquet").write_bytes(b"half")

    prepare_register(two_people(), on=ON, options=options)

    assert [path.name for path in options.cache.iterdir()] == [first.folder.name]


@pytest.mark.seed("S75")
def test_the_later_of_two_rows_with_one_number_is_set_aside(tmp_path: Path, options: Options) -> None:
    """A number belongs to one person: the first row stands, the other is listed with its line."""
    world = World()
    first = world.person(kanji_name="安藤　和夫", kana_name="アンドウ　カズオ")
    world.person(kanji_name="内田　幸子", kana_name="ウチダ　サチコ", individual_number=first["individual_number"])

    found = prepare_register(saved(table(world.register), tmp_path / "r.parquet"), on=ON, options=options)

    with found.quarantine.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = texts_of(found, "kanji_name")
    assert (found.rows_read, found.rows, found.rows_quarantined, names) == (2, 1, 1, ["安藤　和夫"])
    assert [(row["line"], row["row"], row["column"], row["code"]) for row in rows] == [
        ("3", "2", "individual_number", "number_twice")
    ]
    assert first["individual_number"] not in found.quarantine.read_text("utf-8-sig")


def test_a_person_who_was_set_aside_is_found_under_no_name(options: Options) -> None:
    """The other names of a repeated row go with it."""
    world = World()
    first = world.person()
    world.person(individual_number=first["individual_number"], former_kanji_names="蓼沼　和美")

    found = prepare_register(table(world.register), on=ON, options=options)

    assert [len(mapped_table.read(part)) for part in (*found.forms(), *found.alternates())] == [1, 0]


def test_a_register_without_any_row_is_refused(tmp_path: Path, options: Options) -> None:
    """Nobody can be compared with an empty register: exit 4 and one sentence, nothing in the cache."""
    empty = two_people().slice(0, 0)
    with pytest.raises(InputRejectedError, match="no row that can be understood"):
        prepare_register(empty, on=ON, options=options)
    path, out = saved(empty, tmp_path / "empty.parquet"), tmp_path / "prepared"

    code = run(["prepare", str(path), "--out", str(out), "--on", ON.isoformat(), "--quiet"])

    assert (code, out.exists()) == (4, False)
    assert not options.cache.exists() or not list(options.cache.iterdir())


def test_prepare_tells_by_its_exit_code_that_rows_were_set_aside(tmp_path: Path) -> None:
    """4 for a register with a row that cannot be understood, else 0."""
    good, bad = saved(two_people(), tmp_path / "good"), saved(two_people(birth_date="1975-02-30"), tmp_path / "bad")
    files = {good.rename(tmp_path / "good.parquet"): 0, bad.rename(tmp_path / "bad.parquet"): 4}

    codes = [
        run(["prepare", str(path), "--out", str(tmp_path / path.stem), "--on", ON.isoformat(), "--quiet"])
        for path in files
    ]

    assert codes == list(files.values())
    meta = json.loads((tmp_path / "bad" / "meta.json").read_text("utf-8"))
    assert (meta["rows_read"], meta["rows"], meta["rows_quarantined"]) == (2, 1, 1)


OTHER_IDENTITIES = {
    "former_name": {"former_kanji_names": "蓼沼　和美", "former_kana_names": "タデヌマ　カズミ"},
    "second_former_name": {
        "former_kanji_names": "旭　和美|蓼沼　和美",
        "former_kana_names": "アサヒ　カズミ|タデヌマ　カズミ",
    },
    "alias": {"alias": "蓼沼　和美", "alias_kana": "タデヌマ　カズミ"},
    "former_address": {"former_addresses": "北海道函館市若松町12-13"},
}


@pytest.mark.seed("S54", "S64")
@pytest.mark.parametrize("kind", OTHER_IDENTITIES)
def test_a_person_known_only_under_another_name_or_address_refutes_a_wrong_link(kind: str, options: Options) -> None:
    """The challenge finds people under every former name, alias and former address of the register."""
    world = World()
    today = {"kanji_name": "安藤　和美", "kana_name": "アンドウ　カズミ", "birth_date": "1968-03-09", "sex": "2"}
    right = world.person(**today, **OTHER_IDENTITIES[kind])
    wrong = world.person(
        kanji_name="関口　茂子",
        kana_name="セキグチ　シゲコ",
        birth_date="1990-12-24",
        sex="2",
        address="愛知県岡崎市十王町2丁目9番8号",
    )
    if kind == "former_address":
        known = {"address": "北海道函館市若松町12-13", "kana_name": "ベツ　ナマエ"}
    else:
        known = {"kanji_name": "蓼沼　和美", "kana_name": "タデヌマ　カズミ"}
    world.link(right, individual_number=wrong["individual_number"], **known)

    found = himozuke.inspect(
        table(world.links), table(world.register), scheme="health_insurance", on=ON, cache=options.cache
    )

    (row,) = found.verdicts.to_pylist()
    assert (row["verdict"], row["action"], row["rival_count"]) == ("REFUTED", "ask", 1)
    assert "rival_better" in row["reasons"]
