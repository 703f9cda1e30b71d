"""The survey as a CSV: a template to fill in, and the answers read from it, bad lines told and left out.

One line per body, scheme and way of getting numbers; what concerns the body stands the same on each of its lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from himozuke.campaign import words
from himozuke.campaign.model import HeldSurvey, Survey, SurveyLine
from himozuke.campaign.service import Invitation, SheetAnswer, SheetFault
from himozuke.errors import InputRejectedError, Sentence
from himozuke.gateways.results.survey_csv import ANSWER_WORDS, FLAG_WORDS, decode
from himozuke.identity import date_notation
from himozuke.rules.kinds import ITEMS
from himozuke.schemes import all_schemes

HEADERS = {
    "body": "団体コード",
    "body_name": "団体名",
    "scheme": "制度コード",
    "number_required": "届出義務",
    "without_number": "番号未記載時の取得方法",
    "inquiry_items": "照会に用いる情報",
    "holds_residents": "住民情報を保有",
    "method": "取得方法",
    "since": "期間の始め",
    "until": "期間の終わり",
    "three_items": "３情報のみで取得",
    "any_of_several": "複数該当を一律に取込",
    "other_wrong": "その他の誤登録",
    "stopped": "現在は中止",
    "inspected_on": "点検済年月日",
}
_NEEDED = ("body", "scheme")
_OF_BODY = ("number_required", "without_number", "inquiry_items", "holds_residents")
_ITEM_NAMES = {
    "漢字氏名": "kanji_name",
    "カナ氏名": "kana_name",
    "生年月日": "birth_date",
    "性別": "sex",
    "住所": "address",
}
_ITEM_SEPARATOR = "|"


@dataclass(slots=True)
class SheetReading:
    """What a sheet says: the answers that can be read, and the lines that cannot."""

    answers: list[SheetAnswer] = field(default_factory=list)
    faults: list[SheetFault] = field(default_factory=list)


class _UnreadableError(ValueError):
    """A cell that cannot be read; the argument is a code of the fault words."""


def write_sheet(surveys: Sequence[HeldSurvey]) -> bytes:
    """Write a sheet to fill in (UTF-8 with BOM): the surveys as they stand, one line per way, at least one."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADERS.values())
    for held in surveys:
        for line in held.survey.lines or (SurveyLine(),):
            writer.writerow(_cells(held, line))
    return text.getvalue().encode("utf-8-sig")


def read_sheet(name: str, content: bytes) -> SheetReading:
    """Read a filled-in sheet (UTF-8 or CP932); InputRejectedError when it is no such table at all."""
    reading = SheetReading()
    gathered: dict[tuple[str, str], _Gathered] = {}
    for number, cells in _lines(name, content, HEADERS, _NEEDED, reading.faults):
        _gather(gathered, number, cells, reading.faults)
    reading.answers = [one.answer() for one in gathered.values() if not one.is_spoilt]
    return reading


def read_invitations(name: str, content: bytes) -> tuple[list[Invitation], list[SheetFault]]:
    """Read which bodies must answer for which scheme: columns body, scheme, holds_residents."""
    faults: list[SheetFault] = []
    invitations = []
    known = {scheme.code for scheme in all_schemes()}
    for number, cells in _lines(name, content, HEADERS, _NEEDED, faults):
        flag = FLAG_WORDS.get(cells.get("holds_residents", ""))
        if flag is None:
            faults.append(SheetFault(number, "holds_residents", cells["holds_residents"], "unknown_word"))
        elif not (cells["body"] and cells["scheme"]):
            faults.append(SheetFault(number, "body" if not cells["body"] else "scheme", "", "needed"))
        elif cells["scheme"] not in known:
            faults.append(SheetFault(number, "scheme", cells["scheme"], "no_scheme"))
        else:
            invitations.append(Invitation(cells["body"], cells["scheme"], holds_residents=flag))
    return invitations, faults


@dataclass(slots=True)
class _Gathered:
    """The lines of one body and scheme so far."""

    body: str
    scheme: str
    of_body: Mapping[str, Any]
    numbers: list[int] = field(default_factory=list)
    lines: list[SurveyLine] = field(default_factory=list)
    is_spoilt: bool = False

    def answer(self) -> SheetAnswer:
        lines = () if self.of_body["holds_residents"] else tuple(self.lines)
        return SheetAnswer(tuple(self.numbers), self.body, Survey(self.scheme, **self.of_body, lines=lines))


def _gather(
    gathered: dict[tuple[str, str], _Gathered], number: int, cells: Mapping[str, str], faults: list[SheetFault]
) -> None:
    found = {column: _read(number, column, cells, faults) for column in _READERS}
    of_body = {column: found[column] for column in _OF_BODY}
    line = SurveyLine(**{column: value for column, value in found.items() if column not in _OF_BODY})
    one = gathered.setdefault((cells["body"], cells["scheme"]), _Gathered(cells["body"], cells["scheme"], of_body))
    differing = next((column for column in _OF_BODY if one.of_body[column] != of_body[column]), None)
    if differing:
        faults.append(SheetFault(number, differing, cells.get(differing, ""), "contradicts"))
    one.is_spoilt |= differing is not None or _NOTHING in found.values()
    one.numbers.append(number)
    one.lines.append(line)


_NOTHING = object()  # stands for a cell that could not be read


def _read(number: int, column: str, cells: Mapping[str, str], faults: list[SheetFault]) -> Any:  # noqa: ANN401 -- by column
    text = cells.get(column, "")
    try:
        return _READERS[column](text)
    except _UnreadableError as error:
        faults.append(SheetFault(number, column, text, str(error)))
        return _NOTHING


def _lines(
    name: str, content: bytes, headers: Mapping[str, str], needed: Sequence[str], faults: list[SheetFault]
) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(_text(name, content), newline=""))
    known = {japanese: column for column, japanese in headers.items()}
    names = [known.get(header.strip(), header.strip()) for header in next(reader, [])]
    missing = [column for column in needed if column not in names]
    if missing:
        wanted = "、".join(headers[column] for column in missing)
        raise InputRejectedError(
            Sentence(
                f"{name}に列「{'、'.join(missing)}」（{wanted}）がありません。様式を使ってください。",
                f"{name} has no column {', '.join(missing)} ({wanted}); use the template.",
            )
        )
    for fields in reader:
        if not any(cell.strip() for cell in fields):
            continue
        if len(fields) != len(names):
            faults.append(SheetFault(reader.line_num, "", "", "wrong_field_count"))
            continue
        yield reader.line_num, {column: cell.strip() for column, cell in zip(names, fields, strict=True)}


def _text(name: str, content: bytes) -> str:
    """The file as text; InputRejectedError for one that is empty or no text."""
    if not content.strip():
        raise InputRejectedError(Sentence(f"{name}は空です。中身のある CSV を選んでください。", f"{name} is empty."))
    if b"\0" in content:
        ja = f"{name}は CSV ではありません。表計算ソフトで CSV に保存し直してください。"
        raise InputRejectedError(Sentence(ja, f"{name} is no text; save it as CSV."))
    return decode(name, content)


def _word(kind: str) -> Callable[[str], str]:
    known = {"": ""}
    for code in words.codes(kind):
        known |= {code: code, words.label(kind, code): code, words.label(kind, code, "en"): code}

    def read(text: str) -> str:
        if text not in known:
            raise _UnreadableError("unknown_word")
        return known[text]

    return read


def _answer(text: str) -> str:
    if text not in ANSWER_WORDS:
        raise _UnreadableError("unknown_word")
    return ANSWER_WORDS[text]


def _flag(text: str) -> bool:
    if text not in FLAG_WORDS:
        raise _UnreadableError("unknown_word")
    return FLAG_WORDS[text]


def _day(text: str) -> date | None:
    if not text:
        return None
    reading = date_notation.read(text)
    if not (reading.is_date and reading.year and reading.month and reading.day):
        raise _UnreadableError("not_a_day")
    return date(reading.year, reading.month, reading.day)


def _items(text: str) -> tuple[str, ...]:
    named = [part.strip() for part in text.replace("｜", _ITEM_SEPARATOR).split(_ITEM_SEPARATOR) if part.strip()]
    found = {_ITEM_NAMES.get(part, part) for part in named}
    if not found <= set(ITEMS):
        raise _UnreadableError("unknown_word")
    return tuple(item for item in ITEMS if item in found)


_READERS: Mapping[str, Callable[[str], Any]] = {
    "number_required": _word("number_required"),
    "without_number": _word("without_number"),
    "inquiry_items": _items,
    "holds_residents": _flag,
    "method": _word("survey_method"),
    "since": _day,
    "until": _day,
    "three_items": _answer,
    "any_of_several": _answer,
    "other_wrong": _answer,
    "stopped": _flag,
    "inspected_on": _day,
}


def _cells(held: HeldSurvey, line: SurveyLine) -> list[str]:
    survey = held.survey
    names = {item: name for name, item in _ITEM_NAMES.items()}
    return [
        held.body,
        held.body_name,
        survey.scheme,
        _said("number_required", survey.number_required),
        _said("without_number", survey.without_number),
        _ITEM_SEPARATOR.join(names[item] for item in survey.inquiry_items),
        _yes(survey.holds_residents),
        _said("survey_method", line.method),
        line.since.isoformat() if line.since else "",
        line.until.isoformat() if line.until else "",
        _said("survey_answer", line.three_items),
        _said("survey_answer", line.any_of_several),
        _said("survey_answer", line.other_wrong),
        _yes(line.stopped),
        line.inspected_on.isoformat() if line.inspected_on else "",
    ]


def _said(kind: str, word: str) -> str:
    return words.label(kind, word) if word else ""


def _yes(flag: bool) -> str:  # noqa: FBT001 -- a cell
    return "はい" if flag else "いいえ"
