"""The pages in a real browser: accessible, readable at 320 px, printable, offline."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from samples import empty_summary, review_rows, summary

from himozuke.gateways.report import ReviewHead, write_report

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    head = ReviewHead(ask=6, correct=2)
    list(head.watch(review_rows()))
    write_report(folder / "filled.html", summary(), head)
    write_report(folder / "empty.html", empty_summary(), ReviewHead())
    return {name: folder / f"{name}.html" for name in ("filled", "empty")}


@pytest.mark.parametrize("name", ["filled", "empty"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_axe_finds_no_violation(offline_page: Any, reports: dict[str, Path], name: str, language: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    offline_page.goto(reports[name].as_uri())
    offline_page.locator(f"label[for=lang-{language}]").click()

    found = axe.Axe().run(offline_page, options=RULES).response["violations"]

    faults = [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]]
    # The two radio buttons stand before every landmark, so that style rules can see them from there.
    assert [fault for fault in faults if not (fault[0] == "region" and 'name="lang"' in fault[1])] == []


def test_the_page_asks_the_network_for_nothing_and_the_console_is_silent(
    offline_page: Any, reports: dict[str, Path]
) -> None:
    offline_page.goto(reports["filled"].as_uri())

    assert offline_page.requested == [reports["filled"].as_uri()]
    assert offline_page.complaints == []


def test_the_language_switch_works_without_a_script(browser: Any, reports: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(reports["filled"].as_uri())

    assert page.get_by_role("heading", name="結果の概要").is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("heading", name="At a glance").is_visible()
    assert not page.get_by_text("結果の概要").first.is_visible()
    context.close()


def test_the_script_keeps_language_and_title_of_the_document_true(offline_page: Any, reports: dict[str, Path]) -> None:
    offline_page.goto(reports["filled"].as_uri() + "#en")

    assert offline_page.evaluate("document.documentElement.lang") == "en"
    assert offline_page.title() == "Link inspection report Health insurance"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_runs_over_at_320_pixels(offline_page: Any, reports: dict[str, Path], language: str) -> None:
    offline_page.set_viewport_size({"width": 320, "height": 640})
    offline_page.goto(reports["filled"].as_uri())
    offline_page.locator(f"label[for=lang-{language}]").click()

    assert offline_page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_report_prints_on_a4_without_blank_or_clipped_pages(offline_page: Any, reports: dict[str, Path]) -> None:
    offline_page.goto(reports["filled"].as_uri())

    printed = offline_page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) in range(6, 12)
    boxes = {
        tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox\s*\[([^\]]+)\]", printed)
    }
    assert boxes <= {(0, 0, 595, 842), (0, 0, 594, 842), (0, 0, 595, 841), (0, 0, 596, 842)}
    offline_page.set_viewport_size({"width": 695, "height": 900})  # the width of the type area of A4
    offline_page.emulate_media(media="print")
    wide = offline_page.evaluate(
        "[...document.querySelectorAll('table, svg')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        ".map(e => e.textContent.slice(0, 60))"
    )
    assert wide == []
