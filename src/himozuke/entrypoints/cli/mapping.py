"""``himozuke mapping``: a starter for a file whose headers the program does not know."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from himozuke.errors import UsageError
from himozuke.gateways.tables import LINKS, REGISTER, read_headers, write_starter_mapping

_KINDS = {"links": LINKS, "register": REGISTER}


def mapping(
    file: Path,
    *,
    out: Annotated[Path, Parameter(help="The mapping file to write.")] = Path("mapping.toml"),
    kind: Annotated[Literal["links", "register"], Parameter(help="What the file holds.")] = "links",
) -> int:
    """Write a starter mapping for a file with other headers.

    見出しの対応表のひな形を書き出す。

    Complete it and give it to inspect with --mapping (or --register-mapping). An existing file is never
    overwritten.

    Parameters
    ----------
    file
        The file whose headers are read.
    """
    if out.exists():
        raise UsageError(f"{out} exists already. Name another file with --out, or remove it first.")
    headers = read_headers(file, _KINDS[kind])
    write_starter_mapping(out, headers, _KINDS[kind])
    print(out.resolve())
    return 0
