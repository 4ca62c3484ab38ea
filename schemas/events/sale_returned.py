"""A return."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import Money, Quantity
from schemas.events.event_type import EXAMPLE_AT, EventType, Part, TillEvent
from schemas.events.payments import Refund
from schemas.texts import Id


class ReturnLine(Part, frozen=True, gc=False):
    """One position given back; `amount` is what the customer gets for all of it."""

    good_id: Id
    quantity: Quantity
    amount: Money
    warehouse_id: Id | None = None


class SaleReturned(TillEvent, frozen=True, tag="sale.returned"):
    """Goods of a sale came back; the sale itself may be unknown here."""

    return_id: Id
    sale_id: Id
    lines: list[ReturnLine]
    refunds: list[Refund]


TYPE = EventType(
    ru="Возврат",
    en="Return",
    example=SaleReturned(
        at=EXAMPLE_AT,
        return_id="r-1",
        sale_id="s-1",
        lines=[
            ReturnLine("g-1", Decimal("0.5"), Decimal("49.95"), "w-1"),
            ReturnLine("g-2", Decimal(1), Decimal(0)),
        ],
        refunds=[Refund("card", Decimal("49.95"))],
    ),
)
