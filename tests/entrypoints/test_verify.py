"""``himozuke verify``: single links as JSON, with the verdict they would have in a file."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from factories import World, table
from one_sample import DAY, Sample

from himozuke.entrypoints.cli.main import run
from himozuke.entrypoints.verifying import read_links
from himozuke.errors import InputRejectedError
from himozuke.inspection.verdicts import SCHEMA

pytest_plugins = ("sample_fixtures",)


class Desk:
    """A register on disk, a link for each of its people, and the command for one link."""

    def __init__(self, folder: Path) -> None:
        self.folder, world = folder, World()
        self.right = world.link(world.person(kanji_name="安藤　和夫", kana_name="アンドウ　カズオ"), "right")
        someone = world.person(kanji_name="内田　幸子", kana_name="ウチダ　サチコ", birth_date="1971-11-30", sex="2")
        self.slip = world.link(someone, "slip", birth_date="1971-11-29")
        self.doubtful = world.link(someone, "doubtful", birth_date="1950-02-14")
        self.bad = world.link(someone, "bad", individual_number="12345")
        self.register = folder / "register.parquet"
        pq.write_table(table(world.register), self.register)

    def verify(self, text: str, *more: str) -> int:
        """Verify the links of a file with this text."""
        path = self.folder / "link.json"
        path.write_text(text, "utf-8")
        return run(self.command(str(path), *more))

    def command(self, path: str, *more: str) -> list[str]:
        """The command line."""
        return ["verify", path, "--register", str(self.register), "--scheme", "health_insurance", "--on", DAY, *more]


@pytest.fixture
def desk(tmp_path: Path, register_cache: Path) -> Desk:
    """Two people and four links."""
    assert register_cache.is_dir()
    return Desk(tmp_path)


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The answers on standard output, one JSON object a line."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_one_link_is_answered_with_the_columns_of_the_verdicts(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """One object, one line, exit 0 when there is nothing to do."""
    code = desk.verify(json.dumps(desk.right))

    (answer,) = said(capsys)
    assert (code, answer["link_id"], answer["verdict"]) == (0, "right", "PROVEN")
    assert list(answer) == SCHEMA.names


@pytest.mark.parametrize("form", ["list", "lines", "lines_with_gaps"])
def test_several_links_are_answered_in_their_order(form: str, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """A JSON list and JSON lines say the same."""
    links = [desk.slip, desk.right, desk.slip]
    apart = {"lines": "\n", "lines_with_gaps": "\n\n"}
    text = json.dumps(links) if form == "list" else apart[form].join(map(json.dumps, links)) + "\n"

    code = desk.verify(text)

    assert (code, [answer["link_id"] for answer in said(capsys)]) == (3, ["slip", "right", "slip"])


def test_links_come_from_standard_input_too(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A hyphen stands for standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps(desk.right) + "\n" + json.dumps(desk.doubtful) + "\n"))

    code = run(desk.command("-"))

    assert (code, [answer["verdict"] for answer in said(capsys)]) == (3, ["PROVEN", "DOUBTFUL"])


def test_a_null_is_a_value_that_is_not_there(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Null, an empty text and an absent key are one."""
    without = {key: value for key, value in desk.right.items() if key != "address"}
    links = [without | {"address": None}, without | {"address": ""}, without]

    desk.verify(json.dumps(links))

    answers = said(capsys)
    assert [answer["state_address"] for answer in answers] == ["missing"] * 3
    assert len({answer["evidence_digest"] for answer in answers}) == 1


def test_a_number_that_is_no_text_is_read_as_its_digits(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """A sex of 1 is a sex of "1"."""
    desk.verify(json.dumps(desk.right | {"sex": 1}))

    assert said(capsys)[0]["verdict"] == "PROVEN"


@pytest.mark.seed("S111")
def test_one_link_gets_the_verdict_it_gets_in_a_file(
    sample: Sample, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Online and batch say the same of links whose number and scheme number stand once in the file."""
    in_file = pq.read_table(result / "verdicts.parquet").to_pylist()
    links = pq.read_table(sample.folder / "links.parquet").to_pylist()
    numbers = [link["individual_number"] for link in links]
    chosen: dict[str, int] = {}
    for place, row in enumerate(in_file):
        if numbers.count(numbers[place]) == 1:
            chosen.setdefault(f"{row['verdict']} {row['reasons']}", place)
    places = sorted(chosen.values())[:12]
    path = sample.folder / "chosen.json"
    path.write_text(json.dumps([links[place] for place in places]), "utf-8")
    capsys.readouterr()

    run(["verify", str(path), "--register", str(sample.register), "--scheme", "health_insurance", "--on", DAY])

    about_rows = {"row", "cause", "rank", "evidence_digest"}
    found = [{k: v for k, v in row.items() if k not in about_rows} for row in said(capsys)]
    wanted = [{k: v for k, v in in_file[place].items() if k not in about_rows} for place in places]
    assert len(places) > 4
    assert found == wanted


def test_links_of_one_call_do_not_speak_of_each_other(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Two links with one number are judged each for itself; ``row`` counts them."""
    desk.verify(json.dumps([desk.right, desk.right]))
    together = said(capsys)

    desk.verify(json.dumps(desk.right))

    (alone,) = said(capsys)
    assert together == [alone | {"row": 1}, alone | {"row": 2}]


def test_a_link_that_cannot_be_understood_is_answered_with_the_reason(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """No verdict, the column, the code and the remedy; exit 4 goes before 3, the others are answered."""
    code = desk.verify(json.dumps([desk.bad, desk.doubtful, desk.right]))

    bad, doubtful, right = said(capsys)
    assert (code, doubtful["verdict"], right["verdict"]) == (4, "DOUBTFUL", "PROVEN")
    assert bad["link_id"] == "bad"
    assert "verdict" not in bad
    assert (bad["quarantined"]["column"], bad["quarantined"]["code"]) == ("individual_number", "number_not_12_digits")
    assert bad["quarantined"]["remedy"]


def test_no_individual_number_is_printed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in an answer nor in what says that a link cannot be understood."""
    whole = desk.right["individual_number"]

    desk.verify(json.dumps([desk.right, desk.right | {"individual_number": f"{whole}x"}]))

    told = capsys.readouterr()
    assert whole not in told.out + told.err


@pytest.mark.parametrize("text", ["no json at all", "", "[]", "[1, 2]", '"text"', "[[]]", "{}", "null"])
def test_a_file_without_any_link_is_refused(text: str, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 4, one sentence, no answer."""
    code = desk.verify(text)

    printed = capsys.readouterr()
    assert (code, printed.out) == (4, "")
    assert "JSON object" in printed.err
    assert "Traceback" not in printed.err
    with pytest.raises(InputRejectedError):
        read_links(text)


@pytest.mark.parametrize("broken", ['{"link_id": ', "拝啓", "17", '{"name": "x"}'])
def test_a_line_that_is_no_link_is_answered_in_its_place(
    broken: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer names the row; the lines before and after it are answered as ever."""
    code = desk.verify("\n".join([json.dumps(desk.right), broken, json.dumps(desk.doubtful)]))

    before, there, after = said(capsys)
    assert (code, before["verdict"], after["verdict"]) == (4, "PROVEN", "DOUBTFUL")
    assert (there["row"], there["quarantined"]["code"]) == (2, "not_a_link")
    assert there["quarantined"]["remedy"]


def test_a_register_that_cannot_be_read_is_not_blamed_on_the_link(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4 and a sentence about the register, no answer."""
    desk.register.write_bytes(b"no table")

    code = desk.verify(json.dumps(desk.right))

    printed = capsys.readouterr()
    assert (code, printed.out) == (4, "")
    assert desk.register.name in printed.err


def test_a_file_or_a_scheme_that_is_not_there_ends_with_2(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence names it."""
    assert run(desk.command(str(desk.folder / "gone.json"))) == 2
    assert "gone.json" in capsys.readouterr().err
    arguments = desk.command(str(desk.folder / "link.json"))
    (desk.folder / "link.json").write_text(json.dumps(desk.right), "utf-8")
    assert run(["life_insurance" if word == "health_insurance" else word for word in arguments]) == 2
    assert "life_insurance" in capsys.readouterr().err
