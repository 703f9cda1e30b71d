"""The description of the HTTP interface (OpenAPI), complete enough to make a client from it."""

from __future__ import annotations

from importlib.metadata import version

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Tag
from litestar.router import Router

from himozuke.entrypoints.web.routes import PUBLIC

_ABOUT = """
Programs send an API key as `Authorization: Bearer KEY`; an administrator issues it for one user, whose role and
organisation it carries. Browsers use the session of the desk.

Numbers that identify (insurer, symbol, institution, Individual Number) are strings. Individual Numbers in answers are
masked. Errors are problem details (RFC 9457). A request that changes something may carry an `Idempotency-Key`: the
same key with the same content gives the first answer again.
"""


def described() -> OpenAPIConfig:
    """How the interface describes itself at ``/schema/openapi.json``."""
    return OpenAPIConfig(
        title="himozuke",
        version=version("himozuke"),
        description=_ABOUT.strip(),
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        use_handler_docstrings=True,
        path="/schema",
        render_plugins=[JsonRenderPlugin()],
        openapi_router=Router("/schema", route_handlers=[], opt={"roles": PUBLIC}, include_in_schema=False),
        components=Components(
            security_schemes={
                "key": SecurityScheme(type="http", scheme="bearer", description="An API key of this installation."),
                "session": SecurityScheme(
                    type="apiKey", name="himozuke", security_scheme_in="cookie", description="A session of the desk."
                ),
            }
        ),
        tags=[
            Tag(name="state", description="What watches the program asks."),
            Tag(name="links", description="Proof of single links."),
            Tag(name="notices", description="Notices of acquisition and what became of them."),
            Tag(name="cases", description="Suspected wrong links, from stop to publication."),
        ],
    )
