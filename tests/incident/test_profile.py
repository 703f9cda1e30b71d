"""The office's own page: the head of its letters, how it takes in notices, and what is said where it is missing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from case_world import add_link, cases_of, opening
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk

Enter = Callable[..., Desk]
SENDER = {
    "office": "ひもづけ健康保険組合 理事長",
    "department": "適用課",
    "postal_code": "100-0001",
    "address": "東京都千代田区一丁目1番",
    "telephone": "03-0000-0001",
    "hours": "平日 9時から17時",
}


def rows(office: SmallWorld, query: str) -> list[dict[str, object]]:
    with office.system_work() as work:
        return work.connection.execute(query.encode()).fetchall()


def test_a_supervisor_enters_the_sender_and_everybody_of_the_office_reads_it(office: SmallWorld, desk: Enter) -> None:
    supervisor, clerk = desk("insurer_supervisor"), desk("insurer_clerk")
    assert "まだ登録されていません" in clerk.get("/profile").text
    assert "文書の発信者の登録" in supervisor.get("/").text

    saved = supervisor.submit("/profile/sender", SENDER)
    faulty = supervisor.submit("/profile/sender", {**SENDER, "telephone": ""})

    assert "保存しました" in saved.text
    assert faulty.status_code == 422
    assert "電話を入力してください" in faulty.text
    assert "03-0000-0001" in clerk.get("/profile").text
    assert "文書の発信者の登録" not in supervisor.get("/").text
    assert clerk.submit("/profile/sender", SENDER).status_code == 403
    assert "03-0000-0001" not in desk("insurer_clerk", of=office.other_insurer).get("/profile").text
    assert_audited_ever(office, "incident.set_sender")


@pytest.mark.seed("S66")
def test_what_a_supervisor_chooses_decides_which_items_a_notice_needs(office: SmallWorld, desk: Enter) -> None:
    supervisor = desk("insurer_supervisor")
    assert rows(office, "SELECT FROM insurer_profile") == []

    supervisor.submit("/profile/intake", {"intake": ["confirms_items", "follows_table"]})
    supervisor.submit(
        "/profile/intake", {"intake": ["confirms_items", "follows_table"]}
    )  # nothing new: no evidence of it

    assert rows(office, "SELECT asks_address, confirms_items, follows_table FROM insurer_profile") == [
        {"asks_address": False, "confirms_items": True, "follows_table": True}
    ]
    assert_audited_ever(office, "registration.set_profile")
    [act] = rows(office, "SELECT details FROM audit_record WHERE act = 'registration.set_profile'")
    assert isinstance(act["details"], dict)
    assert act["details"]["before"]["asks_address"] is True
    assert desk("insurer_clerk").submit("/profile/intake", {"intake": "asks_address"}).status_code == 403
    filed = desk("insurer_clerk").submit(
        "/notices/new",
        {
            "kind": "acquisition", "kanji_name": "山田　太郎", "kana_name": "ヤマダ　タロウ", "birth_date": "1975-04-02",
            "sex": "1", "event_on": "2026-04-01", "acquisition_kind": "1", "category": "1", "has_dependents": "0",
            "pay_in_cash": "260000", "establishment_name": "けいと工業株式会社",
            "establishment_address": "東京都千代田区霞が関一丁目２番３号", "employer_name": "健保　良一", "address": "",
        },
    )  # fmt: skip
    assert filed.status_code == 200
    assert "住所が書かれていません" not in filed.text


def test_a_letter_without_a_sender_leads_to_the_page_where_it_is_entered(office: SmallWorld, desk: Enter) -> None:
    with office.work("insurer_clerk") as work:
        case_id = cases_of(work).open_case(opening(office, add_link(office)))
    clerk = desk("insurer_clerk")
    clerk.submit(f"/cases/{case_id}/papers", {"finding": "unclear", "note": "届書"})
    clerk.submit(f"/cases/{case_id}/employer/answer", {"finding": "none", "answer_note": "なし"})

    before = clerk.get(f"/cases/{case_id}/steps/person").text
    refused = clerk.submit(f"/cases/{case_id}/person/letter")
    desk("insurer_supervisor").submit("/profile/sender", SENDER)
    after = clerk.get(f"/cases/{case_id}/steps/person").text

    assert 'href="/profile"' in before
    assert "文書の発信者が登録されていません" in before
    assert refused.status_code in {403, 409, 422, 503}
    assert "文書の発信者が登録されていません" not in after


def test_a_municipality_enters_its_sender_itself_and_has_no_intake_of_insurers(office: SmallWorld, desk: Enter) -> None:
    clerk = desk("municipality_clerk")

    saved = clerk.submit("/profile/sender", {**SENDER, "office": "紐付市長"})

    assert "紐付市長" in saved.text
    assert "届出の受け方" not in saved.text
    assert clerk.submit("/profile/intake", {"intake": "asks_address"}).status_code == 403
    assert rows(office, "SELECT office FROM letter_sender") == [{"office": "紐付市長"}]
