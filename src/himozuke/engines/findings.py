"""What an inspection found: the outcome of every link, and the figures of the report."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines.base import Bytes, Ints, Job, Longs, Outcomes
from himozuke.engines.context import ACQUIRED_BY, got_with_few_items
from himozuke.engines.decisions import Decisions, Flags
from himozuke.engines.origin import in_order_of_asking
from himozuke.engines.review import review_columns
from himozuke.engines.verdict_rows import VerdictRows
from himozuke.identity.kernel import kernel
from himozuke.identity.state import How, ItemState
from himozuke.in_order import in_order, one_ahead
from himozuke.inspection.model import CAUSES, LedgerLine, Run, Tally
from himozuke.inspection.review import ReviewColumns
from himozuke.link.items import ITEMS
from himozuke.link.restriction import Restriction
from himozuke.link.verdict import Action, Verdict

_REVIEW_ROWS_AT_ONCE = 50_000


@dataclass(slots=True)
class Findings:
    """Everything one inspection found; reads texts again only for the rows somebody will look at."""

    job: Job
    outcomes: Outcomes
    decisions: Decisions
    engine: str
    cause: npt.NDArray[np.int8] = field(init=False)
    rank: Ints = field(init=False)

    def __post_init__(self) -> None:
        """Spread causes (place in CAUSES, else -1) and ranks (0 for none) over the links."""
        links = len(self.decisions.case)
        self.cause, self.rank = np.full(links, -1, np.int8), np.zeros(links, np.int32)
        for index, (cause, _) in self.outcomes.causes.items():
            self.cause[index] = CAUSES.index(cause) if cause else -1
        order = in_order_of_asking(self.outcomes, self.decisions)
        self.rank[order] = np.arange(1, len(order) + 1)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows of ``verdicts.parquet``, in file order; some are made ahead."""
        links = self.job.links
        columns = links.numbers(("row", "row_hash"))
        made = VerdictRows(self.outcomes, self.decisions, causes=self.cause, ranks=self.rank)

        def batch(part: tuple[int, tuple[int, int]]) -> pa.RecordBatch:
            number, (first, end) = part
            span = slice(first, end)
            return made.batch(
                span,
                link_ids=links.link_ids(number),
                rows=columns["row"][span],
                row_hashes=columns["row_hash"][span],
            )

        return in_order(batch, enumerate(pairwise([*links.starts, links.rows])), threads=self.job.threads)

    def content_digest(self) -> str:
        """SHA-256 over every link's outcome: two runs that agree in everything have the same."""
        out, decided = self.outcomes, self.decisions
        links = self.job.links.numbers(("row", "row_hash"))
        by_case = (decided.verdict, decided.action, decided.restriction, decided.restriction_by_table)
        columns = (
            *links.values(),
            *(codes[decided.case] for codes in by_case),
            *(out.pattern, out.rival_count, out.states, out.entry_hash, self.cause, self.rank),
        )
        digest = hashlib.sha256()
        for column in columns:
            digest.update(np.ascontiguousarray(column).data)
        return digest.hexdigest()

    def reviews(self, *, reveal: bool = False) -> Iterator[ReviewColumns]:
        """The rows to ask about by rank, then those to correct in file order; one block is made ahead."""
        asked = in_order_of_asking(self.outcomes, self.decisions)
        order = np.concatenate([asked, self.decisions.to_correct])
        blocks = (
            review_columns(
                self.job,
                self.outcomes,
                self.decisions,
                order[start : start + _REVIEW_ROWS_AT_ONCE],
                ranks=self.rank,
                reveal=reveal,
            )
            for start in range(0, len(order), _REVIEW_ROWS_AT_ONCE)
        )
        # Each block maps the residents anew: two at once would hold much of the register twice.
        return one_ahead(blocks, threads=self.job.threads)

    def rows_of(self, links: Longs) -> Longs:
        """The data rows of the file that some links stand on."""
        found: Longs = self.job.links.numbers(("row",))["row"][links]
        return found

    def tallies(self) -> list[Tally]:
        """How many links share each combination of outcome and item states."""
        decided = self.decisions
        named = np.flatnonzero(self.cause >= 0)
        cases, causes = decided.case[named].astype(np.int64), self.cause[named]
        pairs, rows = np.unique(cases * len(CAUSES) + causes, return_counts=True)
        without = decided.links.copy()
        np.subtract.at(without, pairs // len(CAUSES), rows)
        found: Counter[tuple[str | None, ...]] = Counter()
        for case, count in enumerate(without.tolist()):
            found[*self._outcome(case), None] += count
        for pair, count in zip(pairs.tolist(), rows.tolist(), strict=True):
            found[*self._outcome(pair // len(CAUSES)), CAUSES[pair % len(CAUSES)]] += count
        return [_tally(key, count) for key, count in found.items() if count]

    def _outcome(self, case: int) -> tuple[str, ...]:
        """Verdict, action, both restrictions and the item states of a case in words."""
        decided = self.decisions
        return (
            Verdict(decided.verdict[case]).name,
            Action(decided.action[case]).name.lower(),
            Restriction(decided.restriction[case]).name,
            Restriction(decided.restriction_by_table[case]).name,
            *(ItemState(state).word for state in decided.states[:, case].tolist()),
        )

    def hows(self) -> dict[str, dict[str, int]]:
        """How items came to their state: item, way, links."""
        counts = {}
        for i, item in enumerate(ITEMS):
            found = _count_codes(self.outcomes.hows[i])
            counts[item] = {how.name.lower(): int(found[how]) for how in How if found[how]}
        return counts

    def reasons(self) -> dict[str, int]:
        """How many links give each reason."""
        counts: dict[str, int] = {}
        for reasons, rows in zip(self.decisions.reasons, self.decisions.links.tolist(), strict=True):
            for reason in reasons:
                counts[reason] = counts.get(reason, 0) + rows
        return counts

    def people(self) -> dict[str, dict[str, int]]:
        """Persons (distinct scheme numbers) by restriction, for our column and the table's."""
        columns = {
            "restriction": self.decisions.restriction,
            "restriction_by_table": self.decisions.restriction_by_table,
        }
        return {name: {r.name: self._persons(codes == r) for r in Restriction} for name, codes in columns.items()}

    def people_to_ask(self) -> int:
        """Persons (distinct scheme numbers) with at least one link to ask about."""
        return self._persons(self.decisions.action == Action.ASK)

    def _persons(self, chosen: Flags) -> int:
        """Distinct scheme numbers in the chosen cases; a link without one is a person by itself."""
        shared = self.outcomes.shared_scheme_number
        repeated = shared[chosen[self.decisions.case[shared]]]
        hashes = self.job.links.numbers(("scheme_hash",))["scheme_hash"][repeated]
        return self.decisions.count(chosen) - len(repeated) + len(np.unique(hashes))

    def ledger(self) -> tuple[LedgerLine, ...]:
        """How the numbers were got: method and number of items (S63)."""
        columns = self.job.links.numbers(("acquired_by", "acquired_items"))
        kinds = columns["acquired_by"] * np.uint8(8) + np.bitwise_count(columns["acquired_items"])
        return tuple(
            LedgerLine(ACQUIRED_BY[kind // 8], (kind % 8) or None, rows)
            for kind, rows in enumerate(_count_codes(kinds).tolist())
            if rows
        )

    def full_inspection_rows(self) -> int:
        """Links that the rule of the day selects for the full inspection (S92)."""
        ledger = self.job.links.numbers(("acquired_by", "acquired_items", "acquired_hits"))
        at_most = self.job.rules.count("inspection.full_if_items_at_most", self.job.on)
        return int(got_with_few_items(*ledger.values(), at_most=at_most).sum()) if at_most else 0

    def confirmed_wrong(self) -> int:
        """Links that an earlier round answered as wrong."""
        decided = self.decisions
        return decided.count((decided.verdict == Verdict.REFUTED) & (decided.action == Action.NONE))

    def runs(self) -> tuple[Run, ...]:
        """Rows that went wrong together."""
        return tuple(
            Run(run.kind, run.first_row, run.last_row, run.shift, len(run.rows), run.batch)
            for run in self.outcomes.runs
        )

    def wrong_positions(self, slices: int = 60) -> tuple[int, ...]:
        """Links to ask about along the file, in equal slices."""
        rows = self.rows_of(self.decisions.asked)
        found, _ = np.histogram(rows, bins=slices, range=(1, max(self.job.links.rows_read, 1) + 1))
        return tuple(found.tolist())


def _tally(key: tuple[str | None, ...], rows: int) -> Tally:
    verdict, action, restriction, stopped, *states, cause = key
    return Tally(verdict, action, restriction, stopped, cause, tuple(states), rows)  # type: ignore[arg-type]


@kernel
def _count_codes(codes: Bytes) -> Longs:
    """How often each code from 0 to 255 stands in a column."""
    out = np.zeros(256, np.int64)
    for code in codes:
        out[code] += 1
    return out
