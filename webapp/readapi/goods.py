"""Stock by good and warehouse, and the card of a good."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from msgspec import Struct

from schemas.statements import load
from webapp.costs import unit_cost_of
from webapp.cursors import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import not_found, price, quantity
from webapp.readapi.parameters import AMOUNT, PAGE, QUERY
from webapp.readapi.resource import Resource
from webapp.readapi.rows import first_row, rows
from webapp.readapi.shapes import ExtraField, GoodCard, Stock, StockedGood, WarehouseStock
from webapp.search import codes, words

_sql = load("webapp.readapi", "goods.sql")

_Shelves = Sequence[tuple[str, str, str]]
"""Warehouse, its name, and the quantity as text: an array of arrays in SQL."""


class _StockedGood(Struct, frozen=True):
    good_id: str
    name: str
    category: str
    max_price: Decimal | None
    total: Decimal
    warehouses: _Shelves
    article: str | None
    unit: str | None
    cost: Decimal | None
    min_stock: Decimal | None


class _Listed(_StockedGood, frozen=True, kw_only=True):
    sold_30_days: Decimal


class _Good(_StockedGood, frozen=True, kw_only=True):
    barcode: str | None
    barcodes: list[str]
    extra: list[object]
    removed: bool


class _Cursor(Struct, frozen=True, array_like=True):
    """The last good of a page."""

    name: str
    good_id: str


async def stock(call: Call) -> Stock:
    """Saved goods by name; `min` and `max` bound the stock over all warehouses."""
    limit = call.parameters.limit()
    after = call.parameters.after(_Cursor)
    query = call.parameters.text("query")
    parameters = {
        "outlet": call.outlet.outlet_id,
        "words": words(query),
        **codes(query),
        "today": call.outlet.local(call.now).date(),
        "min": call.parameters.amount("min"),
        "max": call.parameters.amount("max"),
        "after_name": after and after.name,
        "after_good": after and after.good_id,
        "limit": limit + 1,
    }
    goods = await rows(call.connection, _sql["stock"], parameters, _Listed)
    items = [
        StockedGood(
            good_id=good.good_id,
            name=good.name,
            category=good.category,
            max_price=price(good.max_price),
            quantity=quantity(good.total),
            warehouses=_warehouses(good.warehouses),
            article=good.article,
            unit=good.unit,
            cost=price(unit_cost_of(good.cost)),
            min_stock=None if good.min_stock is None else quantity(good.min_stock),
            sold_30_days=quantity(good.sold_30_days),
        )
        for good in goods[:limit]
    ]
    last = goods[limit - 1] if len(goods) > limit else None
    return Stock(items=items, next=pack(_Cursor(last.name, last.good_id)) if last else None)


async def card(call: Call) -> GoodCard:
    """A good taken off the lists still has its card."""
    parameters = {"outlet": call.outlet.outlet_id, "good": call.path["good_id"]}
    good = await first_row(call.connection, _sql["good"], parameters, _Good)
    if good is None:
        raise not_found("good")
    return GoodCard(
        good_id=good.good_id,
        name=good.name,
        category=good.category,
        max_price=price(good.max_price),
        barcode=good.barcode,
        barcodes=good.barcodes,
        quantity=quantity(good.total),
        warehouses=_warehouses(good.warehouses),
        extra=msgspec.convert(good.extra, list[ExtraField]),
        removed=good.removed,
        article=good.article,
        unit=good.unit,
        cost=price(unit_cost_of(good.cost)),
        min_stock=None if good.min_stock is None else quantity(good.min_stock),
    )


def _warehouses(shelves: _Shelves) -> list[WarehouseStock]:
    return [
        WarehouseStock(warehouse_id=warehouse_id, name=name, quantity=quantity(Decimal(amount)))
        for warehouse_id, name, amount in shelves
    ]


STOCK = Resource(
    "list_stock",
    "/{outlet_id}/stock",
    "Goods on the lists and their stock, by name",
    stock,
    {**QUERY, "min": AMOUNT, "max": AMOUNT, **PAGE},
    needs=("sold",),
)
GOOD = Resource("get_good", "/{outlet_id}/goods/{good_id:anything}", "The card of a good", card)
