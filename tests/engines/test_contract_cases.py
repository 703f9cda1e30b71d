"""Every sentence of the contract about verdicts, on both engines."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from contract_cases import CASES, ON, Case
from factories import World, table

import himozuke
from himozuke.entrypoints.inspecting import EngineName

ENGINES: tuple[EngineName, ...] = ("reference", "duckdb")

Answers = dict[str, dict[str, Any]]


@pytest.fixture(scope="module", params=ENGINES)
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Answers:
    """The verdict of every case, by the case's name."""
    world = World()
    for one in CASES:
        one.build(world, one.name)
    cache: Path = tmp_path_factory.mktemp("cache")
    found = himozuke.inspect(
        table(world.links),
        table(world.register),
        scheme="health_insurance",
        on=date.fromisoformat(ON),
        engine=request.param,
        cache=cache,
    )
    return {row["link_id"]: row for row in found.verdicts.to_pylist()}


@pytest.mark.seed("S01", "S51", "S54", "S61", "S63", "S72", "S73", "S75", "S86", "S87", "S92", "S111")
@pytest.mark.parametrize("one", CASES, ids=[one.name for one in CASES])
def test_contract_case(answers: Answers, one: Case) -> None:
    """The link of the case gets what the contract says."""
    found, expected = answers[one.name], one.expected

    assert found["verdict"] == expected.verdict, found["reasons"]
    assert set(expected.reasons) <= set(found["reasons"])
    for name in ("action", "restriction", "restriction_by_table", "cause", "rival_count"):
        wanted = getattr(expected, name)
        assert wanted is None or (found[name] or "") == wanted or found[name] == wanted, (name, found)
