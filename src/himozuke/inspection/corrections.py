"""What a record needs to be mended: which fields, and the values that are known for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.inspection import notation
from himozuke.inspection.model import ITEMS
from himozuke.inspection.review import ReviewColumns

Longs = npt.NDArray[np.int64]

UNREADABLE_MARKS = "●〓□"

#: One row for each field to mend: data row of the file, column (an item, ``individual_number`` or ``valid_to``;
#: empty for the whole record), former value, value to put in (null: to be collected or decided first), reason code.
SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("column", pa.string()),
        ("before", pa.large_string()),
        ("after", pa.large_string()),
        ("reason", pa.string()),
    ]
)

_NAMES = ("kanji_name", "kana_name")
_MOST_STEPS = 64

# Which items a reason speaks of, and in which states the insurer's value is the one to mend.
_STATES_TO_MEND = {
    "married": (_NAMES, ("different", "near", "unknown")),
    "middle_name": (_NAMES, ("near",)),
    "unreadable": (ITEMS, ("unknown",)),
    "other_script": (_NAMES, ("unknown",)),
}


class _Step(NamedTuple):
    """One field to mend; ``is_known``: the register has its value. ``only_blank``: where the record holds nothing."""

    column: str
    reason: str
    is_known: bool
    only_blank: bool = False


def corrections(review: ReviewColumns) -> pa.Table:
    """List what the insurer must mend (of :data:`SCHEMA`), record by record in the order of the review rows.

    There is at least one entry for a ``correct`` row. Rows with another action give nothing: while it is
    open whose number it is, no value is put in.
    """
    places_by_step: dict[_Step, list[tuple[Longs, int]]] = {}
    for places, steps, otherwise in _alike(review):
        bare = np.ones(len(places), np.bool_)
        for turn, step in enumerate(steps):
            chosen = _is_blank(review, step.column, places) if step.only_blank else np.ones(len(places), np.bool_)
            bare &= ~chosen
            places_by_step.setdefault(step, []).append((places[chosen], turn))
        places_by_step.setdefault(_Step("", otherwise, is_known=False), []).append((places[bare], 0))
    pieces = [SCHEMA.empty_table()]
    order = []
    for step, found in places_by_step.items():
        places = np.concatenate([chosen for chosen, _ in found])
        pieces.append(_mended(review, places, step))
        order.append(np.concatenate([chosen * _MOST_STEPS + turn for chosen, turn in found]))
    return pa.concat_tables(pieces).take(pa.array(np.argsort(np.concatenate([np.zeros(0, np.int64), *order]))))


def _alike(review: ReviewColumns) -> Iterator[tuple[Longs, Sequence[_Step], str]]:
    """The places of rows to correct of one kind, what to mend in them, and a reason in case there is nothing."""
    action = review.column("action")
    chosen = np.array([word == "correct" for word in action.dictionary.to_pylist()], np.bool_)
    places = np.flatnonzero(chosen[action.indices.to_numpy()])
    key = np.zeros(len(places), np.int64)
    names = ("verdict", "reasons", *(f"state_{item}" for item in ITEMS))
    for name in names:
        codes = review.column(name)
        key = key * (len(codes.dictionary) + 1) + codes.indices.fill_null(-1).to_numpy()[places] + 1
    order = np.argsort(key, kind="stable")
    for group in np.split(places[order], np.flatnonzero(np.diff(key[order])) + 1):
        if len(group):
            verdict, reasons, *states = (review.column(name)[int(group[0])].as_py() for name in names)
            found = _steps(verdict, reasons.split(), dict(zip(ITEMS, states, strict=True)))
            if verdict == "UNTESTABLE":
                # Whose number it is stays open: a holder's value would make a wrong link agree for ever.
                found = (step._replace(is_known=False) for step in found)
            steps = tuple(dict.fromkeys(found))
            yield group, steps, reasons.split()[0] if reasons else "too_little_held"


def _steps(verdict: str, reasons: Sequence[str], states: Mapping[str, str]) -> Iterator[_Step]:
    for reason in reasons:
        if reason == "old_number":
            yield _Step("individual_number", reason, is_known=True)
        elif reason in ("died_link_open", "several_valid_links"):
            yield _Step("valid_to", reason, is_known=False)
        elif reason == "reading":
            yield _Step("kana_name", reason, is_known=True)
        elif reason.startswith("slip_"):
            yield _Step(reason.removeprefix("slip_"), reason, is_known=True)
        elif reason in _STATES_TO_MEND:
            items, to_mend = _STATES_TO_MEND[reason]
            yield from (_Step(item, reason, is_known=True) for item in items if states[item] in to_mend)
        elif reason.startswith("missing_") and verdict == "EXPLAINED" and reason != "missing_address":
            # Insurers need not hold an address (R-JLIS); what else is missing the register knows.
            yield _Step(reason.removeprefix("missing_"), reason, is_known=True, only_blank=True)
    if verdict == "UNTESTABLE":
        yield from (_Step(item, f"missing_{item}", is_known=False, only_blank=True) for item in ITEMS)


def _is_blank(review: ReviewColumns, item: str, places: Longs) -> npt.NDArray[np.bool_]:
    values = pc.utf8_trim_whitespace(review.column(f"link_{item}").take(pa.array(places)))
    found: npt.NDArray[np.bool_] = pc.equal(values, "").to_numpy(zero_copy_only=False)
    return found


def _mended(review: ReviewColumns, places: Longs, step: _Step) -> pa.Table:
    """One step for the rows at these places."""
    at, text = pa.array(places), SCHEMA.field("before").type
    before, after = pa.repeat(pa.scalar("", text), len(places)), pa.nulls(len(places), text)
    if step.column == "individual_number" and step.is_known:
        before, after = (review.column(name).take(at) for name in ("masked_number", "current_number"))
        after = _null_where(pc.equal(after, ""), after)
    elif step.is_known:
        before, after = (review.column(f"{side}_{step.column}").take(at) for side in ("link", "entry"))
        after = _known(before, after, review.column("protected").take(at), item=step.column)
    names = (pa.repeat(pa.scalar(name, pa.string()), len(places)) for name in (step.column, step.reason))
    column, reason = names
    return pa.Table.from_arrays([review.column("row").take(at), column, before, after, reason], schema=SCHEMA)


def _known(before: pa.Array, values: pa.Array, protected: pa.Array, *, item: str) -> pa.Array:
    """The register's values in the notation of the file; null where none may or can be put in."""
    unknown = pc.or_(pc.equal(values, ""), pc.match_substring_regex(values, f"[{UNREADABLE_MARKS}]"))
    if item == "address":
        unknown = pc.or_(unknown, protected)
    return notation.like_column(before, _null_where(unknown, values), item=item)


def _null_where(flags: pa.Array, values: pa.Array) -> pa.Array:
    return pc.if_else(flags, pa.scalar(None, values.type), values)
