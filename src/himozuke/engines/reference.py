"""The engine to read: plain Python, one link at a time, for small data.

It says what an inspection means without joins, columns or compiled loops. The fast engine must agree with
it on every link; tests draw populations and compare the two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.engines import context
from himozuke.engines.base import Job, Outcomes
from himozuke.engines.judge import Finding, LinkFacts, OthersFacts, OwnFacts, Terms, credits_of_all, is_full, judge
from himozuke.engines.staged import NUMBERS
from himozuke.identity import address, kana_name, kanji_name
from himozuke.link import fit
from himozuke.link.compare import EntryItems, LinkItems, compare_entry, former_names, split_values
from himozuke.link.compare_columns import FORMS
from himozuke.link.items import ITEMS, Agreement, traits
from himozuke.link.pattern import Sharing, encode
from himozuke.link.verdict import agrees_on_identity

Entry = dict[str, Any]
Link = dict[str, Any]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What is found out about one link before the other rows of the file are looked at."""

    finding: Finding
    own: Entry | None
    rival: Entry | None


class ReferenceEngine:
    """Inspects link by link."""

    name = "reference"

    def inspect(self, job: Job) -> Outcomes:
        """Find out everything the verdicts depend on."""
        register = _Register(job)
        links = _read_links(job)
        findings = []
        job.progress.phase("compare", len(links))
        for link in links:
            findings.append(_inspect_link(link, register, job))
            job.progress.advance(1)
        several, twice = _look_at_other_rows(links, findings, job)
        return _outcomes(findings, several, twice, [link["scheme_number"] for link in links])


def _read_links(job: Job) -> list[Link]:
    texts = [row for part in range(len(job.links.starts)) for row in job.links.texts_of_part(part).to_pylist()]
    columns = {name: column.tolist() for name, column in job.links.numbers(tuple(NUMBERS)).items()}
    numbers = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return [
        text | {f"{name}_code" if name == "sex" else name: value for name, value in number.items()}
        for text, number in zip(texts, numbers, strict=True)
    ]


class _Register:
    """The whole register in memory, with every way in which a person can be found."""

    def __init__(self, job: Job) -> None:
        parts = sorted(job.register.folder.glob("entries-*.parquet"))
        kept = pa.concat_tables([pq.read_table(part) for part in parts])
        table = job.register.residents().at(kept.column("pos").to_numpy())
        for name in ("previous_number", "evidence"):
            table = table.append_column(name, kept.column(name))
        rows: list[Entry] = table.to_pylist()
        self.size = job.register.rows
        self.unread = set(job.register.unread_numbers().tolist())
        self.by_pos = {entry["pos"]: entry for entry in rows}
        self.by_number = {entry["number"]: entry for entry in rows}
        self.by_previous = {entry["previous_number"]: entry for entry in rows if entry["previous_number"]}
        self.names = Counter(kanji_name.key(entry["kanji_name"]) for entry in rows)
        self.by_key: dict[Key, set[int]] = defaultdict(set)
        for entry in rows:
            for kanji, kana, place in _identities(entry):
                for key in _found_under(kanji, kana, entry["birth"], place):
                    self.by_key[key].add(entry["pos"])

    def candidates(self, link: Link, own: Entry | None) -> Iterator[Entry]:
        """Everybody else who agrees with the link on at least two items."""
        found: set[int] = set()
        for key in _found_under(link["kanji_name"], link["kana_name"], link["birth"], link["address"]):
            found |= self.by_key.get(key, set())
        for pos in sorted(found):
            if own is None or pos != own["pos"]:
                yield self.by_pos[pos]


def _identities(entry: Entry) -> Iterator[tuple[str, str, str]]:
    """Kanji name, kana name and address as they may stand on a link of this person."""
    kanji, kana, place = entry["kanji_name"], entry["kana_name"], entry["address"]
    yield kanji, kana, place
    former_kanji = former_names(entry["former_kanji_names"], kanji)
    former_kana = former_names(entry["former_kana_names"], kana)
    for i in range(max(len(former_kanji), len(former_kana))):
        other_kana = former_kana[i] if i < len(former_kana) else ""
        yield former_kanji[i] if i < len(former_kanji) else "", other_kana or kana, place
    if entry["alias"] or entry["alias_kana"]:
        yield entry["alias"], entry["alias_kana"] or kana, place
    if entry["parallel_kanji_name"]:
        yield entry["parallel_kanji_name"], kana, place
    for former in split_values(entry["former_addresses"]):
        yield kanji, kana, former


def _found_under(kanji: str, kana: str, birth: int, place: str) -> Iterator[Key]:
    """The pairs of items under which a person is looked for: no single wrong item hides a rival."""
    k, n, a = kanji_name.key(kanji), kana_name.key(kana), address.key(place)
    year, month, day = birth // 10_000, birth // 100 % 100, birth % 100
    known_month = birth > 0 and month > 0
    b = birth if known_month and day > 0 else 0
    pairs = {
        "kana+birth": (n, b),
        "kanji+birth": (k, b),
        "address+surname": (a, k[:1]),
        "kana+address": (n, a),
        "kanji+address": (k, a),
        "birth+address": (b, a),
        "birth+given": (b, k[-2:] if len(k) > 1 else ""),
        "birth+given_kana": (b, n[-2:] if len(n) > 1 else ""),
        "birth_slip_day": (k, (year, month) if known_month else 0),
        "birth_slip_year": (k, (month, day) if b else 0),
        "birth_slip_month": (k, (year, day) if b else 0),
    }
    for name, pair in pairs.items():
        if all(pair):
            yield (name, *pair)


def _inspect_link(link: Link, register: _Register, job: Job) -> _Found:
    """Direction one: number to items. Direction two, the challenge: items to numbers."""
    own, is_previous = _find_number(link, register)
    facts = OwnFacts(_compare(link, own, job), is_previous, own["status"], own["status_on"]) if own else None
    others = [] if is_full(facts) else list(register.candidates(link, own))
    numbers = np.array([other["number"] for other in others], np.int64)
    finding = judge(
        LinkFacts(
            has_valid_check_digit=link["check_ok"],
            acquired_by=link["acquired_by"],
            acquired_items=link["acquired_items"],
            acquired_hits=link["acquired_hits"],
            acquired_on=link["acquired_on"],
            valid_from=link["valid_from"],
            valid_to=link["valid_to"],
            is_number_unread=link["number"] in register.unread,
        ),
        facts,
        OthersFacts(numbers, credits_of_all([_compare(link, other, job) for other in others])),
        name_rarity=_rarity(link, register),
        terms=Terms(job.scheme, job.rules, job.on),
    )
    return _Found(finding, own, others[finding.rival] if finding.rival is not None else None)


def _find_number(link: Link, register: _Register) -> tuple[Entry | None, bool]:
    own = register.by_number.get(link["number"])
    if own:
        return own, False
    return register.by_previous.get(link["number"]), True


def _compare(link: Link, entry: Entry, job: Job) -> Agreement:
    ours = LinkItems(*(link[item] for item in ITEMS))
    return compare_entry(ours, EntryItems(*(entry[name] for name in (*ITEMS, *FORMS))), job.gazetteer)


def _rarity(link: Link, register: _Register) -> int:
    bearers = register.names[kanji_name.key(link["kanji_name"])] if link["kanji_name"] else 1
    return fit.rarity(bearers, register.size)


def _look_at_other_rows(links: list[Link], findings: list[_Found], job: Job) -> tuple[list[bool], list[bool]]:
    """Shared numbers, several valid links and scheme numbers used twice (S75); amends the patterns."""
    several, twice = [False] * len(links), [False] * len(links)
    valid = [_is_valid(link, job) for link in links]
    people = [_pos(found.own) if found.own else -link["number"] for link, found in zip(links, findings, strict=True)]
    for rows in _rows_by(people):
        fits = [agrees_on_identity(findings[row].finding.pattern) for row in rows]
        carrying = [row for row in rows if valid[row]]
        fitting = [row for row, fit_ in zip(rows, fits, strict=True) if fit_ and valid[row]]
        for row, fit_ in zip(rows, fits, strict=True):
            several[row] = valid[row] and len(carrying) > 1
            mixed = any(fits) and not all(fits)
            sharing = (Sharing.HELD_HERE if fit_ else Sharing.HELD_ELSEWHERE) if mixed else Sharing.ALONE
            _amend(findings, row, sharing=sharing, several_valid=int(row in fitting and len(fitting) > 1))
    for rows in _rows_by([link["scheme_number"] for link in links]):
        holders = {_pos(findings[row].own) for row in rows}
        carrying = [row for row in rows if valid[row]]
        if len(holders) > 1 and len(carrying) > 1:
            for row in carrying:
                twice[row] = True
    return several, twice


def _rows_by(values: Sequence[object]) -> Iterator[list[int]]:
    """The rows that share a value, where more than one does; an empty value is none."""
    rows_by_value: dict[object, list[int]] = defaultdict(list)
    for row, value in enumerate(values):
        if value != "":
            rows_by_value[value].append(row)
    return (rows for rows in rows_by_value.values() if len(rows) > 1)


def _is_valid(link: Link, job: Job) -> bool:
    day = context.as_number(job.on)
    return bool(link["valid_from"] <= day and (link["valid_to"] <= 0 or link["valid_to"] >= day))


def _amend(findings: list[_Found], row: int, *, sharing: int, several_valid: int) -> None:
    finding = findings[row].finding
    pattern = finding.pattern._replace(sharing=sharing, several_valid=several_valid)
    findings[row] = replace(findings[row], finding=replace(finding, pattern=pattern))


def _pos(entry: Entry | None) -> int:
    return int(entry["pos"]) if entry else -1


def _outcomes(findings: list[_Found], several: list[bool], twice: list[bool], schemes: list[str]) -> Outcomes:
    rows = len(findings)

    def per_item(values: list[list[int]], depth: int) -> npt.NDArray[np.uint8]:
        return np.array(values, np.uint8).reshape(rows, depth).T.copy()

    agreements = [found.finding.agreement for found in findings]
    return Outcomes(
        pattern=np.array([encode(found.finding.pattern) for found in findings], np.int32),
        traits=np.array([traits(agreement) for agreement in agreements], np.uint8),
        states=per_item([[c.state for c in a.comparisons] for a in agreements], 5),
        hows=per_item([[c.how for c in a.comparisons] for a in agreements], 5),
        parts=per_item([[a.kanji_parts, a.kana_parts] for a in agreements], 2),
        own=np.array([_pos(found.own) for found in findings], np.int64),
        rival=np.array([_pos(found.rival) for found in findings], np.int64),
        rival_count=np.array([found.finding.rival_count for found in findings], np.int32),
        entry_hash=np.array([found.own["evidence"] if found.own else 0 for found in findings], np.uint64),
        doubt=np.array([found.finding.doubt for found in findings], np.int32),
        several_valid=np.array(several, np.bool_),
        scheme_number_twice=np.array(twice, np.bool_),
        shared_scheme_number=np.array(sorted(row for rows in _rows_by(schemes) for row in rows), np.int64),
    )
