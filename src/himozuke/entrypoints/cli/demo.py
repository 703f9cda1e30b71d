"""``himozuke demo``: a filled system of synthetic people, with a user for every role."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

_FOLDER = Path("~/.local/share/himozuke-demo")


def demo(
    *,
    data: Annotated[
        Path, Parameter(help="Folder for the demo's data; an empty one, or that of a former demo.")
    ] = _FOLDER,
    port: Annotated[int, Parameter(help="Port to answer on.")] = 8080,
    people: Annotated[int, Parameter(help="Synthetic people in the register.")] = 100_000,
) -> int:
    """Serve a filled system of synthetic people, with users for every role on the login page.

    合成データで満たしたシステムを試す。

    The first start makes everything; a later one on the same folder goes on with what is there. When pages
    are answered, demo.json in the folder holds the address, the users and people for every story; its
    path is printed. Ctrl-C stops.
    """
    from himozuke.entrypoints.cli.progress import Bar
    from himozuke.entrypoints.demo.fill import filled_world, settings_of
    from himozuke.entrypoints.logging import set_up
    from himozuke.entrypoints.serving import Place, serve_until_stopped
    from himozuke.gateways.results.files import write_text
    from himozuke.settings import environment_with, load

    folder = data.expanduser().resolve()
    place = Place(port=port)
    settings = settings_of(load(), folder).reached_at(place.url)
    set_up(settings)
    with Bar(quiet=False, language=settings.language) as bar:
        world = filled_world(settings, people, bar)

    def announce(url: str) -> None:
        path = folder / "demo.json"
        write_text(path, json.dumps({"url": url, **world}, ensure_ascii=False, indent=1) + "\n")
        print(path, flush=True)

    environment = environment_with(data=folder)
    for other in ("HIMOZUKE_DATABASE_URL", "HIMOZUKE_KEY_FILE"):
        environment.pop(other, None)
    serve_until_stopped(settings, place, environment=environment, on_ready=announce)
    return 0
