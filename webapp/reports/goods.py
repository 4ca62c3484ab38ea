"""Товары: the list of goods with their stock, and its export."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.places import pack
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.search import least, pieces
from webapp.reports.view import View
from webapp.translation import N_

_sql = load("webapp.reports", "goods.sql")
_PAGE = 50


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


class Goods(Context, frozen=True):
    """`worth` is the stock of all goods listed at their greatest price. `forgiven`: nothing is called what was typed,
    so what is most like it is listed."""

    template = "reports/goods.html"
    title = N_("Goods")

    rows: list[Good]
    names: dict[UUID, str]
    next: str | None
    first_page: bool
    count: int
    worth: Decimal
    categories: list[str]
    forgiven: bool
    filters: Filters
    parameters: dict[str, str]


class _Cursor(Struct, frozen=True, array_like=True):
    """The last good of a page of the list."""

    likeness: float
    sorted_by: str
    good_id: str
    outlet_id: UUID


async def goods(view: View) -> Goods:
    """Goods by name; where nothing holds just what was typed, what is most like it."""
    filters = view.filters
    after = view.cursor(_Cursor)
    async with view.reading() as connection:
        search = _parameters(view, filters, forgiving=False)
        count, worth = await _count(connection, search)
        if forgiven := bool(search["query"]) and count == 0:
            search = _parameters(view, filters, forgiving=True)
            count, worth = await _count(connection, search)
        rows = [good async for good in _rows(connection, search, after, _PAGE + 1)]
        categories = [name async for (name,) in await connection.execute(_sql["categories"], search)]
    last = rows[_PAGE - 1] if len(rows) > _PAGE else None
    return Goods(
        rows=rows[:_PAGE],
        names=view.names,
        next=pack(_Cursor(last.likeness, last.sorted_by, last.good_id, last.outlet_id)) if last else None,
        first_page=after is None,
        count=count,
        worth=worth,
        categories=categories,
        forgiven=forgiven and bool(rows),
        filters=filters,
        parameters=view.filter_fields,
    )


async def export(view: View) -> Export:
    _, names = view.gettext, view.names
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Code"), "text"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Max. price"), "money"),
        Column(_("Stock"), "quantity"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        search = _parameters(view, view.filters, forgiving=False)
        if search["query"] and (await _count(connection, search))[0] == 0:
            search = _parameters(view, view.filters, forgiving=True)
        async for good in _rows(connection, search, None, None):
            outlet = names[good.outlet_id]
            yield [outlet, good.good_id, good.name, good.category, good.max_price, good.quantity]

    return Export(_("Goods"), columns, view.reading(), rows)


def _parameters(view: View, filters: Filters, *, forgiving: bool) -> dict[str, Any]:
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


async def _count(connection: Connection, search: dict[str, Any]) -> tuple[int, Decimal]:
    row = await (await connection.execute(_sql["count"], search)).fetchone()
    return (row[0], row[1]) if row else (0, Decimal(0))


async def _rows(
    connection: Connection, search: dict[str, Any], after: _Cursor | None, limit: int | None
) -> AsyncIterator[Good]:
    cursor_parameters = {
        "after_likeness": after and after.likeness,
        "after_name": after and after.sorted_by,
        "after_good": after and after.good_id,
        "after_outlet": after and after.outlet_id,
        "limit": limit,
    }
    async with connection.cursor(row_factory=class_row(Good)) as cursor:
        async for good in await cursor.execute(_sql["goods"], {**search, **cursor_parameters}):
            yield good


PAGE = Page(
    path="/goods",
    menu=Entry("sections", N_("Goods")),
    gate=LICENSED,
    load=goods,
    chooser=True,
    live=True,
    downloads=(Download("/goods/export", export),),
)
