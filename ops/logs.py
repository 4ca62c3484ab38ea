"""Logging: structlog for every process; one line per batch and per request, console on a terminal, JSON elsewhere."""

from __future__ import annotations

import json
import logging
import sys
from typing import TextIO, cast

import msgspec
import structlog

from ops.outputs import Both, RotatedLog
from ops.settings import Settings


def configure(settings: Settings, process: str, log_file: RotatedLog | None = None) -> None:
    """Sends all log lines, ours and those of libraries, to stderr in one form; `process` is bound to each.

    Where there is a `log_file`, they are kept there as well.
    """
    stream = cast("TextIO", Both(sys.stderr, log_file))
    level = getattr(logging, settings.log_level.upper())
    form = settings.log or ("console" if sys.stderr.isatty() else "json")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_json) if form == "json" else structlog.dev.ConsoleRenderer()
    )
    formatting = [structlog.processors.format_exc_info, renderer] if form == "json" else [renderer]
    structlog.configure(
        processors=[*shared, *formatting],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *formatting],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    # Libraries speak up only when something is wrong; their routine is not our routine.
    root.setLevel(max(level, logging.WARNING))


def _json(line: object, **_: object) -> str:
    """A log line; there is one for each request, and `json.dumps` would take a tenth of the gateway's time."""
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except (msgspec.MsgspecError, TypeError, UnicodeEncodeError):  # a key that is no text, a lone surrogate
        return json.dumps(line, default=repr)
