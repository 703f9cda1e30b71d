"""The Address Base Registry (アドレス・ベース・レジストリ): which lots (地番) and houses (住居表示) there are.

Some pairs of addresses no list of towns can decide: 4番1号 and 4番地1, a 小字 left out, a ward left out. Whoever
has the files of the registry for the municipalities in question loads them, and the pairs are decided by what exists.
"""

from __future__ import annotations

import csv
import io
import unicodedata
import zipfile
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import blake2b, sha256
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np
import numpy.typing as npt

from himozuke.errors import InputRejectedError, UsageError

# A kind of file is known by its columns; files with others (positions, kana) are left alone.
TOWN = ("lg_code", "machiaza_id", "pref", "county", "city", "ward", "oaza_cho", "chome", "koaza")
LOT = ("lg_code", "machiaza_id", "prc_num1", "prc_num2", "prc_num3")
HOUSE = ("lg_code", "machiaza_id", "blk_num", "rsdt_num", "rsdt_num2")
ENDED = "ablt_date"  # the day a town, lot or house ceased to be

Hashes = npt.NDArray[np.uint64]


class AddressBase(NamedTuple):
    """What a folder of the registry's files holds.

    ``towns``: 全国地方公共団体コード with 町字ID → the written name from the prefecture to the 小字. ``lots`` and ``houses``:
    sorted hashes of such a code with a number (see :func:`number_of`). ``digest``: SHA-256 of the files read.
    ``unknown``: rows whose town no file names, which decide nothing.
    """

    towns: Mapping[str, str]
    lots: Hashes
    houses: Hashes
    digest: str
    files: tuple[str, ...]
    unknown: int

    def has_lot(self, town: str, numbers: tuple[str, ...]) -> bool:
        """Tell whether a lot of that number (4番地1: ``("4", "1")``) is in the town."""
        return _holds(self.lots, town, numbers)

    def has_house(self, town: str, numbers: tuple[str, ...]) -> bool:
        """Tell whether a house of that number (4番1号: ``("4", "1")``) is in the town."""
        return _holds(self.houses, town, numbers)


def number_of(parts: tuple[str, ...]) -> str:
    """Join the figures of a number, without zeros in front and without empty parts."""
    plain = (unicodedata.normalize("NFKC", part).strip().upper() for part in parts)
    return "-".join(part.lstrip("0") or "0" for part in plain if part)


def _hash(town: str, number: str) -> int:
    return int.from_bytes(blake2b(f"{town} {number}".encode(), digest_size=8).digest(), "little")


def _holds(hashes: Hashes, town: str, numbers: tuple[str, ...]) -> bool:
    wanted = np.uint64(_hash(town, number_of(numbers)))
    place = int(np.searchsorted(hashes, wanted))
    return place < len(hashes) and bool(hashes[place] == wanted)


def read_base(folder: Path) -> AddressBase:
    """Read the CSV files of a folder, as they are or zipped as the registry gives them out.

    UsageError when there is no such folder; InputRejectedError names the file that cannot be read, or says that the
    list of towns (mt_town) or every list of lots and houses (mt_parcel, mt_rsdtdsp_rsdt) is missing.
    """
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}. Give the folder with the registry's CSV or ZIP files.")
    found = _Reading()
    for path in sorted(path for path in folder.iterdir() if path.suffix.lower() in {".csv", ".zip"}):
        found.read(path)
    lacking = "mt_town" if not found.towns else "" if found.lots or found.houses else "mt_parcel, mt_rsdtdsp_rsdt"
    if lacking:
        raise InputRejectedError(
            f"{folder.name} holds no list {lacking} of the Address Base Registry, so no address can be looked up. "
            "Put the files of the municipalities in question there: mt_town, and mt_parcel or mt_rsdtdsp_rsdt."
        )
    return found.whole()


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.towns: dict[str, str] = {}
        self.lots = array("Q")
        self.houses = array("Q")
        self._rows_of: Counter[str] = Counter()
        self._used: list[Path] = []

    def whole(self) -> AddressBase:
        """Everything read, ready to be asked."""
        unknown = sum(count for town, count in self._rows_of.items() if town not in self.towns)
        names = tuple(path.name for path in self._used)
        return AddressBase(self.towns, _sorted(self.lots), _sorted(self.houses), _digest(self._used), names, unknown)

    def read(self, path: Path) -> None:
        """Read the lists of one file; one that is not needed here is passed over."""
        try:
            with _texts(path) as texts:
                needed = [self._read_list(path.name, csv.reader(lines)) for lines in texts]
            if any(needed):
                self._used.append(path)
        except zipfile.BadZipFile as error:
            raise InputRejectedError(f"{path.name} is no whole ZIP file ({error}). Fetch it again.") from error
        except (UnicodeDecodeError, csv.Error) as error:
            raise InputRejectedError(
                f"{path.name} cannot be read as CSV in UTF-8 ({error}). Fetch it again."
            ) from error

    def _read_list(self, name: str, rows: Iterator[list[str]]) -> bool:
        header = next(rows, [])
        kind = next((kind for kind in (TOWN, LOT, HOUSE) if set(kind) <= set(header)), None)
        if kind is None:
            return False
        places = [header.index(column) for column in kind]
        ended = header.index(ENDED) if ENDED in header else None
        width = max([*places, ended or 0]) + 1
        for line, row in enumerate(rows, 2):
            if len(row) < width:
                raise InputRejectedError(
                    f"{name}, line {line}: {len(row)} columns where {width} are needed. Fetch the file again."
                )
            if ended is None or not row[ended]:
                code, machiaza, *parts = (row[place] for place in places)
                self._keep(kind, code + machiaza, tuple(parts))
        return True

    def _keep(self, kind: tuple[str, ...], town: str, parts: tuple[str, ...]) -> None:
        if kind is TOWN:
            self.towns[town] = "".join(parts)
            return
        self._rows_of[town] += 1
        numbers = self.lots if kind is LOT else self.houses
        numbers.append(_hash(town, number_of(parts)))


def _sorted(values: array[int]) -> Hashes:
    return np.unique(np.frombuffer(values, np.uint64)) if values else np.empty(0, np.uint64)


def _digest(paths: list[Path]) -> str:
    whole = sha256()
    for path in paths:
        with path.open("rb") as file:
            for block in iter(lambda: file.read(1 << 20), b""):
                whole.update(block)
    return whole.hexdigest()


@contextmanager
def _texts(path: Path) -> Iterator[Iterator[TextIO]]:
    """Every CSV of a file as text."""
    if path.suffix.lower() == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as lines:
            yield iter([lines])
        return
    with zipfile.ZipFile(path) as packed:
        names = [name for name in packed.namelist() if name.lower().endswith(".csv")]
        yield (io.TextIOWrapper(packed.open(name), encoding="utf-8-sig", newline="") for name in names)
