"""The rows of ``verdicts.parquet``: the outcome of every link in the words of the contract."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines.base import Hashes, Ints, Longs, Outcomes
from himozuke.engines.decisions import Decisions
from himozuke.identity.column import one_array
from himozuke.identity.state import ItemState
from himozuke.inspection.model import CAUSES
from himozuke.inspection.verdicts import SCHEMA
from himozuke.link.proof import evidence_digests
from himozuke.link.restriction import Restriction
from himozuke.link.verdict import Action, Verdict

VERDICT_WORDS = tuple(verdict.name for verdict in Verdict)
ACTION_WORDS = tuple(action.name.lower() for action in Action)
RESTRICTION_WORDS = tuple(restriction.name for restriction in Restriction)
STATE_WORDS = tuple(state.word for state in ItemState)


class VerdictRows:
    """Makes the rows of neighbouring links; causes are places in CAUSES (-1: none), rank 0 is none."""

    def __init__(self, outcomes: Outcomes, decisions: Decisions, *, causes: npt.NDArray[np.int8], ranks: Ints) -> None:
        """Keep what was found out of all links."""
        self._outcomes, self._decisions = outcomes, decisions
        self._causes, self._ranks = causes, ranks
        self._reasons = pa.array(decisions.reasons, pa.list_(pa.string()))

    def batch(self, span: slice, *, link_ids: pa.ChunkedArray, rows: Longs, row_hashes: Hashes) -> pa.RecordBatch:
        """The rows of the links in a span; ``link_ids``, ``rows`` and ``row_hashes`` are theirs alone."""
        outcomes, decisions = self._outcomes, self._decisions
        case, causes, ranks = decisions.case[span], self._causes[span], self._ranks[span]
        columns: list[Any] = [
            one_array(link_ids).cast(pa.large_string()),
            rows,
            worded(decisions.verdict, case, VERDICT_WORDS),
            worded(decisions.restriction, case, RESTRICTION_WORDS),
            worded(decisions.restriction_by_table, case, RESTRICTION_WORDS),
            worded(decisions.action, case, ACTION_WORDS),
            pa.DictionaryArray.from_arrays(pa.array(causes, mask=causes < 0), pa.array(CAUSES)),
            outcomes.rival_count[span],
            pa.array(ranks, mask=ranks == 0),
            outcomes.pattern[span],
            *(worded(states, case, STATE_WORDS) for states in decisions.states),
            self._reasons.take(pa.array(case)),
            digest_column(row_hashes, outcomes.entry_hash[span]),
        ]
        arrays = [pa.array(column) if isinstance(column, np.ndarray) else column for column in columns]
        return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)


def worded(codes: npt.NDArray[np.uint8], where: npt.NDArray[np.integer[Any]], words: tuple[str, ...]) -> pa.Array:
    """A column of words; ``codes`` say for each case the place of its word, ``where`` the case of each row."""
    return pa.DictionaryArray.from_arrays(pa.array(codes.view(np.int8)[where]), pa.array(words))


def digest_column(row_hashes: Hashes, entry_hashes: Hashes) -> pa.LargeStringArray:
    """The digests of the evidence as a column of text."""
    data, offsets = evidence_digests(row_hashes, entry_hashes)
    return pa.LargeStringArray.from_buffers(len(row_hashes), pa.py_buffer(offsets), pa.py_buffer(data))
