"""Killed, doubled, out of space: the next run always finds its way and nobody meets half of a file."""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from one_sample import DAY, Sample

from himozuke.engines import register
from himozuke.engines.claim import claim, discard, discard_abandoned
from himozuke.entrypoints import results
from himozuke.entrypoints.cli.main import run
from himozuke.entrypoints.work_folder import work_folder
from himozuke.errors import InputRejectedError

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

#: The program, told to die without a word at one moment of its work.
DYING = """
import os, pathlib, signal, sys
from himozuke.entrypoints.cli import main, progress
from himozuke.entrypoints import results
from himozuke.engines import staging

def die(*_given, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

moment, *arguments = sys.argv[1:]
if moment == "placing":
    place = pathlib.Path.replace
    def placed(self, target):
        die() if self.name == "review.csv" else place(self, target)
    pathlib.Path.replace = placed
elif moment == "report":
    results.write_report = die
elif moment == "staging":
    staging._save = die
elif moment != "never":
    progress.Bar.phase = lambda self, name, total=None: die() if name == moment else None
main.main(arguments)
"""


def start(moment: str, arguments: list[str], cache: Path | None = None) -> subprocess.Popen[str]:
    """Start the program in a process of its own, to die at a moment."""
    environment = os.environ | ({"HIMOZUKE_CACHE_DIR": str(cache)} if cache else {})
    command = [sys.executable, "-c", DYING, moment, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def results_in(out: Path) -> set[str]:
    """The result files that stand under their names."""
    return {path.name for path in out.glob("*")} & FILES


def digest_of(out: Path) -> str:
    """The digest of the verdicts by the manifest."""
    said: str = json.loads((out / "manifest.json").read_text("utf-8"))["verdicts_sha256"]
    return said


def everything_is_whole(out: Path) -> bool:
    """Tell whether each result file that is there can be read to its end."""
    for name in results_in(out):
        path = out / name
        if path.suffix == ".parquet":
            pq.read_table(path)
        elif path.suffix == ".json":
            json.loads(path.read_text("utf-8"))
        elif path.suffix == ".html":
            assert path.read_text("utf-8").rstrip().endswith("</html>")
    return True


# Killed


@pytest.mark.parametrize("moment", ["staging", "decide", "placing"])
def test_after_a_kill_the_next_run_gives_the_same_answer_and_tidies_up(
    moment: str, sample: Sample, result: Path, tmp_path: Path
) -> None:
    """Nothing stands under a result's name unless it is whole, and no work folder stays."""
    out = tmp_path / "out"
    dying = start(moment, sample.arguments(out))
    dying.communicate()

    left = results_in(out)
    assert dying.returncode == -signal.SIGKILL
    assert left == ({"verdicts.parquet"} if moment == "placing" else set())
    assert everything_is_whole(out)

    assert sample.inspect(out) == 3
    assert {path.name for path in out.iterdir()} == FILES
    assert digest_of(out) == digest_of(result)


def test_a_kill_leaves_the_results_of_the_run_before_as_they_were(sample: Sample, tmp_path: Path) -> None:
    """Until the new results are all written, the former ones stand whole."""
    out = tmp_path / "out"
    sample.inspect(out)
    before = {path.name: path.read_bytes() for path in out.iterdir()}

    start("report", sample.arguments(out, "--restriction", "table")).communicate()

    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before


def test_a_run_killed_at_any_moment_can_be_run_again(sample: Sample, result: Path, tmp_path: Path) -> None:
    """Killed as soon as its work folder shows, wherever it has got to by then."""
    out = tmp_path / "out"
    dying = start("never", sample.arguments(out))
    while dying.poll() is None and not list(out.glob(".work-*")):
        pass
    dying.kill()
    dying.communicate()

    assert everything_is_whole(out)
    assert sample.inspect(out) == 3
    assert (digest_of(out), {path.name for path in out.iterdir()}) == (digest_of(result), FILES)


def test_a_killed_preparation_of_the_register_is_made_again(sample: Sample, result: Path, tmp_path: Path) -> None:
    """Half of a prepared register is never used, and goes with the next run."""
    cache, out = tmp_path / "cache", tmp_path / "out"
    program = DYING.replace("staging._save = die", "import himozuke.engines.register as r; r.fold_alternates = die")
    command = [sys.executable, "-c", program, "staging", *sample.arguments(out)]
    environment = os.environ | {"HIMOZUKE_CACHE_DIR": str(cache)}
    died = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL
    assert [path.name.endswith(".part") for path in cache.iterdir()] == [True]

    again = start("never", sample.arguments(out), cache)
    again.communicate()

    assert (again.returncode, digest_of(out)) == (3, digest_of(result))
    assert [path.suffix for path in cache.iterdir()] == [""]


# Two at once


def test_two_processes_at_once_into_one_folder_both_succeed(sample: Sample, result: Path, tmp_path: Path) -> None:
    """Neither waits for the other, asks a question or takes the other's files, the register not yet prepared."""
    out, cache = tmp_path / "out", tmp_path / "cache"
    both = [start("never", sample.arguments(out), cache) for _ in range(2)]
    told = [process.communicate()[1] for process in both]

    assert [process.returncode for process in both] == [3, 3], told
    assert {path.name for path in out.iterdir()} == FILES
    assert digest_of(out) == digest_of(result)
    assert [path.suffix for path in cache.iterdir()] == [""]


def test_two_threads_at_once_into_one_folder_both_succeed(sample: Sample, result: Path, tmp_path: Path) -> None:
    """The same holds within one program, as in a service."""
    codes: list[int] = []
    threads = [threading.Thread(target=lambda: codes.append(sample.inspect(tmp_path / "out"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [3, 3]
    assert digest_of(tmp_path / "out") == digest_of(result)


# Work folders


def test_the_work_folder_of_a_dead_job_with_other_inputs_is_removed(sample: Sample, tmp_path: Path) -> None:
    """Half-done work on another file is of no use to anybody."""
    abandoned = tmp_path / ".work-0123456789abcdef"
    (abandoned / "links").mkdir(parents=True)
    (abandoned / "lock").touch()

    sample.inspect(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == FILES


def test_the_work_folder_of_a_living_job_is_left_alone(sample: Sample, tmp_path: Path) -> None:
    """A lock says that somebody works there."""
    living = tmp_path / ".work-0123456789abcdef"
    handle = claim(living)
    (living / "half.arrow").write_bytes(b"half")

    sample.inspect(tmp_path)

    assert (living / "half.arrow").read_bytes() == b"half"
    assert handle is not None
    os.close(handle)


def test_a_job_is_resumed_where_it_was_left(tmp_path: Path) -> None:
    """The same job finds its folder again as long as it has not succeeded."""
    with pytest.raises(OSError, match="No space"), work_folder(tmp_path, "job") as work:
        full((work / "staged.json").write_text("{}", "utf-8"))

    with work_folder(tmp_path, "job") as again:
        assert (again / "staged.json").exists()

    assert list(tmp_path.iterdir()) == []


def test_the_same_job_twice_at_once_has_two_folders(tmp_path: Path) -> None:
    """The second, and a third, work beside the first; all go."""
    with (
        work_folder(tmp_path, "job") as one,
        work_folder(tmp_path, "job") as two,
        work_folder(tmp_path, "job") as three,
    ):
        assert len({one, two, three}) == len([one, two, three])
        assert all(folder.is_dir() for folder in (one, two, three))

    assert list(tmp_path.iterdir()) == []


def test_a_refused_input_leaves_no_work_folder(tmp_path: Path) -> None:
    """Nothing of it could be used again."""
    with pytest.raises(InputRejectedError), work_folder(tmp_path, "job"):
        raise InputRejectedError("no table")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_its_holder_has_put_away_can_be_claimed_again(tmp_path: Path) -> None:
    """A lock on a file that is gone holds nobody up."""
    folder = tmp_path / "work"
    first = claim(folder)
    assert claim(folder) is None
    discard(folder)

    second = claim(folder)

    assert (folder / "lock").exists()
    for handle in (first, second):
        assert handle is not None
        os.close(handle)
    discard_abandoned([folder])
    discard(folder)
    assert list(tmp_path.iterdir()) == []


# No space


def full(*_given: object, **_named: object) -> None:
    """What a writer does on a full disk."""
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("writer", ["write_report", "write_corrections", "_write_verdicts"])
def test_a_full_disk_ends_the_run_with_5_and_one_sentence(
    writer: str, sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No result stands half-written under its name, and the next run has all of them."""
    with monkeypatch.context() as patch:
        patch.setattr(results, writer, full)
        code = sample.inspect(tmp_path)

    said = capsys.readouterr().err.strip()
    assert (code, results_in(tmp_path)) == (5, set())
    assert "No space left" in said
    assert "Free space" in said
    assert "\n" not in said
    assert (sample.inspect(tmp_path), {path.name for path in tmp_path.iterdir()}) == (3, FILES)


def test_a_disk_that_fills_while_the_register_is_prepared_ends_with_5(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of a prepared register is not kept."""
    monkeypatch.setattr(register, "_save", full)

    code = run(["prepare", str(sample.register), "--out", str(tmp_path / "kept"), "--on", DAY, "--quiet"])

    said = capsys.readouterr().err.strip()
    assert (code, list(tmp_path.iterdir())) == (5, [])
    assert "No space left" in said
    assert "\n" not in said


def test_a_run_that_is_stopped_says_how_to_go_on(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C is no error with a traceback."""

    def stopped(*_given: object, **_named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(results, "write_report", stopped)

    assert sample.inspect(tmp_path) == 128 + signal.SIGINT
    assert "again" in capsys.readouterr().err
    assert results_in(tmp_path) == set()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB, nearly full; skipped where this user may not mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if os.name != "posix" or os.geteuid() != 0 or not mount:
        pytest.skip("mounting a small disk needs root")
    made = subprocess.run([mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=False, capture_output=True)
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    (disk / "filler").write_bytes(bytes(1_900_000))
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_disk_that_is_really_full_is_told_in_one_sentence(
    small_disk: Path, sample: Sample, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """When there is space again, the same command gives all results."""
    out = small_disk / "out"

    code = sample.inspect(out)

    said = capsys.readouterr().err.strip()
    assert (code, results_in(out)) == (5, set())
    assert "\n" not in said
    (small_disk / "filler").unlink()
    assert (sample.inspect(out), digest_of(out)) == (3, digest_of(result))
    assert {path.name for path in out.iterdir()} == FILES
