"""A citizen is enrolled at the counter: the clerk checks who it is, and hands over an address for one use."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response

from himozuke.accounts.model import Account
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.registration.notices import CLERKS
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import ConflictError
from himozuke.identity import birth_date
from himozuke.identity.calendar import whole_day
from himozuke.ports.actor import Actor, Role
from himozuke.stores.record_lists import Row

#: One of these with a photograph is enough, else two of the others (番号利用法16条、施行規則1条: 身元確認).
WITH_PHOTO = ("my_number_card", "driving_licence", "passport", "residence_card", "disability_handbook")
WITHOUT_PHOTO = ("eligibility_certificate", "pension_handbook", "resident_certificate", "public_notice")


@dataclass(frozen=True, slots=True)
class _Checked:
    """Whom a clerk had before the counter: the link found, and what the person showed."""

    link_id: int
    sealed: bytes
    documents: Sequence[str]
    login: str


@page("/citizens/new", roles=CLERKS)
def new_citizen(desk: Desk) -> Response[Any]:
    """The form for somebody who stands at the counter and wants to read the own record."""
    return _form_page(desk, Form())


@form_post("/citizens/new", roles=CLERKS)
def enrol_citizen(desk: Desk, form: Form) -> Response[Any]:
    """Note who checked what, take the citizen up, and show the address for one use, this once."""
    checked = _checked(desk, form)
    if checked is None:
        return _form_page(desk, form)
    try:
        with desk.office.work(Actor.system("citizen_enrolment")) as work:
            account, code = _take_up(desk, work, checked)
    except ConflictError:
        form.wrong(
            "login",
            "このログイン名は使われているか、この人の利用が停止されています。",
            "This login is taken, or this person's access was stopped.",
        )
        return _form_page(desk, form)
    address = str(desk.request.base_url).rstrip("/") + f"/enrol?code={code}"
    days = desk.office.policy.invitation.days
    return desk.render(
        "registration/citizen_invited.html",
        account=account,
        address=address,
        days=days,
        by_provider=account.login == checked.login,
    )


def _checked(desk: Desk, form: Form) -> _Checked | None:
    """The link of the person at the counter; None, with the reasons in the form, where it is not to be had."""
    symbol = form.text("symbol", most=40)
    number = form.text("number", label=Said("番号", "number"), most=40)
    branch = form.text("branch", most=4)
    born = form.day("birth_date", label=Said("生年月日", "date of birth"))
    login = form.text("login", most=60)
    shown = [one for one in form.all("documents") if one in (*WITH_PHOTO, *WITHOUT_PHOTO)]
    if not any(one in WITH_PHOTO for one in shown) and len(set(shown)) < len(("one", "another")):
        form.wrong(
            "documents",
            "顔写真付きの書類を1点、又はそれ以外の書類を2点確認してください。",
            "See one document with a photograph, or two others.",
        )
    if form.errors:
        return None
    with desk.work() as work:
        found = [
            row
            for row in work.record_lists.sure(symbol=symbol, number=number, today=work.clock.today())
            if whole_day(birth_date.parse(row["birth_date"])) == born and (not branch or row["branch"] == branch)
        ]
        if not _is_one_person(found):
            form.wrong(
                "number",
                "記号・番号・生年月日の合う、照合の済んだ有効な記録がありません。枝番も確かめてください。",
                "No valid record that was compared fits symbol, number and date of birth; look at the branch too.",
            )
            return None
        link = found[0]
        details = {"documents": shown}
        work.audit.record("citizen.check_identity", subject="link", subject_id=link["link_id"], details=details)
    return _Checked(link["link_id"], bytes(link["individual_number_sealed"]), shown, login)


def _is_one_person(found: Sequence[Row]) -> bool:
    return len({bytes(row["individual_number_sealed"]) for row in found}) == 1


def _take_up(desk: Desk, work: OfficeWork, checked: _Checked) -> tuple[Account, str]:
    """The citizen's account, made or found, and a fresh code; what the account had before is void at once."""
    office = desk.actor.organisation_id
    assert office is not None  # noqa: S101 - clerks belong to an office
    forms = desk.office.vault.look_up(desk.office.vault.open(checked.sealed))
    key = work.citizens.key_of(forms) or secrets.token_hex(16)
    work.citizens.enrol(key, checked.sealed)
    account = work.administration.account_of_person(key)
    if account is not None and not account.is_active:
        raise ConflictError(f"The access of user {account.user_id} was stopped; an administrator must open it again.")
    login = checked.login or f"c{secrets.randbelow(10**8):08}"
    user_id = (
        account.user_id
        if account
        else work.administration.add_account(
            login=login,
            display_name=f"本人（{login}）",  # the administrator sees accounts, and no name of an insured person
            role=Role.CITIZEN,
            organisation_id=office,
            person_key=key,
        )
    )
    code = work.administration.invite(user_id)
    details = {"link": checked.link_id, "checked_by": desk.actor.login, "documents": list(checked.documents)}
    work.audit.record("citizen.enrol", subject="user", subject_id=user_id, details=details)
    return work.administration.account(user_id), code


def _form_page(desk: Desk, form: Form) -> Response[Any]:
    return desk.render("registration/citizen_new.html", form=form, with_photo=WITH_PHOTO, without_photo=WITHOUT_PHOTO)
