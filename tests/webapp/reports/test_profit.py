"""Прибыль и налоги: by hand on a few receipts, and by SQL over the raw events of simulated shops."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest

from projections.models.positions import rate_value
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import Reader, part
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Tea for 360 with a cost of 180 and 20 % of tax, 120 of it given back the next day; a cup for 50 without either;
    bread for 110 with 10 % in the other shop; tea for 100 in the days before."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    tax = {"rate": "20", "amount": "60.00"}
    tea = {"good_id": "tea", "name": "Чай", "quantity": "3", "price": "120.00", "cost": "60.00", "tax": tax}
    bread = {"good_id": "bread", "name": "Хлеб", "quantity": "1", "price": "110.00"}
    shop.send(
        {**sale("s1", "2026-11-20T12:00:00+03:00"), "lines": [tea], "payments": []},
        sale("s2", "2026-11-20T13:00:00+03:00", ("cup", "1", "50.00")),
        *(sale(f"s3{n}", "2026-11-10T13:00:00+03:00", ("tea", "1", "20.00")) for n in range(5)),
        {
            "type": "sale.returned",
            "at": "2026-11-21T12:00:00+03:00",
            "return_id": "r1",
            "sale_id": "s1",
            "lines": [
                {"good_id": "tea", "quantity": "1", "amount": "120.00", "tax": {"rate": "20.0", "amount": "20.00"}}
            ],
            "refunds": [{"method": "cash", "amount": "120.00"}],
        },
    )
    ten = {**bread, "tax": {"rate": "10", "amount": "10.00"}}
    shop.send({**sale("k1", "2026-11-20T13:00:00+03:00"), "lines": [ten], "payments": []}, outlet=shop.outlets["Ларёк"])
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def test_by_day(visitor: Visitor, shop: Shop) -> None:
    """410 less 120 given back: of 240 whose cost is known (120) half is margin; the cup says nothing of what it earned.
    Each day leads to its receipts."""
    page = (await visitor.get(f"/profit?outlet={shop.outlet}&from=2026-11-15&to=2026-11-24")).text
    rows = part(page, "rows")
    minus = "\N{MINUS SIGN}"
    assert rows.sums[:2] == ["120,00 ₽", "290,00 ₽"]
    assert rows.sums[2:] == [
        *(f"{minus}120,00 ₽", f"{minus}60,00 ₽", f"{minus}60,00 ₽"),
        *("410,00 ₽", "180,00 ₽", "180,00 ₽"),
    ]
    assert "прибыль, 50 %" in rows or "маржа, 50 %" in rows
    assert "известна для 83 %" in rows
    assert "+190" in rows
    assert f"/sales?outlet={shop.outlet}&amp;kind=all&amp;from=2026-11-20&amp;to=2026-11-20" in page


async def test_taxes_by_rate(visitor: Visitor, shop: Shop) -> None:
    """ "20.0" is "20"; returns are taken off; the base is without the tax; lines without one are left out."""
    page = (await visitor.get("/profit?outlet=all&from=2026-11-15&to=2026-11-24")).text
    taxes = part(page, "taxes")
    assert taxes.sums == ["200,00 ₽", "40,00 ₽", "100,00 ₽", "10,00 ₽", "300,00 ₽", "50,00 ₽", "0,00 ₽"]
    file = (await visitor.get("/profit/taxes.csv?outlet=all&range=all")).content.decode("utf-8-sig")
    assert file.splitlines()[1:] == ["20;200,00;40,00;0,00", "10;100,00;10,00;0,00"]
    later = "/profit/taxes.csv?outlet=all&by=outlet&from=2026-11-21&to=2026-11-21"
    file = (await visitor.get(later)).content.decode("utf-8-sig")
    assert file.splitlines()[1:] == ["Чайная;20;−100,00;−20,00;60,00".replace("−", "-")]


async def test_a_rate_leads_to_its_receipts(visitor: Visitor, shop: Shop) -> None:
    """The receipts of a rate, however they write it, come to its base and its tax; tax on top is in no base."""
    added = {"rate": "020.00", "amount": "20.00", "on_top": True}
    on_top = {"good_id": "x", "name": "Икс", "quantity": "2", "price": "50.00", "tax": added}
    mixed = {"good_id": "y", "name": "Игрек", "quantity": "1", "price": "30.00", "tax": {"rate": "none", "amount": "0"}}
    shop.send({**sale("s4", "2026-11-22T12:00:00+03:00"), "lines": [on_top, mixed], "payments": []})
    period = "from=2026-11-15&to=2026-11-24"
    page = (await visitor.get(f"/profit?outlet=all&{period}")).text
    taxes = part(page, "taxes")
    for rate, base, tax, receipts in (
        ("20", "300,00", "60,00", 3),
        ("10", "100,00", "10,00", 1),
        ("none", "30,00", "0,00", 1),
    ):
        link = f"/sales?outlet=all&{period}&kind=all&tax={rate}"
        assert f'href="{link}"'.replace("&", "&amp;") in page
        assert base in taxes
        listed = (await visitor.get(link)).text
        assert f"база {base} ₽ налог {tax} ₽" in part(listed, "totals"), rate
        assert listed.partition("<tbody>")[2].count('<tr class="opens"') == receipts, rate
        file = (await visitor.get(link.replace("/sales?", "/sales/export.csv?"))).content.decode("utf-8-sig")
        assert len(file.splitlines()) == receipts + 1
    assert 'Налог: без НДС <span aria-hidden="true">×</span>' in listed


def test_a_rate_has_one_value(postgres: str) -> None:
    """PostgreSQL takes a rate for what the read models take it for."""
    rates = ["20", "20.0", "020.00", "0", "0.0", "0.50", "none", "20/120", "20.0/120.00", "16.67", "100"]
    with psycopg.connect(postgres) as connection:
        found = connection.execute("SELECT app.rate_value(r) FROM unnest(%s::text[]) r", (rates,)).fetchall()
    assert [value for (value,) in found] == [rate_value(rate) for rate in rates]


async def test_outlets_side_by_side(visitor: Visitor, shop: Shop) -> None:
    """Each outlet of the account, its days before beside it; who may see no costs gets no column of them."""
    path = "/profit/export.csv?outlet=all&by=outlet&from=2026-11-15&to=2026-11-24"
    file = (await visitor.get(path)).content.decode("utf-8-sig")
    assert file.splitlines()[1:] == [
        "Чайная;2;290,00;100,00;240,00;120,00;120,00;40,00",
        "Ларёк;1;110,00;0,00;0,00;;;10,00",
    ]
    page = (await visitor.get("/profit?outlet=all&by=outlet&range=30d")).text
    assert f"/sales?range=30d&amp;outlet={shop.outlet}&amp;kind=all" in page


async def test_a_shop_that_names_neither_costs_nor_taxes(visitor: Visitor, shop: Shop) -> None:
    """What is not known is said to be so, and is no zero."""
    page = (await visitor.get(f"/profit?outlet={shop.outlet}&from=2026-11-10&to=2026-11-10")).text
    assert "кассы не назвали себестоимость" in page
    assert "Себестоимость известна" not in page
    assert "налог не указан" in part(page, "taxes")


async def test_every_rate_by_sql(reader: Reader) -> None:
    """The base and the tax of each rate, and the revenue of each day, over the raw events."""
    first, last = reader.asked["early"], reader.asked["late"]
    wanted = reader.sql(
        "SELECT trim_scale((l -> 'tax' ->> 'rate')::numeric)::text, sum(r.sign * (l.amount - l.tax)),"
        " sum(r.sign * l.tax)"
        " FROM (SELECT *, CASE kind WHEN 'sale' THEN 1 ELSE -1 END AS sign FROM raw.receipt) r"
        " JOIN raw.event e ON e.account = r.account AND e.outlet = r.outlet"
        " AND coalesce(e.e ->> 'return_id', e.e ->> 'sale_id') = r.id AND e.e ->> 'type' LIKE 'sale.re%%'"
        " CROSS JOIN LATERAL (SELECT l, (l -> 'tax' ->> 'amount')::numeric AS tax, coalesce((l ->> 'amount')::numeric,"
        " (l ->> 'sum')::numeric, round((l ->> 'quantity')::numeric * (l ->> 'price')::numeric, 2)"
        " - coalesce((l ->> 'discount')::numeric, 0)) AS amount FROM jsonb_array_elements(e.e -> 'lines') l) l"
        " WHERE r.account = %(account)s AND r.day BETWEEN %(first)s AND %(last)s AND l.tax IS NOT NULL"
        " GROUP BY 1 ORDER BY 2 DESC",
        first=first,
        last=last,
    )
    assert bool(wanted) == (reader.owner == "simulated")
    rows = await reader.rows(f"/profit/taxes.csv?outlet=all&from={first}&to={last}")
    assert [(rate, amount(base), amount(tax)) for rate, base, tax, _ in rows] == wanted
    days = reader.sql(
        "SELECT to_char(day, 'DD.MM.YYYY'), sum(revenue) FROM raw.receipt"
        " WHERE account = %(account)s AND day BETWEEN %(first)s AND %(last)s GROUP BY day ORDER BY day DESC",
        first=first,
        last=last,
    )
    shown = await reader.rows(f"/profit/export.csv?outlet=all&from={first}&to={last}")
    assert [(row[0], amount(row[2])) for row in shown] == days


def amount(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))
