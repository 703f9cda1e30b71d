"""Reads an insurer's file of certificates: UTF-8 or CP932, Japanese or English headings, any order."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from himozuke.eligibility.certificates import COLUMNS, NEEDED, Entry, Fault, read
from himozuke.errors import InputRejectedError
from himozuke.gateways.tables.encoding import decode_at_once

Line = tuple[int, Entry | list[Fault]]
_EXAMPLE = {
    "保険者番号": "06130488",
    "記号": "１２",
    "番号": "5678",
    "枝番": "01",
    "種類": "限度額",
    "区分": "01",
    "適用区分": "A03",
    "交付日": "2026-08-01",
    "有効開始日": "2026-08-01",
    "有効終了日": "2027-07-31",
}


def read_lines(content: bytes, *, most: int) -> Sequence[Line]:
    """Every line with its number in the file (the headings are line 1); a faulty one with all its faults.

    InputRejectedError when it is no such table at all, or has more than ``most`` lines.
    """
    text = decode_at_once(content)
    if text is None:
        raise InputRejectedError("The file is neither UTF-8 nor CP932 (Shift_JIS). Save it as CSV UTF-8.")
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    heads = [COLUMNS.get(head.strip(), head.strip()) for head in next(reader, [])]
    missing = [name for name in NEEDED if name not in heads]
    if missing:
        names = {name: ja for ja, name in COLUMNS.items()}
        raise InputRejectedError(
            f"The headings lack {', '.join(f'{names[name]} ({name})' for name in missing)}. They are: {', '.join(COLUMNS)}."
        )
    lines = list(_lines(reader, heads))
    if len(lines) > most:
        raise InputRejectedError(f"The file has {len(lines)} lines; at most {most} are taken at once. Split it.")
    return lines


def _lines(reader: Iterator[list[str]], heads: Sequence[str]) -> Iterator[Line]:
    number = 1
    for row in reader:
        number += 1
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(heads):
            yield number, [Fault("", "", "fields")]
        else:
            yield number, read(dict(zip(heads, row, strict=True)))


def template() -> bytes:
    """The headings with an example line (UTF-8 with BOM, for Excel)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, list(COLUMNS), lineterminator="\r\n")
    writer.writeheader()
    writer.writerow(_EXAMPLE)
    return out.getvalue().encode("utf-8-sig")
