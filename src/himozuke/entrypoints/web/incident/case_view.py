"""What the pages of a case show: steps, clocks, the comparison side by side, the timeline in words."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from litestar import Response

from himozuke.entrypoints.web import form_token
from himozuke.entrypoints.web.actors import actor_names, program_name
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import day, moment, word
from himozuke.entrypoints.web.said import Said, sentence_of
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import (
    ConflictError,
    HimozukeError,
    InputRejectedError,
    MissingGlyphError,
    NotAllowedError,
    RuleRefusedError,
    UpstreamDownError,
    UsageError,
)
from himozuke.incident.asking import item_text
from himozuke.incident.clocks import CaseClock, ClockState, clocks
from himozuke.incident.letter_store import FiledLetter
from himozuke.incident.model import Case, Event, EventKind, Step, StepState
from himozuke.incident.refusal import Refusal
from himozuke.incident.service import TAKEN_OTHERWISE
from himozuke.incident.steps import next_step, standings
from himozuke.incident.store import SEPARATOR
from himozuke.incident.words import playbook
from himozuke.ports.actor import Role
from himozuke.ports.office import LinkRecord
from himozuke.ports.protected_people import birth_of
from himozuke.ports.protection import ADDRESS_WITHHELD, may_read_document, may_see_address, shown_held_address
from himozuke.rules.kinds import ITEMS
from himozuke.stores.protected_people import protected_people

CARRIERS = frozenset({Role.INSURER_CLERK, Role.INSURER_SUPERVISOR, Role.MUNICIPALITY_CLERK})
RECORD_READERS = frozenset({Role.INSURER_CLERK, Role.INSURER_SUPERVISOR})
REFUSALS = (
    ConflictError,
    InputRejectedError,
    MissingGlyphError,
    NotAllowedError,
    RuleRefusedError,
    UpstreamDownError,
    UsageError,
)
SEEN = "act_seen"  # from which state of the case a form was made: its last event
TOKEN = "act_token"  # noqa: S105 -- the name of the field that makes a form count once
_TAG = {
    ClockState.RUNNING: "note",
    ClockState.PRESSING: "warn",
    ClockState.OVERDUE: "bad",
    ClockState.MET: "good",
    ClockState.LATE: "warn",
}
_STEP_TAG = {StepState.DONE: "good", StepState.OPEN: "warn", StepState.WAITING: "note", StepState.NOT_NEEDED: "off"}
_STATE_TAG = {
    "equal": "good",
    "folded": "good",
    "variant": "good",
    "near": "warn",
    "unknown": "note",
    "missing": "note",
}
_IN_WORDS = {
    "finding": "case_finding",
    "reply": "case_reply",
    "late_reply": "case_reply",
    "channel": "reply_channel",
    "result": "case_result",
    "basis": "case_basis",
    "restriction": "restriction",
    "verdict": "verdict",
    "how": "asked_how",
    "clock": "case_clock",
    "origin": "case_origin",
}
_OF_INSPECTION = re.compile(r"inspection/(\d+)/[^/]*/(.*)")
_OF_DAY = re.compile(r"(registration|duplicate_check):(\d{4}-\d{2}-\d{2})(?::.*)?")
_SOURCES = {
    "registration": Said("届出の登録", "notices registered"),
    "duplicate_check": Said("資格の重複の確認", "look for overlaps"),
}
_KEY_WORDS = {
    "call": ("call_category", Said("問合せ", "calls")),
    "citizen": ("check_reason", Said("本人からの確認の申出", "checks asked for")),
    "reply": ("case_reply", Said("結論の後に届いた本人の回答", "answers after the conclusion")),
}
_WHOLE = Said("登録データ全体の突合", "the whole of the records compared")
_LETTERS = frozenset({"inquiry", "reminder", "apology"})
_PLAIN = ("note", "reason", "summary", "name")


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A clock as a list shows it."""

    clock: CaseClock
    state: ClockState
    tag: str
    days_left: int


@dataclass(frozen=True, slots=True)
class ShownStep:
    """A step as the list of steps shows it."""

    step: Step
    state: StepState
    tag: str
    is_next: bool


def new_form(form: Form | None = None, **values: object) -> Form:
    """A form that counts once: it carries a token of its own, kept when it is shown again."""
    kept = form.values if form else {}
    given = Form.of(**values)
    merged = {**given.values, **kept}
    merged.setdefault(TOKEN, [secrets.token_urlsafe(16)])
    return Form(merged, form.uploads if form else {}, form.errors if form else {})


def act_token(form: Form, *more: str) -> str | None:
    """The token by which a form counts once, with a digest of what was typed; None for a form without one."""
    token = form.value(TOKEN).replace(SEPARATOR, "")
    if not token:
        return None
    typed = sorted((name, *given) for name, given in form.values.items() if name not in (TOKEN, form_token.FIELD))
    return SEPARATOR.join(("~".join((token, *more)), hashlib.sha256(repr(typed).encode()).hexdigest()[:32]))


def refused(form: Form, error: HimozukeError) -> int:
    """Write into a form why an act was refused; the status of the answer."""
    sentence = error.args[0] if error.args else ""
    if isinstance(sentence, Refusal):
        form.errors[""] = Said(sentence.read("ja"), sentence.read("en"))
        if sentence.code == TAKEN_OTHERWISE:  # what is sent next is a form of its own
            form.values = {name: given for name, given in form.values.items() if name not in (TOKEN, SEEN)}
    elif (told := sentence_of(error)) is not None:
        form.errors[""] = told
    elif isinstance(error, UpstreamDownError):
        form.errors[""] = Said("照会先が応答していません。何も記録していません。", f"Out of service: {error}")
    else:
        form.errors[""] = Said("受け付けられませんでした。画面を開き直し、今の内容を確かめてください。", str(error))
    return 422 if isinstance(error, UsageError) else error.http_status


def shown_clocks(work: OfficeWork, case: Case) -> Sequence[ShownClock]:
    """Every clock of a case, the nearest first."""
    today = work.clock.today()
    return [shown_clock(clock, today) for clock in clocks(case.state, work.office.rules)]


def shown_clock(clock: CaseClock, today: date) -> ShownClock:
    """A clock with how it stands on a day."""
    state = clock.state(today)
    return ShownClock(clock, state, _TAG[state], clock.days_left(today))


def shown_steps(case: Case) -> Sequence[ShownStep]:
    """Every step of a case; the next one is marked."""
    upcoming = next_step(case.state)
    return [ShownStep(step, state, _STEP_TAG[state], step is upcoming) for step, state in standings(case.state)]


def comparison(desk: Desk, case: Case, link: LinkRecord | None) -> Mapping[str, Any] | None:
    """The last comparison with the register, side by side; None where nobody has compared yet."""
    event = next((one for one in reversed(case.events) if one.kind is EventKind.COMPARED), None)
    if event is None or link is None:
        return None
    said: Mapping[str, Any] = event.said
    is_hidden = not may_see_address(is_protected=link.is_protected or bool(said.get("is_protected")), role=desk.role)
    if is_hidden:
        said = {**said, "is_protected": True, "registered": {**said["registered"], "address": ""}}
    rows = []
    for name in ITEMS:
        state = said["states"].get(name, "missing")
        rows.append(
            (
                word("item", name, desk.language),
                _told(desk, name, str(getattr(link, name)), is_hidden=is_hidden),
                _told(desk, name, str(said["registered"].get(name, "")), is_hidden=is_hidden),
                word("state", state, desk.language),
                _STATE_TAG.get(state, "bad"),
            )
        )
    return {**said, "rows": rows, "at": event.at, "register_day": date.fromisoformat(said["register_day"])}


def _told(desk: Desk, name: str, text: str, *, is_hidden: bool) -> str:
    if name == "address" and is_hidden and not text:
        return desk.say(ADDRESS_WITHHELD, "(not shown: under protection)")
    return item_text(name, text)


def timeline(desk: Desk, case: Case) -> Sequence[tuple[str, str, str, str]]:
    """What happened, the newest first, in words."""
    return [
        (
            moment(event.at, desk.language),
            word("case_event", event.kind, desk.language),
            event_text(desk, event),
            event.by_name or program_name(event.by_login, desk.language),
        )
        for event in reversed(case.events)
    ]


def differing_answers(desk: Desk, case: Case) -> Sequence[tuple[str, str, str]]:
    """What the person has answered, oldest first, where two answers differ; empty where they agree."""
    given = [event for event in case.events if event.kind in {EventKind.PERSON_ANSWERED, EventKind.REPLY_CONTRADICTS}]
    replies = [str(event.said.get("reply") or event.said.get("late_reply")) for event in given]
    if len(set(replies)) < 2:  # noqa: PLR2004 -- one answer differs from none
        return ()
    return [
        (
            moment(event.at, desk.language),
            word("case_reply", reply, desk.language),
            event.by_name or program_name(event.by_login, desk.language),
        )
        for event, reply in zip(given, replies, strict=True)
    ]


def group_name(desk: Desk, key: str) -> str:
    """What a group of cases has come from, in words: an inspection and its batch, or a day of registering."""
    if match := _OF_INSPECTION.fullmatch(key):
        run, batch = match.groups()
        named = Said("なし", "none").read(desk.language) if batch == "-" else batch
        return desk.say(f"点検 {run}　入力単位 {named}", f"inspection {run}, batch {named}")
    if match := _OF_DAY.fullmatch(key):
        source, on = match[1], day(date.fromisoformat(match[2]), desk.language)
        said = _SOURCES[source]
        return f"{said.read(desk.language)} {on}"
    source, _, what = key.partition(":")
    if source in _KEY_WORDS and what:
        kind, said = _KEY_WORDS[source]
        return f"{said.read(desk.language)}{desk.say('：', ': ')}{word(kind, what, desk.language)}"
    return _WHOLE.read(desk.language) if key == "whole_register" else key


def event_text(desk: Desk, event: Event) -> str:
    """What was said of one event, in one line."""
    language = desk.language
    said: Mapping[str, Any] = event.said
    parts = [word(_IN_WORDS[name], str(said[name]), language) for name in _IN_WORDS if _is_word(said.get(name), name)]
    parts += [str(said[name]) for name in _PLAIN if said.get(name)]
    if event.kind is EventKind.EXPOSURE_FOUND:
        figures = (said["viewings"], said["medical"])
        parts.insert(
            0, desk.say("閲覧 {}件（医療情報 {}件）", "{} viewings ({} of medical information)").format(*figures)
        )
    if said.get("wrong_items"):
        parts.append("、".join(f"{word('item', name, language)}: {text}" for name, text in said["wrong_items"].items()))
    if event.kind is EventKind.REPORT_SUBMITTED:
        parts.insert(0, word("report_kind", said["kind"], language))
        if said.get("group_id"):
            told = desk.say("まとまりの報告（{}件、本人{}人）", "for a group: {} cases, {} persons")
            parts.insert(1, told.format(said["cases"], said["persons"]))
    if event.kind is EventKind.PUBLISHED:
        parts.insert(0, desk.say("第{}版", "version {}").format(said["version"]))
    if said.get("against_basis"):
        parts.append(desk.say("根拠の確認結果と違う結論", "against what the basis shows"))
    if said.get("changes_number"):
        parts.append(desk.say("番号を変更", "number changed"))
    return desk.say("　", "; ").join(parts)


def _is_word(value: object, name: str) -> bool:
    if not value:
        return False
    return name != "how" or str(value) in ("counter", "telephone", "supporter", "employer", "portal")


def load_case(work: OfficeWork, case_id: int) -> tuple[Case, LinkRecord | None, Sequence[FiledLetter]]:
    """A case, its link, its letters, as the actor may see them; NotFoundError for somebody else's.

    Where a person under protection lives stands in none of them (支援措置). The link is marked as protected whether
    the person behind its number is, or whoever has its items while the number is somebody else's.
    """
    bench = work.cases
    case = bench.cases.case(case_id)
    link = bench.links.find(case.link_id) if case.link_id is not None else None
    letters = bench.letters.letters(case_id)
    is_found = link is not None and _has_items_of_protected(work, link)
    if link is not None and is_found:
        link = replace(link, is_protected=True)
    if link is None or may_see_address(is_protected=link.is_protected, role=work.actor.role):
        return case, link, letters
    # The states compare with the holder of the number; to whoever has the items, the address held is the own one.
    state = "" if is_found else dict(zip(ITEMS, link.states, strict=False)).get("address", "")
    address = shown_held_address(link.address, is_protected=True, state=state, role=work.actor.role)
    return _without_address(case), replace(link, address=address), letters


def withheld(desk: Desk, link: LinkRecord | None, letters: Sequence[FiledLetter]) -> Sequence[FiledLetter]:
    """Documents with an address that may not be read again, because the person is under protection today."""
    is_protected = link is not None and link.is_protected
    return [
        letter
        for letter in letters
        if letter.shows_address
        and not may_read_document(is_letter=letter.kind in _LETTERS, is_protected=is_protected, role=desk.role)
    ]


def _has_items_of_protected(work: OfficeWork, link: LinkRecord) -> bool:
    items = {name: str(getattr(link, name)) for name in ITEMS}
    return protected_people(work.connection, births={birth_of(items["birth_date"])}).include(items)


def _without_address(case: Case) -> Case:
    """A case without the addresses that people told or proposed in it."""
    state = case.state
    person, correction = state.person, state.correction
    if person is not None:
        person = replace(person, wrong_items=_hidden(person.wrong_items))
    if correction is not None:
        correction = replace(correction, items=_hidden(correction.items))
    return replace(
        case,
        state=replace(state, person=person, correction=correction),
        events=[replace(event, said=_said_without_address(event.said)) for event in case.events],
    )


def _said_without_address(said: Mapping[str, Any]) -> Mapping[str, Any]:
    kept = dict(said)
    if isinstance(kept.get("registered"), Mapping):
        kept["registered"] = {name: text for name, text in kept["registered"].items() if name != "address"}
    for name in ("wrong_items", "items"):
        if isinstance(kept.get(name), Mapping):
            kept[name] = _hidden(kept[name])
    return kept


def _hidden(items: Mapping[str, str]) -> Mapping[str, str]:
    """Items told or proposed; that an address is among them is told, which is not."""
    return {name: ADDRESS_WITHHELD if name == "address" else text for name, text in items.items()}


def case_page(desk: Desk, case_id: int, *, form: Form | None = None, status: int = 200) -> Response[Any]:
    """The page of a case."""
    with desk.work() as work:
        case, link, letters = load_case(work, case_id)
        masked = str(work.office.vault.open(link.individual_number_sealed)) if link else ""
        colleagues = work.cases.store.colleagues()
        shown = shown_clocks(work, case)
        people = actor_names(work, [letter.printed_by for letter in letters], desk.language)
        notice_id = work.notice_lists.notice_of(link.link_id) if link and desk.role in RECORD_READERS else None
    return desk.render(
        "cases/case.html",
        status=status,
        form=new_form(form, assignee=case.state.assignee_id),
        case=case,
        state=case.state,
        link=link,
        masked=masked,
        notice_id=notice_id,
        letters=letters,
        withheld=withheld(desk, link, letters),
        people=people,
        clocks=shown,
        steps=shown_steps(case),
        next=next_step(case.state),
        colleagues=[(one.user_id, one.name) for one in colleagues],
        compared=comparison(desk, case, link),
        playbook=playbook(case.state.cause, desk.language),
        timeline=timeline(desk, case),
    )
