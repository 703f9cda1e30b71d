"""The links of an organisation as a file of links, to be inspected or handed on."""

from __future__ import annotations

import csv
import io
from typing import IO

from himozuke.entrypoints.wiring import OfficeWork
from himozuke.ports.protection import shown_held_address

#: Header and column, in order.
COLUMNS = (
    ("紐付けID", "link_id"),
    ("保険者番号", "insurer_number"),
    ("記号", "symbol"),
    ("番号", "number"),
    ("枝番", "branch"),
    ("個人番号", "individual_number"),
    ("漢字氏名", "kanji_name"),
    ("カナ氏名", "kana_name"),
    ("生年月日", "birth_date"),
    ("性別", "sex"),
    ("住所", "address"),
    ("取得方法", "acquired_by"),
    ("照会項目", "acquired_items"),
    ("該当件数", "acquired_hits"),
    ("取得年月日", "acquired_on"),
    ("登録年月日", "registered_on"),
    ("資格取得年月日", "valid_from"),
    ("資格喪失年月日", "valid_to"),
)


def write_links(work: OfficeWork, scheme: str, out: IO[bytes]) -> int:
    """Write every link of a scheme that the actor may see as CSV (UTF-8 with BOM); how many rows.

    The numbers stand whole in it, since an inspection needs them: the act is audited with the figure. The address
    of a person under protection is left out (支援措置).
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([header for header, _ in COLUMNS])
    rows = work.notice_lists.export(scheme)
    for row in rows:
        number = work.office.vault.open(bytes(row["individual_number_sealed"])).reveal()
        address = shown_held_address(
            row["address"], is_protected=row["is_protected"], state=row["address_state"], role=work.actor.role
        )
        values = {**row, "individual_number": number, "address": address}
        writer.writerow([values[column] for _, column in COLUMNS])
    text.detach()
    work.audit.record("registration.export", subject="links", subject_id=scheme, details={"rows": len(rows)})
    return len(rows)
