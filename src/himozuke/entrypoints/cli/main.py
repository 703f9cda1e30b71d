"""The program ``himozuke``: every command, and how errors end it."""

from __future__ import annotations

import sys
from importlib.metadata import version

from cyclopts import App, CycloptsError

from himozuke.entrypoints import batch
from himozuke.errors import HimozukeError, UpstreamDownError

_USAGE = 2

app = App(
    name="himozuke",
    help="Prove that every link between a person's Individual Number and a scheme is right. / 紐付けを証明する。",
    version=lambda: version("himozuke"),
    suppress_keyboard_interrupt=False,  # run() says how to go on
)

#: Each command's module is imported only when it runs: one comparison should not wait for the engines.
_COMMANDS = {
    "inspect": ("inspect:inspect", "Inspect a file of links against a register. / 紐付けを点検する。"),
    "verify": ("inspect:verify", "Verify single links, one JSON object each. / 紐付けを1件ずつ確かめる。"),
    "prepare": ("inspect:prepare", "Fold a register once for later runs. / 台帳を準備する。"),
    "mapping": ("mapping:mapping", "Write a starter mapping for other headers. / 見出しの対応表のひな形。"),
    "compare": ("compare:compare", "Compare two values of one item. / 2つの値を比べる。"),
    "report": ("report:report", "Published tables from results. / 公表用の表を作る。"),
    "rules": ("rules:rules_app", "Show, list or compare the dated rules. / 日付つきの規則を表示する。"),
    "schemes": ("schemes:schemes_command", "List the schemes and their items. / 制度の一覧。"),
    "population": ("population:population", "Make synthetic people and links. / 合成データを作る。"),
    "register": ("register:register_app", "Load the resident register of the service. / 住民台帳を読み込む。"),
    "serve": ("serve:serve", "Serve the desk and the interface. / 画面とAPIを提供する。"),
    "oqs": ("oqs:oqs_app", "Answer clinics' request files in folders. / 資格確認の要求ファイルに答える。"),
    "database": ("database:database_app", "The service's database: upgrade, backup. / データベースの更新と保管。"),
    "keys": ("keys:keys_app", "Keys of sealed numbers: rotate, status. / 鍵の更新と状態。"),
    "audit": ("audit:audit_app", "Verify or export the evidence. / 監査記録の検証と書き出し。"),
    "simulate": ("simulate:simulate_app", "Stand-ins for the systems the service talks to. / 相手方の模擬。"),
    "demo": ("demo:demo", "Serve a filled system of synthetic people. / 合成データで試す。"),
    "settings": ("settings:settings_command", "Print what the environment sets. / 設定を表示する。"),
}
#: Commands that work through many rows once and end.
_BATCH = {"inspect", "prepare"}
for _name, (_path, _help) in _COMMANDS.items():
    app.command(f"himozuke.entrypoints.cli.{_path}", name=_name, help=_help)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and end with its exit code.

    0 done, 2 usage, 3 findings that need action, 4 input rejected in part or whole, 5 an upstream is down.
    """
    given = sys.argv[1:] if arguments is None else arguments
    code = run(given)
    if _is_batch(given):
        batch.end(code)
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; errors are one clear sentence on standard error."""
    if _is_batch(arguments):
        batch.begin()
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
    except OSError as error:
        print(f"The disk or a file gave up: {error}. Free space or check the rights, then run again.", file=sys.stderr)
        return UpstreamDownError.exit_code
    return code if isinstance(code, int) else 0


def _is_batch(arguments: list[str]) -> bool:
    return bool(arguments) and arguments[0] in _BATCH
