"""Which inquiries were too thin to prove anything."""

from __future__ import annotations

import pytest

from himozuke.link.acquisition import needs_full_inspection


@pytest.mark.seed("S92")
@pytest.mark.parametrize(
    ("items", "hits", "selected"),
    [(3, None, True), (1, 1, True), (4, 1, False), (5, 2, True), (None, None, False), (None, 3, True)],
)
def test_three_items_or_several_hits_call_for_the_full_inspection(
    items: int | None, hits: int | None, selected: bool
) -> None:
    assert needs_full_inspection(items, hits, at_most=3) is selected
