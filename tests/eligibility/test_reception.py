"""The counter on the desk: the glance, the comparison, the next step when it fails."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from institutions import accesses, add_card, add_institution, add_member, set_link

NUMBER = {
    "insurer_number": "06130488",
    "symbol": "12",
    "number": "5678",
    "branch": "01",
    "birth_date": "平成元年3月31日",
}
OWN = {
    "kanji_name": "紐付　花子",
    "kana_name": "ヒモヅケ ハナコ",
    "birth_date": "1989-03-31",
    "sex": "2",
    "address": "東京都千代田区霞が関１－２－３",
    "visit_kind": "again",
}
SHOTS = Path(os.environ.get("HIMOZUKE_TEST_SHOTS", "no-such-folder"))


@pytest.fixture
def clinic(office: SmallWorld, desk: Callable[..., Desk]) -> Desk:
    add_institution(office)
    return desk("institution")


def came(clinic: Desk, **changes: str) -> Any:
    return clinic.submit("/reception/number", NUMBER | changes)


def visit_id(answer: Any) -> int:
    match = re.search(r"/reception/visits/(\d+)", str(answer.url))
    assert match is not None, answer.text
    return int(match[1])


@pytest.mark.seed("S79")
def test_the_answer_is_one_big_word_with_share_and_name(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)

    answer = came(clinic)

    assert answer.status_code == 200
    assert "有効" in answer.text
    assert "紐付　花子" in answer.text
    assert "3割" in answer.text
    assert accesses(office) == [(member.link_id, "reception", ["qualification"])]


def test_a_wrong_check_digit_of_the_insurer_is_said_at_the_field(clinic: Desk) -> None:
    answer = came(clinic, insurer_number="06139998")

    assert answer.status_code == 422
    assert "検証番号が合いません" in answer.text
    assert 'value="5678"' in answer.text


@pytest.mark.seed("S79")
def test_our_record_is_laid_beside_item_by_item(office: SmallWorld, clinic: Desk) -> None:
    add_member(office)
    number = visit_id(came(clinic))

    same = clinic.submit(f"/reception/visits/{number}/compare", OWN)
    different = clinic.submit(f"/reception/visits/{number}/compare", OWN | {"kanji_name": "紐付　華子"})

    assert "5項目が一致しました" in same.text
    assert "登録している患者情報と照合" in same.text
    assert "漢字氏名が一致しません。登録：紐付　華子　確認結果：紐付　花子" in different.text
    assert "<mark>華</mark>" in different.text


def test_an_accepted_variant_is_not_asked_about_again(office: SmallWorld, clinic: Desk) -> None:
    add_member(office, kanji_name="渡邊　花子")
    own = OWN | {"kanji_name": "渡辺　花子"}
    first = visit_id(came(clinic))
    offered = clinic.submit(f"/reception/visits/{first}/compare", own)
    clinic.submit(f"/reception/visits/{first}/accept", {"remembers": "1"})

    second = visit_id(came(clinic))
    answer = clinic.submit(f"/reception/visits/{second}/compare", own)

    assert "異体字などの違いだけです。登録：渡辺　花子　確認結果：渡邊　花子" in offered.text
    assert "この表記を今後も" in offered.text
    assert "5項目が一致しました" in answer.text
    assert "この表記を今後も" not in answer.text
    again = clinic.submit(f"/reception/visits/{second}/compare", own | {"kanji_name": "別人　花子"})
    assert "一致しません" in again.text


@pytest.mark.seed("S79")
@pytest.mark.parametrize(
    "changes",
    [
        {"kanji_name": "紐付　華子"},  # near
        {"kanji_name": "鈴木　一郎", "kana_name": "スズキ イチロウ"},
        {"birth_date": "1989-03-30"},
        {"sex": "1"},
        {"address": "大阪市北区梅田9-9-9"},
        {"address": ""},
    ],
)
def test_what_is_no_variant_is_pointed_out_every_time(
    office: SmallWorld, clinic: Desk, changes: dict[str, str]
) -> None:
    add_member(office)
    for _ in range(2):
        number = visit_id(came(clinic))
        compared = clinic.submit(f"/reception/visits/{number}/compare", OWN | changes)

        assert "一致しません" in compared.text
        assert 'name="remembers"' not in compared.text
        clinic.submit(f"/reception/visits/{number}/accept", {"remembers": "1"})  # sent all the same
    with office.system_work() as work:
        assert work.connection.execute("SELECT FROM accepted_variant").fetchall() == []


@pytest.mark.seed("S80")
def test_without_an_address_the_insurer_is_asked_aloud(office: SmallWorld, clinic: Desk) -> None:
    add_member(office, address="")

    answer = came(clinic)

    assert "保険者名称（住所が表示されないため）" in answer.text


def test_a_card_is_read_on_the_screen_and_a_wrong_pin_says_how_many_tries_are_left(
    office: SmallWorld, clinic: Desk
) -> None:
    add_card(office, "card-1", add_member(office), pin_hash="no hash at all")

    wrong = clinic.submit("/reader", {"card": "card-1", "method": "pin", "pin": "0000"})
    face = clinic.submit("/reader", {"card": "card-1", "method": "face", "consents": ["medicines"]})

    assert "暗証番号が違います" in wrong.text
    assert "あと2回" in wrong.text
    assert "有効" in face.text
    assert "薬剤情報" in face.text
    assert "お薬手帳" in face.text


@pytest.mark.seed("S82", "S82a", "S82c")
def test_when_nothing_is_found_the_next_steps_are_named_by_the_day(office: SmallWorld, clinic: Desk) -> None:
    number = visit_id(came(clinic))

    steps = clinic.get(f"/reception/visits/{number}/fallback").text

    assert "マイナポータルの資格情報画面" in steps
    assert "被保険者資格申立書" in steps
    assert "自己負担分" in steps
    office.clock.set(date(2026, 1, 10))
    older = visit_id(came(clinic, on="2026-01-10"))
    assert "（記号・番号で資格を照会してから）" in clinic.get(f"/reception/visits/{older}/fallback").text


KNOWN = {
    "failure": "not_found",
    "kanji_name": "紐付　花子",
    "kana_name": "ヒモヅケ　ハナコ",
    "birth_date": "1989-03-31",
    "sex": "2",
    "address": "東京都千代田区霞が関1-2-3",
    "telephone": "03-1234-5678",
    "insurance_kind": "society",
    "insurer_name": "ひもづけ健康保険組合",
    "insurer_number": "06130488",
    "symbol": "12",
    "number": "5678",
    "workplace": "有限会社みほん",
}
ALL_THREE = ["was_seen_before", "is_unchanged_by_word", "knows_the_entries"]


@pytest.mark.seed("S82b", "S82d", "S82g")
def test_a_declaration_is_deemed_given_on_three_grounds_only(clinic: Desk) -> None:
    number = visit_id(came(clinic))
    form = KNOWN | {"how": "deemed", "basis": ALL_THREE[:2]}

    refused = clinic.submit(f"/reception/visits/{number}/declaration", form)
    taken = clinic.submit(f"/reception/visits/{number}/declaration", form | {"basis": ALL_THREE})

    assert refused.status_code == 422
    assert "3つすべて" in refused.text
    assert "提出があったものとして扱う" in taken.text
    assert "過去の資格（保険者番号・記号番号）で請求" in taken.text
    assert "3割" in taken.text


@pytest.mark.seed("S82b", "S82g")
@pytest.mark.parametrize(
    "lacking",
    ["address", "telephone", "insurance_kind", "insurer_name", "insurer_number", "number", "workplace", "sex"],
)
def test_a_declaration_is_deemed_given_only_when_every_entry_is_known(clinic: Desk, lacking: str) -> None:
    number = visit_id(clinic.submit("/reception/without"))
    form = KNOWN | {"how": "deemed", "basis": ALL_THREE, lacking: "unknown" if lacking == "insurance_kind" else ""}

    refused = clinic.submit(f"/reception/visits/{number}/declaration", form)

    assert refused.status_code == 422
    assert "分からないときは申立書を書いてもらいます" in refused.text
    assert "代わりの確認" not in clinic.get(f"/reception/visits/{number}").text


@pytest.mark.seed("S82d")
@pytest.mark.parametrize(
    ("past", "tier"),
    [
        ({}, "過去の資格（保険者番号・記号番号）で請求"),
        ({"number": ""}, "不詳のまま請求"),
        ({"insurer_number": ""}, "不詳のまま請求"),
    ],
)
def test_the_tier_follows_from_what_is_known_of_the_past(clinic: Desk, past: dict[str, str], tier: str) -> None:
    number = visit_id(clinic.submit("/reception/without"))

    taken = clinic.submit(f"/reception/visits/{number}/declaration", KNOWN | {"how": "paper"} | past)

    assert tier in taken.text


@pytest.mark.seed("S82", "S82c")
@pytest.mark.parametrize("evidence", ["portal", "eligibility_certificate"])
def test_what_is_taken_instead_is_kept_whole_for_the_claim(clinic: Desk, evidence: str) -> None:
    number = visit_id(came(clinic))
    asked = clinic.submit(f"/reception/visits/{number}/fallback", {"failure": "reader_broken", "evidence": evidence})

    assert 'value="06130488"' in asked.text  # what was typed before need not be typed again
    assert 'value="5678"' in asked.text
    place = f"/reception/visits/{number}/evidence/{evidence}"
    empty = clinic.submit(place, {"failure": "reader_broken", "birth_date": "1989-03-31"})
    taken = clinic.submit(place, KNOWN | {"failure": "reader_broken"})

    assert empty.status_code == 422
    assert "保険者番号を入力してください" in empty.text
    for told in ("紐付　花子", "平成元年3月31日", "06130488", "12・5678", "3割", "現在の資格で請求"):
        assert told in taken.text


@pytest.mark.seed("S82")
def test_with_the_terminal_down_the_counter_goes_on_all_the_same(clinic: Desk) -> None:
    started = clinic.submit("/reception/without")

    assert "/fallback" in str(started.url)
    asked = clinic.submit(
        re.sub(r"\?.*", "", str(started.url)), {"failure": "power_or_line", "evidence": "eligibility_certificate"}
    )
    assert "資格確認書の記載事項" in asked.text
    taken = clinic.submit(re.sub(r"\?.*", "", str(asked.url)), KNOWN | {"failure": "power_or_line"})
    assert "代わりの確認で受け付けました" in taken.text
    assert "現在の資格で請求" in taken.text


def test_a_stopped_link_looks_like_nothing_found(office: SmallWorld, clinic: Desk) -> None:
    set_link(office, add_member(office), state="stopped", restriction="ALL", verdict="REFUTED")

    answer = came(clinic)

    assert "資格情報なし" in answer.text
    assert "紐付　花子" not in answer.text


def test_another_institution_does_not_see_the_visit(
    office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]
) -> None:
    add_member(office)
    number = visit_id(came(clinic))
    other = add_institution(office, "1398765432")

    stranger = desk("institution", of=other)

    assert stranger.get(f"/reception/visits/{number}").status_code == 404
    assert stranger.submit(f"/reception/visits/{number}/accept").status_code == 404
    assert "受付済みです" not in clinic.get(f"/reception/visits/{number}").text
    assert "花子" not in stranger.get("/reception").text


def test_the_counter_by_keyboard_in_a_real_browser(office: SmallWorld, live_desk: Callable[..., Any]) -> None:
    add_institution(office)
    add_member(office)
    page = live_desk("institution")
    page.open("/reception")
    for name, value in NUMBER.items():
        page.fill(f"#field-{name}", value)
    page.press_through("F4")
    for name in ("kanji_name", "kana_name", "birth_date", "address"):
        page.fill(f"#field-{name}", OWN[name])
    page.press_through("F6")
    assert page.locator(".diff-table").count() == 1
    page.press_through("F8")
    assert "受付済みです" in page.inner_text("main")
    page.press_through("F2")

    assert page.complaints == []
    assert "受付済" in page.inner_text("main")


@pytest.mark.parametrize(
    "path",
    [
        "/reception",
        "/reader",
        "/reception/visits/{}",
        "/reception/visits/{}/fallback?failure=not_found",
        "/reception/visits/{}/declaration",
    ],
)
def test_every_page_of_the_counter_is_accessible_and_narrow(
    office: SmallWorld, clinic: Desk, live_desk: Callable[..., Any], path: str
) -> None:
    add_member(office)
    number = visit_id(came(clinic))
    clinic.submit(f"/reception/visits/{number}/compare", OWN | {"kanji_name": "紐付　華子"})
    page = live_desk("institution")

    page.open(path.format(number))

    assert_accessible(page)
    if SHOTS.exists():
        page.screenshot(path=SHOTS / f"{path.strip('/').replace('/', '-')[:40]}.png", full_page=True)
    assert_reflows(page)
    assert page.complaints == []


def test_a_card_of_elderly_insurance_that_ended_is_taken_after_inquiry_with_the_notice(clinic: Desk) -> None:
    asked = {"symbol": "", "number": "00000001", "branch": "", "on": "2025-08-15"}
    pages = [
        clinic.get(f"/reception/visits/{visit_id(came(clinic, insurer_number=insurer, **asked))}/fallback").text
        for insurer in ("39130000", "06130488")
    ]

    result = came(clinic, insurer_number="39130000", **asked).text
    assert re.search(r"資格確認日</dt><dd>[^<]*令和7年8月15日", result)
    assert "資格確認日</dt>" not in came(clinic).text

    elderly, employed = (re.findall(r'name="evidence" value="(\w+)"', page) for page in pages)

    assert "eligibility_notice" in elderly
    assert "eligibility_notice" not in employed
    assert "（記号・番号で資格を照会してから）" in pages[0]
    assert "（記号・番号で資格を照会してから）" not in pages[1]
