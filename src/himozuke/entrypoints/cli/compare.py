"""``himozuke compare``: two values of one item, or a CSV of pairs."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.entrypoints.comparing import FIELDS, compare_values
from himozuke.errors import InputRejectedError, UsageError


def compare(
    field: Annotated[str | None, Parameter(help=f"One of {', '.join(FIELDS)}.")] = None,
    a: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    b: Annotated[str | None, Parameter(allow_leading_hyphen=True)] = None,
    *,
    csv_file: Annotated[Path | None, Parameter(name="--csv", help="CSV with the columns field,a,b.")] = None,
    format: Format = "table",
) -> int:
    """Compare two values of one item and say how they agree. / 2つの値を比べる。

    Prints the state and its detail, separated by a tab. With --csv every line of the file is answered in
    order; --format csv adds the columns state,detail.
    """
    if csv_file is not None:
        return _compare_file(csv_file, format)
    if field is None or a is None or b is None:
        raise UsageError("Give a field and two values, or --csv FILE. See himozuke compare --help.")
    found = compare_values(field, a, b)
    if format == "table":
        print(f"{found.state.word}\t{found.detail}")
    else:
        row = {"field": field, "a": a, "b": b, "state": found.state.word, "detail": found.detail}
        show(tuple(row), [row], format)
    return 0


def _compare_file(path: Path, form: Format) -> int:
    rows = _pairs(path)
    answers = []
    for line, row in enumerate(rows, 2):
        if row.get("field") not in FIELDS:
            message = f"{path.name}, line {line}: {row.get('field')!r} is no field. Fields: {', '.join(FIELDS)}."
            raise InputRejectedError(message)
        found = compare_values(row["field"], row["a"] or "", row["b"] or "")
        answers.append(row | {"state": found.state.word, "detail": found.detail})
    columns = [*(rows[0] if rows else ("field", "a", "b")), "state", "detail"]
    if form == "csv":
        writer = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(answers)
    elif form == "json":
        show(columns, answers, form)
    else:
        for answer in answers:
            print(f"{answer['state']}\t{answer['detail']}")
    return 0


def _pairs(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
    except FileNotFoundError as error:
        raise UsageError(f"There is no file {path}.") from error
    except UnicodeDecodeError as error:
        raise InputRejectedError(f"{path.name} is not UTF-8. Save it as CSV in UTF-8.") from error
    missing = {"field", "a", "b"} - set(reader.fieldnames or ())
    if missing:
        raise InputRejectedError(f"{path.name} lacks the columns {', '.join(sorted(missing))}; it needs field,a,b.")
    return rows
