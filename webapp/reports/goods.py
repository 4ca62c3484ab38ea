"""Товары: the list of goods with their stock, and its export."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct

from schemas.statements import load
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.lists import Heading, Listed, Listing, Place
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.reports.filenames import filename
from webapp.reports.filters import Filters
from webapp.reports.gate import LICENSED
from webapp.reports.view import View
from webapp.search import codes, least, pieces, words
from webapp.translation import N_

_sql = load("webapp.reports", "goods.sql")


class Good(Struct, frozen=True):
    """A listed good with its stock over all warehouses."""

    outlet_id: UUID
    good_id: str
    name: str
    category: str
    max_price: Decimal | None
    quantity: Decimal
    article: str | None
    barcode: str | None
    barcodes: list[str]


_LIST = Listing(
    Good,
    _sql["goods_listed"],
    Heading("name", N_("Name")),
    Heading("category", N_("Group")),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("max_price", N_("Max. price"), "number", money=True),
    Heading("quantity", N_("Stock"), "number"),
    Heading("likeness", "", "number"),
    key=("sorted_by", "good_id", "outlet_id"),
    order="name",
)


class Goods(Context, frozen=True):
    """`worth` is the stock of all goods listed at their greatest price. `forgiven`: nothing is called what was typed,
    so what is most like it is listed."""

    template = "reports/goods.html"
    title = N_("Goods")

    rows: list[Good]
    names: dict[UUID, str]
    listed: Listed
    count: int
    worth: Decimal
    categories: list[str]
    forgiven: bool
    filters: Filters
    parameters: dict[str, str]


async def goods(view: View) -> Goods:
    """Goods by name; where nothing holds just what was typed, what is most like it."""
    filters = view.filters
    async with view.reading() as connection:
        search = _parameters(view, filters, forgiving=False)
        count, worth = await _count(connection, search)
        if forgiven := bool(search["words"]) and count == 0:
            search = _parameters(view, filters, forgiving=True)
            count, worth = await _count(connection, search)
        rows, listed = await _LIST.page(connection, _place(view, forgiven), search)
        categories = [name async for (name,) in await connection.execute(_sql["categories"], search)]
    return Goods(
        rows=rows,
        names=view.names,
        listed=listed,
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
        Column(_("Code"), "code"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Max. price"), "money"),
        Column(_("Stock"), "quantity"),
        Column(_("Article"), "code"),
        Column(_("Barcodes"), "code"),
    ]

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        search = _parameters(view, view.filters, forgiving=False)
        if forgiven := bool(search["words"]) and (await _count(connection, search))[0] == 0:
            search = _parameters(view, view.filters, forgiving=True)
        async for good in _LIST.every(connection, _place(view, forgiven), search):
            outlet = names[good.outlet_id]
            barcodes = ", ".join(dict.fromkeys([good.barcode, *good.barcodes] if good.barcode else good.barcodes))
            figures = (good.max_price, good.quantity, good.article, barcodes)
            yield [outlet, good.good_id, good.name, good.category, *figures]

    return Export(filename(view, _("Goods")), columns, view.account, rows)


def _parameters(view: View, filters: Filters, *, forgiving: bool) -> dict[str, Any]:
    query = filters.text("query")
    typed = pieces(query) if query and forgiving else None
    return {
        "outlets": view.seen_ids,
        "words": words(query),
        **codes(query),
        "pieces": typed,
        "least": least(typed),
        "category": filters.exact("category"),
        "min": filters.amount("min"),
        "max": filters.amount("max"),
    }


async def _count(connection: Connection, search: dict[str, Any]) -> tuple[int, Decimal]:
    row = await (await connection.execute(_sql["count"], search)).fetchone()
    return (row[0], row[1]) if row else (0, Decimal(0))


def _place(view: View, forgiven: bool) -> Place:
    """By name; where what was typed is nowhere, what is most like it first, unless another order is asked for."""
    hidden = view.spare_columns + ([] if forgiven else ["likeness"])
    return _LIST.place(view.request.query_params, view.names, hidden, standard="-likeness" if forgiven else "name")


PAGE = Page(
    path="/goods",
    action="figures",
    menu=Entry("sections", N_("Goods")),
    gate=LICENSED,
    load=goods,
    chooser=True,
    live=True,
    downloads=(Download("/goods/export", export),),
)
