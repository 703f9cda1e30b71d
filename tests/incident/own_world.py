"""A citizen, his links, and the record of somebody else that hangs on his number by mistake."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from case_world import add_link
from database_fixture import SmallWorld
from factories import number

from himozuke.identity.individual_number import IndividualNumber
from himozuke.stores.citizens import PostgresChecks

KEY = "person-of-the-test"
MINE = 31
#: The record of another person, as an insurer registered it under the citizen's number.
STRANGER = {
    "kanji_name": "佐々木　小次郎",
    "kana_name": "ササキ　コジロウ",
    "birth_date": "1961-07-08",
    "sex": "1",
    "address": "大阪府大阪市北区梅田三丁目1番1号",
    "symbol": "ヨソ77",
    "number": "987654",
    "branch": "03",
    "scheme_number": "06139999:ヨソ77:987654:03",
    "valid_from": "2019-11-23",
}
NOT_HIS = (
    "佐々木",
    "小次郎",
    "ササキ",
    "コジロウ",
    "1961",
    "昭和36年",
    "大阪",
    "ヨソ77",
    "987654",
    "2019-11-23",
    "令和元年11月23日",
)


def enrol(office: SmallWorld, key: str = KEY, body: int = MINE) -> None:
    """A citizen has come in with the card of a number."""
    with office.system_work() as work:
        PostgresChecks(work.connection, work.clock).enrol(key, office.vault.seal(IndividualNumber(int(number(body)))))


def own_link(office: SmallWorld, **columns: Any) -> int:
    """A link of the citizen that is known to be his."""
    proven = {
        "verdict": "PROVEN",
        "verified_at": office.clock.now(),
        "register_day": "2026-03-31",
        "states": ["equal", "folded", "equal", "equal", "variant"],
        "symbol": "アオ12",
        "number": "4567",
        "scheme_number": "06139999:アオ12:4567:00",
    }
    return add_link(office, body=MINE, **{**proven, **columns})


def strangers_link(office: SmallWorld, **columns: Any) -> int:
    """Somebody else's record under the citizen's number, stopped since it was found."""
    doubted = {"verdict": "REFUTED", "state": "stopped", "restriction": "ALL", "verified_at": office.clock.now()}
    return add_link(office, body=MINE, **{**STRANGER, **doubted, **columns})


def view(office: SmallWorld, link_id: int, at: str, **columns: Any) -> None:
    """Somebody looked at what stands behind a link."""
    values = {
        "at": datetime.fromisoformat(at),
        "link_id": link_id,
        "institution_code": "1312345676",
        "institution_name": "こだま薬局",
        "viewer": "pharmacist",
        "items": ["qualification", "medicines"],
        "consent": "card",
    } | columns
    query = """
    INSERT INTO access_log (at, link_id, organisation_id, institution_code, institution_name, viewer, items, consent)
    SELECT %(at)s, link_id, organisation_id, %(institution_code)s, %(institution_name)s, %(viewer)s, %(items)s,
           %(consent)s
    FROM link WHERE link_id = %(link_id)s
    """
    with office.system_work() as work:
        work.connection.execute(query, values)
