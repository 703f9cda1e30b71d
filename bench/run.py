"""Measure speed and quality, and write ``bench/RESULTS.md``.

``python bench/run.py`` measures everything at a size that takes some minutes; ``--people 10000000`` is the
size of the budgets. ``--only NAME`` (several times) chooses among speed,
folding, quality, peer, killed, service, broken, register, registration.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from candidates import measure as candidates
from folding import measure as folding_rates
from processes import run
from quality import measure, read
from registration import PEOPLE as NOTICES
from registration import measure as registration_steps
from resilience import broken_lines, killed, killed_service
from speed import HERE, against_limit, inspect, make_population

DATA = HERE / "data"
RESULTS = HERE / "RESULTS.md"
FIGURES = HERE / "results.json"

Figures = dict[str, dict[str, object]]


def speed(people: int) -> Figures:
    """P1 (15 % of rows with variants, 1 % real differences) and P2 (variants in every row)."""
    found: Figures = {}
    for name, variants in (("P1", 0.15), ("P2", 1.0)):
        population = make_population(DATA / f"{name}-{people}", people, variants=variants)
        found[f"{name} ({people:,} links × {people:,} people)"] = dict(against_limit(population, _work(), people))
    return found


def quality(people: int) -> Figures:
    """What the verdicts are worth on a population with many errors."""
    size = min(people, 1_000_000)
    population = make_population(DATA / f"errors-{size}", size, errors=0.005)
    inspect(population, _work() / "result")
    figures = measure(read(_work() / "result", population))
    return {f"{size:,} links, 0.5 % wrong": {name: round(value, 6) for name, value in figures.items()}}


def peer(people: int) -> Figures:
    """Splink 5 and this program, end to end on the same files."""
    size = min(people, 1_000_000)
    population = make_population(DATA / f"peer-{size}", size, errors=0.0068)
    found: Figures = {}
    for mode in ("stored", "challenge"):
        out = _work() / f"{mode}.json"
        cost = run([sys.executable, HERE / "peer.py", population, mode, out])
        figures: dict[str, object] = json.loads(out.read_text("utf-8"))
        found[f"Splink 5, {mode} pair" if mode == "stored" else "Splink 5, given the challenge"] = figures | {
            "peak_mb": round(cost.peak_mb)
        }
    cache = _work() / "cache"
    shutil.rmtree(cache, ignore_errors=True)  # so that the register is prepared in the same run
    cost = inspect(population, _work() / "result", cache=cache)
    ours = measure(read(_work() / "result", population))
    found["himozuke, register prepared in the same run"] = {
        "seconds": round(cost.seconds, 1),
        "flagged": round(ours["asked"]),
        "recall": round(ours["recall"], 4),
        "precision": round(ours["precision"], 4),
        "false_alarms": round(ours["false_alarms"]),
        "peak_mb": round(cost.peak_mb),
    }
    return found


def kills(people: int) -> Figures:
    """Twenty kills at random moments."""
    size = min(people, 200_000)
    population = make_population(DATA / f"kill-{size}", size)
    return {f"{size:,} links": killed(population, _work())}


def service(people: int) -> Figures:
    """Every step of an incident on a service that is killed in each of three ways."""
    _ = people
    return killed_service()


def broken(people: int) -> Figures:
    """A million CP932 lines, one in a hundred broken."""
    size = min(people, 1_000_000)
    population = make_population(DATA / f"errors-{size}", size, errors=0.005)
    return {f"{size:,} lines": broken_lines(population, _work())}


def folding(people: int) -> Figures:
    """Text folding and comparing on one core, in million values or pairs a second."""
    size = min(people, 1_000_000)
    population = make_population(DATA / f"errors-{size}", size, errors=0.005)
    return {f"{name}, M/s": dict(rates) for name, rates in folding_rates(population).items()}


def register(people: int) -> Figures:
    """The resident register in PostgreSQL: look-ups and single verdicts."""
    return candidates(make_population(DATA / f"P1-{people}", people, variants=0.15))


def registration(people: int) -> Figures:
    """Notices from the bytes of their files to links that are released or stopped."""
    return {name: dict(step) for name, step in registration_steps(min(people, NOTICES)).items()}


PARTS: dict[str, tuple[str, Callable[[int], Figures]]] = {
    "speed": ("Speed against the limit", speed),
    "folding": ("Folding and comparing", folding),
    "quality": ("Quality", quality),
    "peer": ("Beside Splink 5", peer),
    "killed": ("Killed twenty times", kills),
    "service": ("An incident on a service that is killed", service),
    "broken": ("Broken lines", broken),
    "register": ("The register behind the service", register),
    "registration": ("Notices taken in, compared and registered", registration),
}


def _work() -> Path:
    folder = DATA / "work"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _machine() -> str:
    model = platform.processor() or platform.machine()
    return f"{platform.system()} {model}, Python {platform.python_version()}, DuckDB {version('duckdb')}"


def write(figures: dict[str, dict[str, object]]) -> None:
    """Write all figures measured so far as Markdown."""
    lines = [
        "# Results",
        "",
        "Every table names the command and the day that made it. Ratios hold on a noisy",
        "machine; seconds are of two cores.",
        "",
    ]
    for part, content in figures.items():
        lines += [f"## {PARTS[part][0]}", "", f"`{content['command']}` — {content['day']}, {content['machine']}", ""]
        rows: Figures = content["rows"]  # type: ignore[assignment]
        columns = list(dict.fromkeys(name for row in rows.values() for name in row))
        lines.append("| | " + " | ".join(columns) + " |")
        lines.append("|---|" + "---:|" * len(columns))
        lines += [
            f"| {name} | " + " | ".join(str(row.get(c, "")) for c in columns) + " |" for name, row in rows.items()
        ]
        lines.append("")
    RESULTS.write_text("\n".join(lines), "utf-8")


def main() -> None:
    """Run the chosen measurements one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--only", action="append", choices=list(PARTS))
    chosen = parser.parse_args()
    figures = json.loads(FIGURES.read_text("utf-8")) if FIGURES.is_file() else {}
    for part in chosen.only or PARTS:
        print(f"{PARTS[part][0]} …", flush=True)
        rows = PARTS[part][1](chosen.people)
        figures[part] = {
            "command": f"python bench/run.py --people {chosen.people} --only {part}",
            "day": datetime.now(UTC).date().isoformat(),
            "machine": _machine(),
            "rows": rows,
        }
        print(json.dumps(rows, indent=1), flush=True)
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
        write(figures)
    shutil.rmtree(_work(), ignore_errors=True)


if __name__ == "__main__":
    main()
