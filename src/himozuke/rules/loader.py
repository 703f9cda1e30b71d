"""Reading rule files: every doubt about a row stops the program, naming file and row."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from himozuke.errors import RuleError
from himozuke.rules.model import RuleBook, RuleEntry, close, digest
from himozuke.rules.schema import FIRST_DAY, KNOWN, kind_of

NEEDED = ("key", "from", "is", "source", "title_ja")
ALLOWED = (*NEEDED, "to", "note", "source_en")


def load(extra: Sequence[Path] = ()) -> RuleBook:
    """Read the packaged rules and, over them, files (or directories of ``*.toml``) of the user.

    A row of the user with the key and the ``from`` of an earlier row replaces that row; any other
    row is added. RuleError for an unknown key or field, a wrong type, a missing source, a gap or an
    overlap, naming the file and the row.
    """
    rows = {(entry.key, entry.since): entry for entry in _packaged()}
    for path in _files(extra):
        rows |= {(entry.key, entry.since): entry for entry in read(path.name, _text(path))}
    by_key: dict[str, list[RuleEntry]] = {}
    for entry in rows.values():
        by_key.setdefault(entry.key, []).append(entry)
    _check_keys(by_key)
    closed = {key: close(key, entries) for key, entries in by_key.items()}
    return RuleBook(closed, digest(closed))


def read(name: str, text: str) -> tuple[RuleEntry, ...]:
    """Read the rows of one file; RuleError names the file and the row."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{name}: not valid TOML: {error}."
        raise RuleError(message) from None
    strange = [field for field in document if field != "value"]
    if strange or not isinstance(document.get("value"), list):
        message = f"{name}: a rule file holds only [[value]] rows; found {', '.join(strange) or 'none'}."
        raise RuleError(message)
    entries: dict[tuple[str, date], RuleEntry] = {}
    for number, row in enumerate(document["value"], 1):
        entry = _entry(name, number, row)
        twin = entries.setdefault((entry.key, entry.since), entry)
        if twin is not entry:
            message = f"{entry.place}: overlap with {twin.place}: both begin on {entry.since}. Keep one."
            raise RuleError(message)
    return tuple(entries.values())


def _entry(name: str, number: int, row: Mapping[str, Any]) -> RuleEntry:
    place = f"{name} [[value]] {number}"
    key = row.get("key", "")
    if isinstance(key, str) and key:
        place += f" ({key})"
    strange = [field for field in row if field not in ALLOWED]
    absent = [field for field in NEEDED if field not in row]
    if strange:
        message = f"{place}: unknown field {strange[0]!r}; a row may hold {', '.join(ALLOWED)}."
        raise RuleError(message)
    if absent:
        message = f"{place}: {absent[0]} is missing; every value needs {', '.join(NEEDED)}."
        raise RuleError(message)
    _check_texts(place, row)
    kind = kind_of(key)
    if kind is None:
        message = f"{place}: unknown key; known keys: {', '.join(KNOWN)}."
        raise RuleError(message)
    try:
        value = kind.read(row["is"])
    except ValueError as error:
        message = f"{place}: wrong value: {error}."
        raise RuleError(message) from None
    return RuleEntry(
        key,
        row["from"],
        row.get("to"),
        value,
        row["source"].strip(),
        row["title_ja"],
        row.get("note", ""),
        place,
        row.get("source_en", ""),
    )


def _check_texts(place: str, row: Mapping[str, Any]) -> None:
    for field in ("key", "source", "title_ja"):
        if not isinstance(row[field], str) or not row[field].strip():
            message = f"{place}: {field} must be text and not empty; a rule nobody can trace is no rule."
            raise RuleError(message)
    for field in ("note", "source_en"):
        if not isinstance(row.get(field, ""), str):
            message = f"{place}: {field} must be text."
            raise RuleError(message)
    for field in ("from", "to"):
        if field in row and type(row[field]) is not date:
            message = f"{place}: {field} must be a day such as 2023-06-01, without quotes or time."
            raise RuleError(message)
    if "to" in row and row["to"] < row["from"]:
        message = f"{place}: to ({row['to']}) lies before from ({row['from']})."
        raise RuleError(message)


def _check_keys(by_key: Mapping[str, list[RuleEntry]]) -> None:
    absent = [key for key in KNOWN if key not in by_key]
    if absent:
        message = f"law: no row for {absent[0]}; every known key needs a value from {FIRST_DAY}."
        raise RuleError(message)
    for key, entries in by_key.items():
        first = min(entries, key=lambda entry: entry.since)
        if first.since > FIRST_DAY:
            message = (
                f"{first.place}: {key} has a gap: nothing is said from {FIRST_DAY}, the first day of "
                f"Individual Numbers, until {first.since}. Add the row that held before, with its source."
            )
            raise RuleError(message)


@cache
def _packaged() -> tuple[RuleEntry, ...]:
    folder = resources.files("himozuke.rules") / "law"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    entries: dict[tuple[str, date], RuleEntry] = {}
    for file in files:
        for entry in read(file.name, file.read_text("utf-8")):
            twin = entries.setdefault((entry.key, entry.since), entry)
            if twin is not entry:
                message = f"{entry.place}: overlap with {twin.place}: both begin on {entry.since}. Keep one."
                raise RuleError(message)
    return tuple(entries.values())


def _files(paths: Sequence[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            found = sorted(path.glob("*.toml"))
            if not found:
                message = f"{path}: no rule file (*.toml) in this directory."
                raise RuleError(message)
            yield from found
        else:
            yield path


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path}: cannot be read as a rule file: {error}."
        raise RuleError(message) from None
