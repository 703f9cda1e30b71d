"""What an inspection hands to the people who read it: figures, findings and rows to review.

An engine fills these structures; the report, the CSV files and the published tables only read them.
Words (verdicts, states, causes, reasons …) are those of the contract, as plain text. Individual
Numbers are already masked wherever they appear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from himozuke.rules import kinds

ITEMS = kinds.ITEMS
STATES = ("equal", "folded", "variant", "near", "unknown", "missing", "different")
VERDICTS = ("PROVEN", "EXPLAINED", "DOUBTFUL", "REFUTED", "UNTESTABLE")
ACTIONS = ("none", "correct", "ask")
RESTRICTIONS = ("NONE", "MEDICAL", "ALL")
CAUSES = ("C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "C9", "C10")


@dataclass(frozen=True, slots=True)
class Items:
    """The five items of one person, written as the file has them; empty where not held."""

    kanji_name: str = ""
    kana_name: str = ""
    birth_date: str = ""
    sex: str = ""
    address: str = ""

    def value(self, item: str) -> str:
        """The text of one item by its name."""
        return str(getattr(self, item))

    def values(self) -> tuple[str, str, str, str, str]:
        """The five texts in the order of ITEMS."""
        return (self.kanji_name, self.kana_name, self.birth_date, self.sex, self.address)

    def without_address(self) -> Items:
        """The same person with the address left out (支援措置: it must not leave the register)."""
        return Items(self.kanji_name, self.kana_name, self.birth_date, self.sex, "")


@dataclass(frozen=True, slots=True)
class FunnelStep:
    """One set of rows in the way from the whole file to the people to ask.

    ``parent`` is the step this one is a subset of (None for the first). ``listed_in`` names the
    output file that holds its rows and ``filter`` the condition that selects them there (empty:
    every row of that file).
    """

    step: str
    name_ja: str
    name_en: str
    count: int
    parent: str | None
    listed_in: str
    filter: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence for a cause: its code in ``words/evidence.toml`` and its figures.

    >>> Fact("shift", {"first": 120, "last": 480, "shift": 1}).code
    'shift'
    """

    code: str
    values: Mapping[str, int | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One link that somebody must look at (action ``ask`` or ``correct``), with all that is known.

    ``states`` maps item to state word and ``hows`` item to the lower-case name of
    :class:`himozuke.identity.state.How`. ``entry`` is the number's own entry in the register,
    ``rival`` the entry of whoever fits better or as well. ``current_number`` is set for
    ``old_number`` only: the number valid today, masked unless the caller may reveal it.
    ``protected`` says that entry or rival is under 支援措置; readers must then leave out addresses;
    ``rival_protected`` that the rival is.
    ``entry_status`` is current, abroad, dead or replaced, and ``entry_status_on`` its day.
    """

    link_id: str
    row: int
    verdict: str
    action: str
    restriction: str
    restriction_by_table: str
    cause: str | None
    rank: int | None
    reasons: tuple[str, ...]
    states: Mapping[str, str]
    link: Items
    scheme_number: str
    masked_number: str
    entry: Items | None = None
    rival: Items | None = None
    rival_count: int = 0
    rival_masked_number: str = ""
    evidence_digest: str = ""
    batch: str = ""
    operator: str = ""
    protected: bool = False
    rival_protected: bool = False
    evidence: tuple[Fact, ...] = ()
    hows: Mapping[str, str] = field(default_factory=dict)
    current_number: str = ""
    entry_status: str = ""
    entry_status_on: date | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring rows of the file whose numbers went wrong together.

    ``kind`` is ``shift`` (numbers moved by ``shift`` rows; positive: the number stands that many
    rows below its owner), ``block`` (a block pasted from elsewhere, ``shift`` is its distance) or
    ``sorted`` (the number column sorted alone, ``shift`` is 0). Rows are data rows of the file from
    1, both ends included; ``rows`` counts the wrong links between them.
    """

    kind: str
    first_row: int
    last_row: int
    shift: int
    rows: int
    batch: str = ""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """How many numbers were got in one way: method (person, jlis, other, "" = not said) × items.

    ``items`` is the number of items used in the inquiry, None where the file does not say.
    """

    method: str
    items: int | None
    rows: int


@dataclass(frozen=True, slots=True)
class QuarantineCount:
    """How many rows were put in quarantine for one code, with the sentence that says why."""

    code: str
    rows: int
    reason_ja: str
    reason_en: str = ""


@dataclass(frozen=True, slots=True)
class InputFile:
    """One file that was read: its role (links, register, confirmed), size and SHA-256 digest."""

    role: str
    name: str
    rows: int
    digest: str
    encoding: str = ""
    format: str = ""


@dataclass(frozen=True, slots=True)
class RuleUsed:
    """One dated rule value the verdicts rest on, with the day it holds from and its source."""

    key: str
    value: str
    valid_from: date
    source: str
    title_ja: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """How many links share one outcome: one line of a GROUP BY over ``verdicts.parquet``.

    ``states`` are the five item states in the order of :data:`ITEMS`.
    """

    verdict: str
    action: str
    restriction: str
    restriction_by_table: str
    cause: str | None
    states: tuple[str, str, str, str, str]
    rows: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures over all verdicted links, made from tallies by :func:`himozuke.inspection.decide.count`.

    Every mapping holds every word of its list, with 0 where nothing was found. ``verdict_actions``
    is keyed ``(verdict, action)``; ``steps`` counts the verdicted links in each step of the funnel;
    ``causes`` counts links with that cause, ``without_cause`` the ``ask`` links that have none.
    """

    verdicts: Mapping[str, int]
    actions: Mapping[str, int]
    verdict_actions: Mapping[tuple[str, str], int]
    restrictions: Mapping[str, int]
    restrictions_by_table: Mapping[str, int]
    causes: Mapping[str, int]
    without_cause: int
    states: Mapping[str, Mapping[str, int]]
    steps: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything the report says about one inspection apart from single rows.

    ``people`` counts persons (distinct scheme numbers) by restriction for both columns:
    ``people["restriction"]["ALL"]``, and under ``people["applied"]`` what is really applied where
    ``restriction_mode`` is ``table`` (the stricter of both). ``hows`` counts how items came to their state:
    ``hows["address"]["merger"]``. ``wrong_positions`` is a histogram of ``ask`` links along the
    file: equal slices of the data rows in order. ``full_inspection_rows`` counts the links that S92
    selects, ``confirmed_wrong`` those that an earlier round answered as wrong. ``restriction_mode``
    is ``verdict`` or ``table`` (see ``--restriction``). ``timings`` are seconds by phase.
    """

    scheme: str
    scheme_name_ja: str
    scheme_name_en: str
    on: date
    snapshot: date | None
    started_at: datetime
    rows_in_file: int
    rows_verdicted: int
    rows_quarantined: int
    counts: Counts
    people: Mapping[str, Mapping[str, int]]
    people_to_ask: int
    hows: Mapping[str, Mapping[str, int]]
    reasons: Mapping[str, int]
    ledger: tuple[LedgerLine, ...] = ()
    full_inspection_rows: int = 0
    confirmed_wrong: int = 0
    quarantine: tuple[QuarantineCount, ...] = ()
    register_rows_quarantined: int = 0
    glyph_findings: int = 0
    runs: tuple[Run, ...] = ()
    wrong_positions: tuple[int, ...] = ()
    inputs: tuple[InputFile, ...] = ()
    rules_version: str = ""
    rules_used: tuple[RuleUsed, ...] = ()
    engine: str = ""
    program_version: str = ""
    restriction_mode: str = "verdict"
    timings: Mapping[str, float] = field(default_factory=dict)
