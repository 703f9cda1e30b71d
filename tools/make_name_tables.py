"""Make the surname and reading tables of names from PyPI ``japanese-personal-name-dataset``.

Writes ``surnames.tsv`` (surname, key, people, reading, kana key) and ``readings.tsv`` (kana key of
a given name, then the kanji keys written so). Keys depend on the kanji tables: make those first.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

from himozuke.identity import kana_name, kanji_name

TABLES = Path(__file__).parent.parent / "src" / "himozuke" / "identity" / "tables"
GIVEN_NAMES = ("first_name_man_org.csv", "first_name_woman_org.csv")


def rows(name: str) -> list[list[str]]:
    """Read one file of the data set."""
    text = files("japanese_personal_name_dataset").joinpath("dataset", name).read_text("utf-8")
    return list(csv.reader(text.splitlines()))


def surnames() -> list[str]:
    """One line a surname, the most frequent first."""
    return [
        "\t".join((surname, kanji_name.key(surname), people, reading, kana_name.key(reading)))
        for surname, people, reading, _ in rows("last_name_org.csv")
    ]


def readings() -> list[str]:
    """One line a reading, with the spellings the data set knows for either sex."""
    spellings: dict[str, set[str]] = defaultdict(set)
    for name in GIVEN_NAMES:
        for reading, _, *written in rows(name):
            spellings[kana_name.key(reading)].update(kanji_name.key(word) for word in written if word)
    return [f"{reading}\t{' '.join(sorted(words))}" for reading, words in sorted(spellings.items())]


def write(name: str, header: str, lines: list[str]) -> None:
    """Write one table with a remark that names its columns."""
    (TABLES / name).write_text("\n".join([f"# {header}", *lines, ""]), "utf-8")


def main() -> None:
    """Make both tables."""
    write("surnames.tsv", "surname\tkey\tpeople\treading\tkana key", surnames())
    write("readings.tsv", "kana key of a given name\tkanji keys", readings())


if __name__ == "__main__":
    main()
