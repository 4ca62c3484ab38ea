"""Profit, taxes, hours and what to order against SQL over the raw events, on the real and on the simulated data.

A line costs what its good cost when the sale was first applied, a return's line what its sale's line cost (raw.sql,
`cost`); sums of money are rounded by line. ABC, XYZ and what does not sell have figures of a small day by hand alone.
"""
# ruff: noqa: S608 (the conditions are this test's own)

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from tests.webapp.reports.books import counted, number
from tests.webapp.reports.reader import Reader, count, money, part

EARNED = "what IN ('good', 'service')"
KNOWN = f"coalesce(sum(goods - discount) FILTER (WHERE {EARNED} AND unit_cost IS NOT NULL), 0)"
COST = f"coalesce(sum(sign(quantity) * round(abs(quantity) * unit_cost, 2)) FILTER (WHERE {EARNED}), 0)"


async def test_profit_by_day_and_by_outlet(reader: Reader) -> None:
    """Receipts, revenue, the revenue whose cost is known, that cost, margin and tax."""
    first, last = reader.asked["early"], reader.asked["late"]
    for by, key in (("day", "r.day"), ("outlet", "r.outlet")):
        wanted = reader.sql(
            f"SELECT {key}::text, count(*) FILTER (WHERE r.kind = 'sale'), sum(r.revenue), sum(l.known), sum(l.cost),"
            " sum(l.known) - sum(l.cost), sum(l.tax) FROM raw.receipt r JOIN ("
            f" SELECT account, outlet, kind, id, {KNOWN} AS known, {COST} AS cost, sum(tax) AS tax FROM raw.line"
            " GROUP BY 1, 2, 3, 4) l USING (account, outlet, kind, id)"
            f" WHERE r.account = %(account)s AND r.day BETWEEN %(early)s AND %(late)s GROUP BY {key}"
        )
        assert wanted
        known = any(row[3] for row in wanted)
        assert known == (reader.owner == "simulated")
        rows = await reader.rows(f"/profit/export.csv?outlet=all&by={by}&from={first}&to={last}")
        shown = Counter((_iso(row[0]), *(number(cell) if cell else None for cell in row[1:])) for row in rows)
        assert shown == Counter(
            (name, sales, revenue, *((share, cost, margin) if known else (Decimal(0), None, None)), tax)
            for name, sales, revenue, share, cost, margin, tax in wanted
        )


async def test_taxes_by_rate(reader: Reader) -> None:
    """Base without tax and tax of each rate, returns taken off."""
    wanted = reader.sql(
        "SELECT l.rate, sum(l.goods - l.discount - l.tax), sum(l.tax) FROM raw.line l"
        " JOIN raw.receipt r USING (account, outlet, kind, id) WHERE l.account = %(account)s AND l.rate IS NOT NULL"
        " AND r.day BETWEEN %(early)s AND %(late)s GROUP BY l.rate"
    )
    assert bool(wanted) == (reader.owner == "simulated")
    query = "outlet=all&from={early}&to={late}".format(**reader.asked)
    assert counted(await reader.rows(f"/profit/taxes.csv?{query}"), 1) == Counter(wanted)


async def test_sold_by_the_hour(reader: Reader) -> None:
    """Receipts and revenue of each hour, and the revenue of as many days before."""
    last = reader.asked["late"]
    first = last - (last - reader.asked["early"]) // 2
    before = first - (last - first) - timedelta(days=1)
    wanted = reader.sql(
        "SELECT extract(hour FROM local)::integer,"
        " count(*) FILTER (WHERE kind = 'sale' AND day >= %(first)s),"
        " coalesce(sum(revenue) FILTER (WHERE day >= %(first)s), 0),"
        " coalesce(sum(revenue) FILTER (WHERE day < %(first)s), 0)"
        " FROM raw.receipt WHERE account = %(account)s AND day BETWEEN %(before)s AND %(last)s GROUP BY 1"
        " HAVING bool_or(day >= %(first)s)",
        first=first,
        last=last,
        before=before,
    )
    assert wanted
    assert counted(await reader.rows(f"/sold/hours/export.csv?outlet=all&from={first}&to={last}"), 0) == Counter(wanted)


async def test_what_to_order(reader: Reader) -> None:
    """Stock, least stock and what was sold in 28 days of each good that runs out, or is below its least or nothing."""
    wanted = reader.sql(
        "WITH shelf AS (SELECT outlet, good, sum(quantity) AS quantity, min(quantity) AS least FROM raw.stock"
        " WHERE account = %(account)s GROUP BY 1, 2), sold AS (SELECT outlet, l.good, sum(l.quantity) AS sold"
        " FROM raw.earned l JOIN raw.receipt r USING (account, outlet, kind, id) WHERE account = %(account)s"
        " AND r.day BETWEEN %(today)s::date - 27 AND %(today)s GROUP BY 1, 2), all_goods AS (SELECT g.outlet, g.id,"
        " coalesce(s.quantity, 0) AS quantity, coalesce(s.least, 0) AS least, g.min_stock, coalesce(p.sold, 0) AS sold"
        " FROM raw.good g LEFT JOIN shelf s ON (s.outlet, s.good) = (g.outlet, g.id)"
        " LEFT JOIN sold p ON (p.outlet, p.good) = (g.outlet, g.id) WHERE g.account = %(account)s AND NOT g.removed)"
        " SELECT outlet, id, quantity, min_stock, sold FROM all_goods WHERE quantity < 0 OR least < 0"
        " OR quantity < min_stock OR (sold > 0 AND greatest(quantity, 0) * 28 / sold < 14)"
    )
    assert wanted
    rows = await reader.rows("/order/export.csv?outlet=all")
    assert counted([[row[0], row[1], *row[5:8]] for row in rows], 2) == Counter(wanted)


async def test_what_is_no_revenue_is_told_apart(reader: Reader) -> None:
    """Gift certificates, prepayments, tips and debts paid off are in what was taken, and in no revenue."""
    beside, due, revenue = reader.one(
        "SELECT sum(l.goods), sum(r.total), sum(r.revenue) FROM"
        " (SELECT account, outlet, kind, id, sum(goods - discount) AS goods, what FROM raw.line GROUP BY 1, 2, 3, 4, 6)"
        " l JOIN raw.receipt r USING (account, outlet, kind, id) WHERE account = %(account)s AND l.what <> 'good'"
    )
    if reader.owner == "real":
        assert beside is None
        return
    assert due - revenue >= beside > 0
    [whole] = reader.one("SELECT sum(revenue) FROM raw.receipt WHERE account = %(account)s")
    assert part(await reader.page("/report?range=all&outlet=all"), "sums").sums[0] == money(whole)
    kinds = reader.sql("SELECT DISTINCT what FROM raw.line WHERE account = %(account)s")
    assert {what for (what,) in kinds} == {"good", "gift_card", "tip", "debt"}
    [receipts] = reader.one("SELECT count(*) FROM raw.receipt WHERE account = %(account)s AND kind = 'sale'")
    assert f" {count(receipts)} " in part(await reader.page("/report?range=all&outlet=all"), "sums")


def _iso(day: str) -> str:
    """«05.12.2010» as PostgreSQL writes it; a name as it is."""
    parts = day.split(".")
    return "-".join(reversed(parts)) if len(parts) == 3 and day.replace(".", "").isdigit() else day
