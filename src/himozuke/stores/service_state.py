"""What the database knows of the service itself: workers alive, jobs by state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg import Connection

# reads: procrastinate_workers; one row: how many gave a sign of life lately
_WORKERS = """
SELECT count(*) AS workers
FROM procrastinate_workers
WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %(seconds)s)
"""

# reads: job_progress; one row per state
_JOBS = """
SELECT
    state,
    count(*) AS jobs
FROM job_progress
GROUP BY state
ORDER BY state
"""


def count_workers(connection: Connection[dict[str, Any]], *, seen_within: float) -> int:
    """Workers that gave a sign of life within so many seconds."""
    row = connection.execute(_WORKERS, {"seconds": seen_within}).fetchone()
    return int(row["workers"]) if row else 0


def count_jobs(connection: Connection[dict[str, Any]]) -> Mapping[str, int]:
    """Jobs by state."""
    return {row["state"]: int(row["jobs"]) for row in connection.execute(_JOBS)}
