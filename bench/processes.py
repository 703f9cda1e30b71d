"""Running a command to its end and saying what it cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HIMOZUKE = Path(sys.executable).with_name("himozuke")


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process cost: seconds by the clock and by the processors, and peak memory in MB."""

    code: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def run(command: Sequence[str | Path], *, allowed: tuple[int, ...] = (0, 3, 4)) -> Cost:
    """Run a command; an exit code that is not allowed stops the measurement."""
    started = time.perf_counter()
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in allowed:
        raise SystemExit(f"{' '.join(map(str, command))} ended with {code}")
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Cost(code, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)
