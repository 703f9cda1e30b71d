"""The person's answer on the web, through the one-time address on the letter, without a login."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from himozuke.errors import ConflictError
from himozuke.incident import decide
from himozuke.incident.asking import plain_code, token_digest
from himozuke.incident.decide import LateReply
from himozuke.incident.letter_store import FiledLetter, LetterStore
from himozuke.incident.model import Case, Channel, EventKind, Happening, Reply
from himozuke.incident.refusal import refusal
from himozuke.incident.service import Carrier, CaseService, CaseTools
from himozuke.incident.words import label
from himozuke.ports.letters import Sender
from himozuke.ports.office import CaseOpening, Origin

_WINDOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class OpenReply:
    """What the page behind the address shows: nothing that does not stand on the letter in the person's hand."""

    office: str
    department: str
    telephone: str
    hours: str
    document_number: str
    reply_by: date


class AlreadyAnsweredError(ConflictError):
    """The answer to this letter came another way already: on paper, at the counter, by telephone."""


class TooManyTriesError(ConflictError):
    """Too many wrong addresses from one place; the right one works again a little later."""

    http_status = 429


class ReplyService:
    """Runs in the name of the program itself: the person has no login."""

    def __init__(self, tools: CaseTools, letters: LetterStore) -> None:
        self._tools = tools
        self._letters = letters

    def open(self, token: str, *, came_from: str) -> OpenReply | None:
        """What the address leads to; None for one that does not exist, is used or is past its time.

        Whichever of these it is is told to nobody. TooManyTriesError after too many wrong ones from one place;
        AlreadyAnsweredError for the right address of a letter that was answered another way.
        """
        return self._shown(self._find(token, came_from=came_from))

    def open_by_code(self, code: str, links: Collection[int], *, came_from: str) -> OpenReply | None:
        """The same by the reply code on the letter, for somebody who is logged in; only about one of his links."""
        return self._shown(self._find_by_code(code, links, came_from=came_from))

    def answer_by_code(
        self,
        code: str,
        links: Collection[int],
        *,
        came_from: str,
        reply: Reply,
        wrong_items: Mapping[str, str],
        note: str,
    ) -> bool:
        """Take the answer by the reply code, as :meth:`answer` does."""
        letter = self._find_by_code(code, links, came_from=came_from)
        return self._take(letter, reply=reply, wrong_items=wrong_items, note=note)

    def _shown(self, letter: FiledLetter | None) -> OpenReply | None:
        if letter is not None and letter.case_id is not None:
            _must_be_unanswered(self._tools.store.find(letter.case_id), letter)
        if letter is None or letter.reply_by is None:
            return None
        sender = self._letters.sender(letter.organisation_id) or Sender("", "", "", "", "")
        return OpenReply(
            sender.office, sender.department, sender.telephone, sender.hours, letter.document_number, letter.reply_by
        )

    def answer(self, token: str, *, came_from: str, reply: Reply, wrong_items: Mapping[str, str], note: str) -> bool:
        """Take the answer and close the address; False when the address leads nowhere, as for :meth:`open`.

        An answer that comes when right or wrong is confirmed already stands in the timeline all the same; against
        the conclusion it raises the case again, and opens another where that one is closed.
        AlreadyAnsweredError, and nothing is changed, when the answer came another way since it was printed.
        """
        letter = self._find(token, came_from=came_from)
        return self._take(letter, reply=reply, wrong_items=wrong_items, note=note)

    def _take(self, letter: FiledLetter | None, *, reply: Reply, wrong_items: Mapping[str, str], note: str) -> bool:
        if letter is None or letter.case_id is None:
            return False

        def take(case: Case) -> Sequence[Happening]:
            _must_be_unanswered(case, letter)
            if case.state.is_open and case.state.result is None:
                return decide.person_answered(
                    case.state,
                    reply=reply,
                    channel=Channel.WEB,
                    wrong_items=wrong_items,
                    note_=note,
                    letter_id=letter.letter_id,
                )
            return decide.late_reply(case.state, LateReply(reply, letter.letter_id, note, wrong_items))

        self._letters.use_reply(letter.letter_id, self._tools.clock.now())
        case = Carrier(self._tools).carry(letter.case_id, take, token=f"reply:{letter.letter_id}")
        if not case.state.is_open and decide.speaks_against(case.state, reply):
            CaseService(self._tools).open_case(_opening_against(case, reply, note))
        return True

    def _find(self, token: str, *, came_from: str) -> FiledLetter | None:
        return self._open_one(lambda: self._letters.by_reply_digest(token_digest(token)), came_from=came_from)

    def _find_by_code(self, code: str, links: Collection[int], *, came_from: str) -> FiledLetter | None:
        def look() -> FiledLetter | None:
            letter = self._letters.by_reply_code(plain_code(code), about=links)
            return letter if letter is not None and letter.case_id is not None else None

        return self._open_one(look, came_from=came_from)

    def _open_one(self, look: Callable[[], FiledLetter | None], *, came_from: str) -> FiledLetter | None:
        now = self._tools.clock.now()
        origin = hashlib.sha256(b"reply\0" + came_from.encode()).digest()
        most = self._tools.rules.count("incident.reply_tries", self._tools.clock.today())
        if self._letters.failed_tries(origin, since=now - _WINDOW) >= most:
            raise TooManyTriesError("Too many wrong addresses came from here; wait ten minutes.")
        letter = look()
        if letter is None:
            self._letters.note_failed_try(origin, now)
            return None
        is_open = letter.replied_at is None and letter.reply_until is not None
        return letter if is_open and self._tools.clock.today() <= (letter.reply_until or date.min) else None


def _opening_against(case: Case, reply: Reply, note: str) -> CaseOpening:
    """A doubt about a link whose case is closed. Whoever says that it is not his may be right (S76)."""
    return CaseOpening(
        organisation_id=case.organisation_id,
        link_id=case.link_id,
        origin=Origin.CITIZEN,
        restriction="MEDICAL" if reply is Reply.NOT_OWN else "NONE",
        verdict=None,
        reasons=(),
        cause=case.state.cause,
        group_key=f"reply:{reply}",
        summary=note or label("case_reply", reply),
        evidence={"case": case.case_id, "reply": reply.value},
    )


def _must_be_unanswered(case: Case, letter: FiledLetter) -> None:
    """AlreadyAnsweredError when the person's answer was noted after the letter was printed."""
    if any(event.kind is EventKind.PERSON_ANSWERED and event.at >= letter.printed_at for event in case.events):
        raise AlreadyAnsweredError(refusal("already_answered"))
