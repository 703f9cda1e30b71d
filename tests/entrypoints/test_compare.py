"""``himozuke compare``: two values on the command line, or a file of pairs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from himozuke.entrypoints.cli.main import run
from himozuke.entrypoints.comparing import FIELDS, compare_values
from himozuke.errors import UsageError

PAIRS = [
    ("kanji_name", "髙橋　花", "高橋　花"),
    ("kana_name", "ﾀｶﾊｼ ﾊﾅ", "タカハシ　ハナ"),
    ("birth_date", "昭和50年4月2日", "1975-04-02"),
    ("sex", "男", "女"),
    ("address", "東京都千代田区霞が関一丁目2番3号", "千代田区霞が関1-2-3"),
    ("kanji_name", "", "高橋　花"),
]


def pairs_file(tmp_path: Path, text: str) -> list[str]:
    """The arguments that compare a file with this text."""
    path = tmp_path / "pairs.csv"
    path.write_text(text, "utf-8")
    return ["compare", "--csv", str(path)]


def written(rows: Sequence[tuple[str, ...]], *, header: tuple[str, ...] = ("field", "a", "b")) -> str:
    """Rows as CSV text."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue()


def test_two_values_are_answered_with_state_and_detail(capsys: pytest.CaptureFixture[str]) -> None:
    """One line: the state, a tab, the detail."""
    code = run(["compare", "kanji_name", "髙橋", "高橋"])

    state, detail = capsys.readouterr().out.rstrip("\n").split("\t")
    assert (code, state) == (0, "variant")
    assert detail


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_of_the_contract_can_be_compared(field: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Equal values are equal whatever they are; a difference is no error."""
    value = {"birth_date": "1975-04-02", "sex": "1", "individual_number": "000000010004"}.get(field, "ヤマダ")

    assert run(["compare", field, value, value]) == 0
    assert capsys.readouterr().out.startswith("equal\t")


def test_the_fields_are_those_of_the_contract() -> None:
    """Six, by their English column names."""
    assert FIELDS == ("kanji_name", "kana_name", "birth_date", "sex", "address", "individual_number")


def test_a_field_that_is_none_is_refused_with_the_list_of_fields(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2; a library user gets the same sentence."""
    code = run(["compare", "shoe_size", "25", "26"])

    said = capsys.readouterr().err
    assert (code, all(field in said for field in FIELDS)) == (2, True)
    with pytest.raises(UsageError, match="shoe_size"):
        compare_values("shoe_size", "25", "26")


def test_values_are_missing_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and what to give."""
    assert run(["compare", "kanji_name", "髙橋"]) == 2
    assert "--csv" in capsys.readouterr().err


def test_a_value_may_begin_with_a_hyphen_or_be_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """A value is never taken for an option."""
    assert run(["compare", "address", "-1", ""]) == 0
    assert capsys.readouterr().out.startswith("missing\t")


def test_one_value_may_be_shown_as_csv_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The columns are field, a, b, state, detail in both."""
    run(["compare", "sex", "男", "女", "--format", "csv"])
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    run(["compare", "sex", "男", "女", "--format", "json"])
    (same,) = json.loads(capsys.readouterr().out)

    assert list(row) == ["field", "a", "b", "state", "detail"]
    assert row == same
    assert row["state"] == "different"


def test_a_file_of_pairs_is_answered_line_by_line_in_its_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each line says what the pair alone would say."""
    code = run(pairs_file(tmp_path, written(PAIRS)))

    lines = capsys.readouterr().out.splitlines()
    alone = [compare_values(*pair) for pair in PAIRS]
    assert code == 0
    assert lines == [f"{found.state.word}\t{found.detail}" for found in alone]
    assert [line.split("\t")[0] for line in lines] == ["variant", "folded", "folded", "different", "variant", "missing"]


def test_as_csv_the_answer_stands_behind_the_columns_of_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Columns and their order are kept, state and detail come last."""
    rows = [(str(at), b, field, a) for at, (field, a, b) in enumerate(PAIRS)]

    code = run([*pairs_file(tmp_path, written(rows, header=("id", "b", "field", "a"))), "--format", "csv"])

    found = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert code == 0
    assert found[0] == ["id", "b", "field", "a", "state", "detail"]
    assert [tuple(row[:4]) for row in found[1:]] == rows


def test_quotes_and_commas_and_line_ends_in_values_survive(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A value is given back as it was, and compared as it was."""
    rows = [("address", 'さいたま市 "本町", 1-2', 'さいたま市 "本町", 1-2'), ("kanji_name", "山田\n太郎", "山田\n太郎")]

    run([*pairs_file(tmp_path, written(rows)), "--format", "csv"])

    found = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["field"], row["a"], row["b"]) for row in found] == rows
    assert {row["state"] for row in found} == {"equal"}


def test_a_short_row_lacks_its_last_values(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exactly one line for it, saying missing; a value too many is dropped."""
    code = run(pairs_file(tmp_path, "field,a,b\nkanji_name,山田\nkanji_name\nsex,1,1,more\n"))

    states = [line.split("\t")[0] for line in capsys.readouterr().out.splitlines()]
    assert (code, states) == (0, ["missing", "missing", "equal"])


def test_an_unknown_field_in_a_file_is_answered_and_stops_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other lines are answered all the same."""
    code = run(pairs_file(tmp_path, "field,a,b\nshoe_size,25,26\nsex,1,1\n"))

    lines = capsys.readouterr().out.splitlines()
    assert (code, len(lines)) == (0, 2)
    assert lines[0].startswith("unknown\t")
    assert "shoe_size" in lines[0]
    assert lines[1].startswith("equal\t")


def test_values_that_cannot_be_read_are_answered_and_never_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever stands there, every line gets a state of the contract."""
    odd = ["不詳", "31/02/2020", "●", "99", "\u0000", "🙂", "x" * 5000]
    rows = [(field, value, "山田　太郎") for field in FIELDS for value in odd]

    code = run([*pairs_file(tmp_path, written(rows)), "--format", "json"])

    states = [row["state"] for row in json.loads(capsys.readouterr().out)]
    assert (code, len(states)) == (0, len(rows))
    assert set(states) <= {"equal", "folded", "variant", "near", "unknown", "missing", "different"}


def test_a_file_without_rows_has_no_answers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A header alone is a file of no pairs."""
    assert run(pairs_file(tmp_path, "field,a,b\n")) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("text", ["", "field,a\nsex,1\n", "名,左,右\nsex,1,1\n"])
def test_a_file_without_the_columns_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 4 and the columns it needs."""
    assert run(pairs_file(tmp_path, text)) == 4
    assert "field,a,b" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and its name."""
    assert run(["compare", "--csv", str(tmp_path / "gone.csv")]) == 2
    assert "gone.csv" in capsys.readouterr().err


def test_a_file_in_cp932_is_read_as_such(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a spreadsheet in a Japanese office saves needs no conversion."""
    path = tmp_path / "cp932.csv"
    path.write_text("field,a,b\nkanji_name,髙橋,高橋\n", "cp932")

    assert run(["compare", "--csv", str(path)]) == 0
    assert capsys.readouterr().out.startswith("variant\t")


def test_an_empty_line_has_an_answer_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The answers stay beside the lines they answer."""
    run(pairs_file(tmp_path, "field,a,b\nsex,1,1\n\nsex,1,1\n"))

    assert len(capsys.readouterr().out.splitlines()) == 3


def test_a_quote_that_never_ends_is_told_of_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A value that swallows the rest of a long file is no value."""
    code = run(pairs_file(tmp_path, 'field,a,b\nsex,"1,1\n' + "sex,1,1\n" * 20_000))

    said = capsys.readouterr()
    assert (code, said.out) == (4, "")
    assert "quote" in said.err
