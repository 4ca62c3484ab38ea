"""What tests of commands share."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture
def own_logging() -> Iterator[None]:
    """Logging may be set up by the test, and is as it was afterwards."""
    handlers, level, config = logging.getLogger().handlers[:], logging.getLogger().level, structlog.get_config()
    yield
    logging.getLogger().handlers[:] = handlers
    logging.getLogger().setLevel(level)
    structlog.configure(**config)
    structlog.contextvars.clear_contextvars()
