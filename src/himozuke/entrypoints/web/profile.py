"""The office's own page: who stands at the head of its letters, and how it takes in notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from litestar import Response

from himozuke.entrypoints.web.areas import NavEntry, Task
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.ports.actor import Role
from himozuke.ports.letters import Sender
from himozuke.registration.profile import IntakeProfile

READERS = frozenset({Role.INSURER_CLERK, Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK})
#: A municipality has clerks alone; an insurer's page is its supervisor's.
WRITERS = frozenset({Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK})
_SENDER = ("office", "department", "postal_code", "address", "telephone", "hours")
_CHOICES = ("asks_address", "confirms_items", "follows_table")


@page("/profile", roles=READERS)
def show_profile(desk: Desk) -> Response[Any]:
    """Who stands at the head of the office's letters, and how it takes in notices."""
    return _page(desk, None, None)


@form_post("/profile/sender", roles=WRITERS)
def change_sender(desk: Desk, form: Form) -> Response[Any]:
    """Change who stands at the head of letters printed from here on."""
    sender = Sender(
        office=form.text("office", label=Said("発信者", "office"), most=100),
        department=form.text("department", label=Said("担当課", "department"), most=100),
        postal_code=form.text("postal_code", most=10),
        address=form.text("address", label=Said("所在地", "address"), most=200),
        telephone=form.text("telephone", label=Said("電話", "telephone"), most=30),
        hours=form.text("hours", most=100),
    )
    if form.errors:
        return _page(desk, form, None)
    with desk.work() as work:
        organisation_id = desk.actor.organisation_id or 0
        before = work.cases.letters.sender(organisation_id)
        work.cases.letters.set_sender(organisation_id, sender)
        work.audit.record(
            "incident.set_sender",
            subject="organisation",
            subject_id=organisation_id,
            details={"before": asdict(before) if before else None, "after": asdict(sender)},
        )
    return desk.redirect("/profile", notice="saved")


@form_post("/profile/intake", roles={Role.INSURER_SUPERVISOR})
def change_intake(desk: Desk, form: Form) -> Response[Any]:
    """Change what is asked for in notices, and which restriction stands, from the next notice on."""
    chosen = set(form.all("intake"))
    profile = IntakeProfile(**{name: name in chosen for name in _CHOICES})
    with desk.work() as work:
        work.profiles.change(desk.actor.organisation_id or 0, profile)
    return desk.redirect("/profile", notice="saved")


def _page(desk: Desk, sender_form: Form | None, intake_form: Form | None) -> Response[Any]:
    organisation_id = desk.actor.organisation_id or 0
    is_insurer = desk.role is not Role.MUNICIPALITY_CLERK
    with desk.work() as work:
        sender = work.cases.letters.sender(organisation_id)
        profile = asdict(work.profiles.of(organisation_id))
    values = {name: getattr(sender, name) for name in _SENDER} if sender else {}
    form = sender_form or Form.of(**values)
    intake = intake_form or Form.of(intake=[name for name in _CHOICES if profile[name]])
    return desk.render(
        "profile.html",
        form=form,
        intake=intake,
        sender=sender,
        is_insurer=is_insurer,
        may_change=desk.role in WRITERS,
        may_choose=desk.role is Role.INSURER_SUPERVISOR,
    )


def tasks(work: OfficeWork) -> Sequence[Task]:
    """What is missing before a letter can be printed."""
    if work.actor.role not in WRITERS or work.cases.letters.sender(work.actor.organisation_id or 0) is not None:
        return ()
    name = Said("文書の発信者の登録", "Enter the sender of letters")
    return (
        Task(
            "/profile", name, is_urgent=True, note=Said("登録するまで文書を印刷できません", "nothing is printed before")
        ),
    )


NAV = (NavEntry("/profile", Said("団体の設定", "Our office"), READERS),)
HANDLERS = (show_profile, change_sender, change_intake)
