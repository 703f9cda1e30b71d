"""A registration counter over a real database and a register in memory; only the case desk is a fake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import pyarrow as pa
from database_fixture import SmallWorld

from himozuke.engines.online import OnlineVerifier
from himozuke.errors import UpstreamDownError
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.identity import address, birth_date, kana_name, kanji_name, sex
from himozuke.ports.actor import Actor
from himozuke.ports.office import CaseOpening
from himozuke.ports.resident_register import Answer, Inquiry, LinkClaim, OnlineVerdict, Purpose, RegisterEntry
from himozuke.registration.answering import AnsweringService
from himozuke.registration.model import Channel, Filing, Received, Registered
from himozuke.registration.ports import ReadFile
from himozuke.registration.registering import RegisteringService
from himozuke.registration.service import ReceptionService
from himozuke.rules.loader import load
from himozuke.simulators.resident_register import MemoryRegister
from himozuke.stores.database import Work
from himozuke.stores.links import PostgresLinkBook
from himozuke.stores.notices import PostgresNotices
from himozuke.stores.registrations import PostgresRegistrations

COMPARE = {
    "kanji_name": kanji_name.compare,
    "kana_name": kana_name.compare,
    "birth_date": birth_date.compare,
    "sex": sex.compare,
    "address": address.compare,
}


@dataclass
class FakeCaseDesk:
    """Keeps what was opened and told."""

    opened: list[CaseOpening] = field(default_factory=list)
    settled: list[tuple[int, str, str]] = field(default_factory=list)

    def open_case(self, opening: CaseOpening) -> int:
        self.opened.append(opening)
        return len(self.opened)

    def settle_by_answer(self, link_id: int, *, answer: str, reason: str) -> None:
        self.settled.append((link_id, answer, reason))


@dataclass
class ListedRegister:
    """A resident register that answers by items from a list of entries."""

    entries: Sequence[RegisterEntry]
    as_of: date
    asked: list[Inquiry] = field(default_factory=list)
    is_down: bool = False

    def inquire(self, inquiry: Inquiry) -> Answer:
        if self.is_down:
            raise UpstreamDownError("the register does not answer")
        self.asked.append(inquiry)
        fitting = [
            entry
            for entry in self.entries
            if all(
                COMPARE[item](value, getattr(entry.items, item)).state.agrees for item, value in inquiry.items.items()
            )
        ]
        return Answer(fitting, list(inquiry.items), self.as_of, "digest")

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        return [self.inquire(inquiry) for inquiry in inquiries]


@dataclass
class SwitchedVerifier:
    """A verifier that can be out of order."""

    verifier: OnlineVerifier
    is_down: bool = False

    def verify(self, claim: LinkClaim, *, purpose: Purpose) -> OnlineVerdict:
        return self.verifier.verify(claim, purpose=purpose)

    def verify_batch(self, claims: Sequence[LinkClaim], *, purpose: Purpose) -> Sequence[OnlineVerdict | Exception]:
        if self.is_down:
            raise UpstreamDownError("the register does not answer")
        return self.verifier.verify_batch(claims, purpose=purpose)


@dataclass
class Counter:
    """The services of registration, each call in its own transaction."""

    world: SmallWorld
    verifier: SwitchedVerifier
    register: ListedRegister
    cases: FakeCaseDesk = field(default_factory=FakeCaseDesk)

    @classmethod
    def over(cls, world: SmallWorld, people: Sequence[dict[str, str]], *, as_of: date) -> Counter:
        """A counter over a register of these people."""
        names = list(people[0])
        table = pa.table({name: pa.array([row[name] for row in people], pa.string()) for name in names})
        memory = MemoryRegister(open_register(table), as_of=as_of)
        entries = [person.entry() for person in memory._people]
        verifier = OnlineVerifier(memory, load(), ClaimReader())
        return cls(world, SwitchedVerifier(verifier), ListedRegister(entries, as_of))

    def receive(
        self,
        *filings: Filing,
        role: str = "insurer_clerk",
        to: int | None = None,
        channel: Channel = Channel.PAPER,
        file: ReadFile | None = None,
        received_on: date | None = None,
    ) -> list[Received]:
        insurer = to or self.world.insurer
        of = insurer if role.startswith("insurer") else None
        with self.world.work(role, of=of) as work:
            reception = ReceptionService(self._notices(work), load(), work.actor, work.clock, work.audit)
            return reception.receive(filings, to=insurer, channel=channel, file=file, received_on=received_on)

    def register_all(self, notice_ids: Sequence[int] | None = None) -> list[Registered]:
        with self.system("registration") as work:
            return self.registering(work).register_notices(notice_ids)

    def take_in(self, *filings: Filing, to: int | None = None) -> list[Registered]:
        """Receive and register."""
        ids = [received.notice_id for received in self.receive(*filings, to=to)]
        return self.register_all(ids)

    def take_up(self) -> list[int]:
        with self.system("registration") as work:
            return ReceptionService(self._notices(work), load(), work.actor, work.clock, work.audit).take_up()

    def registering(self, work: Work) -> RegisteringService:
        return RegisteringService(
            self._registrations(work),
            self.register,
            self.verifier,
            self.cases,
            self.world.vault,
            load(),
            work.clock,
            work.audit,
            work.actor.login,
        )

    def answering(self, work: Work) -> AnsweringService:
        return AnsweringService(
            self._registrations(work),
            PostgresLinkBook(work),
            self.verifier,
            self.cases,
            self.world.vault,
            load(),
            work.clock,
            work.audit,
        )

    @contextmanager
    def clerk(self, of: int | None = None) -> Iterator[AnsweringService]:
        with self.world.work("insurer_clerk", of=of) as work:
            yield self.answering(work)

    @contextmanager
    def system(self, what: str) -> Iterator[Work]:
        with self.world.database.transaction(Actor.system(what)) as work:
            yield work

    def enrol(self, *, employer: int, insurer: int | None = None, name: str = "けいと工業株式会社") -> int:
        with self.system("enrol") as work:
            texts = {"name": name, "address": "東京都千代田区霞が関一丁目２番３号", "employer_name": "健保　良一"}
            return self._notices(work).enrol(insurer or self.world.insurer, texts, employer_id=employer)

    def one(self, query: str, **values: object) -> dict[str, object]:
        """One row, seen by the program itself."""
        with self.system("test") as work:
            row = work.connection.execute(query.encode(), values).fetchone()
        assert row is not None
        return row

    def _notices(self, work: Work) -> PostgresNotices:
        return PostgresNotices(work.connection, self.world.vault, work.clock, work.actor.login)

    def _registrations(self, work: Work) -> PostgresRegistrations:
        return PostgresRegistrations(work.connection, self.world.vault, work.clock, work.actor.login)
