"""What institutions may ask: each answer with its access log in the transaction that gives it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from himozuke.eligibility import access, decide
from himozuke.eligibility.by_law import by_law, first_day
from himozuke.eligibility.model import (
    MEDICAL,
    MOST_TRIES,
    CardProblem,
    Finding,
    GivenConsent,
    InsuredKey,
    Method,
    Qualification,
    Question,
    Reference,
    Validity,
    Viewable,
)
from himozuke.eligibility.shown_again import ShownAgain
from himozuke.eligibility.store import Asker, Card, EligibilityStore, Institution, Insured, MedicalEntry
from himozuke.errors import ConflictError, InputRejectedError, NotAllowedError, NotFoundError, UsageError
from himozuke.ports.office import AuditLog, Clock
from himozuke.rules.model import RuleBook

CheckPin = Callable[[str, str], bool]

_MEDICAL_YEARS: Mapping[Viewable, int] = {
    Viewable.CHECKUPS: 5,
    Viewable.MEDICINES: 3,
    Viewable.DIAGNOSES: 3,
    Viewable.PROCEDURES: 3,
}  # R-JLIS display model: medical information three years, checkups five
#: Where a patient allowed something by card: there alone consents are told (S81).
_BY_CARD = frozenset({"reader", "home", "online"})


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer, with what only this institution knows of the person."""

    finding: Finding
    reference_numbers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CardReading:
    """One card put on a reader: how the holder was identified, and what they allowed."""

    card_id: str
    method: Method
    pin: str | None
    consents: Sequence[Viewable]


@dataclass(frozen=True, slots=True)
class CardRefused:
    """A card that leads to no answer: why, and how many tries of the PIN are left where it was wrong."""

    reason: CardProblem
    tries_left: int | None = None


@dataclass(frozen=True, slots=True)
class MedicalAnswer:
    """What was shown of a person's medical information, or the code that says why nothing was."""

    entries: Sequence[MedicalEntry]
    qualification: Qualification | None
    refusal: str = ""


class EligibilityService:
    """Answers institutions; made for one transaction."""

    def __init__(
        self, store: EligibilityStore, audit: AuditLog, clock: Clock, *, rules: RuleBook, check_pin: CheckPin
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._rules = rules
        self._check_pin = check_pin
        self.shown_again = ShownAgain(store, clock, rules)

    def institution(self, code: str) -> Institution:
        """The institution with this code; NotFoundError when there is none."""
        found = self._store.institution(code)
        if found is None:
            raise NotFoundError(f"There is no institution {code}. Register it before it asks.")
        return found

    def check(self, institution: Institution, question: Question, *, viewer: str = "reception") -> Checked:
        """Answer by what is printed on a certificate, and write down what was shown.

        InputRejectedError for a day before every rule.
        """
        self._refuse_early(question.on)
        people = self._store.insured_by_key(institution, question.key) if question.key is not None else ()
        return self._answered(institution, people, question, viewer)

    def answer(
        self, asker: Asker, question: Question, *, admit: Callable[[Institution], None] = lambda _: None
    ) -> tuple[Institution, Checked]:
        """Answer whoever asks by what is printed on a certificate, and write down what was shown.

        The hot path: institution, person and qualifications are looked up together, so that an institution
        that was withdrawn, or a restriction that was placed, counts from that moment. ``admit`` raises where
        the institution may not ask now. NotFoundError when it is not registered,
        InputRejectedError for a day before every rule: the same for anybody, known or not.
        """
        self._refuse_early(question.on)
        institution, people = self._store.asked(asker, question.key or InsuredKey("", "", ""))
        if institution is None:
            raise NotFoundError(f"There is no institution {asker.code or ''}. Register it before it asks.")
        admit(institution)
        return institution, self._answered(institution, people, question, "reception")

    def _answered(
        self, institution: Institution, people: Sequence[Insured], question: Question, viewer: str
    ) -> Checked:
        insured = decide.person_asked(people, question.key, question.birth_date) if question.key is not None else None
        finding = decide.find(
            self._standing(insured, question.on),
            on=question.on,
            reference=question.reference,
            key=question.key,
            birth_date=question.birth_date,
        )
        return self._shown(
            institution, insured, finding, viewer=viewer, on=question.on, wants_limits=question.wants_limits
        )

    def read_card(self, institution: Institution, reading: CardReading) -> Checked | CardRefused:
        """Answer by card, after the holder was identified; consents given at the reader begin now.

        A card that cannot be used, or a wrong PIN, is an answer too: a try that was counted stays counted. A reading by
        PIN without one is none, and counts nothing: UsageError.
        """
        if reading.method == "pin" and not reading.pin:
            raise UsageError(
                "The PIN is needed (four digits) where the holder is identified by it. No try was counted."
            )
        card = self._store.card(reading.card_id)
        refused = self._refuse(card, reading)
        if card is None or refused is not None:
            return refused or CardRefused("unknown")
        insured = self._store.insured_by_number(institution, card.individual_number_sealed)
        held = self._standing(insured, self._clock.today())
        # in the months of grace the qualification alone is told (R-CARD); whoever holds the card of the dead allows nothing
        is_over = self._clock.today() > card.certificate_until
        if not is_over and not decide.is_of_the_dead(held, self._today):
            self._take_consents(institution, card.individual_number_sealed, reading.consents, channel="reader")
        finding = decide.find(held, on=self._clock.today(), reference=Reference.CARD)
        if not finding.result_code and decide.ends_soon(card.certificate_until, self._clock.today(), self._rules):
            finding = replace(finding, result_code=decide.CARD_ENDS_SOON)
        return self._shown(institution, insured, finding, viewer="reader", tells_consents=not is_over)

    def reset_pin(self, card_id: str) -> None:
        """Unlock the PIN of a card, as the counter of a municipality does; NotFoundError for a card nobody has."""
        card = self._store.card(card_id)
        if card is None:
            raise NotFoundError(f"There is no card {card_id}.")
        self._store.count_pin(card_id, tries=0)
        self._audit.record(
            "eligibility.reset_pin",
            subject="card",
            subject_id=card_id,
            details={"was_locked": card.pin_tries >= MOST_TRIES},
        )

    def show(self, institution: Institution, found: Qualification) -> Checked:
        """Show a qualification that was found in the system-failure mode, and write the showing down."""
        self._store.log_access(institution, found, viewer="outage", items=["qualification"], consented="")
        found = by_law([found], self._clock.today(), rules=self._rules)[0]
        validity = Validity.VALID if found.covers(self._clock.today()) else Validity.INVALID
        plain = decide.certificates_shown(found.shown, {}, on=self._clock.today(), wants_limits=False)
        return Checked(Finding(validity, (plain,)))

    def consent_from_afar(
        self,
        institution: Institution,
        card_id: str,
        pin: str,
        consents: Sequence[Viewable],
        *,
        channel: Literal["home", "online"],
    ) -> CardRefused | None:
        """Keep what a patient allowed on the consent page, after card and PIN were checked; else why not.

        NotAllowedError when the institution does not treat in this way.
        """
        is_allowed = institution.treats_at_home if channel == "home" else institution.treats_online
        if not is_allowed:
            raise NotAllowedError(f"{institution.name} is not registered for this kind of treatment.")
        card = self._store.card(card_id)
        refused = self._refuse(card, CardReading(card_id, "pin", pin, consents))
        if card is None or refused is not None:
            return refused or CardRefused("unknown")
        held = self._standing(self._store.insured_by_number(institution, card.individual_number_sealed), self._today)
        is_over = self._today > card.certificate_until  # in the months of grace the qualification alone is told
        if is_over or decide.is_of_the_dead(held, self._today):  # a certificate ends with its holder
            return CardRefused("expired")
        self._take_consents(institution, card.individual_number_sealed, consents, channel=channel)
        return None

    def register_reference_number(self, institution: Institution, key: InsuredKey, reference_number: str) -> bool:
        """Keep the institution's own number of a patient; False where no qualification that can be shown bears it.

        One number stands for one patient: ConflictError where another has it.
        """
        held = self._standing(self._named(institution, key), self._clock.today())
        asked = decide.named(held, key, knows_birth_date=False)
        named = [one for one in asked if one.restriction != "ALL"]
        if not named:
            return False
        link_id = decide.latest_first(named)[0].link_id
        if self._store.is_number_of_another(institution, link_id, reference_number):
            raise ConflictError("Another patient of the institution has this number.")
        self._store.keep_reference_number(institution, link_id, reference_number)
        self._audit.record("eligibility.register_reference_number", subject="link", subject_id=link_id, details={})
        return True

    def consented(
        self, institution: Institution, *, channel: Literal["home", "online"], since: date, until: date
    ) -> list[Checked]:
        """Everybody who consented from a distance on some days, with what is valid today."""
        people: dict[bytes, None] = {}
        for one in self._store.consented(institution, channel=channel, since=since, until=until):
            people.setdefault(one.individual_number_sealed)
        answers = []
        for sealed in people:
            insured = self._store.insured_by_number(institution, sealed)
            held = self._standing(insured, self._clock.today())
            finding = decide.find(held, on=self._clock.today(), reference=Reference.CARD)
            answers.append(self._shown(institution, insured, finding, viewer=channel))
        return answers

    def medical(
        self, institution: Institution, key: InsuredKey, viewable: Viewable, *, birth_date: date | None = None
    ) -> MedicalAnswer:
        """Show medical information: only with a live consent, only through links that may be trusted.

        Without a consent the answer is the same whether the insured exists, is unknown or is stopped.
        """
        if not institution.may_see_medical or viewable not in MEDICAL:
            return MedicalAnswer((), None, "HZ-R04")
        insured = self._named(institution, key, birth_date)
        live = (
            self._store.live_consents(institution, insured.individual_number_sealed, at=self._clock.now())
            if insured
            else {}
        )
        consent = live.get(viewable)
        if insured is None or consent is None:
            return MedicalAnswer((), None, decide.NO_CONSENT)
        today = self._clock.today()
        held = self._standing(insured, today)
        found = decide.find(held, on=today, reference=Reference.INSURED_NUMBER, key=key, birth_date=birth_date)
        if not found.shown:  # stopped: a consent must not tell it from a number that nobody bears (S76)
            return MedicalAnswer((), None, decide.NO_CONSENT)
        if found.validity not in decide.VALID_ONES:
            return MedicalAnswer((), None, decide.NOTHING_SHOWN)
        shown = found.shown[0].shown
        if not decide.may_view(shown, consent, at=self._clock.now()):
            return MedicalAnswer((), shown, decide.MEDICAL_WITHHELD)
        since = today.replace(year=today.year - _MEDICAL_YEARS[viewable], day=1)
        entries = self._store.medical_entries(insured.individual_number_sealed, viewable, since=since, until=today)
        # what is seen is seen through the links it hangs on; where nothing hangs, through the one asked for
        seen = {one.link_id: one for one in insured.held if one.link_id in {entry.link_id for entry in entries}}
        for one in seen.values() or [shown]:
            self._store.log_access(
                institution,
                one,
                viewer="doctor",
                items=[access.LOGGED[viewable]],
                consented=access.consent_text(consent),
            )
        return MedicalAnswer(entries, shown)

    @property
    def _today(self) -> date:
        return self._clock.today()

    def _named(self, institution: Institution, key: InsuredKey, birth_date: date | None = None) -> Insured | None:
        """The one person a certificate names; None where it may be several."""
        return decide.person_asked(self._store.insured_by_key(institution, key), key, birth_date)

    @property
    def first_day(self) -> date:
        """The first day that can be asked about."""
        return first_day(self._rules)

    def _refuse_early(self, on: date) -> None:
        if on < self.first_day:
            raise InputRejectedError(f"{on} cannot be asked about: the rules on record begin on {self.first_day}.")

    def _standing(self, insured: Insured | None, on: date) -> list[Qualification]:
        """Every qualification of a person, as it stands in law on a day."""
        return by_law(insured.held, on, rules=self._rules) if insured is not None else []

    def _shown(
        self,
        institution: Institution,
        insured: Insured | None,
        finding: Finding,
        *,
        viewer: str,
        on: date | None = None,
        wants_limits: bool = False,
        tells_consents: bool = True,
    ) -> Checked:
        """Write down what is shown, and add what this institution alone knows.

        ``on``: the day asked about, today where there is none. A treatment office sees the qualification alone (S58).
        """
        if insured is None or not finding.shown:
            return Checked(finding)
        is_told = tells_consents and viewer in _BY_CARD
        consents = self._told_consents(institution, insured, finding) if is_told else {}
        shown = [
            decide.certificates_shown(
                one.shown,
                consents,
                on=on or self._clock.today(),
                wants_limits=wants_limits and institution.may_see_medical,
            )
            for one in finding.shown
        ]
        numbers: dict[int, str] = {}
        for one in shown:
            self._store.log_access(
                institution, one, viewer=viewer, items=access.items(one), consented=access.allowed(one, consents)
            )
            if (number := insured.reference_numbers.get(one.link_id)) is not None:
                numbers[one.link_id] = number
        return Checked(replace(finding, shown=tuple(shown), consents=consents), numbers)

    def _told_consents(
        self, institution: Institution, insured: Insured, finding: Finding
    ) -> Mapping[Viewable, GivenConsent]:
        """What the patient allows this institution; medical items only where a link shown may be trusted."""
        if not institution.may_see_medical or decide.is_of_the_dead(self._standing(insured, self._today), self._today):
            return {}
        live = self._store.live_consents(institution, insured.individual_number_sealed, at=self._clock.now())
        return {
            viewable: consent
            for viewable, consent in live.items()
            if viewable is Viewable.LIMITS
            or any(decide.may_view(one, consent, at=self._clock.now()) for one in finding.shown)
        }

    def _refuse(self, card: Card | None, reading: CardReading) -> CardRefused | None:
        """Say why a card does not lead to an answer; None where it does."""
        if card is None:
            return CardRefused("unknown")
        until = decide.last_day_of_use(card.certificate_until, self._rules)
        if reason := decide.refuse_card(card, reading.method, is_expired=self._clock.today() > until):
            return CardRefused(reason)
        return self._check_tries(card, reading) if reading.method == "pin" else None

    def _check_tries(self, card: Card, reading: CardReading) -> CardRefused | None:
        """Check the PIN and count a wrong try; the face and the look of the staff are the reader's to judge."""
        if card.pin_hash is not None and reading.pin and self._check_pin(card.pin_hash, reading.pin):
            if card.pin_tries:
                self._store.count_pin(card.card_id, tries=0)
            return None
        tries = card.pin_tries + 1
        self._store.count_pin(card.card_id, tries=tries)
        left = MOST_TRIES - tries
        self._audit.record("eligibility.refuse_pin", subject="card", subject_id=card.card_id, details={"left": left})
        return CardRefused("wrong_pin" if left else "locked", left)

    def _take_consents(
        self, institution: Institution, sealed: bytes, consents: Sequence[Viewable], *, channel: str
    ) -> None:
        if not institution.may_see_medical:
            return
        now = self._clock.now()
        hours = self._rules.count("consent.hours", self._clock.today())
        for viewable in consents:
            given = GivenConsent(viewable, now, now + timedelta(hours=hours))
            self._store.give_consent(institution, sealed, given, channel=channel)
        if consents:
            self._audit.record(
                "eligibility.give_consent",
                subject="institution",
                subject_id=institution.code,
                details={"viewable": [str(one) for one in consents], "channel": channel},
            )
