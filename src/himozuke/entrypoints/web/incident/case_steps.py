"""The pages of a case's steps up to the confirmation: stop, papers, employer, person, right or wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litestar import Response

from himozuke.entrypoints.case_wiring import CaseBench
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_view import (
    CARRIERS,
    REFUSALS,
    SEEN,
    act_token,
    comparison,
    differing_answers,
    load_case,
    new_form,
    refused,
    shown_clocks,
    shown_steps,
)
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Language, Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.incident import decide
from himozuke.incident.decide import Confirmation
from himozuke.incident.decide_after import duty_of
from himozuke.incident.model import BESIDE, Case, CaseState, Channel, Event, Finding, Happening, Reply, Result, Step
from himozuke.incident.words import codes, playbook
from himozuke.rules.kinds import ITEMS

Do = Callable[[CaseBench, str | None], object]
Happen = Callable[[CaseState], Sequence[Happening]]
_REASON = Said("理由", "why")


def step_page(
    desk: Desk,
    case_id: int,
    step: Step,
    *,
    form: Form | None = None,
    status: int = 200,
    **more: Any,  # noqa: ANN401
) -> Response[Any]:
    """The page of one step, with its forms as far as the case allows them."""
    with desk.work() as work:
        case, link, letters = load_case(work, case_id)
        shown = {
            "clocks": shown_clocks(work, case),
            "has_sender": work.cases.letters.sender(case.organisation_id) is not None,
            "masked": str(work.office.vault.open(link.individual_number_sealed)) if link else "",
            **_extra(work, desk, case_id, step),
        }
    return desk.render(
        f"cases/steps/{step}.html",
        status=status,
        form=new_form(form, **{SEEN: _last_of(case), **(_first_values(case.state, step) if form is None else {})}),
        case=case,
        state=case.state,
        link=link,
        letters=letters,
        step=step,
        steps=shown_steps(case),
        compared=comparison(desk, case, link),
        playbook=playbook(case.state.cause, desk.language),
        codes=codes,
        items=ITEMS,
        **{**shown, **more},
    )


def take(desk: Desk, case_id: int, step: Step, form: Form, do: Do) -> Response[Any]:
    """Do an act and go back to the case; a refusal shows the step's page again, with why.

    ``do`` gets the incident desk and the token of the form, by which the same form sent twice acts once.
    """
    if form.errors:
        return step_page(desk, case_id, step, form=form, status=422)
    token = act_token(form)
    try:
        with desk.work() as work:
            changed = _changed_since(work, case_id, form, token)
            if not changed:
                do(work.cases, token)
    except REFUSALS as error:
        return step_page(desk, case_id, step, form=form, status=refused(form, error))
    if changed:
        return _overtaken(desk, case_id, step, form, changed)
    return desk.redirect(f"/cases/{case_id}", notice="saved")


def _changed_since(work: OfficeWork, case_id: int, form: Form, token: str | None) -> Sequence[Event]:
    """What others have done to a case since the form was made; the case is held until the act is done.

    Nothing for a form that was taken already, and for one that does not say from which state it was made.
    Remarks, assignments and raised clocks change no answer.
    """
    seen = form.value(SEEN)
    if not (seen.isascii() and seen.isdecimal()):
        return ()
    case = work.cases.store.lock(case_id)
    if token and work.cases.store.taken_as(case_id, token) is not None:
        return ()
    return [event for event in case.events if event.event_id > int(seen) and event.kind not in BESIDE]


def _overtaken(desk: Desk, case_id: int, step: Step, form: Form, changed: Sequence[Event]) -> Response[Any]:
    """The step as it stands now, with what was typed and what somebody else has done meanwhile."""

    def told(language: Language) -> list[str]:
        return [f"{word('case_event', event.kind, language)}（{event.by_name or '―'}）" for event in changed]

    form.errors[""] = Said(
        f"この画面を開いた後に、案件が変わりました：{'、'.join(told('ja'))}。まだ何も記録していません。今の内容を確かめて、必要ならもう一度記録してください。",
        f"The case has changed since this page was opened: {', '.join(told('en'))}. Nothing was noted yet. Look at it as it is now, then note it again if it still holds.",
    )
    kept = {name: values for name, values in form.values.items() if name not in {SEEN, "checked"}}
    return step_page(desk, case_id, step, form=Form(kept, form.uploads, form.errors), status=409)


def _last_of(case: Case) -> int:
    """The last thing that happened to a case: from which state a form is made."""
    return case.events[-1].event_id if case.events else 0


def note_happening(desk: Desk, case_id: int, step: Step, form: Form, happen: Happen) -> Response[Any]:
    """Do an act that is one decision about the state of the case."""
    return take(desk, case_id, step, form, lambda bench, token: bench.cases.act(case_id, happen, token=token))


def check_first(
    desk: Desk, case_id: int, step: Step, form: Form, rows: list[tuple[str, str]], *, warning: Said, action: str
) -> Response[Any]:
    """What was typed, to look at once more before what cannot be taken back."""
    with desk.work() as work:
        case, link, _ = load_case(work, case_id)
    return desk.render(
        "cases/check.html",
        form=form,
        case=case,
        link=link,
        step=step,
        rows=[(label, value, f"/cases/{case_id}/steps/{step}") for label, value in rows],
        warning=warning,
        action=action,
        kept=[(name, value) for name, values in form.values.items() for value in values if name != "form_token"],
    )


def _extra(work: OfficeWork, desk: Desk, case_id: int, step: Step) -> Mapping[str, Any]:
    if step is Step.EXPOSURE:
        case = work.cases.cases.case(case_id)
        return {"exposure": work.cases.exposing.look(case) if case.link_id is not None else None}
    if step is Step.REPORT:
        case = work.cases.cases.case(case_id)
        kind = "final" if case.state.prompt_on or case.state.exposure else "prompt"
        draft = dict(work.cases.reporting.draft(case, kind=kind))
        if case.state.cause:
            draft["cause"] = f"{word('causes', case.state.cause, 'ja')}（原因の分類 {case.state.cause}）"
        return {"draft": draft, "duty": _duty(work, case.state)}
    if step is Step.CONFIRM:
        return {"answers": differing_answers(desk, work.cases.cases.case(case_id))}
    if step is Step.CORRECT:
        return {"is_own": _is_own(desk, work, case_id)}
    if step is Step.RELEASE:
        return {"is_own": _is_own(desk, work, case_id, release=True)}
    return {}


def _duty(work: OfficeWork, state: CaseState) -> object:
    return duty_of(state, work.office.rules) if state.exposure is not None and state.known_on is not None else None


def _is_own(desk: Desk, work: OfficeWork, case_id: int, *, release: bool = False) -> bool:
    state = work.cases.cases.case(case_id).state
    proposal = state.release if release else state.correction
    return proposal is not None and proposal.by_login == desk.actor.login


def _first_values(state: CaseState, step: Step) -> Mapping[str, object]:
    if step is Step.STOP:
        return {"restriction": "ALL"}
    if step is Step.CONFIRM:
        return {"cause": state.cause, "basis": "person" if state.person else "papers"}
    return {}


@page("/cases/{case_id:int}/steps/{step:str}", roles=CARRIERS)
def show_step(desk: Desk, case_id: int, step: str) -> Response[Any]:
    """One step of a case; an unknown word leads to the case."""
    if step not in set(Step):
        return desk.redirect(f"/cases/{case_id}")
    if step == Step.PUBLISH:
        return desk.redirect("/cases/publications/new")
    return step_page(desk, case_id, Step(step))


@form_post("/cases/{case_id:int}/stop", roles=CARRIERS)
def stop(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Stop viewing."""
    restriction = form.choice("restriction", {"MEDICAL", "ALL"}, label=Said("停止の範囲", "how much"))
    reason = form.text("reason", label=_REASON, most=2000)

    def do(state: CaseState) -> Sequence[Happening]:
        return decide.stop_viewing(state, restriction=restriction, reason=reason)

    return note_happening(desk, case_id, Step.STOP, form, do)


@form_post("/cases/{case_id:int}/papers", roles=CARRIERS)
def papers(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """What the own papers show."""
    finding = form.choice("finding", codes("case_finding"), label=Said("確認結果", "what they show"))
    note = form.text("note", label=Said("確認した書類と内容", "which papers and what they say"), most=2000)

    def do(state: CaseState) -> Sequence[Happening]:
        return decide.check_papers(state, finding=Finding(finding), note_=note)

    return note_happening(desk, case_id, Step.PAPERS, form, do)


@form_post("/cases/{case_id:int}/employer/ask", roles=CARRIERS)
def ask_employer(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Ask the employer."""
    note = form.text("note", label=Said("依頼した方法と内容", "how and what was asked"), most=2000)
    return note_happening(desk, case_id, Step.EMPLOYER, form, lambda state: decide.ask_employer(state, note_=note))


@form_post("/cases/{case_id:int}/employer/answer", roles=CARRIERS)
def employer_answer(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """What the employer answers."""
    finding = form.choice("finding", codes("case_finding"), label=Said("回答", "answer"))
    note = form.text("answer_note", label=Said("回答の内容", "what was answered"), most=2000)

    def do(state: CaseState) -> Sequence[Happening]:
        return decide.employer_answered(state, finding=Finding(finding), note_=note)

    return note_happening(desk, case_id, Step.EMPLOYER, form, do)


@form_post("/cases/{case_id:int}/person/letter", roles=CARRIERS)
def letter(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Print the letter to the person."""
    return take(
        desk,
        case_id,
        Step.PERSON,
        form,
        lambda bench, token: bench.asking.print_inquiry(case_id, token=token),
    )


@form_post("/cases/{case_id:int}/person/reminder", roles=CARRIERS)
def reminder(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Print the reminder."""
    return take(
        desk,
        case_id,
        Step.PERSON,
        form,
        lambda bench, token: bench.asking.print_reminder(case_id, token=token),
    )


@form_post("/cases/{case_id:int}/person/returned", roles=CARRIERS)
def returned(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """A letter came back."""
    reason = form.text("returned_reason", label=Said("返送の理由", "why it came back"), most=2000)
    letter_id = form.text("letter_id")

    def do(state: CaseState) -> Sequence[Happening]:
        last = state.last_letter
        known = int(letter_id) if letter_id.isdecimal() and len(letter_id) < 18 else 0  # noqa: PLR2004 -- an id
        return decide.letter_returned(state, letter_id=known or (last.letter_id if last else 0), reason=reason)

    return note_happening(desk, case_id, Step.PERSON, form, do)


@form_post("/cases/{case_id:int}/person/otherwise", roles=CARRIERS)
def otherwise(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """The person is asked by another way."""
    how = form.choice("how", codes("asked_how"), label=Said("方法", "how"))
    reason = form.text("otherwise_reason", label=_REASON, most=2000)
    return take(
        desk,
        case_id,
        Step.PERSON,
        form,
        lambda bench, token: bench.asking.ask_otherwise(case_id, how=how, reason=reason, token=token),
    )


@form_post("/cases/{case_id:int}/person/answer", roles=CARRIERS)
def answer(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """The person's answer, typed in from paper, counter or telephone."""
    reply = form.choice("reply", codes("case_reply"), label=Said("回答", "answer"))
    channel = form.choice("channel", {"paper", "counter", "telephone"}, label=Said("回答の方法", "how it came"))
    note = form.text("note", most=2000)
    wrong = {name: form.text(f"wrong-{name}", most=300) for name in ITEMS}

    def do(state: CaseState) -> Sequence[Happening]:
        return decide.person_answered(
            state,
            reply=Reply(reply),
            channel=Channel(channel),
            wrong_items={name: text for name, text in wrong.items() if text},
            note_=note,
            letter_id=None,
        )

    return note_happening(desk, case_id, Step.PERSON, form, do)


@form_post("/cases/{case_id:int}/confirm", roles=CARRIERS)
def confirm(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Confirm right or wrong, after a second look."""
    result = form.choice("result", codes("case_result"), label=Said("結論", "result"))
    basis = form.choice("basis", codes("case_basis"), label=Said("根拠", "basis"))
    reason = form.text("reason", label=_REASON, most=2000)
    cause = form.choice("cause", {f"C{number}" for number in range(1, 11)})
    known_on = form.day("known_on")
    if form.errors:
        return step_page(desk, case_id, Step.CONFIRM, form=form, status=422)
    is_against = bool(form.value("against_basis"))
    given = Confirmation(Result(result), basis, reason, cause or None, known_on, is_against_basis=is_against)
    today = desk.office.clock.today()
    if not form.value("checked"):
        try:
            with desk.work() as work:
                decide.confirm(work.cases.cases.case(case_id).state, given, today=today)
        except REFUSALS as error:
            return step_page(desk, case_id, Step.CONFIRM, form=form, status=refused(form, error))
        rows = [
            (desk.say("結論", "Result"), word("case_result", result, desk.language)),
            (desk.say("根拠", "Basis"), word("case_basis", basis, desk.language)),
            (desk.say("根拠と違う結論", "Against the basis"), desk.say("はい", "yes") if is_against else ""),
            (desk.say("理由", "Why"), reason),
            (desk.say("原因", "Cause"), word("causes", cause, desk.language) if cause else ""),
            (desk.say("知った日", "Known since"), form.value("known_on") or desk.say("今日", "today")),
        ]
        warning = Said(
            "誤りと確定すると、すべての閲覧を停止し、委員会への報告の期限が動き始めます。",
            "When it is confirmed wrong, all viewing is stopped and the clocks of the report begin.",
        )
        return check_first(desk, case_id, Step.CONFIRM, form, rows, warning=warning, action=f"/cases/{case_id}/confirm")

    return note_happening(desk, case_id, Step.CONFIRM, form, lambda state: decide.confirm(state, given, today=today))


@form_post("/cases/{case_id:int}/confirm/undo", roles=CARRIERS)
def undo_confirm(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Take the confirmation back."""
    reason = form.text("undo_reason", label=_REASON, most=2000)
    return note_happening(
        desk, case_id, Step.CONFIRM, form, lambda state: decide.undo_confirmation(state, reason=reason)
    )


@form_post("/cases/{case_id:int}/confirm/keep", roles=CARRIERS)
def keep_conclusion(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """The conclusion stands although the person's answer is against it."""
    reason = form.text("keep_reason", label=_REASON, most=2000)
    return note_happening(desk, case_id, Step.CONFIRM, form, lambda state: decide.keep_conclusion(state, reason=reason))


HANDLERS = (
    show_step,
    stop,
    papers,
    ask_employer,
    employer_answer,
    letter,
    reminder,
    returned,
    otherwise,
    answer,
    confirm,
    undo_confirm,
    keep_conclusion,
)
