"""What auditors read: every act of every organisation, and nobody else does."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk

import himozuke
from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.said import Language
from himozuke.incident.model import EventKind


def act(office: SmallWorld, name: str, subject_id: int, *, role: str = "insurer_clerk", of: int | None = None) -> None:
    with office.work(role, of=of) as work:
        work.audit.record(name, subject="case", subject_id=subject_id, details={"why": "<理由>"})


def rows(page: str) -> int:
    return page.count('<tr><td class="narrow">')


def test_an_auditor_reads_the_acts_of_every_organisation(desk: Callable[..., Desk], office: SmallWorld) -> None:
    act(office, "incident.open", 1)
    act(office, "incident.open", 2, of=office.other_insurer)

    page = desk("auditor").get("/evidence?act=incident.").text

    assert rows(page) == 2
    assert "ひもづけ健康保険組合" in page
    assert "べつの健康保険組合" in page
    assert "&lt;理由&gt;" in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("act=incident.open", 2),
        ("act=incident.&subject=case:2", 1),
        ("act=incident.&since=R8.4.1&until=2026-04-01", 3),
        ("act=incident.&since=令和8年4月2日", 0),
        ("act=incident.&login=nobody", 0),
    ],
)
def test_records_are_found_by_act_subject_login_and_day(
    desk: Callable[..., Desk], office: SmallWorld, query: str, expected: int
) -> None:
    act(office, "incident.open", 1)
    act(office, "incident.open", 2)
    act(office, "incident.close", 3)

    page = desk("auditor").get(f"/evidence?{query}")

    assert (page.status_code, rows(page.text)) == (200, expected)


def test_a_day_that_is_none_is_told(desk: Callable[..., Desk]) -> None:
    page = desk("auditor").get("/evidence?since=あした")

    assert page.status_code == 422
    assert "日付として読めません" in page.text


def test_many_records_come_page_by_page_newest_first(desk: Callable[..., Desk], office: SmallWorld) -> None:
    for number in range(55):
        act(office, "incident.note", number)
    client = desk("auditor")

    first, second = (client.get(f"/evidence?act=incident.&number={number}").text for number in (1, 2))

    assert (rows(first), rows(second)) == (50, 5)
    assert "case:54" in first
    assert "古い記録" in first
    assert "古い記録" not in second
    assert client.get("/evidence?number=-5").status_code == 200


def test_nobody_but_auditors_reads_it(desk: Callable[..., Desk]) -> None:
    for role in ("insurer_supervisor", "headquarters", "administrator"):
        assert desk(role).get("/evidence").status_code == 403


def test_acts_and_what_is_said_of_them_stand_in_words_with_the_code_beside(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    with office.work("insurer_clerk") as work:
        work.audit.record(
            "registration.register", subject="link", subject_id=3, details={"case": None, "prepared": True}
        )
        work.audit.record("incident.confirmed", subject="case", subject_id=4, details={"result": "wrong"})
    with office.system_work("duplicate_check") as work:
        work.audit.record("registration.overlap", subject="link", subject_id=3, details={"reasons": ["moved"]})
    auditor = desk("auditor")

    page = auditor.get("/evidence").text

    for said in (
        "資格の登録",
        "案件：なし",
        "事前の届出：はい",
        "正誤を確定",
        "自動処理（資格の重複確認）",
        "資格の重複の検出",
    ):
        assert said in page, said
    assert "<small><code>registration.register</code></small>" in page
    assert "case=None" not in page
    auditor.get("/language/en?back=/")
    assert "qualification registered" in auditor.get("/evidence").text


def _acts_in_source() -> set[str]:
    """The acts the program writes down, as they stand in its calls of ``record``."""
    found = set()
    for path in Path(himozuke.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "record":
                found |= {str(first.value) for first in node.args[:1] if isinstance(first, ast.Constant)}
    return found


def test_every_act_the_program_writes_down_has_its_words() -> None:
    acts = _acts_in_source()

    assert len(acts) > 50
    for act_ in acts | {
        "keys.rotate",
        *(f"eligibility.{one}_institution" for one in ("register", "change", "suspend")),
    }:
        assert word("evidence_act", act_, "ja") != word("evidence_act", act_, "en")
    for kind in EventKind:
        assert word("case_event", kind, "ja")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_part_of_the_program_that_acts_by_itself_has_a_name(language: Language) -> None:
    sources = "".join(path.read_text("utf-8") for path in Path(himozuke.__file__).parent.rglob("*.py"))
    parts = set(re.findall(r'Actor\.system\("([a-z_]+)"\)|system:([a-z_]+)\'', sources))

    names = {next(filter(None, part)) for part in parts}
    assert len(names) > 15
    for name in names:
        assert word("program", name, language)
