"""A sale."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import ZERO, Money, Price, Quantity, SignedMoney, line_sum
from schemas.events.event_type import EXAMPLE_AT, EventType, Part, TillEvent
from schemas.events.payments import Payment
from schemas.events.receipts import Fiscal, LineKind, Tax
from schemas.texts import Cashier, Code, Id, Text, Unit


class Line(Part, frozen=True, gc=False):
    """One position of a sale.

    `discount` is money off the whole line. `sum` is what the till took for it after its discount, without tax that is
    on top; where it is there, it stands in place of quantity × price − discount. `cost` is that of one unit: where
    none is said, the one that the good has when the sale is first applied. A receipt that is sent again keeps to that:
    goods that the version before it had keep theirs, another takes what it cost when the sale was first applied.
    """

    good_id: Id
    name: Text
    quantity: Quantity
    price: Price
    discount: Money = ZERO
    warehouse_id: Id | None = None
    sum: Money | None = None
    cost: Price | None = None
    unit: Unit | None = None
    kind: LineKind = "good"
    tax: Tax | None = None


class SaleRegistered(TillEvent, frozen=True, tag="sale.registered"):
    """A receipt was closed. `change` comes off the cash; `rounding` is a part of the total.

    `cashier_id` and `shift_id` are the shop's. A `correction` counts like any other receipt, and is marked.
    """

    sale_id: Id
    number: Code
    lines: list[Line]
    payments: list[Payment]
    change: Money = ZERO
    contact_id: Id | None = None
    cashier: Cashier | None = None
    cashier_id: Id | None = None
    shift_id: Id | None = None
    rounding: SignedMoney = ZERO
    fiscal: Fiscal | None = None
    correction: bool = False


def line_goods(line: Line) -> Decimal:
    """What a line's goods are worth before its discount, in money."""
    return line_sum(line.quantity, line.price) if line.sum is None else line.sum + line.discount


def sale_sums(sale: SaleRegistered) -> tuple[Decimal, Decimal]:
    """The goods sum (of each line, see `line_goods`) and the discount sum Σ discount of a sale, in money."""
    goods = discount = ZERO
    for line in sale.lines:
        goods += line_goods(line)
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
            Line(
                "g-3",
                "Доставка",
                Decimal("1"),
                Decimal("149.9950"),
                sum=Decimal("149.99"),
                cost=Decimal("80.1234"),
                unit="шт",
                kind="service",
                tax=Tax("20", Decimal("30.00"), on_top=True),
            ),
        ],
        payments=[Payment("cash", Decimal("200.00")), Payment("gift_card", Decimal("179.53"))],
        change=Decimal("75.18"),
        contact_id="c-1",
        cashier="Кузнецова А.",
        cashier_id="k-1",
        shift_id="sh-1",
        rounding=Decimal("-0.46"),
        fiscal=Fiscal("9999078900000001", "1234", "3141592653", "osn"),
        correction=True,
    ),
)
