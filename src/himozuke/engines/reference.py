"""The engine to read: plain Python, one link at a time, for small data.

It says what an inspection means without joins, columns or compiled loops. The fast engine must agree with
it on every link; tests draw populations and compare the two.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from himozuke.engines import context
from himozuke.engines.base import Job, Outcomes
from himozuke.engines.staged import NUMBERS
from himozuke.identity import address, kana_name, kanji_name
from himozuke.inspection.decide import needs_full_inspection
from himozuke.link import challenge, fit
from himozuke.link.compare import EntryItems, LinkItems, compare_entry, split_values
from himozuke.link.compare_columns import FORMS
from himozuke.link.fit import Credits
from himozuke.link.items import ITEMS, NO_ENTRY, Agreement, traits
from himozuke.link.pattern import Challenge, NumberFact, Pattern, Sharing, classes, encode
from himozuke.link.verdict import agrees_on_identity

Entry = dict[str, Any]
Link = dict[str, Any]
Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is found out about one link before the other rows of the file are looked at."""

    pattern: Pattern
    agreement: Agreement
    own: Entry | None
    rival: Entry | None
    rival_count: int
    doubt: int


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
    former_kanji = split_values(entry["former_kanji_names"])
    former_kana = split_values(entry["former_kana_names"])
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


def _inspect_link(link: Link, register: _Register, job: Job) -> _Finding:
    """Direction one: number to items. Direction two, the challenge: items to numbers."""
    number, own = _find_number(link, register)
    agreement = _compare(link, own, job) if own else NO_ENTRY
    kanji, kana, birth, sex, place = classes(agreement)
    full = own is not None and not any((kanji, kana, birth, sex, place))
    outcome, rivals, lead = (Challenge.NONE, [], 0) if full else _challenge(link, own, agreement, register, job)
    pattern = Pattern(
        kanji_name=kanji,
        kana_name=kana,
        birth_date=birth,
        sex=sex,
        address=place,
        challenge=outcome,
        number=number,
        life=_life(link, own, job),
        few_items=_few_items(link, job),
        required=int(_required(link, job)),
    )
    best = min(rivals, key=lambda found: (-found[0], found[1]["number"]))[1] if rivals else None
    return _Finding(pattern, agreement, own, best, len(rivals), lead)


def _find_number(link: Link, register: _Register) -> tuple[NumberFact, Entry | None]:
    own = register.by_number.get(link["number"])
    if own:
        return NumberFact.CURRENT, own
    own = register.by_previous.get(link["number"])
    if own:
        return NumberFact.PREVIOUS, own
    return (NumberFact.NOT_IN_REGISTER if link["check_ok"] else NumberFact.CHECK_DIGIT), None


def _compare(link: Link, entry: Entry, job: Job) -> Agreement:
    ours = LinkItems(*(link[item] for item in ITEMS))
    return compare_entry(ours, EntryItems(*(entry[name] for name in (*ITEMS, *FORMS))), job.gazetteer)


def _challenge(
    link: Link, own: Entry | None, agreement: Agreement, register: _Register, job: Job
) -> tuple[Challenge, list[tuple[int, Entry]], int]:
    """Ask who else fits; gives the outcome, the rivals with their fits, and how far the best leads."""
    bonus = (
        fit.rarity(register.names[kanji_name.key(link["kanji_name"])] or 1, register.size)
        if link["kanji_name"]
        else fit.rarity(1, register.size)
    )
    ours = fit.credits_of(agreement)
    own_fit = _fit(ours, bonus) if own else 0
    outcome, rivals = Challenge.NONE, []
    for other in register.candidates(link, own):
        theirs = fit.credits_of(_compare(link, other, job))
        their_fit = _fit(theirs, bonus)
        found = (
            challenge.classify(ours, own_fit, theirs, their_fit) if own else challenge.classify_without_own(their_fit)
        )
        outcome = max(outcome, Challenge(int(found)))
        if found >= Challenge.EQUAL:
            rivals.append((their_fit, other))
    best_fit = max((found for found, _ in rivals), default=fit.PLAUSIBLE)
    return outcome, rivals, best_fit - own_fit - bonus


def _fit(credits_: Credits, bonus: int) -> int:
    whole = int(credits_.kanji_name) >= fit.WHOLE_KANJI_NAME
    return int(fit.fit(credits_, bonus if whole else 0))


def _life(link: Link, own: Entry | None, job: Job) -> int:
    if own is None:
        return 0
    status, day = np.array([own["status"]], np.uint8), np.array([own["status_on"]], np.int32)
    since, until = (np.array([link[name]], np.int32) for name in ("valid_from", "valid_to"))
    grace = job.rules.count("death.grace_days", job.on)
    return int(context.lives(status, day, since, until, grace_days=grace)[0])


def _few_items(link: Link, job: Job) -> int:
    at_most = job.rules.count("acquisition.few_items_at_most", job.on)
    items = int(link["acquired_items"]).bit_count() if link["acquired_by"] == context.JLIS else 0
    return int(needs_full_inspection(items or None, link["acquired_hits"], at_most=at_most))


def _required(link: Link, job: Job) -> int:
    days = np.array([link["acquired_on"]], np.int32)
    return int(context.required_masks(job.scheme, job.rules, days, job.on)[0])


def _look_at_other_rows(links: list[Link], findings: list[_Finding], job: Job) -> tuple[list[bool], list[bool]]:
    """Shared numbers, several valid links and scheme numbers used twice (S75); amends the patterns."""
    several, twice = [False] * len(links), [False] * len(links)
    valid = [_is_valid(link, job) for link in links]
    people = [_pos(found.own) if found.own else -link["number"] for link, found in zip(links, findings, strict=True)]
    for rows in _rows_by(people):
        fits = [agrees_on_identity(findings[row].pattern) for row in rows]
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


def _amend(findings: list[_Finding], row: int, *, sharing: int, several_valid: int) -> None:
    found = findings[row]
    pattern = found.pattern._replace(sharing=sharing, several_valid=several_valid)
    findings[row] = _Finding(pattern, found.agreement, found.own, found.rival, found.rival_count, found.doubt)


def _pos(entry: Entry | None) -> int:
    return int(entry["pos"]) if entry else -1


def _outcomes(findings: list[_Finding], several: list[bool], twice: list[bool], schemes: list[str]) -> Outcomes:
    rows = len(findings)

    def per_item(values: list[list[int]], depth: int) -> npt.NDArray[np.uint8]:
        return np.array(values, np.uint8).reshape(rows, depth).T.copy()

    agreements = [found.agreement for found in findings]
    return Outcomes(
        pattern=np.array([encode(found.pattern) for found in findings], np.int32),
        traits=np.array([traits(agreement) for agreement in agreements], np.uint8),
        states=per_item([[c.state for c in a.comparisons] for a in agreements], 5),
        hows=per_item([[c.how for c in a.comparisons] for a in agreements], 5),
        parts=per_item([[a.kanji_parts, a.kana_parts] for a in agreements], 2),
        own=np.array([_pos(found.own) for found in findings], np.int64),
        rival=np.array([_pos(found.rival) for found in findings], np.int64),
        rival_count=np.array([found.rival_count for found in findings], np.int32),
        entry_hash=np.array([found.own["evidence"] if found.own else 0 for found in findings], np.uint64),
        doubt=np.array([found.doubt for found in findings], np.int32),
        several_valid=np.array(several, np.bool_),
        scheme_number_twice=np.array(twice, np.bool_),
        shared_scheme_number=np.array(sorted(row for rows in _rows_by(schemes) for row in rows), np.int64),
    )
