"""What may be shown of protected people, and which links the full inspection takes in."""

from __future__ import annotations

import pytest
from review_rows import ENTRY, row

from himozuke.inspection.decide import needs_full_inspection, public_items
from himozuke.inspection.model import ITEMS


@pytest.mark.parametrize(
    ("state", "own_address_shown"), [("different", True), ("missing", True), ("equal", False), ("near", False)]
)
def test_a_protected_address_is_hidden_on_every_side_that_tells_it(state: str, own_address_shown: bool) -> None:
    protected = row(protected=True, states={**dict.fromkeys(ITEMS, "equal"), "address": state}, rival=ENTRY)

    link, entry, rival = public_items(protected)

    assert bool(link.address) is own_address_shown
    assert entry is not None
    assert rival is not None
    assert (entry.address, rival.address) == ("", "")


@pytest.mark.seed("S92")
@pytest.mark.parametrize(
    ("items", "hits", "selected"),
    [(3, None, True), (1, 1, True), (4, 1, False), (5, 2, True), (None, None, False), (None, 3, True)],
)
def test_three_items_or_several_hits_call_for_the_full_inspection(
    items: int | None, hits: int | None, selected: bool
) -> None:
    assert needs_full_inspection(items, hits, at_most=3) is selected
