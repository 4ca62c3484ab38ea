"""A return shows on the card of its sale: the latest with its id that is not later, of its till, else of the outlet."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx

from tests.webapp.shop import Shop, sale


def returned(return_id: str, at: str) -> dict[str, Any]:
    line = {"good_id": "tea", "quantity": "1", "amount": "1.00"}
    fields = {"type": "sale.returned", "at": at, "return_id": return_id, "sale_id": "s1"}
    return {**fields, "lines": [line], "refunds": [{"method": "cash", "amount": "1.00"}]}


async def test_each_return_is_of_one_sale(client: httpx.AsyncClient, postgres: str) -> None:
    """Two tills and a third know the same id: a till's own sale comes first, else the outlet's latest before it."""
    shop = Shop(postgres)
    first, second, third = shop.till(shop.outlet), str(uuid4()), str(uuid4())
    shop.send(sale("s1", "2026-11-01T10:00:00+03:00", ("tea", "9", "1.00")), till=first)
    shop.send(sale("s1", "2026-11-03T10:00:00+03:00", ("tea", "9", "1.00")), till=second)
    shop.send(returned("own", "2026-11-05T10:00:00+03:00"), till=first)
    shop.send(
        returned("latest", "2026-11-05T10:00:00+03:00"), returned("earlier", "2026-11-02T10:00:00+03:00"), till=third
    )
    shop.send(returned("before its own", "2026-11-02T10:00:00+03:00"), till=second)
    shop.send(returned("before all", "2026-10-01T10:00:00+03:00"), till=third)
    headers = {"Authorization": f"Bearer {shop.token}"}
    found = {}
    for till in (first, second):
        answer = await client.get(f"/api/v1/outlets/{shop.outlet}/sales/s1?till={till}", headers=headers)
        found[till] = {back["return_id"] for back in answer.json()["returns"]}
    assert found == {first: {"own", "earlier", "before its own"}, second: {"latest"}}
    [day] = [
        d
        for d in (await client.get(f"/api/v1/outlets/{shop.outlet}/daily", headers=headers)).json()
        if d["day"] == "2026-10-01"
    ]
    assert day["returns_sum"] == "1.00"
