"""A form that arrived after its session had gone idle: sealed into the login, offered again afterwards.

The typed values never stand in the page in the clear: the screen may have been left. Only the user who
had typed them gets them back. Files are not kept; the page says so.
"""

from __future__ import annotations

import base64
import json
import zlib
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.datastructures import UploadFile

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.form_token import FIELD, token_for
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.wiring import Office
from himozuke.errors import InputRejectedError

PURPOSE = "kept_form"
MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class KeptForm:
    """What was typed, and where it was sent."""

    login: str
    path: str
    fields: list[tuple[str, str]]
    had_files: bool


async def keep(office: Office, request: Request[Any, Any, Any], login: str) -> str:
    """Seal a form for its user; empty when it is too large to be kept."""
    given = (await request.form()).multi_items()
    fields = [(name, value) for name, value in given if isinstance(value, str) and name != FIELD]
    had_files = any(isinstance(value, UploadFile) and value.filename for _, value in given)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    content = json.dumps({"login": login, "path": path, "fields": fields, "had_files": had_files}).encode()
    if len(content) > MOST_BYTES:
        return ""
    return base64.urlsafe_b64encode(office.vault.box.seal(zlib.compress(content), purpose=PURPOSE)).decode()


def open_kept(office: Office, kept: str, login: str) -> KeptForm | None:
    """What was typed, for the user who typed it; None for anybody else and for anything altered."""
    try:
        content = json.loads(zlib.decompress(office.vault.box.open(base64.urlsafe_b64decode(kept), purpose=PURPOSE)))
    except (ValueError, InputRejectedError):
        return None
    if content["login"] != login:
        return None
    fields = [(str(name), str(value)) for name, value in content["fields"]]
    return KeptForm(login, content["path"], fields, content["had_files"])


def offer(desk: Desk, typed: KeptForm, token: str) -> Response[Any]:
    """The page after the login, with the form ready to be sent once more."""
    return desk.render(
        "kept_form.html", typed=typed, token_field=FIELD, token=token_for(token), form=Form.of(), status=200
    )
