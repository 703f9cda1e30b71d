"""How inquiry and answer files are written: names of files and columns, encoding, last line."""

from __future__ import annotations

import csv
import io
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from himozuke.errors import InputRejectedError, UsageError

_PACKAGED = "layout.toml"


@dataclass(frozen=True, slots=True)
class FileLayout:
    """One layout; ``inquiry`` and ``answer`` map our names of columns to the headers of the files."""

    encoding: str
    delimiter: str
    line_end: str
    inquiry_file: str
    answer_file: str
    last_line: str
    inquiry: Mapping[str, str]
    answer: Mapping[str, str]

    def content(self, headers: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> bytes:
        """Rows as the bytes of a file, closed by its last line."""
        sink = io.StringIO(newline="")
        writer = csv.writer(sink, delimiter=self.delimiter, lineterminator=self.line_end)
        writer.writerow(headers.values())
        writer.writerows([row.get(name, "") for name in headers] for row in rows)
        writer.writerow([self.last_line, len(rows)])
        try:
            return sink.getvalue().encode(self.encoding)
        except UnicodeEncodeError as error:
            character = error.object[error.start]
            raise InputRejectedError(
                f"U+{ord(character):04X} cannot be written in {self.encoding}; nothing is sent, since a name "
                "changed on the way finds somebody else. Use a layout with another encoding."
            ) from None

    def rows(self, content: bytes, headers: Mapping[str, str], *, name: str) -> list[dict[str, str]]:
        """The rows of a file by our names. InputRejectedError when it is cut off or of another layout."""
        try:
            text = content.decode(self.encoding)
        except UnicodeDecodeError:
            raise InputRejectedError(f"{name} is not {self.encoding}; check the layout (--layout).") from None
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=self.delimiter))
        if len(lines) < 2 or lines[-1] != [self.last_line, str(len(lines) - 2)]:  # noqa: PLR2004 -- header and last line
            raise InputRejectedError(f"{name} is cut off: its last line does not count {max(len(lines) - 2, 0)} lines.")
        place_by_header = {header: place for place, header in enumerate(lines[0])}
        missing = [header for header in headers.values() if header not in place_by_header]
        if missing:
            raise InputRejectedError(f"{name} has no column {missing[0]}; check the layout (--layout).")
        places = {ours: place_by_header[header] for ours, header in headers.items()}
        if any(len(line) != len(lines[0]) for line in lines[1:-1]):
            raise InputRejectedError(f"{name} has a line with another number of fields than its header.")
        return [{ours: line[place] for ours, place in places.items()} for line in lines[1:-1]]


def load_layout(path: Path | None = None) -> FileLayout:
    """The packaged layout, or one of your own with the same names. UsageError says what is wrong with it."""
    if path is None:
        return _packaged()
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        found = FileLayout(**content)
    except (OSError, tomllib.TOMLDecodeError, TypeError) as error:
        raise UsageError(f"{path} is no layout of inquiry files: {error}") from None
    ours = _packaged()
    for ours_names, theirs in ((ours.inquiry, found.inquiry), (ours.answer, found.answer)):
        _same_names(path, ours_names, theirs)
    return found


def _same_names(path: Path, wanted: Iterable[str], given: Iterable[str]) -> None:
    difference = sorted(set(wanted) ^ set(given))
    if difference:
        raise UsageError(f"{path}: a layout names exactly the columns of the packaged one; see {difference[0]}.")


@cache
def _packaged() -> FileLayout:
    content = resources.files("himozuke.gateways.jlis_files").joinpath(_PACKAGED).read_text("utf-8")
    return FileLayout(**tomllib.loads(content))


def put(path: Path, content: bytes) -> None:
    """Let a file appear whole under its name, readable by its owner alone: it holds Individual Numbers."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
