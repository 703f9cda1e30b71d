"""Every clock of a case: from when, until when, by which rule."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from states import Story
from test_case_decisions import asked, papers

from himozuke.entrypoints.web.incident.case_view import group_name
from himozuke.entrypoints.web.rendering import cited
from himozuke.errors import HimozukeError
from himozuke.incident import decide, decide_after
from himozuke.incident.clocks import ClockState, clocks, next_due, reply_by
from himozuke.incident.decide import Confirmation
from himozuke.incident.decide_after import Correction, ExposureOutside
from himozuke.incident.model import CaseState, Channel, Finding, Happening, Reply, Result
from himozuke.incident.steps import next_step
from himozuke.ports.office import CaseOpening, Origin
from himozuke.rules.loader import load

RULES = load()
OUTSIDE = CaseOpening(1, None, Origin.INSPECTION, "ALL", "REFUTED", ())


def wrong(on: date, *, is_malicious: bool = False) -> Story:
    story = Story(OUTSIDE, on=on)
    story.add(decide.check_papers(story.state, finding=Finding.OTHERS, note_="届書"), on=on)
    story.add(decide.confirm(story.state, Confirmation(Result.WRONG, "papers", "違う"), today=on), on=on)
    found = ExposureOutside(on, on, 1, 1, "記録", is_malicious=is_malicious)
    story.add(decide_after.find_exposure_outside(story.state, found), on=on)
    return story


def due(story: Story, name: str) -> date:
    return next(clock.due_on for clock in clocks(story.state, RULES) if clock.name == name)


def test_viewing_is_to_be_stopped_the_same_day_also_on_a_sunday() -> None:
    story = Story(CaseOpening(1, 1, Origin.CALL, "ALL", None, ()), on=date(2026, 4, 5))

    [stop] = [clock for clock in clocks(story.state, RULES) if clock.name == "stop"]

    assert (stop.due_on, stop.met_on) == (date(2026, 4, 5), date(2026, 4, 5))


@pytest.mark.seed("S76")
def test_the_prompt_report_is_due_on_the_fifth_day_of_knowing_whether_offices_work_or_not() -> None:
    story = wrong(date(2026, 4, 1))

    assert due(story, "prompt") == date(2026, 4, 5)  # a Sunday
    [prompt] = [clock for clock in clocks(story.state, RULES) if clock.name == "prompt"]
    assert prompt.state(date(2026, 4, 2)) is ClockState.RUNNING
    assert prompt.state(date(2026, 4, 3)) is ClockState.PRESSING
    assert prompt.state(date(2026, 4, 6)) is ClockState.OVERDUE


def test_the_final_report_is_due_in_thirty_days_and_moves_on_to_a_working_day() -> None:
    assert due(wrong(date(2026, 4, 1)), "final") == date(2026, 4, 30)
    assert due(wrong(date(2026, 4, 3)), "final") == date(2026, 5, 7)  # 2 May is a Saturday, then holidays


def test_a_dishonest_purpose_gives_sixty_days() -> None:
    assert due(wrong(date(2026, 4, 1), is_malicious=True), "final") == date(2026, 6, 1)  # 30 May is a Saturday


def test_before_the_amendment_of_april_2022_no_days_were_set() -> None:
    story = wrong(date(2022, 3, 31))

    assert {"prompt", "final"} & {clock.name for clock in clocks(story.state, RULES)} == set()


def test_the_nearest_day_that_is_not_met_leads_the_list() -> None:
    story = Story()
    nearest = []
    for happened in (
        [],
        decide.check_papers(story.state, finding=Finding.UNCLEAR, note_="届書"),
        decide.ask_employer(with_papers().state, note_="電話"),
    ):
        story.add(happened)
        clock = next_due(story.state, RULES)
        assert clock is not None
        nearest.append((clock.name, clock.due_on))

    assert nearest == [("papers", date(2026, 4, 6)), ("ask", date(2026, 4, 6)), ("employer", date(2026, 4, 15))]


def with_papers() -> Story:
    story = Story()
    papers(story)
    return story


def test_a_letter_is_answered_within_fourteen_days_and_then_reminded() -> None:
    story = Story()
    asked(story)
    by = reply_by(date(2026, 4, 1), RULES)
    story.add([decide.letter_sent("inquiry", letter_id=1, reply_by=by, reminder_of=None)])

    assert by == date(2026, 4, 15)
    assert due(story, "reply") == by
    assert due(story, "reminder") == date(2026, 4, 20)  # three days later is a Saturday


def test_every_clock_names_the_rule_it_runs_by() -> None:
    for clock in clocks(wrong(date(2026, 4, 1)).state, RULES):
        assert clock.source == RULES.entry(clock.rule, clock.since).source


def walk(seed: int) -> Iterator[tuple[str, Story]]:
    """A case that somebody carries in whatever order is let happen; each act and where it leads."""
    chance = random.Random(seed)
    story = Story(CaseOpening(1, None, Origin.CALL, chance.choice(["NONE", "MEDICAL", "ALL"]), None, ()))
    day = date(2026, 4, 1)
    for _ in range(40):
        name, act = chance.choice(ACTS)
        day += timedelta(days=chance.randrange(3))
        try:
            happened = act(story.state, day, chance)
        except HimozukeError:
            continue
        story.add(happened, on=day, by=chance.choice(["clerk", "other"]))
        story.add(decide.closing(story.state), on=day)
        yield name, story


Walked = Callable[[CaseState, date, random.Random], Sequence[Happening]]
ACTS: list[tuple[str, Walked]] = [
    (
        "papers",
        lambda state, _day, chance: decide.check_papers(state, finding=chance.choice(list(Finding)), note_="届"),
    ),
    ("ask employer", lambda state, _day, _chance: decide.ask_employer(state, note_="電話")),
    (
        "employer",
        lambda state, _day, chance: decide.employer_answered(state, finding=chance.choice(list(Finding)), note_="回答"),
    ),
    (
        "otherwise",
        lambda state, day, _chance: decide.ask_otherwise(
            state, past=decide.Past(None), how="counter", reason="窓口", rules=RULES, today=day
        ),
    ),
    (
        "reply",
        lambda state, _day, chance: decide.person_answered(
            state, reply=chance.choice(list(Reply)), channel=Channel.COUNTER, wrong_items={}, note_="聞", letter_id=None
        ),
    ),
    (
        "confirm",
        lambda state, day, chance: decide.confirm(
            state, Confirmation(chance.choice(list(Result)), "papers", "理由"), today=day
        ),
    ),
    ("undo", lambda state, _day, _chance: decide.undo_confirmation(state, reason="見間違い")),
    (
        "propose",
        lambda state, _day, _chance: decide_after.propose_correction(state, Correction("理由", {"address": "住所"})),
    ),
    (
        "correct",
        lambda state, _day, _chance: [
            decide_after.corrected(decide_after.approve_correction(state, by_login="third"), version=None)
        ],
    ),
    (
        "exposure",
        lambda state, day, chance: decide_after.find_exposure_outside(
            state, ExposureOutside(day, day, chance.randrange(2), 0, "記録")
        ),
    ),
    ("waive", lambda state, _day, _chance: decide_after.waive_report(state, reason="閲覧なし", rules=RULES)),
    ("not told", lambda state, _day, _chance: decide_after.not_told(state, reason="転居先不明", rules=RULES)),
    ("release", lambda state, _day, _chance: decide_after.propose_release(state, reason="訂正済み")),
    ("released", lambda state, _day, _chance: decide_after.approve_release(state, by_login="third")),
    ("published", lambda state, _day, _chance: decide_after.published(state, version=1)),
]


def test_in_whatever_state_an_open_case_is_a_clock_runs_and_the_next_step_is_named() -> None:
    ended = 0
    for seed in range(400):
        for name, story in walk(seed):
            if story.state.is_open:
                assert next_due(story.state, RULES) is not None, (seed, name, story.state)
                assert next_step(story.state) is not None, (seed, name, story.state)
            ended += not story.state.is_open
    assert ended > 20


def test_every_rule_behind_a_clock_or_a_duty_says_its_source_in_both_languages() -> None:
    keys = [key for key in RULES.keys() if key.startswith(("incident.", "leak."))]

    assert len(keys) > 20
    for entry in (entry for key in keys for entry in RULES.entries(key)):
        assert entry.source_en, entry.key
        assert entry.source_en.isascii(), entry.key
        assert not cited(entry.source, "ja").isascii(), entry.key
        assert "businesslawyers" not in cited(entry.source, "ja")
        assert not re.match(r"[GMSR][-, \d:]", cited(entry.source, "ja")), entry.source


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("registration:2026-11-25:C2", "届出の登録 令和8年11月25日"),
        ("duplicate_check:2026-11-25", "資格の重複の確認 令和8年11月25日"),
        ("inspection/1/C4/B14", "点検 1　入力単位 B14"),
        ("call:others_shown", "問合せ："),
        ("citizen:not_mine", "本人からの確認の申出：この記録に心当たりがない（自分のものではない）"),
        ("reply:not_own", "結論の後に届いた本人の回答："),
        ("whole_register", "登録データ全体の突合"),
    ],
)
def test_a_group_is_named_by_what_it_has_come_from(key: str, told: str) -> None:
    desk: Any = SimpleNamespace(language="ja", say=lambda ja, _en: ja)

    name = group_name(desk, key)

    assert name.startswith(told)
    assert not re.search("[a-z_]{2}", name)
