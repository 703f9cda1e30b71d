"""The limit of any inspection on this machine: DuckDB's join, byte compare and write, nothing else.

Run as a process of its own: ``python bench/limit.py LINKS REGISTER OUT``.
"""

from __future__ import annotations

import sys

import duckdb

STATEMENT = """
COPY (
    SELECT
        l.link_id,
        l.kanji_name = r.kanji_name AS kanji_name,
        l.kana_name = r.kana_name AS kana_name,
        l.birth_date = r.birth_date AS birth_date,
        l.sex = r.sex AS sex,
        l.address = r.address AS address
    FROM read_parquet($links) AS l
    LEFT JOIN read_parquet($register) AS r ON l.individual_number = r.individual_number
) TO '{out}' (FORMAT parquet)
"""


def main(links: str, register: str, out: str) -> None:
    """Join, compare bytes, write."""
    con = duckdb.connect(
        config={
            "threads": 2,
            "memory_limit": "3GB",
            "preserve_insertion_order": False,
            "temp_directory": out + ".spill",
        }
    )
    con.execute(STATEMENT.format(out=out.replace("'", "''")), {"links": links, "register": register})


if __name__ == "__main__":
    main(*sys.argv[1:4])
