"""Что заказать: what will run out, by the sales of 28 days; what is below its least stock, or below nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from schemas.amounts import line_sum
from schemas.statements import load
from webapp import costs
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing, Place
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.reports import periods
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.periods import Window
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "order.sql")
_DAYS = (7, 14, 28)
_SOLD_DAYS = 28
_NEEDS = ("sold",)


class Missing(Struct, frozen=True):
    """A good to order. `sold` is of 28 days, less returns; `cover` for how many days the stock will do, None where
    nothing was sold. `wanted` is what to order. `least` is the stock of the warehouse that has the least of it, and
    `counted_at` when it was counted there; `received`: any of it ever came in.
    """

    outlet_id: UUID
    good_id: str
    name: str
    category: str
    article: str | None
    unit: str | None
    cost: Decimal | None
    min_stock: Decimal | None
    quantity: Decimal
    sold: Decimal
    cover: Decimal | None
    wanted: Decimal
    least: Decimal
    counted_at: datetime | None
    received: bool

    @property
    def days(self) -> int | None:
        """Whole days for which it will do."""
        return None if self.cover is None else int(self.cover)

    @property
    def below(self) -> bool:
        """Whether there is less than the least stock."""
        return self.min_stock is not None and self.quantity < self.min_stock

    @property
    def why(self) -> str:
        """Why there is less than nothing of it; "" where there is not."""
        if self.least >= 0:
            return ""
        if self.quantity >= 0:
            return "elsewhere"
        if self.counted_at is not None:
            return "counted"
        return "received" if self.received else "never"


_LIST = Listing(
    Missing,
    _sql["rows"],
    Heading("name", N_("Name")),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("quantity", N_("Stock"), "number"),
    Heading("min_stock", N_("Least stock"), "number", 3),
    Heading("sold", N_("Sold in 28 days"), "number", 2),
    Heading("cover", N_("Will do for"), "number"),
    Heading("wanted", N_("To order"), "number"),
    Heading("urgency", "", "number"),
    key=("good_id", "outlet_id"),
    order="urgency",
    page=100,
)


class Order(Context, frozen=True):
    """`sold_in` are the days whose sales count, as parameters of a link; `clocks` the zone of each outlet."""

    template = "reports/order.html"
    title = N_("What to order")

    rows: list[Missing]
    names: dict[UUID, str]
    clocks: dict[UUID, str]
    sold_in: dict[UUID, dict[str, str]]
    days: int
    choices: tuple[int, ...]
    listed: Listed
    filters: Filters
    parameters: dict[str, str]


async def order(view: View) -> Order:
    """What there is less than nothing of, then what runs out first, unless asked otherwise."""
    filters = view.filters
    windows = _windows(view)
    async with view.reading() as connection:
        rows, listed = await _LIST.page(connection, _place(view), _parameters(windows, filters))
    return Order(
        rows=rows,
        names=view.names,
        clocks={outlet.outlet_id: outlet.zone for outlet in view.seen},
        sold_in={each.outlet_id: {"from": str(each.first), "to": str(each.last)} for each in windows},
        days=_days(filters),
        choices=_DAYS,
        listed=listed,
        filters=filters,
        parameters=view.filter_fields,
    )


def _days(filters: Filters) -> int:
    chosen = filters.whole("days", min(_DAYS), max(_DAYS))
    return chosen if chosen in _DAYS else 14


def _windows(view: View) -> list[Window]:
    """The last 28 days of each outlet, its present one among them."""
    today = {outlet.outlet_id: outlet.day(view.now) for outlet in view.seen}
    return [Window(outlet, day - timedelta(days=_SOLD_DAYS - 1), day) for outlet, day in today.items()]


def _place(view: View) -> Place:
    return _LIST.place(view.request.query_params, view.names, view.spare_columns)


def _parameters(windows: list[Window], filters: Filters) -> dict[str, Any]:
    return {**periods.parameters(windows), "days": _days(filters)}


async def export(view: View) -> Export:
    """The list for the supplier; what it costs is there for who may see it."""
    _, names = view.gettext, view.names
    seen = costs.sees_costs()
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Code"), "code"),
        Column(_("Article"), "code"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Stock"), "quantity"),
        Column(_("Least stock"), "quantity"),
        Column(_("Sold in 28 days"), "quantity"),
        Column(_("Days of cover"), "count"),
        Column(_("To order"), "quantity"),
        Column(_("Unit"), "text"),
        *([Column(_("Cost"), "money")] if seen else []),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for row in _LIST.every(connection, _place(view), _parameters(_windows(view), view.filters)):
            of_good = [names[row.outlet_id], row.good_id, row.article, row.name, row.category]
            figures = [row.quantity, row.min_stock, row.sold, row.days, row.wanted, row.unit]
            unit_cost = costs.unit_cost_of(row.cost)
            cost = None if unit_cost is None else line_sum(row.wanted, unit_cost)
            yield [*of_good, *figures, *([cost] if seen else [])]

    return Export(filename(view, _("What to order")), columns, view.account, rows)


PAGE = Page(
    path="/order",
    action="figures",
    menu=Entry("sections", N_("What to order"), minor=True),
    gate=LICENSED,
    load=order,
    chooser=True,
    live=True,
    needs=_NEEDS,
    downloads=(Download("/order/export", export, _NEEDS),),
)
