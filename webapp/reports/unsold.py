"""Что не продаётся: goods in stock that nobody bought for so many days, and the money that lies in them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
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
from webapp.page import Download, Page
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "unsold.sql")
_DAYS = (30, 60, 90, 180)
_NEEDS = ("sold",)


class Unsold(Struct, frozen=True):
    """A good that lies. `last_sold` is None where nobody bought it for more than a year; `moved_at` is the effective
    time of its last movement, whatever it was."""

    outlet_id: UUID
    good_id: str
    name: str
    category: str
    cost: Decimal | None
    max_price: Decimal | None
    quantity: Decimal
    moved_at: datetime | None
    last_sold: date | None

    @property
    def cost_sum(self) -> Decimal | None:
        """What the stock cost; None where that is not known or not to be seen."""
        unit = costs.unit_cost_of(self.cost)
        return None if unit is None else line_sum(self.quantity, unit)

    @property
    def price_sum(self) -> Decimal | None:
        """What the stock would bring at its greatest price."""
        return None if self.max_price is None else line_sum(self.quantity, self.max_price)


class Total(Struct, frozen=True):
    """All of them; none at first. `without_cost` are goods whose cost is not known."""

    goods: int = 0
    cost_sum: Decimal = Decimal(0)
    without_cost: int = 0
    price_sum: Decimal = Decimal(0)


_LIST = Listing(
    Unsold,
    _sql["rows"],
    Heading("name", N_("Name")),
    Heading("category", N_("Group"), importance=3),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("quantity", N_("Stock"), "number", 2),
    Heading("cost_sum", N_("At cost"), "number", money=True),
    Heading("price_sum", N_("At max. price"), "number", 2, money=True),
    Heading("last_sold", N_("Sold last"), "day"),
    Heading("moved_at", N_("Moved last"), "moment", 3),
    Heading("worth", "", "number"),
    key=("good_id", "outlet_id"),
    order="-worth",
    page=100,
    sums=Total,
)


class UnsoldGoods(Context, frozen=True):
    """`costs`: what goods cost is known of some, and to be seen."""

    template = "reports/unsold.html"
    title = N_("Not sold")

    rows: list[Unsold]
    total: Total
    costs: bool
    days: int
    choices: tuple[int, ...]
    names: dict[UUID, str]
    clocks: dict[UUID, str]
    listed: Listed
    filters: Filters
    parameters: dict[str, str]


async def unsold(view: View) -> UnsoldGoods:
    """The most money first, unless asked otherwise."""
    filters = view.filters
    async with view.reading() as connection:
        rows, listed, total = await _page(view, connection, cost=costs.sees_costs())
        seen = costs.sees_costs() and total.without_cost < total.goods
        if costs.sees_costs() and not seen:  # no cost is known
            if listed.order.name == "cost_sum":
                rows, listed, total = await _page(view, connection, cost=False)
            listed = listed.without(["cost_sum"])
    return UnsoldGoods(
        rows=rows,
        total=total,
        costs=seen,
        days=_days(filters),
        choices=_DAYS,
        names=view.names,
        clocks={outlet.outlet_id: outlet.zone for outlet in view.seen},
        listed=listed,
        filters=filters,
        parameters=view.filter_fields,
    )


async def _page(view: View, connection: Connection, *, cost: bool) -> tuple[list[Unsold], Listed, Total]:
    place = _place(view, [] if cost else ["cost_sum"])
    rows, listed, total = await _LIST.page_and_sums(connection, place, _parameters(view))
    return rows, listed, total or Total()


def _days(filters: Filters) -> int:
    chosen = filters.whole("days", min(_DAYS), max(_DAYS))
    return chosen if chosen in _DAYS else 60


def _windows(view: View) -> dict[str, Any]:
    """The first of the last days in which nobody bought, by outlet: the present day is among them."""
    ago = timedelta(days=_days(view.filters) - 1)
    return {"outlets": view.seen_ids, "firsts": [outlet.day(view.now) - ago for outlet in view.seen]}


def _place(view: View, hidden: list[str]) -> Place:
    return _LIST.place(view.request.query_params, view.names, [*hidden, *view.spare_columns])


def _parameters(view: View) -> dict[str, Any]:
    return {**_windows(view), "costs": costs.sees_costs()}


async def export(view: View) -> Export:
    _, names, clocks = view.gettext, view.names, view.clocks
    seen = costs.sees_costs()
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Code"), "code"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Stock"), "quantity"),
        *([Column(_("At cost"), "money")] if seen else []),
        Column(_("At max. price"), "money"),
        Column(_("Sold last"), "day"),
        Column(_("Moved last"), "day"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for row in _LIST.every(connection, _place(view, [] if seen else ["cost_sum"]), _parameters(view)):
            moved = row.moved_at and row.moved_at.astimezone(clocks[row.outlet_id]).date()
            of_good: Row = [names[row.outlet_id], row.good_id, row.name, row.category, row.quantity]
            yield [*of_good, *([row.cost_sum] if seen else []), row.price_sum, row.last_sold, moved]

    return Export(filename(view, _("Not sold")), columns, view.account, rows)


PAGE = Page(
    path="/sold/unsold",
    action="figures",
    gate=LICENSED,
    load=unsold,
    chooser=True,
    live=True,
    needs=_NEEDS,
    downloads=(Download("/sold/unsold/export", export, _NEEDS),),
)
