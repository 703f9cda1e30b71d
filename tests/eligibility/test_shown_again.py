"""What was answered at the counter is looked at again whenever it is shown, and each showing is written down."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from institutions import Member, accesses, add_card, add_institution, add_medicine, add_member, set_link

NUMBER = {"insurer_number": "06130488", "symbol": "12", "number": "5678", "branch": "01", "birth_date": "1989-03-31"}
OWN = {
    "kanji_name": "紐付　華子",
    "kana_name": "ヒモヅケ ハナコ",
    "birth_date": "1989-03-31",
    "sex": "2",
    "address": "千葉県千葉市中央区中央１－２－３",
    "visit_kind": "again",
}
STOPPED = {"state": "stopped", "restriction": "ALL", "verdict": "REFUTED"}
SHOWING = ["qualification"]


@pytest.fixture
def clinic(office: SmallWorld, desk: Callable[..., Desk]) -> Desk:
    add_institution(office)
    return desk("institution")


def path_of(answer: Any) -> str:
    match = re.search(r"/reception/visits/\d+", str(answer.url))
    assert match is not None, answer.text
    return match[0]


def by_card(office: SmallWorld, clinic: Desk, member: Member) -> str:
    add_card(office, "CARD1", member)
    return path_of(clinic.submit("/reader", {"card": "CARD1", "method": "face", "consents": ["medicines"]}))


def main_of(page: str) -> str:
    """What a page says, without what names the visit and the moment."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"visits/\d+|\d+:\d+|<input[^>]*>|number=\d+", "", main)


@pytest.mark.seed("S76")
def test_each_showing_of_a_visit_is_written_down_once(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    line = (member.link_id, "reception", SHOWING)

    path = path_of(clinic.submit("/reception/number", NUMBER))
    assert accesses(office) == [line]
    clinic.get(path)
    assert accesses(office) == [line] * 2
    clinic.submit(f"{path}/compare", OWN)
    assert accesses(office) == [line] * 3
    assert "紐付　花子" in clinic.get("/reception").text
    assert accesses(office) == [line] * 4
    assert clinic.get(f"{path}/declaration/pdf").status_code == 200
    assert accesses(office) == [line] * 5
    clinic.get(f"{path}/fallback")  # shows nothing of the answer
    assert accesses(office) == [line] * 5


@pytest.mark.seed("S76")
def test_a_visit_of_somebody_stopped_since_looks_like_one_of_somebody_unknown(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    path = path_of(clinic.submit("/reception/number", NUMBER))
    clinic.submit(f"{path}/accept", {})
    unknown = path_of(clinic.submit("/reception/number", NUMBER | {"number": "9999"}))
    set_link(office, member, **STOPPED)
    logged = accesses(office)

    stopped_page, unknown_page = (clinic.get(one).text for one in (path, unknown))
    listed = clinic.get("/reception").text
    form = clinic.get(f"{path}/declaration").text

    assert main_of(stopped_page) == main_of(unknown_page)
    for page in (stopped_page, listed, form):
        assert "花子" not in page
        assert "霞が関" not in page
    assert main_of(clinic.get(f"{path}/fallback").text) == main_of(clinic.get(f"{unknown}/fallback").text)
    assert accesses(office) == logged
    for act in ("compare", "accept"):
        assert clinic.submit(f"{path}/{act}", OWN).status_code == 409


@pytest.mark.seed("S76")
def test_the_record_of_the_clinic_itself_stays_after_a_stop(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    path = path_of(clinic.submit("/reception/number", NUMBER))
    clinic.submit(f"{path}/compare", OWN)
    set_link(office, member, **STOPPED)

    form = clinic.get(f"{path}/declaration").text

    assert "紐付　華子" in form
    assert "千葉市中央区" in form
    assert "ひもづけ健康保険組合" not in form
    assert "花子" not in form


@pytest.mark.seed("S76")
def test_after_the_release_the_visit_shows_what_it_showed(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    path = path_of(clinic.submit("/reception/number", NUMBER))
    clinic.submit(f"{path}/compare", OWN)
    before = main_of(clinic.get(path).text)
    set_link(office, member, **STOPPED)
    assert main_of(clinic.get(path).text) != before

    set_link(office, member, state="released", restriction="NONE", verdict="PROVEN")

    assert main_of(clinic.get(path).text) == before


@pytest.mark.seed("S76", "S81")
def test_medicines_of_a_visit_are_not_to_be_had_after_a_stop(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    add_medicine(office, member, date(2026, 3, 1))
    path = by_card(office, clinic, member)
    assert "アムロジピン" in clinic.get(f"{path}/medical/medicines").text

    set_link(office, member, **STOPPED)

    assert clinic.get(f"{path}/medical/medicines").status_code == 404


def test_of_two_qualifications_the_one_that_still_stands_is_shown(office: SmallWorld, clinic: Desk) -> None:
    first = add_member(office)
    add_member(office, insurer=office.other_insurer, key=("06279998", "7", "88", "00"), kanji_name="紐付　花")
    path = by_card(office, clinic, first)
    assert "複数" in clinic.get(path).text

    set_link(office, first, **STOPPED)

    page = main_of(clinic.get(path).text)
    assert "有効" in page
    assert "複数" not in page
    assert "べつの健康保険組合" in page
    assert "ひもづけ健康保険組合" not in page


def test_an_address_that_came_under_protection_is_not_shown_again(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    path = path_of(clinic.submit("/reception/number", NUMBER))
    assert "霞が関" in clinic.get(path).text

    with office.system_work() as work:
        work.connection.execute(
            "UPDATE link SET register_items = '{\"is_protected\": true}' WHERE link_id = %s", [member.link_id]
        )

    page = clinic.get(path).text
    assert "紐付　花子" in page
    assert "霞が関" not in page


def test_a_suspended_institution_is_shown_no_earlier_visit(office: SmallWorld, clinic: Desk) -> None:
    add_member(office)
    path = path_of(clinic.submit("/reception/number", NUMBER))
    with office.system_work() as work:
        work.connection.execute("UPDATE institution SET suspended_at = %s", [office.clock.now()])

    listed, visit = clinic.get("/reception"), clinic.get(path)

    for page in (listed, visit):
        assert page.status_code == 403
        assert "花子" not in page.text
