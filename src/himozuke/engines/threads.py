"""Work side by side on threads: compiled loops and Arrow run outside the GIL."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Work = TypeVar("_Work")
_Done = TypeVar("_Done")


def in_parallel(work: Callable[[_Work], _Done], items: Iterable[_Work], *, threads: int) -> Iterator[_Done]:
    """Map over items in order, with a few in flight; compiled loops run side by side."""
    if threads <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Done]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
