"""A notice becomes a link that is compared with the register before anybody may see it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld, assert_audited_ever
from factories import person
from registration_counter import Counter
from registration_filings import TEXTS, filing

from himozuke.errors import ConflictError, NotAllowedError, UsageError
from himozuke.identity.individual_number import IndividualNumber
from himozuke.registration.model import Channel, Filing, NoticeKind, NoticeState, Outcome, OverlapKind

TODAY = date(2026, 4, 1)
TARO = person(1001)
HANA = person(1008, kanji_name="佐藤　花", kana_name="サトウ　ハナ", birth_date="1990-07-15", sex="2")
NAMESAKE = person(1015, address="大阪府大阪市北区梅田一丁目1番1号")  # Taro's name, kana, birth date and sex


def counter_over(world: SmallWorld, people: Sequence[dict[str, str]] = (TARO, HANA)) -> Counter:
    return Counter.over(world, people, as_of=TODAY)


def filed_for(someone: dict[str, str], *, with_number: bool = True, **texts: str) -> Filing:
    """A notice that tells of somebody what the register holds."""
    items = {name: someone[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "address")}
    body = int(someone["individual_number"][:11])
    return filing(body if with_number else None, {"insurer_number": "", **items, **texts})


@pytest.mark.seed("S53")
def test_a_record_that_agrees_with_the_register_is_released(office: SmallWorld) -> None:
    counter = counter_over(office)

    [registered] = counter.take_in(filed_for(TARO))

    assert (registered.outcome, registered.verdict, registered.restriction) == (Outcome.RELEASED, "PROVEN", "NONE")
    link = counter.one("SELECT * FROM link")
    assert (link["state"], link["restriction"], link["acquired_by"]) == ("released", "NONE", "person")
    assert link["register_items"] is None
    assert counter.cases.opened == []
    assert_audited_ever(office, "registration.receive")
    assert_audited_ever(office, "registration.register")


@pytest.mark.seed("S53", "S70")
def test_a_strangers_number_stops_viewing_and_opens_a_case_in_the_same_act(office: SmallWorld) -> None:
    counter = counter_over(office)
    wrong = filed_for(TARO)
    wrong = Filing(wrong.kind, wrong.event_on, wrong.texts, IndividualNumber(int(HANA["individual_number"])))

    [registered] = counter.take_in(wrong)

    assert (registered.outcome, registered.verdict, registered.restriction) == (Outcome.STOPPED, "REFUTED", "ALL")
    assert [(case.link_id, case.restriction) for case in counter.cases.opened] == [(registered.link_id, "ALL")]
    link = counter.one("SELECT state, restriction, rival_count, register_items FROM link")
    assert (link["state"], link["restriction"], link["rival_count"]) == ("stopped", "ALL", 1)
    assert "個人番号" not in str(link["register_items"])


def test_nothing_is_kept_when_the_case_cannot_be_opened(office: SmallWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    counter = counter_over(office)
    wrong = filed_for(TARO)
    wrong = Filing(wrong.kind, wrong.event_on, wrong.texts, IndividualNumber(int(HANA["individual_number"])))
    [received] = counter.receive(wrong)

    def refuse(*_: object) -> int:
        raise ConflictError("no case today")

    monkeypatch.setattr(counter.cases, "open_case", refuse)
    with pytest.raises(ConflictError):
        counter.register_all([received.notice_id])

    assert counter.one("SELECT count(*) AS links FROM link") == {"links": 0}
    assert counter.one("SELECT state FROM notice") == {"state": "received"}


@pytest.mark.seed("S61")
def test_a_missing_number_is_inquired_for_with_all_five_items_and_the_ledger_says_so(office: SmallWorld) -> None:
    counter = counter_over(office)

    [registered] = counter.take_in(filed_for(TARO, with_number=False))

    assert registered.outcome is Outcome.RELEASED
    assert len(counter.register.asked[0].items) == 5
    link = counter.one("SELECT acquired_by, acquired_items, acquired_hits, individual_number_sealed FROM link")
    assert link["acquired_by"] == "jlis"
    assert link["acquired_items"] == "kanji_name|kana_name|birth_date|sex|address"
    assert link["acquired_hits"] == 1
    sealed = link["individual_number_sealed"]
    assert isinstance(sealed, bytes)
    assert office.vault.open(sealed).reveal() == TARO["individual_number"]


@pytest.mark.seed("S60", "S61")
def test_without_number_and_address_the_notice_goes_back_and_nobody_is_inquired_about(office: SmallWorld) -> None:
    counter = counter_over(office)

    [received] = counter.receive(filed_for(TARO, with_number=False, address=""))

    assert received.state is NoticeState.RETURNED
    assert {problem.code for problem in received.problems} >= {"missing"}
    assert counter.register_all() == []
    assert counter.register.asked == []


@pytest.mark.seed("S70")
def test_two_people_who_fit_are_never_chosen_among(office: SmallWorld) -> None:
    twin = person(1022, **{name: TARO[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "address")})
    counter = counter_over(office, [TARO, twin])

    [registered] = counter.take_in(filed_for(TARO, with_number=False))

    assert registered.outcome is Outcome.RETURNED
    assert [(problem.code, problem.detail) for problem in registered.problems] == [("several_hits", "2")]
    notice = counter.one("SELECT state, return_codes, link_id FROM notice")
    assert notice == {"state": "returned", "return_codes": ["several_hits"], "link_id": None}


def test_a_namesake_elsewhere_is_no_hit_because_the_address_is_asked(office: SmallWorld) -> None:
    counter = counter_over(office, [NAMESAKE])

    [registered] = counter.take_in(filed_for(TARO, with_number=False))

    assert [problem.code for problem in registered.problems] == ["no_hit"]


def test_while_the_register_does_not_answer_records_are_held_and_nobody_sees_them(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.verifier.is_down = True

    [registered] = counter.take_in(filed_for(TARO))

    assert registered.outcome is Outcome.HELD
    assert counter.one("SELECT state, restriction, verdict FROM link") == {
        "state": "held",
        "restriction": "ALL",
        "verdict": None,
    }
    counter.verifier.is_down = False
    with counter.system("registration") as work:
        [answered] = counter.answering(work).compare_held()
    assert answered.is_released
    assert counter.one("SELECT state FROM link") == {"state": "released"}


def test_a_notice_without_number_waits_while_the_register_does_not_answer(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.register.is_down = True
    [received] = counter.receive(filed_for(TARO, with_number=False))

    with pytest.raises(Exception, match="does not answer"):
        counter.register_all([received.notice_id])

    assert counter.one("SELECT state FROM notice") == {"state": "received"}


def test_a_number_given_out_by_the_insurer_is_the_next_under_the_symbol(office: SmallWorld) -> None:
    counter = counter_over(office)

    counter.take_in(filed_for(TARO, number=""), filed_for(HANA, number=""))

    with counter.system("test") as work:
        rows = list(work.connection.execute("SELECT number, scheme_number FROM link ORDER BY link_id"))
    assert [row["number"] for row in rows] == ["1", "2"]
    assert rows[0]["scheme_number"] == "06139999:2101ケイト:1:"


def test_a_scheme_number_stands_for_one_person_at_a_time(office: SmallWorld) -> None:
    counter = counter_over(office)

    first, second = counter.take_in(filed_for(TARO), filed_for(HANA))

    assert first.outcome is Outcome.RELEASED
    assert [problem.code for problem in second.problems] == ["number_taken"]


def test_two_who_register_one_scheme_number_at_once_never_break_on_each_other(office: SmallWorld) -> None:
    counter = counter_over(office)
    [first], [second] = counter.receive(filed_for(TARO)), counter.receive(filed_for(HANA))

    with ThreadPoolExecutor(1) as beside:
        with counter.system("registration") as work:
            [won] = counter.registering(work).register_notices([first.notice_id])
            waiting = beside.submit(counter.register_all, [second.notice_id])
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        [lost] = waiting.result(timeout=30)

    assert won.outcome is Outcome.RELEASED
    assert [problem.code for problem in lost.problems] == ["number_taken"]
    assert counter.one("SELECT state FROM notice WHERE notice_id = %(id)s", id=second.notice_id) == {
        "state": "returned"
    }


@pytest.mark.seed("S101")
def test_what_is_collected_ahead_waits_for_its_day_and_the_periods_begin_then(office: SmallWorld) -> None:
    counter = counter_over(office)
    ahead = filed_for(TARO)
    ahead = Filing(ahead.kind, date(2026, 4, 10), ahead.texts, ahead.individual_number)
    [received] = counter.receive(ahead)

    assert received.state is NoticeState.PREPARED
    assert counter.register_all() == []
    assert counter.take_up() == []

    office.clock.set("2026-04-10")
    assert counter.take_up() == [received.notice_id]
    [registered] = counter.register_all()

    assert registered.outcome is Outcome.RELEASED
    notice = counter.one("SELECT received_on, filing_due_on, register_due_on FROM notice")
    assert notice == {
        "received_on": date(2026, 4, 10),
        "filing_due_on": date(2026, 4, 15),
        "register_due_on": date(2026, 4, 15),
    }


@pytest.mark.seed("S101")
def test_loss_ends_the_qualification_and_those_of_the_dependents(office: SmallWorld) -> None:
    child = person(1029, kanji_name="山田　一郎", kana_name="ヤマダ　イチロウ", birth_date="2015-06-07")
    counter = counter_over(office, [TARO, child])
    counter.take_in(filed_for(TARO))
    added = Filing(
        NoticeKind.DEPENDENT_ADDED,
        TODAY,
        TEXTS
        | {name: child[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "address")}
        | {"insurer_number": "", "relation": "子"},
        IndividualNumber(int(child["individual_number"])),
    )
    [dependent] = counter.take_in(added)
    assert dependent.outcome is Outcome.RELEASED
    assert counter.one("SELECT branch FROM link ORDER BY link_id DESC LIMIT 1") == {"branch": "01"}

    office.clock.set("2026-05-01")
    texts = {name: TEXTS[name] for name in ("symbol", "number", "kana_name", "birth_date")} | {"end_reason": "4"}
    [ended] = counter.take_in(Filing(NoticeKind.LOSS, date(2026, 5, 1), texts))

    assert ended.outcome is Outcome.ENDED
    with counter.system("test") as work:
        ends = [row["valid_to"] for row in work.connection.execute("SELECT valid_to FROM link")]
        periods = [row["ended_on"] for row in work.connection.execute("SELECT ended_on FROM qualification_period")]
    assert ends == periods == [date(2026, 5, 1)] * 2


def test_a_dependent_of_nobody_insured_here_goes_back(office: SmallWorld) -> None:
    counter = counter_over(office)
    texts = TEXTS | {"insurer_number": "", "relation": "子"}

    [registered] = counter.take_in(Filing(NoticeKind.DEPENDENT_ADDED, TODAY, texts, filed_for(TARO).individual_number))

    assert [problem.code for problem in registered.problems] == ["insured_not_found"]


def test_a_loss_that_names_somebody_else_ends_nobodys_qualification(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.take_in(filed_for(TARO))
    texts = {"symbol": TEXTS["symbol"], "number": "17", "kana_name": "サトウ　ハナ", "birth_date": "1990-07-15"}

    [answer] = counter.take_in(Filing(NoticeKind.LOSS, TODAY, texts | {"end_reason": "4"}))

    assert [problem.code for problem in answer.problems] == ["link_not_found"]
    assert counter.one("SELECT valid_to FROM link") == {"valid_to": None}


def dependent(someone: dict[str, str], *, on: date = TODAY, **texts: str) -> Filing:
    """A notice of somebody who joins Taro, who stands under number 17."""
    items = {name: someone[name] for name in ("kanji_name", "kana_name", "birth_date", "sex", "address")}
    given = TEXTS | items | {"insurer_number": "", "relation": "子"} | texts
    return Filing(NoticeKind.DEPENDENT_ADDED, on, given, IndividualNumber(int(someone["individual_number"])))


def loss(*, on: date, **texts: str) -> Filing:
    """A notice of Taro's loss."""
    named = {name: TEXTS[name] for name in ("symbol", "number", "kana_name", "birth_date")}
    return Filing(NoticeKind.LOSS, on, named | {"end_reason": "4"} | texts)


CHILDREN = [
    person(1029, kanji_name="山田　一郎", kana_name="ヤマダ　イチロウ", birth_date="2015-06-07"),
    person(1036, kanji_name="山田　二葉", kana_name="ヤマダ　フタバ", birth_date="2018-03-04", sex="2"),
]


def test_rows_of_one_file_take_effect_in_their_order(office: SmallWorld) -> None:
    counter = counter_over(office, [TARO, HANA, *CHILDREN])
    office.clock.set("2026-04-10")

    done = counter.take_in(
        filed_for(TARO), *map(dependent, CHILDREN), filed_for(HANA, number="18"), loss(on=date(2026, 4, 5))
    )
    [again] = counter.take_in(filed_for(HANA, number="17"))

    assert [one.outcome.value for one in done] == ["released", "released", "released", "released", "ended"]
    with counter.system("test") as work:
        rows = work.connection.execute("SELECT number, branch, valid_to FROM link ORDER BY link_id").fetchall()
    assert [(row["number"], row["branch"], row["valid_to"]) for row in rows[:4]] == [
        ("17", "", date(2026, 4, 5)),
        ("18", "", None),
        ("17", "01", date(2026, 4, 5)),
        ("17", "02", date(2026, 4, 5)),
    ]
    assert again.problems == ()


def test_an_end_frees_its_number_for_somebody_else_in_the_same_file(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.take_in(filed_for(TARO))
    office.clock.set("2026-05-10")

    done = counter.take_in(filed_for(HANA, number="17"), loss(on=date(2026, 5, 1)))

    assert [one.outcome for one in done] == [Outcome.RELEASED, Outcome.ENDED]


def test_a_dependent_before_the_acquisition_of_its_file_goes_back(office: SmallWorld) -> None:
    counter = counter_over(office, [TARO, *CHILDREN])

    done = counter.take_in(dependent(CHILDREN[0]), filed_for(TARO))

    assert [one.outcome for one in done] == [Outcome.RETURNED, Outcome.RELEASED]
    assert [problem.code for problem in done[0].problems] == ["insured_not_found"]


def test_what_lies_before_the_acquisition_goes_back_with_the_day_it_began(office: SmallWorld) -> None:
    counter = counter_over(office, [TARO, *CHILDREN])
    counter.take_in(filed_for(TARO))

    [ended] = counter.take_in(loss(on=date(2026, 3, 20)))
    [joined] = counter.take_in(dependent(CHILDREN[0], on=date(2026, 3, 20)))

    told = [(problem.code, problem.item, problem.detail) for problem in (*ended.problems, *joined.problems)]
    assert told == [("end_before_begin", "event_on", "2026-04-01"), ("before_insured", "event_on", "2026-04-01")]
    assert counter.one("SELECT count(*) AS links, max(valid_to) AS ended FROM link") == {"links": 1, "ended": None}


def test_two_files_in_turns_never_break_on_each_other(office: SmallWorld) -> None:
    people = [person(5000 + 7 * place, birth_date=f"19{place + 50}-01-01") for place in range(24)]
    counter = counter_over(office, people)

    def received(first: int) -> list[int]:
        filings = []
        for place in range(first, first + 12, 2):
            filings += [filed_for(people[place], number=str(place)), dependent(people[place + 1], number=str(place))]
        return [one.notice_id for one in counter.receive(*filings)]

    files = [received(0), received(12)]
    with ThreadPoolExecutor(2) as pool:
        done = [one for file in pool.map(counter.register_all, files) for one in file]

    assert len(done) == 24
    assert Outcome.RETURNED not in {one.outcome for one in done}


@pytest.mark.seed("S75")
def test_a_person_at_two_insurers_is_told_to_each_side_of_its_own_link_only(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.take_in(filed_for(TARO))
    moved = filed_for(TARO)
    moved = Filing(moved.kind, date(2026, 4, 1), moved.texts, moved.individual_number)
    counter.take_in(moved, to=office.other_insurer)

    with counter.system("duplicate_check") as work:
        found = counter.answering(work).check_overlaps()

    assert {(overlap.organisation_id, overlap.kind, overlap.others) for overlap in found} == {
        (office.insurer, OverlapKind.MOVED, 1),
        (office.other_insurer, OverlapKind.MOVED, 1),
    }
    with office.work("insurer_clerk") as work:
        rows: list[dict[str, Any]] = list(work.connection.execute("SELECT * FROM qualification_overlap"))
    assert [row["organisation_id"] for row in rows] == [office.insurer]
    assert str(office.other_insurer) not in {
        str(value) for name, value in rows[0].items() if "other" in name and name != "others"
    }

    with counter.system("duplicate_check") as work:
        assert counter.answering(work).check_overlaps() == []


@pytest.mark.seed("S75")
@pytest.mark.parametrize("is_one_receipt", [True, False])
def test_a_second_valid_qualification_at_one_insurer_is_registered_and_held(
    office: SmallWorld, is_one_receipt: bool
) -> None:
    counter = counter_over(office)
    twice = [filed_for(TARO, number=""), filed_for(TARO, number="", with_number=False)]

    done = counter.take_in(*twice) if is_one_receipt else [*counter.take_in(twice[0]), *counter.take_in(twice[1])]

    assert [(one.outcome, one.verdict) for one in done] == [(Outcome.RELEASED, "PROVEN"), (Outcome.HELD, "PROVEN")]
    with counter.system("test") as work:
        rows = list(work.connection.execute("SELECT state, restriction, action, reasons FROM link ORDER BY link_id"))
    assert [(row["state"], row["action"], row["reasons"]) for row in rows] == [
        ("released", "none", []),
        ("held", "correct", ["several_valid_links"]),
    ]
    with counter.system("registration") as work:
        assert counter.answering(work).compare_held() == []


@pytest.mark.seed("S75")
@pytest.mark.parametrize("is_one_receipt", [True, False])
def test_whose_number_somebody_else_carries_wrongly_is_not_held_for_it(
    office: SmallWorld, is_one_receipt: bool
) -> None:
    counter = counter_over(office)
    wrong = filed_for(HANA, number="18")
    wrong = Filing(wrong.kind, wrong.event_on, wrong.texts, filed_for(TARO).individual_number)
    both = [wrong, filed_for(TARO)]

    done = counter.take_in(*both) if is_one_receipt else [*counter.take_in(both[0]), *counter.take_in(both[1])]

    assert [one.outcome for one in done] == [Outcome.STOPPED, Outcome.RELEASED]


@pytest.mark.seed("S75")
def test_what_is_held_for_company_is_released_when_the_loss_of_the_earlier_one_arrives(office: SmallWorld) -> None:
    counter = counter_over(office)
    office.clock.set("2026-05-01")
    counter.take_in(filed_for(TARO))
    again = filed_for(TARO, number="18")
    [held] = counter.take_in(Filing(again.kind, date(2026, 5, 1), again.texts, again.individual_number))
    assert held.outcome is Outcome.HELD

    texts = {name: TEXTS[name] for name in ("symbol", "number", "kana_name", "birth_date")} | {"end_reason": "4"}
    counter.take_in(Filing(NoticeKind.LOSS, date(2026, 5, 1), texts))
    with counter.system("registration") as work:
        [answered] = counter.answering(work).compare_held()

    assert (answered.link_id, answered.is_released) == (held.link_id, True)
    link = counter.one("SELECT state, restriction, reasons FROM link WHERE link_id = %(id)s", id=held.link_id)
    assert link == {"state": "released", "restriction": "NONE", "reasons": []}


@pytest.mark.seed("S75")
def test_a_second_qualification_that_is_right_is_released_by_an_answer(office: SmallWorld) -> None:
    counter = counter_over(office)
    [first, second] = counter.take_in(filed_for(TARO), filed_for(TARO, number="18"))
    assert first.link_id is not None
    assert second.link_id is not None

    with counter.clerk() as desk:
        [compared] = desk.compare_again([second.link_id])
        [answered] = desk.answer([second.link_id], answer="no_doubt", reason="任意継続と重ねて届け出た")
        with pytest.raises(ConflictError):
            desk.answer([first.link_id], answer="no_doubt", reason="x")

    assert (compared.is_released, answered.is_released) == (False, True)
    with counter.clerk() as desk:
        [again] = desk.compare_again([second.link_id])
    assert again.is_released


@pytest.mark.seed("S75")
def test_a_second_qualification_stays_held_when_the_register_answers_later(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.verifier.is_down = True
    [first, second] = counter.take_in(filed_for(TARO), filed_for(TARO, number="18"))
    counter.verifier.is_down = False

    with counter.system("registration") as work:
        answered = counter.answering(work).compare_held()
        again = counter.answering(work).compare_held()

    assert {one.link_id: one.is_released for one in answered} == {first.link_id: True, second.link_id: False}
    assert again == []


@pytest.mark.seed("S75")
def test_an_overlap_is_settled_when_the_loss_arrives(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.take_in(filed_for(TARO))
    office.clock.set("2026-05-01")
    later = filed_for(TARO)
    counter.take_in(Filing(later.kind, date(2026, 5, 1), later.texts, later.individual_number), to=office.other_insurer)
    with counter.system("duplicate_check") as work:
        assert len(counter.answering(work).check_overlaps()) == 2

    texts = {name: TEXTS[name] for name in ("symbol", "number", "kana_name", "birth_date")} | {"end_reason": "4"}
    counter.take_in(Filing(NoticeKind.LOSS, date(2026, 5, 1), texts))
    with counter.system("duplicate_check") as work:
        counter.answering(work).check_overlaps()

    assert counter.one("SELECT count(*) AS open FROM qualification_overlap WHERE settled_on IS NULL") == {"open": 0}


@pytest.mark.seed("S70", "S75")
def test_names_agree_but_the_address_does_not_and_several_are_valid_medical_is_stopped(office: SmallWorld) -> None:
    counter = counter_over(office)
    counter.take_in(filed_for(TARO))
    [elsewhere] = counter.take_in(filed_for(TARO, address="北海道札幌市中央区北一条西二丁目"), to=office.other_insurer)
    assert elsewhere.restriction == "NONE"

    with counter.system("duplicate_check") as work:
        found = counter.answering(work).check_overlaps()

    doubtful = [overlap for overlap in found if overlap.kind is OverlapKind.DOUBTFUL]
    assert [(overlap.organisation_id, overlap.restriction) for overlap in doubtful] == [
        (office.other_insurer, "MEDICAL")
    ]
    row = counter.one("SELECT state, restriction FROM link WHERE link_id = %(id)s", id=elsewhere.link_id)
    assert row == {"state": "stopped", "restriction": "MEDICAL"}
    assert counter.cases.opened[-1].link_id == elsewhere.link_id


def doubtful_link(counter: Counter) -> int:
    """A link whose birth date differs from the register by more than a slip."""
    [registered] = counter.take_in(filed_for(TARO, birth_date="1962-11-23"))
    assert (registered.outcome, registered.verdict) == (Outcome.STOPPED, "DOUBTFUL")
    assert registered.link_id is not None
    return registered.link_id


def test_no_doubt_with_reason_releases_and_holds_until_the_evidence_changes(office: SmallWorld) -> None:
    counter = counter_over(office)
    link_id = doubtful_link(counter)

    with counter.clerk() as desk:
        [answered] = desk.answer([link_id], answer="no_doubt", reason="戸籍で確認した")
    assert answered.is_released
    assert counter.cases.settled == [(link_id, "no_doubt", "戸籍で確認した")]

    with counter.clerk() as desk:
        [again] = desk.compare_again([link_id])
    assert again.is_released

    with counter.clerk() as desk:
        desk.book.correct_items(link_id, items={"birth_date": "1950-01-30"}, reason="typed again")
        [changed] = desk.compare_again([link_id])
    assert not changed.is_released


def test_corrected_items_are_compared_again_and_then_released(office: SmallWorld) -> None:
    counter = counter_over(office)
    link_id = doubtful_link(counter)

    with counter.clerk() as desk:
        [answered] = desk.answer(
            [link_id], answer="corrected", reason="届書の転記誤り", items={"birth_date": TARO["birth_date"]}
        )

    assert (answered.is_released, answered.verdict) == (True, "PROVEN")
    with counter.clerk() as desk:
        acts = [version.act for version in desk.book.history(link_id)]
    assert acts == ["register", "correct_items", "compare"]


def test_a_correction_that_corrects_nothing_leaves_the_record_stopped(office: SmallWorld) -> None:
    counter = counter_over(office)
    link_id = doubtful_link(counter)

    with counter.clerk() as desk:
        [answered] = desk.answer([link_id], answer="corrected", reason="見直した", items={"birth_date": "1962-11-24"})

    assert not answered.is_released


def test_a_link_that_somebody_else_fits_better_is_not_released_by_an_answer(office: SmallWorld) -> None:
    counter = counter_over(office)
    wrong = filed_for(TARO)
    wrong = Filing(wrong.kind, wrong.event_on, wrong.texts, IndividualNumber(int(HANA["individual_number"])))
    [registered] = counter.take_in(wrong)
    assert registered.link_id is not None

    with counter.clerk() as desk:
        [answered] = desk.answer([registered.link_id], answer="no_doubt", reason="本人に確認")

    assert not answered.is_released
    assert counter.one("SELECT state, answer FROM link") == {"state": "stopped", "answer": "no_doubt"}
    assert counter.cases.settled[-1][1] == "no_doubt"


def test_what_a_person_complained_of_is_not_released_because_it_agrees_with_the_register(office: SmallWorld) -> None:
    """An overwritten link agrees in both directions; only its case lets it be seen again."""
    counter = counter_over(office)
    [registered] = counter.take_in(filed_for(TARO))
    assert registered.link_id is not None
    with counter.clerk() as desk:
        desk.book.stop_viewing(registered.link_id, restriction="ALL", reason="case 1: the person says it is not hers")

    with counter.clerk() as desk:
        [again] = desk.compare_again([registered.link_id])
        [answered] = desk.answer([registered.link_id], answer="no_doubt", reason="書類と一致")

    assert (again.is_released, again.verdict, answered.is_released) == (False, "PROVEN", False)
    assert counter.one("SELECT state, restriction FROM link") == {"state": "stopped", "restriction": "ALL"}
    assert counter.cases.settled[-1][1] == "no_doubt"


def test_an_answer_without_a_reason_is_refused(office: SmallWorld) -> None:
    counter = counter_over(office)
    link_id = doubtful_link(counter)

    with counter.clerk() as desk, pytest.raises(UsageError, match="Say why"):
        desk.answer([link_id], answer="no_doubt", reason=" ")


def test_many_links_are_answered_at_once(office: SmallWorld) -> None:
    counter = counter_over(office)
    links = [doubtful_link(counter)]
    [second] = counter.take_in(filed_for(HANA, birth_date="1962-11-23", number="18"))
    assert second.link_id is not None
    links.append(second.link_id)

    with counter.clerk() as desk:
        answered = desk.answer(links, answer="no_doubt", reason="窓口で確認")

    assert [one.is_released for one in answered] == [True, True]


def test_another_insurers_link_cannot_be_answered(office: SmallWorld) -> None:
    counter = counter_over(office)
    link_id = doubtful_link(counter)

    with counter.clerk(of=office.other_insurer) as desk:
        assert desk.answer([link_id], answer="no_doubt", reason="x") == []
    assert counter.one("SELECT state FROM link") == {"state": "stopped"}


@pytest.mark.seed("S65", "S69")
def test_an_employer_files_through_its_own_place_of_work_only(office: SmallWorld) -> None:
    counter = counter_over(office)

    with pytest.raises(NotAllowedError, match="no place of work"):
        counter.receive(filed_for(TARO), role="employer", channel=Channel.WEB)

    counter.enrol(employer=office.employer)
    [received] = counter.receive(filed_for(TARO), role="employer", channel=Channel.WEB)

    assert received.state is NoticeState.RECEIVED
    with office.work("employer") as work:
        own = list(work.connection.execute("SELECT notice_id FROM notice"))
        links = list(work.connection.execute("SELECT link_id FROM link"))
    assert (len(own), links) == (1, [])
    with office.work("employer", of=office.other_employer) as work:
        assert list(work.connection.execute("SELECT notice_id FROM notice")) == []
