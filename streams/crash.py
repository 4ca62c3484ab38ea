"""The way out when a worker can't go on: at once, so that nothing is acknowledged or skipped on the way."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import structlog

log = structlog.get_logger(__name__)

UNEXPECTED = 70
"""exit code after an exception (EX_SOFTWARE)"""
STALLED = 75
"""exit code where the worker stopped getting on (EX_TEMPFAIL)"""


def begin_again(**context: object) -> NoReturn:
    """Ends the process with 0, for its supervisor to start it anew; as safe as `crash`."""
    log.warning("worker_begins_again", **context)
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(0)


def crash(exc: BaseException, code: int = UNEXPECTED, **context: object) -> NoReturn:
    """Ends the process without unwinding: Faust would acknowledge the batch in a `finally` and restart the agent.

    Safe at any moment, because what is done is in PostgreSQL or in the tail of the output topic.
    """
    log.critical("worker_ends", exc_info=exc, code=code, **context)
    sys.stderr.flush()
    sys.stdout.flush()
    os._exit(code)
