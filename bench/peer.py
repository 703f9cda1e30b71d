"""Splink 5 on the same files, end to end: ``python bench/peer.py POPULATION MODE OUT``.

MODE ``stored`` scores the stored pair as a user would; ``challenge`` also looks for rivals with Splink's own
blocking rules and flags a link when another entry scores higher.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import duckdb
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

COLUMNS = "individual_number AS my_number, kanji_name AS kanji, kana_name AS kana, birth_date AS dob, sex, address"
SEARCH = (("kana", "dob"), ("kanji", "dob"), ("kana", "address"), ("kanji", "address"), ("dob", "address"))


def linker(con: duckdb.DuckDBPyConnection, rules: list[Any]) -> Linker:
    """A trained linker over both tables."""
    api = DuckDBAPI(connection=con)
    links = api.register("registered", dataset_display_name="a_registered")
    register = api.register("register", dataset_display_name="b_register")
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("kanji", [0.9, 0.7]).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("kana", [0.92, 0.8]).configure(term_frequency_adjustments=True),
            cl.DateOfBirthComparison("dob", input_is_string=True),
            cl.ExactMatch("sex"),
            cl.JaroWinklerAtThresholds("address", [0.9, 0.7]),
        ],
        blocking_rules_to_generate_predictions=rules,
        additional_columns_to_retain=["my_number"],
    )
    found = Linker([links, register], settings)
    training = found.training
    training.estimate_probability_two_random_records_match([block_on("kana", "dob", "address")], recall=0.7)
    training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    training.estimate_parameters_using_expectation_maximisation(block_on("kana", "dob"))
    training.estimate_parameters_using_expectation_maximisation(block_on("address", "sex"))
    return found


def flagged_by_stored_pair(con: duckdb.DuckDBPyConnection) -> str:
    """Rows whose stored pair scores below one half, or finds no entry."""
    pairs = linker(con, [block_on("my_number")]).inference.predict()
    return (
        "SELECT unique_id FROM registered WHERE unique_id NOT IN "
        f"(SELECT unique_id_l FROM {pairs.physical_name} WHERE match_probability >= 0.5)"
    )


def flagged_by_challenge(con: duckdb.DuckDBPyConnection) -> str:
    """Rows for which another entry scores higher than the stored one."""
    rules: list[Any] = [
        block_on("my_number"),
        *(block_on(*columns) for columns in SEARCH),
    ]
    pairs = linker(con, rules).inference.predict()
    return (
        "SELECT unique_id_l FROM (SELECT unique_id_l, "
        "max(CASE WHEN my_number_l = my_number_r THEN match_weight END) AS own, "
        "max(CASE WHEN my_number_l <> my_number_r THEN match_weight END) AS other "
        f"FROM {pairs.physical_name} GROUP BY unique_id_l) WHERE other > coalesce(own, -1000)"
    )


def main(population: Path, mode: str, out: Path) -> None:
    """Measure one mode and write its figures as JSON."""
    started = time.perf_counter()
    con = duckdb.connect()
    con.execute("SET threads = 2")
    for table, file in (("registered", "links"), ("register", "register")):
        con.execute(
            f"CREATE TABLE {table} AS SELECT row_number() OVER () AS unique_id, {COLUMNS} "
            f"FROM read_parquet('{population / file}.parquet')"
        )
    flags = {"stored": flagged_by_stored_pair, "challenge": flagged_by_challenge}[mode](con)
    rows = {row for (row,) in con.execute(flags).fetchall()}
    seconds = time.perf_counter() - started
    truth = con.execute(
        f"SELECT \"row\", \"right\" FROM read_parquet('{population / 'truth.parquet'}') WHERE undecidable = ''"
    ).fetchall()
    wrong = {row for row, right in truth if not right}
    decidable = {row for row, _ in truth}
    found = rows & decidable
    figures = {
        "seconds": round(seconds, 1),
        "flagged": len(found),
        "recall": round(len(found & wrong) / max(len(wrong), 1), 4),
        "precision": round(len(found & wrong) / max(len(found), 1), 4),
        "false_alarms": len(found - wrong),
    }
    out.write_text(json.dumps(figures), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
