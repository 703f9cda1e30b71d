"""Reports to the commission, the letter that tells the person, and the insurer's confirmation sheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from himozuke.errors import ConflictError
from himozuke.identity.calendar import era_notation
from himozuke.identity.postal_code import postal_code_of
from himozuke.incident import decide_after
from himozuke.incident.asking import AskingService, item_text
from himozuke.incident.clocks import commission_clocks
from himozuke.incident.decide import refuse_past, said
from himozuke.incident.decide_after import ReportWords
from himozuke.incident.exposing import ExposingService
from himozuke.incident.exposure import Exposure
from himozuke.incident.model import Case, CaseState, Happening, Result
from himozuke.incident.refusal import refusal
from himozuke.incident.report import check_contents
from himozuke.incident.service import Carrier, CaseTools
from himozuke.incident.words import label, playbook
from himozuke.ports.letters import (
    Addressee,
    ApologyLetter,
    CommissionReport,
    ComparedItem,
    ConfirmationSheet,
    Sender,
    Viewing,
)
from himozuke.ports.office import LinkRecord

REPORT_KINDS = ("prompt", "final")


@dataclass(frozen=True, slots=True)
class SheetWords:
    """What the confirmation sheet says in words made outside this area: verdict, reasons, compared items."""

    masked_number: str
    verdict: str
    restriction: str
    cause: str
    reasons: Sequence[str] = ()
    items: Sequence[ComparedItem] = field(default_factory=tuple)


class ReportingService:
    """What is printed after a link was confirmed wrong, and the sheet before that."""

    def __init__(
        self, tools: CaseTools, asking: AskingService, exposing: ExposingService, scheme_names: Mapping[str, str]
    ) -> None:
        self._tools = tools
        self._asking = asking
        self._exposing = exposing
        self._scheme_names = scheme_names
        self._carrier = Carrier(tools)

    def draft(self, case: Case, *, kind: str) -> Mapping[str, str]:
        """The nine contents as far as the case knows them, for somebody to complete."""
        return draft_contents(case.state, is_final=kind == "final", has_link=case.link_id is not None)

    def submit(self, case_id: int, *, kind: str, contents: Mapping[str, str], token: str | None = None) -> Case:
        """Print a report with the contents and note it as submitted today.

        UsageError naming the contents that are missing: all nine in a final report. Source: R-LEAK.
        """
        if kind not in REPORT_KINDS:
            raise ConflictError(refusal("report_done"))

        def submit(case: Case) -> Sequence[Happening]:
            tools = self._tools
            decide_after.may_report(case.state, kind=kind)
            known = case.state.known_on or tools.clock.today()
            pairs = check_contents(
                {name: text and said(text, name) for name, text in contents.items()}, tools.rules, on=known, kind=kind
            )
            grounds = decide_after.duty_of(case.state, tools.rules).grounds if case.state.exposure else ("own_system",)
            due = next(
                (clock.due_on for clock in commission_clocks(case.state, tools.rules) if clock.name == kind), known
            )
            number = self._asking.next_number(case)
            today = tools.clock.today()
            content = commission_report(
                kind,
                pairs,
                grounds=grounds,
                head=ReportHead(self._asking.sender(case.organisation_id), number, today, known, due),
                is_first=case.state.prompt_on is None,
            )
            letter_id = self._asking.file(content, case, number)
            return [decide_after.report_submitted(ReportWords(kind, letter_id, today, grounds))]

        return self._carrier.carry(case_id, submit, token=token)

    def waive(self, case_id: int, *, reason: str, token: str | None = None) -> Case:
        """No report, with the reason why not; refused where a clause requires one."""
        return self._carrier.carry(
            case_id,
            lambda case: decide_after.waive_report(case.state, reason=reason, rules=self._tools.rules),
            token=token,
        )

    def tell_by_letter(self, case_id: int, *, what_happened: str, prevention: str, token: str | None = None) -> Case:
        """Print the letter that tells the person; refused for a protected person and a past status."""

        def tell(case: Case) -> Sequence[Happening]:
            decide_after.may_tell(case.state)
            tools = self._tools
            if case.link_id is None:
                raise ConflictError(refusal("no_link"))
            link = tools.links.find(case.link_id)
            today = tools.clock.today()
            refuse_past(self._asking.past(case), tools.rules, today=today)
            if self._asking.is_protected(case):
                raise ConflictError(refusal("protected"))
            if not link.address.strip():
                raise ConflictError(refusal("no_address"))
            number = self._asking.next_number(case)
            content = self._apology(case, link, number, (said(what_happened, "note"), said(prevention, "note")))
            letter_id = self._asking.file(content, case, number)
            return [decide_after.person_told(letter_id=letter_id, how="letter")]

        return self._carrier.carry(case_id, tell, token=token)

    def told_otherwise(self, case_id: int, *, how: str, token: str | None = None) -> Case:
        """Note that the person was told by another way than a letter, and which."""

        def tell(case: Case) -> Sequence[Happening]:
            decide_after.may_tell(case.state)
            return [decide_after.person_told(letter_id=None, how=said(how, "note"))]

        return self._carrier.carry(case_id, tell, token=token)

    def do_not_tell(self, case_id: int, *, reason: str, token: str | None = None) -> Case:
        """The person is not told, with the reason and the measure that stands for it."""
        return self._carrier.carry(
            case_id, lambda case: decide_after.not_told(case.state, reason=reason, rules=self._tools.rules), token=token
        )

    def print_sheet(self, case_id: int, words: SheetWords) -> int:
        """Print the sheet on which the insurer notes what its papers show; the id of the document."""
        tools = self._tools
        case = tools.store.lock(case_id)
        link = tools.links.find(case.link_id) if case.link_id is not None else None
        number = self._asking.next_number(case)
        content = ConfirmationSheet(
            sender=self._asking.sender(case.organisation_id),
            document_number=number,
            printed_on=tools.clock.today(),
            case_number=str(case_id),
            masked_number=words.masked_number,
            scheme_number=link.scheme_number if link else "",
            verdict=words.verdict,
            restriction=words.restriction,
            reasons=words.reasons,
            cause=words.cause,
            items=words.items,
            steps=list(playbook(case.state.cause).values()) or [label("case_next", "papers")],
        )
        return self._asking.file(content, case, number)

    def _apology(self, case: Case, link: LinkRecord, number: str, texts: tuple[str, str]) -> ApologyLetter:
        today = self._tools.clock.today()
        exposure = case.state.exposure
        seen = self._counted(case)
        return ApologyLetter(
            sender=self._asking.sender(case.organisation_id),
            addressee=Addressee(link.kanji_name, link.kana_name, postal_code_of(link.address), link.address),
            document_number=number,
            sent_on=today,
            scheme_name=self._scheme_names.get(link.scheme, link.scheme),
            what_happened=texts[0],
            wrong_from=exposure.wrong_from if exposure else today,
            wrong_to=exposure.wrong_to if exposure else today,
            corrected_on=case.state.corrected_on or today,
            viewings=[
                Viewing(
                    one.at.date(),
                    one.institution_name or one.institution_code,
                    "、".join(label("access_item", item) for item in one.items),
                )
                for one in (seen.viewings if seen else ())
            ],
            prevention=texts[1],
        )

    def _counted(self, case: Case) -> Exposure | None:
        """The viewings that were confirmed, as the log holds them."""
        event = next((one for one in reversed(case.events) if "access_ids" in one.said), None)
        if event is None:
            return None
        ids = event.said["access_ids"]
        assert isinstance(ids, list)  # noqa: S101 -- find_exposure wrote them
        found = self._exposing.look(case)
        return Exposure(found.interval, [one for one in found.viewings if one.access_id in ids], found.is_covered)


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What stands above the contents of a report: sender, number, its day, the day of knowing, the last day."""

    sender: Sender
    document_number: str
    reported_on: date
    known_on: date
    due_on: date


def commission_report(
    kind: str, pairs: Sequence[tuple[str, str]], *, grounds: Sequence[str], head: ReportHead, is_first: bool
) -> CommissionReport:
    """The printed report: the contents in the order of the law under their headings, the grounds in words."""
    return CommissionReport(
        sender=head.sender,
        kind="prompt" if kind == "prompt" else "final",
        document_number=head.document_number,
        reported_on=head.reported_on,
        known_on=head.known_on,
        due_on=head.due_on,
        ground="、".join(label("leak_ground", ground) for ground in grounds) or "任意の報告",
        contents=[(label("leak_content", name), text or "調査中") for name, text in pairs],
        is_reported_first_time=is_first,
    )


def draft_contents(state: CaseState, *, is_final: bool, has_link: bool) -> Mapping[str, str]:
    """The nine contents in words, as far as the case knows them; the rest is for somebody to write."""
    found = state.exposure
    seen = f"{found.viewings}件（うち医療情報 {found.medical}件）" if found else "調査中"
    wrong = state.result is Result.WRONG
    corrected = f"{_day(state.corrected_on)}に正しい番号へ訂正" if state.corrected_on else "訂正の手続中"
    stopped = f"{_day(state.stopped_on)}に閲覧を停止。" if state.stopped_on else ""
    told = "本人へ通知済み。" if state.told_on else "本人へ通知する予定。"
    return {
        "summary": f"個人番号の紐付けに誤りがあり、別の人から情報が見える状態であったことを{_day(state.known_on)}に知った。"
        f"閲覧された件数: {seen}。"
        if wrong
        else "",
        "items": "資格情報、薬剤情報、健診情報、診療情報のうち閲覧されたもの" if has_link else "",
        "persons": "1人",
        "cause": playbook(state.cause).get("papers", "") and f"原因の分類 {state.cause}",
        "secondary_damage": "確認されていない" if is_final else "調査中",
        "response": f"{stopped}{corrected}。{told}",
        "publication": f"{_day(state.published_on)}に公表" if state.published_on else "件数を公表する予定",
        "prevention": playbook(state.cause).get("prevent", ""),
        "other": "なし",
    }


def _day(day: date | None) -> str:
    return era_notation(day) if day else ""


def compared_item(name: str, held: str, registered: str, *, state: str, is_same: bool) -> ComparedItem:
    """One line of the confirmation sheet."""
    titles = {
        "kanji_name": "漢字氏名",
        "kana_name": "カナ氏名",
        "birth_date": "生年月日",
        "sex": "性別",
        "address": "住所",
    }
    return ComparedItem(titles[name], item_text(name, held), item_text(name, registered), state, is_same)
