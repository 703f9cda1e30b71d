"""The SQL of the engine: joins of whole numbers and nothing that a reader could not check."""

from __future__ import annotations

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest

from himozuke.engines import duckdb as engine

FILES = sorted(
    (Path(str(entry)) for entry in (files("himozuke.engines") / "sql").iterdir() if entry.name.endswith(".sql")),
    key=lambda path: path.name,
)
KEYWORDS = {
    *("select", "distinct", "from", "join", "on", "where", "and", "or", "not", "in", "as", "union", "all"),
    *("group", "order", "by", "having", "left", "right", "inner", "outer", "cross", "using", "limit", "null", "is"),
    *("case", "when", "then", "else", "end", "with", "between", "exists", "desc", "asc", "over", "partition"),
}
ALLOWED_FUNCTIONS = {"count"}
TEXT_FUNCTIONS = {
    *("lower", "upper", "substr", "substring", "replace", "regexp_replace", "regexp_matches", "trim", "concat"),
    *("like", "ilike", "similar", "length", "strip_accents", "nfc_normalize", "left", "right", "md5", "hash"),
}

every_statement = pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])


def body(path: Path) -> str:
    """The statement without its comments."""
    return re.sub(r"--[^\n]*", "", path.read_text("utf-8"))


def called(statement: str) -> set[str]:
    """The words that stand before a parenthesis and are no keyword."""
    return {word.lower() for word in re.findall(r"\b(\w+)\s*\(", statement)} - KEYWORDS


def words_in_code(call: str, argument: int) -> set[str]:
    """The texts given to one function of the engine at one place."""
    tree = ast.parse(Path(str(engine.__file__)).read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    values = [node.args[argument] for node in calls if node.func.id == call and len(node.args) > argument]  # type: ignore[attr-defined]
    return {value.value for value in values if isinstance(value, ast.Constant) and isinstance(value.value, str)}


@every_statement
def test_every_statement_says_what_it_reads_what_a_row_is_and_in_which_order(path: Path) -> None:
    """The header comment has the three parts in that order."""
    head = path.read_text("utf-8").split("SELECT", 1)[0].splitlines()

    comments = [line for line in head if line.strip()]
    assert all(line.startswith("-- ") for line in comments)
    parts = [re.match(r"-- (reads: \S|one row per \S|order: \S)", line) for line in comments]
    assert [found.group(1).split()[0].rstrip(":") for found in parts if found] == ["reads", "one", "order"]


@every_statement
def test_the_header_speaks_the_truth_about_the_order(path: Path) -> None:
    """A statement that says it has no order has none, any other is sorted by what it names."""
    said = re.findall(r"^-- order: (.+)$", path.read_text("utf-8"), re.MULTILINE)
    found = re.search(r"ORDER BY\s+(.+)\Z", body(path), re.DOTALL)

    sorted_by = re.sub(r"\w+\.", "", ", ".join(found.group(1).replace(",", " ").split())) if found else "none"

    assert said == [sorted_by]


@every_statement
def test_the_header_names_every_table_that_is_read(path: Path) -> None:
    """What stands after FROM and JOIN is named in the comment."""
    text = path.read_text("utf-8")
    head = text.split("SELECT", 1)[0]

    for table in set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", body(path))):
        assert re.search(rf"\b{table}\b", head), table


@every_statement
def test_keywords_are_upper_case_and_names_are_lower_case(path: Path) -> None:
    """No keyword in small letters, no name in capitals."""
    for word in re.findall(r"\b[A-Za-z_]+\b", body(path)):
        if word.lower() in KEYWORDS:
            assert word == word.upper()
        else:
            assert word == word.lower()


@every_statement
def test_columns_are_named_and_never_all_of_them(path: Path) -> None:
    """A star stands only in count(*)."""
    assert "*" not in body(path).replace("count(*)", "")


@every_statement
def test_no_text_is_touched_in_sql(path: Path) -> None:
    """Texts are folded in one place in Python: SQL has no text function, no LIKE and no literal."""
    statement = body(path)

    assert called(statement) <= ALLOWED_FUNCTIONS
    assert not {word.lower() for word in re.findall(r"\b\w+\b", statement)} & TEXT_FUNCTIONS
    assert not re.search(r"['\"]|\|\||::|~", statement)


@every_statement
def test_numbers_in_sql_only_cut_a_day_into_its_parts(path: Path) -> None:
    """No business constant: what a figure means stands in the dated rules."""
    statement = re.sub(r"(//|%)\s*(100|10000)\b", "", body(path))

    assert set(re.findall(r"\b\d+\b", statement)) <= {"0"}


def test_every_statement_is_used_and_every_statement_named_exists() -> None:
    """The files and the names in the engine are the same set."""
    named = words_in_code("statement", 0) | words_in_code("run", 1)

    assert named == {path.stem for path in FILES}
    assert all(engine.statement(name).strip() for name in named)
