"""What was sold in a period, by good or by category."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from schemas.statements import load
from webapp.costs import cost_of, known_of
from webapp.cursors import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import money, quantity
from webapp.readapi.parameters import PAGE, RANGE
from webapp.readapi.resource import Resource
from webapp.readapi.rows import rows
from webapp.readapi.shapes import SoldGood, SoldGoods

_sql = load("webapp.readapi", "sold.sql")
_BY = ("good", "category")


class _Sold(Struct, frozen=True):
    """`key` is the good's id or the category."""

    key: str
    name: str | None
    category: str
    quantity: Decimal
    revenue: Decimal
    returned_quantity: Decimal
    returned_sum: Decimal
    cost_sum: Decimal
    cost_known_sum: Decimal


class _Cursor(Struct, frozen=True, array_like=True):
    """The last row of a page."""

    revenue: Decimal
    key: str


async def sold(call: Call) -> SoldGoods:
    """The greatest revenue first, over the whole period however long it is."""
    limit = call.parameters.limit()
    after = call.parameters.after(_Cursor)
    by = call.parameters.choice("by", *_BY)
    parameters = {
        "outlet": call.outlet.outlet_id,
        **call.parameters.days(),
        "after_revenue": after and after.revenue,
        "after_key": after and after.key,
        "limit": limit + 1,
    }
    found = await rows(call.connection, _sql[f"sold_by_{by}"], parameters, _Sold)
    items = [
        SoldGood(
            good_id=row.key if by == "good" else None,
            name=row.name,
            category=row.category,
            quantity=quantity(row.quantity),
            revenue=money(row.revenue),
            returned_quantity=quantity(row.returned_quantity),
            returned_sum=money(row.returned_sum),
            cost_sum=money(cost_of(row.cost_sum, row.cost_known_sum)),
            cost_known_sum=money(known_of(row.cost_known_sum)),
        )
        for row in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return SoldGoods(items=items, next=pack(_Cursor(last.revenue, last.key)) if last else None)


SOLD = Resource(
    "list_sold",
    "/{outlet_id}/sold",
    "What was sold by good or category, the greatest revenue first",
    sold,
    {**RANGE, "by": {"enum": list(_BY), "default": _BY[0]}, **PAGE},
    needs=("sold", "good_names"),
)
