"""One link proven online has the verdict of the file it would stand in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import factories
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import himozuke
from himozuke.engines.online import OnlineVerifier
from himozuke.entrypoints.inspecting import Options
from himozuke.entrypoints.verifying import verify_links
from himozuke.errors import LinkRejectedError
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.link.items import ITEMS
from himozuke.ports.resident_register import LinkClaim, OnlineVerdict, Purpose
from himozuke.rules.loader import load
from himozuke.simulators.population import Population, generate
from himozuke.simulators.resident_register import MemoryRegister

ON = date(2025, 10, 1)
WHY = Purpose("registration", "notice:17")
SCHEME = "health_insurance"


def verifier_over(register: pa.Table) -> OnlineVerifier:
    """A verifier over a register in memory."""
    return OnlineVerifier(MemoryRegister(open_register(register), as_of=ON), load(), ClaimReader())


def claims_of(links: pa.Table, scheme: str = SCHEME) -> list[LinkClaim]:
    """Every link of a file as a claim of its own."""
    return [LinkClaim(scheme, ON, row) for row in links.to_pylist()]


def as_row(found: OnlineVerdict | Exception) -> dict[str, Any]:
    """A verdict in the columns of ``verdicts.parquet``, as far as one link alone has them."""
    assert isinstance(found, OnlineVerdict)
    columns = ("verdict", "restriction", "restriction_by_table", "action", "rival_count", "pattern", "evidence_digest")
    row: dict[str, Any] = {name: getattr(found, name) for name in (*columns, "cause")}
    return row | {f"state_{item}": found.states[item] for item in ITEMS} | {"reasons": list(found.reasons)}


def standing_alone(population: Population, verdicts: Sequence[dict[str, Any]]) -> list[int]:
    """The rows of a file that no other row speaks of: nobody else carries their number, or the one before it."""
    today = {row["previous_number"]: row["individual_number"] for row in population.register.to_pylist()}
    numbers = [row["individual_number"] for row in population.links.to_pylist()]
    people = [today.get(number, number) if number else "" for number in numbers]
    several = {person for person, rows in Counter(people).items() if rows > 1}
    return [
        place
        for place, verdict in enumerate(verdicts)
        if people[place] not in several and "scheme_number_twice" not in verdict["reasons"]
    ]


@pytest.mark.seed("S111")
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), scheme=st.sampled_from([SCHEME, "benefit_account", "disability_handbook"]))
def test_online_and_batch_agree_on_every_link(seed: int, scheme: str, tmp_path: Path) -> None:
    """By construction, and shown: all columns save those that speak of neighbouring rows."""
    population = generate(400, seed=seed, variants=0.6, differences=0.2, errors=0.05)
    batch = himozuke.inspect(population.links, population.register, scheme=scheme, on=ON, cache=tmp_path).verdicts

    online = verifier_over(population.register).verify_batch(claims_of(population.links, scheme), purpose=WHY)

    verdicts = batch.to_pylist()
    alone = standing_alone(population, verdicts)
    for place in alone:
        row = as_row(online[place]) | {"cause": None}
        assert row == {name: verdicts[place][name] for name in row} | {"cause": None}
    assert len(alone) > population.links.num_rows * 0.7


@pytest.mark.seed("S111")
def test_a_link_alone_has_its_cause_too(tmp_path: Path) -> None:
    """Where no neighbour can speak, the cause is that of the batch as well."""
    population = generate(600, seed=5, variants=0.3, differences=0.1, errors=0.2)
    verifier = verifier_over(population.register)
    claims = claims_of(population.links)
    asked = [place for place, found in enumerate(verifier.verify_batch(claims, purpose=WHY)) if asks(found)][:25]

    for place in asked:
        alone, _ = verify_links(
            one_json(claims[place]), population.register, scheme=SCHEME, on=ON, options=Options(cache=tmp_path)
        )
        row = as_row(verifier.verify(claims[place], purpose=WHY))
        assert row == {name: alone[0][name] for name in row}
    assert len(asked) > 10


def asks(found: OnlineVerdict | Exception) -> bool:
    """Tell whether a verdict asks for somebody to find out."""
    return isinstance(found, OnlineVerdict) and found.action == "ask"


def one_json(claim: LinkClaim) -> str:
    """A claim as ``himozuke verify`` takes it."""
    return json.dumps(dict(claim.columns), ensure_ascii=False)


def small_world() -> tuple[OnlineVerifier, dict[str, str], dict[str, str]]:
    """A register of two people who share name and birth date, and a verifier over it."""
    world = factories.World()
    person = world.person()
    namesake = world.person(address="大阪府大阪市北区梅田三丁目1番1号")
    return verifier_over(factories.table(world.register)), person, namesake


@pytest.mark.seed("S61")
def test_a_namesakes_number_is_refuted_and_the_person_named() -> None:
    """Three items agree; the address shows whose number it is not."""
    verifier, person, namesake = small_world()
    claim = factories.link_to(person, individual_number=namesake["individual_number"])

    found = verifier.verify(LinkClaim(SCHEME, ON, claim), purpose=WHY)

    assert (found.verdict, found.action, found.restriction) == ("REFUTED", "ask", "ALL")
    assert found.reasons[0] == "rival_better"
    assert found.rival is not None
    assert found.rival.individual_number.reveal() == person["individual_number"]
    assert found.own is not None
    assert found.own.items.address == namesake["address"]


def test_no_doubt_with_reason_holds_until_the_evidence_changes() -> None:
    """理由付き疑いなし stands on the evidence it was given on, and falls with it."""
    verifier, person, _ = small_world()
    claim = factories.link_to(person, kanji_name="鈴木　一郎", address="北海道札幌市中央区北一条西2丁目")
    doubted = verifier.verify(LinkClaim(SCHEME, ON, claim), purpose=WHY)

    answered = verifier.verify(LinkClaim(SCHEME, ON, claim, doubted.evidence_digest), purpose=WHY)
    changed = verifier.verify(LinkClaim(SCHEME, ON, claim | {"sex": "2"}, doubted.evidence_digest), purpose=WHY)

    assert doubted.action == "ask"
    assert (answered.verdict, answered.action, answered.restriction) == ("EXPLAINED", "none", "NONE")
    assert answered.reasons[0] == "confirmed"
    assert changed.action == "ask"


def test_a_link_that_cannot_be_understood_is_refused_like_a_row() -> None:
    """The code and the sentence are those of the quarantine; the others of the batch go on."""
    verifier, person, _ = small_world()
    broken = factories.link_to(person, birth_date="1975-02-30")

    found = verifier.verify_batch(
        [LinkClaim(SCHEME, ON, broken), LinkClaim(SCHEME, ON, factories.link_to(person))], purpose=WHY
    )

    assert isinstance(found[0], LinkRejectedError)
    assert found[0].quarantined["code"] == "date_impossible"
    assert isinstance(found[1], OnlineVerdict)
    assert found[1].verdict == "PROVEN"


def test_every_verification_stands_in_the_ledger() -> None:
    """Who, why, which items, how many people, and the digest of the evidence."""
    verifier, person, _ = small_world()
    register = verifier.register
    assert isinstance(register, MemoryRegister)

    found = verifier.verify(LinkClaim(SCHEME, ON, factories.link_to(person, address="")), purpose=WHY)

    purpose, line = register.ledger[-1]
    assert purpose == WHY
    assert list(line.asked_items) == ["kanji_name", "kana_name", "birth_date", "sex"]
    assert line.result_digest == found.evidence_digest


def test_claims_of_several_schemes_and_days_keep_their_order() -> None:
    """A batch may mix them; each is judged by the rule of its own."""
    verifier, person, _ = small_world()
    link = factories.link_to(person)
    mixed: Sequence[LinkClaim] = [
        LinkClaim(SCHEME, ON, link),
        LinkClaim("benefit_account", ON, link),
        LinkClaim(SCHEME, date(2024, 5, 1), link),
    ]

    found = verifier.verify_batch(mixed, purpose=WHY)

    assert [as_row(one)["verdict"] for one in found] == ["PROVEN", "PROVEN", "PROVEN"]
