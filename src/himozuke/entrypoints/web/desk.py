"""What every page handler gets: who asks, in which language, and how to answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from litestar import MediaType, Request, Response
from litestar.datastructures import Cookie

from himozuke.accounts.model import Visitor
from himozuke.entrypoints.web import form_token
from himozuke.entrypoints.web.areas import NavEntry
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import render
from himozuke.entrypoints.web.said import LANGUAGES, Language, Said
from himozuke.entrypoints.wiring import Office, OfficeWork
from himozuke.errors import NotAllowedError
from himozuke.ports.actor import Actor, Role
from himozuke.schemes import all_schemes

LANGUAGE_COOKIE = "himozuke-language"
NOTICE_COOKIE = "himozuke-notice"
IndexOfNotices = Mapping[str, Said]

#: What a page may say after a redirect; the cookie carries only the code, never a sentence.
NOTICES: IndexOfNotices = {
    "saved": Said("保存しました。", "Saved."),
    "received": Said("受け付けました。", "Received."),
    "accepted": Said("受付を終えました。", "Accepted."),
    "registered": Said("登録しました。", "Registered."),
    "register_silent": Said(
        "台帳が応答しないものがあります。応答があれば15分以内に自動で照合します。",
        "The register did not answer for all of them. They are compared by themselves within a quarter of an hour of its return.",
    ),
    "sent": Said("送りました。", "Sent."),
    "started": Said("開始しました。", "Started."),
    "stopped": Said("中止しました。", "Stopped."),
    "discarded": Said("取り消しました。", "Discarded."),
    "logged_out": Said("ログアウトしました。", "You have logged out."),
    "enrolled": Said("登録が終わりました。ログインしてください。", "You are enrolled. Please log in."),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """One request of one person.

    ``work()`` opens a transaction in the person's own name; ``render`` answers with a page, ``redirect``
    after a form was taken.
    """

    office: Office
    request: Request[Any, Any, Any]
    language: Language
    nav: Sequence[NavEntry] = ()
    furniture: Mapping[str, Any] = field(default_factory=dict)

    @property
    def visitor(self) -> Visitor | None:
        """Who is logged in, if anybody."""
        user = self.request.scope.get("user")
        return user if isinstance(user, Visitor) else None

    @property
    def actor(self) -> Actor:
        """In whose name transactions run; NotAllowedError when nobody is logged in."""
        visitor = self.visitor
        if visitor is None:
            raise NotAllowedError("Log in first.")
        return visitor.actor

    @property
    def role(self) -> Role | None:
        """The visitor's role."""
        return self.visitor.role if self.visitor else None

    @contextmanager
    def work(self) -> Iterator[OfficeWork]:
        """The services in one transaction, in the visitor's name."""
        with self.office.work(self.actor) as work:
            yield work

    def say(self, ja: str, en: str) -> str:
        """One sentence in the visitor's language."""
        return Said(ja, en).read(self.language)

    @property
    def scheme_names(self) -> Mapping[str, str]:
        """Scheme code to its name in the visitor's language."""
        return {one.code: self.say(one.name_ja, one.name_en) for one in all_schemes()}

    def render(self, template: str, *, status: int = 200, form: Form | None = None, **context: Any) -> Response[str]:  # noqa: ANN401 -- what the template shows
        """A page. A form with errors answers 422 unless another status is asked for."""
        form = form or Form()
        if form.errors and status == 200:  # noqa: PLR2004 -- OK
            status = 422
        content = render(template, self.language, {**self.common(), "form": form, **context})
        response = Response(content, media_type=MediaType.HTML, status_code=status)
        if NOTICE_COOKIE in self.request.cookies:
            response.delete_cookie(NOTICE_COOKIE)
        return response

    def redirect(self, path: str, *, notice: str | None = None) -> Response[None]:
        """See-other to a page of ours, which says one of ``NOTICES`` once."""
        response: Response[None] = Response(
            None, status_code=303, media_type=MediaType.TEXT, headers={"Location": own_path(path)}
        )
        if notice:
            response.set_cookie(Cookie(key=NOTICE_COOKIE, value=notice, max_age=60, httponly=True, samesite="lax"))
        return response

    def download(self, content: bytes, *, name: str, media_type: str, is_inline: bool = False) -> Response[bytes]:
        """A file; ``name`` may be Japanese."""
        from urllib.parse import quote

        how = "inline" if is_inline else "attachment"
        header = f"{how}; filename*=UTF-8''{quote(name)}"
        return Response(content, media_type=media_type, headers={"Content-Disposition": header})

    def common(self) -> dict[str, Any]:
        """What every page shows around its own content."""
        visitor = self.visitor
        notice = NOTICES.get(self.request.cookies.get(NOTICE_COOKIE, ""))
        path = self.request.url.path
        return {
            "visitor": visitor,
            "path": path,
            "query": self.request.url.query,
            "nav": [entry for entry in self.nav if visitor and visitor.role in entry.roles],
            "notice": notice.read(self.language) if notice else "",
            "csrf_field": lambda: form_token.field(self.request),
            "csrf_token": form_token.issue(self.request),
            "idle_seconds": int(self.office.policy.idle.total_seconds()) if visitor else 0,
            **self.furniture,
        }


def own_path(path: str) -> str:
    """The path when it leads to a page of ours, else the start page: a redirect never leaves the desk."""
    parts = urlsplit(path)
    is_own = not parts.scheme and not parts.netloc and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_own and path.isprintable() else "/"


def is_for_programs(path: str) -> bool:
    """Whether an address is called by programs, not opened by people."""
    return path.startswith(("/api/", "/fhir/", "/schema/")) or path in {"/health", "/ready", "/metrics"}


def preferred_language(accepted: str) -> Language:
    """Japanese where a header ``Accept-Language`` puts it before English, else English.

    >>> preferred_language("ja"), preferred_language("en-GB,ja;q=0.8"), preferred_language("ja-JP,en;q=0.5")
    ('ja', 'en', 'ja')
    >>> preferred_language(""), preferred_language("fr,ja;q=0.2,*;q=0.1"), preferred_language("ja;q=0")
    ('en', 'ja', 'en')
    """
    weight_by_language = {"ja": 0.0, "en": 0.0}
    for part in accepted.lower().split(","):
        tag, _, rest = part.partition(";")
        name = tag.strip().partition("-")[0]
        if name in weight_by_language:
            weight_by_language[name] = max(weight_by_language[name], _weight(rest))
    return "ja" if weight_by_language["ja"] > weight_by_language["en"] else "en"


def _weight(parameter: str) -> float:
    """The weight of a language; one without a figure that can be read weighs nothing."""
    name, _, figure = parameter.strip().partition("=")
    if not name:
        return 1.0
    return float(figure) if name == "q" and re.fullmatch(r"[01](\.\d{1,3})?", figure.strip()) else 0.0


def language_of(request: Request[Any, Any, Any], default: str) -> Language:
    """The language somebody chose, else that of the installation; for programs, what their request says.

    The interface speaks English, and Japanese to whoever prefers it (``Accept-Language: ja``): one rule for every
    operation, whatever a browser of the same person has chosen.
    """
    if is_for_programs(request.url.path):
        return preferred_language(request.headers.get("accept-language", ""))
    chosen = request.cookies.get(LANGUAGE_COOKIE, default)
    return next((language for language in LANGUAGES if language == chosen), LANGUAGES[0])
