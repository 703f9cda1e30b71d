"""Notices and single links over the interface: one as JSON, many as CSV, the same key twice once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from factories import link_to, person, table
from register_world import load
from registration_filings import acquisition_row, shfd

TARO = person(1001)
HANA = person(1008, kanji_name="佐藤　花", kana_name="サトウ　ハナ", birth_date="1990-07-15", sex="2")
NOTICE = {
    "event_on": "2026-04-01",
    "kanji_name": TARO["kanji_name"],
    "kana_name": TARO["kana_name"],
    "birth_date": TARO["birth_date"],
    "sex": "1",
    "address": TARO["address"],
    "individual_number": TARO["individual_number"],
    "acquisition_kind": "1",
    "has_dependents": "0",
    "pay_in_cash": "260000",
    "establishment_name": "ひもづけ商店",
    "establishment_address": "東京都千代田区霞が関一丁目2番3号",
    "employer_name": "紐付　太郎",
}


@pytest.fixture(autouse=True)
def _registered(office: SmallWorld) -> None:
    load(office, table([TARO, HANA]), date(2026, 4, 1))


def post(client: Desk, path: str, content: Any, **headers: str) -> Any:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(path, content=data, headers={"content-type": "application/json", **headers})


@pytest.mark.seed("S53")
def test_a_notice_is_registered_and_can_be_looked_up(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")

    answer = post(clerk, "/api/v1/notices", NOTICE)

    assert answer.status_code == 201
    notice = answer.json()
    assert (notice["state"], notice["link"]["verdict"], notice["link"]["state"]) == ("registered", "PROVEN", "released")
    assert notice["individual_number"] == "*********" + TARO["individual_number"][-3:]
    assert clerk.get(answer.headers["location"]).json() == notice
    assert desk("insurer_clerk").get(f"/api/v1/notices/{notice['notice_id']}").status_code == 200


@pytest.mark.seed("S60", "S61")
def test_without_number_and_with_four_items_it_is_refused_with_the_rule_and_kept_as_returned(
    desk: Callable[..., Desk],
) -> None:
    clerk = desk("insurer_clerk")

    japanese = {"accept-language": "ja"}

    answer = post(clerk, "/api/v1/notices", NOTICE | {"individual_number": "", "kana_name": ""}, **japanese)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert "項目を減らした照会はできません" in problem["detail"] or "カナ氏名" in problem["detail"]
    kept = clerk.get(problem["instance"]).json()
    assert (kept["state"], kept["link"]) == ("returned", None)


def test_a_missing_number_is_inquired_for_with_five_items(desk: Callable[..., Desk]) -> None:
    answer = post(desk("insurer_clerk"), "/api/v1/notices", NOTICE | {"individual_number": ""})

    assert answer.status_code == 201
    assert answer.json()["number_source"] == "inquired"


def test_the_same_key_gives_the_same_answer_and_one_notice(desk: Callable[..., Desk], office: SmallWorld) -> None:
    clerk = desk("insurer_clerk")
    header = {"Idempotency-Key": "n-1"}

    first = post(clerk, "/api/v1/notices", NOTICE, **header)
    second = post(clerk, "/api/v1/notices", NOTICE, **header)
    other = post(clerk, "/api/v1/notices", NOTICE | {"remarks": "x"}, **header)

    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert other.status_code == 409
    with office.system_work() as work:
        count = work.connection.execute("SELECT count(*) AS notices FROM notice").fetchone()
    assert count == {"notices": 1}


@pytest.mark.parametrize("name", ["upload", "template"])
def test_a_file_of_notices_is_taken_in_row_by_row(desk: Callable[..., Desk], name: str) -> None:
    data = shfd(acquisition_row(i32="東京都千代田区霞が関一丁目２番３号"), acquisition_row(i6="18", i8="髙橋　花"))
    if name == "template":
        columns = ("event_on", "kanji_name", "kana_name", "birth_date", "sex", "individual_number", "address",
                   "acquisition_kind", "has_dependents", "pay_in_cash", "establishment_name", "establishment_address",
                   "employer_name")  # fmt: skip
        good = ",".join(NOTICE[column] for column in columns)
        data = "\n".join([",".join(columns), good, good.replace("2026-04-01", "2026-02-30")]).encode()
    clerk = desk("insurer_clerk")

    answer = post(clerk, "/api/v1/notices", data, **{"content-type": "text/csv"})

    assert answer.status_code == 201
    found = answer.json()
    assert (found["rows"], found["taken"], found["refused"], len(found["notices"])) == (2, 1, 1, 1)
    assert found["problems"][0]["row"] == 2
    assert found["problems"][0]["remedy"]
    assert clerk.get(f"/api/v1/notices/{found['notices'][0]}").json()["state"] == "registered"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b'{"event_on":"2026-02-30"}',
        b'{"event_on":"2026-04-01","unknown":"x"}',
        b'{"event_on":1}',
    ],
)
def test_what_cannot_be_read_is_a_problem_and_never_a_fault_of_ours(desk: Callable[..., Desk], content: bytes) -> None:
    answer = post(desk("insurer_clerk"), "/api/v1/notices", content)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_an_employer_is_told_no_verdict_and_needs_a_place_of_work(
    desk: Callable[..., Desk], office: SmallWorld
) -> None:
    employer = desk("employer")
    assert post(employer, "/api/v1/notices", NOTICE).status_code == 403
    desk("insurer_clerk").submit("/establishments", {"name": "ひもづけ商店", "employer_id": str(office.employer)})

    answer = post(employer, "/api/v1/notices", NOTICE)

    assert answer.status_code == 201
    assert answer.json()["state"] == "registered"
    assert answer.json()["link"] is None


def test_notices_of_others_are_not_there(desk: Callable[..., Desk], office: SmallWorld) -> None:
    notice_id = post(desk("insurer_clerk"), "/api/v1/notices", NOTICE).json()["notice_id"]

    assert desk("insurer_clerk", of=office.other_insurer).get(f"/api/v1/notices/{notice_id}").status_code == 404
    assert desk("auditor").get(f"/api/v1/notices/{notice_id}").status_code == 403


@pytest.mark.seed("S111")
def test_a_single_link_is_proven_as_the_command_does(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")

    right = post(clerk, "/api/v1/verify?scheme=health_insurance&on=2026-04-01", link_to(TARO, link_id="L1"))
    wrong = post(clerk, "/api/v1/verify", link_to(TARO, individual_number=HANA["individual_number"]))
    several = post(clerk, "/api/v1/verify", [link_to(TARO), link_to(TARO, individual_number="12")])

    assert right.json()["verdict"] == "PROVEN"
    assert (right.json()["link_id"], right.json()["row"], right.json()["state_address"]) == ("L1", 1, "equal")
    assert (wrong.json()["verdict"], wrong.json()["rival_count"], wrong.json()["rank"]) == ("REFUTED", 1, 1)
    assert several.json()[1]["quarantined"]["code"] == "number_not_12_digits"
    assert TARO["individual_number"] not in right.text + wrong.text + several.text


@pytest.mark.seed("S75")
def test_a_second_acquisition_is_taken_and_the_answer_and_the_page_say_that_it_is_held(
    desk: Callable[..., Desk],
) -> None:
    clerk = desk("insurer_clerk")

    first, second = post(clerk, "/api/v1/notices", NOTICE), post(clerk, "/api/v1/notices", NOTICE)

    assert (first.status_code, second.status_code) == (201, 201)
    assert (first.json()["link"]["state"], first.json()["link"]["reasons"]) == ("released", [])
    assert (second.json()["link"]["state"], second.json()["link"]["reasons"]) == ("held", ["several_valid_links"])
    page = clerk.get(f"/notices/{second.json()['notice_id']}").text
    assert "この人には有効な資格が既にある" in page
    assert "台帳が応答しなかった" not in page
    loss = {name: NOTICE[name] for name in ("event_on", "kana_name", "birth_date")}
    loss |= {"kind": "loss", "end_reason": "4", "number": first.json()["number"]}
    assert post(clerk, "/api/v1/notices", loss).status_code == 201
    assert clerk.get(second.headers["location"]).json()["link"]["state"] == "released"


def template(*rows: dict[str, str]) -> bytes:
    """Rows as a CSV file of our template."""
    names = list(NOTICE | {name: "" for row in rows for name in row})
    lines = [names, *([(NOTICE | row).get(name, "") for name in names] for row in rows)]
    return "\n".join(",".join(line) for line in lines).encode()


@pytest.mark.seed("S75")
def test_rows_of_a_file_that_go_back_or_are_held_say_which_rows_they_are(desk: Callable[..., Desk]) -> None:
    hana = {name: HANA[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "individual_number")}
    data = template({"symbol": "888", "number": "1"}, hana | {"symbol": "888", "number": "1"}, {"symbol": "889"})
    unknown = template({"kind": "ナゾ"}, {"remarks": "x", "number_answer": "たぶん"})
    clerk = desk("insurer_clerk")

    found = post(clerk, "/api/v1/notices", data, **{"content-type": "text/csv"}).json()
    japanese = {"content-type": "text/csv", "accept-language": "ja"}
    strange = post(clerk, "/api/v1/notices", unknown, **japanese).json()
    other = template({"kind": "ナゾ"}, {"remarks": "y", "number_answer": "たぶん"})
    english = post(clerk, "/api/v1/notices", other, **{"content-type": "text/csv"}).json()

    told = [(problem["code"], problem["line"], problem["row"]) for problem in found["problems"]]
    assert told == [("number_taken", 3, 2), ("several_valid_links", 4, 3)]
    assert (found["taken"], found["returned"]) == (3, 1)
    reasons = " ".join(problem["reason"] for problem in strange["problems"])
    assert "取得・喪失" in reasons
    assert english["problems"]
    assert any("ください" in problem["remedy"] for problem in strange["problems"])
    assert not any("ください" in problem["remedy"] for problem in english["problems"])
    assert "（）" not in reasons


def test_the_file_of_an_entry_registers_the_insured_person_and_the_dependent(desk: Callable[..., Desk]) -> None:
    hana = {name: HANA[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "individual_number")}
    joins = hana | {"kind": "被扶養者追加", "symbol": "701", "number": "1", "branch": "01", "relation": "妻"}

    found = post(
        desk("insurer_clerk"),
        "/api/v1/notices",
        template({"symbol": "701", "number": "1"}, joins),
        **{"content-type": "text/csv"},
    ).json()

    assert (found["taken"], found["returned"], found["problems"]) == (2, 0, [])


@pytest.mark.parametrize(
    ("texts", "key", "code"),
    [
        ({"event_on": "9999-12-31"}, "event_on", "event_out_of_range"),
        ({"pay_in_cash": "-5"}, "pay_in_cash", "not_digits"),
        ({"acquisition_kind": "99"}, "acquisition_kind", "not_a_code"),
        ({"kanji_name": "山田　太\ue000"}, "kanji_name", "foreign_private"),
    ],
)
def test_a_field_that_cannot_be_taken_is_named_as_the_caller_knows_it(
    desk: Callable[..., Desk], texts: dict[str, str], key: str, code: str
) -> None:
    answer = post(desk("insurer_clerk"), "/api/v1/notices", NOTICE | texts)

    assert answer.status_code == 422
    assert [(one["key"], one["code"]) for one in answer.json()["errors"]] == [(key, code)]


def test_another_type_of_content_is_not_taken_for_a_file(desk: Callable[..., Desk]) -> None:
    answer = post(desk("insurer_clerk"), "/api/v1/notices", b"<a/>", **{"content-type": "application/xml"})

    assert answer.status_code == 415
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_day_before_every_rule_is_refused_with_the_rule_and_digits_to_read(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")

    answers = [
        post(clerk, "/api/v1/verify?on=1800-01-01", link_to(TARO)),
        post(clerk, "/api/v1/verify", link_to(TARO) | {"on": "1800-01-01"}),
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("has no value on 1800-01-01" in answer.json()["detail"] for answer in answers)


def test_a_refusal_shows_its_figures_but_no_individual_number(desk: Callable[..., Desk]) -> None:
    clerk = desk("insurer_clerk")

    day = post(clerk, "/api/v1/notices", NOTICE | {"event_on": "2026-02-30"})
    strange = [
        post(clerk, "/api/v1/notices", NOTICE | {typed: "x"}) for typed in ("000000010014", "0000-0001 ００１４")
    ]

    assert "write it like 2026-04-01" in day.json()["detail"]
    for answer in strange:
        assert "*********014" in answer.text or "****-**** *０１４" in answer.text


@pytest.mark.parametrize(
    "content",
    [b"", b"3", b"[]", b'{"kanji_name":["x"]}', b'{"individual_number":"12"}', b'{"on":"x","kanji_name":"x"}'],
)
def test_a_link_that_cannot_be_read_is_refused(desk: Callable[..., Desk], content: bytes) -> None:
    assert post(desk("insurer_clerk"), "/api/v1/verify", content).status_code in {400, 422}


@pytest.mark.parametrize("role", ["employer", "auditor", "fund_operator", "ministry_viewer", "administrator"])
def test_those_who_may_not_inquire_may_not_verify(desk: Callable[..., Desk], role: str) -> None:
    assert post(desk(role), "/api/v1/verify", link_to(TARO)).status_code == 403


@pytest.mark.parametrize(
    ("named", "status"),
    [("株式会社見本工業", 422), ("ひもづけ 商店", 201), ("どこにもない工業", 422)],
    ids=["another", "own", "none"],
)
def test_an_employer_files_for_its_own_place_of_work_alone(
    desk: Callable[..., Desk], office: SmallWorld, named: str, status: int
) -> None:
    places = [("ひもづけ商店", office.employer), ("株式会社見本工業", office.other_employer)]
    for name, employer in places:
        desk("insurer_clerk").submit(
            "/establishments", {"name": name, "employer_name": "紐付　太郎", "employer_id": str(employer)}
        )

    answer = post(desk("employer"), "/api/v1/notices", NOTICE | {"establishment_name": named})

    assert answer.status_code == status
    codes = [error["code"] for error in answer.json().get("errors", [])]
    assert codes == (["another_establishment"] if status == 422 else [])
    if status == 422:
        kept = desk("insurer_clerk").get(answer.json()["instance"]).json()
        assert (kept["state"], kept["link"]) == ("returned", None)
