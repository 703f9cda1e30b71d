"""The engines agree on every link, and nothing but the data decides."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import himozuke
from himozuke.engines.base import Job
from himozuke.entrypoints.inspecting import EngineName, Options, prepare_register
from himozuke.simulators.population import Population, generate

ON = date(2025, 10, 1)


def verdicts(
    links: pa.Table,
    register: pa.Table,
    cache: Path,
    *,
    engine: EngineName = "duckdb",
    scheme: str = "health_insurance",
    threads: int = 2,
) -> pa.Table:
    """The verdicts of one inspection."""
    found = himozuke.inspect(links, register, scheme=scheme, on=ON, engine=engine, cache=cache, threads=threads)
    return found.verdicts


def harsh(people: int, seed: int) -> Population:
    """A population in which everything that can go wrong does so often."""
    return generate(people, seed=seed, variants=0.6, differences=0.2, errors=0.05)


def with_deaths_and_second_rows(population: Population, seed: int) -> tuple[pa.Table, pa.Table]:
    """Links and register after some people died before their links began, and some links stand twice.

    The second row is in another batch; half of the pairs hold a birth date that nothing explains.
    """
    chance = np.random.default_rng(seed)
    links, register = population.links.to_pylist(), population.register.to_pylist()
    for place in chance.choice(len(register), len(register) // 20, replace=False).tolist():
        register[place] |= {"status": "dead", "status_on": "1999-12-31"}
    for place in chance.choice(len(links), len(links) // 20, replace=False).tolist():
        if chance.random() < 1 / 2:
            links[place]["birth_date"] = "1931-01-17"
        links.append(links[place] | {"link_id": f"{links[place]['link_id']}-2", "batch": "second"})
    return tuple(
        pa.Table.from_pylist(rows, pa.schema([(n, pa.string()) for n in rows[0]])) for rows in (links, register)
    )


@pytest.mark.seed("S111")
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), scheme=st.sampled_from(["health_insurance", "benefit_account"]))
def test_reference_and_duckdb_agree_on_every_link(seed: int, scheme: str, tmp_path: Path) -> None:
    """Plain Python, one link at a time, says the same as joins and compiled columns."""
    population = harsh(400, seed)

    slow, fast = (
        verdicts(population.links, population.register, tmp_path, engine=engine, scheme=scheme)
        for engine in ("reference", "duckdb")
    )

    assert slow.equals(fast)


@pytest.mark.seed("S111", "S94")
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_both_engines_name_the_same_causes_and_never_take_a_person_for_somebody_else(seed: int, tmp_path: Path) -> None:
    """Dead holders whose items agree in every byte, and people who stand on two rows."""
    links, register = with_deaths_and_second_rows(harsh(300, seed), seed)

    slow, fast = (verdicts(links, register, tmp_path, engine=engine) for engine in ("reference", "duckdb"))

    assert slow.equals(fast)
    rows = [found | link for found, link in zip(fast.to_pylist(), links.to_pylist(), strict=True)]
    assert "died_before_link" in {reason for row in rows for reason in row["reasons"]}
    states = [f"state_{item}" for item in ("kanji_name", "kana_name", "birth_date", "sex", "address")]
    assert not [row for row in rows if row["cause"] and {row[name] for name in states} == {"equal"}]
    batches: dict[str, set[str]] = {}
    for row in rows:
        names = (row["individual_number"], row["kanji_name"], row["kana_name"], row["address"])
        batches.setdefault("|".join(names), set()).add(row["batch"])
    alone = {row["individual_number"] for row in rows} - {
        row["individual_number"]
        for row in rows
        for other in rows
        if other["individual_number"] == row["individual_number"] and other["kana_name"] != row["kana_name"]
    }
    assert not [row for row in rows if row["cause"] == "C9" and row["individual_number"] in alone]


@pytest.mark.seed("S111")
def test_verdicts_depend_on_neither_threads_nor_row_order(tmp_path: Path) -> None:
    """Only cause and rank may speak of neighbouring rows."""
    population = harsh(1_500, 11)
    order = np.random.default_rng(1).permutation(population.links.num_rows)
    shuffled = population.links.take(pa.array(order))
    register = population.register.take(pa.array(np.random.default_rng(2).permutation(population.register.num_rows)))

    one = verdicts(population.links, population.register, tmp_path, threads=1)
    other = verdicts(shuffled, register, tmp_path, threads=2)

    about_rows = ["row", "cause", "rank"]
    assert one.drop_columns(about_rows).sort_by("link_id").equals(other.drop_columns(about_rows).sort_by("link_id"))


@pytest.mark.seed("S111")
def test_verdicts_do_not_depend_on_how_much_of_the_register_fits_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether links meet the register while they are read, or afterwards a little of it at a time."""
    population = harsh(1_500, 12)
    at_once = verdicts(population.links, population.register, tmp_path)
    monkeypatch.setattr(Options, "settles_while_reading", lambda *_: False)
    monkeypatch.setattr(Job, "memory_bytes", property(lambda _: 40_000))

    piece_by_piece = verdicts(population.links, population.register, tmp_path)

    register = prepare_register(population.register, on=ON, options=Options(cache=tmp_path))
    assert len(register.numbers().stretches(40_000)) > 1
    assert len(register.residents().stretches(20_000)) > 1
    assert piece_by_piece.equals(at_once)


@pytest.mark.seed("S54", "S63", "S64", "S87")
def test_no_wrong_link_is_left_proven_and_causes_are_named(tmp_path: Path) -> None:
    """The quality goals hold over the decidable links of a population with every cause."""
    population = generate(30_000, seed=4, errors=0.02)
    truth = population.truth.to_pylist()

    found = verdicts(population.links, population.register, tmp_path).to_pylist()

    pairs = [(f, t) for f, t in zip(found, truth, strict=True) if not t["undecidable"]]
    wrong = [(f, t) for f, t in pairs if not t["right"]]
    asked = [(f, t) for f, t in wrong if f["action"] == "ask"]
    assert len(wrong) > 300
    assert not [f for f, _ in wrong if f["verdict"] == "PROVEN"]
    assert len(asked) >= 0.995 * len(wrong)
    assert sum(f["cause"] == t["cause"] for f, t in asked) >= 0.9 * len(asked)
    assert sum(f["action"] == "ask" for f, t in pairs if t["right"]) <= 0.0005 * len(pairs)
