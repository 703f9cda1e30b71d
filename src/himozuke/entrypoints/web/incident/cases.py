"""The desk of cases: the queue, the page of a case, groups, opening one by hand."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from himozuke.entrypoints.web.areas import NavEntry, Task
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_view import (
    CARRIERS,
    REFUSALS,
    act_token,
    case_page,
    group_name,
    new_form,
    refused,
)
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import HimozukeError
from himozuke.incident import decide
from himozuke.incident.model import Finding
from himozuke.incident.store import CaseFilter
from himozuke.incident.words import codes, playbook
from himozuke.ports.actor import Role

ON_A_PAGE = 50
CAUSES = tuple(f"C{number}" for number in range(1, 11))
NAV = (NavEntry("/cases", Said("案件（誤紐付けの疑い）", "Cases"), CARRIERS),)


def tasks(work: OfficeWork) -> Sequence[Task]:
    """What waits at the incident desk today."""
    if work.actor.role not in CARRIERS:
        return ()
    found = work.cases.store.counts(today=work.clock.today(), me=work.actor.user_id)
    shown = [
        Task("/cases?due=overdue", Said("期限を過ぎた案件", "Overdue cases"), found["overdue"], is_urgent=True),
        Task("/cases?due=today", Said("今日が期限の案件", "Cases due today"), found["today"], is_urgent=True),
        Task("/cases?step=approve", Said("承認を待っている案件", "Cases that wait for approval"), found["approve"]),
        Task(
            "/cases?step=contradicted",
            Said("結論と違う本人の回答が届いた案件", "Answers against what was confirmed"),
            found["contradicted"],
            is_urgent=True,
        ),
        Task("/cases?assignee=nobody", Said("担当の決まっていない案件", "Cases nobody carries"), found["nobody"]),
        Task("/cases?assignee=me", Said("自分の案件", "My cases"), found["mine"]),
    ]
    if work.actor.role is Role.INSURER_SUPERVISOR:
        shown.insert(
            0, Task("/cases?due=escalated", Said("期限超過の報告", "Raised to you"), found["escalated"], is_urgent=True)
        )
    return [task for task in shown if task.count]


_ASKED = ("progress", "step", "cause", "origin", "assignee", "due", "q")


def _given(desk: Desk) -> dict[str, str]:
    """What the address asks for; open cases unless it says otherwise."""
    asked = desk.request.query_params
    return {name: str(asked.get(name, "open" if name == "progress" else "")) for name in _ASKED}


def _filter(given: dict[str, str]) -> CaseFilter:
    """The filter of an address; a word that is not on the list does not narrow it."""
    known = {
        "progress": codes("case_state"),
        "step": (*codes("case_step"), "approve", "contradicted"),
        "cause": CAUSES,
        "origin": codes("case_origin"),
        "due": codes("case_due"),
    }
    read = {name: given[name] if given[name] in words else "" for name, words in known.items()}
    assignee = given["assignee"]
    is_known = assignee in {"me", "nobody"} or (assignee.isdecimal() and len(assignee) < 18)  # noqa: PLR2004 -- an id
    return CaseFilter(
        state=read["progress"],
        step=read["step"],
        cause=read["cause"],
        origin=read["origin"],
        due=read["due"],
        assignee=assignee if is_known else "",
        words=given["q"].strip()[:50].replace("\0", ""),
    )


@page("/cases", roles=CARRIERS)
def show_queue(desk: Desk, page: int = 1) -> Response[Any]:
    """Cases, filtered, the nearest last day first."""
    given = _given(desk)
    chosen = _filter(given)
    number = min(max(1, page), 10_000)
    with desk.work() as work:
        today = work.clock.today()
        rows, total = work.cases.store.queue(
            chosen, today=today, me=work.actor.user_id, limit=ON_A_PAGE, offset=(number - 1) * ON_A_PAGE
        )
        colleagues = work.cases.store.colleagues()
        counts = work.cases.store.counts(today=today, me=work.actor.user_id)
    return desk.render(
        "cases/queue.html",
        form=Form.of(**given),
        rows=rows,
        total=total,
        counts=counts,
        today=today,
        page=number,
        pages=max(1, -(-total // ON_A_PAGE)),
        href="/cases?" + urlencode({name: value for name, value in given.items() if value}),
        colleagues=[(str(one.user_id), one.name) for one in colleagues],
        steps=codes("case_step"),
        origins=codes("case_origin"),
        dues=codes("case_due"),
        causes=CAUSES,
    )


@page("/cases/{case_id:int}", roles=CARRIERS)
def show_case(desk: Desk, case_id: int) -> Response[Any]:
    """One case: the next step, clocks, evidence, timeline."""
    return case_page(desk, case_id)


@form_post("/cases/{case_id:int}/assign", roles=CARRIERS)
def assign(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Give the case to somebody."""
    chosen = form.text("assignee", label=Said("担当", "who carries it"))
    if not chosen.isdecimal() or len(chosen) > 18:  # noqa: PLR2004 -- an id of the database
        form.wrong("assignee", "担当を選んでください。", "Choose who carries it.")
        return case_page(desk, case_id, form=form, status=422)
    with desk.work() as work:
        work.cases.cases.assign(case_id, user_id=int(chosen), token=act_token(form))
    return desk.redirect(f"/cases/{case_id}", notice="saved")


@form_post("/cases/{case_id:int}/note", roles=CARRIERS)
def note(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Write a remark into the timeline."""
    try:
        with desk.work() as work:
            work.cases.cases.act(case_id, lambda state: decide.note(state, form.value("note")), token=act_token(form))
    except REFUSALS as error:
        return case_page(desk, case_id, form=form, status=refused(form, error))
    return desk.redirect(f"/cases/{case_id}", notice="saved")


@form_post("/cases/{case_id:int}/compare", roles=CARRIERS)
def compare(desk: Desk, form: Form, case_id: int) -> Response[Any]:
    """Compare the link with the register as it is today."""
    try:
        with desk.work() as work:
            work.cases.correcting.compare(case_id, token=act_token(form))
    except REFUSALS as error:
        return case_page(desk, case_id, form=form, status=refused(form, error))
    return desk.redirect(f"/cases/{case_id}#comparison", notice="saved")


@page("/cases/groups", roles=CARRIERS)
def show_groups(desk: Desk) -> Response[Any]:
    """Cases of one cause and batch, counted."""
    with desk.work() as work:
        groups = work.cases.store.groups(today=work.clock.today())
    return desk.render("cases/groups.html", groups=groups, name_of=partial(group_name, desk))


@page("/cases/groups/{group_id:int}", roles=CARRIERS)
def show_group(desk: Desk, group_id: int) -> Response[Any]:
    """One group: its cases, and what can be done to many at once."""
    return _group_page(desk, group_id, Form())


@form_post("/cases/groups/{group_id:int}", roles=CARRIERS)
def act_on_group(desk: Desk, form: Form, group_id: int) -> Response[Any]:
    """Do one act to every chosen case; each one that is refused is named, the others are kept."""
    act = form.choice("act", {"assign", "papers", "letter"}, label=Said("操作", "what to do"))
    chosen = [int(one) for one in form.all("cases") if one.isdecimal() and len(one) < 18]  # noqa: PLR2004 -- an id
    if not chosen:
        form.wrong("cases", "案件を選んでください。", "Choose cases.")
    finding = form.choice("finding", codes("case_finding"))
    assignee = form.text("assignee")
    if act == "papers" and not finding:
        form.wrong("finding", "確認結果を選んでください。", "Choose what the papers show.")
    if act == "assign" and not assignee.isdecimal():
        form.wrong("assignee", "担当を選んでください。", "Choose who carries them.")
    if form.errors:
        return _group_page(desk, group_id, form)
    refusals: list[tuple[int, Said]] = []
    for case_id in chosen:
        try:
            # One transaction a case: a refusal of one must not take back the others.
            with desk.work() as work:
                _act_on_one(work, case_id, act, form)
        except HimozukeError as error:
            told = Form()
            refused(told, error)
            refusals.append((case_id, told.errors[""]))
    return _group_page(desk, group_id, Form(), done=len(chosen) - len(refusals), refusals=refusals)


def _act_on_one(work: OfficeWork, case_id: int, act: str, form: Form) -> None:
    token = act_token(form, act)
    if act == "assign":
        work.cases.cases.assign(case_id, user_id=int(form.text("assignee")), token=token)
    elif act == "papers":
        finding = Finding(form.value("finding"))
        work.cases.cases.act(
            case_id,
            lambda state: decide.check_papers(state, finding=finding, note_=form.value("note")),
            token=token,
        )
    else:
        work.cases.asking.print_inquiry(case_id, token=token)


def _group_page(
    desk: Desk, group_id: int, form: Form, *, done: int = 0, refusals: Sequence[tuple[int, Said]] = ()
) -> Response[Any]:
    with desk.work() as work:
        today = work.clock.today()
        group = work.cases.store.group(group_id, today=today)
        rows, total = work.cases.store.queue(
            CaseFilter(state="", group_id=group_id), today=today, me=None, limit=500, offset=0
        )
        colleagues = work.cases.store.colleagues()
    return desk.render(
        "cases/group.html",
        form=new_form(form),
        group=group,
        name_of=partial(group_name, desk),
        rows=rows,
        total=total,
        today=today,
        done=done,
        refusals=refusals,
        colleagues=[(str(one.user_id), one.name) for one in colleagues],
        findings=codes("case_finding"),
        playbook=playbook(group.cause, desk.language),
    )


HANDLERS = (show_queue, show_case, assign, note, compare, show_groups, show_group, act_on_group)
