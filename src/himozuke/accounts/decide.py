"""Who is let in: pure decisions about passwords, codes, failures and idle time."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import pyotp

from himozuke.accounts.model import KINDS_BY_ROLE, Session, SessionState
from himozuke.ports.actor import Role

SECONDS_OF_A_STEP = 30


@dataclass(frozen=True, slots=True)
class LoginPolicy:
    """How long and how often. Idle time: the guidelines for local authorities' systems ask 30 minutes at most."""

    idle: timedelta = timedelta(minutes=30)
    noted_every: timedelta = timedelta(seconds=30)  # a page a second need not write a row a second
    longest_session: timedelta = timedelta(hours=12)
    failures_before_lock: int = 5
    lock: timedelta = timedelta(minutes=15)
    failures_of_an_address: int = 50
    shortest_password: int = 12
    invitation: timedelta = timedelta(days=7)


POLICY = LoginPolicy()


def locked_until(failures: Sequence[datetime], now: datetime, policy: LoginPolicy = POLICY) -> datetime | None:
    """When a login may be tried again, None when it may be now.

    ``failures``: moments of failures since the last success, any order. The lock opens by itself after
    the last of the failures that closed it.
    """
    recent = sorted(moment for moment in failures if now - moment < policy.lock)
    if len(recent) < policy.failures_before_lock:
        return None
    return recent[-1] + policy.lock


def is_flooding(failures_of_the_address: int, policy: LoginPolicy = POLICY) -> bool:
    """Tell whether one address has failed so often, over all logins, that it must wait."""
    return failures_of_the_address >= policy.failures_of_an_address


def session_state(session: Session, now: datetime, policy: LoginPolicy = POLICY) -> SessionState:
    """Tell whether a session still holds at this moment."""
    if session.ended_at is not None:
        return SessionState.GONE
    if now - session.seen_at >= policy.idle or now - session.started_at >= policy.longest_session:
        return SessionState.IDLE
    return SessionState.LIVE


class CodeState(StrEnum):
    """What a code from the second factor is worth."""

    RIGHT = "right"
    REPLAYED = "replayed"
    WRONG = "wrong"


def read_code(secret: str, code: str, *, now: datetime, last_step: int) -> tuple[CodeState, int]:
    """Judge a one-time code of figures in any width; the step it belongs to comes back, to be remembered.

    The step before and after count too, because clocks differ. A code of a step that was used, or of
    an earlier one, is refused (RFC 6238 §5.2: a code is accepted once).
    """
    step = int(now.timestamp()) // SECONDS_OF_A_STEP
    one_time = pyotp.TOTP(secret, interval=SECONDS_OF_A_STEP)
    given = unicodedata.normalize("NFKC", "".join(code.split())).encode()
    for candidate in (step, step - 1, step + 1):
        if hmac.compare_digest(one_time.generate_otp(candidate).encode(), given):
            return (CodeState.RIGHT if candidate > last_step else CodeState.REPLAYED), candidate
    return CodeState.WRONG, last_step


class PasswordFault(StrEnum):
    """Why a password cannot be taken."""

    SHORT = "short"
    LIKE_LOGIN = "like_login"
    MONOTONE = "monotone"


def password_faults(password: str, login: str, policy: LoginPolicy = POLICY) -> list[PasswordFault]:
    """What is wrong with a new password. Length counts, not kinds of characters (NIST SP 800-63B)."""
    faults = []
    if len(password) < policy.shortest_password:
        faults.append(PasswordFault.SHORT)
    if login and login.casefold() in password.casefold():
        faults.append(PasswordFault.LIKE_LOGIN)
    if len(set(password)) < min(5, policy.shortest_password):
        faults.append(PasswordFault.MONOTONE)
    return faults


def may_hold(role: Role, organisation_kind: str) -> bool:
    """Tell whether somebody of such an organisation may have the role."""
    return organisation_kind in KINDS_BY_ROLE[role]
