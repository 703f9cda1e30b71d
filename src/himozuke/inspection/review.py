"""Rows that somebody must look at, as columns: what an engine hands over, many rows at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from himozuke.identity.column import one_array
from himozuke.inspection.model import ITEMS, Fact, Items, ReviewRow

#: Whose items stand side by side: the file's own record, the number's holder, and who fits better or as well.
SIDES = ("link", "entry", "rival")

_WORD = pa.dictionary(pa.int8(), pa.string())
_TEXT = pa.large_string()

SCHEMA = pa.schema(
    [
        *((name, _TEXT) for name in ("link_id", "scheme_number", "masked_number", "rival_masked_number")),
        *((name, _TEXT) for name in ("current_number", "evidence_digest", "batch", "operator")),
        *((name, _WORD) for name in ("verdict", "action", "restriction", "restriction_by_table")),
        *((name, _WORD) for name in ("cause", "entry_status")),
        ("entry_status_on", pa.date32()),
        ("row", pa.int64()),
        ("rank", pa.int32()),
        ("rival_count", pa.int32()),
        ("protected", pa.bool_()),
        ("rival_protected", pa.bool_()),
        ("reasons", pa.dictionary(pa.int32(), pa.string())),  # codes with a space between
        *((f"{kind}_{item}", _WORD) for kind in ("state", "how") for item in ITEMS),
        *((f"{side}_{item}", _TEXT) for side in SIDES for item in ITEMS),
    ]
)
_SINGLE = SCHEMA.names[: SCHEMA.names.index("reasons")]


@dataclass(frozen=True, slots=True)
class ReviewColumns:
    """Review rows that follow each other, one row of ``table`` (of :data:`SCHEMA`) each.

    Columns hold what the fields of :class:`ReviewRow` of the same name hold; the items of a side that is
    nobody are null, and so is whatever a row has not. ``evidence`` has the facts of rows by their place.
    """

    table: pa.Table
    evidence: Mapping[int, tuple[Fact, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> pa.Array:
        """One column in one piece."""
        return one_array(self.table.column(name))

    def rows(self, places: Sequence[int]) -> list[ReviewRow]:
        """Some of the rows one by one, in the order asked for."""
        found = self.table.take(pa.array(places, pa.int64())).to_pylist()
        return [_row(values, self.evidence.get(place, ())) for place, values in zip(places, found, strict=True)]

    @classmethod
    def of(cls, rows: Iterable[ReviewRow]) -> ReviewColumns:
        """The same of rows that are at hand one by one."""
        held = list(rows)
        evidence = {place: row.evidence for place, row in enumerate(held) if row.evidence}
        return cls(pa.Table.from_pylist([_values(row) for row in held], SCHEMA), evidence)


def _row(values: Mapping[str, Any], evidence: tuple[Fact, ...]) -> ReviewRow:
    return ReviewRow(
        **{name: values[name] for name in _SINGLE} | {"entry_status": values["entry_status"] or ""},
        reasons=tuple(values["reasons"].split()),
        states=_by_item(values, "state"),
        hows=_by_item(values, "how"),
        link=_items(values, "link") or Items(),
        entry=_items(values, "entry"),
        rival=_items(values, "rival"),
        evidence=evidence,
    )


def _items(values: Mapping[str, Any], side: str) -> Items | None:
    found = [values[f"{side}_{item}"] for item in ITEMS]
    return None if found[0] is None else Items(*found)


def _by_item(values: Mapping[str, Any], kind: str) -> dict[str, str]:
    found = {item: values[f"{kind}_{item}"] for item in ITEMS}
    return {item: word for item, word in found.items() if word is not None}


def _values(row: ReviewRow) -> dict[str, Any]:
    sides = {"link": row.link, "entry": row.entry, "rival": row.rival}
    items = {f"{side}_{item}": held.value(item) if held else None for side, held in sides.items() for item in ITEMS}
    states = {f"state_{item}": row.states.get(item) for item in ITEMS}
    hows = {f"how_{item}": row.hows.get(item) for item in ITEMS}
    single = {name: getattr(row, name) for name in _SINGLE}
    return single | {"entry_status": row.entry_status or None, "reasons": " ".join(row.reasons)} | states | hows | items
