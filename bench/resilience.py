"""Kill −9 at random moments, and a million lines of which one in a hundred is broken."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from damage import DAMAGES, damage_file
from processes import HIMOZUKE, run
from speed import ON, inspect


def killed(population: Path, work: Path, *, times: int = 20, seed: int = 1) -> dict[str, object]:
    """Kill an inspection again and again, then let one finish: the same result must stand."""
    calm = work / "calm"
    cost = inspect(population, calm)
    out, draw = work / "killed", random.Random(seed)  # noqa: S311 -- moments, not secrets
    files: list[str | Path] = [population / "links.parquet", "--register", population / "register.parquet"]
    command = [HIMOZUKE, "inspect", *files, "--scheme", "health_insurance", "--on", ON, "--out", out, "--quiet"]
    half_written = 0
    for _ in range(times):
        process = subprocess.Popen([str(part) for part in command])
        time.sleep(draw.uniform(0.05, cost.seconds))
        process.send_signal(signal.SIGKILL)
        process.wait()
        half_written += _is_half_written(out)
    inspect(population, out)
    left = [path.name for path in out.iterdir() if path.name.startswith(".")]
    same = _digest(out) == _digest(calm)
    return {"kills": times, "same_result": same, "half_written_results": half_written, "left_behind": left}


def killed_service(*, ways: int = 3) -> dict[str, dict[str, object]]:
    """The incident of the seed, each step killed in every way: the service, its answering process, its database."""
    test = Path(__file__).parents[1] / "tests" / "incident" / "test_killed_service.py"
    found: dict[str, dict[str, object]] = {}
    for way in range(ways):
        started = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)],
            env=os.environ | {"HIMOZUKE_TEST_FIRST_WAY": str(way)},
            stdout=subprocess.DEVNULL,
            check=False,
        )
        seconds = round(time.perf_counter() - started, 1)
        found[f"round {way + 1} of {ways}"] = {"as_undisturbed": done.returncode == 0, "seconds": seconds}
    return found


def _digest(out: Path) -> str:
    return str(json.loads((out / "manifest.json").read_text("utf-8"))["verdicts_sha256"])


def _is_half_written(out: Path) -> bool:
    """A result that stands under its name must be whole."""
    from pyarrow import ArrowInvalid
    from pyarrow.parquet import read_metadata

    path = out / "verdicts.parquet"
    try:
        return path.exists() and read_metadata(path).num_rows == 0
    except ArrowInvalid:
        return True


def broken_lines(population: Path, work: Path, *, share: float = 0.01) -> dict[str, object]:
    """Break one line in a hundred of a CP932 file in twenty ways; each must be set aside by its line."""
    broken = work / "broken.csv"
    wanted = damage_file(population / "links.csv", broken, share=share, seed=3)
    out = work / "broken"
    files: list[str | Path] = [broken, "--register", population / "register.parquet"]
    cost = run([HIMOZUKE, "inspect", *files, "--scheme", "health_insurance", "--on", ON, "--out", out, "--quiet"])
    with (out / "quarantine.csv").open(encoding="utf-8-sig", newline="") as file:
        found = {int(row["line"]): row["code"] for row in csv.DictReader(file)}
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    missed = {line: kind for line, kind in wanted.items() if line not in found}
    extra = {line: code for line, code in found.items() if line not in wanted}
    return {
        "ways": len(DAMAGES),
        "rows_in_file": manifest["rows_in_file"],
        "rows_verdicted": manifest["rows_verdicted"],
        "rows_quarantined": manifest["rows_quarantined"],
        "broken": len(wanted),
        "broken_lines_missed": len(missed),
        "missed_by_kind": sorted(set(missed.values())),
        "clean_lines_set_aside": len(extra),
        "seconds": round(cost.seconds, 1),
        "exit_code": cost.code,
    }
