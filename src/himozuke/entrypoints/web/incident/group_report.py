"""One report to the commission about all wrong links of a group: written, looked at once more, submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from litestar import Response

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_view import (
    CARRIERS,
    REFUSALS,
    SEEN,
    ShownClock,
    act_token,
    group_name,
    new_form,
    refused,
    shown_clock,
)
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.incident.group_reporting import GroupLeak, GroupReport, draft_for_group, duty_of_group, group_clocks
from himozuke.incident.report import Duty
from himozuke.incident.store import GroupRow
from himozuke.incident.words import codes

_COVERED = "covered"  # the cases the page was about
_MOST = 2000


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the page shows of a group's report."""

    group: GroupRow
    leak: GroupLeak
    duty: Duty | None
    clocks: Sequence[ShownClock]
    draft: Mapping[str, str]
    has_sender: bool


@page("/cases/groups/{group_id:int}/report", roles=CARRIERS)
def show_report(desk: Desk, group_id: int, kind: str = "") -> Response[Any]:
    """The report of a group, drafted from its cases; the prompt one first."""
    return _report_page(desk, group_id, kind, Form())


@form_post("/cases/groups/{group_id:int}/report", roles=CARRIERS)
def submit_report(desk: Desk, form: Form, group_id: int) -> Response[Any]:
    """Print the report, note it in every case it is about, after a second look."""
    kind = form.choice("kind", codes("report_kind"), label=Said("報告の区分", "which report"))
    contents = {name: form.text(f"content-{name}", most=_MOST) for name in codes("leak_content")}
    if form.errors:
        return _report_page(desk, group_id, kind, form, status=422)
    if not form.value("checked"):
        return _check_page(desk, group_id, kind, form, contents)
    given = GroupReport(kind, contents, _numbers(form.value(_COVERED)), _number(form.value(SEEN)))
    try:
        with desk.work() as work:
            work.cases.group_reporting.submit(group_id, given, token=act_token(form))
    except REFUSALS as error:
        status = refused(form, error)
        dropped = {SEEN, _COVERED, "checked"}  # shown again, it is about the group as it stands then
        kept = {name: values for name, values in form.values.items() if name not in dropped}
        return _report_page(desk, group_id, kind, Form(kept, form.uploads, form.errors), status=status)
    return desk.redirect(f"/cases/groups/{group_id}", notice="saved")


def _look(work: OfficeWork, group_id: int, kind: str) -> _Shown:
    today = work.clock.today()
    reporting, rules = work.cases.group_reporting, work.office.rules
    leak = reporting.leak(group_id, kind=kind if kind in codes("report_kind") else "prompt")
    if not kind and not leak.covered:
        leak = reporting.leak(group_id, kind="final")
    is_any = bool(leak.covered)
    return _Shown(
        group=work.cases.store.group(group_id, today=today),
        leak=leak,
        duty=duty_of_group(leak, rules) if is_any else None,
        clocks=[shown_clock(clock, today) for clock in group_clocks(leak, rules).values()] if is_any else [],
        draft=draft_for_group(leak) if is_any else {},
        has_sender=bool(leak.wrong) and work.cases.letters.sender(leak.wrong[0].organisation_id) is not None,
    )


def _report_page(desk: Desk, group_id: int, kind: str, form: Form, *, status: int = 200) -> Response[Any]:
    with desk.work() as work:
        shown = _look(work, group_id, kind)
    draft = dict(shown.draft)
    causes = sorted({case.state.cause for case in shown.leak.wrong if case.state.cause})
    if causes:
        draft["cause"] = "、".join(f"{word('causes', cause, 'ja')}（原因の分類 {cause}）" for cause in causes)
    numbers = ",".join(str(case_id) for case_id in shown.leak.case_ids)
    return desk.render(
        "cases/group_report.html",
        status=status,
        form=new_form(form, kind=shown.leak.kind, **{_COVERED: numbers, SEEN: shown.leak.last_event}),
        shown=shown,
        draft=draft,
        name_of=partial(group_name, desk),
        codes=codes,
    )


def _check_page(desk: Desk, group_id: int, kind: str, form: Form, contents: Mapping[str, str]) -> Response[Any]:
    with desk.work() as work:
        shown = _look(work, group_id, kind)
    rows = [
        (desk.say("報告の区分", "Report"), word("report_kind", kind, desk.language)),
        (desk.say("対象の案件", "Cases"), _cases(desk, form.value(_COVERED))),
        *((word("leak_content", name, desk.language), text) for name, text in contents.items()),
    ]
    back = f"/cases/groups/{group_id}/report?kind={kind}"
    return desk.render(
        "cases/group_report_check.html",
        shown=shown,
        rows=[(label, value, back) for label, value in rows],
        back=back,
        kept=[(name, value) for name, values in form.values.items() for value in values if name != "form_token"],
        name_of=partial(group_name, desk),
    )


def _cases(desk: Desk, covered: str) -> str:
    numbers = _numbers(covered) or ()
    return desk.say("{}件（{}）", "{} ({})").format(len(numbers), ", ".join(str(number) for number in numbers))


def _numbers(text: str) -> Sequence[int] | None:
    """The cases a form names; None for a form that names none."""
    found = [_number(part) for part in text.split(",")] if text else []
    return [number for number in found if number is not None] if found else None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None  # noqa: PLR2004 -- an id


HANDLERS = (show_report, submit_report)
