"""What an office does in a campaign: open it, answer surveys, report, see how far everybody is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from himozuke.campaign.decide import (
    check_report,
    check_stages,
    check_survey,
    decide_survey,
    proposed_stages,
)
from himozuke.campaign.model import (
    BodyProgress,
    Campaign,
    Fault,
    GroupProgress,
    HeldSurvey,
    Report,
    ReportFigures,
    ReportKind,
    StageDue,
    Survey,
    SurveyDecision,
)
from himozuke.errors import ConflictError, InputRejectedError, NotFoundError
from himozuke.ports.actor import Actor, Scope
from himozuke.ports.office import AuditLog, Clock
from himozuke.rules.model import RuleBook


class FaultyFormError(InputRejectedError):
    """A form that cannot be taken as it is; ``faults`` says what is wrong field by field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("The form is not complete: " + ", ".join(f"{one.field} ({one.code})" for one in faults))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A body that must answer for an affair, by its code."""

    body: str
    scheme: str
    holds_residents: bool = False


@dataclass(frozen=True, slots=True)
class SheetAnswer:
    """One body's survey as a CSV brought it; ``numbers`` are the lines of the file, one a way of getting numbers."""

    numbers: tuple[int, ...]
    body: str
    survey: Survey


@dataclass(frozen=True, slots=True)
class SheetFault:
    """A line of a CSV that was not taken: where, which column, why; the other lines were."""

    line: int
    column: str
    value: str
    code: str


@dataclass(frozen=True, slots=True)
class BodyFilter:
    """Which bodies of a campaign to list. ``state`` is missing, answered, must_inspect, not_inspected or empty."""

    state: str = ""
    process_class: int | None = None
    ministry: str = ""
    text: str = ""
    missing_report: ReportKind | None = None


class CampaignStore(Protocol):
    """Where campaigns, surveys and reports are kept."""

    def add_campaign(self, campaign: Campaign, *, organisation_id: int, created_at: datetime) -> int:
        """Keep a campaign with its stages; returns its id."""

    def find_campaign(self, campaign_id: int) -> Campaign | None:
        """The campaign, None when there is none."""

    def list_campaigns(self) -> Sequence[Campaign]:
        """All campaigns, the youngest first."""

    def close_campaign(self, campaign_id: int) -> None:
        """No more answers or reports are taken."""

    def invite(self, campaign_id: int, invitations: Sequence[Invitation]) -> int:
        """Add surveys that are not there yet; returns how many. Unknown bodies are left out."""

    def unknown_bodies(self, codes: Sequence[str]) -> Sequence[str]:
        """Those codes that no organisation has."""

    def find_survey(self, campaign_id: int, organisation_id: int, scheme: str) -> HeldSurvey | None:
        """One survey, None when the body was not asked."""

    def surveys_of(self, campaign_id: int, organisation_id: int) -> Sequence[HeldSurvey]:
        """The surveys of one body, by scheme."""

    def surveys_by_code(self, campaign_id: int, codes: Sequence[str]) -> Sequence[HeldSurvey]:
        """The surveys of the bodies with these codes."""

    def keep_answers(self, answered: Sequence[tuple[HeldSurvey, SurveyDecision]], *, at: datetime, by: str) -> None:
        """Replace the answers of surveys and add a version of each."""

    def take_back(self, campaign_id: int, *, organisation_id: int, scheme: str) -> bool:
        """Remove a survey that was never answered; False when it was."""

    def add_report(self, report: Report) -> None:
        """Keep one version of a report."""

    def reports_of(self, campaign_id: int, organisation_id: int) -> Sequence[Report]:
        """Every version of a body's reports, the youngest first."""

    def figures_so_far(self, campaign_id: int, organisation_id: int, scheme: str) -> ReportFigures:
        """What finished inspections and answers of a body come to."""

    def bodies(
        self, campaign_id: int, chosen: BodyFilter, *, limit: int, offset: int
    ) -> tuple[Sequence[BodyProgress], int]:
        """A page of bodies in order of code, and how many there are in all."""

    def groups(self, campaign_id: int) -> Sequence[GroupProgress]:
        """Progress by ministry in order of code; the nation comes first with an empty name."""


class Campaigns:
    """The campaign desk of one actor within one transaction."""

    def __init__(self, store: CampaignStore, *, actor: Actor, clock: Clock, audit: AuditLog, rules: RuleBook) -> None:
        self._store = store
        self._actor = actor
        self._clock = clock
        self._audit = audit
        self._rules = rules

    def proposed_stages(self, requested_on: date) -> tuple[StageDue, ...]:
        """The due days the rules know for a campaign requested on a day."""
        return proposed_stages(self._rules, requested_on)

    def open_campaign(self, *, name_ja: str, name_en: str, requested_on: date, stages: tuple[StageDue, ...]) -> int:
        """Open a campaign; FaultyFormError names the field that cannot stand."""
        faults = list(check_stages(requested_on, stages))
        if not name_ja.strip():
            faults.insert(0, Fault("name_ja", "needed"))
        if faults or self._actor.organisation_id is None:
            raise FaultyFormError(faults)
        campaign = Campaign(0, name_ja.strip(), name_en.strip(), requested_on, stages)
        campaign_id = self._store.add_campaign(
            campaign, organisation_id=self._actor.organisation_id, created_at=self._clock.now()
        )
        self._audit.record(
            "campaign.open",
            subject="campaign",
            subject_id=campaign_id,
            details={"requested_on": str(requested_on), "stages": {one.stage: str(one.due_on) for one in stages}},
        )
        return campaign_id

    def close(self, campaign_id: int) -> None:
        """Close a campaign: from then on nothing is answered or reported."""
        self.find(campaign_id)
        self._store.close_campaign(campaign_id)
        self._audit.record("campaign.close", subject="campaign", subject_id=campaign_id, details={})

    def list_campaigns(self) -> Sequence[Campaign]:
        """All campaigns, the youngest first."""
        return self._store.list_campaigns()

    def find(self, campaign_id: int) -> Campaign:
        """The campaign; NotFoundError when there is none."""
        found = self._store.find_campaign(campaign_id)
        if found is None:
            raise NotFoundError(f"There is no campaign {campaign_id}.")
        return found

    def invite(self, campaign_id: int, invitations: Sequence[Invitation]) -> tuple[int, Sequence[str]]:
        """Ask bodies to answer: how many surveys were added, and the codes nobody has. Source: S90, S110."""
        self._open_one(campaign_id)
        unknown = self._store.unknown_bodies([one.body for one in invitations])
        added = self._store.invite(campaign_id, invitations)
        self._audit.record(
            "campaign.invite",
            subject="campaign",
            subject_id=campaign_id,
            details={"surveys": added, "unknown": len(unknown)},
        )
        return added, unknown

    def take_back(self, campaign_id: int, *, body: str, scheme: str, reason: str) -> None:
        """Take back a survey that was given out in error, before it is answered; the reason is kept as evidence.

        FaultyFormError when the body was not asked for the scheme, or has answered.
        """
        self._open_one(campaign_id)
        asked = [one for one in self._store.surveys_by_code(campaign_id, [body]) if one.survey.scheme == scheme]
        if not asked:
            raise FaultyFormError([Fault("body", "not_asked")])
        if not self._store.take_back(campaign_id, organisation_id=asked[0].organisation_id, scheme=scheme):
            raise FaultyFormError([Fault("body", "answered")])
        details = {"body": body, "scheme": scheme, "reason": reason}
        self._audit.record("campaign.take_back", subject="campaign", subject_id=campaign_id, details=details)

    def survey(self, campaign_id: int, scheme: str, *, organisation_id: int | None = None) -> HeldSurvey:
        """One survey, by default of the actor's own body; NotFoundError when the body was not asked."""
        body = organisation_id if organisation_id is not None else self._actor.organisation_id
        found = None if body is None else self._store.find_survey(campaign_id, body, scheme)
        if found is None:
            raise NotFoundError("There is no survey of this body for this scheme.")
        return found

    def surveys(self, campaign_id: int, *, organisation_id: int | None = None) -> Sequence[HeldSurvey]:
        """The surveys of a body, by default of the actor's own."""
        body = organisation_id if organisation_id is not None else self._actor.organisation_id
        return () if body is None else self._store.surveys_of(campaign_id, body)

    def answer(self, campaign_id: int, survey: Survey) -> SurveyDecision:
        """Answer a survey of the actor's own body; FaultyFormError names what is missing. Source: S72, S91."""
        campaign = self._open_one(campaign_id)
        held = self.survey(campaign_id, survey.scheme)
        faults = check_survey(survey, on=self._clock.today())
        if faults:
            raise FaultyFormError(faults)
        decision = decide_survey(survey, self._rules, campaign.requested_on)
        self._keep([(replace(held, survey=survey), decision)])
        return decision

    def answer_by_sheet(self, campaign_id: int, answers: Sequence[SheetAnswer]) -> tuple[int, Sequence[SheetFault]]:
        """Take the answers of a CSV: how many were taken, and the lines that were not, with the reason.

        A body gives its own lines; headquarters gives those of any body.
        """
        campaign = self._open_one(campaign_id)
        held = self._store.surveys_by_code(campaign_id, sorted({one.body for one in answers}))
        by_key = {(one.body, one.survey.scheme): one for one in held}
        known = {one.body for one in held}
        taken: list[tuple[HeldSurvey, SurveyDecision]] = []
        faults: list[SheetFault] = []
        for one in answers:
            found = by_key.get((one.body, one.survey.scheme))
            if found is None:
                faults.append(self._not_asked(one, is_known=one.body in known))
                continue
            wrong = check_survey(one.survey, on=self._clock.today())
            if wrong:
                faults += [SheetFault(*_place(one, fault.field), "", fault.code) for fault in wrong]
                continue
            taken.append(
                (replace(found, survey=one.survey), decide_survey(one.survey, self._rules, campaign.requested_on))
            )
        self._keep(taken)
        return len(taken), faults

    def propose_report(self, campaign_id: int, scheme: str) -> ReportFigures:
        """What a report of the actor's body would say as far as the program knows."""
        body = self._actor.organisation_id
        return ReportFigures() if body is None else self._store.figures_so_far(campaign_id, body, scheme)

    def report(
        self,
        campaign_id: int,
        *,
        scheme: str,
        kind: ReportKind,
        month: date | None,
        figures: ReportFigures,
        note: str = "",
    ) -> Report:
        """Submit a report of the actor's body, or a new version of it; every figure is as of today.

        FaultyFormError when figures contradict each other, ConflictError when the campaign is closed.
        Source: S52, S77, S93, S109.
        """
        campaign = self._open_one(campaign_id)
        held = self.survey(campaign_id, scheme)
        faults = check_report(figures)
        if kind is ReportKind.MONTH and month and month > self._clock.today():
            faults = (*faults, Fault("month", "month_to_come"))
        if faults:
            raise FaultyFormError(faults)
        of_kind = month.replace(day=1) if kind is ReportKind.MONTH and month else campaign.requested_on.replace(day=1)
        former = [
            one
            for one in self._store.reports_of(campaign_id, held.organisation_id)
            if (one.scheme, one.kind, one.month) == (scheme, kind, of_kind)
        ]
        report = Report(
            organisation_id=held.organisation_id,
            body_name=held.body_name,
            campaign_id=campaign_id,
            scheme=scheme,
            kind=kind,
            month=of_kind,
            as_of=self._clock.today(),
            figures=figures,
            note=note.strip(),
            version=1 + max((one.version for one in former), default=0),
            submitted_at=self._clock.now(),
        )
        self._store.add_report(report)
        self._audit.record(
            "campaign.report",
            subject="campaign",
            subject_id=campaign_id,
            details={"kind": kind, "scheme": scheme, "month": str(of_kind), "version": report.version},
        )
        return report

    def reports(self, campaign_id: int, *, organisation_id: int | None = None) -> Sequence[Report]:
        """Every version of a body's reports, the youngest first; by default of the actor's own body."""
        body = organisation_id if organisation_id is not None else self._actor.organisation_id
        return () if body is None else self._store.reports_of(campaign_id, body)

    def bodies(
        self, campaign_id: int, chosen: BodyFilter, *, limit: int = 50, offset: int = 0
    ) -> tuple[Sequence[BodyProgress], int]:
        """A page of bodies and how many match; an insurer sees itself only (the database sees to it)."""
        return self._store.bodies(campaign_id, chosen, limit=limit, offset=offset)

    def groups(self, campaign_id: int) -> Sequence[GroupProgress]:
        """Progress of the nation, then by ministry. Source: S90, S110."""
        return self._store.groups(campaign_id)

    def _open_one(self, campaign_id: int) -> Campaign:
        campaign = self.find(campaign_id)
        if not campaign.is_open:
            raise ConflictError(f"The campaign {campaign_id} is closed; nothing more is answered or reported.")
        return campaign

    def _not_asked(self, answer: SheetAnswer, *, is_known: bool) -> SheetFault:
        if is_known:
            return SheetFault(answer.numbers[0], "scheme", answer.survey.scheme, "unknown_scheme")
        code = "other_body" if self._actor.scope is Scope.OWN else "unknown_body"
        return SheetFault(answer.numbers[0], "body", answer.body, code)

    def _keep(self, answered: Sequence[tuple[HeldSurvey, SurveyDecision]]) -> None:
        if not answered:
            return
        self._store.keep_answers(answered, at=self._clock.now(), by=self._actor.login)
        campaign_id = answered[0][0].campaign_id
        self._audit.record(
            "campaign.answer",
            subject="campaign",
            subject_id=campaign_id,
            details=_said(answered),
        )


def _place(answer: SheetAnswer, field: str) -> tuple[int, str]:
    """The line and column of a CSV in which a fault of a survey stands."""
    parts = field.split(".")
    if parts[0] != "lines":
        return answer.numbers[0], field
    return answer.numbers[int(parts[1])], parts[-1]


def _said(answered: Sequence[tuple[HeldSurvey, SurveyDecision]]) -> Mapping[str, object]:
    if len(answered) == 1:
        held, decision = answered[0]
        return {
            "body": held.body,
            "scheme": held.survey.scheme,
            "class": decision.process_class,
            "scope": decision.scope,
            "rule": f"{decision.class_rule.key} {decision.class_rule.since} row {decision.class_rule.row}",
        }
    return {"surveys": len(answered)}
