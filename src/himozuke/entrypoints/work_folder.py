"""Where half-done results live: one folder a job, found again after a crash, never in the way."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = ".work-"


@contextmanager
def work_folder(out: Path, fingerprint: str) -> Iterator[Path]:
    """Open the work folder of a job; it is gone when the job has succeeded.

    A folder that a dead process left for the same job is resumed, one for another job removed. The lock
    is the kernel's and dies with its process. When two processes do the same job at once, the second
    works in a folder of its own.
    """
    out.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(out, keep=fingerprint)
    folder = out / f"{_PREFIX}{fingerprint}"
    lock = _try_lock(folder)
    if lock is None:
        folder = out / f"{_PREFIX}{fingerprint}-{os.getpid()}"
        lock = _try_lock(folder)
    if lock is None:
        raise AssertionError("a folder of this process cannot be locked by another")
    try:
        yield folder
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)


def _try_lock(folder: Path) -> int | None:
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _remove_abandoned(out: Path, *, keep: str) -> None:
    for folder in out.glob(f"{_PREFIX}*"):
        if folder.name == f"{_PREFIX}{keep}":
            continue
        lock = _try_lock(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)
