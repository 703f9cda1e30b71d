"""Eligibility with the database behind it: cards, consents, restrictions, and the log of every viewing."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import date

import psycopg
import pytest
from database_fixture import SmallWorld
from institutions import CODE, accesses, add_card, add_death, add_institution, add_medicine, add_member, desk, set_link

from himozuke.eligibility.decide import CARD_ENDS_SOON, MEDICAL_WITHHELD, NO_CONSENT, NOTHING_SHOWN
from himozuke.eligibility.model import InsuredKey, Method, Question, Reference, Validity, Viewable
from himozuke.eligibility.service import CardReading, CardRefused, Checked, MedicalAnswer
from himozuke.errors import NotAllowedError

KEY = InsuredKey("06130488", "12", "5678", "01")


def check(office: SmallWorld, key: InsuredKey = KEY, on: date = date(2026, 4, 1), birth: date | None = None) -> Checked:
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        question = Question(CODE, on, Reference.INSURED_NUMBER, key, birth)
        return service.check(service.institution(CODE), question)


def read(
    office: SmallWorld,
    card: str = "card-1",
    method: Method = "face",
    pin: str | None = None,
    consents: Sequence[Viewable] = (),
    code: str = CODE,
) -> Checked | CardRefused:
    with office.system_work("reader") as work:
        service = desk(office, work).service
        return service.read_card(service.institution(code), CardReading(card, method, pin, consents))


def view(office: SmallWorld, viewable: Viewable = Viewable.MEDICINES, code: str = CODE) -> MedicalAnswer:
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        return service.medical(service.institution(code), KEY, viewable)


def validity(answer: Checked | CardRefused) -> Validity:
    assert isinstance(answer, Checked)
    return answer.finding.validity


def test_what_is_printed_on_the_certificate_finds_the_person_in_any_width(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)

    found = check(office, InsuredKey("０６１３０４８８", "１２", "５６７８", ""))

    assert found.finding.validity is Validity.VALID
    assert [one.link_id for one in found.finding.shown] == [member.link_id]
    assert found.finding.shown[0].insurer_name == "ひもづけ健康保険組合"


def test_another_birth_date_finds_nothing_and_shows_nothing(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)

    assert check(office, birth=date(1989, 3, 31)).finding.validity is Validity.VALID
    assert check(office, birth=date(1989, 3, 30)).finding.validity is Validity.NONE
    assert len(accesses(office)) == 1


def test_a_sign_with_a_meaning_in_patterns_is_only_a_sign(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office)

    assert check(office, InsuredKey("06130488", "%", "%", "")).finding.validity is Validity.NONE
    assert check(office, InsuredKey("06130488", "1_", "5678", "")).finding.validity is Validity.NONE


def test_after_a_move_the_old_number_is_invalid_and_the_card_shows_the_new_insurer(office: SmallWorld) -> None:
    add_institution(office)
    old = add_member(office, ended_on=date(2026, 1, 1))
    new = add_member(office, insurer=office.other_insurer, key=("06279998", "7", "88", "00"), began_on=date(2026, 1, 1))
    add_card(office, "card-1", old)

    assert check(office).finding.validity is Validity.INVALID_WITH_NEWER
    by_card = read(office)
    assert isinstance(by_card, Checked)
    assert [one.link_id for one in by_card.finding.shown] == [new.link_id]


@pytest.mark.seed("S76")
def test_every_showing_is_logged_in_the_transaction_that_shows_it(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)

    check(office)

    assert accesses(office) == [(member.link_id, "reception", ["qualification"])]
    with contextlib.suppress(ZeroDivisionError), office.system_work("oqs") as work:
        service = desk(office, work).service
        service.check(service.institution(CODE), Question(CODE, date(2026, 4, 1), Reference.INSURED_NUMBER, KEY))
        raise ZeroDivisionError
    assert len(accesses(office)) == 1


@pytest.mark.seed("S76")
def test_a_stop_works_at_the_next_question_and_is_not_explained(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)
    assert check(office).finding.validity is Validity.VALID

    set_link(office, member, state="stopped", restriction="ALL", verdict="REFUTED")

    finding = check(office).finding
    assert (finding.validity, finding.shown, finding.result_code) == (Validity.NONE, (), NOTHING_SHOWN)


def test_a_new_record_that_was_not_compared_yet_shows_nothing(office: SmallWorld) -> None:
    add_institution(office)
    add_member(office, state="held", restriction="ALL", verdict=None)

    assert check(office).finding.validity is Validity.NONE


@pytest.mark.seed("S81")
def test_medicines_need_the_consent_of_the_patient_and_it_ends_after_a_day(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)
    add_card(office, "card-1", member)
    add_medicine(office, member, date(2026, 3, 1))
    assert view(office).refusal == NO_CONSENT

    read(office, consents=[Viewable.MEDICINES])

    answer = view(office)
    assert [entry.content[0]["name"] for entry in answer.entries] == ["アムロジピン錠５ｍｇ"]
    assert accesses(office)[-1] == (member.link_id, "doctor", ["medicines"])
    assert view(office, Viewable.CHECKUPS).refusal == NO_CONSENT
    office.clock.set("2026-04-02T09:00:00+09:00")
    assert view(office).refusal == NO_CONSENT


@pytest.mark.seed("S76", "S81")
def test_the_card_of_the_dead_is_not_valid_and_allows_nothing(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)
    add_card(office, "card-1", member)
    add_death(office, member, date(2026, 3, 31))

    answer = read(office, consents=[Viewable.MEDICINES])

    assert validity(answer) is Validity.INVALID
    with office.system_work() as work:
        assert work.connection.execute("SELECT FROM consent").rowcount == 0
    assert view(office).refusal == NO_CONSENT


@pytest.mark.seed("S76", "S81")
def test_the_dead_by_the_insurer_allow_nothing_and_earlier_consents_are_not_told(office: SmallWorld) -> None:
    add_institution(office, treats_at_home=True)
    member = add_member(office, certificate={"card_class": "01"})
    add_card(office, "card-1", member)
    before = read(office, consents=[Viewable.MEDICINES])
    assert isinstance(before, Checked)
    assert before.finding.consents

    with office.system_work() as work:
        work.connection.execute("UPDATE qualification_period SET ended_on = '2026-04-01'")
        work.connection.execute("UPDATE qualification_certificate SET loss_reason = '01'")
    after = read(office, consents=[Viewable.CHECKUPS])
    with office.system_work("web") as work:
        service = desk(office, work).service
        allowed = [Viewable.CHECKUPS]
        afar = service.consent_from_afar(service.institution(CODE), "card-1", "1234", allowed, channel="home")

    assert isinstance(after, Checked)
    assert (after.finding.validity, dict(after.finding.consents)) == (Validity.INVALID, {})
    assert afar == CardRefused("expired")
    with office.system_work() as work:
        assert work.connection.execute("SELECT FROM consent WHERE viewable = 'checkups'").rowcount == 0


def test_a_doubtful_link_shows_no_medicines_even_with_consent(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)
    add_card(office, "card-1", member)
    add_medicine(office, member, date(2026, 3, 1))
    read(office, consents=[Viewable.MEDICINES])

    set_link(office, member, state="stopped", restriction="MEDICAL", verdict="DOUBTFUL")

    answer = view(office)
    assert (answer.refusal, answer.entries) == (MEDICAL_WITHHELD, ())
    assert ["medicines"] not in [items for _, _, items in accesses(office)]


def test_medicines_of_another_link_of_the_number_are_hidden_while_that_one_is_doubtful(office: SmallWorld) -> None:
    add_institution(office)
    own = add_member(office)
    other = add_member(
        office, insurer=office.other_insurer, key=("06279998", "7", "88", "00"), ended_on=date(2025, 1, 1)
    )
    add_card(office, "card-1", own)
    add_medicine(office, own, date(2026, 3, 1), "自分の薬")
    add_medicine(office, other, date(2024, 12, 1), "別人かもしれない薬")
    read(office, consents=[Viewable.MEDICINES])
    assert len(view(office).entries) == 2

    set_link(office, other, state="stopped", restriction="MEDICAL", verdict="DOUBTFUL")

    assert [entry.content[0]["name"] for entry in view(office).entries] == ["自分の薬"]


@pytest.mark.seed("S58")
def test_a_treatment_office_sees_the_qualification_only(office: SmallWorld) -> None:
    add_institution(office, "1398765432", kind="treatment_office")
    member = add_member(office)
    add_card(office, "card-1", member)
    add_medicine(office, member, date(2026, 3, 1))

    assert validity(read(office, consents=[Viewable.MEDICINES], code="1398765432")) is Validity.VALID
    assert view(office, code="1398765432").refusal == "HZ-R04"


def test_the_consent_given_to_one_institution_is_no_consent_to_another(office: SmallWorld) -> None:
    add_institution(office)
    add_institution(office, "1398765432")
    member = add_member(office)
    add_card(office, "card-1", member)
    read(office, consents=[Viewable.MEDICINES])

    assert not view(office).refusal
    assert view(office, code="1398765432").refusal == NO_CONSENT


def test_three_wrong_pins_lock_the_card_and_a_right_one_before_clears_the_count(office: SmallWorld) -> None:
    add_institution(office)
    add_card(office, "card-1", add_member(office))

    assert read(office, method="pin", pin="0000") == CardRefused("wrong_pin", 2)
    assert validity(read(office, method="pin", pin="1234")) is Validity.VALID
    tries = [read(office, method="pin", pin="9999") for _ in range(3)]

    assert tries == [CardRefused("wrong_pin", 2), CardRefused("wrong_pin", 1), CardRefused("locked", 0)]
    assert read(office, method="pin", pin="1234") == CardRefused("locked")
    assert validity(read(office, method="face")) is Validity.VALID


@pytest.mark.parametrize(
    ("card", "method", "reason"),
    [
        ({"is_damaged": True}, "face", "damaged"),
        ({"kind": "infant"}, "face", "no_photo"),
        ({"kind": "infant"}, "visual", "no_photo"),
        ({"kind": "without_pin"}, "pin", "no_pin"),
        ({"is_registered": False}, "face", "not_registered"),
        ({"certificate_until": date(2025, 12, 20)}, "face", "expired"),
    ],
)
def test_a_card_that_cannot_be_used_says_why(
    office: SmallWorld, card: dict[str, object], method: Method, reason: str
) -> None:
    add_institution(office)
    add_card(office, "card-1", add_member(office), **card)

    assert read(office, method=method, pin="1234") == CardRefused(reason)  # type: ignore[arg-type]
    assert accesses(office) == []


def test_an_infant_uses_the_pin_and_a_card_without_pin_the_face(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)
    add_card(office, "card-1", member, kind="infant")
    add_card(office, "card-2", member, kind="without_pin", pin_hash=None)

    assert validity(read(office, method="pin", pin="1234")) is Validity.VALID
    assert validity(read(office, "card-2", method="visual")) is Validity.VALID


def test_a_card_serves_three_months_after_the_month_its_certificate_ends(office: SmallWorld) -> None:
    add_institution(office)
    add_card(office, "card-1", add_member(office), certificate_until=date(2026, 1, 10))

    office.clock.set(date(2026, 4, 30))
    answer = read(office)
    assert isinstance(answer, Checked)
    assert answer.finding.result_code == CARD_ENDS_SOON
    office.clock.set(date(2026, 5, 1))
    assert read(office) == CardRefused("expired")


def test_consent_from_afar_is_for_institutions_that_treat_so(office: SmallWorld) -> None:
    add_institution(office, treats_at_home=True)
    member = add_member(office)
    add_card(office, "card-1", member)

    with office.system_work("web") as work:
        service = desk(office, work).service
        clinic = service.institution(CODE)
        allowed = [Viewable.MEDICINES]
        assert service.consent_from_afar(clinic, "card-1", "0000", allowed, channel="home") == CardRefused(
            "wrong_pin", 2
        )
        assert service.consent_from_afar(clinic, "card-1", "1234", allowed, channel="home") is None
        with pytest.raises(NotAllowedError):
            service.consent_from_afar(clinic, "card-1", "1234", allowed, channel="online")
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        listed = service.consented(
            service.institution(CODE), channel="home", since=date(2026, 4, 1), until=date(2026, 4, 1)
        )

    assert [one.finding.shown[0].link_id for one in listed] == [member.link_id]


def test_one_link_cannot_be_insured_twice_on_one_day(office: SmallWorld) -> None:
    member = add_member(office, ended_on=date(2026, 1, 1))

    with office.system_work() as work:
        insert = (
            "INSERT INTO qualification_period (organisation_id, link_id, member_kind, began_on) "
            "VALUES (%s, %s, 'insured', %s)"
        )
        work.connection.execute(insert, [office.insurer, member.link_id, date(2026, 1, 1)])
        with pytest.raises(psycopg.errors.ExclusionViolation):
            work.connection.execute(insert, [office.insurer, member.link_id, date(2025, 12, 31)])


def test_a_reference_number_is_the_institutions_own(office: SmallWorld) -> None:
    add_institution(office)
    add_institution(office, "1398765432")
    add_member(office)
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        assert service.register_reference_number(service.institution(CODE), KEY, "24434")
        assert not service.register_reference_number(service.institution(CODE), InsuredKey("06130488", "1", "1"), "1")

    assert list(check(office).reference_numbers.values()) == ["24434"]
    with office.system_work("oqs") as work:
        service = desk(office, work).service
        question = Question("1398765432", date(2026, 4, 1), Reference.INSURED_NUMBER, KEY)
        assert service.check(service.institution("1398765432"), question).reference_numbers == {}
