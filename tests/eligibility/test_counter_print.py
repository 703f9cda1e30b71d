"""What the counter prints, and what it shows of medical information with the guidance beside it."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pypdf
import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk, assert_accessible, assert_reflows
from institutions import accesses, add_card, add_institution, add_medicine, add_member, set_link

from himozuke.eligibility import notices
from himozuke.errors import NotFoundError

SHOTS = Path(os.environ.get("HIMOZUKE_TEST_SHOTS", "no-such-folder"))
DECLARED = {
    "failure": "not_found",
    "kanji_name": "紐付　花子",
    "kana_name": "ヒモヅケ ハナコ",
    "birth_date": "平成元年3月31日",
    "sex": "2",
    "telephone": "03-1234-5678",
    "insurance_kind": "society",
    "insurer_name": "ひもづけ健康保険組合",
    "workplace": "有限会社みほん",
}
PAST = {"address": "東京都千代田区霞が関1-2-3", "insurer_number": "06130488", "number": "5678"}


@pytest.fixture
def clinic(office: SmallWorld, desk: Callable[..., Desk]) -> Desk:
    add_institution(office, telephone="03-9999-0000")
    return desk("institution")


def begin(clinic: Desk) -> int:
    return visit_of(clinic.submit("/reception/without"))


def visit_of(answer: Any) -> int:
    found = re.search(r"/reception/visits/(\d+)", str(answer.url))
    assert found is not None, answer.text
    return int(found[1])


def words(answer: Any, keep: str = "") -> str:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    if keep and SHOTS.exists():
        (SHOTS / f"{keep}.pdf").write_bytes(answer.content)
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "").replace("　", "")


def acts(office: SmallWorld) -> list[str]:
    with office.system_work() as work:
        return [row["act"] for row in work.connection.execute("SELECT act FROM audit_record ORDER BY at, number")]


@pytest.mark.seed("S82g")
def test_the_declaration_is_printed_with_what_the_record_holds(clinic: Desk, office: SmallWorld) -> None:
    number = begin(clinic)
    clinic.submit(f"/reception/visits/{number}/declaration", DECLARED | {"how": "paper", "copay_percent": "30"})

    said = words(clinic.get(f"/reception/visits/{number}/declaration/pdf"), "declaration")

    assert "紐付花子" in said
    assert "平成元年3月31日" in said
    assert "女" in said
    assert "☑健康保険組合" in said
    assert "☐国民健康保険" in said
    assert "☑3割" in said
    assert "不詳のまま請求" in said
    assert "署名" in said
    assert "提出があったものとして" not in said
    assert acts(office)[-1] == "eligibility.print_declaration"


def test_an_empty_declaration_is_printed_before_anybody_typed_anything(clinic: Desk) -> None:
    number = begin(clinic)

    said = words(clinic.get(f"/reception/visits/{number}/declaration/pdf?failure=network_down"), "declaration-empty")

    assert "広範囲のネットワーク障害" in said
    assert "☑" not in said
    assert "署名" in said


@pytest.mark.seed("S82b")
def test_a_declaration_deemed_given_says_on_what_and_asks_for_no_signature(clinic: Desk) -> None:
    number = begin(clinic)
    grounds = ["was_seen_before", "is_unchanged_by_word", "knows_the_entries"]
    clinic.submit(f"/reception/visits/{number}/declaration", DECLARED | PAST | {"how": "deemed", "basis": grounds})

    said = words(clinic.get(f"/reception/visits/{number}/declaration/pdf"), "declaration-deemed")
    page = clinic.get(f"/reception/visits/{number}").text

    assert "提出があったものとして取り扱います" in said
    assert "☑資格が変わっていないことを本人に口頭で確認した" in said
    assert "過去の資格（保険者番号・記号番号）で請求" in said
    assert "署名" not in said
    assert "過去に受診歴があり" in page
    assert "3割" in page


def test_a_sign_that_no_font_draws_stops_the_print_and_is_named(clinic: Desk, office: SmallWorld) -> None:
    number = begin(clinic)
    strange = "紐付　" + chr(0xE0F0)
    clinic.submit(f"/reception/visits/{number}/declaration", DECLARED | {"how": "paper", "kanji_name": strange})

    answer = clinic.get(f"/reception/visits/{number}/declaration/pdf")

    assert answer.status_code == 422
    assert "を印刷できません" in answer.text
    assert "U+E0F0" in answer.text
    assert "eligibility.print_declaration" not in acts(office)


def test_another_institution_can_neither_print_nor_change_nor_view(
    office: SmallWorld, clinic: Desk, desk: Callable[..., Desk]
) -> None:
    number = begin(clinic)
    stranger = desk("institution", of=add_institution(office, "1312345684"))

    assert stranger.get(f"/reception/visits/{number}/declaration/pdf").status_code == 404
    assert stranger.get(f"/reception/visits/{number}/medical/medicines").status_code == 404
    declared = stranger.submit(f"/reception/visits/{number}/declaration", DECLARED | {"how": "paper"})
    assert declared.status_code == 404
    evidence = {"failure": "not_found", "evidence": "eligibility_certificate"}
    assert stranger.submit(f"/reception/visits/{number}/fallback", evidence).status_code == 404
    place = f"/reception/visits/{number}/evidence/eligibility_certificate"
    assert stranger.submit(place, DECLARED | PAST).status_code == 404
    assert "代わりの確認で受け付けました" not in clinic.get(f"/reception/visits/{number}").text


@pytest.mark.seed("S108")
def test_the_notices_ask_the_patient_and_tell_the_staff_what_to_collect(clinic: Desk) -> None:
    listed = clinic.get("/reception/notices").text
    asked = words(clinic.get("/reception/notices/claim_information/pdf"), "notice-claim")
    collected = words(clinic.get("/reception/notices/collect/pdf"), "notice-collect")

    for one in notices.notices(date(2026, 4, 1)):
        assert one["name_ja"] in listed
        assert one["source"] in listed
        words(clinic.get(f"/reception/notices/{one['code']}/pdf"), f"notice-{one['code']}")
    assert "加入している医療保険の種別" in asked
    assert "03-9999-0000" in asked
    assert "77777777" in collected
    assert "摘要欄" in collected


def test_a_notice_is_not_printed_before_the_day_from_which_it_holds() -> None:
    early = [one["code"] for one in notices.notices(date(2022, 1, 1))]

    assert early == ["medicines"]
    with pytest.raises(NotFoundError):
        notices.notice("collect", institution="診療所", telephone="", on=date(2022, 1, 1))


@pytest.mark.seed("S78")
def test_medicines_are_shown_under_the_guidance_and_written_down(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    add_card(office, "CARD1", member)
    add_medicine(office, member, date(2026, 3, 20))
    number = visit_of(clinic.submit("/reader", {"card": "CARD1", "method": "face", "consents": ["medicines"]}))

    shown = clinic.get(f"/reception/visits/{number}/medical/medicines").text
    not_allowed = clinic.get(f"/reception/visits/{number}/medical/checkups").text

    assert shown.index("お薬手帳で確かめる") < shown.index("アムロジピン")
    assert "アムロジピン" not in not_allowed
    assert "同意がないか" in not_allowed
    assert accesses(office) == [
        (member.link_id, "reader", ["qualification"]),
        (member.link_id, "reception", ["qualification"]),  # the name above the medicines
        (member.link_id, "doctor", ["medicines"]),
        (member.link_id, "reception", ["qualification"]),
    ]


def test_a_doubtful_link_shows_no_medicines_and_does_not_say_why(office: SmallWorld, clinic: Desk) -> None:
    member = add_member(office)
    add_card(office, "CARD1", member)
    add_medicine(office, member, date(2026, 3, 20))
    number = visit_of(clinic.submit("/reader", {"card": "CARD1", "method": "face", "consents": ["medicines"]}))
    empty = add_member(office, 2, key=("06130488", "１２", "9999", "01"))
    add_card(office, "CARD2", empty)
    other = visit_of(clinic.submit("/reader", {"card": "CARD2", "method": "face", "consents": ["medicines"]}))
    set_link(office, member, restriction="MEDICAL", verdict="DOUBTFUL", state="stopped")

    stopped = clinic.get(f"/reception/visits/{number}/medical/medicines")
    nothing = clinic.get(f"/reception/visits/{other}/medical/medicines")

    assert re.findall(r'class="banner[^>]*>.*?</div>', stopped.text, re.DOTALL) == re.findall(
        r'class="banner[^>]*>.*?</div>', nothing.text, re.DOTALL
    )
    assert "アムロジピン" not in stopped.text
    assert (member.link_id, "doctor", ["medicines"]) not in accesses(office)


def test_days_are_written_in_eras_and_sex_in_words(office: SmallWorld, clinic: Desk) -> None:
    add_member(office, certificate={"valid_until": date(2027, 7, 31)})
    asked = {"insurer_number": "06130488", "symbol": "12", "number": "5678", "branch": "01", "birth_date": "H1.3.31"}
    number = visit_of(clinic.submit("/reception/number", asked))
    own = {"kanji_name": "紐付　花子", "birth_date": "1989-04-01", "sex": "1", "visit_kind": "again"}

    page = clinic.submit(f"/reception/visits/{number}/compare", own).text
    main = page[page.index("<main") : page.index("</main>")]
    read = re.sub(r"</?mark>", "", re.sub(r"<input[^>]*>", "", main))

    assert "令和9年7月31日" in read
    assert "令和6年4月1日" in read
    assert "生年月日が一致しません。登録：平成元年4月1日　確認結果：平成元年3月31日" in read
    assert "性別が一致しません。登録：男　確認結果：女" in read
    assert [day for day in ("2027-07-31", "1989-04-01", "1989-03-31") if day in read] == []


def test_nothing_of_the_last_patient_stays_when_the_next_card_is_read(
    office: SmallWorld, live_desk: Callable[..., Any]
) -> None:
    add_institution(office)
    add_card(office, "CARD1", add_member(office))
    page = live_desk("institution")
    page.open("/reader")
    page.fill("#field-card", "CARD1")
    page.press_through("F4")
    assert page.locator(".glance-name").count() == 1
    page.evaluate("window.print = () => { window.printed = true }")

    page.keyboard.press("F10")
    printed = page.evaluate("window.printed")
    page.press_through("F3")

    assert printed
    assert page.url.endswith("/reader")
    assert "花子" not in page.content()
    assert page.input_value("#field-card") == ""
    assert page.complaints == []


@pytest.mark.parametrize(
    "path", ["/reception/notices", "/reception/visits/{}/medical/medicines", "/reception/visits/{}"]
)
def test_pages_of_print_and_medicines_are_accessible_and_narrow(
    office: SmallWorld, clinic: Desk, live_desk: Callable[..., Any], path: str
) -> None:
    member = add_member(office)
    add_card(office, "CARD1", member)
    add_medicine(office, member, date(2026, 3, 20))
    number = visit_of(clinic.submit("/reader", {"card": "CARD1", "method": "face", "consents": ["medicines"]}))
    page = live_desk("institution")

    page.open(path.format(number))

    assert_accessible(page)
    if SHOTS.exists():
        page.screenshot(path=SHOTS / f"{path.strip('/').replace('/', '-')[:40]}.png", full_page=True)
    assert_reflows(page)
    assert page.complaints == []
