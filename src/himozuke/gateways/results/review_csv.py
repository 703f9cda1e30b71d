"""``review.csv``: every link that somebody must look at, both values side by side.

UTF-8 with BOM, so that a spreadsheet program opens it as Japanese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from himozuke.gateways.results.delimited_text import joined, lines
from himozuke.gateways.results.files import replacing
from himozuke.inspection import words
from himozuke.inspection.decide import SAFE_ADDRESS_STATES
from himozuke.inspection.model import ITEMS
from himozuke.inspection.review import SIDES, ReviewColumns

HIDDEN = "（支援措置のため非表示）"

# A spreadsheet runs a cell that starts with one of these as a formula, in full width too when the
# program is Japanese.
_FORMULA_START = r"^[=+\-@\t\r＝＋－＠]"

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


def write_review(path: Path, blocks: Iterable[ReviewColumns]) -> int:
    """Write the rows in the order given (``ask`` by rank, then ``correct``); return how many.

    A value that a spreadsheet would run as a formula (first character = + - @, a tab, or one of
    these in full width) gets an apostrophe before it; every other value stands as it is.
    """
    written = 0
    with replacing(path, encoding="utf-8-sig") as file:
        file.write(",".join(headers()) + "\r\n")
        for block in blocks:
            file.write(lines([_safe(column) for column in _columns(block)], delimiter=",", line_end="\r\n"))
            written += len(block)
    return written


def _columns(block: ReviewColumns) -> Iterator[pa.Array]:
    yield block.column("rank").cast(pa.string())
    yield _labelled(block, "action")
    yield _labelled(block, "verdict")
    yield block.column("link_id")
    yield block.column("row").cast(pa.string())
    yield block.column("scheme_number")
    yield block.column("masked_number")
    yield _reworded(block.column("cause"), lambda code: f"{code} {words.cause(code)}")
    yield _evidence(block)
    yield _reworded(block.column("reasons"), _reasons)
    yield _labelled(block, "restriction")
    yield _labelled(block, "restriction_by_table")
    for item in ITEMS:
        own, held, other = (_shown(block, side, item) for side in SIDES)
        yield from (own, held, _labelled(block, f"state_{item}"), other)
    yield _labelled(block, "entry_status")
    yield block.column("entry_status_on").cast(pa.string())
    yield block.column("rival_count").cast(pa.string())
    yield from (block.column(name) for name in ("rival_masked_number", "operator", "batch"))
    yield pc.if_else(block.column("protected"), "該当", "")
    yield block.column("evidence_digest")


def _labelled(block: ReviewColumns, column: str) -> pa.Array:
    kind = "restriction" if column.startswith("restriction") else "state" if column.startswith("state") else column
    return _reworded(block.column(column), lambda word: words.label(kind, word))


def _reworded(codes: pa.DictionaryArray, say: Callable[[str], str]) -> pa.Array:
    """The words for a column of codes, each said once."""
    return pa.array([say(code) for code in codes.dictionary.to_pylist()], pa.string()).take(codes.indices)


def _reasons(codes: str) -> str:
    return "；".join(words.reason(code) for code in codes.split())


def _evidence(block: ReviewColumns) -> pa.Array:
    said = [""] * len(block)
    for place, facts in block.evidence.items():
        said[place] = "".join(words.evidence(fact) for fact in facts)
    return pa.array(said, pa.string())


def _shown(block: ReviewColumns, side: str, item: str) -> pa.Array:
    """One item of one side; a protected person's address is not shown."""
    values = block.column(f"{side}_{item}")
    if item != "address":
        return values
    hidden = pc.and_(block.column("protected"), pc.not_equal(values, ""))
    if side == "link":
        state = block.column("state_address")
        safe = pa.array([word in SAFE_ADDRESS_STATES for word in state.dictionary.to_pylist()], pa.bool_())
        tells = pc.or_(pc.invert(safe.take(state.indices)), block.column("rival_protected"))
        hidden = pc.and_(hidden, tells)
    return pc.if_else(pc.fill_null(hidden, False), HIDDEN, values)


def _safe(column: pa.Array) -> pa.Array:
    """The values of a column, none null and none that would run as a formula."""
    values = column.fill_null("") if column.null_count else column
    runs = pc.match_substring_regex(values, _FORMULA_START)
    if not pc.any(runs).as_py():
        return values
    return pc.if_else(runs, joined("'", values), values)
