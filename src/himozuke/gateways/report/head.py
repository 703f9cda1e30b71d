"""The first rows of a review list, kept while the whole list streams by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from himozuke.inspection.model import ReviewRow
from himozuke.inspection.review import ReviewColumns

ASK_ROWS_SHOWN = 300
CORRECT_ROWS_SHOWN = 100


class ReviewHead:
    """Keeps what the report shows of a review list that is written elsewhere at the same time.

    ``write_review(path, head.watch(blocks))`` reads the rows once for both.
    """

    def __init__(self, ask: int = ASK_ROWS_SHOWN, correct: int = CORRECT_ROWS_SHOWN) -> None:
        """Keep at most so many rows of each kind."""
        self.ask: list[ReviewRow] = []
        self.correct: list[ReviewRow] = []
        self._room = {"ask": ask, "correct": correct}

    @property
    def is_full(self) -> bool:
        """Whether the rest of the list changes nothing: rows to ask about come before those to correct."""
        return len(self.correct) == self._room["correct"]

    def watch(self, blocks: Iterable[ReviewColumns]) -> Iterator[ReviewColumns]:
        """Hand the rows on unchanged and keep the first ones of each action."""
        for block in blocks:
            actions = block.column("action").to_pylist()
            for action, kept in (("ask", self.ask), ("correct", self.correct)):
                places = (place for place, found in enumerate(actions) if found == action)
                kept.extend(block.rows(list(islice(places, self._room[action] - len(kept)))))
            yield block

    @classmethod
    def of(cls, rows: Iterable[ReviewRow]) -> ReviewHead:
        """Read a whole list only for its first rows."""
        head = cls()
        for _ in head.watch([ReviewColumns.of(rows)]):
            pass
        return head
