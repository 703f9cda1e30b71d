from __future__ import annotations

from collections import Counter

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
    "old_number": set(), "died_link_open": set(),
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


@pytest.fixture(scope="module")
def made() -> Population:
    return generate(40_000, seed=9, variants=0.5, differences=0.1, errors=0)


def best(item: str, link: dict[str, str], person: dict[str, str]) -> Comparison:
    known = [person[item], *(person[name] for name in FORMER.get(item, ()) if person[name])]
    return min((COMPARERS[item](link[item], value) for value in known), key=lambda found: found.state)


def cases(made: Population, kind: str, most: int) -> list[tuple[dict[str, str], dict[str, str]]]:
    register = {person["individual_number"]: person for person in made.register.to_pylist()}
    truth, links = made.truth.to_pylist(), made.links.to_pylist()
    chosen = [i for i, true in enumerate(truth) if true["kind"] == kind][:most]
    return [(links[i], register[truth[i]["true_individual_number"]]) for i in chosen]


def test_the_share_of_differences_is_exact(made: Population) -> None:
    kinds = Counter(made.truth.column("kind").to_pylist())

    assert sum(kinds[kind] for kind in SPOILT) == 4_000
    assert set(kinds) <= {"exact", *SPOILT, *VARIANTS}


@pytest.mark.parametrize("share", [0.0, 0.15, 1.0])
def test_the_share_of_variants_is_exact(share: float) -> None:
    made = generate(5_000, seed=2, variants=share, differences=0, errors=0)
    kinds = Counter(made.truth.column("kind").to_pylist())

    assert 5_000 - kinds["exact"] == round(5_000 * share)


def test_every_variant_changes_some_item(made: Population) -> None:
    for kind in VARIANTS:
        for link, person in cases(made, kind, 25):
            assert any(link[item] != person[item] for item in COMPARERS), kind


@pytest.mark.parametrize("kind", [kind for kind in VARIANTS if kind not in ("unreadable", "merger")])
def test_a_variant_never_makes_an_item_differ(made: Population, kind: str) -> None:
    for link, person in cases(made, kind, 25):
        for item in COMPARERS:
            found = best(item, link, person)
            assert found.state.agrees, (kind, item, link[item], person[item], found)


def test_an_unreadable_name_stays_unknown(made: Population) -> None:
    for link, person in cases(made, "unreadable", 25):
        assert best("kanji_name", link, person).state == ItemState.UNKNOWN, (link["kanji_name"], person["kanji_name"])


@pytest.mark.parametrize("kind", SPOILT)
def test_a_difference_spoils_its_item_and_no_other(made: Population, kind: str) -> None:
    found = cases(made, kind, 25)
    assert found
    for link, person in found:
        unlike = {item for item in COMPARERS if not best(item, link, person).state.agrees}
        assert unlike <= SPOILT[kind], (kind, link, person)
        assert bool(unlike) == bool(SPOILT[kind])


def test_an_old_number_is_the_previous_one_of_a_replaced_number(made: Population) -> None:
    for link, person in cases(made, "old_number", 25):
        assert link["individual_number"] == person["previous_number"]
        assert person["status"] == "replaced"


def test_a_link_of_the_dead_stayed_open(made: Population) -> None:
    for link, person in cases(made, "died_link_open", 25):
        assert person["status"] == "dead"
        assert link["valid_to"] == ""
