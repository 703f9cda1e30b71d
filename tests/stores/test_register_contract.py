"""What every way to the resident register must do: the table, files through a folder, and HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import factories
import pytest
from database_fixture import SmallWorld
from register_world import load

from himozuke.engines.inquiring import InquiringRegister
from himozuke.engines.recorded import RecordedRegister
from himozuke.errors import LinkRejectedError, RuleRefusedError, UpstreamDownError, UsageError
from himozuke.gateways.jlis_files import FolderRegister, answer_folder
from himozuke.gateways.register_http.client import HttpRegister
from himozuke.gateways.register_http.server import answering
from himozuke.gateways.tables import open_register
from himozuke.gateways.tables.claims import ClaimReader
from himozuke.identity.individual_number import IndividualNumber
from himozuke.ports.resident_register import Answer, Inquiry, Purpose, ResidentRegister
from himozuke.rules.loader import load as load_rules
from himozuke.simulators.resident_register import MemoryRegister
from himozuke.stores.resident_register import InquiryLedger, PostgresRegister

ON = date(2025, 10, 1)
WHY = Purpose("registration", "notice:17")
FIVE = {
    "kanji_name": "山田　太郎",
    "kana_name": "ヤマダ　タロウ",
    "birth_date": "1975-04-02",
    "sex": "1",
    "address": "東京都千代田区霞が関一丁目2番3号",
}


def people() -> list[dict[str, str]]:
    """Two who share everything, a namesake elsewhere, somebody protected, somebody with a new number."""
    world = factories.World()
    world.person()
    world.person()
    world.person(address="大阪府大阪市北区梅田三丁目1番1号")
    world.person(kanji_name="佐藤　花子", kana_name="サトウ　ハナコ", sex="2", protected="1")
    world.person(
        kanji_name="髙橋　一", kana_name="タカハシ　ハジメ", status="replaced", previous_number=factories.number(55)
    )
    world.person(kanji_name="鈴木　亡", kana_name="スズキ　ボウ", status="dead", status_on="2025-01-05")
    return world.register


def by_items(items: dict[str, str], on: date = ON, *, scheme: str = "health_insurance", near: bool = False) -> Inquiry:
    """An inquiry by items."""
    return Inquiry(WHY, on, scheme, items=items, wants_near=near)


def by_number(number: str) -> Inquiry:
    """An inquiry by number."""
    return Inquiry(WHY, ON, "health_insurance", IndividualNumber(int(number)))


def in_memory(rows: list[dict[str, str]]) -> InquiringRegister:
    """The register behind the other ends."""
    register = MemoryRegister(open_register(factories.table(rows)), as_of=ON)
    return InquiringRegister(register, load_rules(), ClaimReader())


def through_table(office: SmallWorld, _folder: Path, open_: ExitStack) -> ResidentRegister:
    """The embedded table."""
    load(office, factories.table(people()), ON)
    work = open_.enter_context(office.work("insurer_clerk"))
    return InquiringRegister(PostgresRegister(work, office.vault), load_rules(), ClaimReader())


def through_files(_office: SmallWorld, folder: Path, open_: ExitStack) -> ResidentRegister:
    """Batch files, answered by somebody on the other side."""
    done = threading.Event()
    register = in_memory(people())

    def answer() -> None:
        while not done.wait(0.01):
            answer_folder(folder / "out", folder / "in", register)

    other_side = threading.Thread(target=answer)
    other_side.start()
    open_.callback(other_side.join)
    open_.callback(done.set)
    return FolderRegister(folder / "out", folder / "in", rules=load_rules(), seconds=20)


def through_http(_office: SmallWorld, _folder: Path, open_: ExitStack) -> ResidentRegister:
    """HTTP to the simulator's server."""
    return HttpRegister(open_.enter_context(answering(in_memory(people()))), load_rules())


Through = Callable[[SmallWorld, Path, ExitStack], ResidentRegister]


@pytest.fixture(params=[through_table, through_files, through_http])
def register(request: pytest.FixtureRequest, office: SmallWorld, tmp_path: Path) -> Iterator[ResidentRegister]:
    """One of the three."""
    through: Through = request.param
    with ExitStack() as open_:
        yield through(office, tmp_path, open_)


def numbers(answer: Answer) -> list[str]:
    """Whose numbers are in an answer."""
    return sorted(entry.individual_number.reveal() for entry in answer.entries)


@pytest.mark.seed("S61", "S72")
def test_several_who_fit_are_all_given_and_none_is_picked(register: ResidentRegister) -> None:
    """Which of two persons is meant, the items cannot say; the register does not say it either."""
    rows = people()

    answer = register.inquire(by_items(FIVE))

    assert numbers(answer) == sorted(row["individual_number"] for row in rows[:2])
    assert list(answer.asked_items) == ["kanji_name", "kana_name", "birth_date", "sex", "address"]
    assert not answer.near


@pytest.mark.seed("S61")
def test_four_items_are_refused_from_june_2023_and_the_rule_is_cited(register: ResidentRegister) -> None:
    """Five since the notice was applied; four were enough before."""
    four = {name: value for name, value in FIVE.items() if name != "kana_name"}

    with pytest.raises(RuleRefusedError, match=r"kana_name missing.*2023-06-01.*S61"):
        register.inquire(by_items(four, date(2023, 6, 1)))
    earlier = register.inquire(by_items(four, date(2023, 5, 31)))

    assert len(earlier.entries) == 2


@pytest.mark.seed("S63")
def test_three_items_are_refused_by_every_rule_of_insurers(register: ResidentRegister) -> None:
    """カナ氏名・性別・生年月日 was a deviation from the notice already then."""
    three = {name: FIVE[name] for name in ("kana_name", "birth_date", "sex")}

    for day in (date(2022, 1, 1), ON):
        with pytest.raises(RuleRefusedError):
            register.inquire(by_items(three, day))


def test_other_schemes_need_four_items(register: ResidentRegister) -> None:
    """氏名・生年月日・性別・住所 by the guideline across schemes (R-GUIDE G2)."""
    four = {name: value for name, value in FIVE.items() if name != "kana_name"}

    answer = register.inquire(by_items(four, scheme="public_assistance"))

    assert len(answer.entries) == 2


def test_notation_does_not_hide_a_person(register: ResidentRegister) -> None:
    """Width, variants, eras and numerals fold; the register's own writing comes back."""
    asked = {
        "kanji_name": "佐藤花子",
        "kana_name": "ｻﾄｳ ﾊﾅｺ",
        "birth_date": "昭和50年4月2日",
        "sex": "女",
        "address": "千代田区霞が関1-2-3",
    }

    answer = register.inquire(by_items(asked))

    assert numbers(answer) == [people()[3]["individual_number"]]
    assert answer.entries[0].items.kana_name == "サトウ　ハナコ"
    assert answer.entries[0].is_protected


def test_near_people_come_only_when_wanted_and_apart(register: ResidentRegister) -> None:
    """A slip in the kanji finds nobody exactly; who is near is shown for a person to look at."""
    slip = FIVE | {"kanji_name": "山田　太朗"}

    exact = register.inquire(by_items(slip))
    near = register.inquire(by_items(slip, near=True))

    assert (list(exact.entries), list(exact.near)) == ([], [])
    assert list(near.entries) == []
    assert [entry.items.kanji_name for entry in near.near][:2] == ["山田　太郎", "山田　太郎"]


def test_a_number_finds_its_bearer_and_its_former_bearer(register: ResidentRegister) -> None:
    """A number that was changed leads to the person, with the number of today."""
    rows = people()

    today = register.inquire(by_number(rows[4]["individual_number"]))
    before = register.inquire(by_number(factories.number(55)))
    nobody = register.inquire(by_number(factories.number(777)))

    assert numbers(today) == numbers(before) == [rows[4]["individual_number"]]
    assert before.entries[0].previous_number == IndividualNumber(int(factories.number(55)))
    assert before.entries[0].status == "replaced"
    assert not nobody.entries
    assert today.asked_items == ()


def test_who_died_is_given_with_the_day(register: ResidentRegister) -> None:
    """Status and its day decide what a link may still do."""
    answer = register.inquire(by_number(people()[5]["individual_number"]))

    assert (answer.entries[0].status, answer.entries[0].status_on) == ("dead", date(2025, 1, 5))


def test_a_batch_mixes_kinds_and_keeps_order_around_errors(register: ResidentRegister) -> None:
    """One bad question does not stop the others."""
    rows = people()
    asked = [
        by_number(rows[2]["individual_number"]),
        by_items({"kana_name": "ヤマダ　タロウ"}),
        by_items(FIVE),
        by_items(FIVE | {"birth_date": "1975-02-30"}),
    ]

    found = register.inquire_batch(asked)

    assert isinstance(found[0], Answer)
    assert numbers(found[0]) == [rows[2]["individual_number"]]
    assert isinstance(found[1], RuleRefusedError)
    assert isinstance(found[2], Answer)
    assert len(found[2].entries) == 2
    assert isinstance(found[3], Exception)
    assert "date" in str(found[3])


def test_a_strange_item_is_refused(register: ResidentRegister) -> None:
    """Only the five items are asked."""
    with pytest.raises(UsageError, match="telephone"):
        register.inquire(by_items(FIVE | {"telephone": "03-0000-0000"}))


def test_equal_answers_have_equal_digests(register: ResidentRegister) -> None:
    """The digest tells answers apart, whatever carried them."""
    one, again = register.inquire(by_items(FIVE)), register.inquire(by_items(FIVE))
    other = register.inquire(by_number(people()[2]["individual_number"]))

    assert one.result_digest == again.result_digest != other.result_digest
    assert one.register_day == register.as_of == ON
    assert one.result_digest == in_memory(people()).inquire(by_items(FIVE)).result_digest


def test_every_answered_inquiry_stands_in_the_ledger(register: ResidentRegister, office: SmallWorld) -> None:
    """Who, why, with which items, how many; what was refused never went out."""
    with office.work("insurer_clerk") as work:
        recorded = RecordedRegister(register, InquiryLedger(work))
        found = recorded.inquire_batch([by_items(FIVE), by_items({"kana_name": "ヤマダ"})])
    with office.work("insurer_clerk") as work:
        rows = work.connection.execute("SELECT * FROM register_inquiry ORDER BY inquiry_id").fetchall()

    assert isinstance(found[0], Answer)
    assert [row["inquiry_id"] for row in rows] == [found[0].inquiry_id]
    assert (rows[0]["kind"], rows[0]["asked_items"], rows[0]["hits"]) == ("items", 31, 2)
    assert (rows[0]["reason"], rows[0]["subject"]) == (WHY.reason, WHY.subject)
    assert rows[0]["result_digest"].hex() == found[0].result_digest


def test_a_refused_value_says_why_at_the_table(office: SmallWorld, tmp_path: Path) -> None:
    """Nearest to the user the refusal keeps column and code."""
    with ExitStack() as open_:
        register = through_table(office, tmp_path, open_)
        with pytest.raises(LinkRejectedError) as caught:
            register.inquire(by_items(FIVE | {"birth_date": "1975-02-30"}))

    assert caught.value.quarantined["code"] == "date_impossible"


def test_a_folder_without_answer_is_an_upstream_that_is_down(tmp_path: Path) -> None:
    """The inquiry file stays, and the same question collects the answer later."""
    register = FolderRegister(tmp_path / "out", tmp_path / "in", rules=load_rules(), seconds=0)

    with pytest.raises(UpstreamDownError, match="ask the same again"):
        register.inquire(by_items(FIVE))
    waiting = [path.stat().st_mode & 0o077 for path in (tmp_path / "out").iterdir()]
    answered = answer_folder(tmp_path / "out", tmp_path / "in", in_memory(people()))
    answer = register.inquire(by_items(FIVE))

    assert waiting == [0]
    assert answered == 1
    assert len(answer.entries) == 2
    assert list((tmp_path / "out").iterdir()) == list((tmp_path / "in").iterdir()) == []
