"""Logging in, out, and what the session lets through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from desk_fixture import Desk


def test_health_needs_no_login(visitor_desk: Desk) -> None:
    assert visitor_desk.get("/health").json() == {"status": "ok"}


def test_the_start_page_greets_a_role_by_name(desk: Callable[..., Desk]) -> None:
    page = desk("insurer_clerk").get("/")

    assert page.status_code == 200
    assert "保険者 担当" in page.text


def test_live(live_desk: Callable[..., Any]) -> None:
    page = live_desk("administrator")
    page.open("/styleguide")
    assert page.title()
    assert page.complaints == []
