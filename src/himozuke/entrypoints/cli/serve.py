"""``himozuke serve``: the desk, the interface and the jobs, with one command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from himozuke.settings import environment_with, load


def serve(
    *,
    host: Annotated[
        str, Parameter(help="Address to answer on; 0.0.0.0 for every network of this machine.")
    ] = "127.0.0.1",
    port: Annotated[int, Parameter(help="Port to answer on.")] = 8080,
    data: Annotated[Path | None, Parameter(help="Folder for the data; HIMOZUKE_DATA by default.")] = None,
    processes: Annotated[int, Parameter(help="Processes that answer requests.")] = 1,
) -> int:
    """Serve the desk, the interface and the jobs until Ctrl-C or SIGTERM.

    画面とAPIを提供する。

    The first start makes the database in the data folder and prints an address at which the first
    administrator is registered.
    """
    from himozuke.entrypoints.logging import set_up
    from himozuke.entrypoints.serving import Place, serve_until_stopped

    environment = environment_with(data=data)
    place = Place(host, port, processes)
    settings = load(environment).reached_at(place.url)
    set_up(settings)
    serve_until_stopped(settings, place, environment=environment)
    return 0
