"""A return."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import Money, Price, Quantity
from schemas.events.event_type import EXAMPLE_AT, EventType, Part, TillEvent
from schemas.events.payments import Refund
from schemas.events.receipts import Fiscal, LineKind, Tax
from schemas.texts import Cashier, Code, Id, Text


class ReturnLine(Part, frozen=True, gc=False):
    """One position given back; `amount` is what the customer gets for all of it, tax on top included."""

    good_id: Id
    quantity: Quantity
    amount: Money
    warehouse_id: Id | None = None
    name: Text | None = None
    cost: Price | None = None
    kind: LineKind = "good"
    tax: Tax | None = None


class SaleReturned(TillEvent, frozen=True, tag="sale.returned"):
    """Goods came back. The sale that they are of may be unknown here, or not be named at all."""

    return_id: Id
    lines: list[ReturnLine]
    refunds: list[Refund]
    sale_id: Id | None = None
    number: Code | None = None
    cashier: Cashier | None = None
    cashier_id: Id | None = None
    shift_id: Id | None = None
    fiscal: Fiscal | None = None
    correction: bool = False


TYPE = EventType(
    ru="Возврат",
    en="Return",
    example=SaleReturned(
        at=EXAMPLE_AT,
        return_id="r-1",
        lines=[
            ReturnLine("g-1", Decimal("0.5"), Decimal("49.95"), "w-1"),
            ReturnLine("g-2", Decimal(1), Decimal(0)),
            ReturnLine(
                "g-3",
                Decimal(1),
                Decimal("179.99"),
                name="Доставка",
                cost=Decimal("80.1234"),
                kind="service",
                tax=Tax("20", Decimal("30.00"), on_top=True),
            ),
        ],
        refunds=[Refund("card", Decimal("229.94"))],
        sale_id="s-1",
        number="000124",
        cashier="Кузнецова А.",
        cashier_id="k-1",
        shift_id="sh-1",
        fiscal=Fiscal("9999078900000001", "1235", "2718281828", "osn"),
        correction=True,
    ),
)
