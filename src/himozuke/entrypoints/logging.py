"""The log: one line an event, runs of twelve digits masked and rows of the database left out, whoever writes it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, TextIO

import structlog

from himozuke.identity.individual_number import mask
from himozuke.settings import Settings

_LOUD = ("httpx", "httpcore", "procrastinate", "alembic")  # say at INFO what only matters when it fails
_DEEPEST = 8
# PostgreSQL tells the whole row in the detail of an error: names and addresses.
_DETAIL = re.compile(r"^(DETAIL|CONTEXT):.*", re.MULTILINE)


def set_up(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Let everything that is logged in this process go to standard error, masked.

    JSON where ``HIMOZUKE_LOG_FORMAT`` says so or standard error is no terminal, else lines for people.
    """
    out = stream or sys.stderr
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        mask_event,
    ]
    is_for_people = settings.log_format == "text" or (settings.log_format == "auto" and out.isatty())
    last: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer() if is_for_people else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask_event, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


def mask_event(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask every run of twelve digits or more in an event, wherever it stands."""
    return {
        str(_masked(key, 0)): _masked(value, 0) if not key.startswith("_") else value for key, value in event.items()
    }


def _masked(value: object, depth: int) -> object:
    if value is None or isinstance(value, (bool, int, float)):
        text = str(value)
        return value if mask(text) == text else mask(text)
    if isinstance(value, str):
        return _DETAIL.sub(r"\1 …", mask(value))
    if depth < _DEEPEST and isinstance(value, Mapping):
        return {_masked(key, depth + 1): _masked(each, depth + 1) for key, each in value.items()}
    if depth < _DEEPEST and isinstance(value, Sequence) and not isinstance(value, bytes):
        return [_masked(each, depth + 1) for each in value]
    return _masked(str(value), depth)
