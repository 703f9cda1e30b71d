"""The shared folder under every fault a clinic's network has: nothing lost, nothing answered twice."""

from __future__ import annotations

import contextlib
import errno
import multiprocessing
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from himozuke.errors import UpstreamDownError, UsageError
from himozuke.gateways.oqs_files import folder
from himozuke.gateways.oqs_files.catalogue import RequestName
from himozuke.gateways.oqs_files.folder import Gateway, Given, Share, find_shares, put_in_place
from himozuke.gateways.oqs_files.sealed_zip import open_sealed, seal
from himozuke.gateways.oqs_files.xml_text import LARGEST_MESSAGE, MessageProblemError


class Echo:
    """Answers a request with its own content in capitals and notes whom it answered."""

    def __init__(self, notes: Path | None = None) -> None:
        self.asked: list[str] = []
        self.retaken: list[bool] = []
        self._notes = notes
        self.is_down = False

    def answer(
        self, share: Share, name: RequestName, content: bytes, *, is_settled: bool, is_retaken: bool
    ) -> Given | None:
        self.retaken.append(is_retaken)
        if self.is_down:
            raise UpstreamDownError("The database does not answer.")
        if not content.endswith(b"</x>"):
            return Given(b"<error/>", is_refused=True) if is_settled else None
        self.asked.append(f"{share.name}/{name.rest}")
        if self._notes:
            with self._notes.open("a") as notes:
                notes.write(f"{name.rest}\n")
        return Given(content.upper())


def test_a_message_in_a_zip_is_opened_with_the_password_of_the_share() -> None:
    sealed = seal("OQSsiquc01req_1.xml", b"<x>a</x>", "himitsu")

    assert open_sealed(sealed, "himitsu") == b"<x>a</x>"
    assert b"<x>" not in sealed


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"no zip", seal("a.txt", b"x", "himitsu"), seal("a.xml", b"x", "other")],
    ids=["empty", "cut", "no zip", "no message", "other password"],
)
def test_a_zip_that_cannot_be_opened_is_named(content: bytes) -> None:
    with pytest.raises(MessageProblemError) as problem:
        open_sealed(content, "himitsu")

    assert problem.value.code == "HZ-F07"


def test_a_zip_that_unpacks_without_end_is_refused() -> None:
    with pytest.raises(MessageProblemError) as problem:
        open_sealed(seal("a.xml", bytes(LARGEST_MESSAGE + 1), "himitsu"), "himitsu")

    assert problem.value.code == "HZ-F06"


@given(st.binary(max_size=200), st.integers(0, 150))
def test_any_damage_of_a_zip_is_named(damage: bytes, place: int) -> None:
    whole = seal("a.xml", b"<x>a</x>", "himitsu")
    with contextlib.suppress(MessageProblemError):
        assert open_sealed(whole[:place] + damage + whole[place + len(damage) :], "himitsu") in {b"<x>a</x>", b""}


@pytest.fixture
def share(tmp_path: Path) -> Share:
    (tmp_path / "1312345676" / "req").mkdir(parents=True)
    return Share(tmp_path / "1312345676")


def ask(share: Share, number: int, content: bytes = b"<x>a</x>") -> None:
    put_in_place(share.folder("req"), f"OQSsiquc01req_{number}.xml", content)


def answered(share: Share) -> list[str]:
    return sorted(path.name for path in share.folder("res").glob("*")) if share.folder("res").exists() else []


def once(share: Share, echo: Echo, **settings: Any) -> int:
    with Gateway(share.root.parent, echo, settling_seconds=0.2, **settings) as gateway:
        return gateway.run_once()


def test_an_answer_stands_in_res_under_the_name_of_the_request(share: Share) -> None:
    ask(share, 1)

    assert once(share, Echo()) == 1

    assert answered(share) == ["OQSsiquc01res_1.xml"]
    assert (share.folder("res") / "OQSsiquc01res_1.xml").read_bytes() == b"<X>A</X>"
    assert list(share.folder("req").iterdir()) == []


def test_every_institution_under_the_root_is_served(share: Share) -> None:
    other = Share(share.root.parent / "1398765432")
    other.folder("req").mkdir(parents=True)
    ask(share, 1)
    ask(other, 2)
    echo = Echo()

    assert once(share, echo) == 2

    assert sorted(echo.asked) == ["1312345676/1", "1398765432/2"]
    assert answered(other) == ["OQSsiquc01res_2.xml"]


def test_the_root_itself_may_be_the_share(share: Share) -> None:
    assert find_shares(share.root) == [share]
    assert find_shares(share.root.parent) == [share]


def test_a_root_without_requests_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Make ROOT/INSTITUTION/req"):
        find_shares(tmp_path)


def test_a_half_written_request_is_answered_when_it_is_whole(share: Share) -> None:
    target = share.folder("req") / "OQSsiquc01req_1.xml"
    echo = Echo()
    stop = threading.Event()
    with Gateway(share.root.parent, echo, settling_seconds=30) as gateway:
        thread = threading.Thread(target=gateway.run, args=(stop,))
        with target.open("wb") as file:
            file.write(b"<x>half")
            file.flush()
            thread.start()
            until(lambda: not target.exists())
            file.write(b" whole</x>")
        until(lambda: bool(answered(share)))
        stop.set()
        thread.join()

    assert (share.folder("res") / "OQSsiquc01res_1.xml").read_bytes() == b"<X>HALF WHOLE</X>"


def test_a_broken_request_gets_an_error_and_is_kept_aside(share: Share) -> None:
    ask(share, 1, b"<x>never closed")

    once(share, Echo())

    assert (share.folder("res") / "OQSsiquc01res_1.xml").read_bytes() == b"<error/>"
    assert [path.name for path in share.folder("aside").iterdir()] == ["OQSsiquc01req_1.xml"]


def test_a_file_that_is_no_request_is_kept_aside_without_an_answer(share: Share) -> None:
    put_in_place(share.folder("req"), "memo.txt", b"hello")

    once(share, Echo())

    assert answered(share) == []
    assert [path.name for path in share.folder("aside").iterdir()] == ["memo.txt"]


def test_files_still_being_written_under_a_hidden_name_are_left_alone(share: Share) -> None:
    (share.folder("req") / ".OQSsiquc01req_1.xml.part").write_bytes(b"<x>")

    assert once(share, Echo()) == 0
    assert len(list(share.folder("req").iterdir())) == 1


def test_a_full_disk_loses_nothing(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(share, 1)
    whole = folder.put_in_place
    failures = iter([True, True, False])

    def sometimes_full(place: Path, name: str, content: bytes, **by: Any) -> Path:
        if place.name == "res" and next(failures, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        return whole(place, name, content, **by)

    monkeypatch.setattr(folder, "put_in_place", sometimes_full)

    assert once(share, Echo()) == 1
    assert answered(share) == ["OQSsiquc01res_1.xml"]


def test_a_database_that_is_down_is_waited_for(share: Share) -> None:
    ask(share, 1)
    echo = Echo()
    echo.is_down = True
    stop = threading.Event()
    with Gateway(share.root.parent, echo) as gateway:
        thread = threading.Thread(target=gateway.run, args=(stop,))
        thread.start()
        until(lambda: not list(share.folder("req").iterdir()))
        assert answered(share) == []
        echo.is_down = False
        until(lambda: bool(answered(share)))
        stop.set()
        thread.join()

    assert echo.asked == ["1312345676/1"]


def test_two_gateways_on_one_folder_answer_each_request_once(share: Share) -> None:
    for number in range(300):
        ask(share, number)
    first, second = Echo(), Echo()

    threads = [threading.Thread(target=once, args=(share, echo)) for echo in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(first.asked + second.asked) == sorted(f"1312345676/{number}" for number in range(300))
    assert len(answered(share)) == 300


def test_a_killed_gateway_leaves_its_requests_to_the_next(share: Share, tmp_path: Path) -> None:
    for number in range(400):
        ask(share, number)
    notes = tmp_path / "notes"
    process = multiprocessing.get_context("fork").Process(target=serve, args=(share.root.parent, notes))
    process.start()
    until(lambda: len(answered(share)) > 5)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()

    once(share, Echo(notes))

    assert len(answered(share)) == 400
    assert list(share.folder("req").iterdir()) == []
    assert [path.name for path in share.folder("work").rglob("*.xml")] == []


def test_a_file_name_cannot_lead_out_of_the_folder(share: Share) -> None:
    put_in_place(share.folder("req"), "OQSsiquc01req_..%2F..%2Fx.xml", b"<x></x>")

    once(share, Echo())

    assert answered(share) == ["OQSsiquc01res_..%2F..%2Fx.xml"]


def serve(root: Path, notes: Path) -> None:
    with Gateway(root, Echo(notes)) as gateway:
        gateway.run(threading.Event())


def until(holds: Callable[[], bool]) -> None:
    for _ in range(1000):
        if holds():
            return
        time.sleep(0.01)
    raise AssertionError("waited ten seconds in vain")


def test_an_answer_left_of_an_earlier_request_of_the_same_name_is_replaced(share: Share) -> None:
    ask(share, 1)
    once(share, Echo())
    ask(share, 1, b"<x>b</x>")

    assert once(share, Echo()) == 1

    assert (share.folder("res") / "OQSsiquc01res_1.xml").read_bytes() == b"<X>B</X>"


@pytest.mark.parametrize("years", [-40, 40], ids=["past", "future"])
def test_a_broken_request_is_answered_whatever_the_clock_of_the_share_says(share: Share, years: int) -> None:
    ask(share, 1, b"<x>never closed")
    ask(share, 2)
    moment = time.time() + years * 31_557_600
    for number in (1, 2):
        os.utime(share.folder("req") / f"OQSsiquc01req_{number}.xml", (moment, moment))

    assert once(share, Echo()) == 2

    assert answered(share) == ["OQSsiquc01res_1.xml", "OQSsiquc01res_2.xml"]


def test_a_file_with_an_old_time_may_still_grow(share: Share) -> None:
    ask(share, 1, b"<x>half")
    target = share.folder("req") / "OQSsiquc01req_1.xml"
    os.utime(target, (1, 1))
    echo = Echo()
    stop = threading.Event()
    with target.open("ab") as file, Gateway(share.root.parent, echo, settling_seconds=30) as gateway:
        thread = threading.Thread(target=gateway.run, args=(stop,))
        thread.start()
        until(lambda: not target.exists())
        time.sleep(0.2)
        assert answered(share) == []
        file.write(b" whole</x>")
        file.flush()
        until(lambda: bool(answered(share)))
        stop.set()
        thread.join()

    assert (share.folder("res") / "OQSsiquc01res_1.xml").read_bytes() == b"<X>HALF WHOLE</X>"


def test_a_share_that_goes_away_is_waited_for(share: Share) -> None:
    echo = Echo()
    stop = threading.Event()
    away = share.root.with_name(".away")
    with Gateway(share.root.parent, echo) as gateway:
        thread = threading.Thread(target=gateway.run, args=(stop,))
        thread.start()
        ask(share, 1)
        until(lambda: bool(answered(share)))
        share.root.rename(away)
        time.sleep(0.3)
        assert thread.is_alive()
        away.rename(share.root)
        ask(share, 2)
        until(lambda: len(answered(share)) == 2)
        stop.set()
        thread.join()

    assert echo.asked == ["1312345676/1", "1312345676/2"]


def test_a_request_that_cannot_be_taken_does_not_stop_the_others(share: Share, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(share, 1)
    ask(share, 2)
    whole = os.rename

    def held_by_another_program(source: Path, target: Path) -> None:
        if source.name.endswith("_1.xml") and source.parent.name == "req":
            raise PermissionError(errno.EACCES, "in use")
        whole(source, target)

    monkeypatch.setattr(os, "rename", held_by_another_program)

    assert once(share, Echo()) == 1
    assert answered(share) == ["OQSsiquc01res_2.xml"]
    assert [path.name for path in share.folder("req").iterdir()] == ["OQSsiquc01req_1.xml"]


def test_of_a_file_without_end_no_more_is_read_than_a_message_can_be(share: Share) -> None:
    sizes = []

    class Measure(Echo):
        def answer(
            self, share: Share, name: RequestName, content: bytes, *, is_settled: bool, is_retaken: bool
        ) -> Given | None:
            sizes.append(len(content))
            return super().answer(share, name, b"<x></x>", is_settled=is_settled, is_retaken=is_retaken)

    with (share.folder("req") / "OQSsiquc01req_1.xml").open("wb") as file:
        file.truncate(LARGEST_MESSAGE * 20)  # takes no room on the disk

    once(share, Measure())

    assert sizes == [LARGEST_MESSAGE + 1]


def test_one_busy_institution_does_not_keep_the_others_waiting(share: Share) -> None:
    other = Share(share.root.parent / "1398765432")
    other.folder("req").mkdir(parents=True)
    for number in range(folder._MOST_AT_ONCE * 3):
        ask(share, number)
    ask(other, 1)
    echo = Echo()

    once(share, echo)

    assert echo.asked.index("1398765432/1") <= folder._MOST_AT_ONCE + folder._THREADS
    assert len(echo.asked) == folder._MOST_AT_ONCE * 3 + 1


def test_a_full_disk_stops_nothing_for_good(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root")
    small = tmp_path / "1312345676"
    (small / "req").mkdir(parents=True)
    (small / "res").mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        (small / "req").mkdir()
        share = Share(small)
        filler = small / "filler"
        for number in range(20):
            ask(share, number, b"<x>" + b"a" * 3000 + b"</x>")
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        echo = Echo()
        stop = threading.Event()
        with Gateway(tmp_path, echo) as gateway:
            thread = threading.Thread(target=gateway.run, args=(stop,))
            thread.start()
            time.sleep(0.5)
            assert thread.is_alive()
            assert len(answered(share)) < 20
            filler.unlink()
            until(lambda: len(answered(share)) == 20)
            stop.set()
            thread.join()
        whole = b"<X>" + b"A" * 3000 + b"</X>"
        assert {path.read_bytes() for path in share.folder("res").iterdir()} == {whole}
        assert list(share.folder("req").iterdir()) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_a_request_that_was_tried_before_is_told_from_one_that_is_put_again(share: Share) -> None:
    ask(share, 1)
    echo = Echo()
    echo.is_down = True
    with Gateway(share.root.parent, echo, settling_seconds=0.2) as dying:
        dying._turn(ThreadPoolExecutor(1))
    echo.is_down = False

    once(share, echo)
    ask(share, 1)
    once(share, echo)

    assert echo.retaken == [False, True, False]
