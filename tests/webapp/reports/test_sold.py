"""Проданные товары: by hand on a few receipts, and by SQL over the raw events of real and simulated shops."""
# ruff: noqa: S608 (the conditions are this test's own)

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

import pytest

from tests.webapp.reports.books import counted
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import Reader, part
from tests.webapp.shop import Shop, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

MINUS = "\N{MINUS SIGN}"


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Tea for 300 with a cost of 180 and 100 given back, a cup without a cost; tea for 100 in the days before."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    costly = {"good_id": "tea", "name": "Чай", "quantity": "3", "price": "100.00", "cost": "60.00"}
    shop.send(
        good("tea", "Чай чёрный", "Чаи"),
        {**sale("s1", "2026-11-20T12:00:00+03:00"), "lines": [costly], "payments": []},
        sale("s2", "2026-11-20T13:00:00+03:00", ("cup", "1", "50.00")),
        sale("s3", "2026-11-10T13:00:00+03:00", ("tea", "5", "20.00")),
        {
            "type": "sale.returned",
            "at": "2026-11-21T12:00:00+03:00",
            "return_id": "r1",
            "sale_id": "s1",
            "lines": [{"good_id": "tea", "quantity": "1", "amount": "100.00", "cost": "60.00"}],
            "refunds": [{"method": "cash", "amount": "100.00"}],
        },
    )
    shop.send(sale("k1", "2026-11-20T13:00:00+03:00", ("gum", "2", "500.00")), outlet=shop.outlets["Ларёк"])
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def test_by_good(visitor: Visitor, shop: Shop) -> None:
    """200 less returns, against 100 before: twice as much; earned 80 of it; the cup says nothing of what it earned."""
    page = (await visitor.get(f"/sold?outlet={shop.outlet}&from=2026-11-15&to=2026-11-24")).text
    rows = part(page, "rows")
    assert rows.sums[:3] == ["250,00 ₽", "100,00 ₽", "80,00 ₽"]
    assert rows.sums[3:] == ["200,00 ₽", "100,00 ₽", "80,00 ₽", "50,00 ₽"]
    assert "+100" in rows
    assert "себестоимость известна для 80 %" in rows
    assert f"/sales?from=2026-11-15&amp;to=2026-11-24&amp;outlet={shop.outlet}&amp;kind=all&amp;good=tea" in page


async def test_by_group_and_of_all_outlets(visitor: Visitor, shop: Shop) -> None:
    """A group has the goods of all outlets; what was never saved is without a group."""
    page = (await visitor.get("/sold?outlet=all&range=all&by=category")).text
    assert part(page, "rows").sums[0] == "1 350,00 ₽"
    assert "без группы" in part(page, "rows")
    file = (await visitor.get("/sold/export.csv?outlet=all&range=all&by=category")).content.decode("utf-8-sig")
    assert file.splitlines()[1:] == ["без группы;3;1050,00;0,00;0,00;", "Чаи;7;300,00;100,00;0,00;80,00"]


async def test_page_by_page(visitor: Visitor, shop: Shop) -> None:
    """A hundred goods at first, the rest added by the link; the sum is that of all of them."""
    lines = [(f"n{number:03}", "1", "1.00") for number in range(150)]
    shop.send(sale("many", "2026-11-22T12:00:00+03:00", *lines))
    page = (await visitor.get(f"/sold?outlet={shop.outlet}&range=7d")).text
    assert "152 товара" in part(page, "rows")
    assert part(page, "rows").sums[0] == "400,00 ₽"
    assert "show=200#more" in page
    whole = (await visitor.get(f"/sold?outlet={shop.outlet}&range=7d&show=200")).text
    names = [f"Товар n{number:03}" for number in range(150)]
    assert [name for name in names if name in page] == names[:98]
    assert re.findall(r"Товар n\d+", whole) == names


@pytest.mark.parametrize("by", ["good", "category"])
async def test_every_row_by_sql(reader: Reader, by: str) -> None:
    """Quantity, revenue, returns and the days before of every good and group, over the raw events."""
    last = reader.asked["late"]
    first = last - (last - reader.asked["early"]) // 2
    before = first - (last - first) - timedelta(days=1)
    amount = "l.goods - l.discount"
    within = "r.day >= %(first)s"
    key = "l.outlet, l.good, coalesce(g.name, l.good), coalesce(g.category, '')"
    group = "coalesce(nullif(g.category, ''), 'без группы')"
    columns, grouping = (key, "l.outlet, l.good, g.name, g.category") if by == "good" else (group, group)
    wanted = reader.sql(
        f"SELECT {columns}, sum(l.quantity) FILTER (WHERE {within}), sum({amount}) FILTER (WHERE {within}),"
        f" coalesce(-sum({amount}) FILTER (WHERE {within} AND r.kind = 'return'), 0),"
        f" coalesce(sum({amount}) FILTER (WHERE r.day < %(first)s), 0), NULL"
        " FROM raw.receipt r JOIN raw.earned l USING (account, outlet, kind, id)"
        " LEFT JOIN raw.good g ON (g.account, g.outlet, g.id) = (l.account, l.outlet, l.good)"
        " WHERE l.account = %(account)s AND r.day BETWEEN %(before)s AND %(last)s"
        f" GROUP BY {grouping} HAVING count(*) FILTER (WHERE {within}) > 0",
        first=first,
        last=last,
        before=before,
    )
    assert wanted
    rows = await reader.rows(f"/sold/export.csv?outlet=all&by={by}&from={first}&to={last}")
    shown = counted([[*row[:-1], ""] for row in rows], 4 if by == "good" else 1)
    assert shown == Counter(wanted)
