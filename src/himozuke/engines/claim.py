"""Folders for half-done work: held by one process, given back when it dies, never in anybody's way."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

_LOCK = "lock"


def claim(folder: Path) -> int | None:
    """Make a folder and hold it: an open file to be given to :func:`discard`, None while somebody holds it.

    The lock is the kernel's and dies with its process.
    """
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
        except FileNotFoundError:  # its holder has just put it away
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return None
        if _stands(folder / _LOCK, handle):
            return handle
        os.close(handle)


def _stands(lock: Path, handle: int) -> bool:
    """Tell whether the file that was locked is still the one that others would meet."""
    try:
        return os.path.samestat(lock.stat(), os.fstat(handle))
    except FileNotFoundError:
        return False


def discard(folder: Path) -> None:
    """Remove a folder that this process holds; it is gone for others before its files go."""
    gone = folder.with_name(f".{folder.name.lstrip('.')}.{uuid4().hex[:12]}.gone")
    try:
        folder.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)


def discard_abandoned(folders: Iterable[Path]) -> None:
    """Remove the folders that nobody holds; one that is in use is left alone."""
    for folder in folders:
        handle = claim(folder)
        if handle is not None:
            discard(folder)
            os.close(handle)
