"""What a period's revenue is made of: payment methods, goods and groups, hours of the week, receipts that are off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import msgspec
from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.database import Connection
from webapp.reports import periods
from webapp.reports.periods import Window

_sql = load("webapp.reports", "breakdown.sql")

GOODS_DAYS = 92
"""Days back from a period's end for which goods are ranked: they are counted from the receipts themselves."""
RANKED_RECEIPTS = 2_500
"""So many receipts at most, unless asked for more: each takes about 10 µs."""


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


def ranked(windows: Sequence[Window], last: date) -> list[Window]:
    """The windows as far back as goods are ranked, given the last day with figures."""
    cut = []
    for window in windows:
        end = min(window.last, last)
        first = max(window.first, end - timedelta(days=GOODS_DAYS - 1))
        cut.append(msgspec.structs.replace(window, first=first, last=end))
    return cut


async def latest(connection: Connection, windows: Sequence[Window]) -> list[Window]:
    """As many of the windows' last days, one at the least, as hold no more than `RANKED_RECEIPTS`."""
    counted = 0
    rows = await connection.execute(_sql["receipts_back"], periods.parameters(windows))
    for back, receipts in await rows.fetchall():
        counted += receipts
        if counted > RANKED_RECEIPTS and back:
            return [
                msgspec.structs.replace(window, first=max(window.first, window.last - timedelta(days=back - 1)))
                for window in windows
            ]
    return list(windows)


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
