"""P1 and P2: an inspection beside the limit, in turn, on the same files."""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

from processes import HIMOZUKE, Cost, run

ON = "2025-10-01"
HERE = Path(__file__).parent


def make_population(folder: Path, people: int, **shares: float) -> Path:
    """Make a population once; later runs reuse it."""
    if not (folder / "truth.parquet").is_file():
        options = [f"--{name}={value}" for name, value in shares.items()]
        run([HIMOZUKE, "population", str(people), "--out", folder, "--seed", "7", *options])
    return folder


def inspect(population: Path, out: Path, *, cache: Path | None = None) -> Cost:
    """One whole run of the program; ``cache`` holds prepared registers, by default the usual folder."""
    files: list[str | Path] = [population / "links.parquet", "--register", population / "register.parquet"]
    command = [HIMOZUKE, "inspect", *files, "--scheme", "health_insurance", "--on", ON, "--out", out, "--quiet"]
    return run(command, cache=cache)


def limit(population: Path, out: Path) -> Cost:
    """One whole run of the limit."""
    files = [population / "links.parquet", population / "register.parquet"]
    return run([sys.executable, HERE / "limit.py", *files, out])


def against_limit(population: Path, work: Path, links: int, *, rounds: int = 2) -> dict[str, float]:
    """Run both in turn; the ratio is the limit's time over ours, pair by pair."""
    prepared = run([HIMOZUKE, "prepare", population / "register.parquet", "--on", ON, "--quiet"])
    ours, limits = [], []
    for _ in range(rounds):
        limits.append(limit(population, work / "limit.parquet"))
        ours.append(inspect(population, work / "result"))
    ratios = [theirs.seconds / mine.seconds for theirs, mine in zip(limits, ours, strict=True)]
    seconds = statistics.median(cost.seconds for cost in ours)
    return {
        "links": links,
        "ratio_to_limit": round(statistics.median(ratios), 3),
        "seconds": round(seconds, 1),
        "links_per_second": round(links / seconds),
        "limit_seconds": round(statistics.median(cost.seconds for cost in limits), 1),
        "cpu_seconds": round(statistics.median(cost.cpu_seconds for cost in ours), 1),
        "peak_mb": round(max(cost.peak_mb for cost in ours)),
        "limit_peak_mb": round(max(cost.peak_mb for cost in limits)),
        "prepare_seconds": round(prepared.seconds, 1),
    }
