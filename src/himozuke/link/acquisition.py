"""How a number was got, and what a thin inquiry calls for."""

from __future__ import annotations


def needs_full_inspection(items: int | None, hits: int | None, *, at_most: int) -> bool:
    """Tell whether a link got by inquiry, or the links of a body that worked so, must be inspected in full.

    ``items`` is how many items the inquiry used and ``hits`` how many people answered (None: not
    said); ``at_most`` is the rule value for the day (three items). Source: S92.
    """
    return (items is not None and items <= at_most) or (hits is not None and hits > 1)
