"""Кассиры: by hand on a small day, and by SQL over the raw events of real and simulated shops."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.webapp.reports.books import counted, number
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import Reader, part
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

ANNA = {"cashier_id": "k1", "cashier": "Образцова А.А."}
BORIS = {"cashier_id": "k2", "cashier": "Примеров Б.Б."}
VERA = {"cashier": "Пробная В.В."}


def sold(by: dict[str, str], count: int, *lines: tuple[str, str, str], **more: Any) -> list[dict[str, Any]]:
    name = by.get("cashier_id") or by.get("cashier", "nobody")[:3]
    at = "2026-11-20T12:{:02}:00+03:00"
    return [sale(f"{name}-{more.get('day', 20)}-{n}", at.format(n), *lines, **by) for n in range(count)]


def back(by: dict[str, str], n: int, amount: str) -> dict[str, Any]:
    document = {
        "return_id": f"r-{by['cashier_id']}-{n}",
        "lines": [{"good_id": "tea", "quantity": "1", "amount": amount}],
    }
    refunds = [{"method": "cash", "amount": amount}]
    return {"type": "sale.returned", "at": "2026-11-20T18:00:00+03:00", **document, "refunds": refunds, **by}


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Anna: ten sales of 100, one return of 50, and 300 in the days before. Boris: ten of two positions, six returns of
    10. Vera, without an id: five of 90 after a discount of 10, four that were voided. Nobody: a gift card of 500."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    discounted = {"good_id": "tea", "name": "Чай", "quantity": "1", "price": "100.00", "discount": "10.00"}
    cheaper = [
        {**one, "lines": [discounted], "payments": [{"method": "cash", "amount": "90.00"}]} for one in sold(VERA, 5)
    ]
    void = [sale(f"void-{n}", "2026-11-20T15:00:00+03:00", ("tea", "1", "70.00"), **VERA) for n in range(4)]
    voids = [{"type": "sale.voided", "at": one["at"], "sale_id": one["sale_id"]} for one in void]
    card = {"good_id": "gift", "name": "Сертификат", "quantity": "1", "price": "500.00", "kind": "gift_card"}
    gift = {
        **sale("gift", "2026-11-20T16:00:00+03:00"),
        "lines": [card],
        "payments": [{"method": "cash", "amount": "500"}],
    }
    maiden = {**ANNA, "cashier": "Девичья А.А."}
    shop.send(
        *sold(ANNA, 10, ("tea", "1", "100.00")),
        back(ANNA, 1, "50.00"),
        *(sale(f"earlier{n}", "2026-11-05T12:00:00+03:00", ("tea", "3", "20.00"), **maiden) for n in range(5)),
        *sold(BORIS, 10, ("tea", "1", "40.00"), ("cup", "1", "20.00")),
        *(back(BORIS, n, "10.00") for n in range(6)),
        *cheaper,
        *void,
        *voids,
        gift,
    )
    shop.send(sale("k1", "2026-11-20T13:00:00+03:00", ("gum", "2", "500.00"), **ANNA), outlet=shop.outlets["Ларёк"])
    await enter(visitor, postgres, "owner@example.com")
    return shop


def rows_of(page: str) -> dict[str, str]:
    """The text of each row by its first word."""
    found = [row for row in re.split("<tr[^>]*>", page)[1:] if 'scope="row"' in row]
    texts = [part(f'data-part="row">{row}</section>', "row") for row in found]
    return {text.split(" ")[0]: str(text) for text in texts}


async def test_a_day_by_hand(visitor: Visitor, shop: Shop) -> None:
    """950 of Anna's against 300 before; Boris gives back more often than three times the one in the middle; Vera's
    discounts stand out, her voids are too few; the gift card is in no revenue and in the average receipt."""
    page = (await visitor.get(f"/cashiers?outlet={shop.outlet}&from=2026-11-15&to=2026-11-24")).text
    rows = rows_of(page)
    assert "Образцова А.А. 10 950,00 ₽ +217 % 100,00 ₽ 1 поз. — 50,00 ₽ 1 · 10 % —" in rows["Образцова"]
    assert "Примеров Б.Б. 10 540,00 ₽ — 60,00 ₽ 2 поз. — 60,00 ₽ 6 · 60 % выделяется —" in rows["Примеров"]
    assert "Пробная В.В. 5 450,00 ₽ — 90,00 ₽ 1 поз. 50,00 ₽ 5 · 100 % выделяется — 4 80 %" in rows["Пробная"]
    assert rows["Пробная"].count("выделяется") == 1
    assert "не назван 1 0,00 ₽ — 500,00 ₽ 1 поз. — — —" in rows["не"]
    assert "выделяются 2 кассира" in part(page, "rows")
    assert "Итого 26 1 940,00 ₽" in part(page, "rows")


async def test_every_number_leads_to_its_receipts(visitor: Visitor, shop: Shop) -> None:
    """The lists behind the numbers have as many receipts as these say, and the same sums."""
    query = f"/cashiers?outlet={shop.outlet}&from=2026-11-15&to=2026-11-24"
    page = (await visitor.get(query)).text
    base = f"/sales?from=2026-11-15&to=2026-11-24&outlet={shop.outlet}"
    for link, shown in (
        ("cashier_id=k1", "10 продаж"),
        ("cashier_id=k1&kind=all", "итого 950,00 ₽"),
        ("cashier_id=k2&kind=returns", "6 возвратов"),
        ("cashier=%D0%9F%D1%80%D0%BE%D0%B1%D0%BD%D0%B0%D1%8F+%D0%92.%D0%92.&discounted=1", "5 продаж"),
        ("cashier=%D0%9F%D1%80%D0%BE%D0%B1%D0%BD%D0%B0%D1%8F+%D0%92.%D0%92.&voided=1", "4 продажи"),
        ("nobody=1", "1 продажа"),
    ):
        parameters = [f"outlet={shop.outlet}", "from=2026-11-15", "to=2026-11-24", *link.split("&")]
        found = [href for href in page.split('href="')[1:] if href.startswith("/sales?")]
        assert any(set(parameters) == set(href.partition('"')[0][7:].split("&amp;")) for href in found), link
        assert shown in part((await visitor.get(f"{base}&{link}")).text, "totals"), link
    assert (
        'Кассир: Образцова А.А. <span aria-hidden="true">×</span>' in (await visitor.get(f"{base}&cashier_id=k1")).text
    )


async def test_outlets_side_by_side(visitor: Visitor, shop: Shop) -> None:
    """Each outlet with its sums and its own cashiers: the same id in two outlets is two people. The file has all."""
    page = (await visitor.get("/cashiers?outlet=all&from=2026-11-15&to=2026-11-24")).text
    assert part(page, "rows").sums[:2] == ["2 940,00 ₽", "1 000,00 ₽"]
    assert page.index('<th scope="row"><span>Ларёк<') < page.index('<th scope="row"><span>Чайная<')
    file = (await visitor.get("/cashiers/export.csv?outlet=all&from=2026-11-15&to=2026-11-24")).content.decode(
        "utf-8-sig"
    )
    lines = file.splitlines()
    assert "Чайная;Образцова А.А.;k1;10;950,00;300,00;100,00;1,0;0,00;0;1;50,00;0;" in lines
    assert "Чайная;Примеров Б.Б.;k2;10;540,00;0,00;60,00;2,0;0,00;0;6;60,00;0;Возвраты" in lines
    assert "Чайная;Пробная В.В.;;5;450,00;0,00;90,00;1,0;50,00;5;0;0,00;4;Скидки" in lines
    assert "Ларёк;Образцова А.А.;k1;1;1000,00;0,00;1000,00;1,0;0,00;0;0;0,00;0;" in lines
    assert len(lines) == 6


async def test_every_cashier_by_sql(reader: Reader) -> None:
    """Counts and sums of every cashier, and the days before, over the raw events."""
    last = reader.asked["late"]
    first = last - (last - reader.asked["early"]) // 2
    before = first - (last - first) - timedelta(days=1)
    wanted = reader.sql(
        "SELECT outlet, coalesce(max(cashier), 'не назван'), coalesce(cashier_id, ''),"
        " count(*) FILTER (WHERE kind = 'sale' AND day >= %(first)s),"
        " coalesce(sum(revenue) FILTER (WHERE day >= %(first)s), 0),"
        " coalesce(sum(revenue) FILTER (WHERE day < %(first)s), 0),"
        " coalesce(sum(discount) FILTER (WHERE kind = 'sale' AND day >= %(first)s), 0),"
        " count(*) FILTER (WHERE kind = 'sale' AND discount <> 0 AND day >= %(first)s),"
        " count(*) FILTER (WHERE kind = 'return' AND day >= %(first)s),"
        " coalesce(-sum(total) FILTER (WHERE kind = 'return' AND day >= %(first)s), 0),"
        " (SELECT count(*) FROM raw.void v JOIN raw.event e ON (e.account, e.outlet, e.e ->> 'sale_id') = (v.account,"
        " v.outlet, v.id) AND e.e ->> 'type' = 'sale.registered' WHERE v.account = %(account)s AND v.outlet ="
        " raw.receipt.outlet AND e.e ->> 'cashier_id' = raw.receipt.cashier_id"
        " AND ((e.e ->> 'at')::timestamptz AT TIME ZONE 'Europe/Moscow')::date BETWEEN %(first)s AND %(last)s),"
        " sum(total) FILTER (WHERE kind = 'sale' AND day >= %(first)s),"
        " sum(positions) FILTER (WHERE kind = 'sale' AND day >= %(first)s)"
        " FROM raw.receipt WHERE account = %(account)s AND day BETWEEN %(before)s AND %(last)s"
        " GROUP BY outlet, cashier_id, CASE WHEN cashier_id IS NULL THEN cashier END"
        " HAVING bool_or(day >= %(first)s)",
        first=first,
        last=last,
        before=before,
    )
    assert wanted
    rows = await reader.rows(f"/cashiers/export.csv?outlet=all&from={first}&to={last}")
    assert counted([[*row[:6], *row[8:13]] for row in rows], 3) == Counter(row[:-2] for row in wanted)
    each = {row[:3]: row for row in wanted}
    for outlet, name, code, sales, _, _, average, positions, *_ in rows:
        if sales != "0":
            total, count = each[outlet, name, code][-2], number(sales)
            assert abs(number(average) - total / count) <= Decimal("0.005")
            assert abs(number(positions) - each[outlet, name, code][-1] / count) <= Decimal("0.05")
