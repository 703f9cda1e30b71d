"""The first rows of a review list, kept while the whole list streams by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from himozuke.inspection.model import ReviewRow

ASK_ROWS_SHOWN = 300
CORRECT_ROWS_SHOWN = 100


class ReviewHead:
    """Keeps what the report shows of a review list that is written elsewhere at the same time.

    ``write_review(path, head.watch(rows))`` reads the rows once for both.
    """

    def __init__(self, ask: int = ASK_ROWS_SHOWN, correct: int = CORRECT_ROWS_SHOWN) -> None:
        """Keep at most so many rows of each kind."""
        self.ask: list[ReviewRow] = []
        self.correct: list[ReviewRow] = []
        self._room = {"ask": ask, "correct": correct}

    def watch(self, rows: Iterable[ReviewRow]) -> Iterator[ReviewRow]:
        """Hand the rows on unchanged and keep the first ones of each action."""
        kept = {"ask": self.ask, "correct": self.correct}
        for row in rows:
            if row.action in kept and len(kept[row.action]) < self._room[row.action]:
                kept[row.action].append(row)
            yield row

    @classmethod
    def of(cls, rows: Iterable[ReviewRow]) -> ReviewHead:
        """Read a whole list only for its first rows."""
        head = cls()
        for _ in head.watch(rows):
            pass
        return head
