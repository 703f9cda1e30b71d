"""``himozuke register``: the resident register of the service."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.entrypoints.cli.progress import Bar
from himozuke.errors import UsageError
from himozuke.settings import environment_with
from himozuke.settings import load as load_settings

register_app = App(name="register", help="The resident register of the service. / 住民台帳の読み込み。")


@register_app.command
def load(  # noqa: PLR0913 -- one parameter an option
    file: Path,
    /,
    *,
    as_of: Annotated[date, Parameter(help="The day the file stands for, e.g. 2026-04-01.")],
    snapshot: Annotated[bool, Parameter(help="The file holds everybody.", negative="")] = False,
    changes: Annotated[bool, Parameter(help="The file holds the new rows of those who changed.", negative="")] = False,
    data: Annotated[Path | None, Parameter(help="Folder the service keeps its data in.")] = None,
    quarantine: Annotated[Path, Parameter(help="Where rows that cannot be understood are listed.")] = Path(
        "register_quarantine.csv"
    ),
    register_mapping: Annotated[Path | None, Parameter(help="Which headers hold which column.")] = None,
    accept_losses: Annotated[
        bool, Parameter(help="Load a snapshot although many people are missing from it.", negative="")
    ] = False,
    quiet: Annotated[bool, Parameter(help="Print nothing but errors.", negative="")] = False,
    format: Format = "table",
) -> int:
    """Load a file into the resident register.

    住民台帳のファイルを読み込む。

    A day appears all at once or not at all; a load that was cut off goes on where it stood. The same file
    twice does nothing, and an older day is refused. Ends with 4 when some rows could not be understood.

    Parameters
    ----------
    file
        CSV, TSV, Parquet or xlsx with a row per person.
    """
    from himozuke.entrypoints.register_loading import LoadOrder, load_register

    if snapshot == changes:
        raise UsageError("Say what the file holds: --snapshot (everybody) or --changes (those who changed).")
    settings = load_settings(environment_with(data=data))
    order = LoadOrder(
        path=file,
        kind="snapshot" if snapshot else "changes",
        as_of=as_of,
        quarantine=quarantine,
        mapping=register_mapping,
        accept_losses=accept_losses,
        threads=settings.threads or 2,
    )
    with Bar(quiet=quiet or format != "table", language=settings.language) as bar:
        found = load_register(order, settings, bar)
    figures = {
        "as_of": order.as_of.isoformat(),
        "already_loaded": found.is_repeated,
        "people": found.people,
        "added": found.added,
        "changed": found.changed,
        "gone": found.gone,
        "rows_quarantined": found.quarantined,
    }
    if not quiet:
        show(tuple(figures), [figures], format, as_records=True)
    return 4 if found.quarantined else 0
