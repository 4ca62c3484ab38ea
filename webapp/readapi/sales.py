"""Sales, newest first, and the card of one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.amounts import line_sum
from schemas.events import MAIN_WAREHOUSE, Line, Payment, Refund, ReturnLine
from schemas.statements import load
from webapp.places import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money, not_found, quantity

_sql = load("webapp.readapi", "sales.sql")


class _Place(Struct, frozen=True, array_like=True):
    """The last sale of a page."""

    at: datetime
    sale_id: str
    till_id: UUID


async def listed(call: Call) -> Any:
    """`GET …/sales`."""
    limit = call.parameters.limit()
    after = call.parameters.after(_Place)
    found = await call.connection.execute(
        _sql["sales"],
        {
            "outlet": call.outlet.outlet_id,
            **call.parameters.days(),
            "after_at": after and after.at,
            "after_sale": after and after.sale_id,
            "after_till": after and after.till_id,
            "limit": limit + 1,
        },
    )
    rows = await found.fetchall()
    items = [
        {
            "sale_id": sale_id,
            "number": number,
            "at": moment(at, call.outlet.zone),
            "positions": positions,
            "goods_sum": money(goods_sum),
            "discount_sum": money(discount_sum),
            "total": money(total),
            "till_id": till_id,
        }
        for sale_id, till_id, number, at, positions, goods_sum, discount_sum, total in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return {"items": items, "next": pack(_Place(last[3], last[0], last[1])) if last else None}


async def card(call: Call) -> Any:
    """`GET …/sales/{sale_id}`: the latest of that id, or the one of `till`."""
    asked = {"outlet": call.outlet.outlet_id, "sale": call.path["sale_id"], "till": call.parameters.uuid("till")}
    row = await (await call.connection.execute(_sql["sale"], asked)).fetchone()
    if row is None:
        raise not_found("sale")
    (sale_id, till_id, number, at, goods_sum, discount_sum, total, change, difference, contact_id, cashier) = row[:11]
    lines = msgspec.convert(row[11], list[Line])
    payments = msgspec.convert(row[12], list[Payment])
    returns = await call.connection.execute(_sql["returns_of_sale"], {**asked, "till": till_id})
    return {
        "sale_id": sale_id,
        "till_id": till_id,
        "number": number,
        "at": moment(at, call.outlet.zone),
        "positions": len(lines),
        "goods_sum": money(goods_sum),
        "discount_sum": money(discount_sum),
        "total": money(total),
        "change": money(change),
        "difference": money(difference),
        "contact_id": contact_id,
        "cashier": cashier,
        "lines": [
            {
                "good_id": line.good_id,
                "name": line.name,
                "quantity": quantity(line.quantity),
                "price": money(line.price),
                "discount": money(line.discount),
                "sum": money(line_sum(line.quantity, line.price) - line.discount),
                "warehouse_id": line.warehouse_id or MAIN_WAREHOUSE,
            }
            for line in lines
        ],
        "payments": [{"method": payment.method, "amount": money(payment.amount)} for payment in payments],
        "returns": [
            _returned(call, return_id, till, returned_at, amount, returned_lines, refunds)
            async for return_id, till, returned_at, amount, returned_lines, refunds in returns
        ],
    }


def _returned(
    call: Call, return_id: str, till_id: UUID, at: datetime, amount: Decimal, lines: Any, refunds: Any
) -> dict[str, Any]:
    return {
        "return_id": return_id,
        "till_id": till_id,
        "at": moment(at, call.outlet.zone),
        "amount": money(amount),
        "lines": [
            {
                "good_id": line.good_id,
                "quantity": quantity(line.quantity),
                "amount": money(line.amount),
                "warehouse_id": line.warehouse_id or MAIN_WAREHOUSE,
            }
            for line in msgspec.convert(lines, list[ReturnLine])
        ],
        "refunds": [
            {"method": refund.method, "amount": money(refund.amount)}
            for refund in msgspec.convert(refunds, list[Refund])
        ],
    }
