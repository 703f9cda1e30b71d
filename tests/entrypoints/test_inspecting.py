"""``himozuke inspect``: exit codes, what is written and what is never written."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from factories import World, table
from one_sample import DAY, Sample

from himozuke.entrypoints.cli.main import run

pytest_plugins = ("sample_fixtures",)

FILES = {
    "verdicts.parquet",
    "review.csv",
    "corrections.csv",
    "quarantine.csv",
    "register_quarantine.csv",
    "funnel.json",
    "report.html",
    "manifest.json",
}
#: A number of our range that is not part of a longer run of letters or digits, as in a digest.
NUMBER = re.compile(r"(?<![0-9A-Za-z])00\d{10}(?![0-9A-Za-z])")


def files_in(out: Path) -> set[str]:
    """Everything in a folder, hidden or not."""
    return {path.name for path in out.iterdir()}


def manifest(out: Path) -> dict[str, Any]:
    """The manifest of a run."""
    content: dict[str, Any] = json.loads((out / "manifest.json").read_text("utf-8"))
    return content


def verdicts(out: Path) -> list[dict[str, Any]]:
    """The rows of ``verdicts.parquet``."""
    rows: list[dict[str, Any]] = pq.read_table(out / "verdicts.parquet").to_pylist()
    return rows


def lines_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a byte order mark."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class Office:
    """A small register and file of links on disk, and how to inspect them."""

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.world, self.out = folder, world, folder / "out"

    def inspect(self, *more: str, scheme: str = "health_insurance") -> int:
        """Write both files and inspect them."""
        links, register = self.folder / "links.parquet", self.folder / "register.parquet"
        pq.write_table(table(self.world.links), links)
        pq.write_table(table(self.world.register), register)
        files = [str(links), "--register", str(register), "--scheme", scheme, "--out", str(self.out)]
        return run(["inspect", *files, "--on", DAY, "--quiet", *more])


@pytest.fixture
def office(tmp_path: Path, register_cache: Path) -> Office:
    """Two people whose links are right in every item."""
    assert register_cache.is_dir()
    world = World()
    plain = {"birth_date": "1968-03-09", "address": "愛知県岡崎市十王町2丁目9番8号"}
    world.link(world.person(kanji_name="安藤　和夫", kana_name="アンドウ　カズオ", **plain), "right")
    world.link(
        world.person(kanji_name="内田　幸子", kana_name="ウチダ　サチコ", birth_date="1971-11-30", sex="2"), "other"
    )
    return Office(tmp_path, world)


def doubt(office: Office) -> None:
    """Make the first link doubtful: nothing explains its birth date."""
    office.world.links[0]["birth_date"] = "1983-09-27"


def answer(office: Office, said: str, *, link_id: str = "right", digest: str = "") -> Path:
    """A file of one answer about a link, on the evidence that stands in the results."""
    evidence = digest or next(row["evidence_digest"] for row in verdicts(office.out) if row["link_id"] == link_id)
    path = office.folder / "answers.csv"
    path.write_text(
        f"link_id,evidence_digest,answer,reason,by,on\n{link_id},{evidence},{said},letter,clerk,2025-10-20\n", "utf-8"
    )
    return path


# Exit codes


def test_a_run_with_nothing_to_do_ends_with_0(office: Office) -> None:
    """Every link is proven: nobody must act, and every file is there all the same."""
    code = office.inspect()

    assert code == 0
    assert files_in(office.out) == FILES
    assert {row["verdict"] for row in verdicts(office.out)} == {"PROVEN"}


def test_a_doubtful_link_ends_the_run_with_3(office: Office) -> None:
    """Somebody must ask whose number it is."""
    doubt(office)

    assert office.inspect() == 3


def test_a_record_to_correct_ends_the_run_with_3(office: Office) -> None:
    """A slip in the insurer's own record is work for somebody, too."""
    office.world.links[0]["birth_date"] = "1968-03-08"

    code = office.inspect()

    assert code == 3
    assert {row["action"] for row in verdicts(office.out)} == {"none", "correct"}


def test_the_address_of_a_protected_person_who_fits_better_stands_nowhere(office: Office) -> None:
    """The link holds her address; the number is somebody else's, who is not protected."""
    her_place = "京都府京都市左京区秘密町7番地3"
    hers = {"kanji_name": "秘密　守子", "kana_name": "ヒミツ　モリコ", "birth_date": "1980-02-11", "sex": "2"}
    rightful = office.world.person(**hers, address=her_place, protected="1")
    office.world.link(rightful, "hers", individual_number=office.world.register[0]["individual_number"])

    office.inspect()

    assert [row["verdict"] for row in verdicts(office.out) if row["link_id"] == "hers"] == ["REFUTED"]
    for name in ("review.csv", "report.html", "funnel.json", "manifest.json"):
        assert "秘密町" not in (office.out / name).read_text("utf-8-sig"), name


def test_a_second_row_of_one_person_gets_no_cause_from_the_first(office: Office) -> None:
    """What stands elsewhere is the same person's own record, not an unrelated one."""
    office.world.links[0] |= {"birth_date": "1931-01-17", "batch": "first"}
    again = office.world.links[0] | {"link_id": "again", "batch": "second", "scheme_number": "T9"}
    office.world.links.append(again)

    office.inspect()

    found = {row["link_id"]: row for row in verdicts(office.out)}
    assert [found[name]["cause"] for name in ("right", "again")] == [None, None]
    assert [found[name]["verdict"] for name in ("right", "again")] == ["DOUBTFUL", "DOUBTFUL"]


def test_an_untestable_record_is_not_filled_from_the_number_it_happens_to_carry(office: Office) -> None:
    """Of twins the link names one with a sign that cannot be read; the number is the other's."""
    twins = {"birth_date": "2001-05-22", "sex": "2", "address": "香川県高松市番町1丁目1番1号"}
    office.world.person(kanji_name="双海　亜美", kana_name="フタミ　アミ", **twins)
    other = office.world.person(kanji_name="双海　真美", kana_name="フタミ　マミ", **twins)
    office.world.link(other, "twin", kanji_name="双海　●美", kana_name="フタミ　●ミ")

    office.inspect()

    assert [row["verdict"] for row in verdicts(office.out) if row["link_id"] == "twin"] == ["UNTESTABLE"]
    (line,) = lines_of(office.out / "corrections.csv")
    assert (line["kanji_name"], line["kana_name"]) == ("双海　●美", "フタミ　●ミ")
    assert "要収集・要確認" in line["訂正理由"]


@pytest.mark.parametrize("name", ["", "right", "1"])
def test_a_record_to_correct_comes_back_as_the_office_wrote_it(office: Office, name: str) -> None:
    """Also without a name of its own, for which elsewhere the number of the row stands."""
    record = office.world.links[0] | {"link_id": name, "birth_date": "昭和43年3月8日", "operator": " op 7 "}
    office.world.links[0] = record

    office.inspect("--reveal")

    (line,) = lines_of(office.out / "corrections.csv")
    assert {header: line[header] for header in record} == record | {"birth_date": "昭和43年3月9日"}
    assert line["訂正前"] == "昭和43年3月8日"
    assert verdicts(office.out)[0]["link_id"] == (name or "1")


def test_rows_set_aside_go_before_findings_in_the_exit_code(office: Office) -> None:
    """4 comes before 3: what was not understood is not inspected yet."""
    doubt(office)
    office.world.links[1]["birth_date"] = "1975-02-30"

    assert office.inspect() == 4


@pytest.mark.parametrize("missing", ["links", "register", "confirmed", "mapping", "rules"])
def test_a_file_that_is_not_there_ends_the_run_with_2(
    missing: str, sample: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names the file; no result is left."""
    gone, out = str(tmp_path / "gone.csv"), tmp_path / "out"
    arguments = sample.arguments(out)
    if missing == "links":
        arguments[1] = gone
    elif missing == "register":
        arguments[3] = gone
    else:
        arguments += [f"--{missing}", gone]

    code = run(arguments)

    said = capsys.readouterr().err
    assert (code, "gone.csv" in said, "Traceback" in said) == (2, True, False)
    assert not out.exists() or not files_in(out) & FILES


def test_an_unknown_scheme_ends_the_run_with_2_and_names_the_known_ones(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """The codes are few enough to be said."""
    code = office.inspect(scheme="life_insurance")

    said = capsys.readouterr().err
    assert code == 2
    assert "life_insurance" in said
    assert "health_insurance" in said
    assert not office.out.exists()


def test_an_option_that_does_not_exist_ends_the_run_with_2(office: Office) -> None:
    """A wrong word on the command line is a wrong call."""
    assert office.inspect("--no-such-option") == 2
    assert office.inspect("--memory", "much") == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("blank.csv", b"\n\n"),
        ("letter.csv", "拝啓　時下ますますご清栄のこととお慶び申し上げます。\n".encode()),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(200)),
        ("broken.parquet", b"PAR1" + bytes(64) + b"PAR1"),
        ("broken.xlsx", b"PK\x03\x04" + bytes(64)),
    ],
)
def test_what_is_no_table_ends_the_run_with_4_and_leaves_only_a_manifest(
    name: str, content: bytes, sample: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One clear sentence, the same in the manifest, and nothing else."""
    path, out = tmp_path / name, tmp_path / "out"
    path.write_bytes(content)

    code = sample.inspect(out, links=path)

    said = capsys.readouterr().err.strip()
    assert (code, files_in(out)) == (4, {"manifest.json"})
    assert name in said
    assert "\n" not in said
    assert manifest(out)["rejected"] == said


def test_a_register_that_is_no_table_ends_the_run_with_4(sample: Sample, tmp_path: Path) -> None:
    """Without a register nothing can be judged."""
    path, out = tmp_path / "register.csv", tmp_path / "out"
    path.write_text("これは台帳ではない\n", "utf-8")
    arguments = sample.arguments(out)
    arguments[3] = str(path)

    assert (run(arguments), files_in(out)) == (4, {"manifest.json"})


def test_a_file_damaged_on_the_way_leaves_only_a_manifest(sample: Sample, tmp_path: Path) -> None:
    """Damage that shows only while rows are read leaves no half-done work behind."""
    path, out = tmp_path / "links.parquet", tmp_path / "out"
    content = bytearray((sample.folder / "links.parquet").read_bytes())
    content[8:4000] = bytes(3992)
    path.write_bytes(content)

    assert (sample.inspect(out, links=path), files_in(out)) == (4, {"manifest.json"})


# Rows


@pytest.mark.seed("S54", "S64")
def test_every_row_of_the_file_is_in_the_verdicts_or_set_aside(office: Office) -> None:
    """The manifest says the three figures, and a row set aside stands with its place and its code."""
    for at in range(3):
        office.world.link(office.world.register[at % 2], f"bad{at}", individual_number="12345")
    office.world.links[3]["individual_number"] = ""

    code = office.inspect()

    judged, aside, said = verdicts(office.out), lines_of(office.out / "quarantine.csv"), manifest(office.out)
    assert code == 4
    assert [row["row"] for row in judged] == [1, 2]
    assert [(row["row"], row["code"]) for row in aside] == [
        ("3", "number_not_12_digits"),
        ("4", "number_missing"),
        ("5", "number_not_12_digits"),
    ]
    assert (said["rows_in_file"], said["rows_verdicted"], said["rows_quarantined"]) == (5, 2, 3)


def test_a_file_whose_every_row_is_set_aside_is_still_answered(office: Office) -> None:
    """No verdict, every file, exit 4."""
    for row in office.world.links:
        row["individual_number"] = "不明"

    code = office.inspect()

    assert (code, files_in(office.out), verdicts(office.out)) == (4, FILES, [])


def test_a_file_without_rows_is_answered_with_nothing_to_do(office: Office) -> None:
    """A header alone is a table."""
    links, register = office.folder / "links.csv", office.folder / "register.parquet"
    links.write_text(",".join(office.world.links[0]) + "\n", "utf-8")
    pq.write_table(table(office.world.register), register)

    files = [str(links), "--register", str(register), "--scheme", "health_insurance", "--out", str(office.out)]
    code = run(["inspect", *files, "--on", DAY, "--quiet"])

    assert (code, files_in(office.out), verdicts(office.out)) == (0, FILES, [])


def test_a_register_row_set_aside_is_listed_beside_the_results(office: Office) -> None:
    """The links go on being judged; the person who cannot be read is missing from the register."""
    office.world.person(kanji_name="遠藤　健二", birth_date="1975-02-30")

    code = office.inspect()

    (row,) = lines_of(office.out / "register_quarantine.csv")
    assert (row["row"], row["code"]) == ("3", "date_impossible")
    assert code == 4


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
@pytest.mark.parametrize("bad", [{"status": "謎"}, {"sex": "X"}, {"birth_date": "1990-02-30"}])
def test_a_number_on_a_register_row_that_cannot_be_read_is_not_called_absent(
    bad: dict[str, str], engine: str, office: Office
) -> None:
    """Nobody is asked and nothing is stopped for a slip in the register; its row is to be mended."""
    office.world.register[0] |= bad

    code = office.inspect("--engine", engine)

    row = verdicts(office.out)[0]
    assert code == 4
    assert (row["verdict"], row["action"], row["restriction"], row["cause"]) == ("UNTESTABLE", "correct", "NONE", None)
    assert row["reasons"] == ["register_unreadable", "too_little_held"]
    (line,) = lines_of(office.out / "corrections.csv")
    assert line["kanji_name"] == "安藤　和夫"
    assert "register_quarantine.csv" in line["訂正理由"]
    assert "台帳にいません" not in (office.out / "report.html").read_text("utf-8")


def test_a_folder_that_may_not_be_written_ends_the_run_with_5_before_anything_is_read(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence that names the folder and the way out; the administrator's rights would hide it here."""
    asked: list[Path] = []

    def refused(path: Path, _mode: int) -> bool:
        asked.append(Path(path))
        return False

    monkeypatch.setattr(os, "access", refused)

    assert office.inspect() == 5
    said = capsys.readouterr().err.strip().splitlines()
    assert said == [
        f"Cannot write results to {office.out}: you may not write into {office.folder}. Name another folder with --out."
    ]
    assert asked == [office.folder]
    assert not office.out.exists()


# Answers of an earlier round


@pytest.mark.parametrize(("said", "verdict", "code"), [("right", "EXPLAINED", 0), ("wrong", "REFUTED", 0)])
def test_an_answered_link_is_not_asked_again(said: str, verdict: str, code: int, office: Office) -> None:
    """What somebody found out stands, with the reason that says so."""
    doubt(office)
    office.inspect()

    ended = office.inspect("--confirmed", str(answer(office, said)))

    row = verdicts(office.out)[0]
    assert (ended, row["verdict"], row["action"], row["rank"]) == (code, verdict, "none", None)
    assert "confirmed" in row["reasons"]
    assert manifest(office.out)["figures"]["confirmed_wrong"] == (said == "wrong")


def test_the_manifest_names_the_file_of_answers_and_counts_those_that_took_effect(office: Office) -> None:
    """A second run can show that it was given the same answers; one on old evidence changed nothing."""
    doubt(office)
    office.inspect()
    path = answer(office, "right")
    path.write_text(path.read_text("utf-8") + "other,0000000000000000,wrong,letter,clerk,2025-10-20\n", "utf-8")

    office.inspect("--confirmed", str(path))

    said = manifest(office.out)
    given = [one for one in said["inputs"] if one["role"] == "confirmed"]
    assert [(one["name"], one["rows"]) for one in given] == [("answers.csv", 2)]
    assert given[0]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert said["answers_used"] == 1
    assert "answers.csv" in (office.out / "report.html").read_text("utf-8")


@pytest.mark.parametrize("changed", ["link", "register"])
def test_an_answer_is_void_as_soon_as_its_evidence_changes(changed: str, office: Office) -> None:
    """A link whose own items, or whose entry, have changed since is asked about anew."""
    doubt(office)
    office.inspect()
    answers = answer(office, "right")
    row = office.world.links[0] if changed == "link" else office.world.register[0]
    row["birth_date"] = "1951-06-18"

    code = office.inspect("--confirmed", str(answers))

    found = verdicts(office.out)[0]
    assert (code, found["action"]) == (3, "ask")
    assert "confirmed" not in found["reasons"]


def test_an_answer_outlives_changes_elsewhere(office: Office) -> None:
    """New people and new links do not bring an answered question back."""
    doubt(office)
    office.inspect()
    answers = answer(office, "right")
    new = office.world.person(kanji_name="遠藤　健二", kana_name="エンドウ　ケンジ", birth_date="1991-01-05")
    office.world.links.insert(0, office.world.link(new, "new"))
    office.world.links.pop()

    code = office.inspect("--confirmed", str(answers))

    assert (code, [row["action"] for row in verdicts(office.out)]) == (0, ["none"] * 3)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("link_id,evidence_digest,answer\nright,abc,right\nother,abc,perhaps\n", "line 3"),
        ("link_id,evidence_digest,answer\n,abc,right\n", "line 2"),
        ("link_id,evidence_digest,answer\nright,,wrong\n", "line 2"),
        ("name,what\nright,abc\n", "line 2"),
    ],
)
def test_an_answer_that_cannot_be_used_is_named_by_its_line(
    content: str, said: str, office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 4, the line and what it needs; no verdict is written on half of the answers."""
    path = office.folder / "answers.csv"
    path.write_text(content, "utf-8")

    code = office.inspect("--confirmed", str(path))

    told = capsys.readouterr().err
    assert (code, said in told, path.name in told) == (4, True, True)
    assert files_in(office.out) == {"manifest.json"}


def test_answers_in_another_encoding_are_refused_with_a_remedy(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    """A CP932 file is not guessed at."""
    path = office.folder / "answers.csv"
    path.write_text("link_id,evidence_digest,answer,reason\nright,abc,right,電話\n", "cp932")

    code = office.inspect("--confirmed", str(path))

    assert (code, "UTF-8" in capsys.readouterr().err) == (4, True)


# Restriction


@pytest.mark.seed("S76")
def test_restriction_by_table_makes_the_stricter_of_both_columns_stand(office: Office) -> None:
    """A slip in the birth date stops nobody by our verdict, everything by the ministry's table."""
    office.world.links[0]["birth_date"] = "1968-03-08"
    office.inspect()
    plain = verdicts(office.out)[0]

    office.inspect("--restriction", "table")

    strict = verdicts(office.out)[0]
    assert (plain["verdict"], plain["restriction"], plain["restriction_by_table"]) == ("EXPLAINED", "NONE", "ALL")
    assert (strict["verdict"], strict["restriction"], strict["restriction_by_table"]) == ("EXPLAINED", "ALL", "ALL")
    assert manifest(office.out)["restriction_mode"] == "table"


# Masking


def decoded(path: Path) -> str:
    """The text of a result file; corrections keep the encoding of the input."""
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932")


def texts_of_results(out: Path) -> str:
    """All that a reader of the results can see, every Parquet value as text."""
    texts = [decoded(path) for path in out.iterdir() if path.suffix in {".csv", ".json", ".html"}]
    table = pq.read_table(out / "verdicts.parquet").drop_columns(["link_id"])
    return "\n".join([*texts, json.dumps(table.to_pylist(), ensure_ascii=False)])


def numbers_of(sample: Sample) -> set[str]:
    """Every Individual Number in the data."""
    columns = pq.read_table(sample.register, columns=["individual_number"]).column(0).to_pylist()
    return set(columns) | set(pq.read_table(sample.folder / "links.parquet")["individual_number"].to_pylist())


def test_no_individual_number_stands_in_any_result(result: Path, sample: Sample) -> None:
    """Neither those of the links nor those of rivals; a form that people read shows four digits."""
    text = texts_of_results(result)

    assert not set(NUMBER.findall(text)) & numbers_of(sample)
    assert not NUMBER.findall(text)
    assert "*" in (result / "review.csv").read_text("utf-8-sig")


def test_reveal_shows_the_numbers_to_those_who_must_see_them(sample: Sample, result: Path, tmp_path: Path) -> None:
    """With --reveal the lists for the office carry whole numbers; the verdicts stay the same."""
    out = tmp_path / "revealed"

    sample.inspect(out, "--reveal")

    shown = set(NUMBER.findall((out / "review.csv").read_text("utf-8-sig")))
    assert shown
    assert shown <= numbers_of(sample)
    assert verdicts(out) == verdicts(result)


def test_a_number_in_a_refused_row_is_masked(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither quarantine.csv nor standard error repeats a number that was written wrongly."""
    whole = office.world.links[0]["individual_number"]
    office.world.links[0] |= {"individual_number": whole + "x", "birth_date": whole}

    office.inspect()

    told = capsys.readouterr()
    assert lines_of(office.out / "quarantine.csv")
    assert whole not in texts_of_results(office.out) + told.err + told.out


def test_standard_error_never_shows_an_individual_number(
    sample: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file without a header is told of without its first row."""
    path = tmp_path / "headless.csv"
    lines = sample.links.read_text("cp932").splitlines(keepends=True)
    path.write_text("".join(lines[1:]), "cp932")

    code = sample.inspect(tmp_path / "out", links=path)

    told = capsys.readouterr().err + (tmp_path / "out" / "manifest.json").read_text("utf-8")
    assert (code, NUMBER.findall(told)) == (4, [])


# Running again


def test_finished_results_are_replaced_by_a_second_run(office: Office) -> None:
    """The folder speaks of the last run alone, without a question and without remains."""
    office.inspect()
    doubt(office)

    code = office.inspect()

    assert (code, files_in(office.out)) == (3, FILES)
    assert verdicts(office.out)[0]["verdict"] == "DOUBTFUL"
    assert manifest(office.out)["figures"]["actions"]["ask"] == 1


def test_other_files_in_the_folder_are_left_alone(office: Office) -> None:
    """A note beside the results is nobody's business."""
    office.out.mkdir()
    (office.out / "memo.txt").write_text("点検済み", "utf-8")

    office.inspect()

    assert (office.out / "memo.txt").read_text("utf-8") == "点検済み"


@pytest.mark.seed("S111")
@pytest.mark.parametrize("more", [(), ("--threads", "1"), ("--memory", "512MB")])
def test_two_runs_carry_the_same_digest_of_verdicts(
    more: tuple[str, ...], sample: Sample, result: Path, tmp_path: Path
) -> None:
    """The manifest lets anybody prove that a second run gave the same answer."""
    sample.inspect(tmp_path / "again", *more)

    one, other = manifest(result), manifest(tmp_path / "again")
    assert one["verdicts_sha256"] == other["verdicts_sha256"]
    without_time = [{k: v for k, v in m.items() if k not in {"started_at", "timings"}} for m in (one, other)]
    assert without_time[0] == without_time[1]


@pytest.mark.seed("S111")
def test_the_same_links_in_another_format_get_the_same_verdicts(sample: Sample, result: Path, tmp_path: Path) -> None:
    """CSV in CP932 with Japanese headers and Parquet with English ones say the same."""
    sample.inspect(tmp_path / "again", links=sample.folder / "links.parquet")

    def said(out: Path) -> pa.Table:
        return pq.read_table(out / "verdicts.parquet").drop_columns(["evidence_digest"])

    assert said(tmp_path / "again").equals(said(result))


def test_the_report_and_the_manifest_name_the_day_the_inputs_and_the_rules(result: Path, sample: Sample) -> None:
    """Which files, how many rows, by which rules: all a second office needs to do it again."""
    said = manifest(result)

    assert (said["scheme"], date.fromisoformat(said["on"])) == ("health_insurance", date.fromisoformat(DAY))
    assert [(one["role"], one["name"], one["rows"]) for one in said["inputs"]] == [
        ("links", sample.links.name, 600),
        ("register", sample.register.name, 600),
    ]
    assert said["rules_version"]
    assert sum(said["figures"]["verdicts"].values()) == said["rows_verdicted"] == 600
