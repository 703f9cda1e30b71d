"""A link, its case and who works on it, for the tests of cases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from database_fixture import JAPAN, SmallWorld
from factories import number, person

from himozuke.engines.online import OnlineVerifier
from himozuke.errors import UpstreamDownError
from himozuke.gateways.letters import TypstPrinter
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.identity.individual_number import IndividualNumber
from himozuke.incident.asking import AskingService, Post, Registers
from himozuke.incident.calls import CallService
from himozuke.incident.correcting import CorrectingService
from himozuke.incident.exposing import ExposingService
from himozuke.incident.group_reporting import GroupReportingService
from himozuke.incident.log_import import LogImportService
from himozuke.incident.model import CaseState
from himozuke.incident.publishing import PublishingService
from himozuke.incident.replying import ReplyService
from himozuke.incident.reporting import ReportingService
from himozuke.incident.service import CaseService, CaseTools
from himozuke.ports.letters import Sender
from himozuke.ports.office import CaseOpening, Origin
from himozuke.ports.resident_register import Answer, Inquiry
from himozuke.rules.loader import load
from himozuke.schemes import all_schemes
from himozuke.simulators.resident_register import MemoryRegister
from himozuke.stores.access_log import PostgresAccessLog
from himozuke.stores.case_publications import PostgresCalls, PostgresPublications
from himozuke.stores.cases import PostgresCases
from himozuke.stores.database import Work
from himozuke.stores.letters import PostgresLetters
from himozuke.stores.links import PostgresLinkBook

RULES = load()
REGISTERED_AT = datetime(2025, 10, 1, 9, 0, tzinfo=JAPAN)
ITEMS = {
    "kanji_name": "山田　太郎",
    "kana_name": "ヤマダ　タロウ",
    "birth_date": "1975-04-02",
    "sex": "1",
    "address": "東京都千代田区霞が関一丁目2番3号",
}


def tools(work: Work) -> CaseTools:
    """What acts on cases need, of one transaction."""
    cases = PostgresCases(work.connection)
    return CaseTools(cases, PostgresLinkBook(work), work.audit, work.clock, work.actor, RULES)


def cases_of(work: Work) -> CaseService:
    """The service of cases in one transaction."""
    return CaseService(tools(work))


def add_link(office: SmallWorld, *, body: int = 1, of: int | None = None, **columns: object) -> int:
    """A link that has been visible since it was registered; its id."""
    values: dict[str, object] = {
        "organisation_id": of or office.insurer,
        "scheme": "health_insurance",
        "insurer_number": "06139999",
        "symbol": "12",
        "number": str(100 + body),
        "branch": "00",
        "scheme_number": f"06139999-12-{100 + body}-00",
        "linkage_code": f"L{body:06}",
        "individual_number_sealed": office.vault.seal(IndividualNumber(int(number(body)))),
        **ITEMS,
        "registered_at": REGISTERED_AT,
        "valid_from": date(2025, 10, 1),
        "state": "released",
        "restriction": "NONE",
        **columns,
    }
    names = ", ".join(values)
    places = ", ".join(f"%({name})s" for name in values)
    query = f"INSERT INTO link ({names}) VALUES ({places}) RETURNING link_id"  # noqa: S608 -- names of our own
    with office.system_work() as work:
        row = work.connection.execute(query.encode(), values).fetchone()
    assert row is not None
    return int(row["link_id"])


def opening(office: SmallWorld, link_id: int | None, **parts: Any) -> CaseOpening:
    """A doubt about a link, as an inspection raises it."""
    standard: Mapping[str, Any] = {
        "organisation_id": office.insurer,
        "link_id": link_id,
        "origin": Origin.INSPECTION,
        "restriction": "ALL",
        "verdict": "REFUTED",
        "reasons": ("rival_better",),
        "cause": "C4",
        "group_key": "2026-04",
        "summary": "総点検で検出",
    }
    return CaseOpening(**{**standard, **parts})


AWAY = "大阪府大阪市北区梅田3丁目1番1号"
PERSON = person(11, address=ITEMS["address"])
NAMESAKE = person(22, address=AWAY)
SENDER = Sender(
    office="ひもづけ健康保険組合",
    department="適用課",
    postal_code="100-0001",
    address="東京都千代田区一丁目1番",
    telephone="03-0000-0000",
)


class SmallRegister:
    """A resident register that answers by number and by items that are equal."""

    def __init__(self, people: Sequence[dict[str, str]], as_of: date) -> None:
        names = list(people[0])
        table = pa.table({name: pa.array([row[name] for row in people], pa.string()) for name in names})
        self.memory = MemoryRegister(open_register(table), as_of=as_of)
        self.entries = [one.entry() for one in self.memory._people]
        self.as_of = as_of
        self.is_down = False

    def inquire(self, inquiry: Inquiry) -> Answer:
        if self.is_down:
            raise UpstreamDownError("the register does not answer")
        number_asked = inquiry.individual_number
        found = [
            entry
            for entry in self.entries
            if (number_asked is not None and entry.individual_number == number_asked)
            or (inquiry.items and all(getattr(entry.items, name) == text for name, text in inquiry.items.items()))
        ]
        return Answer(found, list(inquiry.items), self.as_of, "digest")

    def inquire_batch(self, inquiries: Sequence[Inquiry]) -> Sequence[Answer | Exception]:
        return [self.inquire(inquiry) for inquiry in inquiries]


class Bench:
    """The services of cases in one transaction, over a small register."""

    printer = TypstPrinter()

    def __init__(self, work: Work, office: SmallWorld, register: SmallRegister) -> None:
        self.work = work
        self.tools = tools(work)
        self.letters = PostgresLetters(work.connection)
        self.log = PostgresAccessLog(work.connection)
        names = {scheme.code: scheme.name_ja for scheme in all_schemes()}
        registers = Registers(register, office.vault)
        verifier = OnlineVerifier(register.memory, RULES, ClaimReader())
        self.cases = CaseService(self.tools)
        self.asking = AskingService(
            self.tools, Post(self.printer, self.letters, "https://himozuke.example"), registers, names
        )
        self.correcting = CorrectingService(self.tools, registers, verifier)
        self.exposing = ExposingService(self.tools, self.log)
        self.reporting = ReportingService(self.tools, self.asking, self.exposing, names)
        self.group_reporting = GroupReportingService(self.tools, self.asking)
        self.publishing = PublishingService(self.tools, PostgresPublications(work.connection))
        self.calls = CallService(self.tools, PostgresCalls(work.connection), self.cases)
        self.replies = ReplyService(self.tools, self.letters)
        self.imports = LogImportService(self.log, work.clock, work.audit, RULES)


@dataclass
class CaseOffice:
    """An office with its register; ``bench(role)`` opens the services in a transaction of somebody in a role."""

    world: SmallWorld
    register: SmallRegister

    @contextmanager
    def bench(self, role: str = "insurer_clerk", *, of: int | None = None) -> Iterator[Bench]:
        with self.world.work(role, of=of) as work:
            yield Bench(work, self.world, self.register)

    @contextmanager
    def program(self, what: str = "reply") -> Iterator[Bench]:
        with self.world.system_work(what) as work:
            yield Bench(work, self.world, self.register)

    def state(self, case_id: int) -> CaseState:
        with self.bench() as bench:
            return bench.cases.case(case_id).state


def case_office(office: SmallWorld, people: Sequence[dict[str, str]] = (PERSON, NAMESAKE)) -> CaseOffice:
    """An office whose letters have a sender and whose register holds these people."""
    made = CaseOffice(office, SmallRegister(people, date(2026, 3, 31)))
    with made.bench("insurer_supervisor") as bench:
        bench.letters.set_sender(office.insurer, SENDER)
    return made


def view(office: SmallWorld, link_id: int, at: datetime, items: Sequence[str]) -> None:
    """Somebody at a clinic sees items behind a link."""
    with office.system_work("eligibility") as work:
        work.connection.execute(
            "INSERT INTO access_log (at, link_id, organisation_id, institution_code, institution_name, viewer, items)"
            " SELECT %s, link_id, organisation_id, '1310000001', 'ひもづけ診療所', '医師', %s FROM link WHERE link_id = %s",
            [at, list(items), link_id],
        )
