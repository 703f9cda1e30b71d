"""The register in PostgreSQL: everybody found as in the batch engine, every inquiry written down."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import factories
import pytest
from database_fixture import SmallWorld
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from register_world import load

import himozuke
from himozuke.engines.online import OnlineVerifier
from himozuke.errors import NotAllowedError, UpstreamDownError
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.link.items import ITEMS
from himozuke.ports.resident_register import LinkClaim, OnlineVerdict, Purpose
from himozuke.rules.loader import load as load_rules
from himozuke.simulators.population import generate
from himozuke.stores.resident_register import PostgresRegister, register_age

ON = date(2025, 10, 1)
WHY = Purpose("registration", "notice:17")
SCHEME = "health_insurance"


@pytest.mark.seed("S111")
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_online_through_the_database_and_batch_agree_on_every_link(
    seed: int, office: SmallWorld, tmp_path: Path
) -> None:
    """Found by indexes and judged one by one, or joined and compared in columns: the same verdict."""
    population = generate(600, seed=seed, variants=0.6, differences=0.2, errors=0.05)
    load(office, population.register, ON, accept_losses=True)
    batch = himozuke.inspect(population.links, population.register, scheme=SCHEME, on=ON, cache=tmp_path).verdicts
    claims = [LinkClaim(SCHEME, ON, row) for row in population.links.to_pylist()]

    with office.work("insurer_clerk") as work:
        verifier = OnlineVerifier(PostgresRegister(work, office.vault), load_rules(), ClaimReader())
        online = verifier.verify_batch(claims, purpose=WHY)

    today = {row["previous_number"]: row["individual_number"] for row in population.register.to_pylist()}
    people = [today.get(claim.columns["individual_number"], claim.columns["individual_number"]) for claim in claims]
    compared = 0
    for person, verdict, found in zip(people, batch.to_pylist(), online, strict=True):
        if people.count(person) > 1 or "scheme_number_twice" in verdict["reasons"]:
            continue
        assert isinstance(found, OnlineVerdict)
        assert {item: verdict[f"state_{item}"] for item in ITEMS} == found.states
        for column in ("verdict", "action", "restriction", "restriction_by_table", "pattern", "rival_count"):
            assert verdict[column] == getattr(found, column), column
        assert verdict["reasons"] == list(found.reasons)
        assert verdict["evidence_digest"] == found.evidence_digest
        compared += 1
    assert compared > 300


def test_who_asked_why_and_with_what_is_written_down(office: SmallWorld) -> None:
    """The ledger names organisation, user, purpose and items, and neither number nor item."""
    world = factories.World()
    person = world.person()
    load(office, factories.table(world.register), ON)

    with office.work("insurer_clerk") as work:
        verifier = OnlineVerifier(PostgresRegister(work, office.vault), load_rules(), ClaimReader())
        found = verifier.verify(LinkClaim(SCHEME, ON, factories.link_to(person)), purpose=WHY)
    with office.work("insurer_clerk") as work:
        row = work.connection.execute("SELECT * FROM register_inquiry").fetchone()
    with office.work("insurer_clerk", of=office.other_insurer) as work:
        seen_by_others = work.connection.execute("SELECT FROM register_inquiry").fetchall()

    assert row is not None
    assert (row["organisation_id"], row["login"]) == (office.insurer, f"insurer_clerk@{office.insurer}")
    assert (row["kind"], row["reason"], row["subject"]) == ("verification", "registration", "notice:17")
    assert (row["asked_items"], row["hits"], row["register_day"]) == (31, 1, ON)
    assert row["result_digest"].hex() == found.evidence_digest
    assert seen_by_others == []


@pytest.mark.parametrize("role", ["employer", "citizen", "auditor", "administrator", "ministry_viewer", "headquarters"])
def test_who_may_not_inquire_is_refused_and_sees_no_row(office: SmallWorld, role: str) -> None:
    """A refusal, not an empty answer: nobody is told that a number belongs to no one."""
    world = factories.World()
    world.person()
    load(office, factories.table(world.register), ON)

    with office.work(role) as work:
        with pytest.raises(NotAllowedError):
            PostgresRegister(work, office.vault)
        assert work.connection.execute("SELECT FROM resident").fetchall() == []
        assert work.connection.execute("SELECT FROM resident_history").fetchall() == []


def test_without_a_register_no_link_is_judged(office: SmallWorld) -> None:
    """An empty register would refute everybody."""
    with office.work("insurer_clerk") as work:
        verifier = OnlineVerifier(PostgresRegister(work, office.vault), load_rules(), ClaimReader())

        with pytest.raises(UpstreamDownError, match="register load"):
            verifier.verify(LinkClaim(SCHEME, ON, factories.link_to(factories.person(1))), purpose=WHY)


def test_pages_can_say_how_old_the_register_is(office: SmallWorld) -> None:
    """From the day of the register to today."""
    world = factories.World()
    world.person()
    with office.work("employer") as work:
        assert register_age(work) is None
    load(office, factories.table(world.register), date(2026, 3, 29))

    office.clock.set("2026-04-01")
    with office.work("employer") as work:
        age = register_age(work)

    assert age is not None
    assert (age.as_of, age.days) == (date(2026, 3, 29), 3)
