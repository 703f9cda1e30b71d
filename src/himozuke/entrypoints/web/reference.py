"""The description of the HTTP interface as a page, made here: no script and nothing from elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from litestar import Response
from markupsafe import Markup, escape

from himozuke.entrypoints.web.desk import Desk
from himozuke.entrypoints.web.routes import PUBLIC, page

_VERBS = ("get", "post", "put", "patch", "delete")
_DEEPEST = 3

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of what is sent or answered: its name (with the names around it), type, meaning."""

    name: str
    type: str
    is_required: bool
    about: str


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One answer: status, meaning, media types, and the fields of its content."""

    status: str
    about: str
    media_types: Sequence[str]
    fields: Sequence[FieldLine]


@dataclass(frozen=True, slots=True)
class OperationPart:
    """One operation as the page shows it."""

    anchor: str
    verb: str
    path: str
    summary: str
    paragraphs: Sequence[Markup]
    parameters: Sequence[FieldLine]
    media_types: Sequence[str]
    body: Sequence[FieldLine]
    answers: Sequence[AnswerLine]


@page("/reference", roles=PUBLIC)
def reference(desk: Desk) -> Response[Any]:
    """Every operation, with what it takes and answers."""
    described = desk.request.app.openapi_schema.to_schema()
    return desk.render("reference.html", about=_paragraphs(described["info"]["description"]), groups=groups(described))


def groups(described: Schema) -> Sequence[tuple[Schema, Sequence[OperationPart]]]:
    """The operations by tag, in the order of the tags; those without come last."""
    tags: list[Schema] = [*described.get("tags", []), {"name": "", "description": ""}]
    known = {tag["name"] for tag in tags}
    found: dict[str, list[OperationPart]] = {}
    for path, item in sorted(described["paths"].items()):
        for verb in _VERBS:
            if verb in item:
                tag = next((tag for tag in item[verb].get("tags", []) if tag in known), "")
                found.setdefault(tag, []).append(_part(path, verb, item[verb], described))
    return [(tag, found[tag["name"]]) for tag in tags if tag["name"] in found]


def _part(path: str, verb: str, operation: Schema, described: Schema) -> OperationPart:
    bodies = operation.get("requestBody", {}).get("content", {})
    first = _schema(bodies)
    return OperationPart(
        anchor=operation["operationId"],
        verb=verb.upper(),
        path=path,
        summary=operation.get("summary", ""),
        paragraphs=_paragraphs(operation.get("description", "")),
        parameters=[
            FieldLine(
                f"{each['name']} ({each['in']})",
                _type(each.get("schema", {}), described),
                bool(each.get("required")),
                each.get("description", ""),
            )
            for each in operation.get("parameters", [])
        ],
        media_types=list(bodies),
        body=list(_fields(first, described)),
        answers=[_answer(status, each, described) for status, each in sorted(operation["responses"].items())],
    )


def _paragraphs(text: str) -> Sequence[Markup]:
    """The paragraphs of a description, with what stands in backticks as code."""
    parts = [escape(" ".join(part.split())) for part in text.split("\n\n") if part.strip()]
    return [Markup(re.sub(r"`+([^`]+)`+", r"<code>\1</code>", part)) for part in parts]  # noqa: S704 -- escaped above


def _answer(status: str, answer: Schema, described: Schema) -> AnswerLine:
    content = answer.get("content", {})
    schema = _schema(content)
    is_problem = list(content) == ["application/problem+json"]
    fields = [] if is_problem else list(_fields(schema, described))
    return AnswerLine(status, answer.get("description", ""), list(content), fields)


def _schema(content: Schema) -> Schema:
    """The schema of the first media type; empty without content."""
    return next((each.get("schema", {}) for each in content.values()), {})


def _fields(schema: Schema, described: Schema, around: str = "", depth: int = 0) -> Sequence[FieldLine]:
    schema = _resolved(schema, described)
    if "items" in schema:
        return _fields(schema["items"], described, f"{around}[]", depth)
    lines: list[FieldLine] = []
    for name, each in schema.get("properties", {}).items():
        shown = f"{around}.{name}" if around else name
        is_required = name in schema.get("required", [])
        about = _resolved(each, described).get("description", "") if "$ref" not in each else each.get("description", "")
        lines.append(FieldLine(shown, _type(each, described), is_required, " ".join(about.split())))
        if depth < _DEEPEST:
            lines += _fields(each, described, shown, depth + 1)
    return lines


def _type(schema: Schema, described: Schema) -> str:
    for several in ("oneOf", "anyOf"):
        if several in schema:
            return " | ".join(_type(each, described) for each in schema[several])
    resolved = _resolved(schema, described)
    if "const" in resolved:
        return f'"{resolved["const"]}"'
    if "enum" in resolved:
        return " | ".join(str(word) for word in resolved["enum"])
    if "items" in resolved:
        return f"[{_type(resolved['items'], described)}]"
    named = resolved.get("type", "")
    text = " | ".join(named) if isinstance(named, list) else str(named)
    return f"{text} ({resolved['format']})" if "format" in resolved else text


def _resolved(schema: Schema, described: Schema) -> Schema:
    reference = schema.get("$ref")
    if not reference:
        return schema
    found: Any = described
    for step in str(reference).removeprefix("#/").split("/"):
        found = found[step]
    return found if isinstance(found, Mapping) else {}


HANDLERS = (reference,)
