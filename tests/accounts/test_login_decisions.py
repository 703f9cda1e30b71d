"""Who is let in: passwords, codes, failures, idle time."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from memory_accounts import MORNING

from himozuke.accounts.decide import (
    POLICY,
    CodeState,
    PasswordFault,
    is_flooding,
    locked_until,
    may_hold,
    password_faults,
    read_code,
    session_state,
)
from himozuke.accounts.model import KINDS_BY_ROLE, Session, SessionState
from himozuke.ports.actor import Role

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- synthetic
MINUTE = timedelta(minutes=1)


def test_four_failures_do_not_lock_and_the_fifth_does_for_a_quarter_of_an_hour() -> None:
    failures = [MORNING - MINUTE * minutes for minutes in (4, 3, 2, 1)]

    assert locked_until(failures, MORNING) is None
    assert locked_until([*failures, MORNING], MORNING) == MORNING + timedelta(minutes=15)


def test_a_lock_opens_by_itself_and_old_failures_are_forgotten() -> None:
    failures = [MORNING] * 5

    assert locked_until(failures, MORNING + MINUTE * 14) is not None
    assert locked_until(failures, MORNING + MINUTE * 15) is None


def test_one_address_may_fail_only_so_often_over_all_logins() -> None:
    assert not is_flooding(POLICY.failures_of_an_address - 1)
    assert is_flooding(POLICY.failures_of_an_address)


@pytest.mark.parametrize(("idle", "state"), [(29, SessionState.LIVE), (30, SessionState.IDLE)])
def test_a_session_holds_for_thirty_minutes_without_activity(idle: int, state: SessionState) -> None:
    session = Session(1, 1, MORNING, MORNING)

    assert session_state(session, MORNING + MINUTE * idle) is state


def test_a_session_ends_after_twelve_hours_however_busy_it_is() -> None:
    now = MORNING + timedelta(hours=12)

    assert session_state(Session(1, 1, MORNING, now), now) is SessionState.IDLE


def test_a_session_that_was_ended_is_gone() -> None:
    assert session_state(Session(1, 1, MORNING, MORNING, ended_at=MORNING), MORNING) is SessionState.GONE


def test_a_code_is_taken_once_and_neither_is_an_older_one_after_it() -> None:
    now_step = int(MORNING.timestamp()) // 30
    totp = pyotp.TOTP(SECRET)

    assert read_code(SECRET, totp.at(MORNING), now=MORNING, last_step=0) == (CodeState.RIGHT, now_step)
    assert read_code(SECRET, totp.at(MORNING), now=MORNING, last_step=now_step)[0] is CodeState.REPLAYED
    assert (
        read_code(SECRET, totp.at(MORNING - timedelta(seconds=30)), now=MORNING, last_step=now_step)[0]
        is CodeState.REPLAYED
    )


@pytest.mark.parametrize(("steps", "state"), [(-2, "wrong"), (-1, "right"), (1, "right"), (2, "wrong")])
def test_clocks_may_differ_by_one_step(steps: int, state: str) -> None:
    code = pyotp.TOTP(SECRET).at(MORNING + timedelta(seconds=30 * steps))

    assert read_code(SECRET, code, now=MORNING, last_step=0)[0] == state


@pytest.mark.parametrize("code", ["", "12345", "abcdef", "花" * 6, "0" * 6])
def test_what_is_no_code_of_this_secret_is_wrong(code: str) -> None:
    assert read_code(SECRET, code, now=MORNING, last_step=0)[0] is CodeState.WRONG


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("みじかい", [PasswordFault.SHORT, PasswordFault.MONOTONE]),
        ("hanaokaの長いパスワード", [PasswordFault.LIKE_LOGIN]),
        ("aaaaaaaaaaaaaaaa", [PasswordFault.MONOTONE]),
        ("山の上の小さな赤い家", [PasswordFault.SHORT]),
        ("山の上の小さな赤い家に住む", []),
    ],
)
def test_length_counts_and_not_kinds_of_characters(password: str, faults: list[PasswordFault]) -> None:
    assert password_faults(password, "hanaoka") == faults


def test_figures_of_full_width_are_the_same_figures() -> None:
    wide = pyotp.TOTP(SECRET).at(MORNING).translate({ord(str(n)): chr(ord("０") + n) for n in range(10)})

    assert read_code(SECRET, wide, now=MORNING, last_step=0)[0] is CodeState.RIGHT


def test_every_role_has_a_home() -> None:
    assert set(KINDS_BY_ROLE) == set(Role)
    assert may_hold(Role.INSURER_CLERK, "insurer")
    assert not may_hold(Role.INSURER_CLERK, "employer")
    assert not may_hold(Role.ADMINISTRATOR, "insurer")
