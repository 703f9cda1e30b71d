"""Printing a list: as a table for people, as CSV or JSON for programs."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from rich.console import Console
from rich.table import Table

Format = Literal["table", "csv", "json"]


def text(value: object) -> str:
    """The value as people read it: items joined, rows of a decision table one below the other."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {text(cell)}" for name, cell in value.items())
    if isinstance(value, list | tuple):
        return ("\n" if any(isinstance(part, Mapping) for part in value) else ", ").join(map(text, value))
    return str(value)


def show(
    columns: Sequence[str], rows: Iterable[Mapping[str, object]], form: Format, *, as_records: bool = False
) -> None:
    """Print the rows to standard output, with the columns in the order given.

    A table has one line for each row or, ``as_records``, one line for each field that says something.
    """
    if form == "json":
        chosen = [{column: row[column] for column in columns} for row in rows]
        print(json.dumps(chosen, ensure_ascii=False, indent=2, default=str))
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([text(row[column]) for column in columns] for row in rows)
    elif as_records:
        _show_records(columns, rows)
    else:
        _show_table(columns, rows)


def _show_table(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*[text(row[column]) for column in columns])
    _console().print(table)


def _show_records(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for number, row in enumerate(rows):
        if number:
            table.add_row()
        for column in columns:
            if said := text(row[column]):
                table.add_row(column, said)
    _console().print(table)


def _console() -> Console:
    console = Console(markup=False, highlight=False, emoji=False)
    if not console.is_terminal:
        console.width = 200
    return console
