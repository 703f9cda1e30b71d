"""Who may call what: every handler with every role, and forms from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from litestar import Litestar
from route_table import Entry, entries

from himozuke.entrypoints.web import form_token
from himozuke.entrypoints.web.headers import HEADERS
from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor, Role

SEE_OTHER, UNAUTHORIZED, FORBIDDEN = 303, 401, 403
CITIZEN_KEY = "person-of-nobody"


@pytest.fixture
def anybody(app: Litestar) -> Iterator[Desk]:
    """A client that does not follow redirects, so that they can be looked at."""
    with Desk(app, base_url="http://desk.test", raise_server_exceptions=False) as client:
        client.follow_redirects = False
        yield client


def call(client: Desk, entry: Entry) -> int:
    """Call a handler as a page of ours would, with ids nobody has and an empty form."""
    if entry.verb == "GET":
        return client.get(entry.address).status_code
    if entry.opt.get("is_form"):
        return client.submit(entry.address).status_code
    return client.request(entry.verb, entry.address, json={}).status_code


def actors(office: SmallWorld) -> dict[Role, Actor]:
    return {role: office.actor(role.value, person_key=CITIZEN_KEY if role is Role.CITIZEN else None) for role in Role}


def test_every_handler_says_who_may_call_it(app: Litestar) -> None:
    silent = [f"{entry.verb} {entry.path}" for entry in entries(app) if not entry.roles]

    assert silent == []


def test_every_form_is_checked_and_every_other_change_is_for_programs(app: Litestar) -> None:
    unchecked = [
        f"{entry.verb} {entry.path}"
        for entry in entries(app)
        if entry.verb != "GET" and not (entry.opt.get("is_form") or entry.opt.get("is_api"))
    ]

    assert unchecked == []


def test_without_a_login_only_what_is_public_answers(app: Litestar, anybody: Desk) -> None:
    wrong = []
    for entry in entries(app):
        anybody.cookies.clear()
        status = call(anybody, entry)
        refused = UNAUTHORIZED if entry.opt.get("is_api") else SEE_OTHER
        if not entry.is_public and status != refused:
            wrong.append(f"{entry.verb} {entry.path}: {status}")

    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_every_handler_lets_in_the_roles_it_names_and_nobody_else(
    role: Role, app: Litestar, anybody: Desk, wired: Office, office: SmallWorld
) -> None:
    actor = actors(office)[role]
    wrong = []
    for entry in entries(app):
        if entry.opt.get("is_static"):
            continue
        anybody.log_in(wired, actor)
        status = call(anybody, entry)
        if entry.admits(role) and (status == FORBIDDEN or status >= 500) and entry.path != "/ready":
            wrong.append(f"{entry.verb} {entry.path}: {status}")
        if not entry.admits(role) and status != FORBIDDEN:
            wrong.append(f"{entry.verb} {entry.path}: {status}")

    assert wrong == []


def test_a_form_without_the_token_of_its_session_is_not_taken(
    app: Litestar, anybody: Desk, wired: Office, office: SmallWorld
) -> None:
    everybody = actors(office)
    taken = []
    for entry in entries(app):
        if not entry.opt.get("is_form") or entry.is_public:
            continue
        anybody.log_in(wired, everybody[next(role for role in Role if role in entry.roles)])
        if anybody.post(entry.address, data={form_token.FIELD: "0" * 64}).status_code != FORBIDDEN:
            taken.append(entry.path)

    assert taken == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://elsewhere.test"},
        {"Origin": "null"},
    ],
)
def test_nothing_is_taken_from_a_page_of_somebody_else(
    app: Litestar, anybody: Desk, wired: Office, office: SmallWorld, headers: dict[str, str]
) -> None:
    everybody = actors(office)
    taken = []
    for entry in entries(app):
        if entry.verb == "GET":
            continue
        role = next((role for role in Role if entry.admits(role)), Role.ADMINISTRATOR)
        anybody.log_in(wired, everybody[role])
        fields = {form_token.FIELD: form_token.token_for(anybody.cookies["himozuke"])}
        status = anybody.request(entry.verb, entry.address, data=fields, headers=headers).status_code
        if status != FORBIDDEN:
            taken.append(f"{entry.verb} {entry.path}: {status}")

    assert taken == []


def test_a_form_of_our_own_page_is_taken_in_every_browser(desk: Callable[..., Desk]) -> None:
    client = desk("administrator")

    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://desk.test"}, {}):
        assert client.submit("/styleguide", headers=headers).status_code == 422


@pytest.mark.parametrize("path", ["/login", "/nothing", "/api/v1/nothing", "/static/desk.css", "/health"])
def test_every_answer_forbids_foreign_content_and_frames(visitor_desk: Desk, path: str) -> None:
    answer = visitor_desk.get(path)

    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_pages_are_kept_by_no_cache(desk: Callable[..., Desk]) -> None:
    assert desk("insurer_clerk").get("/").headers["cache-control"] == "no-store"


def test_an_administrator_sees_no_personal_data(app: Litestar) -> None:
    open_to_all = {"/", "/logout", "/session/go-on"}
    own = ("/administration/", "/styleguide")
    others = sorted(
        entry.path
        for entry in entries(app)
        if not entry.is_public and Role.ADMINISTRATOR in entry.roles and not entry.path.startswith(own)
    )

    assert set(others) <= open_to_all


@pytest.mark.parametrize("address", ["/static/%00", "/login?next=%00", "/evidence?act=a%00b"])
def test_an_address_with_nul_is_refused_and_no_fault(anybody: Desk, address: str) -> None:
    answer = anybody.get(address)

    assert answer.status_code == 400
    assert "NUL" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_field_with_nul_is_refused_and_no_fault(anybody: Desk) -> None:
    assert anybody.submit("/login", {"login": "a\0", "password": "x"}).status_code == 422
