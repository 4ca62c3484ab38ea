"""What a period's revenue is made of: payment methods, goods and groups, hours of the week, receipts that are off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.database import Connection
from webapp.reports import periods
from webapp.reports.periods import Window

_sql = load("webapp.reports", "breakdown.sql")

NEEDS = ("sold", "good_names")
"""What goods and groups are ranked by."""


class Method(Struct, frozen=True):
    """A payment method: payments − change − refunds, and how many payments and refunds that is."""

    method: str
    amount: Decimal
    count: int
    refunds: int


class HourOfWeek(Struct, frozen=True):
    """What was taken in an hour of a day of the week."""

    revenue: Decimal
    sales: int


class SoldGood(Struct, frozen=True):
    """What a good brought, returns taken off."""

    outlet_id: UUID
    good_id: str
    name: str
    category: str | None
    quantity: Decimal
    amount: Decimal


class OffReceipt(Struct, frozen=True):
    """A receipt that does not add up: `difference` is what was paid over what was due (refunded over returned)."""

    kind: str
    outlet_id: UUID
    sale_id: str
    till_id: UUID
    number: str
    day: date
    difference: Decimal


async def methods(connection: Connection, windows: Sequence[Window]) -> list[Method]:
    async with connection.cursor(row_factory=class_row(Method)) as cursor:
        return await (await cursor.execute(_sql["methods"], periods.parameters(windows))).fetchall()


async def hours_of_week(connection: Connection, windows: Sequence[Window]) -> dict[tuple[int, int], HourOfWeek]:
    """By (day of the week from Monday = 1, hour)."""
    rows = await connection.execute(_sql["hours_of_week"], periods.parameters(windows))
    return {(weekday, hour): HourOfWeek(revenue, sales) async for weekday, hour, revenue, sales in rows}


async def sold_goods(connection: Connection, windows: Sequence[Window]) -> list[SoldGood]:
    """The goods by what they brought, the best first."""
    async with connection.cursor(row_factory=class_row(SoldGood)) as cursor:
        return await (await cursor.execute(_sql["sold_goods"], periods.parameters(windows))).fetchall()


class Group(Struct, frozen=True):
    """What a group of goods brought; goods that were never saved have no group, "" here."""

    name: str
    quantity: Decimal
    amount: Decimal


async def best(connection: Connection, windows: Sequence[Window], most: int) -> tuple[list[SoldGood], list[Group]]:
    """The goods and the groups that brought the most, at most `most` of either; the best first."""
    goods: list[SoldGood] = []
    groups: list[Group] = []
    rows = await connection.execute(_sql["best"], {**periods.parameters(windows), "most": most})
    async for outlet_id, good_id, name, category, quantity, amount in rows:
        if good_id is None:
            groups.append(Group(category, quantity, amount))
        else:
            goods.append(SoldGood(outlet_id, good_id, name, category, quantity, amount))
    return goods, groups


def groups(goods: Sequence[SoldGood]) -> list[Group]:
    """The groups of these goods, the best first."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for good in goods:
        quantity, amount = sums.get(good.category or "", (Decimal(0), Decimal(0)))
        sums[good.category or ""] = quantity + good.quantity, amount + good.amount
    return sorted((Group(name, *figures) for name, figures in sums.items()), key=lambda group: -group.amount)


async def off_receipts(connection: Connection, windows: Sequence[Window]) -> list[OffReceipt]:
    """The receipts that do not add up, newest first, at most 100."""
    async with connection.cursor(row_factory=class_row(OffReceipt)) as cursor:
        return await (await cursor.execute(_sql["off_receipts"], periods.parameters(windows))).fetchall()
