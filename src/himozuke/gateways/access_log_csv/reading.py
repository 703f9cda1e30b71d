"""Reads a log of viewings: UTF-8 or CP932, Japanese or English headings, any order; a bad row is named, not lost."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from himozuke.errors import InputRejectedError, Sentence
from himozuke.gateways.tables.encoding import decode_at_once
from himozuke.incident.log_import import MemberKey, ReadLog, ReadViewing, RowProblem

_JAPAN = ZoneInfo("Asia/Tokyo")
_INSTITUTION_DIGITS = 10

#: Our headings in Japanese and English; every one of the required ones must be there.
COLUMNS: Mapping[str, str] = {
    "記録番号": "record_id",
    "閲覧日時": "at",
    "保険者番号": "insurer_number",
    "記号": "symbol",
    "番号": "number",
    "枝番": "branch",
    "医療機関コード": "institution_code",
    "医療機関名": "institution_name",
    "閲覧者": "viewer",
    "閲覧項目": "items",
    "同意": "consent",
}
_REQUIRED = ("record_id", "at", "insurer_number", "number", "institution_code", "items")
_ITEMS = {
    "資格情報": "qualification",
    "薬剤情報": "medicines",
    "健診情報": "checkups",
    "診療情報": "procedures",
    "限度額適用区分": "limits",
    "特定疾病": "diseases",
    **{code: code for code in ("qualification", "medicines", "checkups", "procedures", "limits", "diseases")},
}


def read_log(name: str, content: bytes) -> ReadLog:
    """Read a log file. InputRejectedError when it is no such table at all; bad rows are in ``problems``."""
    rows = list(csv.reader(io.StringIO(_text(content), newline="")))
    if not rows:
        raise InputRejectedError(
            Sentence(
                "ファイルが空です。1行目に見出しを書いてください。",
                "The file is empty. The first line must hold the headings.",
            )
        )
    heads = [COLUMNS.get(head.strip(), head.strip()) for head in rows[0]]
    missing = [head for head in _REQUIRED if head not in heads]
    if missing:
        names = {code: ja for ja, code in COLUMNS.items()}
        raise InputRejectedError(
            Sentence(
                f"見出しに{'、'.join(names[code] for code in missing)}がありません。見出しは{'、'.join(COLUMNS)}です。",
                f"The headings lack {', '.join(f'{names[code]} ({code})' for code in missing)}. They are: {', '.join(COLUMNS)}.",
            )
        )
    viewings: list[ReadViewing] = []
    problems: list[RowProblem] = []
    for line, row in enumerate(rows[1:], 2):
        if not any(cell.strip() for cell in row):
            continue
        read = _row(line, heads, row)
        if isinstance(read, RowProblem):
            problems.append(read)
        else:
            viewings.append(read)
    return ReadLog(name, hashlib.sha256(content).hexdigest(), viewings, problems)


def _text(content: bytes) -> str:
    text = decode_at_once(content)
    if text is None:
        raise InputRejectedError(
            Sentence(
                "ファイルがUTF-8でもCP932（シフト JIS）でもありません。「CSV UTF-8」で保存し直してください。",
                "The file is neither UTF-8 nor CP932 (Shift_JIS). Save it as CSV UTF-8.",
            )
        )
    return text


def _row(line: int, heads: Sequence[str], row: Sequence[str]) -> ReadViewing | RowProblem:
    if len(row) != len(heads):
        return RowProblem(line, "", "fields")
    cells = {head: cell.strip() for head, cell in zip(heads, row, strict=True)}
    items = [_ITEMS.get(part.strip(), "") for part in cells["items"].split("|")]
    at = _moment(cells["at"])
    wrong = {
        "record_id": not cells["record_id"],
        "at": at is None,
        "institution_code": len(cells["institution_code"]) != _INSTITUTION_DIGITS
        or not cells["institution_code"].isdecimal(),
        "items": not all(items),
    }
    column = next((name for name, is_wrong in wrong.items() if is_wrong), None)
    if column is not None or at is None:
        return RowProblem(line, column or "at", column or "at")
    member = MemberKey(cells["insurer_number"], cells.get("symbol", ""), cells["number"], cells.get("branch", ""))
    return ReadViewing(
        line=line,
        record_id=cells["record_id"],
        at=at,
        member=member,
        institution_code=cells["institution_code"],
        institution_name=cells.get("institution_name", ""),
        viewer=cells.get("viewer", ""),
        items=list(dict.fromkeys(items)),
        consent=cells.get("consent", ""),
    )


def _moment(text: str) -> datetime | None:
    """A moment; without a time zone it is Japan's."""
    try:
        moment = datetime.fromisoformat(text.replace("/", "-"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=_JAPAN)
