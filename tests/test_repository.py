"""What must never stand in the repository, and what must stand beside what."""

from __future__ import annotations

import ast
import re
import subprocess
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from himozuke.entrypoints.cli import main
from himozuke.entrypoints.cli.main import run
from himozuke.identity.individual_number import has_valid_check_digit
from himozuke.settings import SETTINGS
from himozuke.simulators.population.plan import SNAPSHOT

ROOT = Path(__file__).parent.parent
SOURCES = ROOT / "src" / "himozuke"
LONGEST_FILE = 400
SYNTHETIC_PREFIX = "00"
NUMBER = re.compile(r"(?<![0-9A-Za-z.])(\d{4})[ -]?(\d{4})[ -]?(\d{4})(?![0-9A-Za-z])")
# One letter of each stands in brackets so that this file does not find itself.
MACHINE_PATHS = re.compile(r"/hom[e]/|/roo[t]/|/wor[k]/|/User[s]/|C:\\User[s]")
TEMPORARY_PATH = re.compile(r"/tm[p]/")
UNFINISHED = re.compile(r"\b([T]ODO|[F]IXME|[X]XX)\b")
COMMANDS = [*sorted(set(main._COMMANDS) - {"rules"}), "rules show", "rules table", "rules diff"]
CODE_AND_PROSE = {".py", ".sql", ".html", ".toml", ".md", ".css", ".js", ".sh", ".yml"}


@cache
def tracked() -> tuple[Path, ...]:
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: the scans read what git tracks")
    paths = (ROOT / name for name in listed.decode().split("\0") if name)
    return tuple(path for path in paths if path.is_file())


def texts() -> Iterator[tuple[str, str]]:
    for path in tracked():
        data = path.read_bytes()
        if b"\0" in data:
            continue
        try:
            yield str(path.relative_to(ROOT)), data.decode("utf-8-sig")
        except UnicodeDecodeError:
            yield str(path.relative_to(ROOT)), data.decode("cp932", "replace")


def prose_and_code() -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in texts() if Path(name).suffix in CODE_AND_PROSE or "." not in Path(name).name)


def test_no_individual_number_outside_the_synthetic_range_is_kept() -> None:
    found = [
        f"{name}: …{number[-3:]}"
        for name, text in texts()
        if name != "uv.lock"  # digests, no people
        for number in map("".join, NUMBER.findall(unicodedata.normalize("NFKC", text)))
        if not number.startswith(SYNTHETIC_PREFIX) and has_valid_check_digit(int(number))
    ]

    assert found == []


def test_the_scan_sees_a_number_however_it_is_written() -> None:
    number = next(str(number) for number in range(11**11, 11**11 + 20) if has_valid_check_digit(number))

    for text in (number, f"{number[:4]} {number[4:8]} {number[8:]}", f"番号{number[:4]}-{number[4:8]}-{number[8:]}。"):
        assert "".join(NUMBER.findall(text)[0]) == number
    assert not NUMBER.findall(f"{number}0 0x{number} 1.{number}")


def test_no_path_of_somebodys_machine_is_kept() -> None:
    found = [name for name, text in prose_and_code() if MACHINE_PATHS.search(text)]
    shipped = [
        name for name, text in prose_and_code() if name.startswith(("src/", "docs/")) and TEMPORARY_PATH.search(text)
    ]

    assert found == []
    assert shipped == []


def test_nothing_is_left_unfinished() -> None:
    assert [name for name, text in prose_and_code() if UNFINISHED.search(text)] == []


def test_no_source_file_is_too_long() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in SOURCES.rglob("*.py")}

    assert [str(path) for path, length in lengths.items() if length > LONGEST_FILE] == []


def test_the_environment_is_read_in_one_place_only() -> None:
    readers = [
        path.name for path in SOURCES.rglob("*.py") if re.search(r"\bos\.(environ|getenv)\b", path.read_text("utf-8"))
    ]

    assert readers == ["settings.py"]


def test_every_public_name_has_a_docstring_that_begins_with_a_sentence() -> None:
    faults = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in SOURCES.rglob("*.py")
        for name, said in _public(ast.parse(path.read_text("utf-8")))
        if not said.split("\n", maxsplit=1)[0].endswith((".", "?", "。"))
    ]

    assert faults == []


def _public(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, ast.get_docstring(node) or ""


def test_every_packaged_table_has_a_licence_notice_beside_it() -> None:
    tables = [
        path
        for folder in SOURCES.rglob("tables")
        for path in folder.iterdir()
        if path.is_file() and path.suffix not in {".py", ".toml"} and "LICENSE" not in path.name
    ]

    assert tables
    assert [str(path.relative_to(ROOT)) for path in tables if not _has_notice(path)] == []


def _has_notice(table: Path) -> bool:
    notices = list(table.parent.glob("*LICENSE*"))
    stem = table.name.split(".")[0]
    return any(notice.name.startswith(f"{stem}.") or table.name in notice.read_text("utf-8") for notice in notices)


def _headings(name: str) -> list[str]:
    text = re.sub(r"```.*?```", "", (ROOT / name).read_text("utf-8"), flags=re.DOTALL)
    return re.findall(r"^(#+) ", text, flags=re.MULTILINE)


def _commands(name: str) -> list[str]:
    blocks = re.findall(r"```(?:sh|python)\n(.*?)```", (ROOT / name).read_text("utf-8"), flags=re.DOTALL)
    lines = (re.sub(r"\s*#.*", "", line) for block in blocks for line in block.splitlines())
    return [line for line in lines if line]


TWINS = [("README.md", "README.ja.md")] + [
    (str(path.relative_to(ROOT)), str(path.relative_to(ROOT)).replace("docs/en/", "docs/ja/"))
    for path in sorted((ROOT / "docs" / "en").rglob("*.md"))
]


@pytest.mark.parametrize(("english", "japanese"), TWINS)
def test_a_page_and_its_japanese_twin_have_the_same_headings_and_commands(english: str, japanese: str) -> None:
    assert _headings(english) == _headings(japanese)
    assert _commands(english) == _commands(japanese)


def test_the_readme_shows_the_two_commands_to_begin_with() -> None:
    for name in ("README.md", "README.ja.md"):
        assert {"make inspect", "make test"} <= set(_commands(name))


def test_the_generated_reference_pages_say_what_the_program_says() -> None:
    specification = spec_from_file_location("make_reference", ROOT / "tools" / "make_reference.py")
    assert specification
    assert specification.loader
    generator = module_from_spec(specification)
    specification.loader.exec_module(generator)

    stale = [
        name
        for name, page in generator.pages().items()
        if (ROOT / "docs" / "reference" / name).read_text("utf-8") != page
    ]

    assert stale == [], "run: .venv/bin/python tools/make_reference.py"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented_with_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command.split(), "--help"]) == 0
    options = set(re.findall(r"--[a-z][a-z-]+", capsys.readouterr().out)) - {"--help", "--version", "--empty-results"}
    page = (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8")
    heading = f"## himozuke {command.split(maxsplit=1)[0]}\n"

    assert heading in page
    section = page.split(heading)[1].split("\n## ")[0]
    words = {*section.split(), *re.findall(r"--[a-z-]+|[A-Z]+", section)}  # LINKS is an argument, also --links
    assert sorted(option for option in options if not {option, option[2:].upper()} & words) == []


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")

    assert [setting.variable for setting in SETTINGS if setting.variable not in text] == []


def test_the_sample_is_inspected_on_the_day_its_register_was_taken() -> None:
    assert f"SAMPLE_DAY = {SNAPSHOT}\n" in (ROOT / "Makefile").read_text("utf-8")


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{name}: {target}"
        for name, text in prose_and_code()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", text)
        if not (ROOT / name).parent.joinpath(target).exists()
    ]

    assert broken == []
