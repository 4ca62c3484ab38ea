"""A customer as the shop keeps them."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import Money, SignedMoney
from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Id, PersonName


class ContactSaved(TillEvent, frozen=True, tag="contact.saved"):
    """A customer was entered or changed. After `anonymise`, `name` is «Фамилия И.О.» only."""

    contact_id: Id
    name: PersonName
    purchases_total: Money
    debt: SignedMoney
    points: SignedMoney


TYPE = EventType(
    ru="Покупатель записан",
    en="Customer saved",
    example=ContactSaved(
        at=EXAMPLE_AT,
        contact_id="c-1",
        name="Петров П.П.",
        purchases_total=Decimal("1234.50"),
        debt=Decimal("-10"),
        points=Decimal("7.5"),
    ),
)
