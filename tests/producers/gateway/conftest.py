"""A gateway for a test, on the test's own database and topics."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from producers.gateway.app import Gateway
from producers.gateway.limits import Capacity, Rate, Rates
from schemas.topics import Topics
from tests.logins import as_role
from tests.producers.gateway.service import Service, Shop, new_shop, serving

UNHURRIED = Rates(uploads=Rate(1e6, 1e6), events=Rate(1e9, 1e9), bytes=Rate(1e12, 1e12))
"""Rates that no test reaches by accident."""


@pytest.fixture
def shop(postgres: str) -> Shop:
    return new_shop(postgres)


@pytest.fixture
async def service(kafka: str, postgres: str, topics: Topics, shop: Shop) -> AsyncIterator[Service]:
    """A gateway that asks for tokens anew each time, with a client that has a till's token."""
    gateway = Gateway(
        kafka,
        as_role(postgres, "gateway"),
        topics,
        rates=UNHURRIED,
        capacity=Capacity(uploads_per_till=100),
        ack_timeout=5,
        body_seconds=1,
        token_fresh=0,
    )
    async with serving(gateway, shop) as served:
        yield served
