"""A vendor's own result codes: in every answer in the place of ours, and refused at the start when the file is not whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path

import pytest

from himozuke.eligibility.model import Finding, Validity
from himozuke.entrypoints.oqs.checking import check_requests
from himozuke.entrypoints.oqs.kit_samples import samples
from himozuke.errors import UsageError
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import Catalogue, load_catalogue, packaged_catalogue
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.xml_text import CharacterCode, MessageProblemError

PACKAGED = (files("himozuke.gateways.oqs_files") / "result_codes.toml").read_text(encoding="utf-8")
FRAME = Frame(Header("1312345676", ""), datetime(2026, 11, 23, 9), CharacterCode.UTF_8, date(2026, 11, 23))  # noqa: DTZ001


def mapped(text: str) -> str:
    """Every code of ours written as a vendor's."""
    return "".join(
        f'{line}as = "{line.split(chr(34))[1].replace("HZ-", "V9")}"\n' if line.startswith("code =") else line
        for line in text.splitlines(keepends=True)
    )


@pytest.fixture
def vendor(tmp_path: Path) -> Catalogue:
    file = tmp_path / "codes.toml"
    file.write_text(mapped(PACKAGED), encoding="utf-8")
    return load_catalogue(None, file)


def test_every_kind_of_answer_bears_the_vendors_code_with_its_text(vendor: Catalogue) -> None:
    writer = AnswerWriter(vendor)

    single = writer.eligibility(FRAME, Answered(Finding(Validity.NONE, (), "HZ-Q01"))).decode()
    refused = writer.refused(FRAME, MessageProblemError("HZ-R05", "R1")).decode()
    bulk = writer.bulk_eligibility(FRAME, "R1", [MessageProblemError("HZ-R02", "")]).decode()

    assert "<ProcessingResultCode>V9Q01</ProcessingResultCode>" in single
    assert packaged_catalogue().text("HZ-Q01") in single
    assert "<ErrorCode>V9R05</ErrorCode>" in refused
    assert "<ProcessingResultCode>V9R05</ProcessingResultCode>" in refused
    assert "<ProcessingResultCode>V9R02</ProcessingResultCode>" in bulk
    assert "HZ-" not in single + refused + bulk


def test_the_kit_and_the_check_speak_the_vendors_codes(vendor: Catalogue, tmp_path: Path) -> None:
    told = b"".join(one.answer for one in samples(vendor) if not one.answer_name.endswith(".zip"))
    broken = tmp_path / "asked"
    broken.mkdir()
    (broken / "OQSsiquc01req_1.xml").write_bytes(b"")

    [row] = check_requests(broken, vendor, "ja")

    codes = [code for code in packaged_catalogue().result_codes if f">{code}".encode() in told]
    assert codes == []
    assert b"V9M02" in told
    assert b"V9F04" in told
    assert row.code == "V9F02"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda text: text.replace('code = "HZ-R05"', 'code = "X9905"'), "lacks HZ-R05"),
        (lambda text: text + '\n[[result]]\ncode = "X1"\nja = "あ"\n', "names X1"),
        (lambda text: text + '\n[[result]]\ncode = "HZ-Q01"\nja = "あ"\n', "HZ-Q01 stands there twice"),
        (lambda text: text.replace('as = "V9R05"', 'as = "V9R06"'), "stands for another code"),
        (lambda text: text.replace('as = "V9R05"', 'as = ""'), "empty"),
    ],
)
def test_a_file_that_is_not_whole_is_refused(change: Callable[[str], str], said: str, tmp_path: Path) -> None:
    file = tmp_path / "codes.toml"
    file.write_text(change(mapped(PACKAGED)), encoding="utf-8")

    with pytest.raises(UsageError, match=said):
        load_catalogue(None, file)


def test_a_file_without_codes_of_its_own_changes_texts_alone(tmp_path: Path) -> None:
    file = tmp_path / "codes.toml"
    file.write_text(PACKAGED, encoding="utf-8")

    assert load_catalogue(None, file).written("HZ-Q01") == "HZ-Q01"
