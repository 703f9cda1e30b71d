"""The notice of qualification information: printed by the insurer, read and printed by the person himself (R-CERT)."""

from __future__ import annotations

from typing import Any

from litestar import Response

from himozuke.eligibility.model import Qualification
from himozuke.eligibility.own_notice import WhyNone, eligibility_notice, holding
from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.routes import page
from himozuke.entrypoints.web.said import Said, sentence_of
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import MissingGlyphError, NotFoundError
from himozuke.ports.actor import Role
from himozuke.ports.letters import EligibilityNotice, Sender

INSURERS = frozenset({Role.INSURER_CLERK, Role.INSURER_SUPERVISOR})
CITIZENS = frozenset({Role.CITIZEN})
_WHY_NONE: dict[WhyNone, Said] = {
    "doubted": Said(
        "この記録はご本人のものか確認している途中のため、お知らせを作れません。確認が終わると作れます。",
        "It is still being found out whose record this is. The notice can be made once that is known.",
    ),
    "not_on_this_day": Said(
        "今日の時点で有効な資格がないため、お知らせを作れません。",
        "The qualification does not hold today, so there is nothing to tell of.",
    ),
}
#: What the labels of the notice mean, for the page; the paper itself is Japanese.
_IN_ENGLISH = {
    "保険者番号": "Insurer number",
    "保険者名": "Insurer",
    "記号": "Symbol",
    "番号": "Number",
    "枝番": "Branch",
    "氏名": "Name",
    "フリガナ": "Kana",
    "生年月日": "Birth date",
    "性別": "Sex",
    "本人・家族の別": "Insured person or family",
    "資格取得年月日": "Insured from",
    "一部負担金の割合": "Share to be paid",
    "発効期日": "Share holds from",
    "有効期限": "Share holds until",
    "個人番号（下3桁のみ表示）": "Individual Number (last three digits)",
}


@page("/links/{link_id:int}/eligibility-notice", roles=INSURERS)
def print_notice(desk: Desk, link_id: int) -> Response[Any]:
    """The notice of a link as a PDF; nothing is printed where a sign is missing, or whose the link is is not known."""
    assert desk.actor.organisation_id is not None  # noqa: S101  # a user belongs to an organisation
    # The register's word on death and protection is needed; the store reads links of this insurer alone.
    with desk.office.work(desk.actor.reaching()) as work:
        return _pdf(desk, work, link_id, desk.actor.organisation_id)


@page("/my/links/{link_id:int}/eligibility-notice", roles=CITIZENS)
def show_own_notice(desk: Desk, link_id: int) -> Response[Any]:
    """What the notice of one's own link says, for reading on a screen."""
    with desk.office.work(desk.actor.reaching()) as work:
        notice = _notice(desk, work, link_id, _office_of_own(work, link_id))
    if isinstance(notice, str):
        return _refused(desk, _WHY_NONE[notice].read(desk.language))
    rows = [(desk.say(one.label, _IN_ENGLISH[one.label]), one.value) for one in notice.items]
    return desk.render("citizen/eligibility_notice.html", told=notice, rows=rows, link_id=link_id)


@page("/my/links/{link_id:int}/eligibility-notice/pdf", roles=CITIZENS)
def print_own_notice(desk: Desk, link_id: int) -> Response[Any]:
    """The same as a PDF."""
    with desk.office.work(desk.actor.reaching()) as work:
        return _pdf(desk, work, link_id, _office_of_own(work, link_id))


def _office_of_own(work: OfficeWork, link_id: int) -> int:
    """The insurer of a link that is known to be the citizen's; held until the transaction ends."""
    office = work.citizens.lock_link(link_id, work.actor.person_key or "")
    if office is None:
        raise NotFoundError(f"There is no link {link_id} among yours.")
    return office


def _notice(desk: Desk, work: OfficeWork, link_id: int, office: int) -> EligibilityNotice | WhyNone:
    link = work.eligibility.store.link_on_paper(link_id, of=office)
    found = holding(link, work.clock.today(), rules=desk.office.rules)
    if not isinstance(found, Qualification):
        return found
    sender = work.cases.letters.sender(office) or Sender("", "", "", "", "")
    return eligibility_notice(found, sender=sender, number=link.number, on=work.clock.today())


def _pdf(desk: Desk, work: OfficeWork, link_id: int, office: int) -> Response[Any]:
    notice = _notice(desk, work, link_id, office)
    if isinstance(notice, str):
        return _refused(desk, _WHY_NONE[notice].read(desk.language))
    try:
        letter = desk.office.printer.print_letter(notice)
    except MissingGlyphError as error:
        told = sentence_of(error) or Said("印刷できない文字があるため、印刷しませんでした。", str(error))
        return _refused(desk, told.read(desk.language))
    work.audit.record("eligibility.print_notice", subject="link", subject_id=link_id, details={"digest": letter.digest})
    name = f"資格情報のお知らせ_{link_id}.pdf"
    return desk.download(letter.pdf, name=name, media_type="application/pdf", is_inline=True)


def _refused(desk: Desk, why: str) -> Response[Any]:
    return desk.render("reception/notice_refused.html", status=409, why=why)


HANDLERS = (print_notice, show_own_notice, print_own_notice)
