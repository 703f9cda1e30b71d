"""What the README promises: a sample, an inspection of it, and answers about single values."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from himozuke.entrypoints.cli.main import run

FILES = {
    "verdicts.parquet",
    "review.csv",
    "corrections.csv",
    "quarantine.csv",
    "register_quarantine.csv",
    "funnel.json",
    "report.html",
    "manifest.json",
}
DAY = "2025-10-01"
UNMASKED = re.compile(r"(?<![0-9a-f])00\d{10}(?![0-9a-f])")


def inspect(sample: Path, out: Path, *more: str) -> int:
    files = [str(sample / "links.csv"), "--register", str(sample / "register.parquet")]
    return run(["inspect", *files, "--scheme", "health_insurance", "--on", DAY, "--out", str(out), "--quiet", *more])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("sample")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HIMOZUKE_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        assert run(["population", "600", "--errors", "0.05", "--out", str(folder)]) == 0
        yield folder


@pytest.fixture(scope="module")
def result(sample: Path) -> Path:
    out = sample / "result"
    assert inspect(sample, out) == 3
    return out


@pytest.mark.seed("S54", "S64")
def test_every_link_of_the_file_is_compared_and_the_doubtful_ones_are_ranked_for_asking(result: Path) -> None:
    verdicts = pq.read_table(result / "verdicts.parquet").to_pylist()

    asked = [row for row in verdicts if row["action"] == "ask"]
    assert [row["row"] for row in verdicts] == list(range(1, 601))
    assert sorted(row["rank"] for row in asked) == list(range(1, len(asked) + 1))
    assert all(row["rank"] is None for row in verdicts if row["action"] != "ask")
    assert {row["verdict"] for row in asked} <= {"REFUTED", "DOUBTFUL"}
    assert all(row["reasons"] for row in asked)


@pytest.mark.seed("S54", "S64")
def test_no_wrong_link_is_called_proven(sample: Path, result: Path) -> None:
    truth = {row["link_id"]: row for row in pq.read_table(sample / "truth.parquet").to_pylist()}
    verdicts = pq.read_table(result / "verdicts.parquet").to_pylist()

    decidable_and_wrong = {link for link, row in truth.items() if not row["right"] and not row["undecidable"]}
    assert decidable_and_wrong
    assert [v["link_id"] for v in verdicts if v["verdict"] == "PROVEN" and v["link_id"] in decidable_and_wrong] == []


def test_the_result_holds_every_file_that_is_promised_and_nothing_half_done(result: Path) -> None:
    assert {path.name for path in result.iterdir()} == FILES


def test_the_steps_of_the_funnel_never_grow(result: Path) -> None:
    steps = json.loads((result / "funnel.json").read_text("utf-8"))

    assert steps[0] == {"step": "data_rows", "name_ja": steps[0]["name_ja"], "count": 600}
    assert all(0 <= step["count"] <= 600 and step["name_ja"] for step in steps)
    count = {step["step"]: step["count"] for step in steps}
    assert count["quarantined"] + count["verdicted"] == count["data_rows"]
    assert count["proven"] + count["unproven"] == count["verdicted"]


def test_no_individual_number_is_shown_whole_in_what_people_read(result: Path) -> None:
    for name in sorted(FILES - {"verdicts.parquet"}):
        text = (result / name).read_bytes().decode("cp932" if name == "corrections.csv" else "utf-8-sig", "replace")
        assert not UNMASKED.search(text), name


def test_the_review_list_begins_with_whom_to_ask_first(result: Path) -> None:
    with (result / "review.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    ranks = [int(row["順位"]) for row in rows if row["順位"]]
    assert ranks == list(range(1, len(ranks) + 1))


def test_a_second_run_gets_the_same_verdicts_and_can_prove_it(sample: Path, result: Path) -> None:
    assert inspect(sample, sample / "again") == 3

    first, second = (json.loads((folder / "manifest.json").read_text("utf-8")) for folder in (result, sample / "again"))
    for key in ("figures", "inputs", "rules_version", "verdicts_sha256"):
        assert first[key] == second[key]


def test_answers_of_people_are_honoured_in_the_next_round(sample: Path, result: Path) -> None:
    verdicts = pq.read_table(result / "verdicts.parquet").to_pylist()
    asked = next(row for row in verdicts if row["rank"] == 1)
    answers = sample / "answers.csv"
    answers.write_text(
        "link_id,evidence_digest,answer,reason,by,on\n"
        f"{asked['link_id']},{asked['evidence_digest']},right,本人に確認,K1,2025-10-20\n",
        encoding="utf-8",
    )

    inspect(sample, sample / "next", "--confirmed", str(answers))

    verdicts = pq.read_table(sample / "next" / "verdicts.parquet").to_pylist()
    answered = next(row for row in verdicts if row["link_id"] == asked["link_id"])
    assert answered["action"] != "ask"
    assert "confirmed" in answered["reasons"]


@pytest.mark.parametrize(
    ("field", "a", "b", "state"),
    [
        ("kanji_name", "髙橋", "高橋", "variant"),
        ("birth_date", "S50.1.1", "1975-01-01", "folded"),
        ("birth_date", "昭和50年1月1日", "1975-01-10", "near"),
        ("address", "千代田区霞が関一丁目2番3号", "東京都千代田区霞ケ関1-2-3", "variant"),
    ],
)
def test_the_comparisons_of_the_readme_and_the_tutorial_give_a_state(
    field: str, a: str, b: str, state: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["compare", field, a, b]) == 0

    assert capsys.readouterr().out.split("\t")[0] == state


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["schemes"], 0),
        (["settings"], 0),
        (["rules", "table"], 0),
        (["rules", "show", "restriction.table", "--on", "2026-10-01"], 0),
        (["rules", "diff", "2023-05-31", "2023-06-01"], 0),
        (["rules", "show", "absent"], 2),
        (["nonsense"], 2),
        (["inspect", "absent.csv", "--register", "absent.csv", "--scheme", "health_insurance", "--out", "out"], 2),
    ],
)
def test_commands_end_with_the_exit_code_of_the_contract(
    arguments: list[str], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(arguments) == code
