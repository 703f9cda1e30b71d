"""The report as HTML: complete, honest about what is shown, safe against hostile data."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from samples import empty_summary, review_row, review_rows, summary

from himozuke.gateways.report import ReviewHead, render_report
from himozuke.inspection.decide import count
from himozuke.inspection.model import Items, Tally
from himozuke.inspection.review import ReviewColumns

VOID = {"meta", "input", "br", "wbr", "rect", "line", "circle", "col", "hr", "img", "link"}


class Outline(HTMLParser):
    """Tags in order, with a complaint for every tag that is not closed in turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if found.get("id"):
            self.ids.append(str(found["id"]))
        for name in ("aria-labelledby", "for"):
            self.references += (found.get(name) or "").split()
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(tag)


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    return parser


@pytest.fixture(scope="module")
def filled() -> str:
    head = ReviewHead(ask=24, correct=6)
    list(head.watch([ReviewColumns.of(review_rows())]))
    return render_report(summary(), head)


@pytest.fixture(scope="module")
def empty() -> str:
    return render_report(empty_summary(), ReviewHead())


@pytest.mark.parametrize("name", ["filled", "empty"])
def test_every_tag_is_closed_and_every_reference_has_its_target(name: str, request: pytest.FixtureRequest) -> None:
    found = outline(request.getfixturevalue(name))

    assert found.faults == []
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert set(found.references) <= set(found.ids)


@pytest.mark.parametrize("name", ["filled", "empty"])
def test_headings_never_skip_a_level(name: str, request: pytest.FixtureRequest) -> None:
    headings = outline(request.getfixturevalue(name)).headings

    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(headings))


def test_the_page_refers_to_nothing_outside(filled: str) -> None:
    addresses = [
        value
        for _, attributes in outline(filled).tags
        for name, value in attributes.items()
        if name in ("href", "src", "action", "xlink:href", "data", "poster")
    ]

    assert addresses
    assert all((value or "").startswith("#") for value in addresses)
    assert "@import" not in filled
    assert not re.search(r"url\((?!#)", filled)


def test_every_picture_has_a_title_and_a_description(filled: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", filled, re.DOTALL)

    drawn = [picture for picture in pictures if 'aria-hidden="true"' not in picture]
    assert len(drawn) == 6  # funnel, causes and row shifts, in two languages
    assert all('role="img"' in one and "<title" in one and "<desc" in one for one in drawn)


def test_every_table_has_a_caption_or_a_label_and_scoped_headers(filled: str) -> None:
    for table in re.findall(r"<table.*?</table>", filled, re.DOTALL):
        assert "<caption" in table or "aria-labelledby" in table
        assert all("scope=" in header for header in re.findall(r"<th\b[^>]*>", table))


def test_hostile_values_stay_text() -> None:
    hostile = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
    row = review_row(
        link_id=hostile,
        scheme_number=hostile,
        batch=hostile,
        operator=hostile,
        link=Items(hostile, hostile, hostile, hostile, hostile),
        entry=Items(*[hostile + "甲"] * 5),
        rival=Items(*["</td></table>" + hostile] * 5),
    )

    html = render_report(summary(), ReviewHead.of([row]))

    assert html.count("<script>") == 1
    assert "<img" not in html
    assert outline(html).faults == []
    assert "&lt;script&gt;" in html


def test_direction_marks_and_private_use_characters_are_shown_by_code() -> None:
    row = review_row(link=Items("山田\u202e郎太", "ヤマダ\u200b", "1987-03-04", "男", "外字\ue000町"))

    html = render_report(summary(), ReviewHead.of([row]))

    assert "\u202e" not in html
    assert "[U+202E]" in html
    assert "[U+200B]" in html
    assert "[U+E000]" in html


def test_a_protected_persons_address_is_nowhere_on_the_page() -> None:
    secret = Items("佐々木　健二", "ササキ　ケンジ", "1990-11-20", "1", "秘密県秘密市秘密町9番")
    row = review_row(protected=True, entry=secret, rival=secret, link=secret)

    html = render_report(summary(), ReviewHead.of([row]))

    assert "秘密県" not in html
    assert "支援措置のため非表示" in html
    assert "文書を送らないでください" in html


def test_the_page_says_how_many_rows_it_leaves_to_review_csv() -> None:
    short = ReviewHead(ask=20)
    list(short.watch([ReviewColumns.of(review_rows())]))
    html = render_report(summary(), short)
    assert "196件のうち上位20件を載せました。残り176件は review.csv にあります。" in html
    assert html.count('<article class="case"') == 20 + 100


def test_the_page_promises_no_further_rows_when_all_are_shown() -> None:
    one = count([Tally("REFUTED", "ask", "ALL", "ALL", "C1", ("different",) * 5, 1)])

    html = render_report(summary(counts=one), ReviewHead.of([review_row()]))

    assert "件のうち上位" not in html


def test_an_inspection_without_findings_says_so_naturally(empty: str) -> None:
    assert "問題のある紐付けは見つかりませんでした。" in empty
    assert "対応の必要な紐付けはありません。" in empty
    assert "すべての行を読み取れました。" in empty
    assert "番号の取得方法の記録がありません" in empty


def test_a_file_of_which_no_row_could_be_read_still_gets_a_report() -> None:
    counts = count([])
    none = {"NONE": 0, "MEDICAL": 0, "ALL": 0}

    for rows in (0, 5):
        html = render_report(
            empty_summary(
                rows_in_file=rows,
                rows_verdicted=0,
                rows_quarantined=rows,
                counts=counts,
                people={"restriction": none, "restriction_by_table": none},
                snapshot=None,
            ),
            ReviewHead(),
        )
        assert "判定できた紐付けはありません。" in html
        assert outline(html).faults == []


def test_figures_of_the_summary_stand_on_the_page(filled: str) -> None:
    assert "120,000件の紐付けを点検し、117,525件（97.9%）を正しいと確認しました。195人（196件）は" in filled
    assert "5a1c09d27b3e" in filled
    assert "3f" * 32 in filled
    assert "健康保険法施行規則第24条" in filled
    assert "himozuke rules show restriction.table" in filled


@pytest.mark.seed("S92")
def test_links_for_the_full_inspection_are_counted(filled: str) -> None:
    assert "全件点検の対象は4,210件です" in filled


def test_folded_and_variant_agreement_is_counted_never_hidden(filled: str) -> None:
    assert "異体字（髙と高など）" in filled
    assert "市町村合併・町名変更" in filled
