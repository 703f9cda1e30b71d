"""The log never shows an Individual Number, whoever writes the line and wherever the number stands."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from factories import number

from himozuke.entrypoints.logging import set_up
from himozuke.identity.individual_number import IndividualNumber
from himozuke.settings import Settings

WHOLE = number(7)


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Where the log goes; afterwards it goes where it went before."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    set_up(Settings(log_format="json"), stream=stream)
    yield stream
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "value",
    [
        WHOLE,
        int("9" * 12),
        IndividualNumber(int(WHOLE)),
        f"{WHOLE[:4]}-{WHOLE[4:8]}-{WHOLE[8:]}",
        "".join(chr(ord(digit) + 0xFEE0) for digit in WHOLE),
        {"deep": [{"number": WHOLE}]},
        (WHOLE,),
        ValueError(WHOLE),
        WHOLE.encode(),
    ],
)
def test_a_number_in_any_value_is_masked(out: io.StringIO, value: object) -> None:
    structlog.get_logger("test").info("looked at", value=value)

    line = out.getvalue()
    assert json.loads(line)["event"] == "looked at"
    assert WHOLE not in line
    assert WHOLE[:9] not in line
    assert "9" * 9 not in line


def test_a_number_in_the_line_of_another_library_is_masked(out: io.StringIO) -> None:
    logging.getLogger("somebody.else").warning("row %s of %s", WHOLE, {"n": WHOLE}, extra={"held": WHOLE})

    line = json.loads(out.getvalue())
    assert WHOLE not in out.getvalue()
    assert line["logger"] == "somebody.else"
    assert line["held"].endswith(WHOLE[-3:])


def test_a_number_in_an_exception_is_masked(out: io.StringIO) -> None:
    held: dict[str, str] = {}
    try:
        held[WHOLE]
    except KeyError:
        logging.getLogger("test").exception("failed on %s", WHOLE)

    assert "KeyError" in out.getvalue()
    assert WHOLE not in out.getvalue()


def test_the_row_in_an_error_of_the_database_is_left_out(out: io.StringIO) -> None:
    said = "null value in column\nDETAIL:  Failing row contains (1, 山田　太郎, 東京都).\nHINT:  look"
    try:
        raise_it(said)
    except ValueError:
        logging.getLogger("test").exception("it failed")

    assert "null value in column" in out.getvalue()
    assert "HINT" in out.getvalue()
    assert "山田" not in out.getvalue()


def raise_it(said: str) -> None:
    raise ValueError(said)


def test_what_is_no_number_stays_as_it_is(out: io.StringIO) -> None:
    structlog.get_logger("test").info("done", count=12, share=0.5, insurer="06139999", none=None, is_right=True)

    line = json.loads(out.getvalue())
    assert (line["count"], line["share"], line["insurer"], line["none"], line["is_right"]) == (
        12,
        0.5,
        "06139999",
        None,
        True,
    )
    assert line["level"] == "info"
    assert line["timestamp"].endswith("Z")
