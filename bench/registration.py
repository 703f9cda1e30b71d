"""How many notices a second are taken in, compared with a local register and released or stopped.

Usage: .venv/bin/python bench/registration.py [PEOPLE]   (default 20,000)

An embedded PostgreSQL in a temporary folder, durable as in production; one process, one connection. Notices come as
files of our template, 5,000 rows each; the figures are records a second for each step and for all of them.
``python bench/run.py --only registration`` writes them into ``bench/RESULTS.md``.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from himozuke.entrypoints.registering import CHUNK, Consignment, check_overlaps, receive, waiting_of
from himozuke.entrypoints.wiring import Office, open_office
from himozuke.gateways.notice_files import read_notice_file
from himozuke.gateways.notice_files.template import write_csv
from himozuke.gateways.tables import digest, open_register
from himozuke.identity import individual_number
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.actor import Actor, Role
from himozuke.registration.model import Channel, Filing, NoticeKind
from himozuke.settings import Settings
from himozuke.simulators.population import Population, generate
from himozuke.stores.database import Database
from himozuke.stores.register_loading import SNAPSHOT, RegisterFile, RegisterLoader

PEOPLE = 20_000
PEAK_A_DAY = 1_200_000
ROWS_A_FILE = 5_000
ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")
FORM = {
    "acquisition_kind": "1",
    "has_dependents": "0",
    "pay_in_cash": "260000",
    "establishment_name": "ひもづけ商店",
    "establishment_address": "東京都千代田区霞が関一丁目2番3号",
    "employer_name": "紐付　太郎",
}


class Silence:
    """Progress that nobody watches."""

    def phase(self, name: str, total: int | None = None) -> None:
        """Say nothing."""

    def advance(self, rows: int) -> None:
        """Say nothing."""


Steps = dict[str, dict[str, float]]


def measure(people: int) -> Steps:
    """Records a second of each step and of all of them; and how long a day of early April takes one process."""
    steps: Steps = {}
    today = date(2026, 4, 1)
    population = generate(people, seed=1, variants=0.15, differences=0.01, errors=0.0007)
    with tempfile.TemporaryDirectory(prefix="himozuke-bench-") as folder:
        settings = Settings(data=Path(folder) / "data", key_file=Path(folder) / "keys.json")
        with Database.open(settings) as database:
            database.migrate()
        with open_office(settings) as office:
            load(office, population, today)
            clerk = insurer_clerk(office)
            files = list(write_files(population, today))
            began = time.perf_counter()
            rows = sum(take_in(office, clerk, data, steps) for data in files)
            seconds = time.perf_counter() - began
    for step in steps.values():
        step["per_second"] = round(step["n"] / step["seconds"])
        step["seconds"] = round(step["seconds"], 1)
    hours = PEAK_A_DAY / (rows / seconds) / 3600
    steps["all steps"] = {"n": rows, "seconds": round(seconds, 1), "per_second": round(rows / seconds)}
    steps["1.2 M notices of a day, hours with one process"] = {"n": PEAK_A_DAY, "hours": round(hours, 2)}
    return steps


def take_in(office: Office, clerk: Actor, data: bytes, steps: Steps) -> int:
    """One file from its bytes to released links."""
    with told(steps, "read the file", ROWS_A_FILE):
        intake = read_notice_file(data, name="notices.csv")
    with told(steps, "receive", len(intake.filings)), office.work(clerk) as work:
        organisation = clerk.organisation_id or 0
        receipt = receive(work, Consignment(intake.filings, organisation, Channel.FILE, file=intake.file))
    ids = waiting_of(receipt.received)
    with told(steps, "inquire, compare, register", len(ids)):
        for start in range(0, len(ids), CHUNK):
            with office.work(clerk) as work:
                work.registering.register_notices(ids[start : start + CHUNK])
    with told(steps, "look for overlaps", len(ids)):
        for _ in range(-(-len(ids) // CHUNK)):
            check_overlaps(office)
    return len(ids)


def load(office: Office, population: Population, today: date) -> None:
    """Load the population's register."""
    file = RegisterFile(SNAPSHOT, today, "register.parquet", digest(population.register))
    RegisterLoader(office.database, office.vault, Silence()).load(open_register(population.register), file)


def insurer_clerk(office: Office) -> Actor:
    """A society and its clerk."""
    with office.work(Actor.system("bench")) as work:
        organisation = work.connection.execute(
            "INSERT INTO organisation (code, kind, name) VALUES ('06139999', 'insurer', '計測健康保険組合') "
            "RETURNING organisation_id"
        ).fetchone()
        organisation_id = int((organisation or {})["organisation_id"])
        user = work.connection.execute(
            "INSERT INTO user_account (organisation_id, login, display_name, role) "
            "VALUES (%s, 'bench', 'bench', 'insurer_clerk') RETURNING user_id",
            [organisation_id],
        ).fetchone()
    user_id = int((user or {})["user_id"])
    return Actor.user(user_id=user_id, login="bench", role=Role.INSURER_CLERK, organisation_id=organisation_id)


def write_files(population: Population, today: date) -> Iterator[bytes]:
    """The links of a population as notices, in files."""
    filings = []
    for place, row in enumerate(population.links.to_pylist(), 1):
        value = individual_number.parse(row["individual_number"])
        if value is None or not individual_number.has_valid_check_digit(value):
            continue
        texts = {name: row[name] for name in ITEMS if row[name]} | {"number": str(place)}
        if set(ITEMS) <= set(texts):
            filings.append(Filing(NoticeKind.ACQUISITION, today, FORM | texts, IndividualNumber(value)))
    for start in range(0, len(filings), ROWS_A_FILE):
        yield write_csv(filings[start : start + ROWS_A_FILE])


@contextmanager
def told(steps: Steps, what: str, rows: int) -> Iterator[None]:
    """Add up how long a step took."""
    began = time.perf_counter()
    yield
    step = steps.setdefault(what, {"n": 0, "seconds": 0.0})
    step["n"] += rows
    step["seconds"] += time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE), indent=1))
