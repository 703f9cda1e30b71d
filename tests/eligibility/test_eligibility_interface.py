"""Eligibility over HTTP: our JSON and FHIR R4, each institution with its own key and limit."""

from __future__ import annotations

import base64
import contextlib
import hmac
import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from database_fixture import SmallWorld
from desk_fixture import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from institutions import accesses, add_death, add_institution, add_member, set_link

from himozuke.entrypoints.rate import RateLimit
from himozuke.entrypoints.wiring import Office
from himozuke.errors import InputRejectedError
from himozuke.gateways.fhir.eligibility import read_request

FHIR_NAMES = {"resourceType", "contained", "extension", "payor", "identifier", "value", "url", "valueString"} | {
    "insurance",
    "coverage",
    "birthDate",
    "servicedDate",
    "patient",
    "reference",
}
ASKED = {"insurer_number": "06130488", "symbol": "12", "number": "5678", "branch": "01", "birth_date": "1989-03-31"}


@pytest.fixture
def key(office: SmallWorld, wired: Office) -> str:
    """A key of the clinic's software."""
    add_institution(office)
    actor = office.actor("institution")
    assert actor.user_id is not None
    with wired.work(office.actor("administrator")) as work:
        return work.administration.issue_key(actor.user_id, name="レセコン")


@pytest.fixture
def ask(visitor_desk: Desk, key: str) -> Callable[..., Any]:
    """A POST with the clinic's key."""

    def post(path: str, body: object, **headers: str) -> Any:
        told = {"Authorization": f"Bearer {key}"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return visitor_desk.post(path, json=body, headers=told)

    return post


def test_a_clinic_asks_with_its_key_and_the_showing_is_logged(office: SmallWorld, ask: Callable[..., Any]) -> None:
    member = add_member(office)

    answer = ask("/api/v1/eligibility", ASKED)

    assert answer.status_code == 200
    told = answer.json()
    assert told["validity"] == "1"
    assert told["qualifications"][0]["insurer_number"] == "06130488"
    assert told["qualifications"][0]["kanji_name"] == "紐付　花子"
    assert accesses(office) == [(member.link_id, "reception", ["qualification"])]


def test_without_a_key_nothing_is_told(office: SmallWorld, visitor_desk: Desk) -> None:
    add_institution(office)

    assert visitor_desk.post("/api/v1/eligibility", json=ASKED).status_code == 401
    wrong = visitor_desk.post("/api/v1/eligibility", json=ASKED, headers={"Authorization": "Bearer no"})
    assert wrong.status_code == 401


def test_other_roles_may_not_ask(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    add_member(office)

    assert desk("insurer_clerk").post("/api/v1/eligibility", json=ASKED).status_code == 403
    assert accesses(office) == []


def test_an_unchanged_answer_is_304_with_a_new_proof_and_is_logged_too(
    office: SmallWorld, ask: Callable[..., Any]
) -> None:
    member = add_member(office)
    first = ask("/api/v1/eligibility", ASKED)

    again = ask("/api/v1/eligibility", ASKED, If_None_Match=first.headers["etag"])

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["himozuke-proof"]
    assert len(accesses(office)) == 2
    set_link(office, member, address="大阪府大阪市北区梅田一丁目1番1号")
    assert ask("/api/v1/eligibility", ASKED, If_None_Match=first.headers["etag"]).status_code == 200


def test_the_proof_can_be_checked_by_a_third_party(office: SmallWorld, ask: Callable[..., Any]) -> None:
    add_member(office)
    answer = ask("/api/v1/eligibility", ASKED)

    said, signature = (base64.urlsafe_b64decode(part + "==") for part in answer.json()["proof"].split("."))
    public = Ed25519PrivateKey.from_private_bytes(office.vault.ring.read().audit_key).public_key()

    public.verify(signature, said)
    assert json.loads(said)["institution"] == "1312345676"
    assert json.loads(said)["answer"] == answer.headers["etag"]


def test_the_proof_is_verified_with_the_published_key_alone(
    office: SmallWorld, ask: Callable[..., Any], visitor_desk: Desk
) -> None:
    add_member(office)
    proof = ask("/api/v1/eligibility", ASKED).json()["proof"]
    pem = visitor_desk.get("/api/v1/eligibility/proof-key").content

    # what the guide tells a vendor to do
    public = load_pem_public_key(pem)
    assert isinstance(public, Ed25519PublicKey)
    said, signature = (base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in proof.split("."))
    public.verify(signature, said)

    assert json.loads(said).keys() == {"at", "institution", "on", "answer", "salt", "asked"}
    with pytest.raises(InvalidSignature):
        public.verify(signature, said.replace(b"1312345676", b"1398765432"))


def test_a_proof_fits_only_the_question_that_was_asked(ask: Callable[..., Any]) -> None:
    """Two people who are not found get the same answer; neither can use the proof of the other."""
    proof = ask("/api/v1/eligibility", ASKED).json()["proof"]
    said = json.loads(base64.urlsafe_b64decode(proof.partition(".")[0] + "=="))

    def fits(asked: dict[str, str]) -> bool:
        # what the guide tells a payer to do
        lines = "\n".join(asked[name] for name in ("insurer_number", "symbol", "number", "branch", "birth_date"))
        salt, kept = (base64.urlsafe_b64decode(said[name] + "==") for name in ("salt", "asked"))
        return hmac.compare_digest(hmac.digest(salt, lines.encode(), "sha256"), kept)

    assert fits(ASKED)
    assert not fits(ASKED | {"number": "5679"})
    assert not fits(ASKED | {"birth_date": "1989-04-01"})
    assert "5678" not in json.dumps(said)
    other = json.loads(
        base64.urlsafe_b64decode(ask("/api/v1/eligibility", ASKED).json()["proof"].partition(".")[0] + "==")
    )
    assert other["asked"] != said["asked"]


def test_a_day_to_come_has_no_proof(office: SmallWorld, ask: Callable[..., Any]) -> None:
    add_member(office)

    today = ask("/api/v1/eligibility", ASKED | {"on": "2026-04-01"})
    tomorrow = ask("/api/v1/eligibility", ASKED | {"on": "2026-04-02"})

    assert today.json()["proof"]
    assert today.headers["himozuke-proof"]
    assert (tomorrow.json()["validity"], tomorrow.json()["proof"]) == ("1", "")
    assert "himozuke-proof" not in tomorrow.headers


def nothing_shown(office: SmallWorld) -> list[dict[str, Any]]:
    with office.system_work() as work:
        rows = work.connection.execute(
            "SELECT subject_id, details FROM audit_record WHERE act = 'eligibility.show_nothing' ORDER BY at, number"
        ).fetchall()
    return [{"institution": row["subject_id"]} | row["details"] for row in rows]


@pytest.mark.seed("S76")
def test_stopped_unknown_and_another_birth_date_cannot_be_told_apart(
    office: SmallWorld, ask: Callable[..., Any]
) -> None:
    member = add_member(office)
    other_birth = ask("/api/v1/eligibility", ASKED | {"birth_date": "1990-01-01"})
    set_link(office, member, state="stopped", restriction="ALL", verdict="REFUTED")

    stopped = ask("/api/v1/eligibility", ASKED)
    unknown = ask("/api/v1/eligibility", ASKED | {"number": "99999"})

    told = [answer.json() | {"proof": ""} for answer in (stopped, unknown, other_birth)]
    assert told[0] == told[1] == told[2]
    assert "申立書" in told[0]["message"]
    assert stopped.headers["etag"] == unknown.headers["etag"] == other_birth.headers["etag"]
    responses = [
        ask("/fhir/CoverageEligibilityRequest/$submit", fhir_request(identifier={"value": f"06130488:12:{number}:01"}))
        for number in ("5678", "99999")
    ]
    assert responses[0].json() == responses[1].json()


def test_every_question_that_shows_nothing_leaves_a_row(office: SmallWorld, ask: Callable[..., Any]) -> None:
    member = add_member(office)
    ask("/api/v1/eligibility", ASKED)
    assert nothing_shown(office) == []
    set_link(office, member, state="stopped", restriction="ALL", verdict="REFUTED")

    ask("/api/v1/eligibility", ASKED)
    ask("/api/v1/eligibility", ASKED)
    ask("/api/v1/eligibility", ASKED | {"number": "99999"})
    ask("/fhir/CoverageEligibilityRequest/$submit", fhir_request(identifier={"value": "06130488:1:1:00"}))

    rows = nothing_shown(office)
    assert [row["face"] for row in rows] == ["json", "json", "json", "fhir"]
    assert {row["institution"] for row in rows} == {"1312345676"}
    assert rows[0]["asked"] == rows[1]["asked"]  # the same question is known again
    assert len({row["asked"] for row in rows}) == 3
    assert "5678" not in json.dumps(rows)


def test_questions_that_show_nothing_count_against_the_limit(office: SmallWorld, ask: Callable[..., Any]) -> None:
    with office.system_work() as work:
        work.connection.execute("UPDATE institution SET requests_per_minute = 1")

    assert ask("/api/v1/eligibility", ASKED).status_code == 200
    assert ask("/api/v1/eligibility", ASKED).status_code == 429
    assert len(nothing_shown(office)) == 1


def test_walking_through_numbers_is_seen_by_the_administrator_and_the_auditor(
    office: SmallWorld, ask: Callable[..., Any], desk: Callable[..., Desk]
) -> None:
    add_member(office)
    office.clock.set("2026-03-20T12:00+09:00")
    ask("/api/v1/eligibility", ASKED | {"number": "1"})
    office.clock.set("2026-04-01T12:00+09:00")
    for number in ("2", "3", "3"):
        ask("/api/v1/eligibility", ASKED | {"number": number})
    ask("/api/v1/eligibility", ASKED)  # is shown, and counts elsewhere

    administrator = desk("administrator")
    listed = administrator.get("/administration/institutions").text
    with office.system_work() as work:
        row = work.connection.execute("SELECT organisation_id FROM institution").fetchone()
        assert row is not None
    page = administrator.get(f"/administration/institutions/{row['organisation_id']}").text
    evidence = desk("auditor").get("/evidence?act=eligibility.show_nothing")

    assert "3件（異なる番号 2件）" in page
    assert "4件（異なる番号 3件）" in page
    assert '<td class="figure">4</td>' in listed
    assert "eligibility.show_nothing" in evidence.text


@pytest.mark.seed("S82c")
@pytest.mark.parametrize(("born", "percent"), [("1989-03-31", 30), ("1953-09-01", 20)])
def test_json_and_fhir_say_the_copay_the_counter_takes(
    office: SmallWorld, ask: Callable[..., Any], born: str, percent: int
) -> None:
    add_member(office, birth_date=born)

    told = ask("/api/v1/eligibility", ASKED | {"birth_date": born}).json()["qualifications"][0]
    patient = {"resourceType": "Patient", "id": "p", "birthDate": born}
    fhir = ask("/fhir/CoverageEligibilityRequest/$submit", fhir_request() | {"contained": [patient]}).json()

    assert (told["copay_percent"], told["is_copay_by_age"]) == (percent, True)
    assert fhir["insurance"][0]["item"][0]["benefit"][0]["allowedUnsignedInt"] == percent


def test_the_dead_are_not_valid_in_json_and_fhir(office: SmallWorld, ask: Callable[..., Any]) -> None:
    add_death(office, add_member(office), date(2026, 3, 30))

    told = ask("/api/v1/eligibility", ASKED).json()
    before = ask("/api/v1/eligibility", ASKED | {"on": "2026-03-30"}).json()
    fhir = ask("/fhir/CoverageEligibilityRequest/$submit", fhir_request()).json()

    ended = told["qualifications"][0]
    assert (told["validity"], ended["lost_on"], ended["loss_reason"]) == ("2", "2026-03-31", "01")
    assert before["validity"] == "1"
    assert fhir["insurance"][0]["inforce"] is False


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer " + "x" * 5000, "bearer\tno"])
def test_a_key_that_is_none_is_401_and_a_problem(office: SmallWorld, visitor_desk: Desk, header: str) -> None:
    add_institution(office)

    answer = visitor_desk.post("/api/v1/eligibility", json=ASKED, headers={"Authorization": header})

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_a_revoked_key_is_401_at_once(office: SmallWorld, wired: Office, ask: Callable[..., Any]) -> None:
    add_member(office)
    assert ask("/api/v1/eligibility", ASKED).status_code == 200
    with wired.work(office.actor("administrator")) as work:
        for key in work.administration.keys():
            work.administration.revoke_key(key.key_id)

    assert ask("/api/v1/eligibility", ASKED).status_code == 401


WRONG_BODIES: list[object] = [
    None,
    [],
    "text",
    1,
    {},
    ASKED | {"number": None},
    ASKED | {"number": ["5678"]},
    ASKED | {"number": "5678\u0000"},
    ASKED | {"symbol": "1\u001f2"},
    ASKED | {"symbol": "x" * 41},
    ASKED | {"birth_date": "平成元年3月31日"},
    ASKED | {"birth_date": 19890331},
    ASKED | {"on": "tomorrow"},
    ASKED | {"on": {}},
    ASKED | {"branch": 1},
    ASKED | {"more": {"deep": [{}]}},
    ASKED | {"insurer_number": "0613 0488 0613 0488 06"},
]


@pytest.mark.parametrize("body", WRONG_BODIES, ids=str)
def test_no_body_is_a_fault_of_ours(ask: Callable[..., Any], body: object) -> None:
    answer = ask("/api/v1/eligibility", body)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert {"type", "title", "status"} <= answer.json().keys()


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"number": "\\ud800"}'])
def test_bytes_that_are_no_json_are_a_problem(visitor_desk: Desk, key: str, content: bytes) -> None:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    for path in ("/api/v1/eligibility", "/fhir/CoverageEligibilityRequest/$submit"):
        answer = visitor_desk.post(path, content=content, headers=headers)
        assert answer.status_code in {400, 422}


def test_an_etag_of_another_day_or_person_does_not_match(office: SmallWorld, ask: Callable[..., Any]) -> None:
    add_member(office)
    add_member(office, 2, key=("06130488", "１２", "9999", "01"))
    tag = ask("/api/v1/eligibility", ASKED).headers["etag"]

    assert ask("/api/v1/eligibility", ASKED | {"number": "9999"}, If_None_Match=tag).status_code == 200
    assert ask("/api/v1/eligibility", ASKED | {"on": "2026-03-31"}, If_None_Match=tag).status_code == 200
    weak = ask("/api/v1/eligibility", ASKED, If_None_Match=f'"x", W/{tag}')
    assert weak.status_code == 304


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5) | st.just("06130488:12:5678:01"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(FHIR_NAMES)), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(sorted(FHIR_NAMES)), JUNK, max_size=6))
@settings(max_examples=400)
def test_any_fhir_object_is_understood_or_refused_with_the_element(body: dict[str, Any]) -> None:
    for resource in (body, body | {"resourceType": "CoverageEligibilityRequest"}):
        with contextlib.suppress(InputRejectedError):
            read_request(resource, institution_code="1312345676", today=date(2026, 4, 1))


def test_a_stopped_link_says_the_next_step_only(office: SmallWorld, ask: Callable[..., Any]) -> None:
    set_link(office, add_member(office), state="stopped", restriction="ALL", verdict="REFUTED")

    told = ask("/api/v1/eligibility", ASKED).json()

    assert (told["validity"], told["qualifications"], told["result_code"]) == ("4", [], "HZ-Q01")


@pytest.mark.parametrize(
    "wrong",
    [
        {"birth_date": "1989-02-30"},
        {"number": ""},
        {"insurer_number": 6139999},
        {"individual_number": "123456789012"},
    ],
)
def test_what_cannot_be_asked_is_a_problem_not_a_fault(ask: Callable[..., Any], wrong: dict[str, Any]) -> None:
    answer = ask("/api/v1/eligibility", ASKED | wrong)

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_the_bucket_fills_again_by_the_minute() -> None:
    now = [0.0]
    limit = RateLimit(lambda: now[0])

    assert [limit.ask(1, 2), limit.ask(1, 2)] == [0, 0]
    assert limit.ask(1, 2) == 30
    assert limit.ask(2, 2) == 0
    now[0] = 30.0
    assert limit.ask(1, 2) == 0


def test_too_many_questions_are_answered_429_with_the_time_to_wait(office: SmallWorld, ask: Callable[..., Any]) -> None:
    with office.system_work() as work:
        work.connection.execute("UPDATE institution SET requests_per_minute = 1")
    add_member(office)
    ask("/api/v1/eligibility", ASKED)

    answer = ask("/api/v1/eligibility", ASKED)

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0


def fhir_request(**coverage: Any) -> dict[str, Any]:
    return {
        "resourceType": "CoverageEligibilityRequest",
        "status": "active",
        "purpose": ["validation"],
        "patient": {"reference": "#p"},
        "created": "2026-04-01",
        "servicedDate": "2026-04-01",
        "insurer": {"display": "―"},
        "contained": [{"resourceType": "Patient", "id": "p", "birthDate": "1989-03-31"}],
        "insurance": [{"coverage": {"identifier": {"value": "06130488:12:5678:01"}} | coverage}],
    }


def test_a_fhir_client_gets_a_response_with_coverage_and_patient(office: SmallWorld, ask: Callable[..., Any]) -> None:
    limit = {"ratio": 20, "valid_from": "2026-01-01"}
    add_member(office, certificate={"elderly": limit, "card_class": "01"})

    answer = ask("/fhir/CoverageEligibilityRequest/$submit", fhir_request())

    assert answer.status_code == 200
    told = answer.json()
    assert told["resourceType"] == "CoverageEligibilityResponse"
    assert told["insurance"][0]["inforce"] is True
    assert told["insurance"][0]["item"][0]["benefit"][0]["allowedUnsignedInt"] == 20
    coverage = next(one for one in told["contained"] if one["resourceType"] == "Coverage")
    extensions = {one["url"].rpartition("_")[2]: one["valueString"] for one in coverage["extension"]}
    assert extensions == {"InsuredPersonSymbol": "１２", "InsuredPersonNumber": "5678", "InsuredPersonSubNumber": "01"}


def test_fhir_resources_hold_against_their_models(
    office: SmallWorld, ask: Callable[..., Any], visitor_desk: Desk
) -> None:
    models = pytest.importorskip("fhir.resources.R4B", reason="fhir.resources is not installed")
    from fhir.resources.R4B.capabilitystatement import CapabilityStatement
    from fhir.resources.R4B.coverageeligibilityresponse import CoverageEligibilityResponse

    assert models
    add_member(office)
    add_member(office, 2, key=("06130488", "9", "9", "00"), insurer=office.insurer)
    for body in (fhir_request(), fhir_request(identifier={"value": "06130488:1:1:00"})):
        CoverageEligibilityResponse.model_validate(ask("/fhir/CoverageEligibilityRequest/$submit", body).json())
    CapabilityStatement.model_validate(visitor_desk.get("/fhir/metadata").json())


def test_a_fhir_request_that_names_nobody_gets_an_operation_outcome(ask: Callable[..., Any]) -> None:
    answer = ask("/fhir/CoverageEligibilityRequest/$submit", {"resourceType": "Patient"})

    assert answer.status_code == 422
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_a_contained_coverage_of_jp_core_is_understood(office: SmallWorld, ask: Callable[..., Any]) -> None:
    add_member(office)
    url = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
    coverage = {
        "resourceType": "Coverage",
        "extension": [
            {"url": f"{url}Symbol", "valueString": "１２"},
            {"url": f"{url}Number", "valueString": "５６７８"},
        ],
        "payor": [{"identifier": {"value": "06130488"}}],
    }
    body = fhir_request() | {"contained": [coverage, *fhir_request()["contained"]]}

    assert ask("/fhir/CoverageEligibilityRequest/$submit", body).json()["insurance"][0]["inforce"] is True


def test_of_two_contained_coverages_the_one_referred_to_is_asked_about(
    office: SmallWorld, ask: Callable[..., Any]
) -> None:
    add_member(office)
    url = "http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson"
    coverages = [
        {
            "resourceType": "Coverage",
            "id": f"c{number}",
            "extension": [
                {"url": f"{url}Symbol", "valueString": "12"},
                {"url": f"{url}Number", "valueString": number},
            ],
            "payor": [{"identifier": {"value": "06130488"}}],
        }
        for number in ("9999", "5678")
    ]
    body = fhir_request() | {"contained": [*coverages, *fhir_request()["contained"]]}

    told = ask(FHIR_PATH, body | {"insurance": [{"coverage": {"reference": "#c5678"}}]}).json()

    assert told["insurance"][0]["inforce"] is True


FHIR_PATH = "/fhir/CoverageEligibilityRequest/$submit"


def test_fhir_tells_of_nobody_without_the_birth_date(office: SmallWorld, ask: Callable[..., Any]) -> None:
    add_member(office)
    bare = {name: value for name, value in fhir_request().items() if name != "contained"}

    for body in (bare, fhir_request() | {"contained": [{"resourceType": "Patient", "id": "p"}]}):
        answer = ask(FHIR_PATH, body)
        assert answer.status_code == 422
        assert "birthDate" in answer.json()["issue"][0]["diagnostics"]
    assert accesses(office) == []


@pytest.mark.parametrize(
    "change",
    [
        {"contained": 5},
        {"contained": [{"resourceType": "Coverage", "extension": 7}]},
        {"insurance": [{"coverage": {"identifier": {"value": "06130488:12\u0000:5678:01"}}}]},
        {"insurance": 1},
        {"servicedDate": {}},
        {"insurance": fhir_request()["insurance"] * 2},
        {"insurance": [{"coverage": {"reference": "#nope"}}]},
        {"status": "draft"},
        {"status": "cancelled"},
        {"purpose": ["benefits"]},
        {"purpose": ["validation", "benefits"]},
        {"created": ""},
    ],
    ids=str,
)
def test_what_fhir_cannot_take_is_an_operation_outcome(ask: Callable[..., Any], change: dict[str, Any]) -> None:
    answer = ask(FHIR_PATH, fhir_request() | change)

    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert answer.json()["issue"][0]["code"] == "invalid"


def test_every_refusal_under_fhir_is_an_operation_outcome(
    office: SmallWorld, ask: Callable[..., Any], key: str, visitor_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    bearer = {"Authorization": f"Bearer {key}"}
    broken = visitor_desk.post(FHIR_PATH, content=b"{", headers=bearer | {"Content-Type": "application/fhir+json"})
    strange = visitor_desk.post("/fhir/Patient/1", json={}, headers=bearer)
    closed = visitor_desk.post(FHIR_PATH, json=fhir_request())
    with monkeypatch.context() as broken_inside:
        broken_inside.setattr("himozuke.gateways.fhir.eligibility.write_response", lambda *_, **__: 1 / 0)
        fault = ask(FHIR_PATH, fhir_request())
    with office.system_work() as work:
        work.connection.execute("UPDATE institution SET requests_per_minute = 1")
    ask(FHIR_PATH, fhir_request())
    often = ask(FHIR_PATH, fhir_request())

    answers = (broken, closed, strange, often, fault)
    assert [answer.status_code for answer in answers] == [400, 401, 404, 429, 500]
    for answer in answers:
        assert answer.headers["content-type"].startswith("application/fhir+json")
        assert answer.json()["resourceType"] == "OperationOutcome"
    assert [answer.json()["issue"][0]["code"] for answer in answers] == [
        "structure",
        "login",
        "not-found",
        "throttled",
        "exception",
    ]
    assert int(often.headers["retry-after"]) > 0
    assert "ZeroDivision" not in fault.text


def test_whom_fhir_does_not_find_is_unknown_with_the_insurer_asked(ask: Callable[..., Any]) -> None:
    told = ask(FHIR_PATH, fhir_request()).json()

    assert "form" not in told
    assert "―" not in json.dumps(told, ensure_ascii=False)
    assert told["patient"]["extension"][0]["valueCode"] == "unknown"
    assert told["insurer"]["identifier"]["value"] == "06130488"
    codes = [one["valueCoding"]["code"] for one in told["extension"]]
    assert codes == ["OQSCD006-4", "HZ-Q01"]
