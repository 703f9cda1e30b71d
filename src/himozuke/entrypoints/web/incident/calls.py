"""The pages of questions that came in, and of the payment fund's log of viewings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Response

from himozuke.entrypoints.web.actors import actor_names
from himozuke.entrypoints.web.areas import NavEntry
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_view import CARRIERS, REFUSALS, act_token, new_form, refused
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.gateways.access_log_csv import COLUMNS, read_log
from himozuke.incident.calls import Call
from himozuke.incident.words import advice, codes
from himozuke.ports.actor import Actor, Role

ON_A_PAGE = 50
FUND = frozenset({Role.FUND_OPERATOR})
MOST_BYTES_OF_A_LOG = 50 * 1024 * 1024
NAV = (
    NavEntry("/calls", Said("問合せの記録", "Calls"), CARRIERS),
    NavEntry("/access-log", Said("閲覧の記録の取込み", "Log of viewings"), FUND),
)


@page("/calls", roles=CARRIERS)
def show_calls(desk: Desk, page: int = 1) -> Response[Any]:
    """Questions, the newest first, counted by category."""
    return _calls_page(desk, Form(), page=page)


@form_post("/calls", roles=CARRIERS)
def take_call(desk: Desk, form: Form) -> Response[Any]:
    """Write a question down; it may open a case."""
    category = form.choice("category", codes("call_category"), label=Said("分類", "category"))
    channel = form.choice("channel", codes("call_channel"), label=Said("方法", "how it came"))
    note = form.text("note", label=Said("内容", "what was said"), most=2000)
    scheme_number = form.text("scheme_number", most=100)
    restriction = form.choice("restriction", {"NONE", "MEDICAL", "ALL"}) or "NONE"
    if form.errors:
        return _calls_page(desk, form, status=422)
    case_id = None
    found: Sequence[Mapping[str, Any]] = ()
    try:
        with desk.work() as work:
            found = work.cases.store.links_of_number(scheme_number) if scheme_number else ()
            link_id = _link_meant(found, form)
            if not form.errors:
                call = Call(channel, category, note, link_id, restriction)
                _, case_id = work.cases.calls.take(
                    call, opens_case=bool(form.value("opens_case")), token=act_token(form)
                )
    except REFUSALS as error:
        return _calls_page(desk, form, status=refused(form, error))
    if form.errors:
        return _calls_page(desk, form, status=422, found=found)
    return desk.redirect(f"/cases/{case_id}" if case_id else "/calls", notice="saved")


def _link_meant(found: Sequence[Mapping[str, Any]], form: Form) -> int | None:
    """The link a caller's number means: the only one, or the one that was chosen of several."""
    if not form.text("scheme_number", most=100):
        return None
    if not found:
        form.wrong(
            "scheme_number",
            "この番号の加入者はいません。記号-番号-枝番の順に書いてください（例：190-101-00）。",
            "There is no member with this number. Write symbol-number-branch, as 190-101-00.",
        )
        return None
    if len(found) == 1:
        return int(found[0]["link_id"])
    chosen = next((int(one["link_id"]) for one in found if str(one["link_id"]) == form.value("link_id")), None)
    if chosen is None:
        form.wrong(
            "link_id",
            "この番号に当てはまる加入者が複数います。1人を選んでください。",
            "Several members fit this number: choose one.",
        )
    return chosen


def _calls_page(
    desk: Desk, form: Form, *, page: int = 1, status: int = 200, found: Sequence[Mapping[str, Any]] = ()
) -> Response[Any]:
    number = min(max(1, page), 10_000)
    with desk.work() as work:
        calls, total = work.cases.calls.newest(limit=ON_A_PAGE, offset=(number - 1) * ON_A_PAGE)
        counted = work.cases.calls.by_category()
        people = actor_names(work, [str(one["taken_by"]) for one in calls], desk.language)
    return desk.render(
        "cases/calls.html",
        status=status,
        form=new_form(form, restriction="NONE"),
        found=found if len(found) > 1 else (),
        calls=calls,
        people=people,
        total=total,
        counted=counted,
        page=number,
        pages=max(1, -(-total // ON_A_PAGE)),
        advice={category: advice(category, desk.language) for category in codes("call_category")},
        channels=codes("call_channel"),
    )


@page("/access-log", roles=FUND)
def show_log_files(desk: Desk) -> Response[Any]:
    """Log files taken over."""
    return _log_page(desk, Form())


@form_post("/access-log", roles=FUND, most_bytes=MOST_BYTES_OF_A_LOG)
def take_log(desk: Desk, form: Form) -> Response[Any]:
    """Take a log over; good rows are kept, bad ones named."""
    upload = form.uploads.get("file")
    if upload is None:
        form.wrong("file", "ファイルを選んでください。", "Choose a file.")
    first, last = form.day("covers_from"), form.day("covers_to")
    today = desk.office.clock.today()
    for name, day in (("covers_from", first), ("covers_to", last)):
        if day and day > today:
            form.wrong(name, "対象期間に今日より後の日は書けません。", "The period cannot lie after today.")
    if first and last and first > last:
        form.wrong("covers_to", "対象期間の終わりが始まりより前です。", "The period ends before it begins.")
    if form.errors or upload is None:
        return _log_page(desk, form, status=422)
    try:
        log = read_log(upload.name, upload.file.read())
        # Members belong to many insurers: written in the name of the program, for the operator named in it.
        with desk.office.work(Actor.system("access_log")) as work:
            imported = work.cases.log_imports.take_over(
                log, organisation_id=desk.actor.organisation_id or 0, by=desk.actor.login, covers=(first, last)
            )
    except REFUSALS as error:
        return _log_page(desk, form, status=refused(form, error))
    return desk.redirect(f"/access-log/{imported.file_id}", notice="saved")


@page("/access-log/{file_id:int}", roles=FUND)
def show_log_file(desk: Desk, file_id: int) -> Response[Any]:
    """What became of a file."""
    with desk.work() as work:
        found = work.cases.log.file(file_id)
    if found is None:
        return desk.redirect("/access-log")
    return desk.render("cases/log_file.html", found=found)


def _log_page(desk: Desk, form: Form, *, status: int = 200) -> Response[Any]:
    with desk.work() as work:
        files = work.cases.log.files()
    return desk.render("cases/log.html", status=status, form=form, files=files, columns=list(COLUMNS.items()))


HANDLERS = (show_calls, take_call, show_log_files, take_log, show_log_file)
