"""The portal as a part of an ASGI application: its routes, and what stands around them.

The pages live in an application of their own, mounted last and at the root, so that their middleware (sessions, CSP,
CSRF) and error pages bind them and nothing else; the read API's routes stand beside it.
"""

from __future__ import annotations

from typing import Self

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from webapp import (
    accounts,
    apidocs,
    closings,
    errorpages,
    licences,
    manifest,
    members,
    notices,
    openapi,
    outlets,
    pages,
    readapi,
    reports,
    security,
    worker,
)
from webapp.accounts.expiry import Expiry
from webapp.addresses import mount_at_root
from webapp.analysts import LongQueries
from webapp.assets import Assets
from webapp.demonstration import pages as demonstration
from webapp.exports import progress
from webapp.site import Site


class Portal(Site):
    """The site with its routes."""

    menu = pages.MENU

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self._resources.enter_async_context(Expiry(self.database, self.keys).running())
        await self._resources.enter_async_context(LongQueries(self.database).running())
        return self

    def routes(self) -> list[BaseRoute]:
        """The read API, then the pages. They answer every path, so they come last in an application."""
        app = Starlette(
            routes=[
                Mount("/static", app=Assets(), name="static"),
                *manifest.routes,
                *worker.routes,
                *(route for page in pages.PAGES for route in page.routes()),
                *reports.routes,
                *progress.routes,
                *accounts.routes,
                *members.routes,
                *notices.routes,
                *closings.routes,
                *outlets.routes,
                *licences.routes,
                *demonstration.routes,
            ],
            middleware=security.middleware(self),
            exception_handlers=errorpages.handlers,
        )
        app.state.site = self
        calls = readapi.routes(self.database, self.log_ends, lambda: self.clock())  # whichever it has by then
        return [*openapi.routes, *apidocs.routes, *calls, mount_at_root(app, "pages")]
