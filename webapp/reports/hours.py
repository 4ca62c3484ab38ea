"""По часам: what the hours of the day bring, of all outlets or of each, against as many days before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from schemas.amounts import ZERO, mean
from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing, Place
from webapp.page import Download, Page
from webapp.reports import compared, periods
from webapp.reports.compared import apart
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.periods import Period, Window
from webapp.reports.sums import change
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "hours.sql")
_QUICK = ("7d", "30d", "month", "last-month", "90d", "year", "all")


class Hour(Struct, frozen=True):
    """An hour by the outlets' clocks, of all of them (`outlet_id` None) or of one; returns are taken off in the hour in
    which they were made."""

    outlet_id: UUID | None
    hour: int
    sales: int
    revenue: Decimal
    before: Decimal
    sales_before: int

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.sales_before)

    @property
    def average(self) -> Decimal | None:
        """The average receipt."""
        return mean(self.revenue, self.sales) if self.sales else None


class Total(Struct, frozen=True):
    """What all hours brought."""

    sales: int = 0
    revenue: Decimal = ZERO


_FIGURES = (
    Heading("sales", N_("Receipts"), "number"),
    Heading("revenue", N_("Revenue"), "number", money=True),
    Heading("share", N_("Share"), "number"),
    Heading("average", N_("Average receipt"), "number", 2, money=True),
    Heading("change", N_("Change of revenue"), "number"),
)
_HOUR = Heading("clock", N_("Hour"))
_TOGETHER = Listing(Hour, _sql["rows"], _HOUR, *_FIGURES, key=("clock",), order="clock", page=24, sums=Total)
_APART = Listing(
    Hour,
    _sql["rows"],
    _HOUR,
    Heading("outlet_id", N_("Outlet"), "outlet"),
    *_FIGURES,
    key=("clock", "outlet_id"),
    order="clock",
    page=120,
    sums=Total,
)


class Hours(Context, frozen=True):
    template = "reports/hours.html"
    title = N_("Sold by the hour")

    rows: list[Hour]
    total: Total
    names: dict[UUID, str]
    apart: bool
    listed: Listed
    period: Period
    quick: tuple[str, ...]
    filters: Filters
    parameters: dict[str, str]


async def hours(view: View) -> Hours:
    period = view.filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    async with view.reading() as connection:
        rows, listed, total = await _listing(view).page_and_sums(
            connection, _place(view, windows), _parameters(view, windows)
        )
    return Hours(
        rows=rows,
        total=total or Total(),
        names=view.names,
        apart=apart(view),
        listed=listed,
        period=period,
        quick=_QUICK,
        filters=view.filters,
        parameters=view.filter_fields,
    )


def _place(view: View, windows: Sequence[Window]) -> Place:
    hidden = [] if compared.is_compared(windows) else ["change"]
    return _listing(view).place(view.request.query_params, view.names, hidden)


def _listing(view: View) -> Listing[Hour]:
    return _APART if apart(view) else _TOGETHER


def _parameters(view: View, windows: Sequence[Window]) -> dict[str, Any]:
    return {**compared.parameters(windows), "apart": apart(view)}


async def export(view: View) -> Export:
    _ = view.gettext
    period = view.filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    columns = [
        *([Column(_("Outlet"), "text")] if apart(view) else []),
        Column(_("Hour"), "count"),
        Column(_("Receipts"), "count"),
        Column(_("Revenue"), "money"),
        Column(_("Average receipt"), "money"),
        Column(_("Revenue before"), "money"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for row in _listing(view).every(connection, _place(view, windows), _parameters(view, windows)):
            outlet = [view.names[row.outlet_id]] if row.outlet_id else []
            yield [*outlet, row.hour, row.sales, row.revenue, row.average, row.before]

    return Export(filename(view, _("Sold by the hour"), period), columns, view.account, rows)


PAGE = Page(
    path="/sold/hours",
    action="figures",
    gate=LICENSED,
    load=hours,
    chooser=True,
    live=True,
    downloads=(Download("/sold/hours/export", export),),
)
