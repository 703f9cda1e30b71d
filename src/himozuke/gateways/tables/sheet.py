"""Excel workbooks (xlsx and its relatives): the first sheet with a known header."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import python_calamine as calamine

from himozuke.errors import InputRejectedError, Sentence
from himozuke.gateways.tables.arrow_columns import LARGEST_EXACT
from himozuke.gateways.tables.columns import Kind, count_known
from himozuke.gateways.tables.quarantine import Quarantined, facts
from himozuke.gateways.tables.raw import Originals, Positions, RawBlock, ReadBlock, in_columns, text_array

_HEADER_WITHIN = 20  # a title and notes may stand above the header


@dataclass
class Sheet:
    """An opened sheet; lines are the row numbers that the spreadsheet shows."""

    path: Path
    sheet_name: str
    headers: Sequence[str]
    header_line: int
    _digest: Callable[[], str]
    format: str = "xlsx"
    encoding: str | None = None
    delimiter: str = ","
    line_end: str = "\r\n"

    @property
    def name(self) -> str:
        """The file and the sheet in it."""
        return f"{self.path.name} ({self.sheet_name})"

    def digest(self) -> str:
        """The SHA-256 of the file's bytes."""
        return self._digest()

    def blocks(self, place_by_column: Mapping[str, int], rows: int) -> Iterator[ReadBlock]:
        """Give calls that make the blocks in file order, at most ``rows`` rows in each."""
        data = self._rows()
        while found := list(islice(data, rows)):
            yield partial(self._block, found, place_by_column)

    def original_columns(self, rows: Positions, places: Sequence[int]) -> Iterator[Originals]:
        """Give some rows (ascending) as text, many together; ``places`` chooses among the headers."""
        return in_columns(self._chosen(set(rows.tolist())), places)

    def _chosen(self, wanted: set[int]) -> Iterator[tuple[int, Sequence[str]]]:
        width = len(self.headers)
        for row, _, cells in self._rows():
            if row in wanted:
                texts = [text_of_cell(cell) for cell in cells[:width]]
                yield row, texts + [""] * (width - len(texts))

    def _rows(self) -> Iterator[tuple[int, int, Sequence[Any]]]:
        """Row, line and cells of every data row; a wholly blank row is none."""
        row = 0
        with _opened(self.path) as book:
            for line, cells in enumerate(book.get_sheet_by_name(self.sheet_name).iter_rows(), start=1):
                if line > self.header_line and any(cell != "" for cell in cells):
                    row += 1
                    yield row, line, cells

    def _block(self, found: Sequence[tuple[int, int, Sequence[Any]]], place_by_column: Mapping[str, int]) -> RawBlock:
        width = len(self.headers)
        broken = [
            Quarantined(line, row, "", "", "wrong_field_count", facts(expected=width, found=_used(cells)))
            for row, line, cells in found
            if _used(cells) > width
        ]
        good = [(row, line, cells) for row, line, cells in found if _used(cells) <= width]
        columns = {
            column: text_array([text_of_cell(cells[place]) if place < len(cells) else "" for _, _, cells in good])
            for column, place in place_by_column.items()
        }
        number_at = place_by_column["individual_number"]
        numeric = [number_at < len(cells) and _is_number(cells[number_at]) for _, _, cells in good]
        return RawBlock(
            columns,
            np.array([row for row, _, _ in good], np.int64),
            np.array([line for _, line, _ in good], np.int64),
            broken,
            np.array(numeric, np.bool_),
        )


def _used(cells: Sequence[Any]) -> int:
    width = len(cells)
    while width and cells[width - 1] == "":
        width -= 1
    return width


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


def text_of_cell(cell: object) -> str:
    """The text of a cell as a person reads it: whole numbers without ``.0``, dates in ISO."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < LARGEST_EXACT else repr(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, (dt.datetime, dt.date, dt.time)):
        return cell.isoformat()
    return str(cell)


def _opened(path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_path(path)
    except (calamine.CalamineError, OSError) as error:
        raise InputRejectedError(
            Sentence(
                f"{path.name}を表計算のファイルとして読めません。壊れているか、パスワードが付いています。保存し直してください。",
                f"Cannot read {path.name} as a workbook ({str(error)[:80]}): it is damaged or has a password; save it again.",
            )
        ) from error


class _Header(NamedTuple):
    known: int
    sheet_name: str
    headers: list[str]
    line: int


def open_sheet(path: Path, kind: Kind, mapped_headers: Sequence[str], digest: Callable[[], str]) -> Sheet:
    """Open the sheet and find the row that looks most like a header (else the first row of two values)."""
    best: _Header | None = None
    with _opened(path) as book:
        for sheet_name in book.sheet_names:
            for line, cells in enumerate(islice(_sheet_rows(book, sheet_name), _HEADER_WITHIN), start=1):
                headers = [text_of_cell(cell).strip() for cell in cells[: _used(cells)]]
                known = count_known(headers, kind) + len(set(headers) & set(mapped_headers))
                is_candidate = known or (best is None and sum(map(bool, headers)) > 1)
                if is_candidate and (best is None or known > best.known):
                    best = _Header(known, sheet_name, headers, line)
    if best is None:
        raise InputRejectedError(
            f"Cannot read {path.name}: no sheet has a header in its first {_HEADER_WITHIN} rows; "
            "write the names of the columns above the rows."
        )
    return Sheet(path, best.sheet_name, best.headers, best.line, digest)


def _sheet_rows(book: calamine.CalamineWorkbook, sheet_name: str) -> Iterator[Sequence[Any]]:
    try:
        yield from book.get_sheet_by_name(sheet_name).iter_rows()
    except calamine.CalamineError:  # a chart sheet holds no rows
        return
