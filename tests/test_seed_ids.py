"""Every requirement of the seed is claimed by a test, or listed with the reason why not."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent
EVERY_ID = {f"S{number:02}" for number in range(1, 112)} | {f"S82{letter}" for letter in "abcdefg"}


def claimed() -> dict[str, list[str]]:
    by_id: dict[str, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for seed_id in _marks(ast.parse(path.read_text("utf-8"))):
            by_id.setdefault(seed_id, []).append(path.name)
    return by_id


def _marks(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.seed":
            yield from (str(ast.literal_eval(part)) for part in node.args)


def excused() -> dict[str, str]:
    lists = tomllib.loads((TESTS / "seed_ids.toml").read_text("utf-8"))
    assert set(lists) == {"not_software", "not_yet"}
    return {**lists["not_software"], **lists["not_yet"]}


def test_every_requirement_is_claimed_by_a_test_or_excused_with_a_reason() -> None:
    assert sorted(EVERY_ID - set(claimed()) - set(excused())) == []


def test_no_requirement_is_both_claimed_and_excused() -> None:
    both = {seed_id: files for seed_id, files in claimed().items() if seed_id in excused()}

    assert both == {}


def test_only_requirements_that_exist_are_claimed_or_excused() -> None:
    assert sorted((set(claimed()) | set(excused())) - EVERY_ID) == []
    assert all(reason.strip() for reason in excused().values())
