"""Links that are to be compared again because the entry of their person in the register changed."""

from __future__ import annotations

from collections.abc import Sequence

from himozuke.stores.database import Rows

# Reads link_to_compare. One row a link; those that another process compares are left.
_HELD = """
SELECT link_id
FROM link_to_compare
ORDER BY link_id
LIMIT %(limit)s
FOR UPDATE SKIP LOCKED
"""


def held(connection: Rows, *, limit: int) -> list[int]:
    """The next links, held until the transaction ends."""
    return [row["link_id"] for row in connection.execute(_HELD, {"limit": limit})]


def forget(connection: Rows, link_ids: Sequence[int]) -> None:
    """Links that were compared with the register as it stands wait no longer."""
    connection.execute("DELETE FROM link_to_compare WHERE link_id = ANY(%s)", [list(link_ids)])


def count(connection: Rows) -> int:
    """How many links wait."""
    row = connection.execute("SELECT count(*) AS waiting FROM link_to_compare").fetchone()
    return int(row["waiting"]) if row else 0
