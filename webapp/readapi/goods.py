"""Stock by good and warehouse, and the card of a good."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec import Struct

from schemas.statements import load
from webapp.places import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import money, not_found, quantity

_sql = load("webapp.readapi", "goods.sql")


class _Place(Struct, frozen=True, array_like=True):
    """The last good of a page."""

    name: str
    good_id: str


async def stock(call: Call) -> Any:
    """`GET …/stock`: saved goods by name; `min` and `max` bound the stock over all warehouses."""
    limit = call.parameters.limit()
    after = call.parameters.after(_Place)
    found = await call.connection.execute(
        _sql["stock"],
        {
            "outlet": call.outlet.outlet_id,
            "query": call.parameters.text("query"),
            "min": call.parameters.amount("min"),
            "max": call.parameters.amount("max"),
            "after_name": after and after.name,
            "after_good": after and after.good_id,
            "limit": limit + 1,
        },
    )
    rows = await found.fetchall()
    items = [
        {
            "good_id": good_id,
            "name": name,
            "category": category,
            "max_price": money(max_price),
            "quantity": quantity(total),
            "warehouses": _warehouses(warehouses),
        }
        for good_id, name, category, max_price, total, warehouses in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return {"items": items, "next": pack(_Place(last[1], last[0])) if last else None}


async def card(call: Call) -> Any:
    """`GET …/goods/{good_id}`; a good taken off the lists still has its card."""
    asked = {"outlet": call.outlet.outlet_id, "good": call.path["good_id"]}
    row = await (await call.connection.execute(_sql["good"], asked)).fetchone()
    if row is None:
        raise not_found("good")
    good_id, name, category, max_price, barcode, barcodes, extra, removed, total, warehouses = row
    return {
        "good_id": good_id,
        "name": name,
        "category": category,
        "max_price": money(max_price),
        "barcode": barcode,
        "barcodes": barcodes,
        "quantity": quantity(total),
        "warehouses": _warehouses(warehouses),
        "extra": extra,
        "removed": removed,
    }


def _warehouses(rows: list[tuple[str, str, str]]) -> list[dict[str, str]]:
    return [
        {"warehouse_id": warehouse_id, "name": name, "quantity": quantity(Decimal(amount))}
        for warehouse_id, name, amount in rows
    ]
