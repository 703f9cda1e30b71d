"""Logging in, sessions, keys, invitations and the first start, over accounts in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pyotp
import pytest
from argon2 import PasswordHasher
from memory_accounts import KeptAudit, MemoryAccounts, OpenBox, StoppedClock

from himozuke.accounts.administration import AdministrationService, new_totp_secret
from himozuke.accounts.model import LoginAnswer, LoginResult, SessionState
from himozuke.accounts.service import Credentials, LoginService
from himozuke.accounts.setup import FirstAdministrator, SetupService
from himozuke.errors import ConflictError, InputRejectedError, NotAllowedError, NotFoundError
from himozuke.ports.actor import Role

PASSWORD = "山の上の小さな赤い家に住む"  # noqa: S105 -- synthetic
MINUTE = timedelta(minutes=1)
FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class Door:
    """An installation with one clerk who has enrolled."""

    store: MemoryAccounts = field(default_factory=MemoryAccounts)
    clock: StoppedClock = field(default_factory=StoppedClock)
    audit: KeptAudit = field(default_factory=KeptAudit)
    secret: str = field(default_factory=new_totp_secret)

    def __post_init__(self) -> None:
        box = OpenBox()
        self.logins = LoginService(self.store, box, self.clock, self.audit, hasher=FAST)
        self.administration = AdministrationService(self.store, box, self.clock, self.audit, hasher=FAST)
        self.setup = SetupService(self.administration)
        office = self.administration.add_organisation(code="06139999", kind="insurer", name="ひもづけ健保")
        self.clerk = self.administration.add_account(
            login="hanaoka", display_name="花岡", role=Role.INSURER_CLERK, organisation_id=office
        )
        assert self.administration.enrol(self.clerk, password=PASSWORD, totp_secret=self.secret, code=self.code())
        self.clock.pass_by(MINUTE)

    def code(self) -> str:
        return pyotp.TOTP(self.secret).at(self.clock.now())

    def log_in(self, password: str = PASSWORD, *, login: str = "hanaoka", totp: str | None = None) -> LoginAnswer:
        return self.logins.log_in(Credentials(login, password, totp or self.code(), "192.0.2.1"))


@pytest.fixture
def door() -> Door:
    return Door()


def test_password_and_code_together_let_somebody_in(door: Door) -> None:
    answer = door.log_in()

    assert answer.result is LoginResult.WELCOME
    assert answer.token
    resumed = door.logins.resume(answer.token).visitor
    assert resumed
    assert resumed.account.login == "hanaoka"
    assert door.audit.acts[-1] == "accounts.log_in"


def test_the_login_is_read_without_regard_to_case_and_the_code_may_hold_a_space(door: Door) -> None:
    code = door.code()

    assert door.log_in(login="HANAOKA", totp=f"{code[:3]} {code[3:]}").result is LoginResult.WELCOME


@pytest.mark.parametrize(("login", "password"), [("hanaoka", "wrong"), ("nobody", PASSWORD), ("", "")])
def test_what_was_wrong_is_told_to_nobody(door: Door, login: str, password: str) -> None:
    assert door.log_in(password, login=login).result is LoginResult.WRONG
    assert door.audit.acts[-1] == "accounts.refuse_login"


def test_a_wrong_code_is_not_enough(door: Door) -> None:
    assert door.log_in(totp="000000").result is LoginResult.WRONG


def test_a_code_that_was_used_is_refused_by_name(door: Door) -> None:
    door.log_in()

    assert door.log_in().result is LoginResult.REPLAYED

    door.clock.pass_by(timedelta(seconds=30))
    assert door.log_in().result is LoginResult.WELCOME


def test_five_failures_lock_the_login_also_for_the_right_password_until_a_told_time(door: Door) -> None:
    answers = [door.log_in("wrong") for _ in range(5)]

    assert [answer.result for answer in answers] == [LoginResult.WRONG] * 4 + [LoginResult.LOCKED]
    assert door.log_in().result is LoginResult.LOCKED
    assert door.log_in().locked_until == door.clock.now() + timedelta(minutes=15)

    door.clock.pass_by(MINUTE * 15)
    assert door.log_in().result is LoginResult.WELCOME


def test_a_success_forgets_the_failures_before_it(door: Door) -> None:
    for _ in range(4):
        door.log_in("wrong")
    assert door.log_in().result is LoginResult.WELCOME

    assert door.log_in("wrong").result is LoginResult.WRONG


def test_an_unknown_login_is_locked_like_a_known_one(door: Door) -> None:
    answers = [door.log_in(login="nobody") for _ in range(5)]

    assert answers[-1].result is LoginResult.LOCKED


def test_an_address_that_tries_many_logins_has_to_wait(door: Door) -> None:
    for number in range(50):
        door.log_in(login=f"user{number}")

    assert door.log_in().result is LoginResult.TOO_MANY


def test_somebody_whose_access_was_stopped_is_out_at_once(door: Door) -> None:
    token = door.log_in().token or ""
    door.administration.change_account(
        door.clerk, display_name="花岡", role=Role.INSURER_CLERK, is_active=False, by=None
    )

    assert door.logins.resume(token).state is SessionState.GONE
    door.clock.pass_by(MINUTE)
    assert door.log_in().result is LoginResult.WRONG


def test_an_idle_session_still_tells_whose_it_was(door: Door) -> None:
    token = door.log_in().token or ""
    door.clock.pass_by(MINUTE * 30)

    resumed = door.logins.resume(token)

    assert (resumed.state, resumed.visitor, resumed.login) == (SessionState.IDLE, None, "hanaoka")


def test_activity_keeps_a_session_and_watching_progress_does_not(door: Door) -> None:
    token = door.log_in().token or ""
    door.clock.pass_by(MINUTE * 20)
    door.logins.resume(token, is_activity=False)
    door.clock.pass_by(MINUTE * 10)
    assert door.logins.resume(token).state is SessionState.IDLE

    token = door.log_in().token or ""
    door.clock.pass_by(MINUTE * 20)
    door.logins.resume(token)
    door.clock.pass_by(MINUTE * 20)
    assert door.logins.resume(token).state is SessionState.LIVE


def test_who_logged_out_is_out_with_that_browser_only(door: Door) -> None:
    first = door.log_in()
    door.clock.pass_by(MINUTE)
    second = door.log_in()
    assert first.visitor
    door.logins.log_out(first.visitor)

    assert door.logins.resume(first.token or "").state is SessionState.GONE
    assert door.logins.resume(second.token or "").state is SessionState.LIVE


def test_a_key_acts_as_its_user_until_it_is_made_void(door: Door) -> None:
    key = door.administration.issue_key(door.clerk, name="健保システム")

    visitor = door.logins.recognise(key)
    assert visitor
    assert (visitor.role, visitor.session_id) == (Role.INSURER_CLERK, None)
    assert door.logins.recognise(key + "x") is None

    door.administration.revoke_key(1)
    assert door.logins.recognise(key) is None


def test_an_invitation_makes_the_old_password_void_and_is_used_once(door: Door) -> None:
    code = door.administration.invite(door.clerk)

    assert door.log_in().result is LoginResult.WRONG
    assert door.administration.invited(code).login == "hanaoka"

    door.clock.pass_by(MINUTE)
    door.administration.enrol(door.clerk, password=PASSWORD, totp_secret=door.secret, code=door.code())
    with pytest.raises(InputRejectedError):
        door.administration.invited(code)


def test_an_invitation_grows_old(door: Door) -> None:
    code = door.administration.invite(door.clerk)
    door.clock.pass_by(timedelta(days=7))

    with pytest.raises(InputRejectedError):
        door.administration.invited(code)


@pytest.mark.parametrize("code", ["", "zz", "00" * 40])
def test_an_invented_invitation_is_refused(door: Door, code: str) -> None:
    with pytest.raises(InputRejectedError):
        door.administration.invited(code)


def test_nobody_enrols_without_the_second_factor_at_hand(door: Door) -> None:
    assert not door.administration.enrol(door.clerk, password=PASSWORD, totp_secret=door.secret, code="000000")


def test_a_role_needs_an_organisation_of_its_kind(door: Door) -> None:
    with pytest.raises(ConflictError):
        door.administration.add_account(login="x", display_name="x", role=Role.MUNICIPALITY_CLERK, organisation_id=1)
    with pytest.raises(NotFoundError):
        door.administration.add_account(login="x", display_name="x", role=Role.INSURER_CLERK, organisation_id=99)


def test_nobody_takes_their_own_access_away(door: Door) -> None:
    with pytest.raises(NotAllowedError):
        door.administration.change_account(
            door.clerk, display_name="花岡", role=Role.INSURER_CLERK, is_active=False, by=door.clerk
        )


def test_a_user_or_key_that_is_not_there_is_not_found(door: Door) -> None:
    with pytest.raises(NotFoundError):
        door.administration.account(99)
    with pytest.raises(NotFoundError):
        door.administration.revoke_key(99)


def first(door: Door, code: str | None = None) -> FirstAdministrator:
    return FirstAdministrator("システム管理", "admin", "管理者", PASSWORD, door.secret, code or door.code())


def test_the_first_administrator_is_made_with_the_token_of_the_start_and_no_second_one(door: Door) -> None:
    token = door.setup.offer()
    assert token

    assert door.setup.set_up(token, first(door))
    assert door.setup.offer() is None
    with pytest.raises(NotAllowedError):
        door.setup.set_up(token, first(door))


def test_a_new_start_makes_the_token_before_it_void(door: Door) -> None:
    old, new = door.setup.offer(), door.setup.offer()

    assert not door.setup.holds(old or "")
    assert door.setup.holds(new or "")


def test_a_wrong_code_at_the_first_start_can_be_tried_again(door: Door) -> None:
    token = door.setup.offer() or ""

    assert not door.setup.set_up(token, first(door, "000000"))
    assert door.setup.set_up(token, first(door))
    assert door.administration.is_set_up()


def test_somebody_an_identity_provider_knows_must_be_a_user_here(door: Door) -> None:
    assert door.logins.let_in_by_login("hanaoka").result is LoginResult.WELCOME
    assert door.logins.let_in_by_login("nobody").result is LoginResult.WRONG
    assert door.logins.let_in_by_login("").result is LoginResult.WRONG
