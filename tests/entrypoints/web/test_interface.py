"""The HTTP interface: state, description, problems, and whatever a program may send."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from database_fixture import SmallWorld
from desk_fixture import Desk, session_of
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from litestar import Litestar, Request
from route_table import entries

from himozuke.entrypoints.web.reference import groups
from himozuke.entrypoints.web.refusals import problem
from himozuke.entrypoints.wiring import Office
from himozuke.errors import ConflictError, Sentence

EXAMPLES = 12


def test_the_program_is_alive_without_asking_anything(visitor_desk: Desk) -> None:
    assert visitor_desk.get("/health").json() == {"status": "ok"}


def test_the_program_is_not_ready_without_somebody_who_does_the_jobs(visitor_desk: Desk) -> None:
    answer = visitor_desk.get("/ready")

    assert answer.status_code == 503
    assert answer.json() == {"status": "not_ready", "database": "ok", "migrations": "ok", "jobs": "down"}


def test_the_program_is_ready_when_somebody_does_the_jobs(visitor_desk: Desk, office: SmallWorld) -> None:
    with office.system_work() as work:
        work.connection.execute("INSERT INTO procrastinate_workers DEFAULT VALUES")

    assert visitor_desk.get("/ready").json()["status"] == "ready"


def test_a_database_that_does_not_answer_is_told_and_nothing_else_breaks(
    visitor_desk: Desk, office: SmallWorld
) -> None:
    office.database.close()

    assert visitor_desk.get("/health").status_code == 200
    assert visitor_desk.get("/ready").json()["database"] == "down"
    assert visitor_desk.get("/metrics").status_code == 200


@pytest.mark.parametrize(
    ("accepted", "detail", "language"),
    [
        ("", "There is nothing to take", "en"),
        ("en, ja;q=0.5", "There is nothing to take", "en"),
        ("ja", "受け付けるものがありません", "ja"),
        ("ja-JP, en;q=0.9", "受け付けるものがありません", "ja"),
    ],
)
def test_programs_are_told_in_english_or_in_the_japanese_they_ask_for(
    accepted: str, detail: str, language: str
) -> None:
    scope: Any = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/cases",
        "headers": [(b"accept-language", accepted.encode())],
    }
    request: Request[Any, Any, Any] = Request(scope)

    answer = problem(request, ConflictError(Sentence("受け付けるものがありません", "There is nothing to take")), 409)

    assert answer.content["detail"] == detail
    assert answer.content["title"] == "Conflict"
    assert answer.headers["Content-Language"] == language


def test_what_a_browser_has_chosen_says_nothing_to_programs(desk: Callable[..., Desk]) -> None:
    client = desk("insurer_clerk")
    client.get("/language/ja?back=/")

    english = client.post("/api/v1/notices", json={})
    japanese = client.post("/api/v1/notices", json={}, headers={"Accept-Language": "ja"})

    assert english.status_code == japanese.status_code
    assert english.status_code >= 400
    assert not re.search("[ぁ-んァ-ヶ]", english.json()["detail"])


def test_an_english_sentence_stands_in_a_japanese_page_only_as_what_it_is(desk: Callable[..., Desk]) -> None:
    page = desk("insurer_clerk").submit("/cases/987654321/assign", {"assignee": "1" * 17})

    text = re.sub(r'<[^>]+lang="en".*?</p>', "", page.text)
    assert page.status_code == 404
    assert "There is no case" not in text


def test_figures_count_requests_by_handler_and_never_by_id(desk: Callable[..., Desk]) -> None:
    client = desk("administrator")
    client.get("/administration/users/987654321")

    text = client.get("/metrics").text

    line = r'himozuke_requests_total\{method="GET",path="/administration/users/\{user_id(:int)?\}",status="404"\} 1\.0'
    assert re.search(line, text)
    assert "987654321" not in text
    assert "himozuke_jobs" in text


@pytest.fixture
def described(visitor_desk: Desk) -> dict[str, Any]:
    content: dict[str, Any] = visitor_desk.get("/schema/openapi.json").json()
    return content


def test_every_operation_is_described(app: Litestar, described: dict[str, Any]) -> None:
    expected = {
        (re.sub(r"{(\w+):\w+}", r"{\1}", entry.path), entry.verb.lower())
        for entry in entries(app)
        if entry.opt.get("is_api")
    }
    found = {(path, verb) for path, item in described["paths"].items() for verb in item}

    assert found == expected


def test_every_operation_says_what_it_does_who_may_and_how_it_refuses(described: dict[str, Any]) -> None:
    for path, item in described["paths"].items():
        for verb, operation in item.items():
            where = f"{verb} {path}"
            assert operation["tags"], where
            assert "Who: " in operation["description"], where
            assert operation["security"], where
            assert all(answer["description"] for answer in operation["responses"].values()), where
            if path.startswith("/api/") and "403" in operation["responses"]:
                refused = operation["responses"]["403"]["content"]
                assert list(refused) == ["application/problem+json"], where
            elif path.startswith("/api/"):
                assert "Who: everybody" in operation["description"], where


def test_every_parameter_of_an_operation_is_described(described: dict[str, Any]) -> None:
    silent = [
        f"{verb} {path}: {parameter['name']}"
        for path, item in described["paths"].items()
        for verb, operation in item.items()
        for parameter in operation.get("parameters", [])
        if not parameter.get("description") and parameter["in"] != "path"
    ]

    assert silent == []


def test_the_reference_shows_every_operation_without_anything_from_elsewhere(
    visitor_desk: Desk, described: dict[str, Any]
) -> None:
    page = visitor_desk.get("/reference").text

    for path, item in described["paths"].items():
        for verb in item:
            assert f"{verb.upper()} {path}" in page
    assert re.findall(r"(?:src|href)=\"(?:https?:)?//", page) == []
    assert sum(len(parts) for _, parts in groups(described)) == sum(map(len, described["paths"].values()))


@pytest.mark.parametrize("key", ["", "Bearer", "Bearer ", "Bearer hmz_nobody", "Basic YTpi", "Bearer " + "x" * 5000])
def test_a_key_that_does_not_hold_is_a_problem(visitor_desk: Desk, key: str) -> None:
    answer = visitor_desk.get("/api/v1/cases", headers={"Authorization": key})

    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_role_that_may_not_is_told_so(desk: Callable[..., Desk]) -> None:
    answer = desk("administrator").get("/api/v1/cases")

    assert (answer.status_code, answer.json()["title"]) == (403, "Forbidden")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' * 2000])
def test_content_that_cannot_be_read_is_a_problem_and_no_fault_of_ours(
    desk: Callable[..., Desk], content: bytes
) -> None:
    client = desk("insurer_clerk")

    for path in ("/api/v1/notices", "/api/v1/verify"):
        answer = client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500, (path, answer.text)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def callers(app: Litestar, wired: Office, office: SmallWorld) -> dict[str, str]:
    """A session of each role that may call operations."""
    roles = sorted(
        {str(role) for entry in entries(app) if entry.opt.get("is_api") for role in entry.roles} - {"public"}
    )
    return {role: session_of(wired, office.actor(role)) for role in roles}


def test_whatever_a_program_sends_the_server_has_no_fault(app: Litestar, callers: dict[str, str]) -> None:
    schema = schemathesis.openapi.from_asgi("/schema/openapi.json", app)
    faults: list[str] = []

    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        who = sorted(callers.items()) if "/api/" in operation.path else [("nobody", "")]

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), caller=st.sampled_from(who))
        def send(case: Any, caller: tuple[str, str]) -> None:
            answer = case.call(cookies={"himozuke": caller[1]})
            if answer.status_code >= 500 and case.operation.path != "/ready":
                faults.append(f"{case.operation.label} as {caller[0]}: {answer.status_code} {answer.text[:200]}")

        send()

    assert faults == []
