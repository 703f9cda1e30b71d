"""``himozuke schemes``: the codes, what each scheme holds and what it must hold on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.rules.loader import load
from himozuke.schemes import all_schemes

COLUMNS = ("code", "name_ja", "name_en", "items_held", "from", "items_required")


def schemes_command(
    *,
    on: Annotated[date | None, Parameter(name="--on", help="The day; without it every period is listed.")] = None,
    extra: Annotated[
        list[Path] | None, Parameter(name=("--rules", "--extra"), help="Your own rule files.", negative="")
    ] = None,
    format: Format = "table",
) -> None:
    """List the schemes: code, name, the items they hold and the items they must hold, by date.

    Parameters
    ----------
    format
        table, csv or json.
    """
    book = load(extra or ())
    rows = []
    for scheme in all_schemes():
        key = scheme.required_items_key
        for entry in (book.entry(key, on),) if on else book.entries(key):
            row = {
                "code": scheme.code,
                "name_ja": scheme.name_ja,
                "name_en": scheme.name_en,
                "items_held": list(scheme.items_held),
                "from": entry.since.isoformat(),
                "items_required": list(scheme.items_required(book, entry.since)),
            }
            rows.append(row)
    show(COLUMNS, rows, format)
