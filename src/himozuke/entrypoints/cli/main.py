"""The program ``himozuke``: every command, and how errors end it."""

from __future__ import annotations

import sys
from importlib.metadata import version

from cyclopts import App, CycloptsError

from himozuke.errors import HimozukeError

_USAGE = 2

app = App(
    name="himozuke",
    help="Prove that every link between a person's Individual Number and a scheme is right. / 紐付けを証明する。",
    version=lambda: version("himozuke"),
)

_COMMANDS = {
    "inspect": "himozuke.entrypoints.cli.inspect:inspect",
    "verify": "himozuke.entrypoints.cli.inspect:verify",
    "prepare": "himozuke.entrypoints.cli.inspect:prepare",
    "compare": "himozuke.entrypoints.cli.compare:compare",
    "population": "himozuke.entrypoints.cli.population:population",
    "rules": "himozuke.entrypoints.cli.rules:rules_app",
    "schemes": "himozuke.entrypoints.cli.schemes:schemes_command",
    "report": "himozuke.entrypoints.cli.report:report",
    "settings": "himozuke.entrypoints.cli.settings:settings_command",
}
for _name, _path in _COMMANDS.items():
    app.command(_path, name=_name)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end with its exit code.

    0 done, 2 usage, 3 findings that need action, 4 input rejected in part or whole, 5 an upstream is down.
    """
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are one clear sentence on standard error."""
    try:
        code = app(arguments, exit_on_error=False, result_action="return_value")
    except HimozukeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except CycloptsError:
        return _USAGE  # cyclopts has said what is wrong
    except KeyboardInterrupt:
        print("Stopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0
    return code if isinstance(code, int) else 0
