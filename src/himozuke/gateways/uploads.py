"""Files that people send up, kept in the data folder under names of ours."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import uuid4

from himozuke.errors import InputRejectedError, NotFoundError, UpstreamDownError

_AT_ONCE = 1024 * 1024
_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet", ".xlsx")


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file as it was kept: its name below the folder, its size and its SHA-256 digest."""

    stored_as: str
    byte_count: int
    sha256: str


class UploadFolder:
    """A folder for files of bodies, one folder a body; nobody else on the machine may read it."""

    def __init__(self, folder: Path) -> None:
        """Keep files below this folder, which is made when it is first needed."""
        self._folder = folder

    def keep(self, file: IO[bytes], *, organisation_id: int, name: str) -> KeptFile:
        """Copy a file as a stream; it appears whole or not at all.

        InputRejectedError for a kind of file that is no table; UpstreamDownError when the disk gives up.
        """
        suffix = Path(name).suffix.lower()
        if suffix not in _SUFFIXES:
            raise InputRejectedError(
                f"“{Path(name).name}” is no table we can read: give CSV, TSV, Parquet or xlsx ({', '.join(_SUFFIXES)})."
            )
        place = self._folder / str(organisation_id)
        stored = place / f"{uuid4().hex}{suffix}"
        partial = stored.with_suffix(".part")
        digest, size = hashlib.sha256(), 0
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            with partial.open("xb") as kept:
                while block := file.read(_AT_ONCE):
                    digest.update(block)
                    size += len(block)
                    kept.write(block)
                kept.flush()
                os.fsync(kept.fileno())
            partial.rename(stored)
        except OSError as error:
            raise UpstreamDownError(
                f"The file could not be kept: {error.strerror}. Free space and send it again."
            ) from error
        finally:
            partial.unlink(missing_ok=True)
        return KeptFile(f"{organisation_id}/{stored.name}", size, digest.hexdigest())

    def path(self, stored_as: str) -> Path:
        """Where a kept file lies; NotFoundError when it is gone."""
        found = self._folder / stored_as
        if not found.is_file():
            raise NotFoundError("The file is no longer in the data folder. Send it up again.")
        return found
