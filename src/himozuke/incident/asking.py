"""Asking the person: letters, reminders, answers on paper and on the web."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from himozuke.errors import ConflictError, NotFoundError, RuleRefusedError, UpstreamDownError
from himozuke.identity import date_notation
from himozuke.identity.calendar import era_notation
from himozuke.identity.postal_code import postal_code_of
from himozuke.incident import decide
from himozuke.incident.clocks import reply_by
from himozuke.incident.letter_store import FiledLetter, LetterStore, NewLetter, NumberVault
from himozuke.incident.model import Case, Happening
from himozuke.incident.refusal import refusal
from himozuke.incident.service import Carrier, CaseTools
from himozuke.ports.letters import (
    Addressee,
    ApologyLetter,
    ConfirmationSheet,
    HeldItem,
    InquiryLetter,
    LetterPrinter,
    Printed,
    Sender,
)
from himozuke.ports.office import LinkRecord
from himozuke.ports.protection import ADDRESS_WITHHELD, may_be_written_to
from himozuke.ports.resident_register import Inquiry, Purpose, ResidentRegister
from himozuke.rules.kinds import ITEMS

_CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # none that is read as another
_CODE_LENGTH = 8
_ITEM_LABELS = {
    "kanji_name": "氏名",
    "kana_name": "フリガナ",
    "birth_date": "生年月日",
    "sex": "性別",
    "address": "住所",
}
_NOTHING_HELD = "（登録なし）"
_SEX = {"1": "男", "2": "女"}


@dataclass(frozen=True, slots=True)
class Post:
    """What letters need: the printer, the file, and the address under which answers come in."""

    printer: LetterPrinter
    letters: LetterStore
    reply_address: str


@dataclass(frozen=True, slots=True)
class Registers:
    """Where it is looked up whether a person is under protection."""

    register: ResidentRegister
    vault: NumberVault


class AskingService:
    """Letters to the person about a case, and the answers."""

    def __init__(self, tools: CaseTools, post: Post, registers: Registers, scheme_names: Mapping[str, str]) -> None:
        self._tools = tools
        self._post = post
        self._registers = registers
        self._scheme_names = scheme_names
        self._carrier = Carrier(tools)

    def is_protected(self, case: Case) -> bool:
        """Whether the person may be under protection (支援措置).

        Both are looked at: whoever stands behind the number, and whoever has the items of the link.
        UpstreamDownError when the register does not answer: without knowing, nobody writes.
        """
        if case.link_id is None:
            return False
        link = self._tools.links.find(case.link_id)
        return any(answer_is_protected(self._registers, inquiry) for inquiry in self._inquiries(link, case))

    def print_inquiry(self, case_id: int, *, token: str | None = None) -> Case:
        """Print the letter that asks the person; the case waits for the answer until its last day.

        RuleRefusedError for a past status and a protected person, MissingGlyphError when a name cannot be
        printed as it is; nothing is filed then.
        """
        return self._carrier.carry(case_id, lambda case: [self._ask(case, reminder_of=None)], token=token)

    def print_reminder(self, case_id: int, *, token: str | None = None) -> Case:
        """Print the second letter, after the last day of the first."""

        def remind(case: Case) -> Sequence[Happening]:
            return [self._ask(case, reminder_of=decide.remind(case.state, today=self._tools.clock.today()))]

        return self._carrier.carry(case_id, remind, token=token)

    def ask_otherwise(self, case_id: int, *, how: str, reason: str, token: str | None = None) -> Case:
        """Note that the person is asked by another way than a letter to the address."""

        def ask(case: Case) -> Sequence[Happening]:
            return decide.ask_otherwise(
                case.state,
                past=self.past(case),
                how=how,
                reason=reason,
                rules=self._tools.rules,
                today=self._tools.clock.today(),
            )

        return self._carrier.carry(case_id, ask, token=token)

    def reply_by_code(self, code: str) -> FiledLetter:
        """The letter a paper reply form belongs to; NotFoundError."""
        found = self._post.letters.by_reply_code(plain_code(code))
        if found is None:
            raise NotFoundError("There is no letter with this reply code among yours.")
        return found

    def _ask(self, case: Case, *, reminder_of: date | None) -> Happening:
        tools = self._tools
        today = tools.clock.today()
        past = self.past(case)
        decide.refuse_past(past, tools.rules, today=today)
        link = tools.links.find(_link_of(case))
        decide.may_write(case.state, past=past, is_protected=self.is_protected(case), rules=tools.rules, today=today)
        if not link.address.strip():
            raise ConflictError(refusal("no_address"))
        due = reply_by(today, tools.rules)
        token, code = secrets.token_urlsafe(24), "".join(secrets.choice(_CODE_SIGNS) for _ in range(_CODE_LENGTH))
        number = self._post.letters.next_document_number(case.organisation_id, on=today)
        content = InquiryLetter(
            sender=self.sender(case.organisation_id),
            addressee=Addressee(link.kanji_name, link.kana_name, postal_code_of(link.address), link.address),
            document_number=number,
            sent_on=today,
            reply_by=due,
            scheme_name=self._scheme_names.get(link.scheme, link.scheme),
            items=held_items(link),
            reply_code=f"{code[:4]}-{code[4:]}",
            reply_url=f"{self._post.reply_address.rstrip('/')}/r/{token}",
            reminder_of=reminder_of,
        )
        letter_id = self.file(
            content,
            case,
            number,
            reply=(
                due,
                code,
                token_digest(token),
                due + timedelta(tools.rules.count("incident.reply_link_days", today)),
            ),
        )
        kind = "reminder" if reminder_of else "inquiry"
        return decide.letter_sent(kind, letter_id=letter_id, reply_by=due, reminder_of=reminder_of)

    def file(
        self,
        content: Printed,
        case: Case,
        number: str,
        *,
        reply: tuple[date, str, bytes, date] | None = None,
        of_group: int | None = None,
    ) -> int:
        """Print a document and file it, byte for byte; its id. ``of_group``: it is about a group, not about this case."""
        tools = self._tools
        letter = self._post.printer.print_letter(content)
        answer_by, code, digest, until = reply or (None, None, None, None)
        filed = NewLetter(
            case.organisation_id,
            case.case_id if of_group is None else None,
            number,
            letter,
            tools.clock.now(),
            tools.actor.login,
            answer_by,
            code,
            digest,
            until,
            shows_address=shows_address(content),
        )
        letter_id = self._post.letters.file(filed)
        about = {"case": case.case_id} if of_group is None else {"group": of_group}
        tools.audit.record(
            "incident.print_letter",
            subject="letter",
            subject_id=letter_id,
            details={"kind": letter.kind, "document": number, "digest": letter.digest, **about},
        )
        return letter_id

    def sender(self, organisation_id: int) -> Sender:
        """Who the letters come from; ConflictError while nobody has said."""
        sender = self._post.letters.sender(organisation_id)
        if sender is None:
            raise ConflictError(refusal("no_sender"))
        return sender

    def next_number(self, case: Case) -> str:
        """The next document number of the case's organisation."""
        return self._post.letters.next_document_number(case.organisation_id, on=self._tools.clock.today())

    def past(self, case: Case) -> decide.Past:
        """Whether the link of a case is one of the past."""
        return decide.Past(self._tools.links.find(case.link_id).valid_to if case.link_id is not None else None)

    def _inquiries(self, link: LinkRecord, case: Case) -> Sequence[Inquiry]:
        purpose = Purpose("incident", f"case:{case.case_id}")
        on = self._tools.clock.today()
        number = self._registers.vault.open(link.individual_number_sealed)
        items = {name: text for name in ITEMS if (text := str(getattr(link, name)))}
        return [
            Inquiry(purpose, on, link.scheme, individual_number=number),
            Inquiry(purpose, on, link.scheme, items=items),
        ]


def answer_is_protected(registers: Registers, inquiry: Inquiry) -> bool:
    """Whether anybody the register answers with is under protection."""
    # Too few items for an inquiry: nobody is found by them, so nobody can be told to be protected.
    with suppress(RuleRefusedError):
        try:
            return not all(may_be_written_to(entry) for entry in registers.register.inquire(inquiry).entries)
        except UpstreamDownError as error:
            raise UpstreamDownError(refusal("register_silent")) from error
    return False


def shows_address(content: Printed) -> bool:
    """Whether a document says where somebody lives: a letter on its envelope, the sheet among its items."""
    if isinstance(content, ConfirmationSheet):
        told = {
            text
            for item in content.items
            if item.label == _ITEM_LABELS["address"]
            for text in (item.held, item.registered)
        }
        return not told <= {ADDRESS_WITHHELD, _NOTHING_HELD}
    return isinstance(content, InquiryLetter | ApologyLetter)


def token_digest(token: str) -> bytes:
    """What is kept of a one-time token."""
    return hashlib.sha256(token.encode()).digest()


def held_items(link: LinkRecord) -> Sequence[HeldItem]:
    """The five items as the office holds them, in the words of a letter; days in their era."""
    return [HeldItem(_ITEM_LABELS[name], item_text(name, str(getattr(link, name)))) for name in ITEMS]


def item_text(name: str, text: str) -> str:
    """One item as people read it."""
    if name == "sex":
        return _SEX.get(text, text)
    if name == "birth_date":
        read = date_notation.read(text)
        if read.is_date and read.year and read.month and read.day:
            return era_notation(date(read.year, read.month, read.day))
    return text or _NOTHING_HELD


def _link_of(case: Case) -> int:
    if case.link_id is None:
        raise ConflictError(refusal("no_link"))
    return case.link_id


def plain_code(code: str) -> str:
    """A reply code without what people write between its signs."""
    return "".join(sign for sign in code.upper() if sign in _CODE_SIGNS)
