"""The application: every handler of every area behind one guard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from litestar import Litestar, Request
from litestar.datastructures import CacheControlHeader, State, UploadFile
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import DefineMiddleware
from litestar.router import Router
from litestar.static_files import create_static_files_router

from himozuke.entrypoints.api.description import described
from himozuke.entrypoints.api.interface import API_HANDLERS
from himozuke.entrypoints.web import administration, evidence, help_pages, login, reference, styleguide
from himozuke.entrypoints.web.access import Recognition, admit
from himozuke.entrypoints.web.areas import Area, NavEntry
from himozuke.entrypoints.web.desk import Desk, language_of
from himozuke.entrypoints.web.every_area import AREAS
from himozuke.entrypoints.web.figures import CountRequests, Figures
from himozuke.entrypoints.web.form_gate import admit_form
from himozuke.entrypoints.web.forms import Form, Upload
from himozuke.entrypoints.web.headers import RefuseNul, SafetyHeaders
from himozuke.entrypoints.web.login import enrolment, single_login
from himozuke.entrypoints.web.refusals import refuse
from himozuke.entrypoints.web.registration.register_day import RegisterAgeOnPages
from himozuke.entrypoints.web.routes import EVERYBODY, PUBLIC
from himozuke.entrypoints.web.said import Said
from himozuke.entrypoints.web.start import start_page
from himozuke.entrypoints.wiring import Office
from himozuke.errors import InputRejectedError
from himozuke.ports.actor import Role

STATIC = Path(__file__).parent / "static"
_START = NavEntry("/", Said("今日の作業", "Today"), EVERYBODY - {Role.CITIZEN})
_START_OF_CITIZENS = NavEntry("/", Said("あなたへのお知らせ", "For you"), {Role.CITIZEN})
_TEN_MINUTES = 600  # a new version of the program must not meet old styles for long
_OWN_AREAS: tuple[Area, ...] = (evidence.AREA, administration.AREA, styleguide.AREA)

AnyRequest = Request[Any, Any, Any]


def create_app(
    office: Office, *, areas: Sequence[Area] | None = None, on_shutdown: Sequence[Callable[[], None]] = ()
) -> Litestar:
    """The desk and the interface of one office. ``areas`` other than all are for tests."""
    shown = (*(AREAS if areas is None else areas), *_OWN_AREAS)
    figures = Figures()
    make_desk = _desk_maker(office, shown)
    handlers: list[HTTPRouteHandler | Router] = [
        start_page(shown),
        *login.HANDLERS,
        *single_login.HANDLERS,
        *enrolment.HANDLERS,
        *help_pages.HANDLERS,
        *reference.HANDLERS,
        *API_HANDLERS,
        *(handler for area in shown for handler in area.handlers),
        _static_files(),
    ]
    app = Litestar(
        route_handlers=handlers,
        dependencies={"desk": Provide(make_desk, sync_to_thread=False), "form": Provide(read_form)},
        guards=[admit],
        before_request=admit_form,
        middleware=[DefineMiddleware(Recognition, office=office)],
        exception_handlers={Exception: refuse},
        openapi_config=described(),
        state=State({"make_desk": make_desk, "office": office, "figures": figures}),
        on_shutdown=list(on_shutdown),
        debug=False,
    )
    # Around the whole application, not as its middleware: an unknown path never reaches that.
    app.asgi_handler = CountRequests(SafetyHeaders(RefuseNul(app.asgi_handler)), figures)
    return app


def _desk_maker(office: Office, areas: Sequence[Area]) -> Callable[[AnyRequest], Desk]:
    nav = (_START, _START_OF_CITIZENS, *(entry for area in areas for entry in area.nav))
    age = RegisterAgeOnPages(office)
    furniture = {"version": version("himozuke")}

    def make_desk(request: AnyRequest) -> Desk:
        now = {"printed_at": office.clock.now(), "register_age": age.read()}
        return Desk(office, request, language_of(request, office.settings.language), nav, {**furniture, **now})

    return make_desk


async def read_form(request: AnyRequest) -> Form:
    """The form of a request: its fields, and its files open for reading. InputRejectedError for a NUL in a field."""
    values: dict[str, list[str]] = {}
    uploads: dict[str, Upload] = {}
    for name, value in (await request.form()).multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                uploads[name] = Upload(value.filename, value.content_type, value.file)
        elif "\0" in (text := str(value)):
            raise InputRejectedError("A field holds NUL, a sign that no text has. Type it again.")
        else:
            values.setdefault(name, []).append(text)
    return Form(values, uploads)


def _static_files() -> Router:
    return create_static_files_router(
        "/static",
        [STATIC],
        opt={"roles": PUBLIC, "is_static": True},
        include_in_schema=False,
        cache_control=CacheControlHeader(public=True, max_age=_TEN_MINUTES),
    )
