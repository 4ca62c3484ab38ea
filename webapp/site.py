"""What all pages share: the database, the mail, the live updates, the clock, the addresses. Imports no page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from starlette.requests import Request

from webapp.database import Database
from webapp.live import Live
from webapp.mail import Mail
from webapp.menu import Link


def utc_now() -> datetime:
    return datetime.now(UTC)


class Site:
    """What a page needs beside its request; open between entry and exit.

    `home` is where letters are written while no SMTP server is configured, `public_url` what links in them begin with.
    `payment_secret` signs a payment provider's notices (None: there is no provider). `clock` tells what 'today' is.
    `menu` is what leads to the sections from every page.
    """

    menu: Sequence[Link] = ()

    def __init__(
        self,
        postgres: str,
        *,
        home: Path,
        public_url: str,
        smtp_url: str | None,
        payment_secret: str | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database = Database(postgres)
        self.home = home
        self.public_url = public_url.rstrip("/")
        self.smtp_url = smtp_url
        self.clock = clock
        self.live = Live(postgres)
        self.mail = Mail(self.database, smtp_url=smtp_url, folder=home / "mail", public_url=self.public_url)
        self.payment_secret = payment_secret
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Self:
        for resource in (self.database, self.live, self.mail):
            await self._resources.enter_async_context(resource)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._resources.aclose()


def site_of(request: Request) -> Site:
    """The site that answers the request."""
    site: Site = request.app.state.site
    return site
