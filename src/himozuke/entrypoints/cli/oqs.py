"""``himozuke oqs``: the folder through which clinics' software asks, and the kit for its vendors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from himozuke.entrypoints.cli.listing import Format, show
from himozuke.settings import environment_with, load

oqs_app = App(name="oqs", help="Eligibility by request files in folders. / 要求ファイルによる資格確認。")

_COLUMNS = ("file", "message", "result", "line", "code", "reason")
Codes = Annotated[Path | None, Parameter(help="A vendor's own result codes, in place of HZ-….")]
Messages = Annotated[Path | None, Parameter(help="A vendor's own list of messages and prefixes.")]


@oqs_app.default
def answer(
    root: Path,
    /,
    *,
    once: Annotated[bool, Parameter(help="Answer what is there and end.", negative="")] = False,
    data: Annotated[Path | None, Parameter(help="Folder the service keeps its data in.")] = None,
    messages: Messages = None,
    result_codes: Codes = None,
) -> int:
    """Answer every request file in ROOT/*/req or ROOT/req until Ctrl-C or SIGTERM.

    フォルダに置かれた要求ファイルに答える。

    An institution's folder bears the name under which it is registered. Answers appear in ``res`` by
    rename; what cannot be read is answered with an error and kept in ``aside``. Several gateways may
    serve one folder: every request is answered once.

    Parameters
    ----------
    root
        The folder clinics' software shares with the gateway.
    """
    from himozuke.entrypoints.logging import set_up
    from himozuke.entrypoints.oqs.serving import answer_once, answer_until_stopped, stopped_by_signals
    from himozuke.entrypoints.wiring import open_office
    from himozuke.gateways.oqs_files.catalogue import load_catalogue
    from himozuke.gateways.oqs_files.folder import find_shares

    settings = load(environment_with(data=data))
    set_up(settings)
    catalogue = load_catalogue(messages, result_codes)
    shares = find_shares(root)
    with open_office(settings) as office:
        if once:
            print(f"{answer_once(office, root, catalogue)} files answered.", file=sys.stderr)
            return 0
        print(f"Answering {len(shares)} folders under {root}. Ctrl-C ends it.", file=sys.stderr)
        with stopped_by_signals() as stop:
            answer_until_stopped(office, root, catalogue, stop)
    return 0


@oqs_app.command
def kit(folder: Path, /, *, result_codes: Codes = None) -> int:
    """Write a request and its expected answer for every message and error.

    要求と期待される応答の見本をすべて書き出す。

    Parameters
    ----------
    folder
        Where the samples are written; they speak of synthetic people.
    """
    from himozuke.entrypoints.oqs.kit import write_kit
    from himozuke.gateways.oqs_files.catalogue import load_catalogue

    written = write_kit(folder, load_catalogue(None, result_codes))
    print(f"{written} samples in {folder}; README.md there says how to use them.", file=sys.stderr)
    return 0


@oqs_app.command
def check(
    folder: Path,
    /,
    *,
    format: Format = "table",
    zip_password: Annotated[str | None, Parameter(help="Password of the encrypted files in it.")] = None,
    messages: Messages = None,
    result_codes: Codes = None,
) -> int:
    """Say of a vendor's own request files what would be refused and why.

    ベンダの要求ファイルを検査する。

    Nothing is asked and nothing is changed. A row names the line, and what would be passed over or not
    found although it is accepted is noted. Ends with 3 when a file would be refused.

    Parameters
    ----------
    folder
        A folder with request files, or one request file.
    """
    from himozuke.entrypoints.oqs.checking import check_requests
    from himozuke.gateways.oqs_files.catalogue import load_catalogue

    settings = load()
    catalogue = load_catalogue(messages, result_codes)
    found = check_requests(folder, catalogue, settings.language, zip_password=zip_password)
    rows = [{name: getattr(row, name) for name in _COLUMNS} | {"line": row.line or None} for row in found]
    show(_COLUMNS, rows, format)
    return 3 if any(row.result == "refused" for row in found) else 0
