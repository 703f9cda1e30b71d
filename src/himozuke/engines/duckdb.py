"""The engine for files of any size: DuckDB joins whole numbers, compiled loops compare texts.

Rows whose five items are byte-equal to their entry's are settled by a hash; only the rest is fetched,
compared and challenged. Source: design of the product, ideas 1–3; S54, S64, S111.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from importlib.resources import files
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines import context, mapped_table
from himozuke.engines.base import Job, Longs, Outcomes
from himozuke.engines.challenged import Days, asked_table, forms_near, to_challenge
from himozuke.engines.number_table import Bearers
from himozuke.engines.own_file import people_of, shared
from himozuke.engines.pairs import ComparedPairs, Pairs
from himozuke.engines.rivals import Rivals, weigh
from himozuke.errors import UpstreamDownError
from himozuke.identity.column import utf8_column
from himozuke.identity.state import How, ItemState, Parts
from himozuke.in_order import in_order
from himozuke.link import compare_columns, fit, pattern, verdict
from himozuke.link.compare_columns import Compared
from himozuke.link.items import ITEMS
from himozuke.link.keys import BlockKeys, block_keys
from himozuke.link.pattern import NumberFact

_BATCH_ROWS = 131_072
_LINKS_AT_ONCE = 1 << 18
_ASKED_AT_ONCE = 1 << 15
Columns = dict[str, npt.NDArray[Any]]


def statement(name: str) -> str:
    """The text of one SQL statement by the name of its file."""
    return (files("himozuke.engines") / "sql" / f"{name}.sql").read_text("utf-8")


@dataclass(slots=True)
class _Links:
    """The number columns of all links that the engine keeps at hand."""

    number: Longs
    check_ok: npt.NDArray[np.bool_]
    birth: npt.NDArray[np.int32]
    sex: npt.NDArray[np.int8]


@dataclass(slots=True)
class _Own:
    """Each link beside its number's own entry, and whether that was found by a former number."""

    bearers: Bearers
    by_previous: npt.NDArray[np.bool_]


@dataclass(slots=True)
class DuckDBEngine:
    """Streams, spills to the job's work folder, and keeps within the job's memory."""

    name: str = "duckdb"
    _connection: duckdb.DuckDBPyConnection | None = field(default=None, repr=False)

    def inspect(self, job: Job) -> Outcomes:
        """Find out everything the verdicts depend on."""
        with _giving_up_clearly():
            return self._inspect(job)

    def _inspect(self, job: Job) -> Outcomes:
        con = self._connect(job)
        links = _Links(**job.links.numbers(("number", "check_ok", "birth", "sex")))
        job.progress.phase("match", job.links.rows)
        own = _match(con, job, links)
        pairs = Pairs(
            job.links,
            job.register,
            links.birth,
            links.sex,
            job.gazetteer,
            memory=job.memory_bytes // 2,
            threads=job.threads,
        )
        outcomes = _outcomes(job, links, own, _compare_own(job, pairs, own))
        _add_challenge(con, job, links, pairs, outcomes)
        _add_other_rows(job, links, outcomes)
        return outcomes

    def _connect(self, job: Job) -> duckdb.DuckDBPyConnection:
        job.work.mkdir(parents=True, exist_ok=True)
        con = duckdb.connect(
            config={
                "threads": job.threads,
                "memory_limit": job.memory,
                "temp_directory": str(job.work / "spill"),
                "preserve_insertion_order": False,
            }
        )
        con.execute("SET enable_progress_bar = false")
        con.read_parquet(job.register.part("entries")).create_view("entries")
        self._connection = con
        return con


@contextmanager
def _giving_up_clearly() -> Iterator[None]:
    try:
        yield
    except duckdb.Error as error:
        message = f"The SQL engine gave up: {error}. Free disk space, or give more with --memory."
        raise UpstreamDownError(message) from error


def run(con: duckdb.DuckDBPyConnection, name: str, **tables: pa.Table) -> pa.RecordBatchReader:
    """Run one statement over the standing views and the given tables; stream what it finds."""
    for table, content in tables.items():
        con.register(table, content)
    return con.sql(statement(name)).to_arrow_reader(_BATCH_ROWS)


def _match(con: duckdb.DuckDBPyConnection, job: Job, links: _Links) -> _Own:
    known = job.links.bearers()
    bearers = Bearers(**known) if known else _look_up(job, links)
    own = _Own(bearers, np.zeros(job.links.rows, np.bool_))
    lost = np.flatnonzero(own.bearers.pos < 0)
    unmatched = pa.table({"idx": lost, "number": links.number[lost]})
    for batch in run(con, "match_previous_number", unmatched=unmatched):
        where = batch.column("idx").to_numpy().astype(np.int64)
        for name in ("pos", "status", "status_on", "evidence"):
            getattr(own.bearers, name)[where] = batch.column(name).to_numpy()
        own.by_previous[where] = True
    return own


def _look_up(job: Job, links: _Links) -> Bearers:
    """Find who bears each number, some of the table at a time."""
    hashes = job.links.numbers(("row_hash", "complete"))
    table = job.register.numbers()
    found = Bearers.nobody(job.links.rows)

    def look_up(first: int) -> int:
        span = slice(first, first + _LINKS_AT_ONCE)
        columns = (links.number[span], hashes["row_hash"][span], hashes["complete"][span])
        return sum(table.look_up(*columns, into=found.part(span), stretch=stretch) for stretch in stretches)

    stretches = table.stretches(job.memory_bytes)
    for looked_up in in_order(look_up, range(0, job.links.rows, _LINKS_AT_ONCE), threads=job.threads):
        job.progress.advance(looked_up)
    return found


def _compare_own(job: Job, pairs: Pairs, own: _Own) -> Compared:
    """Compare every link with its own entry; settled ones are equal in all five items."""
    rows = job.links.rows
    states, hows = (np.zeros((5, rows), np.uint8) for _ in range(2))
    out = Compared(states, hows, np.full((2, rows), Parts.BOTH, np.uint8))
    pos, settled = own.bearers.pos, own.bearers.settled
    missing = np.flatnonzero(pos < 0)
    out.states[:, missing] = ItemState.MISSING
    out.hows[:, missing] = How.EMPTY
    out.parts[:, missing] = Parts.NONE
    open_rows = np.flatnonzero((pos >= 0) & ~settled)
    job.progress.phase("compare", len(open_rows))

    def keep(found: ComparedPairs) -> int:
        for all_rows, some in zip(out, found.compared, strict=True):
            all_rows[:, found.indexes] = some
        return len(found.indexes)

    for rows_done in pairs.compared(open_rows, pos[open_rows], keep):
        job.progress.advance(rows_done)
    return out


def _outcomes(job: Job, links: _Links, own: _Own, compared: Compared) -> Outcomes:
    """Pack what is known before the challenge."""
    rows = job.links.rows
    patterns = np.empty(rows, np.int32)
    traits = np.empty(rows, np.uint8)
    read_part = _part_reader(job, links, own, compared)

    def fill(first: int) -> None:
        span = slice(first, first + _LINKS_AT_ONCE)
        columns, some = read_part(span)
        patterns[span] = pattern.encode_columns(columns, len(columns["number"]))
        traits[span] = compare_columns.traits(some)

    for _ in in_order(fill, range(0, rows, _LINKS_AT_ONCE), threads=job.threads):
        pass
    return Outcomes(
        pattern=patterns,
        traits=traits,
        states=compared.states,
        hows=compared.hows,
        parts=compared.parts,
        own=own.bearers.pos,
        rival=np.full(rows, -1, np.int64),
        rival_count=np.zeros(rows, np.int32),
        entry_hash=own.bearers.evidence,
        doubt=np.zeros(rows, np.int32),
        several_valid=np.zeros(rows, np.bool_),
        scheme_number_twice=np.zeros(rows, np.bool_),
        shared_scheme_number=np.zeros(0, np.int64),
    )


def _part_reader(job: Job, links: _Links, own: _Own, compared: Compared) -> Callable[[slice], tuple[Columns, Compared]]:
    """What gives the parts of the patterns of some links, and how they compare."""
    ledger = job.links.numbers(
        ("acquired_by", "acquired_items", "acquired_hits", "acquired_on", "valid_from", "valid_to")
    )
    rules, on = job.rules, job.on
    required = context.Required(job.scheme, rules, on)
    grace_days = rules.count("death.grace_days", on)
    few_at_most = rules.count("acquisition.few_items_at_most", on)
    unread = job.register.unread_numbers()

    def read(span: slice) -> tuple[Columns, Compared]:
        some = Compared(*(column[:, span] for column in compared))
        at = {name: column[span] for name, column in ledger.items()}
        bearers = own.bearers.part(span)
        lost = bearers.pos < 0
        number = np.where(own.by_previous[span], NumberFact.PREVIOUS, NumberFact.CURRENT).astype(np.uint8)
        number[lost] = np.where(links.check_ok[span][lost], NumberFact.NOT_IN_REGISTER, NumberFact.CHECK_DIGIT)
        if len(unread):
            number[np.flatnonzero(lost)[np.isin(links.number[span][lost], unread)]] = NumberFact.NOT_READ
        items = {ITEMS[index]: pattern.item_classes(some.states[index]) for index in (2, 3, 4)}
        return items | {
            "kanji_name": pattern.name_classes(some.states[0], some.hows[0], some.parts[0]),
            "kana_name": pattern.name_classes(some.states[1], some.hows[1], some.parts[1]),
            "number": number,
            "life": context.lives(
                bearers.status, bearers.status_on, at["valid_from"], at["valid_to"], grace_days=grace_days
            ),
            "few_items": context.got_with_few_items(
                at["acquired_by"], at["acquired_items"], at["acquired_hits"], at_most=few_at_most
            ),
            "required": required.masks(at["acquired_on"]),
        }, some

    return read


def _add_challenge(con: duckdb.DuckDBPyConnection, job: Job, links: _Links, pairs: Pairs, outcomes: Outcomes) -> None:
    """Look for somebody else wherever an item does not agree with the number's own entry."""
    asked = to_challenge(outcomes.states)
    job.progress.phase("challenge", len(asked))
    if not len(asked):
        return
    keys = _keys(job, asked)
    days = Days.of(links.birth[asked])
    forms = forms_near(job.register, keys, days, threads=job.threads)
    table = asked_table(asked, outcomes.own[asked], keys, days)
    found = run(con, "candidates", asked=table, forms=forms).read_all().sort_by("idx")
    bonus = _rarity(con, job, keys.kanji)
    own = fit.credit_columns(outcomes.states[:, asked], outcomes.hows[:, asked], outcomes.parts[:, asked])
    rivals = Rivals.empty(asked, own, bonus, has_own=outcomes.own[asked] >= 0)
    candidates = [found.column(name).to_numpy() for name in ("idx", "pos")]
    for weighed in pairs.compared(candidates[0], candidates[1], partial(weigh, rivals)):
        rivals.take(weighed)
    rivals.settle()
    job.progress.advance(len(asked))
    outcomes.pattern[asked] += rivals.outcome * np.int32(pattern.encode(pattern.Pattern(challenge=1, required=0)))
    outcomes.rival[asked] = rivals.best
    outcomes.rival_count[asked] = rivals.count
    outcomes.doubt[asked] = rivals.doubt()


def _keys(job: Job, asked: Longs) -> BlockKeys:
    """The keys of the links to challenge, some links at a time."""

    def keys_of(first: int) -> BlockKeys:
        items = ("kanji_name", "kana_name", "address")
        texts = job.links.texts(asked[first : first + _ASKED_AT_ONCE], items)
        return block_keys(*(utf8_column(texts.column(item)) for item in items))

    found = in_order(keys_of, range(0, len(asked), _ASKED_AT_ONCE), threads=job.threads)
    return BlockKeys(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _rarity(con: duckdb.DuckDBPyConnection, job: Job, kanji: npt.NDArray[np.uint64]) -> npt.NDArray[np.int16]:
    names, where = np.unique(kanji, return_inverse=True)
    forms = pa.concat_tables(mapped_table.read(path).select(["k"]) for path in job.register.forms())
    counts = run(con, "name_counts", names=pa.table({"k": names}), forms=forms).read_all()
    people = np.ones(len(names), np.int64)
    people[np.searchsorted(names, counts.column("k").to_numpy())] = counts.column("people").to_numpy()
    people[names == 0] = 1
    sizes, sized = np.unique(people, return_inverse=True)
    bonus = np.array([fit.rarity(int(size), job.register.rows) for size in sizes], np.int16)
    return bonus[sized][where]


def _add_other_rows(job: Job, links: _Links, outcomes: Outcomes) -> None:
    """Add what the other rows of the file say: shared numbers, several valid links (S75)."""
    job.progress.phase("own_file", job.links.rows)
    columns = job.links.numbers(("valid_from", "valid_to", "scheme_hash"))
    valid = context.valid_on(columns, job.on)
    step_sharing = pattern.encode(pattern.Pattern(sharing=1, required=0))
    step_several = pattern.encode(pattern.Pattern(several_valid=1, required=0))
    people, scheme_numbers = people_of(links.number, outcomes.own), columns["scheme_hash"]
    by_number, by_scheme = in_order(shared, (people.view(np.uint64), scheme_numbers), threads=job.threads)
    outcomes.shared_scheme_number = by_scheme
    for rows in context.groups(people, by_number):
        fits = np.array([_fits(code) for code in outcomes.pattern[rows].tolist()], np.bool_)
        outcomes.pattern[rows] += context.sharing_of(fits) * np.int32(step_sharing)
        outcomes.several_valid[rows] = valid[rows] & (valid[rows].sum() > 1)
        several = fits & valid[rows] & ((fits & valid[rows]).sum() > 1)
        outcomes.pattern[rows] += several * np.int32(step_several)
    for rows in context.groups(scheme_numbers.view(np.int64), by_scheme):
        if len(np.unique(outcomes.own[rows])) > 1 and valid[rows].sum() > 1:
            outcomes.scheme_number_twice[rows] = valid[rows]
    job.progress.advance(job.links.rows)


@cache
def _fits(code: int) -> bool:
    """Whether a row of that pattern fits its number; there are few patterns and many rows."""
    return verdict.agrees_on_identity(pattern.decode(code))
