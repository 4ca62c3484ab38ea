"""What the read API says of goods sold and of hours, of a few receipts written out by hand."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.webapp.shop import Shop, good, sale
from tests.webapp.test_readapi import Caller


@pytest.fixture
def shop(postgres: str) -> Shop:
    """Two goods of «Чай», one of «Кофе» and one that was never saved, over a year; a return; a receipt sent anew."""
    shop = Shop(postgres)
    shop.send(
        good("g1", "Чай чёрный"),
        good("g2", "Чай белый"),
        good("g3", "Кофе", "Кофе"),
        sale("s1", "2026-01-10T12:10:00+03:00", ("g1", "2", "500.00"), ("g3", "0.335", "99.99")),
        sale("s2", "2026-11-20T23:59:00+03:00", ("g2", "1", "200.00"), ("g1", "1", "10.00")),
        sale("s3", "2026-11-21T00:05:00+03:00", ("loose", "1.5", "20.00")),
        sale("s4", "2026-11-21T09:00:00+03:00", ("loose", "100", "20.00")),
        sale("s4", "2026-11-21T09:00:00+03:00", ("g2", "1", "200.00")),
        {
            "type": "sale.returned",
            "at": "2026-11-22T09:30:00+03:00",
            "return_id": "r1",
            "sale_id": "s1",
            "lines": [{"good_id": "g1", "quantity": "1", "amount": "500.00"}],
            "refunds": [{"method": "cash", "amount": "500.00"}],
        },
    )
    return shop


def _row(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("good_id", "name", "category", "quantity", "revenue"))


async def test_goods_of_all_time(client: httpx.AsyncClient, shop: Shop) -> None:
    """The greatest revenue first, before returns, which stand beside it; names and categories as they are now."""
    shop.send(good("g2", "Чай зелёный", "Зелёный"))
    answer = (await Caller(client, shop.token).get(f"/{shop.outlet}/sold")).json()
    assert [_row(row) for row in answer["items"]] == [
        ("g1", "Чай чёрный", "Чай", "3", "1010.00"),
        ("g2", "Чай зелёный", "Зелёный", "2", "400.00"),
        ("g3", "Кофе", "Кофе", "0.335", "33.50"),
        ("loose", "Товар loose", "", "1.5", "30.00"),
    ]
    assert [(row["returned_quantity"], row["returned_sum"]) for row in answer["items"]] == [
        ("1", "500.00"), ("0", "0.00"), ("0", "0.00"), ("0", "0.00")
    ]  # fmt: skip
    assert answer["next"] is None


async def test_goods_of_a_period(client: httpx.AsyncClient, shop: Shop) -> None:
    """Local days, both included; a good that was only returned in the period is in it."""
    caller = Caller(client, shop.token)
    answer = (await caller.get(f"/{shop.outlet}/sold", **{"from": "2026-11-21", "to": "2026-11-22"})).json()
    assert [(row["good_id"], row["revenue"], row["returned_sum"]) for row in answer["items"]] == [
        ("g2", "200.00", "0.00"), ("loose", "30.00", "0.00"), ("g1", "0.00", "500.00")
    ]  # fmt: skip


async def test_categories(client: httpx.AsyncClient, shop: Shop) -> None:
    """By category the good's id and name are null; what was never saved has the category ""."""
    answer = (await Caller(client, shop.token).get(f"/{shop.outlet}/sold", by="category")).json()
    assert [_row(row) for row in answer["items"]] == [
        (None, None, "Чай", "5", "1410.00"),
        (None, None, "Кофе", "0.335", "33.50"),
        (None, None, "", "1.5", "30.00"),
    ]


@pytest.mark.parametrize("by", ["good", "category"])
async def test_page_by_page(client: httpx.AsyncClient, shop: Shop, by: str) -> None:
    """The pages joined are the whole list, also where many rows have the same revenue."""
    same = [sale(f"x{n}", "2026-11-21T10:00:00+03:00", (f"x{n:02}", "1", "7.00")) for n in range(20)]
    shop.send(*same, *(good(f"x{n:02}", f"Товар {n}", f"Группа {n}") for n in range(20)))
    caller = Caller(client, shop.token)
    whole = (await caller.get(f"/{shop.outlet}/sold", by=by, limit=500)).json()["items"]
    assert len(whole) == {"good": 24, "category": 23}[by]
    for limit in (1, 3, 7):
        assert await caller.all(f"/{shop.outlet}/sold", by=by, limit=limit) == whole


async def test_hours(client: httpx.AsyncClient, shop: Shop) -> None:
    """By day and hour of the wall clock, a return in its own hour, empty hours left out."""
    caller = Caller(client, shop.token)
    rows = (await caller.get(f"/{shop.outlet}/hours", **{"from": "2026-11-01"})).json()
    assert [(row["day"], row["hour"], row["sales"], row["revenue"]) for row in rows] == [
        ("2026-11-20", 23, 1, "210.00"),
        ("2026-11-21", 0, 1, "30.00"),
        ("2026-11-21", 9, 1, "200.00"),
        ("2026-11-22", 9, 0, "-500.00"),
    ]


async def test_what_is_no_sale_of_goods(client: httpx.AsyncClient, shop: Shop) -> None:
    """The till's own sum stands, tax on top is revenue; a gift card, an advance, a tip and a debt paid off are none."""
    line = {"name": "Товар", "quantity": "1", "price": "10.00"}
    tax = {"rate": "20", "amount": "1.80", "on_top": True}
    lines: list[dict[str, Any]] = [
        {**line, "good_id": "own", "sum": "9.00", "discount": "0.50", "tax": tax},
        {**line, "good_id": "service", "kind": "service", "tax": {"rate": "20", "amount": "1.67"}},
        *({**line, "good_id": kind, "kind": kind} for kind in ("gift_card", "prepayment", "tip", "debt")),
    ]
    back = [
        {"good_id": row["good_id"], "quantity": "1", "amount": "4", "kind": row.get("kind", "good")} for row in lines
    ]
    at = "2026-12-01T10:00:00+03:00"
    shop.send(
        {**sale("k1", at), "lines": lines, "payments": [{"method": "cash", "amount": "60.80"}]},
        {"type": "sale.returned", "at": at, "return_id": "kr", "lines": back, "refunds": []},
    )
    answer = (await Caller(client, shop.token).get(f"/{shop.outlet}/sold", **{"from": "2026-12-01"})).json()
    assert [(row["good_id"], row["revenue"], row["returned_sum"]) for row in answer["items"]] == [
        ("own", "10.80", "4.00"), ("service", "10.00", "4.00")
    ]  # fmt: skip


async def test_what_does_not_fit(client: httpx.AsyncClient, shop: Shop) -> None:
    """Another grouping than the two, or a day that is none, is 422."""
    caller = Caller(client, shop.token)
    for path, query in [("sold", {"by": "shop"}), ("sold", {"from": "x"}), ("hours", {"to": "x"})]:
        answer = await caller.get(f"/{shop.outlet}/{path}", **query)
        assert (answer.status_code, answer.json()["error"]) == (422, "invalid_parameter")
