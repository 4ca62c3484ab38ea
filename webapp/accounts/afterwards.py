"""What is done after the answer, so that its time tells nobody whether an address has an account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec

import structlog
from starlette.background import BackgroundTask

from schemas.errors import WebOfficeError
from webapp.site import Site

P = ParamSpec("P")
log = structlog.get_logger(__name__)


def afterwards(
    work: Callable[Concatenate[Site, P], Awaitable[None]], site: Site, *arguments: P.args, **named: P.kwargs
) -> BackgroundTask:
    """To be hung on a response."""

    async def run() -> None:
        try:
            await work(site, *arguments, **named)
        except WebOfficeError as exc:  # whoever waits for a letter asks again
            log.error("letter not queued", error=str(exc))

    return BackgroundTask(run)
