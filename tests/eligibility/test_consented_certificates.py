"""Limit certificates and specific diseases: shown with a consent of their own, on their days, to those who may see them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from database_fixture import SmallWorld
from desk_fixture import Desk
from institutions import CODE, accesses, add_card, add_institution, add_member, desk, set_link
from qualifications import qualification

from himozuke.eligibility.decide import certificates_shown
from himozuke.eligibility.model import InsuredKey, Qualification, Question, Reference, SpecificDisease, Viewable
from himozuke.eligibility.service import CardReading, Checked
from himozuke.gateways.oqs_files.answers import Answered, AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.xml_text import CharacterCode

KEY = InsuredKey("06130488", "12", "5678", "01")
LIMIT = {"certificate_class": "01", "income_class": "A03", "valid_from": "2026-03-01", "valid_until": "2026-07-31"}
DIALYSIS = {"disease": "1", "valid_from": "2026-01-01", "valid_until": "2026-12-31", "self_pay": 10_000}
ENDED = {"disease": "3", "valid_from": "2020-01-01", "valid_until": "2026-03-31", "self_pay": 10_000}
CERTIFICATE = {"limits": [LIMIT], "diseases": [DIALYSIS, ENDED]}
BOTH = (Viewable.LIMITS, Viewable.DISEASES)


def read(office: SmallWorld, consents: Sequence[Viewable] = ()) -> Checked:
    with office.system_work("reader") as work:
        service = desk(office, work).service
        answer = service.read_card(service.institution(CODE), CardReading("card-1", "face", None, consents))
    assert isinstance(answer, Checked)
    return answer


def ask(office: SmallWorld, *, wants_limits: bool, on: date = date(2026, 4, 1)) -> Checked:
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        question = Question(CODE, on, Reference.INSURED_NUMBER, KEY, date(1989, 3, 31), wants_limits)
        return service.check(service.institution(CODE), question)


def shown(answer: Checked) -> tuple[list[str], list[str]]:
    [held] = answer.finding.shown
    return [one.income_class for one in held.limits], [one.disease for one in held.diseases]


def as_face(office: SmallWorld, answer: Checked) -> str:
    now = office.clock.now()
    frame = Frame(Header(CODE, ""), now, CharacterCode.UTF_8, now.date(), Reference.CARD)
    return AnswerWriter(packaged_catalogue()).eligibility(frame, Answered(answer.finding)).decode()


@pytest.fixture(autouse=True)
def insured(office: SmallWorld) -> Any:
    member = add_member(office, certificate=CERTIFICATE)
    add_card(office, "card-1", member)
    return member


@pytest.mark.seed("S81")
def test_by_card_each_certificate_needs_its_own_consent(office: SmallWorld, insured: Any) -> None:
    add_institution(office)

    assert shown(read(office, (Viewable.MEDICINES,))) == ([], [])
    assert shown(read(office, (Viewable.LIMITS,))) == (["A03"], [])
    assert accesses(office)[-1] == (insured.link_id, "reader", ["qualification", "limits"])
    assert shown(read(office, BOTH)) == (["A03"], ["1"])  # the third ended yesterday
    assert accesses(office)[-1][2] == ["qualification", "limits", "diseases"]


@pytest.mark.seed("S81")
def test_the_flags_of_the_face_answer_say_what_was_allowed_and_when(office: SmallWorld) -> None:
    add_institution(office)

    without, given = as_face(office, read(office)), as_face(office, read(office, BOTH))

    for name in ("LimitApplicationCertificateRelated", "SpecificDiseasesCertificateRelated"):
        assert f"<{name}ConsFlg>0<" in without
        assert f"{name}ConsTime" not in without
        assert f"<{name}ConsFlg>1<" in given
        assert f"<{name}ConsTime>20260401090000<" in given
    assert "SpecificDiseasesCertificateInfo" not in without
    assert "<SpecificDiseasesDiseaseCategory>1<" in given


def test_by_number_only_the_limit_certificate_of_the_day_and_only_when_allowed(office: SmallWorld) -> None:
    add_institution(office)
    read(office, BOTH)  # a consent at the reader does not speak for what is asked by number

    assert shown(ask(office, wants_limits=False)) == ([], [])
    assert shown(ask(office, wants_limits=True)) == (["A03"], [])
    assert shown(ask(office, wants_limits=True, on=date(2026, 2, 28))) == ([], [])
    assert shown(ask(office, wants_limits=True, on=date(2026, 8, 1))) == ([], [])


@pytest.mark.seed("S58")
def test_a_treatment_office_is_shown_neither(office: SmallWorld) -> None:
    add_institution(office, kind="treatment_office")

    assert shown(read(office, BOTH)) == ([], [])
    assert shown(ask(office, wants_limits=True)) == ([], [])
    assert "LimitApplicationCertificateRelatedConsFlg>0<" in as_face(office, read(office, BOTH))


@pytest.mark.seed("S76")
def test_medical_viewing_stopped_hides_the_disease_at_once(office: SmallWorld, insured: Any) -> None:
    add_institution(office)
    assert shown(read(office, BOTH))[1] == ["1"]

    set_link(office, insured, restriction="MEDICAL", verdict="DOUBTFUL", state="stopped")

    assert shown(read(office)) == (["A03"], [])
    assert "SpecificDiseasesCertificateRelatedConsFlg>0<" in as_face(office, read(office))


def test_a_consent_that_is_over_shows_nothing_any_more(office: SmallWorld) -> None:
    add_institution(office)
    read(office, BOTH)

    office.clock.set("2026-04-02T09:00:00+09:00")

    assert shown(read(office)) == ([], [])


DISEASE = SpecificDisease("1", None, date(2026, 4, 1), date(2026, 4, 30), 10_000)


@pytest.mark.parametrize(
    ("day", "held", "seen"),
    [
        (date(2026, 3, 31), qualification(diseases=(DISEASE,)), False),
        (date(2026, 4, 1), qualification(diseases=(DISEASE,)), True),
        (date(2026, 4, 30), qualification(diseases=(DISEASE,)), True),
        (date(2026, 5, 1), qualification(diseases=(DISEASE,)), False),
        (date(2026, 4, 1), qualification(diseases=(DISEASE,), verdict="UNTESTABLE"), False),
        (date(2026, 4, 1), qualification(diseases=(DISEASE,), verdict="UNTESTABLE", is_released=True), True),
        (date(2026, 4, 1), qualification(diseases=(replace(DISEASE, valid_until=None),)), True),
    ],
)
def test_a_disease_is_seen_within_its_days_through_a_trusted_link(day: date, held: Qualification, seen: bool) -> None:
    allowed: Any = {Viewable.DISEASES: None}

    assert bool(certificates_shown(held, allowed, on=day, wants_limits=False).diseases) is seen
    assert not certificates_shown(held, {}, on=day, wants_limits=True).diseases


def test_the_counter_shows_what_was_allowed_in_words(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    add_institution(office)
    clinic = desk("institution")
    asked = {"insurer_number": "06130488", "symbol": "12", "number": "5678", "birth_date": "平成元年3月31日"}

    plain = clinic.submit("/reception/number", asked)
    allowed = clinic.submit("/reception/number", asked | {"wants_limits": "1"})
    by_card = clinic.submit("/reader", {"card": "card-1", "method": "face", "consents": ["limits", "diseases"]})

    assert "ウ</dd>" not in plain.text
    assert "ウ</dd>" in allowed.text
    assert "人工透析" not in allowed.text
    assert "人工透析" in by_card.text
    assert "/medical/" not in by_card.text  # they stand on the qualification: there is no page of records


@pytest.mark.seed("S58")
def test_the_reader_of_a_treatment_office_asks_for_nothing(office: SmallWorld, desk: Callable[..., Desk]) -> None:
    add_institution(office, kind="treatment_office")
    treats = desk("institution")

    page = treats.get("/reader").text

    assert 'name="consents"' not in page
    assert "資格だけを確認します" in page
