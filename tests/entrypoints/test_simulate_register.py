"""The simulated register: an address that answers, late, wrongly or not at all."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import factories
import httpx
import pyarrow.parquet as pq
import pytest

from himozuke.entrypoints.simulating import simulated_register
from himozuke.errors import UpstreamDownError, UsageError
from himozuke.gateways.register_http.client import HttpRegister
from himozuke.gateways.register_http.server import answering
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.resident_register import Inquiry, Purpose, ResidentRegister
from himozuke.rules.loader import load as load_rules
from himozuke.simulators.register import SimulatedRegister

ON = date(2025, 10, 1)
ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")


class Parts(httpx.SyncByteStream):
    """A body that comes in parts."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return self._parts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A register of three people."""
    world = factories.World()
    for _ in range(3):
        world.person()
    path = tmp_path / "register.parquet"
    pq.write_table(factories.table(world.register), path)
    return path


def inquiry(body: int = 1007) -> Inquiry:
    """An inquiry by the number with this body."""
    return Inquiry(Purpose("incident"), ON, "health_insurance", IndividualNumber(int(factories.number(body))))


def simulated(file: Path, *, wrong: float = 0.0, is_out: bool = False) -> ResidentRegister:
    """The simulated register of the file."""
    return simulated_register(file, people=0, as_of=ON, latency=0, is_out=is_out, wrong=wrong)


def client(url: str, *, pauses: list[float] | None = None, **options: object) -> HttpRegister:
    """A client that waits for nothing."""
    waited = pauses if pauses is not None else []
    return HttpRegister(url, load_rules(), pause=waited.append, **options)  # type: ignore[arg-type]


def test_the_share_of_wrong_answers_names_other_people(file: Path) -> None:
    """Wrong every time with 1, never with 0; the same question always gets the same answer."""
    items = {name: factories.person(1007)[name] for name in ITEMS}
    by_items = Inquiry(Purpose("incident"), ON, "health_insurance", items=items)
    with answering(simulated(file, wrong=1)) as url:
        wrong, again = (client(url).inquire(by_items).entries for _ in range(2))
    with answering(simulated(file)) as url:
        right = client(url).inquire(by_items).entries

    assert factories.number(1007) in {entry.individual_number.reveal() for entry in right}
    assert wrong == again != right
    assert [entry.items for entry in wrong] == [entry.items for entry in right]


def test_a_person_under_another_number_than_the_one_asked_is_no_answer(file: Path) -> None:
    """A register that is out of order calls nobody wrong."""
    with (
        answering(simulated(file, wrong=1)) as url,
        pytest.raises(UpstreamDownError, match="another number than the one asked") as told,
    ):
        client(url).inquire(inquiry())

    assert factories.number(1007) not in str(told.value)


def test_an_answer_that_trickles_in_is_not_waited_for_without_end() -> None:
    """Each part comes in time, the whole does not."""

    def trickle() -> Iterator[bytes]:
        for _ in range(50):
            time.sleep(0.02)
            yield b" "

    trickling = httpx.MockTransport(lambda _: httpx.Response(200, stream=Parts(trickle())))

    with pytest.raises(UpstreamDownError, match="ReadTimeout"):
        client("http://localhost", transport=trickling, seconds=0.1).inquire(inquiry())


def test_many_inquiries_go_in_several_requests_and_the_rest_is_not_asked_when_one_fails(file: Path) -> None:
    """One request too large to be answered in time would never be answered."""
    with answering(simulated(file)) as url:
        upstream = httpx.HTTPTransport()
        sizes: list[int] = []

        def second_fails(request: httpx.Request) -> httpx.Response:
            sizes.append(request.content.count(b'"scheme"'))
            return httpx.Response(500) if len(sizes) == 2 else upstream.handle_request(request)

        register = client(url, transport=httpx.MockTransport(second_fails), most_at_once=2)
        found = register.inquire_batch([inquiry() for _ in range(6)])
        upstream.close()

    assert sizes == [2, 2]
    assert [type(one).__name__ for one in found] == ["Answer"] * 2 + ["UpstreamDownError"] * 4


def test_an_outage_is_told_after_several_attempts(file: Path) -> None:
    """An inquiry changes nothing, so that it may be asked again; then the upstream is down."""
    pauses: list[float] = []
    with (
        answering(simulated(file, is_out=True)) as url,
        pytest.raises(UpstreamDownError, match="did not answer 3 times"),
    ):
        client(url, pauses=pauses).inquire(inquiry())

    assert pauses == sorted(pauses)
    assert len(pauses) == 2


def test_a_register_that_is_too_slow_is_down(file: Path) -> None:
    """A desk does not wait for ever."""
    slow = SimulatedRegister(simulated(file), latency=500)
    with answering(slow) as url, pytest.raises(UpstreamDownError, match="ReadTimeout"):
        client(url, seconds=0.05, attempts=2).inquire(inquiry())


def test_an_answer_after_a_failure_is_taken(file: Path) -> None:
    """The first attempt meets a busy register, the second one is answered."""
    with answering(simulated(file)) as url:
        upstream = httpx.HTTPTransport()
        seen: list[int] = []

        def once_busy(request: httpx.Request) -> httpx.Response:
            seen.append(1)
            return httpx.Response(503) if len(seen) == 1 else upstream.handle_request(request)

        answer = client(url, transport=httpx.MockTransport(once_busy)).inquire(inquiry())
        upstream.close()

    assert len(answer.entries) == 1
    assert len(seen) == 2


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"register_day": "2025-10-01", "answers": []}', b'{"answers": [{}]}', b""]
)
def test_an_answer_that_cannot_be_read_is_an_upstream_that_is_down(body: bytes) -> None:
    """Nothing is guessed from half an answer."""
    broken = httpx.MockTransport(lambda _: httpx.Response(200, content=body))

    with pytest.raises(UpstreamDownError):
        client("http://localhost", transport=broken).inquire(inquiry())


def test_numbers_do_not_travel_in_the_clear() -> None:
    """Plain HTTP is for this machine alone."""
    with pytest.raises(UsageError, match="not https"):
        client("http://register.example")


@contextmanager
def running(*arguments: str) -> Iterator[str]:
    """The command, with the first line it prints."""
    command: Sequence[str] = [str(Path(sys.executable).with_name("himozuke")), "simulate", "register", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
        assert process.returncode == 0


def test_the_command_answers_from_a_file_and_stops_cleanly(file: Path) -> None:
    """``himozuke simulate register``: address printed when ready."""
    with running("--port", "0", "--file", str(file), "--as-of", "2025-10-01") as url:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+", url)
        register = client(url)
        answer = register.inquire(inquiry())

        assert register.as_of == ON
        assert len(answer.entries) == 1
        assert httpx.get(f"{url}/health").status_code == 200
        assert httpx.post(f"{url}/inquiries", content=b"no JSON").status_code == 422
        assert httpx.post(f"{url}/elsewhere", content=b"{}").status_code == 404
