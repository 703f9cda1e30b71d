"""The counter of an institution: the answer at a glance, our own record beside it, and the next step when it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from litestar import Response

from himozuke.eligibility import counter
from himozuke.eligibility.by_law import first_day
from himozuke.eligibility.counter import FirstOrAgain
from himozuke.eligibility.model import MEDICAL, InsuredKey, Viewable
from himozuke.eligibility.service import CardReading
from himozuke.eligibility.visits import Visit, VisitService
from himozuke.entrypoints.web.areas import Task
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import TOKYO, word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.web.shown_items import shown_day, shown_item
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import NotAllowedError
from himozuke.identity.coded_number import is_insurer_number
from himozuke.link.items import ITEMS
from himozuke.ports.actor import Actor, Role, Scope

INSTITUTION = frozenset({Role.INSTITUTION})
_MARK_BY_VALIDITY = {"1": "good", "6": "good", "2": "bad", "3": "warn", "4": "bad", "5": "warn"}
_GOOD = frozenset({"equal", "folded", "variant"})


def serving(actor: Actor) -> Actor:
    """The actor of an institution, who is answered from every insurer's rows; the login stays in the evidence."""
    if actor.role is not Role.INSTITUTION:
        raise NotAllowedError("Only an institution may ask.")
    return replace(actor, scope=Scope.SYSTEM)


@contextmanager
def counter_of(desk: Desk) -> Iterator[tuple[OfficeWork, VisitService]]:
    """The counter of the visitor's institution in one transaction."""
    with desk.office.work(serving(desk.actor)) as work:
        assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
        yield work, work.eligibility.visits(desk.actor.organisation_id)


def looked_at(desk: Desk, visit_id: int, *, shows_answer: bool = True) -> Visit:
    """A visit as it may be shown now; where the page shows its answer, the showing is written down."""
    with counter_of(desk) as (_, visits):
        return visits.look(visit_id) if shows_answer else visits.stands(visit_id)


@page("/reception", roles=INSTITUTION)
def show_reception(desk: Desk) -> Response[Any]:
    """Ask, and see who came today."""
    return _reception_page(desk, Form())


@form_post("/reception/number", roles=INSTITUTION)
def ask_by_number(desk: Desk, form: Form) -> Response[Any]:
    """Ask by what is printed on a certificate."""
    insurer = form.digits("insurer_number", label=Said("保険者番号", "the insurer number"))
    symbol = form.text("symbol", most=40)
    number = form.text("number", label=Said("番号", "the number"), most=40)
    branch = form.digits("branch")
    born = form.day("birth_date", label=Said("生年月日", "the birth date"))
    on = form.day("on")
    if insurer and not is_insurer_number(insurer):
        form.wrong(
            "insurer_number",
            "保険者番号の検証番号が合いません。6桁または8桁の番号を確かめてください。",
            "The check digit of the insurer number is wrong. It has six or eight digits.",
        )
    since = first_day(desk.office.rules)
    if on is not None and on < since:
        form.wrong(
            "on",
            f"{shown_day(since.isoformat(), 'ja')}より前の日は確認できません。",
            f"A day before {since} cannot be asked about.",
        )
    if form.errors or born is None:
        return _reception_page(desk, form)
    with counter_of(desk) as (work, visits):
        visit_id = visits.by_number(
            InsuredKey(insurer, symbol, number, branch),
            born,
            on or work.clock.today(),
            wants_limits=bool(form.value("wants_limits")),
        )
    return desk.redirect(f"/reception/visits/{visit_id}")


@page("/reader", roles=INSTITUTION)
def show_reader(desk: Desk) -> Response[Any]:
    """The card reader on a screen: face, PIN or the look of the staff, and what the patient allows."""
    return _reader_page(desk, Form.of(method="face"))


@form_post("/reader", roles=INSTITUTION)
def read_card(desk: Desk, form: Form) -> Response[Any]:
    """Read a card, and go on at reception."""
    card = form.text("card", label=Said("カード", "the card"), most=64)
    method = form.choice(
        "method", ("face", "pin", "visual"), label=Said("本人確認の方法", "how the holder is identified")
    )
    pin = form.digits("pin") or None
    if method == "pin" and not pin and "pin" not in form.errors:
        form.wrong("pin", "暗証番号（4桁）を入力してください。", "Enter the PIN (four digits).")
    consents = [Viewable(one) for one in form.all("consents") if one in set(Viewable)]
    if form.errors or method not in {"face", "pin", "visual"}:
        return _reader_page(desk, form)
    with counter_of(desk) as (_, visits):
        visit_id = visits.by_card(CardReading(card, method, pin, consents))  # type: ignore[arg-type]  # among the three
    return desk.redirect(f"/reception/visits/{visit_id}")


def _reader_page(desk: Desk, form: Form) -> Response[Any]:
    """The reader asks only for what the institution may see: a treatment office sees the qualification alone (S58)."""
    assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
    with desk.office.work(serving(desk.actor)) as work:
        institution = work.eligibility.store.institution_of(desk.actor.organisation_id)
    may_ask = institution is None or institution.may_see_medical
    return desk.render("reception/reader.html", form=form, viewables=[str(one) for one in Viewable] if may_ask else [])


@page("/reception/visits/{visit_id:int}", roles=INSTITUTION)
def show_visit(desk: Desk, visit_id: int) -> Response[Any]:
    """One patient: the big word, our record beside the answer, the next step."""
    visit = looked_at(desk, visit_id)
    return _visit_page(desk, visit, Form.of(**visit.own_items) if visit.own_items else Form())


@form_post("/reception/visits/{visit_id:int}/compare", roles=INSTITUTION)
def compare_visit(desk: Desk, visit_id: int, form: Form) -> Response[Any]:
    """Lay our own record beside the answer."""
    own = {item: form.text(item, most=200) for item in ITEMS}
    kind = FirstOrAgain.AGAIN if form.value("visit_kind") == FirstOrAgain.AGAIN else FirstOrAgain.FIRST
    if form.errors:
        visit = looked_at(desk, visit_id)
        return _visit_page(desk, visit, form)
    with counter_of(desk) as (_, visits):
        visits.compare(visit_id, own, kind)
    return desk.redirect(f"/reception/visits/{visit_id}#compared")


@form_post("/reception/visits/{visit_id:int}/accept", roles=INSTITUTION)
def accept_visit(desk: Desk, visit_id: int, form: Form) -> Response[Any]:
    """Accept the answer for this patient."""
    with counter_of(desk) as (_, visits):
        visits.accept(visit_id, remembers=bool(form.value("remembers")))
    return desk.redirect(f"/reception/visits/{visit_id}", notice="accepted")


@form_post("/reception/without", roles=INSTITUTION)
def go_without(desk: Desk, form: Form) -> Response[Any]:  # noqa: ARG001  # the form is its token alone
    """Begin where nothing can be asked at all: the terminal, the power or the line is down."""
    with counter_of(desk) as (_, visits):
        visit_id = visits.without_answer()
    return desk.redirect(f"/reception/visits/{visit_id}/fallback")


def _reception_page(desk: Desk, form: Form) -> Response[Any]:
    assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
    today: Sequence[Visit] = ()
    with desk.office.work(serving(desk.actor)) as work:
        work.eligibility.refuse_suspended(desk.actor.organisation_id)
        if work.eligibility.store.institution_of(desk.actor.organisation_id) is not None:
            today = work.eligibility.visits(desk.actor.organisation_id).of_day(work.clock.today())
    return desk.render("reception/reception.html", form=form, visits=today, marks=_MARK_BY_VALIDITY)


def _visit_page(desk: Desk, visit: Visit, form: Form) -> Response[Any]:
    shown = visit.displayed or {}
    rows = [
        (
            word("item", item, desk.language),
            shown_item(item, visit.own_items.get(item, ""), desk.language),
            shown_item(item, str(shown.get(item) or ""), desk.language),
            word("state", visit.states[item], desk.language),
            _mark(visit.states[item]),
        )
        for item in ITEMS
        if item in visit.states
    ]
    checklist = counter.oral_checklist(address=str(shown.get("address") or "")) if shown else ()
    return desk.render(
        "reception/visit.html",
        form=form,
        visit=visit,
        shown=shown,
        asked_on=visit.began_at.astimezone(TOKYO).date(),
        mark=_MARK_BY_VALIDITY.get(visit.validity, "bad"),
        rows=rows,
        read=partial(shown_item, language=desk.language),
        read_day=partial(shown_day, language=desk.language),
        checklist=checklist,
        viewables=[one for one in visit.consents if one in MEDICAL],
        may_accept=visit.is_valid and visit.accepted_at is None,
    )


def _mark(state: str) -> str:
    if state in _GOOD:
        return "good"
    return "note" if state in {"missing", "unknown"} else "warn" if state == "near" else "bad"


def tasks(work: OfficeWork) -> Sequence[Task]:
    """What waits at the counter today, and for the payment fund the institutions that wait for its call."""
    if work.actor.role is Role.FUND_OPERATOR:
        waiting_calls = len(work.eligibility.outages.waiting())
        return (Task("/outages", Said("障害時モードの折り返し", "Failure mode: call back"), waiting_calls, True),)
    if work.actor.role is not Role.INSTITUTION or work.actor.organisation_id is None:
        return ()
    today = work.eligibility.visit_store.of_day(work.actor.organisation_id, work.clock.today())
    waiting = [one for one in today if not one.accepted_at and not one.evidence]
    return (
        Task("/reception", Said("受付（本日の未確認）", "Reception (not settled today)"), len(waiting)),
        Task("/reader", Said("カードの読み取り", "Read a card")),
    )


HANDLERS = (
    show_reception,
    ask_by_number,
    show_reader,
    read_card,
    show_visit,
    compare_visit,
    accept_visit,
    go_without,
)
