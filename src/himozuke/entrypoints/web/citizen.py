"""A citizen's own pages: his links, who looked, asking for a check, answering a letter (S76, S81)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from litestar import Response

from himozuke.citizen.model import OwnLink, Reason
from himozuke.entrypoints.web.areas import Area, NavEntry, Task
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_view import REFUSALS, refused
from himozuke.entrypoints.web.incident.reply import read_answer
from himozuke.entrypoints.web.rendering import TOKYO, day, word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import NotFoundError, UsageError
from himozuke.incident import decide as case_decide
from himozuke.incident.model import Reply
from himozuke.incident.replying import AlreadyAnsweredError, OpenReply, TooManyTriesError
from himozuke.ports.actor import Role
from himozuke.rules.kinds import ITEMS

CITIZENS = frozenset({Role.CITIZEN})
ON_A_PAGE = 50
_YEAR = timedelta(days=365)
_KNOWN_VIEWERS = ("doctor", "pharmacist", "reception", "reader", "outage", "home", "online")
_STANDING_TAG = {"proven": "good", "explained": "good", "answered": "good", "checked": "warn", "waiting": "note"}
_RESTRICTION_TAG = {"NONE": "good", "MEDICAL": "warn", "ALL": "bad"}
_OUTCOME_TAG = {"open": "note", "right": "good", "wrong": "warn"}


@page("/my/links", roles=CITIZENS)
def show_links(desk: Desk) -> Response[Any]:
    """Every link that holds the visitor's number, scheme by scheme."""
    with desk.work() as work:
        links, requests = work.own.links(), work.own.requests()
    standing = {one.link_id: one for one in reversed(requests) if one.outcome.value == "open"}
    return desk.render(
        "citizen/links.html",
        links=links,
        requests=requests,
        standing=standing,
        scheme_name=lambda code: _scheme_name(desk, code),
        standing_tag=_STANDING_TAG,
        restriction_tag=_RESTRICTION_TAG,
        outcome_tag=_OUTCOME_TAG,
        items=ITEMS,
        is_key_changing=len(desk.office.vault.ring.read().looked_up) > 1,
    )


@page("/my/viewings", roles=CITIZENS)
def show_viewings(desk: Desk, page: int = 1) -> Response[Any]:
    """Who looked at what stands behind the visitor's links, in a period; the last year unless asked."""
    asked = desk.request.query_params
    today = desk.office.clock.today()
    given = {name: str(asked.get(name, "")) for name in ("from", "to")}
    form = Form.of(**given)
    first, last = form.day("from"), form.day("to")
    first, last = first or (last or today) - _YEAR, last or today
    if first > last:
        form.wrong("to", "「まで」の日は「から」の日より後にしてください。", "The last day lies before the first.")
    number = min(max(1, page), 10_000)
    since, until = _moments(first, max(last, first))
    with desk.work() as work:
        viewings, total = work.own.viewings(since=since, until=until, limit=ON_A_PAGE, offset=(number - 1) * ON_A_PAGE)
        doubted = [one for one in work.own.links() if one.is_doubted]
    return desk.render(
        "citizen/viewings.html",
        form=form if form.errors else Form.of(**{"from": day(first, desk.language), "to": day(last, desk.language)}),
        viewings=viewings,
        total=total,
        first=first,
        last=last,
        page=number,
        pages=max(1, -(-total // ON_A_PAGE)),
        href="/my/viewings?" + urlencode({name: text for name, text in given.items() if text}),
        doubted=doubted,
        viewer_name=lambda viewer: word("own_viewer", viewer, desk.language) if viewer in _KNOWN_VIEWERS else viewer,
        consent_name=lambda one: _consent_name(desk, one.consent, is_outage=one.is_outage),
    )


@page("/my/links/{link_id:int}/check", roles=CITIZENS)
def show_check(desk: Desk, link_id: int) -> Response[Any]:
    """Ask for a check of a link; the standing receipt where it was asked already."""
    return _check_page(desk, link_id, Form())


@form_post("/my/links/{link_id:int}/check", roles=CITIZENS)
def ask_for_check(desk: Desk, form: Form, link_id: int) -> Response[Any]:
    """Open a case about the link after a second look."""
    reason = form.choice("reason", [str(one) for one in Reason], label=Said("理由", "why"))
    note = form.text("note", most=1000)
    try:
        case_decide.clean(note, "note")
    except UsageError as error:
        refused(form, error)
    if form.errors or not form.value("checked"):
        return _check_page(desk, link_id, form, is_check=not form.errors)
    with desk.work() as work:
        link = _own_link(work, link_id)
    summary = " ".join(part for part in (word("check_reason", reason, "ja"), note) if part)
    # A case belongs to the insurer: it is opened with the program's reach, in the citizen's name, and only
    # after the service has found the link under the citizen's own number once more.
    with desk.office.work(desk.actor.reaching(link.organisation_id)) as work:
        request_id = work.checking.ask(
            link_id, person_key=desk.actor.person_key or "", reason=Reason(reason), note=summary
        )
    return desk.redirect(f"/my/requests/{request_id}", notice="received")


@page("/my/requests/{request_id:int}", roles=CITIZENS)
def show_request(desk: Desk, request_id: int) -> Response[Any]:
    """The receipt of a request, and what became of it."""
    with desk.work() as work:
        found = next((one for one in work.own.requests() if one.request_id == request_id), None)
    if found is None:
        raise NotFoundError(f"There is no request {request_id} among yours.")
    return desk.render(
        "citizen/request.html",
        request=found,
        scheme_name=lambda code: _scheme_name(desk, code),
        outcome_tag=_OUTCOME_TAG,
    )


@page("/my/reply", roles=CITIZENS)
def show_letters(desk: Desk) -> Response[Any]:
    """Letters that wait for an answer; the code on the letter opens the form."""
    return _letters_page(desk, Form())


@form_post("/my/reply", roles=CITIZENS)
def answer_letter(desk: Desk, form: Form) -> Response[Any]:
    """Open the form of a letter by its code, or take its answer after a second look."""
    code = form.text("code", label=Said("照会番号", "the reply code"), most=40)
    if form.errors:
        return _letters_page(desk, form)
    with desk.work() as work:
        about = _Letters(code, [one.link_id for one in work.own.links()], f"citizen:{desk.actor.person_key}")
    try:
        with desk.office.work(desk.actor.reaching()) as work:
            found = work.cases.replies.open_by_code(about.code, about.links, came_from=about.came_from)
    except TooManyTriesError:
        return desk.render("cases/reply_closed.html", status=429, is_flooded=True)
    except AlreadyAnsweredError as error:
        refused(form, error)
        return _letters_page(desk, form)
    if found is None:
        form.wrong(
            "code",
            "この照会番号の文書が見つかりません。文書に書かれた番号を確かめてください。回答済み、又は期限切れのこともあります。",
            "No letter with this code waits for you. Look at the code again; it may be answered or past its time.",
        )
        return _letters_page(desk, form)
    if not form.value("begun"):
        return _reply_page(desk, Form.of(code=code, begun="1"), found)
    return _take_answer(desk, form, found, about)


@dataclass(frozen=True, slots=True)
class _Letters:
    """The code somebody typed, the links it may speak of, and whose tries are counted."""

    code: str
    links: Sequence[int]
    came_from: str


def _take_answer(desk: Desk, form: Form, found: OpenReply, about: _Letters) -> Response[Any]:
    reply, wrong, note = read_answer(form)
    if form.errors or not form.value("checked"):
        return _reply_page(desk, form, found, is_check=not form.errors)
    try:
        with desk.office.work(desk.actor.reaching()) as work:
            work.cases.replies.answer_by_code(
                about.code,
                about.links,
                came_from=about.came_from,
                reply=Reply(reply),
                wrong_items=wrong,
                note=note,
            )
    except REFUSALS as error:
        return _reply_page(desk, form, found, status=refused(form, error))
    return desk.render("cases/reply_done.html")


def _reply_page(
    desk: Desk,
    form: Form,
    found: OpenReply,
    *,
    is_check: bool = False,
    status: int = 200,
) -> Response[Any]:
    return desk.render(
        "cases/reply.html",
        status=status,
        form=form,
        found=found,
        items=ITEMS,
        action="/my/reply",
        is_check=is_check,
    )


def _letters_page(desk: Desk, form: Form) -> Response[Any]:
    with desk.work() as work:
        waiting = [one for one in work.own.links() if one.document_number]
    return desk.render(
        "citizen/letters.html", form=form, waiting=waiting, scheme_name=lambda code: _scheme_name(desk, code)
    )


def _check_page(desk: Desk, link_id: int, form: Form, *, is_check: bool = False) -> Response[Any]:
    with desk.work() as work:
        link = _own_link(work, link_id)
        requests = work.own.requests()
    standing = next((one for one in requests if one.link_id == link_id and one.outcome.value == "open"), None)
    if standing is not None:
        return desk.redirect(f"/my/requests/{standing.request_id}")
    return desk.render(
        "citizen/check.html",
        form=form,
        link=link,
        scheme_name=_scheme_name(desk, link.scheme),
        reasons=[(str(one), word("check_reason", one.value, desk.language)) for one in Reason],
        is_check=is_check,
    )


def _own_link(work: OfficeWork, link_id: int) -> OwnLink:
    found = next((one for one in work.own.links() if one.link_id == link_id), None)
    if found is None:
        raise NotFoundError(f"There is no link {link_id} among yours.")
    return found


def _moments(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day in Japan to the end of the last."""
    return (
        datetime.combine(first, time.min, TOKYO),
        datetime.combine(last, time.min, TOKYO) + timedelta(days=1),
    )


def _scheme_name(desk: Desk, code: str) -> str:
    return desk.scheme_names.get(code, code)


def _consent_name(desk: Desk, consent: str, *, is_outage: bool) -> str:
    """Whether the visitor had agreed, from what the log keeps of it."""
    if is_outage:
        return desk.say("障害時のため口頭", "orally, system failure")
    return desk.say("あり", "given") if consent else desk.say("不要（資格の確認のみ）", "not needed (status only)")


def tasks(work: OfficeWork) -> Sequence[Task]:
    """What waits for a citizen: letters, and links that are being checked."""
    if work.actor.role is not Role.CITIZEN:
        return ()
    links = work.own.links()
    letters = sum(1 for one in links if one.document_number)
    doubted = sum(1 for one in links if one.is_doubted)
    shown = [
        Task("/my/reply", Said("回答を待っている文書", "Letters that wait for your answer"), letters, is_urgent=True)
        if letters
        else None,
        Task(
            "/my/links",
            Said("自分の紐付け", "My links"),
            len(links),
            note=Said(f"確認中 {doubted}件", f"{doubted} being checked") if doubted else Said("", ""),
        ),
        Task("/my/viewings", Said("閲覧の記録", "Who looked")),
    ]
    return [one for one in shown if one is not None]


AREA = Area(
    name=Said("あなたの情報", "What is held about you"),
    handlers=(
        show_links,
        show_viewings,
        show_check,
        ask_for_check,
        show_request,
        show_letters,
        answer_letter,
    ),
    nav=(
        NavEntry("/my/links", Said("自分の紐付け", "My links"), CITIZENS),
        NavEntry("/my/viewings", Said("閲覧の記録", "Who looked"), CITIZENS),
        NavEntry("/my/reply", Said("文書への回答", "Answer a letter"), CITIZENS),
    ),
    tasks=tasks,
)
