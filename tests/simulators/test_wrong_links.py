from __future__ import annotations

import itertools
from collections import Counter
from typing import NamedTuple

import pyarrow as pa
import pytest

from himozuke.simulators.population import Population, generate

ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")
CAUSES = {f"C{n}" for n in range(1, 11)}


class Row(NamedTuple):
    place: int
    link: dict[str, str]
    kind: str
    cause: str
    true_number: str
    undecidable: str


def as_rows(made: Population) -> list[Row]:
    truth = made.truth.to_pylist()
    links = made.links.to_pylist()
    return [
        Row(i, link, true["kind"], true["cause"] or "", true["true_individual_number"], true["undecidable"])
        for i, (link, true) in enumerate(zip(links, truth, strict=True))
    ]


def by_number(register: pa.Table) -> dict[str, dict[str, str]]:
    return {person["individual_number"]: person for person in register.to_pylist()}


@pytest.fixture(scope="module")
def made() -> Population:
    return generate(30_000, seed=11, variants=0, differences=0, errors=0.02)


@pytest.fixture(scope="module")
def rows(made: Population) -> list[Row]:
    return as_rows(made)


@pytest.fixture(scope="module")
def register(made: Population) -> dict[str, dict[str, str]]:
    return by_number(made.register)


def of_kind(rows: list[Row], *kinds: str) -> list[Row]:
    found = [row for row in rows if row.kind in kinds]
    assert found, kinds
    return found


def test_right_links_carry_the_true_number_or_the_one_before_it(rows: list[Row]) -> None:
    assert all((row.link["individual_number"] == row.true_number) == (row.cause == "") for row in rows)


def test_whoever_has_a_right_link_is_in_the_register(rows: list[Row], register: dict[str, dict[str, str]]) -> None:
    assert all(row.true_number in register for row in rows if not row.cause)


def test_the_number_of_wrong_links_is_exactly_the_share_asked_for(rows: list[Row]) -> None:
    assert sum(bool(row.cause) for row in rows) == 600


@pytest.mark.seed("S87")
@pytest.mark.parametrize(("people", "errors"), [(100_000, 0.0007), (2_000, 0.015), (600, 0.1)])
def test_every_cause_is_there_from_thirty_wrong_links_on(people: int, errors: float) -> None:
    truth = generate(people, seed=4, errors=errors).truth.to_pylist()
    causes = Counter(row["cause"] for row in truth if not row["right"])

    assert sum(causes.values()) == round(people * errors)
    assert set(causes) == CAUSES - {"C8"}
    assert causes["C5"] >= 8


def test_self_service_schemes_also_have_previous_users() -> None:
    rows = as_rows(generate(5_000, seed=4, errors=0.02, scheme="benefit_account"))

    assert {row.cause for row in rows if row.cause} == CAUSES
    for row in of_kind(rows, "previous_user"):
        before = rows[row.place - 1]
        assert row.link["individual_number"] == before.true_number
        assert row.link["batch"] == before.link["batch"]
    assert "scheme_number" in rows[0].link


def test_a_family_number_belongs_to_somebody_at_the_same_address_who_has_it_too(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    owner = {row.true_number: row for row in rows}
    for row in of_kind(rows, "family_number"):
        number = row.link["individual_number"]
        assert register[number]["address"] == register[row.true_number]["address"]
        assert owner[number].link["individual_number"] == number


@pytest.mark.seed("S84")
def test_twins_and_swapped_relatives_carry_each_others_numbers(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    owner = {row.true_number: row for row in rows}
    for row in of_kind(rows, "twin_swap", "family_swap", "batch_swap"):
        other = owner[row.link["individual_number"]]
        assert other.link["individual_number"] == row.true_number
    for row in of_kind(rows, "twin_swap", "twin_number"):
        one, twin = register[row.true_number], register[row.link["individual_number"]]
        assert (one["birth_date"], one["address"]) == (twin["birth_date"], twin["address"])
        assert one["kana_name"] != twin["kana_name"]


def test_a_neighbours_number_comes_from_a_few_rows_away_in_the_same_batch(rows: list[Row]) -> None:
    place = {row.true_number: row.place for row in rows}
    for row in of_kind(rows, "batch_neighbour", "batch_swap"):
        other = rows[place[row.link["individual_number"]]]
        assert 1 <= abs(other.place - row.place) <= 6
        assert other.link["batch"] == row.link["batch"]


@pytest.mark.seed("S63", "S87")
def test_namesakes_agree_on_kana_birth_date_and_sex_and_were_got_by_a_thin_inquiry(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    for row in of_kind(rows, "namesake_same_kanji", "namesake_other_kanji"):
        holder = register[row.link["individual_number"]]
        assert all(holder[item] == row.link[item] for item in ("kana_name", "birth_date", "sex"))
        assert holder["address"] != row.link["address"] or row.link["address"] == ""
        assert (holder["kanji_name"] == row.link["kanji_name"]) == (row.kind == "namesake_same_kanji")
        assert row.link["acquired_by"] == "jlis"
        assert row.link["acquired_items"].count("|") <= 2


def test_overwritten_links_agree_with_the_holder_in_everything(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    for row in of_kind(rows, "namesake_overwritten"):
        holder = register[row.link["individual_number"]]
        assert all(holder[item] == row.link[item] for item in ITEMS)
        assert row.undecidable == "overwritten"


def test_the_person_of_an_absent_namesake_is_not_in_the_register(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    for row in of_kind(rows, "namesake_absent"):
        assert row.true_number not in register
        assert row.undecidable == "person_absent"


@pytest.mark.seed("S87")
def test_a_shift_takes_every_number_from_a_constant_distance(rows: list[Row]) -> None:
    place = {row.true_number: row.place for row in rows}
    shifted = of_kind(rows, "row_shift")
    distances = [place[row.link["individual_number"]] - row.place for row in shifted]
    runs = 1 + sum(b.place - a.place != 1 for a, b in itertools.pairwise(shifted))

    assert set(distances) <= {-1, 1, 2}
    assert len(shifted) / runs >= 8


def test_a_sorted_column_rises_and_holds_the_numbers_of_its_own_rows(rows: list[Row]) -> None:
    found = of_kind(rows, "column_sorted")
    first, last = found[0].place, found[-1].place
    numbers = [row.link["individual_number"] for row in rows[first : last + 1]]

    assert numbers == sorted(numbers)
    assert len(found) >= 8
    assert set(numbers) == {row.true_number for row in rows[first : last + 1]}


def test_a_pasted_block_repeats_the_numbers_of_rows_elsewhere(rows: list[Row]) -> None:
    place = {row.true_number: row.place for row in rows}
    pasted = of_kind(rows, "block_paste")
    steps = {
        place[b.link["individual_number"]] - place[a.link["individual_number"]]
        for a, b in itertools.pairwise(pasted)
        if b.place - a.place == 1
    }

    assert steps == {1}
    assert len(pasted) >= 8


def test_a_reused_scheme_number_belonged_to_the_holder_until_before(rows: list[Row]) -> None:
    owner = {row.true_number: row for row in rows}
    for row in of_kind(rows, "reused_scheme_number", "lookalike_scheme_number"):
        earlier = owner[row.link["individual_number"]]
        same = [row.link[f] == earlier.link[f] for f in ("insurer_number", "symbol", "number", "branch")]
        assert all(same) == (row.kind == "reused_scheme_number")
        assert same[0]
        assert same[1]
        assert same[3]
        assert earlier.link["valid_to"] < row.link["valid_from"]


@pytest.mark.seed("S86")
def test_the_holder_bears_today_what_was_the_persons_former_name(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    for row in of_kind(rows, "former_surname_query"):
        holder, person = register[row.link["individual_number"]], register[row.true_number]
        assert holder["kanji_name"] == person["former_kanji_names"]
        assert holder["birth_date"] == person["birth_date"]


@pytest.mark.seed("S75")
def test_a_duplicate_number_is_also_valid_on_its_owners_row_in_another_batch(rows: list[Row]) -> None:
    owner = {row.true_number: row for row in rows}
    for row in of_kind(rows, "duplicate_number"):
        other = owner[row.link["individual_number"]]
        assert other.link["individual_number"] == row.link["individual_number"]
        assert other.link["valid_to"] == ""
        assert other.link["batch"] != row.link["batch"]


def test_a_slip_is_one_figure_or_exchange_away_and_belongs_to_nobody(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    for row in of_kind(rows, "number_slip"):
        wrong, true = row.link["individual_number"], row.true_number
        places = [i for i in range(12) if wrong[i] != true[i]]
        assert len(places) == 1 or (len(places) == 2 and places[1] - places[0] == 1 and sorted(wrong) == sorted(true))
        assert wrong not in register


def test_a_list_neighbour_is_the_next_in_the_register_by_kana(
    rows: list[Row], register: dict[str, dict[str, str]]
) -> None:
    def listed(number: str) -> tuple[str, str, str]:
        person = register[number]
        surname, _, given = person["kana_name"].partition("　")
        return surname, given, person["birth_date"]

    order = sorted(map(listed, register))
    for row in of_kind(rows, "list_neighbour"):
        one, other = sorted((listed(row.true_number), listed(row.link["individual_number"])))
        between = [key for key in order if one < key < other]
        assert not between


def test_tied_links_fit_person_and_holder_alike() -> None:
    made = generate(60_000, seed=6, variants=0, differences=0.05, errors=0.05)
    register = by_number(made.register)
    tied = [row for row in as_rows(made) if row.cause and row.undecidable == "tied"]

    assert {row.kind for row in tied} <= {"namesake_same_kanji", "former_surname_query"}
    for row in of_kind(tied, "namesake_same_kanji"):
        person, holder = register[row.true_number], register[row.link["individual_number"]]
        assert all(person[item] == holder[item] for item in ITEMS[:4])
        assert row.link["address"] not in (person["address"], holder["address"])


def test_right_links_without_a_telling_address_are_tied_with_a_namesake_of_the_same_kanji() -> None:
    made = generate(60_000, seed=6, variants=0, differences=0.2, errors=0)
    register = by_number(made.register)
    names = Counter(tuple(person[item] for item in ITEMS[:4]) for person in register.values())
    rows = [row for row in as_rows(made) if row.kind in ("moved", "missing_address")]
    shared = {row.place for row in rows if names[tuple(register[row.true_number][item] for item in ITEMS[:4])] > 1}

    assert shared
    assert shared <= {row.place for row in rows if row.undecidable == "tied"}
