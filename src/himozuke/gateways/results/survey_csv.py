"""Reading what is published apart from inspections: the bodies' answers and incidents by period."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from himozuke.campaign.process_class import BodyAnswer
from himozuke.campaign.published import Period
from himozuke.errors import InputRejectedError, UsageError
from himozuke.gateways.tables.encoding import decode_at_once

_ANSWER_HEADERS = {
    "団体コード": "body",
    "団体名": "name",
    "３情報のみで取得": "three_items",
    "3情報のみで取得": "three_items",
    "複数該当を一律に取込": "any_of_several",
    "その他の誤登録": "other_wrong",
    "現在は中止": "stopped",
    "点検済年月日": "inspected_on",
    "住民情報を保有": "holds_residents",
}
_PERIOD_HEADERS = {
    "期間の始め": "first",
    "期間の終わり": "last",
    "誤登録件数": "wrong",
    "閲覧件数": "viewed",
    "利用件数": "uses",
    "注": "note",
}
ANSWER_WORDS = {
    "": "",
    "yes": "yes",
    "はい": "yes",
    "該当": "yes",
    "no": "no",
    "いいえ": "no",
    "非該当": "no",
    "unconfirmed": "unconfirmed",
    "確認できない": "unconfirmed",
}
FLAG_WORDS = {"": False, "0": False, "いいえ": False, "no": False, "1": True, "はい": True, "yes": True}
_SUM_WORDS = ("合計", "計", "total")


_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class _Line:
    file: str
    number: int
    values: Mapping[str, str]

    def text(self, column: str) -> str:
        return self.values.get(column, "")

    def read(self, column: str, understand: Callable[[str], _Value]) -> _Value:
        try:
            return understand(self.text(column))
        except (KeyError, ValueError) as error:
            raise InputRejectedError(
                f"{self.file}, line {self.number}, column {column}: “{self.text(column)}” cannot be understood; correct it."
            ) from error


def read_answers(path: Path) -> Iterator[BodyAnswer]:
    """Read the answers of all bodies, one line per body and way of acquiring numbers.

    Columns (Japanese or English): body, name, three_items, any_of_several, other_wrong (はい, いいえ,
    確認できない, empty = no answer), stopped, inspected_on, holds_residents. Raises InputRejectedError
    naming line and column.
    """
    needed = ("body", "three_items", "any_of_several", "other_wrong")
    for line in _lines(path, _ANSWER_HEADERS, needed):
        yield BodyAnswer(
            body=line.text("body"),
            name=line.text("name"),
            three_items=line.read("three_items", ANSWER_WORDS.__getitem__),
            any_of_several=line.read("any_of_several", ANSWER_WORDS.__getitem__),
            other_wrong=line.read("other_wrong", ANSWER_WORDS.__getitem__),
            stopped=line.read("stopped", FLAG_WORDS.__getitem__),
            inspected_on=line.read("inspected_on", _day_or_none),
            holds_residents=line.read("holds_residents", FLAG_WORDS.__getitem__),
        )


def read_periods(path: Path) -> tuple[list[Period], Period | None]:
    """Read incidents by period of discovery, and the printed sum line (first = 合計) if there is one.

    Columns: first, last (ISO days), wrong, viewed, uses (as printed), note.
    """
    periods, printed_sum = [], None
    for line in _lines(path, _PERIOD_HEADERS, ("first", "last", "wrong", "viewed")):
        is_sum = line.text("first") in _SUM_WORDS
        period = Period(
            first=date.min if is_sum else line.read("first", date.fromisoformat),
            last=date.max if is_sum else line.read("last", date.fromisoformat),
            wrong=line.read("wrong", _count),
            viewed=line.read("viewed", _count),
            uses=line.text("uses"),
            note=line.text("note"),
        )
        if is_sum:
            printed_sum = period
        else:
            periods.append(period)
    return periods, printed_sum


def _lines(path: Path, japanese: Mapping[str, str], needed: tuple[str, ...]) -> Iterator[_Line]:
    reader = csv.reader(io.StringIO(_text(path), newline=""))
    names = [japanese.get(header.strip(), header.strip()) for header in next(reader, [])]
    missing = [name for name in needed if name not in names]
    if missing:
        raise InputRejectedError(f"{path.name} has no column {', '.join(missing)}; add it to the first line.")
    for fields in reader:
        if len(fields) != len(names):
            raise InputRejectedError(
                f"{path.name}, line {reader.line_num}: {len(fields)} fields where the first line has {len(names)}."
            )
        values = {name: field.strip() for name, field in zip(names, fields, strict=True)}
        yield _Line(path.name, reader.line_num, values)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path.name} cannot be opened: {error.strerror}.") from error
    return decode(path.name, content)


def decode(name: str, content: bytes) -> str:
    """Read a small CSV as text, UTF-8 with or without BOM or CP932; InputRejectedError when it is neither."""
    text = decode_at_once(content)
    if text is None:
        raise InputRejectedError(f"{name} is neither UTF-8 nor CP932; save it as one of them.")
    return text


def _day_or_none(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _count(text: str) -> int:
    return int(text.replace(",", "").removesuffix("件"))
