"""A locked PIN has a way back, a PIN that was not typed counts nothing, and what has ended shows nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from database_fixture import SmallWorld, assert_audited_ever
from desk_fixture import Desk, assert_accessible, assert_reflows
from institutions import CODE, accesses, add_card, add_institution, add_medicine, add_member
from institutions import desk as services

from himozuke.eligibility.decide import NO_CONSENT
from himozuke.eligibility.model import InsuredKey, Method, Viewable
from himozuke.eligibility.service import CardReading, CardRefused, Checked, MedicalAnswer
from himozuke.entrypoints.cli import simulate
from himozuke.entrypoints.oqs.answering import told
from himozuke.errors import NotFoundError, UsageError
from himozuke.gateways.oqs_files.answers import AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.xml_text import CharacterCode

Enter = Callable[..., Desk]
KEY = InsuredKey("06130488", "12", "5678", "01")
GIVEN = "2026-04-01T23:59:58+09:00"


def read(
    office: SmallWorld, method: Method = "pin", pin: str | None = "1234", consents: tuple[Viewable, ...] = ()
) -> Checked | CardRefused:
    with office.system_work("reader") as work:
        service = services(office, work).service
        return service.read_card(service.institution(CODE), CardReading("card-1", method, pin, consents))


def tries(office: SmallWorld) -> int:
    with office.system_work() as work:
        row = work.connection.execute("SELECT pin_tries FROM card").fetchone()
    assert row is not None
    return int(row["pin_tries"])


@pytest.fixture(name="card")
def _card(office: SmallWorld) -> None:
    add_institution(office, treats_at_home=True)
    add_card(office, "card-1", add_member(office))


# --- the PIN --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("card")
def test_a_locked_card_is_read_by_the_face_and_after_a_reset_by_its_pin(office: SmallWorld) -> None:
    for _ in range(3):
        read(office, pin="0000")

    locked = read(office)
    by_face = read(office, "face", None)
    with office.system_work("municipal_counter") as work:
        services(office, work).service.reset_pin("card-1")
    again = read(office)

    assert isinstance(locked, CardRefused)
    assert locked.reason == "locked"
    assert isinstance(by_face, Checked)
    assert isinstance(again, Checked)
    assert_audited_ever(office, "eligibility.reset_pin")


@pytest.mark.usefixtures("card")
def test_a_card_nobody_has_is_not_unlocked(office: SmallWorld) -> None:
    with office.system_work("municipal_counter") as work, pytest.raises(NotFoundError):
        services(office, work).service.reset_pin("card-9")


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize("pin", [None, ""])
def test_a_pin_that_was_not_given_counts_no_try(office: SmallWorld, pin: str | None) -> None:
    with pytest.raises(UsageError, match="No try was counted"):
        read(office, pin=pin)

    assert tries(office) == 0


def test_the_command_wants_a_pin_and_names_what_is_missing() -> None:
    with pytest.raises(UsageError, match="--pin"):
        simulate.reader(folder=Path("x"), card="card-1", method="pin")
    with pytest.raises(UsageError, match="--folder"):
        simulate.reader(card="card-1")


@pytest.mark.usefixtures("card")
def test_the_counter_says_what_to_do_with_a_locked_card(office: SmallWorld, desk: Enter, live_desk: Any) -> None:
    clinic = desk("institution")
    with office.system_work() as work:
        work.connection.execute("UPDATE card SET pin_tries = 3")

    page = clinic.submit("/reader", {"card": "card-1", "method": "pin", "pin": "1234"})

    assert "市区町村の窓口で再設定" in page.text
    assert "顔認証か職員の目視" in page.text
    assert "資格確認書" in page.text
    live = live_desk("institution")
    live.open(str(page.url.path))
    assert_accessible(live)
    assert_reflows(live)


@pytest.mark.usefixtures("card")
def test_the_consent_page_tells_a_patient_whose_pin_is_locked(office: SmallWorld, visitor_desk: Desk) -> None:
    with office.system_work() as work:
        work.connection.execute("UPDATE card SET pin_tries = 3, pin_hash = %s", [PasswordHasher(1, 8, 1).hash("1234")])

    page = visitor_desk.submit(f"/consent/visits/{CODE}", {"card": "card-1", "pin": "1234", "consents": ["medicines"]})

    assert "市区町村の窓口で再設定" in page.text
    assert tries(office) == 3


# --- consents live 24 hours -----------------------------------------------------------------------------------------


def medical(office: SmallWorld) -> MedicalAnswer:
    with office.system_work("oqs") as work:
        service = services(office, work).service
        return service.medical(service.institution(CODE), KEY, Viewable.MEDICINES)


@pytest.fixture(name="consented")
def _consented(office: SmallWorld) -> None:
    add_institution(office)
    member = add_member(office)
    add_card(office, "card-1", member)
    add_medicine(office, member, date(2026, 3, 1))
    office.clock.set(GIVEN)
    read(office, "face", None, (Viewable.MEDICINES,))


@pytest.mark.seed("S81")
@pytest.mark.usefixtures("consented")
@pytest.mark.parametrize(
    ("moment", "is_alive"),
    [
        (GIVEN, True),
        ("2026-04-02T00:00:00+09:00", True),  # across midnight in Japan
        ("2026-04-02T08:59:59+09:00", True),  # across midnight in UTC
        ("2026-04-02T09:00:00+09:00", True),
        ("2026-04-02T23:59:57+09:00", True),  # one second before the end
        ("2026-04-02T23:59:58+09:00", False),  # 24 hours
        ("2026-04-02T23:59:59+09:00", False),
        ("2026-04-03T09:00:00+09:00", False),
        ("2026-04-01T23:59:57+09:00", False),  # the clock went back: nothing was allowed yet
    ],
)
def test_a_consent_lives_24_hours_on_every_face(office: SmallWorld, moment: str, is_alive: bool) -> None:
    office.clock.set(moment)

    shown = medical(office)
    read_again = read(office, "face", None)

    assert (len(shown.entries), shown.refusal) == ((1, "") if is_alive else (0, NO_CONSENT))
    assert isinstance(read_again, Checked)
    assert (Viewable.MEDICINES in read_again.finding.consents) is is_alive
    frame = Frame(Header(CODE, ""), office.clock.now(), CharacterCode.UTF_8)
    xml = AnswerWriter(packaged_catalogue()).eligibility(frame, told(read_again, None)).decode()
    assert ("<PharmacistsInfoConsFlg>1<" in xml) is is_alive
    assert ("<PharmacistsInfoAvailableTime>20260402235958<" in xml) is is_alive


@pytest.mark.seed("S81")
@pytest.mark.usefixtures("consented")
def test_the_page_shows_medicines_to_the_last_second_and_logs_no_view_after_it(office: SmallWorld, desk: Enter) -> None:
    clinic = desk("institution")
    visit = re.search(
        r"/reception/visits/(\d+)", str(clinic.submit("/reader", {"card": "card-1", "method": "face"}).url)
    )
    assert visit is not None
    path = f"/reception/visits/{visit[1]}/medical/medicines"

    office.clock.set("2026-04-02T00:00:01+09:00")
    before = desk("institution").get(path)
    office.clock.set("2026-04-02T23:59:58+09:00")
    after = desk("institution").get(path)

    assert "アムロジピン" in before.text
    assert "アムロジピン" not in after.text
    assert [viewer for _, viewer, _ in accesses(office)].count("doctor") == 1


# --- the system-failure mode ----------------------------------------------------------------------------------------


@pytest.mark.seed("S82f")
def test_the_failure_mode_ends_with_the_second_it_was_opened_until(office: SmallWorld, desk: Enter) -> None:
    add_institution(office, telephone="03-9999-0000")
    add_member(office)
    search = {"kanji_name": "紐付花子", "birth_date": "H1.3.31", "sex": "2", "address": "東京都千代田区霞が関1-2-3"}
    desk("institution").submit("/reception/outage", {"reason": "停電"})
    desk("fund_operator").submit("/outages/1/open", {"called_back": "1"})
    with office.system_work() as work:
        row = work.connection.execute("SELECT opened_until FROM outage_grant").fetchone()
        assert row is not None
    until: datetime = row["opened_until"]

    office.clock.set(until - timedelta(seconds=1))
    before = desk("institution").submit("/reception/outage/search", search)
    office.clock.set(until)
    after = desk("institution").submit("/reception/outage/search", search)

    assert "/reception/visits/" in str(before.url)
    assert "開いていません" in after.text
    assert [viewer for _, viewer, _ in accesses(office)] == ["outage"]
