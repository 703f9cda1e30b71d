"""The payment fund's log is taken over once, whoever's members it speaks of; bad rows are named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from case_world import add_link, case_office
from database_fixture import JAPAN, SmallWorld, assert_audited_ever
from desk_fixture import Desk

from himozuke.errors import InputRejectedError
from himozuke.gateways.access_log_csv import read_log
from himozuke.incident.exposure import Interval
from himozuke.incident.log_import import Imported
from himozuke.ports.actor import Actor

HEAD = "記録番号,閲覧日時,保険者番号,記号,番号,枝番,医療機関コード,医療機関名,閲覧者,閲覧項目,同意\n"
GOOD = "A1,2026-01-20T10:30,06139999,12,101,00,1310000001,ひもづけ診療所,医師,資格情報|薬剤情報,1\n"
OTHER = "A2,2026/01/21 09:00,06279998,12,102,00,1310000001,ひもづけ診療所,受付,資格情報,1\n"
BAD = (
    "A3,昨日,06139999,12,101,00,1310000001,,医師,薬剤情報,1\n"
    "A4,2026-01-20T10:30,06139999,12,101,00,13100,,医師,薬剤情報,1\n"
    "A5,2026-01-20T10:30,06139999,12,101,00,1310000001,,医師,血液型,1\n"
    "A6,2026-01-20T10:30,06139999,12,999,00,1310000001,,医師,薬剤情報,1\n"
    ",2026-01-20T10:30,06139999,12,101,00,1310000001,,医師,薬剤情報,1\n"
    "A7,2026-01-20T10:30\n"
)


def take(office: SmallWorld, text: str, encoding: str = "utf-8") -> Imported:
    cases = case_office(office)
    operator = office.actor("fund_operator")
    with cases.program("access_log") as bench:
        return bench.imports.take_over(
            read_log("log.csv", text.encode(encoding)), organisation_id=office.review_body, by=operator.login
        )


@pytest.mark.seed("S76")
def test_good_rows_are_taken_and_each_bad_row_is_named(office: SmallWorld) -> None:
    link_id = add_link(office, body=1)
    add_link(office, body=2, of=office.other_insurer, insurer_number="06279998")

    found = take(office, HEAD + GOOD + OTHER + BAD)

    assert (found.rows_read, found.rows_taken, found.rows_refused) == (8, 2, 6)
    assert [(problem.line, problem.code) for problem in found.problems] == [
        (4, "at"), (5, "institution_code"), (6, "items"), (7, "no_link"), (8, "record_id"), (9, "fields"),
    ]  # fmt: skip
    with case_office(office).bench() as bench:
        january = Interval(datetime(2026, 1, 1, tzinfo=JAPAN), datetime(2026, 2, 1, tzinfo=JAPAN))
        [seen] = bench.log.viewings(link_id, january)
        covered = bench.log.covers(january)
    assert (seen.items, seen.viewer, seen.is_medical) == (["qualification", "medicines"], "医師", True)
    assert [(cover.since.date().isoformat(), cover.until.date().isoformat()) for cover in covered] == [
        ("2026-01-20", "2026-01-22")
    ]
    assert_audited_ever(office, "incident.import_log")


def test_a_record_read_twice_is_held_once(office: SmallWorld) -> None:
    add_link(office, body=1)

    first, again = take(office, HEAD + GOOD), take(office, HEAD + GOOD + GOOD.replace("A1", "A9"))

    assert (first.rows_taken, first.rows_held_already) == (1, 0)
    assert (again.rows_taken, again.rows_held_already) == (1, 1)


def test_a_log_in_cp932_is_read_too(office: SmallWorld) -> None:
    add_link(office, body=1)

    assert take(office, HEAD + GOOD, "cp932").rows_taken == 1


@pytest.mark.parametrize("content", [b"", b"\x81", "記録番号,閲覧日時\nA1,2026-01-01\n".encode()])
def test_a_file_that_is_no_log_is_refused_whole(content: bytes) -> None:
    with pytest.raises(InputRejectedError):
        read_log("log.csv", content)


def test_an_insurer_sees_viewings_of_its_own_members_only(office: SmallWorld) -> None:
    add_link(office, body=1)
    add_link(office, body=2, of=office.other_insurer, insurer_number="06279998")
    take(office, HEAD + GOOD + OTHER)

    for role, of, expected in (
        ("insurer_clerk", None, 1),
        ("insurer_clerk", office.other_insurer, 1),
        ("fund_operator", None, 0),
        ("headquarters", None, 0),
    ):
        with office.work(role, of=of) as work:
            row = work.connection.execute("SELECT count(*) AS count FROM access_log").fetchone()
        assert row == {"count": expected}, role
    with office.database.transaction(Actor.system("test")) as work:
        row = work.connection.execute("SELECT count(*) AS count FROM access_log").fetchone()
    assert row == {"count": 2}


def test_impossible_moments_and_records_with_other_content_are_named(office: SmallWorld) -> None:
    add_link(office, body=1)
    take(office, HEAD + GOOD)

    found = take(
        office,
        HEAD
        + GOOD  # 2: held already
        + GOOD.replace("T10:30", "T10:31")  # 3
        + GOOD.replace("1310000001", "1310000002")  # 4
        + GOOD.replace("|薬剤情報", "")  # 5
        + GOOD.replace("A1", "B1").replace("2026-01-20", "2099-01-01")  # 6
        + GOOD.replace("A1", "B2").replace("2026-01-20", "1800-01-01")  # 7
        + GOOD.replace("A1", "B3")  # 8: taken
        + GOOD.replace("A1", "B3").replace("2026-01-20", "2026-01-22"),  # 9
    )

    assert (found.rows_read, found.rows_taken, found.rows_held_already, found.rows_refused) == (8, 1, 1, 6)
    assert [(problem.line, problem.code) for problem in found.problems] == [
        (3, "other_content"), (4, "other_content"), (5, "other_content"), (6, "future"), (7, "before_service"),
        (9, "other_content"),
    ]  # fmt: skip
    with case_office(office).bench() as bench:
        ever = Interval(datetime(1700, 1, 1, tzinfo=JAPAN), datetime(2199, 1, 1, tzinfo=JAPAN))
        assert [cover.since.year for cover in bench.log.covers(ever)] == [2026, 2026]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("R8.3.30", "R8.3.1", "covers_to"),
        ("R8.3.30", "R8.4.2", "covers_to"),
        ("2099-01-01", "2099-01-02", "covers_from"),
        ("2026-02-01", "", ""),
    ],
)
def test_a_period_that_cannot_be_is_refused_and_nothing_is_taken(
    office: SmallWorld, desk: Callable[..., Desk], first: str, last: str, field: str
) -> None:
    add_link(office, body=1)
    page = desk("fund_operator").submit(
        "/access-log", {"covers_from": first, "covers_to": last}, files={"file": ("log.csv", (HEAD + GOOD).encode())}
    )

    assert page.status_code == 422
    assert (f"error-{field}" if field else "2026-02-01") in page.text
    with office.database.transaction(Actor.system("test")) as work:
        for table in ("access_log", "access_log_file"):
            assert work.connection.execute(f"SELECT 1 FROM {table}").fetchone() is None, table  # noqa: S608 -- two names
