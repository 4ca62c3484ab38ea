"""Товары: the list with its stock, its export, and the card of a good with its sales and its stock's history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schemas.statements import load
from webapp.database import Connection
from webapp.places import pack, unpack
from webapp.rendering import render
from webapp.reports import stockhistory
from webapp.reports.exports import Column, Export, Row, response
from webapp.reports.gate import closed
from webapp.reports.periods import Period, Window
from webapp.reports.search import least, pieces
from webapp.reports.view import View, open_view
from webapp.translation import locale_of, translations

_sql = load("webapp.reports", "goods.sql")
_PAGE = 50
_CARD_DAYS = 90


class Good(Struct, frozen=True):
    """A listed good with its stock over all warehouses. `likeness` is 1 where the search found just what was typed."""

    outlet_id: UUID
    good_id: str
    name: str
    category: str
    max_price: Decimal
    quantity: Decimal
    likeness: float
    sorted_by: str


class _Place(Struct, frozen=True, array_like=True):
    likeness: float
    sorted_by: str
    good_id: str
    outlet_id: UUID


def _asked(view: View, *, forgiving: bool) -> dict[str, Any]:
    filters = view.filters
    query = filters.text("query")
    typed = pieces(query) if query and forgiving else None
    return {
        "outlets": view.seen_ids,
        "query": query,
        "pieces": typed,
        "least": least(typed),
        "category": filters.text("category"),
        "min": filters.amount("min"),
        "max": filters.amount("max"),
    }


async def _rows(
    connection: Connection, asked: dict[str, Any], after: _Place | None, limit: int | None
) -> AsyncIterator[Good]:
    place = {
        "after_likeness": after and after.likeness,
        "after_name": after and after.sorted_by,
        "after_good": after and after.good_id,
        "after_outlet": after and after.outlet_id,
        "limit": limit,
    }
    async with connection.cursor(row_factory=class_row(Good)) as cursor:
        async for good in await cursor.execute(_sql["goods"], {**asked, **place}):
            yield good


async def listing(request: Request) -> Response:
    """Goods by name; where nothing holds just what was typed, what is most like it."""
    view = await open_view(request)
    if instead := closed(view):
        return instead
    filters = view.filters
    try:
        after = unpack(request.query_params["after"], _Place) if "after" in request.query_params else None
    except ValueError as exc:
        raise HTTPException(404) from exc
    async with view.reading() as connection:
        asked = _asked(view, forgiving=False)
        count = await _count(connection, asked)
        if forgiven := bool(asked["query"]) and count[0] == 0:
            asked = _asked(view, forgiving=True)
            count = await _count(connection, asked)
        rows = [good async for good in _rows(connection, asked, after, _PAGE + 1)]
        categories = await connection.execute(_sql["categories"], asked)
        names = [name async for (name,) in categories]
    for name in ("min", "max"):
        filters.amount(name)
    last = rows[_PAGE - 1] if len(rows) > _PAGE else None
    return render(
        request,
        "reports/goods.html",
        {
            **view.context(),
            "rows": rows[:_PAGE],
            "names": {outlet.outlet_id: outlet.name for outlet in view.owned},
            "next": pack(_Place(last.likeness, last.sorted_by, last.good_id, last.outlet_id)) if last else None,
            "first_page": after is None,
            "count": count[0],
            "worth": count[1],
            "categories": names,
            "forgiven": forgiven and bool(rows),
            "filters": filters,
            "asked": {name: filters.raw(name) for name in request.query_params if name not in ("after", "outlet")},
        },
    )


async def _count(connection: Connection, asked: dict[str, Any]) -> tuple[int, Decimal]:
    row = await (await connection.execute(_sql["count"], asked)).fetchone()
    return (row[0], row[1]) if row else (0, Decimal(0))


async def export(request: Request) -> Response:
    view = await open_view(request)
    if instead := closed(view):
        return instead
    _ = translations(locale_of(request)).gettext
    names = {outlet.outlet_id: outlet.name for outlet in view.owned}
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Code"), "text"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Max. price"), "money"),
        Column(_("Stock"), "quantity"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        asked = _asked(view, forgiving=False)
        if asked["query"] and (await _count(connection, asked))[0] == 0:
            asked = _asked(view, forgiving=True)
        async for good in _rows(connection, asked, None, None):
            yield [
                names[good.outlet_id], good.good_id, good.name, good.category, good.max_price, good.quantity
            ]  # fmt: skip

    return response(Export(_("Goods"), columns, view.reading(), rows), request.path_params["form"])


async def card(request: Request) -> Response:
    """A good with its stock, and its sales and movements of 90 days: those up to today, or up to the day `to`."""
    view = await open_view(request)
    if instead := closed(view):
        return instead
    outlet = view.seen[0]
    asked = {"outlet": outlet.outlet_id, "good": view.filters.text("good")}
    today = outlet.local(view.now).date()
    last = min(view.filters.period("90d").last, today)
    recent = Window(outlet.outlet_id, last - timedelta(days=_CARD_DAYS - 1), last)
    period = Period("", recent.first, recent.last)
    async with view.reading() as connection:
        good = await (await connection.execute(_sql["good"], asked)).fetchone()
        if good is None:
            raise HTTPException(404)
        shelves = await (await connection.execute(_sql["shelves"], asked)).fetchall()
        span = {**asked, "first": recent.first, "last": recent.last}
        sold = {row[0]: row[1:] async for row in await connection.execute(_sql["sold_by_day"], span)}
        history = await stockhistory.history(connection, outlet.outlet_id, str(asked["good"]), recent)
        earlier = None if sold else await _last_sold(connection, {**asked, "first": recent.first})
    names = "good_id name category max_price barcode barcodes extra removed"
    days = [recent.first + timedelta(days=i) for i in range((recent.last - recent.first).days + 1)]
    nothing = (Decimal(0), Decimal(0))
    return render(
        request,
        "reports/good.html",
        {
            **view.context(),
            "good": dict(zip(names.split(), good, strict=True)),
            "outlet": outlet,
            "shelves": shelves,
            "stock": sum((quantity for _, _, quantity in shelves), Decimal(0)),
            "sold": [(day, *sold.get(day, nothing)) for day in days],
            "sold_quantity": sum((row[0] for row in sold.values()), Decimal(0)),
            "sold_amount": sum((row[1] for row in sold.values()), Decimal(0)),
            "history": history,
            "period": period,
            "present": last == today,
            "earlier": earlier,
            "days_before": recent.first - timedelta(days=1),
            "days_after": min(last + timedelta(days=_CARD_DAYS), today),
            "chooser": False,
        },
    )


async def _last_sold(connection: Connection, asked: dict[str, Any]) -> date | None:
    """The day of the good's last sale before the day `first`, as far back as the latest sales are looked through."""
    row = await (await connection.execute(_sql["last_sold"], asked)).fetchone()
    return row[0] if row else None


routes: list[BaseRoute] = [
    Route("/goods", listing),
    Route("/goods/export.{form}", export),
    Route("/goods/card", card),
]
