"""The sums of a list of receipts, and of each of its days.

They are made from the rows themselves. Where the same figure stands in a report, it is fetched as well, from the read
model that the report takes it from, and the page shows both side by side.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace
from starlette.datastructures import QueryParams

from schemas.amounts import ZERO, mean
from schemas.statements import load
from webapp.database import Connection
from webapp.reports import periods
from webapp.reports.periods import Window
from webapp.reports.receipts import LIST, MOST_SORTED, Receipt, Selection, every
from webapp.reports.sums import Sums, together

_sql = load("webapp.reports", "receipts.sql")

LONGEST_RECOUNT = 100
"""Days whose rows are summed without being asked to; the sums of a longer period come from its daily figures."""
MOST_RECOUNTED = 5_000
"""Receipts whose rows are summed without being asked to: more would take longer than all the rest of the page."""
MOST_SEARCHED = MOST_SORTED
"""Receipts of a period that are searched for a good or a group to be summed, unless asked to: of a hundred thousand it
takes a fifth of a second and more, and the reports have the figure that counts (0211)."""


class Totals(Struct, frozen=True):
    """The sums of all that is listed, on every page of it, or of a day of it. `over` and `under` are what its receipts
    took too much and too little, which do not make up for each other. `quantity` is that of the good or the group
    filtered by, of a rate of tax the tax; what was returned taken off. Not `searched`: so many receipts were not gone
    through for a good or a group, and only `part` and `quantity` are known, from the days."""

    sales: int
    returns: int
    positions: int | None
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    over: Decimal
    under: Decimal
    part: Decimal
    quantity: Decimal = ZERO
    recounted: bool = True
    searched: bool = True

    @property
    def paid(self) -> Decimal:
        """Payments less change and refunds."""
        return self.total + self.over - self.under

    @property
    def average(self) -> Decimal:
        """The average receipt of a list of sales."""
        return mean(self.total, self.sales) if self.sales else ZERO


NOTHING = Totals(0, 0, 0, ZERO, ZERO, ZERO, ZERO, ZERO, ZERO)
"""The sums of a day whose receipts are listed and count in no sum."""


async def of_days(connection: Connection, windows: Sequence[Window]) -> Sums:
    """The sums of the period's days, from the reports' own figures."""
    return (await together(connection, {"": windows}))[""]


async def totals(
    connection: Connection,
    selection: Selection,
    windows: Sequence[Window],
    whole: Sums,
    recount: bool,
    shown: Collection[date],
    brought: Totals | None = None,
) -> tuple[Totals, Mapping[date, Totals]]:
    """The sums of the list, and of each of its days, at least of those `shown` on the page: of its rows, or for many of
    them of the days (`whole` is all that these have of the period, `brought` of a good or a group) unless a `recount`
    is asked for.

    What was voided is in no sum of the reports; a list of it alone is summed row by row.
    """
    if selection.voided:
        by_day: dict[date, list[Receipt]] = {}
        async for receipt in every(connection, LIST.place(QueryParams()), selection, windows):
            by_day.setdefault(receipt.day, []).append(receipt)
        of_day = {day: _summed(receipts) for day, receipts in by_day.items()}
        return _together(of_day.values()), of_day
    if selection.by_days_alone and not recount:
        sums_of_days = _of_days(selection.kind, whole)
        whole_days = all(window.before is None for window in windows)
        many = whole_days and sums_of_days.sales + sums_of_days.returns > MOST_RECOUNTED
        if many or periods.length(windows) > LONGEST_RECOUNT:
            by_name = await together(connection, {day.isoformat(): _on(day, windows) for day in shown})
            return sums_of_days, {day: _of_days(selection.kind, by_name[day.isoformat()]) for day in shown}
    elif brought is not None and not recount:
        of_days = [window for day in shown for window in _on(day, windows)]
        return brought, await _by_day(connection, selection, of_days)
    of_day = await _by_day(connection, selection, windows)
    return _together(of_day.values()), of_day


async def _by_day(connection: Connection, selection: Selection, windows: Sequence[Window]) -> dict[date, Totals]:
    """The sums of the rows of each day."""
    rows = await connection.execute(_sql["totals"], selection.sql(windows))
    return {day: Totals(*figures) async for day, *figures in rows}


async def brought(
    connection: Connection, selection: Selection, windows: Sequence[Window], whole: Sums, recount: bool
) -> Totals | None:
    """What a good or a group brought, as the reports have it: for a list of too many receipts to search, or to be
    compared with a `recount`. None where that is not asked for, or may be another figure than that of the receipts."""
    many = whole.sales + whole.returns > MOST_SEARCHED
    whole_days = all(window.before is None for window in windows)
    if not (selection.by_goods_alone and whole_days and (many or recount)):
        return None
    row = await (await connection.execute(_sql["sold"], selection.sql(windows))).fetchone()
    if row is None:
        return None
    return replace(NOTHING, part=row[0], quantity=row[1], recounted=False, searched=False)


def _on(day: date, windows: Sequence[Window]) -> list[Window]:
    """The windows on that day alone."""
    return [Window(each.outlet_id, day, day) for each in windows if each.first <= day <= each.last]


def _summed(receipts: Sequence[Receipt]) -> Totals:
    sales = [receipt for receipt in receipts if receipt.kind == "sale"]
    return Totals(
        sales=len(sales),
        returns=len(receipts) - len(sales),
        positions=sum(receipt.positions for receipt in receipts),
        goods_sum=sum((receipt.goods_sum for receipt in receipts), ZERO),
        discount_sum=sum((receipt.discount_sum for receipt in receipts), ZERO),
        total=sum((receipt.total for receipt in receipts), ZERO),
        over=ZERO,
        under=ZERO,
        part=sum((receipt.part for receipt in receipts), ZERO),
    )


def _together(days: Collection[Totals]) -> Totals:
    """The sums of days whose rows were added up."""
    return Totals(
        sales=sum(day.sales for day in days),
        returns=sum(day.returns for day in days),
        positions=sum(day.positions or 0 for day in days),
        goods_sum=sum((day.goods_sum for day in days), ZERO),
        discount_sum=sum((day.discount_sum for day in days), ZERO),
        total=sum((day.total for day in days), ZERO),
        over=sum((day.over for day in days), ZERO),
        under=sum((day.under for day in days), ZERO),
        part=sum((day.part for day in days), ZERO),
        quantity=sum((day.quantity for day in days), ZERO),
    )


def _of_days(kind: str, days: Sums) -> Totals:
    match kind:
        case "returns":
            sums = (0, days.returns, None, ZERO, ZERO, -days.returns_sum, ZERO, ZERO, -days.returns_sum)
        case "sales":
            sums = (days.sales, 0, None, days.goods_sum, days.discount_sum, days.total, ZERO, ZERO, days.total)
        case _:
            sums = (days.sales, days.returns, None, days.goods_sum, days.discount_sum, days.due, ZERO, ZERO, days.due)
    return Totals(*sums, recounted=False)


async def reported(
    connection: Connection, selection: Selection, windows: Sequence[Window], whole: Sums, brought: Totals | None
) -> Decimal | None:
    """The same figure as the reports show it, from their own read models; None where no report shows it."""
    bare = Selection(selection.kind, selection.period)
    parameters = {
        **periods.parameters(windows),
        "method": selection.method,
        "hour": selection.hour,
        "weekday": selection.weekday,
    }
    whole_days = all(window.before is None for window in windows)
    if selection.by_days_alone:
        return _of_days(selection.kind, whole).total
    if brought is not None:
        return brought.part
    if not whole_days or selection.kind != "all":
        return None
    by_method = Selection(bare.kind, bare.period, method=selection.method)
    by_hour = Selection(bare.kind, bare.period, hour=selection.hour, weekday=selection.weekday)
    if selection.method and selection == by_method:
        row = await (await connection.execute(_sql["method"], parameters)).fetchone()
    elif selection.hour is not None and selection == by_hour:
        row = await (await connection.execute(_sql["hours"], parameters)).fetchone()
    else:
        return None
    return row[0] if row else None
