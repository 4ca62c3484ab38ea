"""Goods, contacts and cards against SQL over the raw events, on the real data and on the simulator's."""
# ruff: noqa: S608 (the conditions are this test's own)

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta

from tests.webapp.reports.books import NOW, counted
from tests.webapp.reports.reader import PERIODS, Reader, count, money, part
from webapp import formats


async def test_every_filter_of_goods(reader: Reader) -> None:
    """Name (any part, any case), barcode, group and stock: just the goods and the stock that SQL finds."""
    words = {"real": ["BAG", "clock", "eaR"], "simulated": ["МОЛОК", "капучино", "чёрн"]}[reader.owner]
    barcode, name = reader.one(
        "SELECT barcode, name FROM raw.good WHERE account = %(account)s AND NOT removed AND barcode <> ''"
        " ORDER BY id LIMIT 1"
    )
    named = "plain LIKE '%%' || translate(lower(%(query)s COLLATE \"pg_c_utf8\"), 'ё', 'е') || '%%'"
    filters = [
        ("", "true", ""),
        *((f"query={word}", named, word) for word in words),
        (f"query={barcode}", f"({named} OR barcode = %(query)s OR barcodes ? %(query)s)", barcode),
        ("category={category}", "category = %(category)s", ""),
        ("min=10", "quantity >= 10", ""),
        ("max=9,5", "quantity <= 9.5", ""),
        ("min=-1000&max=0&category={category}", "quantity BETWEEN -1000 AND 0 AND category = %(category)s", ""),
    ]
    for template, condition, query in filters:
        wanted = reader.sql(
            "SELECT outlet, id, name, category, max_price, quantity FROM raw.good CROSS JOIN LATERAL (SELECT"
            " coalesce(sum(s.quantity), 0) AS quantity FROM raw.stock s WHERE (s.account, s.outlet, s.good) ="
            f" (good.account, good.outlet, good.id)) s WHERE account = %(account)s AND NOT removed AND {condition}",
            query=query,
        )
        asked = template.format(**reader.asked)
        assert wanted or query == "", asked
        listed = [row[:6] for row in await reader.rows(f"/goods/export.csv?outlet=all&{asked}")]
        assert counted(listed, 4) == Counter(wanted), asked
        shown = part(await reader.page(f"/goods?outlet=all&{asked}"), "rows")
        if wanted:
            assert f"{count(len(wanted))} товар" in shown, asked
            assert shown.sums[0] == money(sum(row[4] * max(row[5], 0) for row in wanted)), asked
    mistyped = name[:2] + name[3:5] + name[6:]
    assert name in [row[2] for row in await reader.rows(f"/goods/export.csv?outlet=all&query={mistyped}")]


async def test_every_filter_of_contacts(reader: Reader) -> None:
    """Name, purchases, debt and points: just the contacts that SQL finds, and their totals."""
    high, points = reader.one(
        "SELECT percentile_disc(0.6) WITHIN GROUP (ORDER BY purchases), percentile_disc(0.5) WITHIN GROUP (ORDER BY"
        " points) FROM raw.contact WHERE account = %(account)s"
    )
    [surname] = reader.one(
        "SELECT split_part(name, ' ', 1) FROM raw.contact WHERE account = %(account)s GROUP BY 1"
        " ORDER BY count(*) DESC, 1 LIMIT 1"
    )
    filters = [
        ("", "true"),
        (f"query={surname.upper()[1:]}", f"position(lower('{surname[1:]}') IN name) > 0"),
        (f"purchases_min={high}", f"purchases >= {high}"),
        (f"purchases_max={high}", f"purchases <= {high}"),
        ("debt_min=0,01", "debt >= 0.01"),
        ("debt_max=0", "debt <= 0"),
        (f"points_min={points}&points_max={points + 50}", f"points BETWEEN {points} AND {points + 50}"),
        (f"query={surname}&purchases_min=1&debt_max=0&points_min=1",
         f"position('{surname}' IN name) > 0 AND purchases >= 1 AND debt <= 0 AND points >= 1"),
    ]  # fmt: skip
    for query, condition in filters:
        wanted = reader.sql(
            f"SELECT outlet, name, purchases, debt, points FROM raw.contact WHERE account = %(account)s AND {condition}"
        )
        listed = [row[:5] for row in await reader.rows(f"/contacts/export.csv?outlet=all&{query}")]
        assert counted(listed, 2) == Counter(wanted), query
        shown = part(await reader.page(f"/contacts?outlet=all&{query}"), "rows")
        if wanted:
            assert f"Итого {count(len(wanted))} контакт" in shown, query
            assert shown.sums[-2:] == [money(sum(row[i] for row in wanted)) for i in (2, 3)], query


async def test_what_contacts_bought(reader: Reader) -> None:
    """Three weeks on: receipts, average and last purchase of each contact, by that last one; who has not come since."""
    later = NOW[reader.owner] + timedelta(days=21)
    reader.visitor.portal.clock = lambda: later
    bought = (
        "SELECT c.outlet, c.name, count(r.id), round(sum(r.total) / count(r.id), 2), max(r.at), to_char(max(r.local),"
        " 'DD.MM.YYYY HH24:MI'), max(r.day) FROM raw.contact c LEFT JOIN raw.receipt r ON (r.account, r.outlet,"
        " r.contact) = (c.account, c.outlet, c.id) WHERE c.account = %(account)s GROUP BY c.outlet, c.id, c.name"
    )
    everyone = reader.sql(bought)
    assert any(row[2] for row in everyone)
    gone = [row for row in everyone if row[6] and row[6] < later.date() - timedelta(days=30)]
    listed = await reader.rows("/contacts/export.csv?outlet=all&gone=30")
    assert counted([row[:2] for row in listed], 2) == Counter(row[:2] for row in gone)
    for outlet, outlet_id in reader.books.shops[reader.owner].outlets.items():
        last = sorted((row for row in everyone if row[0] == outlet and row[2]), key=lambda row: row[4], reverse=True)
        shown = part(await reader.page(f"/contacts?outlet={outlet_id}&sort=-last_at"), "rows")
        for row in last[:50]:
            assert f" {count(row[2])} {money(row[3])} {row[5]} " in shown, row
        moments = re.findall(r"\d\d\.\d\d\.\d{4} \d\d:\d\d", shown)
        assert moments == [row[5] for row in last[:50]]


async def test_the_cards(reader: Reader) -> None:
    """A good's card: stock per warehouse and what it brought; a sale's: its lines, payments and returns."""
    outlets = reader.books.shops[reader.owner].outlets
    goods = reader.sql(
        "SELECT outlet, good, sum(l.quantity), sum(l.goods - l.discount) FROM raw.earned l JOIN raw.receipt USING"
        f" (account, outlet, kind, id) WHERE account = %(account)s AND {PERIODS['90d']} GROUP BY 1, 2"
        " ORDER BY count(*) DESC, 1, 2 LIMIT 6"
    )
    for outlet, good, quantity, amount in goods:
        page = await reader.page(f"/goods/card?outlet={outlets[outlet]}&good={good}")
        shelves = reader.sql(
            "SELECT quantity FROM raw.stock WHERE account = %(account)s AND outlet = %(outlet)s AND good = %(id)s",
            outlet=outlet, id=good,
        )  # fmt: skip
        shown = part(page, "stock")
        for [shelf] in [*shelves, [sum(row[0] for row in shelves)]]:
            assert " ".join(formats.quantity(shelf, "ru").split()) in shown, good
        shown = part(page, "sold")
        assert money(amount) in shown, good
        assert f"продано за вычетом возвратов: {' '.join(formats.quantity(quantity, 'ru').split())}" in shown, good
    sales = reader.sql(
        "SELECT s.outlet, s.id, s.total, s.off, -r.total FROM raw.receipt r JOIN raw.event e ON e.account = r.account"
        " AND e.outlet = r.outlet AND e.e ->> 'return_id' = r.id JOIN raw.receipt s ON s.account = r.account AND"
        " s.outlet = r.outlet AND s.kind = 'sale' AND s.id = e.e ->> 'sale_id' WHERE r.account = %(account)s"
        " ORDER BY r.total LIMIT 5"
    )
    assert len(sales) == 5
    for outlet, sale, total, off, returned in sales:
        card = f"/sales/card?outlet={outlets[outlet]}&sale={sale}"
        assert part(await reader.page(card), "tab").sums[-1] == money(total)
        assert part(await reader.page(f"{card}&tab=payments"), "tab").sums[-1] == money(total + off)
        assert money(returned) in part(await reader.page(f"{card}&tab=returns"), "tab").sums
