"""Files that are not taken: why, in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk

from himozuke.entrypoints.web.said import refused_file, sentence_of
from himozuke.errors import InputRejectedError
from himozuke.gateways.access_log_csv import read_log
from himozuke.gateways.notice_files import read_notice_file
from himozuke.gateways.tables import open_register

HEADER = "事実発生年月日,カナ氏名,カナ氏名\n"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a,b\n1,2\n", "様式の見出し"),
        (b"\xff\xfe\xff", "UTF-16"),
        (b"\x81\xff\xa0,\x80\n", "UTF-8でもCP932"),
        (HEADER.encode(), "「カナ氏名」が二つあります"),
        (b"[kanri]\r\n[data]\r\n", "SHFD0006.CSVを読めません"),
    ],
)
def test_a_file_of_notices_is_refused_in_japanese_and_in_english(data: bytes, told: str) -> None:
    with pytest.raises(InputRejectedError) as refused:
        read_notice_file(data, name="SHFD0006.CSV")

    said = refused_file(refused.value)
    assert told in said.ja
    assert said.en.startswith("Cannot read")
    assert str(refused.value) == said.en


@pytest.mark.parametrize("data", [b"", b"x,y\n1,2\n", b"\xff\xfe\xff"])
def test_a_log_is_refused_in_both_languages(data: bytes) -> None:
    with pytest.raises(InputRejectedError) as refused:
        read_log("log.csv", data)

    said = sentence_of(refused.value)
    assert said is not None
    assert re.search("[ぁ-ん]", said.ja)
    assert not re.search("[ぁ-ん]", said.en)


@pytest.mark.parametrize("text", ["", "名称,値\n甲,1\n", "個人番号,個人番号\n1,2\n", "漢字氏名,住所\n山田,東京\n"])
def test_a_table_is_refused_in_both_languages(tmp_path: Path, text: str) -> None:
    path = tmp_path / "register.csv"
    path.write_text(text, "utf-8")

    with pytest.raises(InputRejectedError) as refused:
        open_register(path)

    said = sentence_of(refused.value)
    assert said is not None
    assert said.ja.startswith("register.csvを読めません。")


def test_the_page_says_it_in_its_own_language(desk: Callable[..., Desk], office: SmallWorld) -> None:
    assert office.insurer
    clerk = desk("insurer_clerk")

    page = clerk.submit("/notice-files", files={"file": ("notices.csv", b"a,b\n1,2\n")})
    clerk.get("/language/en?back=/")
    english = clerk.submit("/notice-files", files={"file": ("notices.csv", b"a,b\n1,2\n")})

    assert (page.status_code, english.status_code) == (422, 422)
    assert "notices.csvを読めません。" in page.text
    assert "Cannot read" not in page.text
    assert "Cannot read notices.csv" in english.text
