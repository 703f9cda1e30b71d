"""The links of the demo: the invented population judged by the batch engine, written by set-based statements."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.eligibility.copay import birthday
from himozuke.engines.base import Progress
from himozuke.entrypoints.demo.world import JAPAN, DemoWorld
from himozuke.entrypoints.inspecting import Options, inspect_into
from himozuke.entrypoints.jobs.register_folder import prepared_register
from himozuke.identity import birth_date
from himozuke.identity.calendar import whole_day
from himozuke.identity.individual_number import IndividualNumber
from himozuke.identity.scheme_number import joined
from himozuke.inspection.model import ITEMS
from himozuke.simulators.demo.bodies import CITY, ELDERLY
from himozuke.simulators.population.columns import insurer_number
from himozuke.stores.link_rows import linkage_code

_CITY_WAS = insurer_number(2)  # the third of the invented insurers plays the municipality's national insurance
_PARTS = 3
_SCHEMES = ("health_insurance", "national_health_insurance")
_ELDERLY_SCHEME = "elderly_medical"

# Reads the population and the verdicts. One row per link that the demo keeps, in file order.
_JOINED = """
SELECT link.*, verdict.verdict, verdict.restriction, verdict.action, verdict.cause, verdict.rival_count,
       verdict.pattern, verdict.reasons, verdict.evidence_digest,
       [verdict.state_kanji_name, verdict.state_kana_name, verdict.state_birth_date, verdict.state_sex,
        verdict.state_address] AS states,
       own.kanji_name AS own_kanji_name, own.kana_name AS own_kana_name, own.birth_date AS own_birth_date,
       own.sex AS own_sex, own.address AS own_address, own.protected AS own_protected
FROM links AS link
JOIN verdicts AS verdict USING (link_id)
LEFT JOIN register AS own ON own.individual_number = link.individual_number
ORDER BY verdict.row
"""

_COLUMNS = {
    "insurer_number": "text", "symbol": "text", "number": "text", "branch": "text", "scheme": "text",
    "scheme_number": "text", "linkage_code": "text", "organisation_id": "bigint",
    "individual_number_sealed": "bytea", "kanji_name": "text", "kana_name": "text", "birth_date": "text",
    "sex": "text", "address": "text", "acquired_by": "text", "acquired_items": "text", "acquired_hits": "integer",
    "acquired_on": "date", "registered_at": "timestamptz", "valid_from": "date", "valid_to": "date",
    "state": "text", "restriction": "text", "verdict": "text", "reasons": "text[]", "cause": "text",
    "action": "text", "rival_count": "integer", "pattern": "integer", "states": "text[]",
    "register_items": "jsonb", "evidence_digest": "text", "register_day": "date", "verified_at": "timestamptz",
}  # fmt: skip

_COPY = f"COPY demo_link ({', '.join(_COLUMNS)}) FROM STDIN"

# Writes link, its first version and its period. A scheme number that an open link bears already is left out.
_INSERT = f"""
WITH written AS (
    INSERT INTO link ({", ".join(_COLUMNS)})
    SELECT {", ".join(_COLUMNS)} FROM demo_link ORDER BY place
    ON CONFLICT DO NOTHING
    RETURNING *
),
version AS (
    INSERT INTO link_version (
        link_id, organisation_id, at, by_login, act, reason, after, after_individual_number_sealed
    )
    SELECT link_id, organisation_id, registered_at, 'system:demo', 'register', 'demo',
           jsonb_build_object('state', state, 'restriction', restriction, 'valid_from', valid_from, 'verdict', verdict),
           individual_number_sealed
    FROM written
)
INSERT INTO qualification_period (
    organisation_id, link_id, member_kind, began_on, ended_on, overlap_checked_at
)
SELECT organisation_id, link_id, CASE WHEN branch IN ('', '00') THEN 'insured' ELSE 'dependent' END, valid_from,
       CASE WHEN valid_to IS NOT NULL THEN greatest(valid_to, valid_from) END,
       CASE WHEN count(*) OVER (PARTITION BY individual_number_sealed) = 1 THEN verified_at END
FROM written
"""  # noqa: S608 -- names of our own columns


@dataclass(frozen=True, slots=True)
class LinkFiles:
    """The links of the demo by scheme, and the files with which a body tries an inspection itself."""

    by_scheme: dict[str, pa.Table]


def split_links(world: DemoWorld) -> LinkFiles:
    """Give each part of the population its insurer; the third plays the municipality's national insurance.

    A population too small for three insurers is cut into three, in file order. Whoever has turned 75 is insured by
    the association for older people from that day.
    """
    every = pq.read_table(world.files / "links.parquet")
    births = [whole_day(birth_date.parse(text)) for text in every.column("birth_date").to_pylist()]
    age = world.office.rules.count("copay.age.elderly_medical", world.register_day)
    turned = [_turned(born, age, world.register_day) for born in births]
    is_older = pa.array([day is not None for day in turned])
    older = _of_older_people(every.filter(is_older), [day for day in turned if day is not None])
    links = every.filter(pa.compute.invert(is_older))
    place = links.schema.get_field_index("insurer_number")
    if len(set(links.column("insurer_number").to_pylist())) < _PARTS:
        size = -(-len(links) // _PARTS)
        codes = pa.array([insurer_number(row // size) for row in range(len(links))], pa.string())
        links = links.set_column(place, "insurer_number", codes)
    is_city = pa.compute.equal(links.column("insurer_number"), _CITY_WAS)
    city = links.filter(is_city)
    city = city.set_column(place, "insurer_number", pa.array([CITY] * len(city), pa.string()))
    societies = links.filter(pa.compute.invert(is_city))
    return LinkFiles({_SCHEMES[0]: societies, _SCHEMES[1]: city, _ELDERLY_SCHEME: older})


def _turned(born: date | None, age: int, on: date) -> date | None:
    """The day on which somebody reached an age; None for whoever has not by ``on``."""
    day = birthday(born, age) if born else None
    return day if day and day <= on else None


def _of_older_people(links: pa.Table, turned: Sequence[date]) -> pa.Table:
    """Their links under one number of eight digits, no symbol and no branch; insured from 75 on at the earliest."""
    count = len(links)
    columns: dict[str, list[str]] = {
        "insurer_number": [ELDERLY] * count,
        "symbol": [""] * count,
        "number": [f"{place:08}" for place in range(1, count + 1)],
        "branch": [""] * count,
    }
    for name in ("valid_from", "registered_on"):
        days = links.column(name).to_pylist()
        columns[name] = [max(day, since.isoformat()) for day, since in zip(days, turned, strict=True)]
    ends = zip(links.column("valid_to").to_pylist(), columns["valid_from"], strict=True)
    columns["valid_to"] = [end if end and end > begun else "" for end, begun in ends]
    for name, values in columns.items():
        links = links.set_column(links.schema.get_field_index(name), name, pa.array(values, pa.string()))
    return links


def write_body_files(world: DemoWorld, files: LinkFiles, codes: Sequence[str]) -> dict[str, Path]:
    """Write the links of some bodies as files they could send up; CP932 as their systems would."""
    written = {}
    for table in files.by_scheme.values():
        for code in codes:
            own = table.filter(pa.compute.equal(table.column("insurer_number"), code))
            if not len(own):
                continue
            path = world.files / f"links-{code}.csv"
            with path.open("w", encoding="cp932", errors="replace", newline="") as file:
                writer = csv.writer(file)
                writer.writerow(own.column_names)
                writer.writerows(zip(*(own.column(name).to_pylist() for name in own.column_names), strict=True))
            written[code] = path
    return written


def fill_links(world: DemoWorld, files: LinkFiles, progress: Progress) -> int:
    """Judge every link against the register and write it down; returns how many stand."""
    register = prepared_register(world.office, world.register_day)
    rows = 0
    for scheme, links in files.by_scheme.items():
        if not len(links):
            continue
        out = world.files / f"inspection-{scheme}"
        settings = world.office.settings
        options = Options(memory=settings.memory, threads=settings.threads, cache=settings.cache_dir, progress=progress)
        inspect_into(links, register.folder, out, scheme=scheme, on=world.register_day, options=options)
        progress.phase("links", len(links))
        rows += _write(world, scheme, links, out / "verdicts.parquet", progress)
    return rows


def _write(world: DemoWorld, scheme: str, links: pa.Table, verdicts: Path, progress: Progress) -> int:
    with duckdb.connect() as engine:
        engine.register("links", links)
        engine.register("verdicts", pq.read_table(verdicts))
        engine.register("register", pq.read_table(world.files / "register.parquet"))
        found = engine.sql(_JOINED).to_arrow_table()
    with world.program("demo", world.days_ago(1)) as work:
        columns = ", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())
        work.connection.execute(
            f"CREATE TEMPORARY TABLE demo_link (place bigint GENERATED ALWAYS AS IDENTITY, {columns}) ON COMMIT DROP"
        )
        with work.connection.cursor() as cursor, cursor.copy(_COPY) as copy:
            copy.set_types(list(_COLUMNS.values()))
            for row in _rows(world, scheme, found, progress):
                copy.write_row(row)
        written = work.connection.execute(_INSERT).rowcount
        work.audit.record("demo.links", subject="link", subject_id=scheme, details={"links": written})
        work.connection.execute("DROP TABLE demo_link")
    return written


def _rows(world: DemoWorld, scheme: str, found: pa.Table, progress: Progress) -> Iterator[list[Any]]:
    verified_at = datetime.combine(world.register_day, time(6, 0), JAPAN)
    for batch in found.to_batches(max_chunksize=10_000):
        rows = batch.to_pylist()
        sealed = world.office.vault.seal_all([IndividualNumber(int(row["individual_number"])) for row in rows])
        for row, number in zip(rows, sealed, strict=True):
            organisation_id = world.organisations[row["insurer_number"]]
            made = _made(row, number, organisation_id, scheme, world.register_day)
            yield [*made, verified_at]
        progress.advance(len(rows))


def _made(row: dict[str, Any], sealed: bytes, organisation_id: int, scheme: str, register_day: date) -> list[Any]:
    """One link in the order of the columns, without the last."""
    registered_at = datetime.combine(date.fromisoformat(row["registered_on"]), time(9, 30), JAPAN)
    parts = [row["insurer_number"], row["symbol"], row["number"], row["branch"]]
    return [
        *parts,
        scheme,
        joined(*parts),
        linkage_code(organisation_id, sealed),
        organisation_id,
        sealed,
        *(row[item] for item in ITEMS),
        row["acquired_by"] or "person",
        row["acquired_items"],
        int(row["acquired_hits"]) if row["acquired_hits"] else None,
        date.fromisoformat(row["acquired_on"]) if row["acquired_on"] else None,
        registered_at,
        date.fromisoformat(row["valid_from"]),
        date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        "released",  # seen until somebody doubts it: a case stops it
        "NONE",
        row["verdict"],
        row["reasons"],
        row["cause"],
        row["action"],
        row["rival_count"],
        row["pattern"],
        row["states"],
        _held_by_register(row),
        row["evidence_digest"],
        register_day,
    ]


def _held_by_register(row: dict[str, Any]) -> str | None:
    """The register's items where one was not equal, as registration keeps them; no protected address (支援措置)."""
    if row["own_kanji_name"] is None or all(state == "equal" for state in row["states"]):
        return None
    held = {item: row[f"own_{item}"] for item in ITEMS}
    if row["own_protected"] == "1":
        held["address"] = ""
    return json.dumps(held, ensure_ascii=False)
