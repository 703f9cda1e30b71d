"""A campaign and what stands in it: stages, bodies, surveys, uploads, runs, findings, reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class Stage(StrEnum):
    """The stages of a campaign in their usual order (S52, S91, S93)."""

    STATUS_REPORT = "status_report"
    SURVEY = "survey"
    RESULT_REPORT = "result_report"
    INTERIM_REPORT = "interim_report"
    INSPECTION = "inspection"
    CORRECTION = "correction"
    LEAK_CHECK = "leak_check"
    PUBLICATION = "publication"


class ReportKind(StrEnum):
    """What a body reports: how work stands, month by month, at the interim, and the result (S52, S93)."""

    STATUS = "status"
    MONTH = "month"
    INTERIM = "interim"
    RESULT = "result"


class Scope(StrEnum):
    """How much of its data a body must inspect (S71, S92)."""

    FULL = "full"
    AFFECTED = "affected"
    NONE = "none"


class RunState(StrEnum):
    """Where an inspection stands; ``refused`` means that the file cannot be read at all."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_RUN_STATES = (RunState.WAITING, RunState.RUNNING)


@dataclass(frozen=True, slots=True)
class StageDue:
    """A stage of a campaign and its last day."""

    stage: Stage
    due_on: date


@dataclass(frozen=True, slots=True)
class Campaign:
    """One inspection of all bodies; ``requested_on`` is the day whose rules class the answers."""

    campaign_id: int
    name_ja: str
    name_en: str
    requested_on: date
    stages: tuple[StageDue, ...]
    is_open: bool = True
    office: str = ""  # the name of the office that asks

    def due_on(self, stage: Stage) -> date | None:
        """The last day of a stage; None where the campaign does without it."""
        return next((one.due_on for one in self.stages if one.stage is stage), None)


@dataclass(frozen=True, slots=True)
class SurveyLine:
    """One way of getting numbers in one span of time; the three questions of the classes (S72).

    Answers are yes, no, unconfirmed, or empty while not answered. ``method`` is person, jlis or other.
    """

    method: str = ""
    since: date | None = None
    until: date | None = None
    three_items: str = ""
    any_of_several: str = ""
    other_wrong: str = ""
    stopped: bool = False
    inspected_on: date | None = None

    @property
    def is_answered(self) -> bool:
        """Tell whether every question has an answer."""
        return "" not in (self.three_items, self.any_of_several, self.other_wrong)


@dataclass(frozen=True, slots=True)
class Survey:
    """What one body answers about one affair: the three questions of S91, then the class questions.

    ``number_required`` (① 届出義務) is yes, no, unconfirmed or empty. ``without_number`` (② how the number is got
    when a filing lacks it) is a word of ``words/labels.toml`` or empty. ``inquiry_items`` (③) are the items of the
    inquiry; empty when nobody inquires.
    """

    scheme: str
    number_required: str = ""
    without_number: str = ""
    inquiry_items: tuple[str, ...] = ()
    holds_residents: bool = False
    lines: tuple[SurveyLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one field of a form: its path (``lines.0.inspected_on``) and a code of ``words/labels.toml``."""

    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Citation:
    """The rule a decision rests on: key, first day, source, and the row of its table from 1 (None: no table)."""

    key: str
    since: date
    source: str
    title_ja: str
    row: int | None = None


@dataclass(frozen=True, slots=True)
class SurveyDecision:
    """What follows from an answered survey.

    ``reasons`` are codes of ``words/labels.toml``: why so much must be inspected.
    """

    process_class: int
    scope: Scope
    reasons: tuple[str, ...]
    class_rule: Citation
    scope_rule: Citation


@dataclass(frozen=True, slots=True)
class HeldSurvey:
    """A survey as it is kept: whose, what was decided, when it was last answered, how often."""

    campaign_id: int
    organisation_id: int
    body: str
    body_name: str
    survey: Survey
    decision: SurveyDecision | None
    answered_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of links as it came, kept in the data folder under ``stored_as``."""

    upload_id: int
    organisation_id: int
    campaign_id: int
    scheme: str
    file_name: str
    stored_as: str
    byte_count: int
    sha256: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True)
class InspectionRun:
    """One inspection of an upload; ``figures`` are those of its manifest once it is done."""

    run_id: int
    organisation_id: int
    body_name: str
    campaign_id: int
    upload_id: int
    file_name: str
    scheme: str
    snapshot: date
    state: RunState
    phase: str = ""
    rows_done: int = 0
    rows_total: int | None = None
    is_cancel_asked: bool = False
    attempt: int = 0
    message: str = ""
    created_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    register_digest: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Tell whether the run has not come to its end."""
        return self.state in OPEN_RUN_STATES


@dataclass(frozen=True, slots=True)
class Finding:
    """One link to ask about or to mend; ``detail`` is the review row as the inspection gave it, numbers masked."""

    finding_id: int
    run_id: int
    organisation_id: int
    row: int
    link_key: str
    verdict: str
    action: str
    restriction: str
    cause: str | None
    rank: int | None
    reasons: tuple[str, ...]
    evidence_digest: str
    batch: str
    detail: Mapping[str, object]
    link_id: int | None = None
    case_id: int | None = None
    answer: str = ""
    answer_reason: str = ""


@dataclass(frozen=True, slots=True)
class ReportFigures:
    """What a body reports about one affair; whole numbers of links."""

    in_scope: int = 0
    inspected: int = 0
    to_ask: int = 0
    confirmed_wrong: int = 0
    corrected: int = 0
    viewed: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """One submitted report; a later version replaces it and keeps it readable (S77, S109)."""

    organisation_id: int
    body_name: str
    campaign_id: int
    scheme: str
    kind: ReportKind
    month: date | None  # first day of the month, for monthly reports
    as_of: date
    figures: ReportFigures
    note: str
    version: int
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class BodyProgress:
    """How far one body is in a campaign; ``reported`` maps report kind to the day of the last one."""

    organisation_id: int
    code: str
    name: str
    ministry: str
    affairs: int
    answered: int
    process_class: int | None
    scope: Scope | None
    is_inspected: bool
    rows_inspected: int
    to_ask: int
    reported: Mapping[str, date]


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """The same added up over the bodies of a ministry, or of the nation (``name`` empty)."""

    name: str
    bodies: int
    answered: int
    class_1: int
    class_2: int
    class_3: int
    must_inspect: int
    inspected: int
    rows_inspected: int
    to_ask: int
    confirmed_wrong: int
    corrected: int
    viewed: int
    reported: Mapping[str, int]
