"""From the first reading of a card to the last viewing in the list, in a real browser.

A wrong number leads a stranger's card to a member's insurance and medicines. A question at the counter stops
it; the next reading finds nothing and does not say why; two people correct the number; the member's own card
shows again what it should, and every viewing stands in the list.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from case_world import ITEMS, NAMESAKE, PERSON, REGISTERED_AT, SENDER
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from factories import number, table
from institutions import Member, accesses, add_card, add_institution, add_medicine, add_member
from register_world import load

from himozuke.identity.individual_number import IndividualNumber
from himozuke.stores.letters import PostgresLetters

SHOTS = Path(os.environ.get("HIMOZUKE_TEST_SHOTS", "no-such-folder"))
NINE = ("summary", "items", "persons", "cause", "secondary_damage", "response", "publication", "prevention", "other")
WIDE = {"width": 1280, "height": 900}


@pytest.fixture(name="member")
def _member(office: SmallWorld) -> Member:
    """A member enrolled with the number of somebody of the same name, whose medicines are on record."""
    load(office, table([PERSON, NAMESAKE]), date(2026, 4, 1))
    with office.work("insurer_supervisor") as work:
        PostgresLetters(work.connection).set_sender(office.insurer, SENDER)
    add_institution(office)
    items: dict[str, Any] = {**ITEMS, "registered_at": REGISTERED_AT}
    member = add_member(office, 22, **items)
    add_medicine(office, member, date(2026, 3, 20))
    add_card(office, "STRANGER", member)
    own = office.vault.seal(IndividualNumber(int(number(11))))
    add_card(office, "OWN", Member(0, 0, own))
    return member


def look(page: Any, name: str) -> None:
    """Judge a page as everybody has to be able to use it."""
    assert_accessible(page)
    if SHOTS.exists():
        page.screenshot(path=SHOTS / f"story-{name}.png", full_page=True)
    assert_reflows(page)
    page.set_viewport_size(WIDE)


def read_card(page: Any, card: str) -> str:
    """Put a card on the reader with the face, allow medicines to be viewed; what the counter shows."""
    page.open("/reader")
    look(page, "reader")
    page.fill("#field-card", card)
    page.get_by_label("薬剤情報").check()
    page.press_through("F4")
    look(page, f"visit-{card}")
    return str(page.inner_text("main"))


def done(page: Any) -> Any:
    """The answer of an act that was taken."""
    assert page.status_code == 200, page.text
    return page


@pytest.mark.seed("S58", "S76", "S78")
def test_a_wrong_link_is_shown_stopped_corrected_and_shown_again_with_every_viewing_listed(
    office: SmallWorld, member: Member, live_desk: Callable[..., Any], desk: Callable[..., Desk]
) -> None:
    counter = live_desk("institution")

    shown = read_card(counter, "STRANGER")
    counter.get_by_role("link", name="薬剤情報").first.click()
    counter.wait_for_url("**/medical/medicines")
    look(counter, "medicines")
    medicines = counter.inner_text("main")

    assert "有効" in shown
    assert "山田" in shown
    assert "お薬手帳" in medicines
    assert "アムロジピン" in medicines

    office.clock.set(f"{office.clock.now() + timedelta(minutes=5):%Y-%m-%dT%H:%M}")
    clerk = live_desk("insurer_clerk")
    case = call_about_it(clerk)

    stopped = read_card(counter, "STRANGER")
    unknown = read_card(counter, "OWN")

    assert "資格情報なし" in stopped
    assert without_time(stopped) == without_time(unknown)
    assert "山田" not in stopped
    assert "紐付け" not in stopped

    office_clerk, supervisor = desk("insurer_clerk"), desk("insurer_supervisor")
    correct(case, office_clerk, supervisor)

    clerk.open(f"{case}/steps/exposure")
    look(clerk, "exposure")
    listed = clerk.inner_text("main")
    assert listed.count("ひもづけ診療所676") == 3  # the answer, its page opened again for the medicines, the medicines
    assert "薬剤情報" in listed

    release(case, office_clerk, supervisor)
    stranger = read_card(counter, "STRANGER")
    own = read_card(counter, "OWN")
    counter.get_by_role("link", name="薬剤情報").first.click()
    counter.wait_for_url("**/medical/medicines")

    assert "資格情報なし" in stranger
    assert "有効" in own
    assert "山田" in own
    assert "アムロジピン" in counter.inner_text("main")
    assert accesses(office) == [
        (member.link_id, "reader", ["qualification"]),
        (member.link_id, "reception", ["qualification"]),
        (member.link_id, "doctor", ["medicines"]),
        (member.link_id, "reader", ["qualification"]),
        (member.link_id, "reception", ["qualification"]),
        (member.link_id, "doctor", ["medicines"]),
    ]
    assert counter.complaints == []
    assert clerk.complaints == []


def without_time(shown: str) -> str:
    """What a page says but for the moment of asking."""
    return "\n".join(line for line in shown.splitlines() if "時" not in line)


def call_about_it(page: Any) -> str:
    """An insurer's clerk writes the question down, which opens a case and stops viewing; the path of the case."""
    page.open("/calls")
    page.get_by_label("別の人の情報が表示された").check()
    page.get_by_label("窓口").check()
    page.fill("#field-note", "受付で別の人の保険証が表示されたとの申出")
    page.fill("#field-scheme_number", "06130488:12:5678:01")
    page.check("#field-opens_case")
    page.select_option("#field-restriction", "ALL")
    page.keyboard.press("F9")
    page.wait_for_url("**/cases/*")
    return "/cases/" + str(page.url).rsplit("/", 1)[1].partition("?")[0]


def correct(case: str, clerk: Desk, supervisor: Desk) -> None:
    """The number is found wrong and put right; nobody approves their own proposal."""
    done(clerk.submit(f"{case}/compare"))
    done(clerk.submit(f"{case}/papers", {"finding": "others", "note": "届書の番号と違う"}))
    wrong = {"result": "wrong", "basis": "papers", "reason": "届書の番号と違う", "cause": "C4", "checked": "1"}
    done(clerk.submit(f"{case}/confirm", wrong))
    proposed = {"individual_number": number(11), "reason": "届書の番号", "checked": "1"}
    done(clerk.submit(f"{case}/correction", proposed))
    assert clerk.submit(f"{case}/correction/approve", {"agreed": "1"}).status_code == 403
    done(supervisor.submit(f"{case}/correction/approve", {"agreed": "1"}))


def release(case: str, clerk: Desk, supervisor: Desk) -> None:
    """What was seen is found and reported, the person told, and two people let the link be shown again."""
    done(clerk.submit(f"{case}/exposure", {"note": "当システムの記録は全件"}))
    contents = {f"content-{name}": "記載" for name in NINE}
    done(clerk.submit(f"{case}/report", {"kind": "prompt", **contents, "checked": "1"}))
    told = {"what_happened": "別の人の番号", "prevention": "全項目で照会", "checked": "1"}
    done(clerk.submit(f"{case}/tell", told))
    done(clerk.submit(f"{case}/release", {"reason": "訂正済み"}))
    done(supervisor.submit(f"{case}/release/approve", {"agreed": "1"}))
