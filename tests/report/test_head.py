"""Reading the review list once for the file and for the page."""

from __future__ import annotations

from samples import review_rows

from himozuke.gateways.report import ReviewHead


def test_the_head_hands_every_row_on_and_keeps_the_first() -> None:
    head = ReviewHead(ask=10, correct=5)

    handed_on = list(head.watch(review_rows()))

    assert len(handed_on) == 196 + 659
    assert [row.rank for row in head.ask] == list(range(1, 11))
    assert [row.action for row in head.correct] == ["correct"] * 5
