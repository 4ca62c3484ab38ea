"""What happens in a shop: the events of the contract, one closed union.

Fields and their meaning are those of the contract ('Events'). All structs are frozen; an unknown field is an error, so
that a record of a newer version is noticed instead of half understood. Parts that hold nothing but texts and numbers
are kept from the garbage collector (`gc=False`): they are many, and can be in no cycle.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from schemas.amounts import ZERO, At, Id, Money, Name, Quantity, SignedMoney, SignedQuantity, Text, line_sum

Method = Literal["cash", "card", "sbp", "credit", "points", "other"]
MoveReason = Literal["receipt", "write_off", "transfer", "production", "other"]
MAIN_WAREHOUSE = "main"


class Line(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One position of a sale; `discount` is money off the whole line."""

    good_id: Id
    name: Text
    quantity: Quantity
    price: Money
    discount: Money = ZERO
    warehouse_id: Id | None = None


class Payment(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Money taken by one method, before change."""

    method: Method
    amount: Money


class ReturnLine(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """One position given back; `amount` is what the customer gets for all of it."""

    good_id: Id
    quantity: Quantity
    amount: Money
    warehouse_id: Id | None = None


class Refund(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """Money given back by one method."""

    method: Method
    amount: Money


class ExtraField(Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A shop's own field of a good."""

    name: Text
    value: Text


class SaleRegistered(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="sale.registered"):
    """A receipt was closed. `change` comes off the cash."""

    at: At
    sale_id: Id
    number: Text
    lines: list[Line]
    payments: list[Payment]
    change: Money = ZERO
    contact_id: Id | None = None
    cashier: Text | None = None


class SaleReturned(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="sale.returned"):
    """Goods of a sale came back; the sale itself may be unknown here."""

    at: At
    return_id: Id
    sale_id: Id
    lines: list[ReturnLine]
    refunds: list[Refund]


class GoodSaved(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="good.saved"):
    """A good was entered or changed; replaces what was saved before."""

    at: At
    good_id: Id
    name: Name
    category: Name
    max_price: Money
    barcode: Text | None = None
    barcodes: list[Text] = []
    extra: list[ExtraField] = []


class GoodRemoved(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="good.removed"):
    """A good was taken off the lists; its history stays."""

    at: At
    good_id: Id


class StockCounted(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="stock.counted"):
    """The stock of a good in a warehouse after a count."""

    at: At
    good_id: Id
    warehouse_id: Id
    quantity: SignedQuantity


class StockMoved(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="stock.moved"):
    """Goods came into (positive) or left (negative) a warehouse otherwise than by a sale."""

    at: At
    move_id: Id
    good_id: Id
    warehouse_id: Id
    quantity: SignedQuantity
    reason: MoveReason


class WarehouseSaved(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="warehouse.saved"):
    """A warehouse was entered or renamed."""

    at: At
    warehouse_id: Id
    name: Name


class ContactSaved(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="contact.saved"):
    """A customer was entered or changed. After `anonymise`, `name` is «Фамилия И.О.» only."""

    at: At
    contact_id: Id
    name: Name
    purchases_total: Money
    debt: SignedMoney
    points: SignedMoney


class ContactRemoved(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="contact.removed"):
    """A customer was taken off the lists."""

    at: At
    contact_id: Id


class EventWithdrawn(Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="event.withdrawn"):
    """Sent under the number of an event that the gateway refused, so that no hole stays. Counted as discarded."""

    at: At
    reason: Annotated[Text, Meta(description="Why the event was refused.")]


Event = (
    SaleRegistered
    | SaleReturned
    | GoodSaved
    | GoodRemoved
    | StockCounted
    | StockMoved
    | WarehouseSaved
    | ContactSaved
    | ContactRemoved
    | EventWithdrawn
)


def sale_sums(sale: SaleRegistered) -> tuple[Decimal, Decimal]:
    """The goods sum Σ round(quantity × price, 2) and the discount sum Σ discount of a sale, in money."""
    goods = discount = ZERO
    for line in sale.lines:
        goods += line_sum(line.quantity, line.price)
        discount += line.discount
    return goods, discount
