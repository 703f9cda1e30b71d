"""Organisations and users of the demo: every body of the nation, and somebody for every role."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import pyotp
from argon2 import PasswordHasher

from himozuke.accounts.service import TOTP_PURPOSE
from himozuke.entrypoints.demo.world import DemoUser, DemoWorld
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.ports.actor import Role
from himozuke.ports.letters import Sender
from himozuke.simulators.demo.bodies import CITY, MINISTRIES, Body
from himozuke.simulators.population.columns import insurer_number

FIRST, SECOND = insurer_number(0), insurer_number(1)
HEADQUARTERS, EMPLOYER, FUND, AUDIT, SYSTEM = "HQ", "13-90-ゴウセイ", "FUND", "AUDIT", "SYSTEM"
OTHER_EMPLOYER = "13-91-ミホン"

# Writes organisation. One row per office; the parent by its code, empty for none.
_ORGANISATIONS = """
INSERT INTO organisation (code, kind, name, parent_id)
SELECT given.code, given.kind, given.name,
       (SELECT parent.organisation_id FROM organisation AS parent WHERE parent.code = given.parent)
FROM unnest(%(codes)s::text[], %(kinds)s::text[], %(names)s::text[], %(parents)s::text[])
     AS given (code, kind, name, parent)
"""


#: The demo's passwords are long and random, and stand in a file beside it: a cheap hash is enough.
HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)


@dataclass(frozen=True, slots=True)
class _Person:
    login: str
    name: str
    role: Role
    at: str


_CITIZENS = (
    _Person("citizen", "市民 一郎", Role.CITIZEN, FIRST),
    _Person("citizen2", "市民 二葉", Role.CITIZEN, FIRST),
)
_PEOPLE = (
    _Person("hq", "本部 花子", Role.HEADQUARTERS, HEADQUARTERS),
    _Person("ministry", "省庁 太郎", Role.MINISTRY_VIEWER, "MHLW"),
    _Person("clerk", "事務 一美", Role.INSURER_CLERK, FIRST),
    _Person("supervisor", "責任 健", Role.INSURER_SUPERVISOR, FIRST),
    _Person("clerk2", "事務 二葉", Role.INSURER_CLERK, SECOND),
    _Person("supervisor2", "責任 次郎", Role.INSURER_SUPERVISOR, SECOND),
    _Person("city", "窓口 緑", Role.MUNICIPALITY_CLERK, CITY),
    _Person("employer", "人事 明", Role.EMPLOYER, EMPLOYER),
    _Person("fund", "支払 光", Role.FUND_OPERATOR, FUND),
    _Person("auditor", "監査 誠", Role.AUDITOR, AUDIT),
    _Person("admin", "管理 守", Role.ADMINISTRATOR, SYSTEM),
)


def make_organisations(world: DemoWorld, bodies: tuple[Body, ...]) -> None:
    """Take up headquarters, ministries, all bodies, employers, the fund, the auditors."""
    offices = [(HEADQUARTERS, "headquarters", "紐付け総点検本部", "")]
    offices += [(one.code, "ministry", one.name, HEADQUARTERS) for one in MINISTRIES]
    offices += [
        (FUND, "review_body", "合成審査支払機関", ""),
        (AUDIT, "auditor_office", "監査室", ""),
        (SYSTEM, "system", "システム管理", ""),
        (EMPLOYER, "employer", "株式会社合成商店", ""),
        (OTHER_EMPLOYER, "employer", "株式会社見本工業", ""),
    ]
    under = [(one.code, one.kind, one.name, one.ministry) for one in bodies]
    with world.program("demo", world.days_ago(900)) as work:
        for group in (offices[:1], offices[1:], under):
            codes, kinds, names, parents = (list(column) for column in zip(*group, strict=True))
            work.connection.execute(
                _ORGANISATIONS, {"codes": codes, "kinds": kinds, "names": names, "parents": parents}
            )
        rows = work.connection.execute("SELECT code, organisation_id FROM organisation")
        world.organisations = {row["code"]: row["organisation_id"] for row in rows}
        for code, name in ((FIRST, "青空機械健康保険組合"), (SECOND, "若葉機械健康保険組合"), (CITY, "紐付市")):
            work.cases.letters.set_sender(world.organisations[code], _sender(name))
        work.audit.record(
            "demo.organisations", subject="organisation", subject_id="all", details={"bodies": len(under)}
        )


def make_users(world: DemoWorld) -> None:
    """Take up somebody for every role of an office, who has chosen a password and a second factor already."""
    with world.program("demo", world.days_ago(800)) as work:
        for one in _PEOPLE:
            add_user(world, work, login=one.login, name=one.name, role=one.role, at=one.at)
        work.audit.record("demo.users", subject="user", subject_id="all", details={"users": len(_PEOPLE)})


def make_citizens(world: DemoWorld, people: Sequence[tuple[str, bytes]]) -> None:
    """Take up citizens by their keys and sealed numbers, as if each had come in with his card."""
    with world.program("demo", world.days_ago(1)) as work:
        for one, (key, sealed) in zip(_CITIZENS, people, strict=False):
            work.citizens.enrol(key, sealed)
            add_user(world, work, login=one.login, name=one.name, role=one.role, at=one.at, person_key=key)
        work.audit.record("demo.citizens", subject="user", subject_id="all", details={"users": len(people)})


def add_user(
    world: DemoWorld,
    work: OfficeWork,
    *,
    login: str,
    name: str,
    role: Role,
    at: str,
    person_key: str | None = None,
) -> DemoUser:
    """Take up one user of an organisation (by its code), with password and second factor."""
    organisation_id = world.organisations[at]
    user_id = work.account_store.add_account(
        login=login, display_name=name, role=role, organisation_id=organisation_id, person_key=person_key
    )
    password, secret = secrets.token_urlsafe(12), pyotp.random_base32()
    sealed = world.office.vault.box.seal(secret.encode(), purpose=TOTP_PURPOSE)
    work.account_store.set_credentials(user_id, password_hash=HASHER.hash(password), totp_secret_sealed=sealed)
    user = DemoUser(user_id, role, organisation_id, at, login, password, secret, person_key)
    world.users[login] = user
    return user


def _sender(name: str) -> Sender:
    return Sender(
        office=name,
        department="適用課",
        postal_code="100-0000",
        address="東京都千代田区霞が関一丁目2番3号",
        telephone="03-0000-0000",
        hours="平日 9時から17時",
    )
