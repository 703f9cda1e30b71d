"""Reading the review list once for the file and for the page."""

from __future__ import annotations

from samples import review_rows

from himozuke.gateways.report import ReviewHead
from himozuke.inspection.review import ReviewColumns


def test_the_head_hands_every_row_on_and_keeps_the_first() -> None:
    head = ReviewHead(ask=10, correct=5)

    block = ReviewColumns.of(review_rows())

    handed_on = list(head.watch([block, block]))

    assert handed_on == [block, block]
    assert [row.rank for row in head.ask] == list(range(1, 11))
    assert [row.action for row in head.correct] == ["correct"] * 5


def test_what_comes_late_is_kept_as_long_as_there_is_room() -> None:
    asked, others = list(review_rows())[:3], list(review_rows())[-2:]
    head = ReviewHead(ask=5, correct=1)

    list(head.watch([ReviewColumns.of(asked), ReviewColumns.of(others), ReviewColumns.of(asked)]))

    assert head.ask == [*asked, *asked[:2]]
    assert head.correct == others[:1]
