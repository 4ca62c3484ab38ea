"""Profit, taxes, hours, classes, what does not sell and what to order against SQL over the raw events, on the real and
on the simulated data.

A line costs what its good cost when the sale was first applied, a return's line what its sale's line cost (raw.sql,
`cost`); sums of money are rounded by line.
"""
# ruff: noqa: S608 (the conditions are this test's own)

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from tests.webapp.reports.books import NOW, counted, number
from tests.webapp.reports.reader import PERIODS, Reader, count, money, part

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
        rows = [[*row[:3], *row[4:]] if by == "outlet" else row for row in rows]  # but for the days before
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
    rows = await reader.rows(f"/profit/taxes.csv?{query}")
    assert counted([row[:3] for row in rows], 1) == Counter(wanted)
    apart = await reader.rows(f"/profit/taxes.csv?{query}&by=outlet")
    for place in (2, 3):
        assert sum(number(row[place]) for row in apart) == sum(number(row[place - 1]) for row in rows)


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
    rows = await reader.rows(f"/sold/hours/export.csv?outlet=all&from={first}&to={last}")
    assert counted([[*row[:3], row[4]] for row in rows], 0) == Counter(wanted)


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


@pytest.mark.parametrize("dates", ["from={early}&to={late}", "range=90d"])
async def test_classes(reader: Reader, dates: str) -> None:
    """ABC by revenue and by margin, XYZ by the last four weeks: four whole ones, or with days before them.

    Goods that brought the same may stand in any order, so the classes are told of sums of money, not of goods.
    """
    days = "day BETWEEN %(early)s AND %(late)s" if "early" in dates else PERIODS["90d"]
    last = "%(late)s::date" if "early" in dates else "%(today)s::date"
    with_sums = (
        "WITH line AS (SELECT l.*, r.day FROM raw.earned l JOIN raw.receipt r USING (account, outlet, kind, id)"
        f" WHERE account = %(account)s AND {days}), of_good AS (SELECT outlet, good, sum(quantity) AS quantity,"
        f" sum(goods - discount) AS revenue, {KNOWN} AS known, {KNOWN} - {COST} AS margin FROM line GROUP BY 1, 2)"
    )
    wanted = reader.sql(
        f"{with_sums}, week AS (SELECT outlet, good, n, coalesce(sum(l.quantity), 0) AS quantity FROM of_good"
        f" CROSS JOIN generate_series(0, 3) n LEFT JOIN line l USING (outlet, good) WHERE ({last} - l.day) / 7 = n"
        " GROUP BY 1, 2, 3), even AS (SELECT outlet, good, sqrt(4 * sum(quantity ^ 2) / sum(quantity) ^ 2 - 1) AS v"
        " FROM week GROUP BY 1, 2 HAVING sum(quantity) > 0), begun AS (SELECT outlet, min(day) AS day FROM line"
        " WHERE kind = 'sale' GROUP BY 1) SELECT outlet, good, quantity, revenue, CASE WHEN known <> 0 THEN margin END,"
        " CASE WHEN v <= 0.1 THEN 'X' WHEN v <= 0.25 THEN 'Y' WHEN v > 0.25 THEN 'Z' ELSE '' END, round(v * 100)"
        f" FROM of_good LEFT JOIN (SELECT * FROM even JOIN begun USING (outlet) WHERE {last} - day >= 27) e"
        " USING (outlet, good)"
    )
    rows = await reader.rows(f"/sold/abc/export.csv?outlet=all&{dates.format(**reader.asked)}")
    shown = [[row[0], row[1], row[11], *(row[place] for place in (4, 5, 9, 12))] for row in rows]
    assert counted(shown, 3) == Counter(
        (outlet, good, xyz, quantity, revenue, margin, v) for outlet, good, quantity, revenue, margin, xyz, v in wanted
    )
    if reader.owner == "simulated":
        assert {row[5] for row in wanted} >= {"X", "Y", "Z"}
    for money_of, place, class_of in (("revenue", 5, 7), ("margin", 9, 10)):
        classes = reader.sql(
            f"{with_sums}, ranked AS (SELECT {money_of} AS sum, sum(greatest({money_of}, 0)) OVER (ORDER BY {money_of}"
            f" DESC, outlet, good) AS upto, sum(greatest({money_of}, 0)) OVER () AS whole FROM of_good"
            f" WHERE known <> 0 OR '{money_of}' = 'revenue') SELECT CASE WHEN sum <= 0 OR upto - sum >= whole * 0.95"
            " THEN 'C' WHEN upto - sum >= whole * 0.8 THEN 'B' ELSE 'A' END, sum FROM ranked"
        )
        found = [[row[class_of], row[place]] for row in rows if row[place]]
        assert counted(found, 1) == Counter(classes), money_of
        if classes:
            assert {name for name, _ in classes} == {"A", "B", "C"}


async def test_what_does_not_sell(reader: Reader) -> None:
    """Four weeks on: what nobody bought for 30 days, what it cost, what it would bring, and when it sold last."""
    later = NOW[reader.owner] + timedelta(days=28)
    reader.visitor.portal.clock = lambda: later
    wanted = reader.sql(
        "WITH shelf AS (SELECT outlet, good, sum(quantity) AS quantity FROM raw.stock WHERE account = %(account)s"
        " GROUP BY 1, 2 HAVING sum(quantity) > 0), sold AS (SELECT outlet, l.good, max(r.day) AS day FROM raw.earned l"
        " JOIN raw.receipt r USING (account, outlet, kind, id) WHERE account = %(account)s AND kind = 'sale'"
        " GROUP BY 1, 2), cost AS (SELECT DISTINCT ON (outlet, good) outlet, good, cost FROM raw.cost"
        " WHERE account = %(account)s ORDER BY outlet, good, since DESC)"
        " SELECT g.outlet, g.id, coalesce(to_char(s.day, 'DD.MM.YYYY'), ''), quantity, round(quantity * cost, 2),"
        " round(quantity * g.max_price, 2), quantity * cost, quantity * g.max_price"
        " FROM raw.good g JOIN shelf h ON (h.outlet, h.good) = (g.outlet, g.id)"
        " LEFT JOIN sold s ON (s.outlet, s.good) = (g.outlet, g.id)"
        " LEFT JOIN cost c ON (c.outlet, c.good) = (g.outlet, g.id) WHERE g.account = %(account)s AND NOT g.removed"
        " AND (s.day IS NULL OR s.day < %(later)s::date - 29)",
        later=later.date(),
    )
    rows = await reader.rows("/sold/unsold/export.csv?outlet=all&days=30")
    assert counted([[row[0], row[1], row[7], *row[4:7]] for row in rows], 3) == Counter(row[:6] for row in wanted)
    if reader.owner == "simulated":
        assert any(row[2] for row in wanted)
        shown = part(await reader.page("/sold/unsold?outlet=all&days=30"), "rows")
        assert shown.sums[:2] == [money(sum(row[place] for row in wanted)) for place in (6, 7)]


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
