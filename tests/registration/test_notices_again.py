"""Files answered for row by row, returned notices filed again, and notices found however they are written."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from factories import number, person, table
from register_world import load
from registration_filings import acquisition_row, shfd
from test_notices_desk import FORM, TARO, enrol, text_of

FAMILY = [
    person(1008, kanji_name="山田　花", kana_name="ヤマダ　ハナ", birth_date="1977-05-03", sex="2"),
    person(1015, kanji_name="山田　一郎", kana_name="ヤマダ　イチロウ", birth_date="2005-06-07"),
    person(1022, kanji_name="山田　次郎", kana_name="ヤマダ　ジロウ", birth_date="2007-06-07"),
    person(1039, kanji_name="山田　三郎", kana_name="ヤマダ　サブロウ", birth_date="2009-06-07"),
]
ADDRESS = "東京都千代田区霞が関一丁目２番３号"


@pytest.fixture(name="registered", autouse=True)
def _registered(office: SmallWorld) -> None:
    load(office, table([TARO, *FAMILY]), date(2026, 4, 1))


def dependents_row(*, spouse: bool = True, others: int = 3) -> bytes:
    """A row of the earlier form 2202700 for the insured person 17."""
    fields = [""] * 123
    fields[:4] = ["2202700", "21", "01", "ｹｲﾄ"]
    fields[7:10] = ["17", "ﾔﾏﾀﾞ ﾀﾛｳ", "山田　太郎"]
    fields[20] = "1"
    if spouse:
        fields[23:29] = ["ﾔﾏﾀﾞ ﾊﾅ", "山田　花", "5", "520503", "2", number(1008)]
        fields[38], fields[43:45] = ADDRESS, ["9", "080401"]
    names = [("ﾔﾏﾀﾞ ｲﾁﾛｳ", "山田　一郎", "170607", 1015), ("ﾔﾏﾀﾞ ｼﾞﾛｳ", "山田　次郎", "190607", 1022)]
    names += [("ﾔﾏﾀﾞ ｻﾌﾞﾛｳ", "山田　三郎", "210607", 1039)]
    for first, (kana, kanji, born, body) in list(zip((58, 80, 102), names, strict=True))[:others]:
        fields[first : first + 5] = [kana, kanji, "7", born, "1"]
        fields[first + 5], fields[first + 7] = "子", number(body)
        fields[first + 9], fields[first + 10] = "9", "080401"
    return ",".join(fields).encode("cp932")


def send(clerk: Desk, *rows: bytes) -> Any:
    return clerk.submit("/notice-files", files={"file": ("SHFD0006.CSV", shfd(*rows))})


def path_of(page: Any) -> str:
    return str(page.url).removeprefix("http://desk.test")


@pytest.mark.seed("S66")
def test_a_spouse_and_three_others_of_one_row_get_branches_of_their_own(
    office: SmallWorld, desk: Callable[..., Desk]
) -> None:
    page = send(desk("insurer_clerk"), acquisition_row(i32=ADDRESS), dependents_row())

    assert "2行すべてを受け付けました" in text_of(page)
    with office.work("insurer_clerk") as work:
        rows = work.connection.execute("SELECT kanji_name, branch FROM link ORDER BY link_id").fetchall()
    assert [(row["kanji_name"], row["branch"]) for row in rows[1:]] == [
        ("山田　花", "01"),
        ("山田　一郎", "02"),
        ("山田　次郎", "03"),
        ("山田　三郎", "04"),
    ]


@pytest.mark.seed("S66")
def test_a_row_in_which_no_dependent_stands_is_refused_with_its_reason(desk: Callable[..., Desk]) -> None:
    page = send(desk("insurer_clerk"), acquisition_row(i32=ADDRESS), dependents_row(spouse=False, others=0))

    said = text_of(page)
    assert "2行のうち1行を受け付け、1行に誤り" in said
    assert "届け出る人がいません" in said


def test_a_file_of_which_a_notice_went_back_later_says_so_with_line_and_reason(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")

    page = send(clerk, acquisition_row(i32=ADDRESS), acquisition_row(i6="17", i13=number(1015), i32=ADDRESS))

    said = text_of(page)
    assert "すべてを受け付けました" not in said
    assert "1件を返戻しました" in said
    assert "有効な資格が登録されています" in said
    problems = clerk.get(path_of(page) + "/problems.csv").content.decode("utf-8-sig").splitlines()
    assert problems[1].startswith("7,2,")  # the physical line and the data row


def test_a_returned_notice_that_is_filed_again_leaves_the_queue_and_both_know_each_other(
    office: SmallWorld, desk: Callable[..., Desk]
) -> None:
    enrol(office, desk)
    employer = desk("employer")
    texts = {name: text for name, text in FORM.items() if "establishment" not in name}
    old = path_of(employer.submit("/notices/new", texts | {"acquisition_kind": ""}))
    assert "返戻された届出" in employer.get("/").text
    form = employer.get(f"/notices/new?again={old.rsplit('/', 1)[1]}")
    again = re.search(r'name="again" value="(\d+)"', form.text)
    assert again is not None

    page = employer.submit("/notices/new", texts | {"again": again[1]})
    new = path_of(page)

    assert f'href="{old}"' in page.text
    before = employer.get(old).text
    assert f'href="{new}"' in before
    assert "直して出し直す" not in before
    assert "返戻された届出" not in employer.get("/").text
    assert "山田" not in re.sub(
        r"<form.*?</form>", "", employer.get("/notices?progress=returned").text, flags=re.DOTALL
    )
    twice = employer.submit("/notices/new", texts | {"again": again[1]})
    assert "すでに出し直された" in twice.text
    assert desk("employer", of=office.other_employer).submit(
        "/notices/new", texts | {"again": again[1]}
    ).status_code in (404, 422)


def test_a_notice_is_found_however_its_name_or_number_is_written(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    clerk.submit("/notices/new", FORM | {"symbol": "2101ｹｲﾄ", "number": "17"})

    def is_found(typed: str) -> bool:
        return 'href="/notices/1"' in clerk.get("/notices", params={"q": typed}).text

    names = ["山田太郎", "山田 太郎", "やまだ", "ﾔﾏﾀﾞ", "ヤマダタロウ"]
    numbers = ["2101ｹｲﾄ-17", "2101ケイト・17", "2101ｹｲﾄ 17", "１７"]
    assert [typed for typed in names + numbers if not is_found(typed)] == []
    assert [typed for typed in ("7", "%", "_", "山本") if is_found(typed)] == []


def test_variants_of_a_kanji_find_each_other(office: SmallWorld) -> None:
    query = "SELECT search_name('髙﨑　齋') AS old, search_name('高崎斎') AS new"

    with office.work("insurer_clerk") as work:
        row = work.connection.execute(query).fetchone()

    assert row is not None
    assert row["old"] == row["new"]


def test_a_notice_and_its_case_lead_to_each_other(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    page = clerk.submit("/notices/new", FORM | {"birth_date": "1962-11-23"})

    case = re.search(r'href="(/cases/\d+)"', page.text)

    assert case is not None
    assert f'href="{path_of(page)}"' in clerk.get(case[1]).text
