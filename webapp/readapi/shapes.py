"""The read API's answers: what its calls return, and what its description is made from."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

MoneyText = Annotated[str, Meta(pattern=r"^-?[0-9]+\.[0-9]{2}$", description="Money with 2 places.")]
QuantityText = Annotated[str, Meta(pattern=r"^-?[0-9]+(\.[0-9]*[1-9])?$", description="A plain decimal number.")]
MomentText = Annotated[
    str, Meta(description="RFC 3339 by the outlet's clock.", extra_json_schema={"format": "date-time"})
]
Next = Annotated[str | None, Meta(description="Opaque: `after` of the next page; null at the end.")]


class Outlet(Struct, frozen=True, forbid_unknown_fields=True):
    """An outlet. `goods` and `sales` are null once its licence has expired; `data_through` is null before any data."""

    outlet_id: UUID
    name: str
    goods: int | None
    sales: int | None
    data_through: MomentText | None
    zone: str
    currency: str
    licensed: bool
    licensed_until: MomentText


class Day(Struct, frozen=True, forbid_unknown_fields=True):
    """A local day. Revenue = goods − discounts − returns made that day."""

    day: date
    sales: int
    revenue: MoneyText
    goods_sum: MoneyText
    discount_sum: MoneyText
    returns_sum: MoneyText
    reconciles: bool


class MethodOfDay(Struct, frozen=True, forbid_unknown_fields=True):
    """Payments − change − refunds by a method on a day; `count` is the number of payments."""

    day: date
    method: str
    amount: MoneyText
    count: int


class WarehouseStock(Struct, frozen=True, forbid_unknown_fields=True):
    warehouse_id: str
    name: str
    quantity: QuantityText


class StockedGood(Struct, frozen=True, forbid_unknown_fields=True):
    good_id: str
    name: str
    category: str
    max_price: MoneyText
    quantity: QuantityText
    warehouses: list[WarehouseStock]


class Stock(Struct, frozen=True, forbid_unknown_fields=True):
    items: list[StockedGood]
    next: Next


class ListedSale(Struct, frozen=True, forbid_unknown_fields=True):
    sale_id: str
    number: str
    at: MomentText
    positions: int
    goods_sum: MoneyText
    discount_sum: MoneyText
    total: MoneyText
    till_id: UUID


class Sales(Struct, frozen=True, forbid_unknown_fields=True):
    items: list[ListedSale]
    next: Next


class SaleLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A position; `sum` is after the discount."""

    good_id: str
    name: str
    quantity: QuantityText
    price: MoneyText
    discount: MoneyText
    sum: MoneyText
    warehouse_id: str


class SalePayment(Struct, frozen=True, forbid_unknown_fields=True):
    method: str
    amount: MoneyText


class ReturnedLine(Struct, frozen=True, forbid_unknown_fields=True):
    good_id: str
    quantity: QuantityText
    amount: MoneyText
    warehouse_id: str


class SaleReturn(Struct, frozen=True, forbid_unknown_fields=True):
    return_id: str
    till_id: UUID
    at: MomentText
    amount: MoneyText
    lines: list[ReturnedLine]
    refunds: list[SalePayment]


class SaleCard(Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt. `difference` = payments − change − total; not zero where the receipt does not add up."""

    sale_id: str
    till_id: UUID
    number: str
    at: MomentText
    positions: int
    goods_sum: MoneyText
    discount_sum: MoneyText
    total: MoneyText
    change: MoneyText
    difference: MoneyText
    contact_id: str | None
    cashier: str | None
    lines: list[SaleLine]
    payments: list[SalePayment]
    returns: list[SaleReturn]


class ExtraField(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    value: str


class GoodCard(Struct, frozen=True, forbid_unknown_fields=True):
    """A good; `removed` says that it was taken off the lists."""

    good_id: str
    name: str
    category: str
    max_price: MoneyText
    barcode: str | None
    barcodes: list[str]
    quantity: QuantityText
    warehouses: list[WarehouseStock]
    extra: list[ExtraField]
    removed: bool


class Contact(Struct, frozen=True, forbid_unknown_fields=True):
    contact_id: str
    name: str
    purchases_total: MoneyText
    debt: MoneyText
    points: MoneyText


class Contacts(Struct, frozen=True, forbid_unknown_fields=True):
    items: list[Contact]
    next: Next


class Failure(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Why a call was refused: a stable word and a sentence; `at` is the place in an upload."""

    error: str
    detail: str
    at: str = ""


class Accepted(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole batch is acknowledged; `next_seq` comes next."""

    accepted: int
    next_seq: int


class CheckError(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong in a batch: the place, a stable word, and a sentence in the language of `Accept-Language`."""

    at: str
    code: str
    detail: str


class CheckResult(Struct, frozen=True, forbid_unknown_fields=True):
    """A batch that was only looked at: how many of its events are valid, and all that is wrong."""

    valid: int
    errors: list[CheckError]


class RunState(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a run is applied; spans are [first, last]. What is quarantined was received but could not be read."""

    applied_through: int
    waiting: list[list[int]]
    missing: list[list[int]]
    quarantined: list[list[int]]
