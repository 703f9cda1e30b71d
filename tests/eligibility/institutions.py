"""Institutions, insured people and cards in the database of a test."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from database_fixture import SmallWorld
from factories import number
from psycopg.types.json import Jsonb

from himozuke.eligibility.service import EligibilityService
from himozuke.entrypoints.oqs.answering import Desk
from himozuke.identity.individual_number import IndividualNumber
from himozuke.identity.scheme_number import joined
from himozuke.rules.loader import load
from himozuke.stores.database import Work
from himozuke.stores.qualifications import PostgresEligibility

CODE = "1312345676"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody insured, as the test refers to them."""

    link_id: int
    period_id: int
    sealed: bytes


def desk(office: SmallWorld, work: Work) -> Desk:
    """The services of a transaction, with a PIN that is compared as it stands."""
    store = PostgresEligibility(work.connection, office.vault, work.clock)
    service = EligibilityService(
        store, work.audit, work.clock, rules=load(), check_pin=lambda kept, given: kept == given
    )
    return Desk(service, store, work.clock)


def add_institution(office: SmallWorld, code: str = CODE, kind: str = "clinic", **more: Any) -> int:
    """Register an institution whose folder bears its code."""
    with office.system_work() as work:
        row = work.connection.execute(
            "INSERT INTO organisation (code, kind, name) VALUES (%s, 'institution', %s) "
            "ON CONFLICT (code) DO UPDATE SET name = excluded.name RETURNING organisation_id",
            [code, f"ひもづけ診療所{code[-3:]}"],
        ).fetchone()
        assert row is not None
        columns = {"organisation_id": row["organisation_id"], "code": code, "kind": kind, "folder": code} | more
        names = ", ".join(columns)
        places = ", ".join(["%s"] * len(columns))
        work.connection.execute(f"INSERT INTO institution ({names}) VALUES ({places})".encode(), [*columns.values()])  # noqa: S608
    return int(row["organisation_id"])


def add_member(
    office: SmallWorld,
    body: int = 1,
    *,
    insurer: int | None = None,
    key: tuple[str, str, str, str] = ("06130488", "１２", "5678", "01"),
    began_on: date = date(2024, 4, 1),
    ended_on: date | None = None,
    certificate: dict[str, Any] | None = None,
    **link: Any,
) -> Member:
    """Insure somebody: a released, proven link, its period, and what stands on the certificate."""
    sealed = office.vault.seal(IndividualNumber(int(number(body))))
    insurer_number, symbol, own_number, branch = key
    columns = {
        "organisation_id": insurer or office.insurer,
        "scheme": "health_insurance",
        "insurer_number": insurer_number,
        "symbol": symbol,
        "number": own_number,
        "branch": branch,
        "scheme_number": joined(*key),
        "linkage_code": f"code-{body}",
        "individual_number_sealed": sealed,
        "kanji_name": "紐付　花子",
        "kana_name": "ヒモヅケ　ハナコ",
        "birth_date": "1989-03-31",
        "sex": "2",
        "address": "東京都千代田区霞が関一丁目2番3号",
        "registered_at": office.clock.now(),
        "valid_from": began_on,
        "valid_to": ended_on,
        "state": "released",
        "restriction": "NONE",
        "verdict": "PROVEN",
    } | link
    with office.system_work() as work:
        names = ", ".join(columns)
        places = ", ".join(["%s"] * len(columns))
        row = work.connection.execute(
            f"INSERT INTO link ({names}) VALUES ({places}) RETURNING link_id".encode(),  # noqa: S608
            [*columns.values()],
        ).fetchone()
        assert row is not None
        period = work.connection.execute(
            "INSERT INTO qualification_period (organisation_id, link_id, member_kind, began_on, ended_on) "
            "VALUES (%s, %s, 'insured', %s, %s) RETURNING period_id",
            [columns["organisation_id"], row["link_id"], began_on, ended_on],
        ).fetchone()
        assert period is not None
        if certificate is not None:
            told = {
                name: Jsonb(value) if isinstance(value, dict | list) else value for name, value in certificate.items()
            }
            told |= {"period_id": period["period_id"], "organisation_id": columns["organisation_id"]}
            names = ", ".join(told)
            places = ", ".join(["%s"] * len(told))
            work.connection.execute(
                f"INSERT INTO qualification_certificate ({names}) VALUES ({places})".encode(),  # noqa: S608
                [*told.values()],
            )
    return Member(row["link_id"], period["period_id"], sealed)


def add_card(office: SmallWorld, card_id: str, member: Member, **more: Any) -> None:
    """Issue a card with the PIN 1234 that holds until 2030."""
    columns = {
        "card_id": card_id,
        "individual_number_sealed": member.sealed,
        "pin_hash": "1234",
        "certificate_until": date(2030, 3, 31),
    } | more
    with office.system_work() as work:
        names = ", ".join(columns)
        places = ", ".join(["%s"] * len(columns))
        work.connection.execute(f"INSERT INTO card ({names}) VALUES ({places})".encode(), [*columns.values()])  # noqa: S608


def add_medicine(office: SmallWorld, member: Member, on: date, name: str = "アムロジピン錠５ｍｇ") -> None:
    """Put a dispensed medicine on record."""
    with office.system_work() as work:
        work.connection.execute(
            "INSERT INTO medical_entry (organisation_id, link_id, viewable, on_day, institution_name, content) "
            "SELECT organisation_id, link_id, 'medicines', %s, 'ひもづけ薬局', %s FROM link WHERE link_id = %s",
            [
                on,
                Jsonb([{"code": "612170709", "name": name, "amount": "1", "unit": "錠", "times": "28"}]),
                member.link_id,
            ],
        )


def add_death(office: SmallWorld, member: Member, died_on: date) -> None:
    """Keep that somebody died, as a load of the register does."""
    with office.system_work() as work:
        work.connection.execute(
            "INSERT INTO death (individual_number_sealed, died_on) VALUES (%s, %s)", [member.sealed, died_on]
        )


def set_link(office: SmallWorld, member: Member, **columns: Any) -> None:
    """Change a link as the incident desk would."""
    with office.system_work() as work:
        assignments = ", ".join(f"{name} = %s" for name in columns)
        work.connection.execute(
            f"UPDATE link SET {assignments} WHERE link_id = %s".encode(),  # noqa: S608
            [*columns.values(), member.link_id],
        )


def accesses(office: SmallWorld) -> list[tuple[int, str, list[str]]]:
    """What the access log holds: link, viewer, items."""
    with office.system_work() as work:
        rows = work.connection.execute("SELECT link_id, viewer, items FROM access_log ORDER BY access_id").fetchall()
    return [(row["link_id"], row["viewer"], row["items"]) for row in rows]
