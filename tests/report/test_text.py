"""Marking what differs between two values."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import summary

from himozuke.gateways.report import page, pictures, text
from himozuke.inspection.model import STATES, Run


@pytest.mark.parametrize(
    ("own", "other", "state", "expected"),
    [
        ("佐藤　健一", "佐藤　健二", "near", "<bdi>佐藤　健<mark>一</mark></bdi>"),
        ("タカハシ", "タカハシ", "equal", "<bdi>タカハシ</bdi>"),
        ("１丁目", "1丁目", "folded", "<bdi>１丁目</bdi>"),
        ("１丁目２", "1丁目3", "near", "<bdi>１丁目<mark>２</mark></bdi>"),
        ("髙橋", "高橋", "variant", "<bdi><mark>髙</mark>橋</bdi>"),
        ("葛\U000e0100城", "葛城", "variant", "<bdi><mark>葛\U000e0100</mark>城</bdi>"),
        ("東京都", "", "missing", "<bdi>東京都</bdi>"),
        ("大阪府堺市", "北海道", "different", "<bdi><mark>大阪府堺市</mark></bdi>"),
        ("<b>", "<i>", "near", "<bdi>&lt;<mark>b</mark>&gt;</bdi>"),
    ],
)
def test_only_the_characters_that_differ_are_marked(own: str, other: str, state: str, expected: str) -> None:
    assert text.marked(own, other, state=state) == expected


@given(st.text(max_size=30), st.text(max_size=30), st.sampled_from(STATES))
def test_marking_never_changes_the_text(own: str, other: str, state: str) -> None:
    shown = text.marked(own, other, state=state)

    assert html.unescape(re.sub(r"</?(?:bdi|mark)>", "", shown)) == text.visible(own)


def test_a_date_in_another_notation_is_compared_figure_by_figure() -> None:
    shown = text.marked_date("昭和62年3月4日", "1987-03-14", state="near")

    assert "昭和62年3月4日" in shown
    assert "1987-03-<mark>0</mark>4" in shown
    assert text.marked_date("1987-03-14", "昭和62年3月4日", state="near") == "<bdi>1987-03-<mark>1</mark>4</bdi>"
    assert text.marked_date("不詳", "1987-03-14", state="unknown") == "<bdi><mark>不詳</mark></bdi>"


def test_a_css_string_cannot_be_left() -> None:
    assert text.css_string('a"}</style>') == '"a\\22 \\7d \\3c \\2f style\\3e "'


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 10, "0.0%"),
        (10, 10, "100.0%"),
        (1, 3, "33.3%"),
        (9_999, 10_000, "99.99%"),
        (1, 10**9, "<0.000001%"),
        (0, 0, "–"),
    ],
)
def test_a_share_never_rounds_a_rest_away(part: int, whole: int, said: str) -> None:
    assert page.share(part, whole) == said


def test_of_very_many_runs_the_largest_are_drawn_in_file_order() -> None:
    runs = tuple(Run("block", row, row, 5, row % 7) for row in range(1, 1_001))

    marks = pictures.shift_picture(summary(runs=runs)).marks

    assert len(marks) == pictures.MOST_MARKS
    assert [mark.number for mark in marks] == sorted(mark.number for mark in marks)


def test_runs_are_drawn_inside_the_plot_however_short_or_many() -> None:
    runs = tuple(Run("shift", row, row + 1, shift, 2) for shift, row in enumerate(range(1, 120_000, 1_000), start=1))

    drawn = pictures.shift_picture(summary(runs=(*runs, Run("sorted", 119_999, 120_021, 0, 23))))

    assert len(drawn.lanes) == pictures.MOST_LANES + 2
    assert all(mark.left >= 130 and mark.left + mark.width <= 740.001 for mark in drawn.marks)
    assert len(drawn.marks) == len(runs) + 1


def test_the_funnel_picture_shows_no_bar_for_nothing() -> None:
    from samples import empty_summary

    from himozuke.inspection.funnel import funnel

    bars = pictures.funnel_picture(funnel(empty_summary())).bars

    assert [bar.width for bar in bars if bar.count == 0] == [0.0] * sum(bar.count == 0 for bar in bars)
    assert all(bar.width > 0 for bar in bars if bar.count)
