"""The portal of the test's own database beside what tells; its connections, as `work tell` has them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.logins import as_role
from tests.webapp.conftest import portal, stranger, visitor
from webapp.database import Database

__all__ = ["portal", "stranger", "visitor"]


@pytest.fixture
async def database(postgres: str) -> AsyncIterator[Database]:
    async with Database(as_role(postgres, "accounts"), figures=as_role(postgres, "portal")) as opened:
        yield opened
