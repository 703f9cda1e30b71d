"""The pages in a real browser: accessible, readable at 320 px, printable, offline."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from samples import empty_summary, review_rows, summary, tallies

from himozuke.campaign.published import (
    Change,
    ClassRow,
    ClassTable,
    Period,
    Publication,
    SchemeFigures,
    period_table,
)
from himozuke.gateways.report import ReviewHead, write_report
from himozuke.gateways.report.published import write_published
from himozuke.inspection.decide import count
from himozuke.inspection.model import CAUSES, Tally
from himozuke.inspection.review import ReviewColumns

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
}


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    head = ReviewHead(ask=3, correct=1)
    list(head.watch([ReviewColumns.of(review_rows())]))
    write_report(folder / "filled.html", summary(), head)
    write_report(folder / "empty.html", empty_summary(), ReviewHead())
    classes = ClassTable((ClassRow(1, 293, 8.6), ClassRow(2, 1_010, 29.6), ClassRow(3, 2_108, 61.8)), 3_411, ("x",))
    periods = period_table([Period(date(2021, 10, 1), date(2021, 11, 30), 33, 1, "約2,200万件", "注")])
    schemes = [SchemeFigures("health_insurance", "健康保険", "Health insurance", 1, *[12_345_678] * 9)]
    changed = Change("period/2021-10-01..2021-11-30/viewed", 0, 1)
    versions = [
        Publication(1, date(2023, 2, 17), "", {}),
        Publication(2, date(2023, 6, 13), "ログの全件確認による", {}, (changed,)),
    ]
    write_published(folder / "published.html", classes=classes, periods=periods, schemes=schemes, history=versions)
    return {name: folder / f"{name}.html" for name in ("filled", "empty", "published")}


@pytest.mark.parametrize(
    ("name", "language"),
    [("filled", "ja"), ("filled", "en"), ("empty", "ja"), ("published", "ja"), ("published", "en")],
)
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


@pytest.mark.parametrize("name", ["filled", "published"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_nothing_runs_over_at_320_pixels(offline_page: Any, reports: dict[str, Path], name: str, language: str) -> None:
    offline_page.set_viewport_size({"width": 320, "height": 640})
    offline_page.goto(reports[name].as_uri())
    offline_page.locator(f"label[for=lang-{language}]").click()

    assert offline_page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize(("name", "pages"), [("filled", range(6, 11)), ("published", range(1, 3))])
def test_a_page_prints_on_a4_without_blank_or_clipped_sheets(
    offline_page: Any, reports: dict[str, Path], name: str, pages: range
) -> None:
    offline_page.goto(reports[name].as_uri())

    printed = offline_page.pdf(prefer_css_page_size=True)

    assert len(re.findall(rb"/Type\s*/Page\b", printed)) in pages
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


@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_label_runs_out_of_its_picture(offline_page: Any, tmp_path: Path, language: str) -> None:
    every_cause = [Tally("REFUTED", "ask", "ALL", "ALL", cause, ("different",) * 5, 9) for cause in CAUSES]
    write_report(tmp_path / "causes.html", summary(counts=count([*tallies(), *every_cause])), ReviewHead())
    offline_page.goto((tmp_path / "causes.html").as_uri())
    offline_page.locator(f"label[for=lang-{language}]").click()

    outside = offline_page.evaluate(
        "[...document.querySelectorAll('svg text')].filter(e => e.checkVisibility()).filter(e => {"
        " const box = e.getBBox(), view = e.ownerSVGElement.viewBox.baseVal;"
        " return box.x < 0 || box.x + box.width > view.width || box.y < 0 || box.y + box.height > view.height;"
        "}).map(e => e.textContent)"
    )

    assert outside == []
