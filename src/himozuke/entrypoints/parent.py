"""A process that answers must not outlive the service that started it, in whatever way that one ended."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time

_SECONDS_TO_LEAVE = 25.0


def leave_with_parent(*, seconds: float = _SECONDS_TO_LEAVE) -> None:
    """From here on, end when the process that spawned us has: requests under way get some seconds.

    Nothing happens in a process that was not spawned by another of this program.
    """
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(seconds)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
