"""The process that does jobs: started beside the desk, watched, begun again when it dies, never left behind."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from types import FrameType, TracebackType

from himozuke.entrypoints.jobs.worker import Worker
from himozuke.settings import environment_with, load

logger = logging.getLogger(__name__)
_MODULE = "himozuke.entrypoints.jobs.process"
_SECONDS_TO_LEAVE = 30.0
_SECONDS_BEFORE_AGAIN = 1.0


class JobProcess:
    """A child process that does jobs, from ``with`` to its end.

    The child ends when our end of its standard input closes: also when we are killed in whatever way.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = dict(environment_with() if environment is None else environment)
        self._child: subprocess.Popen[bytes] | None = None
        self._is_leaving = threading.Event()
        self._watch = threading.Thread(target=self._keep, name="job process", daemon=True)

    @property
    def pid(self) -> int | None:
        """The process of today's child."""
        return None if self._child is None else self._child.pid

    def __enter__(self) -> JobProcess:
        self._start()
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_leaving.set()
        child = self._child
        if child is not None:
            if child.stdin is not None:
                child.stdin.close()
            try:
                child.wait(_SECONDS_TO_LEAVE)
            except subprocess.TimeoutExpired:
                child.kill()  # its job is taken up by the next worker
                child.wait()
        self._watch.join(_SECONDS_TO_LEAVE)

    def _start(self) -> None:
        self._child = subprocess.Popen(  # noqa: S603 -- ourselves
            [sys.executable, "-m", _MODULE], stdin=subprocess.PIPE, env=self._environment
        )

    def _keep(self) -> None:
        while not self._is_leaving.is_set():
            child = self._child
            code = child.wait() if child is not None else 0
            if self._is_leaving.wait(_SECONDS_BEFORE_AGAIN):
                return
            logger.warning("The job process ended with %s; it is started again.", code)
            self._start()


def main() -> None:
    """Do jobs until standard input closes or the process is asked to end."""
    from himozuke.entrypoints.logging import set_up
    from himozuke.entrypoints.wiring import open_office

    settings = load()
    set_up(settings)
    with open_office(settings) as office:
        worker = Worker(office)
        end_with_parent(worker.stop)

        def stop(_signal: int, _frame: FrameType | None) -> None:
            worker.stop()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        worker.run()


def end_with_parent(stop: Callable[[], None]) -> None:
    """Call ``stop`` when whoever started us is gone."""

    def watch() -> None:
        while sys.stdin.buffer.read(1):
            pass
        stop()

    threading.Thread(target=watch, name="parent", daemon=True).start()


if __name__ == "__main__":
    main()
