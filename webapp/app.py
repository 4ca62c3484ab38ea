"""The portal as a part of an ASGI application: its routes, and what they share.

The pages live in an application of their own, mounted last and at the root, so that their middleware (sessions, CSP,
CSRF) and error pages bind them and nothing else; the read API's routes stand beside it. Page modules give a list
`routes` and find the portal by `webapp.state.portal_of`.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount

from webapp import accounts, apidocs, errorpages, licences, manifest, openapi, outlets, readapi, reports, security
from webapp.accounts.expiry import Expiry
from webapp.addresses import mount_at_root
from webapp.assets import Assets
from webapp.database import Database
from webapp.mail import Mail


def utc_now() -> datetime:
    return datetime.now(UTC)


class Portal:
    """Everything the pages and the read API need, open between entry and exit.

    `home` is where messages are written while no SMTP server is configured, `public_url` what links in them begin with.
    `payment_secret` signs a payment provider's notices (None: there is no provider). `clock` tells what 'today' is.
    """

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
        self.live = reports.Live(postgres)
        self.mail = Mail(self.database, smtp_url=smtp_url, folder=home / "mail", public_url=self.public_url)
        self.payment_secret = payment_secret
        self._resources = AsyncExitStack()

    async def __aenter__(self) -> Portal:
        await self._resources.enter_async_context(self.database)
        await self._resources.enter_async_context(self.live)
        await self._resources.enter_async_context(self.mail)
        await self._resources.enter_async_context(Expiry(self.database))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._resources.aclose()

    def middleware(self) -> list[Middleware]:
        """What binds the pages; `routes` has put it around them already."""
        return security.middleware(self)

    def routes(self) -> list[BaseRoute]:
        """The read API, then the pages. They answer every path, so they come last in an application."""
        pages = Starlette(
            routes=[
                Mount("/static", app=Assets(), name="static"),
                *manifest.routes,
                *reports.routes,
                *accounts.routes,
                *outlets.routes,
                *licences.routes,
            ],
            middleware=self.middleware(),
            exception_handlers=errorpages.handlers,
        )
        pages.state.portal = self
        return [*openapi.routes, *apidocs.routes, *readapi.routes(self.database), mount_at_root(pages, "pages")]
