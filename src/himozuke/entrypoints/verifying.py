"""One link at a time, with the same verdict as the file it would stand in."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from himozuke.entrypoints.inspecting import Options, inspect_into
from himozuke.errors import InputRejectedError


def read_links(text: str) -> list[dict[str, Any]]:
    """Read one JSON object, a JSON list, or JSON lines; InputRejectedError names the line."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        content = [_line(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    links = content if isinstance(content, list) else [content]
    if not links or not all(isinstance(link, dict) for link in links):
        raise InputRejectedError("A link is a JSON object with the English column names as keys.")
    return links


def _line(number: int, line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        message = f"Line {number} is not JSON ({error.msg}). Give one JSON object a line."
        raise InputRejectedError(message) from error


def verify_links(
    text: str, register: object, *, scheme: str, on: date, options: Options
) -> tuple[list[dict[str, Any]], int]:
    """Verify links each on its own: what stands in other links never speaks of one.

    Returns an answer per link, in order, and the exit code. A link that cannot be understood is answered
    with ``quarantined``: column, code, reason and remedy.
    """
    links = read_links(text)
    answers: list[dict[str, Any]] = []
    codes = set()
    for link in links:
        with tempfile.TemporaryDirectory(prefix="himozuke-") as folder:
            table = pa.table({key: [_text(value)] for key, value in link.items()})
            found = inspect_into(table, register, Path(folder), scheme=scheme, on=on, options=replace(options))
            codes.add(found.exit_code)
            answers += found.verdicts.to_pylist() or [_set_aside(Path(folder), link)]
    return answers, next((code for code in (4, 3) if code in codes), 0)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _set_aside(folder: Path, link: dict[str, Any]) -> dict[str, Any]:
    import csv

    with (folder / "quarantine.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return {"link_id": _text(link.get("link_id")), "quarantined": rows[0] if rows else {}}
