"""``himozuke compare``: two values of one item, or a CSV of pairs."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.entrypoints.comparing import FIELDS, compare_values
from himozuke.entrypoints.places import places_known
from himozuke.errors import InputRejectedError, UsageError
from himozuke.identity.state import Comparison
from himozuke.settings import load


def compare(
    field: Annotated[str | None, Parameter(help=f"One of {', '.join(FIELDS)}.")] = None,
    a: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    b: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    *,
    csv_file: Annotated[Path | None, Parameter(name="--csv", help="CSV with the columns field,a,b.")] = None,
    mergers: Annotated[Path | None, Parameter(help="CSV of municipality changes instead of the packaged list.")] = None,
    address_base: Annotated[Path | None, Parameter(help="Folder with files of the Address Base Registry.")] = None,
    format: Format = "table",
) -> int:
    """Compare two values of one item and say how they agree.

    2つの値を比べる。

    Prints the state and its detail, separated by a tab. With --csv every line of the file is answered in
    order; --format csv adds the columns state,detail.
    """
    compare_pair = partial(compare_values, gazetteer=places_known(load(), mergers, address_base))
    if csv_file is not None:
        return _compare_file(csv_file, compare_pair, format)
    if field is None or a is None or b is None:
        raise UsageError("Give a field and two values, or --csv FILE. See himozuke compare --help.")
    found = compare_pair(field, a, b)
    if format == "table":
        print(f"{found.state.word}\t{found.detail}")
    else:
        row = {"field": field, "a": a, "b": b, "state": found.state.word, "detail": found.detail}
        show(tuple(row), [row], format)
    return 0


def _compare_file(path: Path, compare_pair: Callable[[str, str, str], Comparison], form: Format) -> int:
    header, rows = _pairs(path)
    place = {name: header.index(name) for name in ("field", "a", "b")}
    answers = []
    for row in rows:
        field, a, b = (row[place[name]] for name in ("field", "a", "b"))
        found = compare_pair(field, a, b) if field in FIELDS else None
        answers.append((found.state.word, found.detail) if found else ("unknown", f"no such field: {field}"))
    if form == "table":
        for state, detail in answers:
            print(f"{state}\t{detail}")
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow([*header, "state", "detail"])
        writer.writerows([*row, *answer] for row, answer in zip(rows, answers, strict=True))
    else:
        columns = [*header, "state", "detail"]
        show(columns, [dict(zip(columns, [*r, *a], strict=True)) for r, a in zip(rows, answers, strict=True)], form)
    return 0


def _pairs(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header and the rows, each as long as the header."""
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.") from error
    try:
        lines = list(csv.reader(io.StringIO(_decoded(content), newline="")))
    except csv.Error as error:
        raise InputRejectedError(
            f"{path.name} cannot be read as CSV ({error}). Look for a quote without end."
        ) from error
    header = lines[0] if lines else []
    missing = {"field", "a", "b"} - set(header)
    if missing:
        raise InputRejectedError(f"{path.name} lacks the columns {', '.join(sorted(missing))}; it needs field,a,b.")
    width = len(header)
    return header, [(line + [""] * width)[:width] for line in lines[1:]]


def _decoded(content: bytes) -> str:
    """UTF-8, else CP932; else UTF-8 with a sign for each unreadable character, so that no line is lost."""
    from himozuke.gateways.tables.encoding import UTF_8_BOM, decode_at_once

    text = decode_at_once(content)
    return content.decode(UTF_8_BOM, "replace") if text is None else text
