"""The form of log lines, handed on to processes that a replay starts: a fresh process would print them on stdout."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from msgspec import Struct
from structlog.contextvars import bind_contextvars, get_contextvars


class LogForm(Struct, frozen=True):
    """What `ops/logs.py` set up here; can be pickled."""

    processors: Any
    wrapper: Any
    bound: dict[str, Any]

    @staticmethod
    def here() -> LogForm:
        found = structlog.get_config()
        return LogForm(found["processors"], found["wrapper_class"], get_contextvars())

    def take_over(self) -> None:
        """From now on this process logs in the same form, to stderr: stdout belongs to a command's answer."""
        structlog.configure(
            processors=self.processors,
            wrapper_class=self.wrapper,
            logger_factory=structlog.WriteLoggerFactory(sys.stderr),
            cache_logger_on_first_use=True,
        )
        bind_contextvars(**self.bound)
