"""Quality of an inspection against the truth of a synthetic population."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def read(result: Path, population: Path) -> list[dict[str, Any]]:
    """Join verdicts with truth, one row per link."""
    verdicts = pq.read_table(result / "verdicts.parquet").to_pylist()
    truth = {row["row"]: row for row in pq.read_table(population / "truth.parquet").to_pylist()}
    return [verdict | {f"true_{k}": v for k, v in truth[verdict["row"]].items()} for verdict in verdicts]


def measure(rows: list[dict[str, Any]]) -> dict[str, float]:
    """The figures the product is judged by, over decidable links."""
    decidable = [row for row in rows if not row["true_undecidable"]]
    wrong = [row for row in decidable if not row["true_right"]]
    right = [row for row in decidable if row["true_right"]]
    found = [row for row in wrong if row["action"] == "ask"]
    namesakes = [row for row in wrong if row["true_cause"] == "C4"]
    return {
        "links": len(rows),
        "asked": sum(row["action"] == "ask" for row in decidable),
        "false_alarms": sum(row["action"] == "ask" for row in right),
        "decidable_wrong": len(wrong),
        "wrong_left_proven": sum(row["verdict"] == "PROVEN" for row in wrong),
        "recall": len(found) / max(len(wrong), 1),
        "recall_same_kana_and_birth_date": sum(r["action"] == "ask" for r in namesakes) / max(len(namesakes), 1),
        "precision": len(found) / max(sum(row["action"] == "ask" for row in decidable), 1),
        "right_sent_to_a_person": sum(row["action"] == "ask" for row in right) / max(len(right), 1),
        "cause_named_right": sum(row["cause"] == row["true_cause"] for row in found) / max(len(found), 1),
    }
