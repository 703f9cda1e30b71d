"""The resident register behind the service: loading, look-ups by number and by items, verdicts one by one.

Uses a database of its own beside the population; it is made once and reused.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from himozuke import schemes
from himozuke.engines.claims import stage_claims
from himozuke.engines.inquiring import InquiringRegister
from himozuke.engines.online import OnlineVerifier
from himozuke.entrypoints.register_loading import LoadOrder, load_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.link.items import ITEMS
from himozuke.ports.actor import Actor
from himozuke.ports.challenge import LedgerLine, LinkKeys, Others, Own
from himozuke.ports.resident_register import Inquiry, LinkClaim, Purpose
from himozuke.rules.loader import load as load_rules
from himozuke.settings import Settings
from himozuke.stores.database import Database
from himozuke.stores.resident_register import PostgresRegister
from himozuke.stores.vault import KeyRing, Vault

ON = date(2025, 10, 1)
SCHEME = "health_insurance"
WHY = Purpose("bench")
_SAMPLE = 2_000
_ROUNDS = 3

Figures = dict[str, dict[str, object]]


class _Silence:
    def phase(self, name: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, rows: int) -> None:
        """Say nothing."""


class Remembered:
    """A register that has been asked already: what is left is the work of judging."""

    def __init__(self, register: PostgresRegister) -> None:
        self._register = register
        self.as_of, self.size = register.as_of, register.size
        self._owners: dict[int, Own | None] = {}
        self._others: dict[LinkKeys, Others] = {}
        self._between: dict[tuple[int, int], int] = {}

    def owners(self, numbers: Sequence[int]) -> Sequence[Own | None]:
        """From memory, asked once."""
        for number in numbers:
            if number not in self._owners:
                self._owners[number] = self._register.owners([number])[0]
        return [self._owners[number] for number in numbers]

    def others(self, asked: Sequence[LinkKeys]) -> Sequence[Others]:
        """From memory, asked once."""
        for keys in asked:
            if keys not in self._others:
                self._others[keys] = self._register.others([keys])[0]
        return [self._others[keys] for keys in asked]

    def people_between(self, low: int, high: int, *, at_most: int) -> int:
        """From memory, asked once."""
        if (low, high) not in self._between:
            self._between[low, high] = self._register.people_between(low, high, at_most=at_most)
        return self._between[low, high]

    def write_ledger(self, lines: Sequence[LedgerLine], purpose: Purpose) -> Sequence[int]:
        """Nowhere."""
        del purpose
        return range(len(lines))


def measure(population: Path) -> Figures:
    """Load the register of a population, if it is not loaded yet, and ask it."""
    data = population / "service"
    settings = Settings(data=data, key_file=data / "keys.json")
    found: Figures = {}
    with Database.open(settings) as database:
        database.migrate()
    started = time.perf_counter()
    order = LoadOrder(population / "register.parquet", "snapshot", ON, data / "register_quarantine.csv")
    loaded = load_register(order, settings, _Silence())
    if not loaded.is_repeated:
        seconds = time.perf_counter() - started
        found["load"] = {"n": loaded.people, "seconds": round(seconds, 1), "per_second": round(loaded.people / seconds)}
    links = _sample(population / "links.parquet")
    with Database.open(settings) as database, database.transaction(Actor.system("bench")) as work:
        register = PostgresRegister(work, Vault(KeyRing.open_or_make(settings.key_file)))
        found |= _look_ups(register, links)
        found |= _verdicts(register, links)
        found["room"] = _room(work.connection)
    return found


def _sample(path: Path) -> list[dict[str, str]]:
    """Links from everywhere in the file, no neighbours."""
    file = pq.ParquetFile(path)
    rows = file.metadata.num_rows
    chosen = np.sort(np.random.default_rng(1).choice(rows, min(_SAMPLE, rows), replace=False))
    sample: list[dict[str, str]] = file.read().take(chosen).to_pylist()
    return sample


def _look_ups(register: PostgresRegister, links: list[dict[str, str]]) -> Figures:
    reader = ClaimReader()
    claims = stage_claims(reader(links, ON), schemes.find(SCHEME))
    keys = claims.keys(range(len(claims.items)))
    inquiring = InquiringRegister(register, load_rules(), reader)
    by_items = [
        Inquiry(WHY, ON, SCHEME, items={item: link[item] for item in ITEMS}, wants_near=True)
        for link in links
        if all(link[item] for item in ITEMS)
    ]
    return {
        "owner by number": _times(lambda number: register.owners([number]), claims.numbers["number"]),
        "candidates by items": _times(lambda one: register.others([one]), keys),
        "inquiry by five items, exact and near": _times(inquiring.inquire, by_items),
    }


def _verdicts(register: PostgresRegister, links: list[dict[str, str]]) -> Figures:
    claims = [LinkClaim(SCHEME, ON, link) for link in links]
    stored = OnlineVerifier(register, load_rules(), ClaimReader())
    alone = OnlineVerifier(Remembered(register), load_rules(), ClaimReader())
    alone.verify_batch(claims, purpose=WHY)
    reader = ClaimReader()
    doubted = [one for one in claims if _is_looked_at(alone, one)]
    return {
        "reading and folding one link": _times(
            lambda one: stage_claims(reader([one.columns], ON), schemes.find(SCHEME)), claims
        ),
        "verdict, all links": _times(lambda one: stored.verify(one, purpose=WHY), claims),
        "verdict without the store, all links": _times(lambda one: alone.verify(one, purpose=WHY), claims),
        "verdict without the store, links with rivals to weigh": _times(
            lambda one: alone.verify(one, purpose=WHY), doubted
        ),
        **{f"verdicts, {size} at a time": _rate(stored, claims, size) for size in (10, 100, 1000)},
    }


def _is_looked_at(verifier: OnlineVerifier, claim: LinkClaim) -> bool:
    return set(verifier.verify(claim, purpose=WHY).states.values()) - {"equal", "folded", "variant"} != set()


def _times(ask: Callable[[Any], object], questions: Iterable[Any]) -> dict[str, object]:
    """Milliseconds of each question: the first time, and the best of some (the machine is shared)."""
    asked = list(questions)
    gc.collect()
    rounds = np.array([[_milliseconds(ask, one) for one in asked] for _ in range(_ROUNDS)])
    first, best = rounds[0], rounds.min(axis=0)
    return {
        "n": len(asked),
        **{f"first_p{q}_ms": round(float(np.percentile(first, q)), 2) for q in (50, 99)},
        **{f"best_p{q}_ms": round(float(np.percentile(best, q)), 2) for q in (50, 99)},
    }


def _milliseconds(ask: Callable[[Any], object], question: object) -> float:
    started = time.perf_counter()
    ask(question)
    return (time.perf_counter() - started) * 1000


def _rate(verifier: OnlineVerifier, claims: list[LinkClaim], size: int) -> dict[str, object]:
    started = time.perf_counter()
    for start in range(0, len(claims), size):
        verifier.verify_batch(claims[start : start + size], purpose=WHY)
    seconds = time.perf_counter() - started
    return {"n": len(claims), "seconds": round(seconds, 2), "per_second": round(len(claims) / seconds)}


def _room(connection: Any) -> dict[str, object]:  # noqa: ANN401 -- psycopg.Connection of dictionaries
    row = connection.execute(
        "SELECT (SELECT people FROM register_load ORDER BY load_id DESC LIMIT 1) AS people, "
        "pg_relation_size('resident') + pg_relation_size('resident_form') AS rows, "
        "pg_indexes_size('resident') + pg_indexes_size('resident_form') AS indexes"
    ).fetchone()
    return {
        "n": row["people"],
        "rows_bytes_a_person": round(row["rows"] / row["people"]),
        "index_bytes_a_person": round(row["indexes"] / row["people"]),
    }
