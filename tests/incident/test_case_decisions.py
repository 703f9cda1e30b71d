"""What may happen to a case next, and what is refused with which reason."""

from __future__ import annotations

from datetime import date

import pytest
from states import OPENED_ON, OPENING, Story

from himozuke.errors import ConflictError, NotAllowedError, RuleRefusedError, UsageError
from himozuke.incident import decide, decide_after
from himozuke.incident.decide import Confirmation, Past
from himozuke.incident.decide_after import Correction, RegistrationAnswer
from himozuke.incident.model import Channel, EventKind, Finding, Reply, Result, Step, StepState
from himozuke.incident.steps import next_step, standing
from himozuke.ports.office import CaseOpening, Origin
from himozuke.rules.loader import load

RULES = load()
NOT_PAST = Past(None)
WRONG = Confirmation(Result.WRONG, "papers", "届書の番号と違う")
RIGHT = Confirmation(Result.RIGHT, "papers", "届書の番号と一致")


def papers(story: Story, finding: Finding = Finding.UNCLEAR) -> None:
    story.add(decide.check_papers(story.state, finding=finding, note_="届書"))


def asked(story: Story) -> None:
    papers(story)
    story.add(decide.employer_answered(story.state, finding=Finding.NONE, note_="退職"))


def confirmed(result: Confirmation) -> Story:
    story = Story()
    papers(story, Finding.OTHERS if result.result is Result.WRONG else Finding.OWN)
    story.add(decide.confirm(story.state, result, today=OPENED_ON))
    return story


@pytest.mark.seed("S94")
def test_the_person_is_asked_after_own_papers_and_the_employer() -> None:
    story = Story()
    with pytest.raises(ConflictError, match="Own papers come first"):
        decide.may_write(story.state, past=NOT_PAST, is_protected=False, rules=RULES, today=OPENED_ON)
    papers(story)
    with pytest.raises(ConflictError, match="then the employer"):
        decide.may_write(story.state, past=NOT_PAST, is_protected=False, rules=RULES, today=OPENED_ON)
    story.add(decide.employer_answered(story.state, finding=Finding.NONE, note_="退職"))

    decide.may_write(story.state, past=NOT_PAST, is_protected=False, rules=RULES, today=OPENED_ON)


def test_papers_that_decide_spare_the_employer_and_the_person() -> None:
    story = Story()
    papers(story, Finding.OWN)

    assert standing(story.state, Step.EMPLOYER) is StepState.NOT_NEEDED
    assert standing(story.state, Step.PERSON) is StepState.NOT_NEEDED
    assert next_step(story.state) is Step.CONFIRM


def test_nobody_is_written_to_about_a_past_status_since_september_2023() -> None:
    story = Story(on=date(2023, 9, 1))
    asked(story)
    ended = Past(date(2022, 3, 31))

    decide.may_write(story.state, past=ended, is_protected=False, rules=RULES, today=date(2023, 9, 6))
    with pytest.raises(RuleRefusedError, match="R-JLIS"):
        decide.may_write(story.state, past=ended, is_protected=False, rules=RULES, today=date(2023, 9, 7))
    with pytest.raises(RuleRefusedError, match="2022-03-31"):
        decide.ask_otherwise(
            story.state, past=ended, how="telephone", reason="電話", rules=RULES, today=date(2026, 4, 1)
        )


def test_a_status_that_ends_in_the_future_is_not_past() -> None:
    story = Story()
    asked(story)

    decide.may_write(story.state, past=Past(date(2027, 3, 31)), is_protected=False, rules=RULES, today=date(2026, 4, 1))


def test_a_protected_person_gets_no_letter_but_another_way_is_named() -> None:
    story = Story()
    asked(story)

    with pytest.raises(RuleRefusedError, match=r"counter.*telephone.*office that supports"):
        decide.may_write(story.state, past=NOT_PAST, is_protected=True, rules=RULES, today=OPENED_ON)

    story.add(
        decide.ask_otherwise(
            story.state, past=NOT_PAST, how="counter", reason="窓口で面談", rules=RULES, today=OPENED_ON
        )
    )
    assert story.state.asked_otherwise == "counter"
    assert standing(story.state, Step.PERSON) is StepState.WAITING


def test_a_reminder_comes_after_the_last_day_of_the_first_letter() -> None:
    story = Story()
    asked(story)
    sent = decide.letter_sent("inquiry", letter_id=7, reply_by=date(2026, 4, 15), reminder_of=None)
    story.add([sent])

    with pytest.raises(ConflictError, match="2026-04-15"):
        decide.remind(story.state, today=date(2026, 4, 15))
    assert decide.remind(story.state, today=date(2026, 4, 16)) == OPENED_ON


def test_a_letter_that_came_back_opens_the_step_again() -> None:
    story = Story()
    asked(story)
    story.add([decide.letter_sent("inquiry", letter_id=7, reply_by=date(2026, 4, 15), reminder_of=None)])
    assert standing(story.state, Step.PERSON) is StepState.WAITING

    story.add(decide.letter_returned(story.state, letter_id=7, reason="あて所なし"))

    assert standing(story.state, Step.PERSON) is StepState.OPEN
    with pytest.raises(ConflictError, match="come back already"):
        decide.letter_returned(story.state, letter_id=7, reason="あて所なし")


def test_right_or_wrong_needs_a_basis() -> None:
    story = Story()
    papers(story)

    with pytest.raises(ConflictError, match="Nothing has been found"):
        decide.confirm(story.state, WRONG, today=OPENED_ON)


@pytest.mark.seed("S76")
def test_a_link_confirmed_wrong_is_wholly_stopped_by_the_same_act() -> None:
    story = Story(CaseOpening(1, 1, Origin.INSPECTION, "MEDICAL", "DOUBTFUL", ()))
    papers(story, Finding.OTHERS)

    happened = decide.confirm(story.state, WRONG, today=OPENED_ON)

    assert [one.kind for one in happened] == [EventKind.CONFIRMED, EventKind.VIEWING_STOPPED]
    assert story.add(happened).stopped_as == "ALL"


def test_the_day_it_was_known_may_be_earlier_than_the_confirmation_but_not_later() -> None:
    story = Story()
    papers(story, Finding.OTHERS)
    with pytest.raises(UsageError):
        decide.confirm(
            story.state,
            Confirmation(Result.WRONG, "papers", "違う", known_on=date(2026, 4, 9)),
            today=date(2026, 4, 8),
        )

    earlier = Confirmation(Result.WRONG, "papers", "違う", known_on=date(2026, 4, 2))
    state = story.add(decide.confirm(story.state, earlier, today=date(2026, 4, 8)), on=date(2026, 4, 8))

    assert (state.known_on, state.confirmed_on) == (date(2026, 4, 2), date(2026, 4, 8))


def test_the_one_who_proposed_a_correction_cannot_approve_it() -> None:
    story = confirmed(WRONG)
    given = Correction("本人のカード", {}, b"sealed", "PROVEN")
    story.add(decide_after.propose_correction(story.state, given), by="clerk")

    with pytest.raises(NotAllowedError, match="you proposed it"):
        decide_after.approve_correction(story.state, by_login="clerk")
    assert decide_after.approve_correction(story.state, by_login="other").individual_number_sealed == b"sealed"


def test_the_one_who_proposed_a_release_cannot_approve_it() -> None:
    story = confirmed(RIGHT)
    story.add(decide_after.propose_release(story.state, reason="本人の番号"), by="clerk")

    with pytest.raises(NotAllowedError, match="you proposed it"):
        decide_after.approve_release(story.state, by_login="clerk")
    story.add(decide_after.approve_release(story.state, by_login="other"), by="other")
    assert story.state.released_on == OPENED_ON


def test_a_right_link_needs_no_correction_no_report_and_no_publication() -> None:
    story = confirmed(RIGHT)

    needed = {step for step in Step if standing(story.state, step) is not StepState.NOT_NEEDED}

    assert needed == {Step.STOP, Step.PAPERS, Step.CONFIRM, Step.RELEASE}
    with pytest.raises(ConflictError):
        decide_after.propose_correction(story.state, Correction("理由", {}, b"sealed"))


def test_a_wrong_link_is_not_released_before_it_is_corrected_and_viewings_are_found() -> None:
    story = confirmed(WRONG)

    with pytest.raises(ConflictError, match="release"):
        decide_after.propose_release(story.state, reason="急ぎ")


def test_a_confirmation_is_taken_back_until_something_followed_from_it() -> None:
    story = confirmed(WRONG)
    story.add(decide.undo_confirmation(story.state, reason="届書の見間違い"))
    assert story.state.result is None
    assert story.state.is_stopped

    story.add(decide.confirm(story.state, WRONG, today=OPENED_ON))
    given = Correction("本人のカード", {}, b"sealed")
    story.add(decide_after.propose_correction(story.state, given))
    story.add([decide_after.corrected(decide_after.approve_correction(story.state, by_login="other"), version=3)])
    with pytest.raises(ConflictError):
        decide.undo_confirmation(story.state, reason="届書の見間違い")


def test_a_text_never_holds_an_individual_number() -> None:
    story = Story()

    for text in ("番号は000000010014", "０００００００１００１４ です", "0000-0001-0014"):
        with pytest.raises(UsageError, match="Individual Number"):
            decide.note(story.state, text)
    with pytest.raises(UsageError, match="empty"):
        decide.note(story.state, "  ")


def test_an_answer_with_changes_says_which() -> None:
    story = Story()
    asked(story)

    with pytest.raises(UsageError, match="which items"):
        decide.person_answered(
            story.state, reply=Reply.OWN_WITH_CHANGES, channel=Channel.PAPER, wrong_items={}, note_="", letter_id=None
        )


def answered(answer: str, **parts: bool) -> RegistrationAnswer:
    standard = {"is_stopped": True, "needs_two_people": False, "changed_after_seen": False}
    return RegistrationAnswer(answer, "届書で確認", **{**standard, **parts})


def test_no_doubt_with_reason_settles_a_case_unless_two_people_must_look() -> None:
    doubtful, refuted = Story(), Story()

    doubtful.add(decide_after.settle(doubtful.state, answered("no_doubt")))
    refuted.add(decide_after.settle(refuted.state, answered("no_doubt", needs_two_people=True)))

    assert doubtful.state.result is Result.RIGHT
    assert next_step(doubtful.state) is None
    assert refuted.state.result is None
    assert next_step(refuted.state) is Step.CONFIRM


def test_a_number_changed_after_it_was_seen_leaves_the_question_who_saw_what() -> None:
    story = Story()

    story.add(decide_after.settle(story.state, answered("corrected", is_stopped=False, changed_after_seen=True)))

    assert story.state.result is Result.WRONG
    assert next_step(story.state) is Step.EXPOSURE


def test_a_closed_case_takes_no_act() -> None:
    story = Story()
    story.add(decide_after.settle(story.state, answered("no_doubt")))
    story.add(decide.closing(story.state))

    with pytest.raises(ConflictError, match="closed"):
        decide.note(story.state, "追記")


def test_a_stop_is_never_loosened_by_another_stop() -> None:
    story = Story(OPENING)

    with pytest.raises(ConflictError, match="release"):
        decide.stop_viewing(story.state, restriction="MEDICAL", reason="緩める")
