"""``himozuke keys``: the keys Individual Numbers are sealed with."""

from __future__ import annotations

import sys

from cyclopts import App

from himozuke.entrypoints.cli.database import Data
from himozuke.entrypoints.cli.listing import Format, show
from himozuke.settings import environment_with, load
from himozuke.stores.database import Database
from himozuke.stores.key_versions import Rotation, count_by_version, is_rotation_due
from himozuke.stores.vault import KeyRing

keys_app = App(name="keys", help="The keys Individual Numbers are sealed with. / 個人番号を封じる鍵。")
_FINDINGS = 3


@keys_app.command
def rotate(*, data: Data = None) -> int:
    """Make a new key and seal everything anew under it, while the service goes on.

    鍵を更新する（サービスは止めない）。 Called again after it was broken off, it goes on with the key it
    had made. Exit code 3 when transactions that began earlier kept the older key in use: run it again.
    """
    settings = load(environment_with(data=data))
    with Database.open(settings) as database:
        database.check_schema()
        ring = KeyRing.open_or_make(settings.key_file.expanduser())
        with database.maintenance() as connection:
            counts = count_by_version(connection)
        is_taken_up = is_rotation_due(counts, ring.read().active)
        version = ring.read().active if is_taken_up else ring.add_version()
        print(f"{'going on with' if is_taken_up else 'new'} key version {version} in {ring.path}", file=sys.stderr)
        done = Rotation(database, ring, tell=_tell).run()
        older = [each for each in ring.read().looked_up if each != version]
    print(f"{done} values sealed anew under version {version}")
    if older:
        print(f"Version {older} is still looked up: a transaction that began earlier has not ended. Run it again.")
        return _FINDINGS
    return 0


@keys_app.command
def status(*, data: Data = None, format: Format = "table") -> int:
    """Show how many values stand under which key, by column.

    鍵ごとの件数を表示する。 Exit code 3 when values stand under an older key: a rotation was not finished.
    """
    settings = load(environment_with(data=data))
    with Database.open(settings) as database:
        database.check_schema()
        keys = KeyRing.open_or_make(settings.key_file.expanduser()).read()
        with database.maintenance() as connection:
            counts = count_by_version(connection)
    rows = [
        {
            "column": f"{count.table}.{count.column}",
            "version": count.version,
            "values": count.values,
            "key": "seals" if count.version == keys.active else "is there" if count.version in keys.keys else "MISSING",
        }
        for count in counts
    ]
    show(("column", "version", "values", "key"), rows, format)
    return _FINDINGS if is_rotation_due(counts, keys.active) else 0


def _tell(column: str, count: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{column}: {count}\x1b[K", end="", file=sys.stderr, flush=True)
