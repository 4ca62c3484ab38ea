"""Outlets with their totals, daily revenue, payment methods."""

from __future__ import annotations

from typing import Any

from schemas.statements import load
from webapp.database import Connection
from webapp.owned import Outlet
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money

_sql = load("webapp.readapi", "figures.sql")


async def outlets(connection: Connection, owned: list[Outlet]) -> Any:
    """`GET /outlets`, by id. Where viewing has expired, the figures are null and `licensed` says why."""
    rows = await connection.execute(_sql["totals"], {"outlets": [outlet.outlet_id for outlet in owned]})
    totals = {outlet_id: figures async for outlet_id, *figures in rows}
    listed = []
    for outlet in sorted(owned, key=lambda one: one.outlet_id):
        goods, sales, through = totals.get(outlet.outlet_id, (0, 0, None))
        listed.append(
            {
                "outlet_id": outlet.outlet_id,
                "name": outlet.name,
                "goods": goods if outlet.licensed else None,
                "sales": sales if outlet.licensed else None,
                "data_through": moment(through, outlet.zone) if through else None,
                "zone": outlet.zone,
                "currency": outlet.currency,
                "licensed": outlet.licensed,
                "licensed_until": moment(outlet.licensed_until, outlet.zone),
            }
        )
    return listed


async def daily(call: Call) -> Any:
    """`GET …/daily`, by day."""
    found = await call.connection.execute(_sql["daily"], {"outlet": call.outlet.outlet_id, **call.parameters.days()})
    return [
        {
            "day": day,
            "sales": sales,
            "revenue": money(revenue),
            "goods_sum": money(goods_sum),
            "discount_sum": money(discount_sum),
            "returns_sum": money(returns_sum),
            "reconciles": unreconciled == 0,
        }
        async for day, sales, revenue, goods_sum, discount_sum, returns_sum, unreconciled in found
    ]


async def payments(call: Call) -> Any:
    """`GET …/payments`, by day and method."""
    found = await call.connection.execute(_sql["payments"], {"outlet": call.outlet.outlet_id, **call.parameters.days()})
    return [
        {"day": day, "method": method, "amount": money(amount), "count": count}
        async for day, method, amount, count in found
    ]
