"""A service of the test's own that is killed in the middle of an act, and what its tables hold afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

import httpx
import psycopg
from case_world import NAMESAKE, PERSON, SENDER, add_link, cases_of, opening, view
from database_fixture import JAPAN, SmallWorld
from factories import person, table
from register_world import load
from test_service_process import is_ready, postmaster, processes_of, wait_for

from himozuke.entrypoints.web import form_token
from himozuke.entrypoints.web.incident.case_view import TOKEN
from himozuke.identity.calendar import era_notation
from himozuke.stores.letters import PostgresLetters

#: Rows that come and go with processes and log-ins, not with acts.
_PASSING = frozenset(
    {
        "session",
        "login_attempt",
        "setting_entry",
        "job_progress",
        "audit_seal",
        "audit_key",
        "audit_writer",
        "key_version",
    }
)
_LOCK = 4_810_377
_NINE = ("summary", "items", "persons", "cause", "secondary_damage", "response", "publication", "prevention", "other")
_PUBLISHED = ("summary", "shown", "money", "cause", "prevention_new", "prevention_existing")
_SECONDS = 120.0
MEMBER = person(1001)


@dataclass(frozen=True)
class Step:
    """One form of the story: who sends what where; its act token makes it count once."""

    role: str
    path: str
    fields: Mapping[str, str]
    is_json: bool = False

    def send(self, client: httpx.Client, session: str, place: int) -> httpx.Response:
        if self.is_json:
            return client.post(self.path, json=dict(self.fields), headers={"Idempotency-Key": f"notice-{place}"})
        token = {form_token.FIELD: form_token.token_for(session), TOKEN: f"form-{place}"}
        return client.post(self.path, data={**token, **self.fields})


def steps(case_id: int, today: date) -> list[Step]:
    """A member is registered; then the story from the papers to the published figure, as the pages send it."""
    case, clerk, supervisor = f"/cases/{case_id}", "insurer_clerk", "insurer_supervisor"
    report = {**{f"content-{name}": "記載" for name in _NINE}, "checked": "1"}
    correction = {"individual_number": PERSON["individual_number"], "reason": "本人のカード", "checked": "1"}
    wrong = {"result": "wrong", "basis": "person", "reason": "カードの番号と違う", "cause": "C4", "checked": "1"}
    told = {"what_happened": "別の人の番号", "prevention": "全項目で照会", "checked": "1"}
    published = {"as_of": era_notation(today), "act": "publish", "agreed": "1", **dict.fromkeys(_PUBLISHED, "記載")}
    member = {
        **{name: MEMBER[name] for name in ("kanji_name", "kana_name", "birth_date", "address", "individual_number")},
        "event_on": today.isoformat(), "sex": "1", "acquisition_kind": "1", "has_dependents": "0",
        "pay_in_cash": "260000", "establishment_name": "ひもづけ商店", "employer_name": "紐付　太郎",
        "establishment_address": "東京都千代田区霞が関一丁目2番3号",
    }  # fmt: skip
    return [
        Step(clerk, "/api/v1/notices", member, is_json=True),
        Step(clerk, f"{case}/papers", {"finding": "unclear", "note": "3項目で照会した記録"}),
        Step(clerk, f"{case}/employer/ask", {"note": "電話で依頼"}),
        Step(clerk, f"{case}/employer/answer", {"finding": "none", "answer_note": "退職者のみ"}),
        Step(clerk, f"{case}/person/letter", {}),
        Step(clerk, f"{case}/person/answer", {"reply": "own", "channel": "paper"}),
        Step(clerk, f"{case}/confirm", wrong),
        Step(clerk, f"{case}/correction", correction),
        Step(supervisor, f"{case}/correction/approve", {"agreed": "1"}),
        Step(clerk, f"{case}/exposure", {"note": "当システムの記録は全件"}),
        Step(clerk, f"{case}/report", {"kind": "prompt", **report}),
        Step(clerk, f"{case}/tell", told),
        Step(clerk, f"{case}/release", {"reason": "訂正済み"}),
        Step(supervisor, f"{case}/release/approve", {"agreed": "1"}),
        Step(clerk, f"{case}/report", {"kind": "final", **report}),
        Step(supervisor, "/cases/publications/new", published),
    ]


def wrong_link(office: SmallWorld) -> int:
    """The namesake's number, got with three items years ago and viewed once; the case of the inspection."""
    office.actor("administrator")  # or every start offers to register one
    load(office, table([PERSON, NAMESAKE, MEMBER]), date(2026, 4, 1))
    link_id = add_link(office, body=22, acquired_by="jlis", acquired_items="kana_name|birth_date|sex", acquired_hits=2)
    view(office, link_id, datetime(2026, 1, 20, 10, 30, tzinfo=JAPAN), ["medicines"])
    with office.work("insurer_supervisor") as work:
        PostgresLetters(work.connection).set_sender(office.insurer, SENDER)
    with office.work("insurer_clerk") as work:
        return cases_of(work).open_case(opening(office, link_id))


def kept(connection: psycopg.Connection[dict[str, object]]) -> Counter[str]:
    """How many rows every table holds, and how many records of each act the evidence."""
    tables = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    ).fetchall()
    names = sorted({str(row["relname"]) for row in tables} - _PASSING)
    counted = " UNION ALL ".join(
        f"SELECT '{name}' AS what, count(*) AS count FROM {name}"  # noqa: S608 -- names of the catalogue
        for name in names
        if not name.startswith("procrastinate_")
    )
    acts = "SELECT 'audit ' || act AS what, count(*) AS count FROM audit_record GROUP BY act"
    rows = connection.execute(f"{counted} UNION ALL {acts}".encode()).fetchall()
    return Counter({str(row["what"]): int(str(row["count"])) for row in rows})


@dataclass
class KilledService:
    """``himozuke serve`` over a data folder; killed whole, in its answering process, or in its database.

    ``restarts`` counts how often it was begun.
    """

    data: Path
    office: SmallWorld
    sessions: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    url: str = ""
    restarts: int = 0
    answers_lost: list[int] = field(default_factory=list)

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("HIMOZUKE_")}
        environment["HIMOZUKE_DATA"] = str(self.data)
        program = "from himozuke.entrypoints.cli.main import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, "serve", "--port", str(port)],
            env=environment,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.url = f"http://127.0.0.1:{port}"
        self.restarts += 1
        wait_for(lambda: is_ready(self.url))

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=_SECONDS)

    def send(self, step: Step, place: int) -> httpx.Response:
        session = self.sessions[step.role]
        with httpx.Client(base_url=self.url, timeout=_SECONDS, cookies={"himozuke": session}) as client:
            return step.send(client, session, place)

    def kept(self) -> Counter[str]:
        with self.office.database.maintenance() as connection:
            return kept(connection)

    def kill_while_the_act_is_written(self, step: Step, place: int) -> None:
        """Every process of the service at once, while its act waits to write its audit row."""
        with self._evidence_held() as is_waiting:
            sent = self._sent(step, place)
            wait_for(is_waiting)
            assert self.process is not None
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            sent.join(_SECONDS)
        wait_for(self._is_alone)
        self.start()

    def kill_while_the_act_is_kept(self, step: Step, place: int) -> None:
        """The answering process, while the database commits: kept, but nobody is told."""
        before = self.kept()
        with self._commit_held() as is_waiting:
            sent = self._sent(step, place)
            wait_for(is_waiting)
            for pid in self._answering():
                os.kill(pid, signal.SIGKILL)
            sent.join(_SECONDS)
        wait_for(lambda: self.kept() != before)
        assert place in self.answers_lost
        wait_for(lambda: is_ready(self.url))

    def kill_the_database(self, step: Step, place: int) -> None:
        """The database server, while the act waits to write its audit row."""
        killed = postmaster(self.data)
        assert killed is not None
        with suppress(psycopg.OperationalError, Exception), self._evidence_held() as is_waiting:
            sent = self._sent(step, place)
            wait_for(is_waiting)
            os.kill(killed, signal.SIGKILL)
            sent.join(_SECONDS)
        assert place in self.answers_lost
        wait_for(lambda: is_ready(self.url))
        assert postmaster(self.data) != killed

    def _sent(self, step: Step, place: int) -> threading.Thread:
        def send() -> None:
            try:
                is_taken = self.send(step, place).status_code < 400
            except httpx.TransportError:
                is_taken = False
            if not is_taken:
                self.answers_lost.append(place)

        thread = threading.Thread(target=send, daemon=True)
        thread.start()
        return thread

    def _answering(self) -> list[int]:
        found = []
        for pid in processes_of(self.data):
            with suppress(OSError):
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found.append(pid)
        assert found
        return found

    def _is_alone(self) -> bool:
        """Whether no transaction of the killed service is left in the database."""
        with self.office.database.maintenance() as connection:
            row = connection.execute(
                "SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state = 'active' AND backend_type = 'client backend'"
            ).fetchone()
        return row == {"count": 0}

    @contextmanager
    def _evidence_held(self) -> Iterator[Callable[[], bool]]:
        """Nobody can write evidence meanwhile; gives whether somebody has come to it and waits."""
        with self.office.database.maintenance(autocommit=False) as holder:
            holder.execute("LOCK TABLE audit_record IN SHARE ROW EXCLUSIVE MODE")
            yield lambda: self._waits("%write_audit%")
            holder.rollback()

    @contextmanager
    def _commit_held(self) -> Iterator[Callable[[], bool]]:
        """No transaction with evidence can be kept meanwhile; gives whether one is about to be."""
        with self.office.database.maintenance(autocommit=False) as holder:
            holder.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
            yield lambda: self._waits("%commit%")
            holder.rollback()
            holder.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])

    def _waits(self, what: str) -> bool:
        query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query ILIKE %s"
        with self.office.database.maintenance() as connection:
            return connection.execute(query, [what]).fetchone() is not None


def let_commits_be_held(office: SmallWorld) -> None:
    """Every transaction with evidence passes a gate when it is kept."""
    with office.database.maintenance() as connection:
        connection.execute(
            "CREATE FUNCTION test_gate() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN PERFORM pg_advisory_xact_lock_shared({_LOCK}); RETURN NULL; END $$".encode()
        )
        connection.execute(
            "CREATE CONSTRAINT TRIGGER test_gate AFTER INSERT ON audit_record DEFERRABLE INITIALLY DEFERRED "
            "FOR EACH ROW EXECUTE FUNCTION test_gate()"
        )
