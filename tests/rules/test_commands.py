"""What the commands for rules, schemes and settings print."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path

import pytest
from cyclopts import App

from himozuke.entrypoints.cli.rules import changes, rules_app
from himozuke.entrypoints.cli.schemes import schemes_command
from himozuke.entrypoints.cli.settings import settings_command
from himozuke.errors import RuleError, UsageError
from himozuke.rules.loader import load
from himozuke.rules.schema import KNOWN

OWN = """
[[value]]
key = "death.grace_days"
from = 2030-01-01
is = 2
source = "a law of the future"
title_ja = "死亡後に資格が続いてよい日数"
"""


@pytest.fixture
def app() -> App:
    app = App(result_action="return_value", exit_on_error=False)
    app.command(rules_app, name="rules")
    app.command(schemes_command, name="schemes")
    app.command(settings_command, name="settings")
    return app


def test_a_rule_is_shown_with_every_value_and_its_source(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app(["rules", "show", "items.required.insurer"])

    said = capsys.readouterr().out
    assert "kanji_name, kana_name, birth_date, sex, address" in said
    assert "2023-05-31" in said
    assert "S61" in said


def test_a_rule_on_a_day_is_the_one_in_force(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app(["rules", "show", "jlis.multi_hit", "--on", "2023-06-01", "--format", "json"])

    (entry,) = json.loads(capsys.readouterr().out)
    assert (entry["is"], entry["from"], entry["to"]) == ("reject", "2023-06-01", None)


def test_an_unknown_rule_and_an_unknown_table_are_refused(app: App) -> None:
    with pytest.raises(RuleError, match="Known rules"):
        app(["rules", "show", "absent"])
    with pytest.raises(UsageError, match="Known tables: values"):
        app(["rules", "table", "absent"])


def test_the_table_lists_every_value_of_every_rule(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app(["rules", "table", "--format", "csv"])
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))

    assert {row["key"] for row in rows} == set(KNOWN)
    assert all(row["source"] and row["title_ja"] for row in rows)


def test_the_table_of_one_day_holds_each_rule_once(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app(["rules", "table", "values", "--on", "2026-10-01", "--format", "json"])

    assert sorted(row["key"] for row in json.loads(capsys.readouterr().out)) == sorted(KNOWN)


@pytest.mark.seed("S51")
def test_what_june_2023_changed_is_listed(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app(["rules", "diff", "2023-05-31", "2023-06-01", "--format", "json"])

    changed = {row["key"]: (row["before"], row["after"]) for row in json.loads(capsys.readouterr().out)}
    assert changed["jlis.multi_hit"] == ("undefined", "reject")
    assert len(changed["items.required.insurer"][1]) == 5
    assert set(changed) == {
        "jlis.multi_hit",
        "items.required.insurer",
        "filing.insurer_register_days",
        "filing.number",
        "filing.without_number",
    }


def test_what_ones_own_file_changes_on_a_day_is_listed(
    app: App, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN, encoding="utf-8")

    app(["rules", "diff", "2031-01-01", "2031-01-01", "--extra", str(own), "--format", "json"])
    (change,) = json.loads(capsys.readouterr().out)
    app(["rules", "diff", "2031-01-01", "2031-01-01", "--extra", str(own), "--before", str(own), "--format", "json"])

    assert (change["key"], change["before"], change["after"]) == ("death.grace_days", 1, 2)
    assert json.loads(capsys.readouterr().out) == []


def test_before_the_first_number_every_rule_counts_as_new() -> None:
    rows = changes(load(), date(2015, 10, 4), load(), date(2015, 10, 5))

    assert len(rows) == len(KNOWN)
    assert all(row["before"] is None for row in rows)


def test_schemes_are_listed_with_what_they_hold_and_must_hold(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app(["schemes", "--on", "2026-10-01", "--format", "json"])

    rows = {row["code"]: row for row in json.loads(capsys.readouterr().out)}
    assert len(rows) == 7
    assert rows["health_insurance"]["items_required"] == rows["health_insurance"]["items_held"]
    assert rows["benefit_account"]["items_required"] == ["kanji_name", "birth_date", "address"]


def test_schemes_without_a_day_show_every_period(app: App, capsys: pytest.CaptureFixture[str]) -> None:
    app(["schemes", "--format", "csv"])

    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    insurer = [row for row in rows if row["code"] == "elderly_medical"]
    assert [row["from"] for row in insurer] == ["2015-10-05", "2023-06-01"]


def test_settings_are_printed_with_their_variables(
    app: App, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIMOZUKE_MEMORY", "1GB")
    monkeypatch.setenv("HIMOZUKE_LANGUAGE", "en")

    app(["settings"])

    said = capsys.readouterr().out
    assert "HIMOZUKE_MEMORY" in said
    assert "1GB" in said
    assert "memory the engine may use" in said
