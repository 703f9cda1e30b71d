"""Where half-done results live: one folder a job, found again after a crash, never in the way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from himozuke.engines.claim import claim, discard, discard_abandoned
from himozuke.errors import InputRejectedError, UsageError

_PREFIX = ".work-"


@contextmanager
def work_folder(out: Path, fingerprint: str) -> Iterator[Path]:
    """Open the work folder of a job; it is gone when the job has succeeded or its input was refused.

    A folder that a dead process left for the same job is resumed, one for another job removed. When two
    processes do the same job at once, the second works in a folder of its own.
    """
    out.mkdir(parents=True, exist_ok=True)
    own = f"{_PREFIX}{fingerprint}"
    discard_abandoned(folder for folder in out.glob(f"{_PREFIX}*") if folder.name != own)
    folder, handle = _claim_first(out / own)
    try:
        yield folder
        discard(folder)
    except (InputRejectedError, UsageError):  # nothing in it could be used again
        discard(folder)
        raise
    finally:
        os.close(handle)


def _claim_first(folder: Path) -> tuple[Path, int]:
    """The folder of the job, or the first one beside it that no other process holds."""
    for turn in count():
        place = folder.with_name(f"{folder.name}-{turn}") if turn else folder
        handle = claim(place)
        if handle is not None:
            return place, handle
    raise AssertionError("counting does not end")
