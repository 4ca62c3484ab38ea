"""Logging: structlog for every process, console on a terminal, JSON elsewhere."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO, cast

import msgspec
import structlog

from ops.outputs import Both, RotatedLog
from ops.redaction import redact, without_secrets
from ops.settings import Settings
from ops.terminal.trouble import Trouble


def configure(
    settings: Settings, process: str, log_file: RotatedLog | None = None, trouble: Trouble | None = None
) -> None:
    """Sends all log lines, ours and those of libraries, to stderr in one form; `process` is bound to each.

    Where there is a `log_file`, they are kept there as well. With `trouble` they go there, in JSON, not to stderr.
    """
    stream = cast("TextIO", Both(cast("TextIO", trouble) if trouble else sys.stderr, log_file))
    level = getattr(logging, settings.log_level.upper())
    form = "json" if trouble else settings.log or ("console" if sys.stderr.isatty() else "json")
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    formatting: list[structlog.typing.Processor] = (
        [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer(serializer=_json)]
        if form == "json"
        else [_console]
    )
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
    # Embedded Kafka's secret never leaves loopback, and this would be said at each connection.
    logging.getLogger("aiokafka.conn").addFilter(lambda record: "password in the clear" not in record.getMessage())
    # Libraries speak up only when something is wrong; their routine is not our routine.
    root.setLevel(max(level, logging.WARNING))


# No values of variables in tracebacks: forms hold passwords.
_pretty = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _console(logger: object, method: str, line: MutableMapping[str, Any]) -> str:
    return without_secrets(str(_pretty(logger, method, line)))


def _json(line: object, **_: object) -> str:
    """A log line; there is one for each request, and `json.dumps` would take a tenth of the gateway's time."""
    try:
        return msgspec.json.encode(line, enc_hook=repr).decode()
    except (msgspec.MsgspecError, TypeError, UnicodeEncodeError):  # a key that is no text, a lone surrogate
        return json.dumps(line, default=repr)
