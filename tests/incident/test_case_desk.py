"""The desk of cases: the whole way on the pages, without JavaScript, two people, every clock to be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from case_world import NAMESAKE, PERSON, SENDER, add_link, cases_of, opening, view
from database_fixture import JAPAN, SmallWorld
from desk_fixture import Desk
from factories import table
from pypdf import PdfReader
from register_world import load

from himozuke.stores.letters import PostgresLetters

TOMORROW = date(2026, 4, 2)
NINE = ("summary", "items", "persons", "cause", "secondary_damage", "response", "publication", "prevention", "other")


@pytest.fixture(name="case_id")
def _case_id(office: SmallWorld) -> int:
    """A wrong link that was viewed once, and the case an inspection opened about it."""
    load(office, table([PERSON, NAMESAKE]), date(2026, 4, 1))
    link_id = add_link(office, body=22)
    view(office, link_id, datetime(2026, 1, 20, 10, 30, tzinfo=JAPAN), ["medicines"])
    office.clock.set("2026-04-01T09:00")
    with office.work("insurer_supervisor") as work:
        PostgresLetters(work.connection).set_sender(office.insurer, SENDER)
    with office.work("insurer_clerk") as work:
        return cases_of(work).open_case(opening(office, link_id))


def text_of(pdf: bytes) -> str:
    """What stands in a document, without breaks."""
    pages = PdfReader(BytesIO(pdf)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def said(page: Any) -> str:
    assert page.status_code == 200, (page.status_code, re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))[:1500])
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


@pytest.mark.seed("S76", "S93", "S94")
def test_a_case_is_carried_from_stop_to_publication_on_the_pages(
    desk: Callable[..., Desk], office: SmallWorld, case_id: int
) -> None:
    clerk, supervisor = desk("insurer_clerk"), desk("insurer_supervisor")
    path = f"/cases/{case_id}"
    assert "次にすること：手元の書類の確認" in said(clerk.get(path))
    assert "行の他人" not in said(clerk.get(path))

    said(clerk.submit(f"{path}/compare"))
    compared = said(clerk.get(path))
    assert "別の人がよく当てはまる" in compared
    assert "<mark>" in clerk.get(path).text
    said(clerk.submit(f"{path}/papers", {"finding": "unclear", "note": "3項目で照会した記録"}))
    said(clerk.submit(f"{path}/employer/ask", {"note": "電話で依頼"}))
    said(clerk.submit(f"{path}/employer/answer", {"finding": "none", "answer_note": "退職者のみ"}))
    assert "次にすること：本人への確認" in said(clerk.submit(f"{path}/person/letter"))
    office.clock.set("2026-04-10")
    clerk, supervisor = desk("insurer_clerk"), desk("insurer_supervisor")
    said(clerk.submit(f"{path}/person/answer", {"reply": "own", "channel": "paper"}))
    wrong = {"result": "wrong", "basis": "person", "reason": "カードの番号と違う", "cause": "C4"}
    assert "内容の確認" in said(clerk.submit(f"{path}/confirm", wrong))
    assert "速報" in said(clerk.submit(f"{path}/confirm", {**wrong, "checked": "1"}))
    correction = {"individual_number": PERSON["individual_number"], "reason": "本人のカード"}
    looked = clerk.submit(f"{path}/correction", correction)
    assert "正しいと確認" in said(looked)
    said(clerk.submit(f"{path}/correction", {**correction, "checked": "1"}))
    own = clerk.submit(f"{path}/correction/approve", {"agreed": "1"})
    assert own.status_code == 403
    assert "起案した人は承認できません" in own.text
    said(supervisor.submit(f"{path}/correction/approve", {"agreed": "1"}))
    found = said(clerk.get(f"{path}/steps/exposure"))
    assert "ひもづけ診療所" in found
    assert "薬剤情報" in found
    said(clerk.submit(f"{path}/exposure", {"note": "当システムの記録は全件"}))
    assert "報告が必要です" in said(clerk.get(f"{path}/steps/report"))
    contents = {f"content-{name}": "記載" for name in NINE}
    said(clerk.submit(f"{path}/report", {"kind": "prompt", **contents, "checked": "1"}))
    told = {"what_happened": "別の人の番号", "prevention": "全項目で照会", "checked": "1"}
    said(clerk.submit(f"{path}/tell", told))
    said(clerk.submit(f"{path}/release", {"reason": "訂正済み"}))
    said(supervisor.submit(f"{path}/release/approve", {"agreed": "1"}))
    said(clerk.submit(f"{path}/report", {"kind": "final", **contents, "checked": "1"}))
    texts = dict.fromkeys(("summary", "shown", "money", "cause", "prevention_new", "prevention_existing"), "記載")
    published = said(
        supervisor.submit("/cases/publications/new", {"as_of": "R8.4.10", "act": "publish", "agreed": "1", **texts})
    )
    assert "第1版" in published
    assert "すべての手順が終わりました" in said(clerk.get(path))
    assert supervisor.get("/cases/publications/1/pdf").content[:5] == b"%PDF-"


@pytest.mark.parametrize("who", [PERSON, NAMESAKE], ids=["has the items", "has the number"])
def test_a_case_of_somebody_under_protection_says_so_and_offers_no_letter(
    desk: Callable[..., Desk], office: SmallWorld, case_id: int, who: dict[str, str]
) -> None:
    path = f"/cases/{case_id}"
    clerk = desk("insurer_clerk")
    said(clerk.submit(f"{path}/papers", {"finding": "unclear", "note": "3項目で照会した記録"}))
    said(clerk.submit(f"{path}/employer/ask", {"note": "電話で依頼"}))
    said(clerk.submit(f"{path}/employer/answer", {"finding": "none", "answer_note": "退職者のみ"}))
    assert "支援措置の対象者です" not in said(clerk.get(path))
    assert "確認のお願いを印刷する" in said(clerk.get(f"{path}/steps/person"))

    load(office, table([one | {"protected": "1" if one is who else ""} for one in (PERSON, NAMESAKE)]), TOMORROW)

    assert "支援措置の対象者です" in said(clerk.get(path))
    step = said(clerk.get(f"{path}/steps/person"))
    assert "支援措置の対象者です" in step
    assert "確認のお願いを印刷する" not in step
    if who is PERSON:
        said(clerk.submit(f"{path}/compare"))
        assert PERSON["address"] not in clerk.get(path).text


@pytest.mark.parametrize("who", [PERSON, NAMESAKE], ids=["has the items", "has the number"])
def test_a_document_printed_before_the_protection_is_not_shown_again(
    desk: Callable[..., Desk], office: SmallWorld, case_id: int, who: dict[str, str]
) -> None:
    path, clerk = f"/cases/{case_id}", desk("insurer_clerk")
    said(clerk.submit(f"{path}/papers", {"finding": "unclear", "note": "3項目で照会した記録"}))
    said(clerk.submit(f"{path}/employer/answer", {"finding": "none", "answer_note": "退職者のみ"}))
    said(clerk.submit(f"{path}/compare"))
    said(clerk.submit(f"{path}/person/letter"))
    before = clerk.submit(f"{path}/sheet")
    with office.work("insurer_clerk") as work:
        letter, sheet = PostgresLetters(work.connection).letters(case_id)
    assert [text_of(clerk.get(f"{path}/letters/{one.letter_id}").content) for one in (letter, sheet)]
    assert "霞が関" in text_of(before.content)

    load(office, table([one | {"protected": "1" if one is who else ""} for one in (PERSON, NAMESAKE)]), TOMORROW)

    for one in (letter, sheet):
        again = clerk.get(f"{path}/letters/{one.letter_id}")
        assert again.status_code == 422
        assert "印刷した後に支援措置の対象となったため" in again.text
    page = clerk.get(path).text
    assert f"{path}/letters/" not in page
    assert page.count("支援措置のため表示しません") >= 2
    after = clerk.submit(f"{path}/sheet")
    assert "霞が関" not in text_of(after.content)
    assert "梅田" not in text_of(after.content)
    assert "支援措置のため表示しません" in text_of(after.content)
    assert clerk.get(after.url.path).content == after.content
    assert clerk.get(f"{path}/letters/{letter.letter_id + 99}").status_code == 404


def test_a_refused_act_says_why_in_the_page_and_keeps_what_was_typed(desk: Callable[..., Desk], case_id: int) -> None:
    page = desk("insurer_clerk").submit(f"/cases/{case_id}/papers", {"finding": "own", "note": "番号は 000000010014"})

    assert page.status_code == 422
    assert "個人番号のような12桁の数字" in page.text
    assert 'value="own" checked' in page.text


def test_a_form_sent_again_with_another_content_is_not_said_to_be_kept(desk: Callable[..., Desk], case_id: int) -> None:
    clerk = desk("insurer_clerk")
    path = f"/cases/{case_id}"
    token = {"act_token": "one-and-the-same"}
    said(clerk.submit(f"{path}/note", {**token, "note": "一回目"}))

    same = clerk.submit(f"{path}/note", {**token, "note": "一回目"})
    other = clerk.submit(f"{path}/note", {**token, "note": "二回目"})

    assert "保存しました" in said(same)
    assert other.status_code == 409
    assert "いま入力した内容は保存していません" in other.text
    assert ">二回目</textarea>" in other.text
    fresh = re.search(r'name="act_token" value="([^"]+)"', other.text)
    assert fresh is not None
    assert fresh[1] != "one-and-the-same"
    kept = said(clerk.submit(f"{path}/note", {"act_token": fresh[1], "note": "二回目"}))
    assert kept.count("一回目") == 1
    assert "二回目" in kept


def test_the_queue_filters_and_shows_the_nearest_day(
    desk: Callable[..., Desk], office: SmallWorld, case_id: int
) -> None:
    office.clock.set("2026-04-20")
    clerk = desk("insurer_clerk")

    assert f'href="/cases/{case_id}"' in clerk.get("/cases?due=overdue&cause=C4&q=山田").text
    assert f'href="/cases/{case_id}"' not in clerk.get("/cases?cause=C5").text
    assert "日超過" in said(clerk.get("/cases"))
    assert "期限を過ぎた案件" in said(clerk.get("/"))


def test_a_proposal_waits_on_the_list_of_somebody_else(desk: Callable[..., Desk], case_id: int) -> None:
    clerk, supervisor = desk("insurer_clerk"), desk("insurer_supervisor")
    path = f"/cases/{case_id}"
    said(clerk.submit(f"{path}/papers", {"finding": "own", "note": "届書の番号と一致"}))
    said(clerk.submit(f"{path}/confirm", {"result": "right", "basis": "papers", "reason": "届書", "checked": "1"}))
    said(clerk.submit(f"{path}/release", {"reason": "本人の番号"}))

    assert f'href="{path}"' in supervisor.get("/cases?step=approve").text
    assert f'href="{path}"' not in clerk.get("/cases?step=approve").text


def test_many_cases_of_a_group_are_done_at_once_and_each_refusal_is_named(
    desk: Callable[..., Desk], office: SmallWorld, case_id: int
) -> None:
    other = add_link(office, body=23)
    with office.work("insurer_clerk") as work:
        second = cases_of(work).open_case(opening(office, other))
        group_id = cases_of(work).case(second).group_id
    clerk = desk("insurer_clerk")
    said(clerk.submit(f"/cases/{case_id}/papers", {"finding": "own", "note": "一致"}))
    said(
        clerk.submit(
            f"/cases/{case_id}/confirm", {"result": "right", "basis": "papers", "reason": "一致", "checked": "1"}
        )
    )

    page = clerk.submit(
        f"/cases/groups/{group_id}",
        {"act": "papers", "cases": [str(case_id), str(second)], "finding": "unclear", "note": "書類なし"},
    )

    assert "1件に行いました" in said(page)
    assert "1件は行えませんでした" in said(page)
    assert "確定しています" in page.text


@pytest.mark.seed("S56")
def test_a_call_is_written_down_by_category_and_opens_a_case(desk: Callable[..., Desk], office: SmallWorld) -> None:
    add_link(office, body=31)
    clerk = desk("insurer_clerk")
    call = {
        "category": "others_shown", "channel": "telephone", "note": "知らない薬が表示された",
        "scheme_number": "06139999-12-131-00", "opens_case": "1", "restriction": "ALL", "act_token": "call-1",
    }  # fmt: skip

    first, again = clerk.submit("/calls", call), clerk.submit("/calls", call)

    assert "すべての閲覧停止" in said(first)
    assert first.url.path == again.url.path
    assert "30日で1件" in said(clerk.get("/calls"))


def test_a_call_sent_again_with_another_content_is_not_said_to_be_kept(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")
    call = {"category": "others_shown", "channel": "telephone", "note": "知らない薬", "act_token": "call-1"}
    said(clerk.submit("/calls", call))

    other = clerk.submit("/calls", {**call, "note": "別の人からの問合せ"})

    assert other.status_code == 409
    assert "すでに一度受け付けています" in other.text
    assert "別の人からの問合せ</textarea>" in other.text
    assert "30日で1件" in said(clerk.get("/calls"))
    said(clerk.submit("/calls", {**call, "note": "別の人からの問合せ", "act_token": hidden(other, "act_token")}))
    assert "30日で2件" in said(clerk.get("/calls"))


def test_figures_published_again_from_the_same_form_with_another_text_are_refused(desk: Callable[..., Desk]) -> None:
    supervisor, path = desk("insurer_supervisor"), "/cases/publications/new"
    form = {
        **dict.fromkeys(("summary", "shown", "money", "cause", "prevention_new", "prevention_existing"), "記載"),
        "as_of": "令和8年4月1日", "agreed": "1", "act": "publish", "act_token": "form-1",
    }  # fmt: skip

    first, again = supervisor.submit(path, form), supervisor.submit(path, form)
    other = supervisor.submit(path, {**form, "summary": "書き直した概要", "reason": "追記"})

    assert (first.url.path, again.url.path) == ("/cases/publications/1", "/cases/publications/1")
    assert other.status_code == 409
    assert "すでに一度受け付けています" in other.text
    assert supervisor.get("/cases/publications/2").url.path == "/cases/publications"


@pytest.mark.parametrize(
    ("field", "given", "told"),
    [
        ("as_of", {"as_of": "令和8年4月2日"}, "今日より後の日は書けません"),
        ("first", {"first": "令和8年4月2日"}, "最初の期間の始まりが、時点より後です"),
        (
            "ends",
            {"first": "令和8年3月1日", "ends": "令和8年2月28日"},
            "最初の期間の始まりより前に終わる期間があります",
        ),
        ("ends", {"ends": "令和8年4月30日"}, "時点より後に終わる期間があります"),
        ("money", {"money": "−5"}, "金額は0円以上で書いてください"),
        ("money", {"money": "▲１，２００円"}, "金額は0円以上で書いてください"),
    ],
)
def test_what_cannot_be_published_is_said_beside_its_field(
    desk: Callable[..., Desk], field: str, given: dict[str, str], told: str
) -> None:
    form = {
        **dict.fromkeys(("summary", "shown", "money", "cause", "prevention_new", "prevention_existing"), "記載"),
        "as_of": "令和8年4月1日", "agreed": "1", "act": "publish",
    }  # fmt: skip

    page = desk("insurer_supervisor").submit("/cases/publications/new", {**form, **given})

    assert page.status_code == 422
    assert re.search(rf'id="error-{field}"[^>]*>[^<]*{told}', page.text), told
    assert f'href="#field-{field}' in page.text
    assert desk("insurer_supervisor").get("/cases/publications/1").url.path == "/cases/publications"


@pytest.mark.seed("S56")
def test_a_call_finds_the_member_by_the_number_that_people_know(desk: Callable[..., Desk], office: SmallWorld) -> None:
    link = add_link(office, body=31, scheme_number="06139999:12:131:00")
    add_link(office, body=32, scheme_number="06139999:12:131:01")
    clerk = desk("insurer_clerk")
    call = {"category": "others_shown", "channel": "telephone", "note": "知らない薬", "opens_case": "1"}

    for typed in ("12-131-00", "１２・１３１・００", "06139999 12 131 00", "06139999:12:131:00"):
        assert "案件番号" in said(clerk.submit("/calls", {**call, "scheme_number": typed})), typed
    several = clerk.submit("/calls", {**call, "scheme_number": "12-131"})
    assert several.status_code == 422
    assert several.text.count('name="link_id"') == len(("00", "01"))
    chosen = clerk.submit("/calls", {**call, "scheme_number": "12-131", "link_id": str(link)})
    assert "案件番号" in said(chosen)
    nobody = clerk.submit("/calls", {**call, "scheme_number": "12-13"})
    assert nobody.status_code == 422
    assert "例：190-101-00）。" in nobody.text
    assert 'href="/cases/' in clerk.get("/cases?q=12-131-00").text
    assert 'href="/cases/' in clerk.get("/cases?q=ﾔﾏﾀﾞ").text


def test_the_letter_is_kept_byte_for_byte(desk: Callable[..., Desk], office: SmallWorld, case_id: int) -> None:
    clerk = desk("insurer_clerk")

    page = clerk.submit(f"/cases/{case_id}/sheet")

    assert page.content[:5] == b"%PDF-"
    with office.work("insurer_clerk") as work:
        [letter] = PostgresLetters(work.connection).letters(case_id)
        assert PostgresLetters(work.connection).pdf(letter.letter_id) == page.content
    assert desk("insurer_clerk", of=office.other_insurer).get(f"/cases/{case_id}").status_code == 404
    assert (
        desk("insurer_clerk", of=office.other_insurer).get(f"/cases/{case_id}/letters/{letter.letter_id}").status_code
        == 404
    )


def test_programs_read_cases_of_their_own_office_without_free_text(
    desk: Callable[..., Desk], office: SmallWorld, case_id: int
) -> None:
    clerk = desk("insurer_clerk")
    clerk.submit(f"/cases/{case_id}/note", {"note": "本人は入院中"})

    listed = clerk.get("/api/v1/cases").json()
    one = clerk.get(f"/api/v1/cases/{case_id}")

    assert [case["case_id"] for case in listed["cases"]] == [case_id]
    assert one.json()["next_step"] == "papers"
    assert {clock["name"] for clock in one.json()["clocks"]} == {"stop", "papers"}
    assert "入院" not in one.text
    assert desk("insurer_clerk", of=office.other_insurer).get(f"/api/v1/cases/{case_id}").status_code == 404
    assert desk("employer").get("/api/v1/cases").status_code == 403


def hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page.text)
    assert found is not None, name
    return found[1]


def stamp_of(page: Any) -> dict[str, str]:
    return {name: hidden(page, name) for name in ("act_token", "act_seen")}


def test_an_answer_from_a_stale_page_is_not_noted_over_that_of_a_colleague(
    desk: Callable[..., Desk], case_id: int
) -> None:
    clerk, supervisor = desk("insurer_clerk"), desk("insurer_supervisor")
    path = f"/cases/{case_id}"
    mine, theirs = (stamp_of(who.get(f"{path}/steps/papers")) for who in (clerk, supervisor))
    said(clerk.submit(f"{path}/note", {"note": "電話があった"}))

    first = clerk.submit(f"{path}/papers", {"finding": "own", "note": "届書の控え", **mine})
    stale = supervisor.submit(f"{path}/papers", {"finding": "others", "note": "古い台帳の写し", **theirs})
    stands = said(clerk.get(f"{path}/steps/papers"))
    knowingly = supervisor.submit(f"{path}/papers", {"finding": "others", "note": "古い台帳の写し", **stamp_of(stale)})
    twice = clerk.submit(f"{path}/papers", {"finding": "own", "note": "届書の控え", **mine})

    assert first.status_code == 200  # a remark meanwhile changes no answer
    assert stale.status_code == 409
    assert "案件が変わりました" in stale.text
    assert "古い台帳の写し</textarea>" in stale.text
    assert "届書の控え" in stands
    assert "古い台帳の写し" not in stands
    assert knowingly.status_code == 200
    assert twice.status_code == 200  # the same form sent twice was taken the first time
    assert "古い台帳の写し" in said(clerk.get(f"{path}/steps/papers"))


def test_a_confirmation_is_stale_when_the_papers_were_looked_up_again_while_it_was_looked_at(
    desk: Callable[..., Desk], case_id: int
) -> None:
    clerk, supervisor = desk("insurer_clerk"), desk("insurer_supervisor")
    path = f"/cases/{case_id}"
    said(clerk.submit(f"{path}/papers", {"finding": "own", "note": "届書の控え"}))
    given = {"result": "right", "basis": "papers", "reason": "届書と一致"}
    checking = clerk.submit(f"{path}/confirm", given | stamp_of(clerk.get(f"{path}/steps/confirm")))
    said(supervisor.submit(f"{path}/papers", {"finding": "others", "note": "別の人の届書"}))

    late = clerk.submit(f"{path}/confirm", {**given, **stamp_of(checking), "checked": "1"})

    assert late.status_code == 409
    assert "届書と一致" in late.text
    assert "確定した結論" not in said(clerk.get(path))


def test_a_conclusion_against_its_own_basis_must_be_declared(desk: Callable[..., Desk], case_id: int) -> None:
    clerk = desk("insurer_clerk")
    path = f"/cases/{case_id}"
    said(clerk.submit(f"{path}/papers", {"finding": "others", "note": "別の人の届書"}))
    given = {"result": "right", "basis": "papers", "reason": "書類の側の取り違え"}

    refused = clerk.submit(f"{path}/confirm", given)
    refused_too = clerk.submit(f"{path}/confirm", {**given, "checked": "1"})
    declared = clerk.submit(f"{path}/confirm", {**given, "against_basis": "1", "checked": "1"})

    assert (refused.status_code, refused_too.status_code) == (422, 422)
    assert "結論が食い違っています" in refused.text
    assert "書類の側の取り違え" in refused.text
    assert "根拠の確認結果と違う結論" in said(declared)
