"""An owner who looks at an office full of receipts, at a fixed moment."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from ops.provisioning import create_sign_in_link
from tests.conftest import fresh_database
from tests.infrastructure import Servers
from tests.logins import as_role
from tests.webapp.reports import books as owners
from tests.webapp.reports.books import Books
from tests.webapp.reports.office import NOW, Office
from tests.webapp.reports.reader import Reader
from tests.webapp.visitor import Visitor
from webapp.app import Portal


@pytest.fixture
def office(postgres: str) -> Office:
    return Office(postgres)


@pytest.fixture
async def owner(office: Office, portal: Portal, visitor: Visitor) -> Visitor:
    """A signed-in browser of the office's owner."""
    portal.clock = lambda: NOW
    await enter(visitor, office.shop.postgres, "owner@example.com")
    return visitor


async def enter(visitor: Visitor, postgres: str, email: str) -> None:
    """Signs a browser in by a one-time link."""
    link = create_sign_in_link(postgres, email, visitor.portal.public_url)
    path = link.removeprefix(visitor.portal.public_url)
    answer = await visitor.get(path)
    if answer.status_code == 200:
        answer = await visitor.post(path)
    assert answer.status_code == 303, answer.text


@pytest.fixture(scope="package")
def books(servers: Servers, template: str) -> Iterator[Books]:
    """Filled once; the tests only look."""
    with fresh_database(servers, template) as database:
        yield Books(database)


@pytest.fixture(params=list(owners.NOW))
async def reader(request: pytest.FixtureRequest, books: Books, tmp_path: Path) -> AsyncIterator[Reader]:
    """Each of the two owners in turn, signed in at the moment at which they look."""
    owner: str = request.param
    accounts, figures = as_role(books.postgres, "accounts"), as_role(books.postgres, "portal")
    opened = Portal(accounts, figures=figures, home=tmp_path, public_url="http://office.test", smtp_url=None)
    async with opened as portal:
        portal.clock = lambda: owners.NOW[owner]
        visitor = Visitor(portal)
        async with aclosing(visitor.http):
            await enter(visitor, books.postgres, owners.email(owner))
            yield Reader(visitor, books, owner)
