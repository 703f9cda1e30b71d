"""What the system administrator does: organisations, users, invitations, keys for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from litestar import Response

from himozuke.accounts.decide import may_hold
from himozuke.accounts.model import ORGANISATION_KINDS, Account
from himozuke.entrypoints.web.areas import Area, NavEntry, Task
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.eligibility import institutions
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.routes import form_post, page
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import ConflictError, NotAllowedError
from himozuke.ports.actor import Role

_WHO = {Role.ADMINISTRATOR}
_LOGIN = Said("ログイン名", "login")
_NAME = Said("氏名", "name")
_ROLES = [role.value for role in Role if role is not Role.CITIZEN]  # citizens are enrolled at an insurer's counter


@page("/administration/users", roles=_WHO)
def users(desk: Desk) -> Response[Any]:
    """Every user with organisation, role and state."""
    with desk.work() as work:
        accounts = work.administration.accounts()
    return desk.render("administration/users.html", accounts=accounts, state_of=state_of)


@page("/administration/users/new", roles=_WHO)
def new_user(desk: Desk) -> Response[Any]:
    """The form for a new user."""
    return _new_user_page(desk, Form())


@form_post("/administration/users/new", roles=_WHO)
def add_user(desk: Desk, form: Form) -> Response[Any]:
    """Take up a user and show the invitation, this once."""
    login = form.text("login", label=_LOGIN, most=60)
    name = form.text("display_name", label=_NAME, most=60)
    role = form.choice("role", _ROLES, label=Said("役割", "role"))
    organisation = form.choice("organisation", _organisation_ids(desk), label=Said("組織", "organisation"))
    if not form.errors:
        try:
            with desk.work() as work:
                user_id = work.administration.add_account(
                    login=login, display_name=name, role=Role(role), organisation_id=int(organisation)
                )
                account, code = work.administration.account(user_id), work.administration.invite(user_id)
        except ConflictError:
            _explain_conflict(desk, form, role, organisation)
        else:
            return _invitation_page(desk, account, code)
    return _new_user_page(desk, form)


@page("/administration/users/{user_id:int}", roles=_WHO)
def show_user(desk: Desk, user_id: int) -> Response[Any]:
    """One user: change name and role, stop, invite again, issue a key."""
    account = _account(desk, user_id)
    form = Form.of(
        display_name=account.display_name, role=account.role.value, is_active="1" if account.is_active else "0"
    )
    return _user_page(desk, form, account)


@form_post("/administration/users/{user_id:int}", roles=_WHO)
def change_user(desk: Desk, form: Form, user_id: int) -> Response[Any]:
    """Change name, role or access."""
    account = _account(desk, user_id)
    name = form.text("display_name", label=_NAME, most=60)
    allowed = [account.role.value, *(role for role in _ROLES if may_hold(Role(role), account.organisation.kind))]
    role = form.choice("role", allowed, label=Said("役割", "role"))
    is_active = form.choice("is_active", ("0", "1"), label=Said("利用", "access"))
    if not form.errors:
        try:
            with desk.work() as work:
                work.administration.change_account(
                    user_id,
                    display_name=name,
                    role=Role(role),
                    is_active=is_active == "1",
                    by=desk.actor.user_id,
                )
        except NotAllowedError:
            form.wrong(
                "role",
                "ご自分の役割や利用は変更できません。ほかの管理者が変更します。",
                "You cannot change your own role or access; another administrator must.",
            )
    if form.errors:
        return _user_page(desk, form, account)
    return desk.redirect("/administration/users", notice="saved")


@form_post("/administration/users/{user_id:int}/invitation", roles=_WHO)
def invite(desk: Desk, user_id: int) -> Response[Any]:
    """Invite a user anew: a lost password or telephone. The old ones are void at once."""
    with desk.work() as work:
        account, code = work.administration.account(user_id), work.administration.invite(user_id)
    return _invitation_page(desk, account, code)


@page("/administration/keys", roles=_WHO)
def keys(desk: Desk) -> Response[Any]:
    """Keys with which programs act as users."""
    return _keys_page(desk, Form())


@form_post("/administration/keys", roles=_WHO)
def issue_key(desk: Desk, form: Form) -> Response[Any]:
    """Issue a key and show it, this once."""
    name = form.text("name", label=Said("用途", "purpose"), most=100)
    user = form.choice("user", [str(each.user_id) for each in _active(desk)], label=Said("利用者", "user"))
    if form.errors:
        return _keys_page(desk, form)
    with desk.work() as work:
        key = work.administration.issue_key(int(user), name=name)
    return _keys_page(desk, Form(), key)


@form_post("/administration/keys/{key_id:int}/revocation", roles=_WHO)
def revoke_key(desk: Desk, key_id: int) -> Response[Any]:
    """Make a key void at once."""
    with desk.work() as work:
        work.administration.revoke_key(key_id)
    return desk.redirect("/administration/keys", notice="discarded")


@page("/administration/organisations", roles=_WHO)
def organisations(desk: Desk) -> Response[Any]:
    """Every organisation, and a form for another."""
    return _organisations_page(desk, Form())


@form_post("/administration/organisations", roles=_WHO)
def add_organisation(desk: Desk, form: Form) -> Response[Any]:
    """Take up an organisation."""
    code = form.text("code", label=Said("コード", "code"), most=40)
    name = form.text("name", label=Said("名称", "name"), most=100)
    kind = form.choice("kind", ORGANISATION_KINDS, label=Said("種類", "kind"))
    if not form.errors:
        try:
            with desk.work() as work:
                work.administration.add_organisation(code=code, kind=kind, name=name)
        except ConflictError:
            form.wrong("code", "このコードは、ほかの組織が使っています。", "Another organisation has this code.")
    if form.errors:
        return _organisations_page(desk, form)
    return desk.redirect("/administration/organisations", notice="registered")


def state_of(account: Account) -> str:
    """The word for an account's state."""
    if not account.is_active:
        return "stopped"
    return "active" if account.is_enrolled or account.role is Role.CITIZEN else "invited"


def tasks(work: OfficeWork) -> Sequence[Task]:
    """Users who were invited and have not come yet."""
    if work.actor.role is not Role.ADMINISTRATOR:
        return ()
    waiting = sum(state_of(account) == "invited" for account in work.administration.accounts())
    return (
        Task("/administration/users", Said("招待中の利用者", "Users invited"), waiting),
        Task("/administration/organisations", Said("組織", "Organisations"), len(work.administration.organisations())),
    )


def _account(desk: Desk, user_id: int) -> Account:
    with desk.work() as work:
        return work.administration.account(user_id)


def _active(desk: Desk) -> Sequence[Account]:
    with desk.work() as work:
        return [each for each in work.administration.accounts() if each.is_active and each.role is not Role.CITIZEN]


def _organisation_ids(desk: Desk) -> list[str]:
    with desk.work() as work:
        return [str(each.organisation_id) for each in work.administration.organisations()]


def _explain_conflict(desk: Desk, form: Form, role: str, organisation: str) -> None:
    with desk.work() as work:
        kinds = {str(each.organisation_id): each.kind for each in work.administration.organisations()}
    if may_hold(Role(role), kinds[organisation]):
        form.wrong("login", "このログイン名は使われています。", "This login is taken.")
    else:
        form.wrong(
            "role",
            "この種類の組織の利用者は、この役割を持てません。",
            "Nobody of an organisation of this kind may have this role.",
        )


def _new_user_page(desk: Desk, form: Form) -> Response[Any]:
    with desk.work() as work:
        offices = work.administration.organisations()
    return desk.render("administration/new_user.html", form=form, roles=_ROLES, organisations=offices)


def _user_page(desk: Desk, form: Form, account: Account) -> Response[Any]:
    fitting = [role for role in _ROLES if may_hold(Role(role), account.organisation.kind)]
    return desk.render("administration/user.html", form=form, account=account, roles=fitting, state=state_of(account))


def _invitation_page(desk: Desk, account: Account, code: str) -> Response[Any]:
    days = desk.office.policy.invitation.days
    address = str(desk.request.base_url).rstrip("/") + f"/enrol?code={code}"
    return desk.render("administration/invitation.html", account=account, address=address, days=days)


def _keys_page(desk: Desk, form: Form, key: str = "") -> Response[Any]:
    with desk.work() as work:
        issued = work.administration.keys()
    return desk.render("administration/keys.html", form=form, keys=issued, key=key, accounts=_active(desk))


def _organisations_page(desk: Desk, form: Form) -> Response[Any]:
    with desk.work() as work:
        offices = work.administration.organisations()
    return desk.render("administration/organisations.html", form=form, organisations=offices, kinds=ORGANISATION_KINDS)


AREA = Area(
    name=Said("システム管理", "Administration"),
    handlers=(
        users,
        new_user,
        add_user,
        show_user,
        change_user,
        invite,
        keys,
        issue_key,
        revoke_key,
        organisations,
        add_organisation,
        *institutions.HANDLERS,
    ),
    nav=(
        NavEntry("/administration/users", Said("利用者", "Users"), _WHO),
        NavEntry("/administration/organisations", Said("組織", "Organisations"), _WHO),
        institutions.NAV,
        NavEntry("/administration/keys", Said("APIキー", "API keys"), _WHO),
    ),
    tasks=tasks,
)
