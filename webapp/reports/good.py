"""The card of a good: its stock, its sales day by day, and how its stock came to be what it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from psycopg.rows import class_row
from starlette.exceptions import HTTPException

from schemas.amounts import ZERO
from schemas.events import ExtraField
from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.context import Context
from webapp.database import Connection
from webapp.page import Page
from webapp.reports import stockhistory
from webapp.reports.gate import LICENSED
from webapp.reports.periods import Period, Window
from webapp.reports.stockhistory import Step
from webapp.reports.view import View

_sql = load("webapp.reports", "good.sql")
_DAYS = 90


class Good(Struct, frozen=True):
    good_id: str
    name: str
    category: str
    max_price: Decimal | None
    barcode: str | None
    barcodes: list[str]
    extra: list[ExtraField]
    removed: bool


class Shelf(Struct, frozen=True):
    """The good's stock in one warehouse."""

    warehouse_id: str
    warehouse: str
    quantity: Decimal


class SoldDay(Struct, frozen=True):
    """What was sold on a day, less what was returned."""

    day: date
    quantity: Decimal = ZERO
    amount: Decimal = ZERO


class GoodCard(Context, frozen=True):
    """`history_known`: the generation knows when documents arrived. `present`: the days shown end today. `earlier` is
    the day of the last sale before them, where there was none in them; `days_before` and `days_after` are the last days
    of the stretches before and after."""

    template = "reports/good.html"

    good: Good
    outlet: Outlet
    shelves: list[Shelf]
    stock: Decimal
    sold: list[SoldDay]
    sold_quantity: Decimal
    sold_amount: Decimal
    history: list[Step]
    history_known: bool
    period: Period
    present: bool
    earlier: date | None
    days_before: date
    days_after: date


async def card(view: View) -> GoodCard:
    """A good with its stock, and its sales and movements of 90 days: those up to today, or up to the day `to`."""
    outlet = view.seen[0]
    key = {"outlet": outlet.outlet_id, "good": view.filters.exact("good")}
    today = outlet.day(view.now)
    last = min(view.filters.period("90d").last, today)
    recent = Window(outlet.outlet_id, last - timedelta(days=_DAYS - 1), last)
    known = (await view.lacking()).isdisjoint(stockhistory.NEEDS)
    async with view.reading() as connection:
        good = await _good(connection, key)
        shelves = await _shelves(connection, key)
        sold = await _sold(connection, key, recent)
        history = await stockhistory.history(connection, outlet.outlet_id, good.good_id, recent) if known else []
        earlier = None if sold else await _last_sold(connection, {**key, "first": recent.first})
    days = [recent.first + timedelta(days=i) for i in range((recent.last - recent.first).days + 1)]
    return GoodCard(
        good=good,
        outlet=outlet,
        shelves=shelves,
        stock=sum((shelf.quantity for shelf in shelves), ZERO),
        sold=[sold.get(day, SoldDay(day)) for day in days],
        sold_quantity=sum((day.quantity for day in sold.values()), ZERO),
        sold_amount=sum((day.amount for day in sold.values()), ZERO),
        history=history,
        history_known=known,
        period=Period("", recent.first, recent.last),
        present=last == today,
        earlier=earlier,
        days_before=recent.first - timedelta(days=1),
        days_after=min(last + timedelta(days=_DAYS), today),
    )


async def _good(connection: Connection, key: Mapping[str, Any]) -> Good:
    row = await (await connection.execute(_sql["good"], key)).fetchone()
    if row is None:
        raise HTTPException(404)
    *facts, extra, removed = row
    return Good(*[*facts, msgspec.convert(extra, list[ExtraField]), removed])


async def _shelves(connection: Connection, key: Mapping[str, Any]) -> list[Shelf]:
    async with connection.cursor(row_factory=class_row(Shelf)) as cursor:
        return await (await cursor.execute(_sql["shelves"], key)).fetchall()


async def _sold(connection: Connection, key: Mapping[str, Any], recent: Window) -> dict[date, SoldDay]:
    """The days on which the good was sold or returned."""
    parameters = {**key, "first": recent.first, "last": recent.last}
    return {row[0]: SoldDay(*row) async for row in await connection.execute(_sql["sold_by_day"], parameters)}


async def _last_sold(connection: Connection, parameters: Mapping[str, Any]) -> date | None:
    """The day of the good's last sale before the day `first`, as far back as the latest sales are looked through."""
    row = await (await connection.execute(_sql["last_sold"], parameters)).fetchone()
    return row[0] if row else None


PAGE = Page(path="/goods/card", action="figures", gate=LICENSED, load=card, live=True)
