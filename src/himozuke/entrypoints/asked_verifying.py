"""Links proven where the register is somebody else's and answers inquiries only, over HTTP or by files.

Direction one is an inquiry by number, direction two an inquiry by the link's items that also wants those who
agree on two items. Everybody in the answers is judged as the service's own table would be. What the rule of the
day refuses to be asked with too few items, or the register refuses to be asked, cannot be challenged; such a link is
not called right (S61, S64). A link whose inquiry came to nothing has no verdict; the others have theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import pyarrow as pa

from himozuke.engines.online import OnlineVerifier
from himozuke.errors import InputRejectedError, RuleRefusedError, UpstreamDownError
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
_REFUSALS = (RuleRefusedError, InputRejectedError)
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
                if not _is_same(claim, by_number.get(place)) and not isinstance(by_number.get(place), Exception)
            }
        )
        return [
            self._verdict(claim, by_number.get(place), by_items.get(place), purpose)
            for place, claim in enumerate(claims)
        ]

    def _ask(self, inquiries: Mapping[int, Inquiry]) -> dict[int, Answer | Exception]:
        answers = self.register.inquire_batch(list(inquiries.values())) if inquiries else []
        return dict(zip(inquiries, answers, strict=True))

    def _verdict(
        self,
        claim: LinkClaim,
        by_number: Answer | Exception | None,
        by_items: Answer | Exception | None,
        purpose: Purpose,
    ) -> OnlineVerdict | Exception:
        """What the answers to one link say; no other link's answers are believed for it."""
        if isinstance(by_number, Exception):
            return UpstreamDownError(f"The register does not say whose number it is. {by_number}")
        if isinstance(by_items, Exception) and not isinstance(by_items, _REFUSALS):
            return by_items
        said = [answer for answer in (by_number, by_items) if isinstance(answer, Answer)]
        if _contradict(_number_of(claim), *(_people(one) for one in (by_number, by_items))):
            return UpstreamDownError("The register says one thing by number and another by items; neither is used.")
        verdict = self._judge(claim, said, purpose)
        is_refused = isinstance(by_items, Exception)
        return _unchallenged(verdict) if is_refused and isinstance(verdict, OnlineVerdict) else verdict

    def _judge(self, claim: LinkClaim, answers: Sequence[Answer], purpose: Purpose) -> OnlineVerdict | Exception:
        as_of = max((answer.register_day for answer in answers), default=claim.on)
        found = {entry.individual_number: entry for one in answers for entry in _people(one)}
        people = AskedPeople(MemoryRegister(open_register(_table(found.values())), as_of=as_of), self.ledger)
        if people.size < len(found):  # else somebody would be called "not in the register"
            return UpstreamDownError("The register gave a person who cannot be understood; the answer is not used.")
        verifier = OnlineVerifier(people, self.rules, self.read, self.gazetteer)
        return verifier.verify_batch([claim], purpose=purpose)[0]


def _people(answer: Answer | Exception | None) -> Sequence[RegisterEntry]:
    return (*answer.entries, *answer.near) if isinstance(answer, Answer) else ()


def _contradict(
    number: IndividualNumber | None, by_number: Sequence[RegisterEntry], others: Sequence[RegisterEntry]
) -> bool:
    """Whether the people found by items cannot live in one register with whoever was found by number.

    One number stands for two people; the number bears somebody by items and nobody, or another one, by number; or the
    number's own entry comes back under other numbers only.
    """
    by_own: dict[IndividualNumber, RegisterEntry] = {}
    if any(by_own.setdefault(entry.individual_number, entry) != entry for entry in (*by_number, *others)):
        return True
    bearers = [entry for entry in others if number in (entry.individual_number, entry.previous_number)]
    if number is not None and any(entry not in by_number for entry in bearers):
        return True
    numbers = {entry.individual_number for entry in others}
    return any(
        own.individual_number not in numbers and own.items in [entry.items for entry in others] for own in by_number
    )


def _unchallenged(verdict: OnlineVerdict) -> OnlineVerdict:
    """A verdict without direction two: nothing is called right by it."""
    reasons = (*verdict.reasons, NOT_CHALLENGED)
    if verdict.verdict not in _CALLED_RIGHT:
        return replace(verdict, reasons=reasons)
    return replace(
        verdict, verdict="UNTESTABLE", restriction=verdict.restriction_by_table, action="none", reasons=reasons
    )


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
