"""The read API's answers, byte for byte, as they were recorded from version 0.1.0."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx

from tests.webapp.shop import Shop, counted, good, sale

GOLDEN = Path(__file__).parent / "golden" / "readapi.txt"
CALLS = [
    "",
    *("/{}/daily", "/{}/daily?from=2026-11-21&to=2026-11-21", "/{}/payments", "/{}/payments?to=2026-11-20"),
    *("/{}/stock", "/{}/stock?limit=2", "/{}/stock?query=ЁЛОЧ", "/{}/stock?min=99&max=100"),
    *("/{}/sales", "/{}/sales?limit=1", "/{}/sales?from=2026-11-21", "/{}/sales/s%2F1", "/{}/sales/s2"),
    *("/{}/sales/s%2F1?till=TILL", "/{}/goods/tea%2F1", "/{}/goods/x3", "/{}/goods/c_2"),
    *("/{}/contacts", "/{}/contacts?limit=1", "/{}/contacts?debt_max=-0.01"),
    *("/{}/daily?from=x", "/{}/sales?limit=0", "/{}/sales?after=AAAA", "/{}/contacts?points_max=NaN"),
    *("/{}/sales/none", "/{}/goods/none", "/x/daily"),
]


async def test_answers_are_as_recorded(client: httpx.AsyncClient, postgres: str) -> None:
    """Every call, page by page, and its refusals: the same fields in the same order, texts and headers."""
    shop = Shop(postgres)
    fill(shop)
    recorded = [line async for line in answers(client, shop)]
    shop.change("UPDATE app.outlets SET zone = 'UTC'")
    recorded += [line async for line in answers(client, shop)]
    assert "".join(f"{line}\n" for line in recorded) == GOLDEN.read_text()


def fill(shop: Shop) -> None:
    """Sales, one with a return and one that does not add up, goods, stock, contacts; two days."""
    paid = [{"method": "card", "amount": "100.00"}, {"method": "cash", "amount": "70.00"}]
    november = {"at": "2026-11-01T10:00:00+03:00"}
    contact = {"type": "contact.saved", **november, "debt": "-5.00", "points": "7"}
    back = {"return_id": "r1", "sale_id": "s/1", "refunds": [{"method": "card", "amount": "80"}]}
    shop.send(
        good("tea/1", "Чай «Ёлочный» 100%", barcode="460", barcodes=["461"], extra=[{"name": "Сорт", "value": "1"}]),
        good("c_2", "кофе молотый", "Кофе", max_price="0"),
        good("x3", "Снятый"),
        {"type": "good.removed", **november, "good_id": "x3"},
        {"type": "warehouse.saved", **november, "warehouse_id": "back", "name": "Подсобка"},
        counted("tea/1", "10.000"),
        counted("tea/1", "1.5", "back"),
        counted("c_2", "100"),
        sale("s/1", "2026-11-20T23:30:00.123456+03:00", ("tea/1", "2", "80.5"), change="10", payments=paid),
        sale(
            "s2",
            "2026-11-21T00:10:00+03:00",
            ("c_2", "0.500", "50"),
            payments=[{"method": "sbp", "amount": "40.00"}],
            cashier="Иванов И.И.",
            contact_id="k1",
        ),
        sale("empty", "2026-11-22T00:10:00+03:00"),
        {
            "type": "sale.returned",
            "at": "2026-11-22T12:00:00+03:00",
            **back,
            "lines": [{"good_id": "tea/1", "quantity": "1.0", "amount": "80", "warehouse_id": "back"}],
        },
        {**contact, "contact_id": "k1", "name": "Ёжикова А.П.", "purchases_total": "100.00"},
        {**contact, "contact_id": "k2", "name": "Бобров Б.Б.", "purchases_total": "0"},
    )


async def answers(client: httpx.AsyncClient, shop: Shop) -> AsyncIterator[str]:
    """Call, status, headers and body of each, without what differs from one run to the next."""
    headers, till = {"Authorization": f"Bearer {shop.token}"}, shop.till(shop.outlet)
    for call in CALLS:
        after: str | None = ""
        while after is not None:
            path = call.format(shop.outlet).replace("TILL", till) + (
                f"{'&' if '?' in call else '?'}after={quote(after)}" if after else ""
            )
            answer = await client.get(f"/api/v1/outlets{path}", headers=headers)
            kept = {name: value for name, value in sorted(answer.headers.items()) if name != "content-length"}
            body = answer.text.replace(shop.outlet, "OUTLET").replace(till, "TILL")
            body = re.sub(r'"next":"[^"]+"', '"next":"…"', body)
            body = re.sub(r'"licensed_until":"[^"]*(.{6})"', r'"licensed_until":"…\1"', body)
            yield f"{call.format('OUTLET')} {answer.status_code} {kept} {body}"
            document: Any = answer.json()
            after = document.get("next") if isinstance(document, dict) else None
