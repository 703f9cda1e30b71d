"""A link, its case and who works on it, for the tests of cases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from database_fixture import JAPAN, SmallWorld
from factories import number

from himozuke.identity.individual_number import IndividualNumber
from himozuke.incident.service import CaseService, CaseTools
from himozuke.ports.office import CaseOpening, Origin
from himozuke.rules.loader import load
from himozuke.stores.cases import PostgresCases
from himozuke.stores.database import Work
from himozuke.stores.links import PostgresLinkBook

RULES = load()
REGISTERED_AT = datetime(2025, 10, 1, 9, 0, tzinfo=JAPAN)
ITEMS = {
    "kanji_name": "山田　太郎",
    "kana_name": "ヤマダ　タロウ",
    "birth_date": "1975-04-02",
    "sex": "1",
    "address": "東京都千代田区霞が関一丁目2番3号",
}


def tools(work: Work) -> CaseTools:
    """What acts on cases need, of one transaction."""
    cases = PostgresCases(work.connection)
    return CaseTools(cases, PostgresLinkBook(work), work.audit, work.clock, work.actor, RULES)


def cases_of(work: Work) -> CaseService:
    """The service of cases in one transaction."""
    return CaseService(tools(work))


def add_link(office: SmallWorld, *, body: int = 1, of: int | None = None, **columns: object) -> int:
    """A link that has been visible since it was registered; its id."""
    values: dict[str, object] = {
        "organisation_id": of or office.insurer,
        "scheme": "health_insurance",
        "insurer_number": "06139999",
        "symbol": "12",
        "number": str(100 + body),
        "branch": "00",
        "scheme_number": f"06139999-12-{100 + body}-00",
        "linkage_code": f"L{body:06}",
        "individual_number_sealed": office.vault.seal(IndividualNumber(int(number(body)))),
        **ITEMS,
        "registered_at": REGISTERED_AT,
        "valid_from": date(2025, 10, 1),
        "state": "released",
        "restriction": "NONE",
        **columns,
    }
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    query = f"INSERT INTO link ({names}) VALUES ({places}) RETURNING link_id"  # noqa: S608 -- names of our own
    with office.system_work() as work:
        row = work.connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row["link_id"])


def opening(office: SmallWorld, link_id: int | None, **parts: Any) -> CaseOpening:
    """A doubt about a link, as an inspection raises it."""
    standard: Mapping[str, Any] = {
        "organisation_id": office.insurer,
        "link_id": link_id,
        "origin": Origin.INSPECTION,
        "restriction": "ALL",
        "verdict": "REFUTED",
        "reasons": ("rival_better",),
        "cause": "C4",
        "group_key": "2026-04",
        "summary": "総点検で検出",
    }
    return CaseOpening(**{**standard, **parts})
