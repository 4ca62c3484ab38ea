"""The read API's answers as they were recorded from version 0.1.0: fields are added at their ends, nothing else."""

from __future__ import annotations

import json
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
    """Every call, page by page, and its refusals: the fields of 0.1.0 in their order, texts and headers."""
    shop = Shop(postgres)
    fill(shop)
    recorded = [line async for line in answers(client, shop)]
    shop.change("UPDATE app.outlets SET zone = 'UTC'")
    recorded += [line async for line in answers(client, shop)]
    wanted = GOLDEN.read_text().splitlines()
    assert len(recorded) == len(wanted)
    for now, then in zip(recorded, wanted, strict=True):
        (said, body), (said_then, body_then) = _parted(now), _parted(then)
        assert said == said_then
        document, document_then = json.loads(body), json.loads(body_then)
        assert _without_additions(document, document_then) == document_then, said
        assert body == json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _parted(line: str) -> tuple[str, str]:
    """Call, status and headers; and the document."""
    said, end, body = line.partition("} ")
    return said + end, body


def _without_additions(now: Any, then: Any) -> Any:
    """The document with those fields alone that it had then, in its order."""
    match now, then:
        case dict(), dict():
            assert list(now)[: len(then)] == list(then) or not then
            return {name: _without_additions(value, then[name]) for name, value in now.items() if name in then}
        case list(), list() if len(now) == len(then):
            return [_without_additions(*pair) for pair in zip(now, then, strict=True)]
    return now


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
