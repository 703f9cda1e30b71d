"""Who did something, as pages name it: a person by name, the program by what of it acted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from himozuke.entrypoints.web.rendering import word
from himozuke.entrypoints.web.said import Language, Said
from himozuke.entrypoints.wiring import OfficeWork
from himozuke.errors import RuleError
from himozuke.stores.accounts import display_names

_PROGRAM = "system:"


def actor_names(work: OfficeWork, logins: Iterable[str], language: Language) -> Mapping[str, str]:
    """Each login and the name pages show for it; a login nobody of the actor's organisation has stays as it is."""
    asked = set(logins)
    people = display_names(work.connection, [login for login in asked if not login.startswith(_PROGRAM)])
    return {login: people.get(login) or program_name(login, language) for login in asked}


def program_name(login: str, language: Language) -> str:
    """A part of the program in words; a login of a person stays as it is.

    >>> program_name("system:duplicate_check", "ja")
    '自動処理（資格の重複確認）'
    >>> program_name("clerk@example.jp", "ja")
    'clerk@example.jp'
    """
    if not login.startswith(_PROGRAM):
        return login
    try:
        part = word("program", login.removeprefix(_PROGRAM), language)
    except RuleError:  # a part that a later version no longer has
        part = login.removeprefix(_PROGRAM)
    return Said(f"自動処理（{part}）", f"by itself ({part})").read(language)
