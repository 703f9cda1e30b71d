"""One person at a counter, from the question to what the claim will need (S78–S82g)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, Protocol

from himozuke.eligibility import copay, counter
from himozuke.eligibility.counter import ClaimTier, DeemedBasis, Failure, FirstOrAgain
from himozuke.eligibility.model import InsuredKey, Qualification, Question, Reference
from himozuke.eligibility.service import CardReading, CardRefused, Checked, EligibilityService
from himozuke.eligibility.store import Institution
from himozuke.errors import ConflictError, InputRejectedError
from himozuke.identity.state import ItemState
from himozuke.link.compare import EntryItems, LinkItems, compare_entry
from himozuke.link.items import ITEMS
from himozuke.ports.office import AuditLog, Clock
from himozuke.rules.model import RuleBook

Channel = Literal["card", "number", "outage", "none"]
_SHOWN = (
    "insurer_name",
    "kanji_name",
    "kana_name",
    "sex",
    "birth_date",
    "address",
    "postal_code",
    "acquired_on",
    "lost_on",
    "issued_on",
    "relation",
    "insured_name",
    "card_class",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of one person at the counter; ``shown`` holds what was shown, the displayed one first."""

    visit_id: int
    visited_on: date
    began_at: datetime
    by_login: str
    channel: Channel
    method: str = ""
    validity: str = ""
    result_code: str = ""
    card_problem: str = ""
    tries_left: int | None = None
    link_id: int | None = None
    shown: Sequence[Mapping[str, Any]] = ()
    consents: Sequence[str] = ()
    compared_with: str = ""
    own_items: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    accepted_at: datetime | None = None
    accepted_by: str = ""
    failure: str = ""
    evidence: str = ""
    is_deemed: bool = False
    basis: Sequence[str] = ()
    entries: Mapping[str, str] = field(default_factory=dict)
    copay_percent: int | None = None
    claim_tier: str = ""
    opened_at: datetime | None = None

    @property
    def displayed(self) -> Mapping[str, Any] | None:
        """The qualification displayed: the latest issued."""
        return self.shown[0] if self.shown else None

    @property
    def insurer_kind(self) -> counter.InsurerKind:
        """The kind of insurer of what was shown, else of what was asked about: it decides which papers are taken."""
        shown = self.displayed or {}
        return counter.insurer_kind(str(shown.get("insurer_number") or self.entries.get("insurer_number") or ""))

    @property
    def is_valid(self) -> bool:
        """Tell whether insurance on the day is confirmed."""
        return self.validity in {"1", "6"}

    @property
    def variants(self) -> list[str]:
        """The items that differ by a variant alone and were not remembered before: these may be."""
        return [item for item, state in self.states.items() if state.upper() == ItemState.VARIANT.name]

    @property
    def differing(self) -> list[str]:
        """The items in which our record and the answer do not agree."""
        agreeing = {ItemState.EQUAL.name, ItemState.FOLDED.name, ItemState.VARIANT.name}
        return [item for item, state in self.states.items() if state.upper() not in agreeing]


@dataclass(frozen=True, slots=True)
class Variant:
    """A value of ours that reception accepted for an answered one."""

    item: str
    own_value: str
    answered_value: str


class VisitStore(Protocol):
    """The visits of an institution."""

    def add(self, organisation_id: int, visit: Visit) -> int:
        """Keep a visit and return its id."""

    def find(self, visit_id: int, *, of: int | None = None) -> Visit:
        """A visit, locked; NotFoundError when it is not there or belongs to another institution than ``of``.

        Needed in a transaction that sees every institution's rows.
        """

    def keep(self, visit: Visit) -> None:
        """Keep what has become of a visit."""

    def of_day(self, organisation_id: int, day: date) -> Sequence[Visit]:
        """The visits of a day, latest first."""

    def variants(self, organisation_id: int, link_id: int) -> Sequence[Variant]:
        """What was accepted for a person before."""

    def keep_variant(self, organisation_id: int, link_id: int, variant: Variant, *, by: str) -> None:
        """Remember a variant."""


class VisitService:
    """The counter of one institution; made for one transaction."""

    def __init__(
        self,
        store: VisitStore,
        eligibility: EligibilityService,
        institution: Institution,
        *,
        by: str,
        audit: AuditLog,
        clock: Clock,
        rules: RuleBook,
    ) -> None:
        self._store = store
        self._eligibility = eligibility
        self._institution = institution
        self._by = by
        self._audit = audit
        self._clock = clock
        self._rules = rules

    def by_number(self, key: InsuredKey, birth_date: date, on: date, *, wants_limits: bool = False) -> int:
        """Ask by what is printed on a certificate; the id of the visit.

        ``wants_limits``: the patient said that the institution may see the limit certificate.
        """
        question = Question(self._institution.code, on, Reference.INSURED_NUMBER, key, birth_date, wants_limits)
        checked = self._eligibility.check(self._institution, question)
        asked = {name: value for name, value in asdict(key).items() if value} | {"birth_date": birth_date.isoformat()}
        return self._begin("number", checked, visited_on=on, entries=asked)

    def by_card(self, reading: CardReading) -> int:
        """Ask by card; a card that cannot be used makes a visit too, since the counter has to go on."""
        answer = self._eligibility.read_card(self._institution, reading)
        if isinstance(answer, CardRefused):
            visit = replace(
                self._new("card"), method=reading.method, card_problem=answer.reason, tries_left=answer.tries_left
            )
            return self._store.add(self._institution.organisation_id, visit)
        return self._begin("card", answer, method=reading.method)

    def in_outage(self, found: Sequence[Qualification]) -> list[int]:
        """Keep a visit for each hit of a search in the system-failure mode, and write each showing down."""
        opened = self._clock.now() if len(found) > 1 else None  # several are shown in a list
        shown = [self._eligibility.show(self._institution, one) for one in found]
        return [self._begin("outage", one, opened_at=opened) for one in shown]

    def without_answer(self) -> int:
        """Begin a visit in which nothing can be asked at all."""
        return self._store.add(self._institution.organisation_id, self._new("none"))

    def look(self, visit_id: int) -> Visit:
        """The visit as it may be shown at this moment; every showing of its answer is written down.

        The first opening belongs to the question, which has its line in the access log.
        """
        kept = self._store.find(visit_id, of=self._institution.organisation_id)
        visit = self._eligibility.shown_again.as_they_stand([kept])[0]
        if kept.opened_at is None:
            opened = self._clock.now()
            self._store.keep(replace(kept, opened_at=opened))
            return replace(visit, opened_at=opened)
        self._eligibility.shown_again.write_down(self._institution, [visit])
        return visit

    def stands(self, visit_id: int) -> Visit:
        """The visit as it stands, for a page that shows nothing of its answer."""
        return self._eligibility.shown_again.as_they_stand(
            [self._store.find(visit_id, of=self._institution.organisation_id)]
        )[0]

    def of_day(self, day: date) -> Sequence[Visit]:
        """The visits of a day as they may be shown at this moment, latest first; every name shown is written down."""
        visits = self._eligibility.shown_again.as_they_stand(self._store.of_day(self._institution.organisation_id, day))
        self._eligibility.shown_again.write_down(self._institution, visits)
        return visits

    def compare(self, visit_id: int, own_items: Mapping[str, str], visit_kind: FirstOrAgain) -> Visit:
        """Lay our own record beside the answer, item by item."""
        kept = self._store.find(visit_id, of=self._institution.organisation_id)
        visit = self._eligibility.shown_again.as_they_stand([kept])[0]
        if visit.displayed is None:
            raise ConflictError("Nothing was shown that a record could be laid beside.")
        own = {item: own_items.get(item, "").strip() for item in ITEMS}
        answered = {item: str(visit.displayed.get(item) or "") for item in ITEMS}
        agreement = compare_entry(LinkItems(**own), EntryItems(**answered))
        states = {item: one.state.name.lower() for item, one in zip(ITEMS, agreement.comparisons, strict=True)}
        accepted = self._accepted(visit)
        for item in ITEMS:
            if states[item] == "variant" and accepted.get(item) == (own[item], answered[item]):
                states[item] = "folded"  # remembered: the same in another spelling
            if not own[item] or not answered[item]:
                states[item] = "missing"
        has_record = any(own.values())
        beside = counter.compared_with(visit_kind, has_record=has_record)
        compared = replace(kept, compared_with=beside, own_items=own, states=states)
        self._store.keep(compared)
        return compared

    def accept(self, visit_id: int, *, remembers: bool) -> Visit:
        """Accept the answer for this patient; with ``remembers``, its variants are not asked about again.

        Only what the comparison calls a variant is remembered: a near name (one character off) is more likely a slip.
        """
        kept = self._store.find(visit_id, of=self._institution.organisation_id)
        visit = self._eligibility.shown_again.as_they_stand([kept])[0]
        if visit.displayed is None or not visit.is_valid:
            raise ConflictError("Only a valid qualification can be accepted.")
        if remembers and visit.link_id is not None:
            for item in visit.variants:
                answered = str(visit.displayed.get(item) or "")
                if visit.own_items.get(item) and answered:
                    variant = Variant(item, visit.own_items[item], answered)
                    self._store.keep_variant(self._institution.organisation_id, visit.link_id, variant, by=self._by)
        accepted = replace(
            kept,
            accepted_at=self._clock.now(),
            accepted_by=self._by,
            claim_tier=ClaimTier.CURRENT,
            copay_percent=visit.copay_percent or self._copay(visit),
        )
        self._store.keep(accepted)
        self._audit.record("eligibility.accept", subject="visit", subject_id=visit_id, details={"remembers": remembers})
        return accepted

    def take_evidence(self, visit_id: int, failure: Failure, evidence: str, entries: Mapping[str, str]) -> Visit:
        """Go on with a paper or screen in the place of the answer; refused when the day does not allow it.

        ``entries``: what stands on it; InputRejectedError where a claim could not be made of them.
        """
        visit = self._store.find(visit_id, of=self._institution.organisation_id)
        steps = counter.next_steps(failure, visit.visited_on, rules=self._rules, insurer=visit.insurer_kind)
        allowed = {step.evidence for step in steps}
        if evidence not in allowed:
            raise ConflictError("This is not taken as proof on the day of the visit.")
        if missing := counter.missing_for_evidence(entries):
            raise InputRejectedError(f"A claim needs what stands on it: {', '.join(missing)} must be filled in.")
        taken = replace(
            visit,
            failure=failure,
            evidence=evidence,
            entries={**visit.entries, **entries},
            copay_percent=self._declared_copay(visit, entries),
            claim_tier=ClaimTier.CURRENT,
        )
        self._store.keep(taken)
        self._audit.record(
            "eligibility.take_evidence", subject="visit", subject_id=visit_id, details={"evidence": evidence}
        )
        return taken

    def declare(
        self,
        visit_id: int,
        failure: Failure,
        entries: Mapping[str, str],
        *,
        basis: DeemedBasis | None,
    ) -> Visit:
        """Take a declaration of insured status, on paper or deemed given, with the copay and the tier it leads to.

        A declaration is deemed given only on all three grounds of S82b, else ConflictError, and with every entry,
        else InputRejectedError.
        """
        visit = self._store.find(visit_id, of=self._institution.organisation_id)
        if basis is not None and not basis.suffices:
            raise ConflictError(
                "A declaration is deemed given only when all three grounds are there. Take it on paper."
            )
        if basis is not None and (missing := counter.missing_for_deeming(entries)):
            raise InputRejectedError(f"Not every entry is known: {', '.join(missing)}. Take the declaration on paper.")
        grounds = [name for name, holds in asdict(basis).items() if holds] if basis is not None else []
        tier = counter.claim_tier(is_current_confirmed=False, knows_past=counter.knows_past(entries))
        declared = replace(
            visit,
            failure=failure,
            evidence="declaration",
            is_deemed=basis is not None,
            basis=grounds,
            entries=dict(entries),
            claim_tier=tier,
            copay_percent=self._declared_copay(visit, entries),
        )
        self._store.keep(declared)
        self._audit.record(
            "eligibility.declare",
            subject="visit",
            subject_id=visit_id,
            details={"failure": failure, "is_deemed": basis is not None, "claim_tier": tier},
        )
        return declared

    def _begin(
        self,
        channel: Channel,
        checked: Checked,
        *,
        method: str = "",
        visited_on: date | None = None,
        entries: Mapping[str, str] | None = None,
        opened_at: datetime | None = None,
    ) -> int:
        shown = [_as_shown(one) for one in checked.finding.shown]
        visit = replace(
            self._new(channel),
            method=method,
            validity=checked.finding.validity,
            result_code=checked.finding.result_code,
            link_id=checked.finding.shown[0].link_id if checked.finding.shown else None,
            shown=shown,
            consents=[str(one) for one in checked.finding.consents],
            entries=entries or {},
            opened_at=opened_at,
        )
        if visited_on is not None:
            visit = replace(visit, visited_on=visited_on)
        if visit.is_valid:
            visit = replace(visit, copay_percent=self._copay(visit))
        return self._store.add(self._institution.organisation_id, visit)

    def _new(self, channel: Channel) -> Visit:
        return Visit(0, self._clock.today(), self._clock.now(), self._by, channel)

    def _accepted(self, visit: Visit) -> Mapping[str, tuple[str, str]]:
        if visit.link_id is None:
            return {}
        found = self._store.variants(self._institution.organisation_id, visit.link_id)
        return {one.item: (one.own_value, one.answered_value) for one in found}

    def _copay(self, visit: Visit) -> int | None:
        """What the patient pays: by certificate where one says, else by age."""
        shown = visit.displayed or {}
        return int(shown.get("copay_percent") or 0) or self._copay_by_age(shown.get("birth_date"), visit)

    def _declared_copay(self, visit: Visit, entries: Mapping[str, str]) -> int | None:
        """By the declaration; where it does not say, by age (S82c)."""
        if entries.get("copay_percent") in {"10", "20", "30"}:
            return int(entries["copay_percent"])
        return self._copay_by_age(entries.get("birth_date"), visit)

    def _copay_by_age(self, born: str | None, visit: Visit) -> int | None:
        return copay.ratio(date.fromisoformat(born), visit.visited_on, rules=self._rules) if born else None


def _as_shown(held: Qualification) -> dict[str, Any]:
    """A qualification as it is kept with a visit: days as ISO texts, no Individual Number."""
    plain = {name: getattr(held, name) for name in _SHOWN}
    texts = {name: value.isoformat() if isinstance(value, date) else value for name, value in plain.items()}
    limits = [one.income_class for one in held.limits]
    diseases = [one.disease for one in held.diseases]
    key = {name: getattr(held.key, name) for name in ("insurer_number", "symbol", "number", "branch")}
    until = held.card_valid_until.isoformat() if held.card_valid_until else None
    return {
        **texts,
        **key,
        "link_id": held.link_id,
        "copay_percent": held.copay_percent,
        "is_share_unsure": held.is_share_unsure,
        "share_until": held.elderly.valid_until.isoformat() if held.elderly and held.elderly.valid_until else None,
        "limits": limits,
        "diseases": diseases,
        "valid_until": until,
    }
