"""Listing the rows of one funnel step from the files of a finished inspection."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from himozuke.errors import UsageError
from himozuke.inspection import words
from himozuke.inspection.funnel import belongs
from himozuke.inspection.model import ITEMS

COLUMNS = ("row", "link_id", "verdict", "action", "restriction", "cause", "rank", "reasons", "quarantine")

_KEY = ("verdict", "action", *(f"state_{item}" for item in ITEMS))
_SEPARATOR = "\x1f"


def read_funnel(folder: Path) -> Sequence[Mapping[str, object]]:
    """Read the steps of a finished inspection from ``funnel.json``."""
    try:
        steps: Sequence[Mapping[str, object]] = json.loads((folder / "funnel.json").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{folder} is not the result of a finished inspection: its funnel.json cannot be read. "
            "Name the folder given to inspect as --out."
        ) from error
    return steps


def rows_of_step(folder: Path, step: str) -> Iterator[Mapping[str, object]]:
    """Give the rows of a step: verdicted links in file order, then rows in quarantine.

    Columns as in :data:`COLUMNS`. Raises UsageError for an unknown step.
    """
    if step not in words.funnel_steps():
        known = ", ".join(words.funnel_steps())
        raise UsageError(f"There is no step “{step}” in the funnel; the steps are {known}.")
    if step != "quarantined":
        yield from _verdicted(folder / "verdicts.parquet", step)
    if step in ("data_rows", "quarantined"):
        yield from _quarantined(folder / "quarantine.csv")


def _verdicted(path: Path, step: str) -> Iterator[Mapping[str, object]]:
    columns = list(dict.fromkeys((*COLUMNS[:-1], *_KEY)))
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=columns):
            kept = batch.filter(_mask(batch, step))
            for row in kept.select(list(COLUMNS[:-1])).to_pylist():
                yield row | {"quarantine": ""}


def _mask(batch: pa.RecordBatch, step: str) -> pa.Array:
    """Decide once for every distinct outcome in the batch, then spread the answer over its rows."""
    texts = [batch.column(name).cast(pa.string()) for name in _KEY]
    outcomes = pc.binary_join_element_wise(*texts, _SEPARATOR).dictionary_encode()
    answers = []
    for outcome in outcomes.dictionary.to_pylist():
        verdict, action, *states = outcome.split(_SEPARATOR)
        answers.append(belongs(step, verdict, action, states))
    return pa.array(answers, pa.bool_()).take(outcomes.indices)


def _quarantined(path: Path) -> Iterator[Mapping[str, object]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield dict.fromkeys(COLUMNS, "") | {"row": int(row["row"]), "quarantine": row["code"]}
