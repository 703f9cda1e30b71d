"""How the bodies of requests are described where one operation takes several media types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from litestar.openapi.spec import Example, OpenAPIMediaType, Operation, Reference, RequestBody, Schema
from litestar.openapi.spec.enums import OpenAPIType

from himozuke.entrypoints.api.notice_words import NoticeIn

_EXAMPLE = {
    "kind": "acquisition",
    "event_on": "2026-04-01",
    "kanji_name": "山田　太郎",
    "kana_name": "ヤマダ　タロウ",
    "birth_date": "1975-04-02",
    "sex": "1",
    "address": "東京都千代田区霞が関一丁目2番3号",
    "individual_number": "000000010014",
    "acquisition_kind": "1",
    "has_dependents": "0",
    "pay_in_cash": "260000",
    "establishment_name": "ひもづけ商店",
    "establishment_address": "東京都千代田区霞が関一丁目2番3号",
    "employer_name": "紐付　太郎",
}
_LINK_EXAMPLE = {
    "scheme": "health_insurance",
    "link_id": "L1",
    "individual_number": "000000010014",
    "kanji_name": "山田　太郎",
    "kana_name": "ヤマダ　タロウ",
    "birth_date": "1975-04-02",
    "sex": "1",
    "address": "東京都千代田区霞が関一丁目2番3号",
    "acquired_by": "person",
}


def schema_of(struct: type[msgspec.Struct]) -> Schema:
    """The schema of a struct of texts, as msgspec describes it, written out in place."""
    described = msgspec.json.schema(struct)
    parts: dict[str, Any] = described["$defs"]
    own = parts[struct.__name__]
    properties: dict[str, Reference | Schema] = {
        name: _property(about, parts) for name, about in own["properties"].items()
    }
    return Schema(
        type=OpenAPIType.OBJECT,
        title=struct.__name__,
        description=own.get("description"),
        properties=properties,
        required=own.get("required", []),
        additional_properties=False,
    )


def _property(about: dict[str, Any], parts: dict[str, Any]) -> Schema:
    reference = about.get("$ref") or next((one["$ref"] for one in about.get("anyOf", ()) if "$ref" in one), "")
    full = {**parts.get(reference.rpartition("/")[2], {}), **about}
    return Schema(
        type=OpenAPIType.STRING,
        description=full.get("description"),
        enum=full.get("enum"),
        examples=full.get("examples"),
        max_length=full.get("maxLength"),
        default=full.get("default"),
    )


@dataclass
class NoticeBody(Operation):
    """Takes one notice as JSON, or a file of notices."""

    def __post_init__(self) -> None:
        """Describe both."""
        text = Schema(type=OpenAPIType.STRING, description="SHFD0006.CSV (Shift_JIS, JIS X 0208) or our template.")
        self.request_body = RequestBody(
            required=True,
            content={
                "application/json": OpenAPIMediaType(
                    schema=schema_of(NoticeIn),
                    examples={"acquisition": Example(summary="A complete notice", value=_EXAMPLE)},
                ),
                "text/csv": OpenAPIMediaType(schema=text),
            },
        )


@dataclass
class LinkBody(Operation):
    """Takes one link as JSON, or a list of links."""

    def __post_init__(self) -> None:
        """Describe a link by the columns of a file of links."""
        link = Schema(
            type=OpenAPIType.OBJECT,
            description="The English column names of a file of links; `scheme` and `on` may stand here or in the query.",
            additional_properties=True,
        )
        links = Schema(type=OpenAPIType.ARRAY, items=link, max_items=MOST_LINKS)
        self.request_body = RequestBody(
            required=True,
            content={
                "application/json": OpenAPIMediaType(
                    schema=Schema(one_of=[link, links]),
                    examples={"link": Example(summary="One link", value=_LINK_EXAMPLE)},
                )
            },
        )


MOST_LINKS = 500
