"""``corrections.csv``: records to mend, in the layout and encoding of the insurer's own file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Protocol

from himozuke.gateways.results.files import replacing
from himozuke.identity.individual_number import mask as mask_numbers
from himozuke.inspection import words
from himozuke.inspection.model import ITEMS, Correction

EXTRA_HEADERS = ("訂正項目", "訂正前", "訂正理由")

_SEPARATOR = " | "
_WHOLE_RECORD = "（記録全体）"
_TO_COLLECT = "（要収集・要確認）"
_NOT_WRITABLE = "（この文字コードで表せないため手入力）"

OriginalRows = Callable[[Sequence[int]], Iterator[tuple[int, Sequence[str]]]]
"""Give the fields of the asked data rows (1 = first), in file order, as ``(row, fields)``."""


class Layout(Protocol):
    """How the insurer's file is laid out.

    ``columns`` maps a canonical column name (``kana_name``, ``individual_number``, ``valid_to`` …)
    to its header in the file.
    """

    @property
    def headers(self) -> Sequence[str]:
        """The headers in file order."""

    @property
    def columns(self) -> Mapping[str, str]:
        """Canonical column name to header."""

    @property
    def encoding(self) -> str | None:
        """The encoding of the file as Python names it; None for a binary format."""

    @property
    def delimiter(self) -> str:
        """The separator of fields; a comma for a binary format."""

    @property
    def line_end(self) -> str:
        """The end of a line."""


def write_corrections(
    path: Path,
    corrections: Iterable[Correction],
    *,
    layout: Layout,
    original: OriginalRows,
    mask: Callable[[str], str] | None,
    rows_at_once: int = 500_000,
) -> int:
    """Write the rows to mend with their values corrected where known; return how many rows.

    One line per row, in file order, with three columns after the file's own: the items to mend,
    their former values and why (several joined by `` | ``). A value that must be collected or
    decided first stays as it was. ``corrections`` come sorted by row. ``mask`` hides the
    Individual Number of the file's own column; None only for a caller who may reveal it. A binary
    input (Parquet, xlsx) gives UTF-8 with BOM.
    """
    by_row = ((row, list(found)) for row, found in groupby(corrections, key=lambda one: one.row))
    encoding = layout.encoding or "utf-8-sig"
    written = 0
    with replacing(path, encoding=encoding) as file:
        writer = csv.writer(file, delimiter=layout.delimiter, lineterminator=layout.line_end)
        writer.writerow([*layout.headers, *EXTRA_HEADERS])
        for block in _blocks(by_row, rows_at_once):
            for row, fields in original(list(block)):
                writer.writerow(_corrected(fields, block[row], layout, mask, encoding))
                written += 1
    return written


def _blocks(rows: Iterator[tuple[int, list[Correction]]], size: int) -> Iterator[dict[int, list[Correction]]]:
    block: dict[int, list[Correction]] = {}
    for row, found in rows:
        block[row] = found
        if len(block) == size:
            yield block
            block = {}
    if block:
        yield block


def _corrected(
    fields: Sequence[str],
    corrections: Sequence[Correction],
    layout: Layout,
    mask: Callable[[str], str] | None,
    encoding: str,
) -> list[str]:
    values = list(fields)
    if mask:
        if (at := _place(layout, "individual_number")) is not None:
            values[at] = mask(values[at])
        for item in ITEMS:  # people write numbers into other columns, too
            if (at := _place(layout, item)) is not None:
                values[at] = mask_numbers(values[at])
    names, former, why = [], [], []
    for one in corrections:
        place = _place(layout, one.column)
        names.append(_name(layout, one.column))
        former.append(one.before if place is None else values[place])
        note = "" if one.after is not None else _TO_COLLECT
        if one.after is not None and place is not None:
            if _writable(one.after, encoding):
                values[place] = one.after
            else:
                note = _NOT_WRITABLE
        why.append(words.reason(one.reason) + note)
    return [*values, *(_SEPARATOR.join(texts) if any(texts) else "" for texts in (names, former, why))]


def _place(layout: Layout, column: str) -> int | None:
    header = layout.columns.get(column)
    return None if header is None else list(layout.headers).index(header)


def _name(layout: Layout, column: str) -> str:
    if not column:
        return _WHOLE_RECORD
    return layout.columns.get(column) or words.label("item", column)


def _writable(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True
