"""Every exception of the product, with the exit code it leaves behind and the HTTP status it answers with.

A message says what, which record (masked), why it matters and what to do. Findings about links are
return values, never exceptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal


@dataclass(frozen=True, slots=True)
class Sentence:
    """What an exception says, in both languages; as text it is English."""

    ja: str
    en: str

    def __str__(self) -> str:
        """The English sentence."""
        return self.en

    def read(self, language: Literal["ja", "en"]) -> str:
        """The sentence in one language."""
        return self.ja if language == "ja" else self.en


class HimozukeError(Exception):
    """Base of every error this product raises on purpose."""

    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


class UsageError(HimozukeError):
    """The command was called in a way that cannot work: a wrong word, a file that is not there."""

    http_status: ClassVar[int] = 400


class RuleError(HimozukeError):
    """A dated rule is missing, overlapping, unknown or without source; the program must not go on."""


class NoRuleOnDayError(RuleError):
    """A rule has no value on a day that somebody gave: the day is refused, whoever asked for it."""

    http_status: ClassVar[int] = 422


class InputRejectedError(HimozukeError):
    """An input file cannot be read as a table of the expected kind."""

    exit_code: ClassVar[int] = 4
    http_status: ClassVar[int] = 422


class LinkRejectedError(InputRejectedError):
    """One link cannot be understood; ``quarantined`` says why as the list of quarantined rows does."""

    def __init__(self, message: str, quarantined: Mapping[str, str]) -> None:
        """Keep column, value (masked), code, reason and remedy beside the message."""
        super().__init__(message)
        self.quarantined = quarantined


class UpstreamDownError(HimozukeError):
    """Something the job stands on (a disk, a database, a register) does not answer."""

    exit_code: ClassVar[int] = 5
    http_status: ClassVar[int] = 503


class RuleRefusedError(HimozukeError):
    """A dated rule forbids what was asked; the message cites it."""

    exit_code: ClassVar[int] = 4
    http_status: ClassVar[int] = 422


class NotAllowedError(HimozukeError):
    """The one who asks may not do this, or may not do it alone."""

    http_status: ClassVar[int] = 403


class SuspendedError(NotAllowedError):
    """The institution may not ask for the time being: nothing is shown, old visits included."""

    advice_ja: ClassVar[str] = (
        "この医療機関は、資格確認の利用を停止されています。過去の受付の内容も表示しません。"
        "再開については、実施機関の管理者に連絡してください。"
    )
    advice_en: ClassVar[str] = (
        "This institution is suspended: nothing is asked or shown, earlier visits included. "
        "Ask the administrator of the service."
    )


class NotFoundError(HimozukeError):
    """There is no such record, or it belongs to another organisation: the answer is the same."""

    http_status: ClassVar[int] = 404


class ConflictError(HimozukeError):
    """The record is no longer as the act presumes: somebody else was first, or the step is out of order."""

    http_status: ClassVar[int] = 409


class SchemaError(HimozukeError):
    """The database is of another version than the program; the message names the command that mends it."""

    exit_code: ClassVar[int] = 5
    http_status: ClassVar[int] = 503


class MissingGlyphError(HimozukeError):
    """A name cannot be printed in the shapes it has: the message shows the characters' code points."""

    exit_code: ClassVar[int] = 4
    http_status: ClassVar[int] = 422


class JobCancelledError(HimozukeError):
    """Somebody wanted a job stopped, and it has stopped."""

    http_status: ClassVar[int] = 409


class WorkerLeavesError(UpstreamDownError):
    """The process that does a job is being stopped; the next one begins the job again."""
