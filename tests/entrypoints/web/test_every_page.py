"""The desk in a real browser: every page of every role, narrow, dark, printed, by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from database_fixture import SmallWorld
from desk_fixture import FAST, NARROW, assert_accessible, assert_reflows
from litestar import Litestar
from route_table import Entry, entries

from himozuke.entrypoints.wiring import Office
from himozuke.ports.actor import Actor, Role

PASSWORD = "山の上の小さな赤い家に住む"  # noqa: S105 -- synthetic
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 -- synthetic
WIDE = {"width": 1280, "height": 900}
NO_CONTENT = {"/language/{language:str}", "/login/oidc", "/login/oidc/return", "/enrol"}


def pages_of(app: Litestar, role: Role | None) -> Iterator[Entry]:
    """The pages of a role; of nobody: those that need no login."""
    for entry in entries(app):
        is_open = entry.is_public if role is None else role in entry.roles
        if entry.is_page and is_open and entry.path not in NO_CONTENT:
            yield entry


def shape(entry: Entry) -> re.Pattern[str]:
    return re.compile(re.sub(r"{\w+:\w+}", "[^/?]+", entry.path) + r"/?")


def walk(page: Any, wanted: list[Entry]) -> Iterator[str]:
    """Open every page without ids, and one page of each kind with ids to which any of them links."""
    waiting = [entry.path for entry in wanted if "{" not in entry.path]
    unseen = {entry.path: shape(entry) for entry in wanted if "{" in entry.path}
    while waiting:
        path = waiting.pop(0)
        answer = page.request.get(path)
        assert answer.status == 200, f"{path}: {answer.status}"
        if not is_shown(answer.headers):
            continue
        page.open(path)
        yield path
        for link in page.eval_on_selector_all("a[href^='/']", "links => links.map(link => link.pathname)"):
            for kind, pattern in list(unseen.items()):
                if pattern.fullmatch(link):
                    del unseen[kind]
                    waiting.append(link)


def is_shown(headers: Mapping[str, str]) -> bool:
    """Tell a page from a file, which the browser keeps instead of showing it."""
    return "text/html" in headers["content-type"] and "attachment" not in headers.get("content-disposition", "")


@pytest.mark.parametrize("role", [None, *Role])
def test_every_page_is_accessible_reflows_and_keeps_to_the_policy(
    role: Role | None, app: Litestar, live_desk: Callable[..., Any]
) -> None:
    page = live_desk(role.value if role else None, person_key="person" if role is Role.CITIZEN else None)
    seen = []

    for path in walk(page, list(pages_of(app, role))):
        page.set_viewport_size(WIDE)
        assert_accessible(page)
        assert_reflows(page)
        seen.append(path)

    assert seen
    assert page.complaints == []


def test_the_parts_of_pages_are_accessible_in_the_dark_and_in_english(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator", color_scheme="dark")

    for path in ("/styleguide", "/", "/administration/users"):
        page.open(f"/language/en?back={path}")
        assert page.locator("html").get_attribute("lang") == "en"
        assert_accessible(page)


def test_the_desk_stands_forced_colours(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator", forced_colors="active")
    page.open("/styleguide")

    assert page.locator(".button.is-primary").first.evaluate("part => getComputedStyle(part).borderStyle") == "solid"
    assert_reflows(page)


def test_somebody_logs_in_with_the_keyboard_alone(
    live_desk: Callable[..., Any], office: SmallWorld, wired: Office
) -> None:
    clerk = office.actor("insurer_clerk")
    with wired.work(Actor.system("test")) as work:
        work.account_store.set_credentials(
            clerk.user_id or 0,
            password_hash=FAST.hash(PASSWORD),
            totp_secret_sealed=wired.vault.box.seal(SECRET.encode(), purpose="totp"),
        )
    page = live_desk(None)
    page.open("/login")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "本文へ移動"
    page.keyboard.press("Enter")
    for text in (clerk.login, PASSWORD, pyotp.TOTP(SECRET).at(office.clock.now())):
        page.keyboard.press("Tab")
        page.keyboard.insert_text(text)
    page.keyboard.press("Enter")
    page.wait_for_url("**/")

    assert page.locator("h1").inner_text() == "今日の作業"


def test_what_is_wrong_is_read_out_first_and_leads_to_its_field(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator")
    page.open("/styleguide")
    page.press_through("F9")

    assert page.title().startswith("エラー：")
    assert page.evaluate("document.activeElement.id") == "error-summary"
    assert_accessible(page)

    page.locator(".error-summary a", has_text="生年月日").click()
    assert page.evaluate("document.activeElement.name") == "birth_date"
    page.locator(".error-summary a", has_text="性別").click()
    assert page.evaluate("document.activeElement.name") == "sex"


def test_a_function_key_presses_the_button_that_shows_it(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator")
    page.open("/styleguide")
    page.press_through("F12")

    assert urlsplit(page.url).path == "/"


def test_forms_work_without_scripts(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator", java_script_enabled=False)
    page.open("/administration/organisations")
    page.fill("[name=name]", "あたらしい健康保険組合")
    page.fill("[name=code]", "06130012")
    page.select_option("[name=kind]", "insurer")
    page.click("main button[type=submit]")

    assert page.locator("[role=status]").inner_text().endswith("登録しました。")
    assert page.locator("td", has_text="06130012").count() == 1


def test_somebody_who_does_nothing_is_warned_and_can_go_on(live_desk: Callable[..., Any]) -> None:
    page = live_desk("insurer_clerk")
    page.clock.install()
    page.open("/")
    warning = page.locator("#idle-warning")
    page.clock.fast_forward("24:00")
    assert not warning.is_visible()

    page.clock.fast_forward("01:30")
    assert warning.is_visible()
    assert page.evaluate("document.activeElement.id") == "idle-go-on"
    assert_accessible(page)

    page.keyboard.press("Enter")
    warning.wait_for(state="hidden")


def test_paper_shows_the_content_and_whose_it_is_without_the_furniture(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator")
    page.open("/styleguide")
    page.emulate_media(media="print")

    assert not page.locator("nav.side").is_visible()
    assert not page.locator(".masthead-acts").is_visible()
    assert page.locator(".print-foot").is_visible()
    assert "印刷日時：令和8年4月1日 9時00分" in page.locator(".print-foot").inner_text()
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_the_menu_is_folded_on_a_narrow_screen_and_opens(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator", viewport=NARROW)
    page.open("/")
    entry = page.locator("nav.side a", has_text="利用者")
    assert not entry.is_visible()

    page.locator("nav.side summary").click()
    assert entry.is_visible()
