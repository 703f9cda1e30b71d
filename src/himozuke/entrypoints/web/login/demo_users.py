"""The users of a demo, offered on the login page: only where the data folder says that it is a demo."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pyotp

from himozuke.accounts.decide import SECONDS_OF_A_STEP
from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor

DEMO_FILE = "demo.json"


@dataclass(frozen=True, slots=True)
class DemoUser:
    """One user of the demo; ``code`` is a one-time code that still holds."""

    role: str
    organisation: str
    login: str
    password: str
    code: str


def demo_users(office: Office) -> Sequence[DemoUser]:
    """The users ``demo.json`` names, each with a code that was not used yet; none without such a file."""
    try:
        content = json.loads((office.settings.data.expanduser() / DEMO_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return ()
    steps = _used_steps(office)
    return [
        DemoUser(
            user["role"],
            user["organisation"],
            user["login"],
            user["password"],
            _code(office, user["totp_secret"], steps.get(user["login"], 0)),
        )
        for user in content["users"]
    ]


def _used_steps(office: Office) -> dict[str, int]:
    with office.work(Actor.system("demo")) as work:
        return {account.login: account.totp_step for account in work.account_store.accounts()}


def _code(office: Office, secret: str, used: int) -> str:
    step = int(office.clock.now().timestamp()) // SECONDS_OF_A_STEP
    return pyotp.TOTP(secret).generate_otp(max(step, used + 1))
