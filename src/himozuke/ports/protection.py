"""What may be shown of somebody under 支援措置 (victims of violence): the address leads the pursuer to the door.

Every screen and letter that shows a register entry goes through here. The comparison itself knows the
address; people see its state (same, different) and not the address.
"""

from __future__ import annotations

from dataclasses import replace

from himozuke.link.compare import EntryItems
from himozuke.ports.actor import Role
from himozuke.ports.resident_register import RegisterEntry

#: Who keeps the resident register, and the measure itself, must see what it holds; nobody else must.
MUST_SEE_ADDRESS = frozenset({Role.MUNICIPALITY_CLERK})

#: What stands where the address of somebody under protection would.
ADDRESS_WITHHELD = "（支援措置のため表示しません）"

#: States in which a held address tells nothing of the register's; in all others it is the same place.
_TELLS_NOTHING = frozenset({"different", "missing"})


def may_see_address(*, is_protected: bool, role: Role | None) -> bool:
    """Tell whether a role may see where somebody lives; the program itself (None) shows nothing to anybody."""
    return not is_protected or role in MUST_SEE_ADDRESS


def shown_items(entry: RegisterEntry, role: Role | None) -> EntryItems:
    """What a screen may show of an entry: without addresses, today's and former ones, where it must not."""
    if may_see_address(is_protected=entry.is_protected, role=role):
        return entry.items
    return replace(entry.items, address="", former_addresses="")


def shown_entry(entry: RegisterEntry, role: Role | None) -> RegisterEntry:
    """The entry as a screen may show it."""
    return replace(entry, items=shown_items(entry, role))


def shown_held_address(address: str, *, is_protected: bool, state: str, role: Role | None) -> str:
    """An address a link or a notice holds, as it may be shown.

    ``is_protected`` is of the person behind the number. ``state`` is that of the comparison with the register: an
    address that agrees with the register's, or nearly, or was never compared, tells where the person lives.
    """
    if may_see_address(is_protected=is_protected, role=role) or state in _TELLS_NOTHING:
        return address
    return ""


def may_read_document(*, is_letter: bool, is_protected: bool, role: Role | None) -> bool:
    """Tell whether a document that says where somebody lives may be read again, by the protection of today.

    A letter is there to be sent, so nobody reads it once the person is under protection; another document is read by
    those who must see the address. A document without an address is not asked about.
    """
    return not is_protected or (not is_letter and may_see_address(is_protected=True, role=role))


def may_be_written_to(entry: RegisterEntry) -> bool:
    """Tell whether a letter may go to the address: to a protected person none does, whoever sends it."""
    return not entry.is_protected
