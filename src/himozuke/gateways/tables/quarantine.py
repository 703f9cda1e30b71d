"""Rows that cannot be understood: set aside with line, column, masked value, reason and remedy."""

from __future__ import annotations

import csv
import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from himozuke.identity import individual_number

HEADER = ("line", "row", "column", "value", "code", "reason", "remedy")
NUMBER_COLUMNS = frozenset({"individual_number", "previous_number"})
LANGUAGES = ("ja", "en")
_SHOWN_CHARACTERS = 40
_LONG_RUN = re.compile(r"\d(?:[\s\-]?\d){9,}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@cache
def _texts() -> Mapping[str, Mapping[str, str]]:
    content = resources.files(__package__).joinpath("quarantine.toml").read_text(encoding="utf-8")
    return tomllib.loads(content)


def codes() -> tuple[str, ...]:
    """Every code a row can be set aside with."""
    return tuple(_texts())


class Quarantined(NamedTuple):
    """One row that was set aside; ``value`` is masked, ``facts`` fill the sentences (``key=value``)."""

    line: int
    row: int
    column: str
    value: str
    code: str
    facts: str = ""

    def sentence(self, which: str, language: str = "ja") -> str:
        """The ``reason`` or the ``remedy`` in ``ja`` or ``en``."""
        facts = dict(fact.split("=", 1) for fact in self.facts.split("\t") if fact)
        return _texts()[self.code][f"{which}_{language}"].format_map(facts)

    @property
    def reason(self) -> str:
        """Why the row cannot be understood, in Japanese."""
        return self.sentence("reason")

    @property
    def remedy(self) -> str:
        """What to do about it, in Japanese."""
        return self.sentence("remedy")


def facts(**values: object) -> str:
    """The facts of a row as one text, for :class:`Quarantined`."""
    return "\t".join(f"{key}={value}" for key, value in values.items())


def shown(text: str, column: str = "") -> str:
    """The text as a quarantine list may show it: short, printable, no Individual Number in it.

    In a column of Individual Numbers, and in a whole broken line (no column), every long run of
    digits may be a damaged number, so that all digits are hidden.
    """
    if column in NUMBER_COLUMNS:
        text = individual_number.mask_digits(text)
    elif column:
        text = _LONG_RUN.sub(lambda run: individual_number.mask_digits(run[0]), text)
    else:
        text = re.sub(r"\d", "*", text)
    text = _CONTROL.sub("\N{WHITE SQUARE}", text)
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


_SCHEMA = pa.schema(
    [
        ("line", pa.int64()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("code", pa.string()),
        ("facts", pa.string()),
    ]
)


class QuarantineList:
    """All rows set aside from one file, in file order, held compactly."""

    def __init__(self) -> None:
        self._batches: list[pa.RecordBatch] = []
        self.count_by_code: Counter[str] = Counter()

    def extend(self, rows: Iterable[Quarantined]) -> None:
        """Add rows; they come in file order."""
        added = list(rows)
        if added:
            self._batches.append(
                pa.record_batch(
                    [pa.array(values, f.type) for values, f in zip(zip(*added, strict=True), _SCHEMA, strict=True)],
                    schema=_SCHEMA,
                )
            )
            self.count_by_code.update(row.code for row in added)

    def __len__(self) -> int:
        return sum(batch.num_rows for batch in self._batches)

    def __iter__(self) -> Iterator[Quarantined]:
        for batch in self._batches:
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                yield Quarantined(*values)

    def table(self, language: str = "ja") -> pa.Table:
        """The list as an Arrow table with the columns of ``quarantine.csv``."""
        found = [
            (q.line, q.row, q.column, q.value, q.code, q.sentence("reason", language), q.sentence("remedy", language))
            for q in self
        ]
        types = [pa.int64(), pa.int64()] + [pa.string()] * 5
        columns = list(zip(*found, strict=True)) or [()] * len(HEADER)
        return pa.table([pa.array(c, t) for c, t in zip(columns, types, strict=True)], names=list(HEADER))


def write_quarantine(path: Path, quarantined: Iterable[Quarantined], language: str = "ja") -> int:
    """Write ``quarantine.csv`` (UTF-8 with BOM) by rename; return the number of rows written."""
    half_done = path.with_name(f".{path.name}.{os.getpid()}.part")
    count = 0
    with half_done.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        for q in quarantined:
            row = (q.line, q.row, q.column, _harmless(q.value), q.code)
            writer.writerow((*row, q.sentence("reason", language), q.sentence("remedy", language)))
            count += 1
    half_done.replace(path)
    return count


def _harmless(value: str) -> str:
    # a spreadsheet would run a value that begins like a formula
    return "'" + value if value[:1] in {"=", "+", "-", "@"} else value
