"""Which steps of a case are done, open, waiting or not needed, and which comes next. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from himozuke.incident.model import DECISIVE, CaseState, Result, Step, StepState

Standing = tuple[Step, StepState]


def standings(state: CaseState) -> Sequence[Standing]:
    """Every step in its usual order with where it stands."""
    return [(step, standing(state, step)) for step in Step]


def standing(state: CaseState, step: Step) -> StepState:
    """Where one step stands."""
    return _STANDINGS[step](state)


def next_step(state: CaseState) -> Step | None:
    """The step somebody can do something about, the first in the usual order; None when nothing is left.

    The final report has weeks: once the prompt one is in, the person and the release come before it. When
    every remaining step waits, the first of those.
    """
    found = standings(state)
    opened = [step for step, where in found if where is StepState.OPEN]
    if state.prompt_on is not None:
        opened.sort(key=lambda step: (step is Step.PUBLISH, step is Step.REPORT))
    waiting = [step for step, where in found if where is StepState.WAITING]
    return next(iter(opened or waiting), None)


def is_finished(state: CaseState) -> bool:
    """Whether every step is done or not needed."""
    return next_step(state) is None


def has_basis(state: CaseState) -> bool:
    """Whether something has been found by which right or wrong can be confirmed."""
    return _papers_decide(state) or _employer_decides(state) or state.person is not None


def _papers_decide(state: CaseState) -> bool:
    return state.papers is not None and state.papers.finding in DECISIVE


def _employer_decides(state: CaseState) -> bool:
    return state.employer is not None and state.employer.finding in DECISIVE


def _done(*, is_done: bool, is_open: bool) -> StepState:
    if is_done:
        return StepState.DONE
    return StepState.OPEN if is_open else StepState.WAITING


def _stop(state: CaseState) -> StepState:
    if state.stopped_on is not None:
        return StepState.DONE
    return StepState.NOT_NEEDED if state.restriction == "NONE" else StepState.OPEN


def _papers(state: CaseState) -> StepState:
    if state.papers is None and state.result is not None:
        return StepState.NOT_NEEDED
    return _done(is_done=state.papers is not None, is_open=True)


def _employer(state: CaseState) -> StepState:
    if state.employer is not None:
        return StepState.DONE
    if state.result is not None or _papers_decide(state):
        return StepState.NOT_NEEDED
    return _done(is_done=False, is_open=state.papers is not None and state.employer_asked_on is None)


def _person(state: CaseState) -> StepState:
    if state.person is not None:
        return StepState.DONE
    if state.result is not None or _papers_decide(state) or _employer_decides(state):
        return StepState.NOT_NEEDED
    letter = state.last_letter
    is_out = letter is not None and letter.returned_on is None
    is_asked = is_out or bool(state.asked_otherwise)
    return _done(is_done=False, is_open=state.employer is not None and not is_asked)


def _confirm(state: CaseState) -> StepState:
    is_settled = state.result is not None and state.contradicted_on is None
    return _done(is_done=is_settled, is_open=has_basis(state))


def _correct(state: CaseState) -> StepState:
    if state.result is Result.RIGHT:
        return StepState.NOT_NEEDED
    return _done(is_done=state.corrected_on is not None, is_open=state.result is not None)


def _after_wrong(
    is_done: Callable[[CaseState], bool], is_open: Callable[[CaseState], bool]
) -> Callable[[CaseState], StepState]:
    """A step that only a wrong link needs."""

    def stand(state: CaseState) -> StepState:
        if state.result in {Result.RIGHT, Result.RECORD}:
            return StepState.NOT_NEEDED
        return _done(is_done=is_done(state), is_open=state.result is Result.WRONG and is_open(state))

    return stand


def _is_reported(state: CaseState) -> bool:
    return state.final_on is not None or bool(state.report_waived)


def _release(state: CaseState) -> StepState:
    if state.stopped_on is None:
        return StepState.NOT_NEEDED if state.result is not None else StepState.WAITING
    is_free = state.contradicted_on is None and (
        state.result is Result.RIGHT
        or (state.corrected_on is not None and (state.result is Result.RECORD or state.exposure is not None))
    )
    return _done(is_done=state.released_on is not None, is_open=is_free)


_STANDINGS: Mapping[Step, Callable[[CaseState], StepState]] = {
    Step.STOP: _stop,
    Step.PAPERS: _papers,
    Step.EMPLOYER: _employer,
    Step.PERSON: _person,
    Step.CONFIRM: _confirm,
    Step.CORRECT: _correct,
    Step.EXPOSURE: _after_wrong(lambda state: state.exposure is not None, lambda _state: True),
    Step.REPORT: _after_wrong(_is_reported, lambda state: state.exposure is not None),
    Step.TELL: _after_wrong(
        lambda state: state.told_on is not None or bool(state.not_told),
        lambda state: state.exposure is not None and state.corrected_on is not None,
    ),
    Step.RELEASE: _release,
    Step.PUBLISH: _after_wrong(
        lambda state: state.published_on is not None,
        lambda state: state.corrected_on is not None and state.exposure is not None,
    ),
}
