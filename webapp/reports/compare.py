"""Сравнение точек: what any outlets sold in any period, side by side and against as many days before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from starlette.requests import Request
from starlette.responses import Response

from schemas.amounts import ZERO, mean
from schemas.statements import load
from webapp import costs
from webapp.account_outlets import counting
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing, Place
from webapp.menu import Entry
from webapp.page import Download, Gate, Page
from webapp.reports import compared, periods
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import closed
from webapp.reports.periods import Period, Window
from webapp.reports.sums import change
from webapp.reports.view import View, open_view
from webapp.translation import N_

_sql = load("webapp.reports", "compare.sql")
_QUICK = ("today", "yesterday", "7d", "30d", "month", "last-month", "90d", "year", "all")


class OutletFigures(Struct, frozen=True):
    """What an outlet sold. `revenue` is less returns, `beside` what was no revenue, `days` those with a sale, `before`
    and `sales_before` are of as many days before. `cost_known_sum` is the revenue whose cost `cost_sum` is; `whole` is
    the revenue of all outlets compared."""

    outlet_id: UUID
    sales: int
    days: int
    revenue: Decimal
    beside: Decimal
    discount_sum: Decimal
    returns: int
    returns_sum: Decimal
    voided: int
    cost_sum: Decimal
    cost_known_sum: Decimal
    before: Decimal
    sales_before: int
    whole: Decimal

    @property
    def average(self) -> Decimal | None:
        """The average receipt, before returns; None without receipts."""
        total = self.revenue + self.beside + self.returns_sum
        return mean(total, self.sales) if self.sales else None

    @property
    def each_day(self) -> Decimal | None:
        """The revenue of a day on which something was sold."""
        return mean(self.revenue, self.days) if self.days else None

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.sales_before)

    @property
    def change_of_sales(self) -> Decimal | None:
        return change(Decimal(self.sales), Decimal(self.sales_before), self.sales_before)

    @property
    def margin(self) -> Decimal | None:
        """What was earned on the part whose cost is known; None where no cost is, or where it is not to be seen."""
        cost = costs.cost_of(self.cost_sum, self.cost_known_sum)
        return None if cost is None else self.cost_known_sum - cost

    @property
    def margin_share(self) -> Decimal | None:
        """The margin as a share of the revenue that it was earned on."""
        return None if self.margin is None or self.cost_known_sum <= 0 else self.margin / self.cost_known_sum


_LIST = Listing(
    OutletFigures,
    _sql["outlets"],
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("revenue", N_("Revenue"), "number", money=True),
    Heading("change", N_("Change of revenue"), "number"),
    Heading("each_day", N_("Revenue a day"), "number", 4, money=True),
    Heading("sales", N_("Sales"), "number"),
    Heading("average", N_("Average receipt"), "number", 2, money=True),
    Heading("margin", N_("Margin"), "number", 3, money=True),
    Heading("discount_sum", N_("Discounts"), "number", 4, money=True),
    Heading("returns_sum", N_("Returns"), "number", money=True),
    Heading("voided", N_("Voided"), "number", 2),
    key=("outlet_id",),
    order="-revenue",
)


class Comparison(Context, frozen=True):
    """The greatest revenue first, unless asked otherwise. `revenue` is that of all outlets, of which each has its
    share."""

    template = "reports/compare.html"
    title = N_("Outlets compared")

    rows: list[OutletFigures]
    revenue: Decimal
    listed: Listed
    names: dict[UUID, str]
    period: Period
    quick: tuple[str, ...]
    filters: Filters
    parameters: dict[str, str]


async def compare(view: View) -> Comparison:
    filters = view.filters
    period = filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    async with view.reading() as connection:
        rows, listed = await _LIST.page(connection, _place(view, windows), compared.parameters(windows))
    told = {"margin": any(row.margin is not None for row in rows), "voided": any(row.voided for row in rows)}
    return Comparison(
        rows=rows,
        revenue=rows[0].whole if rows else ZERO,
        listed=listed.without([name for name, there in told.items() if not there]),
        names=view.names,
        period=period,
        quick=_QUICK,
        filters=filters,
        parameters=view.filter_fields,
    )


def _place(view: View, windows: Sequence[Window]) -> Place:
    hidden = [] if compared.is_compared(windows) else ["change"]
    return _LIST.place(view.request.query_params, view.names, [*hidden, *([] if costs.sees_costs() else ["margin"])])


async def export(view: View) -> Export:
    _, names = view.gettext, view.names
    period = view.filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    costly = costs.sees_costs()
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Revenue"), "money"),
        Column(_("Revenue before"), "money"),
        Column(_("Sales"), "count"),
        Column(_("Sales before"), "count"),
        Column(_("Average receipt"), "money"),
        Column(_("Days with sales"), "count"),
        Column(_("Discount sum"), "money"),
        Column(_("Returns"), "count"),
        Column(_("Returned"), "money"),
        Column(_("Voided"), "count"),
        *([Column(_("Margin"), "money"), Column(_("Revenue whose cost is known"), "money")] if costly else []),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for row in _LIST.every(connection, _place(view, windows), compared.parameters(windows)):
            earned = [row.margin, costs.known_of(row.cost_known_sum)] if costly else []
            yield [
                *(names[row.outlet_id], row.revenue, row.before, row.sales, row.sales_before, row.average, row.days),
                *(row.discount_sum, row.returns, row.returns_sum, row.voided, *earned),
            ]

    return Export(filename(view, _("Outlets compared"), period), columns, view.account, rows)


async def _open(request: Request) -> View | Response:
    """All outlets unless some are named: the one chosen last has nothing to be compared with."""
    view = await open_view(request)
    if not view.group and "outlet" not in request.query_params:
        counted = counting(view.choices)
        view = replace(view, outlets=counted, requested=counted)
    return closed(view) or view


PAGE = Page(
    path="/compare",
    action="figures",
    menu=Entry("sections", N_("Outlets compared"), minor=True),
    gate=Gate("licence", _open, figures=True),
    load=compare,
    live=True,
    downloads=(Download("/compare/export", export),),
)
