"""The vendor kit against a fresh gateway, and the check of requests against the mistakes vendors make."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from database_fixture import JAPAN, SmallWorld
from institutions import CODE, Member, add_card, add_institution, add_member, desk, set_link
from psycopg.types.json import Jsonb

from himozuke.eligibility.model import Reference, Viewable
from himozuke.eligibility.service import CardReading, Checked, EligibilityService
from himozuke.entrypoints.oqs.answering import FolderAnswering, told
from himozuke.entrypoints.oqs.checking import check_requests
from himozuke.entrypoints.oqs.kit import write_kit
from himozuke.entrypoints.oqs.kit_people import KEY, NEWER_KEY, request, search
from himozuke.entrypoints.oqs.kit_samples import PASSWORD, RECEPTION, WORLDS, Sample, samples
from himozuke.gateways.oqs_files.answers import AnswerWriter, Frame
from himozuke.gateways.oqs_files.catalogue import packaged_catalogue, read_name
from himozuke.gateways.oqs_files.folder import Gateway, put_in_place
from himozuke.gateways.oqs_files.requests import Header
from himozuke.gateways.oqs_files.sealed_zip import open_sealed
from himozuke.gateways.oqs_files.xml_text import CharacterCode, read_message

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=JAPAN)
CARD = "card-1"
LIMIT = {"certificate_class": "01", "income_class": "A03", "issued_on": "2026-11-01", "valid_from": "2026-11-01"}
PRINTED = {"postal_code": "100-0001", "issued_on": date(2024, 4, 1), "valid_from": date(2024, 4, 1)}


def test_every_message_and_every_code_has_a_sample() -> None:
    every = samples()
    asked = {name.prefix for one in every if (name := read_name(one.name))}
    codes = {code for one in every for code in re.findall(rb"HZ-[A-Z]\d\d", plain(one.answer))}

    assert {kind.prefix for kind in packaged_catalogue().kinds} <= asked
    assert {code.decode() for code in codes} == set(packaged_catalogue().result_codes)
    assert {one.world for one in every} == set(WORLDS)


def test_the_kit_is_written_with_a_list_of_what_is_in_it(tmp_path: Path) -> None:
    count = write_kit(tmp_path)

    folders = [entry.name for entry in tmp_path.iterdir() if entry.is_dir()]
    assert len(folders) == count
    listed = (tmp_path / "README.md").read_text("utf-8")
    assert [name for name in folders if f"| {name} |" not in listed] == []


@pytest.mark.parametrize("world", WORLDS)
def test_a_fresh_gateway_answers_the_requests_of_the_kit_as_the_kit_says(
    office: SmallWorld, tmp_path: Path, world: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.clock.set(NOW)
    put_on_record(office, world)
    if world == "fault":
        monkeypatch.setattr(EligibilityService, "check", broken)
    gate = Gate(office, tmp_path)

    # what leaves a trace that other answers would show comes last: consents at the reader, numbers of patients
    of_world = [one for one in samples() if one.world == world]
    of_world.sort(key=lambda one: 2 if "siimm" in one.name or "muimm" in one.name else one.request is None)
    wrong = [one.folder for one in of_world if gate.answer(one) != comparable(one.answer)]

    assert wrong == []


class Gate:
    """A gateway that has never seen a request."""

    def __init__(self, office: SmallWorld, root: Path) -> None:
        self._office = office
        self._root = root
        self._share = root / CODE
        (self._share / "req").mkdir(parents=True)
        self._answering = FolderAnswering(office.database, lambda work: desk(office, work), packaged_catalogue())
        self._reception = RECEPTION

    def answer(self, sample: Sample) -> bytes:
        """What comes back for a sample, without what differs each time."""
        if sample.request is None:
            return comparable(self._pushed(sample))
        content = sample.request.replace(RECEPTION.encode(), self._reception.encode())
        if sample.folder.endswith("-fetch") and "running" not in sample.folder:
            assert self._answering.work_off()
            while self._answering.work_off():
                pass
        put_in_place(self._share / "req", sample.name, content)
        with Gateway(self._root, self._answering, settling_seconds=0.05) as gateway:
            gateway.run_once()
        answer = (self._share / "res" / sample.answer_name).read_bytes()
        if found := re.search(rb"<ReceptionNumber>(R\d+)<", answer):
            self._reception = found[1].decode()
        return comparable(answer)

    def _pushed(self, sample: Sample) -> bytes:
        allowed = [Viewable.MEDICINES] if "consent" in sample.shows else []
        with self._office.system_work("reader") as work:
            service = desk(self._office, work).service
            reading = CardReading(CARD, "face", None, allowed)
            answer = service.read_card(service.institution(CODE), reading)
        assert isinstance(answer, Checked)
        frame = Frame(Header(CODE, ""), NOW, CharacterCode.UTF_8, NOW.date(), Reference.CARD)
        return AnswerWriter(packaged_catalogue()).eligibility(frame, told(answer, None))


def put_on_record(office: SmallWorld, world: str) -> None:
    """What the kit says is on record."""
    name_insurers(office)
    away = world != "no_remote"
    sealed = office.vault.box.seal(PASSWORD.encode(), purpose="zip_password")
    add_institution(office, treats_at_home=away, treats_online=away, zip_password_sealed=sealed)
    if world == "nobody":
        return
    ended = date(2026, 10, 1) if world in {"ended", "moved"} else None
    printed = PRINTED | {"limits": Jsonb([LIMIT])}
    member = add_member(office, key=parts(KEY), address="東京都千代田区", ended_on=ended, certificate=printed)
    add_card(office, CARD, member, **({"certificate_until": date(2026, 12, 31)} if world == "ends_soon" else {}))
    if world in {"moved", "several"}:
        later = PRINTED | {"issued_on": date(2025, 4, 1)}
        add_member(
            office,
            key=parts(NEWER_KEY),
            insurer=office.other_insurer,
            address="東京都千代田区",
            certificate=later,
            linkage_code="other",
        )
    if world == "stopped":
        set_link(office, member, state="stopped", restriction="ALL", verdict="REFUTED")
    if world in {"consented", "medical_stopped"}:
        allow(office, away=world == "consented")
        add_entries(office, member)
    if world == "medical_stopped":
        set_link(office, member, state="stopped", restriction="MEDICAL", verdict="DOUBTFUL")


def allow(office: SmallWorld, *, away: bool) -> None:
    allowed = [Viewable.MEDICINES, Viewable.CHECKUPS]
    with office.system_work("reader") as work:
        service = desk(office, work).service
        clinic = service.institution(CODE)
        assert isinstance(service.read_card(clinic, CardReading(CARD, "face", None, allowed)), Checked)
        if away:
            assert service.consent_from_afar(clinic, CARD, "1234", allowed, channel="home") is None
            assert service.consent_from_afar(clinic, CARD, "1234", allowed, channel="online") is None


def add_entries(office: SmallWorld, member: Member) -> None:
    drug = {"code": "612170709", "name": "アムロジピン錠５ｍｇ", "amount": "1", "unit": "錠", "times": "28"}
    examined = {"code": "9A755000000000001", "name": "収縮期血圧", "value": "128", "unit": "mm[Hg]"}
    with office.system_work() as work:
        for viewable, on, place, content in (
            ("medicines", date(2026, 11, 2), "ひもづけ薬局", drug),
            ("checkups", date(2026, 6, 2), "ひもづけ健診センター", examined),
        ):
            work.connection.execute(
                "INSERT INTO medical_entry (organisation_id, link_id, viewable, on_day, institution_name, content) "
                "SELECT organisation_id, link_id, %s, %s, %s, %s FROM link WHERE link_id = %s",
                [viewable, on, place, Jsonb([content]), member.link_id],
            )


def name_insurers(office: SmallWorld) -> None:
    with office.system_work() as work:
        work.connection.execute("UPDATE organisation SET name = 'ひも健康保険組合' WHERE kind = 'insurer'")


def parts(key: Any) -> tuple[str, str, str, str]:
    return (key.insurer_number, key.symbol, key.number, key.branch)


def broken(*_: object, **__: object) -> None:
    raise ArithmeticError


def plain(content: bytes) -> bytes:
    return open_sealed(content, PASSWORD) if content.startswith(b"PK") else content


def comparable(content: bytes) -> bytes:
    return re.sub(rb"<ReceptionNumber>R\d{14}<", b"<ReceptionNumber>R<", plain(content))


WHOLE = request([search()])


def changed(old: str, new: str, encoding: str = "cp932") -> bytes:
    before, after = old.encode("cp932"), new.encode(encoding)
    assert before in WHOLE
    return WHOLE.replace(before, after)


def in_utf8(text: str = "UTF-8") -> bytes:
    return WHOLE.decode("cp932").replace("Shift_JIS", text).encode()


GOOD = "OQSsiquc01req_1.xml"
#: What a vendor does wrong: name of the file, content, code; and a word the answer must name.
REFUSED: Mapping[str, tuple[str, bytes, str, str]] = {
    "full-width digits in a date": (GOOD, changed("19890331", "１９８９０３３１"), "HZ-R02", "Birthdate"),
    "a date in an era": (GOOD, changed("19890331", "H010331"), "HZ-R02", "Birthdate"),
    "a date with hyphens": (GOOD, changed("19890331", "1989-03-31"), "HZ-R02", "Birthdate"),
    "a day that does not exist": (GOOD, changed("19890331", "19890229"), "HZ-R02", "Birthdate"),
    "Shift_JIS declared as UTF-8": (GOOD, WHOLE.replace(b"Shift_JIS", b"UTF-8"), "HZ-F03", "utf-8"),
    "UTF-16": (GOOD, WHOLE.decode("cp932").encode("utf-16"), "HZ-F03", ""),
    "another encoding": (GOOD, in_utf8("EUC-JP"), "HZ-F03", "euc-jp"),
    "another root": (GOOD, changed("XmlMsg>", "Xmlmsg>"), "HZ-R01", "XmlMsg"),
    "a prefix before every element": (GOOD, changed("XmlMsg>", "oqs:XmlMsg>"), "HZ-R01", "XmlMsg"),
    "no req_ in the name": ("OQSsiquc01_1.xml", WHOLE, "HZ-F01", "OQSsiquc01_1.xml"),
    "an unknown prefix": ("OQSsiqux01req_1.xml", WHOLE, "HZ-F01", "OQSsiqux01req_1.xml"),
    "another ending": ("OQSsiquc01req_1.txt", WHOLE, "HZ-F01", "OQSsiquc01req_1.txt"),
    "an empty element": (GOOD, changed(">5678<", "><"), "HZ-R01", "InsuredIdentificationNumber"),
    "an element of blanks": (GOOD, changed(">5678<", ">  <"), "HZ-R01", "InsuredIdentificationNumber"),
    "an element in other case": (GOOD, changed("Birthdate>", "BirthDate>"), "HZ-R01", "Birthdate"),
    "a lost leading zero": (GOOD, changed("06130488", "6130488"), "HZ-R02", "InsurerNumber"),
    "letters in a number": (GOOD, changed("06130488", "06I30488"), "HZ-R02", "InsurerNumber"),
    "an institution of seven digits": (GOOD, changed("1312345676", "2345676"), "HZ-R02", "MedicalInstitutionCode"),
    "a flag that is no code": (
        GOOD,
        changed("ConsFlg>1<", "ConsFlg>true<"),
        "HZ-R02",
        "LimitApplicationCertificateRelatedConsFlg",
    ),
    "an ampersand as it stands": (GOOD, changed("5678", "5&78"), "HZ-F04", "Line"),
    "the header in the body": (GOOD, changed("MessageHeader>", "Header>"), "HZ-R01", "MessageHeader"),
    "a document type": (GOOD, changed("<XmlMsg>", "<!DOCTYPE XmlMsg><XmlMsg>"), "HZ-F05", ""),
    "nothing": (GOOD, b"", "HZ-F02", ""),
    "a PDF asked for": (
        "YZKsiquc01req_1.xml",
        request(
            [("FileCategory", "1")],
            header=[
                ("MedicalInstitutionCode", CODE),
                ("InsurerNumber", "06130488"),
                ("InsuredPersonIdentificationNumber", "5678"),
            ],
        ),
        "HZ-R02",
        "FileCategory",
    ),
}
ACCEPTED: Mapping[str, tuple[str, bytes]] = {
    "as it should be": (GOOD, WHOLE),
    "a byte order mark": (GOOD, b"\xef\xbb\xbf" + in_utf8()),
    "CRLF and indents": (GOOD, WHOLE.replace(b"><", b">\r\n  <")),
    "no declaration": (GOOD, WHOLE.decode("cp932").partition("?>")[2].encode()),
    "a name space of its own": (GOOD, changed("<XmlMsg>", '<XmlMsg xmlns="urn:vendor">')),
    "full-width digits in a number": (GOOD, changed("06130488", "０６１３０４８８")),
    "a name in lower case": ("oqssiquc01REQ_1.XML", WHOLE),
    "an absent branch": (GOOD, changed("<InsuredBranchNumber>01</InsuredBranchNumber>", "")),
    "the code for an unknown insurer": (GOOD, changed("06130488", "77777777")),
}
NOTED: Mapping[str, tuple[bytes, str]] = {
    "a wrong check digit of the insurer": (changed("06130488", "06130489"), "06130489"),
    "a wrong check digit of the institution": (changed("1312345676", "1312345675"), "1312345675"),
    "an element that is none": (changed("<Birthdate>", "<Birthday>1</Birthday><Birthdate>"), "Birthday"),
}


def check(folder: Path, name: str, content: bytes, language: str = "en") -> list[Any]:
    (folder / name).write_bytes(content)
    return check_requests(folder, packaged_catalogue(), language, zip_password=PASSWORD)


@pytest.mark.parametrize("mistake", REFUSED)
def test_a_mistake_of_a_vendor_is_named_with_its_element(tmp_path: Path, mistake: str) -> None:
    name, content, code, word = REFUSED[mistake]

    [row] = check(tmp_path, name, content)

    assert (row.result, row.code) == ("refused", code)
    assert word in row.reason


@pytest.mark.parametrize("harmless", ACCEPTED)
def test_what_is_only_unusual_is_accepted(tmp_path: Path, harmless: str) -> None:
    name, content = ACCEPTED[harmless]

    assert [(row.result, row.reason) for row in check(tmp_path, name, content)] == [("accepted", "")]


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("mistake", NOTED)
def test_what_would_find_nothing_or_be_passed_over_is_noted(tmp_path: Path, mistake: str, language: str) -> None:
    content, word = NOTED[mistake]

    [row] = check(tmp_path, GOOD, content, language)

    assert row.result == "note"
    assert word in row.reason


def test_the_line_of_the_mistake_is_named(tmp_path: Path) -> None:
    lines = WHOLE.replace(b"><", b">\n<")
    wrong = lines.replace(b"19890331", b"H010331")
    place = 1 + wrong[: wrong.index(b"H010331")].count(b"\n")

    [row] = check(tmp_path, GOOD, wrong)

    assert row.line == place
    [cut] = check(tmp_path, GOOD, lines[:-20])
    assert cut.line == lines[:-20].count(b"\n") + 1


def test_each_wrong_person_of_many_has_a_row(tmp_path: Path) -> None:
    content = request([search(), search(""), search("H010331")])

    rows = check(tmp_path, "OQSmuquc01req_1.xml", content)

    assert [row.code for row in rows] == ["HZ-R01", "HZ-R02"]


def test_the_gateway_refuses_what_the_check_refuses(office: SmallWorld, tmp_path: Path) -> None:
    office.clock.set(NOW)
    put_on_record(office, "insured")
    root = tmp_path / "root"
    share = root / CODE
    (share / "req").mkdir(parents=True)
    named = {f"OQSsiquc01req_{number}.xml": row for number, row in enumerate(REFUSED.values()) if row[0] == GOOD}
    for name, (_, content, _, _) in named.items():
        put_in_place(share / "req", name, content)
    answering = FolderAnswering(office.database, lambda work: desk(office, work), packaged_catalogue())
    with Gateway(root, answering, settling_seconds=0.05) as gateway:
        gateway.run_once()

    codes = {}
    for name in named:
        header = read_message((share / "res" / name.replace("req_", "res_")).read_bytes()).root.child("MessageHeader")
        assert header is not None
        codes[name] = header.value("ErrorCode")
    assert codes == {name: code for name, (_, _, code, _) in named.items()}
