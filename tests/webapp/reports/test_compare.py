"""Сравнение точек: by hand on a small day, and by SQL over the raw events of real and simulated shops."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.webapp.reports.books import counted, number
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import Reader, part
from tests.webapp.reports.test_cashiers import rows_of
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

DAYS = "from=2026-11-15&to=2026-11-24"


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Чайная: 300 (cost 180) and 90 after a discount of 10, one void, 100 before. Ларёк: 1000, of it 200 given back.
    Склад has sold nothing."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк", "Склад"))
    costly = {"good_id": "tea", "name": "Чай", "quantity": "3", "price": "100.00", "cost": "60.00"}
    cheaper = {"good_id": "cup", "name": "Чашка", "quantity": "1", "price": "100.00", "discount": "10.00"}
    shop.send(
        sale("before", "2026-11-10T12:00:00+03:00", ("tea", "1", "100.00")),
        {**sale("s1", "2026-11-20T12:00:00+03:00"), "lines": [costly], "payments": []},
        {**sale("s2", "2026-11-21T12:00:00+03:00"), "lines": [cheaper], "payments": []},
        sale("s3", "2026-11-21T13:00:00+03:00", ("tea", "1", "70.00")),
        {"type": "sale.voided", "at": "2026-11-21T13:00:00+03:00", "sale_id": "s3"},
    )
    back = {"return_id": "r", "lines": [{"good_id": "gum", "quantity": "1", "amount": "200.00"}]}
    shop.send(
        sale("k1", "2026-11-20T13:00:00+03:00", ("gum", "5", "200.00")),
        {"type": "sale.returned", "at": "2026-11-22T13:00:00+03:00", **back, "refunds": []},
        outlet=shop.outlets["Ларёк"],
    )
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def test_all_outlets_by_hand(visitor: Visitor, shop: Shop) -> None:
    """Each outlet with its share, its change, its day, its average receipt and margin; the greatest revenue first."""
    page = (await visitor.get(f"/compare?{DAYS}")).text
    rows = rows_of(page.partition('data-part="rows"')[2])
    assert list(rows) == ["Ларёк", "Чайная", "Склад"]
    assert rows["Ларёк"].startswith("Ларёк 800,00 ₽ 67 % — 800,00 ₽ 1 1 000,00 ₽ — — 200,00 ₽ 1 возврат —")
    assert rows["Чайная"].startswith("Чайная 390,00 ₽ 33 % — 195,00 ₽ 2 195,00 ₽ 120,00 ₽ 40 % 10,00 ₽ — 1")
    assert rows["Склад"].startswith("Склад 0,00 ₽ 0 % — — — — — — — —")
    tea = f"outlet={shop.outlet}&amp;from=2026-11-15&amp;to=2026-11-24"
    for link in ("kind=all", "discounted=1", "voided=1"):
        assert f'href="/sales?{tea}&amp;{link}"' in page, link


async def test_two_outlets_of_any_period(visitor: Visitor, shop: Shop) -> None:
    """Two that are chosen, side by side, with the difference in words; the rest is left out, also of the file."""
    both = f"outlet={shop.outlet}&outlet={shop.outlets['Ларёк']}"
    page = (await visitor.get(f"/compare?{both}&{DAYS}")).text
    assert "Ларёк: на 410,00 ₽ больше, чем Чайная (на 105 %)." in part(page, "rows")
    assert "Склад" not in part(page, "rows")
    file = (await visitor.get(f"/compare/export.csv?{both}&{DAYS}")).content.decode("utf-8-sig").splitlines()
    assert file[1:] == [
        "Ларёк;800,00;0,00;1;0;1000,00;1;0,00;1;200,00;0;;0,00",
        "Чайная;390,00;100,00;2;1;195,00;2;10,00;0;0,00;1;120,00;300,00",
    ]


async def test_the_outlet_chosen_last_is_not_all_there_is_to_compare(visitor: Visitor, shop: Shop) -> None:
    """Who looks at one outlet elsewhere finds all of them here; one that is named stands alone."""
    await visitor.post("/choose-outlet", outlet=shop.outlet, next="/")
    assert "Ларёк" in part((await visitor.get(f"/compare?{DAYS}")).text, "rows")
    alone = part((await visitor.get(f"/compare?outlet={shop.outlet}&{DAYS}")).text, "rows")
    assert "Ларёк" not in alone
    assert "Здесь одна точка" in alone


async def test_every_outlet_by_sql(reader: Reader) -> None:
    """Counts and sums of every outlet, and the days before, over the raw events."""
    last = reader.asked["late"]
    first = last - (last - reader.asked["early"]) // 2
    before = first - (last - first) - timedelta(days=1)
    wanted = reader.sql(
        "SELECT outlet, coalesce(sum(revenue) FILTER (WHERE day >= %(first)s), 0),"
        " coalesce(sum(revenue) FILTER (WHERE day < %(first)s), 0),"
        " count(*) FILTER (WHERE kind = 'sale' AND day >= %(first)s),"
        " count(*) FILTER (WHERE kind = 'sale' AND day < %(first)s),"
        " count(DISTINCT day) FILTER (WHERE kind = 'sale' AND day >= %(first)s),"
        " coalesce(sum(discount) FILTER (WHERE day >= %(first)s), 0),"
        " count(*) FILTER (WHERE kind = 'return' AND day >= %(first)s),"
        " coalesce(-sum(total) FILTER (WHERE kind = 'return' AND day >= %(first)s), 0),"
        " sum(total) FILTER (WHERE kind = 'sale' AND day >= %(first)s)"
        " FROM raw.receipt WHERE account = %(account)s AND day BETWEEN %(before)s AND %(last)s GROUP BY outlet",
        first=first,
        last=last,
        before=before,
    )
    assert len(wanted) > 2
    rows = await reader.rows(f"/compare/export.csv?outlet=all&from={first}&to={last}")
    shown = counted([[*row[:5], *row[6:10]] for row in rows if set(row[1:5]) != {"0,00", "0"}], 1)
    assert shown == Counter(row[:-1] for row in wanted)
    sold = {row[0]: row[-1] for row in wanted}
    for row in rows:
        if row[5]:
            assert abs(number(row[5]) - sold[row[0]] / number(row[3])) <= Decimal("0.005")
