"""Прибыль и налоги: revenue, cost and margin by day or by outlet, and the tax by rate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp import costs
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.reports import compared, periods
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.periods import Period, Window
from webapp.reports.sums import change
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "profit.sql")
_QUICK = ("7d", "30d", "month", "last-month", "90d", "year", "all")
_NEEDS = ("taxes",)


class Earned(Struct, frozen=True):
    """What a day of all outlets (`outlet_id` None) or an outlet (`day` None) earned; returns are taken off.

    `cost_known_sum` is the revenue whose cost is known, `cost_sum` that cost. `before` is the revenue of as many days
    before the period.
    """

    day: date | None
    outlet_id: UUID | None
    sales: int
    revenue: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    tax_sum: Decimal
    before: Decimal
    sales_before: int
    margin_before: Decimal

    @property
    def margin_change(self) -> Decimal | None:
        return None if self.margin is None else change(self.margin, self.margin_before, self.sales_before)

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.sales_before)

    @property
    def cost(self) -> Decimal | None:
        return costs.cost_of(self.cost_sum, self.cost_known_sum)

    @property
    def margin(self) -> Decimal | None:
        """What was earned on the part whose cost is known; None where no cost is, or where it is not to be seen."""
        return None if self.cost is None else self.cost_known_sum - self.cost

    @property
    def margin_share(self) -> Decimal | None:
        """The margin's share of the revenue whose cost is known."""
        return None if self.margin is None or self.cost_known_sum <= 0 else self.margin / self.cost_known_sum

    @property
    def known_share(self) -> Decimal | None:
        """The share of the revenue whose cost is known."""
        return None if self.margin is None or self.revenue <= 0 else self.cost_known_sum / self.revenue


class Rate(Struct, frozen=True):
    """The tax of a rate, of all outlets (`outlet_id` None) or of one; `base_sum` is without it, `before` the tax of as
    many days before."""

    outlet_id: UUID | None
    rate: str
    base_sum: Decimal
    tax_sum: Decimal
    before: Decimal


_FIGURES = (
    Heading("sales", N_("Receipts"), "number", 2),
    Heading("revenue", N_("Revenue"), "number", money=True),
    Heading("cost", N_("Cost"), "number", 2, money=True),
    Heading("margin", N_("Margin"), "number", money=True),
    Heading("known_share", N_("Cost is known for"), "number", 3),
)
_LISTS = {
    "day": Listing(
        Earned, _sql["by_day"], Heading("day", N_("Day"), "day"), *_FIGURES, key=("day",), order="-day", page=100
    ),
    "outlet": Listing(
        Earned,
        _sql["by_outlet"],
        Heading("outlet_id", N_("Outlet"), "outlet"),
        *_FIGURES,
        Heading("change", N_("Change of revenue"), "number", 3),
        key=("outlet_id",),
        order="-revenue",
        page=100,
    ),
}


class Profit(Context, frozen=True):
    """`total` sums all rows, those of other pages too. `compared`: there are days before the period."""

    template = "reports/profit.html"
    title = N_("Profit and taxes")

    rows: list[Earned]
    total: Earned
    rates: list[Rate]
    costs: bool
    compared: bool
    names: dict[UUID, str]
    by: str
    period: Period
    quick: tuple[str, ...]
    listed: Listed
    filters: Filters
    parameters: dict[str, str]


async def profit(view: View) -> Profit:
    """The latest day first and outlets by revenue, unless asked otherwise."""
    filters = view.filters
    period, by = filters.period("month"), filters.choice("by", tuple(_LISTS)) or "day"
    windows = periods.windows(period, view.seen, view.now)
    async with view.reading() as connection:
        async with connection.cursor(row_factory=class_row(Earned)) as cursor:
            total = await (await cursor.execute(_sql["total"], compared.parameters(windows))).fetchone()
        assert total is not None  # sums give one row
        hidden = ["cost", "margin", "known_share"] if total.cost is None else []
        hidden += [] if by == "outlet" and compared.is_compared(windows) else ["change"]
        place = _LISTS[by].place(view.request.query_params, view.names, hidden)
        rows, listed = await _LISTS[by].page(connection, place, compared.parameters(windows))
        rates = [rate async for rate in _rates(connection, windows, apart=by == "outlet")]
    return Profit(
        rows=rows,
        total=total,
        rates=rates,
        costs=total.cost is not None,
        compared=compared.is_compared(windows),
        names=view.names,
        by=by,
        period=period,
        quick=_QUICK,
        listed=listed,
        filters=filters,
        parameters=view.filter_fields,
    )


async def _rates(connection: Connection, windows: Sequence[Window], *, apart: bool) -> AsyncIterator[Rate]:
    async with connection.cursor(row_factory=class_row(Rate)) as cursor:
        async for rate in await cursor.execute(_sql["rates"], {**compared.parameters(windows), "apart": apart}):
            yield rate


async def export(view: View) -> Export:
    _, names = view.gettext, view.names
    filters = view.filters
    period, by = filters.period("month"), filters.choice("by", tuple(_LISTS)) or "day"
    windows = periods.windows(period, view.seen, view.now)
    place = _LISTS[by].place(view.request.query_params, view.names)
    seen = costs.sees_costs()
    columns = [
        Column(_("Day"), "day") if by == "day" else Column(_("Outlet"), "text"),
        Column(_("Receipts"), "count"),
        Column(_("Revenue"), "money"),
        *([Column(_("Revenue before"), "money")] if by == "outlet" else []),
        *([Column(_("Revenue of known cost"), "money"), Column(_("Cost"), "money")] if seen else []),
        *([Column(_("Margin"), "money")] if seen else []),
        Column(_("Tax"), "money"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for row in _LISTS[by].every(connection, place, compared.parameters(windows)):
            whose = names[row.outlet_id] if row.outlet_id else row.day
            of_cost = [costs.known_of(row.cost_known_sum), row.cost, row.margin] if seen else []
            before = [row.before] if by == "outlet" else []
            yield [whose, row.sales, row.revenue, *before, *of_cost, row.tax_sum]

    return Export(filename(view, _("Profit and taxes"), period), columns, view.account, rows)


async def export_taxes(view: View) -> Export:
    _ = view.gettext
    period = view.filters.period("month")
    windows = periods.windows(period, view.seen, view.now)
    apart = view.filters.choice("by", tuple(_LISTS)) == "outlet"
    columns = [
        *([Column(_("Outlet"), "text")] if apart else []),
        Column(_("Rate"), "text"),
        Column(_("Base"), "money"),
        Column(_("Tax"), "money"),
        Column(_("Tax before"), "money"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for rate in _rates(connection, windows, apart=apart):
            outlet = [view.names[rate.outlet_id]] if rate.outlet_id else []
            yield [*outlet, rate.rate, rate.base_sum, rate.tax_sum, rate.before]

    return Export(filename(view, _("Tax by rate"), period), columns, view.account, rows)


PAGE = Page(
    path="/profit",
    action="figures",
    menu=Entry("sections", N_("Profit and taxes"), minor=True),
    gate=LICENSED,
    load=profit,
    chooser=True,
    live=True,
    needs=_NEEDS,
    downloads=(Download("/profit/export", export, _NEEDS), Download("/profit/taxes", export_taxes, _NEEDS)),
)
