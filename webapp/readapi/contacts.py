"""Contacts as «Фамилия И.О.» with what they bought, owe and saved up."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from schemas.statements import load
from webapp.places import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import money

_sql = load("webapp.readapi", "contacts.sql")
_BOUNDS = ("purchases_min", "purchases_max", "debt_min", "debt_max", "points_min", "points_max")


class _Place(Struct, frozen=True, array_like=True):
    """The last contact of a page."""

    name: str
    contact_id: str


async def listed(call: Call) -> Any:
    """`GET …/contacts`, by name."""
    limit = call.parameters.limit()
    after = call.parameters.after(_Place)
    found = await call.connection.execute(
        _sql["contacts"],
        {
            "outlet": call.outlet.outlet_id,
            "query": call.parameters.text("query"),
            **{name: call.parameters.amount(name) for name in _BOUNDS},
            "after_name": after and after.name,
            "after_contact": after and after.contact_id,
            "limit": limit + 1,
        },
    )
    rows = await found.fetchall()
    items = [
        {
            "contact_id": contact_id,
            "name": name,
            "purchases_total": money(purchases_total),
            "debt": money(debt),
            "points": money(points),
        }
        for contact_id, name, purchases_total, debt, points in rows[:limit]
    ]
    last = rows[limit - 1] if len(rows) > limit else None
    return {"items": items, "next": pack(_Place(last[1], last[0])) if last else None}
