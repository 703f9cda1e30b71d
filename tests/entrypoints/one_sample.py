"""One synthetic register with its links on disk, and how to inspect them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from himozuke.entrypoints.cli.main import run

DAY = "2025-10-01"


@dataclass(frozen=True, slots=True)
class Sample:
    """A register and a file of links of the same 600 people, and how to inspect them."""

    folder: Path

    @property
    def links(self) -> Path:
        """The links as an insurer sends them: CSV in CP932 with Japanese headers."""
        return self.folder / "links.csv"

    @property
    def register(self) -> Path:
        """The register of the same people."""
        return self.folder / "register.parquet"

    def arguments(self, out: Path, *more: str, links: Path | None = None) -> list[str]:
        """The command line of an inspection."""
        files = [str(links or self.links), "--register", str(self.register)]
        return ["inspect", *files, "--scheme", "health_insurance", "--on", DAY, "--out", str(out), "--quiet", *more]

    def inspect(self, out: Path, *more: str, links: Path | None = None) -> int:
        """Inspect the links; the exit code."""
        return run(self.arguments(out, *more, links=links))
