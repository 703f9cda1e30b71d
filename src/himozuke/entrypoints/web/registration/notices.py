"""The desk of notices: lists with clocks, one notice beside the register, and the answer for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import partial
from typing import Any

from litestar import Response

from himozuke.entrypoints.registering import register_received
from himozuke.entrypoints.web.actors import actor_names
from himozuke.entrypoints.web.areas import Task
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form, address_of
from himozuke.entrypoints.web.registration.record_shown import answer_record, as_seen, beside_register, course_of
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.web.shown_items import shown_day
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import NotFoundError, UpstreamDownError
from himozuke.ports.actor import Role
from himozuke.registration import words
from himozuke.registration.model import NoticeKind, NoticeState, Problem
from himozuke.rules.kinds import ITEMS
from himozuke.stores.notice_lists import NoticeFilter
from himozuke.stores.record_lists import Row

CLERKS = frozenset({Role.INSURER_CLERK, Role.INSURER_SUPERVISOR})
FILERS = CLERKS | {Role.EMPLOYER}
ON_A_PAGE = 50
OVERLAPS_ON_A_PAGE = 200
CLOCKS = ("overdue", "today", "late_filing")
LINK_STATES = ("held", "released", "stopped")
_MONTH = timedelta(days=31)
_MOST_FIGURES = 15


@page("/notices", roles=FILERS)
def list_notices(desk: Desk) -> Response[Any]:
    """Notices with both clocks, those due first on top."""
    is_clerk = desk.role in CLERKS
    asked = desk.request.query_params
    chosen = NoticeFilter(
        state=_known(asked.get("progress", ""), list(NoticeState)),
        kind=_known(asked.get("kind", ""), list(NoticeKind)),
        link_state=_known(asked.get("seen", ""), LINK_STATES) if is_clerk else "",
        clock=_known(asked.get("clock", ""), CLOCKS),
        text=searched(asked.get("q", "")),
        establishment_id=figure(asked.get("place", "")),
        file_id=figure(asked.get("file", "")),
    )
    given = {
        "progress": chosen.state,
        "kind": chosen.kind,
        "seen": chosen.link_state,
        "clock": chosen.clock,
        "q": chosen.text,
        "place": chosen.establishment_id,
        "file": chosen.file_id,
    }
    number = figure(asked.get("page", "")) or 1
    with desk.work() as work:
        notices, matching = work.notice_lists.notices(chosen, limit=ON_A_PAGE, offset=(number - 1) * ON_A_PAGE)
        places = work.notice_lists.establishments(employer_id=None if is_clerk else desk.actor.organisation_id)
        waiting, today = work.notice_lists.waiting(), work.clock.today()
    return desk.render(
        "registration/notices.html",
        form=Form.of(**given),
        notices=notices,
        matching=matching,
        page=number,
        pages=max(1, -(-matching // ON_A_PAGE)),
        places=places,
        waiting=waiting,
        today=today,
        is_clerk=is_clerk,
        href=address_of("/notices", given),
        return_reasons=return_reasons(desk, notices),
        kinds_of=_pairs(desk, "notice_kind", [one.value for one in NoticeKind]),
        states_of=_pairs(desk, "notice_state", [one.value for one in NoticeState]),
        seen_of=_pairs(desk, "link_state", LINK_STATES),
        clock=clock_of(desk, today),
    )


@page("/notices/{notice_id:int}", roles=FILERS)
def show_notice(desk: Desk, notice_id: int) -> Response[Any]:
    """One notice: what was filed, the clocks, and for the insurer the comparison with the register."""
    return _notice_page(desk, notice_id, Form())


@page("/notices/{notice_id:int}/slip", roles=FILERS)
def show_slip(desk: Desk, notice_id: int) -> Response[Any]:
    """The slip that goes back to the employer with a returned notice (返戻票)."""
    with desk.work() as work:
        notice = as_seen(work.notice_lists.notice(notice_id), desk.role)
        problems = work.notice_lists.problems(notice_id=notice_id)
        today = work.clock.today()
    if notice["state"] != "returned":
        raise NotFoundError(f"Notice {notice_id} was not returned; there is no slip.")
    return desk.render("registration/slip.html", filed=notice, told=told(desk, problems), today=today)


@form_post("/notices/compare", roles=CLERKS)
def compare_waiting(desk: Desk) -> Response[Any]:
    """Register the notices that wait, and compare what is held unseen."""
    with desk.work() as work:
        waiting, _ = work.notice_lists.notices(NoticeFilter(state="received"), limit=500)
    done = register_received(desk.office, desk.actor, [row["notice_id"] for row in waiting])
    is_silent = len(done) < len(waiting)
    try:
        with desk.work() as work:
            held = work.registration_store.uncompared(limit=500)
            is_silent |= len(work.answering.compare_held(limit=500)) < len(held)
    except UpstreamDownError:
        is_silent = True
    return desk.redirect("/notices", notice="register_silent" if is_silent else "registered")


@form_post("/notices/{notice_id:int}/compare", roles=CLERKS)
def compare_notice(desk: Desk, notice_id: int) -> Response[Any]:
    """Register one notice now, or compare its link with the register as it is today."""
    with desk.work() as work:
        notice = as_seen(work.notice_lists.notice(notice_id), desk.role)
    if notice["state"] == "received":
        if not register_received(desk.office, desk.actor, [notice_id]):
            return desk.redirect(f"/notices/{notice_id}", notice="register_silent")
    elif notice["link_id"] is not None:
        try:
            with desk.work() as work:
                work.answering.compare_again([notice["link_id"]])
        except UpstreamDownError:
            return _notice_page(desk, notice_id, register_silent())
    return desk.redirect(f"/notices/{notice_id}", notice="registered")


@form_post("/notices/{notice_id:int}/answer", roles=CLERKS)
def answer_notice(desk: Desk, notice_id: int, form: Form) -> Response[Any]:
    """Answer for one record: corrected (誤入力あり) or no doubt, with reason (理由付き疑いなし)."""
    with desk.work() as work:
        notice = as_seen(work.notice_lists.notice(notice_id), desk.role)
    if notice["link_id"] is None:
        form.wrong("answer", "登録されていない届出です。", "This notice was not registered.")
    else:
        answer_record(desk, notice, form)
    if form.errors:
        return _notice_page(desk, notice_id, form)
    return desk.redirect(f"/notices/{notice_id}", notice="saved")


@page("/lateness", roles=CLERKS)
def show_lateness(desk: Desk, since: str = "", until: str = "") -> Response[Any]:
    """How late notices came by place of work, and how late the insurer registered them."""
    form = Form.of(since=since or None, until=until or None)
    with desk.work() as work:
        today = work.clock.today()
        first, last = form.day("since") or today - _MONTH, form.day("until") or today
        employers = work.notice_lists.lateness(first, last)
        own = work.notice_lists.insurer_lateness(first, last)
    return desk.render(
        "registration/lateness.html", form=form, employers=employers, own=own, first=first, last=last, status=200
    )


@page("/overlaps", roles=CLERKS)
def show_overlaps(desk: Desk, page: int = 1) -> Response[Any]:
    """Own links beside which another insurer holds a valid qualification (資格重複)."""
    with desk.work() as work:
        count = work.notice_lists.count_overlaps()
        pages = max(1, -(-count // OVERLAPS_ON_A_PAGE))
        number = min(max(1, page), pages)
        found = work.notice_lists.overlaps(limit=OVERLAPS_ON_A_PAGE, offset=(number - 1) * OVERLAPS_ON_A_PAGE)
    return desk.render("registration/overlaps.html", overlaps=found, count=count, page=number, pages=pages)


def tasks(work: OfficeWork) -> Sequence[Task]:
    """What waits for a clerk or an employer today."""
    role = work.actor.role
    if role not in FILERS:
        return ()
    waiting = work.notice_lists.waiting()
    found = []
    if role in CLERKS:
        doubts = work.record_lists.waiting()
        overdue = waiting["overdue"]
        note = Said(f"期限超過 {overdue}件", f"{overdue} overdue") if overdue else Said("", "")
        found = [
            Task(
                "/notices?progress=received",
                Said("照合・登録を待つ届出", "Notices to be registered"),
                waiting["received"],
                is_urgent=bool(overdue or waiting["due_today"]),
                note=note,
            ),
            Task(
                "/records?seen=stopped",
                Said("閲覧停止中の記録への回答", "Stopped records to answer for"),
                doubts["stopped"],
                is_urgent=bool(doubts["stopped"]),
            ),
            Task("/records?seen=released", Said("補正する記録", "Records to correct"), doubts["to_correct"]),
            Task("/overlaps", Said("資格の重複", "Overlapping qualifications"), work.notice_lists.count_overlaps()),
        ]
    else:
        found = [
            Task(
                "/notices?progress=returned",
                Said("返戻された届出", "Returned notices"),
                waiting["returned"],
                is_urgent=bool(waiting["returned"]),
            ),
            Task("/notices?progress=prepared", Said("事前収集中の届出", "Collected ahead"), waiting["prepared"]),
        ]
    return [task for task in found if task.count]


def _notice_page(desk: Desk, notice_id: int, form: Form) -> Response[Any]:
    is_clerk = desk.role in CLERKS
    with desk.work() as work:
        notice = as_seen(work.notice_lists.notice(notice_id), desk.role)
        problems = work.notice_lists.problems(notice_id=notice_id)
        history = work.link_book.history(notice["link_id"]) if is_clerk and notice["link_id"] is not None else ()
        cases = work.notice_lists.cases(notice["link_id"]) if is_clerk and notice["link_id"] is not None else ()
        today = work.clock.today()
        sealed = notice["individual_number_sealed"]
        number = str(desk.office.vault.open(bytes(sealed))) if sealed is not None else ""
        people = actor_names(work, [notice["created_by"], *(one.by for one in history)], desk.language)
    if not form.values:
        form = Form({f"new_{item}": [notice[f"link_{item}"] or ""] for item in ITEMS}, errors=form.errors)
    return desk.render(
        "registration/notice.html",
        form=form,
        filed=notice,
        read_day=partial(shown_day, language=desk.language),
        number=number,
        cases=cases,
        told=told(desk, problems),
        people=people,
        course=course_of(desk, history, people),
        compared=beside_register(notice) if is_clerk else [],
        is_clerk=is_clerk,
        today=today,
        clock=clock_of(desk, today),
        items=[(item, words.item_name(item, desk.language)) for item in ITEMS],
        item_name=lambda name: words.item_name(name, desk.language),
    )


def _pairs(desk: Desk, kind: str, codes: Collection[str]) -> list[tuple[str, str]]:
    """Codes with their words, for a list to choose from."""
    return [(str(code), word(kind, str(code), desk.language)) for code in codes]


def _known(text: str, among: Collection[str]) -> str:
    return text if text in among else ""


def searched(text: str) -> str:
    """What a list is searched for, as its address says it."""
    return text.replace("\0", "").strip()[:100]


def figure(text: str) -> int | None:
    """A small whole number of an address; anything else is none."""
    is_figure = text.isascii() and text.isdecimal() and len(text) <= _MOST_FIGURES
    return int(text) or None if is_figure else None


def register_silent() -> Form:
    """A form that says that the register did not answer."""
    form = Form()
    form.wrong(
        "register", "台帳が応答しません。少し待ってもう一度お試しください。", "The register does not answer; try again."
    )
    return form


def told(desk: Desk, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Problems with their place, reason and remedy in words."""
    rows = []
    for problem in problems:
        said = words.tell(problem, desk.language)
        rows.append(
            {
                "line": problem.line,
                "row": problem.row,
                "item": words.item_name(problem.item, desk.language),
                "byte": problem.byte,
                "value": problem.value,
                "reason": said.reason,
                "remedy": said.remedy,
            }
        )
    return rows


def return_reasons(desk: Desk, notices: Sequence[Row]) -> dict[int, str]:
    """The first reason of each returned notice, in words."""
    return {
        row["notice_id"]: words.tell(
            Problem(row["return_codes"][0], row["return_item"] or "", "―", "―"), desk.language
        ).reason
        for row in notices
        if row["return_codes"]
    }


def clock_of(desk: Desk, today: date) -> Any:  # noqa: ANN401 - a function for templates
    """A function that says of a last day and a day of doing how the clock stands: words and colour."""

    def clock(due: date | None, done: date | None) -> tuple[str, str]:
        if due is None:
            return desk.say("期限なし", "no period"), "off"
        if done is not None:
            late = (done - due).days
            return (
                (desk.say(f"{late}日遅れ", f"{late} days late"), "bad")
                if late > 0
                else (desk.say("期限内", "in time"), "good")
            )
        left = (due - today).days
        if left < 0:
            return desk.say(f"{-left}日超過", f"{-left} days overdue"), "bad"
        return (
            (desk.say("本日まで", "due today"), "warn")
            if left == 0
            else (desk.say(f"あと{left}日", f"{left} days left"), "note")
        )

    return clock
