"""One report to the commission for one leak of several cases: who it is about, from when it counts, what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from himozuke.errors import ConflictError
from himozuke.identity.calendar import era_notation
from himozuke.incident import decide_after
from himozuke.incident.asking import AskingService
from himozuke.incident.clocks import CaseClock, commission_clocks
from himozuke.incident.decide import said
from himozuke.incident.decide_after import ReportWords
from himozuke.incident.model import BESIDE, Case, CaseState, Result
from himozuke.incident.refusal import refusal
from himozuke.incident.report import Duty, LeakFacts, check_contents, duty
from himozuke.incident.reporting import REPORT_KINDS, ReportHead, commission_report
from himozuke.incident.service import Carrier, CaseTools, must_be_same
from himozuke.incident.words import playbook
from himozuke.rules.model import RuleBook


@dataclass(frozen=True, slots=True)
class GroupLeak:
    """The wrong links of a group as one leak, and the cases among them that a report of one kind is still about.

    ``persons`` counts everybody of the leak whose information was or may have been seen: a case in which nobody has
    looked yet counts, one in which nothing was seen does not. ``known_on`` is the earliest knowledge among the cases
    the report is about; None where there is none. Source: R-LEAK (one cause, one situation, one report).
    """

    kind: str
    wrong: Sequence[Case]
    covered: Sequence[Case]
    persons: int
    known_on: date | None

    @property
    def case_ids(self) -> Sequence[int]:
        """The numbers of the cases the report is about."""
        return [case.case_id for case in self.covered]

    @property
    def last_event(self) -> int:
        """The last thing that happened to one of them: from which state a form is made."""
        return max((case.events[-1].event_id for case in self.covered if case.events), default=0)

    @property
    def unseen(self) -> Sequence[int]:
        """The cases in which nobody has looked yet who saw what."""
        return [case.case_id for case in self.covered if case.state.exposure is None]

    @property
    def is_reported(self) -> bool:
        """Whether anything of this leak has been reported before."""
        return any(case.state.prompt_on or case.state.final_on for case in self.wrong)


def leak_of(cases: Sequence[Case], *, kind: str) -> GroupLeak:
    """The leak of a group's cases and the part of it that a report of a kind is about."""
    wrong = [case for case in cases if case.state.result is Result.WRONG and case.state.known_on is not None]
    covered = [case for case in wrong if _takes(case.state, kind)]
    known = [case.state.known_on for case in covered if case.state.known_on]
    # A link that was looked into twice is one person's.
    seen = {
        case.link_id or -case.case_id for case in wrong if case.state.exposure is None or case.state.exposure.viewings
    }
    return GroupLeak(kind, wrong, covered, len(seen), min(known, default=None))


def _takes(state: CaseState, kind: str) -> bool:
    """Whether a report of this kind is still about a case confirmed wrong; the final one also while nobody has looked."""
    is_left = state.is_open and state.final_on is None and not state.report_waived
    return is_left and (kind == "final" or state.prompt_on is None)


def duty_of_group(leak: GroupLeak, rules: RuleBook) -> Duty:
    """Whether the leak must be reported: the persons of all its cases are counted together (more than 100: R-LEAK)."""
    facts = LeakFacts(
        leak.persons,
        is_malicious=any(case.state.is_malicious for case in leak.wrong),
        is_public=any(case.state.is_public for case in leak.wrong),
    )
    return duty(facts, rules, on=_known(leak))


def group_clocks(leak: GroupLeak, rules: RuleBook) -> Mapping[str, CaseClock]:
    """The clocks of the prompt and the final report, counted from the earliest knowledge."""
    first = next((case.state for case in leak.covered if case.state.known_on == leak.known_on), None)
    if first is None:
        return {}
    is_malicious = any(case.state.is_malicious for case in leak.wrong)
    return {clock.name: clock for clock in commission_clocks(replace(first, is_malicious=is_malicious), rules)}


def draft_for_group(leak: GroupLeak) -> Mapping[str, str]:
    """The nine contents as far as the cases know them, in words; the rest is for somebody to write."""
    states = [case.state for case in leak.wrong]
    found = [state.exposure for state in states if state.exposure is not None]
    viewings, medical = sum(one.viewings for one in found), sum(one.medical for one in found)
    open_ = len(states) - len(found)
    seen = f"{viewings}件（うち医療情報 {medical}件）" + (f"、ほか{open_}件の紐付けは調査中" if open_ else "")
    causes = sorted({state.cause for state in states if state.cause})
    published = [state.published_on for state in states if state.published_on]
    return {
        "summary": f"同じ原因による個人番号の紐付け誤りが{len(states)}件あり、別の人から情報が見える状態であったことを"
        f"{era_notation(_known(leak))}に知った。閲覧された件数：{seen}。",
        "items": "資格情報、薬剤情報、健診情報、診療情報のうち閲覧されたもの",
        "persons": f"{leak.persons}人" + ("（調査中の人を含む）" if open_ else ""),
        "cause": "、".join(f"原因の分類 {cause}" for cause in causes),
        "secondary_damage": "確認されていない" if leak.kind == "final" else "調査中",
        "response": f"閲覧を停止 {sum(1 for state in states if state.stopped_on)}件、"
        f"正しい番号へ訂正 {sum(1 for state in states if state.corrected_on)}件、"
        f"本人へ通知 {sum(1 for state in states if state.told_on)}件。残りは手続中。",
        "publication": f"{era_notation(min(published))}に公表" if published else "件数を公表する予定",
        "prevention": playbook(causes[0]).get("prevent", "") if causes else "",
        "other": f"紐付け{len(states)}件を一つの事態として報告する。",
    }


@dataclass(frozen=True, slots=True)
class GroupReport:
    """A report as somebody has written it, and the state of the group it was written from.

    ``case_ids`` and ``last_event`` are those of the page; None: not asked for.
    """

    kind: str
    contents: Mapping[str, str]
    case_ids: Sequence[int] | None = None
    last_event: int | None = None


@dataclass(frozen=True, slots=True)
class _Submitted:
    """What every case of the group keeps of the report."""

    leak: GroupLeak
    grounds: Sequence[str]
    pairs: Sequence[tuple[str, str]] = field(default_factory=tuple)


class GroupReportingService:
    """One printed report for a group, noted in each of its cases by the same transaction."""

    def __init__(self, tools: CaseTools, asking: AskingService) -> None:
        self._tools = tools
        self._asking = asking
        self._carrier = Carrier(tools)

    def leak(self, group_id: int, *, kind: str) -> GroupLeak:
        """The leak of a group as it stands; NotFoundError for a group that is not the actor's."""
        return leak_of([self._tools.store.find(case_id) for case_id in self._case_ids(group_id)], kind=kind)

    def submit(self, group_id: int, given: GroupReport, *, token: str | None = None) -> Sequence[Case]:
        """Print one report and note it as submitted today in each case it is about; all of them or none.

        ConflictError when no case is left for it, when the cases are others than the page showed, and for a final
        report while nobody has looked who saw what; UsageError naming the contents that are missing. Source: R-LEAK.
        """
        if given.kind not in REPORT_KINDS:
            raise ConflictError(refusal("report_done"))
        cases = [self._tools.store.lock(case_id) for case_id in self._case_ids(group_id)]
        if token and (taken := self._taken(cases, token)):
            return taken
        leak = leak_of(cases, kind=given.kind)
        if leak.known_on is None:
            raise ConflictError(refusal("group_nothing_to_report"))
        self._must_be_as_seen(leak, given)
        if given.kind == "final" and leak.unseen:
            raise ConflictError(refusal("group_needs_exposure", cases=_numbers(leak.unseen)))
        rules = self._tools.rules
        contents = {name: text and said(text, name) for name, text in given.contents.items()}
        pairs = check_contents(contents, rules, on=leak.known_on, kind=given.kind)
        submitted = _Submitted(leak, duty_of_group(leak, rules).grounds, pairs)
        words = self._print(group_id, submitted, on=self._tools.clock.today())
        happening = decide_after.report_submitted(words)
        return [self._carrier.write(case, [happening], token=token) for case in leak.covered]

    def _print(self, group_id: int, given: _Submitted, *, on: date) -> ReportWords:
        leak, first = given.leak, given.leak.covered[0]
        known = _known(leak)
        clock = group_clocks(leak, self._tools.rules).get(leak.kind)
        number = self._asking.next_number(first)
        head = ReportHead(
            self._asking.sender(first.organisation_id), number, on, known, clock.due_on if clock else known
        )
        content = commission_report(
            leak.kind, given.pairs, grounds=given.grounds, head=head, is_first=not leak.is_reported
        )
        letter_id = self._asking.file(content, first, number, of_group=group_id)
        about = {"group_id": group_id, "cases": len(leak.covered), "persons": leak.persons}
        return ReportWords(leak.kind, letter_id, on, given.grounds, about)

    def _case_ids(self, group_id: int) -> Sequence[int]:
        store = self._tools.store
        store.group(group_id, today=self._tools.clock.today())
        return store.cases_of(group_id)

    def _taken(self, cases: Sequence[Case], token: str) -> Sequence[Case]:
        """The cases this form was taken for already; ConflictError when it had another content."""
        return [case for case in cases if must_be_same(self._tools.store.taken_as(case.case_id, token), token)]

    def _must_be_as_seen(self, leak: GroupLeak, given: GroupReport) -> None:
        """Refuse a report that was written while the group stood otherwise: nobody's answer is left out unseen."""
        are_others = given.case_ids is not None and list(given.case_ids) != list(leak.case_ids)
        since = given.last_event
        has_news = since is not None and any(
            event.event_id > since and event.kind not in BESIDE for case in leak.covered for event in case.events
        )
        if are_others or has_news:
            raise ConflictError(refusal("group_changed", cases=_numbers(leak.case_ids)))


def _known(leak: GroupLeak) -> date:
    if leak.known_on is None:
        raise ConflictError(refusal("group_nothing_to_report"))
    return leak.known_on


def _numbers(case_ids: Sequence[int]) -> str:
    return ", ".join(str(case_id) for case_id in case_ids)
