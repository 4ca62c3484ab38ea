"""Кассиры: what each cashier sold, took back and voided, against the others of the outlet and the days before."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.amounts import ZERO, mean
from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing, Place
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

_sql = load("webapp.reports", "cashiers.sql")
_MOST = 2_000
_QUICK = ("7d", "30d", "month", "last-month", "90d", "year", "all")
NEEDS = ("cashiers",)

TIMES, LEAST = 3, 5
"""What is marked: a share above so many times the median of the outlet's cashiers, of at least so many receipts."""


class Figures(Struct, frozen=True):
    """Figures of a cashier, or of several together. `revenue` is less what was taken back, as in every report; `beside`
    is what was no revenue; `discounted` are sales with a discount; `before` is the revenue of as many days before."""

    sales: int = 0
    positions: int = 0
    revenue: Decimal = ZERO
    beside: Decimal = ZERO
    discount_sum: Decimal = ZERO
    discounted: int = 0
    returns: int = 0
    returns_sum: Decimal = ZERO
    voided: int = 0
    before: Decimal = ZERO
    sales_before: int = 0

    def __add__(self, other: Figures) -> Figures:
        names = Figures.__struct_fields__
        return Figures(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def average(self) -> Decimal | None:
        """The average receipt, before returns; None without receipts."""
        total = self.revenue + self.beside + self.returns_sum
        return mean(total, self.sales) if self.sales else None

    @property
    def positions_each(self) -> Decimal | None:
        """Positions per receipt, with one place."""
        return mean(Decimal(self.positions), self.sales, Decimal("0.1")) if self.sales else None

    @property
    def change(self) -> Decimal | None:
        return change(self.revenue, self.before, self.sales_before)

    @property
    def shares(self) -> dict[str, Decimal]:
        """Returns, receipts with a discount and voids for each sale. Who sold nothing has them for one."""
        counts = {"returns": self.returns, "discounted": self.discounted, "voided": self.voided}
        return {name: Decimal(count) / (self.sales or 1) for name, count in counts.items()}


class Cashier(Figures, frozen=True, kw_only=True):
    """A cashier of an outlet: by the shop's id with the latest name, else ("") by name; without either ("" both) what
    names nobody."""

    outlet_id: UUID
    cashier_id: str
    cashier: str

    @property
    def named(self) -> bool:
        return bool(self.cashier_id or self.cashier)

    @property
    def link(self) -> dict[str, str | int]:
        """The cashier as parameters of the list of receipts."""
        if self.cashier_id:
            return {"cashier_id": self.cashier_id}
        return {"cashier": self.cashier} if self.cashier else {"nobody": 1}


_LIST = Listing(
    Cashier,
    _sql["rows"],
    Heading("title", N_("Cashier")),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("sales", N_("Sales"), "number"),
    Heading("revenue", N_("Revenue"), "number", money=True),
    Heading("change", N_("Change of revenue"), "number"),
    Heading("average", N_("Average receipt"), "number", 4, money=True),
    Heading("discount_sum", N_("Discounts"), "number", 3, money=True),
    Heading("returns_sum", N_("Returns"), "number", money=True),
    Heading("voided", N_("Voided"), "number", 2),
    key=("cashier_id", "cashier", "outlet_id"),
    order="-revenue",
)


class Group(Struct, frozen=True):
    """The cashiers of an outlet, with their figures together and the median of each share. `marks` are the shares of
    each that stand out, in the order of `cashiers`."""

    outlet_id: UUID
    cashiers: list[Cashier]
    together: Figures
    medians: dict[str, Decimal]
    marks: list[frozenset[str]]


class Cashiers(Context, frozen=True):
    """`rows` are a page of all that `groups` have, the greatest revenue first unless asked otherwise, with the
    shares of each that stand out. `compared`: there are days before the period. `marked` is how many stand out."""

    template = "reports/cashiers.html"
    title = N_("Cashiers")

    rows: list[tuple[Cashier, frozenset[str]]]
    listed: Listed
    groups: list[Group]
    together: Figures
    marked: int
    compared: bool
    names: dict[UUID, str]
    times: int
    least: int
    period: Period
    quick: tuple[str, ...]
    filters: Filters
    parameters: dict[str, str]


def group(outlet_id: UUID, cashiers: Sequence[Cashier]) -> Group:
    """The cashiers of an outlet with what stands out among them: receipts that name nobody are compared with nobody."""
    medians = {name: median(each) for name, each in _shares([one for one in cashiers if one.named]).items()}
    return Group(
        outlet_id=outlet_id,
        cashiers=list(cashiers),
        together=sum(cashiers, Figures()),
        medians=medians,
        marks=[_marks(cashier, medians) if cashier.named else frozenset() for cashier in cashiers],
    )


def _shares(cashiers: Sequence[Cashier]) -> dict[str, list[Decimal]]:
    found: dict[str, list[Decimal]] = {}
    for cashier in cashiers:
        for name, share in cashier.shares.items():
            found.setdefault(name, []).append(share)
    return found


def _marks(cashier: Cashier, medians: Mapping[str, Decimal]) -> frozenset[str]:
    counts = {"returns": cashier.returns, "discounted": cashier.discounted, "voided": cashier.voided}
    return frozenset(
        name for name, share in cashier.shares.items() if counts[name] >= LEAST and share > TIMES * medians[name]
    )


async def cashiers(view: View) -> Cashiers:
    filters = view.filters
    period = filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    async with view.reading() as connection:
        groups = await _groups(connection, windows)
        rows, listed = await _LIST.page(connection, _place(view, windows), _parameters(view, windows))
    marks = _marked(groups)
    return Cashiers(
        rows=[(row, marks.get(_key(row), frozenset())) for row in rows],
        listed=listed,
        groups=groups,
        together=sum((each.together for each in groups), Figures()),
        marked=sum(bool(marks) for each in groups for marks in each.marks),
        compared=compared.is_compared(windows),
        names=view.names,
        times=TIMES,
        least=LEAST,
        period=period,
        quick=_QUICK,
        filters=filters,
        parameters=view.filter_fields,
    )


def _key(cashier: Cashier) -> tuple[UUID, str, str]:
    return cashier.outlet_id, cashier.cashier_id, cashier.cashier


def _marked(groups: Sequence[Group]) -> dict[tuple[UUID, str, str], frozenset[str]]:
    """The shares that stand out, by cashier."""
    pairs = [pair for each in groups for pair in zip(each.cashiers, each.marks, strict=True)]
    return {_key(cashier): marks for cashier, marks in pairs if marks}


def _place(view: View, windows: Sequence[Window]) -> Place:
    hidden = view.spare_columns + ([] if compared.is_compared(windows) else ["change"])
    return _LIST.place(view.request.query_params, view.names, hidden)


def _parameters(view: View, windows: Sequence[Window]) -> dict[str, Any]:
    return {**compared.parameters(windows), "nobody": view.gettext("not named")}


async def _groups(connection: Connection, windows: Sequence[Window]) -> list[Group]:
    """By outlet, in the order of the windows; outlets without a receipt are left out."""
    parameters = {**compared.parameters(windows), "limit": _MOST}
    by_outlet: dict[UUID, list[Cashier]] = {window.outlet_id: [] for window in windows}
    async with connection.cursor(row_factory=class_row(Cashier)) as cursor:
        async for row in await cursor.execute(_sql["all"], parameters):
            by_outlet[row.outlet_id].append(row)
    return [group(outlet_id, rows) for outlet_id, rows in by_outlet.items() if rows]


async def export(view: View) -> Export:
    _, names = view.gettext, view.names
    period = view.filters.period("30d")
    windows = periods.windows(period, view.seen, view.now)
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Cashier"), "text"),
        Column(_("Code"), "code"),
        Column(_("Sales"), "count"),
        Column(_("Revenue"), "money"),
        Column(_("Revenue before"), "money"),
        Column(_("Average receipt"), "money"),
        Column(_("Positions per receipt"), "quantity"),
        Column(_("Discount sum"), "money"),
        Column(_("Receipts with a discount"), "count"),
        Column(_("Returns"), "count"),
        Column(_("Returned"), "money"),
        Column(_("Voided"), "count"),
        Column(_("Stands out"), "text"),
    ]
    texts = {"returns": _("Returns"), "discounted": _("Discounts"), "voided": _("Voided")}

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        marks = _marked(await _groups(connection, windows))
        async for cashier in _LIST.every(connection, _place(view, windows), _parameters(view, windows)):
            yield [
                names[cashier.outlet_id],
                cashier.cashier if cashier.named else _("not named"),
                cashier.cashier_id,
                *(cashier.sales, cashier.revenue, cashier.before, cashier.average, cashier.positions_each),
                *(cashier.discount_sum, cashier.discounted, cashier.returns, cashier.returns_sum, cashier.voided),
                ", ".join(text for name, text in texts.items() if name in marks.get(_key(cashier), ())),
            ]

    return Export(filename(view, _("Cashiers"), period), columns, view.account, rows)


PAGE = Page(
    path="/cashiers",
    action="figures",
    menu=Entry("sections", N_("Cashiers"), minor=True),
    gate=LICENSED,
    load=cashiers,
    chooser=True,
    live=True,
    needs=NEEDS,
    downloads=(Download("/cashiers/export", export, NEEDS),),
)
