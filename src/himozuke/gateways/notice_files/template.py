"""Our own template of notices: its columns, and writing it as CSV or Excel with example rows."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import xlsxwriter  # type: ignore[import-untyped]

from himozuke.registration.model import Filing, NoticeKind

KIND_BY_WORD = {
    "取得": NoticeKind.ACQUISITION,
    "喪失": NoticeKind.LOSS,
    "被扶養者追加": NoticeKind.DEPENDENT_ADDED,
    "被扶養者削除": NoticeKind.DEPENDENT_REMOVED,
    **{kind.value: kind for kind in NoticeKind},
}
ANSWER_BY_WORD = {"提出": "given", "拒否": "refused", "待ち": "waiting", "": ""} | {
    word: word for word in ("given", "refused", "waiting")
}
_WIDTH = 18


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the template; ``other`` are headers by which it is known too."""

    name: str
    ja: str
    en: str
    about_ja: str = ""
    about_en: str = ""
    example: str = ""
    needed: bool = False
    other: Sequence[str] = ()


@cache
def columns() -> tuple[Column, ...]:
    """Every column, in the order of the template."""
    text = (resources.files("himozuke.gateways.notice_files") / "template.toml").read_text("utf-8")
    return tuple(Column(name, **entry) for name, entry in tomllib.loads(text).items())


COLUMNS = columns()


def write_csv(filings: Sequence[Filing] | None = None) -> bytes:
    """The template as CSV for Excel (UTF-8 with BOM): an example row, or these notices."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.ja for column in COLUMNS])
    for row in _rows(filings):
        writer.writerow([row.get(column.name, "") for column in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def write_xlsx(filings: Sequence[Filing] | None = None) -> bytes:
    """The template as a workbook: every cell is text, so that no number loses its zeros; a sheet explains."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "num_format": "@", "bg_color": "#E8F1FE", "border": 1})
        sheet = book.add_worksheet("届出")
        sheet.set_column(0, len(COLUMNS) - 1, _WIDTH, text)
        sheet.freeze_panes(1, 0)
        for place, column in enumerate(COLUMNS):
            sheet.write_string(0, place, column.ja, head)
        for line, row in enumerate(_rows(filings), 1):
            for place, column in enumerate(COLUMNS):
                sheet.write_string(line, place, row.get(column.name, ""), text)
        notes = book.add_worksheet("説明")
        notes.set_column(0, 3, _WIDTH * 2, text)
        for place, title in enumerate(("列", "必須", "書き方", "How to write")):
            notes.write_string(0, place, title, head)
        for line, column in enumerate(COLUMNS, 1):
            cells = (column.ja, "必須" if column.needed else "", column.about_ja, column.about_en)
            for place, cell in enumerate(cells):
                notes.write_string(line, place, cell, text)
    return out.getvalue()


def _rows(filings: Sequence[Filing] | None) -> list[Mapping[str, str]]:
    if filings is None:
        return [{column.name: column.example for column in COLUMNS}]
    return [_row(filing) for filing in filings]


def _row(filing: Filing) -> dict[str, str]:
    word = next(word for word, kind in KIND_BY_WORD.items() if kind is filing.kind)
    return {
        **filing.texts,
        "kind": word,
        "event_on": filing.event_on.isoformat(),
        "individual_number": filing.individual_number.reveal() if filing.individual_number else "",
        "number_asked_on": filing.number_asked_on.isoformat() if filing.number_asked_on else "",
        "number_answer": filing.number_answer,
    }
