"""Товары: the list of goods with their stock, and its export."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

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
    barcode: str | None
    barcodes: list[str]
    article: str | None = None
    quantity: Decimal = Decimal(0)


class Sums(Struct, frozen=True):
    """How many goods are listed, and their stock at their greatest price."""

    count: int
    worth: Decimal


_HEADINGS = (
    Heading("name", N_("Name")),
    Heading("category", N_("Group")),
    Heading("outlet_id", N_("Outlet"), "outlet"),
    Heading("max_price", N_("Max. price"), "number", money=True),
    Heading("quantity", N_("Stock"), "number"),
    Heading("likeness", "", "number"),
)
_KEY = ("sorted_by", "good_id", "outlet_id")
_LIST = Listing(Good, _sql["goods_listed"], *_HEADINGS, key=_KEY, order="name")
_BY_NAME = Listing(Good, _sql["by_name"], *_HEADINGS, key=_KEY, order="name")
_WITH_STOCK = Listing(Good, _sql["with_stock"], *_HEADINGS, key=_KEY, order="name")
_BY_STOCK = Listing(Good, _sql["by_stock"], *_HEADINGS, key=_KEY, order="name", sums=Sums)
_EXPORTED = Listing(Good, _sql["exported"], *_HEADINGS, key=_KEY, order="name")
_FEW = 10_000
"""Of so many goods the stock is looked up one by one, of more it is summed for all."""


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
        rows, listed, sums, search, forgiven = await _listed(connection, view)
        categories = [name async for (name,) in await connection.execute(_sql["categories"], search)]
    return Goods(
        rows=rows,
        names=view.names,
        listed=listed,
        count=sums.count,
        worth=sums.worth,
        categories=categories,
        forgiven=forgiven and bool(rows),
        filters=filters,
        parameters=view.filter_fields,
    )


async def _listed(connection: Connection, view: View) -> tuple[list[Good], Listed, Sums, dict[str, Any], bool]:
    """The rows of a page and how they stand there, the sums of all, what was looked for, and whether it is what is like
    that which was typed. By stock rows and sums are read at once."""
    search, place = _parameters(view, typed=None), _place(view, forgiven=False)
    if search["words"] is None and place.order.name == "quantity":
        rows, listed, sums = await _BY_STOCK.page_and_sums(connection, place, search)
        return rows, listed, sums or Sums(0, Decimal(0)), search, False
    search, sums, forgiven = await _search(connection, view)
    rows, listed = await _page(connection, _place(view, forgiven), search)
    return rows, listed, sums, search, forgiven


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
        search, _sums, forgiven = await _search(connection, view)
        async for good in _EXPORTED.every(connection, _place(view, forgiven), search):
            outlet = names[good.outlet_id]
            barcodes = ", ".join(dict.fromkeys([good.barcode, *good.barcodes] if good.barcode else good.barcodes))
            figures = (good.max_price, good.quantity, good.article, barcodes)
            yield [outlet, good.good_id, good.name, good.category, *figures]

    return Export(filename(view, _("Goods")), columns, view.account, rows)


async def _search(connection: Connection, view: View) -> tuple[dict[str, Any], Sums, bool]:
    """What to list, what all of that comes to; whether it is what is like that which was typed."""
    search = _parameters(view, typed=None)
    sums = await _worth(connection, search)
    query = view.filters.text("query")
    if sums.count or not query or not search["words"]:
        return search, sums, False
    search = _parameters(view, typed=pieces(query))
    row = await (await connection.execute(_sql["alike"], search)).fetchone()
    search["alike"] = row[0] if row else []
    return search, await _worth(connection, search), True


def _parameters(view: View, *, typed: list[str] | None) -> dict[str, Any]:
    filters = view.filters
    query = filters.text("query")
    return {
        "outlets": view.seen_ids,
        "words": words(query),
        **codes(query),
        "pieces": typed,
        "least": least(typed),
        "alike": None,
        "category": filters.exact("category"),
        "min": filters.amount("min"),
        "max": filters.amount("max"),
    }


def _bounded(search: dict[str, Any]) -> bool:
    return search["min"] is not None or search["max"] is not None


def _unfiltered(search: dict[str, Any]) -> bool:
    return search["words"] is None and search["category"] is None and not _bounded(search)


async def _worth(connection: Connection, search: dict[str, Any]) -> Sums:
    """The sums of all that is listed."""
    statement = _sql["worth"]
    if not _bounded(search):
        count = "saved" if _unfiltered(search) else "count"
        row = await (await connection.execute(_sql[count], search)).fetchone()
        if row is None or row[0] == 0:
            return Sums(0, Decimal(0))
        if row[0] <= _FEW:
            statement = _sql["worth_of_few"]
    row = await (await connection.execute(statement, search)).fetchone()
    return Sums(*row) if row else Sums(0, Decimal(0))


async def _page(connection: Connection, place: Place, search: dict[str, Any]) -> tuple[list[Good], Listed]:
    """The rows of a page, by the statement that serves it: by name an index does, and stock is for what is shown."""
    if _bounded(search) or place.order.name == "quantity":
        return await _WITH_STOCK.page(connection, place, search)
    if place.order.name == "name" and _unfiltered(search):
        behind = place.after.key if place.after else [None, None]
        index = {
            "behind_name": behind[0],
            "behind_good": behind[1],
            "ascending": not place.order.descending,
            "most": place.show + 2,  # one more tells that there are more, one may be the good behind which it begins
        }
        rows, listed = await _BY_NAME.page(connection, place, {**search, **index})
    else:
        rows, listed = await _LIST.page(connection, place, search)
    keys = {"outlets": [row.outlet_id for row in rows], "goods": [row.good_id for row in rows]}
    found = await connection.execute(_sql["shelves"], keys)
    shelves = {(outlet, good): quantity async for outlet, good, quantity in found}
    return [replace(row, quantity=shelves.get((row.outlet_id, row.good_id), row.quantity)) for row in rows], listed


def _place(view: View, forgiven: bool) -> Place:
    """By name; where what was typed is nowhere, what is most like it first, unless another order is asked for."""
    hidden = view.spare_columns + ([] if forgiven else ["likeness"])
    return _LIST.place(view.request.query_params, view.names, hidden, standard="-likeness" if forgiven else "name")


PAGE = Page(
    path="/goods",
    action="figures",
    menu=Entry("sections", N_("Goods"), bar=N_("Goods")),
    gate=LICENSED,
    load=goods,
    chooser=True,
    live=True,
    downloads=(Download("/goods/export", export),),
)
