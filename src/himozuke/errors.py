"""Every exception of the product, with the exit code it leaves behind.

A message says what, which record (masked), why it matters and what to do. Findings about links are
return values, never exceptions.
"""

from __future__ import annotations

from typing import ClassVar


class HimozukeError(Exception):
    """Base of every error this product raises on purpose."""

    exit_code: ClassVar[int] = 2


class UsageError(HimozukeError):
    """The command was called in a way that cannot work: a wrong word, a file that is not there."""


class RuleError(HimozukeError):
    """A dated rule is missing, overlapping, unknown or without source; the program must not go on."""


class InputRejectedError(HimozukeError):
    """An input file cannot be read as a table of the expected kind."""

    exit_code: ClassVar[int] = 4


class UpstreamDownError(HimozukeError):
    """Something the job stands on (a disk, a database, a register) does not answer."""

    exit_code: ClassVar[int] = 5
