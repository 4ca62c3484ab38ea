"""A portal on the test's own database, and a client that calls it in-process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from tests.logins import as_role
from tests.webapp.visitor import Visitor
from webapp.app import Portal


@pytest.fixture
async def portal(postgres: str, tmp_path: Path) -> AsyncIterator[Portal]:
    """The portal, open."""
    accounts, figures = as_role(postgres, "accounts"), as_role(postgres, "portal")
    opened = Portal(accounts, figures=figures, home=tmp_path, public_url="http://office.test", smtp_url=None)
    async with opened:
        yield opened


@pytest.fixture
async def client(portal: Portal) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the portal's application."""
    transport = httpx.ASGITransport(app=Starlette(routes=portal.routes()), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://office.test") as opened:
        yield opened


@pytest.fixture
async def visitor(portal: Portal) -> AsyncIterator[Visitor]:
    """A browser that has not been here before."""
    someone = Visitor(portal)
    yield someone
    await someone.http.aclose()


@pytest.fixture
async def stranger(portal: Portal) -> AsyncIterator[Visitor]:
    """Another browser, at another network address."""
    someone = Visitor(portal, "198.51.100.7")
    yield someone
    await someone.http.aclose()
