"""What may be shown of protected people, and which links the full inspection takes in."""

from __future__ import annotations

import pytest
from review_rows import ENTRY, row

from himozuke.inspection.decide import public_items
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


@pytest.mark.parametrize("state", ["different", "missing", "equal"])
def test_a_protected_rivals_address_is_not_told_by_the_links_own(state: str) -> None:
    """The states compare the link with the number's holder; the rival lives where the link says."""
    states = {**dict.fromkeys(ITEMS, "equal"), "address": state}

    shown = public_items(row(protected=True, rival_protected=True, states=states, rival=ENTRY))

    assert [side.address for side in shown if side] == ["", "", ""]
