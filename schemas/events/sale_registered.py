"""A sale."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import ZERO, Money, Quantity, line_sum
from schemas.events.event_type import EXAMPLE_AT, EventType, Part, TillEvent
from schemas.events.payments import Payment
from schemas.texts import Cashier, Code, Id, Text


class Line(Part, frozen=True, gc=False):
    """One position of a sale; `discount` is money off the whole line."""

    good_id: Id
    name: Text
    quantity: Quantity
    price: Money
    discount: Money = ZERO
    warehouse_id: Id | None = None


class SaleRegistered(TillEvent, frozen=True, tag="sale.registered"):
    """A receipt was closed. `change` comes off the cash."""

    sale_id: Id
    number: Code
    lines: list[Line]
    payments: list[Payment]
    change: Money = ZERO
    contact_id: Id | None = None
    cashier: Cashier | None = None


def sale_sums(sale: SaleRegistered) -> tuple[Decimal, Decimal]:
    """The goods sum Σ round(quantity × price, 2) and the discount sum Σ discount of a sale, in money."""
    goods = discount = ZERO
    for line in sale.lines:
        goods += line_sum(line.quantity, line.price)
        discount += line.discount
    return goods, discount


TYPE = EventType(
    ru="Продажа",
    en="Sale",
    example=SaleRegistered(
        at=EXAMPLE_AT,
        sale_id="s-1",
        number="000123",
        lines=[
            Line("g-1", "Чай «Утро»", Decimal("1.250"), Decimal("99.90"), Decimal("0.05"), "w-1"),
            Line("g-2", "Кофе", Decimal("1"), Decimal("0")),
        ],
        payments=[Payment("cash", Decimal("200.00")), Payment("sbp", Decimal("0"))],
        change=Decimal("75.18"),
        contact_id="c-1",
        cashier="Кузнецова А.",
    ),
)
