"""What the file and the register show about how each doubted link went wrong, and whom to ask first."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nsmallest
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from himozuke.engines.base import Job, Longs, Outcomes
from himozuke.engines.context import ACQUIRED_BY
from himozuke.engines.decisions import Decisions, Flags
from himozuke.engines.entries import entries_by_position
from himozuke.engines.own_file import standing_on
from himozuke.identity import address, kana_name, kanji_name
from himozuke.identity.column import utf8_column
from himozuke.identity.state import ItemState, Parts
from himozuke.link.cause import CauseFacts, find_cause
from himozuke.link.compare import former_names
from himozuke.link.items import ITEMS
from himozuke.link.keys import kana_order
from himozuke.link.runs import WrongRow, find_runs
from himozuke.link.verdict import Verdict

#: Links of a number's holder that are looked at beside an asked one, the nearest first.
_MOST_HOMES = 32
#: Of both names, birth date and address so many agree where two records name one person.
_ITEMS_OF_ONE_PERSON = 3


def add_causes(job: Job, outcomes: Outcomes, decisions: Decisions) -> None:
    """Find runs and causes for every link that somebody must be asked about."""
    asked = decisions.asked
    if not len(asked):
        return
    job.progress.phase("causes", len(asked))
    columns = job.links.numbers(("row", "number", "check_ok", "acquired_by", "acquired_items", "acquired_hits"))
    refuted = is_refuted(decisions, asked)
    homes = _nearest_homes(job, outcomes, decisions, asked)
    texts = job.links.texts(asked, ("scheme_number", "batch", *ITEMS))
    batches = texts.column("batch").to_pylist()
    wrong = [
        WrongRow(
            int(columns["row"][i]),
            int(columns["number"][i]),
            int(columns["row"][homes[i]]) if i in homes else None,
            batches[slot],
        )
        for slot, i in enumerate(asked.tolist())
        if refuted[slot]
    ]
    outcomes.runs = find_runs(wrong)
    facts = _Facts(job, outcomes, asked, homes, columns, texts)
    few = job.rules.count("acquisition.few_items_at_most", job.on)
    for slot, index in enumerate(asked.tolist()):
        outcomes.causes[index] = find_cause(facts.of(slot, index), few_items_at_most=few)
    job.progress.advance(len(asked))


def in_order_of_asking(outcomes: Outcomes, decisions: Decisions) -> Longs:
    """The links to ask about in the order of asking: refuted before doubtful, the likeliest wrong first."""
    asked = decisions.asked
    order = np.lexsort((asked, -outcomes.doubt[asked], ~is_refuted(decisions, asked)))
    return asked[order]


def is_refuted(decisions: Decisions, links: Longs) -> Flags:
    """Tell which of some links are refuted."""
    found: Flags = (decisions.verdict == Verdict.REFUTED)[decisions.case[links]]
    return found


def _nearest_homes(job: Job, outcomes: Outcomes, decisions: Decisions, asked: Longs) -> dict[int, int]:
    """For each asked link the nearest other link of its number's holder, unless both speak of one person."""
    holders = np.unique(outcomes.own[asked])
    holders = holders[holders >= 0]
    fitting = standing_on(outcomes.own.view(np.uint64), holders.view(np.uint64))
    fitting = fitting[~is_refuted(decisions, fitting)]
    refuted = decisions.where(decisions.verdict == Verdict.REFUTED)
    refuted = refuted[np.isin(outcomes.rival[refuted], holders)]
    by_person: dict[int, list[int]] = {}
    for indexes, people in ((fitting, outcomes.own), (refuted, outcomes.rival)):
        for index, pos in zip(indexes.tolist(), people[indexes].tolist(), strict=True):
            by_person.setdefault(pos, []).append(index)
    near = {}
    for index in asked.tolist():
        others = [home for home in by_person.get(int(outcomes.own[index]), ()) if home != index]
        if others:
            near[index] = nsmallest(_MOST_HOMES, others, key=lambda home: (abs(home - index), home))
    spoken_of = _PeopleNamed(job, sorted({*near, *chain.from_iterable(near.values())}))
    found = {index: spoken_of.another(index, others) for index, others in near.items()}
    return {index: home for index, home in found.items() if home is not None}


class _PeopleNamed:
    """Whom some links name, whatever number they carry."""

    def __init__(self, job: Job, links: Sequence[int]) -> None:
        rows = np.array(links, np.int64)
        texts = job.links.texts(rows, ("kanji_name", "kana_name", "address"))
        kanji, kana, place = (utf8_column(texts.column(name)) for name in texts.column_names)
        births = job.links.numbers(("birth",))["birth"][rows]
        keys = (kanji_name.keys(kanji).key, kana_name.keys(kana).key, births, address.keys(place).key)
        self._items = dict(zip(links, zip(*(key.tolist() for key in keys), strict=True), strict=True))

    def another(self, index: int, others: Sequence[int]) -> int | None:
        """The first of some links that is not the same person's as this one."""
        return next((other for other in others if not is_one_person(self._items[index], self._items[other])), None)


def is_one_person(items: Sequence[int], others: Sequence[int]) -> bool:
    """Tell whether two records of one file name the same person, by keys of names, birth date and address.

    0 is an item that is not held. Namesakes born on one day live elsewhere; twins and relatives share two items.
    """
    agreeing = [ours == theirs for ours, theirs in zip(items, others, strict=True) if ours and theirs]
    elsewhere = items[-1] and others[-1] and items[-1] != others[-1]
    return not elsewhere and sum(agreeing) >= _ITEMS_OF_ONE_PERSON


class _Facts:
    """Gathers the facts of each asked link from columns fetched once."""

    def __init__(
        self,
        job: Job,
        outcomes: Outcomes,
        asked: Longs,
        homes: dict[int, int],
        columns: dict[str, npt.NDArray[Any]],
        texts: pa.Table,
    ) -> None:
        self._job, self._outcomes = job, outcomes
        self._homes, self._columns = homes, columns
        self._texts = texts.to_pylist()
        home_rows = np.unique(np.array(sorted(set(homes.values())), np.int64))
        home_texts = job.links.texts(home_rows, ("scheme_number", "batch")).to_pylist()
        self._home_texts = dict(zip(home_rows.tolist(), home_texts, strict=True))
        self._entries = entries_by_position(job.register, np.concatenate([outcomes.own[asked], outcomes.rival[asked]]))
        places = address.keys(utf8_column([entry["address"] for entry in self._entries.values()])).key
        self._address_keys: dict[int, int] = dict(zip(self._entries, places.tolist(), strict=True))
        self._run_of = {row: run for run in outcomes.runs for row in run.rows}
        self._orders = job.register.kana_orders()

    def of(self, slot: int, index: int) -> CauseFacts:
        """The facts of one asked link."""
        outcomes, columns = self._outcomes, self._columns
        link, home = self._texts[slot], self._homes.get(index)
        own = self._entries.get(int(outcomes.own[index]))
        rival_pos = int(outcomes.rival[index])
        rival = self._entries.get(rival_pos)
        home_text = self._home_texts[home] if home is not None else {"scheme_number": "", "batch": ""}
        return CauseFacts(
            row=int(columns["row"][index]),
            number=int(columns["number"][index]),
            batch=link["batch"],
            scheme_number=link["scheme_number"],
            in_register=own is not None,
            valid_check_digit=bool(columns["check_ok"][index]),
            rightful_number=rival["number"] if rival else 0,
            home_row=int(columns["row"][home]) if home is not None else None,
            home_batch=home_text["batch"],
            home_scheme_number=home_text["scheme_number"],
            home_carries_ours=home is not None and rival_pos >= 0 and int(outcomes.own[home]) == rival_pos,
            home_holds_number=home is not None and int(outcomes.own[home]) == int(outcomes.own[index]),
            relative=self._is_relative(index, own, rival),
            twin=self._is_twin(index, own, rival),
            holder_bears_former_name=_bears_former_name(own, rival),
            acquired_by=ACQUIRED_BY[int(columns["acquired_by"][index])],
            acquired_items=int(columns["acquired_items"][index]).bit_count(),
            acquired_hits=int(columns["acquired_hits"][index]),
            agrees_on_inquiry=self._agrees_on_inquiry(index),
            self_service=self._job.scheme.is_self_service,
            between_in_list=self._between(own, rival),
            run=self._run_of.get(int(columns["row"][index])),
        )

    def _states(self, index: int) -> list[ItemState]:
        return [ItemState(int(state)) for state in self._outcomes.states[:, index]]

    def _same_home(self, index: int, own: dict[str, Any] | None, rival: dict[str, Any] | None) -> bool:
        """Tell whether the number's holder lives where the link, or its rightful person, lives."""
        keys = (self._address_keys[entry["pos"]] if entry else 0 for entry in (own, rival))
        return own is not None and is_same_home(self._states(index), *keys)

    def _is_relative(self, index: int, own: dict[str, Any] | None, rival: dict[str, Any] | None) -> bool:
        return self._same_home(index, own, rival) and is_another_given_name(self._parts(index))

    def _is_twin(self, index: int, own: dict[str, Any] | None, rival: dict[str, Any] | None) -> bool:
        return self._same_home(index, own, rival) and looks_like_twin(self._states(index), self._parts(index))

    def _parts(self, index: int) -> tuple[int, int]:
        kanji, kana = (int(parts) for parts in self._outcomes.parts[:, index])
        return kanji, kana

    def _agrees_on_inquiry(self, index: int) -> bool:
        return agrees_on_inquiry(self._states(index), int(self._columns["acquired_items"][index]))

    def _between(self, own: dict[str, Any] | None, rival: dict[str, Any] | None) -> int | None:
        """How many people stand between holder and person in the list sorted by kana."""
        if own is None or rival is None:
            return None
        places = places_in_list(str(own["kana_name"]), str(rival["kana_name"]))
        if places is None:
            return None
        low, high = np.array(places, np.uint64)  # of another kind, the whole list would be copied for each look
        first = int(np.searchsorted(self._orders, low, side="right"))
        last = int(np.searchsorted(self._orders, high, side="left"))
        return max(last - first, 0)


def is_same_home(states: Sequence[ItemState], own_place: int, rival_place: int) -> bool:
    """Tell whether a number's holder lives where the link, or its rightful person, lives.

    The places are keys of the addresses of both, 0 for none.
    """
    return states[4].agrees or (own_place != 0 and own_place == rival_place)


def is_another_given_name(parts: tuple[int, int]) -> bool:
    """Tell relatives from one person: the same given name at the same home would be the same person."""
    return not (parts[0] | parts[1]) & Parts.GIVEN


def looks_like_twin(states: Sequence[ItemState], parts: tuple[int, int]) -> bool:
    """Tell whether a holder at the same home was born on the same day and bears the surname alone."""
    same_surname = bool((parts[0] | parts[1]) & Parts.SURNAME)
    same_given = bool(parts[0] & parts[1] & Parts.GIVEN)
    return states[2].agrees and same_surname and not same_given


def agrees_on_inquiry(states: Sequence[ItemState], acquired_items: int) -> bool:
    """Tell whether the holder agrees on what was asked (bits); where that is not said, on kana and birth."""
    mask = acquired_items or 0b0_0110
    asked = [state for i, state in enumerate(states) if mask >> i & 1]
    agrees = all(state.agrees or state is ItemState.MISSING for state in asked)
    return agrees and any(state.agrees for state in asked) and not all(s.agrees for s in states)


def places_in_list(own_kana: str, rival_kana: str) -> tuple[int, int] | None:
    """The places of holder and person in a list sorted by kana, lower first; None where far apart."""
    names = sorted((own_kana, rival_kana))
    if not names[0] or names[0][:2] != names[1][:2]:
        return None
    low, high = sorted(kana_order(utf8_column(names)).tolist())
    return low, high


def _bears_former_name(own: dict[str, Any] | None, rival: dict[str, Any] | None) -> bool:
    if own is None or rival is None:
        return False
    return bears_former_name(
        (own["kanji_name"], own["kana_name"]),
        (rival["kanji_name"], rival["kana_name"]),
        (rival["former_kanji_names"], rival["former_kana_names"]),
    )


def bears_former_name(names: tuple[str, str], today: tuple[str, str], then: tuple[str, str]) -> bool:
    """Tell whether somebody's name, in kanji or kana, is one of the former names of a person called otherwise today."""
    former, former_kana = (former_names(text, name) for text, name in zip(then, today, strict=True))
    if former and kanji_name.key(names[0]) in map(kanji_name.key, former):
        return True
    return bool(former_kana) and kana_name.key(names[1]) in map(kana_name.key, former_kana)
