"""Receipts: sales and returns as one list, filtered, with the sums of what is listed.

The sums are made from the rows themselves. Where the same figure stands in a report, it is fetched as well, from the
read model that the report takes it from, and the page shows both side by side.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.database import Connection
from webapp.reports import periods
from webapp.reports.filters import Filters
from webapp.reports.periods import Period, Window
from webapp.reports.sums import Sums, sums, total
from webapp.words import PAYMENT_METHODS

_sql = load("webapp.reports", "receipts.sql")

METHODS = tuple(PAYMENT_METHODS)
KINDS = ("sales", "returns", "all")
LONGEST_RECOUNT = 100
"""Days whose rows are summed without being asked to; the sums of a longer period come from its daily figures."""
MOST_RECOUNTED = 5_000
"""Receipts whose rows are summed without being asked to: more would take longer than all the rest of the page."""


class Selection(Struct, frozen=True):
    """What is listed. `off`: only receipts that do not add up; `category` is "" for goods without one."""

    kind: str
    period: Period
    method: str | None = None
    good: str | None = None
    category: str | None = None
    contact: str | None = None
    number: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    hour: int | None = None
    weekday: int | None = None
    discounted: bool = False
    off: bool = False

    @property
    def by_days_alone(self) -> bool:
        """Whether nothing but the period and the kind is filtered by."""
        plain = Selection(self.kind, self.period)
        return self == plain

    @property
    def in_parts(self) -> bool:
        return not (self.method is None and self.good is None and self.category is None)

    def sql(self, windows: Sequence[Window]) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in self.__struct_fields__ if name != "period"}
        return {**fields, **periods.parameters(windows)}


class Cursor(Struct, frozen=True, array_like=True):
    """The last receipt of a page."""

    at: datetime
    kind: str
    id: str
    till_id: UUID
    outlet_id: UUID


class Receipt(Struct, frozen=True):
    """A sale, or a return with its amounts negative."""

    kind: str
    outlet_id: UUID
    id: str
    till_id: UUID
    sale_id: str
    number: str
    at: datetime
    positions: int
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    difference: Decimal
    part: Decimal

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.at, self.kind, self.id, self.till_id, self.outlet_id)


class Totals(Struct, frozen=True):
    """The sums of all that is listed, on every page of it. `quantity` is that of the good or the group filtered by,
    what was returned taken off."""

    sales: int
    returns: int
    positions: int | None
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    difference: Decimal | None
    part: Decimal
    quantity: Decimal = Decimal(0)
    recounted: bool = True

    @property
    def paid(self) -> Decimal:
        """Payments less change and refunds."""
        return self.total + (self.difference or Decimal(0))

    @property
    def average(self) -> Decimal:
        """The average receipt of a list of sales."""
        return (self.total / self.sales).quantize(Decimal("0.01")) if self.sales else Decimal(0)


def selection(filters: Filters, otherwise: str = "30d") -> Selection:
    """What the filter fields ask for."""
    return Selection(
        kind=filters.choice("kind", KINDS) or "sales",
        period=filters.period(otherwise),
        method=filters.choice("method", METHODS),
        good=filters.text("good"),
        category="" if filters.whole("ungrouped", 1, 1) else filters.text("category"),
        contact=filters.text("contact"),
        number=filters.text("number"),
        min=filters.amount("min"),
        max=filters.amount("max"),
        hour=filters.whole("hour", 0, 23),
        weekday=filters.whole("weekday", 1, 7),
        discounted=bool(filters.whole("discounted", 1, 1)),
        off=bool(filters.whole("off", 1, 1)),
    )


async def rows(
    connection: Connection, selection: Selection, windows: Sequence[Window], after: Cursor | None, limit: int | None
) -> AsyncIterator[Receipt]:
    """The receipts, newest first; all of them where `limit` is None."""
    parameters = {
        **selection.sql(windows),
        "after_at": after and after.at,
        "after_kind": after and after.kind,
        "after_id": after and after.id,
        "after_till": after and after.till_id,
        "after_outlet": after and after.outlet_id,
        "limit": limit,
    }
    if limit is not None:
        async with connection.cursor(row_factory=class_row(Receipt)) as cursor:
            await cursor.execute(_sql["rows"], parameters)
            for receipt in await cursor.fetchall():
                yield receipt
        return
    async with connection.cursor("receipts", row_factory=class_row(Receipt)) as stream:
        stream.itersize = 1000
        await stream.execute(_sql["rows"], parameters)
        async for receipt in stream:
            yield receipt


async def of_days(connection: Connection, selection: Selection, windows: Sequence[Window]) -> Sums | None:
    """The sums of the list's days, from the reports' own figures; None where more than the period is filtered by."""
    return total((await sums(connection, {"": windows}))[""]) if selection.by_days_alone else None


async def totals(
    connection: Connection, selection: Selection, windows: Sequence[Window], days: Sums | None, recount: bool
) -> Totals:
    """The sums of the list: of its rows, or for many of them of its `days` unless a `recount` is asked for."""
    if days is not None and not recount:
        sums_of_days = _of_days(selection.kind, days)
        whole_days = all(window.before is None for window in windows)
        many = whole_days and sums_of_days.sales + sums_of_days.returns > MOST_RECOUNTED
        if many or periods.length(windows) > LONGEST_RECOUNT:
            return sums_of_days
    row = await (await connection.execute(_sql["totals"], selection.sql(windows))).fetchone()
    assert row is not None  # an aggregate always gives one row
    return Totals(*row)


def _of_days(kind: str, days: Sums) -> Totals:
    if kind == "returns":
        days = Sums(returns=days.returns, returns_sum=days.returns_sum)
    if kind == "sales":
        days = Sums(sales=days.sales, goods_sum=days.goods_sum, discount_sum=days.discount_sum)
    whole = days.revenue
    return Totals(
        days.sales, days.returns, None, days.goods_sum, days.discount_sum, whole, None, whole, recounted=False
    )


async def reported(
    connection: Connection, selection: Selection, windows: Sequence[Window], days: Sums | None
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
    if days is not None:
        return _of_days(selection.kind, days).total
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
