"""The institutions that may ask: registered by the administrator, with rights, folder and keys."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from litestar import Response

from himozuke.accounts.model import Account
from himozuke.eligibility.registry import INSTITUTION_KINDS, EmptyQuestions, Registered, Rights
from himozuke.entrypoints.web.areas import NavEntry
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import TOKYO
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import ConflictError, InputRejectedError, NotFoundError
from himozuke.identity.coded_number import institution_code_closes, is_institution_code
from himozuke.ports.actor import Role

_WHO = frozenset({Role.ADMINISTRATOR})
_MOST_PER_MINUTE = 100_000
_MONTH = timedelta(days=30)
_USUAL_PER_MINUTE = "600"
_PATH = "/administration/institutions"


@page(_PATH, roles=_WHO)
def show_institutions(desk: Desk) -> Response[Any]:
    """Every institution, and a form for another."""
    return _list_page(desk, Form.of(requests_per_minute=_USUAL_PER_MINUTE))


@form_post(_PATH, roles=_WHO)
def register_institution(desk: Desk, form: Form) -> Response[Any]:
    """Register an institution; a check digit that does not close only warns, since some real codes do not."""
    code = form.digits("code", label=Said("医療機関等コード", "the code"))
    name = form.text("name", label=Said("名称", "the name"), most=100)
    if code and "code" not in form.errors and not is_institution_code(code):
        form.wrong("code", "10桁の医療機関等コードを入力してください。", "Enter a code of ten digits.")
    if not form.errors and not institution_code_closes(code) and not form.value("code_is_right"):
        form.wrong(
            "code_is_right",
            "コードの検証番号が合いません。書類と同じであれば、下の確認に印を付けて登録してください。",
            "The check digit does not close. If the code is as on the papers, confirm it below.",
        )
    rights = _rights(form, folder=form.text("folder", most=40) or code)
    if form.errors:
        return _list_page(desk, form)
    try:
        with desk.work() as work:
            organisation_id = work.administration.add_organisation(code=code, kind="institution", name=name)
            work.eligibility.registry.register(organisation_id, code, rights)
    except (ConflictError, InputRejectedError) as error:
        _refuse(form, error)
        return _list_page(desk, form)
    return desk.redirect(f"{_PATH}/{organisation_id}", notice="registered")


@page(_PATH + "/{organisation_id:int}", roles=_WHO)
def show_institution(desk: Desk, organisation_id: int) -> Response[Any]:
    """One institution: what it may do, its keys, and whether it may ask at all."""
    return _one_page(desk, organisation_id)


@form_post(_PATH + "/{organisation_id:int}", roles=_WHO)
def change_institution(desk: Desk, form: Form, organisation_id: int) -> Response[Any]:
    """Change what an institution may do."""
    rights = _rights(form, folder=form.text("folder", label=Said("フォルダ名", "the folder"), most=40))
    if form.errors:
        return _one_page(desk, organisation_id, form)
    try:
        with desk.work() as work:
            work.eligibility.registry.change(organisation_id, rights)
    except (ConflictError, InputRejectedError) as error:
        _refuse(form, error)
        return _one_page(desk, organisation_id, form)
    return desk.redirect(f"{_PATH}/{organisation_id}", notice="saved")


@form_post(_PATH + "/{organisation_id:int}/suspension", roles=_WHO)
def suspend_institution(desk: Desk, form: Form, organisation_id: int) -> Response[Any]:
    """Stop an institution from asking, or let it ask again."""
    act = form.choice("act", ("suspend", "resume"), label=Said("操作", "what to do"))
    if form.errors:
        return _one_page(desk, organisation_id, form)
    with desk.work() as work:
        work.eligibility.registry.suspend(organisation_id, is_suspended=act == "suspend")
    return desk.redirect(f"{_PATH}/{organisation_id}", notice="saved")


@form_post(_PATH + "/{organisation_id:int}/zip-password", roles=_WHO)
def set_zip_password(desk: Desk, form: Form, organisation_id: int) -> Response[Any]:
    """Set, change or remove the password of the institution's encrypted files; it is never shown again."""
    act = form.choice("password_act", ("set", "remove"), label=Said("操作", "what to do"))
    if not form.errors and act == "set" and form.value("zip_password") != form.value("zip_password_again"):
        form.wrong("zip_password_again", "2つの入力が一致しません。", "The two do not agree.")
    if form.errors:
        return _one_page(desk, organisation_id, form)
    try:
        with desk.work() as work:
            if act == "set":
                work.eligibility.registry.set_zip_password(organisation_id, form.value("zip_password"))
            else:
                work.eligibility.registry.remove_zip_password(organisation_id)
    except InputRejectedError:
        form.wrong(
            "zip_password",
            "半角の英数字と記号で、8文字から64文字までにしてください（空白は使えません）。",
            "Write 8 to 64 letters, figures and marks in half width, without spaces.",
        )
        return _one_page(desk, organisation_id, form)
    return desk.redirect(f"{_PATH}/{organisation_id}", notice="saved")


@form_post(_PATH + "/{organisation_id:int}/keys", roles=_WHO)
def issue_institution_key(desk: Desk, form: Form, organisation_id: int) -> Response[Any]:
    """Issue a key and show it, this once; only its digest is kept."""
    purpose = form.text("purpose", label=Said("用途", "the purpose"), most=100)
    if form.errors:
        return _one_page(desk, organisation_id, form)
    with desk.work() as work:
        institution = work.eligibility.registry.find(organisation_id)
        key = work.administration.issue_key(_program_of(work, institution), name=purpose)
    return _one_page(desk, organisation_id, key=key)


@form_post(_PATH + "/{organisation_id:int}/keys/{key_id:int}/revocation", roles=_WHO)
def revoke_institution_key(desk: Desk, organisation_id: int, key_id: int) -> Response[Any]:
    """Make a key of an institution void at once."""
    with desk.work() as work:
        if key_id not in {each.key_id for each in _keys(work, organisation_id)}:
            raise NotFoundError("The institution has no such key.")
        work.administration.revoke_key(key_id)
    return desk.redirect(f"{_PATH}/{organisation_id}", notice="discarded")


def _rights(form: Form, *, folder: str) -> Rights:
    if form.value("requests_per_minute").strip().startswith(("-", "－", "−", "ー")):
        form.wrong("requests_per_minute", "1から100,000までの数を入力してください。", "Enter 1 to 100,000.")
    limit = form.digits("requests_per_minute", label=Said("1分あたりの照会数", "questions a minute"))
    most = int(limit) if limit and "requests_per_minute" not in form.errors else 0
    if not 0 < most <= _MOST_PER_MINUTE:
        form.wrong("requests_per_minute", "1から100,000までの数を入力してください。", "Enter 1 to 100,000.")
    return Rights(
        kind=form.choice("kind", INSTITUTION_KINDS, label=Said("種類", "the kind")),
        treats_at_home=bool(form.value("treats_at_home")),
        treats_online=bool(form.value("treats_online")),
        telephone=unicodedata.normalize("NFKC", form.text("telephone", most=30)),
        folder=folder,
        requests_per_minute=most,
    )


def _refuse(form: Form, error: Exception) -> None:
    if isinstance(error, ConflictError):
        form.wrong("code", "このコードかフォルダは、ほかの組織が使っています。", "The code or the folder is taken.")
    else:
        form.wrong("folder", "フォルダ名は英数字と - _ だけで40字までです。", "Letters, figures, - and _ only.")


def _program_of(work: OfficeWork, institution: Registered) -> int:
    """The account in whose name the institution's programs ask: it cannot log in; made with the first key."""
    login = f"program-{institution.code}"
    for each in _accounts(work, institution.organisation_id):
        if each.login == login:
            return each.user_id
    return work.administration.add_account(
        login=login,
        display_name=f"{institution.name} プログラム",
        role=Role.INSTITUTION,
        organisation_id=institution.organisation_id,
    )


def _accounts(work: OfficeWork, organisation_id: int) -> list[Account]:
    return [each for each in work.administration.accounts() if each.organisation.organisation_id == organisation_id]


def _keys(work: OfficeWork, organisation_id: int) -> list[Any]:
    users = {each.user_id for each in _accounts(work, organisation_id)}
    return [each for each in work.administration.keys() if each.user_id in users]


def _empty_questions(desk: Desk) -> Mapping[str, Mapping[str, EmptyQuestions]]:
    """How often institutions asked and were shown nothing, today and in thirty days: figures alone, of all of them."""
    today = datetime.combine(desk.office.clock.today(), time.min, TOKYO)
    with desk.office.work(desk.actor.reaching()) as work:
        registry = work.eligibility.registry
        return {
            "today": registry.empty_questions(since=today),
            "month": registry.empty_questions(since=today - _MONTH),
        }


def _list_page(desk: Desk, form: Form) -> Response[Any]:
    with desk.work() as work:
        institutions = work.eligibility.registry.all()
    return desk.render(
        "administration/institutions.html",
        form=form,
        institutions=institutions,
        kinds=INSTITUTION_KINDS,
        empty=_empty_questions(desk),
    )


def _one_page(desk: Desk, organisation_id: int, form: Form | None = None, *, key: str = "") -> Response[Any]:
    with desk.work() as work:
        found = work.eligibility.registry.find(organisation_id)
        issued, accounts = _keys(work, organisation_id), _accounts(work, organisation_id)
    rights = found.rights
    shown = Form.of(
        kind=rights.kind,
        treats_at_home="1" if rights.treats_at_home else None,
        treats_online="1" if rights.treats_online else None,
        telephone=rights.telephone,
        folder=rights.folder,
        requests_per_minute=rights.requests_per_minute,
    )
    return desk.render(
        "administration/institution.html",
        form=form or shown,
        found=found,
        kinds=INSTITUTION_KINDS,
        keys=issued,
        accounts=accounts,
        key=key,
        empty=_empty_questions(desk),
    )


HANDLERS = (
    show_institutions,
    register_institution,
    show_institution,
    change_institution,
    suspend_institution,
    set_zip_password,
    issue_institution_key,
    revoke_institution_key,
)
NAV = NavEntry(_PATH, Said("医療機関等", "Institutions"), _WHO)
