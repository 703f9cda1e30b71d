"""``review.csv``: every link that somebody must look at, both values side by side.

UTF-8 with BOM, so that a spreadsheet program opens it as Japanese.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from himozuke.gateways.results.files import replacing
from himozuke.inspection import words
from himozuke.inspection.decide import public_items
from himozuke.inspection.model import ITEMS, Items, ReviewRow

HIDDEN = "（支援措置のため非表示）"

# A spreadsheet runs a cell that starts with one of these as a formula, in full width too when the
# program is Japanese.
_FORMULA_STARTS = frozenset("=+-@\t\r＝＋－＠")

_NOBODY = ("",) * len(ITEMS)
_BEFORE_ITEMS = (
    "順位",
    "対応",
    "判定",
    "紐付けID",
    "行",
    "制度固有番号",
    "個人番号（下位以外伏字）",
    "原因",
    "原因の根拠",
    "理由",
    "閲覧制限",
    "閲覧制限（基準表のみ）",
)
_AFTER_ITEMS = (
    "番号の持ち主の状態",
    "番号の持ち主の異動年月日",
    "当てはまる別人の数",
    "当てはまる別人の番号（下位以外伏字）",
    "入力者",
    "バッチ",
    "支援措置",
    "証拠ダイジェスト",
)


def headers() -> tuple[str, ...]:
    """List the columns: per item the file's value, the number's holder, the state, the other person."""
    names = [words.label("item", item) for item in ITEMS]
    per_item = [
        f"{name}（{whose}）" for name in names for whose in ("登録データ", "番号の持ち主", "比較結果", "当てはまる別人")
    ]
    return (*_BEFORE_ITEMS, *per_item, *_AFTER_ITEMS)


def write_review(path: Path, rows: Iterable[ReviewRow]) -> int:
    """Write the rows in the order given (``ask`` by rank, then ``correct``); return how many.

    A value that a spreadsheet would run as a formula (first character = + - @, a tab, or one of
    these in full width) gets an apostrophe before it; every other value stands as it is.
    """
    written = 0
    with replacing(path, encoding="utf-8-sig") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(headers())
        for row in rows:
            writer.writerow([_safe(value) for value in _values(row)])
            written += 1
    return written


def _values(row: ReviewRow) -> list[str]:
    values = [
        "" if row.rank is None else str(row.rank),
        words.label("action", row.action),
        words.label("verdict", row.verdict),
        row.link_id,
        str(row.row),
        row.scheme_number,
        row.masked_number,
        f"{row.cause} {words.cause(row.cause)}" if row.cause else "",
        "".join(words.evidence(fact) for fact in row.evidence),
        "；".join(words.reason(code) for code in row.reasons),
        words.label("restriction", row.restriction),
        words.label("restriction", row.restriction_by_table),
    ]
    values += _item_values(row)
    values += [
        words.label("entry_status", row.entry_status) if row.entry_status else "",
        row.entry_status_on.isoformat() if row.entry_status_on else "",
        str(row.rival_count),
        row.rival_masked_number,
        row.operator,
        row.batch,
        "該当" if row.protected else "",
        row.evidence_digest,
    ]
    return values


def _item_values(row: ReviewRow) -> list[str]:
    link, entry, rival = public_items(row)
    if not row.protected:
        sides = (link.values(), entry.values() if entry else _NOBODY, rival.values() if rival else _NOBODY)
        states = [words.label("state", row.states[item]) for item in ITEMS]
        return [
            text
            for own, held, state, other in zip(*sides[:2], states, sides[2], strict=True)
            for text in (own, held, state, other)
        ]
    return [
        text
        for item in ITEMS
        for text in (
            _shown(row, link, row.link, item),
            _shown(row, entry, row.entry, item),
            words.label("state", row.states[item]),
            _shown(row, rival, row.rival, item),
        )
    ]


def _shown(row: ReviewRow, public: Items | None, held: Items | None, item: str) -> str:
    if public is None or held is None:
        return ""
    value = public.value(item)
    return HIDDEN if row.protected and held.value(item) and not value else value


def _safe(value: str) -> str:
    return f"'{value}" if value[:1] in _FORMULA_STARTS else value
