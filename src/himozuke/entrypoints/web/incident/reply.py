"""The page behind the one-time address on a letter: no login, and nothing that does not stand on the letter."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.incident.case_view import refused
from himozuke.entrypoints.web.routes import PUBLIC, form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import UsageError
from himozuke.incident.model import Reply
from himozuke.incident.replying import AlreadyAnsweredError, OpenReply, TooManyTriesError
from himozuke.incident.words import codes
from himozuke.ports.actor import Actor
from himozuke.rules.kinds import ITEMS

_NOT_FOUND = 404
_GONE = 410


@page("/r/{token:str}", roles=PUBLIC)
def show_reply(desk: Desk, token: str) -> Response[Any]:
    """The question of the letter."""
    return _page(desk, token, Form())


@form_post("/r/{token:str}", roles=PUBLIC)
def send_reply(desk: Desk, form: Form, token: str) -> Response[Any]:
    """The answer, after a second look."""
    reply, wrong, note = read_answer(form)
    if form.errors or not form.value("checked"):
        return _page(desk, token, form, is_check=not form.errors)
    try:
        with desk.office.work(Actor.system("reply")) as work:
            is_taken = work.cases.replies.answer(
                token, came_from=_origin(desk.request), reply=Reply(reply), wrong_items=wrong, note=note
            )
    except TooManyTriesError:
        return desk.render("cases/reply_closed.html", status=429, is_flooded=True)
    except AlreadyAnsweredError:
        return _answered(desk)
    except UsageError as error:
        return _page(desk, token, form, status=refused(form, error))
    if not is_taken:
        return desk.render("cases/reply_closed.html", status=_NOT_FOUND, is_flooded=False)
    return desk.render("cases/reply_done.html")


def read_answer(form: Form) -> tuple[str, dict[str, str], str]:
    """The answer of a reply form: the choice, items with what is right, the note; errors stand in the form."""
    reply = form.choice("reply", codes("case_reply"), label=Said("回答", "answer"))
    chosen = [name for name in form.all("items") if name in ITEMS]
    wrong = {name: form.text(f"right-{name}", most=300) or "?" for name in chosen}
    note = form.text("note", most=1000)
    if reply == Reply.OWN_WITH_CHANGES and not wrong and not note:
        form.wrong("items", "誤りや変更のある項目を選んでください。", "Choose what is wrong or has changed.")
    return reply, wrong, note


def _page(desk: Desk, token: str, form: Form, *, is_check: bool = False, status: int = 200) -> Response[Any]:
    found: OpenReply | None = None
    try:
        with desk.office.work(Actor.system("reply")) as work:
            found = work.cases.replies.open(token, came_from=_origin(desk.request))
    except TooManyTriesError:
        return desk.render("cases/reply_closed.html", status=429, is_flooded=True)
    except AlreadyAnsweredError:
        return _answered(desk)
    if found is None:
        return desk.render("cases/reply_closed.html", status=_NOT_FOUND, is_flooded=False)
    return desk.render(
        "cases/reply.html", status=status, form=form, found=found, items=ITEMS, action=f"/r/{token}", is_check=is_check
    )


def _answered(desk: Desk) -> Response[Any]:
    return desk.render("cases/reply_closed.html", status=_GONE, is_flooded=False, is_answered=True)


def _origin(request: Request[Any, Any, Any]) -> str:
    return request.client.host if request.client else ""


HANDLERS = (show_reply, send_reply)
