"""What became of municipalities: mergers, splits, renamings and new wards."""

from __future__ import annotations

import csv
import lzma
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, TextIO

from himozuke.errors import InputRejectedError, UsageError

PACKAGED = "tables/municipality_mergers.tsv.xz"
HOPS = 4  # no municipality of the packaged history was followed further
COLUMNS = (
    "date",
    "from_pref_name",
    "from_city_desig_name",
    "from_city_name",
    "to_pref_name",
    "to_city_desig_name",
    "to_city_name",
)

# The list gives the branch office of Hokkaido where it gives the 郡 elsewhere; no address does.
BRANCH_OFFICE = re.compile(r".*(?:支庁|振興局)$")


class Change(NamedTuple):
    """One municipality that went over, wholly or in part, into another.

    ``on`` is the ISO date it took effect. Names are complete: prefecture, 郡 or designated city, name.
    """

    on: str
    former: str
    later: str


class Mergers:
    """The history of municipality names."""

    def __init__(self, changes: Iterable[Change]) -> None:
        """Take the changes in any order."""
        found = sorted({change for change in changes if change.former != change.later})
        self.changes = tuple(found)
        self._by_former: dict[str, list[Change]] = defaultdict(list)
        for change in found:
            self._by_former[change.former].append(change)

    @property
    def former_names(self) -> Iterable[str]:
        """Every complete name that something else came after."""
        return self._by_former.keys()

    def successors(self, name: str, in_force: Container[str]) -> tuple[str, ...]:
        """The names in force that a municipality, or part of it, belongs to at present.

        More than one when it was split. A designated city counts as in force although addresses name
        its wards. The name itself is never among them.
        """
        reached: dict[str, None] = {}
        front = [(name, "")]
        for _ in range(HOPS):
            following: list[tuple[str, str]] = []
            for former, since in front:
                following += [(c.later, c.on) for c in self._by_former.get(former, ()) if c.on >= since]
            reached.update(dict.fromkeys(later for later, _ in following))
            front = following
        return tuple(later for later in reached if later in in_force and later != name)


def changes_in_csv(lines: TextIO, name: str) -> Iterator[Change]:
    """Read the e-Stat list (廃置分合等情報) as jpcity publishes it.

    Rows that only create or end something (new wards, a 郡 dissolved) say nothing about a successor.
    """
    reader = csv.DictReader(lines)
    lacking = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if lacking:
        message = (
            f"Cannot read municipality changes from {name}: column {', '.join(lacking)} is missing; former "
            "addresses would not be recognised. Give a file in the layout of the e-Stat 廃置分合 list."
        )
        raise InputRejectedError(message)
    for row in reader:
        former, later = (
            row[f"{side}_pref_name"] + BRANCH_OFFICE.sub("", row[f"{side}_city_desig_name"]) + row[f"{side}_city_name"]
            for side in ("from", "to")
        )
        if row["from_pref_name"] and later and former != later:
            yield Change(row["date"], former, later)


def load_mergers(path: Path | None = None) -> Mergers:
    """Load the municipality changes of a file, or the packaged ones up to 2024-01-01.

    The file is a CSV in UTF-8 with the columns of the e-Stat list; raises ``InputRejectedError`` when
    they are not there or the file is not UTF-8, ``UsageError`` when there is no such file.
    """
    if path is not None:
        try:
            with path.open(encoding="utf-8-sig", newline="") as lines:
                return Mergers(changes_in_csv(lines, path.name))
        except FileNotFoundError as error:
            raise UsageError(f"There is no file {path}. Give the list of municipality changes as CSV.") from error
        except UnicodeDecodeError as error:
            raise InputRejectedError(f"{path.name} is not UTF-8. Save it as CSV in UTF-8.") from error
    packed = files("himozuke.identity").joinpath(PACKAGED).read_bytes()
    rows = (line.split("\t") for line in lzma.decompress(packed).decode("utf-8").splitlines())
    return Mergers(Change(*row) for row in rows if not row[0].startswith("#"))
