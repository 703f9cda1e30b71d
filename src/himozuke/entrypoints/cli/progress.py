"""Progress on long work: phase, rows a second and the time that remains, on standard error."""

from __future__ import annotations

import sys
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Task as RichTask
from rich.text import Text

_PHASES = {
    "digest": ("台帳の同一性を確認", "checking the register"),
    "prepare": ("台帳の準備", "preparing the register"),
    "read": ("紐付けの読み込み", "reading links"),
    "match": ("番号で台帳を引く", "looking numbers up"),
    "compare": ("5情報の突合", "comparing items"),
    "challenge": ("ほかに当てはまる人を探す", "looking for rivals"),
    "own_file": ("ファイル内の重複を確認", "checking the file itself"),
    "decide": ("判定", "deciding"),
    "causes": ("原因の調査", "finding causes"),
    "write": ("結果の書き出し", "writing results"),
    "register_digest": ("ファイルの同一性を確認", "checking the file"),
    "register_stage": ("台帳の読み込み", "reading the register"),
    "register_apply": ("台帳への反映", "making the day"),
    "register_index": ("索引の作成", "making indexes"),
    "register_tidy": ("整理", "tidying up"),
    "population": ("人口の合成", "making people"),
}


class _Rate(TextColumn):
    """Rows a second of a phase."""

    def __init__(self) -> None:
        super().__init__("")

    def render(self, task: RichTask) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f} 行/秒" if speed else "", style="dim")


class Bar:
    """Shows phases one below the other; silent when asked to be or when nobody watches."""

    def __init__(self, *, quiet: bool, language: str = "ja") -> None:
        """Draw on standard error only where that is a terminal."""
        self._language = 1 if language == "en" else 0
        console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f}"),
            _Rate(),
            TimeRemainingColumn(),
            console=console,
            disable=quiet or not sys.stderr.isatty(),
        )
        self._task: TaskID | None = None
        self._total: int | None = None

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish()
        self._progress.stop()

    def phase(self, name: str, total: int | None = None) -> None:
        """A phase of work begins."""
        self._finish()
        said = _PHASES.get(name, (name, name))[self._language]
        self._total = total
        self._task = self._progress.add_task(said, total=total)

    def advance(self, rows: int) -> None:
        """So many more rows are done in this phase."""
        if self._task is not None:
            self._progress.advance(self._task, rows)

    def _finish(self) -> None:
        if self._task is not None:
            task = self._progress.tasks[self._progress.task_ids.index(self._task)]
            self._progress.update(self._task, total=task.completed or 1, completed=task.completed or 1)
