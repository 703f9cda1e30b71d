"""Writing result files so that a reader never meets half of one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def replacing(path: Path, *, encoding: str, newline: str | None = "") -> Iterator[TextIO]:
    """Open a text file for writing that takes its name only when it is complete.

    A writer that fails leaves the former file as it was.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with partial.open("w", encoding=encoding, newline=newline) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write one whole UTF-8 text file by rename."""
    with replacing(path, encoding="utf-8") as file:
        file.write(text)
