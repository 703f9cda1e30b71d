"""Review rows of one synthetic person, each test changing what it is about."""

from __future__ import annotations

from himozuke.inspection.model import ITEMS, Items, ReviewRow

LINK = Items("佐々木　健一", "ササキ　ケンイチ", "1987-03-04", "男", "千葉県船橋市本町1-2-3")
ENTRY = Items("佐々木　健一", "ササキ　タケカズ", "1987-03-14", "1", "千葉県船橋市本町1丁目2番4号")


def row(**changes: object) -> ReviewRow:
    values: dict[str, object] = {
        "link_id": "L1",
        "row": 7,
        "verdict": "EXPLAINED",
        "action": "correct",
        "restriction": "NONE",
        "restriction_by_table": "NONE",
        "cause": None,
        "rank": None,
        "reasons": (),
        "states": dict.fromkeys(ITEMS, "equal"),
        "link": LINK,
        "scheme_number": "1",
        "masked_number": "*********123",
        "entry": ENTRY,
    }
    return ReviewRow(**(values | changes))  # type: ignore[arg-type]
