"""The folder gateway as a process: answers requests and works off bulk requests until it is stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from himozuke.entrypoints.oqs.answering import Desk, FolderAnswering
from himozuke.entrypoints.wiring import Office, OfficeWork
from himozuke.errors import UpstreamDownError
from himozuke.gateways.oqs_files.catalogue import Catalogue
from himozuke.gateways.oqs_files.folder import Gateway
from himozuke.stores.database import Work

_LOG = structlog.get_logger(__name__)
_SECONDS_BETWEEN_BULKS = 0.25
_SECONDS_AFTER_TROUBLE = 5.0


def folder_answering(office: Office, catalogue: Catalogue) -> FolderAnswering:
    """What answers request files from the office's database."""

    def open_desk(transaction: Work) -> Desk:
        bench = OfficeWork(office, transaction).eligibility
        return Desk(bench.service, bench.store, bench.clock)

    return FolderAnswering(office.database, open_desk, catalogue, language=office.settings.language)


def answer_once(office: Office, root: Path, catalogue: Catalogue) -> int:
    """Answer every request file that is there, and work off every bulk request; how many files."""
    answering = folder_answering(office, catalogue)
    with Gateway(root, answering) as gateway:
        answered = gateway.run_once()
    while answering.work_off():
        pass
    return answered


def answer_until_stopped(office: Office, root: Path, catalogue: Catalogue, stop: threading.Event) -> None:
    """Answer request files as they come until ``stop`` is set; what was taken is finished first."""
    answering = folder_answering(office, catalogue)
    bulks = threading.Thread(target=_work_off, args=(answering, stop), name="bulk", daemon=True)
    bulks.start()
    with Gateway(root, answering) as gateway:
        gateway.run(stop)
    bulks.join()


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, from here to the end of the block."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _work_off(answering: FolderAnswering, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            if not answering.work_off():
                stop.wait(_SECONDS_BETWEEN_BULKS)
        except UpstreamDownError as error:
            _LOG.warning("oqs.bulk_put_off", reason=str(error), seconds=_SECONDS_AFTER_TROUBLE)
            stop.wait(_SECONDS_AFTER_TROUBLE)
