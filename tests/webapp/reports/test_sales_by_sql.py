"""Each filter and each sum of the sales against SQL over the raw events, on the real data and on the simulator's."""
# ruff: noqa: S608 (the conditions are this test's own)

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from tests.webapp.reports.books import counted
from tests.webapp.reports.reader import METHODS, PERIODS, Reader, days_of, money, part
from webapp import formats
from webapp.reports import receipt_sums

METHOD_PART = "coalesce((SELECT sum(amount) FROM raw.paid p WHERE {same} AND p.method = '{method}'), 0)"
LINES_PART = (
    "coalesce((SELECT sum(x.goods - x.discount) FROM raw.line x LEFT JOIN raw.good g"
    " ON (g.account, g.outlet, g.id) = (x.account, x.outlet, x.good) WHERE {same} AND {which}), 0)"
)
SAME = "(x.account, x.outlet, x.kind, x.id) = (r.account, r.outlet, r.kind, r.id)"
GOOD = f"EXISTS (SELECT FROM raw.line x WHERE {SAME} AND x.good = %(good)s)"
GROUP = (
    "EXISTS (SELECT FROM raw.line x LEFT JOIN raw.good g ON (g.account, g.outlet, g.id) = (x.account, x.outlet, x.good)"
    f" WHERE {SAME} AND coalesce(g.category, '') = %(category)s)"
)


def by_method(method: str) -> tuple[str, str]:
    same = "(p.account, p.outlet, p.kind, p.id) = (r.account, r.outlet, r.kind, r.id)"
    return (
        f"EXISTS (SELECT FROM raw.paid p WHERE {same} AND p.method = '{method}')",
        METHOD_PART.format(same=same, method=method),
    )


SALES: list[tuple[str, str, str | None]] = [
    ("", f"kind = 'sale' AND {PERIODS['30d']}", None),
    *((f"kind=all&range={key}", condition, None) for key, condition in PERIODS.items()),
    ("range=all&kind=returns", "kind = 'return'", None),
    ("from={early}&to={late}", "kind = 'sale' AND day BETWEEN %(early)s AND %(late)s", None),
    ("kind=all&from={late}", "day >= %(late)s", None),
    ("kind=all&to={early}", "day <= %(early)s", None),
    *((f"range=all&kind=all&method={method}", *by_method(method)) for method in METHODS),
    ("range=all&method=card&min={low}", f"kind = 'sale' AND total >= %(low)s AND {by_method('card')[0]}",
     by_method("card")[1]),
    ("range=all&kind=all&min={low}&max={high}", "abs(total) BETWEEN %(low)s AND %(high)s", None),
    ("range=all&max={low}", "kind = 'sale' AND total <= %(low)s", None),
    ("range=all&kind=all&number={number}", "strpos(lower(number), lower(%(number)s)) > 0", None),
    ("range=all&kind=all&hour=13", "extract(hour FROM local) = 13", None),
    ("range=all&kind=all&hour=13&weekday=5",
     "extract(hour FROM local) = 13 AND extract(isodow FROM local) = 5", None),
    ("range=all&weekday=4", "kind = 'sale' AND extract(isodow FROM local) = 4", None),
    ("range=all&kind=all&good={good}", GOOD, LINES_PART.format(same=SAME, which="x.good = %(good)s")),
    ("range=all&kind=all&category={category}", GROUP,
     LINES_PART.format(same=SAME, which="coalesce(g.category, '') = %(category)s")),
    ("range=all&contact={contact}", "contact = %(contact)s", None),
    ("range=all&discounted=1", "kind = 'sale' AND discount <> 0", None),
    ("range=all&kind=all&off=1", "off <> 0", None),
    ("range=all&kind=all&cashier_id={cashier}", "cashier_id = %(cashier)s", None),
    ("range=all&discounted=1&cashier_id={cashier}",
     "kind = 'sale' AND discount <> 0 AND cashier_id = %(cashier)s", None),
    ("range=all&kind=returns&nobody=1", "kind = 'return' AND cashier_id IS NULL AND cashier IS NULL", None),
    ("range=all&kind=all&shift={shift}", "shift = %(shift)s", None),
    ("range=7d&kind=all&method=cash&off=1", f"off <> 0 AND {PERIODS['7d']} AND {by_method('cash')[0]}",
     by_method("cash")[1]),
]  # fmt: skip


async def test_the_sums_of_many_receipts_come_from_the_days(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list says so, and counts its rows when it is asked to; the sums are the same."""
    query = "/sales?outlet=all&kind=all&from={early}&to={late}".format(**reader.asked)
    monkeypatch.setattr(receipt_sums, "MOST_RECOUNTED", 100_000)
    of_rows = part(await reader.page(query), "totals")
    assert "Совпадают" in of_rows
    monkeypatch.setattr(receipt_sums, "MOST_RECOUNTED", 0)
    of_days = part(await reader.page(query), "totals")
    assert "Сумма взята из дневных итогов" in of_days
    assert set(of_days.sums) <= set(of_rows.sums)
    assert part(await reader.page(f"{query}&recount=1"), "totals") == of_rows


async def test_every_filter_of_sales(reader: Reader) -> None:
    """Each filter lists just the receipts that SQL finds in the events, and the page shows their sums, of all days and
    in the heading of each."""
    for template, condition, share in SALES:
        query = template.format(**reader.asked)
        wanted = reader.sql(
            "SELECT outlet, CASE kind WHEN 'sale' THEN 'Продажа' ELSE 'Возврат' END, number, positions,"
            " CASE kind WHEN 'sale' THEN goods ELSE 0 END, discount, total"
            f"{', ' + share if share else ''} FROM raw.receipt r WHERE account = %(account)s AND {condition}"
        )
        rows = await reader.rows(f"/sales/export.csv?outlet=all&{query}")
        listed = [[row[0], *row[2 : 9 if share else 8]] for row in rows]
        assert counted(listed, 3) == Counter(wanted), query
        page = await reader.page(f"/sales?outlet=all&{query}")
        days = reader.sql(
            f"SELECT day, sum(total){f', sum({share})' if share else ''} FROM raw.receipt r"
            f" WHERE account = %(account)s AND {condition} GROUP BY day"
        )
        expected = {formats.day(day, "ru", "weekday"): [money(each) for each in sums] for day, *sums in days}
        headings = days_of(page)
        assert headings or not rows, query
        assert [expected[day] for day, _ in headings] == [sums for _, sums in headings], query
        shown = part(page, "totals")
        total = sum((row[6] for row in wanted), Decimal(0))
        assert f"итого {money(total)}" in shown, query
        if share:
            assert f"из них по отбору {money(sum((row[7] for row in wanted), Decimal(0)))}" in shown, query
        if "kind=returns" not in query:
            assert f"товары {money(sum((row[4] for row in wanted), Decimal(0)))}" in shown, query
            assert f"скидки {money(sum((row[5] for row in wanted), Decimal(0)))}" in shown, query
        assert "Отличаются на" not in shown, query


async def test_one_outlet_alone(reader: Reader) -> None:
    """With an outlet chosen, lists and sums are that outlet's."""
    for name, outlet in list(reader.books.shops[reader.owner].outlets.items())[:3]:
        wanted = reader.sql(
            "SELECT outlet, number, total, revenue FROM raw.receipt"
            " WHERE account = %(account)s AND outlet = %(outlet)s",
            outlet=name,
        )
        listed = await reader.rows(f"/sales/export.csv?range=all&kind=all&outlet={outlet}")
        assert counted(([row[0], row[3], row[7]] for row in listed), 2) == Counter(row[:3] for row in wanted)
        shown = part(await reader.page(f"/report?range=all&outlet={outlet}"), "sums")
        assert shown.sums[0] == money(sum((row[3] for row in wanted), Decimal(0)))
