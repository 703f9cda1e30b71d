"""Notices about insured persons, and what is decided about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from himozuke.identity.individual_number import IndividualNumber


class NoticeKind(StrEnum):
    """What a notice tells of."""

    ACQUISITION = "acquisition"
    LOSS = "loss"
    DEPENDENT_ADDED = "dependent_added"
    DEPENDENT_REMOVED = "dependent_removed"

    @property
    def begins(self) -> bool:
        """Whether somebody becomes insured by it, so that a link is made."""
        return self in (NoticeKind.ACQUISITION, NoticeKind.DEPENDENT_ADDED)


class Channel(StrEnum):
    """How a notice came."""

    WEB = "web"
    PAPER = "paper"
    FILE = "file"
    API = "api"


class NoticeState(StrEnum):
    """Where a notice stands.

    ``prepared``: collected ahead of the day of the fact, the periods not begun (S101). ``received``: taken,
    not compared yet. ``returned``: given back to the employer with reasons. ``registered``: a link stands.
    """

    PREPARED = "prepared"
    RECEIVED = "received"
    RETURNED = "returned"
    REGISTERED = "registered"


class InsurerKind(StrEnum):
    """The kinds of insurer that the rules on notices tell apart."""

    ASSOCIATION = "association"  # 協会けんぽ
    SOCIETY = "society"  # 健康保険組合
    MUTUAL_AID = "mutual_aid"  # 共済組合
    NATIONAL = "national"  # 国民健康保険
    ELDERLY = "elderly"  # 後期高齢者医療


VOLUNTARY = "voluntary"  # acquisition_kind of 任意継続, which is no notice of an employer (S67)

#: The codes of the forms, by item; the only ones that any way in takes (``docs/reference/notices.md``).
CODES: Mapping[str, tuple[str, ...]] = {
    "category": ("1", "2", "3", "5", "6", "7"),
    "acquisition_kind": ("1", "3", "4", VOLUNTARY),
    "has_dependents": ("0", "1"),
    "end_reason": ("4", "5", "7", "9", "11"),
}

#: What a notice may say, all as text, in the order of the form (S66); also the columns of the template.
TEXTS = (
    "insurer_number",
    "symbol",
    "number",
    "branch",
    "kanji_name",
    "kana_name",
    "birth_date",
    "sex",
    "category",
    "acquisition_kind",
    "basic_pension_number",
    "has_dependents",
    "pay_in_cash",
    "pay_in_kind",
    "postal_code",
    "address",
    "address_kana",
    "establishment_name",
    "establishment_address",
    "employer_name",
    "remarks",
    "relation",
    "end_reason",
)


@dataclass(frozen=True, slots=True)
class Filing:
    """A notice as it was filed: texts as they stand there.

    ``event_on`` is the day of the fact: acquired, lost, joined, left. ``prefecture_code`` … name the place of
    work where the notice came by file. ``number_is_unreadable`` says that a number was given which is not
    twelve digits; it is not kept.
    """

    kind: NoticeKind
    event_on: date
    texts: Mapping[str, str]
    individual_number: IndividualNumber | None = None
    number_is_unreadable: bool = False
    establishment: Mapping[str, str] = field(default_factory=dict)
    number_asked_on: date | None = None
    number_answer: str = ""
    row: int | None = None
    line: int | None = None

    def text(self, name: str) -> str:
        """One text; empty where it was not given."""
        return self.texts.get(name, "")

    def with_texts(self, **texts: str) -> Filing:
        """The same with some texts replaced."""
        return replace(self, texts={**self.texts, **texts})


@dataclass(frozen=True, slots=True)
class Insurer:
    """The insurer a notice is addressed to.

    ``asks_address`` of a society, ``confirms_items`` of the association: it receives the items the register
    network keeps, so that the address may be left out (S66 item 9).
    """

    organisation_id: int
    insurer_number: str
    kind: InsurerKind
    scheme: str
    asks_address: bool = True
    confirms_items: bool = False


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a notice, or a row of a file, cannot be taken: a code of the word file and where it stands."""

    code: str
    item: str = ""
    detail: str = ""
    value: str = ""
    line: int | None = None
    row: int | None = None
    byte: int | None = None


class Acceptance(StrEnum):
    """What is to be done with a filing."""

    TAKE = "take"
    INQUIRE = "inquire"  # all items are there, the number is not
    PREPARE = "prepare"  # the day of the fact has not come
    RETURN = "return"


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with a filing, why, and by when."""

    acceptance: Acceptance
    problems: Sequence[Problem] = ()
    filing_due_on: date | None = None
    register_due_on: date | None = None
    items: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Received:
    """A notice that was taken in, and what stands against it."""

    notice_id: int
    state: NoticeState
    problems: Sequence[Problem] = ()
    file_row: int | None = None


class Outcome(StrEnum):
    """What became of a notice when it was compared with the register."""

    RELEASED = "released"
    STOPPED = "stopped"
    HELD = "held"  # the register did not answer, or the person holds a valid qualification here already
    RETURNED = "returned"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Registered:
    """The end of one notice: its link, the verdict, the case that was opened."""

    notice_id: int
    outcome: Outcome
    link_id: int | None = None
    verdict: str | None = None
    restriction: str | None = None
    case_id: int | None = None
    problems: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Period:
    """One qualification under a number, as the check across insurers sees it."""

    period_id: int
    link_id: int
    organisation_id: int
    began_on: date
    ended_on: date | None
    verdict: str | None
    restriction: str
    states: Sequence[str]
    scheme: str = ""
    state: str = "released"


class OverlapKind(StrEnum):
    """What several valid qualifications of one number speak of (S75, R-JLIS ③)."""

    MOVED = "moved"  # the loss of the earlier one was not filed
    SAME_INSURER = "same_insurer"
    DOUBTFUL = "doubtful"  # one of them does not agree with the register where it must


@dataclass(frozen=True, slots=True)
class Overlap:
    """What one side is told: that others hold a valid qualification too, and what follows for its own link."""

    link_id: int
    organisation_id: int
    kind: OverlapKind
    others: int
    others_began_on: date
    restriction: str = "NONE"


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the notices of one employer came, or an insurer registered: one row a name."""

    name: str
    establishment_id: int | None
    notices: int
    late: int
    most_days: int
    open_overdue: int


@dataclass(frozen=True, slots=True)
class Answered:
    """What an answer to a doubt led to."""

    link_id: int
    answer: str
    is_released: bool
    verdict: str | None
    at: datetime
