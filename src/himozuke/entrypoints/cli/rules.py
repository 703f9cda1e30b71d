"""``himozuke rules``: show a rule, list all of them by date, and say what changed between two days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.entrypoints.cli.verdict_table import verdict_changes, verdict_rows
from himozuke.errors import UsageError
from himozuke.rules.loader import load
from himozuke.rules.model import RuleBook, RuleEntry, plain

rules_app = App(name="rules", help="Show the dated rules, list them, or compare two days. / 日付つきの規則を表示する。")

Extra = Annotated[
    list[Path] | None,
    Parameter(
        name=("--rules", "--extra"),
        help="Your own rule files or directories of them, read over the packaged rules.",
        negative="",
    ),
]
On = Annotated[date | None, Parameter(name="--on", help="The day of the event; without it every value is listed.")]
Listed = tuple[Sequence[str], list[Mapping[str, object]]]

VALUE_COLUMNS = ("key", "from", "to", "is", "title_ja", "source")


def values(book: RuleBook, on: date | None) -> Listed:
    """List every value, or those in force on a day: one row for each value, by key and day."""
    entries = book.in_force(on) if on else tuple(chain.from_iterable(map(book.entries, book.keys())))
    return VALUE_COLUMNS, [described(entry) for entry in entries]


TABLES: dict[str, Callable[[RuleBook, date | None], Listed]] = {"values": values, "verdicts": verdict_rows}


def described(entry: RuleEntry) -> dict[str, object]:
    """One value as a row, with the names of the rule file."""
    return {
        "key": entry.key,
        "from": entry.since.isoformat(),
        "to": entry.until.isoformat() if entry.until else None,
        "is": plain(entry.value),
        "title_ja": entry.title_ja,
        "source": entry.source,
        "note": entry.note,
        "place": entry.place,
    }


@rules_app.command(name="show")
def show_rule(key: str, /, *, on: On = None, extra: Extra = None, format: Format = "table") -> None:
    """Show every value of a rule, or the one in force on a day, with source and note.

    Parameters
    ----------
    key
        The name of the rule, e.g. items.required.insurer.
    format
        table, csv or json.
    """
    book = load(extra or ())
    entries = (book.entry(key, on),) if on else book.entries(key)
    show((*VALUE_COLUMNS, "note", "place"), [described(entry) for entry in entries], format, as_records=True)


@rules_app.command
def table(
    name: str = "values",
    /,
    *,
    on: On = None,
    extra: Extra = None,
    format: Format = "table",
) -> None:
    """Print a whole table: the values of all rules, by key and day.

    Parameters
    ----------
    name
        Which table; values lists every rule, verdicts every pattern with its verdict.
    format
        table, csv or json.
    """
    if name not in TABLES:
        raise UsageError(f"Unknown table {name!r}. Known tables: {', '.join(TABLES)}.")
    columns, rows = TABLES[name](load(extra or ()), on)
    show(columns, rows, format)


@rules_app.command
def diff(
    first: date,
    second: date,
    /,
    *,
    before: Annotated[list[Path] | None, Parameter(help="Your own rule files for the first day.", negative="")] = None,
    extra: Annotated[
        list[Path] | None,
        Parameter(name=("--rules", "--extra"), help="Your own rule files for the second day.", negative=""),
    ] = None,
    verdicts: Annotated[bool, Parameter(help="Count the patterns whose verdict changes instead.", negative="")] = False,
    result: Annotated[
        Path | None, Parameter(help="With --verdicts: also count the links of this inspection's folder.")
    ] = None,
    format: Format = "table",
) -> None:
    """Say which rules differ between two days, or on one day with and without your own files.

    Parameters
    ----------
    first
        The earlier day.
    second
        The later day; the same day with --rules shows what your files change.
    format
        table, csv or json.
    """
    old, new = load(before or ()), load(extra or ())
    if verdicts:
        found = verdict_changes(old, first, new, second, result=result)
        show(("before", "after", "patterns", "links"), found, format)
        return
    rows = changes(old, first, new, second)
    show(("key", "before", "after", "from", "title_ja", "source"), rows, format)


def changes(old: RuleBook, first: date, new: RuleBook, second: date) -> list[Mapping[str, object]]:
    """List the rules whose value differs: one row for each, by key; None where there is no value."""
    was = {entry.key: entry for entry in old.in_force(first)}
    is_now = {entry.key: entry for entry in new.in_force(second)}
    return [
        _change(was.get(key), is_now.get(key))
        for key in sorted(was.keys() | is_now.keys())
        if key not in was or key not in is_now or was[key].value != is_now[key].value
    ]


def _change(old: RuleEntry | None, new: RuleEntry | None) -> Mapping[str, object]:
    entry = new or old
    if entry is None:
        raise UsageError("A change needs a value on one of the two days.")
    return {
        **described(entry),
        "before": plain(old.value) if old else None,
        "after": plain(new.value) if new else None,
    }
