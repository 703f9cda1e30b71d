"""Writes the reference pages that only repeat what the program's own data say.

Usage: ``python tools/make_reference.py`` writes docs/reference; a test fails when a page is out of date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from himozuke.entrypoints.cli.listing import text
from himozuke.gateways.notice_files.template import COLUMNS
from himozuke.gateways.shfd_csv.layout import file_layout, forms
from himozuke.identity.state import How
from himozuke.inspection import words
from himozuke.inspection.model import ACTIONS, CAUSES, ITEMS, RESTRICTIONS, STATES, VERDICTS
from himozuke.registration import words as notice_words
from himozuke.registration.model import Problem
from himozuke.rules.loader import load
from himozuke.rules.model import RuleBook, plain
from himozuke.schemes import all_schemes
from himozuke.settings import SETTINGS, Settings

FOLDER = Path(__file__).parent.parent / "docs" / "reference"
MADE_BY = "<!-- Written by tools/make_reference.py from the program's own data; do not edit. -->"


def pages() -> dict[str, str]:
    """Every generated page by file name."""
    return {
        "notices.md": _page("Files of notices 届出ファイル", _notices()),
        "rules.md": _page("Rules 規則", _rules(load())),
        "schemes.md": _page("Schemes 制度", _schemes(load())),
        "settings.md": _page("Settings 設定", _settings()),
        "words.md": _page("Verdicts, states, reasons and causes 判定・状態・理由・原因", _words()),
    }


def _page(title: str, parts: Iterable[str]) -> str:
    return "\n\n".join([f"# {title}", MADE_BY, *parts]) + "\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [_line(columns), _line(["---"] * len(columns)), *map(_line, rows)]
    return "\n".join(lines)


def _line(cells: Sequence[object]) -> str:
    return "| " + " | ".join(text(cell).replace("|", "\\|").replace("\n", "<br>") for cell in cells) + " |"


def _rules(book: RuleBook) -> Iterable[str]:
    yield (
        "Each value holds from its first day (`from`) until the day before the next one, or until further notice. The day "
        "that counts is the day of the event: for the items a number was got with, the day it was got. A decision table is "
        "read from the top; a condition that a row leaves out holds always. How to add rows of your own: "
        "[rules and schemes of your own](../en/how-to/rules-and-schemes.md)."
    )
    yield (
        "値は施行日（`from`）から次の値の前日まで有効です。基準になる日は出来事の日で、照会に用いた項目なら番号を取得した日です。判定表は上から読み、"
        "行に書かれていない条件は常に成り立ちます。独自の行の足し方は[独自の規則と制度](../ja/how-to/rules-and-schemes.md)を見てください。"
    )
    yield (
        "In `source`, S01…S111 are the requirements this product was built from; R-JLIS, R-GUIDE and R-CLASS are its collections of "
        "published rules on inquiries, on the guideline for all schemes and on the assessment of 2023; what stands in brackets "
        "after them is the page the rule was read on."
    )
    for key in book.keys():
        entries = book.entries(key)
        yield f"## `{key}` {entries[-1].title_ja}"
        rows = [(entry.since, text(plain(entry.value)) or "(empty)", entry.source, entry.note) for entry in entries]
        yield _table(("from", "is", "source", "note"), rows)


def _notices() -> Iterable[str]:
    yield (
        "Notices come in two kinds of file, told apart by what is in them, not by their name: the form file of the pension "
        "service, and our template. Good rows are taken; every other row is answered with line, column, reason and remedy. "
        "届出ファイルは2種類で、名前ではなく中身で見分けます。正しい行は受け付け、ほかの行は行・列・理由・対処を返します。"
    )
    yield "## Template 様式"
    yield (
        "CSV (UTF-8 with or without byte order mark, or CP932) or xlsx. Headers in Japanese or English, in any order; a column "
        "that is not needed may be left out. 見出しは日本語でも英語でも、順序は自由です。要らない列は省けます。"
    )
    rows = [(column.ja, f"`{column.en}`", column.about_ja, column.about_en, column.example) for column in COLUMNS]
    yield _table(("列", "column", "書き方", "what to write", "example"), rows)
    layout = file_layout()
    yield f"## {layout.name}"
    yield (
        f"Smaller than {layout.most_bytes:,} bytes; every line ends with CR LF; items are parted by commas and never quoted; one-byte "
        "characters are JIS X 0201 (kana in half width), two-byte characters JIS X 0208 levels 1 and 2 in Shift_JIS, so that 髙, 﨑, ① "
        "and private characters are none of the file's and are told by row, item and byte. Lines: the file (6 items), `[kanri]`, "
        "the count, one line of 12 items for each place of work, `[data]`, one line a notice. A date is an era digit "
        "(1 明治, 3 大正, 5 昭和, 7 平成, 9 令和) and YYMMDD. Items that are not listed are not confirmed by public sources: "
        "they are read over, and written empty. The layout is that of edition 16.2 (March 2026) as public programs quote it."
    )
    for form in forms().values():
        yield f"### {form.code} {form.name_ja} ({form.width})"
        if form.refused_width:
            yield (
                f"Read in the edition of {form.width} items; rows of {form.refused_width} items (2026) are refused, since their layout "
                "is not public. Never written."
            )
        items = [
            (
                item.place,
                item.ja,
                f"`{item.name}`",
                item.kind,
                item.bytes or "",
                "・".join(item.values),
                "yes" if item.needed else "",
            )
            for item in form.items
        ]
        yield _table(("item", "項目", "name", "kind", "bytes", "values", "needed"), items)
    yield "## Problems 誤りの種類"
    told = [
        (
            code,
            notice_words.tell(Problem(code, "…", "…", "…"), "ja"),
            notice_words.tell(Problem(code, "…", "…", "…"), "en"),
        )
        for code in notice_words.codes()
    ]
    yield _table(
        ("code", "理由", "対処", "reason", "remedy"),
        [(f"`{code}`", ja.reason, ja.remedy, en.reason, en.remedy) for code, ja, en in told],
    )


def _schemes(book: RuleBook) -> Iterable[str]:
    yield (
        "`items_required` is what a link must hold and agree on to be proven, by the rule of the day the number was got; an "
        "item the scheme's records have no room for is never required of it. `items_required` は、番号を取得した日の規則によって、"
        "正しいと言うために必要な項目です。"
    )
    for scheme in all_schemes():
        yield f"## `{scheme.code}` {scheme.name_ja}"
        traits = (
            (scheme.is_insurer, "medical insurer 医療保険者"),
            (scheme.holds_medical_information, "holds medical information 医療情報を持つ"),
            (scheme.is_self_service, "people enter their own links 本人が端末で登録する"),
        )
        yield " · ".join([scheme.name_en, *(trait for holds, trait in traits if holds)])
        yield f"Items held 保有項目: {_names(scheme.items_held)}"
        rows = [
            (entry.since, _names(scheme.items_required(book, entry.since)) or "(none)")
            for entry in book.entries(scheme.required_items_key)
        ]
        yield _table(("from", "items_required"), rows)


def _names(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)


def _settings() -> Iterable[str]:
    yield (
        "The program reads these variables from the environment and nothing else; an option of a command comes first. "
        "`himozuke settings` prints what is in force. プログラムが環境から読むのは次の変数だけで、コマンドのオプションが優先します。"
    )
    rows = [
        (f"`{setting.variable}`", getattr(Settings, setting.name), setting.meaning_en, setting.meaning_ja)
        for setting in SETTINGS
    ]
    yield _table(("variable", "default", "meaning", "意味"), rows)
    yield (
        "Where `XDG_CACHE_HOME` is set, the cache stands in its directory `himozuke` unless `HIMOZUKE_CACHE_DIR` says "
        "otherwise. `XDG_CACHE_HOME` があれば、既定の置き場所はその中の `himozuke` です。"
    )


def _words() -> Iterable[str]:
    yield "The words are those of the files `inspect` writes and of what `verify` and `compare` print."
    lists: tuple[tuple[str, str, Sequence[str]], ...] = (
        ("verdict", "Verdicts 判定", VERDICTS),
        ("action", "Actions 対応", ACTIONS),
        ("restriction", "Restriction 閲覧停止", RESTRICTIONS),
        ("item", "Items 項目", ITEMS),
        ("state", "Item states 項目の状態", STATES),
    )
    for kind, title, codes in lists:
        yield f"## {title}"
        yield _table(("word", "English", "日本語"), [_labelled(kind, code) for code in codes])
    yield "## How a state was reached 状態に至った道すじ"
    ways = [(f"`{way}`", words.how(way, "en"), words.how(way)) for way in (how.name.lower() for how in How)]
    yield _table(("way", "English", "日本語"), ways)
    yield "## Reasons 理由"
    codes = sorted(words.reason_codes())
    yield _table(
        ("code", "English", "日本語"), [(f"`{c}`", words.reason(c, "en"), words.reason(c, "ja")) for c in codes]
    )
    yield "## Causes 原因"
    yield "In the order in which evidence decides: the first that has evidence wins. 証拠のある最初のものを採ります。"
    order = ("C6", "C5", "C2", "C1", "C8", "C3", "C7", "C4", "C10", "C9")
    for code in sorted(CAUSES, key=order.index):
        yield f"### {code} {words.cause(code, 'en')} {words.cause(code, 'ja')}"
        yield f"{words.cause_about(code, 'en')} {words.playbook(code, 'en')}"
        yield f"{words.cause_about(code, 'ja')}{words.playbook(code, 'ja')}"


def _labelled(kind: str, code: str) -> tuple[str, str, str]:
    said: Mapping[words.Lang, str] = {
        lang: ": ".join(filter(None, (words.label(kind, code, lang), words.about(kind, code, lang))))
        for lang in ("en", "ja")
    }
    return f"`{code}`", said["en"], said["ja"]


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, page in pages().items():
        (FOLDER / name).write_text(page, encoding="utf-8")
        print(FOLDER / name)


if __name__ == "__main__":
    main()
