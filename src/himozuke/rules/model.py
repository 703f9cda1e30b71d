"""Dated rules: one entry for each value and the book that answers by day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from himozuke.errors import NoRuleOnDayError, RuleError
from himozuke.rules.kinds import Content, Row


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """One value of one rule with the days on which it holds.

    ``since`` and ``until`` are the first and the last day, both included; ``until`` is None while
    no end is known. ``place`` names the file and row the entry was read from;
    ``source_en`` is the source in English, empty where nobody has written it.
    """

    key: str
    since: date
    until: date | None
    value: Content
    source: str
    title_ja: str
    note: str = ""
    place: str = ""
    source_en: str = ""

    def holds(self, on: date) -> bool:
        """Tell whether the entry is in force on a day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule by key, each with entries in order of time, without gap or overlap."""

    entries_by_key: Mapping[str, tuple[RuleEntry, ...]]
    version: str

    def keys(self) -> tuple[str, ...]:
        """The keys in alphabetical order."""
        return tuple(sorted(self.entries_by_key))

    def entries(self, key: str) -> tuple[RuleEntry, ...]:
        """All entries of a key, oldest first; RuleError for an unknown key."""
        try:
            return self.entries_by_key[key]
        except KeyError:
            message = f"Unknown rule {key!r}. Known rules: {', '.join(self.keys())}."
            raise RuleError(message) from None

    def entry(self, key: str, on: date) -> RuleEntry:
        """The entry in force on the day of the event; NoRuleOnDayError when there is none."""
        entries = self.entries(key)
        for entry in entries:
            if entry.holds(on):
                return entry
        message = (
            f"Rule {key} has no value on {on}: its first value holds from {entries[0].since}. "
            "Check the date of the event, or add a row with its source."
        )
        raise NoRuleOnDayError(message)

    def value(self, key: str, on: date) -> Content:
        """The value in force on the day of the event; NoRuleOnDayError when there is none."""
        return self.entry(key, on).value

    def count(self, key: str, on: date) -> int:
        """The value of a rule that is a whole number."""
        value = self.value(key, on)
        if not isinstance(value, int):
            raise _wrong_kind(key, "a whole number")
        return value

    def word(self, key: str, on: date) -> str:
        """The value of a rule that is one word."""
        value = self.value(key, on)
        if not isinstance(value, str):
            raise _wrong_kind(key, "a word")
        return value

    def day(self, key: str, on: date) -> date:
        """The value of a rule that is a day."""
        value = self.value(key, on)
        if not isinstance(value, date):
            raise _wrong_kind(key, "a day")
        return value

    def items(self, key: str, on: date) -> tuple[str, ...]:
        """The value of a rule that is a list of items, in the usual order of the five."""
        return self.words(key, on, kind="a list of items")

    def words(self, key: str, on: date, *, kind: str = "a list of words") -> tuple[str, ...]:
        """The value of a rule that is a list of words, in the order in which it is written."""
        value = self.value(key, on)
        if not isinstance(value, tuple):
            raise _wrong_kind(key, kind)
        names = tuple(name for name in value if isinstance(name, str))
        if len(names) < len(value):
            raise _wrong_kind(key, kind)
        return names

    def rows(self, key: str, on: date) -> tuple[Row, ...]:
        """The rows of a rule that is a decision table, from the top."""
        value = self.value(key, on)
        if not isinstance(value, tuple):
            raise _wrong_kind(key, "a decision table")
        rows = tuple(row for row in value if not isinstance(row, str))
        if len(rows) < len(value):
            raise _wrong_kind(key, "a decision table")
        return rows

    def in_force(self, on: date) -> tuple[RuleEntry, ...]:
        """The entries in force on a day, by key; a key without a value on that day is left out."""
        found = (entry for key in self.keys() for entry in self.entries(key) if entry.holds(on))
        return tuple(found)


def digest(entries_by_key: Mapping[str, tuple[RuleEntry, ...]]) -> str:
    """The version of a set of rules: 12 hexadecimal digits of a digest of all it says."""
    said = [
        [entry.key, str(entry.since), str(entry.until), plain(entry.value), entry.source, entry.title_ja, entry.note]
        for key in sorted(entries_by_key)
        for entry in entries_by_key[key]
    ]
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def plain(value: Content) -> object:
    """The value as JSON can hold it."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [part if isinstance(part, str) else dict(part) for part in value]
    return value


def close(key: str, entries: list[RuleEntry]) -> tuple[RuleEntry, ...]:
    """Put the entries of one key in order and give each the day before its successor as its end.

    RuleError for an overlap, a gap, or an end with nothing after it: a rule that ceases is written
    as a row whose value says so, never as silence.
    """
    ordered = sorted(entries, key=lambda entry: entry.since)
    closed = []
    for entry, successor in zip(ordered, [*ordered[1:], None], strict=True):
        if successor is None:
            closed.append(_last(key, entry))
            continue
        end = successor.since - timedelta(days=1)
        if entry.until is not None and entry.until != end:
            word = "overlap" if entry.until > end else "gap"
            message = (
                f"{successor.place}: {key} has a{'n' if word == 'overlap' else ''} {word}: the value before it "
                f"({entry.place}) ends on {entry.until}, this one begins on {successor.since}. Mend from or to."
            )
            raise RuleError(message)
        closed.append(_until(entry, end))
    return tuple(closed)


def _last(key: str, entry: RuleEntry) -> RuleEntry:
    if entry.until is not None:
        message = (
            f"{entry.place}: {key} has a gap: nothing follows {entry.until}. "
            "Add the row that holds afterwards, with its source."
        )
        raise RuleError(message)
    return entry


def _until(entry: RuleEntry, end: date) -> RuleEntry:
    return replace(entry, until=end)


def _wrong_kind(key: str, wanted: str) -> RuleError:
    return RuleError(f"Rule {key} is not {wanted}; ask for it by the kind it has.")
