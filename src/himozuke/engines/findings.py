"""What an inspection found, in the forms its readers take: verdict batches, figures and review rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines.base import Job, Longs, Outcomes
from himozuke.engines.context import ACQUIRED_BY, as_date, got_with_few_items
from himozuke.engines.decisions import Decisions
from himozuke.engines.entry_book import EntryBook
from himozuke.engines.origin import ranks
from himozuke.identity.individual_number import mask, masked
from himozuke.identity.state import How, ItemState
from himozuke.inspection.model import CAUSES, Fact, Items, LedgerLine, ReviewRow, Run, Tally
from himozuke.link.items import ITEMS
from himozuke.link.proof import evidence_digest, evidence_digests
from himozuke.link.restriction import Restriction
from himozuke.link.verdict import Action, Verdict

_STATUS = ("current", "abroad", "dead", "replaced")
_VERDICTS = tuple(verdict.name for verdict in Verdict)
_ACTIONS = tuple(action.name.lower() for action in Action)
_RESTRICTIONS = tuple(restriction.name for restriction in Restriction)
_STATES = tuple(state.word for state in ItemState)
_HOWS = {int(how): how.name.lower() for how in How}
_REVIEW_ROWS_AT_ONCE = 200_000

#: One of few words: a dictionary in memory, plain text in the file.
_WORD = pa.dictionary(pa.int8(), pa.string())

#: Columns whose values repeat; the others are written as they come.
REPEATING = ("verdict", "restriction", "restriction_by_table", "action", "cause", "pattern", "reasons.list.element")

VERDICT_SCHEMA = pa.schema(
    [
        pa.field("link_id", pa.string()),
        pa.field("row", pa.int64()),
        pa.field("verdict", _WORD),
        pa.field("restriction", _WORD),
        pa.field("restriction_by_table", _WORD),
        pa.field("action", _WORD),
        pa.field("cause", _WORD),
        pa.field("rival_count", pa.int32()),
        pa.field("rank", pa.int32()),
        pa.field("pattern", pa.int32()),
        *(pa.field(f"state_{item}", _WORD) for item in ITEMS),
        pa.field("reasons", pa.list_(pa.string())),
        pa.field("evidence_digest", pa.string()),
    ]
)


@dataclass(slots=True)
class Findings:
    """Everything one inspection found; reads texts again only for the rows somebody will look at."""

    job: Job
    outcomes: Outcomes
    decisions: Decisions
    book: EntryBook
    engine: str
    _rank: dict[int, int] = field(init=False)
    _cause: npt.NDArray[np.int8] = field(init=False)
    _rank_column: npt.NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        rows = len(self.outcomes.pattern)
        self._rank = ranks(self.outcomes, self.decisions)
        self._cause = np.full(rows, -1, np.int8)
        self._rank_column = np.zeros(rows, np.int32)
        for index, (cause, _) in self.outcomes.causes.items():
            self._cause[index] = CAUSES.index(cause) if cause else -1
        for index, rank in self._rank.items():
            self._rank_column[index] = rank

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of ``verdicts.parquet``, in file order."""
        links = self.job.links
        columns = links.numbers(("row", "row_hash"))
        edges = [*links.starts, links.rows]
        lists = pa.array(self.decisions.reasons, pa.list_(pa.string()))
        for part in range(len(links.starts)):
            span = slice(edges[part], edges[part + 1])
            ids = links.link_ids(part)
            yield self._batch(span, ids, columns["row"][span], columns["row_hash"][span], lists)

    def _batch(
        self,
        span: slice,
        ids: pa.ChunkedArray,
        rows: Longs,
        hashes: npt.NDArray[np.uint64],
        lists: pa.Array,
    ) -> pa.RecordBatch:
        out, decided = self.outcomes, self.decisions
        data, offsets = evidence_digests(hashes, out.entry_hash[span])
        digests = pa.LargeStringArray.from_buffers(len(rows), pa.py_buffer(offsets), pa.py_buffer(data)).cast(
            pa.string()
        )
        cause, rank = self._cause[span], self._rank_column[span]
        columns: list[Any] = [
            ids.cast(pa.string()).combine_chunks(),
            rows,
            _worded(decided.verdict[span], _VERDICTS),
            _worded(decided.restriction[span], _RESTRICTIONS),
            _worded(decided.restriction_by_table[span], _RESTRICTIONS),
            _worded(decided.action[span], _ACTIONS),
            pa.DictionaryArray.from_arrays(pa.array(cause, mask=cause < 0), pa.array(CAUSES)),
            out.rival_count[span],
            pa.array(rank, mask=rank == 0),
            out.pattern[span],
            *(_worded(out.states[index][span], _STATES) for index in range(len(ITEMS))),
            lists.take(pa.array(decided.reason_index[span])),
            digests,
        ]
        arrays = [pa.array(c) if isinstance(c, np.ndarray) else _flat(c) for c in columns]
        return pa.RecordBatch.from_arrays(arrays, schema=VERDICT_SCHEMA)

    def content_digest(self) -> str:
        """SHA-256 over every link's outcome: two runs that agree in everything have the same."""
        out, decided = self.outcomes, self.decisions
        links = self.job.links.numbers(("row", "row_hash"))
        columns = (
            *links.values(),
            *(decided.verdict, decided.action, decided.restriction, decided.restriction_by_table),
            *(out.pattern, out.rival_count, out.states, out.entry_hash, self._cause, self._rank_column),
        )
        digest = hashlib.sha256()
        for column in columns:
            digest.update(np.ascontiguousarray(column).data)
        return digest.hexdigest()

    def reviews(self, *, reveal: bool = False) -> Iterator[ReviewRow]:
        """The rows to ask about by rank, then those to correct in file order."""
        to_correct = np.flatnonzero(self.decisions.action == Action.CORRECT).tolist()
        order = sorted(self._rank, key=self._rank.__getitem__) + to_correct
        for start in range(0, len(order), _REVIEW_ROWS_AT_ONCE):
            yield from self._review_rows(np.array(order[start : start + _REVIEW_ROWS_AT_ONCE], np.int64), reveal=reveal)

    def _review_rows(self, indexes: Longs, *, reveal: bool) -> Iterator[ReviewRow]:
        out, decided = self.outcomes, self.decisions
        columns = self.job.links.numbers(("row", "number", "row_hash"))
        entries = self.book.rows(np.concatenate([out.own[indexes], out.rival[indexes]]))
        show = "{:012d}".format if reveal else masked
        hide = str if reveal else mask  # people write numbers into other columns, too
        facts = zip(
            indexes.tolist(),
            self.job.links.texts(indexes).to_pylist(),
            *(columns[name][indexes].tolist() for name in ("row", "number", "row_hash")),
            out.own[indexes].tolist(),
            out.rival[indexes].tolist(),
            out.rival_count[indexes].tolist(),
            out.entry_hash[indexes].tolist(),
            out.states[:, indexes].T.tolist(),
            out.hows[:, indexes].T.tolist(),
            *(codes[indexes].tolist() for codes in (decided.verdict, decided.action, decided.restriction)),
            decided.restriction_by_table[indexes].tolist(),
            decided.reason_index[indexes].tolist(),
            strict=True,
        )
        for index, link, row, number, link_hash, own_pos, rival_pos, rivals, entry_hash, states, hows, *codes in facts:
            verdict, action, restriction, stopped, reasons = codes
            own, rival = entries.get(own_pos), entries.get(rival_pos)
            cause, evidence = out.causes.get(index, (None, ()))
            why = decided.reasons[reasons]
            yield ReviewRow(
                link_id=link["link_id"] if reveal else _without_number(link["link_id"], number),
                row=row,
                verdict=_VERDICTS[verdict],
                action=_ACTIONS[action],
                restriction=_RESTRICTIONS[restriction],
                restriction_by_table=_RESTRICTIONS[stopped],
                cause=cause,
                rank=self._rank.get(index),
                reasons=why,
                states=dict(zip(ITEMS, [_STATES[state] for state in states], strict=True)),
                hows=dict(zip(ITEMS, [_HOWS[how] for how in hows], strict=True)),
                link=_items({name: hide(text) for name, text in link.items()}),
                scheme_number=link["scheme_number"],
                masked_number=show(number),
                entry=_items(own) if own else None,
                rival=_items(rival) if rival else None,
                rival_count=rivals,
                rival_masked_number=show(rival["number"]) if rival else "",
                evidence_digest=evidence_digest(link_hash, entry_hash),
                batch=hide(link["batch"]),
                operator=hide(link["operator"]),
                protected=bool((own and own["protected"]) or (rival and rival["protected"])),
                evidence=tuple(Fact(code, values) for code, values in evidence),
                current_number=show(own["number"]) if own and "old_number" in why else "",
                entry_status=_STATUS[own["status"]] if own else "",
                entry_status_on=as_date(own["status_on"]) if own and own["status_on"] else None,
            )

    def rows_to_correct(self) -> list[int]:
        """The data rows whose record the insurer should mend, in file order."""
        rows = self.job.links.numbers(("row",))["row"]
        found: list[int] = rows[self.decisions.action == Action.CORRECT].tolist()
        return found

    def tallies(self) -> list[Tally]:
        """How many links share each combination of outcome and item states."""
        out, decided = self.outcomes, self.decisions
        key = decided.verdict.astype(np.int64)
        for column, size in (
            (decided.action, 3),
            (decided.restriction, 3),
            (decided.restriction_by_table, 3),
            (self._cause + 1, 11),
            *((out.states[i], 7) for i in range(5)),
        ):
            key = key * size + column
        found = pa.array(key).value_counts()
        return [
            _tally(int(value), int(count))
            for value, count in zip(found.field("values").to_pylist(), found.field("counts").to_pylist(), strict=True)
        ]

    def hows(self) -> dict[str, dict[str, int]]:
        """How items came to their state: item, way, links."""
        counts = {}
        for i, item in enumerate(ITEMS):
            found = np.bincount(self.outcomes.hows[i], minlength=64)
            counts[item] = {how.name.lower(): int(found[how]) for how in How if found[how]}
        return counts

    def reasons(self) -> dict[str, int]:
        """How many links give each reason."""
        found = np.bincount(self.decisions.reason_index, minlength=len(self.decisions.reasons))
        counts: dict[str, int] = {}
        for reasons, rows in zip(self.decisions.reasons, found.tolist(), strict=True):
            for reason in reasons:
                counts[reason] = counts.get(reason, 0) + rows
        return counts

    def people(self) -> dict[str, dict[str, int]]:
        """Persons (distinct scheme numbers) by restriction, for our column and the table's."""
        hashes = self.job.links.numbers(("scheme_hash",))["scheme_hash"]
        columns = {
            "restriction": self.decisions.restriction,
            "restriction_by_table": self.decisions.restriction_by_table,
        }
        return {
            name: {r.name: self._persons(hashes, codes == r) for r in Restriction} for name, codes in columns.items()
        }

    def people_to_ask(self) -> int:
        """Persons (distinct scheme numbers) with at least one link to ask about."""
        hashes = self.job.links.numbers(("scheme_hash",))["scheme_hash"]
        return self._persons(hashes, self.decisions.action == Action.ASK)

    def _persons(self, hashes: npt.NDArray[np.uint64], chosen: npt.NDArray[np.bool_]) -> int:
        """Distinct scheme numbers among the chosen links; a link without one is a person by itself."""
        shared = self.outcomes.shared_scheme_number
        repeated = shared[chosen[shared]]
        return int(np.count_nonzero(chosen)) - len(repeated) + len(np.unique(hashes[repeated]))

    def ledger(self) -> tuple[LedgerLine, ...]:
        """How the numbers were got: method and number of items (S63)."""
        columns = self.job.links.numbers(("acquired_by", "acquired_items"))
        key = columns["acquired_by"].astype(np.int64) * 8 + np.bitwise_count(columns["acquired_items"])
        return tuple(
            LedgerLine(ACQUIRED_BY[kind // 8], (kind % 8) or None, rows)
            for kind, rows in enumerate(np.bincount(key).tolist())
            if rows
        )

    def full_inspection_rows(self) -> int:
        """Links that the rule of the day selects for the full inspection (S92)."""
        ledger = self.job.links.numbers(("acquired_by", "acquired_items", "acquired_hits"))
        at_most = self.job.rules.count("inspection.full_if_items_at_most", self.job.on)
        return int(got_with_few_items(*ledger.values(), at_most=at_most).sum()) if at_most else 0

    def confirmed_wrong(self) -> int:
        """Links that an earlier round answered as wrong."""
        settled = (self.decisions.verdict == Verdict.REFUTED) & (self.decisions.action == Action.NONE)
        return int(np.count_nonzero(settled))

    def runs(self) -> tuple[Run, ...]:
        """Rows that went wrong together."""
        return tuple(
            Run(run.kind, run.first_row, run.last_row, run.shift, len(run.rows), run.batch)
            for run in self.outcomes.runs
        )

    def wrong_positions(self, slices: int = 60) -> tuple[int, ...]:
        """Links to ask about along the file, in equal slices."""
        rows = self.job.links.numbers(("row",))["row"][self.decisions.asked]
        found, _ = np.histogram(rows, bins=slices, range=(1, max(self.job.links.rows_read, 1) + 1))
        return tuple(found.tolist())


def _worded(codes: npt.NDArray[np.uint8], words: tuple[str, ...]) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int8)), pa.array(words))


def _flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _without_number(text: str, number: int) -> str:
    """A text that is kept as it is unless the link's own Individual Number stands in it."""
    return text.replace(f"{number:012d}", masked(number))


def _items(row: dict[str, Any]) -> Items:
    return Items(*(row[item] for item in ITEMS))


def _tally(key: int, rows: int) -> Tally:
    states = []
    for _ in range(5):
        key, state = divmod(key, 7)
        states.append(ItemState(state).word)
    key, cause = divmod(key, 11)
    key, stopped = divmod(key, 3)
    key, restriction = divmod(key, 3)
    verdict, action = divmod(key, 3)
    first, second, third, fourth, fifth = reversed(states)
    return Tally(
        verdict=Verdict(verdict).name,
        action=Action(action).name.lower(),
        restriction=Restriction(restriction).name,
        restriction_by_table=Restriction(stopped).name,
        cause=CAUSES[cause - 1] if cause else None,
        states=(first, second, third, fourth, fifth),
        rows=rows,
    )
