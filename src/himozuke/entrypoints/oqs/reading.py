"""A card put on the simulated reader: the answer appears in the institution's ``face`` folder, as the real one pushes it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from himozuke.eligibility.model import Method, Reference, Viewable
from himozuke.eligibility.service import CardReading, CardRefused, Checked
from himozuke.entrypoints.oqs.answering import told
from himozuke.entrypoints.wiring import Office
from himozuke.errors import UsageError
from himozuke.gateways.oqs_files.answers import AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import Catalogue, packaged_catalogue
from himozuke.gateways.oqs_files.folder import put_in_place
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.xml_text import CharacterCode
from himozuke.ports.actor import Actor

#: The words of the command's ``--consent``: what the reader asks for, each by itself.
CONSENTS = {
    "drug": Viewable.MEDICINES,
    "checkup": Viewable.CHECKUPS,
    "procedure": Viewable.PROCEDURES,
    "limit": Viewable.LIMITS,
    "disease": Viewable.DISEASES,
}


@dataclass(frozen=True, slots=True)
class ReaderAnswer:
    """What came of a reading: the file in ``face``, or why there is none."""

    file: Path | None
    validity: str
    refused: CardRefused | None = None


def read_consents(text: str) -> list[Viewable]:
    """Understand ``drug,checkup,procedure,limit,disease``; UsageError names a word that is none of them."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in CONSENTS:
            raise UsageError(f"--consent: {word!r} is none of {', '.join(CONSENTS)}.")
    return [CONSENTS[word] for word in words]


def put_card_on_reader(
    office: Office,
    folder: Path,
    *,
    card: str,
    method: Method,
    pin: str | None,
    consents: Sequence[Viewable],
    catalogue: Catalogue | None = None,
) -> ReaderAnswer:
    """Read a card for the institution a folder belongs to, and push the answer into ``face``.

    ``catalogue``: a vendor's own result codes. UsageError when the folder belongs to no registered institution.
    """
    with office.work(Actor.system("reader")) as work:
        institution = work.eligibility.store.institution_of_folder(folder.resolve().name)
        if institution is None:
            raise UsageError(f"{folder} is the folder of no registered institution.")
        answer = work.eligibility.service.read_card(institution, CardReading(card, method, pin, consents))
        if isinstance(answer, CardRefused):
            return ReaderAnswer(None, "", answer)
        now = work.clock.now()
        header = Header(institution.code, "")
        frame = Frame(header, now, CharacterCode.UTF_8, work.clock.today(), Reference.CARD)
        content = _written(frame, answer, AnswerWriter(catalogue or packaged_catalogue(), office.settings.language))
        name = f"OQSsiquc01res_face_{institution.code}{secrets.token_hex(4)}_{now:%Y%m%d%H%M%S}.xml"
        (folder / "face").mkdir(exist_ok=True)
        return ReaderAnswer(put_in_place(folder / "face", name, content), answer.finding.validity)


def reset_pin(office: Office, card: str) -> None:
    """Unlock the PIN of a card, as a municipality's counter does; NotFoundError for a card nobody has."""
    with office.work(Actor.system("municipal_counter")) as work:
        work.eligibility.service.reset_pin(card)


#: What the holder of a card does next where it leads to no answer; said by the command beside the reason.
NEXT_STEPS = {
    "locked": "A municipality resets the PIN (here: --reset-pin). Today: --method face or visual, or the eligibility "
    "certificate.",
    "wrong_pin": "Try again, or --method face or visual.",
    "no_photo": "Use --method pin.",
    "no_pin": "Use --method face or visual.",
    "expired": "A municipality renews the certificate on the card. Today: the eligibility certificate.",
    "damaged": "A municipality issues the card anew. Today: the portal screen with the card, or the eligibility "
    "certificate.",
    "not_registered": "The holder registers the card for use as an insurance card first.",
}


def _written(frame: Frame, answer: Checked, writer: AnswerWriter) -> bytes:
    return writer.eligibility(frame, told(answer, None))
