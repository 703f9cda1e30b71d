"""The mapping file: which header of a foreign file is which column, and how its dates are coded."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from himozuke.errors import UsageError
from himozuke.gateways.tables.columns import LINKS, Kind, column_by_header, folded
from himozuke.identity.calendar import CodeSystem

_TABLES = {"columns", "dates"}


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What a user says about a file: header by canonical column, and the code system of its dates."""

    header_by_column: Mapping[str, str] = field(default_factory=dict)
    dates: CodeSystem | None = None


def load_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file (TOML: ``[columns]`` canonical = "header", ``[dates]`` code_system).

    Raises :class:`UsageError` when the file is not there or says something unknown.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        raise UsageError(f"Cannot read the mapping {path}: there is no such file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"Cannot read the mapping {path}: it is not TOML ({error}).") from error
    unknown = set(content) - _TABLES
    if unknown:
        raise UsageError(
            f"Cannot read the mapping {path}: unknown table [{min(unknown)}]; known are [columns], [dates]."
        )
    columns = {column: header for column, header in content.get("columns", {}).items() if header}
    if not all(isinstance(header, str) for header in columns.values()):
        raise UsageError(f"Cannot read the mapping {path}: every header in [columns] must be text in quotes.")
    return ColumnMapping(columns, _code_system(content.get("dates", {}), path))


def _code_system(dates: Mapping[str, object], path: Path) -> CodeSystem | None:
    word = dates.get("code_system", "")
    words = [system.value for system in CodeSystem]
    if set(dates) - {"code_system"} or (word and word not in words):
        raise UsageError(f"Cannot read the mapping {path}: [dates] takes code_system = one of {', '.join(words)}.")
    return CodeSystem(word) if word else None


def write_starter_mapping(path: Path, headers: Sequence[str], kind: Kind = LINKS) -> None:
    """Write a mapping file for the user to complete: known headers filled in, the others listed."""
    known = column_by_header(kind)
    found = {known[folded(header)]: header for header in reversed(headers) if folded(header) in known}
    left = [header for header in headers if header and folded(header) not in known]
    lines = [
        "# どの列がどの項目かを書いてください。右側はファイルの見出しです。空のままの項目は「無い」とみなします。",
        '# Write the header of your file beside each column; "" means that the file does not have it.',
        *(["# まだ割り当てのない見出し / headers not yet used: " + ", ".join(left)] if left else []),
        "[columns]",
        *(
            f"{column} = {_quoted(found.get(column, ''))}  # {' / '.join(names)}"
            for column, names in kind.names_by_column.items()
        ),
        "",
        "# 年号を数字で書いた7桁の日付があるとき: レセ (1明 2大 3昭 4平 5令) か 届書 (1明 3大 5昭 7平 9令)",
        "[dates]",
        'code_system = ""',
        "",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\u{ord(c):04X}" for c in escaped) + '"'
