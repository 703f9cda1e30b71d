"""Letters to the person: to whom they never go, what is kept, and the answer through the one-time address."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from case_world import NAMESAKE, PERSON, CaseOffice, add_link, case_office, opening
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk

from himozuke.errors import ConflictError, MissingGlyphError, RuleRefusedError, UpstreamDownError
from himozuke.incident import decide
from himozuke.incident.decide import Confirmation
from himozuke.incident.model import Case, Channel, Finding, Reply, Result
from himozuke.ports.letters import InquiryLetter, Letter, Printed


class Peephole:
    """A printer through which one sees what is printed."""

    def __init__(self, printer: Any) -> None:
        self.printer = printer
        self.printed: list[Printed] = []

    def print_letter(self, content: Printed) -> Letter:
        self.printed.append(content)
        letter: Letter = self.printer.print_letter(content)
        return letter


def ready_to_write(cases: CaseOffice, **link: Any) -> int:
    link_id = add_link(cases.world, body=22, **link)
    with cases.bench() as bench:
        case_id = bench.cases.open_case(opening(cases.world, link_id))
        bench.cases.act(case_id, lambda state: decide.check_papers(state, finding=Finding.UNCLEAR, note_="届書"))
        bench.cases.act(case_id, lambda state: decide.employer_answered(state, finding=Finding.NONE, note_="退職"))
    return case_id


def write(cases: CaseOffice, case_id: int) -> tuple[Case, InquiryLetter]:
    with cases.bench() as bench:
        peephole = Peephole(bench.printer)
        object.__setattr__(bench.asking._post, "printer", peephole)
        case = bench.asking.print_inquiry(case_id)
    [content] = peephole.printed
    assert isinstance(content, InquiryLetter)
    return case, content


def test_the_letter_speaks_of_what_is_held_and_never_of_the_number(office: SmallWorld) -> None:
    cases = case_office(office)
    case, content = write(cases, ready_to_write(cases))

    assert [item.value for item in content.items][:3] == ["山田　太郎", "ヤマダ　タロウ", "昭和50年4月2日"]
    assert content.reply_by == date(2026, 4, 15)
    assert PERSON["individual_number"] not in repr(content)
    assert NAMESAKE["individual_number"] not in repr(content)
    assert case.state.last_letter is not None
    assert_audited_ever(office, "incident.print_letter")


@pytest.mark.parametrize("who", [PERSON, NAMESAKE])
def test_nobody_who_may_be_protected_is_written_to(office: SmallWorld, who: dict[str, str]) -> None:
    people = [{**one, "protected": "1" if one is who else "0"} for one in (PERSON, NAMESAKE)]
    cases = case_office(office, people)
    case_id = ready_to_write(cases)

    with cases.bench() as bench, pytest.raises(RuleRefusedError, match="protection"):
        bench.asking.print_inquiry(case_id)

    assert cases.state(case_id).letters == ()


def test_nobody_is_written_to_while_the_register_does_not_answer(office: SmallWorld) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases)
    cases.register.is_down = True

    with cases.bench() as bench, pytest.raises(UpstreamDownError, match="under protection"):
        bench.asking.print_inquiry(case_id)


def test_a_past_status_and_a_missing_address_print_nothing(office: SmallWorld) -> None:
    cases = case_office(office)
    past = ready_to_write(cases, valid_to=date(2026, 3, 31))
    with cases.bench() as bench, pytest.raises(RuleRefusedError, match="2026-03-31"):
        bench.asking.print_inquiry(past)

    no_address = ready_to_write(cases, address="", scheme_number="other")
    with cases.bench() as bench, pytest.raises(ConflictError, match="no address"):
        bench.asking.print_inquiry(no_address)

    assert cases.state(past).letters == ()


def test_a_name_that_cannot_be_drawn_stops_the_print_and_nothing_is_filed(office: SmallWorld) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases, kanji_name="山田　\ue123")

    with pytest.raises(MissingGlyphError, match="E123"), cases.bench() as bench:
        bench.asking.print_inquiry(case_id)

    with cases.bench() as bench:
        assert bench.letters.letters(case_id) == []
    assert cases.state(case_id).letters == ()


def test_a_paper_form_is_found_by_its_code(office: SmallWorld) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases)
    _, content = write(cases, case_id)

    with cases.bench() as bench:
        letter = bench.asking.reply_by_code(content.reply_code.lower())
        bench.cases.act(
            case_id,
            lambda state: decide.person_answered(
                state, reply=Reply.OWN, channel=Channel.PAPER, wrong_items={}, note_="", letter_id=letter.letter_id
            ),
        )

    assert letter.case_id == case_id
    answered = cases.state(case_id).person
    assert answered is not None
    assert answered.channel is Channel.PAPER


def token_of(content: InquiryLetter) -> str:
    return content.reply_url.rsplit("/", 1)[1]


def test_the_person_answers_once_without_a_login(office: SmallWorld, visitor_desk: Desk) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases)
    _, content = write(cases, case_id)
    path = f"/r/{token_of(content)}"

    shown = visitor_desk.get(path)
    checked = visitor_desk.submit(path, {"reply": "own_with_changes", "items": "address", "right-address": "引越先"})
    done = visitor_desk.submit(
        path, {"reply": "own_with_changes", "items": "address", "right-address": "引越先", "checked": "1"}
    )
    again = visitor_desk.submit(path, {"reply": "own", "checked": "1"})

    assert shown.status_code == 200
    assert content.document_number in shown.text
    for secret in ("山田", "ヤマダ", "1975", "昭和50年", "霞が関", "101", "REFUTED"):
        assert secret not in re.sub(r"<[^>]+>", "", shown.text), secret
    assert "引越先" in checked.text
    assert cases.state(case_id).person is not None
    assert "回答を受け付けました" in done.text
    assert again.status_code == 404
    answer = cases.state(case_id).person
    assert answer is not None
    assert (answer.reply, answer.channel, dict(answer.wrong_items)) == (
        Reply.OWN_WITH_CHANGES, Channel.WEB, {"address": "引越先"}
    )  # fmt: skip


def test_a_wrong_address_says_the_same_as_a_used_one_and_guessing_is_stopped(
    office: SmallWorld, visitor_desk: Desk
) -> None:
    cases = case_office(office)
    _, content = write(cases, ready_to_write(cases))
    first = visitor_desk.get("/r/guessed")

    for place in range(9):
        visitor_desk.get(f"/r/guess-{place}")

    assert first.status_code == 404
    assert "回答済み" in first.text
    assert visitor_desk.get(f"/r/{token_of(content)}").status_code == 429
    office.clock.set("2026-04-01T09:11")
    assert visitor_desk.get(f"/r/{token_of(content)}").status_code == 200


def test_the_address_closes_thirty_days_after_the_last_day(office: SmallWorld, visitor_desk: Desk) -> None:
    cases = case_office(office)
    _, content = write(cases, ready_to_write(cases))

    office.clock.set("2026-05-15")
    assert visitor_desk.get(f"/r/{token_of(content)}").status_code == 200
    office.clock.set("2026-05-16")
    assert visitor_desk.get(f"/r/{token_of(content)}").status_code == 404


def test_an_answer_that_comes_after_the_confirmation_is_kept_all_the_same(
    office: SmallWorld, visitor_desk: Desk, desk: Callable[..., Desk]
) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases)
    _, content = write(cases, case_id)
    with cases.bench() as bench:
        bench.cases.act(
            case_id, lambda state: decide.check_papers(state, finding=Finding.OWN, note_="届書が見つかった")
        )
        right = Confirmation(Result.RIGHT, "papers", "一致")
        bench.cases.act(case_id, lambda state: decide.confirm(state, right, today=office.clock.today()))

    visitor_desk.submit(f"/r/{token_of(content)}", {"reply": "not_own", "note": "引っ越しました", "checked": "1"})

    assert "自分のものではない" in desk("insurer_clerk").get(f"/cases/{case_id}").text


def test_the_address_is_closed_when_the_answer_came_on_paper(
    office: SmallWorld, visitor_desk: Desk, desk: Callable[..., Desk]
) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases)
    _, content = write(cases, case_id)
    office.clock.set("2026-04-02")
    paper = {"reply": "own", "channel": "paper", "note": "すべて自分のもの"}
    assert desk("insurer_clerk").submit(f"/cases/{case_id}/person/answer", paper).status_code == 200
    path = f"/r/{token_of(content)}"

    shown = visitor_desk.get(path)
    sent = visitor_desk.submit(path, {"reply": "not_own", "checked": "1"})

    assert (shown.status_code, sent.status_code) == (410, 410)
    assert "すでに受け付けています" in shown.text
    assert "自分のものではない" not in desk("insurer_clerk").get(f"/cases/{case_id}").text
    answer = cases.state(case_id).person
    assert answer is not None
    assert (answer.reply, answer.channel) == (Reply.OWN, Channel.PAPER)


def test_overdue_cases_are_raised_to_the_supervisor_once(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    cases = case_office(office)
    case_id = ready_to_write(cases)
    write(cases, case_id)
    office.clock.set("2026-04-16")

    for _ in range(2):
        with cases.program("escalation") as bench:
            for overdue in bench.cases.overdue():
                bench.cases.escalate(overdue)

    assert cases.state(case_id).escalated == frozenset({("reply", date(2026, 4, 15))})
    assert_audited_ever(office, "incident.escalated")
    assert "期限超過の報告" in desk("insurer_supervisor").get("/").text
    assert f'href="/cases/{case_id}"' in desk("insurer_supervisor").get("/cases?due=escalated").text
