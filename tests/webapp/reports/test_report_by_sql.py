"""Each sum of the report and of the dashboard against SQL over the raw events, on the real and the simulated data."""
# ruff: noqa: S608 (the conditions are this test's own)

from __future__ import annotations

import re
from collections import Counter
from decimal import Decimal

import pytest

from tests.webapp.reports.books import counted, number
from tests.webapp.reports.reader import METHODS, PERIODS, WEEKDAYS, Reader, count, money, part

REPORTS = [
    *((f"range={key}", PERIODS[key]) for key in ("today", "7d", "30d", "month", "last-month", "90d", "year", "all")),
    ("from={early}&to={late}", "day BETWEEN %(early)s AND %(late)s"),
]


@pytest.mark.parametrize(("query", "condition"), REPORTS)
async def test_every_sum_of_the_report(reader: Reader, query: str, condition: str) -> None:
    """Revenue, sales, average, returns, discounts, payment methods, goods, groups, hours and what is off, by SQL."""
    query = query.format(**reader.asked)
    chosen = f"(SELECT * FROM raw.receipt WHERE account = %(account)s AND {condition}) r"
    revenue, due, sales, sold, discounts, returned, returns, off, paid = reader.one(
        "SELECT coalesce(sum(revenue), 0), coalesce(sum(total), 0),"
        " count(*) FILTER (WHERE kind = 'sale'), coalesce(sum(total) FILTER (WHERE kind"
        " = 'sale'), 0), coalesce(sum(discount), 0), -coalesce(sum(total) FILTER (WHERE kind = 'return'), 0),"
        " count(*) FILTER (WHERE kind = 'return'), count(*) FILTER (WHERE off <> 0), coalesce(sum(total + off), 0)"
        f" FROM {chosen}"
    )
    page = await reader.page(f"/report?outlet=all&{query}")
    average = [money((sold / sales).quantize(Decimal("0.01")))] if sales else []
    shown = part(page, "sums")
    assert shown.sums == [money(revenue), money(sold), *average, money(returned), money(discounts)]
    assert f" {count(sales)} " in shown
    assert f"{count(returns)} возврат" in shown

    joined = f"{chosen} JOIN raw.{{}} USING (account, outlet, kind, id)"
    methods = reader.sql(
        f"SELECT method, sum(amount), sum(payments) FROM {joined.format('paid')} GROUP BY method"
        " HAVING sum(amount) <> 0 OR sum(payments) <> 0"
    )
    by_method = Counter((METHODS[method], amount, payments) for method, amount, payments in methods)
    assert counted(await reader.rows(f"/report/payments.csv?outlet=all&{query}"), 1) == by_method
    if methods:
        assert money(paid) in part(page, "methods").sums
    if off:
        assert f"{count(off)} чек" in part(page, "off")
        over, under = reader.one(
            f"SELECT coalesce(sum(greatest(off, 0)), 0), coalesce(sum(greatest(-off, 0)), 0) FROM {chosen}"
        )
        assert over - under == paid - due
        assert part(page, "off").sums[: (over > 0) + (under > 0)] == [money(each) for each in (over, under) if each]
    else:
        assert 'data-part="off"' not in page

    lines = (
        f"{joined.format('earned l')} LEFT JOIN raw.good g"
        " ON (g.account, g.outlet, g.id) = (l.account, l.outlet, l.good)"
    )
    goods = reader.sql(
        f"SELECT l.outlet, g.name, g.category, sum(l.quantity), sum(l.goods - l.discount) FROM {lines}"
        " GROUP BY l.outlet, l.good, g.name, g.category"
    )
    assert counted(await reader.rows(f"/report/goods.csv?outlet=all&{query}"), 3) == Counter(goods)
    groups = reader.sql(
        f"SELECT coalesce(nullif(g.category, ''), 'без группы'), sum(l.quantity), sum(l.goods - l.discount)"
        f" FROM {lines} GROUP BY 1"
    )
    assert counted(await reader.rows(f"/report/groups.csv?outlet=all&{query}"), 1) == Counter(groups)
    best = sorted((row[4] for row in goods), reverse=True)[:10]
    assert part(page, "goods").sums == [money(amount) for amount in best]

    hours = reader.sql(
        "SELECT extract(isodow FROM local)::integer, extract(hour FROM local)::integer, sum(revenue), count(*) FILTER"
        f" (WHERE kind = 'sale') FROM {chosen} GROUP BY 1, 2"
    )
    wanted = Counter[tuple[object, ...]]((WEEKDAYS[day - 1], hour, amount, sold) for day, hour, amount, sold in hours)
    assert counted(await reader.rows(f"/report/hours.csv?outlet=all&{query}"), 1) == wanted


@pytest.mark.parametrize("unit", ["hour", "day", "week", "month"])
async def test_revenue_over_time(reader: Reader, unit: str) -> None:
    """Each bar of the chart, in every step, is the revenue and the sales of its stretch of time."""
    wanted = reader.sql(
        "SELECT date_trunc(%(unit)s, local), sum(revenue), count(*) FILTER (WHERE kind = 'sale') FROM raw.receipt"
        " WHERE account = %(account)s AND day BETWEEN %(early)s AND %(late)s GROUP BY 1 ORDER BY 1",
        unit=unit,
    )
    query = "outlet=all&from={early}&to={late}&unit={unit}".format(**reader.asked, unit=unit)
    if unit == "hour" and reader.owner == "simulated":  # a month of hours is more than can be seen
        query = "outlet=all&from={late}&to={late}&unit=hour".format(**reader.asked)
        wanted = [row for row in wanted if row[0].date() == reader.asked["late"]]
    rows = await reader.rows(f"/report/revenue.csv?{query}")
    drawn = [(number(row[2]), number(row[3])) for row in rows]
    assert [row for row in drawn if any(row)] == [(amount, sold) for _, amount, sold in wanted]
    page = await reader.page(f"/report?{query}")
    assert [Decimal(found) for found in re.findall(r'<tr data-value="([^"]+)"', page.partition('"methods"')[0])] == [
        amount for amount, _ in drawn
    ]


async def test_the_comparisons(reader: Reader) -> None:
    """Today, this week and this month, and the same part of the period before each: a dash where nothing was sold."""
    wanted = []
    for pair in (("today", "yesterday-by-now"), ("week", "last-week-by-now"), ("month", "last-month-by-now")):
        for key in pair:
            [revenue, sales] = reader.one(
                "SELECT coalesce(sum(revenue), 0), count(*) FILTER (WHERE kind = 'sale') FROM raw.receipt"
                f" WHERE account = %(account)s AND {PERIODS[key]}"
            )
            if revenue or sales or "now" not in key:
                wanted.append((money(revenue), f"{count(sales)} прод"))
    shown = part(await reader.page("/report?outlet=all"), "compared")
    assert shown.sums == [revenue for revenue, _ in wanted]
    for _, sales in wanted:
        assert sales in shown


async def test_the_dashboard(reader: Reader) -> None:
    """Goods, sales of all time and the day's figures of every outlet, and their totals."""
    per_outlet = reader.sql(
        "SELECT o.outlet, (SELECT count(*) FROM raw.good g WHERE g.account = %(account)s AND g.outlet = o.outlet AND"
        " NOT removed), count(*) FILTER (WHERE kind = 'sale'), count(*) FILTER (WHERE kind = 'sale' AND"
        f" {PERIODS['today']}), coalesce(sum(revenue) FILTER (WHERE {PERIODS['today']}), 0),"
        f" coalesce(sum(revenue) FILTER (WHERE {PERIODS['yesterday-by-now']}), 0),"
        f" coalesce(sum(revenue) FILTER (WHERE {PERIODS['week-ago-by-now']}), 0)"
        " FROM (SELECT DISTINCT account, outlet FROM raw.event) o JOIN raw.receipt USING (account, outlet)"
        " WHERE account = %(account)s GROUP BY o.outlet"
    )
    rows = await reader.rows("/dashboard.csv")
    assert counted(([row[0], *row[2:8]] for row in rows), 1) == Counter(per_outlet)
    page = await reader.page("/")
    shown = part(page, "totals")
    for figure in (len(rows), sum(row[1] for row in per_outlet), sum(row[2] for row in per_outlet)):
        assert count(figure) in shown
    today, *before = [sum(row[i] for row in per_outlet) for i in (4, 5, 6)]
    assert part(page, "today-RUB").sums == [money(today), *(money(revenue) for revenue in before if revenue)]
