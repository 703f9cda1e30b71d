"""A resident register elsewhere that is away, slow, or out of order: what waits, who is told, what goes on by itself."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, cast

import msgspec
import pytest
from database_fixture import SmallWorld
from desk_fixture import FAST, Desk
from factories import person, table
from registration_filings import TEXTS

from himozuke.engines.inquiring import InquiringRegister
from himozuke.entrypoints import register_choice, wiring
from himozuke.entrypoints.jobs import registration
from himozuke.entrypoints.jobs.tasks import JobRun
from himozuke.entrypoints.registering import Consignment, take_in
from himozuke.entrypoints.web.app import create_app
from himozuke.entrypoints.wiring import Office
from himozuke.errors import UpstreamDownError
from himozuke.gateways.jlis_files import answer_folder
from himozuke.gateways.register_http.client import HttpRegister
from himozuke.gateways.register_http.server import http_server
from himozuke.gateways.register_http.wire import InquiryBody, answer_body, inquiry_of
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.actor import Actor
from himozuke.ports.resident_register import ResidentRegister
from himozuke.registration.model import Channel, Filing, NoticeKind, Registered
from himozuke.rules.loader import load as load_rules
from himozuke.settings import Settings
from himozuke.simulators.register import SimulatedRegister
from himozuke.simulators.resident_register import MemoryRegister

TODAY = date(2026, 4, 1)
TARO = person(1001)
HANA = person(1008, kanji_name="佐藤　花", kana_name="サトウ　ハナ", birth_date="1990-07-15", sex="2")
ITEMS = ("kanji_name", "kana_name", "birth_date", "sex", "address")
REGISTER_PAGE_SAYS = "台帳が応答しない"


def people(*rows: Mapping[str, str]) -> ResidentRegister:
    memory = MemoryRegister(open_register(table([dict(row) for row in rows or (TARO, HANA)])), as_of=TODAY)
    return InquiringRegister(memory, load_rules(), ClaimReader())


@dataclass
class Elsewhere:
    """A register behind an address; ``reply`` stands before it while it is out of order."""

    url: str
    register: SimulatedRegister
    reply: Callable[[bytes], tuple[int, bytes]] | None = None
    asked: int = 0


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """The server of the product, with faults before it that a test may choose."""
    place = Elsewhere("", SimulatedRegister(people()))
    server = http_server(cast("ResidentRegister", None))
    usual: Any = server.RequestHandlerClass

    class Faulty(usual):  # type: ignore[misc]  # made by a function
        def do_POST(self) -> None:  # noqa: N802 -- the name it has there
            place.asked += 1
            if place.reply is None:
                self.register = place.register
                super().do_POST()
                return
            status, body = place.reply(self.rfile.read(int(self.headers["Content-Length"])))
            self._reply(status, body)

    server.RequestHandlerClass = Faulty
    place.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield place
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(name="away")
def _away() -> Iterator[Elsewhere]:
    with elsewhere() as place:
        yield place


@pytest.fixture(name="program")
def _program(office: SmallWorld, tmp_path: Path, away: Elsewhere) -> Office:
    """The services as the program wires them, without a register of their own."""
    settings = Settings(data=tmp_path, register=away.url)
    return Office(database=office.database, vault=office.vault, settings=settings, hasher=FAST)


@pytest.fixture(name="clerk")
def _clerk(program: Office, office: SmallWorld) -> Iterator[Desk]:
    with Desk(create_app(program)) as client:
        client.log_in(program, office.actor("insurer_clerk"))
        yield client


def filed(someone: Mapping[str, str], *, place: int = 1, has_number: bool = True, **texts: str) -> Filing:
    said = TEXTS | {"insurer_number": "", "number": str(place)} | {name: someone[name] for name in ITEMS} | texts
    known = IndividualNumber(int(someone["individual_number"])) if has_number else None
    return Filing(NoticeKind.ACQUISITION, TODAY, said, known)


def send(program: Office, office: SmallWorld, *filings: Filing) -> list[Registered]:
    actor = office.actor("insurer_clerk")
    return list(take_in(program, actor, Consignment(list(filings), office.insurer, Channel.API)).registered)


def take_up(program: Office) -> None:
    registration.take_up(JobRun(program, 0, Actor.system("test"), {}))


def states(office: SmallWorld) -> list[tuple[str, str | None, str | None]]:
    """Each notice with its state, and the state and verdict of its link."""
    with office.system_work() as work:
        rows = work.connection.execute(
            "SELECT notice.state, link.state AS seen, link.verdict FROM notice LEFT JOIN link USING (link_id) "
            "ORDER BY notice.notice_id"
        ).fetchall()
    return [(row["state"], row["seen"], row["verdict"]) for row in rows]


HELD = ("registered", "held", None)
RELEASED = ("registered", "released", "PROVEN")
WAITS = ("received", None, None)


def of_somebody_else(content: bytes, place: Elsewhere, change: Callable[[dict[str, Any]], None]) -> tuple[int, bytes]:
    """The right answers, changed in every person."""
    inquiries = json.loads(content)["inquiries"]
    asked = [inquiry_of(msgspec.convert(one, InquiryBody)) for one in inquiries]
    answers = msgspec.to_builtins([answer_body(one) for one in place.register.inquire_batch(asked)])
    for answer in answers:
        for entry in (*answer.get("entries", []), *answer.get("near", [])):
            change(entry)
    return 200, msgspec.json.encode({"register_day": TODAY.isoformat(), "answers": answers})


FAULTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "another number": lambda entry: entry.update(individual_number=HANA["individual_number"]),
    "no number": lambda entry: entry.update(individual_number="12"),
    "a wrong check digit": lambda entry: entry.update(
        individual_number=entry["individual_number"][:-1] + str((int(entry["individual_number"][-1]) + 1) % 10)
    ),
    "an item nobody knows": lambda entry: entry["items"].update(telephone="03"),
    "a state nobody knows": lambda entry: entry.update(status="asleep"),
    "a birth in the future": lambda entry: entry["items"].update(birth_date="2999-01-01"),
}
REPLIES: dict[str, tuple[int, bytes]] = {
    "500": (500, b"Internal Server Error"),
    "503": (503, b"{}"),
    "HTML": (200, b"<html>Wartung</html>"),
    "half an answer": (200, b'{"register_day": "2026-04-01", "answers": [{"entr'),
    "bytes that are no text": (200, b'{"register_day": "2026-04-01", "answers": [{"message": "\xff"}]}'),
    "no answers": (200, b'{"register_day": "2026-04-01", "answers": []}'),
    "an error nobody knows": (200, b'{"register_day": "2026-04-01", "answers": [{"error": "Oops", "message": "x"}]}'),
}


@pytest.mark.seed("S53")
@pytest.mark.parametrize("fault", [*REPLIES, *FAULTS])
def test_a_wrong_answer_releases_nobody_refutes_nobody_and_the_link_goes_on_afterwards(
    program: Office, office: SmallWorld, away: Elsewhere, fault: str
) -> None:
    if fault in REPLIES:
        away.reply = lambda _: REPLIES[fault]
    else:
        away.reply = partial(of_somebody_else, place=away, change=FAULTS[fault])

    [done] = send(program, office, filed(TARO))

    assert (done.outcome.value, done.case_id) == ("held", None)
    assert states(office) == [HELD]
    with pytest.raises(UpstreamDownError) as told:
        take_up(program)
    assert TARO["individual_number"] not in str(told.value)
    assert states(office) == [HELD]
    away.reply = None
    take_up(program)
    assert states(office) == [RELEASED]


@pytest.mark.seed("S61")
def test_a_number_that_one_answer_gave_is_not_taken_before_another_confirms_it(
    program: Office, office: SmallWorld, away: Elsewhere
) -> None:
    """By items somebody else's number comes back; by that number the register then tells who bears it."""
    away.register = SimulatedRegister(people(), wrong=1)

    assert send(program, office, filed(TARO, has_number=False)) == []

    assert states(office) == [WAITS]
    away.register = SimulatedRegister(people())
    take_up(program)
    assert states(office) == [RELEASED]


def test_what_the_register_says_by_number_and_by_items_must_not_contradict(
    program: Office, office: SmallWorld, away: Elsewhere
) -> None:
    """Right by number; by items the same person comes back under another number, as if somebody fitted as well."""

    def by_items_only(content: bytes) -> tuple[int, bytes]:
        is_by_items = not json.loads(content)["inquiries"][0].get("individual_number")
        change = FAULTS["another number"] if is_by_items else lambda _: None
        return of_somebody_else(content, away, change)

    away.reply = by_items_only

    send(program, office, filed(TARO, kana_name="ヤマダ タロウ"))

    assert states(office) == [HELD]
    away.reply = None
    take_up(program)
    assert states(office) == [RELEASED]


def test_one_answer_that_is_missing_stops_nobody_else(program: Office, office: SmallWorld, away: Elsewhere) -> None:
    def silent_on_hana(entry: dict[str, Any]) -> None:
        if entry["items"]["kanji_name"] == HANA["kanji_name"]:
            entry["status"] = "asleep"

    away.reply = partial(of_somebody_else, place=away, change=silent_on_hana)

    send(program, office, filed(HANA, place=1, has_number=False), filed(HANA, place=2), filed(TARO, place=3))

    assert states(office) == [WAITS, HELD, RELEASED]
    with pytest.raises(UpstreamDownError):
        take_up(program)
    assert states(office) == [WAITS, HELD, RELEASED]
    away.reply = None
    take_up(program)
    assert [state for state, _, _ in states(office)] == ["registered"] * 3


def test_a_slow_register_is_waited_for_once_and_the_desk_says_what_comes(
    program: Office, office: SmallWorld, away: Elsewhere, clerk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        wiring, "other_register", lambda settings, rules: HttpRegister(settings.register, rules, seconds=0.1)
    )
    away.register = replace(away.register, latency=400)

    send(program, office, filed(TARO, place=1), filed(HANA, place=2, has_number=False))

    assert states(office) == [HELD, WAITS]
    assert away.asked <= 2
    page = clerk.submit("/notices/compare")
    assert REGISTER_PAGE_SAYS in page.text
    assert page.status_code == 200
    away.register = replace(away.register, latency=0)
    monkeypatch.undo()
    page = clerk.submit("/notices/compare")
    assert "登録しました。" in page.text
    assert states(office) == [RELEASED, RELEASED]


def test_pages_and_interface_say_that_the_register_is_away(
    program: Office, office: SmallWorld, away: Elsewhere, clerk: Desk
) -> None:
    away.register = replace(away.register, is_out=True)
    send(program, office, filed(TARO))
    send(program, office, filed(HANA, place=2, has_number=False))
    assert states(office) == [HELD, WAITS]
    with office.system_work() as work:
        rows = work.connection.execute("SELECT notice_id FROM notice ORDER BY notice_id").fetchall()
    held, waiting = (f"/notices/{row['notice_id']}" for row in rows)

    assert "照合待ちです。誰にも見えません。応答があれば15分以内に自動で照合します" in clerk.get(held).text
    assert "台帳が応答すれば自動で進みます" in clerk.get(waiting).text
    assert "台帳が応答しません" in clerk.submit(f"{held}/compare").text
    assert REGISTER_PAGE_SAYS in clerk.submit(f"{waiting}/compare").text
    link = {name: TARO[name] for name in (*ITEMS, "individual_number")}
    answer = clerk.post("/api/v1/verify", content=json.dumps(link), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert TARO["individual_number"] not in answer.text
    assert states(office) == [HELD, WAITS]

    away.register = replace(away.register, is_out=False)
    assert "閲覧可" in clerk.submit(f"{held}/compare").text
    assert "登録済み" in clerk.submit(f"{waiting}/compare").text
    answer = clerk.post("/api/v1/verify", content=json.dumps(link), headers={"content-type": "application/json"})
    assert answer.json()["verdict"] == "PROVEN"


@pytest.fixture(name="by_folder")
def _by_folder(office: SmallWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The services over a register behind folders that nobody waits for."""
    monkeypatch.setattr(register_choice, "_SECONDS_FOR_FILES", 0.0)
    settings = Settings(data=tmp_path / "data", register=str(tmp_path / "files"))
    return Office(database=office.database, vault=office.vault, settings=settings, hasher=FAST)


def answered_once(by_folder: Office) -> int:
    folder = Path(by_folder.settings.register)
    return answer_folder(folder / "out", folder / "in", people())


def test_files_that_are_answered_much_later_are_collected_whatever_came_meanwhile(
    by_folder: Office, office: SmallWorld
) -> None:
    """Each turn asks with more notices than the one before; what was asked once is not asked again."""
    send(by_folder, office, filed(TARO, place=1))
    assert states(office) == [HELD]
    assert answered_once(by_folder) == 1

    send(by_folder, office, filed(HANA, place=2))
    take_up_or_wait(by_folder)

    assert states(office) == [RELEASED, HELD]
    answered_once(by_folder)
    take_up(by_folder)
    assert states(office) == [RELEASED, RELEASED]
    folder = Path(by_folder.settings.register)
    assert [*(folder / "out").iterdir(), *(folder / "in").iterdir()] == []


def test_an_answer_file_that_is_broken_is_set_aside_and_another_one_is_taken(
    by_folder: Office, office: SmallWorld
) -> None:
    send(by_folder, office, filed(TARO))
    folder = Path(by_folder.settings.register)
    answered_once(by_folder)
    [answer] = (folder / "in").iterdir()
    answer.write_bytes(answer.read_bytes()[:-9])

    take_up_or_wait(by_folder)

    assert states(office) == [HELD]
    assert [path.suffix for path in (folder / "in").iterdir()] == [".unreadable"]
    answered_once(by_folder)
    take_up(by_folder)
    assert states(office) == [RELEASED]
    assert [*(folder / "out").iterdir(), *(folder / "in").iterdir()] == []


def test_a_folder_that_cannot_be_used_is_a_register_that_is_away(by_folder: Office, office: SmallWorld) -> None:
    folder = Path(by_folder.settings.register)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_bytes(b"a file where the share should be")

    send(by_folder, office, filed(TARO))

    assert states(office) == [HELD]
    folder.unlink()
    take_up_or_wait(by_folder)
    answered_once(by_folder)
    take_up(by_folder)
    assert states(office) == [RELEASED]


def take_up_or_wait(program: Office) -> None:
    with pytest.raises(UpstreamDownError):
        take_up(program)
