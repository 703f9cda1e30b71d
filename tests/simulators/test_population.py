from __future__ import annotations

import itertools
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from himozuke.entrypoints.cli.population import population
from himozuke.errors import UsageError
from himozuke.simulators.population import SNAPSHOT, Plan, Population, generate, write

REGISTER_COLUMNS = [
    "individual_number",
    "kanji_name",
    "kana_name",
    "furigana_certified",
    "birth_date",
    "sex",
    "address",
    "former_kanji_names",
    "former_kana_names",
    "former_addresses",
    "alias",
    "alias_kana",
    "parallel_kanji_name",
    "status",
    "status_on",
    "previous_number",
    "protected",
]
LINK_COLUMNS = [
    "link_id",
    "insurer_number",
    "symbol",
    "number",
    "branch",
    "individual_number",
    "kanji_name",
    "kana_name",
    "birth_date",
    "sex",
    "address",
    "acquired_by",
    "acquired_items",
    "acquired_hits",
    "acquired_on",
    "registered_on",
    "valid_from",
    "valid_to",
    "operator",
    "batch",
]
TRUTH_COLUMNS = ["row", "link_id", "right", "cause", "kind", "true_individual_number", "undecidable"]
CAUSES = {f"C{n}" for n in range(1, 11)}
ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")


def column(table: pa.Table, name: str) -> list[str]:
    values: list[str] = table.column(name).to_pylist()
    return values


@pytest.fixture(scope="module")
def many() -> Population:
    return generate(100_000)


@pytest.fixture(scope="module")
def clean() -> Population:
    return generate(20_000, seed=5, variants=0, differences=0, errors=0)


def plain_check_digit(body: str) -> int:
    weights = (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    rest = sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11
    return 0 if rest <= 1 else 11 - rest


def items_by_number(register: pa.Table) -> dict[str, tuple[str, ...]]:
    rows = zip(*(column(register, item) for item in ITEMS), strict=True)
    return dict(zip(column(register, "individual_number"), rows, strict=True))


def test_columns_are_those_of_the_contract_and_all_text(many: Population) -> None:
    assert many.register.column_names == REGISTER_COLUMNS
    assert many.links.column_names == LINK_COLUMNS
    assert many.truth.column_names == TRUTH_COLUMNS
    assert {field.type for table in (many.register, many.links) for field in table.schema} == {pa.string()}
    assert many.truth.schema.field("right").type == pa.bool_()


@pytest.mark.parametrize("people", [0, 1, 2, 10, 333])
def test_there_are_as_many_people_as_links_and_truths(people: int) -> None:
    made = generate(people, errors=0.1, differences=0.1)

    assert made.register.num_rows == made.links.num_rows == made.truth.num_rows == people
    assert column(made.truth, "link_id") == column(made.links, "link_id")
    assert made.truth.column("row").to_pylist() == list(range(1, people + 1))


def test_register_numbers_are_unique_valid_and_from_the_synthetic_range(many: Population) -> None:
    numbers = column(many.register, "individual_number")
    numbers += [number for number in column(many.register, "previous_number") if number]

    assert len(set(numbers)) == len(numbers)
    assert all(n.startswith("00") and len(n) == 12 and int(n[-1]) == plain_check_digit(n[:11]) for n in numbers)


def test_no_link_leaves_the_synthetic_range_even_by_a_slip(many: Population) -> None:
    slips = generate(3_000, errors=0.4, seed=2)

    for made in (many, slips):
        assert all(n.startswith("00") and len(n) == 12 for n in column(made.links, "individual_number"))


def test_relatives_have_unrelated_numbers(clean: Population) -> None:
    numbers = [int(n) for n in column(clean.register, "individual_number")]
    near = sum(abs(a - b) < 10**6 for a, b in itertools.pairwise(numbers))

    assert near < len(numbers) * 0.002


def test_without_variants_differences_and_errors_links_repeat_the_register(clean: Population) -> None:
    register = items_by_number(clean.register)
    held = zip(*(column(clean.links, item) for item in ITEMS), strict=True)

    assert all(register[n] == items for n, items in zip(column(clean.links, "individual_number"), held, strict=True))
    assert set(column(clean.truth, "kind")) == {"exact"}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_people(tmp_path: Path) -> None:
    for folder, seed in (("a", 7), ("b", 7), ("c", 8)):
        write(Plan(3_000, seed=seed, errors=0.02), tmp_path / folder)

    for name in ("register.parquet", "links.parquet", "links.csv", "truth.parquet"):
        first = (tmp_path / "a" / name).read_bytes()
        assert first == (tmp_path / "b" / name).read_bytes()
        assert first != (tmp_path / "c" / name).read_bytes()
    assert {path.name for path in (tmp_path / "a").iterdir()} == {
        "register.parquet", "links.parquet", "links.csv", "truth.parquet"
    }  # fmt: skip


def test_files_hold_what_the_library_gives(tmp_path: Path) -> None:
    write(Plan(2_000, seed=3), tmp_path)
    made = generate(2_000, seed=3)

    assert pq.read_table(tmp_path / "register.parquet").equals(made.register)
    assert pq.read_table(tmp_path / "links.parquet").equals(made.links)
    assert pq.read_table(tmp_path / "truth.parquet").equals(made.truth)


def test_the_cp932_file_holds_the_same_rows_as_the_parquet_file(tmp_path: Path) -> None:
    write(Plan(20_000, seed=1, variants=1.0, differences=0.1, errors=0.01), tmp_path)

    text = (tmp_path / "links.csv").read_bytes().decode("cp932")
    head, *lines = text.removesuffix("\r\n").split("\r\n")
    links = pq.read_table(tmp_path / "links.parquet")
    rows = [",".join(values) for values in zip(*(column(links, name) for name in links.column_names), strict=True)]
    assert head.split(",")[:7] == ["紐付けID", "保険者番号", "記号", "番号", "枝番", "個人番号", "漢字氏名"]
    assert lines == rows


def test_characters_outside_cp932_are_in_the_register_but_written_otherwise_in_links(many: Population) -> None:
    def outside(table: pa.Table) -> int:
        return sum(name.encode("cp932", "ignore").decode("cp932") != name for name in column(table, "kanji_name"))

    assert outside(many.register) > 20
    assert outside(many.links) == 0


def test_a_third_of_the_people_share_their_full_name(many: Population) -> None:
    counts = Counter(column(many.register, "kanji_name"))
    shared = sum(count for count in counts.values() if count > 1) / many.register.num_rows

    # calibrated to 35 % of a million; of the first 100,000 of them that leaves about a seventh
    assert 0.11 < shared < 0.19


def test_eight_in_a_thousand_have_a_namesake_with_their_birth_date_and_sex(many: Population) -> None:
    keys = zip(*(column(many.register, name) for name in ("kana_name", "birth_date", "sex")), strict=True)
    counts = Counter(keys)
    shared = sum(count for count in counts.values() if count > 1) / many.register.num_rows

    assert 0.006 < shared < 0.011


def test_namesakes_live_elsewhere_and_some_write_their_name_alike(many: Population) -> None:
    fields = ("kana_name", "birth_date", "sex", "kanji_name", "address")
    people = list(zip(*(column(many.register, name) for name in fields), strict=True))
    counts = Counter(person[:3] for person in people)
    alike = Counter(person[:4] for person in people if counts[person[:3]] > 1)
    homes = Counter((*person[:3], person[4]) for person in people if counts[person[:3]] > 1)

    assert 0.3 < sum(count > 1 for count in alike.values()) / (len(alike)) < 0.9
    assert max(homes.values()) == 1


def test_families_share_surname_and_address_and_twins_exist(clean: Population) -> None:
    fields = ("address", "kanji_name", "birth_date", "kana_name")
    people = list(zip(*(column(clean.register, name) for name in fields), strict=True))
    homes = Counter(address for address, *_ in people)
    pairs = list(itertools.pairwise(people))
    same_home = [(a, b) for a, b in pairs if a[0] == b[0]]
    same_surname = [a[1].split("　")[0] == b[1].split("　")[0] for a, b in same_home if "　" in a[1] + b[1]]
    twins = [(a, b) for a, b in same_home if a[2] == b[2]]

    assert 1.9 < len(people) / len(homes) < 2.6
    assert sum(same_surname) / len(same_surname) > 0.97
    assert 10 < len(twins) < 120
    assert all(a[3] != b[3] for a, b in same_home)


def test_families_share_symbol_and_number_and_count_branches(clean: Population) -> None:
    fields = ("insurer_number", "symbol", "number", "branch")
    rows = list(zip(*(column(clean.links, name) for name in fields), strict=True))
    units = Counter(row[:3] for row in rows)

    known = set(rows)
    assert len(known) == len(rows)
    assert 0.3 < sum(count > 1 for count in units.values()) / len(units) < 0.7
    assert all(branch == "00" or (*unit, "00") in known for *unit, branch in rows[:2_000])


def test_the_file_is_ordered_insurer_by_insurer_and_batch_by_batch(many: Population) -> None:
    for name in ("insurer_number", "batch"):
        values = column(many.links, name)
        changes = sum(a != b for a, b in itertools.pairwise(values))
        assert changes == len(set(values)) - 1


def test_foreign_residents_have_latin_names_and_some_an_alias_or_kanji(many: Population) -> None:
    names = column(many.register, "kanji_name")
    latin = [name.isascii() for name in names]
    parallel = column(many.register, "parallel_kanji_name")

    assert 0.02 < sum(latin) / len(names) < 0.04
    assert all(name == name.upper() for name, is_latin in zip(names, latin, strict=True) if is_latin)
    assert sum(bool(alias) for alias in column(many.register, "alias")) > 300
    assert sum(map(bool, parallel)) > 200
    assert all(is_latin for is_latin, kanji in zip(latin, parallel, strict=True) if kanji)


def test_every_status_and_history_of_the_register_occurs(many: Population) -> None:
    status = Counter(column(many.register, "status"))
    previous = column(many.register, "previous_number")

    assert set(status) == {"current", "abroad", "dead", "replaced"}
    assert sum(map(bool, previous)) == status["replaced"]
    for name in ("former_kanji_names", "former_kana_names", "former_addresses"):
        assert sum(map(bool, column(many.register, name))) > 1_000


def test_dates_stand_in_order_and_none_after_the_snapshot(many: Population) -> None:
    links = many.links
    born = dict(zip(column(many.register, "individual_number"), column(many.register, "birth_date"), strict=True))
    true_births = [born.get(number, "") for number in column(many.truth, "true_individual_number")]
    dates = [column(links, name) for name in ("valid_from", "acquired_on", "registered_on")]

    for birth, start, got, registered in zip(true_births, *dates, strict=True):
        assert birth < start <= got <= registered < SNAPSHOT.isoformat()


def test_links_of_the_dead_end_with_death_unless_that_is_the_difference(clean: Population) -> None:
    fields = ("individual_number", "status", "status_on")
    died = {n: on for n, s, on in zip(*(column(clean.register, f) for f in fields), strict=True) if s == "dead"}
    ends = dict(zip(column(clean.links, "individual_number"), column(clean.links, "valid_to"), strict=True))

    assert len(died) > 50
    for number, on in died.items():
        assert 0 <= (date.fromisoformat(ends[number]) - date.fromisoformat(on)).days <= 1


@pytest.mark.parametrize("share", [-0.1, 1.5])
def test_impossible_shares_are_refused(share: float) -> None:
    with pytest.raises(UsageError, match="share of variants"):
        generate(10, variants=share)


def test_more_wrong_links_than_half_are_refused() -> None:
    with pytest.raises(UsageError, match="at most half"):
        generate(10, errors=0.6)


def test_a_file_in_place_of_the_folder_is_a_usage_error(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")

    with pytest.raises(UsageError, match="Give a folder"):
        write(Plan(10), tmp_path / "taken")


def test_the_command_writes_the_four_files_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    population(50, out=tmp_path / "made", seed=2)

    assert "50 人" in capsys.readouterr().out
    assert pq.read_table(tmp_path / "made" / "links.parquet").equals(generate(50, seed=2).links)


def test_an_unknown_scheme_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        population(50, out=tmp_path, scheme="unknown")
