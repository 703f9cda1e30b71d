"""Running a command to its end and saying what it cost."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HIMOZUKE = Path(sys.executable).with_name("himozuke")
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: seconds by the clock and by the processors, and peak memory in MB."""

    code: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def run(command: Sequence[str | Path], *, allowed: tuple[int, ...] = (0, 3, 4), cache: Path | None = None) -> Cost:
    """Run a command; an exit code that is not allowed stops the measurement."""
    environment = os.environ | ({"HIMOZUKE_CACHE_DIR": str(cache)} if cache else {})
    started = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL, env=environment)
    peak = 0.0
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            break
        peak = max(peak, _peak_mb(process.pid))
        time.sleep(0.05)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in allowed:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {code}")
    # Without /proc the kernel's own figure stands; on Linux it would count the measuring process, too.
    peak = peak or usage.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
    return Cost(code, seconds, usage.ru_utime + usage.ru_stime, peak)


def _peak_mb(process: int) -> float:
    """The most memory a process has held so far."""
    try:
        found = _PEAK.search(Path(f"/proc/{process}/status").read_text("ascii"))
    except OSError:
        return 0.0
    return int(found[1]) / 1024 if found else 0.0
