"""The desk of records that wait: all of them in one list, one beside the register, answers singly and in bulk."""

from __future__ import annotations

from typing import Any

from litestar import Response

from himozuke.entrypoints.web.actors import actor_names
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form, address_of
from himozuke.entrypoints.web.registration.notices import CLERKS, ON_A_PAGE, figure, register_silent, searched
from himozuke.entrypoints.web.registration.record_shown import (
    REGISTER_CHANGED,
    answer_record,
    as_seen,
    beside_register,
    course_of,
)
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.errors import ConflictError, InputRejectedError, UpstreamDownError, UsageError
from himozuke.registration import words
from himozuke.rules.kinds import ITEMS
from himozuke.stores.record_lists import RecordFilter

_SEEN = ("stopped", "released")


@page("/records", roles=CLERKS)
def list_records(desk: Desk, seen: str = "", q: str = "", place: str = "", page: str = "") -> Response[Any]:
    """Every record that waits for an answer or a correction, whether it came by a notice or was inspected."""
    chosen = RecordFilter(
        state=seen if seen in _SEEN else "",
        text=searched(q),
        establishment_id=figure(place),
    )
    given = {"seen": chosen.state, "q": chosen.text, "place": chosen.establishment_id}
    number = figure(page) or 1
    with desk.work() as work:
        records, matching = work.record_lists.records(chosen, limit=ON_A_PAGE, offset=(number - 1) * ON_A_PAGE)
        places = work.notice_lists.establishments()
    return desk.render(
        "registration/records.html",
        form=Form.of(**given),
        records=records,
        matching=matching,
        page=number,
        pages=max(1, -(-matching // ON_A_PAGE)),
        places=places,
        href=address_of("/records", given),
        seen_of=[(state, word("record_waits", state, desk.language)) for state in _SEEN],
    )


@page("/records/{link_id:int}", roles=CLERKS)
def show_record(desk: Desk, link_id: int) -> Response[Any]:
    """One record beside the register: how it was judged, its course, and the form to answer for it."""
    return _record_page(desk, link_id, Form())


@form_post("/records/{link_id:int}/compare", roles=CLERKS)
def compare_record(desk: Desk, link_id: int) -> Response[Any]:
    """Compare a record with the register as it is today."""
    with desk.work() as work:
        work.record_lists.record(link_id)
    try:
        with desk.work() as work:
            work.answering.compare_again([link_id])
    except UpstreamDownError:
        return _record_page(desk, link_id, register_silent())
    return desk.redirect(f"/records/{link_id}", notice="saved")


@form_post("/records/{link_id:int}/answer", roles=CLERKS)
def answer_for_record(desk: Desk, link_id: int, form: Form) -> Response[Any]:
    """Answer for one record, as on the page of its notice."""
    with desk.work() as work:
        record = as_seen(work.record_lists.record(link_id), desk.role)
    answer_record(desk, record, form)
    if form.errors:
        return _record_page(desk, link_id, form)
    return desk.redirect(f"/records/{link_id}", notice="saved")


@form_post("/records/answer", roles=CLERKS)
def answer_many(desk: Desk, form: Form) -> Response[Any]:
    """Answer "no doubt, with reason" for every record that was ticked (一括)."""
    reason = form.text("reason", label=Said("理由", "Reason"), most=500)
    ids = [link_id for link_id in map(figure, form.all("link_id")) if link_id]
    if not ids:
        form.wrong("link_id", "記録を選んでください。", "Choose records.")
    changed = 0
    if not form.errors:
        try:
            with desk.work() as work:
                answered = work.answering.answer(ids, answer="no_doubt", reason=reason)
            changed = sum(not one.answer for one in answered)
            if changed:
                form.wrong("link_id", *REGISTER_CHANGED)
        except (ConflictError, UsageError):
            form.wrong(
                "link_id",
                "閲覧停止中でない記録が含まれています。何も変わっていません。",
                "One of them is not stopped for a doubt; nothing was changed.",
            )
        except InputRejectedError:
            form.wrong("reason", "12桁の数字は書けません（個人番号のおそれ）。", "Twelve digits may not stand here.")
        except UpstreamDownError:
            form.wrong(
                "reason", "台帳が応答しません。あとでもう一度。", "The register does not answer; try again later."
            )
    if form.errors:
        return desk.render("registration/bulk_refused.html", form=form, changed=changed, asked=len(ids))
    return desk.redirect("/records", notice="saved")


def _record_page(desk: Desk, link_id: int, form: Form) -> Response[Any]:
    with desk.work() as work:
        record = as_seen(work.record_lists.record(link_id), desk.role)
        history = work.link_book.history(link_id)
        people = actor_names(work, [one.by for one in history], desk.language)
        number = str(desk.office.vault.open(bytes(record["individual_number_sealed"])))
    if not form.values:
        form = Form({f"new_{item}": [record[f"link_{item}"] or ""] for item in ITEMS}, errors=form.errors)
    return desk.render(
        "registration/record.html",
        form=form,
        filed=record,
        number=number,
        course=course_of(desk, history, people),
        compared=beside_register(record),
        items=[(item, words.item_name(item, desk.language)) for item in ITEMS],
        item_name=lambda name: words.item_name(name, desk.language),
    )
