"""What was registered and what an inspection of the registered file says are one and the same."""

from __future__ import annotations

import csv
import subprocess
import sys
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from database_fixture import SmallWorld
from register_world import load

from himozuke.entrypoints.export import write_links
from himozuke.entrypoints.registering import Consignment, take_in
from himozuke.entrypoints.wiring import Office
from himozuke.gateways.notice_files import read_notice_file
from himozuke.gateways.notice_files.template import write_csv
from himozuke.identity import individual_number
from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import Channel, Filing, NoticeKind
from himozuke.simulators.population import generate

TODAY = date(2026, 4, 1)
SCHEME = "health_insurance"
COLUMNS = ("verdict", "restriction", "restriction_by_table", "action", "pattern", "evidence_digest")


def notices_of(links: pa.Table) -> list[Filing]:
    """One notice for each link of an invented population whose number stands on no other."""
    rows = links.to_pylist()
    numbers = [row["individual_number"] for row in rows]
    filings = []
    for place, row in enumerate(rows, 1):
        value = individual_number.parse(row["individual_number"])
        if value is None or numbers.count(row["individual_number"]) > 1:
            continue
        if not individual_number.has_valid_check_digit(value):
            continue
        texts = {name: row[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "address") if row[name]}
        filings.append(
            Filing(NoticeKind.ACQUISITION, TODAY, FORM | texts | {"number": str(place)}, IndividualNumber(value))
        )
    return filings


FORM = {
    "acquisition_kind": "1",
    "has_dependents": "0",
    "pay_in_cash": "260000",
    "establishment_name": "けいと工業株式会社",
    "establishment_address": "東京都千代田区霞が関一丁目２番３号",
    "employer_name": "健保　良一",
}


@pytest.mark.seed("S53", "S111")
def test_a_file_that_was_registered_is_judged_the_same_when_it_is_inspected(
    office: SmallWorld, wired: Office, tmp_path: Path
) -> None:
    """Register a file over the counter, export the links, run ``himozuke inspect``, compare row by row."""
    population = generate(150, seed=7, variants=0.6, differences=0.25, errors=0.05)
    load(office, population.register, TODAY)
    intake = read_notice_file(write_csv(notices_of(population.links)), name="届出.csv")
    clerk = office.actor("insurer_clerk")
    done = take_in(wired, clerk, Consignment(intake.filings, office.insurer, Channel.FILE, file=intake.file))
    assert len(done.registered) > 100

    exported = tmp_path / "links.csv"
    with wired.work(clerk) as work, exported.open("wb") as out:
        write_links(work, SCHEME, out)
    pq.write_table(population.register, tmp_path / "register.parquet")
    program = Path(sys.executable).with_name("himozuke")
    command = [str(program), "inspect", "links.csv", "--register", "register.parquet"]
    command += ["--scheme", SCHEME, "--on", TODAY.isoformat(), "--out", "result"]
    environment = {"HIMOZUKE_CACHE_DIR": str(tmp_path / "cache"), "PATH": "/usr/bin:/bin"}
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, env=environment)
    assert run.returncode in {0, 3}, run.stderr

    batch = {row["link_id"]: row for row in pq.read_table(tmp_path / "result" / "verdicts.parquet").to_pylist()}
    with office.work("insurer_clerk") as work:
        online = list(work.connection.execute("SELECT * FROM link ORDER BY link_id"))
    assert {str(row["link_id"]) for row in online} == set(batch)
    for row in online:
        verdict = batch[str(row["link_id"])]
        assert row["verdict"] == verdict["verdict"], (row["link_id"], row["reasons"], verdict["reasons"])
        assert row["pattern"] == verdict["pattern"]
        assert row["evidence_digest"] == verdict["evidence_digest"]
        assert row["action"] == verdict["action"]
        assert list(row["states"]) == [
            verdict[f"state_{item}"] for item in ("kanji_name", "kana_name", "birth_date", "sex", "address")
        ]
        stricter = "ALL" if "ALL" in (verdict["restriction"], verdict["restriction_by_table"]) else None
        expected = stricter or (
            "MEDICAL" if "MEDICAL" in (verdict["restriction"], verdict["restriction_by_table"]) else "NONE"
        )
        assert row["restriction"] == expected
    assert {row["verdict"] for row in online} >= {"PROVEN", "EXPLAINED", "REFUTED"}


def test_the_exported_file_masks_nothing_and_keeps_leading_zeros(
    office: SmallWorld, wired: Office, tmp_path: Path
) -> None:
    population = generate(20, seed=1, variants=0.0, differences=0.0, errors=0.0)
    load(office, population.register, TODAY)
    clerk = office.actor("insurer_clerk")
    take_in(wired, clerk, Consignment(notices_of(population.links), office.insurer, Channel.API))
    path = tmp_path / "links.csv"

    with wired.work(clerk) as work, path.open("wb") as out:
        rows = write_links(work, SCHEME, out)

    with path.open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    assert rows == len(read) > 10
    assert all(len(row["個人番号"]) == 12 and row["個人番号"].startswith("00") for row in read)
