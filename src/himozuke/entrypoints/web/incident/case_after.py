"""The pages of a case's steps after the confirmation: correction, viewings, report, telling, release; documents."""

from __future__ import annotations

from typing import Any

from litestar import Response

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_steps import check_first, step_page, take
from himozuke.entrypoints.web.incident.case_view import (
    CARRIERS,
    REFUSALS,
    case_page,
    comparison,
    load_case,
    refused,
    withheld,
)
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import NotFoundError, RuleRefusedError
from himozuke.incident.correcting import Checked
from himozuke.incident.decide_after import ExposureOutside, ExposureWords
from himozuke.incident.model import Step
from himozuke.incident.refusal import refusal
from himozuke.incident.reporting import SheetWords, compared_item
from himozuke.incident.words import codes
from himozuke.ports.office import LinkRecord
from himozuke.ports.protection import ADDRESS_WITHHELD
from himozuke.rules.kinds import ITEMS

_REASON = Said("理由", "why")
_MOST = 2000


@form_post("/cases/{case_id:int}/correction", roles=CARRIERS)
def propose(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Propose a correction, after the register has been asked and the proposer has looked at its answer."""
    number = form.digits("individual_number")
    items = {name: form.text(f"item-{name}", most=300) for name in ITEMS}
    reason = form.text("reason", label=_REASON, most=_MOST)
    if form.errors:
        return step_page(desk, case_id, Step.CORRECT, form=form, status=422)
    if not form.value("checked"):
        try:
            with desk.work() as work:
                case, link, _ = load_case(work, case_id)
                checked = work.cases.correcting.check(case, number=number, items=items) if link else None
        except REFUSALS as error:
            return step_page(desk, case_id, Step.CORRECT, form=form, status=refused(form, error))
        rows = _proposal_rows(desk, checked, items, reason)
        return check_first(
            desk,
            case_id,
            Step.CORRECT,
            form,
            rows,
            warning=Said(
                "別の職員が承認すると、登録が変わります。", "The record changes when somebody else approves it."
            ),
            action=f"/cases/{case_id}/correction",
        )
    return take(
        desk,
        case_id,
        Step.CORRECT,
        form,
        lambda bench, token: bench.correcting.propose(case_id, number=number, items=items, reason=reason, token=token),
    )


def _proposal_rows(desk: Desk, checked: Checked | None, items: dict[str, str], reason: str) -> list[tuple[str, str]]:
    rows = []
    if checked is not None:
        number = checked.masked_number if checked.changes_number else desk.say("変更しない", "unchanged")
        rows.append((desk.say("個人番号", "Individual Number"), number))
        verdict = word("verdict", checked.verdict.verdict, desk.language)
        rows.append((desk.say("訂正後を台帳と比べた結果", "What the register says of it"), verdict))
        rows += [
            (
                word("item", name, desk.language),
                word("state", checked.verdict.states.get(name, "missing"), desk.language),
            )
            for name in ITEMS
        ]
    rows += [(word("item", name, desk.language), text) for name, text in items.items() if text]
    return [*rows, (desk.say("理由", "Why"), reason)]


@form_post("/cases/{case_id:int}/correction/approve", roles=CARRIERS)
def approve(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Approve a correction; the record changes."""
    if not form.value("agreed"):
        form.wrong("agreed", "内容を確かめて、印を付けてください。", "Look at it and tick the box.")
    return take(desk, case_id, Step.CORRECT, form, lambda bench, token: bench.correcting.approve(case_id, token=token))


@form_post("/cases/{case_id:int}/correction/reject", roles=CARRIERS)
def reject(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Give a proposed correction back."""
    reason = form.text("reject_reason", label=_REASON, most=_MOST)
    return take(
        desk,
        case_id,
        Step.CORRECT,
        form,
        lambda bench, token: bench.correcting.reject(case_id, reason=reason, token=token),
    )


@form_post("/cases/{case_id:int}/correction/undo", roles=CARRIERS)
def undo(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Undo a correction."""
    reason = form.text("undo_reason", label=_REASON, most=_MOST)
    return take(
        desk,
        case_id,
        Step.CORRECT,
        form,
        lambda bench, token: bench.correcting.undo(case_id, reason=reason, token=token),
    )


@form_post("/cases/{case_id:int}/exposure", roles=CARRIERS)
def find_exposure(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Confirm who saw what."""
    left_out = {
        int(name): form.text(f"reason-{name}", most=300) or "?"
        for name in form.all("left_out")
        if name.isdecimal() and len(name) < 18  # noqa: PLR2004 -- an id of the database
    }
    for access_id, reason in left_out.items():
        if reason == "?":
            form.wrong(f"reason-{access_id}", "除く理由を入力してください。", "Say why it is left out.")
    words = ExposureWords(
        left_out,
        form.text("note", most=_MOST),
        is_malicious=bool(form.value("is_malicious")),
        is_public=bool(form.value("is_public")),
    )
    return take(
        desk,
        case_id,
        Step.EXPOSURE,
        form,
        lambda bench, token: bench.exposing.find(case_id, words, token=token),
    )


@form_post("/cases/{case_id:int}/exposure/outside", roles=CARRIERS)
def find_outside(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Note what was found in the log of another system."""
    first = form.day("wrong_from", label=Said("誤りの始まり", "wrong from"))
    last = form.day("wrong_to", label=Said("誤りの終わり", "wrong to"))
    figures = {name: form.digits(name, label=Said("件数", "how many")) for name in ("viewings", "medical")}
    note = form.text("note", label=Said("調べた記録", "which log"), most=_MOST)
    if form.errors or first is None or last is None:
        return step_page(desk, case_id, Step.EXPOSURE, form=form, status=422)
    found = ExposureOutside(
        first,
        last,
        int(figures["viewings"][:9]),
        int(figures["medical"][:9]),
        note,
        is_malicious=bool(form.value("is_malicious")),
        is_public=bool(form.value("is_public")),
    )
    return take(
        desk,
        case_id,
        Step.EXPOSURE,
        form,
        lambda bench, token: bench.exposing.find_outside(case_id, found, token=token),
    )


@form_post("/cases/{case_id:int}/report", roles=CARRIERS)
def report(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Print and submit a report to the commission, after a second look."""
    kind = form.choice("kind", codes("report_kind"), label=Said("報告の区分", "which report"))
    contents = {name: form.text(f"content-{name}", most=_MOST) for name in codes("leak_content")}
    if form.errors:
        return step_page(desk, case_id, Step.REPORT, form=form, status=422)
    if not form.value("checked"):
        rows = [(desk.say("報告の区分", "Report"), word("report_kind", kind, desk.language))]
        rows += [(word("leak_content", name, desk.language), text) for name, text in contents.items()]
        warning = Said(
            "提出済みとして記録し、報告書を保存します。取り消せません。",
            "It is noted as submitted and the report is filed. This cannot be taken back.",
        )
        return check_first(desk, case_id, Step.REPORT, form, rows, warning=warning, action=f"/cases/{case_id}/report")
    return take(
        desk,
        case_id,
        Step.REPORT,
        form,
        lambda bench, token: bench.reporting.submit(case_id, kind=kind, contents=contents, token=token),
    )


@form_post("/cases/{case_id:int}/report/waive", roles=CARRIERS)
def waive(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Note why no report is due."""
    reason = form.text("waive_reason", label=_REASON, most=_MOST)
    return take(
        desk,
        case_id,
        Step.REPORT,
        form,
        lambda bench, token: bench.reporting.waive(case_id, reason=reason, token=token),
    )


@form_post("/cases/{case_id:int}/tell", roles=CARRIERS)
def tell(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Print the letter that tells the person, after a second look."""
    what = form.text("what_happened", label=Said("分かったこと", "what happened"), most=_MOST)
    prevention = form.text("prevention", label=Said("再発を防ぐために", "prevention"), most=_MOST)
    if form.errors:
        return step_page(desk, case_id, Step.TELL, form=form, status=422)
    if not form.value("checked"):
        rows = [
            (desk.say("分かったこと", "What happened"), what),
            (desk.say("再発を防ぐために", "Prevention"), prevention),
        ]
        warning = Said("文書を印刷して、通知したことを記録します。", "The letter is printed and noted as sent.")
        return check_first(desk, case_id, Step.TELL, form, rows, warning=warning, action=f"/cases/{case_id}/tell")
    return take(
        desk,
        case_id,
        Step.TELL,
        form,
        lambda bench, token: bench.reporting.tell_by_letter(
            case_id, what_happened=what, prevention=prevention, token=token
        ),
    )


@form_post("/cases/{case_id:int}/tell/otherwise", roles=CARRIERS)
def tell_otherwise(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """The person was told by another way."""
    how = form.text("told_how", label=Said("知らせた方法", "how"), most=_MOST)
    return take(
        desk,
        case_id,
        Step.TELL,
        form,
        lambda bench, token: bench.reporting.told_otherwise(case_id, how=how, token=token),
    )


@form_post("/cases/{case_id:int}/tell/not", roles=CARRIERS)
def do_not_tell(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """The person is not told, and why."""
    reason = form.text("not_told_reason", label=_REASON, most=_MOST)
    return take(
        desk,
        case_id,
        Step.TELL,
        form,
        lambda bench, token: bench.reporting.do_not_tell(case_id, reason=reason, token=token),
    )


@form_post("/cases/{case_id:int}/release", roles=CARRIERS)
def propose_release(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Propose the release."""
    reason = form.text("reason", label=_REASON, most=_MOST)
    return take(
        desk,
        case_id,
        Step.RELEASE,
        form,
        lambda bench, token: bench.correcting.propose_release(case_id, reason=reason, token=token),
    )


@form_post("/cases/{case_id:int}/release/approve", roles=CARRIERS)
def approve_release(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Approve the release; the link is seen again."""
    if not form.value("agreed"):
        form.wrong("agreed", "内容を確かめて、印を付けてください。", "Look at it and tick the box.")
    return take(
        desk,
        case_id,
        Step.RELEASE,
        form,
        lambda bench, token: bench.correcting.approve_release(case_id, token=token),
    )


@form_post("/cases/{case_id:int}/release/reject", roles=CARRIERS)
def reject_release(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Give the proposed release back."""
    reason = form.text("reject_reason", label=_REASON, most=_MOST)
    return take(
        desk,
        case_id,
        Step.RELEASE,
        form,
        lambda bench, token: bench.correcting.reject_release(case_id, reason=reason, token=token),
    )


@form_post("/cases/{case_id:int}/sheet", roles=CARRIERS)
def sheet(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Print the confirmation sheet and show it."""
    try:
        with desk.work() as work:
            case, link, _ = load_case(work, case_id)
            compared = comparison(desk, case, link) or {"rows": (), "states": {}, "registered": {}}
            words = SheetWords(
                masked_number=str(work.office.vault.open(link.individual_number_sealed)) if link else "",
                verdict=word("verdict", case.state.verdict, "ja") if case.state.verdict else "",
                restriction=word("restriction", case.state.restriction, "ja"),
                cause=word("causes", case.state.cause, "ja") if case.state.cause else "",
                reasons=[word("reasons", code, "ja") for code in case.state.reasons],
                items=[
                    compared_item(
                        name,
                        *_printed(link, name, str(compared["registered"].get(name, ""))),
                        state=word("state", compared["states"].get(name, "missing"), "ja"),
                        is_same=compared["states"].get(name) in {"equal", "folded", "variant"},
                    )
                    for name in ITEMS
                ]
                if link and compared["states"]
                else [],
            )
            letter_id = work.cases.reporting.print_sheet(case_id, words)
    except REFUSALS as error:
        return case_page(desk, case_id, form=form, status=refused(form, error))
    return desk.redirect(f"/cases/{case_id}/letters/{letter_id}")


def _printed(link: LinkRecord, name: str, registered: str) -> tuple[str, str]:
    """The two values of an item as a sheet says them: paper goes around, so it never says where a protected person lives."""
    if name == "address" and link.is_protected:
        return ADDRESS_WITHHELD, ADDRESS_WITHHELD
    return str(getattr(link, name)), registered


@page("/cases/{case_id:int}/letters/{letter_id:int}", roles=CARRIERS)
def show_letter(desk: Desk, case_id: int, letter_id: int) -> Response[Any]:
    """A document of the case, byte for byte as it was printed; refused where the person has come under protection."""
    with desk.work() as work:
        _, link, letters = load_case(work, case_id)
        letter = next((one for one in letters if one.letter_id == letter_id), None)
        if letter is None:
            raise NotFoundError(f"There is no document {letter_id} in case {case_id}.")
        if letter in withheld(desk, link, letters):
            raise RuleRefusedError(refusal("document_protected"))
        pdf = work.cases.letters.pdf(letter_id)
    return desk.download(pdf, name=f"{letter.document_number}.pdf", media_type="application/pdf", is_inline=True)


HANDLERS = (
    propose,
    approve,
    reject,
    undo,
    find_exposure,
    find_outside,
    report,
    waive,
    tell,
    tell_otherwise,
    do_not_tell,
    propose_release,
    approve_release,
    reject_release,
    sheet,
    show_letter,
)
