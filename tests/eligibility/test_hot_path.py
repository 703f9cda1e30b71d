"""The hot path: one look for institution and person, the log in the same transaction, whatever fails meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from threading import Thread

import pytest
from database_fixture import SmallWorld
from institutions import CODE, accesses, add_institution, add_member, desk, set_link

from himozuke.eligibility.decide import NOTHING_SHOWN
from himozuke.eligibility.model import InsuredKey, Question, Reference, Validity
from himozuke.eligibility.service import Checked
from himozuke.eligibility.store import Asker, Institution
from himozuke.errors import NotAllowedError, NotFoundError, UpstreamDownError
from himozuke.ports.actor import Actor

KEY = InsuredKey("06130488", "12", "5678", "01")
SYSTEM = Actor.system("eligibility")
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"


def everybody(_institution: Institution) -> None:
    """Admit whoever asks."""


def ask(
    office: SmallWorld,
    asker: Asker | None = None,
    key: InsuredKey = KEY,
    on: date = date(2026, 4, 1),
    admit: Callable[[Institution], None] = everybody,
) -> Checked:
    with office.database.answering(SYSTEM) as work:
        question = Question(CODE, on, Reference.INSURED_NUMBER, key)
        return desk(office, work).service.answer(asker or Asker(code=CODE), question, admit=admit)[1]


def test_institution_and_person_are_found_in_one_look_and_the_showing_is_logged(office: SmallWorld) -> None:
    organisation_id = add_institution(office)
    member = add_member(office)

    found = ask(office)
    again = ask(office, Asker(organisation_id=organisation_id))

    assert found.finding.validity is Validity.VALID
    assert found == again
    assert accesses(office) == [(member.link_id, "reception", ["qualification"])] * 2


def test_the_answer_is_the_one_that_the_two_looks_give(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)
    question = Question(CODE, date(2026, 4, 1), Reference.INSURED_NUMBER, KEY)
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        assert service.register_reference_number(service.institution(CODE), KEY, "24434")
        apart = service.check(service.institution(CODE), question)

    together = ask(office)

    assert together == apart
    assert list(together.reference_numbers.values()) == ["24434"]


def test_an_institution_without_a_hit_is_known_and_nothing_is_logged(office: SmallWorld) -> None:
    add_institution(office)

    found = ask(office, key=InsuredKey("06130488", "12", "9999"))

    assert found.finding.validity is Validity.NONE
    assert accesses(office) == []


def test_a_withdrawn_institution_is_refused_from_that_moment(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)
    ask(office)
    with office.system_work() as work:
        work.connection.execute("DELETE FROM institution WHERE code = %s", [CODE])

    with pytest.raises(NotFoundError):
        ask(office)

    assert len(accesses(office)) == 1


@pytest.mark.seed("S76")
def test_a_restriction_counts_for_the_next_question(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)
    assert ask(office).finding.validity is Validity.VALID

    set_link(office, member, state="stopped", restriction="ALL")

    found = ask(office).finding
    assert (found.shown, found.result_code) == ((), NOTHING_SHOWN)
    assert len(accesses(office)) == 1


def test_whoever_is_not_admitted_sees_nothing_and_leaves_no_log(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)

    def nobody(institution: Institution) -> None:
        raise NotAllowedError(institution.name)

    with pytest.raises(NotAllowedError):
        ask(office, admit=nobody)

    assert accesses(office) == []


def test_while_a_database_is_lost_again_and_again_every_answer_given_is_logged_once(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)
    answered, told_down, wrong = [0] * 4, [0] * 4, []

    def ask_on(number: int) -> None:
        for _ in range(40):
            try:
                ask(office)
                answered[number] += 1
            except UpstreamDownError:
                told_down[number] += 1
            except Exception as error:  # noqa: BLE001  # whatever else comes out is the fault looked for
                wrong.append(error)

    threads = [Thread(target=ask_on, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        with office.database.maintenance() as connection:
            connection.execute(KILL)
        threads[0].join(0.1)
    for thread in threads:
        thread.join()

    # a server lost while it keeps an answer may have kept it, though nobody was told: never the other way about
    assert wrong == []
    assert sum(answered) <= len(accesses(office)) <= sum(answered) + sum(told_down)
    assert sum(answered) + sum(told_down) == 160
    assert ask(office).finding.validity is Validity.VALID


@dataclass
class JumpingClock:
    """A clock that is set back and forth between any two looks at it."""

    office: SmallWorld

    def jump(self, _institution: Institution) -> None:
        now = self.office.clock.today()
        self.office.clock.set(date(2019, 1, 1) if now.year > 2020 else date(2031, 12, 31))


def test_a_clock_that_jumps_between_question_and_answer_changes_no_validity(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)
    expected = ask(office).finding
    clock = JumpingClock(office)

    found = [ask(office, admit=clock.jump).finding for _ in range(4)]

    assert found == [expected] * 4  # the day asked about decides, not the moment of the answer
    assert len(accesses(office)) == 5
