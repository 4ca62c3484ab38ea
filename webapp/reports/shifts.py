"""Смены: the drawer of each, expected and counted, and whether its Z-report says what its receipts come to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.datastructures import QueryParams

from schemas.amounts import ZERO
from schemas.statements import load
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
from webapp.shifts import Line, difference, lines, matches
from webapp.translation import N_

_sql = load("webapp.reports", "shifts.sql")
_QUICK = ("7d", "30d", "month", "last-month", "90d", "year", "all")
_ONLY = ("difference", "report", "long")
NEEDS = ("shift_sums", "shift_payments", "shift_openings", "shift_closings")


class Shift(Struct, frozen=True):
    """A shift with what its documents come to.

    `cash_…` is the drawer: at the opening, by receipts (payments less change and refunds), otherwise moved, what should
    lie there and what was counted; None what is not known. `totals_…` is what the Z-report says, `methods` method →
    amount of the documents. `first` and `last` are the days of its documents.
    """

    outlet_id: UUID
    shift_id: str
    till_id: UUID
    till: str
    number: str | None
    opened_at: datetime | None
    closed_at: datetime | None
    cashier: str | None
    day: date
    first: date | None
    last: date | None
    sales: int
    sales_sum: Decimal
    revenue: Decimal
    returns: int
    returns_sum: Decimal
    cash_opened: Decimal | None
    cash_paid: Decimal
    cash_moved: Decimal
    cash_expected: Decimal | None
    cash_counted: Decimal | None
    totals_sales: Decimal | None
    totals_returns: Decimal | None
    totals_receipts: int | None
    totals_methods: list[object]
    methods: dict[str, str]
    long: bool

    @property
    def title(self) -> str:
        return self.number or self.shift_id

    @property
    def ends_within_a_day(self) -> bool:
        """Whether the time of its end says when that was: less than a day after the opening."""
        if self.opened_at is None or self.closed_at is None:
            return False
        return timedelta(0) <= self.closed_at - self.opened_at < timedelta(hours=24)

    @property
    def difference(self) -> Decimal | None:
        return difference(self.cash_counted, self.cash_expected)

    @property
    def report(self) -> list[Line]:
        return lines(self)

    @property
    def matches(self) -> bool | None:
        return matches(self.report)

    @property
    def link(self) -> dict[str, Any]:
        """The shift as parameters of its card."""
        return {"outlet": self.outlet_id, "shift": self.shift_id, "till": self.till_id}

    @property
    def documents(self) -> dict[str, Any]:
        """Its receipts as parameters of their list."""
        return {**self.link, "from": self.first or self.day, "to": self.last or self.day}


_LIST = Listing(
    Shift,
    _sql["rows"],
    Heading("title", N_("Shift"), "code"),
    Heading("cashier", N_("Cashier")),
    Heading("began", N_("Opened and closed"), "moment"),
    Heading("sales", N_("Sales"), "number", 2),
    Heading("revenue", N_("Revenue"), "number", money=True),
    Heading("cash_expected", N_("Should be there"), "number", 3, money=True),
    Heading("cash_counted", N_("Counted in the drawer"), "number", 4, money=True),
    Heading("difference", N_("Difference"), "number", money=True),
    Heading("agrees", N_("Z-report"), "code", 2),
    key=("shift_id", "till_id", "outlet_id"),
    order="-began",
    ties_along=True,
)


class ShiftSums(Struct, frozen=True):
    """What shifts come to, in a period and (`…before`) in as many days before.

    `missing` and `over` are sums of what the drawers had too little and too much, in `differing` shifts; `unlike` have
    another Z-report than receipts; `long` lasted more than 24 hours.
    """

    shifts: int = 0
    sales: int = 0
    revenue: Decimal = ZERO
    missing: Decimal = ZERO
    over: Decimal = ZERO
    differing: int = 0
    unlike: int = 0
    long: int = 0
    shifts_before: int = 0
    sales_before: int = 0
    before: Decimal = ZERO
    missing_before: Decimal = ZERO

    def __add__(self, other: ShiftSums) -> ShiftSums:
        return ShiftSums(*(getattr(self, name) + getattr(other, name) for name in ShiftSums.__struct_fields__))

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.sales_before)


class OutletShifts(ShiftSums, frozen=True, kw_only=True):
    """The shifts of an outlet."""

    outlet_id: UUID


class Shifts(Context, frozen=True):
    """`open_long` is how many shifts have been open for more than 24 hours, also from before the period; `only` is what
    the rows are filtered by. `compared`: there are days before the period."""

    template = "reports/shifts.html"
    title = N_("Shifts")

    rows: list[Shift]
    outlet_sums: list[OutletShifts]
    together: ShiftSums
    open_long: int
    only: str | None
    compared: bool
    names: dict[UUID, str]
    zones: dict[UUID, str]
    period: Period
    quick: tuple[str, ...]
    listed: Listed
    filters: Filters
    parameters: dict[str, str]


async def shifts(view: View) -> Shifts:
    """The latest first, unless asked otherwise."""
    filters = view.filters
    period, only = filters.period("30d"), filters.choice("only", _ONLY)
    windows = periods.windows(period, view.seen, view.now)
    place = _LIST.place(view.request.query_params)
    async with view.reading() as connection:
        rows, listed = await _LIST.page(connection, place, _parameters(windows, view.now, only))
        by_outlet = await _sums(connection, windows, view.now)
        found = await (await connection.execute(_sql["open"], {"outlets": view.seen_ids, "now": view.now})).fetchone()
    return Shifts(
        rows=rows,
        outlet_sums=by_outlet,
        together=sum(by_outlet, ShiftSums()),
        open_long=found[0] if found else 0,
        only=only,
        compared=compared.is_compared(windows),
        names=view.names,
        zones={outlet.outlet_id: outlet.zone for outlet in view.outlets},
        period=period,
        quick=_QUICK,
        listed=listed,
        filters=filters,
        parameters=view.filter_fields,
    )


def _parameters(
    windows: Sequence[Window], now: datetime, only: str | None, key: tuple[str, UUID] | None = None
) -> dict[str, Any]:
    """For the shifts of the windows, or that one of them whose id and till are `key`."""
    which = {"shift": key and key[0], "till": key and key[1]}
    return {**compared.parameters(windows), "now": now, "only": only, **which}


async def one(connection: Connection, outlet: UUID, shift: str, till: UUID, now: datetime) -> Shift | None:
    """A shift, whatever its day; None where there is none of that id."""
    ever = [Window(outlet, periods.FIRST_DAY, periods.LAST_DAY)]
    rows, _ = await _LIST.page(connection, _LIST.place(QueryParams()), _parameters(ever, now, None, (shift, till)))
    return rows[0] if rows else None


async def _sums(connection: Connection, windows: Sequence[Window], now: datetime) -> list[OutletShifts]:
    """By outlet, in the order of the windows."""
    parameters = {**compared.parameters(windows), "now": now}
    async with connection.cursor(row_factory=class_row(OutletShifts)) as cursor:
        found = {row.outlet_id: row async for row in await cursor.execute(_sql["sums"], parameters)}
    return [found[window.outlet_id] for window in windows if window.outlet_id in found]


async def export(view: View) -> Export:
    _, names, clocks = view.gettext, view.names, view.clocks
    period, only = view.filters.period("30d"), view.filters.choice("only", _ONLY)
    windows = periods.windows(period, view.seen, view.now)
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Till"), "text"),
        Column(_("Shift"), "code"),
        Column(_("Cashier"), "text"),
        Column(_("Opened"), "moment"),
        Column(_("Closed"), "moment"),
        Column(_("Sales"), "count"),
        Column(_("Revenue"), "money"),
        Column(_("Returned"), "money"),
        Column(_("In the drawer at the opening"), "money"),
        Column(_("Cash by receipts"), "money"),
        Column(_("Put in and taken out"), "money"),
        Column(_("Should be there"), "money"),
        Column(_("Counted in the drawer"), "money"),
        Column(_("Difference"), "money"),
        Column(_("Z-report"), "text"),
    ]
    verdicts = {True: _("agrees"), False: _("differs"), None: ""}

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        place = _LIST.place(view.request.query_params)
        async for shift in _LIST.every(connection, place, _parameters(windows, view.now, only)):
            clock = clocks[shift.outlet_id]
            yield [
                *(names[shift.outlet_id], shift.till, shift.title, shift.cashier),
                *(moment and moment.astimezone(clock) for moment in (shift.opened_at, shift.closed_at)),
                *(shift.sales, shift.revenue, shift.returns_sum),
                *(shift.cash_opened, shift.cash_paid, shift.cash_moved, shift.cash_expected, shift.cash_counted),
                *(shift.difference, verdicts[shift.matches]),
            ]

    return Export(filename(view, _("Shifts"), period), columns, view.account, rows)


PAGE = Page(
    path="/shifts",
    action="figures",
    menu=Entry("sections", N_("Shifts"), minor=True),
    gate=LICENSED,
    load=shifts,
    chooser=True,
    live=True,
    needs=NEEDS,
    downloads=(Download("/shifts/export", export, NEEDS),),
)
