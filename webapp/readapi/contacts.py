"""Contacts as «Фамилия И.О.» with what they bought, owe and saved up."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from schemas.statements import load
from webapp.cursors import pack
from webapp.readapi.access import Call
from webapp.readapi.answers import moment, money
from webapp.readapi.parameters import AMOUNT, DAY, PAGE, QUERY
from webapp.readapi.resource import Resource
from webapp.readapi.rows import rows
from webapp.readapi.shapes import Contact, Contacts

_sql = load("webapp.readapi", "contacts.sql")
_LAST = ("last_from", "last_to")
_BOUNDS = ("purchases_min", "purchases_max", "debt_min", "debt_max", "points_min", "points_max")


class _Contact(Struct, frozen=True):
    contact_id: str
    name: str
    purchases_total: Decimal
    debt: Decimal
    points: Decimal
    receipts: int
    last_purchase_at: datetime | None


class _Cursor(Struct, frozen=True, array_like=True):
    """The last contact of a page."""

    name: str
    contact_id: str


async def listed(call: Call) -> Contacts:
    """By name."""
    limit = call.parameters.limit()
    after = call.parameters.after(_Cursor)
    parameters = {
        "outlet": call.outlet.outlet_id,
        "query": call.parameters.text("query"),
        **{name: call.parameters.amount(name) for name in _BOUNDS},
        **{name: call.parameters.day(name) for name in _LAST},
        "after_name": after and after.name,
        "after_contact": after and after.contact_id,
        "limit": limit + 1,
    }
    contacts = await rows(call.connection, _sql["contacts"], parameters, _Contact)
    items = [
        Contact(
            contact_id=contact.contact_id,
            name=contact.name,
            purchases_total=money(contact.purchases_total),
            debt=money(contact.debt),
            points=money(contact.points),
            receipts=contact.receipts,
            last_purchase_at=moment(contact.last_purchase_at, call.outlet.zone) if contact.last_purchase_at else None,
        )
        for contact in contacts[:limit]
    ]
    last = contacts[limit - 1] if len(contacts) > limit else None
    return Contacts(items=items, next=pack(_Cursor(last.name, last.contact_id)) if last else None)


CONTACTS = Resource(
    "list_contacts",
    "/{outlet_id}/contacts",
    "Contacts, by name",
    listed,
    {**QUERY, **dict.fromkeys(_BOUNDS, AMOUNT), **dict.fromkeys(_LAST, DAY), **PAGE},
)
