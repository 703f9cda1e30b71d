"""Work side by side on threads: the order is kept, and only a few items are held at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Item = TypeVar("_Item")
_Done = TypeVar("_Done")


def in_order(work: Callable[[_Item], _Done], items: Iterable[_Item], *, threads: int) -> Iterator[_Done]:
    """Map over items on some threads; at most ``threads`` + 1 are begun or wait to be taken.

    An error comes where the result of its item would have come. One thread works without any pool.
    """
    if threads <= 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(threads, thread_name_prefix="himozuke") as pool:
        waiting: deque[Future[_Done]] = deque()
        try:
            for future in _begun(pool, work, items):
                waiting.append(future)
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # the consumer may have had enough
            for future in waiting:
                future.cancel()


def one_ahead(items: Iterable[_Item], *, threads: int) -> Iterator[_Item]:
    """The same items, each made on a thread while the one before it is used, never two at once.

    An error comes where its item would have come. One thread makes each when it is asked for.
    """
    if threads <= 1:
        yield from items
        return
    things = iter(items)
    with ThreadPoolExecutor(1, thread_name_prefix="himozuke") as pool:
        coming = pool.submit(_next, things)
        while item := coming.result():
            coming = pool.submit(_next, things)
            yield item[0]


def _next(things: Iterator[_Item]) -> tuple[_Item] | None:
    """The next item, or nothing at the end."""
    for thing in things:
        return (thing,)
    return None


def _begun(pool: ThreadPoolExecutor, work: Callable[[_Item], _Done], items: Iterable[_Item]) -> Iterator[Future[_Done]]:
    """Begin item by item; an error of the items themselves waits for its turn behind those before it."""
    things = iter(items)
    while True:
        try:
            item = next(things)
        except StopIteration:
            return
        except Exception as error:  # noqa: BLE001 raised again in its turn
            failed: Future[_Done] = Future()
            failed.set_exception(error)
            yield failed
            return
        yield pool.submit(work, item)
