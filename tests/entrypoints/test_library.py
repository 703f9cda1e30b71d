"""``himozuke.inspect``: what a program may give, and what it gets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from one_sample import DAY, Sample

import himozuke
from himozuke.entrypoints.results import Inspection

pytest_plugins = ("sample_fixtures",)

ON = date.fromisoformat(DAY)
WORDS = {
    "verdict": {"PROVEN", "EXPLAINED", "DOUBTFUL", "REFUTED", "UNTESTABLE"},
    "restriction": {"NONE", "MEDICAL", "ALL"},
    "restriction_by_table": {"NONE", "MEDICAL", "ALL"},
    "action": {"none", "correct", "ask"},
}
STATES = {"equal", "folded", "variant", "near", "unknown", "missing", "different"}
CONTRACT = {
    "link_id": pa.string(),
    "row": pa.int64(),
    **dict.fromkeys(("verdict", "restriction", "restriction_by_table", "action", "cause"), pa.string()),
    **dict.fromkeys(("rival_count", "rank", "pattern"), pa.int32()),
    **{f"state_{item}": pa.string() for item in ("kanji_name", "kana_name", "birth_date", "sex", "address")},
    "reasons": pa.list_(pa.string()),
    "evidence_digest": pa.string(),
}

#: Every form in which a program may give a table that lies in a Parquet file.
FORMS: dict[str, Callable[[Path], Any]] = {
    "path": lambda path: path,
    "text": str,
    "arrow": pq.read_table,
    "stream": lambda path: pa.RecordBatchReader.from_batches(
        pq.read_schema(path), pq.read_table(path).to_batches(max_chunksize=100)
    ),
    "polars": pl.read_parquet,
    "duckdb": lambda path: duckdb.connect().read_parquet(str(path)),
}


@pytest.fixture(scope="module")
def found(sample: Sample, register_cache: Path) -> Inspection:
    """The sample inspected once from its Parquet files."""
    return inspected(sample.folder / "links.parquet", sample.register, register_cache)


def inspected(links: object, register: object, cache: Path, **more: Any) -> Inspection:
    """An inspection by the sample's scheme and day."""
    return himozuke.inspect(links, register, scheme="health_insurance", on=ON, cache=cache, **more)


def stamps(folder: Path) -> dict[str, int]:
    """When each prepared register of a cache was made."""
    return {path.parent.name: path.stat().st_mtime_ns for path in folder.glob("*/meta.json")}


@pytest.mark.parametrize("form", FORMS)
def test_links_and_register_may_come_in_any_form(
    form: str, sample: Sample, found: Inspection, register_cache: Path
) -> None:
    """The same rows get the same verdicts, whatever holds them."""
    give = FORMS[form]

    again = inspected(give(sample.folder / "links.parquet"), give(sample.register), register_cache)

    assert again.verdicts.equals(found.verdicts)
    assert again.exit_code == 3


def test_what_is_no_table_is_refused_by_its_type(sample: Sample, register_cache: Path) -> None:
    """A list of rows is not guessed at."""
    with pytest.raises(himozuke.UsageError, match="list"):
        inspected([{"link_id": "a"}], sample.register, register_cache)


def test_a_register_given_twice_as_a_table_is_prepared_once(sample: Sample, tmp_path: Path) -> None:
    """Content decides, not the object, nor the pieces it is cut into."""
    register = pq.read_table(sample.register)
    links = sample.folder / "links.parquet"
    inspected(links, register, tmp_path)
    made = stamps(tmp_path)

    inspected(links, pa.Table.from_batches(register.to_batches(max_chunksize=37)), tmp_path)
    inspected(links, pl.read_parquet(sample.register), tmp_path)

    assert len(made) == 1
    assert stamps(tmp_path) == made


def test_a_prepared_register_may_be_given_as_its_folder(
    sample: Sample, found: Inspection, tmp_path: Path, register_cache: Path
) -> None:
    """As himozuke prepare leaves it."""
    options = himozuke.Options(cache=tmp_path)
    prepared = himozuke.prepare_register(sample.register, on=ON, options=options)

    again = inspected(sample.folder / "links.parquet", prepared.folder, register_cache)

    assert again.verdicts.equals(found.verdicts)


def test_the_verdicts_have_the_columns_and_words_of_the_contract(found: Inspection) -> None:
    """Names, order, types and word lists, as other programs rely on them."""
    table = found.verdicts
    plain = {field.name: field.type for field in table.schema}
    rows = table.to_pylist()

    assert list(plain) == list(CONTRACT)
    for name, kind in CONTRACT.items():
        is_text = pa.types.is_dictionary(plain[name]) and plain[name].value_type == pa.string()
        assert plain[name] == kind or (kind == pa.string() and is_text) or pa.types.is_list(plain[name]), name
    for name, words in WORDS.items():
        assert {row[name] for row in rows} <= words
    assert {row[name] for row in rows for name in plain if name.startswith("state_")} <= STATES
    assert [row["row"] for row in rows] == list(range(1, 601))
    assert {(row["cause"] or "C1")[0] for row in rows} == {"C"}


def test_every_verdict_that_is_not_plain_has_a_reason(found: Inspection) -> None:
    """Nobody is told to act, and nothing is called explained, without saying why."""
    rows = found.verdicts.to_pylist()

    assert all(row["reasons"] for row in rows if row["verdict"] != "PROVEN")
    assert all(row["rank"] for row in rows if row["action"] == "ask")


@pytest.mark.seed("S54")
def test_the_review_holds_what_to_ask_by_rank_and_then_what_to_correct(found: Inspection) -> None:
    """Rows where nobody must act are not in it."""
    rows = found.review.to_pylist()

    asked = [row for row in rows if row["action"] == "ask"]
    corrected = rows[len(asked) :]
    assert asked
    assert corrected
    assert [row["rank"] for row in asked] == list(range(1, len(asked) + 1))
    assert {row["action"] for row in corrected} == {"correct"}
    assert [row["row"] for row in corrected] == sorted(row["row"] for row in corrected)
    assert {row["action"] for row in found.verdicts.to_pylist()} == {"none", "correct", "ask"}


def test_the_funnel_starts_with_every_row_and_never_grows_beyond_it(found: Inspection) -> None:
    """Its steps are those of the manifest."""
    counts = {step.step: step.count for step in found.funnel}

    assert found.funnel[0].count == 600
    assert max(counts.values()) == 600
    assert counts == found.manifest["figures"]["funnel"]


def test_the_report_is_one_file_that_asks_nobody_for_anything(found: Inspection) -> None:
    """It stands on its own."""
    path = found.report()

    assert path.is_file()
    assert path.read_text("utf-8").lstrip().lower().startswith("<!doctype html>")


def test_in_a_notebook_an_inspection_shows_its_funnel(found: Inspection) -> None:
    """A table with a row per step, well formed."""
    open_tags: list[str] = []

    class Checker(HTMLParser):
        def handle_starttag(self, tag: str, _attributes: object) -> None:
            if tag != "br":
                open_tags.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_tags.pop() == tag

    shown = found._repr_html_()
    Checker().feed(shown)

    assert open_tags == []
    assert all(step.name_ja in shown for step in found.funnel)
    assert "600" in shown


def test_without_a_folder_the_results_live_as_long_as_the_object(sample: Sample, register_cache: Path) -> None:
    """Nothing stays on the disk of somebody who only wanted the verdicts."""
    one = inspected(sample.folder / "links.parquet", sample.register, register_cache)
    folder = one.folder
    assert folder.is_dir()

    del one

    assert not folder.exists()


def test_a_table_lives_on_after_its_inspection(sample: Sample, register_cache: Path) -> None:
    """``inspect(…).verdicts`` in one breath can be read."""
    table = inspected(sample.folder / "links.parquet", sample.register, register_cache).verdicts

    assert len(table.to_pylist()) == 600


def test_with_a_folder_the_results_stay(sample: Sample, tmp_path: Path, register_cache: Path) -> None:
    """The same files as the command leaves, the folder named as text or path."""
    out = tmp_path / "out"

    inspected(sample.folder / "links.parquet", sample.register, register_cache, out=str(out))

    assert (out / "manifest.json").is_file()
    assert len(list(out.iterdir())) == 8


def test_both_engines_are_at_a_programs_choice(sample: Sample, found: Inspection, register_cache: Path) -> None:
    """The one to read says the same as the one to run."""
    links = pq.read_table(sample.folder / "links.parquet")

    slow = inspected(links, sample.register, register_cache, engine="reference")

    assert slow.manifest["engine"] == "reference"
    assert slow.verdicts.equals(found.verdicts)


def test_errors_have_one_base_and_come_before_any_work(sample: Sample, register_cache: Path, tmp_path: Path) -> None:
    """A program can catch what this one raises on purpose, and learns of it early."""
    with pytest.raises(himozuke.HimozukeError, match="life_insurance"):
        himozuke.inspect(sample.links, sample.register, scheme="life_insurance", on=ON, out=tmp_path / "out")
    with pytest.raises(himozuke.UsageError, match=r"gone\.csv"):
        inspected(tmp_path / "gone.csv", sample.register, register_cache)
    with pytest.raises(TypeError):
        inspected(sample.links, sample.register, register_cache, no_such_option=1)
    assert not list(tmp_path.glob("out/*"))
