"""Rendering ``report.html``: one self-contained page, Japanese and English, on screen and on A4."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from importlib import resources
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from himozuke.gateways.report import pictures, text
from himozuke.gateways.report.head import ReviewHead
from himozuke.gateways.results.files import write_text
from himozuke.identity.state import How
from himozuke.inspection import words
from himozuke.inspection.decide import public_items
from himozuke.inspection.funnel import funnel
from himozuke.inspection.model import (
    ACTIONS,
    ITEMS,
    RESTRICTIONS,
    STATES,
    VERDICTS,
    ReviewRow,
    RuleUsed,
    Summary,
)
from himozuke.inspection.next_steps import applied_people, next_steps

_HEAT_STEPS = 5
_RUNS_LISTED = 50
_JAPANESE, _ENGLISH = Markup('<span class="ja">'), Markup('</span><span class="en" lang="en">')
_SAID = Markup("</span>")


def write_report(path: Path, summary: Summary, head: ReviewHead) -> None:
    """Write the report of one inspection by rename."""
    write_text(path, render_report(summary, head))


def render_report(summary: Summary, head: ReviewHead) -> str:
    """Render the report of one inspection as a single HTML file without outside references."""
    title_ja = f"紐付け点検 結果報告 {summary.scheme_name_ja}"
    title_en = f"Link inspection report {summary.scheme_name_en}"
    return render_page(
        "report.html.j2",
        title_ja=title_ja,
        title_en=title_en,
        running_ja=f"{title_ja}（{day_ja(summary.on)}）",
        running_en=f"{title_en} ({summary.on.isoformat()})",
        summary=summary,
        head=head,
        steps=funnel(summary),
        next_steps=next_steps(summary),
        people=applied_people(summary),
        funnel_picture=pictures.funnel_picture(funnel(summary)),
        cause_rows=_cause_rows(summary),
        cause_picture=pictures.cause_picture(_cause_bars(summary)),
        shift_picture=pictures.shift_picture(summary),
        how_rows=_how_rows(summary),
        ledger_rows=_ledger_rows(summary),
        runs_listed=_RUNS_LISTED,
        heat=_heat(summary.rows_verdicted),
        cells=review_cells,
        is_hidden=is_hidden,
        ITEMS=ITEMS,
        STATES=STATES,
        VERDICTS=VERDICTS,
        ACTIONS=ACTIONS,
        RESTRICTIONS=RESTRICTIONS,
    )


def render_page(template: str, *, running_ja: str, running_en: str, **context: object) -> str:
    """Render a template inside the common page: own style and script, and a policy that allows no other."""
    css = resource("style.css") + _running_header(running_ja, running_en)
    script = resource("language.js")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_sha256(css)}'; script-src 'sha256-{_sha256(script)}';"
        " base-uri 'none'; form-action 'none'"
    )
    # Both are our own packaged text; escaping would break them and the policy's digests.
    own = {"css": Markup(css), "script": Markup(script)}  # noqa: S704
    return _environment().get_template(template).render(**own, policy=policy, **context)


def resource(name: str) -> str:
    """Read a packaged text of this gateway."""
    return (resources.files("himozuke.gateways.report") / name).read_text("utf-8").strip() + "\n"


def day_ja(day: date) -> str:
    """Write a day as Japanese documents do, with the western year."""
    return f"{day.year}年{day.month}月{day.day}日"


def both(ja: object, en: object) -> Markup:
    """Say a text in both languages; the switch of the page shows one of them."""
    return _JAPANESE + escape(ja) + _ENGLISH + escape(en) + _SAID


def number(value: int) -> str:
    """Write a whole number with thousands separators."""
    return f"{value:,}"


def share(part: int, whole: int) -> str:
    """Write a share of a whole as a percentage that never rounds a rest away.

    >>> share(999_999, 1_000_000), share(1, 1_000_000), share(0, 0)
    ('99.9999%', '0.0001%', '–')
    """
    if not whole:
        return "–"
    percent = 100 * part / whole
    for decimals in (1, 2, 3, 4, 6):
        written = f"{percent:.{decimals}f}"
        if part in (0, whole) or float(written) not in (0.0, 100.0):
            return f"{written}%"
    return "<0.000001%" if percent < 1 else ">99.999999%"


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("himozuke.gateways.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        t=both,
        label=_labelled(words.label),
        about=_labelled(words.about),
        short=_labelled(words.short),
        how=_labelled(words.how),
        reason=_labelled(words.reason),
        cause=_labelled(words.cause),
        cause_about=_labelled(words.cause_about),
        playbook=_labelled(words.playbook),
        evidence=_labelled(words.evidence),
        next_step=_labelled(words.next_step),
        word=words.label,
        rule_value=_rule_value,
        plain=text.plain,
        marked=text.marked,
    )
    environment.filters.update(number=number, day_ja=day_ja)
    environment.globals["share"] = share
    return environment


def _labelled(say: Callable[..., str]) -> Callable[..., Markup]:
    return lambda *names: both(say(*names, "ja"), say(*names, "en"))


def _rule_value(rule: RuleUsed) -> Markup:
    """Say a rule's value: items by their names, a decision table by the command that prints it."""
    if rule.key.endswith(".table"):
        command = Markup("<code>himozuke rules show {}</code>").format(rule.key)
        return both(Markup("表（{} で表示）").format(command), Markup("table (see {})").format(command))
    names = rule.value.split(", ")
    if not set(names) <= set(ITEMS):
        return both(rule.value, rule.value)
    return both("・".join(words.label("item", name) for name in names), _english_items(names))


def _english_items(names: Sequence[str]) -> str:
    return ", ".join(words.label("item", name, "en") for name in names)


def _running_header(ja: str, en: str) -> str:
    return (
        f"@page ja {{ @top-left {{ content: {text.css_string(ja)}; }} }}\n"
        f"@page en {{ @top-left {{ content: {text.css_string(en)}; }} }}\n"
    )


def _sha256(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


def _heat(total: int) -> Callable[[int], int]:
    """Grade a count from 0 (none) to 5 (most), each grade ten times rarer than the next."""

    def grade(count: int) -> int:
        if not count or not total:
            return 0
        rarer, step = total, _HEAT_STEPS
        while step > 1 and count * 10 <= rarer:
            rarer, step = rarer // 10, step - 1
        return step

    return grade


def _cause_rows(summary: Summary) -> list[tuple[str, int]]:
    found = [(code, count) for code, count in summary.counts.causes.items() if count]
    return sorted(found, key=lambda row: -row[1])


def _cause_bars(summary: Summary) -> list[tuple[str, str, int]]:
    bars = [
        (f"{code} {words.cause(code)}", f"{code} {words.cause(code, 'en')}", count)
        for code, count in _cause_rows(summary)
    ]
    if summary.counts.without_cause:
        bars.append(("原因の手がかりなし", "No evidence of a cause", summary.counts.without_cause))
    return bars


def _how_rows(summary: Summary) -> list[tuple[str, dict[str, int], int]]:
    """One row per way that occurs: its name, its count by item and in all."""
    ways = [way.name.lower() for way in How]
    rows = []
    for way in ways:
        by_item = {item: summary.hows.get(item, {}).get(way, 0) for item in ITEMS}
        if any(by_item.values()):
            rows.append((way, by_item, sum(by_item.values())))
    return rows


def _ledger_rows(summary: Summary) -> list[tuple[str, dict[str, int]]]:
    """One row per method of acquisition: links by number of items (``0``–``5``, ``unsaid``)."""
    rows: dict[str, dict[str, int]] = {}
    for line in summary.ledger:
        by_items = rows.setdefault(line.method or "unsaid", {})
        column = "unsaid" if line.items is None else str(line.items)
        by_items[column] = by_items.get(column, 0) + line.rows
    return list(rows.items())


def review_cells(row: ReviewRow, item: str) -> dict[str, Markup]:
    """Show one item of a review row: the file's value, the holder's, the other person's."""
    link, entry, rival = public_items(row)
    own, held = link.value(item), entry.value(item) if entry else ""
    other = rival.value(item) if rival else ""
    mark = text.marked_date if item == "birth_date" else text.marked
    return {
        "link": mark(own, held, state=row.states[item]),
        "entry": mark(held, own, state=row.states[item]),
        "rival": mark(other, own, state=_rival_state(item)),
    }


def _rival_state(item: str) -> str:
    # Of the rival's items only names are marked: elsewhere spelling alone differs too often.
    return "different" if item in ("kanji_name", "kana_name") else "equal"


def is_hidden(row: ReviewRow, whose: str, item: str) -> bool:
    """Tell whether a value exists but is kept back because the person is protected."""
    shown = dict(zip(("link", "entry", "rival"), public_items(row), strict=True))[whose]
    held = getattr(row, whose)
    return bool(row.protected and held and held.value(item) and not (shown and shown.value(item)))
