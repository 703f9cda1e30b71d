"""``himozuke report``: the funnel of a finished inspection, the rows of a step, published tables."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.errors import UsageError
from himozuke.gateways.results import listing


def report(  # noqa: PLR0913 (every option of the command is a parameter)
    results: list[Path],
    *,
    list_step: Annotated[str | None, Parameter(name="--list")] = None,
    published: Annotated[bool, Parameter(name="--published", negative="")] = False,
    out: Annotated[Path | None, Parameter(name="--out")] = None,
    answers: Annotated[Path | None, Parameter(name="--answers")] = None,
    incidents: Annotated[Path | None, Parameter(name="--incidents")] = None,
    as_of: Annotated[date | None, Parameter(name="--as-of")] = None,
    reason: Annotated[str, Parameter(name="--reason")] = "",
    format: Format | None = None,
) -> None:
    """Show the funnel of a finished inspection, list the rows of a step, or make tables to publish.

    Parameters
    ----------
    results
        Result folders (the --out of inspect); several only with --published.
    list_step
        List the rows of this step of the funnel, e.g. to_ask.
    published
        Write the tables that are published (HTML, CSV, JSON) into --out.
    out
        Folder for the published tables; it keeps the history of versions.
    answers
        CSV of the bodies' answers on how they acquired numbers: makes the table of classes 1, 2, 3.
    incidents
        CSV of wrong links and views by period of discovery.
    as_of
        The day the published figures speak of; default today.
    reason
        Why published figures differ from the version before.
    format
        table, csv or json; a list is csv unless said otherwise.
    """
    if published:
        if not out:
            raise UsageError("--published needs --out: the folder for the tables and their history.")
        _publish(results, out, answers=answers, incidents=incidents, as_of=as_of or date.today(), reason=reason)  # noqa: DTZ011 (the office's own calendar day)
        return
    if len(results) != 1:
        raise UsageError("Name one result folder; several go together only with --published.")
    if list_step:
        show(listing.COLUMNS, listing.rows_of_step(results[0], list_step), format or "csv")
    else:
        show(("step", "name_ja", "count"), listing.read_funnel(results[0]), format or "table")


def _publish(
    results: list[Path], out: Path, *, answers: Path | None, incidents: Path | None, as_of: date, reason: str
) -> None:
    from himozuke.campaign import published
    from himozuke.gateways.report.published import write_published
    from himozuke.gateways.results import publication, survey_csv
    from himozuke.rules.loader import load
    from himozuke.schemes import all_schemes

    names = {scheme.code: (scheme.name_ja, scheme.name_en) for scheme in all_schemes()}
    classes = published.class_table(survey_csv.read_answers(answers), load(), as_of) if answers else None
    periods = published.period_table(*survey_csv.read_periods(incidents)) if incidents else None
    schemes = publication.scheme_figures(results, names)
    out.mkdir(parents=True, exist_ok=True)
    history_path = out / publication.HISTORY
    figures = published.published_figures(classes, periods, schemes)
    history = published.revise(publication.read_history(history_path), figures, as_of=as_of, reason=reason)
    publication.write_tables(out, classes=classes, periods=periods, schemes=schemes, as_of=as_of)
    page = out / "published.html"
    write_published(page, classes=classes, periods=periods, schemes=schemes, history=history)
    publication.write_history(history_path, history)
    print(page)
