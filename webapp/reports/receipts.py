"""Receipts: sales and returns as one list, filtered."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from starlette.datastructures import QueryParams

from schemas.statements import load
from webapp.database import Connection
from webapp.lists import Heading, Listed, Listing, Place
from webapp.reports import periods
from webapp.reports.filters import Filters
from webapp.reports.periods import Period, Window
from webapp.translation import N_
from webapp.words import PAYMENT_METHODS

_sql = load("webapp.reports", "receipts.sql")

METHODS = tuple(PAYMENT_METHODS)
KINDS = ("sales", "returns", "all")
MOST_SORTED = 30_000
"""Receipts of a period that are sorted by any column. Of more there is an index by time, and no other: 0063."""


class Selection(Struct, frozen=True):
    """What is listed. `off`: only receipts that do not add up; `category` is "" for goods without one,
    `tax` the value of a rate.

    A cashier is known by `cashier_id`, one who has none ("") by name, and ("" both) are the receipts that name nobody.
    A `shift` is one of its `till`. `voided`: only receipts that were voided.
    """

    kind: str
    period: Period
    method: str | None = None
    good: str | None = None
    category: str | None = None
    tax: str | None = None
    contact: str | None = None
    number: str | None = None
    min: Decimal | None = None
    max: Decimal | None = None
    hour: int | None = None
    weekday: int | None = None
    discounted: bool = False
    off: bool = False
    cashier_id: str | None = None
    cashier: str | None = None
    shift: str | None = None
    till: UUID | None = None
    voided: bool = False

    @property
    def by_days_alone(self) -> bool:
        """Whether nothing but the period and the kind is filtered by."""
        plain = Selection(self.kind, self.period)
        return self == plain

    @property
    def by_goods_alone(self) -> bool:
        """Whether nothing but the period, the kind and a good or a group is filtered by."""
        goods = Selection(self.kind, self.period, good=self.good, category=self.category)
        return self == goods and (self.good is None) != (self.category is None)

    @property
    def in_parts(self) -> bool:
        return not (self.method is None and self.good is None and self.category is None and self.tax is None)

    def sql(self, windows: Sequence[Window]) -> dict[str, Any]:
        fields = {name: getattr(self, name) for name in self.__struct_fields__ if name != "period"}
        return {**fields, **periods.parameters(windows)}


class Receipt(Struct, frozen=True):
    """A sale, or a return with its amounts negative. A `voided` one is listed and counts in no sum,
    nor does a `copy`: another receipt of its fiscal numbers counts."""

    kind: str
    outlet_id: UUID
    id: str
    till_id: UUID
    sale_id: str
    number: str
    at: datetime
    day: date
    positions: int
    goods_sum: Decimal
    discount_sum: Decimal
    total: Decimal
    difference: Decimal
    part: Decimal
    voided: bool
    copy: bool


LIST = Listing(
    Receipt,
    _sql["rows"],
    Heading("at", N_("Date and time"), "moment"),
    Heading("number", N_("Number"), "code"),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("positions", N_("Positions"), "number", 2),
    Heading("goods_sum", N_("Goods sum"), "number", 3, money=True),
    Heading("discount_sum", N_("Discount"), "number", 3, money=True),
    Heading("total", N_("Total"), "number", money=True),
    Heading("part", N_("As filtered"), "number", money=True),
    key=("kind", "id", "till_id", "outlet_id"),
    order="-at",
    ties_along=True,
)


def selection(filters: Filters, otherwise: str = "30d") -> Selection:
    """What the filter fields ask for."""
    cashier_id, cashier = filters.exact("cashier_id"), filters.exact("cashier")
    nobody = filters.whole("nobody", 1, 1) is not None
    return Selection(
        kind=filters.choice("kind", KINDS) or "sales",
        period=filters.period(otherwise),
        method=filters.choice("method", METHODS),
        good=filters.exact("good"),
        category="" if filters.whole("ungrouped", 1, 1) else filters.exact("category"),
        tax=filters.exact("tax"),
        contact=filters.exact("contact"),
        number=filters.text("number"),
        min=filters.amount("min"),
        max=filters.amount("max"),
        hour=filters.whole("hour", 0, 23),
        weekday=filters.whole("weekday", 1, 7),
        discounted=bool(filters.whole("discounted", 1, 1)),
        off=bool(filters.whole("off", 1, 1)),
        cashier_id="" if cashier_id is None and (cashier or nobody) else cashier_id,
        cashier="" if nobody else cashier,
        shift=filters.exact("shift"),
        till=filters.uuid("till"),
        voided=bool(filters.whole("voided", 1, 1)),
    )


def place(
    query: QueryParams, names: Mapping[UUID, str], selection: Selection, receipts: int, *, several: bool
) -> Place:
    """Where in the list an address points to; `receipts` are those of the period."""
    hidden = [name for name, shown in (("outlet_id", several), ("part", selection.in_parts)) if not shown]
    others = [heading.name for heading in LIST.headings if heading.name != "at"]
    return LIST.place(query, names, hidden, others if receipts > MOST_SORTED else ())


async def page(
    connection: Connection, place: Place, selection: Selection, windows: Sequence[Window]
) -> tuple[list[Receipt], Listed]:
    """The receipts of a page, the newest first unless asked otherwise."""
    return await LIST.page(connection, place, _parameters(place, selection, windows, place.show + 1))


def every(
    connection: Connection, place: Place, selection: Selection, windows: Sequence[Window]
) -> AsyncIterator[Receipt]:
    """All receipts, in the order of the page."""
    return LIST.every(connection, place, _parameters(place, selection, windows, None))


def _parameters(place: Place, selection: Selection, windows: Sequence[Window], most: int | None) -> dict[str, Any]:
    by_time = place.order.name == "at" and most is not None
    at: str | None = None
    behind: Sequence[str | None] = [None] * 4
    if by_time and place.after is not None:
        at, behind = place.after.value, place.after.key
    return {
        **selection.sql(windows),
        "ascending": by_time and not place.order.descending,
        "behind_at": at,
        **dict(zip(("behind_kind", "behind_id", "behind_till", "behind_outlet"), behind, strict=True)),
        "most": most if by_time else None,
    }
