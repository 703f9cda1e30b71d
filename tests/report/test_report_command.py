"""``himozuke report``: the funnel, the rows of a step, and tables to publish."""

from __future__ import annotations

import csv
import io
import json
import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from samples import summary

from himozuke.entrypoints.cli.report import report
from himozuke.errors import InputRejectedError, UsageError
from himozuke.gateways.results.funnel_json import write_funnel
from himozuke.inspection.funnel import funnel
from himozuke.inspection.model import ITEMS

OUTCOMES = [
    ("PROVEN", "none", "equal"),
    ("PROVEN", "none", "folded"),
    ("EXPLAINED", "correct", "near"),
    ("REFUTED", "ask", "different"),
    ("EXPLAINED", "none", "different"),
]
QUARANTINED = "line,row,column,value,code,reason,remedy\n4,3,個人番号,***,number_not_12_digits,理由,直し方\n"


@pytest.fixture
def finished(result_folder: Path) -> Path:
    columns: dict[str, list[object]] = {
        "link_id": [f"L{place}" for place in range(5)],
        "row": [1, 2, 4, 5, 6],
        "verdict": [verdict for verdict, _, _ in OUTCOMES],
        "action": [action for _, action, _ in OUTCOMES],
        "restriction": ["NONE", "NONE", "NONE", "ALL", "NONE"],
        "cause": [None, None, None, "C1", None],
        "rank": [None, None, None, 1, None],
        "reasons": [[], [], ["slip_address"], ["rival_better"], ["moved"]],
        **{f"state_{item}": ["equal"] * 5 for item in ITEMS[:4]},
        "state_address": [state for _, _, state in OUTCOMES],
    }
    pq.write_table(pa.table(columns), result_folder / "verdicts.parquet")
    (result_folder / "quarantine.csv").write_text(QUARANTINED, "utf-8-sig")
    steps = funnel(summary())
    write_funnel(result_folder / "funnel.json", steps)
    manifest = {
        "scheme": "health_insurance",
        "rows_in_file": 120_021,
        "rows_verdicted": 120_000,
        "rows_quarantined": 21,
        "figures": {"funnel": {step.step: step.count for step in steps}},
    }
    (result_folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return result_folder


def test_funnel_json_has_the_shape_of_the_contract(finished: Path) -> None:
    steps = json.loads((finished / "funnel.json").read_text("utf-8"))

    assert all(set(step) == {"step", "name_ja", "count"} for step in steps)
    assert steps[0] == {"step": "data_rows", "name_ja": "ファイルのデータ行", "count": 120_021}


def test_the_funnel_of_a_result_folder_is_shown(finished: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report([finished])

    assert "120021" in capsys.readouterr().out.replace(",", "")


@pytest.mark.parametrize(
    ("step", "rows"),
    [
        ("data_rows", [1, 2, 4, 5, 6, 3]),
        ("quarantined", [3]),
        ("proven", [1, 2]),
        ("proven_folded", [2]),
        ("unproven", [4, 5, 6]),
        ("explained", [6]),
        ("to_correct", [4]),
        ("to_ask", [5]),
        ("doubtful", []),
    ],
)
def test_every_step_lists_its_rows(
    finished: Path, capsys: pytest.CaptureFixture[str], step: str, rows: list[int]
) -> None:
    report([finished], list_step=step)

    listed = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [int(row["row"]) for row in listed] == rows


def test_a_step_or_a_folder_that_is_not_there_is_told(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="to_ask"):
        report([finished], list_step="no_such_step")
    with pytest.raises(UsageError, match=r"funnel\.json"):
        report([tmp_path / "elsewhere"])
    with pytest.raises(UsageError, match="--out"):
        report([finished], published=True)
    with pytest.raises(UsageError, match="manifest"):
        report([tmp_path / "elsewhere"], published=True, out=tmp_path / "out")


ANSWERS = """団体コード,団体名,3情報のみで取得,複数該当を一律に取込,その他の誤登録,現在は中止,点検済年月日
01,甲健保,はい,いいえ,いいえ,いいえ,
02,乙健保,いいえ,確認できない,いいえ,,
03,丙健保,いいえ,いいえ,いいえ,,
"""
INCIDENTS = """期間の始め,期間の終わり,誤登録件数,閲覧件数,利用件数,注
2021-10-01,2021-11-30,33件,1件,"約2,200万件",
2021-12-01,2022-11-30,"7,279",4,約5.9億件,うち7114件は重複調査
"""


def another(finished: Path, folder: Path, **said: str) -> Path:
    """A copy of a result whose manifest says something else."""
    shutil.copytree(finished, folder)
    manifest = json.loads((finished / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps(manifest | said), "utf-8")
    return folder


@pytest.mark.seed("S71", "S73", "S77", "S93")
def test_published_tables_are_html_csv_and_json_with_versions(finished: Path, tmp_path: Path) -> None:
    answers, incidents, out = tmp_path / "answers.csv", tmp_path / "incidents.csv", tmp_path / "公表"
    answers.write_bytes(ANSWERS.encode("cp932"))
    incidents.write_text(INCIDENTS, "utf-8-sig")
    second = another(finished, tmp_path / "second", verdicts_sha256="b" * 64)
    report([finished, second], published=True, out=out, answers=answers, incidents=incidents, as_of=date(2023, 7, 4))
    incidents.write_text(INCIDENTS.replace(",4,約5.9億件", ",5,約5.9億件"), "utf-8-sig")

    report(
        [finished, second],
        published=True,
        out=out,
        answers=answers,
        incidents=incidents,
        as_of=date(2023, 7, 18),
        reason="アクセスログの全件確認により1件を追加",
    )

    history = json.loads((out / "published.json").read_text("utf-8"))["publications"]
    assert [version["version"] for version in history] == [1, 2]
    assert {"figure": "period/2021-12-01..2022-11-30/viewed", "before": 4, "after": 5} in history[1]["changes"]
    assert history[1]["figures"]["scheme/health_insurance/rows"] == 240_042
    page = (out / "published.html").read_text("utf-8")
    assert "アクセスログの全件確認により1件を追加" in page
    assert "7,312" in page
    assert "2023年7月18日時点" in page
    periods = (out / "periods.csv").read_text("utf-8-sig").splitlines()
    assert periods[-1] == "合計,,7312,6,,,2023-07-18"
    assert (out / "classes.csv").read_text("utf-8-sig").splitlines()[1].endswith(",1,33.3,2023-07-18")
    assert (out / "schemes.csv").exists()


@pytest.mark.seed("S73")
def test_a_result_that_is_named_twice_is_refused(finished: Path, tmp_path: Path) -> None:
    """Also a copy of it under another name: its links would be counted twice."""
    one = another(finished, tmp_path / "one", verdicts_sha256="b" * 64)
    copy = shutil.copytree(one, tmp_path / "copy")

    for twice in ([one, one], [one, copy], [finished, finished]):
        with pytest.raises(UsageError, match="would be counted twice"):
            report(twice, published=True, out=tmp_path / "out", as_of=date(2023, 7, 4))
    assert not (tmp_path / "out").exists()


def test_a_line_that_cannot_be_understood_is_named(finished: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.csv"
    answers.write_text(ANSWERS.replace("確認できない", "たぶん"), "utf-8")

    with pytest.raises(InputRejectedError, match="line 3, column any_of_several: “たぶん”"):
        report([finished], published=True, out=tmp_path / "out", answers=answers, as_of=date(2023, 7, 4))
    answers.write_text("団体コード,団体名\n", "utf-8")
    with pytest.raises(InputRejectedError, match="no column three_items"):
        report([finished], published=True, out=tmp_path / "out", answers=answers, as_of=date(2023, 7, 4))
    assert not (tmp_path / "out").exists()
