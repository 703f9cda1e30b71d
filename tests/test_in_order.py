"""Work on threads gives what it gives without them: order, errors and all."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from himozuke.in_order import in_order, one_ahead


def breaking_after(items: int) -> Iterator[int]:
    """So many items, then an error."""
    yield from range(items)
    raise ValueError("broken")


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_results_come_in_the_order_of_their_items(threads: int) -> None:
    assert list(in_order(lambda item: item * item, range(50), threads=threads)) == [item * item for item in range(50)]
    assert list(one_ahead(range(50), threads=threads)) == list(range(50))
    assert list(one_ahead([], threads=threads)) == []


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_comes_in_its_turn(threads: int) -> None:
    for mapped in (in_order(abs, breaking_after(3), threads=threads), one_ahead(breaking_after(3), threads=threads)):
        assert [next(mapped), next(mapped), next(mapped)] == [0, 1, 2]
        with pytest.raises(ValueError, match="broken"):
            next(mapped)


def test_one_is_made_ahead_while_the_one_before_is_used_and_never_two() -> None:
    made: list[int] = []
    second = threading.Event()

    def making() -> Iterator[int]:
        for item in range(4):
            made.append(item)
            if item == 1:
                second.set()
            yield item

    items = one_ahead(making(), threads=2)
    first = next(items)

    assert second.wait(10)
    assert first == 0
    assert made == [0, 1]
    assert list(items) == [1, 2, 3]
