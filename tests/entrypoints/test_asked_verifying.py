"""Links proven by inquiries alone: the same verdicts as from the own table, over files and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from database_fixture import SmallWorld
from factories import table
from test_register_contract import FIVE, ON, WHY, Through, people, through_files, through_http, through_table

from himozuke.engines.online import OnlineVerifier
from himozuke.engines.recorded import RecordedRegister
from himozuke.entrypoints.asked_verifying import NOT_CHALLENGED, AskingVerifier
from himozuke.entrypoints.wiring import Office
from himozuke.errors import UpstreamDownError
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.ports.resident_register import Answer, Inquiry, LinkClaim, OnlineVerdict
from himozuke.rules.loader import load as load_rules
from himozuke.settings import Settings
from himozuke.simulators.resident_register import MemoryRegister
from himozuke.stores.resident_register import InquiryLedger

RULES = load_rules()
SATO = {**FIVE, "kanji_name": "佐藤　花子", "kana_name": "サトウ　ハナコ", "sex": "2"}
SUZUKI = {**FIVE, "kanji_name": "鈴木　亡", "kana_name": "スズキ　ボウ"}


def claim(number: str, **items: str) -> LinkClaim:
    return LinkClaim("health_insurance", ON, {**FIVE, "individual_number": number, **items})


def claims() -> list[LinkClaim]:
    """Right, folded, the number of somebody else, nobody's, tied, died, a wrong check digit, a slip of the day."""
    first, _, namesake, sato, replaced, dead = (row["individual_number"] for row in people())
    broken = first[:-1] + str((int(first[-1]) + 1) % 10)
    return [
        claim(sato, **SATO),
        claim(sato, **{**SATO, "kana_name": "ｻﾄｳ ﾊﾅｺ"}),
        claim(namesake, **SATO),
        claim("000000099996", **SATO),
        claim(namesake),
        claim(first),
        claim(dead, **SUZUKI),
        claim(broken),
        claim(sato, **{**SATO, "birth_date": "1975-04-03"}),
        claim(replaced, **{**FIVE, "kanji_name": "髙橋　一", "kana_name": "タカハシ　ハジメ"}),
    ]


def said(answer: OnlineVerdict | Exception) -> tuple[object, ...]:
    assert isinstance(answer, OnlineVerdict)
    return (
        answer.verdict,
        answer.restriction,
        answer.action,
        answer.rival_count,
        answer.states,
        tuple(answer.reasons),
        answer.evidence_digest,
        answer.register_day,
        answer.rival,
    )


@pytest.fixture(params=[through_table, through_files, through_http], name="verifier")
def _verifier(request: pytest.FixtureRequest, office: SmallWorld, tmp_path: Path) -> Iterator[AskingVerifier]:
    through: Through = request.param
    with ExitStack() as open_:
        register = through(office, tmp_path, open_)
        ledger = InquiryLedger(open_.enter_context(office.work("insurer_clerk")))
        yield AskingVerifier(RecordedRegister(register, ledger), ledger, RULES, ClaimReader())


@pytest.mark.seed("S61", "S64")
def test_inquiries_prove_what_the_own_table_proves(verifier: AskingVerifier) -> None:
    own = OnlineVerifier(MemoryRegister(open_register(table(people())), as_of=ON), RULES, ClaimReader())
    wanted = own.verify_batch(claims(), purpose=WHY)

    found = verifier.verify_batch(claims(), purpose=WHY)

    assert [said(one) for one in found] == [said(one) for one in wanted]
    verdicts = [one.verdict for one in found if isinstance(one, OnlineVerdict)]
    assert {"PROVEN", "REFUTED"} <= set(verdicts)
    assert isinstance(verifier.ledger, InquiryLedger)
    counted = "SELECT count(*) AS count FROM register_inquiry"
    row = verifier.ledger.work.connection.execute(counted).fetchone()
    assert row is not None
    assert row["count"] >= len(claims())


def test_a_link_that_cannot_be_challenged_is_not_called_right(verifier: AskingVerifier) -> None:
    sato = people()[3]["individual_number"]

    found = verifier.verify(claim(sato, **{**SATO, "address": ""}), purpose=WHY)

    assert (found.verdict, found.action, found.reasons[-1]) == ("UNTESTABLE", "none", NOT_CHALLENGED)
    assert found.restriction == found.restriction_by_table


def test_a_register_that_does_not_answer_gives_no_verdict(office: SmallWorld) -> None:
    class Silent:
        as_of = ON

        def inquire(self, inquiry: Inquiry) -> Answer:
            raise UpstreamDownError(f"no answer for {inquiry.scheme}")

        def inquire_batch(self, inquiries: list[Inquiry]) -> list[Answer | Exception]:
            return [UpstreamDownError("no answer") for _ in inquiries]

    with office.work("insurer_clerk") as work:
        verifier = AskingVerifier(Silent(), InquiryLedger(work), RULES, ClaimReader())  # type: ignore[arg-type]  # lists for sequences

        with pytest.raises(UpstreamDownError):
            verifier.verify(claims()[0], purpose=WHY)


def test_the_office_proves_by_inquiries_only_while_its_own_table_is_empty(office: SmallWorld, tmp_path: Path) -> None:
    asked = Office(database=office.database, vault=office.vault, settings=Settings(register=str(tmp_path)))
    with asked.work(office.actor("insurer_clerk")) as work:
        assert isinstance(work.verifier, AskingVerifier)

    with ExitStack() as open_:
        through_table(office, tmp_path, open_)
    with asked.work(office.actor("insurer_clerk")) as work:
        assert isinstance(work.verifier, OnlineVerifier)
