"""The rows that somebody must look at, gathered from outcomes, decisions, file and register into columns."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from himozuke.engines.base import Ints, Job, Longs, Outcomes
from himozuke.engines.context import as_date
from himozuke.engines.decisions import Decisions
from himozuke.engines.entries import entries
from himozuke.engines.staged import TEXTS, StagedLinks
from himozuke.engines.verdict_rows import (
    ACTION_WORDS,
    RESTRICTION_WORDS,
    STATE_WORDS,
    VERDICT_WORDS,
    digest_column,
    worded,
)
from himozuke.identity.column import one_array
from himozuke.identity.individual_number import mask_column, masked, masked_numbers, numbers_as_text
from himozuke.identity.state import How
from himozuke.inspection.model import Fact
from himozuke.inspection.review import SCHEMA, ReviewColumns
from himozuke.link.items import ITEMS

_STATUS_WORDS = ("current", "abroad", "dead", "replaced")
_HOW_WORDS = tuple(how.name.lower() for how in How)
_HOW_PLACES = np.zeros(256, np.uint8)
_HOW_PLACES[[int(how) for how in How]] = np.arange(len(How))


def review_columns(
    job: Job,
    outcomes: Outcomes,
    decisions: Decisions,
    indexes: Longs,
    *,
    ranks: Ints,
    reveal: bool,
) -> ReviewColumns:
    """The review rows of these links, in that order; ``reveal`` leaves Individual Numbers whole."""
    own, rival = (entries(job.register, positions[indexes]) for positions in (outcomes.own, outcomes.rival))
    rank = ranks[indexes]
    columns = {
        "rank": pa.array(rank, mask=rank == 0),
        **_link_columns(job.links, outcomes, indexes, reveal=reveal),
        **_outcome_columns(outcomes, decisions, indexes),
        **_register_columns(own, rival, reveal=reveal),
    }
    is_old = pc.match_substring(columns["reasons"].dictionary, "old_number").take(columns["reasons"].indices)
    columns["current_number"] = pc.if_else(is_old, _numbers(own, reveal=reveal), "")
    arrays = [columns[f.name] if columns[f.name].type == f.type else columns[f.name].cast(f.type) for f in SCHEMA]
    return ReviewColumns(pa.Table.from_arrays(arrays, schema=SCHEMA), _evidence(outcomes, indexes))


def _link_columns(links: StagedLinks, outcomes: Outcomes, indexes: Longs, *, reveal: bool) -> dict[str, pa.Array]:
    """What the file itself holds; people write Individual Numbers into other columns, too."""
    numbers = {name: column[indexes] for name, column in links.numbers(("row", "number", "row_hash")).items()}
    texts = {name: one_array(column) for name, column in zip(TEXTS, links.texts(indexes).itercolumns(), strict=True)}
    shown = numbers_as_text if reveal else masked_numbers
    if not reveal:
        texts["link_id"] = _without_own_number(texts["link_id"], numbers["number"])
        texts |= {name: mask_column(texts[name]) for name in (*ITEMS, "batch", "operator")}
    return {
        **{name: texts[name] for name in ("link_id", "scheme_number", "batch", "operator")},
        **{f"link_{item}": texts[item] for item in ITEMS},
        "row": pa.array(numbers["row"]),
        "masked_number": shown(numbers["number"]),
        "evidence_digest": digest_column(numbers["row_hash"], outcomes.entry_hash[indexes]),
    }


def _outcome_columns(outcomes: Outcomes, decisions: Decisions, indexes: Longs) -> dict[str, pa.Array]:
    """What was found out and decided."""
    case = decisions.case[indexes]
    causes = [outcomes.causes.get(index, (None,))[0] for index in indexes.tolist()]
    reasons = pa.array([" ".join(codes) for codes in decisions.reasons])
    return {
        "verdict": worded(decisions.verdict, case, VERDICT_WORDS),
        "action": worded(decisions.action, case, ACTION_WORDS),
        "restriction": worded(decisions.restriction, case, RESTRICTION_WORDS),
        "restriction_by_table": worded(decisions.restriction_by_table, case, RESTRICTION_WORDS),
        "cause": pa.array(causes, pa.string()).dictionary_encode(),
        "rival_count": pa.array(outcomes.rival_count[indexes]),
        "reasons": pa.DictionaryArray.from_arrays(pa.array(case), reasons),
        **{f"state_{item}": worded(decisions.states[i], case, STATE_WORDS) for i, item in enumerate(ITEMS)},
        **{f"how_{item}": worded(_HOW_PLACES, outcomes.hows[i, indexes], _HOW_WORDS) for i, item in enumerate(ITEMS)},
    }


def _register_columns(own: pa.Table, rival: pa.Table, *, reveal: bool) -> dict[str, pa.Array]:
    """What the register holds of the number's holder and of somebody who fits better or as well."""
    status = one_array(own.column("status")).cast(pa.int8())
    protected = [one_array(side.column("protected")).fill_null(False) for side in (own, rival)]
    return {
        "rival_masked_number": _numbers(rival, reveal=reveal),
        "protected": pc.or_(*protected),
        "rival_protected": protected[1],
        "entry_status": pa.DictionaryArray.from_arrays(status, pa.array(_STATUS_WORDS)),
        "entry_status_on": _days(one_array(own.column("status_on"))),
        **{f"entry_{item}": one_array(own.column(item)) for item in ITEMS},
        **{f"rival_{item}": one_array(rival.column(item)) for item in ITEMS},
    }


def _numbers(entries: pa.Table, *, reveal: bool) -> pa.Array:
    """The Individual Numbers of some entries, empty for nobody."""
    numbers = one_array(entries.column("number"))
    whole = numbers.fill_null(0).to_numpy()
    return pc.if_else(numbers.is_null(), "", numbers_as_text(whole) if reveal else masked_numbers(whole))


def _days(numbers: pa.Array) -> pa.Array:
    """Days as yyyymmdd in a column of dates; 0 and null are none."""
    found = numbers.dictionary_encode()
    days = [as_date(number) if number else None for number in found.dictionary.to_pylist()]
    return pa.array(days, pa.date32()).take(found.indices)


def _without_own_number(texts: pa.Array, numbers: Longs) -> pa.Array:
    """Texts kept as they are unless the link's own Individual Number stands in them."""
    suspect = pc.match_substring_regex(texts, r"[0-9]{12}").to_numpy(zero_copy_only=False)
    if not suspect.any():
        return texts
    mended = [
        text.replace(f"{number:012d}", masked(number))
        for text, number in zip(texts.filter(pa.array(suspect)).to_pylist(), numbers[suspect].tolist(), strict=True)
    ]
    return pc.replace_with_mask(texts, pa.array(suspect), pa.array(mended, texts.type))


def _evidence(outcomes: Outcomes, indexes: Longs) -> dict[int, tuple[Fact, ...]]:
    """The facts that speak for a cause, by place."""
    found = {}
    for place, index in enumerate(indexes.tolist()):
        _, evidence = outcomes.causes.get(index, (None, ()))
        if evidence:
            found[place] = tuple(Fact(code, values) for code, values in evidence)
    return found
