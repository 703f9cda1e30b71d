"""One link at a time, with the same verdict as the file it would stand in."""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from himozuke import schemes
from himozuke.entrypoints.inspecting import Options, inspect_into, prepare_register
from himozuke.errors import InputRejectedError

_NOT_A_LINK = {
    "column": "",
    "code": "not_a_link",
    "reason": "JSONとして読めないか、紐付けの項目がありません。",
    "remedy": "英語の列名をキーとするJSONオブジェクトを1行に1件書いてください。",
}


def read_links(text: str) -> list[dict[str, Any] | None]:
    """Read one JSON object, a JSON list, or JSON lines; None where a line holds no object."""
    try:
        content = json.loads(text)
    except json.JSONDecodeError:
        content = [_line(line) for line in text.splitlines() if line.strip()]
    links = content if isinstance(content, list) else [content]
    if not any(isinstance(link, dict) and link for link in links):
        raise InputRejectedError("A link is a JSON object with the English column names as keys; there is none.")
    return [link if isinstance(link, dict) and link else None for link in links]


def _line(line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError:
        return None


def verify_links(
    text: str, register: object, *, scheme: str, on: date, options: Options
) -> tuple[list[dict[str, Any]], int]:
    """Verify links each on its own: what stands in other links never speaks of one.

    Returns an answer per link, in order, and the exit code; ``row`` counts the links from 1. A link that
    cannot be understood is answered with ``quarantined``: column, code, reason and remedy.
    InputRejectedError when nothing there is a link, or the register cannot be read.
    """
    links = read_links(text)
    schemes.find(scheme)
    prepared = prepare_register(register, on=on, options=options).folder  # once, not for every link
    answers: list[dict[str, Any]] = []
    codes = set()
    for row, link in enumerate(links, 1):
        if link is None:
            answers.append({"row": row, "quarantined": _NOT_A_LINK})
            codes.add(4)
            continue
        answer, code = _verify(link, prepared, scheme=scheme, on=on, options=options)
        answers.append(answer | {"row": row})
        codes.add(code)
    return answers, next((code for code in (4, 3) if code in codes), 0)


def _verify(
    link: dict[str, Any], register: Path, *, scheme: str, on: date, options: Options
) -> tuple[dict[str, Any], int]:
    with tempfile.TemporaryDirectory(prefix="himozuke-") as folder:
        table = pa.table({key: [_text(value)] for key, value in link.items()})
        try:
            found = inspect_into(table, register, Path(folder), scheme=scheme, on=on, options=options)
        except InputRejectedError:
            return {"quarantined": _NOT_A_LINK}, 4
        verdicts = found.verdicts.to_pylist()
        return (verdicts[0] if verdicts else _set_aside(Path(folder), link)), found.exit_code


def _text(value: object) -> str:
    """The text of a value; half of a surrogate pair becomes the sign for an unreadable character."""
    text = "" if value is None else str(value)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _set_aside(folder: Path, link: dict[str, Any]) -> dict[str, Any]:
    with (folder / "quarantine.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    about = {name: rows[0][name] for name in ("column", "value", "code", "reason", "remedy")} if rows else _NOT_A_LINK
    return {"link_id": _text(link.get("link_id")), "quarantined": about}
