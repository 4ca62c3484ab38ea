"""The card of a contact: what it bought and gave back, when it came last, and its latest receipts."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.exceptions import HTTPException

from schemas.amounts import mean
from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.context import Context
from webapp.page import Page
from webapp.reports.contacts import days_before
from webapp.reports.gate import LICENSED
from webapp.reports.view import View

_sql = load("webapp.reports", "contact.sql")


class Contact(Struct, frozen=True):
    """`purchases_total` is what its till says; the rest is counted from the receipts that name it: `recent` of the last
    90 days, `before` of the 90 days before them."""

    name: str
    purchases_total: Decimal
    debt: Decimal
    points: Decimal
    receipts: int
    total: Decimal
    first_at: datetime | None
    last_at: datetime | None
    recent: Decimal
    before: Decimal

    @property
    def average(self) -> Decimal | None:
        return mean(self.total, self.receipts) if self.receipts else None


class Returned(Struct, frozen=True):
    """What came back of its sales."""

    returns: int
    returned_sum: Decimal


class Purchase(Struct, frozen=True):
    sale_id: str
    till_id: UUID
    number: str
    at: datetime
    positions: int
    total: Decimal


class ContactCard(Context, frozen=True):
    """`days_ago`: for how many days it has not come; None where it never did. `days_before`: the first and the last of
    the 90 days before the last 90."""

    template = "reports/contact.html"

    contact: Contact
    contact_id: str
    returned: Returned
    purchases: list[Purchase]
    days_ago: int | None
    days_before: tuple[date, date]
    outlet: Outlet


async def card(view: View) -> ContactCard:
    """404 for a contact that no till ever saved."""
    if not view.seen:
        raise HTTPException(404)
    outlet, contact_id = view.seen[0], view.filters.exact("contact")
    today = outlet.day(view.now)
    key = {"outlet": outlet.outlet_id, "contact": contact_id, "today": today}
    async with view.reading() as connection:
        async with connection.cursor(row_factory=class_row(Contact)) as cursor:
            contact = await (await cursor.execute(_sql["contact"], key)).fetchone()
        if contact is None or contact_id is None:
            raise HTTPException(404)
        async with connection.cursor(row_factory=class_row(Returned)) as cursor:
            returned = await (await cursor.execute(_sql["returned"], key)).fetchone()
        async with connection.cursor(row_factory=class_row(Purchase)) as cursor:
            purchases = await (await cursor.execute(_sql["latest"], key)).fetchall()
    assert returned is not None  # sums give one row
    last = contact.last_at
    return ContactCard(
        contact=contact,
        contact_id=contact_id,
        returned=returned,
        purchases=purchases,
        days_ago=None if last is None else max((today - outlet.day(last)).days, 0),
        days_before=days_before(today),
        outlet=outlet,
    )


PAGE = Page(path="/contacts/card", action="figures", gate=LICENSED, load=card, live=True)
