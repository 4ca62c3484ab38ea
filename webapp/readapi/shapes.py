"""The read API's answers: what its calls return, and what its description is made from."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

MoneyText = Annotated[str, Meta(pattern=r"^-?[0-9]+\.[0-9]{2}$", description="Money with 2 places.")]
PriceText = Annotated[str, Meta(pattern=r"^[0-9]+\.[0-9]{2,4}$", description="A price or cost, with 2 to 4 places.")]
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


class MissingEvents(Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """Numbers of a run that have not come, while later ones have."""

    till_id: UUID
    run: UUID
    first: int
    last: int


class RefusedEvents(Struct, frozen=True, forbid_unknown_fields=True):
    """Events of a till that were refused for one reason; `last_at` is the till's moment of the last one."""

    till_id: UUID
    reason: str
    events: int
    last_at: MomentText


class Completeness(Struct, frozen=True, forbid_unknown_fields=True):
    """`complete`: every event that ever came stands in the figures, no number is missing or was given up, and none is
    on its way. `counting`: what was acknowledged may not stand in the figures yet. `waiting` events wait behind what is
    missing, `quarantined` ones could not be read. `withdrawn` were refused, all in all; null until the figures are
    computed anew after an upgrade. `refused` has the most frequent reasons."""

    complete: bool
    counting: bool
    data_through: MomentText | None
    missing: list[MissingEvents]
    waiting: int
    quarantined: int
    withdrawn: int | None
    refused: list[RefusedEvents]


class Day(Struct, frozen=True, forbid_unknown_fields=True):
    """A local day. Revenue = totals of its sales − what was returned that day, both without advances (gift cards and
    prepayments), tips and debts paid off, which are figures of their own.

    `returns_sum` is all that was given back, `voided` how many sales of the day were voided. `cost_known_sum` is the
    revenue whose cost is known and `cost_sum` that cost, null where none is known.
    """

    day: date
    sales: int
    revenue: MoneyText
    goods_sum: MoneyText
    discount_sum: MoneyText
    returns_sum: MoneyText
    reconciles: bool
    returns: int
    voided: int
    tax_sum: MoneyText
    advances_sum: MoneyText
    tips_sum: MoneyText
    debts_sum: MoneyText
    cost_sum: MoneyText | None
    cost_known_sum: MoneyText | None


class MethodOfDay(Struct, frozen=True, forbid_unknown_fields=True):
    """Payments − change − refunds by a method on a day; `count` is the number of payments."""

    day: date
    method: str
    amount: MoneyText
    count: int


class HourOfDay(Struct, frozen=True, forbid_unknown_fields=True):
    """An hour of a local day by the wall clock. Revenue is less what was returned in it."""

    day: date
    hour: int
    sales: int
    revenue: MoneyText


class SoldGood(Struct, frozen=True, forbid_unknown_fields=True):
    """What was sold of a good, or of a category (`good_id` and `name` are null then), in the whole period.

    Revenue is after discounts and before returns. Names and categories are as they are now; a good that was never saved
    has the name of its last receipt, and the category "". `cost_known_sum` is the revenue whose cost is known and
    `cost_sum` that cost, null where none is known.
    """

    good_id: str | None
    name: str | None
    category: str
    quantity: QuantityText
    revenue: MoneyText
    returned_quantity: QuantityText
    returned_sum: MoneyText
    cost_sum: MoneyText | None
    cost_known_sum: MoneyText | None


class SoldGoods(Struct, frozen=True, forbid_unknown_fields=True):
    items: list[SoldGood]
    next: Next


class Cashier(Struct, frozen=True, forbid_unknown_fields=True):
    """What a cashier sold and took back. By the shop's id, and then with the name last given with it; without one by
    name; what names nobody is null. Revenue is less what was returned to the cashier."""

    cashier_id: str | None
    cashier: str | None
    sales: int
    revenue: MoneyText
    discount_sum: MoneyText
    returns: int
    returns_sum: MoneyText
    voided: int


class Shift(Struct, frozen=True, forbid_unknown_fields=True):
    """A shift, of the day on which it was opened, else of its first document.

    `cash_expected` = opening cash + cash payments − change − cash refunds + cash moved, null where the opening is not
    known; `difference` = counted − expected. `matches_totals`: whether each sum that the till's Z-report names is that
    of the shift's documents; null where it names none.
    """

    shift_id: str
    number: str | None
    till_id: UUID
    opened_at: MomentText | None
    closed_at: MomentText | None
    cashier: str | None
    sales: int
    revenue: MoneyText
    returns_sum: MoneyText
    cash_expected: MoneyText | None
    cash_counted: MoneyText | None
    difference: MoneyText | None
    matches_totals: bool | None


class TaxOfDay(Struct, frozen=True, forbid_unknown_fields=True):
    """What was taxed at a rate on a day, returns subtracted; `base_sum` is without the tax."""

    day: date
    rate: str
    base_sum: MoneyText
    tax_sum: MoneyText


class Fiscal(Struct, frozen=True, forbid_unknown_fields=True):
    """The numbers of a fiscal document: of the storage device, of the document in it, and its sign."""

    fn: str
    fd: str
    fp: str
    tax_system: str | None


class Tax(Struct, frozen=True, forbid_unknown_fields=True):
    """The tax of a line; `on_top`: it comes on top of the line's sum."""

    rate: str
    amount: MoneyText
    on_top: bool


class WarehouseStock(Struct, frozen=True, forbid_unknown_fields=True):
    warehouse_id: str
    name: str
    quantity: QuantityText


class StockedGood(Struct, frozen=True, forbid_unknown_fields=True):
    """`sold_30_days` was sold today and on the 29 days before, returns not taken off; `cost` is that of one unit."""

    good_id: str
    name: str
    category: str
    max_price: PriceText | None
    quantity: QuantityText
    warehouses: list[WarehouseStock]
    article: str | None
    unit: str | None
    cost: PriceText | None
    min_stock: QuantityText | None
    sold_30_days: QuantityText


class Stock(Struct, frozen=True, forbid_unknown_fields=True):
    items: list[StockedGood]
    next: Next


class ListedSale(Struct, frozen=True, forbid_unknown_fields=True):
    """A `voided` sale is listed and counts in no figure, nor does a `fiscal_copy`: another of its numbers does."""

    sale_id: str
    number: str
    at: MomentText
    positions: int
    goods_sum: MoneyText
    discount_sum: MoneyText
    total: MoneyText
    till_id: UUID
    voided: bool
    correction: bool
    cashier: str | None
    cashier_id: str | None
    shift_id: str | None
    fiscal: Fiscal | None
    fiscal_copy: bool


class Sales(Struct, frozen=True, forbid_unknown_fields=True):
    items: list[ListedSale]
    next: Next


class SaleLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A position; `sum` is after the discount, without tax that is on top. `cost` is that of one unit."""

    good_id: str
    name: str
    quantity: QuantityText
    price: MoneyText
    discount: MoneyText
    sum: MoneyText
    warehouse_id: str
    kind: str
    unit: str | None
    cost: PriceText | None
    tax: Tax | None


class SalePayment(Struct, frozen=True, forbid_unknown_fields=True):
    method: str
    amount: MoneyText


class ReturnedLine(Struct, frozen=True, forbid_unknown_fields=True):
    good_id: str
    quantity: QuantityText
    amount: MoneyText
    warehouse_id: str
    kind: str
    name: str | None
    cost: PriceText | None
    tax: Tax | None


class SaleReturn(Struct, frozen=True, forbid_unknown_fields=True):
    return_id: str
    till_id: UUID
    at: MomentText
    amount: MoneyText
    lines: list[ReturnedLine]
    refunds: list[SalePayment]
    number: str | None
    correction: bool
    cashier: str | None
    cashier_id: str | None
    shift_id: str | None
    fiscal: Fiscal | None


class SaleCard(Struct, frozen=True, forbid_unknown_fields=True):
    """A receipt. Total = goods − discounts + rounding + tax that is on top; `tax_sum` is all tax.

    `difference` = payments − change − total; not zero where the receipt does not add up.
    """

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
    voided: bool
    rounding: MoneyText
    tax_sum: MoneyText
    cost_sum: MoneyText | None
    cost_known_sum: MoneyText | None
    correction: bool
    cashier_id: str | None
    shift_id: str | None
    fiscal: Fiscal | None
    fiscal_copy: bool


class ExtraField(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    value: str


class GoodCard(Struct, frozen=True, forbid_unknown_fields=True):
    """A good; `removed` says that it was taken off the lists."""

    good_id: str
    name: str
    category: str
    max_price: PriceText | None
    barcode: str | None
    barcodes: list[str]
    quantity: QuantityText
    warehouses: list[WarehouseStock]
    extra: list[ExtraField]
    removed: bool
    article: str | None
    unit: str | None
    cost: PriceText | None
    min_stock: QuantityText | None


class Contact(Struct, frozen=True, forbid_unknown_fields=True):
    contact_id: str
    name: str
    purchases_total: MoneyText
    debt: MoneyText
    points: MoneyText
    receipts: int
    last_purchase_at: MomentText | None


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
    """How far a run is applied; spans are [first, last]. What is quarantined was received but could not be read.

    `zone` is the IANA time zone of the outlet, `day_begins` the hour at which its days begin.
    """

    applied_through: int
    waiting: list[list[int]]
    missing: list[list[int]]
    quarantined: list[list[int]]
    zone: str
    day_begins: int
