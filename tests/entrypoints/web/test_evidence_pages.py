"""What auditors read: every act of every organisation, and nobody else does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk


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
