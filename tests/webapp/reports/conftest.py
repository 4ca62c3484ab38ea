"""An owner who looks at an office full of receipts, at a fixed moment."""

from __future__ import annotations

import pytest

from ops.provisioning import create_sign_in_link
from tests.webapp.reports.office import NOW, Office
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
