"""Letters as they leave the office: what they say, that names keep their shape, that nothing changes by itself."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("typst", reason="the extra 'server' is not installed")

import pypdf

from himozuke.errors import MissingGlyphError, Sentence
from himozuke.gateways.letters import TypstPrinter
from himozuke.gateways.letters.fonts import Typecase, code_points, font_files, split_characters
from himozuke.ports.letters import (
    Addressee,
    ApologyLetter,
    Choice,
    CommissionReport,
    ComparedItem,
    ConfirmationSheet,
    CounterNotice,
    DeclarationForm,
    EligibilityNotice,
    HeldItem,
    InquiryLetter,
    Letter,
    Printed,
    PublishedTable,
    Section,
    Sender,
    Viewing,
)

KUZU_OF_KATSURAGI = "葛" + chr(0xE0100)
SENDER = Sender(
    "ひもづけ健康保険組合",
    "資格管理課",
    "100-0013",
    "東京都千代田区霞が関一丁目2番3号",
    "03-0000-0000",
    "平日 9時から17時",
)
HANAKO = Addressee(f"{KUZU_OF_KATSURAGI}木　花子", "カツラギ　ハナコ", "150-0001", "東京都渋谷区神宮前四丁目5番6号")


def inquiry(**changes: Any) -> InquiryLetter:
    content: dict[str, Any] = {
        "sender": SENDER,
        "addressee": HANAKO,
        "document_number": "健確第123号",
        "sent_on": date(2026, 11, 25),
        "reply_by": date(2026, 12, 15),
        "scheme_name": "ひもづけ健康保険組合",
        "items": [HeldItem("記号・番号", "12-345678"), HeldItem("生年月日", "昭和60年3月4日")],
        "reply_code": "K7Q2-9FMD",
        "reply_url": "https://desk.example/reply/K7Q29FMD",
    }
    return InquiryLetter(**(content | changes))


OTHERS: list[Printed] = [
    ApologyLetter(
        sender=SENDER,
        addressee=HANAKO,
        document_number="健確第130号",
        sent_on=date(2026, 12, 20),
        scheme_name="ひもづけ健康保険組合",
        what_happened="氏名と生年月日が同じ別の方の個人番号を誤って紐付けていました。",
        wrong_from=date(2022, 4, 1),
        wrong_to=date(2026, 11, 25),
        corrected_on=date(2026, 12, 18),
        viewings=[Viewing(date(2023, 2, 3), "ひもづけ市民病院", "薬剤情報")],
        prevention="すべての新しい記録を五つの項目で突き合わせます。",
    ),
    CommissionReport(
        sender=SENDER,
        kind="prompt",
        document_number="健確第125号",
        reported_on=date(2026, 11, 27),
        known_on=date(2026, 11, 25),
        due_on=date(2026, 11, 30),
        ground="規則第2条第1号",
        contents=[("概要", "内容"), ("項目", "内容")],
    ),
    ConfirmationSheet(
        sender=SENDER,
        document_number="健確第122号",
        printed_on=date(2026, 11, 25),
        case_number="123",
        masked_number="*********123",
        scheme_number="12-345678-00",
        verdict="別人の番号",
        restriction="すべて停止",
        reasons=["別の人の方がよく合います"],
        cause="",
        items=[ComparedItem("住所", "東京都", "大阪府", "相違", is_same=False)],
        steps=["資格取得届の個人番号を確かめる"],
    ),
    PublishedTable(
        title="三つの区分",
        publisher="厚生局",
        as_of=date(2023, 7, 4),
        version=2,
        columns=["区分", "団体数"],
        rows=[["①", "293"], ["②", "1,010"], ["③", "2,108"], ["計", "3,411"]],
        notes=["第1版の②は1,009でした。"],
    ),
    DeclarationForm(
        institution="ひもづけ診療所",
        institution_code="1312345676",
        visited_on=date(2026, 11, 25),
        failure="カードの不具合",
        is_deemed=False,
        basis=[],
        person=[HeldItem("漢字氏名", f"{KUZU_OF_KATSURAGI}木　花子"), HeldItem("住所", "")],
        insurance=[HeldItem("保険者等の名称", "")],
        kinds=[Choice("健康保険組合", is_chosen=True), Choice("分からない", is_chosen=False)],
        shares=[Choice("3割", is_chosen=True)],
        claim="",
    ),
    CounterNotice(
        institution="ひもづけ診療所",
        telephone="",
        printed_on=date(2026, 11, 25),
        title="受付でご用意いただくもの",
        lead="次のいずれかをお示しください。",
        sections=[Section("お願い", ["お薬手帳もお持ちください。"])],
    ),
    EligibilityNotice(
        sender=Sender("ひもづけ健康保険組合", "", "", "", ""),
        addressee=HANAKO,
        printed_on=date(2026, 11, 25),
        items=[HeldItem("番号", "5678"), HeldItem("氏名", f"{KUZU_OF_KATSURAGI}木　花子")],
        card=[HeldItem("番号", "5678")],
        valid_until=date(2027, 7, 31),
        notes=["年齢による割合です。"],
    ),
]


@pytest.fixture(scope="module")
def printer() -> TypstPrinter:
    return TypstPrinter()


def words(letter: Letter) -> str:
    pages = pypdf.PdfReader(io.BytesIO(letter.pdf)).pages
    return "".join(page.extract_text() for page in pages).replace("\n", "").replace(" ", "")


def pages(letter: Letter) -> int:
    return len(pypdf.PdfReader(io.BytesIO(letter.pdf)).pages)


@pytest.mark.seed("S73", "S74")
@pytest.mark.parametrize("columns", [5, 11])
def test_a_published_table_of_many_columns_keeps_what_a_row_is_on_one_line(printer: TypstPrinter, columns: int) -> None:
    first = "令和3年10月20日～令和4年11月30日" if columns == 5 else "共済組合の短期給付"
    heads = ["期間", *["異なる個人番号の登録が判明した事例"] * (columns - 1)]
    rows = [[first, *["160,123,456"] * (columns - 1)]]
    table = PublishedTable("事例", "厚生局", date(2023, 7, 4), 1, heads, rows, [])

    letter = printer.print_letter(table)

    assert pages(letter) == 1
    lines = pypdf.PdfReader(io.BytesIO(letter.pdf)).pages[0].extract_text().replace(" ", "")
    assert first in lines  # not broken into one sign a line
    assert lines.count("160,123,456") == columns - 1


@pytest.mark.seed("S54", "S64")
def test_the_inquiry_is_one_sheet_with_the_reply_form_on_its_back(printer: TypstPrinter) -> None:
    letter = printer.print_letter(inquiry())

    assert letter.kind == "inquiry"
    assert pages(letter) == 2
    said = words(letter)
    assert "令和8年12月15日までにご回答ください" in said
    assert "回答書" in said
    assert said.count("K7Q2-9FMD") == 2


def test_the_qr_code_stands_for_the_reply_page(printer: TypstPrinter) -> None:
    one = printer.print_letter(inquiry())
    other = printer.print_letter(inquiry(reply_url="https://desk.example/reply/OTHER"))

    assert "https://desk.example/reply/K7Q29FMD" in words(one)
    assert one.digest != other.digest


def test_a_reminder_names_the_first_letter_and_fits_the_same_sheet(printer: TypstPrinter) -> None:
    letter = printer.print_letter(inquiry(reminder_of=date(2026, 11, 25), sent_on=date(2026, 12, 16)))

    assert letter.kind == "reminder"
    assert pages(letter) == 2
    assert "令和8年11月25日付けで" in words(letter)


@pytest.mark.seed("S76")
def test_the_apology_lists_what_was_viewed(printer: TypstPrinter) -> None:
    said = words(printer.print_letter(OTHERS[0]))

    assert "1件の閲覧がありました" in said
    assert "ひもづけ市民病院" in said
    assert "令和4年4月1日から令和8年11月25日まで" in said


@pytest.mark.seed("S77", "S109")
def test_a_published_table_says_its_day_and_version(printer: TypstPrinter) -> None:
    said = words(printer.print_letter(OTHERS[3]))

    assert "令和5年7月4日時点\u3000第2版" in said
    assert "3,411" in said


@pytest.mark.parametrize("content", [inquiry(), *OTHERS], ids=lambda content: type(content).__name__)
def test_the_same_content_gives_the_same_bytes(printer: TypstPrinter, content: Printed) -> None:
    assert printer.print_letter(content) == TypstPrinter().print_letter(content)


@pytest.mark.parametrize("content", [inquiry(), *OTHERS], ids=lambda content: type(content).__name__)
def test_documents_are_tagged_for_screen_readers_and_say_their_language(
    printer: TypstPrinter, content: Printed
) -> None:
    catalogue: Any = pypdf.PdfReader(io.BytesIO(printer.print_letter(content).pdf)).trailer["/Root"]

    assert catalogue["/MarkInfo"]["/Marked"].value
    assert str(catalogue["/Lang"]).startswith("ja")
    assert catalogue["/StructTreeRoot"]


def test_text_is_never_read_as_commands_of_the_typesetter(printer: TypstPrinter) -> None:
    letter = printer.print_letter(inquiry(scheme_name='#panic("x") $a$ *太字* "引用" \\'))

    assert '#panic("x")$a$*太字*"引用"\\' in words(letter)


def test_a_name_no_font_draws_stops_the_print_and_shows_its_code_points(printer: TypstPrinter) -> None:
    in_private_use = Addressee("\ue000山　太郎", "ヤマ　タロウ", "", "東京都")

    with pytest.raises(MissingGlyphError, match=r"U\+E000.*enter the spelling"):
        printer.print_letter(inquiry(addressee=in_private_use))


def test_a_variant_the_font_lacks_is_not_replaced_by_the_plain_shape(printer: TypstPrinter) -> None:
    unknown_sequence = Addressee("木" + chr(0xE01EF) + "下　花子", "キノシタ　ハナコ", "", "東京都")

    with pytest.raises(MissingGlyphError, match=r"U\+6728 U\+E01EF"):
        printer.print_letter(inquiry(addressee=unknown_sequence))


def test_a_selector_stays_with_its_character() -> None:
    assert list(split_characters(f"{KUZU_OF_KATSURAGI}木")) == [KUZU_OF_KATSURAGI, "木"]
    assert code_points(KUZU_OF_KATSURAGI) == "U+845B U+E0100"


def test_one_font_draws_as_much_of_a_name_as_it_can() -> None:
    runs = Typecase().runs(f"{KUZU_OF_KATSURAGI}木　𠮷子")

    assert [run.text for run in runs] == [f"{KUZU_OF_KATSURAGI}木　𠮷子"]


def test_a_second_font_draws_the_sequences_of_the_other_collection(printer: TypstPrinter) -> None:
    typecase = Typecase()
    if not any("IPAmj" in family for family in typecase.families):
        pytest.skip("IPAmj明朝 is not installed")
    moji_joho = "邉" + chr(0xE010F)

    assert "IPAmj" in typecase.runs(moji_joho)[0].family
    assert printer.print_letter(inquiry(addressee=Addressee(f"渡{moji_joho}　花", "ワタナベ　ハナ", "", "東京都"))).pdf


def test_fonts_of_the_installation_are_a_file_or_all_of_a_folder(tmp_path: Path) -> None:
    for name in ("b.ttf", "a.OTF", "read.me"):
        (tmp_path / name).touch()

    assert font_files(None) == []
    assert font_files(tmp_path / "b.ttf") == [tmp_path / "b.ttf"]
    assert font_files(tmp_path) == [tmp_path / "a.OTF", tmp_path / "b.ttf"]


def test_a_character_nobody_draws_is_told_in_japanese_too(printer: TypstPrinter) -> None:
    unknown = chr(0x10FFFD)

    with pytest.raises(MissingGlyphError) as refusal:
        printer.print_letter(inquiry(scheme_name=unknown))

    sentence = refusal.value.args[0]
    assert isinstance(sentence, Sentence)
    assert "U+10FFFD" in sentence.read("ja")
    assert "HIMOZUKE_FONTS" in sentence.read("ja")
