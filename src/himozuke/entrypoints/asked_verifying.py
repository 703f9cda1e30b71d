"""Links proven where the register is somebody else's and answers inquiries only, over HTTP or by files.

Direction one is an inquiry by number, direction two an inquiry by the link's items that also wants those who
agree on two items. Everybody in the answers is judged as the service's own table would be. What the rule of the
day refuses to be asked with too few items cannot be challenged; such a link is not called right (S61, S64).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from himozuke.engines.online import OnlineVerifier
from himozuke.errors import RuleRefusedError
from himozuke.gateways.jlis_files.rows import entry_row
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.identity.gazetteer import Gazetteer
from himozuke.identity.individual_number import IndividualNumber, parse
from himozuke.link.compare_columns import FORMS
from himozuke.link.items import ITEMS
from himozuke.ports.challenge import Ledger, LedgerLine, LinkKeys, Others, Own
from himozuke.ports.resident_register import (
    Answer,
    Inquiry,
    LinkClaim,
    OnlineVerdict,
    Purpose,
    RegisterEntry,
    ResidentRegister,
)
from himozuke.rules.model import RuleBook
from himozuke.simulators.resident_register import MemoryRegister

NOT_CHALLENGED = "challenge_refused"
_CALLED_RIGHT = frozenset({"PROVEN", "EXPLAINED"})


@dataclass(frozen=True, slots=True)
class AskedPeople:
    """The people of some answers as a register; its ledger is that of the service.

    How rare a name is, nobody tells: it counts among the answers, so every name counts as a common one.
    """

    people: MemoryRegister
    ledger: Ledger

    @property
    def as_of(self) -> date:
        """The day of the register as its answers say it."""
        return self.people.as_of

    @property
    def size(self) -> int:
        """How many people are in the answers."""
        return self.people.size

    def owners(self, numbers: Sequence[int]) -> Sequence[Own | None]:
        """Direction one, among the answers."""
        return self.people.owners(numbers)

    def others(self, asked: Sequence[LinkKeys]) -> Sequence[Others]:
        """Direction two, among the answers."""
        return self.people.others(asked)

    def people_between(self, low: int, high: int, *, at_most: int) -> int:
        """Nobody knows the neighbours of a list that was never seen: as many as would rule them out."""
        _ = low, high
        return at_most

    def write_ledger(self, lines: Sequence[LedgerLine], purpose: Purpose) -> Sequence[int]:
        """Write down what was proven and why."""
        return self.ledger.write_ledger(lines, purpose)


@dataclass(frozen=True, slots=True)
class AskingVerifier:
    """Proves links by inquiries of a register; satisfies ``LinkVerifier``."""

    register: ResidentRegister
    ledger: Ledger
    rules: RuleBook
    read: ClaimReader
    gazetteer: Gazetteer | None = None

    def verify(self, claim: LinkClaim, *, purpose: Purpose) -> OnlineVerdict:
        """Verify one link in both directions.

        LinkRejectedError when it cannot be understood; UpstreamDownError when the register does not answer.
        """
        found = self.verify_batch([claim], purpose=purpose)[0]
        if isinstance(found, Exception):
            raise found
        return found

    def verify_batch(self, claims: Sequence[LinkClaim], *, purpose: Purpose) -> Sequence[OnlineVerdict | Exception]:
        """Verify many links with two batches of inquiries; a verdict or the error for each, in order."""
        claims = [replace(claim, columns=self.read.canonical(claim.columns)) for claim in claims]
        by_number = self._ask(
            {
                place: Inquiry(purpose, claim.on, claim.scheme, individual_number=number)
                for place, claim in enumerate(claims)
                if (number := _number_of(claim)) is not None
            }
        )
        by_items = self._ask(
            {
                place: Inquiry(purpose, claim.on, claim.scheme, items=_items_of(claim), wants_near=True)
                for place, claim in enumerate(claims)
                if not _is_same(claim, by_number.get(place)) and not _failed(by_number.get(place))
            }
        )
        failed = {
            place: answer for found in (by_items, by_number) for place, answer in found.items() if _failed(answer)
        }
        refused = {place for place, answer in by_items.items() if isinstance(answer, RuleRefusedError)}
        verdicts = iter(
            self._judge(
                [claim for place, claim in enumerate(claims) if place not in failed],
                [answer for found in (by_number, by_items) for answer in found.values() if isinstance(answer, Answer)],
                purpose,
            )
        )
        answers: list[OnlineVerdict | Exception] = []
        for place in range(len(claims)):
            error = failed.get(place)
            verdict = error if isinstance(error, Exception) else next(verdicts)
            if place in refused and isinstance(verdict, OnlineVerdict):
                verdict = _unchallenged(verdict)
            answers.append(verdict)
        return answers

    def _ask(self, inquiries: Mapping[int, Inquiry]) -> dict[int, Answer | Exception]:
        answers = self.register.inquire_batch(list(inquiries.values())) if inquiries else []
        return dict(zip(inquiries, answers, strict=True))

    def _judge(
        self, claims: Sequence[LinkClaim], answers: Sequence[Answer], purpose: Purpose
    ) -> Sequence[OnlineVerdict | Exception]:
        if not claims:
            return []
        as_of = max((answer.register_day for answer in answers), default=None) or self.register.as_of
        found = {entry.individual_number: entry for one in answers for entry in (*one.entries, *one.near)}
        people = AskedPeople(MemoryRegister(open_register(_table(found.values())), as_of=as_of), self.ledger)
        return OnlineVerifier(people, self.rules, self.read, self.gazetteer).verify_batch(claims, purpose=purpose)


def _unchallenged(verdict: OnlineVerdict) -> OnlineVerdict:
    """A verdict without direction two: nothing is called right by it."""
    reasons = (*verdict.reasons, NOT_CHALLENGED)
    if verdict.verdict not in _CALLED_RIGHT:
        return replace(verdict, reasons=reasons)
    return replace(
        verdict, verdict="UNTESTABLE", restriction=verdict.restriction_by_table, action="none", reasons=reasons
    )


def _failed(answer: Answer | Exception | None) -> bool:
    """Whether an inquiry came to nothing for a reason other than its rule or its items."""
    return isinstance(answer, Exception) and not isinstance(answer, RuleRefusedError)


def _is_same(claim: LinkClaim, answer: Answer | Exception | None) -> bool:
    """Whether the number's own entry says the same byte for byte: then nobody fits better, and none is asked for."""
    return (
        isinstance(answer, Answer)
        and len(answer.entries) == 1
        and all(claim.columns.get(item, "") == getattr(answer.entries[0].items, item) != "" for item in ITEMS)
    )


def _items_of(claim: LinkClaim) -> dict[str, str]:
    return {item: claim.columns[item] for item in ITEMS if claim.columns.get(item, "").strip()}


def _number_of(claim: LinkClaim) -> IndividualNumber | None:
    value = parse(claim.columns.get("individual_number", ""))
    return None if value is None else IndividualNumber(value)  # the reading of the link says what is wrong with it


def _table(entries: Iterable[RegisterEntry]) -> pa.Table:
    rows = [entry_row(entry) for entry in entries]
    names = (
        "individual_number", *ITEMS, *FORMS, "furigana_certified", "status", "status_on", "previous_number", "protected"
    )  # fmt: skip
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
