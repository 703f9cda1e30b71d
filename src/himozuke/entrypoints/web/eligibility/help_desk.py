"""The help desk: the reason, what to answer, the next step; questions written down and counted (S56)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date
from typing import Any

from litestar import Response

from himozuke.eligibility.help_desk import CALLERS, CHANNELS, OUTCOMES, HelpCall, answers, categories
from himozuke.entrypoints.web.actors import actor_names
from himozuke.entrypoints.web.areas import NavEntry
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import InputRejectedError
from himozuke.identity.coded_number import is_institution_code
from himozuke.ports.actor import Role

ANSWERING = frozenset({Role.FUND_OPERATOR, Role.HEADQUARTERS, Role.INSURER_CLERK, Role.INSURER_SUPERVISOR})
ASKING = ANSWERING | {Role.INSTITUTION}
_ON_A_PAGE = 50
_MONTHS = 12
_MOST_MINUTES = 600


@page("/help-desk", roles=ASKING)
def show_help_desk(desk: Desk, category: str = "") -> Response[Any]:
    """What to answer to a question of a category today, and a form to write it down for those who answer."""
    chosen = category if category in categories() else ""
    return _page(desk, Form.of(category=chosen or None, caller="institution", channel="telephone"), chosen)


@form_post("/help-desk", roles=ANSWERING)
def take_help_call(desk: Desk, form: Form) -> Response[Any]:
    """Write a question down."""
    call = _call(form)
    if not form.errors:
        try:
            with desk.work() as work:
                work.eligibility.help_desk.take(call)
        except InputRejectedError as error:
            form.wrong("note", "個人番号のような12桁の数字は書けません。", str(error))
    if form.errors:
        return _page(desk, form, form.value("category") if form.value("category") in categories() else "")
    return desk.redirect("/help-desk", notice="saved")


@form_post("/help-desk/{help_call_id:int}/close", roles=ANSWERING)
def close_help_call(desk: Desk, help_call_id: int) -> Response[Any]:
    """Note that what was promised was done."""
    with desk.work() as work:
        work.eligibility.help_desk.close(help_call_id)
    return desk.redirect("/help-desk", notice="saved")


@page("/help-desk/months", roles=ANSWERING)
def show_months(desk: Desk) -> Response[Any]:
    """How many questions of each category came in, month by month."""
    counted = _counted(desk)
    months = sorted({month for month, *_ in counted}, reverse=True)
    by_place = {(month, category): (calls, minutes) for month, category, calls, minutes in counted}
    return desk.render("help/months.html", months=months, categories=categories(), counted=by_place)


@page("/help-desk/months/csv", roles=ANSWERING)
def download_months(desk: Desk) -> Response[Any]:
    """The same as a file: one row per month and category."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["月", "分類", "分類コード", "件数", "対応時間（分）"])
    for month, category, calls, minutes in _counted(desk):
        writer.writerow([month, word("help_category", category, "ja"), category, calls, minutes])
    return desk.download(out.getvalue().encode("utf-8-sig"), name="問合せ件数.csv", media_type="text/csv")


def _counted(desk: Desk) -> Sequence[tuple[str, str, int, int]]:
    with desk.work() as work:
        today = work.clock.today()
        back = today.year * 12 + today.month - _MONTHS
        return work.eligibility.help_calls.by_month(since=date(back // 12, back % 12 + 1, 1))


def _call(form: Form) -> HelpCall:
    code = form.digits("institution_code")
    if code and "institution_code" not in form.errors and not is_institution_code(code):
        form.wrong("institution_code", "10桁の医療機関等コードを入力してください。", "Enter a code of ten digits.")
    told = form.digits("minutes", label=Said("対応時間", "how long it took"))
    minutes = int(told) if told and "minutes" not in form.errors else 0
    if minutes > _MOST_MINUTES:
        form.wrong("minutes", f"{_MOST_MINUTES}分までで入力してください。", f"At most {_MOST_MINUTES} minutes.")
    outcome = form.choice("outcome", OUTCOMES, label=Said("結果", "the outcome"))
    day = form.day("follow_up_on")
    if outcome == "follow_up" and day is None:
        form.wrong("follow_up_on", "折り返す日を入力してください。", "Enter the day for calling back.")
    return HelpCall(
        category=form.choice("category", categories(), label=Said("分類", "the category")),
        caller=form.choice("caller", CALLERS, label=Said("相手", "who asked")),
        channel=form.choice("channel", CHANNELS, label=Said("方法", "how it came")),
        outcome=outcome,
        minutes=minutes,
        institution_code=code,
        note=form.text("note", most=2000),
        follow_up_on=day if outcome == "follow_up" else None,
    )


def _page(desk: Desk, form: Form, category: str) -> Response[Any]:
    may_answer = desk.role in ANSWERING
    with desk.work() as work:
        today = work.clock.today()
        calls = work.eligibility.help_calls.newest(limit=_ON_A_PAGE) if may_answer else ()
        waiting = work.eligibility.help_calls.waiting(until=today) if may_answer else ()
        people = actor_names(work, [one.taken_by for one in calls], desk.language)
    return desk.render(
        "help/desk.html",
        form=form,
        category=category,
        categories=categories(),
        answers=answers(category, today) if category else (),
        may_answer=may_answer,
        may_receive=desk.role is Role.INSTITUTION,
        calls=calls,
        people=people,
        waiting=waiting,
        callers=CALLERS,
        channels=CHANNELS,
        outcomes=OUTCOMES,
    )


HANDLERS = (show_help_desk, take_help_call, close_help_call, show_months, download_months)
NAV = (
    NavEntry("/help-desk", Said("問合せの答え方", "Help desk"), ASKING),
    NavEntry("/help-desk/months", Said("問合せの月別件数", "Questions by month"), ANSWERING),
)
