"""A file of notices, whichever of the known kinds it is: notices of its good rows, problems of the others."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

import python_calamine as calamine

from himozuke.errors import InputRejectedError, Sentence
from himozuke.gateways.notice_files.template import ANSWER_BY_WORD, COLUMNS, KIND_BY_WORD
from himozuke.gateways.shfd_csv import read_shfd
from himozuke.gateways.tables.columns import folded
from himozuke.gateways.tables.encoding import CP932, UTF_8, UTF_8_BOM, decode, refuse_other_encodings
from himozuke.gateways.tables.sheet import text_of_cell
from himozuke.identity import birth_date, individual_number
from himozuke.identity.calendar import whole_day
from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import TEXTS, Filing, Problem
from himozuke.registration.ports import ReadFile

_XLSX = b"PK\x03\x04"
_BOM = b"\xef\xbb\xbf"
_KANRI = b"\r\n[kanri]\r\n"
_HEADER_WITHIN = 20
_NAME_BY_HEADER = {
    folded(header): column.name for column in COLUMNS for header in (column.name, column.ja, column.en, *column.other)
}
_JA_BY_NAME = {column.name: column.ja for column in COLUMNS}
_Line = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Intake:
    """What a file gave: the notices of good rows, and the file with the problems of the others."""

    filings: Sequence[Filing]
    file: ReadFile


def read_notice_file(data: bytes, *, name: str) -> Intake:
    """Read SHFD0006.CSV or our template (CSV in UTF-8 or CP932, or a workbook), told by what is in it.

    InputRejectedError, in one sentence, when it is none of them.
    """
    if _KANRI in data[:400] or data[:4000].count(b"[kanri]"):
        shfd = read_shfd(data, name=name)
        return _intake(data, name, "shfd0006", "shift_jis", shfd.rows, shfd.filings, shfd.problems)
    if data.startswith(_XLSX):
        lines, how, encoding = _sheet_lines(data, name), "template_xlsx", ""
    else:
        refuse_other_encodings(data[:4096], name)
        encoding, text = _text(data, name)
        lines, how = list(_csv_lines(text, name)), "template_csv"
    filings, problems, rows = _read_lines(lines, name)
    return _intake(data, name, how, encoding, rows, filings, problems)


def _intake(
    data: bytes,
    name: str,
    how: str,
    encoding: str,
    rows: int,
    filings: Sequence[Filing],
    problems: Sequence[Problem],
) -> Intake:
    refused = len({problem.row for problem in problems})
    digest = hashlib.sha256(data).hexdigest()
    return Intake(filings, ReadFile(name, how, encoding, digest, len(data), rows, rows - refused, problems))


def _text(data: bytes, name: str) -> tuple[str, str]:
    for encoding in (UTF_8_BOM,) if data.startswith(_BOM) else (UTF_8, CP932):
        text = decode(data, encoding)
        if text is not None:
            return encoding, text.removeprefix("\ufeff")
    raise InputRejectedError(
        Sentence(
            f"{name}を読めません。全体がUTF-8でもCP932（Windowsのシフト JIS）でもありません。「CSV UTF-8」で保存し直してください。",
            f"Cannot read {name}: it is neither UTF-8 nor CP932 (Shift_JIS of Windows) throughout; save it again as CSV UTF-8.",
        )
    )


def _csv_lines(text: str, name: str) -> Iterator[_Line]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。{reader.line_num}行目がCSVの形をしていません。",
                f"Cannot read {name}: line {reader.line_num} is no CSV ({error}).",
            )
        ) from error


def _sheet_lines(data: bytes, name: str) -> list[_Line]:
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [book.get_sheet_by_name(sheet) for sheet in book.sheet_names]
        for sheet in sheets:
            lines: list[_Line] = [
                (line, [text_of_cell(cell) for cell in cells]) for line, cells in enumerate(sheet.iter_rows(), 1)
            ]
            if any(_known(cells) for _, cells in islice(lines, _HEADER_WITHIN)):
                return lines
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise InputRejectedError(
            Sentence(
                f"{name}を表計算のファイルとして読めません。壊れているか、パスワードが付いています。保存し直してください。",
                f"Cannot read {name} as a workbook ({str(error)[:80]}): it is damaged or has a password; save it again.",
            )
        ) from error
    raise InputRejectedError(
        Sentence(
            f"{name}を読めません。様式の見出しのあるシートがありません。様式を取り直してください。",
            f"Cannot read {name}: no sheet has the header of the template; take the template anew.",
        )
    )


def _known(cells: Sequence[str]) -> bool:
    """Whether a line may be the header: it names a notice's day and somebody's name."""
    names = {_NAME_BY_HEADER.get(folded(cell)) for cell in cells}
    return "event_on" in names and "kana_name" in names


def _read_lines(lines: Sequence[_Line], name: str) -> tuple[list[Filing], list[Problem], int]:
    at = next((place for place, (_, cells) in enumerate(lines[:_HEADER_WITHIN]) if _known(cells)), None)
    if at is None:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。初めの{_HEADER_WITHIN}行に、様式の見出し（事実発生年月日、カナ氏名など）も、SHFD0006.CSVの[kanri]もありません。",
                f"Cannot read {name}: no header of the template in its first {_HEADER_WITHIN} lines "
                "(事実発生年月日, カナ氏名 …), and no [kanri] as in SHFD0006.CSV.",
            )
        )
    names = [_NAME_BY_HEADER.get(folded(cell), "") for cell in lines[at][1]]
    twice = next((one for one in names if one and names.count(one) > 1), None)
    if twice:
        raise InputRejectedError(
            Sentence(
                f"{name}を読めません。列「{_JA_BY_NAME[twice]}」が二つあります。一つにしてください。",
                f"Cannot read {name}: the column {_JA_BY_NAME[twice]} stands twice; keep one.",
            )
        )
    filings: list[Filing] = []
    problems: list[Problem] = []
    row = 0
    for line, cells in lines[at + 1 :]:
        if not any(cell.strip() for cell in cells):
            continue
        row += 1
        found = _row(names, cells, line=line, row=row)
        if isinstance(found, Filing):
            filings.append(found)
        else:
            problems += found
    return filings, problems, row


def _row(names: Sequence[str], cells: Sequence[str], *, line: int, row: int) -> Filing | list[Problem]:
    if any(cell.strip() for cell in cells[len(names) :]):
        return [Problem("wrong_field_count", "", f"{len(names)}/{len(cells)}", line=line, row=row)]
    values = {one: cell.strip() for one, cell in zip(names, cells, strict=False) if one}
    problems: list[Problem] = []

    def wrong(code: str, item: str, value: str = "", detail: str = "") -> None:
        shown = individual_number.mask_digits(value) if item == "individual_number" else individual_number.mask(value)
        problems.append(Problem(code, _JA_BY_NAME[item], detail, value=shown[:40], line=line, row=row))

    kind = KIND_BY_WORD.get(values.get("kind", "") or "取得")
    event_on = _day(values.get("event_on", ""))
    asked_on = _day(values.get("number_asked_on", ""))
    answer = ANSWER_BY_WORD.get(values.get("number_answer", ""))
    if kind is None:
        wrong("not_a_code", "kind", values["kind"], _words(KIND_BY_WORD))
    if event_on is None:
        wrong("not_a_date" if values.get("event_on") else "missing", "event_on", values.get("event_on", ""))
    if values.get("number_asked_on") and asked_on is None:
        wrong("not_a_date", "number_asked_on", values["number_asked_on"])
    if answer is None:
        wrong("not_a_code", "number_answer", values["number_answer"], _words(ANSWER_BY_WORD))
    number = individual_number.parse(values.get("individual_number", "")) if values.get("individual_number") else None
    if values.get("individual_number") and number is None:
        wrong("not_a_number", "individual_number", values["individual_number"])
    if problems or kind is None or event_on is None:
        return problems
    texts = {one: values[one] for one in TEXTS if values.get(one)}
    return Filing(
        kind=kind,
        event_on=event_on,
        texts=texts,
        individual_number=None if number is None else IndividualNumber(number),
        number_asked_on=asked_on,
        number_answer=answer or "",
        row=row,
        line=line,
    )


def _words(known: Mapping[str, object]) -> str:
    """The Japanese words among those that are taken."""
    return "・".join(word for word in known if word and not word.isascii())


def _day(text: str) -> date | None:
    return whole_day(birth_date.parse(text))
