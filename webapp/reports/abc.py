"""ABC и XYZ: which goods bring most of the revenue and of the margin, and how evenly they sell from week to week."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct, convert
from msgspec.structs import replace
from psycopg.rows import class_row

from schemas.statements import load
from webapp import costs
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing, Place
from webapp.page import Download, Page
from webapp.reports import compared, periods
from webapp.reports.breakdown import NEEDS
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.periods import Period, Window
from webapp.reports.sums import change
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "abc.sql")
_QUICK = ("30d", "90d", "year")
_LONGEST = timedelta(days=364)
ABC, XYZ = ("A", "B", "C"), ("X", "Y", "Z")


class Classed(Struct, frozen=True):
    """A good of an outlet in its classes; `place` is that by revenue. `xyz` and `variation` are None where it is too
    `early`, with fewer than four whole weeks, the class by margin where no cost is known. `before` is the revenue of as
    many days before, `abc_before` the class by it: None of a good that was not sold then."""

    outlet_id: UUID
    good_id: str
    name: str
    category: str
    quantity: Decimal
    revenue: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal
    variation: Decimal | None
    early: bool
    before: Decimal
    quantity_before: Decimal
    place: int
    abc: str
    abc_before: str | None
    abc_margin: str | None
    xyz: str | None

    @property
    def margin(self) -> Decimal | None:
        """As for what was sold (`webapp.reports.sold`)."""
        cost = costs.cost_of(self.cost_sum, self.cost_known_sum)
        return None if cost is None else self.cost_known_sum - cost

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.quantity_before)

    @property
    def by_margin(self) -> str | None:
        """The class by margin, where costs are to be seen."""
        return None if self.margin is None else self.abc_margin


class Cell(Struct, frozen=True, array_like=True):
    """How many goods are of both classes, and what they brought."""

    abc: str
    xyz: str | None
    goods: int
    revenue: Decimal


class Cells(Struct, frozen=True):
    """Those that have any goods, as PostgreSQL tells them."""

    cells: list[list[Any]]


_LIST = Listing(
    Classed,
    _sql["rows"],
    Heading("name", N_("Name")),
    Heading("category", N_("Group"), importance=4),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("quantity", N_("Qty"), "number", 2),
    Heading("revenue", N_("Revenue"), "number", money=True),
    Heading("change", N_("Change of revenue"), "number", 3),
    Heading("abc", N_("By revenue")),
    Heading("margin", N_("Margin"), "number", 3, money=True),
    Heading("abc_margin", N_("By margin"), importance=3),
    Heading("variation", N_("By evenness"), "number", 2),
    key=("good_id", "outlet_id"),
    order="-revenue",
    page=100,
    sums=Cells,
)


class Classes(Context, frozen=True):
    """`cells` by the names of both classes ("" for none); `whole` is the revenue of all of them."""

    template = "reports/abc.html"
    title = N_("ABC and XYZ")

    rows: list[Classed]
    cells: dict[str, Cell]
    whole: Decimal
    abc: str | None
    xyz: str | None
    names: dict[UUID, str]
    period: Period
    quick: tuple[str, ...]
    listed: Listed
    filters: Filters
    parameters: dict[str, str]


async def classes(view: View) -> Classes:
    """The greatest revenue first, unless asked otherwise."""
    filters = view.filters
    period = filters.period("90d")
    async with view.reading() as connection:
        rows, listed, of_all = await _LIST.page_and_sums(connection, _place(view), _parameters(view))
        if of_all is not None:
            cells = convert(of_all.cells, list[Cell])
        else:
            async with connection.cursor(row_factory=class_row(Cell)) as cursor:
                cells = await (await cursor.execute(_sql["cells"], compared.parameters(_windows(view)))).fetchall()
    return Classes(
        rows=rows,
        cells={cell.abc + (cell.xyz or ""): cell for cell in cells},
        whole=sum((cell.revenue for cell in cells), Decimal(0)),
        abc=filters.choice("abc", ABC),
        xyz=filters.choice("xyz", XYZ),
        names=view.names,
        period=period,
        quick=_QUICK,
        listed=listed,
        filters=filters,
        parameters=view.filter_fields,
    )


def _windows(view: View) -> list[Window]:
    """The period up to each outlet's present day, of a year at most: classes of longer ago say nothing of now."""
    today = {outlet.outlet_id: outlet.day(view.now) for outlet in view.seen}
    cut = []
    for window in periods.windows(view.filters.period("90d"), view.seen, view.now):
        last = min(window.last, today[window.outlet_id])
        cut.append(replace(window, first=max(window.first, last - _LONGEST), last=last))
    return cut


def _place(view: View) -> Place:
    hidden = view.spare_columns + ([] if costs.sees_costs() else ["margin", "abc_margin"])
    return _LIST.place(view.request.query_params, view.names, hidden)


def _parameters(view: View) -> dict[str, Any]:
    return {
        **compared.parameters(_windows(view)),
        "abc": view.filters.choice("abc", ABC),
        "xyz": view.filters.choice("xyz", XYZ),
    }


async def export(view: View) -> Export:
    _, names = view.gettext, view.names
    seen = costs.sees_costs()
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Code"), "code"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Quantity"), "quantity"),
        Column(_("Revenue"), "money"),
        Column(_("Revenue before"), "money"),
        Column(_("By revenue"), "text"),
        Column(_("By revenue before"), "text"),
        *([Column(_("Margin"), "money"), Column(_("By margin"), "text")] if seen else []),
        Column(_("By evenness"), "text"),
        Column(_("Variation of weeks, %"), "count"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        async for row in _LIST.every(connection, _place(view), _parameters(view)):
            of_good: Row = [
                names[row.outlet_id],
                row.good_id,
                row.name,
                row.category,
                row.quantity,
                row.revenue,
                row.before,
                row.abc,
                row.abc_before,
            ]
            of_cost = [row.margin, row.by_margin] if seen else []
            yield [*of_good, *of_cost, row.xyz, None if row.variation is None else round(row.variation * 100)]

    return Export(filename(view, _("ABC and XYZ"), view.filters.period("90d")), columns, view.account, rows)


PAGE = Page(
    path="/sold/abc",
    action="figures",
    gate=LICENSED,
    load=classes,
    chooser=True,
    live=True,
    needs=NEEDS,
    downloads=(Download("/sold/abc/export", export, NEEDS),),
)
