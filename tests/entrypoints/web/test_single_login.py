"""Logging in through the identity provider of one's organisation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from joserfc.jwk import RSAKey
from little_provider import CLIENT, LittleProvider, little_provider

from himozuke.entrypoints.web.app import create_app
from himozuke.entrypoints.wiring import Office
from himozuke.settings import Settings


@pytest.fixture
def provider(office: SmallWorld) -> Iterator[LittleProvider]:
    with little_provider() as running:
        running.login = office.actor("insurer_clerk").login
        running.now = int(office.clock.now().timestamp())
        yield running


@pytest.fixture
def visitor(wired: Office, provider: LittleProvider) -> Iterator[Desk]:
    settings = Settings(oidc_issuer=provider.url, oidc_client_id=CLIENT[0], oidc_client_secret=CLIENT[1])
    with Desk(create_app(replace(wired, settings=settings)), base_url="http://desk.test") as client:
        yield client


def come_back(visitor: Desk, provider: LittleProvider, path: str = "/login/oidc?next=/help/keys") -> str:
    """Go to the provider and back; the text of the page one ends on."""
    gone = visitor.get(path, follow_redirects=False)
    assert gone.status_code == 303
    assert gone.headers["location"].startswith(f"{provider.url}/authorize?")
    parts = urlsplit(provider.authorize(gone.headers["location"]))
    return visitor.get(f"{parts.path}?{parts.query}").text


def test_somebody_the_provider_knows_comes_in_and_goes_where_they_wanted(
    visitor: Desk, provider: LittleProvider
) -> None:
    page = come_back(visitor, provider)

    assert "キーボード操作</h1>" in page
    assert "保険者 担当" in page


def test_the_login_page_offers_the_provider_by_its_name(visitor: Desk) -> None:
    assert "OpenID Connectでログイン" in visitor.get("/login").text


def test_somebody_the_desk_does_not_know_stays_outside(visitor: Desk, provider: LittleProvider) -> None:
    provider.login = "nobody"

    assert "利用者として登録されていません" in come_back(visitor, provider)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another login"},
        {"aud": "another client"},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1},
        {"preferred_username": ""},
        {"preferred_username": "k\x00f"},
        {"aud": ["desk", "other"], "azp": "other"},
        {"aud": ["desk", "other"]},
        {"azp": 7},
    ],
)
def test_a_word_that_is_not_meant_for_this_login_is_not_taken(
    visitor: Desk, provider: LittleProvider, claims: dict[str, object]
) -> None:
    provider.claims = claims

    assert "確認できませんでした" in come_back(visitor, provider)
    assert visitor.get("/", follow_redirects=False).status_code == 303


def test_a_word_for_several_programs_is_taken_when_it_was_given_to_us(visitor: Desk, provider: LittleProvider) -> None:
    provider.claims = {"aud": ["desk", "other"], "azp": "desk"}

    assert "キーボード操作</h1>" in come_back(visitor, provider)


def test_a_word_signed_by_somebody_else_is_not_taken(visitor: Desk, provider: LittleProvider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "1"})

    assert "確認できませんでした" in come_back(visitor, provider)


def test_the_way_back_works_only_in_the_browser_that_went(visitor: Desk, provider: LittleProvider) -> None:
    back = provider.authorize(visitor.get("/login/oidc", follow_redirects=False).headers["location"])
    visitor.cookies.clear()
    parts = urlsplit(back)

    assert "確認できませんでした" in visitor.get(f"{parts.path}?{parts.query}").text


def test_the_state_of_another_login_is_refused(visitor: Desk) -> None:
    visitor.get("/login/oidc", follow_redirects=False)

    assert "確認できませんでした" in visitor.get("/login/oidc/return?code=x&state=y").text


def test_a_provider_that_is_down_leaves_the_password(wired: Office) -> None:
    settings = Settings(oidc_issuer="http://127.0.0.1:9", oidc_client_id="a", oidc_client_secret="b")  # noqa: S106
    with Desk(create_app(replace(wired, settings=settings)), base_url="http://desk.test") as visitor:
        page = visitor.get("/login/oidc")

    assert page.status_code == 422
    assert "応答しません" in page.text


def test_without_a_provider_there_is_no_such_page(visitor_desk: Desk) -> None:
    assert visitor_desk.get("/login/oidc").status_code == 404
