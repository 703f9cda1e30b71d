"""What an area brings to the desk: its handlers, its entries in the navigation, its tasks of today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from litestar.handlers import HTTPRouteHandler

from himozuke.entrypoints.web.said import Said
from himozuke.ports.actor import Role

if TYPE_CHECKING:
    from himozuke.entrypoints.wiring import OfficeWork


NOTHING = Said("", "")


@dataclass(frozen=True, slots=True)
class NavEntry:
    """One entry of the navigation, shown to some roles."""

    path: str
    name: Said
    roles: Collection[Role]


@dataclass(frozen=True, slots=True)
class Task:
    """One line of today's tasks on the start page: how many, where, and whether it presses.

    ``count`` None: a task without a figure. ``note`` says what stands behind it (「期限超過 2件」).
    """

    path: str
    name: Said
    count: int | None = None
    is_urgent: bool = False
    note: Said = NOTHING


def no_tasks(_work: OfficeWork) -> Sequence[Task]:
    """The tasks of an area that has none."""
    return ()


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the desk. ``tasks`` is asked with the user's own work and looks at ``work.actor.role``."""

    name: Said
    handlers: Sequence[HTTPRouteHandler] = ()
    nav: Sequence[NavEntry] = ()
    tasks: Callable[[OfficeWork], Sequence[Task]] = no_tasks
