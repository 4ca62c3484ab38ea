"""Several gateways grant a till one rate between them."""

from __future__ import annotations

import pytest

from producers.gateway.app import Gateway
from producers.gateway.limits import Rate, Rates
from schemas.topics import Topics
from tests.logins import as_role
from tests.producers.gateway.service import Service, Shop, eventually, serving, upload_of

BURST = 12
ONCE = Rates(uploads=Rate(1e-6, BURST), events=Rate(1e9, 1e9), bytes=Rate(1e12, 1e12))
"""So that nothing more is granted while the test lasts."""


async def passed(services: list[Service], attempts: int = 2 * BURST) -> int:
    """How many uploads of one till are taken, sent to each in turn."""
    answers = [await services[n % len(services)].upload(upload_of()) for n in range(attempts)]
    assert {answer.status_code for answer in answers} <= {202, 429}
    return sum(answer.status_code == 202 for answer in answers)


@pytest.mark.asvs("V2.4.1", "each gateway grants the whole of a till's rate")
async def test_a_tills_rate_is_one_for_all_gateways(kafka: str, postgres: str, topics: Topics, shop: Shop) -> None:
    """Two gateways together let through what one would; one that is gone leaves its part to the other."""
    url = as_role(postgres, "gateway")
    first, second = Gateway(kafka, url, topics, rates=ONCE), Gateway(kafka, url, topics, rates=ONCE)
    async with serving(first, shop) as one:
        async with serving(second, shop) as other:
            await eventually(lambda: first.sharers == second.sharers == 2)
            assert await passed([one, other]) == BURST
        await eventually(lambda: first.sharers == 1)
