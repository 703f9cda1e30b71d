"""How errors are told: pages for people, problem details (RFC 9457) for programs."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from litestar import MediaType, Request, Response
from litestar.exceptions import HTTPException

from himozuke.entrypoints.api.problem import PROBLEM_JSON
from himozuke.entrypoints.web.access import LoginNeededError
from himozuke.entrypoints.web.desk import is_for_programs, preferred_language
from himozuke.entrypoints.web.forms import Form
from himozuke.entrypoints.web.rendering import render
from himozuke.entrypoints.web.said import Language, Said, sentence_of
from himozuke.errors import HimozukeError, SuspendedError
from himozuke.gateways.fhir.eligibility import FHIR_JSON, operation_outcome
from himozuke.identity.individual_number import mask

AnyRequest = Request[Any, Any, Any]
_LOG = logging.getLogger("himozuke.web")
_SERVER_FAULT = 500

TITLES = {
    400: Said("送信内容を読み取れませんでした", "The request could not be read"),
    401: Said("ログインが必要です", "You need to log in"),
    403: Said("この操作は許可されていません", "You may not do this"),
    404: Said("ページが見つかりません", "There is no such page"),
    405: Said("この操作はできません", "This cannot be done here"),
    409: Said("ほかの操作と重なりました", "Something else came first"),
    413: Said("送信内容が大きすぎます", "This is too large"),
    415: Said("この形式は受け付けられません", "This format is not taken"),
    422: Said("入力内容を受け付けられません", "This could not be taken"),
    429: Said("操作が多すぎます", "Too many requests"),
    500: Said("システムに問題が起きました", "Something went wrong in the system"),
    503: Said("一時的に使えません", "Out of service for the moment"),
}
ADVICE = {
    403: Said(
        "担当の役割では、このページを使えません。必要な場合は、管理者に役割を確認してください。",
        "Your role may not use this page. If you need it, ask your administrator about your role.",
    ),
    404: Said(
        "アドレスが誤っているか、ほかの組織の記録です。入力したアドレスを確かめるか、最初の画面から選び直してください。",
        "The address is wrong, or the record belongs to another organisation. Check it, or start from the first page.",
    ),
    400: Said("送信した内容を確かめて、もう一度お試しください。何も記録していません。", ""),
    422: Said("入力した内容を確かめて、もう一度お試しください。何も記録していません。", ""),
    409: Said(
        "画面を開いた後に、記録が変わっています。画面を開き直して、今の内容を確かめてください。",
        "The record has changed since you opened the page. Open the page again and look at it as it stands.",
    ),
    500: Said(
        "操作は記録されていません。少し待ってもう一度お試しください。続く場合は、下の番号を管理者に伝えてください。",
        "Nothing was recorded. Wait a little and try again. If it goes on, give your administrator the number below.",
    ),
    503: Said(
        "データベースまたは照会先が応答していません。操作は記録されていません。少し待ってもう一度お試しください。",
        "The database or a register does not answer. Nothing was recorded. Wait a little and try again.",
    ),
}


def refuse(request: AnyRequest, error: Exception) -> Response[Any]:
    """Answer an error in the way the caller can read."""
    status = status_of(error)
    reference = ""
    if status >= _SERVER_FAULT:
        reference = secrets.token_hex(4)
        _LOG.error("request failed", exc_info=error, extra={"reference": reference})
    if request.url.path.startswith("/fhir/"):
        return outcome(error, status, reference)
    if is_for_programs(request.url.path):
        return problem(request, error, status, reference)
    if isinstance(error, LoginNeededError):
        return _to_login(request, error)
    return _page(request, error, status, reference)


def status_of(error: Exception) -> int:
    """The HTTP status an error answers with."""
    if isinstance(error, HimozukeError):
        return error.http_status
    if isinstance(error, RecursionError):
        return HTTPStatus.BAD_REQUEST  # only content nested beyond all reason gets so deep
    return error.status_code if isinstance(error, HTTPException) else _SERVER_FAULT


def problem(request: AnyRequest, error: Exception, status: int, reference: str = "") -> Response[Any]:
    """Problem details; a fault of ours tells nothing of the inside, only the number under which it is logged."""
    language = preferred_language(request.headers.get("accept-language", ""))
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "instance": request.url.path,
    }
    if reference:
        content["reference"] = reference
    if status != _SERVER_FAULT:
        content["detail"] = _detail(error, language)
    extra = getattr(error, "extra", None)
    if isinstance(extra, list) and extra:
        content["errors"] = [_fault(each) for each in extra]
    headers = {**_headers(error, status), "Content-Language": language if sentence_of(error) else "en"}
    return Response(content, status_code=status, media_type=PROBLEM_JSON, headers=headers)


def outcome(error: Exception, status: int, reference: str = "") -> Response[Any]:
    """The same as an OperationOutcome, which is all that a FHIR client reads; in English."""
    told = f"{HTTPStatus(status).phrase} ({reference})" if status == _SERVER_FAULT else _detail(error, "en")
    return Response(
        operation_outcome(status, told), status_code=status, media_type=FHIR_JSON, headers=_headers(error, status)
    )


def _headers(error: Exception, status: int) -> dict[str, str]:
    headers = dict(getattr(error, "headers", None) or {})
    return headers | ({"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {})


def _fault(found: Any) -> dict[str, str]:  # noqa: ANN401 -- what Litestar collects
    names = ("key", "message", "source")
    return {name: mask(str(found[name])) for name in names if isinstance(found, dict) and name in found}


def _detail(error: Exception, language: Language) -> str:
    """What an error says; in Japanese where it has a Japanese sentence, else in English."""
    said = sentence_of(error)
    if said is not None:
        return mask(said.read(language))
    return mask(error.detail if isinstance(error, HTTPException) else str(error))


def _to_login(request: AnyRequest, error: LoginNeededError) -> Response[Any]:
    """Send somebody to the login and back; a polled fragment is told to reload the whole page instead."""
    if request.headers.get("hx-request"):
        return Response(None, status_code=200, media_type=MediaType.TEXT, headers={"HX-Refresh": "true"})
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    idle = "&idle=1" if error.is_idle else ""
    return Response(
        None, status_code=303, media_type=MediaType.TEXT, headers={"Location": f"/login?next={quote(path)}{idle}"}
    )


def _page(request: AnyRequest, error: Exception, status: int, reference: str) -> Response[Any]:
    desk = request.app.state.make_desk(request)
    title = TITLES.get(status, TITLES[500])
    advice = ADVICE[status].read(desk.language) if status in ADVICE else ""
    if isinstance(error, SuspendedError):
        advice = error.advice_ja if desk.language == "ja" else error.advice_en
    context = {
        **desk.common(),
        "form": Form(),
        "title": title.read(desk.language),
        "advice": advice,
        "detail": "" if status in {403, 404, 500} else _detail(error, desk.language),
        "is_foreign": desk.language == "ja" and sentence_of(error) is None,
        "reference": reference,
        "status": status,
    }
    content = render("error.html", desk.language, context)
    headers = dict(getattr(error, "headers", None) or {})
    return Response(content, status_code=status, media_type=MediaType.HTML, headers=headers)
