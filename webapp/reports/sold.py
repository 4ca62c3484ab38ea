"""Проданные товары: what each good or group brought in a period, against as many days before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
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
from webapp.reports.breakdown import NEEDS
from webapp.reports.compared import apart
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.periods import Period, Window
from webapp.reports.sums import change
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "sold.sql")
_QUICK = ("7d", "30d", "month", "last-month", "90d", "year", "all")
_BY = ("good", "category")


class Sold(Struct, frozen=True):
    """What a good of an outlet, or a group (`good_id` None) of an outlet or of all (`outlet_id` None), brought.

    Revenue and quantity are less returns, `before` is the revenue of as many days before the period. `cost_known_sum`
    is the revenue whose cost is known, `cost_sum` that cost.
    """

    outlet_id: UUID | None
    good_id: str | None
    name: str
    category: str
    quantity: Decimal
    revenue: Decimal
    returned_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    before: Decimal
    quantity_before: Decimal

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.quantity_before)

    @property
    def margin(self) -> Decimal | None:
        """What was earned on the part whose cost is known; None where no cost is, or where it is not to be seen."""
        return margin(self.cost_sum, self.cost_known_sum)


class Total(Struct, frozen=True):
    """What all of them brought: the same figures, and how many there are."""

    count: int
    quantity: Decimal
    revenue: Decimal
    returned_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    before: Decimal
    quantity_before: Decimal

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.quantity_before)

    @property
    def margin(self) -> Decimal | None:
        return margin(self.cost_sum, self.cost_known_sum)


def margin(cost_sum: Decimal, cost_known_sum: Decimal) -> Decimal | None:
    cost = costs.cost_of(cost_sum, cost_known_sum)
    return None if cost is None else cost_known_sum - cost


_FIGURES = (
    Heading("quantity", N_("Qty"), "number"),
    Heading("revenue", N_("Revenue"), "number", money=True),
    Heading("returned_sum", N_("Returned"), "number", 4, money=True),
    Heading("margin", N_("Margin"), "number", 2, money=True),
    Heading("change", N_("Change of revenue"), "number", 3),
)
_LISTS = {
    "good": Listing(
        Sold,
        _sql["by_good"],
        Heading("name", N_("Name")),
        Heading("category", N_("Group"), importance=4),
        Heading("outlet_id", N_("Outlet"), "outlet"),
        *_FIGURES,
        key=("good_id", "outlet_id"),
        order="-revenue",
        page=100,
        sums=Total,
    ),
    "category": Listing(
        Sold,
        _sql["by_category"],
        Heading("category", N_("Group")),
        *_FIGURES,
        key=("category",),
        order="-revenue",
        page=100,
        sums=Total,
    ),
    "category apart": Listing(
        Sold,
        _sql["by_category"],
        Heading("category", N_("Group")),
        Heading("outlet_id", N_("Outlet"), "outlet"),
        *_FIGURES,
        key=("category", "outlet_id"),
        order="-revenue",
        page=100,
        sums=Total,
    ),
}


class SoldGoods(Context, frozen=True):
    """`total` sums all rows, those of other pages too. `compared`: there are days before the period."""

    template = "reports/sold.html"
    title = N_("Sold goods")

    rows: list[Sold]
    listed: Listed
    total: Total
    known_share: Decimal | None
    compared: bool
    names: dict[UUID, str]
    by: str
    apart: bool
    period: Period
    quick: tuple[str, ...]
    filters: Filters
    parameters: dict[str, str]


async def sold(view: View) -> SoldGoods:
    """The greatest revenue first unless asked otherwise, over all of the period."""
    filters = view.filters
    period, by = filters.period("30d"), filters.choice("by", _BY) or "good"
    windows = periods.windows(period, view.seen, view.now)
    async with view.reading() as connection:
        rows, listed, total = await _page(view, connection, by, windows, margins=costs.sees_costs())
        if total is not None and total.margin is None and costs.sees_costs():  # no cost is known
            if listed.order.name == "margin":
                rows, listed, total = await _page(view, connection, by, windows, margins=False)
            listed = listed.without(["margin"])
        if total is None:
            async with connection.cursor(row_factory=class_row(Total)) as cursor:
                total = await (await cursor.execute(_sql["total"], compared.parameters(windows))).fetchone()
            assert total is not None  # sums give one row
    return SoldGoods(
        rows=rows,
        listed=listed,
        total=total,
        known_share=total.cost_known_sum / total.revenue if total.margin is not None and total.revenue > 0 else None,
        compared=compared.is_compared(windows),
        names=view.names,
        by=by,
        apart=by == "category" and apart(view),
        period=period,
        quick=_QUICK,
        filters=filters,
        parameters=view.filter_fields,
    )


async def _page(
    view: View, connection: Connection, by: str, windows: list[Window], *, margins: bool
) -> tuple[list[Sold], Listed, Total | None]:
    hidden = _hidden(view, margins, compared.is_compared(windows))
    place = _listing(view, by).place(view.request.query_params, view.names, hidden)
    return await _listing(view, by).page_and_sums(connection, place, _parameters(view, windows))


def _listing(view: View, by: str) -> Listing[Sold]:
    return _LISTS["category apart" if by == "category" and apart(view) else by]


def _parameters(view: View, windows: list[Window]) -> dict[str, Any]:
    return {**compared.parameters(windows), "apart": apart(view)}


def _hidden(view: View, margins: bool, changes: bool) -> list[str]:
    """The columns that say nothing here."""
    shown = {"outlet_id": len(view.seen) > 1, "margin": margins, "change": changes}
    return [name for name, says_something in shown.items() if not says_something]


async def export(view: View) -> Export:
    _, names = view.gettext, view.names
    filters = view.filters
    period, by = filters.period("30d"), filters.choice("by", _BY) or "good"
    windows = periods.windows(period, view.seen, view.now)
    listing = _listing(view, by)
    place = listing.place(view.request.query_params, view.names)
    columns = [
        *([Column(_("Outlet"), "text")] if by == "good" or apart(view) else []),
        *([Column(_("Code"), "code"), Column(_("Name"), "text")] if by == "good" else []),
        Column(_("Group"), "text"),
        Column(_("Quantity"), "quantity"),
        Column(_("Revenue"), "money"),
        Column(_("Returned"), "money"),
        Column(_("Revenue before"), "money"),
        *([Column(_("Margin"), "money")] if costs.sees_costs() else []),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for row in listing.every(connection, place, _parameters(view, windows)):
            outlet = [names[row.outlet_id]] if row.outlet_id else []
            of_good = [*outlet, row.good_id, row.name] if row.good_id is not None else outlet
            figures = [row.quantity, row.revenue, row.returned_sum, row.before]
            group = row.category or ("" if by == "good" else _("without a group"))
            yield [*of_good, group, *figures, *([row.margin] if costs.sees_costs() else [])]

    return Export(filename(view, _("Sold goods"), period), columns, view.account, rows)


PAGE = Page(
    path="/sold",
    action="figures",
    menu=Entry("sections", N_("Sold goods"), minor=True),
    gate=LICENSED,
    load=sold,
    chooser=True,
    live=True,
    needs=NEEDS,
    downloads=(Download("/sold/export", export, NEEDS),),
)
