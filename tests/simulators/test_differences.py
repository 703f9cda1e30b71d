from __future__ import annotations

from collections import Counter, defaultdict

import pyarrow.compute as pc
import pytest

from himozuke.identity import address, birth_date, kana_name, kanji_name, sex
from himozuke.identity.state import Comparison, ItemState
from himozuke.simulators.population import Population, generate

COMPARERS = {
    "kanji_name": kanji_name.compare,
    "kana_name": kana_name.compare,
    "birth_date": birth_date.compare,
    "sex": sex.compare,
    "address": address.compare,
}
FORMER = {
    "kanji_name": ("former_kanji_names", "alias", "parallel_kanji_name"),
    "kana_name": ("former_kana_names", "alias_kana"),
    "address": ("former_addresses",),
}
# which item a difference spoils
SPOILT = {
    "moved": {"address"}, "married": {"kanji_name", "kana_name"}, "married_moved": {"kanji_name", "kana_name", "address"},
    "reading": {"kana_name"}, "kana_slip": {"kana_name"}, "kanji_slip": {"kanji_name"}, "birth_slip": {"birth_date"},
    "sex_slip": {"sex"}, "missing_address": {"address"}, "missing_kana_name": {"kana_name"},
    "address_slip": {"address"}, "banchi": {"address"}, "middle_name": {"kanji_name", "kana_name"},
    "old_number": set(), "died_link_open": set(), "moved_slip": {"kana_name", "address"},
}  # fmt: skip
VARIANTS = [
    "space",
    "kana_width",
    "large_kana",
    "hiragana",
    "date_notation",
    "sex_code",
    "address_notation",
    "omitted_part",
    "omitted_building",
    "kanji_variant",
    "latin_width",
    "token_order",
    "former_name",
    "former_address",
    "alias",
    "parallel_kanji",
    "merger",
    "unreadable",
]


Pair = tuple[dict[str, str], dict[str, str]]


@pytest.fixture(scope="module")
def made() -> Population:
    return generate(30_000, seed=9, variants=0.5, differences=0.1, errors=0)


@pytest.fixture(scope="module")
def cases(made: Population) -> dict[str, list[Pair]]:
    """Up to 25 links of each kind with the person they are about."""
    kinds = made.truth.column("kind").to_pylist()
    places: dict[str, list[int]] = defaultdict(list)
    for place, kind in enumerate(kinds):
        if len(places[kind]) < 25:
            places[kind].append(place)
    wanted = [place for own in places.values() for place in own]
    numbers = made.truth.column("true_individual_number").take(wanted)
    people = made.register.filter(pc.is_in(made.register["individual_number"], numbers)).to_pylist()
    register = {person["individual_number"]: person for person in people}
    links = dict(zip(wanted, made.links.take(wanted).to_pylist(), strict=True))
    owner = dict(zip(wanted, numbers.to_pylist(), strict=True))
    return {kind: [(links[p], register[owner[p]]) for p in own] for kind, own in places.items()}


def best(item: str, link: dict[str, str], person: dict[str, str]) -> Comparison:
    known = [person[item], *(person[name] for name in FORMER.get(item, ()) if person[name])]
    return min((COMPARERS[item](link[item], value) for value in known), key=lambda found: found.state)


def test_the_share_of_differences_is_exact(made: Population) -> None:
    kinds = Counter(made.truth.column("kind").to_pylist())

    assert sum(kinds[kind] for kind in SPOILT) == 3_000
    assert set(kinds) <= {"exact", *SPOILT, *VARIANTS}


@pytest.mark.parametrize("share", [0.0, 0.15, 1.0])
def test_the_share_of_variants_is_exact(share: float) -> None:
    made = generate(5_000, seed=2, variants=share, differences=0, errors=0)
    kinds = Counter(made.truth.column("kind").to_pylist())

    assert 5_000 - kinds["exact"] == round(5_000 * share)


def test_every_variant_changes_some_item(cases: dict[str, list[Pair]]) -> None:
    for kind in VARIANTS:
        for link, person in cases.get(kind, []):
            assert any(link[item] != person[item] for item in COMPARERS), kind


@pytest.mark.parametrize("kind", [kind for kind in VARIANTS if kind not in ("unreadable", "merger")])
def test_a_variant_is_one_to_the_comparison_too(cases: dict[str, list[Pair]], kind: str) -> None:
    links = cases.get(kind, [])
    unlike = [
        (item, link[item], person[item])
        for link, person in links
        for item in COMPARERS
        if not best(item, link, person).state.agrees
    ]

    assert len(unlike) <= len(links) / 20, unlike  # a place that cannot be told may be near
    # what a variant does to one item must not spill over to the others
    assert {item for item, *_ in unlike} <= {"address"}


def test_an_unreadable_name_stays_unknown(cases: dict[str, list[Pair]]) -> None:
    for link, person in cases.get("unreadable", []):
        assert best("kanji_name", link, person).state == ItemState.UNKNOWN, (link["kanji_name"], person["kanji_name"])


@pytest.mark.parametrize("kind", SPOILT)
def test_a_difference_spoils_its_item_and_no_other(cases: dict[str, list[Pair]], kind: str) -> None:
    found = cases[kind]
    others = 0
    for link, person in found:
        states = {item: best(item, link, person).state for item in COMPARERS}
        unlike = {i for i, state in states.items() if not (state.agrees or state == ItemState.UNKNOWN)}
        assert bool(unlike & SPOILT[kind]) == bool(SPOILT[kind]), (kind, link, person)
        others += bool(unlike - SPOILT[kind])

    assert others <= len(found) / 20


def test_an_old_number_is_the_previous_one_of_a_replaced_number(cases: dict[str, list[Pair]]) -> None:
    for link, person in cases.get("old_number", []):
        assert link["individual_number"] == person["previous_number"]
        assert person["status"] == "replaced"


def test_a_link_of_the_dead_stayed_open(cases: dict[str, list[Pair]]) -> None:
    for link, person in cases.get("died_link_open", []):
        assert person["status"] == "dead"
        assert link["valid_to"] == ""
