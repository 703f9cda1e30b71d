"""A record beside the register, as each role may see it, and the answer an insurer gives for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.web.shown_items import shown_day
from himozuke.errors import ConflictError, InputRejectedError, UpstreamDownError
from himozuke.identity import sex
from himozuke.ports.actor import Role
from himozuke.ports.office import LinkVersion
from himozuke.ports.protection import may_see_address, shown_held_address
from himozuke.rules.kinds import ITEMS
from himozuke.stores.record_lists import Row

_STATE_TAGS = {
    "equal": "good", "folded": "good", "variant": "good", "near": "warn", "unknown": "warn", "missing": "warn",
    "different": "bad",
}  # fmt: skip
REGISTER_CHANGED = (
    "台帳の内容が変わっていたため、照合し直しました。新しい結果を確かめて、必要ならもう一度回答してください。",
    "The register had changed, and the record was compared anew. Look at the new result, and answer again if need be.",
)
_SAID_BY_THE_ACT = ("register", "end")


def answer_record(desk: Desk, record: Row, form: Form) -> None:
    """Answer for one record: corrected (誤入力あり) or no doubt, with reason (理由付き疑いなし).

    What is wrong with the answer stands in ``form.errors`` afterwards; nothing was changed then.
    """
    reason = form.text("reason", label=Said("理由", "Reason"), most=500)
    answer = form.choice("answer", ("corrected", "no_doubt"), label=Said("回答", "Answer"))
    items = {item: form.text(f"new_{item}", most=200) for item in ITEMS} if answer == "corrected" else {}
    changed = {item: text for item, text in items.items() if text and text != record[f"link_{item}"]}
    if answer == "corrected" and not changed:
        form.wrong("answer", "補正した項目がありません。項目を直してください。", "No item was changed; correct one.")
    if form.errors:
        return
    try:
        with desk.work() as work:
            answered = work.answering.answer([record["link_id"]], answer=answer, reason=reason, items=changed or None)
        if any(not one.answer for one in answered):
            form.wrong("answer", *REGISTER_CHANGED)
    except ConflictError:
        form.wrong("answer", "閲覧停止中の記録ではないため、回答できません。", "It is not stopped for a doubt.")
    except InputRejectedError:
        form.wrong("reason", "12桁の数字は書けません（個人番号のおそれ）。", "Twelve digits may not stand here.")
    except UpstreamDownError:
        form.wrong("answer", "台帳が応答しません。あとでもう一度。", "The register does not answer; try again later.")


def as_seen(row: Row, role: Role | None) -> Row:
    """A notice or record as a role may see it: where a person under protection lives stands on no page (支援措置)."""
    protected = bool(row["is_protected"])
    if may_see_address(is_protected=protected, role=role):
        return row
    states: Sequence[str] = row["states"] or ("",) * len(ITEMS)
    state = states[ITEMS.index("address")]
    kept = {name: text for name, text in (row["register_items"] or {}).items() if "address" not in name}
    if not row["register_items"]:  # every item was equal: what the link holds is what the register held
        kept = {item: row[f"link_{item}"] for item in ITEMS if item != "address"}
    shown = {
        name: shown_held_address(str(row[name] or ""), is_protected=protected, state=state, role=role)
        for name in ("address", "address_kana", "link_address")
        if name in row
    }
    if "postal_code" in row:
        shown["postal_code"] = row["postal_code"] if shown["address"] else ""
    return {**row, **shown, "register_items": {**kept, "is_protected": True}}


def course_of(
    desk: Desk, history: Sequence[LinkVersion], people: Mapping[str, str]
) -> list[tuple[datetime, str, str, str]]:
    """When, what, why and by whom a record was changed, oldest first, in the reader's language."""
    return [(version.at, version.act, _why(desk, version), people[version.by]) for version in history]


def _why(desk: Desk, version: LinkVersion) -> str:
    if version.act in _SAID_BY_THE_ACT:
        return ""
    day = version.after.get("register_day")
    if version.act == "compare" and day:
        shown = shown_day(str(day), language=desk.language)
        return desk.say(f"住民基本台帳（{shown}時点）と照合", f"compared with the resident register of {shown}")
    return version.reason


def beside_register(row: Row) -> list[tuple[str, str, str, str, str]]:
    """Item, what the link holds, what the register held, the state and its colour; as far as it was kept."""
    if not row["states"]:
        return []
    held: Mapping[str, Any] = row["register_items"] or {item: row[f"link_{item}"] for item in ITEMS}
    rows = []
    for item, state in zip(ITEMS, row["states"], strict=True):
        register = str(held.get(item, "") or "")
        ours = str(row[f"link_{item}"] or "")
        if state == "missing" and ours:  # nobody in the register stood beside it
            register = ""
        if item == "sex":
            ours, register = _sex(ours), _sex(register)
        rows.append((item, ours, register, state, _STATE_TAGS[state]))
    return rows


def _sex(text: str) -> str:
    """A sex as people read it; what is no known code stays as it is."""
    return {sex.MAN: "男", sex.WOMAN: "女"}.get(sex.parse(text) or 0, text)
