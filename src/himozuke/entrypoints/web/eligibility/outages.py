"""The system-failure mode on the desk: an institution asks, searches and reports; the payment fund calls back and opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response

from himozuke.eligibility.model import Qualification
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility.reception import INSTITUTION, serving
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import NotFoundError, RuleRefusedError
from himozuke.ports.actor import Role

FUND = frozenset({Role.FUND_OPERATOR})


@page("/reception/outage", roles=INSTITUTION)
def show_outage(desk: Desk) -> Response[Any]:
    """The institution's openings, and the search while one is open."""
    return _outage_page(desk, Form())


@form_post("/reception/outage", roles=INSTITUTION)
def ask_for_outage(desk: Desk, form: Form) -> Response[Any]:
    """Ask for the mode; the centre calls back at the registered number."""
    reason = form.text("reason", label=Said("障害の状況", "what has failed"), most=1000)
    if form.errors:
        return _outage_page(desk, form)
    with desk.work() as work:
        work.eligibility.outages.ask(_own(desk), reason)
    return desk.redirect("/reception/outage", notice="sent")


@form_post("/reception/outage/search", roles=INSTITUTION)
def search_in_outage(desk: Desk, form: Form) -> Response[Any]:
    """Find a patient by name, birth date, sex and address; every hit is shown, none is picked."""
    name = form.text("kanji_name", label=Said("氏名", "the name"), most=100)
    born = form.day("birth_date", label=Said("生年月日", "the birth date"))
    sex = form.choice("sex", ("1", "2"), label=Said("性別", "the sex"))
    address = form.text("address", label=Said("住所", "the address"), most=300)
    if form.errors or born is None:
        return _outage_page(desk, form)
    items = {"kanji_name": name, "birth_date": born.isoformat(), "sex": sex, "address": address}
    try:
        with desk.office.work(serving(desk.actor)) as work:
            found = work.eligibility.outages.search(_own(desk), items, born)
            visit_ids = work.eligibility.visits(_own(desk)).in_outage(found)
    except RuleRefusedError:
        form.wrong(
            "",
            "システム障害時モードが開いていません。コールセンターからの折り返しを待ってください。",
            "The system-failure mode is not open. Wait for the call back.",
        )
        return _outage_page(desk, form)
    if len(visit_ids) == 1:
        return desk.redirect(f"/reception/visits/{visit_ids[0]}")
    return _outage_page(desk, form, found=found, visit_ids=visit_ids)


@form_post("/reception/outage/{grant_id:int}/report", roles=INSTITUTION)
def report_outage(desk: Desk, grant_id: int, form: Form) -> Response[Any]:
    """Report how the mode was used; it closes with the report."""
    text = form.text("report", label=Said("利用の報告", "the report"), most=2000)
    if form.errors:
        return _outage_page(desk, form)
    with desk.work() as work:
        work.eligibility.outages.report(grant_id, text)
    return desk.redirect("/reception/outage", notice="sent")


@page("/outages", roles=FUND)
def show_waiting(desk: Desk) -> Response[Any]:
    """Institutions that wait for the call back."""
    with desk.work() as work:
        waiting = work.eligibility.outages.waiting()
    return desk.render("reception/outages.html", waiting=waiting)


@form_post("/outages/{grant_id:int}/open", roles=FUND)
def open_outage(desk: Desk, grant_id: int, form: Form) -> Response[Any]:
    """Open the mode, after the number of the registration was called."""
    if not form.value("called_back"):
        form.wrong(
            f"called_back-{grant_id}",
            "登録された電話番号に折り返したことを確認してください。",
            "Confirm that the registered number was called back.",
        )
        with desk.work() as work:
            waiting = work.eligibility.outages.waiting()
        if not any(one.grant_id == grant_id for one in waiting):
            raise NotFoundError(f"There is no opening {grant_id} that waits.")
        return desk.render("reception/outages.html", form=form, waiting=waiting)
    with desk.work() as work:
        work.eligibility.outages.open(grant_id)
    return desk.redirect("/outages", notice="saved")


def _own(desk: Desk) -> int:
    assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
    return desk.actor.organisation_id


def _outage_page(
    desk: Desk, form: Form, *, found: Sequence[Qualification] | None = None, visit_ids: Sequence[int] = ()
) -> Response[Any]:
    with desk.work() as work:
        grants = work.eligibility.outages.of_institution(_own(desk))
        now = work.clock.now()
        due = {one.grant_id: work.eligibility.outages.report_due(one) for one in grants}
    hits = list(zip(visit_ids, found or (), strict=True))
    is_open = any(one.is_open(now) for one in grants)
    return desk.render(
        "reception/outage.html",
        form=form,
        grants=grants,
        is_open=is_open,
        due=due,
        hits=hits,
        was_searched=found is not None,
    )


HANDLERS = (show_outage, ask_for_outage, search_in_outage, report_outage, show_waiting, open_outage)
